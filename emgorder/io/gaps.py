"""Lost samples in formats that know none: where they are, and what is laid over them."""

from __future__ import annotations

import numpy as np

from emgorder.model import BoolArray, FloatArray

__all__ = ["GAP", "GAPS", "bridged", "stretches"]

GAP = "BAD_gap"
GAPS = (GAP, "BAD_ACQ_SKIP")
"""Stretches without samples, as we and as MNE call them."""


def bridged(signal: FloatArray) -> FloatArray:
    """Return a signal with a straight line over each gap, level at the ends, and 0 where all is lost.

    Parameters
    ----------
    signal : ndarray, shape (n_samples,)
        Any unit, NaN where samples were lost.

    Examples
    --------
    >>> bridged(np.array([np.nan, 1.0, np.nan, 3.0])).tolist()
    [1.0, 1.0, 2.0, 3.0]
    """
    lost = np.isnan(signal)
    if not lost.any():
        return signal
    if lost.all():
        return np.zeros(signal.size)
    return np.interp(np.arange(signal.size), np.flatnonzero(~lost), signal[~lost])


def stretches(where: BoolArray) -> list[tuple[int, int]]:
    """Return the first row of each run of true values, and the row behind its last.

    Examples
    --------
    >>> stretches(np.array([True, False, True, True]))
    [(0, 1), (2, 4)]
    """
    edges = np.flatnonzero(np.diff(where, prepend=False, append=False)).reshape(-1, 2)
    return [(int(first), int(stop)) for first, stop in edges]
