"""Two visits of one person beside each other: how the difference has changed, and when that cannot be said."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from emgorder.errors import SettingsError
from emgorder.model import Side, Verdict
from emgorder.order.conditions import Conditions, obstacles, shared_key, which_visit

__all__ = [
    "ACTIVITY_NOISE",
    "FLOOR_S",
    "REPLACEMENT_SD_S",
    "ActivityChange",
    "ActivityLevel",
    "Change",
    "Trend",
    "TrendPoint",
    "Visit",
    "compare_visits",
    "follow_trend",
]

FLOOR_S = 0.056
"""Smallest change of a mean of 8 lifts that is no measurement error; *computed*: lifts vary with an SD of 50 ms, each
onset is found within 20 ms; 95 %. It leaves out that electrodes are placed anew."""
FLOOR_LIFTS = 8
REPLACEMENT_SD_S = 0.020
"""What placing the electrodes anew adds to the difference of a visit; *judged*: no study of this task was found."""
ACTIVITY_NOISE = 0.40
"""Amplitude grows by about this share, or shrinks by as much again, between visits without any change of the person."""

_Z = 1.6448536269514722  # 5 % and 95 % of a normal distribution

Kind: TypeAlias = Literal["change", "no change", "refused"]

NO_AVERAGE = "there is no average with an interval {where}"


@dataclass(frozen=True, slots=True)
class ActivityLevel:
    """Activity level of a muscle as a share of its MVC (0.42), with a 90 % interval; NaN where that is unknown."""

    share: float
    low: float = math.nan
    high: float = math.nan

    @property
    def usable(self) -> bool:
        """Whether it can be compared with another."""
        return math.isfinite(self.share) and self.share > 0 and not self.low > self.high

    @property
    def half_log(self) -> float:
        """Half the width of the interval on the log scale; 0 where it is unknown."""
        known = self.low > 0 and math.isfinite(self.high)
        return 0.5 * math.log(self.high / self.low) if known else 0.0


@dataclass(frozen=True, eq=False, slots=True)
class Visit:
    """One side of one person at one visit.

    Attributes
    ----------
    time_s : float
        When, in seconds since 1970 (UTC).
    side : {"R", "L", ""}
        Side of the body.
    verdict : str
        Of this side.
    difference_s, low_s, high_s : float
        Mean of glute minus hamstring onset with its 90 % interval; NaN where there is none.
    n_valid, n_lifts : int
        Lifts that count, and all.
    rope_s : float
        Differences up to this size count as together.
    conditions : Conditions
        How it was measured.
    activity : mapping of str to ActivityLevel
        Of each muscle code whose full effort is known; ``{"GMAX": ActivityLevel(0.42, 0.37, 0.48)}``.
    """

    time_s: float
    side: Side
    verdict: Verdict
    difference_s: float
    low_s: float
    high_s: float
    n_valid: int
    n_lifts: int = 0
    rope_s: float = 0.030
    conditions: Conditions = field(default_factory=Conditions)
    activity: Mapping[str, ActivityLevel] = field(default_factory=dict)

    @property
    def measured(self) -> bool:
        """Whether there is an average with an interval."""
        return all(math.isfinite(v) for v in (self.difference_s, self.low_s, self.high_s)) and self.n_valid > 0


@dataclass(frozen=True, slots=True)
class ActivityChange:
    """Activity level of one muscle at two visits.

    The ratio of the two levels has a 90 % interval; both visits' logarithms are taken as independent and normal.
    """

    muscle: str
    first: ActivityLevel
    second: ActivityLevel

    @property
    def ratio(self) -> float:
        """The second level over the first."""
        return self.second.share / self.first.share

    @property
    def low(self) -> float:
        """5 % of the ratio."""
        return self.ratio * math.exp(-self._half)

    @property
    def high(self) -> float:
        """95 % of the ratio."""
        return self.ratio * math.exp(self._half)

    @property
    def noise(self) -> bool:
        """Whether a change of this size comes about without any change of the person, up or down alike."""
        limit = max(math.log1p(ACTIVITY_NOISE), self._half)
        return abs(math.log(self.ratio)) <= limit + 1e-9

    @property
    def _half(self) -> float:
        return math.hypot(self.first.half_log, self.second.half_log)


@dataclass(frozen=True, eq=False, slots=True)
class Change:
    """What has changed from one visit to a later one.

    Attributes
    ----------
    first, second : Visit
        The two visits.
    kind : {"change", "no change", "refused"}
        ``no change``: smaller than measurement error.
    change_s, low_s, high_s : float
        Second minus first (positive: towards hamstring first) with its 90 % interval; NaN where it is refused.
    limit_s : float
        Below this a change is measurement error: the larger of floor and half the interval.
    reason : str
        Why the two are not compared, in words; empty where they are.
    activity : tuple of ActivityChange
        A muscle each, where both visits know its activity level.
    """

    first: Visit
    second: Visit
    kind: Kind
    change_s: float = math.nan
    low_s: float = math.nan
    high_s: float = math.nan
    limit_s: float = math.nan
    reason: str = ""
    activity: tuple[ActivityChange, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class TrendPoint:
    """A visit in a trend: which comparable ones it belongs to, and what has changed since.

    ``group`` counts sets of visits that may be compared, -1 where this one may not be compared with any.
    ``since_first`` and ``since_previous`` are against the first and the last comparable visit before; where there is
    none but visits of other kinds, both are the refusal against the last of these; None at the very first visit.
    """

    visit: Visit
    group: int
    since_first: Change | None = None
    since_previous: Change | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Trend:
    """All visits of one side, in the order of time."""

    side: Side
    points: tuple[TrendPoint, ...]


def compare_visits(first: Visit, second: Visit, *, replacement_sd_s: float = REPLACEMENT_SD_S) -> Change:
    """Return how the mean difference of one side has changed between two visits, or why that cannot be said.

    The means of both visits are taken as independent normal distributions with the stated intervals; placing the
    electrodes anew adds `replacement_sd_s` to each.

    Parameters
    ----------
    first, second : Visit
        Of one person and one side.
    replacement_sd_s : float
        Standard deviation that a new placement adds to each visit, s.

    Returns
    -------
    Change
        ``refused`` where hamstring, posture, instruction, device, movement or onset method differ or are not known.

    Raises
    ------
    SettingsError
        The visits are of different sides, or `replacement_sd_s` is no standard deviation.

    Examples
    --------
    >>> alike = Conditions("BF", "prone", "Lift.", "board")
    >>> a = Visit(0.0, "R", "hamstring first", 0.084, 0.045, 0.123, 10, conditions=alike)
    >>> b = Visit(9e6, "R", "cannot tell", 0.060, 0.020, 0.100, 10, conditions=alike)
    >>> change = compare_visits(a, b)
    >>> change.kind, round(change.change_s, 3), round(change.low_s, 3), round(change.high_s, 3)
    ('no change', -0.024, -0.097, 0.049)
    """
    if first.side != second.side:
        raise SettingsError(f"{first.side!r} and {second.side!r} are different sides: compare one side", key="visits")
    if not (math.isfinite(replacement_sd_s) and replacement_sd_s >= 0):
        raise SettingsError(f"{replacement_sd_s!r} is no standard deviation in seconds", key="replacement_sd_s")
    reasons = obstacles(first.conditions, second.conditions)
    if not (first.measured and second.measured):
        reasons.append(NO_AVERAGE.format(where=which_visit(first.measured, second.measured)))
    if reasons:
        return Change(first, second, "refused", reason="; ".join(reasons))
    change_s = second.difference_s - first.difference_s
    half_s = _Z * math.hypot(_sd_s(first), _sd_s(second), math.sqrt(2.0) * replacement_sd_s)
    limit_s = max(_floor_s(first, second), half_s)
    return Change(
        first,
        second,
        "no change" if abs(change_s) < limit_s else "change",
        change_s,
        change_s - half_s,
        change_s + half_s,
        limit_s,
        activity=_activity(first, second),
    )


def follow_trend(visits: Sequence[Visit], *, replacement_sd_s: float = REPLACEMENT_SD_S) -> Trend:
    """Return the visits of one side in the order of time, each with its change against comparable ones before.

    Raises
    ------
    SettingsError
        The visits are of different sides.

    Examples
    --------
    >>> alike = Conditions("BF", "prone", "Lift.", "board")
    >>> visits = [Visit(t, "R", "cannot tell", d, d - 0.03, d + 0.03, 10, conditions=alike)
    ...           for t, d in ((0.0, 0.05), (2e6, 0.06), (1e6, 0.25))]
    >>> [p.since_previous.kind for p in follow_trend(visits).points[1:]]
    ['change', 'change']
    """
    if len({v.side for v in visits}) > 1:
        raise SettingsError("are of different sides: follow one side at a time", key="visits")
    points: list[TrendPoint] = []
    groups: dict[tuple[str, ...], tuple[int, list[Visit]]] = {}
    for visit in sorted(visits, key=lambda v: (math.isnan(v.time_s), v.time_s)):
        key = _key(visit)
        group, before = (-1, []) if key is None else groups.setdefault(key, (len(groups), []))
        others = [points[-1].visit] if points and not before else before
        changes = [
            compare_visits(other, visit, replacement_sd_s=replacement_sd_s) for other in (others[:1] + others[-1:])
        ]
        points.append(TrendPoint(visit, group, *changes))
        before.append(visit)
    return Trend(visits[0].side if visits else "", tuple(points))


def _sd_s(visit: Visit) -> float:
    return (visit.high_s - visit.low_s) / (2 * _Z)


def _floor_s(first: Visit, second: Visit) -> float:
    """Return the floor; fewer lifts raise it, more do not lower it, because placement does not average out."""
    fewer = (FLOOR_LIFTS / first.n_valid + FLOOR_LIFTS / second.n_valid) / 2
    return FLOOR_S * math.sqrt(max(1.0, fewer))


def _key(visit: Visit) -> tuple[str, ...] | None:
    """Return what comparable visits share; None where the visit may not be compared with any."""
    return shared_key(visit.conditions) if visit.measured else None


def _activity(first: Visit, second: Visit) -> tuple[ActivityChange, ...]:
    both = [muscle for muscle in first.activity if muscle in second.activity]
    pairs = [(muscle, first.activity[muscle], second.activity[muscle]) for muscle in both]
    return tuple(ActivityChange(*pair) for pair in pairs if pair[1].usable and pair[2].usable)
