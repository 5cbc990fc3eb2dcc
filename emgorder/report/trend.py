"""The picture of a follow-up: every visit on an axis of time, with the interval of its difference."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from emgorder.model import Side
from emgorder.order.followup import Trend, Visit
from emgorder.report import texts as t
from emgorder.report.axes import Scale, nice_ticks
from emgorder.report.changes import day_words
from emgorder.report.display import milliseconds, rope_ms, side_name
from emgorder.report.markup import Markup, element, svg
from emgorder.report.palette import colour

__all__ = ["trend_chart"]

WIDTH, HEIGHT = 760.0, 316.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 56.0, 24.0, 28.0, 52.0
_DAY_S = 86_400.0
_DAY_ROOM = 86.0  # a date of ten figures
_TICK_ROOM = 30.0  # between ticks of the axis of differences
_APART = 7.0  # both sides of one visit, so that neither hides the other
_FARTHEST_S, _FARTHEST_RATIO = 0.25, 3.0  # an interval is followed to here, at least; times the median size
_INKS: dict[Side, str] = {"R": colour("ink"), "": colour("ink"), "L": colour("ok_text")}


def trend_chart(trends: Sequence[Trend], *, width: float = WIDTH, height: float = HEIGHT) -> Markup:
    """Draw the difference at every visit of one person, hamstring first above zero, a mark of its own for each side.

    Parameters
    ----------
    trends : sequence of Trend
        One a side. Only visits that may be compared are joined by a line.
    width, height : float
        Of the drawing; letters keep their size.

    Returns
    -------
    Markup
        An ``svg`` element; nothing where no visit has an average with an interval.

    Examples
    --------
    >>> trend_chart([])
    Markup(text='')
    """
    visits = [v for trend in trends for v in _drawn(trend)]
    if not visits:
        return Markup("")
    x, y, rope_s = _time_scale(visits, width), _difference_scale(visits, height), max(v.rope_s for v in visits)
    sides = [trend.side for trend in trends if any(True for _ in _drawn(trend))]
    shift = {side: (_APART * (k - (len(sides) - 1) / 2)) for k, side in enumerate(sides)}
    title = t.TREND_TITLE.format(side=side_name(sides[0])) if len(sides) == 1 else t.TREND_TITLE_BOTH
    return svg(
        width,
        height,
        *_ground(x, y, rope_s),
        *([_key(x)] if {"R", "L"} <= set(sides) else []),
        *_days(visits, x, y.start),
        *(mark for trend in trends for mark in _lines(trend, x, y, shift.get(trend.side, 0.0))),
        *(_visit(v, x, y, shift[v.side]) for v in visits),
        title=title,
        description=t.TREND_DESCRIPTION.format(rope=rope_ms(rope_s)),
    )


def _drawn(trend: Trend) -> Iterator[Visit]:
    return (p.visit for p in trend.points if p.visit.measured and math.isfinite(p.visit.time_s))


def _time_scale(visits: Sequence[Visit], width: float) -> Scale:
    first_s, last_s = min(v.time_s for v in visits), max(v.time_s for v in visits)
    margin_s = max(0.06 * (last_s - first_s), _DAY_S)
    return Scale(first_s - margin_s, last_s + margin_s, _LEFT, width - _RIGHT)


def _difference_scale(visits: Sequence[Visit], height: float) -> Scale:
    rope_s = max(v.rope_s for v in visits)
    farthest_s = max(_FARTHEST_S, _FARTHEST_RATIO * median(abs(v.difference_s) for v in visits))
    ends = [min(max(e, -farthest_s), farthest_s) for v in visits for e in (v.difference_s, v.low_s, v.high_s)]
    low_s, high_s = min([-2 * rope_s, *ends]), max([2 * rope_s, *ends])
    margin_s = 0.05 * (high_s - low_s)
    return Scale(low_s - margin_s, high_s + margin_s, height - _BOTTOM, _TOP)


def _ground(x: Scale, y: Scale, rope_s: float) -> list[Markup]:
    top, bottom = y.inside(rope_s), y.inside(-rope_s)
    band = element("rect", x=x.start, y=top, width=x.stop - x.start, height=bottom - top, fill=colour("rope"))
    zero = element("line", x1=x.start, x2=x.stop, y1=y.at(0.0), y2=y.at(0.0), stroke="currentColor")
    words = [
        _text(x.start, 16, t.TREND_UP, fill=colour("hamstring_text"), font_size=13.5, font_weight=600),
        _text(x.start, y.start + _BOTTOM - 6, t.TREND_DOWN, fill=colour("glute_text"), font_size=13.5, font_weight=600),
        _text(x.stop, top - 4, t.BAND_TOGETHER, fill=colour("muted"), font_size=12, text_anchor="end"),
        _text(0, 16, t.AXIS_DIFFERENCE, fill=colour("muted"), font_size=12),
    ]
    ticks = [
        _text(x.start - 8, y.at(tick / 1e3) + 4, f"{tick:g}", fill=colour("muted"), font_size=12, text_anchor="end")
        for tick in nice_ticks(1e3 * y.low, 1e3 * y.high, about=round((y.start - y.stop) / _TICK_ROOM))
    ]
    return [band, zero, *words, *ticks]


def _key(x: Scale) -> Markup:
    return _text(x.stop, 16, t.TREND_KEY, fill=colour("muted"), font_size=12.5, text_anchor="end")


def _days(visits: Sequence[Visit], x: Scale, base: float) -> list[Markup]:
    """Return a tick a visit, and as many dates as there is room for, the last one always."""
    places = sorted({round(x.at(v.time_s), 1): v.time_s for v in visits}.items(), reverse=True)
    marks, free = [], math.inf
    for at, time_s in places:
        marks.append(element("line", x1=at, x2=at, y1=base, y2=base + 5, stroke=colour("muted")))
        centre = min(max(at, _DAY_ROOM / 2), x.stop + _RIGHT - _DAY_ROOM / 2)
        if centre + _DAY_ROOM / 2 <= free:
            day = day_words(time_s)
            marks.append(_text(centre, base + 20, day, fill=colour("muted"), font_size=12, text_anchor="middle"))
            free = centre - _DAY_ROOM / 2
    return marks


def _lines(trend: Trend, x: Scale, y: Scale, shift: float) -> list[Markup]:
    groups: dict[int, list[Visit]] = {}
    for point in trend.points:
        if point.group >= 0:
            groups.setdefault(point.group, []).append(point.visit)
    return [
        element(
            "line",
            x1=x.at(a.time_s) + shift,
            y1=y.inside(a.difference_s),
            x2=x.at(b.time_s) + shift,
            y2=y.inside(b.difference_s),
            stroke=_INKS[trend.side],
            stroke_width=1.5,
            stroke_dasharray="5 4" if trend.side == "L" else None,
        )
        for visits in groups.values()
        for a, b in pairwise(visits)
    ]


def _visit(visit: Visit, x: Scale, y: Scale, shift: float) -> Markup:
    at, middle, ink = x.at(visit.time_s) + shift, y.inside(visit.difference_s), _INKS[visit.side]
    title = t.TREND_MARK.format(
        side=side_name(visit.side),
        day=day_words(visit.time_s),
        lead=t.MILLISECONDS.format(value=milliseconds(visit.difference_s)),
        low=milliseconds(visit.low_s),
        high=milliseconds(visit.high_s),
    )
    interval = element(
        "line",
        x1=at,
        x2=at,
        y1=y.inside(visit.low_s),
        y2=y.inside(visit.high_s),
        stroke=ink,
        stroke_width=2,
        stroke_linecap="round",
    )
    if visit.side == "L":
        points = (
            f"{at - 6:.1f},{middle:.1f} {at:.1f},{middle - 6:.1f} {at + 6:.1f},{middle:.1f} {at:.1f},{middle + 6:.1f}"
        )
        mark = element("polygon", points=points, fill=colour("card"), stroke=ink, stroke_width=2)
    else:
        mark = element("circle", cx=at, cy=middle, r=5.0, fill=ink)
    return element("g", element("title", title), interval, mark)


def _text(x: float, y: float, words: str, **attributes: str | float | None) -> Markup:
    return element("text", words, x=x, y=y, **{"fill": "currentColor", **attributes})
