"""Filters that are causal for onsets: what has not happened yet never shows.

Zero-phase filters (``filtfilt``) ring backwards and move a sharp onset early: a noise-free burst exceeds 5 % of its
plateau 7 ms before it begins, with mains notches 150 ms before. Everything here uses the past alone, keeps lost
samples lost, and gives the same numbers, bit for bit, however a signal is cut into blocks.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import signal

from emgorder.errors import RecordingError, SettingsError
from emgorder.model import BoolArray, FloatArray, IntArray

__all__ = ["CausalFilter", "bandpass", "design_bandpass", "design_lowpass"]

LOWEST_HIGHPASS_HZ = 20.0
"""Below it movement shows: a 10 SD bump moves onsets by -69 to -235 ms without, by +3 ms with it (De Luca 2010)."""

HIGHPASS_HZ = 20.0
LOWPASS_HZ = 450.0
"""Surface EMG has its power between the two (Merletti & Muceli 2019, 10.1016/j.jelekin.2019.102363)."""

LOWPASS_CEILING = 0.45
"""Share of the sampling frequency above which a low-pass is left out: the device's own filter ends there."""

NOTCH_WIDTH_HZ = 4.0
"""-3 dB width of each notch: takes 50 Hz down by 26 dB when the grid is 0.1 Hz off, by 17 dB at 0.3 Hz. With hum as
strong as the rest the error of a step (10 dB) falls from 5.1 to 3.2 ms, anything from 3 to 5 Hz wide; without hum
notches cost 0.5 ms, hence only where :func:`emgorder.conditioning.detect_mains` finds it."""

LOWEST_RATE_HZ = 100.0
"""Below it less than an octave and a half remains above the high-pass: no EMG to speak of."""

SHORT_WIDTHS = tuple(2**k for k in range(9))
"""Runs between gaps up to the last of these lengths are filtered many at a time, those of like length together."""


class CausalFilter:
    """A filter that remembers: blocks in, the same blocks filtered out.

    The result does not depend on how the signal is cut into blocks, to the last bit. Lost samples (NaN) stay lost.
    At the start and after each gap the filter begins in the steady state of the first sample that is there, so that
    an offset makes no step.

    Parameters
    ----------
    sos : ndarray of float64, shape (n_sections, 6)
        Second-order sections, for example from :func:`design_bandpass`.
    n_channels : int
        Columns of the blocks to come.

    Examples
    --------
    >>> import numpy as np
    >>> quiet = CausalFilter(design_bandpass(1000), n_channels=2)
    >>> bool(np.allclose(quiet.apply(np.full((3, 2), 0.7)), 0))  # an offset alone makes no transient
    True
    """

    def __init__(self, sos: FloatArray, n_channels: int) -> None:
        self._sos = np.array(sos, dtype=np.float64)
        self._steady = signal.sosfilt_zi(self._sos)
        self._state = np.zeros((*self._steady.shape, n_channels))
        self._running = np.zeros(n_channels, dtype=bool)

    def apply(self, block: FloatArray) -> FloatArray:
        """Filter the next block.

        Parameters
        ----------
        block : ndarray of float64, shape (n_samples, n_channels)
            Samples that follow those of the call before. NaN is a lost sample.

        Returns
        -------
        ndarray of float64, shape (n_samples, n_channels)
            Filtered; NaN where `block` is not finite.

        Raises
        ------
        RecordingError
            The block has another shape.
        """
        block = np.asarray(block, dtype=np.float64)
        if block.ndim != 2 or block.shape[1] != self._running.size:
            raise RecordingError(
                f"block of shape {block.shape} does not fit a filter of {self._running.size} channels: "
                "give an array of shape (n_samples, n_channels)"
            )
        filtered: FloatArray = np.full_like(block, np.nan)
        if not len(block):
            return filtered
        present = np.isfinite(block)
        whole = present.all(axis=0)
        if whole.any():
            fresh = whole & ~self._running
            self._state[:, :, fresh] = self._steady[:, :, np.newaxis] * block[0, fresh]
            filtered[:, whole], self._state[:, :, whole] = signal.sosfilt(
                self._sos, block[:, whole], axis=0, zi=self._state[:, :, whole]
            )
            self._running[whole] = True
        for column in np.flatnonzero(~whole).tolist():
            filtered[:, column] = self._apply_between_gaps(column, block[:, column], present[:, column])
        return filtered

    def _apply_between_gaps(self, column: int, samples: FloatArray, present: BoolArray) -> FloatArray:
        starts, stops = _runs(present)
        states = self._steady[:, np.newaxis, :] * samples[starts][np.newaxis, :, np.newaxis]
        if self._running[column] and present[0]:
            states[:, 0] = self._state[:, :, column]
        filtered = np.full_like(samples, np.nan)
        short = stops - starts <= SHORT_WIDTHS[-1]
        self._running[column] = present[-1]
        if present[-1]:
            short[-1] = False  # its last state is needed
        for run in np.flatnonzero(~short):
            stretch = slice(starts[run], stops[run])
            filtered[stretch], self._state[:, :, column] = signal.sosfilt(
                self._sos, samples[stretch], zi=states[:, run]
            )
        lengths = stops - starts
        for width in SHORT_WIDTHS:
            alike = np.flatnonzero(short & (lengths <= width) & (2 * lengths > width))
            # Rows of unequal length side by side: what a row holds beyond its run only changes what comes later.
            within = np.arange(width) < lengths[alike, np.newaxis]
            at = (starts[alike, np.newaxis] + np.arange(width))[within]
            rows = np.zeros(within.shape)
            rows[within] = samples[at]
            filtered[at] = signal.sosfilt(self._sos, rows, axis=1, zi=states[:, alike])[0][within]
        return filtered


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
    if lowpass_Hz < highest_Hz:
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


def filter_all(sos: FloatArray, data: FloatArray) -> FloatArray:
    """Apply `sos` to a whole signal of shape (n_samples,) or (n_samples, n_channels), causally."""
    data = np.asarray(data, dtype=np.float64)
    columns = data[:, np.newaxis] if data.ndim == 1 else data
    filtered: FloatArray = CausalFilter(sos, columns.shape[1]).apply(columns).reshape(data.shape)
    return filtered


def _runs(present: BoolArray) -> tuple[IntArray, IntArray]:
    """Return the first sample of each run of True, and the sample after its last."""
    edges = np.diff(present, prepend=False, append=False)
    at = np.flatnonzero(edges)
    return at[::2], at[1::2]


def _check_rate(sampling_frequency: float) -> None:
    if not (math.isfinite(sampling_frequency) and sampling_frequency >= LOWEST_RATE_HZ):
        raise SettingsError(
            f"{sampling_frequency!r} Hz is too slow for EMG: record at {LOWEST_RATE_HZ:g} Hz at least, better 1000 Hz",
            key="sampling_frequency",
        )
