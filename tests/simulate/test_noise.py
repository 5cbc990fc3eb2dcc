"""Random streams and coloured noise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from emgorder.errors import SettingsError
from emgorder.simulate.noise import coloured_noise, slow_noise, stream


def test_streams_of_one_name_repeat_and_others_differ():
    assert stream(3, "ecg", "BF_R").random() == stream(3, "ecg", "BF_R").random()
    draws = {stream(seed, *name).random() for seed in (3, 4) for name in (("ecg",), ("mains",), ("ecg", "BF_R"))}
    assert len(draws) == 6


@pytest.mark.parametrize("seed", [-1, 1.5, "7", True, None])
def test_what_is_no_seed_is_refused(seed):
    with pytest.raises(SettingsError, match="seed"):
        stream(seed)


@pytest.mark.parametrize("n_samples", [60_000, 60_001])
def test_noise_has_power_one_and_the_spectrum_asked_for(n_samples):
    x = coloured_noise(stream(1), n_samples, 1000.0, lambda f: np.where((f > 100) & (f < 200), 1.0, 0.0))
    assert x.shape == (n_samples,)
    assert np.mean(x**2) == pytest.approx(1.0, abs=0.05)
    frequency_Hz, power = signal.welch(x, 1000.0, nperseg=1000)
    inside = power[(frequency_Hz > 105) & (frequency_Hz < 195)]
    outside = power[(frequency_Hz < 90) | (frequency_Hz > 210)]
    assert inside.min() > 100 * outside.max()


def test_slow_noise_is_slow_and_has_power_one():
    x = slow_noise(stream(1), 400_000, 1000.0, 2.0)
    assert np.mean(x**2) == pytest.approx(1.0, abs=0.1)
    frequency_Hz, power = signal.welch(x, 1000.0, nperseg=10_000)
    assert power[frequency_Hz > 8.0].sum() < 0.01 * power.sum()


def test_slow_noise_does_not_return_to_its_start():
    gaps = [np.subtract(*slow_noise(stream(seed), 3000, 1000.0, 0.5)[[0, -1]]) for seed in range(40)]
    assert np.std(gaps) > 0.5
