from __future__ import annotations

import math

import numpy as np
import pytest

from emgorder.model import FloatArray
from emgorder.onset.published.wavelet import merlo

FS = 1000.0


def potentials(every: int, first: int) -> FloatArray:
    """Return noise with an action potential 8 ms long at each `every` samples from `first` on."""
    time = np.arange(-12, 13) / 4.0
    train = np.zeros(2000)
    train[first::every] = 1.0
    noise = 0.05 * np.random.default_rng(1).standard_normal(2000)
    return noise + np.convolve(train, time * np.exp(-(time**2)), mode="same")


def test_a_train_of_action_potentials_is_activity() -> None:
    assert merlo(potentials(20, 1200), FS, slice(0, 1000), factor=1.2) == pytest.approx(
        1.2, abs=0.015
    )  # half an action potential early


def test_single_potentials_far_apart_are_not() -> None:
    assert math.isnan(merlo(potentials(200, 1200), FS, slice(0, 1000), factor=1.2))


def test_slow_sampling_leaves_out_the_narrow_wavelets() -> None:
    emg = np.random.default_rng(2).standard_normal(400) * np.where(np.arange(400) < 200, 1.0, 10.0)
    assert merlo(emg, 200.0, slice(0, 160)) == pytest.approx(1.0, abs=0.02)
    assert merlo(emg, 100.0, slice(0, 160)) == pytest.approx(2.0, abs=0.04)
