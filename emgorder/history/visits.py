"""What the history needs of a test or of a saved result: who, when, how, and the average of each side."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from emgorder.analysis.conditions import conditions_of
from emgorder.analysis.result import SessionResult, read_result
from emgorder.errors import EmgOrderError, SettingsError
from emgorder.history.places import RESULT, is_there, read_about
from emgorder.io.moments import parse_moment
from emgorder.model import SideResult
from emgorder.order.conditions import Conditions
from emgorder.order.followup import ActivityLevel, Trend, Visit, follow_trend
from emgorder.report.display import display_text
from emgorder.sidecar_keys import DATE, PERSON

__all__ = [
    "StoredVisit",
    "is_whole",
    "people",
    "person_trends",
    "pseudonym_of",
    "read_saved_result",
    "read_test",
    "trends_with",
    "visit_of",
]

_VERDICTS = ("glute first", "hamstring first", "together", "cannot tell")
_TEXT_LIMIT = 400  # characters that are kept of what a sidecar says
_NAME_LIMIT = 20_000
_LARGEST_S, _DAY_S = 60.0, 86_400.0
_EARLIEST_S, _LATEST_S = 0.0, 4e9  # 1970 to 2096: what lies outside is a clock that was never set


@dataclass(frozen=True, eq=False, slots=True)
class StoredVisit:
    """One visit of one person, as the folder has it.

    Attributes
    ----------
    id : str
        Path from the folder of tests, with ``/``: of a test's folder, or of a saved result.
    person : str
        Pseudonym, just as the files have it; empty where they have none.
    time_s : float
        When, in seconds since 1970.
    dated : bool
        Whether the files say when; else it is the date of the file itself.
    state : {"finished", "unfinished", "unreadable"}
        Whether there is a result.
    reason : str
        Why the result cannot be read.
    sides : tuple of Visit
        One a side.
    """

    id: str
    person: str
    time_s: float
    dated: bool = True
    state: Literal["finished", "unfinished", "unreadable"] = "finished"
    reason: str = ""
    sides: tuple[Visit, ...] = ()


def read_test(path: Path, about: Mapping[str, Any] | None = None, result: SessionResult | None = None) -> StoredVisit:
    """Return the visit that a test's folder holds, whatever state it is in; with a `result` that it is to hold."""
    about = read_about(path) if about is None else about
    plan = about.get("plan")
    person = pseudonym_of(plan if isinstance(plan, Mapping) else {})
    started_s = _seconds(about.get("started"))
    written = is_there(path / RESULT)
    if result is None and not written:
        return StoredVisit(path.name, person, *_when([started_s], path), state="unfinished")
    try:
        result = read_result(path / RESULT) if result is None else result
        own = pseudonym_of(result.meta)
        when = _when([started_s, *_dates(result.meta)], path / RESULT if written else path)
        return StoredVisit(path.name, person or own, *when, sides=_sides(result, when[0]))
    except (EmgOrderError, TypeError, ValueError, KeyError, AttributeError, RecursionError) as error:
        return _unreadable(path.name, person, _when([started_s], path), error)


def read_saved_result(path: Path, id_: str) -> StoredVisit:
    """Return the visit that a saved result holds, such as ``emgorder analyse --json`` writes."""
    try:
        result = read_result(path)
        when = _when(_dates(result.meta), path)
        return StoredVisit(id_, pseudonym_of(result.meta), *when, sides=_sides(result, when[0]))
    except (EmgOrderError, TypeError, ValueError, KeyError, AttributeError, RecursionError) as error:
        return _unreadable(id_, "", _when([], path), error)


def visit_of(result: SessionResult) -> StoredVisit:
    """Return the visit of a result that is in no folder of tests.

    Raises
    ------
    SettingsError
        The result does not say whose it is, or when it was recorded.
    """
    person = pseudonym_of(result.meta)
    if not person:
        raise SettingsError("the recording does not say whose it is: note a `pseudonym` in its sidecar", key="person")
    time_s = next((t for t in _dates(result.meta) if math.isfinite(t)), math.nan)
    if not math.isfinite(time_s):
        raise SettingsError("the recording does not say when it was made: note a `date` in its sidecar", key="date")
    return StoredVisit("", person, time_s, sides=_sides(result, time_s))


def pseudonym_of(meta: Mapping[str, Any]) -> str:
    """Return who a sidecar, a plan or a result is of; empty where it does not say.

    Examples
    --------
    >>> pseudonym_of({"pseudonym": " heron-12 "}), pseudonym_of({})
    ('heron-12', '')
    """
    names = (str(meta[key]).strip()[:_NAME_LIMIT] for key in PERSON if isinstance(meta.get(key), (str, int)))
    return next((name for name in names if name), "")


def people(visits: Sequence[StoredVisit]) -> dict[str, list[StoredVisit]]:
    """Return the visits of each person in the order of time, people by name; those without a name last."""
    found: dict[str, list[StoredVisit]] = {}
    for visit in sorted(visits, key=lambda v: (not v.person, v.person, v.time_s, v.id)):
        found.setdefault(visit.person, []).append(visit)
    return found


def person_trends(visits: Sequence[StoredVisit]) -> tuple[Trend, ...]:
    """Return a trend for each side of one person's visits, right before left.

    The same result saved twice is one visit: two of one day and of one kind with the very same numbers.

    Parameters
    ----------
    visits : sequence of StoredVisit
        Of the person, in the order of time.
    """
    return _trends(side for visit in visits for side in visit.sides)


def trends_with(visits: Sequence[StoredVisit], now: StoredVisit) -> tuple[Trend, ...]:
    """Return the trends of the person of a visit: those of `visits` that are no later, and last that visit itself.

    Somebody without a name has no other visits.
    """
    own = {_sameness(side) for side in now.sides}
    earlier = [v for v in visits if v.person == now.person != "" and v.id != now.id and v.time_s <= now.time_s]
    return _trends([*(side for v in earlier for side in v.sides if _sameness(side) not in own), *now.sides])


def _trends(found: Iterable[Visit]) -> tuple[Trend, ...]:
    kept: dict[tuple[object, ...], Visit] = {}
    for side in found:
        kept.setdefault(_sameness(side), side)
    sides = kept.values()
    return tuple(
        follow_trend([side for side in sides if side.side == name])
        for name in ("R", "L", "")
        if any(side.side == name for side in sides)
    )


def is_whole(visit: StoredVisit) -> bool:
    """Return whether every value is of its type and kind; what an index holds may come from anybody."""
    texts = [visit.id, visit.person, visit.reason]
    for side in visit.sides:
        how = side.conditions
        texts += [how.hamstring, how.posture, how.instruction, how.device, how.task, how.method]
    return (
        all(isinstance(text, str) for text in texts)
        and visit.state in ("finished", "unfinished", "unreadable")
        and _EARLIEST_S <= visit.time_s <= _LATEST_S
        and all(_is_sound(side) for side in visit.sides)
    )


def _is_sound(side: Visit) -> bool:
    return (
        side.side in ("R", "L", "")
        and side.verdict in _VERDICTS
        and _EARLIEST_S <= side.time_s <= _LATEST_S
        and 0.0 <= side.rope_s < 1.0
        and all(isinstance(n, int) and 0 <= n < 1_000_000 for n in (side.n_valid, side.n_lifts))
        and not any(math.isfinite(v) and abs(v) > _LARGEST_S for v in (side.difference_s, side.low_s, side.high_s))
        and all(isinstance(level, ActivityLevel) for level in side.activity.values())
    )


def _sameness(side: Visit) -> tuple[object, ...]:
    if not side.measured:
        return (id(side),)
    numbers = (side.difference_s, side.low_s, side.high_s, side.n_valid)
    return side.side, side.time_s // _DAY_S, side.conditions, *numbers


def _sides(result: SessionResult, time_s: float) -> tuple[Visit, ...]:
    return tuple(_side(side, result, time_s) for side in result.sides)


def _side(side: SideResult, result: SessionResult, time_s: float) -> Visit:
    visit = Visit(
        time_s,
        side.side,
        side.verdict,
        float(side.difference_s),
        float(side.low_s),
        float(side.high_s),
        int(side.n_valid),
        int(side.n_lifts),
        float(side.rope_s),
        _shown_safely(conditions_of(result, side)),
        _activity(side, result),
    )
    if not _is_sound(visit):
        raise ValueError(f"side {side.side!r:.40} with verdict {side.verdict!r:.40} holds values that cannot be")
    return visit


def _activity(side: SideResult, result: SessionResult) -> dict[str, ActivityLevel]:
    """Return the activity levels of a side as shares of MVC, where the result has any that can be relied on."""
    known = [m for m in result.activity_levels.of(side.side) if m.known and not m.beyond_full]
    return {m.target_muscle: ActivityLevel(*(x / 100.0 for x in (m.percent_mvc, m.low, m.high))) for m in known}


def _shown_safely(how: Conditions) -> Conditions:
    return Conditions(
        hamstring=_kept(how.hamstring),
        posture=_kept(how.posture),
        instruction=_kept(how.instruction),
        device=_kept(how.device),
        task=_kept(how.task),
        method=_kept(how.method),
        feedback=how.feedback,
    )


def _kept(value: object) -> str:
    return display_text(value, _TEXT_LIMIT)


def _dates(meta: Mapping[str, Any]) -> list[float]:
    return [_seconds(meta.get(key)) for key in DATE]


def _when(known_s: Sequence[float], path: Path) -> tuple[float, bool]:
    """Return the first time that is known, else the date of the file, and which of both it is."""
    for time_s in known_s:
        if math.isfinite(time_s):
            return time_s, True
    try:
        return min(max(path.stat().st_mtime, _EARLIEST_S), _LATEST_S), False
    except OSError:
        return _EARLIEST_S, False


def _seconds(value: object) -> float:
    """Return an ISO date or time as seconds since 1970, NaN where it is none; without a zone it is local."""
    moment = parse_moment(str(value)[:40].strip())
    try:
        time_s = math.nan if moment is None else moment.timestamp()
    except (ValueError, OverflowError, OSError):
        return math.nan
    return time_s if _EARLIEST_S <= time_s <= _LATEST_S else math.nan


def _unreadable(id_: str, person: str, when: tuple[float, bool], error: BaseException) -> StoredVisit:
    return StoredVisit(id_, person, *when, state="unreadable", reason=display_text(error, _TEXT_LIMIT))
