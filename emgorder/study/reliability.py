"""How repeatable a measurement is: ICC, standard error of measurement and smallest detectable change."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from emgorder.arguments import require_kind
from emgorder.errors import SettingsError
from emgorder.model import FloatArray

__all__ = ["Estimate", "Reliability", "reliability", "reliability_of_table"]

_CHANGE = math.sqrt(2.0)  # a change is a difference of two measurements
_Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its confidence interval.

    Attributes
    ----------
    value : float
        The number, in the unit of what it is an estimate of.
    low, high : float
        Ends of the interval.
    """

    value: float
    low: float
    high: float

    def scaled(self, factor: float) -> Estimate:
        """Return the same in another unit."""
        return Estimate(self.value * factor, self.low * factor, self.high * factor)


@dataclass(frozen=True, slots=True)
class Reliability:
    """Repeatability of a measurement in the unit of the measurement.

    Attributes
    ----------
    icc_agreement : Estimate
        ICC(2,1): one session of a person against another session of any kind; a shift that all people share from
        session to session counts as error.
    icc_consistency : Estimate
        ICC(3,1): such a shift does not count.
    sem_agreement, sem_consistency : Estimate
        Standard error of measurement, the standard deviation of a person's sessions, with such a shift and without.
    mdc95_agreement, mdc95_consistency : Estimate
        Smallest change between two sessions of one person that is more than error in 95 % of cases, 1.96 √2 SEM.
    session_shift : float
        Largest mean of a session less the smallest.
    n_people, n_sessions : int
        People, and sessions each of them has.
    confidence : float
        Of the intervals.
    """

    icc_agreement: Estimate
    icc_consistency: Estimate
    sem_agreement: Estimate
    sem_consistency: Estimate
    mdc95_agreement: Estimate
    mdc95_consistency: Estimate
    session_shift: float
    n_people: int
    n_sessions: int
    confidence: float

    def to_frame(self) -> pd.DataFrame:
        """Return a row a number: ``measure``, ``value``, ``low``, ``high``, ``n_people``, ``n_sessions``."""
        named = {
            "ICC(2,1)": self.icc_agreement,
            "ICC(3,1)": self.icc_consistency,
            "SEM agreement": self.sem_agreement,
            "SEM consistency": self.sem_consistency,
            "MDC95 agreement": self.mdc95_agreement,
            "MDC95 consistency": self.mdc95_consistency,
        }
        return pd.DataFrame(
            [
                {"measure": name, "value": e.value, "low": e.low, "high": e.high, "n_people": self.n_people,
                 "n_sessions": self.n_sessions}
                for name, e in named.items()
            ]
        )  # fmt: skip


def reliability(
    frame: pd.DataFrame,
    *,
    value: str = "difference_ms",
    person: str = "person",
    session: str = "session",
    confidence: float = 0.95,
) -> Reliability:
    """Return how repeatable a number is over the repeated sessions of several people.

    Parameters
    ----------
    frame : DataFrame
        A row per person and session, such as one side of :func:`emgorder.side_frame`. Sessions are to be named alike
        for all people (first, second, ...).
    value, person, session : str
        Columns: the number, who, and which session.
    confidence : float
        Of the intervals.

    Returns
    -------
    Reliability

    Raises
    ------
    SettingsError
        A column is missing, a person lacks a session or has it twice, a value is no finite number, there are fewer than
        two people or sessions, or nothing varies. Nobody is left out silently: the message says who.

    Notes
    -----
    Intervals of the ICCs are those of McGraw & Wong 1996 (Table 7), from the F distribution. That of the SEM without
    shift is exact (chi-square). The SEM with shift is the root of a sum of mean squares, whose interval is that of
    Graybill & Wang 1980; with two sessions the shift has one degree of freedom, and its upper end is far away.

    References
    ----------
    Shrout & Fleiss 1979, doi 10.1037/0033-2909.86.2.420; McGraw & Wong 1996, doi 10.1037/1082-989X.1.1.30;
    Weir 2005, doi 10.1519/15184.1; Graybill & Wang 1980, doi 10.1080/01621459.1980.10477565.

    Examples
    --------
    The ratings of Shrout & Fleiss (1979, Table 2), six targets and four judges:

    >>> scores = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> frame = pd.DataFrame([(i, j, x) for i, row in enumerate(scores) for j, x in enumerate(row)],
    ...                      columns=["person", "session", "score"])
    >>> found = reliability(frame, value="score")
    >>> round(found.icc_agreement.value, 2), round(found.icc_consistency.value, 2)
    (0.29, 0.71)
    """
    require_kind(frame, pd.DataFrame, key="frame", what="table", remedy="give what emgorder.side_frame returns")
    for name in (value, person, session):
        if name not in frame.columns:
            known = ", ".join(map(str, frame.columns)) or "none"
            raise SettingsError(f"there is no column {name!r}: there are {known}", key="frame")
    twice = frame[frame.duplicated([person, session])]
    if len(twice):
        who, when = twice.iloc[0][person], twice.iloc[0][session]
        raise SettingsError(
            f"person {who!s:.40} has session {when!s:.40} more than once: keep one side, one condition and one row a "
            "session, or average them first",
            key="frame",
        )
    table = frame.pivot(index=person, columns=session, values=value)
    try:
        numbers = table.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise SettingsError(f"column {value} holds something that is no number: {error}", key="frame") from error
    _refuse_gaps(table, numbers, value)
    return reliability_of_table(numbers, confidence=confidence)


def reliability_of_table(table: FloatArray, *, confidence: float = 0.95) -> Reliability:
    """Return the same for an array of shape (n_people, n_sessions), see :func:`reliability`.

    Examples
    --------
    >>> reliability_of_table(np.array([[1.0, 2.0], [4.0, 4.5], [8.0, 7.0]])).n_people
    3
    """
    table = np.asarray(table, dtype=np.float64)
    if table.ndim != 2 or min(table.shape) < 2:
        what = f"{table.shape[0]} people and {table.shape[1]} sessions" if table.ndim == 2 else f"shape {table.shape}"
        raise SettingsError(
            f"{what}: repeatability needs at least two people with at least two sessions each", key="frame"
        )
    if not np.isfinite(table).all():
        raise SettingsError("holds a value that is no finite number: give whole rows", key="frame")
    if not (isinstance(confidence, float) and 0.5 <= confidence < 1.0):
        raise SettingsError(f"{confidence!r} is not between 0.5 and 1: 0.95 is usual", key="confidence")
    n, k = table.shape
    rows, columns, residual = _mean_squares(table)
    scale = float(np.abs(table).max()) or 1.0
    if rows + columns + residual <= (1e-12 * scale) ** 2:
        raise SettingsError("all values are equal: nothing varies that could be repeatable", key="frame")
    alpha = 1.0 - confidence
    agreement = _sum_interval((columns, residual), (1.0 / n, (n - 1.0) / n), (k - 1, (n - 1) * (k - 1)), alpha)
    consistency = _sum_interval((residual,), (1.0,), ((n - 1) * (k - 1),), alpha)
    means = table.mean(axis=0)
    return Reliability(
        icc_agreement=_icc_agreement(rows, columns, residual, n, k, alpha),
        icc_consistency=_icc_consistency(rows, residual, n, k, alpha),
        sem_agreement=agreement,
        sem_consistency=consistency,
        mdc95_agreement=agreement.scaled(_Z95 * _CHANGE),
        mdc95_consistency=consistency.scaled(_Z95 * _CHANGE),
        session_shift=float(means.max() - means.min()),
        n_people=n,
        n_sessions=k,
        confidence=confidence,
    )


def _refuse_gaps(table: pd.DataFrame, numbers: FloatArray, value: str) -> None:
    bad = np.argwhere(~np.isfinite(numbers))
    if len(bad):
        i, j = bad[0]
        more = f", and {len(bad) - 1} more like it" if len(bad) > 1 else ""
        raise SettingsError(
            f"person {table.index[i]!s:.40} has no {value} in session {table.columns[j]!s:.40}{more}: complete it, or "
            "leave out that person or session yourself and say so",
            key="frame",
        )


def _mean_squares(table: FloatArray) -> tuple[float, float, float]:
    """Return mean squares of people, of sessions, and of what is left."""
    n, k = table.shape
    centred = table - table.mean()
    of_people, of_sessions = centred.mean(axis=1), centred.mean(axis=0)
    left = centred - of_people[:, None] - of_sessions
    return (
        float(k * (of_people @ of_people) / (n - 1)),
        float(n * (of_sessions @ of_sessions) / (k - 1)),
        float((left * left).sum() / ((n - 1) * (k - 1))),
    )


def _icc_agreement(rows: float, columns: float, residual: float, n: int, k: int, alpha: float) -> Estimate:
    from scipy.stats import f

    variance = rows + (k - 1) * residual + k * (columns - residual) / n
    if variance <= 0.0:  # two people who change places: nothing is left to divide by
        return Estimate(math.nan, math.nan, math.nan)
    value = (rows - residual) / variance
    if columns + residual <= 1e-12 * rows:
        return Estimate(value, value, value)
    a = k * value / (n * (1.0 - value))
    b = 1.0 + k * value * (n - 1) / (n * (1.0 - value))
    spread = (a * columns) ** 2 / (k - 1) + (b * residual) ** 2 / ((n - 1) * (k - 1))
    if spread <= 0.0:
        return Estimate(value, math.nan, math.nan)
    v = (a * columns + b * residual) ** 2 / spread
    error = k * columns + (k * n - k - n) * residual
    above, below = f.ppf(1.0 - alpha / 2.0, n - 1, v), f.ppf(1.0 - alpha / 2.0, v, n - 1)
    low = n * (rows - above * residual) / (above * error + n * rows)
    high = n * (below * rows - residual) / (error + n * below * rows)
    return Estimate(value, float(low), float(high))


def _icc_consistency(rows: float, residual: float, n: int, k: int, alpha: float) -> Estimate:
    from scipy.stats import f

    if residual <= 1e-12 * rows:
        return Estimate(1.0, 1.0, 1.0)
    if residual == 0.0:  # and people are all alike
        return Estimate(math.nan, math.nan, math.nan)
    ratio, df = rows / residual, (n - 1) * (k - 1)
    low = ratio / f.ppf(1.0 - alpha / 2.0, n - 1, df)
    high = ratio * f.ppf(1.0 - alpha / 2.0, df, n - 1)
    value, low, high = ((x - 1.0) / (x + k - 1.0) for x in (ratio, low, high))
    return Estimate(value, float(low), float(high))


def _sum_interval(
    squares: tuple[float, ...], factors: tuple[float, ...], degrees: tuple[int, ...], alpha: float
) -> Estimate:
    """Return the root of a sum of independent mean squares with the interval of Graybill & Wang; exact for one."""
    from scipy.stats import chi2

    parts = np.array(squares) * np.array(factors)
    df: np.ndarray[Any, np.dtype[np.float64]] = np.array(degrees, dtype=np.float64)
    lower = 1.0 - df / chi2.ppf(1.0 - alpha / 2.0, df)
    upper = df / chi2.ppf(alpha / 2.0, df) - 1.0
    total = float(parts.sum())
    low = total - math.sqrt(float(((lower * parts) ** 2).sum()))
    high = total + math.sqrt(float(((upper * parts) ** 2).sum()))
    return Estimate(math.sqrt(total), math.sqrt(max(low, 0.0)), math.sqrt(high))
