"""The motor-unit pool."""

from __future__ import annotations

import numpy as np
import pytest

from emgorder.simulate.motor_units import MotorUnitPool, discharge_times, draw_pool, pool_emg
from emgorder.simulate.sampling import SampleTimes


def constant_drive(start_s: float, stop_s: float, level: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    times_s = np.arange(start_s, stop_s, 0.002)
    return times_s, np.full(times_s.size, level)


def test_units_are_recruited_in_order_of_threshold_on_a_slow_ramp():
    pool = draw_pool(np.random.default_rng(1))
    times_s = np.arange(0.0, 20.0, 0.002)
    time_s, unit = discharge_times(np.random.default_rng(2), pool, times_s, 0.5 * times_s / 20.0)
    numbers = np.unique(unit)
    first_s = np.array([time_s[unit == k].min() for k in numbers])
    thresholds_s = pool.threshold[numbers.astype(int)] * 40.0
    assert np.all(first_s >= thresholds_s - 0.002)
    assert np.median(first_s - thresholds_s) < 0.05
    assert pool.threshold[int(numbers.max()) + 1] > 0.49  # no unit below the drive is left out


def test_rates_and_variability_are_those_of_the_model():
    pool = draw_pool(np.random.default_rng(1))
    time_s, unit = discharge_times(np.random.default_rng(2), pool, *constant_drive(0.0, 60.0, 0.4))
    intervals_s = np.diff(time_s[unit == 0])
    assert 1.0 / intervals_s.mean() == pytest.approx(min(8.0 + 30.0 * 0.4, 25.0), rel=0.03)
    assert intervals_s.std() / intervals_s.mean() == pytest.approx(0.2, abs=0.03)


def test_a_unit_falls_silent_when_the_drive_drops_below_its_threshold():
    pool = draw_pool(np.random.default_rng(1))
    times_s = np.arange(0.0, 4.0, 0.002)
    time_s, unit = discharge_times(np.random.default_rng(2), pool, times_s, np.where(times_s < 2.0, 0.5, 0.1))
    late = pool.threshold[unit.astype(int)] > 0.1
    assert time_s[late].max() <= 2.0
    assert time_s[~late].max() > 3.8


def test_the_first_discharge_is_the_onset_of_the_drive():
    for seed in range(5):
        rng = np.random.default_rng(seed)
        times_s = 1.2345 + np.arange(0.0, 1.0, 0.002)
        time_s, _ = discharge_times(rng, draw_pool(rng), times_s, 0.4 * np.linspace(0.002, 1.0, 500))
        assert time_s.min() == 1.2345


@pytest.mark.parametrize("sampling_frequency", [200.0, 500.0, 1000.0, 2000.0])
def test_power_on_the_plateau_is_one_at_every_rate(sampling_frequency):
    powers = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        samples = SampleTimes(int(12 * sampling_frequency), sampling_frequency)
        x = pool_emg(rng, draw_pool(rng), samples, [constant_drive(0.5, 12.0)])
        powers.append(np.mean(x[int(1.5 * sampling_frequency) :] ** 2))
    assert np.mean(powers) == pytest.approx(1.0, abs=0.1)


def test_nothing_is_seen_before_the_onset_at_any_rate():
    for sampling_frequency in (200.0, 333.0, 1000.0, 2000.0):
        rng = np.random.default_rng(4)
        samples = SampleTimes(int(4 * sampling_frequency), sampling_frequency)
        x = pool_emg(rng, draw_pool(rng), samples, [constant_drive(2.0, 4.0)])
        first = int(2.0 * sampling_frequency)
        assert np.all(x[:first] == 0.0)
        assert np.abs(x[first : first + int(0.1 * sampling_frequency)]).max() > 0.01


def test_one_unit_gives_its_potential_where_it_discharges():
    pool = MotorUnitPool(
        threshold=np.array([0.0]),
        amplitude=np.array([2.0]),
        width_s=np.array([0.003]),
        triphasic=np.array([1.0]),
        plateau=0.4,
    )
    x = pool_emg(np.random.default_rng(1), pool, SampleTimes(2000, 2000.0), [constant_drive(0.5, 0.54)])
    peak_s = np.argmax(np.abs(x)) / 2000.0
    assert peak_s == pytest.approx(0.5 + 3 * 0.003, abs=0.0006)
    assert np.count_nonzero(x[int(0.52 * 2000) :]) == 0
