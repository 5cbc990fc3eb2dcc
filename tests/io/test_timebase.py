"""Times as recorders write them, laid on a uniform grid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.errors import RecordingError
from emgorder.io.remarks import Remarks
from emgorder.io.timebase import Grid, lay_on_grid
from emgorder.model import FloatArray

N = 5000


def lay(time_s: FloatArray) -> tuple[Grid, tuple[str, ...]]:
    remarks = Remarks("f.csv")
    rows = np.arange(2, time_s.size + 2)
    return lay_on_grid(np.asarray(time_s, dtype=float), rows, "time_s", Path("f.csv"), remarks), remarks.texts()


def clean(rate_Hz: float = 1000.0, n: int = N) -> FloatArray:
    return np.arange(n) / rate_Hz


@given(rate_Hz=st.integers(5000, 500_000).map(lambda x: x / 100), n=st.integers(100, 3000))
def test_a_rate_with_two_decimals_survives_nine_decimals_of_time(rate_Hz: float, n: int) -> None:
    grid, remarks = lay(np.round(clean(rate_Hz, n), 9))
    assert grid.sampling_frequency == pytest.approx(rate_Hz, rel=1e-5)
    assert grid.n_samples == n
    assert remarks == ()


def test_1111_11_Hz_is_found_in_a_minute_to_the_digit() -> None:
    grid, remarks = lay(np.round(clean(1111.11, 66_667), 6))
    assert grid.sampling_frequency == 1111.11
    assert remarks == ()


def test_a_clock_that_is_50_ppm_slow_keeps_its_rate() -> None:
    assert lay(clean() * (1 + 50e-6))[0].sampling_frequency == pytest.approx(999.95, abs=1e-3)


@pytest.mark.parametrize("rate_Hz", [256, 700, 950, 1111.11, 2000, 5000])
def test_times_rounded_to_milliseconds_leave_no_gaps(rate_Hz: float) -> None:
    grid, remarks = lay(np.round(clean(rate_Hz), 3))
    assert grid.n_samples == N
    assert grid.sampling_frequency == pytest.approx(rate_Hz, rel=1e-4)
    assert len(remarks) == 1


def test_rounded_times_with_a_pause_keep_their_rate() -> None:
    time_s = clean(700.0)
    time_s[2000:] += 0.5
    grid, _ = lay(np.round(time_s, 3))
    assert grid.sampling_frequency == pytest.approx(700, rel=1e-4)
    assert grid.n_samples == N + 350


@given(st.sets(st.integers(1, N - 2), min_size=1, max_size=400))
def test_missing_rows_are_found_where_they_were(missing: set[int]) -> None:
    there = np.setdiff1d(np.arange(N), sorted(missing))
    grid, remarks = lay(clean()[there])
    np.testing.assert_array_equal(grid.index, there)
    assert grid.sampling_frequency == 1000.0
    first = int(np.flatnonzero(np.diff(there) > 1)[0])
    assert remarks[-1].startswith(f"f.csv, row {first + 3}, column time_s: ")
    assert "missing before this one: lost samples" in remarks[-1]


def test_jitter_of_two_tenths_of_a_step_does_not_hide_single_lost_rows() -> None:
    rng = np.random.default_rng(1)
    there = np.setdiff1d(np.arange(N), [100, 2000, 2001, 4321])
    grid, remarks = lay((clean() + rng.uniform(-1e-4, 1e-4, N))[there])
    np.testing.assert_array_equal(grid.index, there)
    assert "deviate from an even clock by up to 0.1" in remarks[0]


@pytest.mark.parametrize("jitter_s", [0.0002, 0.00045, 0.005])
def test_jittered_times_are_taken_as_even_with_a_remark(jitter_s: float) -> None:
    rng = np.random.default_rng(2)
    grid, remarks = lay(np.sort(clean() + rng.uniform(-jitter_s, jitter_s, N)))
    assert grid.n_samples == N
    assert grid.sampling_frequency == pytest.approx(1000, rel=1e-3)
    assert len(remarks) == 1
    assert "evenly spaced" in remarks[0] or "rows taken as consecutive" in remarks[0]


def test_times_of_packets_are_spread_over_their_rows() -> None:
    grid, remarks = lay(np.repeat(clean()[::10], 10))
    np.testing.assert_array_equal(grid.index, np.arange(N))
    assert grid.sampling_frequency == 1000.0
    assert "pauses shorter than 15 ms cannot be seen" in remarks[0]


def test_lost_packets_are_found() -> None:
    packets = np.setdiff1d(np.arange(N // 10), [50, 51, 300])
    grid, remarks = lay(np.repeat(clean()[::10][packets], 10))
    there = np.setdiff1d(np.arange(N), [*range(500, 520), *range(3000, 3010)])
    np.testing.assert_array_equal(grid.index, there)
    assert "row 502" in remarks[-1]
    assert "20 rows missing before this one" in remarks[-1]


def test_unsorted_rows_are_sorted_with_a_remark() -> None:
    order = np.arange(N)
    order[100:103] = [102, 101, 100]
    grid, remarks = lay(clean()[order])
    np.testing.assert_array_equal(grid.kept[100:103], [102, 101, 100])
    np.testing.assert_array_equal(grid.index, np.arange(N))
    assert remarks == (
        "f.csv, row 103, column time_s: time goes back from 0.102 s to 0.101 s: rows sorted by time (1 more like this)",
    )


@pytest.mark.parametrize("n", [10, N])
def test_a_row_written_twice_is_left_out(n: int) -> None:
    grid, remarks = lay(np.insert(clean(n=n), 6, 0.005))
    assert grid.n_samples == n
    assert 6 not in grid.kept
    assert remarks == ("f.csv, row 8, column time_s: same time as the row before: left out",)


def test_two_recordings_in_one_file_are_refused() -> None:
    with pytest.raises(RecordingError, match="split the file here") as caught:
        lay(np.concatenate([clean(), clean()]))
    assert (caught.value.row, caught.value.column) == (N + 2, "time_s")


def test_a_gap_longer_than_the_recording_is_refused() -> None:
    with pytest.raises(RecordingError, match=r"jumps from 4\.999 s to 86400 s.*split the file here") as caught:
        lay(np.concatenate([clean(), clean() + 86_400]))
    assert caught.value.row == N + 2


def test_rows_without_a_time_lie_between_their_neighbours() -> None:
    time_s = clean()
    time_s[3::7] = np.nan
    grid, remarks = lay(time_s)
    np.testing.assert_array_equal(grid.index, np.arange(N))
    assert remarks[0].startswith("f.csv, row 5, column time_s: a row without a time")


@pytest.mark.parametrize("wrong", [12.345, -3.0, 1e200, np.inf])
def test_a_single_time_out_of_line_is_corrected_where_it_stands(wrong: float) -> None:
    time_s = clean()
    time_s[100] = wrong
    grid, remarks = lay(time_s)
    np.testing.assert_array_equal(grid.index, np.arange(N))
    np.testing.assert_array_equal(grid.kept, np.arange(N))
    assert len(remarks) == 1
    assert remarks[0].startswith("f.csv, row 102, column time_s: ")
    assert "far out of line: placed evenly between its neighbours" in remarks[0]


def test_times_that_are_mostly_missing_are_refused() -> None:
    time_s = np.full(N, np.nan)
    time_s[::10] = clean()[::10]
    with pytest.raises(RecordingError, match="delete the column and give sampling_frequency="):
        lay(time_s)


def test_times_that_stand_still_are_refused() -> None:
    with pytest.raises(RecordingError, match="tell no rate: give sampling_frequency="):
        lay(np.ones(10))


def test_times_that_stand_still_for_long_are_refused() -> None:
    with pytest.raises(RecordingError, match="stands still in most rows: delete the column"):
        lay(np.concatenate([clean(n=10), np.full(100, 0.01), [0.02]]))


@given(st.floats(-1e9, 1e9), st.sampled_from([200.0, 1000.0, 2048.0]))
def test_where_the_clock_starts_does_not_matter(start_s: float, rate_Hz: float) -> None:
    grid, _ = lay(clean(rate_Hz, 500) + start_s)
    assert grid.n_samples == 500
    assert grid.sampling_frequency == pytest.approx(rate_Hz, rel=1e-4)
