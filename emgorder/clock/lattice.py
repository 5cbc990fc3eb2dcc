"""What the radio's timetable does to arrival times: packet period, connection interval, and the wait nobody sees."""

from __future__ import annotations

import math

import numpy as np

from emgorder.model import FloatArray, IntArray

__all__ = ["connection_interval", "hidden_wait", "packet_period"]

# Bluetooth LE: intervals are multiples of 1.25 ms from 7.5 ms on; links that stream stay below 100 ms.
_STEP_S = 1.25e-3
_CANDIDATES_S = _STEP_S * np.arange(6, 81)
_BLOCK_S = 4.0  # clocks of host and radio part by 0.1 ms in it
_ENOUGH = 1500  # packets that are looked at
_SHARE = 0.85  # of the arrivals lie this near to the timetable; the rest may be late by anything
_NEAR = 1 / 6  # of the interval: farther apart no timetable shows (evenly spread arrivals give 0.425)


def packet_period(index: IntArray, nominal_Hz: float) -> float:
    """Return the usual time between packets, s, from the indices of their last samples; NaN for fewer than two.

    >>> packet_period(np.array([9, 19, 29, 49]), 500.0)
    0.02
    """
    if index.size < 2:
        return math.nan
    return float(np.median(np.diff(index))) / nominal_Hz


def connection_interval(t_host_s: FloatArray) -> float:
    """Estimate the connection interval from arrival times.

    Packets arrive at multiples of the interval, plus what the host needs. Of all intervals that Bluetooth LE allows up
    to 100 ms, those are looked for from whose multiples 85 % of the arrivals deviate least; a divisor of the interval
    fits as well as itself, so the longest of them is taken (which is also the cautious one).

    Parameters
    ----------
    t_host_s : ndarray, shape (n_packets,)
        Arrival times, s, increasing.

    Returns
    -------
    float
        Seconds; NaN where no timetable shows (fewer than 50 packets, or a host that delivers too unevenly).

    Examples
    --------
    >>> ready = 0.02 * np.arange(500)
    >>> connection_interval(np.ceil(ready / 0.015) * 0.015)
    0.015
    """
    if t_host_s.size < 50:
        return math.nan
    block = np.floor((t_host_s - t_host_s[0]) / _BLOCK_S).astype(np.intp)
    n_blocks = int(block[-1]) + 1
    keep_every = max(1, math.ceil(n_blocks * t_host_s.size / n_blocks / _ENOUGH))
    chosen = block % keep_every == 0
    times, block = t_host_s[chosen] - t_host_s[0], block[chosen]
    _, starts = np.unique(block, return_index=True)
    turns = np.exp(2j * np.pi * times[:, None] / _CANDIDATES_S)
    middle = np.add.reduceat(turns, starts, axis=0)
    length = np.diff(np.append(starts, times.size))
    off = np.abs(np.angle(turns * np.conj(np.repeat(middle, length, axis=0)))) * _CANDIDATES_S / (2 * np.pi)
    spread = np.quantile(off, _SHARE, axis=0)
    close = spread < _NEAR * _CANDIDATES_S
    if not close.any():
        return math.nan
    fitting = np.flatnonzero(close & (spread <= 1.3 * spread[close].min() + 0.1e-3))
    return float(round(_CANDIDATES_S[fitting[-1]], 9))


def hidden_wait(index: IntArray, nominal_Hz: float, interval_s: float, *, window_s: float) -> float:
    """Return the longest wait for the radio that even the fastest packet of a window may have had, s.

    Packets are ready at certain phases of the connection interval. Where packet period and interval have a large common
    divisor the phases are few, and the phase at which the radio sends may lie anywhere in the widest gap between them:
    the fastest packet has waited for an unknown part of that gap. With period P and interval CI the gap is gcd(P, CI);
    measured on the phases themselves it also holds for packets of varying length and for odd rates.

    Parameters
    ----------
    index : ndarray of int, shape (n_packets,)
        Index of each packet's last sample, increasing.
    nominal_Hz : float
        Samples a second.
    interval_s : float
        Connection interval; 0 for a link without a timetable; NaN when unknown, then a packet period is returned.
    window_s : float
        Length of the windows whose fastest packets are used.

    Examples
    --------
    >>> round(hidden_wait(np.arange(10, 6000, 10), 500.0, 0.015, window_s=5.0), 6)
    0.005
    >>> round(hidden_wait(np.arange(23, 60000, 23), 1000.0, 0.015, window_s=5.0), 6)
    0.001
    """
    if interval_s == 0:
        return 0.0
    period = packet_period(index, nominal_Hz)
    if not math.isfinite(interval_s):
        return period
    if not math.isfinite(period):
        return interval_s
    ready = (index - index[0]) / nominal_Hz
    window = np.floor(ready / window_s).astype(np.intp)
    gaps = []
    for number in np.unique(window)[:12]:
        phase = np.sort(np.mod(ready[window == number], interval_s))
        around = np.append(phase, phase[0] + interval_s)
        gaps.append(float(np.max(np.diff(around))))
    return min(float(np.median(gaps)), interval_s)
