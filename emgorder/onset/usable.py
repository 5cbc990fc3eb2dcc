"""What of a signal an onset can be read from: checked, pads hidden, conditioned, gaps closed up, at about 1 kHz."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from emgorder.conditioning import bandpass
from emgorder.errors import RecordingError, SettingsError
from emgorder.model import FloatArray, IntArray
from emgorder.model.parts import absurd

__all__ = ["Usable", "check_baseline", "check_signal", "condition", "hide_pads", "usable_part", "why_unusable"]

LOWEST_RATE_HZ = 100.0
"""Below it nothing of surface EMG (20 to 450 Hz) is left to see."""

WORKING_RATE_HZ = 900.0
"""Signals are thinned to this rate or somewhat above, as the published detectors were designed for: the band ends at
450 Hz."""

PAD_S = 0.050
"""A constant value for this long at either end is a pad or a sensor that was off, not a muscle at rest."""

SAME = 1e-9
"""Values this share of the whole range apart are the same: what a filter leaves of a pad is not exactly constant."""


@dataclass(frozen=True, eq=False, slots=True)
class Usable:
    """The samples that are there, one after another, and where they come from.

    Attributes
    ----------
    values : ndarray of float64, shape (n_samples,)
        Conditioned, finite.
    index : ndarray of int, shape (n_samples,)
        Sample of the signal that each value was.
    sampling_frequency : float
        Of `values` between gaps, Hz.
    borders : ndarray of int
        Each first value after a gap.
    time_s : ndarray of float64, shape (n_samples,)
        Of each value, from the first sample of the signal.
    """

    values: FloatArray
    index: IntArray
    sampling_frequency: float
    borders: IntArray
    time_s: FloatArray


def check_signal(signal: npt.ArrayLike, sampling_frequency: float) -> FloatArray:
    """Return `signal` as one-dimensional float64, NaN where it is not finite or beyond any sensor.

    Raises
    ------
    RecordingError
        Not one-dimensional, or not numbers.
    SettingsError
        The sampling frequency is no number of at least 100 Hz.

    Examples
    --------
    >>> check_signal([1, 2], 1000)
    array([1., 2.])
    """
    given = np.ma.filled(signal.astype(float), np.nan) if np.ma.isMaskedArray(signal) else np.asarray(signal)
    if given.ndim != 1:
        raise RecordingError(f"signal of shape {given.shape} is not one channel: give an array of shape (n_samples,)")
    if given.dtype.kind not in "biuf":
        raise RecordingError(f"signal of type {given.dtype} is not numbers: give an array of float64")
    try:
        is_rate = math.isfinite(sampling_frequency)
    except TypeError as error:
        raise SettingsError(
            f"{sampling_frequency!r} is no number: give the samples per second, such as 1000.0",
            key="sampling_frequency",
        ) from error
    if not (is_rate and sampling_frequency >= LOWEST_RATE_HZ):
        raise SettingsError(
            f"{sampling_frequency!r} Hz is too slow for EMG: record at {LOWEST_RATE_HZ:g} Hz at least, better 1000 Hz",
            key="sampling_frequency",
        )
    samples = given.astype(np.float64)
    samples[absurd(samples)] = np.nan
    return samples


def hide_pads(samples: FloatArray, sampling_frequency: float) -> FloatArray:
    """Return `samples` with NaN where they hold one value for 50 ms or longer at either end.

    Examples
    --------
    >>> import numpy as np
    >>> int(np.isnan(hide_pads(np.append(np.zeros(80), [1.0, 2.0]), 1000)).sum())
    80
    """
    present = np.flatnonzero(np.isfinite(samples))
    values = samples[present]
    shown: FloatArray = samples.copy()
    if not values.size:
        return shown
    still = SAME * float(np.ptp(values))
    unlike_first = np.flatnonzero(np.abs(values - values[0]) > still)
    unlike_last = np.flatnonzero(np.abs(values - values[-1]) > still)
    lead = int(unlike_first[0]) if unlike_first.size else values.size
    trail = values.size - 1 - int(unlike_last[-1]) if unlike_last.size else 0
    for length, pad in ((lead, present[:lead]), (trail, present[values.size - trail :])):
        if length >= PAD_S * sampling_frequency:
            shown[pad] = np.nan
    return shown


def condition(samples: FloatArray, sampling_frequency: float, *, conditioned: bool) -> FloatArray:
    """Return `samples` band-passed causally, or as they are where that was done before."""
    return samples if conditioned else bandpass(samples, sampling_frequency)


def usable_part(samples: FloatArray, sampling_frequency: float) -> Usable:
    """Return the samples that are there, thinned to about 1 kHz.

    Parameters
    ----------
    samples : ndarray of float64, shape (n_samples,)
        Conditioned EMG; NaN is a lost sample.
    sampling_frequency : float
        Hz.

    Examples
    --------
    >>> import numpy as np
    >>> usable_part(np.array([1.0, 2.0, np.nan, 4.0, 5.0]), 1000).borders
    array([2])
    """
    step = max(1, int(sampling_frequency / WORKING_RATE_HZ))
    blocks = samples[: samples.size // step * step].reshape(-1, step)
    whole = np.flatnonzero(np.isfinite(blocks).all(axis=1))
    index = whole * step
    borders = np.flatnonzero(np.diff(whole) > 1) + 1
    return Usable(blocks[whole, 0], index, sampling_frequency / step, borders, index / sampling_frequency)


def why_unusable(samples: FloatArray) -> str:
    """Return why no onset can be in `samples`, empty where one can."""
    values = samples[np.isfinite(samples)]
    if not samples.size:
        return "the signal is empty"
    if not values.size:
        return "all samples were lost"
    if np.ptp(values) == 0.0:
        return "the signal is constant: is the sensor on and connected?"
    return ""


def check_baseline(baseline: tuple[float, float], duration_s: float) -> None:
    """Refuse a rest that is not a stretch of the signal."""
    try:
        start_s, stop_s = (float(time_s) for time_s in baseline)
    except (TypeError, ValueError) as error:
        raise SettingsError(f"{baseline!r} is no stretch: give its start and stop, s", key="baseline") from error
    if not 0.0 <= start_s < stop_s <= duration_s:
        raise SettingsError(
            f"{baseline!r} s is not within the signal of {duration_s:g} s: give its start and stop", key="baseline"
        )
