"""A pool of motor units, recruited in order of size, and the EMG they sum up to."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import signal

from emgorder.model import FloatArray
from emgorder.simulate.carriers import NYQUIST_SHARE
from emgorder.simulate.sampling import SampleTimes

__all__ = ["MotorUnitPool", "discharge_times", "draw_pool", "pool_emg"]

N_UNITS = 120  # Fuglevand et al. 1993
RECRUITMENT_RANGE = 30.0  # threshold of the last unit over that of the first; Fuglevand et al. 1993
SIZE_RANGE = 50.0  # amplitude of the last unit over that of the first, seen at the skin
MIN_RATE_HZ = 8.0  # Fuglevand et al. 1993
MAX_RATE_HZ = 25.0  # hip extensors at submaximal effort; judged
RATE_GAIN_HZ = 30.0  # per unit of excitation
INTERVAL_CV = 0.2  # Fuglevand et al. 1993
SHORTEST_INTERVAL = 0.25  # of the mean interval: a unit's refractory limit
RECRUITMENT_LAG_S = 0.015  # mean delay from crossing the threshold to the first discharge; judged
PLATEAU_EXCITATION = (0.3, 0.6)  # a leg lift is a moderate effort; judged
WIDTH_S = (0.0020, 0.0038)  # of a potential under bipolar electrodes 20 mm apart
POTENTIAL_WIDTHS = 6.0  # length of a potential; it is below 1e-3 of its peak outside
DRIVE_STEP_S = 0.002
LEAST_RATE_HZ = 1000.0  # potentials are drawn at least this fast, then low-passed and thinned


@dataclass(frozen=True, eq=False, slots=True)
class MotorUnitPool:
    """The motor units of one muscle, in order of recruitment; every array has shape (n_units,).

    ``threshold`` is the excitation that recruits a unit (the first: 0), ``amplitude`` the peak of its potential (any
    unit), ``width_s`` its duration scale, ``phases`` 2 (biphasic) or 3; ``plateau`` is the excitation of a usual lift.
    """

    threshold: FloatArray
    amplitude: FloatArray
    width_s: FloatArray
    triphasic: FloatArray
    plateau: float

    def rate_Hz(self, excitation: FloatArray) -> FloatArray:
        """Return the discharge rate of every unit, shape (n_units, excitation.size); 0 before recruitment."""
        above = excitation[None, :] - self.threshold[:, None]
        rate = np.minimum(MIN_RATE_HZ + RATE_GAIN_HZ * above, MAX_RATE_HZ)
        return np.where((above >= 0) & (excitation[None, :] > 0), rate, 0.0)


def draw_pool(rng: np.random.Generator) -> MotorUnitPool:
    """Return the motor-unit pool of a random muscle.

    Thresholds and sizes grow exponentially with the number of the unit.

    References
    ----------
    Fuglevand AJ, Winter DA, Patla AE (1993). Models of recruitment and rate coding organization in motor-unit pools. J
    Neurophysiol 70:2470-2488. https://doi.org/10.1152/jn.1993.70.6.2470

    Differs from the paper in: thresholds are counted from the first unit's; one common peak rate; amplitudes at the
    skin carry a random depth; the discharge lags the recruitment by a random 15 ms.

    Examples
    --------
    >>> pool = draw_pool(np.random.default_rng(1))
    >>> float(pool.threshold[0]), pool.threshold.size
    (0.0, 120)
    """
    order = np.arange(N_UNITS) / N_UNITS
    threshold = RECRUITMENT_RANGE**order / RECRUITMENT_RANGE
    depth = rng.uniform(0.2, 1.0, N_UNITS) ** 2 * rng.choice(np.array([-1.0, 1.0]), N_UNITS)
    return MotorUnitPool(
        threshold=threshold - threshold[0],
        amplitude=SIZE_RANGE**order * depth,
        width_s=np.exp(rng.uniform(math.log(WIDTH_S[0]), math.log(WIDTH_S[1]), N_UNITS)),
        triphasic=(rng.random(N_UNITS) < 0.5).astype(np.float64),
        plateau=float(rng.uniform(*PLATEAU_EXCITATION)),
    )


def discharge_times(
    rng: np.random.Generator, pool: MotorUnitPool, times_s: FloatArray, excitation: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return when the units of a pool discharge under a given drive.

    Each unit is a renewal process in operational time (the integral of its rate), so a rising drive shortens the
    intervals smoothly. The first unit discharges exactly at ``times_s[0]`` if the drive is positive from there on.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    pool : MotorUnitPool
        The units.
    times_s, excitation : ndarray, shape (n,)
        The drive on a uniform grid.

    Returns
    -------
    time_s, unit : ndarray, shape (n_discharges,)
        Time and number of the unit (as float) of each discharge, unit by unit.

    Examples
    --------
    >>> t = np.arange(0.0, 1.0, 0.002)
    >>> time_s, unit = discharge_times(np.random.default_rng(1), draw_pool(np.random.default_rng(2)), t, 0.4 + 0 * t)
    >>> float(time_s[0]), bool(np.all((time_s >= 0.0) & (time_s < 1.0)))
    (0.0, True)
    """
    step_s = times_s[1] - times_s[0]
    rate = pool.rate_Hz(excitation)
    phase = np.zeros_like(rate)
    np.cumsum(rate[:, :-1] * step_s, axis=1, out=phase[:, 1:])
    most = math.ceil(phase.max() / (1.0 - INTERVAL_CV)) + 5
    interval = np.maximum(1.0 + INTERVAL_CV * rng.standard_normal((rate.shape[0], most)), SHORTEST_INTERVAL)
    interval[:, 0] = rng.exponential(RECRUITMENT_LAG_S * MIN_RATE_HZ, rate.shape[0])
    interval[0, 0] = 0.0
    due = np.cumsum(interval, axis=1)
    fires = due < phase[:, -1:]
    unit = np.nonzero(fires)[0].astype(np.float64)
    # One interpolation for all units: each unit's phases are lifted above those of the units before it.
    lift = 2.0 * (phase.max() + 1.0)
    lifted = phase + lift * np.arange(rate.shape[0])[:, None]
    time_s = np.interp(due[fires] + lift * unit, lifted.ravel(), np.tile(times_s, rate.shape[0]))
    return time_s, unit


def _potential(scaled: FloatArray, triphasic: FloatArray) -> FloatArray:
    """Return a motor-unit potential of peak 1 at `scaled` widths from its centre: a derivative of a Gaussian."""
    bell = np.exp(-(scaled**2))
    biphasic = -math.sqrt(2.0 * math.e) * scaled * bell
    return np.where(triphasic > 0, (1.0 - 2.0 * scaled**2) * bell, biphasic)


def _power(pool: MotorUnitPool, rate_Hz: float, filter_sos: FloatArray | None) -> float:
    """Return the power of the EMG on the plateau: Campbell's theorem, rate times energy summed over the units."""
    n = math.ceil(4.0 * POTENTIAL_WIDTHS * WIDTH_S[1] * rate_Hz)
    after_s = np.arange(n) / rate_Hz
    scaled = after_s[None, :] / pool.width_s[:, None] - 0.5 * POTENTIAL_WIDTHS
    shape = _potential(scaled, pool.triphasic[:, None])
    if filter_sos is not None:
        shape = np.asarray(signal.sosfilt(filter_sos, shape, axis=1), dtype=np.float64)
    energy_s = np.sum(shape**2, axis=1) / rate_Hz
    firing_Hz = pool.rate_Hz(np.array([pool.plateau]))[:, 0]
    return float(np.sum(firing_Hz * pool.amplitude**2 * energy_s))


def pool_emg(
    rng: np.random.Generator,
    pool: MotorUnitPool,
    samples: SampleTimes,
    drives: Iterable[tuple[FloatArray, FloatArray]],
) -> FloatArray:
    """Return the EMG of a pool, power 1 on a plateau of relative drive 1.

    Below 1 kHz the potentials are drawn on a finer grid and pass a causal second-order low-pass, as in a sensor with
    an anti-alias filter (delay about half a sample).

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    pool : MotorUnitPool
        The units.
    samples : SampleTimes
        When the sensor samples.
    drives : iterable of (times_s, relative)
        Each burst's drive relative to the usual plateau, on a uniform grid that starts at its onset.

    Returns
    -------
    ndarray, shape (n_samples,)

    Examples
    --------
    >>> rng, t = np.random.default_rng(1), np.arange(1.0, 4.0, 0.002)
    >>> x = pool_emg(rng, draw_pool(rng), SampleTimes(5000, 1000.0), [(t, np.ones_like(t))])
    >>> float(np.abs(x[:1000]).max()), bool(0.7 < np.mean(x[1100:3900] ** 2) < 1.4)
    (0.0, True)
    """
    fine = math.ceil(LEAST_RATE_HZ / samples.rate_Hz - 1e-3)
    rate_Hz = fine * samples.rate_Hz
    sos = None
    if fine > 1:
        sos = np.asarray(signal.butter(2, NYQUIST_SHARE * samples.rate_Hz, fs=rate_Hz, output="sos"), dtype=np.float64)
    emg = np.zeros(samples.n_samples * fine)
    for times_s, relative in drives:
        time_s, unit_number = discharge_times(rng, pool, times_s, pool.plateau * relative)
        unit = unit_number.astype(np.intp)
        width_s = pool.width_s[unit][:, None]
        reach = np.arange(math.ceil(POTENTIAL_WIDTHS * WIDTH_S[1] * rate_Hz) + 1)
        first = np.ceil((time_s - samples.start_s) * rate_Hz).astype(np.intp)[:, None]
        index = first + reach
        after_s = index / rate_Hz + samples.start_s - time_s[:, None]
        scaled = after_s / width_s - 0.5 * POTENTIAL_WIDTHS
        value = pool.amplitude[unit][:, None] * _potential(scaled, pool.triphasic[unit][:, None])
        inside = (scaled <= 0.5 * POTENTIAL_WIDTHS) & (index >= 0) & (index < emg.size)
        emg += np.bincount(index[inside], weights=value[inside], minlength=emg.size)
    if sos is not None:
        emg = np.asarray(signal.sosfilt(sos, emg), dtype=np.float64)[::fine]
    return emg / math.sqrt(_power(pool, rate_Hz, sos))
