"""What a recording is made of, checked and brought to one form where it is made, whoever makes it."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from emgorder.errors import RecordingError
from emgorder.model.arrays import BoolArray, FloatArray

__all__ = [
    "LONGEST_DELAY_S",
    "absurd",
    "check_events",
    "check_instance",
    "finite_number",
    "one_of",
    "row_of",
    "samples",
    "sampling_rate",
]

_LARGEST_VALUE = 1e30
"""No sensor sends more, in whatever unit; what is beyond is damage."""

LONGEST_DELAY_S = 10.0
"""Filters and multiplexers delay by milliseconds; a second sensor's clock is no delay of a channel."""

EVENT_COLUMNS = ("onset", "duration", "trial_type")


def absurd(values: FloatArray) -> BoolArray:
    """Return which values are infinite or beyond what any sensor sends; NaN is not.

    Examples
    --------
    >>> absurd(np.array([1.0, -np.inf, 1e31, np.nan])).tolist()
    [False, True, True, False]
    """
    beyond: BoolArray = np.abs(values) > _LARGEST_VALUE
    return beyond


def samples(data: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return `data` as a two-dimensional array of float64, the same one where it is that already.

    Masked values are lost samples, NaN.

    Raises
    ------
    RecordingError
        They are no real numbers, or no table of them.

    Examples
    --------
    >>> samples([[1, 2], [3, 4]]).dtype
    dtype('float64')
    """
    try:
        given = np.ma.asarray(data) if isinstance(data, np.ma.MaskedArray) else np.asarray(data)
        if given.dtype.kind not in "biufO":
            raise TypeError(f"they are of type {given.dtype}")
        table = given.astype(np.float64, copy=False)
    except (TypeError, ValueError) as error:
        raise RecordingError(f"data are not numbers ({error}): give an array of float64") from error
    filled: npt.NDArray[np.float64] = table.filled(np.nan) if isinstance(table, np.ma.MaskedArray) else table
    if filled.ndim != 2:
        raise RecordingError(f"data of shape {filled.shape}: give an array of shape (n_samples, n_channels)")
    return filled


def sampling_rate(value: Any) -> float:
    """Return a rate in Hz as a Python float.

    Raises
    ------
    RecordingError
        It is no positive number.

    Examples
    --------
    >>> sampling_rate(1000)
    1000.0
    """
    if isinstance(value, bool) or not (isinstance(value, Real) and math.isfinite(value) and float(value) > 0):
        raise RecordingError(f"sampling frequency {value!r} Hz: give a positive number")
    return float(value)


def finite_number(what: str, value: Any, *, low: float = -math.inf, high: float = math.inf) -> float:
    """Return a number of seconds as a Python float.

    Raises
    ------
    RecordingError
        It is no finite number from `low` to `high`.

    Examples
    --------
    >>> finite_number("delay_s", 0)
    0.0
    """
    if isinstance(value, bool) or not (
        isinstance(value, Real) and math.isfinite(value) and low <= float(value) <= high
    ):
        kind = "a finite number" if low == -math.inf else f"a finite number from {low:g} on"
        kind = kind if high == math.inf else f"a number from {low:g} to {high:g}"
        raise RecordingError(f"{what} is {value!r}: give {kind} of seconds")
    return float(value)


def one_of(what: str, value: object, allowed: Collection[str]) -> None:
    """Raise RecordingError unless `value` is one of `allowed`.

    Examples
    --------
    >>> one_of("side", "R", ("R", "L", ""))
    """
    if not (isinstance(value, str) and value in allowed):
        raise RecordingError(f"{what} is {value!r:.40}: give one of {', '.join(map(repr, allowed))}")


def check_instance(what: str, value: object, kind: type, remedy: str) -> None:
    """Raise RecordingError unless `value` is of `kind`.

    Examples
    --------
    >>> check_instance("meta", {}, dict, "give a dict")
    """
    if not isinstance(value, kind):
        raise RecordingError(f"{what} is {value!r:.40} ({type(value).__name__}): {remedy}")


def row_of(what: str, values: Any, kind: type) -> tuple[Any, ...]:
    """Return `values` as a tuple.

    Raises
    ------
    RecordingError
        They are one text, not several things, or one of them is not of `kind`.

    Examples
    --------
    >>> row_of("notes", ["a gap"], str)
    ('a gap',)
    """
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise RecordingError(f"{what} are {values!r:.40}: give a tuple of {kind.__name__}")
    row = tuple(values)
    for value in row:
        check_instance(f"one of {what}", value, kind, f"give {kind.__name__}s")
    return row


def check_events(events: Any) -> pd.DataFrame:
    """Return a table of events, its times as float64.

    Raises
    ------
    RecordingError
        It is no table, lacks a column, or a time is no number.

    Examples
    --------
    >>> check_events(pd.DataFrame({"onset": [1], "duration": [0], "trial_type": ["lift/R"]}))["onset"].tolist()
    [1.0]
    """
    remedy = f"give a DataFrame with the columns {', '.join(EVENT_COLUMNS)}"
    check_instance("events", events, pd.DataFrame, remedy)
    if missing := [name for name in EVENT_COLUMNS if name not in events.columns]:
        raise RecordingError(f"events have no column {', '.join(missing)}: {remedy}")
    table: pd.DataFrame = events
    for name in ("onset", "duration"):
        if table[name].dtype == np.float64:
            continue
        try:
            table = table.assign(**{name: table[name].astype("float64")})
        except (TypeError, ValueError) as error:
            raise RecordingError(f"an event's {name} is no number ({error}): give seconds") from error
    return table
