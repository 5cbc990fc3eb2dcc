"""What both clocks see: a tap, an electrical artefact, a two-way ping."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from emgorder.clock.align import event_sd
from emgorder.clock.envelope import Line, coarse_slope, window_minima
from emgorder.clock.fit import ClockFit, clock_from_lines, window_length
from emgorder.clock.lattice import packet_period
from emgorder.errors import SettingsError, SignalQualityError
from emgorder.model import FloatArray, IntArray

__all__ = ["EventOffset", "fit_pings", "lag", "tap_offset"]

_UP = 16  # finer than the sampling by this, then a parabola
_STANDS_OUT = 8.0  # a tap is this many times the usual size
_SLOPES = 121
_LEAST_HALF_S = 0.1e-3


@dataclass(frozen=True, slots=True)
class EventOffset:
    """Offset that shared events tell: time in the first channel minus time in the second.

    ``offset_s`` with its standard uncertainty ``sd_s``; the host times of the events found; and how alike the
    artefacts were (smallest absolute correlation).
    """

    offset_s: float
    sd_s: float
    times_s: tuple[float, ...]
    correlation: float


def lag(a: FloatArray, b: FloatArray, sampling_frequency: float, *, most_s: float = 0.1) -> tuple[float, float]:
    """Return how much later `a` is than `b`, s, and the correlation there (negative: opposite polarity).

    The peak of the absolute cross-correlation, interpolated to a sixteenth of a sample and by a parabola.

    Parameters
    ----------
    a, b : ndarray, shape (n_samples,)
        The same moment in two channels, no NaN.
    sampling_frequency : float
        Hz.
    most_s : float
        Longest lag looked for.

    Examples
    --------
    >>> t = np.arange(300) / 1000
    >>> pulse = lambda at: -(t - at) * np.exp(-np.square((t - at) / 4e-3) / 2)
    >>> round(lag(pulse(0.1532), -pulse(0.15), 1000.0)[0], 5)
    0.0032
    """
    a, b = a - a.mean(), b - b.mean()
    scale = math.sqrt(float(np.dot(a, a) * np.dot(b, b)))
    if scale == 0:
        return 0.0, 0.0
    n = 2 * a.size
    spectrum = np.fft.rfft(a, n) * np.conj(np.fft.rfft(b, n))
    spectrum[-1] /= 2  # the Nyquist bin of the short transform is two bins of the long one
    r = np.fft.irfft(spectrum, n * _UP) * _UP / scale
    most = min(round(most_s * sampling_frequency * _UP), n * _UP // 2 - 2)
    r = np.concatenate((r[-most - 1 :], r[: most + 2]))
    k = 1 + int(np.argmax(np.abs(r[1:-1])))
    left, top, right = np.abs(r[k - 1 : k + 2])
    bend = left - 2 * top + right
    part = float(np.clip((left - right) / (2 * bend), -0.5, 0.5)) if bend < 0 else 0.0
    return (k - most - 1 + part) / (sampling_frequency * _UP), float(r[k])


def tap_offset(
    a: FloatArray,
    b: FloatArray,
    sampling_frequency: float,
    around_s: Sequence[float],
    *,
    kind: Literal["tap", "electrical"] = "tap",
    start_s: float = 0.0,
    search_s: float = 0.75,
    half_s: float = 0.15,
) -> EventOffset:
    """Measure the offset of two clocks by artefacts that both channels saw.

    Parameters
    ----------
    a, b : ndarray, shape (n_samples,)
        Two channels on one time base (:func:`emgorder.clock.resample_streams`).
    sampling_frequency : float
        Hz.
    around_s : sequence of float
        When the taps were, roughly.
    kind : {"tap", "electrical"}
        A finger on both sensors, or an artefact that reaches both electrodes at once.
    start_s : float
        Time of the first sample.
    search_s : float
        How far from `around_s` the artefact is looked for.
    half_s : float
        How much around it is compared.

    Returns
    -------
    EventOffset
        The median offset. Its uncertainty is 2 ms for one mechanical tap, 1.05 ms for five, 0.2 ms for an electrical
        artefact, and never less than the scatter of three and more events says.

    Raises
    ------
    SignalQualityError
        An artefact does not stand out in both channels, or samples are missing in it.

    Examples
    --------
    >>> t = np.arange(2000) / 1000
    >>> pulse = lambda at: -(t - at) * np.exp(-np.square((t - at) / 4e-3) / 2) + 1e-5 * np.sin(600 * t)
    >>> tap = tap_offset(pulse(1.005), pulse(1.0), 1000.0, [0.9])
    >>> round(tap.offset_s, 3), round(tap.sd_s, 3)
    (0.005, 0.002)
    """
    if not around_s:
        raise SettingsError("no taps: give the time of at least one", key="around_s")
    found, lags, alike = [], [], []
    for about in around_s:
        low = max(0, round((about - start_s - search_s) * sampling_frequency))
        high = min(a.size, round((about - start_s + search_s) * sampling_frequency) + 1)
        centre = low + _peak((a[low:high], b[low:high]), about)
        half = round(half_s * sampling_frequency)
        piece = slice(max(0, centre - half), centre + half + 1)
        x, y = a[piece], b[piece]
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            raise SignalQualityError(
                f"samples are missing in the tap at {start_s + centre / sampling_frequency:.2f} s: tap again",
                reason="gap",
            )
        offset, r = lag(x, y, sampling_frequency, most_s=2 * half_s / 3)
        found.append(start_s + centre / sampling_frequency)
        lags.append(offset)
        alike.append(abs(r))
    sd = event_sd(kind, n_taps=len(lags))
    if len(lags) >= 3:
        sd = max(sd, float(np.std(lags, ddof=1)) / math.sqrt(len(lags)))
    return EventOffset(float(np.median(lags)), sd, tuple(found), min(alike))


def _peak(channels: tuple[FloatArray, FloatArray], about_s: float) -> int:
    """Return where the artefact is: the largest of both channels together, each in its own usual size."""
    total = np.zeros(channels[0].size)
    for number, x in enumerate(channels, 1):
        size = np.abs(x - np.nanmedian(x)) if np.isfinite(x).any() else np.full(x.size, np.nan)
        usual = float(np.nanmedian(size)) if np.isfinite(size).any() else math.nan
        largest = float(np.nanmax(size)) if np.isfinite(size).any() else math.nan
        if not largest > _STANDS_OUT * usual:
            raise SignalQualityError(
                f"no tap stands out in channel {number} near {about_s:.2f} s: tap both together, muscles at rest",
                reason="no tap",
            )
        total += np.nan_to_num(size / largest)
    return int(np.argmax(total))


def fit_pings(
    sent_index: FloatArray,
    sent_s: FloatArray,
    arrived_index: FloatArray | IntArray,
    arrived_s: FloatArray,
    *,
    nominal_Hz: float,
    tolerance_ppm: float = 120.0,
    segment_s: float = 300.0,
) -> ClockFit:
    """Fit a clock between two bounds: nothing is received before it was sent, either way.

    The host's pings, stamped by the sensor when received, bound the sensor's clock from one side; whatever the sensor
    sends (packets of data, replies), stamped by the host on arrival, bounds it from the other. All lines between the
    bounds are possible; their mean is taken, and half the width of the bracket is kept. This holds whatever the
    latencies of the two ways are.

    Parameters
    ----------
    sent_index, sent_s : ndarray, shape (n_pings,)
        Sensor's sample index (a fraction; device clock times rate) at which a ping was received, and host time at
        which it was sent.
    arrived_index, arrived_s : ndarray, shape (n_packets,)
        Sample index at which a packet was ready (its last sample), and its arrival on the host.
    nominal_Hz, tolerance_ppm, segment_s
        As in :func:`emgorder.clock.fit_clock`.

    Raises
    ------
    SettingsError
        No pings or no arrivals.

    Examples
    --------
    >>> index = np.arange(10, 30000, 10)
    >>> fit = fit_pings(index + 1.0, index / 500, index, index / 500 + 0.004, nominal_Hz=500.0)
    >>> round(fit.half_width_s * 1e3, 2), round(float(fit.time_s(15000)), 4)
    (3.0, 30.001)
    """
    if sent_s.size == 0 or arrived_s.size == 0:
        raise SettingsError("a bracket needs pings and arrivals: send pings first", key="sent_s")
    order = np.argsort(arrived_index, kind="stable")
    x_up, up = arrived_index[order] / nominal_Hz, arrived_s[order] - arrived_index[order] / nominal_Hz
    order = np.argsort(sent_index, kind="stable")
    x_low, low = sent_index[order] / nominal_Hz, sent_s[order] - sent_index[order] / nominal_Hz
    ends = float(min(x_up[0], x_low[0])), float(max(x_up[-1], x_low[-1]))
    limit = tolerance_ppm * 1e-6
    window = window_length(ends[1] - ends[0])
    slope = coarse_slope(x_up, up, window, limit=limit)
    fast = window_minima(x_up, up, window, slope=slope)
    x_up, up = x_up[fast], up[fast]
    fast = window_minima(x_low, -low, window, slope=-slope)
    x_low, low = x_low[fast], low[fast]
    edges = np.linspace(*ends, max(1, math.ceil((ends[1] - ends[0]) / segment_s)) + 1)
    lines, halves = [], []
    for start, stop in itertools.pairwise(edges.tolist()):
        a = (x_up >= start) & (x_up <= stop)
        b = (x_low >= start) & (x_low <= stop)
        # A piece without one of the two keeps the bounds of the whole.
        a, b = (a, b) if a.any() and b.any() else (np.ones_like(a), np.ones_like(b))
        slopes = np.linspace(max(-limit, slope - 2e-4), min(limit, slope + 2e-4), _SLOPES)
        line, half = _between(x_up[a], up[a], x_low[b], low[b], (start + stop) / 2, (stop - start) / 2, slopes)
        lines.append(line)
        halves.append(half)
    return clock_from_lines(
        tuple(lines),
        edges,
        nominal_Hz=nominal_Hz,
        packet_period_s=packet_period(np.sort(arrived_index).astype(np.intp), nominal_Hz),
        interval_s=math.nan,
        wait_s=0.0,
        residual_sd_s=math.nan,
        n_packets=int(arrived_s.size),
        half_width_s=max(halves),
    )


def _between(
    x_up: FloatArray,
    up: FloatArray,
    x_low: FloatArray,
    low: FloatArray,
    centre: float,
    reach: float,
    slopes: FloatArray,
) -> tuple[Line, float]:
    """Return the mean of the lines between two bounds, and half the bracket's width (mean over the piece)."""
    ceiling = (up - slopes[:, None] * (x_up - centre)).min(axis=1)
    floor = (low - slopes[:, None] * (x_low - centre)).max(axis=1)
    width = ceiling - floor
    # A crystal that wanders may leave no straight line: then the least violation decides.
    weight = np.maximum(width, 0.0) if width.max() > 0 else (width == width.max()).astype(np.float64)
    possible = weight > 0
    weight = weight / weight.sum()
    middle = (ceiling + floor) / 2
    offset, slope = float(weight @ middle), float(weight @ slopes)
    var_offset = float(weight @ (np.square(middle - offset) + np.square(width) / 12))
    var_slope = float(weight @ np.square(slopes - slope))
    covariance = float(weight @ ((middle - offset) * (slopes - slope)))
    halves = []
    for x in (-0.7 * reach, 0.0, 0.7 * reach):
        top = float((ceiling + slopes * x)[possible].max())
        bottom = float((floor + slopes * x)[possible].min())
        halves.append(max((top - bottom) / 2, _LEAST_HALF_S))
    return Line(centre, offset, slope, var_offset, var_slope, covariance), float(np.mean(halves))
