"""The rate of new values, where a slow sensor's values are written several times each."""

from __future__ import annotations

import math

import numpy as np

from emgorder.conditioning.quality.stretches import spread
from emgorder.held import hold_length
from emgorder.model import Channel, FloatArray

__all__ = ["estimate_true_rate", "true_rate"]


def estimate_true_rate(signal: FloatArray, sampling_frequency: float) -> float:
    """Return how many new values a second a signal has.

    Parameters
    ----------
    signal : ndarray of float64, shape (n_samples,)
        Raw, any unit; NaN is a lost sample. Of a long signal 20 pieces are looked at.
    sampling_frequency : float
        Rows a second, Hz.

    Returns
    -------
    float
        Hz; the sampling frequency where values are not held, or where there is too little to tell.

    Examples
    --------
    >>> values = np.random.default_rng(1).normal(size=200)
    >>> estimate_true_rate(np.repeat(values, 5), 1000.0), estimate_true_rate(values, 1000.0)
    (200.0, 1000.0)
    """
    signal = spread(np.asarray(signal, dtype=np.float64))
    finite = np.isfinite(signal)
    if not finite.all():
        signal = np.where(finite, signal, np.nan)
    return sampling_frequency / hold_length(signal)


def true_rate(channel: Channel, signal: FloatArray, sampling_frequency: float) -> float:
    """Return the rate of new values that the channel states, or else the estimate; never above the rate of rows."""
    stated_Hz = channel.true_rate_Hz
    if math.isfinite(stated_Hz) and stated_Hz > 0:
        return min(stated_Hz, sampling_frequency)
    return estimate_true_rate(signal, sampling_frequency)
