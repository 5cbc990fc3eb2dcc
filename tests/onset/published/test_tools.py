from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import lfilter

from emgorder.onset.published.tools import (
    first_run,
    log_likelihood_ratio,
    moving_mean,
    n_samples,
    runs,
    whiten,
    zero_phase_lowpass,
)


@given(st.lists(st.booleans(), max_size=60))
def test_runs_rebuild_the_mask(values: list[bool]) -> None:
    mask = np.array(values, dtype=bool)
    rebuilt = np.zeros(mask.size, dtype=bool)
    for begin, end in zip(*runs(mask), strict=True):
        assert not rebuilt[max(0, begin - 1) : end].any()  # runs do not touch
        rebuilt[begin:end] = True
    np.testing.assert_array_equal(rebuilt, mask)


@given(st.lists(st.booleans(), max_size=40), st.integers(1, 5), st.integers(0, 10))
def test_the_first_run_is_the_first(values: list[bool], length: int, start: int) -> None:
    mask = np.array(values, dtype=bool)
    fitting = [i for i in range(start, mask.size - length + 1) if mask[i : i + length].all()]
    assert first_run(mask, length, start=start) == (fitting[0] if fitting else None)


def test_moving_mean_is_the_mean_of_each_window() -> None:
    values = np.random.default_rng(1).standard_normal(50)
    expected = [values[i : i + 7].mean() for i in range(44)]
    np.testing.assert_allclose(moving_mean(values, 7), expected, atol=1e-12)


@pytest.mark.parametrize(("duration_s", "count"), [(0.05, 50), (0.0, 1), (0.0004, 1), (0.0016, 2)])
def test_durations_are_at_least_one_sample(duration_s: float, count: int) -> None:
    assert n_samples(duration_s, 1000.0) == count


def test_whitening_leaves_independent_samples_of_unit_power() -> None:
    coloured = lfilter([1.0], [1.0, -1.5, 0.8], np.random.default_rng(2).standard_normal(5000))
    white = whiten(1e-6 * coloured, slice(0, 4000), order=6)[:4000]
    spectrum = np.abs(np.fft.rfft(white)) ** 2 / white.size
    assert np.mean(white**2) == pytest.approx(1.0, abs=0.01)
    assert abs(np.corrcoef(white[1:], white[:-1])[0, 1]) < 0.03
    np.testing.assert_allclose([part.mean() for part in np.array_split(spectrum, 8)], 1.0, atol=0.25)


def test_short_rests_lower_the_order_of_the_whitening() -> None:
    values = np.random.default_rng(3).standard_normal(500)
    for n_rest in (3, 8, 20):
        assert np.isfinite(whiten(values, slice(0, n_rest), order=6)).all()


def test_the_likelihood_ratio_grows_with_the_power_and_is_zero_at_and_below_rest() -> None:
    ratio = log_likelihood_ratio(np.array([0.1, 1.0, 2.0, 10.0]), 20)
    np.testing.assert_allclose(ratio, [0.0, 0.0, 10.0 * (1.0 - np.log(2.0)), 10.0 * (9.0 - np.log(10.0))])


def test_the_zero_phase_low_pass_does_not_delay() -> None:
    time_s = np.arange(2000) / 1000.0
    slow = np.exp(-(((time_s - 1.0) / 0.1) ** 2))
    smooth = zero_phase_lowpass(slow + np.sin(2.0 * np.pi * 300.0 * time_s), 1000.0, 50.0)
    np.testing.assert_allclose(smooth[50:-50], slow[50:-50], atol=0.01)


def test_a_corner_above_the_band_is_lowered() -> None:
    assert np.isfinite(zero_phase_lowpass(np.ones(40), 100.0, 500.0)).all()
