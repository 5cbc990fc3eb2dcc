"""A detector that learns rest and activity as two Gaussians of the log power in several bands."""

from __future__ import annotations

import math

import numpy as np
from scipy import signal as dsp

from emgorder.model import BoolArray, FloatArray
from emgorder.onset.published.tools import first_run, n_samples

__all__ = ["mixture"]

N_ITERATIONS = 30
"""Of expectation maximisation; the changes after it are below a millisecond."""

LEAST_APART = 1.0
"""Distance of the two means in ln power (4.3 dB): nearer ones would split the scatter of one band's rest in two."""

SMALLEST_SD = 0.3
"""Of either Gaussian, in units of ln power: a component cannot shrink onto a few frames."""


def mixture(
    signal: FloatArray,
    sampling_frequency: float,
    baseline: slice,
    *,
    window_s: float = 0.050,
    step_s: float = 0.002,
    n_bands: int = 5,
    band_Hz: tuple[float, float] = (30.0, 350.0),
    duration_s: float = 0.025,
) -> float:
    """Return where most bands first look active for `duration_s` on end.

    Parameters
    ----------
    signal : ndarray of float64, shape (n_samples,)
        Conditioned EMG of one burst, any unit, without gaps.
    sampling_frequency : float
        Hz.
    baseline : slice
        Samples of rest, where the first Gaussian starts from; the search begins where it ends.
    window_s, step_s : float
        Length and step of the windows whose spectrum is taken.
    n_bands : int
        Bands of equal width that vote.
    band_Hz : tuple of float
        Where the bands begin and end; the end is lowered to the Nyquist frequency where that is lower.
    duration_s : float
        Shortest activity.

    Returns
    -------
    float
        Onset, s from the first sample: the middle of the first active window; NaN if there is none.

    References
    ----------
    Liu et al. 2015, 10.1371/journal.pone.0127990. Differs from the paper in learning from the whole signal at once
    instead of sample by sample, and in starting the rest's Gaussian from the baseline.

    Examples
    --------
    >>> import numpy as np
    >>> emg = np.random.default_rng(1).normal(size=1500) * np.where(np.arange(1500) < 1000, 1, 10)
    >>> bool(abs(mixture(emg, 1000, slice(0, 800)) - 1.0) < 0.02)
    True
    """
    width, step = n_samples(window_s, sampling_frequency), n_samples(step_s, sampling_frequency)
    if signal.size < 2 * width:
        return math.nan
    log_power, middles = _band_log_power(signal, sampling_frequency, width, step, n_bands, band_Hz)
    at_rest = (middles - width // 2 >= baseline.start) & (middles + width // 2 <= baseline.stop)
    if not at_rest.any():
        return math.nan
    active = np.mean(_is_active(log_power, at_rest), axis=1) > 0.5
    start = int(np.searchsorted(middles, baseline.stop))
    frame = first_run(active, n_samples(duration_s, sampling_frequency / step), start=start)
    return math.nan if frame is None else float(middles[frame]) / sampling_frequency


def _band_log_power(
    signal: FloatArray, sampling_frequency: float, width: int, step: int, n_bands: int, band_Hz: tuple[float, float]
) -> tuple[FloatArray, FloatArray]:
    """Return ln power of shape (n_frames, n_bands) and the middle sample of each frame."""
    frames = np.lib.stride_tricks.sliding_window_view(signal, width)[::step]
    n_fft = 2 * width
    power = np.abs(np.fft.rfft(frames * dsp.windows.hann(width, sym=False), n_fft, axis=1)) ** 2
    frequencies = np.fft.rfftfreq(n_fft, 1.0 / sampling_frequency)
    edges = np.linspace(band_Hz[0], min(band_Hz[1], sampling_frequency / 2), n_bands + 1)
    band = (frequencies[:, np.newaxis] >= edges[:-1]) & (frequencies[:, np.newaxis] < edges[1:])
    in_band = power @ band.astype(np.float64)
    tiniest = np.finfo(np.float64).tiny
    return np.log(in_band + tiniest), np.arange(len(frames), dtype=np.float64) * step + width // 2


def _is_active(log_power: FloatArray, at_rest: BoolArray) -> BoolArray:
    """Return whether each frame and band rather belongs to the upper of two Gaussians."""
    rest_mean = log_power[at_rest].mean(axis=0)
    mean = np.stack([rest_mean, np.maximum(np.quantile(log_power, 0.95, axis=0), rest_mean + LEAST_APART)])
    sd = np.full_like(mean, max(SMALLEST_SD, 1.0))
    weight = np.full_like(mean, 0.5)
    for _ in range(N_ITERATIONS):
        joint = _log_joint(log_power, mean, sd, weight)
        share = np.exp(joint - np.logaddexp(joint[0], joint[1]))
        total = share.sum(axis=1) + np.finfo(np.float64).tiny
        mean = (share * log_power).sum(axis=1) / total
        mean[1] = np.maximum(mean[1], mean[0] + LEAST_APART)
        sd = np.maximum(np.sqrt((share * (log_power - mean[:, np.newaxis]) ** 2).sum(axis=1) / total), SMALLEST_SD)
        weight = total / len(log_power)
    joint = _log_joint(log_power, mean, sd, weight)
    # Far below rest the wider Gaussian would win again: only what is above the mean of rest can be active.
    active: BoolArray = (joint[1] > joint[0]) & (log_power > mean[0])
    return active


def _log_joint(log_power: FloatArray, mean: FloatArray, sd: FloatArray, weight: FloatArray) -> FloatArray:
    """Return ln(weight x density), shape (2, n_frames, n_bands)."""
    deviation = (log_power - mean[:, np.newaxis]) / sd[:, np.newaxis]
    joint: FloatArray = np.log(weight / sd)[:, np.newaxis] - 0.5 * deviation**2
    return joint
