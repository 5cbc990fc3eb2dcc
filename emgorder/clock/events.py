"""What both clocks see: a two-way ping."""

from __future__ import annotations

import itertools
import math

import numpy as np

from emgorder.clock.envelope import Line, coarse_slope, window_minima
from emgorder.clock.fit import ClockFit, clock_from_lines, window_length
from emgorder.clock.lattice import packet_period
from emgorder.errors import SettingsError
from emgorder.model import FloatArray, IntArray

__all__ = ["fit_pings"]

_SLOPES = 121
_LEAST_HALF_S = 0.1e-3


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
