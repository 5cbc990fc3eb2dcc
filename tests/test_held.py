"""Held samples are told from coarse, short and clipped ones."""

from __future__ import annotations

import numpy as np
import pytest

from emgorder.held import hold_length


@pytest.mark.parametrize("times", [2, 3, 5, 10])
def test_values_held_for_a_whole_number_of_rows_are_told_exactly(times: int) -> None:
    values = np.random.default_rng(times).normal(size=2000)
    assert hold_length(np.repeat(values, times)) == times


def test_a_rate_that_does_not_divide_the_rows_is_told_on_average() -> None:
    values = np.random.default_rng(1).normal(size=4000)
    rows = np.floor(np.arange(10_000) * 0.4).astype(int)
    assert hold_length(values[rows]) == pytest.approx(2.5, rel=0.02)


@pytest.mark.parametrize("step", [0.02, 0.1, 0.25])
def test_a_coarse_converter_is_not_a_slow_one(step: float) -> None:
    rest_and_burst = np.random.default_rng(2).normal(size=8000) * np.repeat([0.1, 2.0], 4000)
    assert hold_length(np.round(rest_and_burst / step) * step) == 1.0


def test_a_clipped_signal_is_not_held() -> None:
    assert hold_length(np.clip(np.random.default_rng(3).normal(size=5000), -0.5, 0.5)) == 1.0


def test_too_little_to_tell_is_not_held() -> None:
    for signal in (np.empty(0), np.ones(1), np.full(99, np.nan), np.repeat(np.arange(10.0), 5)):
        assert hold_length(signal) == 1.0
