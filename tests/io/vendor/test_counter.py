"""Sample counters that wrap: what is lost shows, what cannot be followed is said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.io.remarks import Remarks
from emgorder.io.vendor.counter import grid_from_counter, unroll


@given(
    lost=st.lists(st.integers(0, 400), max_size=60, unique=True),
    modulus=st.sampled_from([16, 200, 256]),
    start=st.integers(0, 255),
)
def test_lost_samples_are_found_where_they_were_lost(lost: list[int], modulus: int, start: int) -> None:
    kept = np.setdiff1d(np.arange(600), lost)
    longest = int(np.diff(kept).max())
    unrolled = unroll((kept + start) % modulus * 1.0, modulus=modulus)
    if longest < modulus:
        assert unrolled.trusted
        np.testing.assert_array_equal(unrolled.index, kept - kept[0])
    else:
        assert unrolled.index[-1] <= kept[-1] - kept[0]


def test_the_round_is_told_from_the_values() -> None:
    counter = np.arange(500.0) % 101
    np.testing.assert_array_equal(unroll(np.delete(counter, [150, 151])).index[[149, 150]], [149, 152])


def test_a_counter_that_never_falls_has_no_round() -> None:
    np.testing.assert_array_equal(unroll(np.array([7.0, 8, 9, 300, 301])).index, [0, 1, 2, 293, 294])


def test_an_unreadable_count_follows_the_row_before() -> None:
    np.testing.assert_array_equal(
        unroll(np.array([np.nan, 5, np.nan, 7, 8, 9, 11]), modulus=16).index, [0, 1, 2, 3, 4, 5, 7]
    )


@pytest.mark.parametrize("n_lost", [256, 512, 1000])
def test_whole_rounds_are_told_by_the_times_of_arrival(n_lost: int) -> None:
    kept = np.delete(np.arange(5000), np.arange(2000, 2000 + n_lost))
    late = np.random.default_rng(1).exponential(0.004, kept.size)
    unrolled = unroll(kept % 256 * 1.0, modulus=256, time_s=kept / 250 + late, sampling_frequency=250.0)
    np.testing.assert_array_equal(unrolled.index, kept)


def test_a_link_that_was_late_has_lost_nothing() -> None:
    sample = np.arange(5000)
    arrival_s = sample / 250
    arrival_s[2000:2500] = np.maximum(arrival_s[2000:2500], arrival_s[2400])  # 1.6 s of silence, then all at once
    unrolled = unroll(sample % 256 * 1.0, modulus=256, time_s=arrival_s, sampling_frequency=250.0)
    np.testing.assert_array_equal(unrolled.index, sample)


@pytest.mark.parametrize(
    "counter",
    [
        [0, 0, 0, 0, 0, 0],
        [5, 4, 3, 2, 1, 0],
        [0, 1.5, 2, 3, 4, 5],
        [0, 1, 2, 1e12, 4, 5],
        [np.nan] * 6,
        [1e300, 2e300, 3, 4, 5, 6],
    ],
)
def test_what_does_not_count_leaves_rows_consecutive_and_says_so(counter: list[float]) -> None:
    unrolled = unroll(np.array(counter, dtype=np.float64), modulus=16)
    np.testing.assert_array_equal(unrolled.index, np.arange(6))
    assert not unrolled.trusted
    remarks = Remarks("x.txt")
    grid = grid_from_counter(unrolled, np.arange(6), "nSeq", 1000.0, remarks)
    assert grid.n_samples == 6
    assert "lost samples do not show" in remarks.texts()[0]


def test_a_count_that_stands_still_once_is_a_round_lost() -> None:
    counter = np.append(np.arange(2000.0) % 16, np.arange(1999.0, 2100) % 16)
    unrolled = unroll(counter, modulus=16)
    assert unrolled.still.tolist() == [2000]
    assert unrolled.index[2000] - unrolled.index[1999] == 16


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=50), st.sampled_from([None, 16, 256]))
def test_any_column_gives_rising_places(values: list[float], modulus: int | None) -> None:
    index = unroll(np.array(values, dtype=np.float64), modulus=modulus).index
    assert index.size == len(values)
    assert np.all(np.diff(index) > 0)
