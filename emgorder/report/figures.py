"""Pictures of a side: a mark per lift on the axis of differences, and the probability of each order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from emgorder.model import LiftResult, SideResult, Verdict
from emgorder.report import texts as t
from emgorder.report.axes import Scale, nice_ticks
from emgorder.report.display import display_text, percent, rope_ms, side_name
from emgorder.report.markup import Markup, element, svg
from emgorder.report.palette import colour
from emgorder.report.words import lead_words, lift_line, lift_verdict, lift_words, verdict_sentence

__all__ = ["difference_limits", "dot_chart", "probability_bar"]

WIDTH = 760.0
_LEFT, _RIGHT = 74.0, 160.0  # room for the lift's number and for its words
_TOP, _BOTTOM = 28.0, 24.0  # words for the directions; ticks
_LINE = 16.0  # a second line of words above the band, where one line has no room for all
_GLUTE_ROOM, _HAMSTRING_ROOM = 134.0, 174.0  # words for a direction and half of those for the band
_AVERAGE_ROW = 30.0
_ROWS_HEIGHT, _ROW_MIN, _ROW_MAX = 700.0, 10.0, 16.0
_SIZE, _SMALL, _BOLD = 14.0, 13.5, 14.5  # of letters; on paper a unit is half a point
_LETTER = 0.56  # mean width of a letter for each unit of font size
_MARK = 4.6  # half the width of a mark
# A lift beyond this is drawn at the edge with an arrow, so that one outlier does not squeeze all others.
_FARTHEST_S, _FARTHEST_RATIO = 0.25, 3.0  # at least; times the median size of the differences

_INKS: dict[Verdict, str] = {
    "glute first": colour("glute"),
    "hamstring first": colour("hamstring"),
    "together": colour("muted"),
    "cannot tell": colour("muted"),
}
_TEXT_INKS: dict[Verdict, str] = {
    **_INKS,
    "glute first": colour("glute_text"),
    "hamstring first": colour("hamstring_text"),
}


def difference_limits(lifts: Sequence[LiftResult], sides: Sequence[SideResult]) -> tuple[float, float]:
    """Return the ends of a difference axis that serves all these lifts and sides, s.

    The axis always holds zero and twice the ROPE; it follows single lifts to three times the usual difference.

    Examples
    --------
    >>> low_s, high_s = difference_limits([], [SideResult("R", "together", 9, 9, 1, 7, 1, 0.004, -0.010, 0.018)])
    >>> round(low_s, 4), round(high_s, 4)
    (-0.0636, 0.0636)
    """
    rope_s = max((s.rope_s for s in sides), default=0.030)
    orders = [r.order for r in lifts if r.valid and math.isfinite(r.order.difference_s)]
    usual_s = median(abs(o.difference_s) for o in orders) if orders else 0.0
    farthest_s = max(_FARTHEST_S, _FARTHEST_RATIO * usual_s)
    values = [v for o in orders for v in (o.difference_s, o.low_s, o.high_s)]
    values += [v for s in sides for v in (s.difference_s, s.low_s, s.high_s)]
    within = [min(max(v, -farthest_s), farthest_s) for v in values if math.isfinite(v)]
    low_s, high_s = min([-2 * rope_s, *within]), max([2 * rope_s, *within])
    margin_s = 0.03 * (high_s - low_s)
    return low_s - margin_s, high_s + margin_s


def dot_chart(lifts: Sequence[LiftResult], side: SideResult, limits_s: tuple[float, float] | None = None) -> Markup:
    """Draw a row per lift at its difference, glute first to the left, hamstring first to the right.

    Parameters
    ----------
    lifts : sequence of LiftResult
        Lifts of the side; uncounted ones say why.
    side : SideResult
        Its average is the diamond below the lifts; the grey band is its ROPE.
    limits_s : (float, float), optional
        Ends of the axis, to draw several sides alike (:func:`difference_limits`).

    Returns
    -------
    Markup
        An ``svg`` element.
    """
    row = min(max(_ROWS_HEIGHT / max(len(lifts), 1), _ROW_MIN), _ROW_MAX)
    low_s, high_s = limits_s or difference_limits(lifts, [side])
    x = Scale(low_s, high_s, _LEFT, WIDTH - _RIGHT)
    band = (x.inside(-side.rope_s) + x.inside(side.rope_s)) / 2
    one_line = x.start + _GLUTE_ROOM < band < x.stop - _HAMSTRING_ROOM
    top = _TOP if one_line else _TOP + _LINE
    rows_end = top + row * len(lifts)
    bottom = rows_end + (_AVERAGE_ROW if math.isfinite(side.difference_s) else 0.0)
    rows = [_lift_row(r, x, top + row * (i + 0.5), row, side.rope_s) for i, r in enumerate(lifts)]
    leg = side_name(side.side)
    return svg(
        WIDTH,
        bottom + _BOTTOM,
        *_ground(x, side.rope_s, top, bottom),
        *rows,
        *_average_row(side, x, rows_end),
        *_axis(x, bottom),
        title=t.DOTS_TITLE.format(leg=leg),
        description=t.DOTS_DESCRIPTION.format(rope=rope_ms(side.rope_s), sentence=verdict_sentence(side)),
    )


def probability_bar(side: SideResult) -> Markup:
    """Draw the probabilities of the three orders of a side as one bar; nothing where there are none.

    Examples
    --------
    >>> probability_bar(SideResult("R", "cannot tell", 6, 6, 1, 1, 4))
    Markup(text='')
    """
    shares: tuple[tuple[Verdict, float], ...] = (
        ("glute first", side.p_glute_first),
        ("together", side.p_together),
        ("hamstring first", side.p_hamstring_first),
    )
    if not all(math.isfinite(p) for _, p in shares):
        return Markup("")
    whole = sum(p for _, p in shares)
    places = (("start", 0.0), ("middle", WIDTH / 2), ("end", WIDTH))
    drawn, start = [], 0.0
    for (order, p), (anchor, at) in zip(shares, places, strict=True):
        width = WIDTH * p / whole
        words = f"{t.ORDERS[order]} {percent(p)}"
        bar = element("rect", x=start, y=0, width=width, height=12, fill=_INKS[order])
        label = _text(at, 31, words, fill=_TEXT_INKS[order], text_anchor=anchor, font_size=14, font_weight=600)
        drawn += [bar, label]
        start += width
    return svg(WIDTH, 36, *drawn, title=t.BAR_TITLE.format(leg=side_name(side.side)))


def _ground(x: Scale, rope_s: float, top: float, bottom: float) -> list[Markup]:
    left, right = x.inside(-rope_s), x.inside(rope_s)
    headings = (
        (x.start, 14.0, t.DIRECTION_GLUTE, "glute_text", "start"),
        (x.stop, 14.0, t.DIRECTION_HAMSTRING, "hamstring_text", "end"),
        ((left + right) / 2, top - 14, t.BAND_TOGETHER, "muted", "middle"),
    )
    return [
        element("rect", x=left, y=top - 4, width=right - left, height=bottom - top + 4, fill=colour("rope")),
        element("line", x1=x.at(0.0), x2=x.at(0.0), y1=top - 4, y2=bottom, stroke="currentColor", stroke_width=1),
        _text(_LEFT - 12, 14, t.COLUMN_LIFT, fill=colour("muted"), text_anchor="end", font_size=_SMALL),
        *(
            _text(at, y, words, fill=colour(ink), text_anchor=anchor, font_size=_BOLD, font_weight=600)
            for at, y, words, ink, anchor in headings
        ),
    ]


def _lift_row(result: LiftResult, x: Scale, y: float, height: float, rope_s: float) -> Markup:
    size = min(_SIZE, height - 2)
    base = y + 0.35 * size
    verdict = lift_verdict(result)
    name = _text(_LEFT - 12, base, str(result.lift.number), text_anchor="end", font_size=size, fill=colour("muted"))
    title = element("title", lift_line(result, interval=True))
    if verdict == "cannot tell":
        return element("g", title, name, _uncounted(result, x, base, size, rope_s))
    words = _text(WIDTH - _RIGHT + 12, base, lift_words(result), fill=_TEXT_INKS[verdict], font_size=size)
    order = result.order
    drawn = [*_interval(order.low_s, order.high_s, x, y, _INKS[verdict], 2.0), _mark(verdict, order.difference_s, x, y)]
    return element("g", title, name, *drawn, words)


def _uncounted(result: LiftResult, x: Scale, base: float, size: float, rope_s: float) -> Markup:
    """Return why a lift does not count, written on the side of the grey band that has more room."""
    size = min(size, _SMALL)
    left, right = x.inside(-rope_s) - 10 - x.start, WIDTH - x.inside(rope_s) - 10
    at, anchor = (x.inside(rope_s) + 10, "start") if right >= left else (x.inside(-rope_s) - 10, "end")
    words = display_text(lift_line(result).split(t.PART, 1)[1], int(max(left, right) / (_LETTER * size)) - 2)
    return _text(at, base, f"✕ {words}", fill=colour("muted"), text_anchor=anchor, font_size=size)


def _mark(verdict: Verdict, difference_s: float, x: Scale, y: float) -> Markup:
    at, ink = x.inside(difference_s), _INKS[verdict]
    if not x.low <= difference_s <= x.high:
        way = math.copysign(7.0, difference_s)
        return element(
            "polygon", points=f"{at:.1f},{y:.1f} {at - way:.1f},{y - 5:.1f} {at - way:.1f},{y + 5:.1f}", fill=ink
        )
    if verdict == "together":
        return element("circle", cx=at, cy=y, r=_MARK - 0.8, fill=colour("card"), stroke=ink, stroke_width=2)
    if verdict == "glute first":
        return element("rect", x=at - _MARK, y=y - _MARK, width=2 * _MARK, height=2 * _MARK, fill=ink)
    return element("circle", cx=at, cy=y, r=_MARK, fill=ink)


def _interval(low_s: float, high_s: float, x: Scale, y: float, ink: str, width: float) -> list[Markup]:
    if not (math.isfinite(low_s) and math.isfinite(high_s)):
        return []
    return [
        element(
            "line",
            x1=x.inside(low_s),
            x2=x.inside(high_s),
            y1=y,
            y2=y,
            stroke=ink,
            stroke_width=width,
            stroke_linecap="round",
            stroke_opacity=0.6,
        )
    ]


def _average_row(side: SideResult, x: Scale, top: float) -> list[Markup]:
    if not math.isfinite(side.difference_s):
        return []
    y, at = top + 4 + (_AVERAGE_ROW - 4) / 2, x.inside(side.difference_s)
    name = t.ROW_AVERAGE if math.isfinite(side.low_s) else t.ROW_MEDIAN
    points = f"{at - 9:.1f},{y:.1f} {at:.1f},{y - 9:.1f} {at + 9:.1f},{y:.1f} {at:.1f},{y + 9:.1f}"
    return [
        element("line", x1=0, x2=WIDTH, y1=top + 4, y2=top + 4, stroke=colour("rule")),
        _text(0, y + 4.5, name, font_size=_BOLD, font_weight=650),
        *_interval(side.low_s, side.high_s, x, y, "currentColor", 4.0),
        element("polygon", points=points, fill="currentColor"),
        _text(WIDTH - _RIGHT + 12, y + 4.5, lead_words(side.difference_s), font_size=_BOLD, font_weight=650),
    ]


def _axis(x: Scale, y: float) -> list[Markup]:
    drawn = [element("line", x1=x.start, x2=x.stop, y1=y, y2=y, stroke=colour("muted"))]
    for tick in nice_ticks(1e3 * x.low, 1e3 * x.high, about=7):
        at = x.at(tick / 1e3)
        drawn += [
            element("line", x1=at, x2=at, y1=y, y2=y + 5, stroke=colour("muted")),
            _text(at, y + 18, f"{tick:g}", text_anchor="middle", font_size=_SMALL, fill=colour("muted")),
        ]
    return [*drawn, _text(WIDTH - _RIGHT + 12, y + 18, t.AXIS_DIFFERENCE, font_size=_SMALL, fill=colour("muted"))]


def _text(x: float, y: float, words: str, **attributes: str | float | None) -> Markup:
    return element("text", words, x=x, y=y, **{"fill": "currentColor", **attributes})
