"""Tables with a method a row, the best published one of each column in bold."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from _table import markdown

from _accuracy import scores
from _accuracy.detectors import is_own
from emgorder.model import FloatArray

__all__ = [
    "BIAS",
    "COVER_50",
    "COVER_90",
    "LOG_SCORE",
    "MAE",
    "MEDIAN",
    "WIDTH",
    "WITHHELD",
    "Column",
    "Measure",
    "best_published",
    "by_level",
    "by_method",
    "level_table",
    "method_table",
    "share_of",
]

Measure = Callable[[pd.DataFrame], float]


@dataclass(frozen=True, slots=True)
class Column:
    """One figure of a method.

    Attributes
    ----------
    header : str
        With the unit.
    measure : callable
        From the rows of one method to the figure; NaN where it has none.
    show : str
        Format of the scaled figure.
    scale : float
        1000 for ms, 100 for %.
    best : {"low", "high", ""}
        Which end is good; empty where neither is.
    error : callable or None
        Standard error of the figure.
    """

    header: str
    measure: Measure
    show: str = ".1f"
    scale: float = 1e3
    best: Literal["low", "high", ""] = ""
    error: Measure | None = None

    def text(self, frame: pd.DataFrame) -> str:
        """Return the figure of the rows of one method as it is printed."""
        value = self.measure(frame)
        if not math.isfinite(value):
            return "–"
        shown = format(self.scale * value, self.show)
        error = math.nan if self.error is None else self.scale * self.error(frame)
        return f"{shown} ± {error:.1f}" if math.isfinite(error) else shown

    def of(self, errors: str, header: str) -> Column:
        """Return the same figure of another column of errors; without any it has none."""

        def renamed(measure: Measure) -> Measure:
            def measured(frame: pd.DataFrame) -> float:
                there = errors in frame and bool(frame[errors].notna().any())
                return measure(frame.assign(error_s=frame[errors])) if there else math.nan

            return measured

        error = None if self.error is None else renamed(self.error)
        return replace(self, header=header, measure=renamed(self.measure), error=error)


def error_of_mean(frame: pd.DataFrame, values: FloatArray) -> float:
    """Return the standard error of a mean over rows, which may be pairs of bursts or share their recordings."""
    if "first" in frame and frame["first"].notna().all():
        first, second = (frame[end].to_numpy(dtype=np.intp) for end in ("first", "second"))
        return scores.standard_error_of_pairs(values, first, second)
    return scores.standard_error(values, frame["group"].to_numpy() if "group" in frame else None)


def share_of(header: str, column: str, *, best: Literal["low", "high", ""] = "", with_error: bool = False) -> Column:
    """Return the mean of a column of zeros and ones in per cent."""

    def error(frame: pd.DataFrame) -> float:
        return error_of_mean(frame, frame[column].to_numpy())

    return Column(
        header, lambda frame: float(frame[column].mean()), scale=100.0, best=best, error=error if with_error else None
    )


MAE = Column(
    "MAE, ms",
    scores.mean_error_s,
    best="low",
    error=lambda frame: error_of_mean(frame, scores.capped_s(frame).to_numpy()),
)
MEDIAN = Column("median, ms", scores.median_error_s, best="low")
BIAS = Column("bias, ms", scores.bias_s, show="+.1f")
COVER_90 = Column("in 90 % interval, %", scores.coverage, scale=100.0)
COVER_50 = Column("in 50 % interval, %", lambda frame: scores.coverage(frame, 0.50), scale=100.0)
WIDTH = Column("width of 90 %, ms", scores.width_s)
LOG_SCORE = Column("log score", scores.log_score, show=".2f", scale=1.0)
WITHHELD = Column("withheld, %", scores.withheld, scale=100.0)


def by_level(frame: pd.DataFrame, factor: str, *, scale: float = 1.0, unit: str = "") -> list[Column]:
    """Return a column for each level of a factor with the mean error of that level."""

    def restricted(measure: Measure, level: object) -> Measure:
        return lambda rows: measure(rows[rows[factor] == level])

    return [
        replace(MAE, header=_plain(level, scale, unit), measure=restricted(MAE.measure, level), error=None)
        for level in _levels(frame, factor)
    ]


def method_table(frame: pd.DataFrame, columns: Sequence[Column], *, order_by: int = 0) -> str:
    """Return a table with a method a row, in the order of one of its columns.

    Parameters
    ----------
    frame : DataFrame
        Rows of scores with the name of the ``method``.
    columns : sequence of Column
        What is shown.
    order_by : int
        Number of the column that orders the rows; what lacks a figure comes last.
    """
    parts = by_method(frame)
    sign = -1.0 if columns[order_by].best == "high" else 1.0
    ranked = sorted(parts, key=lambda name: _last_if_nan(sign * columns[order_by].measure(parts[name])))
    best = [best_published(column, parts) for column in columns]
    rows = []
    for name in ranked:
        texts = [c.text(parts[name]) for c in columns]
        rows.append([f"`{name}`", *(f"**{t}**" if name == best[k] else t for k, t in enumerate(texts))])
    return markdown(["method", *(c.header for c in columns)], rows)


def level_table(frame: pd.DataFrame, factors: Sequence[tuple[str, str, float, str]], columns: Sequence[Column]) -> str:
    """Return a table of one method with a level of a factor a row.

    Parameters
    ----------
    frame : DataFrame
        Rows of one method.
    factors : sequence of (str, str, float, str)
        Column of `frame`, its name for people, scale and unit of its levels.
    columns : sequence of Column
        What is shown.
    """
    rows = []
    for factor, name, scale, unit in factors:
        for level in _levels(frame, factor):
            part = frame[frame[factor] == level]
            rows.append([name, _plain(level, scale, unit), len(part), *(c.text(part) for c in columns)])
    return markdown(["", "", "n", *(c.header for c in columns)], rows)


def best_published(column: Column, parts: Mapping[str, pd.DataFrame]) -> str:
    """Return the published method with the best figure, empty where there is none or nothing is better than anything.

    Parameters
    ----------
    column : Column
        The figure.
    parts : mapping of str to DataFrame
        Rows of scores by method.
    """
    values = {name: column.measure(rows) for name, rows in parts.items() if not is_own(name)}
    known = {name: value for name, value in values.items() if math.isfinite(value)}
    if not column.best or not known:
        return ""
    pick = min if column.best == "low" else max
    return pick(known, key=lambda name: known[name])


def by_method(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the rows of each method."""
    return {str(name): rows for name, rows in frame.groupby("method", sort=False)}


def _last_if_nan(value: float) -> float:
    return math.inf if math.isnan(value) else value


def _levels(frame: pd.DataFrame, factor: str) -> list[object]:
    """Return the levels of a factor: numbers in order, names as they come."""
    levels = frame[factor].drop_duplicates()
    return list(levels.sort_values() if pd.api.types.is_numeric_dtype(levels) else levels)


def _plain(level: object, scale: float, unit: str) -> str:
    return f"{scale * level:g}{unit}" if isinstance(level, float | int) else str(level)
