"""Interference patterns."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal, stats

from emgorder.errors import SettingsError
from emgorder.simulate.carriers import Carrier, draw_carrier, emg_spectrum, front_end, interference


@pytest.mark.parametrize("sampling_frequency", [200.0, 500.0, 1000.0, 2000.0])
@pytest.mark.parametrize("kind", ["gaussian", "modulated"])
def test_power_is_one_at_every_rate(kind, sampling_frequency):
    x = interference(np.random.default_rng(3), int(60 * sampling_frequency), sampling_frequency, Carrier(kind=kind))
    assert np.mean(x**2) == pytest.approx(1.0, abs=0.12)


def test_the_spectrum_is_that_of_the_model():
    carrier = Carrier(low_corner_Hz=60.0, high_corner_Hz=120.0)
    x = interference(np.random.default_rng(1), 400_000, 1000.0, carrier)
    frequency_Hz, power = signal.welch(x, 1000.0, nperseg=500)
    wanted = emg_spectrum(frequency_Hz, 60.0, 120.0) * front_end(frequency_Hz, 1000.0)
    band = (frequency_Hz > 20) & (frequency_Hz < 300)
    ratio_dB = 10 * np.log10((power / power.sum())[band] / (wanted / wanted.sum())[band])
    assert np.abs(ratio_dB).max() < 1.0


def test_texture_makes_tails_heavy():
    n = 200_000
    plain = interference(np.random.default_rng(1), n, 1000.0, Carrier(kind="gaussian"))
    heavy = interference(np.random.default_rng(1), n, 1000.0, Carrier(kind="modulated", texture=0.5))
    assert stats.kurtosis(plain, fisher=False) == pytest.approx(3.0, abs=0.2)
    assert stats.kurtosis(heavy, fisher=False) > 5.0


def test_random_muscles_differ_and_are_of_the_kinds_asked_for():
    rng = np.random.default_rng(1)
    drawn = [draw_carrier(rng, ("gaussian", "modulated")) for _ in range(50)]
    assert {c.kind for c in drawn} == {"gaussian", "modulated"}
    assert len({c.low_corner_Hz for c in drawn}) == 50


@pytest.mark.parametrize(
    "wrong", [{"kind": "brown"}, {"low_corner_Hz": 200.0, "high_corner_Hz": 100.0}, {"wander": np.nan}]
)
def test_impossible_carriers_are_refused(wrong):
    with pytest.raises(SettingsError):
        Carrier(**wrong)
