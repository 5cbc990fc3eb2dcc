"""All lifts of a side under each other, aligned on the first onset: who came first, lift by lift, in one picture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from emgorder.model import FloatArray, LiftResult, MuscleLift, Trace
from emgorder.report import texts as t
from emgorder.report.axes import Scale, nice_ticks
from emgorder.report.display import side_name
from emgorder.report.markup import Markup, element, svg
from emgorder.report.palette import colour
from emgorder.report.traces import TraceView, onset_time, trace_lateness
from emgorder.report.words import lift_verdict, lift_words

__all__ = ["onset_raster"]

_WIDTH = 380.0
_LEFT, _RIGHT = 26.0, 116.0
_ROW, _TOP, _BOTTOM = 15.0, 16.0, 17.0
_SIZE = 11.0  # of letters: 7 points in half a printed page
_FULL_SHARE = 0.98
_POINTS = 180
"""Of an envelope: about one a drawing unit and a half."""


def onset_raster(lifts: Sequence[LiftResult], view: TraceView, *, among: Sequence[LiftResult] | None = None) -> Markup:
    """Draw a row a lift: envelope of the glute upwards, of the hamstring downwards, each onset with its interval.

    Parameters
    ----------
    lifts : sequence of LiftResult
        Of one side; those without an onset are named, not drawn.
    view : TraceView
        From :func:`emgorder.report.traces.trace_view`.
    among : sequence of LiftResult, optional
        Lifts that share one height, where `lifts` are a part of them.

    Returns
    -------
    Markup
        An ``svg`` element, or nothing where no lift has an onset.
    """
    drawn = [lift for lift in lifts if any(m.onset.found for m in lift.muscles[:2])]
    if not drawn:
        return Markup("")
    x = Scale(view.start_s, view.stop_s, _LEFT, _WIDTH - _RIGHT)
    bottom = _TOP + _ROW * len(lifts)
    leg = side_name(lifts[0].lift.side)
    zero, tops = x.at(0.0), _tops(lifts if among is None else among)
    rows = [_row(lift, view, tops, x, _TOP + _ROW * (place + 0.5)) for place, lift in enumerate(lifts)]
    return svg(
        _WIDTH,
        bottom + _BOTTOM,
        element("line", x1=zero, x2=zero, y1=_TOP, y2=bottom, stroke=colour("rule")),
        _words(_LEFT, 10, t.RASTER_GLUTE, fill=colour("glute_text"), font_weight=600),
        _words(_LEFT + 76, 10, t.RASTER_HAMSTRING, fill=colour("hamstring_text"), font_weight=600),
        _words(x.stop + 8, 10, leg, fill="currentColor", font_weight=600),
        *rows,
        *_axis(x, bottom),
        title=t.RASTER_TITLE.format(leg=leg),
        description=t.RASTER_DESCRIPTION,
    )


def _row(lift: LiftResult, view: TraceView, tops: Mapping[str, float], x: Scale, y: float) -> Markup:
    muscles = lift.muscles[:2]
    onsets = [onset_time(m, view) for m in muscles]
    first_s = min((o for o in onsets if math.isfinite(o)), default=math.nan)
    inks = ("glute", "hamstring") if lift.valid else ("muted", "muted")
    half = _ROW / 2 - 1.5
    parts = [
        _words(_LEFT - 6, y + 3.5, str(lift.lift.number), text_anchor="end", fill=colour("muted")),
        element("line", x1=x.start, x2=x.stop, y1=y, y2=y, stroke=colour("rule")),
    ]
    if math.isfinite(first_s):
        for muscle, ink, way in zip(muscles, inks, (-1.0, 1.0), strict=False):
            parts += _envelope(muscle, view, tops[muscle.channel], x, first_s, y, half * way, ink)
        for muscle, onset_s, ink, way in zip(muscles, onsets, inks, (-1.0, 1.0), strict=False):
            parts += _onset(muscle, onset_s - first_s, first_s, view, x, y, half * way, ink)
    verdict = lift_verdict(lift)
    said = t.RASTER_UNCOUNTED if verdict == "cannot tell" else lift_words(lift)
    ink = {"glute first": "glute_text", "hamstring first": "hamstring_text"}.get(verdict, "muted")
    parts.append(_words(x.stop + 8, y + 3.5, said, fill=colour(ink)))
    return element("g", *parts)


def _tops(lifts: Sequence[LiftResult]) -> dict[str, float]:
    """Return the envelope that fills a row, for each channel: that of its largest lift, single spikes cut."""
    tops: dict[str, float] = {}
    for muscle in (m for lift in lifts for m in lift.muscles[:2]):
        level = muscle.trace.envelope[np.isfinite(muscle.trace.envelope)] if muscle.trace is not None else np.empty(0)
        top = float(np.quantile(level, _FULL_SHARE)) if level.size else 0.0
        tops[muscle.channel] = max(top, tops.get(muscle.channel, 0.0)) or 1.0
    return tops


def _envelope(
    muscle: MuscleLift, view: TraceView, top: float, x: Scale, zero_s: float, y: float, height: float, ink: str
) -> list[Markup]:
    if muscle.trace is None:
        return []
    time_s, level = _thin(muscle.trace)
    at_s = time_s - zero_s - trace_lateness(muscle, view)
    shown = (at_s >= x.low) & (at_s <= x.high) & np.isfinite(level)
    if shown.sum() < 2:
        return []
    share = np.clip(level[shown] / top, 0.0, 1.0)
    points = [f"{x.at(s):.1f},{y + height * v:.1f}" for s, v in zip(at_s[shown].tolist(), share.tolist(), strict=True)]
    ends = f"{x.at(float(at_s[shown][0])):.1f},{y:.1f}", f"{x.at(float(at_s[shown][-1])):.1f},{y:.1f}"
    return [element("polygon", points=" ".join((ends[0], *points, ends[1])), fill=colour(ink), fill_opacity=0.4)]


def _onset(
    muscle: MuscleLift,
    at_s: float,
    zero_s: float,
    view: TraceView,
    x: Scale,
    y: float,
    height: float,
    ink: str,
) -> list[Markup]:
    if not x.low <= at_s <= x.high:
        return []
    at = x.at(at_s)
    tick = element("line", x1=at, x2=at, y1=y, y2=y + height, stroke=colour(ink), stroke_width=2)
    clock_s = view.clocks_s.get(muscle.channel, 0.0)
    low_s, high_s = (v - clock_s - zero_s for v in (muscle.onset.low_s, muscle.onset.high_s))
    if not (math.isfinite(low_s) and math.isfinite(high_s)):
        return [tick]
    left, right, edge = x.inside(low_s), x.inside(high_s), y + height
    return [tick, element("line", x1=left, x2=right, y1=edge, y2=edge, stroke=colour(ink), stroke_width=3)]


def _thin(trace: Trace) -> tuple[FloatArray, FloatArray]:
    by = max(1, trace.envelope.size // _POINTS)
    time_s = trace.start_s + trace.step_s * np.arange(trace.envelope.size, dtype=np.float64)
    return time_s[::by], trace.envelope[::by]


def _axis(x: Scale, y: float) -> list[Markup]:
    drawn = []
    for tick in nice_ticks(1e3 * x.low, 1e3 * x.high, about=5):
        at = x.at(tick / 1e3)
        drawn.append(element("line", x1=at, x2=at, y1=y, y2=y + 3, stroke=colour("muted")))
        drawn.append(_words(at, y + 13, f"{tick:g}", text_anchor="middle", fill=colour("muted")))
    return [*drawn, _words(x.stop + 8, y + 13, t.RASTER_AXIS, fill=colour("muted"))]


def _words(x: float, y: float, words: str, **attributes: str | float | None) -> Markup:
    return element("text", words, x=x, y=y, font_size=_SIZE, **attributes)
