"""The line under the fastest packets: what it can be, given that each may have waited for the radio."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emgorder.model import FloatArray, IntArray

__all__ = ["Line", "coarse_slope", "fit_line", "window_minima"]

_N_SLOPES = 41
_N_OFFSETS = 41
_LATE = 4.5  # a window that is late by more than 3 sd counts as that: a fade or a stall, not the clock
# The average over slopes favours lines that leave no room for the offset; where the clocks run exactly alike the wait
# is spread over all of its range. Simulated (docs/decisions.md): the sd would be too small by up to this.
_INFLATE = 1.35**2
_SKEW = 1.5  # jitter is only ever late: it must not pass for a swept wait, so that edge is softer
_EARLY = 12.5  # nothing arrives before it was sent: early windows weigh more


@dataclass(frozen=True, slots=True)
class Line:
    """Host time minus nominal device time, as a line: ``offset + slope * (x - centre)``, with its covariance."""

    centre_s: float
    offset_s: float
    slope: float
    var_offset: float
    var_slope: float
    covariance: float

    def at(self, x_s: float) -> float:
        """Return the line's value at nominal device time `x_s`."""
        return self.offset_s + self.slope * (x_s - self.centre_s)

    def variance(self, x_s: float) -> float:
        """Return the variance of that value, s²."""
        d = x_s - self.centre_s
        return max(self.var_offset + 2 * self.covariance * d + self.var_slope * d * d, 0.0)


def window_minima(x_s: FloatArray, delay_s: FloatArray, window_s: float, *, slope: float) -> IntArray:
    """Return the position of the packet with the least delay in each window of nominal device time."""
    window = np.floor((x_s - x_s[0]) / window_s).astype(np.intp)
    order = np.lexsort((delay_s - slope * x_s, window))
    _, first = np.unique(window[order], return_index=True)
    return order[first].astype(np.intp)


def coarse_slope(x_s: FloatArray, delay_s: FloatArray, window_s: float, *, limit: float) -> float:
    """Return the median slope between the fastest packets of the windows, kept within ± `limit`."""
    slope = 0.0
    for _ in range(3):  # where the rate is far off, which packet is fastest depends on the slope
        fast = window_minima(x_s, delay_s, window_s, slope=slope)
        fast = fast[:: max(1, fast.size // 60)]
        if fast.size < 2:
            return 0.0
        i, j = np.triu_indices(fast.size, 1)
        rise = delay_s[fast][j] - delay_s[fast][i]
        slope = float(np.clip(np.median(rise / (x_s[fast][j] - x_s[fast][i])), -limit, limit))
    return slope


def fit_line(
    x_s: FloatArray,
    delay_s: FloatArray,
    *,
    wait_s: float,
    noise_s: float,
    limit: float,
    prior: tuple[float, float],
    start: float,
) -> Line:
    """Return mean and covariance of the lines that explain the fastest packets.

    Each fastest packet lies above the line by its wait, anywhere from 0 to `wait_s`, with soft edges of `noise_s`. The
    line is averaged over everything that this allows, on a grid of slopes and offsets. With ``wait_s = 0`` this is a
    robust regression; where the wait is long and the record short it says so by its covariance.

    Parameters
    ----------
    x_s, delay_s : ndarray, shape (n_windows,)
        Nominal device time of the fastest packets, and arrival minus that.
    wait_s : float
        Longest wait that cannot be seen (:func:`emgorder.clock.lattice.hidden_wait`).
    noise_s : float
        Scatter of the fastest packets.
    limit : float
        Greatest slope (the tolerance of the rate).
    prior : (float, float)
        Mean and standard deviation of the slope before anything was seen.
    start : float
        A slope to look around.
    """
    centre = float(x_s.mean())
    x = x_s - centre
    span = float(np.ptp(x))
    half = 2 * (wait_s + 4 * noise_s) / span if span > 0 else np.inf
    around = float(np.clip(start, -limit, limit))
    low, high = max(-limit, around - half), min(limit, around + half)
    low, high = max(low, min(high, prior[0] - 4 * prior[1])), min(high, max(low, prior[0] + 4 * prior[1]))
    slopes = np.linspace(low, high, _N_SLOPES)
    above = delay_s - slopes[:, None] * x
    lowest = above.min(axis=1)
    down = np.linspace(-4 * noise_s, wait_s + 4 * noise_s, _N_OFFSETS)
    distance = (above - lowest[:, None])[:, None, :] + down[:, None]
    early = np.minimum(np.square(np.minimum(distance, 0.0) / noise_s) / 2, _EARLY)
    late = np.minimum(np.square(np.maximum(distance - wait_s, 0.0) / (_SKEW * noise_s)) / 2, _LATE)
    log = -(early + late).sum(axis=2) - (np.square((slopes - prior[0]) / prior[1]) / 2)[:, None]
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    offsets = lowest[:, None] - down
    offset = float((weight * offsets).sum())
    slope = float((weight.sum(axis=1) * slopes).sum())
    d_offset, d_slope = offsets - offset, (slopes - slope)[:, None]
    return Line(
        centre,
        offset,
        slope,
        _INFLATE * float((weight * np.square(d_offset)).sum()),
        _INFLATE * float((weight * np.square(d_slope)).sum()),
        _INFLATE * float((weight * d_offset * d_slope).sum()),
    )
