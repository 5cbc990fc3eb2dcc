from __future__ import annotations

import math

import numpy as np
import pytest

from emgorder.onset.published.mixture import mixture

FS = 1000.0


def test_activity_in_one_band_of_five_is_outvoted() -> None:
    since_s = np.arange(1500) / FS - 1.0
    hum = 8.0 * np.clip(since_s / 0.2, 0.0, 1.0) * np.sin(2 * np.pi * 60.0 * since_s)
    for seed in range(5):
        noise = np.random.default_rng(seed).standard_normal(1500)
        assert math.isnan(mixture(noise + hum, FS, slice(0, 800)))
        assert math.isfinite(mixture(noise * (1.0 + np.abs(hum)), FS, slice(0, 800)))


def test_the_onset_is_between_rest_and_activity_whatever_their_share() -> None:
    rng = np.random.default_rng(2)
    for n_active in (200, 1000):
        emg = rng.standard_normal(1000 + n_active) * np.where(np.arange(1000 + n_active) < 1000, 1.0, 10.0)
        assert mixture(emg, FS, slice(0, 800)) == pytest.approx(1.0, abs=0.02)


def test_signals_shorter_than_two_windows_have_no_onset() -> None:
    assert math.isnan(mixture(np.random.default_rng(3).standard_normal(90), FS, slice(0, 60)))


def test_a_baseline_shorter_than_a_window_teaches_nothing() -> None:
    assert math.isnan(mixture(np.random.default_rng(4).standard_normal(900), FS, slice(0, 30)))
