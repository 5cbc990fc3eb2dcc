"""Strength from moment to moment: moving RMS and Teager-Kaiser energy. Lost samples stay lost."""

from __future__ import annotations

import math

import numpy as np

from emgorder.errors import SettingsError
from emgorder.model import FloatArray

__all__ = ["moving_rms", "tkeo"]


def moving_rms(data: FloatArray, sampling_frequency: float, *, window_s: float) -> FloatArray:
    """Return the root mean square of the window that ends at each sample.

    Parameters
    ----------
    data : ndarray of float64, shape (n_samples,) or (n_samples, n_channels)
        Band-passed EMG; NaN is a lost sample.
    sampling_frequency : float
        Hz.
    window_s : float
        Length of the window, rounded to whole samples. At the start, and where samples are lost, the mean is over
        those samples of the window that are there.

    Returns
    -------
    ndarray of float64
        Shape and unit of `data`; NaN where `data` is.

    Raises
    ------
    SettingsError
        The window is shorter than one sample.

    Examples
    --------
    >>> import numpy as np
    >>> moving_rms(np.array([3.0, -3.0, 0.0, np.nan, 4.0]), 1000, window_s=0.002).round(2)
    array([3.  , 3.  , 2.12,  nan, 4.  ])
    """
    data = np.asarray(data, dtype=np.float64)
    width = round(window_s * sampling_frequency) if math.isfinite(window_s) else 0
    if width < 1:
        raise SettingsError(
            f"{window_s!r} s is less than a sample at {sampling_frequency:g} Hz: take 0.05 s", key="window_s"
        )
    present = np.isfinite(data)
    power = _moving_sum(np.where(present, data, 0.0) ** 2, width)
    if present.all():
        count = np.minimum(np.arange(1.0, len(data) + 1), width).reshape(-1, *(1,) * (data.ndim - 1))
    else:
        count = _moving_sum(present.astype(np.float64), width)
    rms: FloatArray = np.sqrt(np.divide(power, count, out=np.full_like(data, np.nan), where=present))
    return rms


def tkeo(data: FloatArray) -> FloatArray:
    """Return the Teager-Kaiser energy ``x[n]**2 - x[n-1] * x[n+1]``.

    High where amplitude and frequency both are, so that a burst stands out of slower noise. Looks one sample ahead.

    Parameters
    ----------
    data : ndarray of float64, shape (n_samples,) or (n_samples, n_channels)
        Band-passed EMG; NaN is a lost sample.

    Returns
    -------
    ndarray of float64
        Shape of `data`, unit squared; may be negative. The first and last sample, and each sample beside a gap, have
        no two neighbours: they repeat the value beside them, and are NaN where there is none (fewer than three
        samples in a row). NaN where `data` is.

    References
    ----------
    Kaiser 1990, 10.1109/ICASSP.1990.115702. For EMG onsets: Li, Zhou & Aruin 2007, 10.1007/s10439-007-9320-z;
    Solnik et al. 2010, 10.1007/s00421-010-1521-8. The papers leave the edges open.

    Examples
    --------
    >>> import numpy as np
    >>> tkeo(np.array([0.0, 1.0, 3.0, 1.0, 0.0]))
    array([1., 1., 8., 1., 1.])
    """
    data = np.asarray(data, dtype=np.float64)
    energy = np.full_like(data, np.nan)
    energy[1:-1] = data[1:-1] ** 2 - data[:-2] * data[2:]
    inner = energy.copy()
    for edge, beside in ((slice(None, -1), slice(1, None)), (slice(1, None), slice(None, -1))):
        open_ = np.isnan(energy[edge]) & np.isfinite(data[edge])
        energy[edge][open_] = inner[beside][open_]
    return energy


def _moving_sum(values: FloatArray, width: int) -> FloatArray:
    """Sum of the last `width` rows up to each row.

    From the sums within fixed stretches, forwards and backwards, not from one running total: that would carry the
    rounding errors of each strong burst into all the rest that follows.
    """
    columns = np.moveaxis(values, 0, -1)  # each column in one piece: sums along memory are five times as fast
    *across, n = columns.shape
    stretches = -(-n // width)
    padded = np.zeros((*across, stretches * width))
    padded[..., :n] = columns
    padded = padded.reshape(*across, stretches, width)
    total = np.cumsum(padded, axis=-1)
    rest_of_stretch = np.flip(np.cumsum(np.flip(padded, axis=-1), axis=-1), axis=-1)
    total[..., 1:, :-1] += rest_of_stretch[..., :-1, 1:]
    return np.moveaxis(total.reshape(*across, -1)[..., :n], -1, 0)
