"""Which column tells the time, in which unit, and whether the rates that file, sidecar and caller name agree."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emgorder.errors import RecordingError, SettingsError
from emgorder.io.remarks import Remarks, shown
from emgorder.io.table import Table
from emgorder.io.timebase import Grid, estimate_rate, lay_on_grid
from emgorder.model import FloatArray

__all__ = ["Clocked", "check_rate", "clock_rows"]

_PER_SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6}
_SLOWEST_Hz, _FASTEST_Hz = 50.0, 50_000.0  # rates of EMG: they tell s, ms and µs apart, since 50 * 1000 = 50,000
_RATE_AGREES = 0.005  # relative: real clocks differ by less, wrong rates by far more
_ASK_RATE = "give sampling_frequency= (command line: --sampling-frequency)"


@dataclass(frozen=True, eq=False, slots=True)
class Clocked:
    """The grid of a recording; ``no_signals`` are the columns that hold times or row numbers."""

    sampling_frequency: float
    grid: Grid
    no_signals: frozenset[int]


def check_rate(sampling_frequency: float | None) -> None:
    """Check the argument ``sampling_frequency=``.

    Raises
    ------
    SettingsError
        It is no positive number.
    """
    if sampling_frequency is None:
        return
    if (
        isinstance(sampling_frequency, bool)
        or not isinstance(sampling_frequency, int | float | np.integer | np.floating)
        or not 0 < sampling_frequency < math.inf
    ):
        raise SettingsError(
            f"{sampling_frequency!r} is no rate: give a positive number of Hz", key="sampling_frequency"
        )


def clock_rows(
    table: Table, rate_sidecar_Hz: float | None, rate_given_Hz: float | None, path: Path, remarks: Remarks
) -> Clocked:
    """Place the rows of a table on a uniform grid.

    The time column is believed before the sidecar. A rate that the caller gives has to agree with the time column.

    Raises
    ------
    RecordingError
        Nothing tells the rate, or the given rate contradicts the time column.
    """
    times = [i for i, header in enumerate(table.headers) if header.role == "time" and i not in table.text_columns]
    counter = _counter(table)
    if not times and not table.has_header and _is_monotonic(table.values):
        times = [0]
        remarks.warn("time guessed", "numbers that only rise: taken as the time", column=table.headers[0].text)
    no_signals = frozenset(times) | ({0} if counter else frozenset())
    known_Hz = rate_given_Hz or rate_sidecar_Hz
    if not times and counter and known_Hz:
        grid = _grid(table, 0, table.values[:, 0] / known_Hz, known_Hz, path, remarks)
        return Clocked(known_Hz, grid, no_signals)
    if not times:
        words = next((i for i in table.text_columns if table.headers[i].role == "time"), None)
        if known_Hz is None and words is not None:
            raise RecordingError(
                f"times such as {shown(table.text_columns[words])} are no numbers: write seconds, or {_ASK_RATE}",
                path=path,
                column=table.headers[words].text,
            )
        if known_Hz is None:
            raise RecordingError(
                f"no time column in {shown(', '.join(h.text for h in table.headers))} and no rate: {_ASK_RATE}",
                path=path,
            )
        if rate_given_Hz:
            _compare_with_sidecar(rate_given_Hz, rate_sidecar_Hz, "sampling_frequency=", remarks)
        every = np.arange(table.rows.size)
        return Clocked(known_Hz, Grid(known_Hz, every, every, every.size), no_signals)
    if len(times) > 1:
        second = table.headers[times[1]].text
        remarks.warn("second time", "a second column of times: left out", column=second, more=len(times) - 2)
    column = times[0]
    grid = _grid(table, column, _seconds(table, column, known_Hz, path, remarks), known_Hz, path, remarks)
    _note_start(table, column, grid, remarks)
    rate_Hz = _agreed_rate(grid, rate_sidecar_Hz, rate_given_Hz, table.headers[column].text, path, remarks)
    return Clocked(rate_Hz, grid, no_signals)


def _grid(table: Table, column: int, time_s: FloatArray, known_Hz: float | None, path: Path, remarks: Remarks) -> Grid:
    return lay_on_grid(time_s, table.rows, table.headers[column].text, path, remarks, rate_Hz=known_Hz)


def _counter(table: Table) -> bool:
    """Whether the first column numbers the rows."""
    if table.headers[0].role != "counter" or table.rows.size < 2:
        return False
    steps = np.diff(table.values[:, 0])
    return bool(np.all(steps >= 1) and np.all(steps == np.round(steps)) and np.median(steps) == 1)


def _is_monotonic(values: FloatArray) -> bool:
    return values.shape[0] > 2 and values.shape[1] > 1 and bool(np.all(np.diff(values[:, 0]) > 0))


def _seconds(table: Table, column: int, known_Hz: float | None, path: Path, remarks: Remarks) -> FloatArray:
    """Return the time column in seconds; without a unit in its header the unit is told from the rate."""
    header, time = table.headers[column], table.values[:, column]
    if header.unit:
        return time / _PER_SECOND[header.unit]
    per_unit = estimate_rate(time)
    if known_Hz and abs(per_unit - 1.0) <= _RATE_AGREES and abs(known_Hz - 1000.0) > _RATE_AGREES * 1000.0:
        return time / known_Hz  # sample numbers under the name of time
    for unit, per_second in _PER_SECOND.items():
        if not _SLOWEST_Hz <= per_unit * per_second < _FASTEST_Hz:
            continue
        if per_unit == 1.0 and not known_Hz:
            raise RecordingError(
                f"counts 1 a row: milliseconds or row numbers? Name it time_ms, or {_ASK_RATE}",
                path=path,
                column=header.text,
            )
        if unit != "s":
            remarks.warn("time unit", f"no unit in the header: taken as {unit}", column=header.text)
        return time / per_second
    return time


def _note_start(table: Table, column: int, grid: Grid, remarks: Remarks) -> None:
    first = int(grid.kept[0])
    start = table.values[first, column]
    if start:
        remarks.note(
            "start",
            f"the first time is {start:.10g}: times count from this row, as if it were 0",
            row=int(table.rows[first]),
            column=table.headers[column].text,
        )


def _agreed_rate(
    grid: Grid, rate_sidecar_Hz: float | None, rate_given_Hz: float | None, column: str, path: Path, remarks: Remarks
) -> float:
    measured = grid.sampling_frequency
    if rate_given_Hz is None:
        agrees = _compare_with_sidecar(measured, rate_sidecar_Hz, "the time column", remarks, grid.n_samples)
        return rate_sidecar_Hz if agrees and rate_sidecar_Hz else measured
    if abs(rate_given_Hz / measured - 1.0) > _RATE_AGREES:
        raise RecordingError(
            f"the times run at {measured:.10g} Hz, but sampling_frequency={rate_given_Hz:.10g} was given: leave it "
            "out, or delete the column if its times are wrong",
            path=path,
            column=column,
        )
    if not _within_a_row(rate_given_Hz, measured, grid.n_samples):
        remarks.warn(
            "rate given",
            f"the times run at {measured:.10g} Hz: read at {rate_given_Hz:.10g} Hz, as told",
            column=column,
        )
    return rate_given_Hz


def _compare_with_sidecar(
    rate_Hz: float, rate_sidecar_Hz: float | None, source: str, remarks: Remarks, n_samples: int = 1
) -> bool:
    """Return whether the sidecar agrees to a row at the end of the recording, and remark on it if not."""
    if rate_sidecar_Hz is None:
        return True
    agrees = _within_a_row(rate_Hz, rate_sidecar_Hz, n_samples) and abs(rate_Hz / rate_sidecar_Hz - 1) <= _RATE_AGREES
    if not agrees:
        remarks.warn(
            "sidecar rate",
            f"the sidecar says {rate_sidecar_Hz:.10g} Hz but {source} {rate_Hz:.10g} Hz: read at {rate_Hz:.10g} Hz; "
            "correct SamplingFrequency in the sidecar",
        )
    return agrees


def _within_a_row(one_Hz: float, other_Hz: float, n_samples: int) -> bool:
    return n_samples * abs(one_Hz / other_Hz - 1.0) <= 1.0
