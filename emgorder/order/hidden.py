"""True against visible onset: how late a muscle is seen is alike in all lifts of a session."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from emgorder.model import Onset

__all__ = ["MIN_LIFTS", "level_lags"]

MIN_LIFTS = 4
"""Lifts of which a median tells more than a lift of its own."""

SHARE = 0.5
"""How far a lift is moved towards the lag that is usual in its session."""


def level_lags(onsets: Sequence[Onset]) -> list[Onset]:
    """Move the onsets of one muscle towards the lag between first excitation and visible onset that is usual for it.

    A muscle rises about alike in all lifts of a session, so what a lift's own lag (``visible_s - time_s``) differs by
    from the median of all is error of the one or the other time, half of each.

    Parameters
    ----------
    onsets : sequence of Onset
        Of one muscle in the lifts of a session; those without a time or a visible onset stay as they are.

    Returns
    -------
    list of Onset
        In the same order; ``visible_s`` stays.

    Examples
    --------
    >>> seen = [Onset(time_s=1.00 - lag, visible_s=1.00) for lag in (0.02, 0.02, 0.02, 0.02, 0.06)]
    >>> [round(onset.time_s, 3) for onset in level_lags(seen)]
    [0.98, 0.98, 0.98, 0.98, 0.96]
    """
    lags_s = np.array([onset.visible_s - onset.time_s for onset in onsets])
    known = np.isfinite(lags_s)
    if known.sum() < MIN_LIFTS:
        return list(onsets)
    usual_s = float(np.median(lags_s[known]))
    return [
        _moved(onset, SHARE * (float(lag_s) - usual_s)) if math.isfinite(lag_s) else onset
        for onset, lag_s in zip(onsets, lags_s, strict=True)
    ]


def _moved(onset: Onset, by_s: float) -> Onset:
    """Return the onset `by_s` seconds later; where it is visible and where it ends does not move."""
    return replace(
        onset.shifted(by_s),
        visible_s=onset.visible_s,
        offset_s=onset.offset_s,
        offset_low_s=onset.offset_low_s,
        offset_high_s=onset.offset_high_s,
    )
