"""The double-threshold detector of Bonato, D'Alessio and Knaflitz."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from emgorder.model import FloatArray
from emgorder.onset.published.tools import n_samples, runs, whiten

__all__ = ["bonato"]


def bonato(
    signal: FloatArray,
    sampling_frequency: float,
    baseline: slice,
    *,
    false_alarm: float = 0.05,
    n_observed: int = 5,
    n_above: int = 1,
    shortest_s: float = 0.030,
    order: int = 6,
) -> float:
    """Return the start of the first activity by two thresholds: on power, and on how many values exceed it.

    The signal is whitened, so that the sum of two squared samples is chi-squared at rest; activity is where at least
    `n_above` of `n_observed` successive sums exceed the first threshold. Stretches shorter than `shortest_s`, of rest
    or of activity, are dropped.

    Parameters
    ----------
    signal : ndarray of float64, shape (n_samples,)
        Conditioned EMG of one burst, any unit, without gaps.
    sampling_frequency : float
        Hz.
    baseline : slice
        Samples of rest; the search begins where it ends.
    false_alarm : float
        Probability that `n_observed` values of rest pass for activity; sets the first threshold.
    n_observed, n_above : int
        Second threshold.
    shortest_s : float
        Shortest rest and shortest activity.
    order : int
        Of the autoregressive model that whitens.

    Returns
    -------
    float
        Onset, s from the first sample; NaN if there is none.

    References
    ----------
    Bonato, D'Alessio & Knaflitz 1998, 10.1109/10.661154. Differs from the paper in the whitening, by an
    autoregressive model of the rest, and in reporting the first value above the threshold in the first window.

    Examples
    --------
    >>> import numpy as np
    >>> emg = np.random.default_rng(1).normal(size=1500) * np.where(np.arange(1500) < 1000, 1, 10)
    >>> bool(abs(bonato(emg, 1000, slice(0, 900)) - 1.0) < 0.02)
    True
    """
    innovations = whiten(signal, baseline, order=order)
    pairs = innovations[: innovations.size // 2 * 2].reshape(-1, 2)
    single_false_alarm = float(special.betaincinv(n_above, n_observed - n_above + 1, false_alarm))
    exceeds = np.sum(pairs**2, axis=1) > -2.0 * math.log(single_false_alarm)
    count = np.concatenate(([0], np.cumsum(exceeds)))
    if count.size <= n_observed:
        return math.nan
    begins, ends = runs(count[n_observed:] - count[:-n_observed] >= n_above)
    if not begins.size:
        return math.nan
    shortest = n_samples(shortest_s, sampling_frequency / 2)
    apart = begins[1:] - ends[:-1] >= shortest
    begins, ends = begins[np.append(True, apart)], ends[np.append(apart, True)]
    first = np.flatnonzero((ends - begins >= shortest) & (2 * ends > baseline.stop))
    if not first.size:
        return math.nan
    window = max(int(begins[first[0]]), baseline.stop // 2)
    return 2.0 * float(window + np.argmax(exceeds[window:])) / sampling_frequency
