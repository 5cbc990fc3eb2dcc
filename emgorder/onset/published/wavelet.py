"""A detector that looks for motor unit action potentials with a bank of wavelets."""

from __future__ import annotations

import math

import numpy as np
from scipy import signal as dsp

from emgorder.model import FloatArray
from emgorder.onset.published.tools import n_samples, runs

__all__ = ["merlo"]

REACH = 4.0
"""Half length of a wavelet in units of its width: it has decayed to 1e-6."""


def merlo(
    signal: FloatArray,
    sampling_frequency: float,
    baseline: slice,
    *,
    widths_s: tuple[float, ...] = (0.0020, 0.0028, 0.0040, 0.0056),
    factor: float = 0.8,
    lapse_s: float = 0.020,
    duration_s: float = 0.050,
) -> float:
    """Return where action potentials larger than any of rest begin to follow each other closely.

    Parameters
    ----------
    signal : ndarray of float64, shape (n_samples,)
        Conditioned EMG of one burst, any unit, without gaps.
    sampling_frequency : float
        Hz.
    baseline : slice
        Samples of rest; the search begins where it ends.
    widths_s : tuple of float
        Widths of the first-order Hermite-Rodriguez wavelets; those that the sampling cannot show are left out.
    factor : float
        Threshold re the largest output at rest.
    lapse_s : float
        Longest pause between action potentials of one activity.
    duration_s : float
        Shortest activity.

    Returns
    -------
    float
        Onset, s from the first sample; NaN if there is none.

    References
    ----------
    Merlo, Farina & Merletti 2003, 10.1109/TBME.2003.808829. Differs from the paper in the threshold, set from the
    largest output at rest, and in the times that join and drop stretches.

    Examples
    --------
    >>> import numpy as np
    >>> emg = np.random.default_rng(1).normal(size=1500) * np.where(np.arange(1500) < 1000, 1, 10)
    >>> bool(abs(merlo(emg, 1000, slice(0, 800)) - 1.0) < 0.02)
    True
    """
    shown = [width for width in widths_s if width * sampling_frequency >= 1.0] or [1.0 / sampling_frequency]
    output = np.max([np.abs(_matched(signal, width * sampling_frequency)) for width in shown], axis=0)
    above = output > factor * output[baseline].max()
    begins, ends = runs(above[baseline.stop :])
    if not begins.size:
        return math.nan
    apart = begins[1:] - ends[:-1] > n_samples(lapse_s, sampling_frequency)
    begins, ends = begins[np.append(True, apart)], ends[np.append(apart, True)]
    lasting = begins[ends - begins >= n_samples(duration_s, sampling_frequency)]
    return (baseline.stop + int(lasting[0])) / sampling_frequency if lasting.size else math.nan


def _matched(signal: FloatArray, width: float) -> FloatArray:
    """Return the signal correlated with ``t exp(-(t / width)^2)`` of unit energy, `width` in samples."""
    reach = math.ceil(REACH * width)
    time = np.arange(-reach, reach + 1) / width
    wavelet = time * np.exp(-(time**2))
    matched: FloatArray = dsp.oaconvolve(signal, wavelet / np.linalg.norm(wavelet), mode="same")
    return matched
