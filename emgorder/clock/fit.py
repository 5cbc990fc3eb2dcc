"""From sample counters to host time: one link's clock, with its rate and what remains uncertain."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace

import numpy as np

from emgorder.clock.envelope import Line, coarse_slope, fit_line, window_minima
from emgorder.clock.lattice import connection_interval, hidden_wait, packet_period
from emgorder.errors import SettingsError
from emgorder.model import FloatArray, IntArray

__all__ = ["ClockFit", "clock_from_lines", "fit_clock", "fit_fastest", "window_length"]

LEAST_SD_S = 0.05e-3  # hand-over in the device and host jitter that the fastest packets have in common
WANDER = 1.5e-6  # a crystal's rate changes by this much within minutes (temperature)
CRYSTAL = 500e-6  # tolerances up to this are those of crystals
_LEAST_NOISE_S = 0.1e-3


@dataclass(frozen=True, eq=False, slots=True)
class ClockFit:
    """Map from a sensor's sample index to the host's clock.

    The time of a sample is when it would arrive over an empty link: it contains the least latency of that link, which
    no one-way fit can see. Between two links only the difference of these latencies matters
    (:func:`emgorder.clock.sync_uncertainty`).

    Attributes
    ----------
    nominal_Hz : float
        What the sensor says of its rate.
    knots_index, knots_time_s : ndarray, shape (n_knots,)
        The map: straight between the knots, and on beyond the outer ones.
    lines : tuple of Line
        What was fitted to each piece, with covariances; piece `i` lies between knots `i` and `i` + 1.
    packet_period_s, interval_s : float
        Usual time between packets; connection interval estimated from the arrivals or given, NaN when unknown.
    wait_s : float
        Longest wait for the radio that the fastest packets hide.
    residual_sd_s : float
        Scatter of the fastest packets about the map.
    n_packets : int
        How many arrivals were used.
    half_width_s : float
        Half the width of the bracket of a two-way ping; NaN without pings.
    """

    nominal_Hz: float
    knots_index: FloatArray
    knots_time_s: FloatArray
    lines: tuple[Line, ...]
    packet_period_s: float
    interval_s: float
    wait_s: float
    residual_sd_s: float
    n_packets: int
    half_width_s: float = math.nan

    def time_s(self, index: FloatArray | IntArray | float) -> FloatArray:
        """Return host time of sample indices (fractions are allowed), s, same shape."""
        return _straight(np.asarray(index, dtype=np.float64), self.knots_index, self.knots_time_s)

    def index(self, time_s: FloatArray | float) -> FloatArray:
        """Return the fractional sample index at host times, same shape."""
        return _straight(np.asarray(time_s, dtype=np.float64), self.knots_time_s, self.knots_index)

    @property
    def rate_Hz(self) -> float:
        """Estimated samples per second of the host's clock, over everything that was fitted."""
        return float(np.ptp(self.knots_index) / np.ptp(self.knots_time_s))

    @property
    def rate_ppm(self) -> float:
        """How much faster than nominal the sensor runs, parts per million."""
        return (self.rate_Hz / self.nominal_Hz - 1) * 1e6

    @property
    def rate_sd_ppm(self) -> float:
        """Standard uncertainty of the rate within a piece, parts per million (the largest of the pieces)."""
        return max(math.sqrt(line.var_slope + WANDER**2) for line in self.lines) * 1e6

    @property
    def sd_s(self) -> float:
        """Standard uncertainty of the map without the latency that no one-way fit sees, s (the largest of the pieces).

        In the middle of a piece; :meth:`sd_at` tells it elsewhere.
        """
        return max(math.sqrt(line.var_offset + LEAST_SD_S**2) for line in self.lines)

    @property
    def start_s(self) -> float:
        """Host time of the first knot."""
        return float(self.knots_time_s[0])

    @property
    def stop_s(self) -> float:
        """Host time of the last knot."""
        return float(self.knots_time_s[-1])

    def sd_at(self, time_s: float) -> float:
        """Return the standard uncertainty of the map at a host time, without the latency that cannot be seen, s."""
        x = float(self.index(time_s)) / self.nominal_Hz
        return math.sqrt(self._line(time_s).variance(x) + LEAST_SD_S**2)

    def change_sd(self, time_s: float, since_s: float) -> float:
        """Return the standard uncertainty of how much the map's error changed between two host times, s."""
        slope = max(self._line(t).var_slope for t in (time_s, since_s)) + WANDER**2
        apart = math.hypot(self.sd_at(time_s), self.sd_at(since_s))
        return min(math.hypot(math.sqrt(slope) * (time_s - since_s), LEAST_SD_S), apart)

    def shifted(self, by_s: float) -> ClockFit:
        """Return the same map with all times later by `by_s`."""
        return replace(self, knots_time_s=self.knots_time_s + by_s)

    def _line(self, time_s: float) -> Line:
        return self.lines[int(np.searchsorted(self.knots_time_s[1:-1], time_s, side="right"))]


def fit_clock(
    index: IntArray,
    t_host_s: FloatArray,
    *,
    nominal_Hz: float,
    tolerance_ppm: float = 120.0,
    segment_s: float = 300.0,
    interval_s: float | None = None,
) -> ClockFit:
    """Fit host time against sample index through the fastest packets.

    Arrival times carry waits for the radio, repeats and host jitter, all of them late: so only the fastest packet of
    each window counts, and a line is laid under these with a slope that the sensor's tolerance allows, piece by piece.
    The mean of a short record is no help against a wait that all packets share; the covariance of the fit says what is
    left (Zhang, Liu and Xia 2002, doi:10.1109/INFCOM.2002.1019346, fit the lower hull; here the slope is bounded and
    the hidden wait is averaged over).

    Parameters
    ----------
    index : ndarray of int, shape (n_packets,)
        Index of the **last** sample of each packet, counted over everything the sensor has taken: a packet leaves when
        its last sample is in. Lost packets are simply absent.
    t_host_s : ndarray, shape (n_packets,)
        Arrival on the host's monotonic clock, s.
    nominal_Hz : float
        Rate that the sensor claims.
    tolerance_ppm : float
        How far from it the true rate may be.
    segment_s : float
        Longest piece, s.
    interval_s : float, optional
        Connection interval where it is known; 0 for a link without one. Estimated from the arrivals otherwise.

    Raises
    ------
    SettingsError
        No packets, shapes that differ, times that are not finite, or a rate or tolerance that is not positive.

    Examples
    --------
    >>> last = np.arange(10, 30000, 10)
    >>> fit = fit_clock(last, 5.0 + last / 500.02, nominal_Hz=500.0, interval_s=0.0)
    >>> round(fit.rate_Hz, 3), round(float(fit.time_s(15000)), 4)
    (500.02, 34.9988)
    """
    index, t_host_s = _checked(index, t_host_s, nominal_Hz, tolerance_ppm, segment_s)
    x = index / nominal_Hz
    delay = t_host_s - x
    window = window_length(float(np.ptp(x)))
    limit = tolerance_ppm * 1e-6
    interval = connection_interval(t_host_s) if interval_s is None else interval_s
    slope = coarse_slope(x, delay, window, limit=limit)
    wait = hidden_wait(index, rate_for_phases(nominal_Hz, slope, limit), interval, window_s=window)
    fast = window_minima(x, delay, window, slope=slope)
    # A single packet tells no wait; the longest usual interval is a cautious one.
    wait = wait if math.isfinite(wait) else 0.05
    lines, edges, noise = fit_fastest(
        x[fast], delay[fast], wait_s=wait, limit=limit, segment_s=segment_s, ends=(x[0], x[-1])
    )
    return clock_from_lines(
        lines,
        edges,
        nominal_Hz=nominal_Hz,
        packet_period_s=packet_period(index, nominal_Hz),
        interval_s=interval,
        wait_s=wait,
        residual_sd_s=noise,
        n_packets=int(index.size),
    )


def window_length(span_s: float) -> float:
    """Return the length of the windows whose fastest packets are used, for a record of `span_s`, s."""
    return float(np.clip(span_s / 30, 1.0, 5.0))


def rate_for_phases(nominal_Hz: float, slope: float, limit: float) -> float:
    """Return the rate that places packets on the radio's timetable: not the nominal one of a free converter."""
    return nominal_Hz if limit <= CRYSTAL else nominal_Hz / (1 + slope)


def fit_fastest(
    x_s: FloatArray,
    delay_s: FloatArray,
    *,
    wait_s: float,
    limit: float,
    segment_s: float,
    ends: tuple[float, float],
) -> tuple[tuple[Line, ...], FloatArray, float]:
    """Return lines through fastest packets, edges of their pieces (nominal device time, s), and the scatter."""
    start = coarse_slope(x_s, delay_s, 1e-9, limit=limit)
    noise = _scatter(delay_s - start * x_s)
    n_pieces = max(1, math.ceil((ends[1] - ends[0]) / segment_s))
    whole = fit_line(x_s, delay_s, wait_s=wait_s, noise_s=noise, limit=limit, prior=(0.0, limit / 3), start=start)
    if n_pieces == 1:
        return (whole,), np.array(ends), noise
    # Over the whole record the rate is known better than in a piece; within it the crystal wanders.
    prior = (whole.slope, math.sqrt(whole.var_slope + (3 * WANDER + 0.02 * limit) ** 2))
    edges = np.linspace(*ends, n_pieces + 1)
    lines = []
    for low, high in itertools.pairwise(edges.tolist()):
        inside = (x_s >= low) & (x_s <= high)
        if not inside.any():  # nothing arrived: the piece goes on as the whole does
            middle = (low + high) / 2
            lines.append(replace(whole, centre_s=middle, offset_s=whole.at(middle), covariance=0.0))
            continue
        x, delay = x_s[inside], delay_s[inside]
        slope = coarse_slope(x, delay, 1e-9, limit=limit)
        lines.append(fit_line(x, delay, wait_s=wait_s, noise_s=noise, limit=limit, prior=prior, start=slope))
    return tuple(lines), edges, noise


def clock_from_lines(
    lines: tuple[Line, ...],
    edges_s: FloatArray,
    *,
    nominal_Hz: float,
    packet_period_s: float,
    interval_s: float,
    wait_s: float,
    residual_sd_s: float,
    n_packets: int,
    half_width_s: float = math.nan,
) -> ClockFit:
    """Return the continuous map through lines; where two pieces meet, the better known one weighs more."""
    delay = [lines[0].at(edges_s[0])]
    for before, after, edge in zip(lines[:-1], lines[1:], edges_s[1:-1], strict=True):
        w = 1 / (before.variance(edge) + 1e-12), 1 / (after.variance(edge) + 1e-12)
        delay.append((w[0] * before.at(edge) + w[1] * after.at(edge)) / sum(w))
    # A record of one packet still has a rate.
    last = edges_s[-1] if edges_s[-1] > edges_s[0] else edges_s[0] + 1.0
    delay.append(lines[-1].at(last))
    edges = np.append(edges_s[:-1], last)
    return ClockFit(
        nominal_Hz=nominal_Hz,
        knots_index=edges * nominal_Hz,
        knots_time_s=edges + np.array(delay),
        lines=lines,
        packet_period_s=packet_period_s,
        interval_s=interval_s,
        wait_s=wait_s,
        residual_sd_s=residual_sd_s,
        n_packets=n_packets,
        half_width_s=half_width_s,
    )


def _scatter(delay_s: FloatArray) -> float:
    """Return the scatter of neighbouring fastest packets; jumps of the timetable are few and do not count."""
    if delay_s.size < 4:
        return 2 * _LEAST_NOISE_S
    second = np.diff(delay_s, 2)
    return max(1.4826 * float(np.median(np.abs(second))) / math.sqrt(6), _LEAST_NOISE_S)


def _straight(x: FloatArray, knots_x: FloatArray, knots_y: FloatArray) -> FloatArray:
    piece = np.clip(np.searchsorted(knots_x, x, side="right") - 1, 0, knots_x.size - 2)
    slope = np.diff(knots_y) / np.diff(knots_x)
    return np.asarray(knots_y[piece] + slope[piece] * (x - knots_x[piece]), dtype=np.float64)


def _checked(
    index: IntArray, t_host_s: FloatArray, nominal_Hz: float, tolerance_ppm: float, segment_s: float
) -> tuple[IntArray, FloatArray]:
    for key, value in (("nominal_Hz", nominal_Hz), ("tolerance_ppm", tolerance_ppm), ("segment_s", segment_s)):
        if not (math.isfinite(value) and value > 0):
            raise SettingsError(f"{value!r}: give a positive number", key=key)
    index, t_host_s = np.asarray(index, dtype=np.intp), np.asarray(t_host_s, dtype=np.float64)
    if index.ndim != 1 or index.shape != t_host_s.shape or index.size == 0:
        raise SettingsError(
            f"shapes {index.shape} and {t_host_s.shape}: give one index and one arrival for each packet", key="index"
        )
    if not np.isfinite(t_host_s).all():
        raise SettingsError("arrival times are not all finite: leave out packets without one", key="t_host_s")
    order = np.argsort(index, kind="stable")
    return index[order], t_host_s[order]
