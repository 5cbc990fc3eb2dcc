"""Units of time, and rates that agree or contradict each other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from emgorder.errors import RecordingError, SettingsError
from emgorder.io.timecolumn import check_rate
from emgorder.model import Recording

Read = Callable[..., tuple[Recording, list[str]]]
Refuse = Callable[..., RecordingError]


def timed(header: str, times: list[object]) -> list[str]:
    return [f"{header},GMAX_uV", *(f"{t},{(7 * i) % 11}" for i, t in enumerate(times))]


@pytest.mark.parametrize("header", ["time_s", "time", "t", "Time [s]", "seconds", "X[s]"])
def test_seconds_are_recognised(read: Read, header: str) -> None:
    recording, warned = read(timed(header, [f"{i / 500:.3f}" for i in range(40)]))
    assert recording.sampling_frequency == 500.0
    assert warned == []


@pytest.mark.parametrize("header", ["time (ms)", "time_ms", "ms", "Timestamp [msec]"])
def test_milliseconds_are_recognised(read: Read, header: str) -> None:
    recording, warned = read(timed(header, [2 * i for i in range(40)]))
    assert recording.sampling_frequency == 500.0
    assert warned == []


@pytest.mark.parametrize(("step", "unit"), [(4, "ms"), (0.5, "ms"), (500, "us"), (4000, "us")])
def test_a_time_without_a_unit_is_told_from_the_rate(read: Read, step: float, unit: str) -> None:
    recording, warned = read(timed("time", [step * i for i in range(40)]))
    assert recording.sampling_frequency == pytest.approx({"ms": 1e3, "us": 1e6}[unit] / step)
    assert len(warned) == 1
    assert f"column time: no unit in the header: taken as {unit}" in warned[0]


def test_a_time_that_fits_no_rate_of_muscles_is_in_seconds(read: Read) -> None:
    recording, warned = read(timed("time", [f"{i}e-5" for i in range(40)]))
    assert recording.sampling_frequency == 100_000.0
    assert warned == []


def test_a_time_that_counts_rows_or_milliseconds_is_refused(refuse: Refuse) -> None:
    error = refuse(timed("t", list(range(40))))
    assert error.column == "t"
    assert "milliseconds or row numbers?" in str(error)
    assert "time_ms" in str(error)
    assert "sampling_frequency=" in str(error)


def test_a_given_rate_tells_that_a_time_counts_rows(read: Read) -> None:
    rows = [i for i in range(40) if i != 10]
    recording, warned = read(timed("t", list(rows)), sampling_frequency=250)
    assert recording.sampling_frequency == 250.0
    assert np.flatnonzero(np.isnan(recording.data[:, 0])).tolist() == [10]
    assert len(warned) == 1
    assert "row 12" in warned[0]


def test_a_given_rate_that_contradicts_the_times_is_refused(refuse: Refuse, lines: list[str]) -> None:
    error = refuse(lines, sampling_frequency=2000)
    assert error.column == "time_s"
    assert "run at 1000 Hz" in str(error)
    assert "sampling_frequency=2000 was given" in str(error)
    assert "leave it out" in str(error)


def test_a_given_rate_that_agrees_is_used(read: Read, lines: list[str]) -> None:
    recording, warned = read(lines, sampling_frequency=1000.2)
    assert recording.sampling_frequency == 1000.2
    assert warned == []


def test_a_given_rate_that_drifts_by_more_than_a_row_is_used_with_a_remark(read: Read) -> None:
    recording, warned = read(timed("time_s", [f"{i / 1000:.3f}" for i in range(1000)]), sampling_frequency=1002)
    assert recording.sampling_frequency == 1002.0
    assert len(warned) == 1
    assert "1000 Hz: read at 1002 Hz, as told" in warned[0]


def test_a_sidecar_rate_that_agrees_is_used_to_the_last_digit(read: Read, lines: list[str]) -> None:
    recording, warned = read(lines, sidecar={"SamplingFrequency": 1000.0003})
    assert recording.sampling_frequency == 1000.0003
    assert warned == []


def test_a_sidecar_rate_that_contradicts_the_times_is_ignored_with_a_remark(read: Read, lines: list[str]) -> None:
    recording, warned = read(lines, sidecar={"SamplingFrequency": 500})
    assert recording.sampling_frequency == 1000.0
    assert len(warned) == 1
    assert "sidecar says 500 Hz but the time column 1000 Hz" in warned[0]
    assert "correct SamplingFrequency" in warned[0]


def test_a_sidecar_rate_is_enough_without_a_time_column(read: Read) -> None:
    recording, warned = read("GMAX_uV\n1\n2\n3\n", sidecar={"SamplingFrequency": 1111.11})
    assert recording.sampling_frequency == 1111.11
    assert warned == []


def test_a_given_rate_wins_over_the_sidecar_where_there_is_no_time(read: Read) -> None:
    recording, warned = read("GMAX_uV\n1\n2\n3\n", sidecar={"SamplingFrequency": 500}, sampling_frequency=1000)
    assert recording.sampling_frequency == 1000.0
    assert len(warned) == 1
    assert "sidecar says 500 Hz but sampling_frequency= 1000 Hz" in warned[0]


def test_a_time_that_does_not_start_at_zero_is_noted(read: Read) -> None:
    recording, warned = read(timed("time_s", [f"{14 + i}e-3" for i in range(40)]))
    assert recording.sampling_frequency == 1000.0
    assert warned == []
    assert recording.notes == (
        "session.csv, row 2, column time_s: the first time is 0.014: times count from this row, as if it were 0",
    )


def test_a_second_time_column_is_left_out(read: Read) -> None:
    recording, warned = read(["time_s,GMAX_uV,time_ms", *(f"{i / 1000},{i % 7},{i}" for i in range(40))])
    assert [c.label for c in recording.channels] == ["GMAX"]
    assert len(warned) == 1
    assert "column time_ms: a second column of times" in warned[0]


@pytest.mark.parametrize("rate", [0, -1000, float("nan"), float("inf"), "1000", True])
def test_a_rate_that_is_no_positive_number_is_refused(rate: object) -> None:
    with pytest.raises(SettingsError, match="positive number of Hz") as caught:
        check_rate(rate)  # type: ignore[arg-type]
    assert caught.value.args[0].startswith("sampling_frequency")
