"""A detector on the Teager-Kaiser energy."""

from __future__ import annotations

import math

import numpy as np

from emgorder.conditioning import tkeo as teager_kaiser
from emgorder.model import FloatArray
from emgorder.onset.published.tools import first_run, n_samples, zero_phase_lowpass

__all__ = ["tkeo"]


def tkeo(
    signal: FloatArray,
    sampling_frequency: float,
    baseline: slice,
    *,
    n_sd: float = 3.0,
    duration_s: float = 0.025,
    lowpass_Hz: float = 50.0,
) -> float:
    """Return where the smoothed Teager-Kaiser energy first exceeds rest for `duration_s` on end.

    Parameters
    ----------
    signal : ndarray of float64, shape (n_samples,)
        Conditioned EMG of one burst, any unit, without gaps.
    sampling_frequency : float
        Hz.
    baseline : slice
        Samples of rest; the search begins where it ends.
    n_sd : float
        Threshold above the mean of rest, in standard deviations of rest; the papers use 3 to 15.
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
    Li & Aruin 2005, 10.1109/IEMBS.2005.1616121; Solnik et al. 2010, 10.1007/s00421-010-1521-8. Differs from the
    papers in the band before the energy: that of the conditioned signal instead of 30 to 300 Hz, zero-phase.

    Examples
    --------
    >>> import numpy as np
    >>> emg = np.random.default_rng(1).normal(size=1500) * np.where(np.arange(1500) < 1000, 1, 10)
    >>> bool(abs(tkeo(emg, 1000, slice(0, 800)) - 1.0) < 0.03)
    True
    """
    smooth = zero_phase_lowpass(np.abs(teager_kaiser(signal)), sampling_frequency, lowpass_Hz)
    above = smooth > smooth[baseline].mean() + n_sd * smooth[baseline].std()
    sample = first_run(above, n_samples(duration_s, sampling_frequency), start=baseline.stop)
    return math.nan if sample is None else sample / sampling_frequency
