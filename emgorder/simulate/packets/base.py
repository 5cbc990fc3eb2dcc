"""What the encoders share: what a simulated sensor sends at once, and counts made from volts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from emgorder.errors import SettingsError
from emgorder.model import FloatArray, IntArray

__all__ = ["PacketProfile", "blocks", "fitting", "to_counts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketProfile:
    """How a kind of sensor turns volts into notifications.

    Attributes
    ----------
    key : str
        In the registry of sensors.
    n_channels : int
        That `encode` is given.
    frames : int
        Samples a notification; `encode` takes a multiple of it.
    volts_per_count : float
        Step of the converter, at the skin; made up where the device's gain is not published.
    middle : int
        Count at 0 V.
    lowest, highest : int
        Where the converter saturates.
    encode : callable
        ``encode(counts, first_index) -> list of bytes``: counts of shape (n_samples, n_channels), the running number
        of the first sample since the stream began, and the notifications, one for each `frames` samples.
    """

    key: str
    n_channels: int
    frames: int
    volts_per_count: float
    middle: int
    lowest: int
    highest: int
    encode: Callable[[IntArray, int], list[bytes]]


def to_counts(profile: PacketProfile, volts: FloatArray) -> IntArray:
    """Return what the converter of `profile` makes of `volts` (any shape, no NaN): rounded, saturated.

    Examples
    --------
    >>> from emgorder.simulate.packets import PROFILES
    >>> to_counts(PROFILES["emgo1"], np.array([1e-6, -2.4e-6, 1.0])).tolist()
    [1, -2, 32767]
    """
    counts: FloatArray = np.rint(volts / profile.volts_per_count) + profile.middle
    clipped: IntArray = np.clip(counts, profile.lowest, profile.highest).astype(np.intp)
    return clipped


def fitting(counts: IntArray, lowest: int, highest: int, n_channels: int | None = None) -> IntArray:
    """Return counts of shape (n_samples, n_channels) that a packet can hold; raise SettingsError for others."""
    counts = np.asarray(counts, dtype=np.intp)
    if counts.ndim != 2 or (n_channels is not None and counts.shape[1] != n_channels):
        raise SettingsError(f"shape {counts.shape}, expected (n_samples, {n_channels or 'n_channels'})", key="counts")
    if counts.size and not (lowest <= counts.min() and counts.max() <= highest):
        raise SettingsError(f"{counts.min()} to {counts.max()} is outside {lowest} to {highest}", key="counts")
    return counts


def blocks(counts: IntArray, frames: int) -> list[IntArray]:
    """Return `counts` in blocks of `frames` samples; raise SettingsError when the last one is not full."""
    if len(counts) % frames:
        raise SettingsError(f"{len(counts)} samples are no multiple of the {frames} of a notification", key="counts")
    return [counts[at : at + frames] for at in range(0, len(counts), frames)]
