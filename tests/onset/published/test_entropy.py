from __future__ import annotations

import math

import numpy as np
import pytest

from emgorder.model import FloatArray
from emgorder.onset.published.entropy import moving_sample_entropy, sample_entropy


def by_hand(window: FloatArray, tolerance: float) -> float:
    """Return the sample entropy of one window, pair by pair (m = 2)."""
    n = window.size - 2
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n)]
    shorter = sum(np.abs(window[i : i + 2] - window[j : j + 2]).max() <= tolerance for i, j in pairs)
    longer = sum(np.abs(window[i : i + 3] - window[j : j + 3]).max() <= tolerance for i, j in pairs)
    return -math.log((longer + 1) / (shorter + 1))


def test_the_moving_entropy_is_that_of_each_window() -> None:
    emg = np.random.default_rng(1).standard_normal(60)
    expected = [by_hand(emg[i : i + 25], 0.4) for i in range(36)]
    np.testing.assert_allclose(moving_sample_entropy(emg, 25, 0.4), expected)


def test_a_stray_spike_is_no_activity() -> None:
    rng = np.random.default_rng(2)
    emg = rng.standard_normal(1500) * np.where(np.arange(1500) < 1200, 1.0, 15.0)
    emg[900:906] = [40.0, -60.0, 50.0, -30.0, 20.0, -10.0]
    assert sample_entropy(emg, 1000.0, slice(0, 800)) == pytest.approx(1.2, abs=0.04)


def test_signals_shorter_than_two_windows_have_no_onset() -> None:
    assert math.isnan(sample_entropy(np.random.default_rng(3).standard_normal(90), 1000.0, slice(0, 60)))
