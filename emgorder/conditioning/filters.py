"""The filters that EMG needs before an onset is looked for, all of them causal; lost samples stay lost."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from scipy import signal

from emgorder.conditioning.causal import CausalFilter, filter_all
from emgorder.conditioning.energy import moving_rms, tkeo
from emgorder.conditioning.mains import detect_mains
from emgorder.errors import SettingsError
from emgorder.model import FloatArray

__all__ = [
    "CausalFilter",
    "bandpass",
    "design_bandpass",
    "design_lowpass",
    "detect_mains",
    "envelope",
    "has_lowpass",
    "moving_rms",
    "rectify",
    "tkeo",
]

LOWEST_HIGHPASS_HZ = 20.0
"""After De Luca et al. 2010, 10.1016/j.jbiomech.2010.01.027. Without it a movement of 10 times the rest's SD moves
onsets by 69 to 235 ms towards earlier; with it by 3 ms."""

HIGHPASS_HZ = 20.0
LOWPASS_HZ = 450.0
"""The band of surface EMG (Merletti & Cerone 2020, 10.1016/j.jelekin.2020.102440)."""

LOWPASS_CEILING = 0.45
"""Share of the sampling frequency above which a low-pass is left out: the device's own filter ends there."""

NOTCH_WIDTH_HZ = 4.0
"""-3 dB width of each notch: takes 50 Hz down by 26 dB when the grid is 0.1 Hz off, by 17 dB at 0.3 Hz. With hum as
strong as the rest the error of a step (10 dB) falls from 5.1 to 3.2 ms, anything from 3 to 5 Hz wide; without hum
notches cost 0.5 ms, hence only where :func:`emgorder.conditioning.detect_mains` finds it."""

ENVELOPE_CUTOFF_HZ = 6.0
"""Usual for linear envelopes of movements lasting a second (Winter 2009, 10.1002/9780470549148)."""

LOWEST_RATE_HZ = 100.0
"""Below it less than an octave and a half remains above the high-pass: no EMG to speak of."""


def design_bandpass(
    sampling_frequency: float,
    *,
    highpass_Hz: float = HIGHPASS_HZ,
    lowpass_Hz: float = LOWPASS_HZ,
    notch_Hz: float | None = None,
    order: int = 2,
) -> FloatArray:
    """Design the band-pass for EMG: Butterworth high-pass, low-pass, and notches if asked for.

    Parameters
    ----------
    sampling_frequency : float
        Hz.
    highpass_Hz : float
        -3 dB corner of the high-pass; 20 Hz at least, so that movement and drift do not look like muscle.
    lowpass_Hz : float
        -3 dB corner of the low-pass. Left out from 0.45 of the sampling frequency upwards, where the device's own
        filter ends the band.
    notch_Hz : float, optional
        Mains frequency: a notch 4 Hz wide there and at each of its harmonics within the pass band.
    order : int
        Of the high-pass and of the low-pass.

    Returns
    -------
    ndarray of float64, shape (n_sections, 6)
        Second-order sections for :class:`CausalFilter`.

    Raises
    ------
    SettingsError
        A corner makes no sense at this sampling frequency.

    Examples
    --------
    >>> design_bandpass(2000).shape, design_bandpass(200).shape
    ((2, 6), (1, 6))
    >>> design_bandpass(200, notch_Hz=50).shape  # 100 Hz is no longer in the band
    (2, 6)
    """
    sos: FloatArray = _bandpass_sections(sampling_frequency, highpass_Hz, lowpass_Hz, notch_Hz, order).copy()
    return sos


def has_lowpass(sampling_frequency: float, lowpass_Hz: float = LOWPASS_HZ) -> bool:
    """Return whether the band-pass has a low-pass at this rate; near the end of the band it is left out.

    Examples
    --------
    >>> has_lowpass(2000), has_lowpass(1000)
    (True, False)
    """
    return lowpass_Hz < LOWPASS_CEILING * sampling_frequency


@lru_cache(maxsize=32)
def _bandpass_sections(
    sampling_frequency: float, highpass_Hz: float, lowpass_Hz: float, notch_Hz: float | None, order: int
) -> FloatArray:
    """Check and design, once for each filter: with notches that takes as long as filtering a lift."""
    _check_rate(sampling_frequency)
    highest_Hz = LOWPASS_CEILING * sampling_frequency
    if not LOWEST_HIGHPASS_HZ <= highpass_Hz < highest_Hz:
        raise SettingsError(
            f"{highpass_Hz!r} Hz is not between {LOWEST_HIGHPASS_HZ:g} Hz (below it movement looks like muscle) and "
            f"{highest_Hz:g} Hz ({LOWPASS_CEILING:g} of the sampling frequency): take {LOWEST_HIGHPASS_HZ:g}",
            key="highpass_Hz",
        )
    if not lowpass_Hz > highpass_Hz:
        raise SettingsError(f"{lowpass_Hz!r} Hz is not above the high-pass of {highpass_Hz:g} Hz", key="lowpass_Hz")
    if order < 1:
        raise SettingsError(f"{order!r} is not a filter order: take 2", key="order")
    sections = [signal.butter(order, highpass_Hz, "highpass", fs=sampling_frequency, output="sos")]
    if has_lowpass(sampling_frequency, lowpass_Hz):
        sections.append(signal.butter(order, lowpass_Hz, "lowpass", fs=sampling_frequency, output="sos"))
    if notch_Hz is not None:
        if not highpass_Hz < notch_Hz < highest_Hz:
            raise SettingsError(
                f"{notch_Hz!r} Hz is not within the band, {highpass_Hz:g} to {highest_Hz:g} Hz: take 50 or 60",
                key="notch_Hz",
            )
        for harmonic_Hz in np.arange(notch_Hz, min(lowpass_Hz, highest_Hz) + 1e-9, notch_Hz):
            notch = signal.iirnotch(harmonic_Hz, harmonic_Hz / NOTCH_WIDTH_HZ, fs=sampling_frequency)
            sections.append(signal.tf2sos(*notch))
    return np.concatenate(sections)


def design_lowpass(sampling_frequency: float, *, cutoff_Hz: float, order: int = 2) -> FloatArray:
    """Design a Butterworth low-pass, for envelopes.

    Parameters
    ----------
    sampling_frequency : float
        Hz.
    cutoff_Hz : float
        -3 dB corner.
    order : int
        Of the filter.

    Returns
    -------
    ndarray of float64, shape (n_sections, 6)
        Second-order sections for :class:`CausalFilter`.

    Raises
    ------
    SettingsError
        The corner is not between 0 and half the sampling frequency.

    Examples
    --------
    >>> design_lowpass(1000, cutoff_Hz=6).shape
    (1, 6)
    """
    _check_rate(sampling_frequency)
    if not 0 < cutoff_Hz < sampling_frequency / 2:
        raise SettingsError(
            f"{cutoff_Hz!r} Hz is not between 0 and half the sampling frequency, {sampling_frequency / 2:g} Hz",
            key="cutoff_Hz",
        )
    sos: FloatArray = signal.butter(order, cutoff_Hz, "lowpass", fs=sampling_frequency, output="sos")
    return sos


def bandpass(
    data: FloatArray,
    sampling_frequency: float,
    *,
    highpass_Hz: float = HIGHPASS_HZ,
    lowpass_Hz: float = LOWPASS_HZ,
    notch_Hz: float | None = None,
) -> FloatArray:
    """Band-pass a whole signal, causally.

    Where a noise-free burst at 1 kHz first exceeds 5 % of its plateau: at most 1 ms late and never early. The same
    filters run zero-phase show it a median 7 ms early, with the notches 150 ms early.

    Parameters
    ----------
    data : ndarray of float64, shape (n_samples,) or (n_samples, n_channels)
        Any unit; NaN is a lost sample.
    sampling_frequency : float
        Hz.
    highpass_Hz, lowpass_Hz, notch_Hz : float
        See :func:`design_bandpass`.

    Returns
    -------
    ndarray of float64
        Shape and unit of `data`; NaN where `data` is.

    Raises
    ------
    SettingsError
        A corner makes no sense at this sampling frequency.

    Examples
    --------
    >>> import numpy as np
    >>> bandpass(np.array([5.0, 5.0, np.nan, 9.0]), 1000).round(9)
    array([ 0.,  0., nan,  0.])
    """
    sos = design_bandpass(sampling_frequency, highpass_Hz=highpass_Hz, lowpass_Hz=lowpass_Hz, notch_Hz=notch_Hz)
    return filter_all(sos, data)


def rectify(data: FloatArray) -> FloatArray:
    """Return the absolute value of each sample.

    Parameters
    ----------
    data : ndarray of float64, shape (n_samples,) or (n_samples, n_channels)
        Band-passed EMG; NaN is a lost sample.

    Returns
    -------
    ndarray of float64
        Shape and unit of `data`; NaN where `data` is.

    Examples
    --------
    >>> import numpy as np
    >>> rectify(np.array([-2.0, np.nan, 1.0]))
    array([ 2., nan,  1.])
    """
    return np.abs(np.asarray(data, dtype=np.float64))


def envelope(data: FloatArray, sampling_frequency: float, *, cutoff_Hz: float = ENVELOPE_CUTOFF_HZ) -> FloatArray:
    """Return the linear envelope: rectified, then a causal second-order Butterworth low-pass.

    A step rises through 5 % of its plateau 9 ms late at 6 Hz; with a zero-phase filter it would do so 46 ms early.

    Parameters
    ----------
    data : ndarray of float64, shape (n_samples,) or (n_samples, n_channels)
        Band-passed EMG; NaN is a lost sample. The filter starts anew after each gap.
    sampling_frequency : float
        Hz.
    cutoff_Hz : float
        -3 dB corner of the low-pass.

    Returns
    -------
    ndarray of float64
        Shape and unit of `data`; NaN where `data` is. May fall slightly below 0 after a strong burst.

    Raises
    ------
    SettingsError
        The corner is not between 0 and half the sampling frequency.

    Examples
    --------
    >>> import numpy as np
    >>> envelope(np.array([-3.0, 3.0, -3.0]), 1000)
    array([3., 3., 3.])
    """
    return filter_all(design_lowpass(sampling_frequency, cutoff_Hz=cutoff_Hz), rectify(data))


def _check_rate(sampling_frequency: float) -> None:
    if not (math.isfinite(sampling_frequency) and sampling_frequency >= LOWEST_RATE_HZ):
        raise SettingsError(
            f"{sampling_frequency!r} Hz is too slow for EMG: record at {LOWEST_RATE_HZ:g} Hz at least, better 1000 Hz",
            key="sampling_frequency",
        )
