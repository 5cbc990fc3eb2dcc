"""What has changed between visits, in plain language."""

from __future__ import annotations

import math
from datetime import datetime, timezone

from emgorder.order.followup import FLOOR_S, REPLACEMENT_SD_S, ActivityChange, Change, Trend, TrendPoint, Visit
from emgorder.report import texts as t
from emgorder.report.display import display_text, lifts_word, milliseconds, muscle_name
from emgorder.report.words import lead_words

__all__ = [
    "change_help",
    "change_sentence",
    "day_words",
    "interval_text",
    "lead_text",
    "method_sentence",
    "point_sentences",
    "step_sentences",
    "trend_sentences",
    "visit_headline",
]

_REASON_LIMIT = 400  # characters of a reason that are shown


def change_sentence(change: Change) -> str:
    """Return how the difference of a side has changed, or why that is not said.

    Examples
    --------
    >>> visit = Visit(0.0, "R", "cannot tell", 0.05, 0.0, 0.1, 8)
    >>> change_sentence(Change(visit, visit, "refused", reason="the device differs (a, then b)"))
    'Not compared with 1970-01-01: the device differs (a, then b).'
    """
    day = day_words(change.first.time_s)
    if change.kind == "refused":
        return t.CHANGE_REFUSED.format(day=day, reason=display_text(change.reason, _REASON_LIMIT))
    return t.CHANGE.format(day=day, **_sizes(change))


def point_sentences(point: TrendPoint) -> tuple[str, ...]:
    """Return what a visit says beside the comparable ones before it: the last one, the first one, activity levels."""
    last, first = point.since_previous, point.since_first
    said = list(step_sentences(point))
    if last is not None and first is not None and first.kind != "refused" and first.first is not last.first:
        said.append(t.CHANGE_FIRST_OVER.format(day=day_words(first.first.time_s), **_sizes(first)))
    return tuple(said)


def step_sentences(point: TrendPoint) -> tuple[str, ...]:
    """Return what a visit says beside the last comparable one before it: first the order, then activity levels."""
    last = point.since_previous
    if last is None:
        return (t.CHANGE_ONLY_VISIT,)
    return (change_sentence(last), *(_activity_sentence(a, last.first) for a in last.activity))


def trend_sentences(trend: Trend) -> tuple[str, ...]:
    """Return what the last visit of a side says beside those before."""
    return point_sentences(trend.points[-1]) if trend.points else (t.CHANGE_NO_VISIT,)


def method_sentence() -> str:
    """Return how changes are worked out, and what is judged in it."""
    return t.TREND_MEASURED_HOW.format(replacement=milliseconds(REPLACEMENT_SD_S), floor=milliseconds(FLOOR_S))


def change_help() -> str:
    """Return what a change is measured against, shorter than :func:`method_sentence`."""
    return t.EARLIER_HELP.format(replacement=milliseconds(REPLACEMENT_SD_S), floor=milliseconds(FLOOR_S))


def visit_headline(visit: Visit) -> str:
    """Return verdict, average difference and counted lifts of a visit in one line, without its side.

    Examples
    --------
    >>> visit_headline(Visit(0.0, "R", "hamstring first", 0.084, 0.045, 0.123, 9, 10))
    'hamstring first · hamstring 84 ms [45 to 123] · 9 of 10 lifts'
    """
    parts = [t.ORDERS[visit.verdict]]
    if visit.measured:
        parts.append(f"{lead_text(visit)} {interval_text(visit)}")
    parts.append(f"{t.COUNTED_OF.format(count=visit.n_valid, total=visit.n_lifts)} {lifts_word(visit.n_lifts)}")
    return t.PART.join(parts)


def lead_text(visit: Visit) -> str:
    """Return which muscle was earlier and by how much, a dash where there is no average."""
    if not math.isfinite(visit.difference_s):
        return t.NOTHING
    return lead_words(visit.difference_s)


def interval_text(visit: Visit) -> str:
    """Return the interval of a visit's average in the direction of its lead."""
    if not visit.measured:
        return t.NOTHING
    ends_s = (visit.low_s, visit.high_s) if visit.difference_s > 0 else (-visit.high_s, -visit.low_s)
    return t.INTERVAL.format(low=milliseconds(ends_s[0]), high=milliseconds(ends_s[1]))


def day_words(time_s: float) -> str:
    """Return the local day of a time since 1970.

    Examples
    --------
    >>> day_words(float("nan"))
    'an unknown day'
    """
    try:
        return datetime.fromtimestamp(time_s, timezone.utc).astimezone().strftime("%Y-%m-%d")
    except (ValueError, OverflowError, OSError):
        return t.DAY_UNKNOWN


def _sizes(change: Change) -> dict[str, str]:
    later, size = change.change_s > 0, milliseconds(abs(change.change_s))
    ends_s = (change.low_s, change.high_s) if later else (-change.high_s, -change.low_s)
    towards = t.CHANGE_TOWARDS_HAMSTRING if later else t.CHANGE_TOWARDS_GLUTE
    return {
        "size": towards.format(size=size) if size != "0" else t.MILLISECONDS.format(value=size),
        "low": milliseconds(ends_s[0]),
        "high": milliseconds(ends_s[1]),
        "judged": t.CHANGE_LARGER if change.kind == "change" else t.CHANGE_SMALLER,
    }


def _activity_sentence(activity: ActivityChange, first: Visit) -> str:
    return t.ACTIVITY_CHANGE.format(
        muscle=muscle_name(activity.muscle),
        day=day_words(first.time_s),
        first=_share(f"{activity.first.share:.0%}"),
        second=_share(f"{activity.second.share:.0%}"),
        share=_share(f"{activity.ratio - 1.0:+.0%}"),
        low=_share(f"{activity.low - 1.0:+.0%}"),
        high=_share(f"{activity.high - 1.0:+.0%}"),
        judged=t.ACTIVITY_NOISE if activity.noise else t.ACTIVITY_MORE,
    )


def _share(text: str) -> str:
    return text.replace("%", " %")
