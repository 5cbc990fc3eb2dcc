"""Detectors that compare a rectified, smoothed signal with the mean and spread of rest."""

from __future__ import annotations

import math

import numpy as np

from emgorder.model import FloatArray
from emgorder.onset.published.tools import first_run, moving_mean, n_samples, runs, zero_phase_lowpass

__all__ = ["abbink", "di_fabio", "hodges_bui", "lidierth"]


def hodges_bui(
    signal: FloatArray,
    sampling_frequency: float,
    baseline: slice,
    *,
    n_sd: float = 3.0,
    window_s: float = 0.020,
    lowpass_Hz: float = 50.0,
) -> float:
    """Return the start of the first window whose mean exceeds rest by `n_sd` standard deviations.

    Parameters
    ----------
    signal : ndarray of float64, shape (n_samples,)
        Conditioned EMG of one burst, any unit, without gaps.
    sampling_frequency : float
        Hz.
    baseline : slice
        Samples of rest; the search begins where it ends.
    n_sd : float
        Threshold above the mean of rest, in standard deviations of rest.
    window_s : float
        Length of the averaged window.
    lowpass_Hz : float
        Corner of the smoothing after rectification.

    Returns
    -------
    float
        Onset, s from the first sample; NaN if there is none.

    References
    ----------
    Hodges & Bui 1996, 10.1016/S0921-884X(96)95190-5: they compare 10, 50 and 500 Hz, 1 to 3 SD, and windows of 20, 50
    and 100 ms; 50 ms marks real onsets 10 ms earlier. Differs from the paper in the low-pass: a second-order
    Butterworth run forwards and backwards.

    Examples
    --------
    >>> import numpy as np
    >>> emg = np.random.default_rng(1).normal(size=1500) * np.where(np.arange(1500) < 1000, 1, 10)
    >>> bool(abs(hodges_bui(emg, 1000, slice(0, 800)) - 1.0) < 0.06)
    True
    """
    smooth = zero_phase_lowpass(np.abs(signal), sampling_frequency, lowpass_Hz)
    threshold = smooth[baseline].mean() + n_sd * smooth[baseline].std()
    above = moving_mean(smooth, n_samples(window_s, sampling_frequency)) > threshold
    return _seconds(first_run(above, 1, start=baseline.stop), sampling_frequency)


def di_fabio(
    signal: FloatArray,
    sampling_frequency: float,
    baseline: slice,
    *,
    n_sd: float = 3.0,
    duration_s: float = 0.025,
    lowpass_Hz: float = 50.0,
) -> float:
    """Return where the smoothed signal first exceeds rest for `duration_s` on end.

    Parameters
    ----------
    signal, sampling_frequency, baseline
        See :func:`hodges_bui`.
    n_sd : float
        Threshold above the mean of rest, in standard deviations of rest.
    duration_s : float
        How long the threshold must be exceeded.
    lowpass_Hz : float
        Corner of the smoothing after rectification.

    Returns
    -------
    float
        Onset, s from the first sample; NaN if there is none.

    References
    ----------
    Di Fabio 1987, 10.1093/ptj/67.1.43. Differs from the paper in the smoothing: a second-order Butterworth low-pass
    run forwards and backwards.

    Examples
    --------
    >>> import numpy as np
    >>> emg = np.random.default_rng(1).normal(size=1500) * np.where(np.arange(1500) < 1000, 1, 10)
    >>> bool(abs(di_fabio(emg, 1000, slice(0, 800)) - 1.0) < 0.02)
    True
    """
    smooth = zero_phase_lowpass(np.abs(signal), sampling_frequency, lowpass_Hz)
    above = smooth > smooth[baseline].mean() + n_sd * smooth[baseline].std()
    run = n_samples(duration_s, sampling_frequency)
    return _seconds(first_run(above, run, start=baseline.stop), sampling_frequency)


def lidierth(
    signal: FloatArray,
    sampling_frequency: float,
    baseline: slice,
    *,
    n_sd: float = 2.0,
    window_s: float = 0.020,
    active_s: float = 0.060,
    lapse_s: float = 0.010,
) -> float:
    """Return the start of the first activity that lasts `active_s` with no lapse longer than `lapse_s`.

    Parameters
    ----------
    signal, sampling_frequency, baseline
        See :func:`hodges_bui`.
    n_sd : float
        Threshold above the mean of rest, in standard deviations of rest.
    window_s : float
        Length of the moving average of the rectified signal.
    active_s : float
        Shortest activity.
    lapse_s : float
        Longest stay below the threshold within it.

    Returns
    -------
    float
        Onset, s from the first sample; NaN if there is none.

    References
    ----------
    Lidierth 1986, 10.1016/0013-4694(86)90163-X. Differs from the paper in the durations, which it leaves to the user,
    and in measuring the activity from its first to its last sample above the threshold.

    Examples
    --------
    >>> import numpy as np
    >>> emg = np.random.default_rng(1).normal(size=1500) * np.where(np.arange(1500) < 1000, 1, 10)
    >>> bool(abs(lidierth(emg, 1000, slice(0, 800)) - 1.0) < 0.02)
    True
    """
    width = n_samples(window_s, sampling_frequency)
    smooth = np.convolve(np.abs(signal), np.full(width, 1.0 / width), mode="same")
    above = smooth > smooth[baseline].mean() + n_sd * smooth[baseline].std()
    begins, ends = runs(above[baseline.stop :])
    if not begins.size:
        return math.nan
    apart = begins[1:] - ends[:-1] > n_samples(lapse_s, sampling_frequency)
    begins, ends = begins[np.append(True, apart)], ends[np.append(apart, True)]
    lasting = begins[ends - begins >= n_samples(active_s, sampling_frequency)]
    return _seconds(baseline.stop + int(lasting[0]) if lasting.size else None, sampling_frequency)


def abbink(
    signal: FloatArray,
    sampling_frequency: float,
    baseline: slice,
    *,
    n_sd: float = 2.0,
    lowpass_Hz: float = 30.0,
    reach_s: float = 0.100,
) -> float:
    """Return the sample that best parts values below the threshold from values above it.

    The first crossing raises the alarm; around it, the onset is the sample with the most values at rest just before
    and the most active values just after.

    Parameters
    ----------
    signal, sampling_frequency, baseline
        See :func:`hodges_bui`.
    n_sd : float
        Threshold above the mean of rest, in standard deviations of rest.
    lowpass_Hz : float
        Corner of the smoothing after rectification.
    reach_s : float
        How far the alarm looks to both sides, and how many values count before and after each sample.

    Returns
    -------
    float
        Onset, s from the first sample; NaN if there is none.

    References
    ----------
    Abbink et al. 1998, 10.1046/j.1365-2842.1998.00242.x. Differs from the paper in using one threshold for the alarm
    and for the counting, and in searching around the alarm alone.

    Examples
    --------
    >>> import numpy as np
    >>> emg = np.random.default_rng(1).normal(size=1500) * np.where(np.arange(1500) < 1000, 1, 10)
    >>> bool(abs(abbink(emg, 1000, slice(0, 800)) - 1.0) < 0.03)
    True
    """
    smooth = zero_phase_lowpass(np.abs(signal), sampling_frequency, lowpass_Hz)
    above = smooth > smooth[baseline].mean() + n_sd * smooth[baseline].std()
    reach = n_samples(reach_s, sampling_frequency)
    alarm = first_run(above, max(1, reach // 4), start=baseline.stop)
    if alarm is None:
        return math.nan
    active = np.concatenate(([0], np.cumsum(above)))
    at = np.arange(max(baseline.stop, alarm - reach), min(signal.size, alarm + reach) + 1)
    first, last = np.maximum(at - reach, 0), np.minimum(at + reach, signal.size)
    at_rest_before = (at - first) - (active[at] - active[first])
    active_after = active[last] - active[at]
    return _seconds(int(at[np.argmax(at_rest_before + active_after)]), sampling_frequency)


def _seconds(sample: int | None, sampling_frequency: float) -> float:
    return math.nan if sample is None else sample / sampling_frequency
