"""The part of the report on activity levels: bars where they are valid, and the reason where they are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from emgorder.model import Side
from emgorder.muscles import MUSCLES
from emgorder.order.activity import MuscleActivity
from emgorder.report import texts as t
from emgorder.report.activity_words import activity_sentences, level_sentence, percent_words
from emgorder.report.axes import Scale
from emgorder.report.display import number, side_name
from emgorder.report.markup import Markup, element, said, svg
from emgorder.report.palette import colour
from emgorder.report.several import muscle_words

if TYPE_CHECKING:
    from emgorder.analysis.result import SessionResult

__all__ = ["activity_bars", "activity_section"]

WIDTH = 380.0  # half a printed page
_SIZE = 11.0  # of letters: 7 points there
_LETTER = 0.58  # mean width of a letter for each unit of their size
_LEFT, _RIGHT = 80.0, 116.0  # room for the muscle's name, at least, and for its share
_ROW, _TOP, _GAP, _BAR = 16.0, 16.0, 5.0, 9.0
_FULL = 100.0


def activity_section(result: SessionResult) -> Markup:
    """Return which muscle had the higher activity level, in words and bars."""
    if not result.sides:
        return Markup("")
    levels = result.activity_levels
    names = muscle_words(result, [m.channel for m in levels.muscles])
    known = {side.side: [m for m in levels.of(side.side) if m.known] for side in result.sides}
    highest = max((m.high for m in levels.muscles if m.known), default=_FULL)
    bars = [
        element("figure", activity_bars(side, muscles, names, highest=highest, headed=k == 0), class_="activity")
        for k, (side, muscles) in enumerate((s, m) for s, m in known.items() if m)
    ]
    return element(
        "section",
        element("h2", t.ACTIVITY_TITLE),
        *([element("p", t.ACTIVITY_HELP, class_="help")] if bars else []),
        said(activity_sentences(result, drawn=True)),
        *bars,
        class_="part",
    )


def activity_bars(
    side: Side,
    muscles: Sequence[MuscleActivity],
    names: Mapping[str, str],
    *,
    highest: float = _FULL,
    headed: bool = True,
) -> Markup:
    """Draw the activity level of each muscle of a side as a bar with its interval, full effort as a line.

    Parameters
    ----------
    side : {"R", "L", ""}
        Of the muscles.
    muscles : sequence of MuscleActivity
        Those that are known.
    names : mapping of str to str
        What to call each channel.
    highest : float
        % MVC that the axis reaches at least, to draw several sides alike.
    headed : bool
        Whether the line is named; once is enough for pictures below each other.
    """
    left = max([_LEFT, *(12 + _LETTER * _SIZE * len(name) for name in names.values())])
    x = Scale(0.0, max([_FULL, highest, *(m.high for m in muscles)]), left, WIDTH - _RIGHT)
    top = _TOP if headed else _GAP
    bottom = top + _ROW * len(muscles)
    full = x.at(_FULL)
    return svg(
        WIDTH,
        bottom,
        element("line", x1=full, x2=full, y1=top - 4, y2=bottom, stroke=colour("muted"), stroke_dasharray="3 3"),
        *([_text(full, 11, t.FULL_EFFORT, anchor="end")] if headed else []),
        *(_bar(m, names[m.channel], x, top + _ROW * k) for k, m in enumerate(muscles)),
        title=t.ACTIVITY_BARS_TITLE.format(leg=side_name(side)),
    )


def _bar(muscle: MuscleActivity, name: str, x: Scale, top: float) -> Markup:
    role = MUSCLES[muscle.target_muscle].role if muscle.target_muscle in MUSCLES else "other"
    ink = colour(role) if role != "other" else colour("muted")
    middle = top + _ROW / 2
    share = t.PERCENT_INTERVAL.format(
        percent=percent_words(muscle.percent_mvc), low=number(muscle.low, 0), high=number(muscle.high, 0)
    )
    return element(
        "g",
        element("title", level_sentence(muscle, name)),
        element(
            "rect", x=x.start, y=middle - _BAR / 2, width=x.at(muscle.percent_mvc) - x.start, height=_BAR, fill=ink
        ),
        element(
            "line",
            x1=x.at(muscle.low),
            x2=x.at(muscle.high),
            y1=middle,
            y2=middle,
            stroke="currentColor",
            stroke_width=1.6,
        ),
        _text(x.start - 8, middle + 4, name, anchor="end"),
        _text(WIDTH, middle + 4, share, anchor="end"),
    )


def _text(x: float, y: float, words: str, *, anchor: str) -> Markup:
    return element("text", words, x=x, y=y, fill="currentColor", text_anchor=anchor, font_size=_SIZE)
