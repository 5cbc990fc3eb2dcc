"""Samples of several clocks onto one time base, by band-limited interpolation. A gap stays a gap."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from emgorder.clock.fit import ClockFit
from emgorder.errors import SettingsError
from emgorder.model import BoolArray, FloatArray, IntArray

__all__ = ["Aligned", "Stream", "interpolate", "resample_streams"]

_HALF = 16  # taps on each side at full band
_BETA = 8.0  # Kaiser window: side lobes below -80 dB
_PHASES = 512
_BLOCK = 1 << 15  # outputs at once: some 10 MB
_ON_A_SAMPLE = 1e-6


@dataclass(frozen=True, eq=False, slots=True)
class Stream:
    """Samples of one sensor with its clock.

    Attributes
    ----------
    index : ndarray of int, shape (n_samples,)
        Number of each sample, increasing; lost ones are absent.
    values : ndarray, shape (n_samples, n_channels)
        In any unit.
    fit : ClockFit
        From numbers of samples to host time.
    offset_s : float
        Subtracted from its times: what a tap test told, or a known delay.
    """

    index: IntArray
    values: FloatArray
    fit: ClockFit
    offset_s: float = 0.0


@dataclass(frozen=True, eq=False, slots=True)
class Aligned:
    """Channels of all streams side by side.

    Attributes
    ----------
    data : ndarray, shape (n_samples, n_channels)
        In the streams' units; NaN where a sample or its neighbours were lost.
    sampling_frequency : float
        Hz.
    start_s : float
        Host time of the first row; row `i` was taken at ``start_s + i / sampling_frequency``.
    """

    data: FloatArray
    sampling_frequency: float
    start_s: float


def resample_streams(
    streams: Sequence[Stream],
    sampling_frequency: float | None = None,
    *,
    start_s: float | None = None,
    stop_s: float | None = None,
) -> Aligned:
    """Bring several streams onto one time base.

    Every output is a windowed sinc of the samples around its place, which moves against the sensor's own grid as the
    clocks drift. An output whose neighbours were not both received is NaN: gaps are never bridged, and at their edges
    the signal is continued by point reflection within what was received. Where the output is slower than a sensor, the
    kernel is widened so that nothing aliases.

    Parameters
    ----------
    streams : sequence of Stream
        At least one.
    sampling_frequency : float, optional
        Of the output, Hz; the fastest nominal rate when not given.
    start_s, stop_s : float, optional
        Host times of the first row and of the end; everything that any stream holds when not given.

    Returns
    -------
    Aligned
        Data of shape (n, sum of channels), in the streams' units.

    Raises
    ------
    SettingsError
        No stream, one without samples or with indices that do not increase, or times and a rate that make no sense.

    Examples
    --------
    >>> from emgorder.clock import fit_clock
    >>> index = np.arange(2000)
    >>> fit = fit_clock(index[9::10], index[9::10] / 1000.02, nominal_Hz=1000.0, interval_s=0.0)
    >>> wave = np.sin(2 * np.pi * 100 * fit.time_s(index))[:, None]
    >>> out = resample_streams([Stream(index, wave, fit)], start_s=0.5, stop_s=1.5)
    >>> bool(np.abs(out.data[:, 0] - np.sin(2 * np.pi * 100 * (0.5 + np.arange(1000) / 1000))).max() < 1e-3)
    True
    """
    if not streams:
        raise SettingsError("there are none: give at least one", key="streams")
    for number, stream in enumerate(streams, 1):
        if stream.values.ndim != 2 or stream.values.shape[0] != stream.index.size or stream.index.size == 0:
            raise SettingsError(
                f"stream {number} has {stream.index.size} indices and values of shape {stream.values.shape}: "
                "give one row for each index, and at least one",
                key="streams",
            )
        if np.any(np.diff(stream.index) <= 0):
            raise SettingsError(
                f"stream {number}: indices do not increase; drop duplicates and sort them", key="streams"
            )
    rate = max(s.fit.nominal_Hz for s in streams) if sampling_frequency is None else sampling_frequency
    if not (math.isfinite(rate) and rate > 0):
        raise SettingsError(f"{rate!r} Hz: give a positive number", key="sampling_frequency")
    first = min(float(s.fit.time_s(s.index[0])) - s.offset_s for s in streams) if start_s is None else start_s
    last = max(float(s.fit.time_s(s.index[-1])) - s.offset_s for s in streams) if stop_s is None else None
    n = math.floor((last - first) * rate + 1e-6) + 1 if last is not None else round((float(stop_s or 0) - first) * rate)
    times = first + np.arange(max(n, 0)) / rate
    columns = []
    for stream in streams:
        dense = np.full((int(stream.index[-1] - stream.index[0]) + 1, stream.values.shape[1]), np.nan)
        dense[stream.index - stream.index[0]] = stream.values
        place = stream.fit.index(times + stream.offset_s) - float(stream.index[0])
        band = min(1.0, rate / stream.fit.nominal_Hz)
        columns += [interpolate(column, place, band=band) for column in dense.T]
    return Aligned(np.column_stack(columns), rate, first)


def interpolate(signal: FloatArray, place: FloatArray, *, band: float = 1.0) -> FloatArray:
    """Return a signal at fractional, increasing places, band-limited; NaN where a neighbour of the place is NaN.

    Parameters
    ----------
    signal : ndarray, shape (n_samples,)
        NaN where samples were lost.
    place : ndarray, shape (n_places,)
        In samples; NaN is returned outside the signal.
    band : float
        Share of the signal's own band that is kept, at most 1.

    Examples
    --------
    >>> interpolate(np.array([1.0, 1.0, np.nan, 1.0]), np.array([0.5, 1.0, 1.5, 3.0])).round(6)
    array([ 1.,  1., nan,  1.])
    """
    out = np.full(place.shape, np.nan)
    half = math.ceil(_HALF / band)
    for start, stop in _runs(np.isfinite(signal)):
        low, high = np.searchsorted(place, (start - _ON_A_SAMPLE, stop - 1 + _ON_A_SAMPLE))
        if high <= low:
            continue
        padded = _continued(signal[start:stop], half)
        for at in range(int(low), int(high), _BLOCK):
            to = min(at + _BLOCK, int(high))
            out[at:to] = _sinc(padded, np.clip(place[at:to] - start, 0, stop - start - 1) + half, half, band)
    return out


def _sinc(padded: FloatArray, place: FloatArray, half: int, band: float) -> FloatArray:
    whole = np.floor(place).astype(np.intp)
    table = _kernels(half, band)
    phase = (place - whole) * _PHASES
    step = np.minimum(phase.astype(np.intp), _PHASES - 1)
    part = (phase - step)[:, None]
    kernel = table[step] * (1 - part) + table[step + 1] * part
    taps = np.arange(1 - half, half + 1)
    rows = np.minimum(whole[:, None] + taps, padded.size - 1)
    return np.asarray(np.einsum("ij,ij->i", padded[rows], kernel))


@lru_cache(maxsize=8)
def _kernels(half: int, band: float) -> FloatArray:
    """Return the kernel at fractions of a sample, shape (_PHASES + 1, 2 half): between two, a line is exact to 2e-6."""
    distance = np.arange(_PHASES + 1)[:, None] / _PHASES - np.arange(1 - half, half + 1)
    kernel = np.sinc(band * distance) * np.i0(_BETA * np.sqrt(np.maximum(1 - np.square(distance / half), 0)))
    return np.asarray(kernel / kernel.sum(axis=1, keepdims=True))


def _continued(run: FloatArray, half: int) -> FloatArray:
    """Return a run with `half` samples more on each side, reflected in its end points (held where it is short)."""
    n = min(half, run.size - 1)
    before = 2 * run[0] - run[n:0:-1]
    after = 2 * run[-1] - run[-2 : -2 - n : -1]
    return np.pad(np.concatenate((before, run, after)), half - n, mode="edge")


def _runs(finite: BoolArray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], finite, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
