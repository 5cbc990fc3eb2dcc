"""The full effort that % MVC is a share of."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal as sps

from emgorder.model import FloatArray
from emgorder.order.reference import ONE_TRIAL_LOG_SD, reference_from_trials, reference_from_values

FS = 1000.0


def effort(level: float, *, seed: int, seconds: float = 4.0, rest: float = 0.0) -> FloatArray:
    """Return EMG-like noise of 50 to 150 Hz of a known RMS."""
    random = np.random.default_rng(seed)
    sos = sps.butter(2, [50, 150], "band", fs=FS, output="sos")
    wave = sps.sosfilt(sos, random.standard_normal(round(seconds * FS) + 500))[500:]
    return level * wave / np.std(wave) + rest * random.standard_normal(wave.size)


def test_the_luck_of_the_highest_half_second_is_taken_out() -> None:
    errors, plain = [], []
    for seed in range(20):
        trials = [effort(2.0, seed=100 * seed + k) for k in range(3)]
        highest = max(np.sqrt(np.convolve(t**2, np.ones(500) / 500, "valid")).max() for t in trials)
        errors.append(math.log(reference_from_trials("X", trials, FS).rms / 2.0))
        plain.append(math.log(highest / 2.0))
    assert np.median(plain) > 0.08
    assert abs(np.median(errors)) < 0.6 * np.median(plain)


def test_an_effort_that_was_truly_higher_for_a_while_stays_the_reference() -> None:
    trial = effort(1.0, seed=1)
    trial[1500:2500] *= 1.6
    assert reference_from_trials("X", [trial], FS).rms == pytest.approx(1.6, rel=0.08)


def test_the_noise_of_rest_is_taken_out() -> None:
    trials = [effort(1.0, seed=k, rest=0.7) for k in range(3)]
    raw, corrected = (reference_from_trials("X", trials, FS, baseline_rms=b).rms for b in (0.0, 0.7))
    assert corrected == pytest.approx(1.0, rel=0.1)
    assert raw > 1.15


@settings(max_examples=20)
@given(st.floats(1e-6, 1e3))
def test_the_reference_follows_the_gain_and_its_uncertainty_does_not_change(gain: float) -> None:
    trials = [effort(1.0, seed=k) for k in range(2)]
    one, other = reference_from_trials("X", trials, FS), reference_from_trials("X", [gain * t for t in trials], FS)
    assert other.rms == pytest.approx(gain * one.rms)
    assert other.log_sd == pytest.approx(one.log_sd)


def test_trials_that_differ_make_the_reference_less_sure() -> None:
    alike = reference_from_trials("X", [effort(1.0, seed=k) for k in range(3)], FS)
    unlike = reference_from_trials("X", [effort(x, seed=k) for k, x in enumerate((1.0, 0.7, 0.8))], FS)
    assert unlike.log_sd > 1.5 * alike.log_sd


def test_a_trial_of_less_than_half_the_highest_was_no_full_effort() -> None:
    trials = [effort(1.0, seed=1), effort(0.3, seed=2)]
    assert reference_from_trials("X", trials, FS).n_trials == 1


@pytest.mark.parametrize("trials", [[], [np.zeros(4000)], [effort(1.0, seed=1, seconds=0.4)], [np.full(4000, np.nan)]])
def test_without_an_effort_there_is_a_reason(trials: list[FloatArray]) -> None:
    found = reference_from_trials("X", trials, FS)
    assert not found.usable
    assert "full effort" in found.reason


def test_few_trials_are_known_no_better_than_their_number_allows() -> None:
    assert reference_from_values("X", [1.0, 1.2, 0.9]).dof == pytest.approx(2.0)
    three, one = (reference_from_trials("X", [effort(1.0, seed=k) for k in range(n)], FS) for n in (3, 1))
    assert 2.0 < three.dof < one.dof


def test_a_single_value_is_taken_as_it_is_within_ten_per_cent() -> None:
    found = reference_from_values("X", [1.2e-4])
    assert (found.log_sd, found.n_trials, found.source) == (ONE_TRIAL_LOG_SD, 1, "sidecar")
    assert found.rms == pytest.approx(1.2e-4)


@pytest.mark.parametrize("values", [[], [0.0], [-1.0], [math.nan]])
def test_a_value_that_is_no_amplitude_is_refused(values: list[float]) -> None:
    assert not reference_from_values("X", values).usable
