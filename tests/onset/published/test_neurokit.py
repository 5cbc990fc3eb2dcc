from __future__ import annotations

import math

import numpy as np
import pytest

from emgorder.onset.published.neurokit import neurokit

FS = 1000.0
ACTIVATIONS = ["threshold", "mixture", "biosppy"]
EMG = np.random.default_rng(1).standard_normal(1500) * np.where(np.arange(1500) < 1000, 1.0, 10.0)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("gain", [1e-6, 1.0, 1e6])
def test_each_activation_finds_a_step_whatever_the_unit(activation: str, gain: float) -> None:
    onset_s = neurokit(gain * EMG, FS, slice(0, 800), activation=activation)
    assert onset_s == pytest.approx(1.0, abs=0.04)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_onsets_within_the_baseline_do_not_count(activation: str) -> None:
    twice = np.concatenate((EMG, EMG))
    assert neurokit(twice, FS, slice(1600, 2400), activation=activation) == pytest.approx(2.5, abs=0.04)


@pytest.mark.parametrize("activation", ["threshold", "biosppy"])
def test_nothing_above_the_threshold_is_no_onset(activation: str) -> None:
    assert math.isnan(neurokit(EMG[:1000], FS, slice(0, 800), activation=activation, n_sd=50.0))
