"""A history as lines of text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from emgorder import __version__
from emgorder.analysis.serialise import to_plain
from emgorder.history import texts as t
from emgorder.history.index import History
from emgorder.history.visits import StoredVisit, people, person_trends
from emgorder.order.followup import Change, Trend
from emgorder.report import texts as words
from emgorder.report.changes import trend_sentences, visit_headline
from emgorder.report.display import display_text

__all__ = ["SCHEMA_VERSION", "count_words", "history_lines", "history_plain"]

SCHEMA_VERSION = 1


def history_lines(history: History, *, person: str = "") -> list[str]:
    """Return every visit, and what has changed, as lines that any terminal can show.

    Parameters
    ----------
    history : History
        Of a folder of tests.
    person : str
        Show this one alone; empty: everybody.
    """
    found = people(history.visits)
    shown = {person: found.get(person, [])} if person else found
    if not history.visits:
        return [t.NO_TESTS.format(folder=history.folder)]
    lines = [] if person else [_head(history, found)]
    for name, visits in shown.items():
        lines += ["", display_text(name) or t.NAMELESS] if lines else [display_text(name) or t.NAMELESS]
        lines += [line for visit in visits for line in _visit_lines(visit)]
        if name:  # visits of nobody in particular are not one person's
            trends = person_trends(visits)
            lines += [line for trend in trends if len(trend.points) > 1 for line in _trend_lines(trend)]
    return lines


def history_plain(history: History, *, person: str = "") -> dict[str, Any]:
    """Return the same as JSON can hold it, with every value in seconds; NaN is null."""
    found = people(history.visits)
    shown = {person: found.get(person, [])} if person else found
    return {
        "schema": "emgorder-history",
        "schema_version": SCHEMA_VERSION,
        "emgorder_version": __version__,
        "people": [
            {
                "pseudonym": _clean(name),
                "visits": [_visit_plain(visit, history.folder) for visit in visits],
                "trends": [_trend_plain(trend) for trend in person_trends(visits)] if name else [],
            }
            for name, visits in shown.items()
        ],
    }


def count_words(count: int, one: str, many: str) -> str:
    """Return a count with its noun."""
    return (one if count == 1 else many).format(count=count)


def _head(history: History, found: dict[str, list[StoredVisit]]) -> str:
    n_people = sum(bool(name) for name in found)
    return t.HEAD.format(
        folder=history.folder,
        visits=count_words(len(history.visits), t.VISIT_ONE, t.VISIT_MANY),
        people=count_words(n_people, t.PERSON_ONE, t.PERSON_MANY),
    )


def _visit_lines(visit: StoredVisit) -> list[str]:
    when = f"{_moment(visit.time_s)}{'' if visit.dated else t.NOT_DATED}"
    head = f"  {when}  {display_text(visit.id)}"
    if visit.state == "unfinished":
        return [f"{head}: {t.UNFINISHED}"]
    if visit.state == "unreadable":
        return [f"{head}: {t.UNREADABLE.format(reason=display_text(visit.reason, 200))}"]
    return [head, *(f"    {_label(side.side)}{visit_headline(side)}" for side in visit.sides or ())] + (
        [] if visit.sides else [f"    {t.NO_SIDES}"]
    )


def _trend_lines(trend: Trend) -> list[str]:
    return [f"  {_label(trend.side)}{sentence}" for sentence in trend_sentences(trend)]


def _label(side: str) -> str:
    label = words.SIDE_LABELS[side]  # type: ignore[index]
    return t.LABEL.format(side=label) if label else ""


def _moment(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, timezone.utc).astimezone().strftime("%Y-%m-%d %H:%M")


def _visit_plain(visit: StoredVisit, folder: Path) -> dict[str, Any]:
    path = folder / visit.id
    files = sorted(p.name for p in path.iterdir() if not p.is_symlink()) if path.is_dir() else [path.name]
    when = datetime.fromtimestamp(visit.time_s, timezone.utc).isoformat(timespec="seconds")
    names = {"id": _clean(visit.id), "person": _clean(visit.person), "files": [_clean(name) for name in files]}
    return {**to_plain(visit), "when": when, **names}


def _trend_plain(trend: Trend) -> dict[str, Any]:
    points: Sequence[dict[str, Any]] = [
        {
            "time_s": point.visit.time_s,
            "difference_s": to_plain(point.visit.difference_s),
            "group": point.group,
            "since_first": _change_plain(point.since_first),
            "since_previous": _change_plain(point.since_previous),
        }
        for point in trend.points
    ]
    return {"side": trend.side, "points": points, "sentences": list(trend_sentences(trend))}


def _change_plain(change: Change | None) -> dict[str, Any] | None:
    if change is None:
        return None
    plain: dict[str, Any] = to_plain(change)
    return {**plain, "first": change.first.time_s, "second": change.second.time_s}


def _clean(text: str) -> str:
    """Return a name that UTF-8 can hold, whatever bytes the file system gave."""
    return text.encode("utf-8", "replace").decode("utf-8")
