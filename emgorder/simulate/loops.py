"""Signals without an end, on a fixed grid: loops that come round without a click, and values between grid points."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from emgorder.model import FloatArray
from emgorder.simulate.artefacts import disturbances
from emgorder.simulate.baseline import resting_signal
from emgorder.simulate.carriers import Carrier, interference
from emgorder.simulate.noise import stream
from emgorder.simulate.sampling import SampleTimes
from emgorder.simulate.session import TYPICAL_ARTEFACTS, TYPICAL_BASELINE

__all__ = ["GRID_HZ", "between", "hum", "looped", "resting_loop", "tonic_loop"]

GRID_HZ = 2000.0
PERIOD_S = 60.0
FADE_S = 0.5
HUM_V = 400e-6
HUM_HZ = 50.01
HUM_THIRD = 0.4
HUM_SWAY_HZ = 0.11


def looped(make: Callable[[int], FloatArray], period: int, fade: int) -> FloatArray:
    """Return a loop of `period` samples whose end runs on into its start.

    Parameters
    ----------
    make : callable
        ``make(n)`` returns a stationary signal, shape (n,); it is asked for ``period + fade`` samples.
    period, fade : int
        Samples of the loop, and those at its start into which the rest of the signal fades (at equal power).

    Examples
    --------
    >>> loop = looped(lambda n: np.cumsum(np.ones(n)), 100, 10)
    >>> loop.shape, float(loop[99]), bool(abs(loop[0] - 101.0) < 30.0), float(loop[10])
    ((100,), 100.0, True, 11.0)
    """
    signal = make(period + fade)
    share = (np.arange(fade) + 0.5) / fade
    loop: FloatArray = signal[:period].copy()
    loop[:fade] = np.sqrt(share) * signal[:fade] + np.sqrt(1.0 - share) * signal[period:]
    return loop


def resting_loop(seed: int, channel: str, carrier: Carrier) -> FloatArray:
    """Return a minute of a channel at rest on the grid, as a loop in multiples of its baseline RMS.

    Examples
    --------
    >>> resting_loop(1, "GMAX_R", Carrier()).shape
    (120000,)
    """

    def make(n: int) -> FloatArray:
        noise = resting_signal(seed, channel, n, GRID_HZ, baseline=TYPICAL_BASELINE, carrier=carrier)
        return noise + disturbances(seed, channel, SampleTimes(n, GRID_HZ), TYPICAL_ARTEFACTS)

    return looped(make, round(PERIOD_S * GRID_HZ), round(FADE_S * GRID_HZ))


def tonic_loop(seed: int, channel: str, carrier: Carrier) -> FloatArray:
    """Return a minute of steady EMG on the grid, as a loop of power 1.

    Examples
    --------
    >>> bool(0.8 < np.mean(tonic_loop(1, "GMAX_R", Carrier()) ** 2) < 1.2)
    True
    """
    rng = stream(seed, "tonic", channel)
    return looped(lambda n: interference(rng, n, GRID_HZ, carrier), round(PERIOD_S * GRID_HZ), round(FADE_S * GRID_HZ))


def hum(times_s: FloatArray) -> FloatArray:
    """Return what an electrode shows that is off the skin: mains in volts on a slow sway.

    Examples
    --------
    >>> bool(np.sqrt(np.mean(hum(np.arange(2000) / 1000.0) ** 2)) > 200e-6)
    True
    """
    turn = 2.0 * np.pi * times_s
    waves = np.sin(HUM_HZ * turn) + HUM_THIRD * np.sin(3.0 * HUM_HZ * turn) + np.sin(HUM_SWAY_HZ * turn)
    return np.asarray(HUM_V * waves, dtype=np.float64)


def between(grid: FloatArray, place: FloatArray) -> FloatArray:
    """Return the values of `grid` at `place` by the cubic through the two points on either side.

    Each value depends on four points alone: it is the same whatever else is asked for.

    Parameters
    ----------
    grid : ndarray, shape (n_grid, n_channels)
        Values at 0, 1, 2, ...
    place : ndarray, shape (n,)
        From 1 up to, but not, ``n_grid - 2``.

    Returns
    -------
    ndarray, shape (n, n_channels)

    Examples
    --------
    >>> between(np.arange(8.0)[:, None] ** 2, np.array([1.0, 2.5, 4.2])).ravel().round(6).tolist()
    [1.0, 6.25, 17.64]
    """
    at = np.floor(place).astype(np.intp)
    u = (place - at)[:, None]
    before, left, right, after = (grid[at + k] for k in (-1, 0, 1, 2))
    slope = 0.5 * (right - before)
    bend = before - 2.5 * left + 2.0 * right - 0.5 * after
    twist = 0.5 * (after - before) + 1.5 * (left - right)
    return np.asarray(left + u * (slope + u * (bend + u * twist)), dtype=np.float64)
