"""Moving RMS and Teager-Kaiser energy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.conditioning.energy import moving_rms, tkeo
from emgorder.errors import SettingsError


@given(
    n=st.integers(0, 80),
    width=st.integers(1, 100),
    lost=st.lists(st.integers(0, 79), max_size=30),
    seed=st.integers(0, 9),
)
def test_moving_rms_is_the_rms_of_the_samples_there_are(n: int, width: int, lost: list[int], seed: int) -> None:
    samples = np.random.default_rng(seed).normal(size=n)
    samples[[k for k in lost if k < n]] = np.nan
    expected = np.full(n, np.nan)
    for k in np.flatnonzero(np.isfinite(samples)):
        expected[k] = np.sqrt(np.nanmean(samples[max(0, k - width + 1) : k + 1] ** 2))
    assert np.allclose(moving_rms(samples, 1000, window_s=width / 1000), expected, equal_nan=True)


def test_a_strong_burst_leaves_no_rounding_in_the_rest_after_it() -> None:
    samples = np.r_[np.full(1000, 1e9), np.full(1000, 1e-9)]
    assert moving_rms(samples, 1000, window_s=0.05)[-900:] == pytest.approx(1e-9, rel=1e-12)


def test_columns_are_taken_one_by_one() -> None:
    data = np.random.default_rng(0).normal(size=(50, 3))
    for f in (tkeo, lambda x: moving_rms(x, 100, window_s=0.07)):
        assert np.allclose(f(data), np.column_stack([f(column) for column in data.T]))


@pytest.mark.parametrize("window_s", [0.0, -1.0, 1e-5, float("nan"), float("inf")])
def test_a_window_below_a_sample_is_refused(window_s: float) -> None:
    with pytest.raises(SettingsError, match="window_s"):
        moving_rms(np.zeros(5), 1000, window_s=window_s)


@given(amplitude=st.floats(1e-3, 1e3), frequency_Hz=st.floats(1, 400), phase=st.floats(0, 6))
def test_the_energy_of_a_sine_is_amplitude_squared_times_sine_of_frequency_squared(
    amplitude: float, frequency_Hz: float, phase: float
) -> None:
    angle = 2 * np.pi * frequency_Hz / 1000
    energy = tkeo(amplitude * np.cos(angle * np.arange(100) + phase))
    assert np.allclose(energy, (amplitude * np.sin(angle)) ** 2, rtol=1e-6, atol=1e-9 * amplitude**2)


def test_edges_and_gaps_repeat_the_energy_beside_them() -> None:
    samples = np.array([0, 1, 3, 1, 0, np.nan, 1, 2, np.nan, 1, 2, 3])
    expected = [1, 1, 8, 1, 1, np.nan, np.nan, np.nan, np.nan, 1, 1, 1]
    assert np.array_equal(tkeo(samples), expected, equal_nan=True)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_too_few_samples_have_no_energy(n: int) -> None:
    assert np.isnan(tkeo(np.ones(n))).all()
    assert tkeo(np.ones(n)).shape == (n,)
