"""All checks of a recording, channel by channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from emgorder.conditioning.quality.ecg import ecg
from emgorder.conditioning.quality.gaps import dropouts, frozen, held
from emgorder.conditioning.quality.hum import mains
from emgorder.conditioning.quality.levels import baseline, noise
from emgorder.conditioning.quality.rails import clipping
from emgorder.conditioning.quality.shape import dead, drift, envelope, identical
from emgorder.conditioning.quality.swapped import swapped
from emgorder.conditioning.quality.unit import unit
from emgorder.conditioning.quality.view import SLOWEST_RATE_Hz, View, view_channel
from emgorder.model import Finding, Recording

__all__ = ["assess"]

_CHECKS: tuple[Callable[[View], list[Finding]], ...] = (noise, baseline, clipping, mains, ecg, drift, frozen, unit)


def assess(
    recording: Recording,
    *,
    rest_s: Sequence[tuple[float, float]] = (),
    active_s: Sequence[tuple[float, float]] | Mapping[int, Sequence[tuple[float, float]]] = (),
    columns: Sequence[int] | None = None,
) -> tuple[Finding, ...]:
    """Say what disturbs each channel, and what to do about it.

    Parameters
    ----------
    recording : Recording
        Raw: neither filtered nor thinned. Its ``contact/...`` events serve to notice swapped labels.
    rest_s, active_s : sequence of (float, float)
        Stretches of time (s) in which the muscles rest and are active. Without them the quietest and the loudest
        blocks of 0.25 s of each channel are taken, and whether rest is quiet is not judged. A mapping names the active
        stretches of each column: in a lift of one leg the muscles of the other rest.
    columns : sequence of int, optional
        Columns to look at; all by default.

    Returns
    -------
    tuple of Finding
        At most one of a kind and channel, in the order of the columns. ``"stop"``: no verdict can rest on this
        channel; ``"attention"``: worth putting right; ``"info"``: worth knowing. Empty where all is well.

    Examples
    --------
    >>> import numpy as np
    >>> from emgorder.model import Channel
    >>> channels = (Channel("GMAX_R", "GMAX", "R"), Channel("BF_R", "BF", "R"))
    >>> [f.message for f in assess(Recording(np.full((4000, 2), np.nan), 1000.0, channels))]
    ['no signal from glute: every sample is lost', 'no signal from hamstring: every sample is lost']
    """
    chosen = range(len(recording.channels)) if columns is None else columns
    active = active_s if isinstance(active_s, Mapping) else dict.fromkeys(chosen, active_s)
    views = [view_channel(recording, column, rest_s, active.get(column, ())) for column in chosen]
    of_channel = [_of_channel(view) for view in views]
    alive = [v for v, found in zip(views, of_channel, strict=True) if not any(f.kind == "dead" for f in found)]
    across = identical(alive) + swapped(alive, recording.events)
    return tuple(
        finding
        for view, found in zip(views, of_channel, strict=True)
        for finding in [*found, *(f for f in across if f.channel == view.channel.label)]
    )


def _of_channel(view: View) -> list[Finding]:
    """Return the findings on one channel; where it carries no raw EMG, the checks of raw EMG are left out."""
    if found := dead(view):
        return found
    found = held(view) + dropouts(view)
    if view.sampling_frequency < SLOWEST_RATE_Hz:
        return found
    if not_raw := envelope(view):
        return not_raw + found
    return found + [finding for check in _CHECKS for finding in check(view)]
