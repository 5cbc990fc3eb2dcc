"""Detectors that weigh the likelihood of a change of variance: AGLR, CUSUM, profile likelihood, change point."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from emgorder.conditioning import tkeo
from emgorder.model import FloatArray
from emgorder.onset.published.tools import log_likelihood_ratio, moving_mean, n_samples, whiten

__all__ = ["aglr", "bayes_change", "cusum", "profile_likelihood"]

SHORTEST_SEGMENT_S = 0.010
"""Least data on either side of a change: the variance of fewer samples says nothing."""


def aglr(
    signal: FloatArray,
    sampling_frequency: float,
    baseline: slice,
    *,
    window_s: float = 0.050,
    alarm: float = 15.0,
    after_alarm_s: float = 0.050,
    order: int = 6,
) -> float:
    """Return the most likely start of the higher variance around the first window that is unlike rest.

    Parameters
    ----------
    signal : ndarray of float64, shape (n_samples,)
        Conditioned EMG of one burst, any unit, without gaps.
    sampling_frequency : float
        Hz.
    baseline : slice
        Samples of rest; the search begins where it ends.
    window_s : float
        Length of the window whose variance is compared with that of rest.
    alarm : float
        Log-likelihood ratio that raises the alarm.
    after_alarm_s : float
        Data after the alarm that help to place the change; as before it, two windows are searched.
    order : int
        Of the autoregressive model that whitens.

    Returns
    -------
    float
        Onset, s from the first sample; NaN if there is none.

    References
    ----------
    Staude & Wolf 1999, 10.1016/S1350-4533(99)00067-3; Staude et al. 2001, 10.1155/S1110865701000191 (their AGLR-step).
    Differs from the papers in the alarm and the search range, set here for surface EMG at about 1 kHz.

    Examples
    --------
    >>> import numpy as np
    >>> emg = np.random.default_rng(1).normal(size=1500) * np.where(np.arange(1500) < 1000, 1, 10)
    >>> aglr(emg, 1000, slice(0, 800))
    1.001
    """
    power = whiten(signal, baseline, order=order) ** 2
    width = n_samples(window_s, sampling_frequency)
    ratio = log_likelihood_ratio(moving_mean(power, width), width)
    alarms = np.flatnonzero(ratio[baseline.stop :] > alarm)
    if not alarms.size:
        return math.nan
    alarm_at = baseline.stop + int(alarms[0]) + width
    first = max(baseline.stop, alarm_at - 2 * width)
    last = min(signal.size, alarm_at + n_samples(after_alarm_s, sampling_frequency))
    after = np.cumsum(power[first:last][::-1])[::-1]
    count = np.arange(last - first, 0, -1, dtype=np.float64)
    shortest = n_samples(SHORTEST_SEGMENT_S, sampling_frequency)
    likeliest = int(np.argmax(log_likelihood_ratio(after / count, count)[: max(1, count.size - shortest)]))
    return float((first + likeliest) / sampling_frequency)


def cusum(
    signal: FloatArray,
    sampling_frequency: float,
    baseline: slice,
    *,
    power_ratio: float = 4.0,
    alarm: float = 25.0,
    order: int = 6,
) -> float:
    """Return where the cumulative evidence for a higher variance began to rise for good.

    Parameters
    ----------
    signal, sampling_frequency, baseline
        See :func:`aglr`.
    power_ratio : float
        Power of activity re rest that is tested for.
    alarm : float
        Rise of the summed log-likelihood ratio above its minimum that counts as activity.
    order : int
        Of the autoregressive model that whitens.

    Returns
    -------
    float
        Onset, s from the first sample; NaN if there is none.

    References
    ----------
    Page 1954, 10.1093/biomet/41.1-2.100. Differs from the paper in that the sum is over whitened squared samples and
    in the onset: the last minimum before the alarm. Ratio and alarm are ours: real
    baselines wander by 4 dB, and any alarm from 15 to 60 gives nearly the same onsets.

    Examples
    --------
    >>> import numpy as np
    >>> emg = np.random.default_rng(1).normal(size=1500) * np.where(np.arange(1500) < 1000, 1, 10)
    >>> cusum(emg, 1000, slice(0, 800))
    1.0
    """
    power = whiten(signal, baseline, order=order)[baseline.stop :] ** 2
    evidence = np.cumsum(0.5 * power * (1.0 - 1.0 / power_ratio) - 0.5 * math.log(power_ratio))
    evidence = np.concatenate(([0.0], evidence))
    alarms = np.flatnonzero(evidence - np.minimum.accumulate(evidence) > alarm)
    if not alarms.size:
        return math.nan
    return float(baseline.stop + np.argmin(evidence[: alarms[0]])) / sampling_frequency


def profile_likelihood(signal: FloatArray, sampling_frequency: float, baseline: slice) -> float:
    """Return the split of the Teager-Kaiser energy into two Laplace distributions that is most likely.

    Parameters
    ----------
    signal, sampling_frequency, baseline
        See :func:`aglr`.

    Returns
    -------
    float
        Onset, s from the first sample; NaN if the energy does not rise.

    References
    ----------
    Selvan et al. 2018, 10.1109/TNSRE.2018.2833742 (their PLM-Laplacian). Differs from the paper in that both
    distributions are centred on zero, each with its own scale, and in searching after the baseline alone.

    Examples
    --------
    >>> import numpy as np
    >>> emg = np.random.default_rng(1).normal(size=1300) * np.where(np.arange(1300) < 1000, 1, 10)
    >>> bool(abs(profile_likelihood(emg, 1000, slice(0, 800)) - 1.0) < 0.01)
    True
    """
    energy = np.abs(tkeo(signal))
    shortest = n_samples(SHORTEST_SEGMENT_S, sampling_frequency)
    total = np.concatenate(([0.0], np.cumsum(energy)))
    at = np.arange(baseline.stop, signal.size - shortest)
    if not at.size:
        return math.nan
    scale_before = total[at] / at
    scale_after = (total[-1] - total[at]) / (signal.size - at)
    likelihood = -at * np.log(scale_before) - (signal.size - at) * np.log(scale_after)
    best = int(np.argmax(likelihood))
    return float(at[best]) / sampling_frequency if scale_after[best] > scale_before[best] else math.nan


def bayes_change(
    signal: FloatArray,
    sampling_frequency: float,
    baseline: slice,
    *,
    probability: float = 0.6,
    order: int = 6,
) -> float:
    """Return the time by which the variance has changed with the given posterior probability.

    Parameters
    ----------
    signal, sampling_frequency, baseline
        See :func:`aglr`.
    probability : float
        Of the change having happened; the paper found 0.6 to 0.9 best.
    order : int
        Of the autoregressive model that whitens.

    Returns
    -------
    float
        Onset, s from the first sample; NaN if the variance does not rise.

    References
    ----------
    Tenan, Tweedell & Haynes 2017, 10.1371/journal.pone.0177312. Differs from the paper in the model: exactly one
    change of the variance of the whitened signal, with Jeffreys priors, integrated exactly, where the paper samples
    product partitions of the rectified signal. Its width is no measure of doubt for real EMG, whose samples are
    neither independent nor of constant variance after onset; hence no interval is reported.

    Examples
    --------
    >>> import numpy as np
    >>> emg = np.random.default_rng(1).normal(size=1300) * np.where(np.arange(1300) < 1000, 1, 10)
    >>> bool(abs(bayes_change(emg, 1000, slice(0, 800)) - 1.0) < 0.01)
    True
    """
    power = whiten(signal, baseline, order=order) ** 2
    shortest = n_samples(SHORTEST_SEGMENT_S, sampling_frequency)
    total = np.concatenate(([0.0], np.cumsum(power)))
    at = np.arange(baseline.stop, signal.size - shortest)
    if not at.size:
        return math.nan
    before, after = at / 2.0, (signal.size - at) / 2.0
    log_posterior: FloatArray = (
        special.gammaln(before)
        - before * np.log(total[at])
        + special.gammaln(after)
        - after * np.log(total[-1] - total[at])
    )
    posterior = np.exp(log_posterior - log_posterior.max())
    best = int(np.argmax(log_posterior))
    if not (total[-1] - total[at[best]]) / after[best] > total[at[best]] / before[best]:
        return math.nan
    cumulative = np.cumsum(posterior)
    return float(at[np.searchsorted(cumulative, probability * cumulative[-1])]) / sampling_frequency
