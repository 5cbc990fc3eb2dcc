from __future__ import annotations

import numpy as np
import pytest

from emgorder.model import FloatArray
from emgorder.onset.baseline import coarse_step, frame_noise, rest_before

FS = 1000.0


def steps(*rms: float, seed: int = 1) -> FloatArray:
    """Return noise whose RMS takes each of these values for a second."""
    return np.random.default_rng(seed).standard_normal(1000 * len(rms)) * np.repeat(rms, 1000)


@pytest.mark.parametrize("rms", [3.0, 10.0, 100.0])
def test_the_step_is_where_the_power_rises(rms: float) -> None:
    step = coarse_step(steps(1.0, rms), FS)
    assert step is not None
    assert step.at == pytest.approx(1000, abs=60)
    assert step.rise_dB == pytest.approx(min(20.0 * np.log10(rms), 28.0), abs=1.5)  # the floor is 30 dB below the peaks


def test_a_rise_below_the_floor_gives_way_to_the_main_one() -> None:
    step = coarse_step(steps(1.0, 10.0, 1000.0), FS)
    assert step is not None
    assert step.at == pytest.approx(2000, abs=60)


def test_what_the_burst_grows_to_later_does_not_move_the_step() -> None:
    since_s = np.arange(6000) / FS - 2.0
    slow = np.random.default_rng(2).standard_normal(6000) * (1.0 + 9.0 * np.clip(since_s / 0.15, 0.0, 1.0))
    early = coarse_step(slow[:2350], FS)
    late = coarse_step(slow * (1.0 + 4.0 * np.clip(since_s - 0.5, 0.0, 1.0)), FS)
    assert early is not None
    assert late is not None
    assert abs(early.at - late.at) <= 20


def test_steps_before_the_first_allowed_sample_do_not_count() -> None:
    emg = steps(1.0, 30.0, 1.0, 10.0)
    step = coarse_step(emg, FS, first=2500)
    assert step is not None
    assert step.at == pytest.approx(3000, abs=60)


def test_the_rise_of_noise_is_a_few_of_its_standard_deviations() -> None:
    rises = [coarse_step(steps(1.0, 1.0, 1.0, seed=seed), FS) for seed in range(40)]
    sigmas = [step.rise_dB / step.noise_dB for step in rises if step is not None]
    assert len(sigmas) == 40
    assert 1.5 < np.median(sigmas) < 3.5
    assert np.quantile(sigmas, 0.95) < 4.5


@pytest.mark.parametrize("values", [np.empty(0), np.zeros(3000), np.ones(15), steps(1.0)[:150]])
def test_a_signal_without_room_or_power_has_no_step(values: FloatArray) -> None:
    assert coarse_step(values, FS) is None


def test_frame_noise_is_the_spread_and_bursts_do_not_raise_it() -> None:
    level = np.random.default_rng(3).standard_normal(4000) * 2.0 + np.where(np.arange(4000) // 500 % 2, 30.0, 0.0)
    assert frame_noise(level) == pytest.approx(2.0, rel=0.05)
    assert frame_noise(level[:1]) == 0.0


@pytest.mark.parametrize(
    ("at", "rest"), [(1000, slice(400, 900)), (300, slice(0, 200)), (100, slice(0, 0)), (20, slice(0, 0))]
)
def test_rest_is_the_half_second_before_and_shorter_near_the_start(at: int, rest: slice) -> None:
    assert rest_before(at, FS) == rest
