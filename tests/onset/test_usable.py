from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.conditioning import bandpass
from emgorder.onset.usable import check_signal, hide_pads, usable_part


def test_what_is_not_finite_is_a_lost_sample() -> None:
    np.testing.assert_array_equal(check_signal([1, np.inf, np.nan], 1000.0), [1.0, np.nan, np.nan])


def test_the_given_array_is_left_as_it_is() -> None:
    given_ = np.array([0.0, np.inf, 1.0])
    check_signal(given_, 1000.0)
    hide_pads(np.zeros(100), 1000.0)
    np.testing.assert_array_equal(given_, [0.0, np.inf, 1.0])


def test_pads_at_either_end_are_hidden_and_pauses_within_are_not() -> None:
    noise = np.random.default_rng(1).standard_normal(200)
    samples = np.concatenate((np.full(60, 2.0), noise, np.full(300, 5.0), noise, np.full(70, 2.0)))
    hidden = np.isnan(hide_pads(samples, 1000.0))
    np.testing.assert_array_equal(np.flatnonzero(~hidden), np.arange(60, 760))


def test_short_runs_of_one_value_are_no_pads() -> None:
    held = np.repeat(np.random.default_rng(1).standard_normal(50), 5)  # a 200 Hz sensor at 1 kHz
    assert np.isfinite(hide_pads(held, 1000.0)).all()


def test_a_pad_that_was_filtered_is_still_one() -> None:
    noise = np.random.default_rng(1).standard_normal(2000)
    filtered = bandpass(np.concatenate((np.full(500, 0.3), noise, np.full(1000, 0.3))), 1000.0)
    hidden = np.isnan(hide_pads(filtered, 1000.0))
    assert hidden[:500].all()
    assert not hidden[505:2500].any()
    assert hidden[-500:].all()


def test_pads_beside_lost_samples_are_hidden_too() -> None:
    samples = np.concatenate((np.full(10, np.nan), np.zeros(80), [np.nan], np.arange(100.0) ** 2 + 1.0))
    assert np.flatnonzero(np.isfinite(hide_pads(samples, 1000.0)))[0] == 91


def test_a_signal_of_one_value_is_all_pad() -> None:
    assert np.isnan(hide_pads(np.full(100, 3.0), 1000.0)).all()


@pytest.mark.parametrize(
    ("rate_Hz", "step"), [(200.0, 1), (1000.0, 1), (1259.0, 1), (1926.0, 2), (2000.0, 2), (5000.0, 5)]
)
def test_fast_signals_are_thinned_to_about_1_kHz(rate_Hz: float, step: int) -> None:
    part = usable_part(np.arange(100.0), rate_Hz)
    assert part.sampling_frequency == rate_Hz / step
    np.testing.assert_array_equal(part.values, np.arange(100.0)[::step][: 100 // step])
    np.testing.assert_allclose(part.time_s, part.index / rate_Hz)


@given(
    lost=st.lists(st.integers(0, 199), max_size=60, unique=True),
    rate_Hz=st.sampled_from([500.0, 1000.0, 2000.0, 3000.0]),
)
def test_each_gap_leaves_one_border_where_the_signal_goes_on(lost: list[int], rate_Hz: float) -> None:
    samples = np.arange(200.0)
    samples[lost] = np.nan
    part = usable_part(samples, rate_Hz)
    assert np.isfinite(part.values).all()
    np.testing.assert_array_equal(part.values, part.index)
    apart = np.diff(part.time_s) > 1.5 / part.sampling_frequency
    np.testing.assert_array_equal(part.borders, np.flatnonzero(apart) + 1)
