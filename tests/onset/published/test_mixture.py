from __future__ import annotations

import math

import numpy as np
import pytest

from emgorder.onset.published.mixture import mixture

FS = 1000.0


def test_activity_in_one_band_of_five_is_outvoted() -> None:
    rng = np.random.default_rng(1)
    time_s = np.arange(1500) / FS
    narrow = rng.standard_normal(1500) + np.where(time_s < 1.0, 0.0, 8.0 * np.sin(2 * np.pi * 60.0 * time_s))
    assert math.isnan(mixture(narrow, FS, slice(0, 800)))


def test_the_onset_is_between_rest_and_activity_whatever_their_share() -> None:
    rng = np.random.default_rng(2)
    for n_active in (200, 1000):
        emg = rng.standard_normal(1000 + n_active) * np.where(np.arange(1000 + n_active) < 1000, 1.0, 10.0)
        assert mixture(emg, FS, slice(0, 800)) == pytest.approx(1.0, abs=0.02)


def test_signals_shorter_than_two_windows_have_no_onset() -> None:
    assert math.isnan(mixture(np.random.default_rng(3).standard_normal(90), FS, slice(0, 60)))


def test_a_baseline_shorter_than_a_window_teaches_nothing() -> None:
    assert math.isnan(mixture(np.random.default_rng(4).standard_normal(900), FS, slice(0, 30)))
