"""Lost samples: where they fall, and which onsets they make unknowable."""

from __future__ import annotations

import numpy as np

__all__ = ["WITHHELD_S", "draw_gaps", "hides_onset"]

GAP_SHARE = 0.40
WITHHELD_S = 0.050
"""An onset closer than this to a gap, on either side, is not to be reported: what would show it is partly lost."""

WITHHELD_GAP_LENGTHS = 5.0
"""Gaps shorter than 10 ms hide less: five times their own length."""


def draw_gaps(rng: np.random.Generator, n: int, rate: int, onset_s: np.ndarray) -> np.ndarray:
    """Draw lost samples, shape (n_windows, n): long gaps anywhere, gaps at the onset, lost packets, single samples.

    Parameters
    ----------
    n : int
        Samples of a window.
    rate : int
        Their rate, Hz.
    onset_s : ndarray, shape (n_windows,)
        Gaps of one kind fall near these times; NaN is none.
    """
    lost = np.zeros((onset_s.size, n), dtype=bool)
    length_s = n / rate
    for window in np.flatnonzero(rng.random(onset_s.size) < GAP_SHARE):
        kind = rng.integers(0, 4)
        near = onset_s[window] if np.isfinite(onset_s[window]) else rng.uniform(0, length_s)
        if kind == 0:
            durations_s = rng.uniform(0.02, 0.2, rng.integers(1, 4))
            starts_s = rng.uniform(0, length_s, durations_s.size)
        elif kind == 1:
            durations_s = rng.uniform(0.02, 0.2, 1)
            starts_s = near - durations_s / 2 + rng.uniform(-0.2, 0.2, 1)
        elif kind == 2:
            packet_s = rng.uniform(0.008, 0.06)
            durations_s = packet_s * rng.integers(1, 4, rng.integers(2, 9))
            starts_s = packet_s * rng.integers(0, max(int(length_s / packet_s), 1), durations_s.size)
        else:
            durations_s = np.full(rng.integers(1, 6), 1 / rate)
            starts_s = rng.uniform(0, length_s, durations_s.size)
        for start_s, duration_s in zip(starts_s, durations_s, strict=True):
            first = max(round(start_s * rate), 0)
            lost[window, first : max(round((start_s + duration_s) * rate), first)] = True
    return lost


def hides_onset(lost: np.ndarray, rate: int, onset_s: np.ndarray) -> np.ndarray:
    """Tell for each window whether a gap lies across its onset or too near to it.

    Examples
    --------
    >>> lost = np.zeros((1, 1000), dtype=bool)
    >>> lost[0, 400:450] = True
    >>> [bool(hides_onset(lost, 1000, np.array([t]))[0]) for t in (0.34, 0.36, 0.42, 0.49, 0.51, np.nan)]
    [False, True, True, True, False, False]
    """
    hidden = np.zeros(len(lost), dtype=bool)
    for window in np.flatnonzero(lost.any(axis=1) & np.isfinite(onset_s)):
        edges = np.flatnonzero(np.diff(lost[window], prepend=False, append=False)) / rate
        starts_s, stops_s = edges[::2], edges[1::2]
        margin_s = np.minimum(WITHHELD_S, WITHHELD_GAP_LENGTHS * (stops_s - starts_s))
        at = onset_s[window]
        hidden[window] = bool(np.any((at > starts_s - margin_s) & (at < stops_s + margin_s)))
    return hidden
