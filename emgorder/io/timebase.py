"""From a column of times to a uniform grid: which row of the grid each row of the file is, and how fast it runs.

Three readings of the time column are tried, the strictest first:

1. *Rounded or jittered*: a straight line through the row numbers fits. The rows are consecutive.
2. *Precise*: the steps are multiples of one step. A step of several is a gap; its missing rows become lost samples.
3. *Coarse*: many rows share a time (a packet's time of arrival), or the times scatter by more than a quarter of a
   step. The rows are consecutive but for pauses far longer than usual; shorter gaps cannot be seen, and that is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emgorder.errors import RecordingError
from emgorder.io.remarks import Remarks, counted
from emgorder.model import BoolArray, FloatArray, IntArray

__all__ = ["Grid", "estimate_rate", "lay_on_grid"]

_MIN_IRREGULAR = 20  # fewer odd steps than this are single lost or doubled rows, not the rounding of the times
_LINE_FITS = 0.6  # steps: rounding moves a time by half a step at most
_SAME_TIME = 0.25  # steps: rows closer than this are one row written twice
_PRECISE = 0.25  # steps: a time off by less leaves no doubt which multiple of the step was meant
_REMARKABLE = 0.1  # steps: smaller deviations come from the digits of the file
_COARSE_SHARE = 0.1  # of the rows share their time with the row before
_PAUSE = 2.5  # times the usual step between two coarse times
_FAR_OUT = 12.0  # robust SDs: Poisson arrivals pass this once in 10,000
_TYPICAL_ROWS = 50  # a slope over this many rows averages packets out, and seldom holds a gap
_MAX_FILL = 10  # lost rows a row of data; beyond that the file holds separate recordings
_MIN_FILL = 100_000  # rows that may always be filled (100 s at 1 kHz)
_LATEST = 1e18  # in any unit: nanoseconds since 1970 are less, and differences of such times cannot overflow
_CRYSTAL = 1e-4  # relative: a sensor's clock is seldom better, so a rounder rate within this is as good


@dataclass(frozen=True, eq=False, slots=True)
class Grid:
    """Row ``kept[i]`` of the file is row ``index[i]`` of a grid of ``n_samples`` rows at ``sampling_frequency`` Hz."""

    sampling_frequency: float
    kept: IntArray
    index: IntArray
    n_samples: int


def lay_on_grid(
    time_s: FloatArray, rows: IntArray, column: str, path: Path, remarks: Remarks, *, rate_Hz: float | None = None
) -> Grid:
    """Place the rows of a file on a uniform grid by their times.

    Parameters
    ----------
    time_s : ndarray, shape (n_rows,)
        Time of each row, s; NaN where there is none.
    rows : ndarray of int, shape (n_rows,)
        Line numbers, for messages.
    column : str
        Name of the time column, for messages.
    path : Path
        For messages.
    remarks : Remarks
        Takes what was repaired.
    rate_Hz : float, optional
        Used where the times tell no rate: a single sample, or one time for all.

    Raises
    ------
    RecordingError
        The times do not tell a rate, start again in the middle, or leave more gaps than samples.
    """
    time_s = _filled_times(time_s, rows, column, path, remarks)
    kept = _in_order(time_s, rows, column, path, remarks)
    if kept.size < 2 or time_s[kept[-1]] <= time_s[kept[0]]:
        if rate_Hz is None:
            raise RecordingError(
                f"{counted(kept.size, 'sample')} at one time tell no rate: give sampling_frequency=",
                path=path,
                column=column,
            )
        return Grid(rate_Hz, kept, np.arange(kept.size), kept.size)
    _check_gaps(time_s[kept], rows[kept], column, path)
    step_s, steps, kept = _count_steps(time_s, kept, rows, column, remarks)
    index = np.concatenate([[0], np.cumsum(steps)])
    t = time_s[kept]
    slope_s, deviation_s = _fit_line(index, t)
    worst = int(np.argmax(np.abs(deviation_s)))
    if abs(deviation_s[worst]) > _REMARKABLE * step_s and not remarks.has("coarse time"):
        remarks.warn(
            "jitter",
            f"times deviate from an even clock by up to {1e3 * abs(deviation_s[worst]):.3g} ms: "
            "samples taken as evenly spaced",
            row=int(rows[kept[worst]]),
            column=column,
        )
    gaps = np.flatnonzero(np.diff(index) > 1)
    if gaps.size:
        n_missing = int(index[-1]) + 1 - index.size
        remarks.warn(
            "gap",
            f"{counted(int(np.diff(index)[gaps[0]]) - 1, 'row')} missing before this one: lost samples"
            + (f"; {n_missing} rows missing in all" if gaps.size > 1 else ""),
            row=int(rows[kept[gaps[0] + 1]]),
            column=column,
            more=gaps.size - 1,
        )
    return Grid(_round_rate(slope_s, deviation_s, float(t[-1] - t[0])), kept, index, int(index[-1]) + 1)


def estimate_rate(time: FloatArray) -> float:
    """Return rows per unit of `time`, roughly: whatever the unit, in spite of jitter, packets and a few gaps.

    Examples
    --------
    >>> estimate_rate(np.array([0.0, 4.0, 8.0, 12.0]))
    0.25
    """
    t = np.sort(time[np.abs(time) < _LATEST])
    step = _typical_step(t) if t.size > 1 else 0.0
    return 1.0 / step if step > 0 else 0.0


def _typical_step(t: FloatArray) -> float:
    lag = min(_TYPICAL_ROWS, max(1, t.size // 4))
    return float(np.median(t[lag:] - t[:-lag])) / lag


def _filled_times(time_s: FloatArray, rows: IntArray, column: str, path: Path, remarks: Remarks) -> FloatArray:
    """Return the times with those that are missing or far out of line placed evenly between their neighbours."""
    has_time = np.abs(time_s) < _LATEST
    n_without = int(np.sum(~has_time))
    if 2 * n_without > time_s.size:
        raise RecordingError(
            f"{n_without} of {time_s.size} rows have no time: delete the column and give sampling_frequency=",
            path=path,
            column=column,
        )
    has_time[_out_of_line(np.where(has_time, time_s, np.nan))] = False
    without = np.flatnonzero(~has_time)
    if not without.size:
        return time_s
    remarks.warn(
        "no time",
        "a row without a time, or with one far out of line: placed evenly between its neighbours, left out at the ends",
        row=int(rows[without[0]]),
        column=column,
        more=without.size - 1,
    )
    at = np.flatnonzero(has_time)
    return np.interp(np.arange(time_s.size), at, time_s[at], left=np.nan, right=np.nan)


def _out_of_line(time_s: FloatArray) -> IntArray:
    """Return the rows whose own time is far off while their neighbours leave room for just one row."""
    known = time_s[np.isfinite(time_s)]
    step_s = _typical_step(known) if known.size > 1 else 0.0
    if step_s <= 0:
        return np.empty(0, dtype=np.intp)
    before, own, after = time_s[:-2], time_s[1:-1], time_s[2:]
    room = (after - before > 1.5 * step_s) & (after - before < _PAUSE * step_s)
    far = (own - after > _TYPICAL_ROWS * step_s) | (before - own > _TYPICAL_ROWS * step_s)
    return np.flatnonzero(room & far) + 1


def _in_order(time_s: FloatArray, rows: IntArray, column: str, path: Path, remarks: Remarks) -> IntArray:
    """Return the rows that have a time, in the order of time."""
    kept = np.flatnonzero(np.isfinite(time_s))
    t = time_s[kept]
    back = np.flatnonzero(np.diff(t) < 0)
    if not back.size:
        return kept
    row = int(rows[kept[back[0] + 1]])
    order = np.argsort(t, kind="stable")
    ordered = t[order]
    step_s = _typical_step(ordered)
    n_same = int(np.sum(np.diff(ordered) < _SAME_TIME * step_s)) - int(np.sum(np.diff(t) == 0))
    if np.min(np.diff(t)) < -_TYPICAL_ROWS * step_s and n_same >= _MIN_IRREGULAR:
        raise RecordingError(
            f"time goes back from {t[back[0]]:g} s to {t[back[0] + 1]:g} s and runs through the same times again: "
            "the clock restarted or two recordings were joined, so split the file here",
            path=path,
            row=row,
            column=column,
        )
    remarks.warn(
        "unsorted",
        f"time goes back from {t[back[0]]:g} s to {t[back[0] + 1]:g} s: rows sorted by time",
        row=row,
        column=column,
        more=back.size - 1,
    )
    return kept[order]


def _count_steps(
    time_s: FloatArray, kept: IntArray, rows: IntArray, column: str, remarks: Remarks
) -> tuple[float, IntArray, IntArray]:
    """Return the step (s), how many steps each row is after the one before, and the rows kept."""
    t = time_s[kept]
    d = np.diff(t)
    typical_s = _typical_step(t)
    pauses = d > _PAUSE * typical_s
    joined = np.concatenate([[0.0], np.cumsum(np.where(pauses, typical_s, d))])
    slope_s, deviation_s = _fit_line(np.arange(t.size), joined)
    n_irregular = int(np.sum(np.abs(d[~pauses] / slope_s - 1.0) > 0.5))
    rounded = n_irregular >= _MIN_IRREGULAR and np.max(np.abs(deviation_s)) <= _LINE_FITS * slope_s
    if n_irregular == 0 or rounded:
        return slope_s, np.where(pauses, np.maximum(1, np.round(d / slope_s)), 1).astype(np.intp), kept
    new = d >= _REMARKABLE * typical_s
    if np.sum(~new) < max(_COARSE_SHARE * d.size, _MIN_IRREGULAR):
        step_s = float(np.median(d[new]))
        once = np.concatenate([[True], d >= _SAME_TIME * step_s])
        spaced = np.diff(t[once]) / step_s
        if np.quantile(np.abs(spaced - np.round(spaced)), 0.95) <= _PRECISE:
            _remark_on_repeats(kept[~once], rows, column, remarks)
            return step_s, np.maximum(1, np.round(spaced)).astype(np.intp), kept[once]
    step_s, pause_s, steps = _coarse_steps(t, new)
    remarks.warn(
        "coarse time",
        "times are too coarse to place single rows: rows taken as consecutive, and pauses shorter than "
        f"{1e3 * pause_s:.3g} ms cannot be seen",
        row=int(rows[kept[1]]),
        column=column,
    )
    return step_s, steps, kept


def _remark_on_repeats(dropped: IntArray, rows: IntArray, column: str, remarks: Remarks) -> None:
    if dropped.size:
        remarks.warn(
            "repeated time",
            "same time as the row before: left out",
            row=int(rows[dropped[0]]),
            column=column,
            more=dropped.size - 1,
        )


def _coarse_steps(t: FloatArray, new: BoolArray) -> tuple[float, float, IntArray]:
    """Return step, shortest pause seen, and the steps of each row; ``new[i]`` says that row i + 1 starts a packet."""
    starts = np.concatenate([[0], np.flatnonzero(new) + 1])
    counts = np.diff(starts)
    spans_s = np.diff(t[starts])
    usual_s = float(np.median(spans_s))
    scatter_s = 1.4826 * float(np.median(np.abs(spans_s - usual_s)))
    even = np.quantile(np.abs(spans_s / usual_s - np.round(spans_s / usual_s)), 0.95) <= _PRECISE
    pause_s = 1.5 * usual_s if even else max(_PAUSE * usual_s, usual_s + _FAR_OUT * scatter_s)
    pauses = spans_s > pause_s
    step_s = float(spans_s[~pauses].sum() / counts[~pauses].sum())
    steps = np.ones(t.size - 1, dtype=np.intp)
    missing = np.maximum(0, np.round(spans_s[pauses] / step_s).astype(np.intp) - counts[pauses])
    steps[starts[1:][pauses] - 1] += missing
    return step_s, pause_s, steps


def _check_gaps(t: FloatArray, rows: IntArray, column: str, path: Path) -> None:
    """Refuse times that stand still, and times that jump so far that the gap would be most of the recording."""
    step_s = _typical_step(t)
    if step_s <= 0:
        raise RecordingError(
            "time stands still in most rows: delete the column and give sampling_frequency=", path=path, column=column
        )
    if (t[-1] - t[0]) / step_s > max(_MAX_FILL * t.size, _MIN_FILL):
        at = int(np.argmax(np.diff(t)))
        raise RecordingError(
            f"time jumps from {t[at]:g} s to {t[at + 1]:g} s, a gap of about {(t[at + 1] - t[at]) / step_s:.3g} rows: "
            "these are separate recordings, so split the file here",
            path=path,
            row=int(rows[at + 1]),
            column=column,
        )


def _fit_line(index: IntArray, t: FloatArray) -> tuple[float, FloatArray]:
    """Return the slope of the least-squares line of `t` on `index`, and what is left."""
    x = index - index.mean()
    y = t - t[0]
    y = y - y.mean()
    slope = float(x @ y / (x @ x))
    return slope, y - slope * x


def _round_rate(step_s: float, deviation_s: FloatArray, span_s: float) -> float:
    """Return the roundest rate that the times cannot tell from the fitted one."""
    rate = 1.0 / step_s
    doubt = rate * min(_CRYSTAL, 2.0 * float(np.max(np.abs(deviation_s))) / span_s + 1e-9)
    return next((r for r in (round(rate, n) for n in range(10)) if r > 0 and abs(r - rate) <= doubt), rate)
