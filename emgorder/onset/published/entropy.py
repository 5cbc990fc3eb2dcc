"""A detector on sample entropy: activity is complex, stray spikes are not."""

from __future__ import annotations

import math

import numpy as np

from emgorder.model import FloatArray
from emgorder.onset.published.tools import first_run, n_samples

__all__ = ["moving_sample_entropy", "sample_entropy"]

TEMPLATE = 2
"""Samples that must match before the next is asked about (m of the paper)."""

SHORTEST_WINDOW = 20
"""Samples of a window at least: with fewer there are too few pairs to count matches among."""


def sample_entropy(
    signal: FloatArray,
    sampling_frequency: float,
    baseline: slice,
    *,
    window_s: float = 0.050,
    tolerance: float = 0.25,
    n_sd: float = 2.0,
    duration_s: float = 0.025,
) -> float:
    """Return where the sample entropy of a moving window first exceeds that of rest for `duration_s` on end.

    Parameters
    ----------
    signal : ndarray of float64, shape (n_samples,)
        Conditioned EMG of one burst, any unit, without gaps.
    sampling_frequency : float
        Hz.
    baseline : slice
        Samples of rest; the search begins where it ends.
    window_s : float
        Length of the window.
    tolerance : float
        Largest difference of matching samples, in standard deviations of the whole signal.
    n_sd : float
        Threshold above the mean of rest, in standard deviations of rest.
    duration_s : float
        How long the threshold must be exceeded.

    Returns
    -------
    float
        Onset, s from the first sample: the middle of the first such window; NaN if there is none.

    References
    ----------
    Zhang & Zhou 2012, 10.1016/j.jelekin.2012.06.005. Differs from the paper in the threshold, set from rest instead
    of by hand, and in the window of 50 ms. Below 500 Hz it is off by 50 ms: entropy needs more samples.

    Examples
    --------
    >>> import numpy as np
    >>> emg = np.random.default_rng(1).normal(size=1500) * np.where(np.arange(1500) < 1000, 1, 10)
    >>> bool(abs(sample_entropy(emg, 1000, slice(0, 800)) - 1.0) < 0.03)
    True
    """
    width = max(n_samples(window_s, sampling_frequency), SHORTEST_WINDOW)
    if signal.size < 2 * width:
        return math.nan
    entropy = moving_sample_entropy(signal, width, tolerance * float(signal.std()))
    middle = width // 2
    rest = entropy[baseline.start : max(baseline.start + 1, baseline.stop - width)]
    above = entropy > rest.mean() + n_sd * rest.std()
    start = max(0, baseline.stop - middle)
    window = first_run(above, n_samples(duration_s, sampling_frequency), start=start)
    return math.nan if window is None else (window + middle) / sampling_frequency


def moving_sample_entropy(signal: FloatArray, width: int, tolerance: float) -> FloatArray:
    """Return -ln(matches of m + 1 samples / matches of m) of the window that begins at each sample.

    Counts pairs at one lag at a time, for all windows at once.

    Parameters
    ----------
    signal : ndarray, shape (n_samples,)
        Without gaps.
    width : int
        Samples of a window.
    tolerance : float
        Samples that differ by no more than this match, in the unit of `signal`.

    Returns
    -------
    ndarray, shape (n_samples - width + 1,)
    """
    n_windows = signal.size - width + 1
    shorter, longer = np.zeros(n_windows), np.zeros(n_windows)
    for lag in range(1, width - TEMPLATE):
        close = np.abs(signal[lag:] - signal[:-lag]) <= tolerance
        match = close[:-2] & close[1:-1]
        n_pairs = width - TEMPLATE - lag
        for matches, count in ((match, shorter), (match & close[2:], longer)):
            total = np.concatenate(([0], np.cumsum(matches)))
            count += total[n_pairs : n_pairs + n_windows] - total[:n_windows]
    # One match is added to both counts, so that windows without any stay finite.
    return -np.log((longer + 1.0) / (shorter + 1.0))
