"""Rest."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal, stats

from emgorder.errors import SettingsError
from emgorder.simulate.baseline import Baseline, resting_signal
from emgorder.simulate.carriers import Carrier

CARRIER = Carrier(low_corner_Hz=50.0, high_corner_Hz=110.0)


def rest(baseline: Baseline, seed: int = 1, n_samples: int = 120_000) -> np.ndarray:
    return resting_signal(seed, "GMAX_R", n_samples, 1000.0, baseline=baseline, carrier=CARRIER)


@pytest.mark.parametrize(
    "baseline", [Baseline(), Baseline(colour="white"), Baseline(wander_dB=2.0), Baseline(tension_dB=6.0)]
)
def test_power_is_one_whatever_rest_is_like(baseline):
    powers = [np.mean(rest(baseline, seed) ** 2) for seed in range(3)]
    assert np.mean(powers) == pytest.approx(1.0, abs=0.1)


def test_a_pink_baseline_has_more_power_at_low_frequencies():
    share = {}
    for colour in ("white", "pink"):
        frequency_Hz, power = signal.welch(rest(Baseline(colour=colour)), 1000.0, nperseg=500)
        share[colour] = power[frequency_Hz < 50].sum() / power.sum()
    assert share["pink"] > 2 * share["white"]


def test_the_level_wanders_by_the_decibels_asked_for():
    level_dB = 10 * np.log10(np.mean(rest(Baseline(wander_dB=3.0)).reshape(-1, 200) ** 2, axis=1))
    steady_dB = 10 * np.log10(np.mean(rest(Baseline()).reshape(-1, 200) ** 2, axis=1))
    assert np.sqrt(level_dB.var() - steady_dB.var()) == pytest.approx(3.0, abs=0.5)


def test_strays_are_rare_large_and_added_to_the_same_noise():
    quiet, visited = rest(Baseline()), rest(Baseline(strays_per_s=0.5))
    stray = visited - quiet
    assert 0.005 < np.mean(np.abs(stray) > 0.5) < 0.05
    assert np.abs(stray).max() > 5.0
    assert stats.kurtosis(visited, fisher=False) > 4.0


def test_tension_looks_like_the_muscle():
    frequency_Hz, power = signal.welch(rest(Baseline(colour="white", tension_dB=20.0)), 1000.0, nperseg=500)
    assert 30 < frequency_Hz[np.argmax(power)] < 90


@pytest.mark.parametrize("wrong", [{"colour": "blue"}, {"wander_dB": -1.0}, {"strays_per_s": -1}, {"tension_dB": 99.0}])
def test_impossible_rests_are_refused(wrong):
    with pytest.raises(SettingsError):
        Baseline(**wrong)
