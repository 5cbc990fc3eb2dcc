"""Sample counters that wrap: from a column of numbers to rows of a grid, with what was lost as gaps."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from emgorder.io.remarks import Remarks, counted
from emgorder.io.timebase import Grid
from emgorder.model import FloatArray, IntArray

__all__ = ["Unrolled", "grid_from_counter", "unroll"]

_MOST_IN_STEP = 0.5  # of the rows follow their neighbour as usual; a column where fewer do counts something else
_MOST_STILL = 0.01  # of the rows may repeat a counter: more is no loss of whole rounds
_LOOK_S = 2.0  # arrivals within this tell the least delay before and after a pause
_MAX_FILL = 10  # lost rows a row of data: beyond that the counter is damaged, or these are separate recordings
_MIN_FILL = 100_000


@dataclass(frozen=True, eq=False, slots=True)
class Unrolled:
    """Grid row of each row of the file, from 0; ``trusted`` says whether the counter could be followed, else `reason`.

    ``still`` are the rows whose counter is that of the row before: a whole round was lost, or a row is there twice.
    """

    index: IntArray
    trusted: bool
    reason: str = ""
    still: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.intp))


def unroll(
    counter: FloatArray,
    *,
    modulus: int | None = None,
    time_s: FloatArray | None = None,
    sampling_frequency: float = 0.0,
) -> Unrolled:
    """Return which sample each row is, from a counter that wraps and may skip.

    Rows whose counter is missing follow the row before. Where times of arrival are given, whole rounds of the counter
    that were lost are told by the least delay, which rises for good where samples are missing and comes back where a
    link was only late.

    Parameters
    ----------
    counter : ndarray, shape (n_rows,)
        As in the file, NaN where unreadable.
    modulus : int, optional
        The counter runs from 0 to this minus 1. Told from the values when not given: no round where it never falls.
    time_s : ndarray, shape (n_rows,), optional
        When each row arrived, s.
    sampling_frequency : float
        Hz; needed with `time_s`.

    Examples
    --------
    >>> unroll(np.array([14.0, 15.0, 0.0, 3.0]), modulus=16).index.tolist()
    [0, 1, 2, 5]
    >>> unroll(np.array([0.0, 2.0, 4.0, 8.0])).index.tolist()  # two boards in turn count each sample twice
    [0, 1, 2, 4]
    """
    n_rows = counter.size
    straight = np.arange(n_rows, dtype=np.intp)
    known = np.flatnonzero(np.isfinite(counter))
    if known.size < 2:
        return Unrolled(straight, trusted=known.size == n_rows)
    whole = counter[known]
    if np.any(whole != np.round(whole)) or np.abs(whole).max() > 2**53:
        return Unrolled(straight, trusted=False, reason="it holds no whole numbers")
    if modulus and (whole.min() < 0 or whole.max() >= modulus):
        return Unrolled(straight, trusted=False, reason=f"it leaves 0 to {modulus - 1}")
    steps = np.diff(whole)
    if modulus:
        steps = np.mod(steps, modulus)
    rows_between = np.diff(known)
    usual = _usual(steps[(steps > 0) & (rows_between == 1)])
    if usual == 0 or (modulus and usual > modulus / 2) or np.mean(steps == usual) < _MOST_IN_STEP:
        return Unrolled(straight, trusted=False, reason="it does not count")
    period = modulus or _period(whole, steps, usual)
    if period and not modulus:
        steps = np.mod(steps, period)
    steps = steps / usual
    if np.any(steps != np.round(steps)):
        return Unrolled(straight, trusted=False, reason=f"it mostly counts by {usual:g}, but not always")
    rounds = period / usual if period else 0.0
    still = steps == 0
    steps = np.where(still, rounds, steps)
    if np.any(steps <= 0) or np.mean(still) > _MOST_STILL:
        return Unrolled(straight, trusted=False, reason="it stands still or goes back")
    if time_s is not None and rounds:
        steps = steps + rounds * _lost_rounds(known, steps, rounds, time_s, sampling_frequency)
    index = np.empty(n_rows, dtype=np.intp)
    places = np.concatenate([[known[0]], known[0] + np.cumsum(steps.astype(np.intp))])
    index[known] = places
    for row in np.flatnonzero(~np.isfinite(counter)):
        index[row] = index[row - 1] + 1 if row else 0
    if np.any(np.diff(index) <= 0):
        return Unrolled(straight, trusted=False, reason="unreadable cells leave no room for their rows")
    if index[-1] > max(_MAX_FILL * n_rows, _MIN_FILL):
        return Unrolled(straight, trusted=False, reason=f"it jumps over {index[-1] - n_rows} samples")
    return Unrolled(index, trusted=True, still=known[1:][still])


def grid_from_counter(
    unrolled: Unrolled, rows: IntArray, column: str, sampling_frequency: float, remarks: Remarks, *, blind: str = ""
) -> Grid:
    """Return the grid, and say what was lost.

    Parameters
    ----------
    unrolled : Unrolled
        From :func:`unroll`.
    rows : ndarray of int, shape (n_rows,)
        Line numbers.
    column : str
        Name of the counter, for messages.
    sampling_frequency : float
        Hz.
    remarks : Remarks
        Takes what was found.
    blind : str
        Which losses the counter cannot show, in words; empty where it shows all.
    """
    index = unrolled.index
    n_samples = int(index[-1]) + 1 if index.size else 0
    if not unrolled.trusted:
        remarks.warn(
            "counter",
            f"the sample counter cannot be followed ({unrolled.reason or 'unreadable'}): rows taken as consecutive, so "
            "lost samples do not show and later times would be too early",
            column=column,
        )
    if unrolled.still.size:
        remarks.warn(
            "counter still",
            "the counter is that of the row before: taken as one whole round of lost samples",
            row=int(rows[unrolled.still[0]]),
            column=column,
            more=unrolled.still.size - 1,
        )
    gaps = np.flatnonzero(np.diff(index) > 1)
    if gaps.size:
        n_lost = n_samples - index.size
        remarks.warn(
            "counter gap",
            f"the counter skips {counted(int(np.diff(index)[gaps[0]]) - 1, 'sample')} before this row: lost samples"
            + (f"; {n_lost} lost in all" if gaps.size > 1 else ""),
            row=int(rows[gaps[0] + 1]),
            column=column,
            more=gaps.size - 1,
        )
    if blind and unrolled.trusted:
        remarks.note("counter blind", blind, column=column)
    return Grid(sampling_frequency, np.arange(index.size), index, n_samples)


def _usual(steps: FloatArray) -> float:
    return Counter(steps.tolist()).most_common(1)[0][0] if steps.size else 0.0


def _period(whole: FloatArray, steps: FloatArray, usual: float) -> float:
    """Return after how much a counter begins again, 0 where it never falls."""
    return float(whole.max() - whole.min()) + usual if np.any(steps < 0) else 0.0


def _lost_rounds(
    known: IntArray, steps: FloatArray, rounds: float, time_s: FloatArray, sampling_frequency: float
) -> FloatArray:
    """Return how many whole rounds of the counter are missing before each known row but the first."""
    lost = np.zeros(steps.size)
    t = time_s[known]
    if not np.all(np.isfinite(t)):
        return lost
    place = np.concatenate([[0.0], np.cumsum(steps)])
    look = max(2, round(_LOOK_S * sampling_frequency))
    round_s = rounds / sampling_frequency
    for at in np.flatnonzero(np.diff(t) - steps / sampling_frequency > 0.5 * round_s):
        delay = t - place / sampling_frequency
        before, after = delay[max(0, at + 1 - look) : at + 1].min(), delay[at + 1 : at + 1 + look].min()
        lost[at] = max(0.0, np.round((after - before) / round_s))
        place[at + 1 :] += lost[at] * rounds
    return lost
