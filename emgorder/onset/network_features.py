"""What the onset network sees: 13 numbers per 4 ms of one window, the same in training and in use.

All of them are ratios to levels of the same window, so that gain does not matter. Lost samples are zero, marked, and
left out of every level.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt
from scipy import signal

from emgorder.model import BoolArray, FloatArray

__all__ = ["FRAME_SAMPLES", "N_FEATURES", "WORKING_RATE_HZ", "at_working_rate", "window_features"]

WORKING_RATE_HZ = 1000.0
FRAME_SAMPLES = 4
"""4 ms a frame: half of the median error of two good readers' marks would be lost at 8 ms."""

LARGEST_RATIO = 100
"""Rates are changed by a ratio of whole numbers up to this; the grid keeps the exact rate that comes out."""

LEVEL_FRAMES = 12  # 48 ms, about the time over which EMG power settles
LEVEL_PERCENTILE = 15.0
"""The rest level of a window: rest fills at least a seventh of it, and a lower percentile would follow lulls."""

PAST_FRAMES = 40  # 160 ms
AHEAD_FRAMES = 4
FLOOR = 0.03  # added to power ratios before the logarithm: -15 dB
PAST_FLOOR = 0.05
"""Added to the mean power ratio of the past: -13 dB, so that a window's first frame, which has no past, is finite. This
and the constants below are judged, and fixed by the weights: those were trained on features made with them."""

LOWEST_LEVEL = 1e-7
"""Of the largest frame power: int8 signals hold exact zeros at rest."""

SQUASH = 0.7
"""Samples in units of the rest level enter as arcsinh of this times them: linear at rest, logarithmic in the burst."""

SCALE = 0.5  # of log powers and squashed samples
LIMIT = 30.0  # features are clipped here
RATE_WEIGHT = 0.4  # per octave below 1 kHz
LEAST_POWER = 1e-30  # of a window without any signal, so that its level is not zero
N_ENERGIES = 6
N_FEATURES = N_ENERGIES + FRAME_SAMPLES + 3

Float32Array = npt.NDArray[np.float32]


def at_working_rate(samples: FloatArray, sampling_frequency: float) -> tuple[FloatArray, BoolArray, float]:
    """Bring windows of equal length to about 1 kHz.

    Parameters
    ----------
    samples : ndarray of float64, shape (n_samples, n_windows)
        Conditioned EMG; NaN is a lost sample.
    sampling_frequency : float
        Hz.

    Returns
    -------
    values : ndarray of float64, shape (n_windows, n)
        0 where samples were lost.
    lost : ndarray of bool, shape (n_windows, n)
        True within one sample of a lost one.
    rate_Hz : float
        The exact rate of `values`.

    Examples
    --------
    >>> values, lost, rate_Hz = at_working_rate(np.ones((400, 1)), 2000.0)
    >>> values.shape, bool(lost.any()), rate_Hz
    ((1, 200), False, 1000.0)
    """
    missing = ~np.isfinite(samples)
    filled = np.where(missing, 0.0, samples)
    ratio = Fraction(float(WORKING_RATE_HZ / sampling_frequency)).limit_denominator(LARGEST_RATIO)
    rate_Hz = float(sampling_frequency * ratio.numerator / ratio.denominator)
    if ratio == 1:
        return filled.T, missing.T, rate_Hz
    values = signal.resample_poly(filled, ratio.numerator, ratio.denominator, axis=0)
    where = np.arange(len(values)) * sampling_frequency / rate_Hz
    before = np.minimum(np.floor(where).astype(np.intp), len(samples) - 1)
    after = np.minimum(np.ceil(where).astype(np.intp), len(samples) - 1)
    lost = missing[before] | missing[after]
    values[lost] = 0.0
    return values.T, lost.T, rate_Hz


def window_features(values: FloatArray, lost: BoolArray, sampling_frequency: float) -> Float32Array:
    """Return the features of windows of equal length.

    Parameters
    ----------
    values : ndarray of float64, shape (n_windows, n)
        Conditioned EMG at about 1 kHz, 0 where lost.
    lost : ndarray of bool, shape (n_windows, n)
        Lost samples.
    sampling_frequency : float
        Of the recording, Hz: what lies above half of it is missing.

    Returns
    -------
    ndarray of float32, shape (n_windows, 13, n_frames)
        Log power of the samples, of their differences and of frame means, each over its own rest level (0 to 2); log
        power smoothed over 48 ms (3); log power smoothed (4) and not (5) over that of the 160 ms before; the four
        samples of the frame, squashed (6 to 9); 1 within the window (10); 1 where samples were lost (11); the
        sampling frequency (12).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.standard_normal((1, 800))
    >>> a, b = (window_features(gain * x, np.zeros(x.shape, bool), 1000.0) for gain in (1e-6, 1.0))
    >>> a.shape, bool(np.allclose(a, b, atol=1e-4))
    ((1, 13, 200), True)
    """
    n_windows, n = values.shape
    n_frames = n // FRAME_SAMPLES
    shape = (n_windows, n_frames, FRAME_SAMPLES)
    values = values[:, : n_frames * FRAME_SAMPLES]
    frames = values.reshape(shape)
    gone: BoolArray = np.any(lost[:, : n_frames * FRAME_SAMPLES].reshape(shape), axis=2)
    frames = np.where(gone[:, :, np.newaxis], 0.0, frames)
    there: FloatArray = np.where(gone, 0.0, 1.0)
    steps = np.diff(frames.reshape(n_windows, -1), axis=1, prepend=values[:, :1]).reshape(shape)

    power = np.mean(frames**2, axis=2)
    step_power = np.where(gone, 0.0, np.mean(steps**2, axis=2))
    slow_power = np.mean(frames, axis=2) ** 2
    level = _rest_level(power, there)
    ratio = power / level
    past = window_mean(ratio, there, PAST_FRAMES, 0) + PAST_FLOOR
    ahead = window_mean(ratio, there, AHEAD_FRAMES // 2, AHEAD_FRAMES // 2)

    features = np.zeros((n_windows, N_FEATURES, n_frames), dtype=np.float32)
    features[:, 0] = np.log(ratio + FLOOR)
    features[:, 1] = np.log(step_power / _rest_level(step_power, there) + FLOOR)
    features[:, 2] = np.log(slow_power / _rest_level(slow_power, there) + FLOOR)
    features[:, 3] = np.log(window_mean(ratio, there, LEVEL_FRAMES // 2, LEVEL_FRAMES // 2) + FLOOR)
    features[:, 4] = np.log((ahead + FLOOR) / past)
    features[:, 5] = np.log((ratio + FLOOR) / past)
    squashed = np.arcsinh(SQUASH * frames / np.sqrt(level)[:, :, np.newaxis])
    features[:, N_ENERGIES : N_ENERGIES + FRAME_SAMPLES] = squashed.transpose(0, 2, 1)
    features *= SCALE
    features[:, :N_ENERGIES] *= there[:, np.newaxis]
    features[:, -3] = 1.0
    features[:, -2] = gone
    features[:, -1] = RATE_WEIGHT * np.log2(min(sampling_frequency, WORKING_RATE_HZ) / WORKING_RATE_HZ)
    return np.clip(features, -LIMIT, LIMIT, out=features)


def window_mean(values: FloatArray, there: FloatArray, before: int, after: int) -> FloatArray:
    """Return the mean of the frames that are there, from `before` frames back to `after` frames on; shorter at ends.

    The frame itself counts as the first of those ahead; of no frames at all the mean is 0.
    """
    n = values.shape[1]
    here = np.arange(n)
    start = np.maximum(here - before, 0)
    stop = np.minimum(np.maximum(here + after, 1), n)
    total = np.cumsum(np.pad(values * there, ((0, 0), (1, 0))), axis=1)
    count = np.cumsum(np.pad(there, ((0, 0), (1, 0))), axis=1)
    mean: FloatArray = (total[:, stop] - total[:, start]) / np.maximum(count[:, stop] - count[:, start], 1.0)
    return mean


def _rest_level(power: FloatArray, there: FloatArray) -> FloatArray:
    """Return a low percentile of the smoothed power of each window, shape (n_windows, 1)."""
    smooth = window_mean(power, there, LEVEL_FRAMES // 2, LEVEL_FRAMES // 2)
    ordered = np.sort(np.where(there > 0, smooth, np.inf), axis=1)
    n_there = there.sum(axis=1).astype(np.intp)
    at = (LEVEL_PERCENTILE / 100 * np.maximum(n_there - 1, 0)).astype(np.intp)
    low = ordered[np.arange(len(power)), at]
    largest = np.maximum(power.max(axis=1), LEAST_POWER)
    level: FloatArray = np.maximum(np.where(n_there > 0, low, 1.0), LOWEST_LEVEL * largest)
    return level[:, np.newaxis]
