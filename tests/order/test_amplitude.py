"""Size of a burst: noise correction, shared window, end of the hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.model import FloatArray
from emgorder.order.amplitude import hold_end, measure, moving_power, noise_corrected, rms_between

FS = 1000.0


def noise(*levels_and_seconds: tuple[float, float], seed: int = 1) -> FloatArray:
    random = np.random.default_rng(seed)
    return np.concatenate([level * random.standard_normal(round(s * FS)) for level, s in levels_and_seconds])


def test_noise_correction_finds_the_burst_under_the_noise() -> None:
    rest, burst = 3.0, 2.0
    signal = noise((rest, 20.0)) + np.concatenate([np.zeros(10_000), noise((burst, 10.0), seed=2)])
    found = measure(signal, FS, 10.0, 20.0, baseline_rms=rms_between(signal, FS, 0.0, 10.0))
    assert found.rms == pytest.approx(burst, rel=0.08)
    assert rms_between(signal, FS, 10.0, 20.0) > 1.7 * burst


def test_a_burst_smaller_than_rest_has_no_size() -> None:
    assert noise_corrected(2.0, 2.5) == 0.0
    assert math.isnan(noise_corrected(math.nan, 1.0))
    assert math.isnan(noise_corrected(1.0, math.nan))


@given(st.floats(1e-4, 1e4))
def test_all_amplitudes_follow_the_gain(gain: float) -> None:
    signal = noise((1.0, 1.0), (5.0, 2.0))
    plain = measure(signal, FS, 1.0, 3.0, baseline_rms=1.0)
    scaled = measure(gain * signal, FS, 1.0, 3.0, baseline_rms=gain)
    for name in ("rms", "arv", "peak_rms"):
        assert getattr(scaled, name) == pytest.approx(gain * getattr(plain, name))


def test_the_peak_is_that_of_a_quarter_of_a_second() -> None:
    signal = noise((1.0, 1.0), (6.0, 0.25), (1.0, 1.0))
    found = measure(signal, FS, 0.0, 2.25, baseline_rms=0.0)
    assert found.peak_rms == pytest.approx(6.0, rel=0.1)
    assert found.rms < 0.5 * found.peak_rms


def test_lost_samples_are_left_out() -> None:
    signal = noise((2.0, 4.0))
    holed = signal.copy()
    holed[1500:2500] = np.nan
    assert measure(holed, FS, 0.0, 4.0, baseline_rms=0.0).rms == pytest.approx(2.0, rel=0.1)
    assert math.isnan(measure(np.full(4000, np.nan), FS, 0.0, 4.0, baseline_rms=0.0).rms)
    assert math.isnan(rms_between(np.full(4000, np.nan), FS, 0.0, 4.0))


def test_without_an_onset_nothing_is_measured() -> None:
    assert math.isnan(measure(noise((1.0, 2.0)), FS, math.nan, 2.0, baseline_rms=0.1).rms)
    assert math.isnan(hold_end([noise((1.0, 2.0))], FS, math.nan, 2.0))


def test_the_hold_ends_when_the_last_muscle_lets_go() -> None:
    early = noise((0.1, 1.0), (4.0, 2.0), (0.1, 3.0))
    late = noise((0.1, 1.0), (4.0, 3.0), (0.1, 2.0), seed=2)
    assert hold_end([early], FS, 1.0, 5.5) == pytest.approx(3.07, abs=0.06)
    assert hold_end([early, late], FS, 1.0, 5.5) == pytest.approx(4.07, abs=0.06)
    assert hold_end([late, early], FS, 1.0, 5.5) == hold_end([early, late], FS, 1.0, 5.5)


def test_a_hold_goes_on_to_the_end_of_the_window_at_most_and_lasts_a_second_at_least() -> None:
    held = noise((0.1, 1.0), (4.0, 5.0))
    assert hold_end([held], FS, 1.0, 4.2) == 4.2
    assert hold_end([held], FS, 1.0, 1.5) == 1.5
    short = noise((0.1, 1.0), (4.0, 0.3), (0.1, 4.0))
    assert hold_end([short], FS, 1.0, 5.0) == pytest.approx(2.0, abs=0.01)


def test_moving_power_is_the_mean_square_around_each_sample() -> None:
    signal = noise((1.0, 0.1))
    found = moving_power(signal, 10)
    assert found[50] == pytest.approx(np.mean(signal[45:55] ** 2))
    assert found.size == signal.size
