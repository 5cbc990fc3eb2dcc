"""What several published detectors share: runs, moving sums, whitening, a zero-phase low-pass."""

from __future__ import annotations

import math

import numpy as np
from scipy import linalg, signal

from emgorder.model import BoolArray, FloatArray, IntArray

__all__ = ["first_run", "log_likelihood_ratio", "moving_mean", "n_samples", "runs", "whiten", "zero_phase_lowpass"]

NYQUIST_SHARE = 0.45
"""Corners above this share of the sampling frequency are lowered to it."""

SAMPLES_PER_COEFFICIENT = 5
"""Rest samples wanted for each coefficient of a whitening filter; with fewer its order is lowered."""

RIDGE = 1e-4
"""White noise, as a share of the rest's power, that keeps the whitening filter stable for narrow spectra."""


def n_samples(duration_s: float, sampling_frequency: float) -> int:
    """Return how many samples make up `duration_s`, at least one."""
    return max(1, round(duration_s * sampling_frequency))


def runs(mask: BoolArray) -> tuple[IntArray, IntArray]:
    """Return the first index of each run of True, and the index after its last.

    Examples
    --------
    >>> import numpy as np
    >>> runs(np.array([True, False, True, True]))
    (array([0, 2]), array([1, 4]))
    """
    at = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return at[::2], at[1::2]


def first_run(mask: BoolArray, length: int, *, start: int = 0) -> int | None:
    """Return where the first run of at least `length` True begins at or after `start`, or None.

    Examples
    --------
    >>> import numpy as np
    >>> first_run(np.array([True, False, True, True]), 2)
    2
    """
    begins, ends = runs(mask[start:])
    long_enough = begins[ends - begins >= length]
    return start + int(long_enough[0]) if long_enough.size else None


def moving_mean(values: FloatArray, width: int) -> FloatArray:
    """Return the mean of each window of `width` values; element i is the window that begins at i.

    Examples
    --------
    >>> import numpy as np
    >>> moving_mean(np.array([1.0, 3.0, 5.0]), 2)
    array([2., 4.])
    """
    total = np.concatenate(([0.0], np.cumsum(values)))
    return (total[width:] - total[:-width]) / width


def zero_phase_lowpass(
    values: FloatArray, sampling_frequency: float, cutoff_Hz: float, *, order: int = 2
) -> FloatArray:
    """Low-pass forwards and backwards, as most of the older papers do.

    Not causal: a sharp rise shows before it happens. Only published methods that were described so use it.
    """
    corner_Hz = min(cutoff_Hz, NYQUIST_SHARE * sampling_frequency)
    sos = signal.butter(order, corner_Hz, fs=sampling_frequency, output="sos")
    filtered: FloatArray = signal.sosfiltfilt(sos, values, padlen=min(3 * (2 * len(sos) + 1), values.size - 1))
    return filtered


def whiten(values: FloatArray, baseline: slice, *, order: int) -> FloatArray:
    """Return the innovations of `values` under the autoregressive model of its rest, with unit power at rest.

    Parameters
    ----------
    values : ndarray, shape (n_samples,)
        Conditioned EMG without gaps.
    baseline : slice
        Samples of rest.
    order : int
        Of the autoregressive model (Yule-Walker).
    """
    rest = values[baseline] - values[baseline].mean()
    order = min(order, rest.size // SAMPLES_PER_COEFFICIENT)
    autocovariance = np.array([rest[: rest.size - lag] @ rest[lag:] for lag in range(order + 1)]) / rest.size
    autocovariance[0] *= 1.0 + RIDGE
    coefficients = linalg.solve_toeplitz(autocovariance[:-1], autocovariance[1:]) if order else np.empty(0)
    innovations: FloatArray = signal.lfilter(np.concatenate(([1.0], -coefficients)), [1.0], values)
    power = float(np.mean(innovations[baseline][order:] ** 2))
    return innovations / math.sqrt(power)


def log_likelihood_ratio(mean_power: FloatArray, count: FloatArray | int) -> FloatArray:
    """Return how much more likely `count` unit-variance samples are under their own variance, where that is larger.

    Half of ``count * (v - 1 - log v)`` with ``v`` the mean power, 0 where the power is not above that of rest.
    """
    power = np.maximum(mean_power, 1.0)
    ratio: FloatArray = 0.5 * count * (power - 1.0 - np.log(power))
    return ratio
