"""Picture of one lift: glute above hamstring on one time axis, with both onsets and how sure they are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from emgorder.model import FloatArray, LiftResult, MuscleLift, Trace
from emgorder.report import texts as t
from emgorder.report.axes import Scale, nice_ticks
from emgorder.report.display import milliseconds
from emgorder.report.markup import Markup, element, svg
from emgorder.report.palette import colour
from emgorder.report.words import lift_line

__all__ = ["TraceView", "lift_traces", "onset_time", "trace_lateness", "trace_view"]

WIDTH = 380.0
_STRIP = 56.0  # height of a muscle's strip
_LANE = 22.0  # between the strips: which onset came first, and by how much
_AXIS = 34.0
_BEFORE_S, _AFTER_S = 0.35, 0.75  # shown around the first onset; later onsets widen it
_FINE = 10  # drawing units a pixel in paths, so that they hold whole numbers only
_MOST_STEPS = 600  # finer traces are thinned: more steps than pixels add size and nothing to see
_FULL_SHARE = 0.97  # share of the largest lift's extremes that fits its strip; single spikes are cut
_NONE: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class TraceView:
    """What the pictures of a session have in common.

    ``start_s`` and ``stop_s`` count from the first onset of each lift. ``ranges`` gives the amplitude that fills half
    a strip for each channel. ``clocks_s`` is subtracted from a channel's times (its clock minus the other's) and
    ``delays_s`` from its trace only: onset times come with the channel's known delay taken off.
    """

    start_s: float
    stop_s: float
    ranges: dict[str, float]
    clocks_s: Mapping[str, float]
    delays_s: Mapping[str, float]


def trace_view(
    lifts: Sequence[LiftResult], *, clocks_s: Mapping[str, float] = _NONE, delays_s: Mapping[str, float] = _NONE
) -> TraceView:
    """Choose time and amplitude ranges that fit all lifts of a session, so that they can be compared by eye."""
    lags = [abs(r.order.difference_s) for r in lifts if r.valid and math.isfinite(r.order.difference_s)]
    extremes: dict[str, list[float]] = {}
    for result in sorted(lifts, key=lambda r: r.valid, reverse=True):
        for muscle in result.muscles[:2]:
            known = extremes.setdefault(muscle.channel, [])
            if muscle.trace is not None and (result.valid or not known):
                known.append(_extreme(muscle.trace))
    ranges = {channel: max((v for v in values if v > 0), default=1.0) for channel, values in extremes.items()}
    return TraceView(-_BEFORE_S, max(_AFTER_S, max(lags, default=0.0) + 0.3), ranges, clocks_s, delays_s)


def lift_traces(result: LiftResult, view: TraceView) -> Markup:
    """Draw the traces of one lift; an uncounted lift is grey.

    Parameters
    ----------
    result : LiftResult
        Its first two muscles are drawn.
    view : TraceView
        From :func:`trace_view`.

    Returns
    -------
    Markup
        An ``svg`` element, or nothing where the result holds no traces.
    """
    glute_and_hamstring = result.muscles[:2]
    if not any(m.trace is not None for m in glute_and_hamstring):
        return Markup("")
    zero_s, axis_name = _zero(result, view)
    x = Scale(view.start_s, view.stop_s, 0.0, WIDTH)
    if axis_name == t.AXIS_FROM_START:
        x = Scale(0.0, view.stop_s - view.start_s, 0.0, WIDTH)
    inks = ("glute", "hamstring") if result.valid else ("muted", "muted")
    tops = (0.0, _STRIP + _LANE)
    drawn: list[Markup] = []
    for muscle, ink, top, name in zip(glute_and_hamstring, inks, tops, (t.GLUTE, t.HAMSTRING), strict=False):
        drawn += _strip(muscle, view, x, zero_s, top, ink, name)
    bottom = 2 * _STRIP + _LANE
    return svg(
        WIDTH,
        bottom + _AXIS,
        *_cue(result, x, zero_s, bottom),
        *drawn,
        *_lead(result, view, x, zero_s),
        *_axis(x, bottom, axis_name),
        title=t.TRACE_TITLE.format(number=result.lift.number),
        description=t.TRACE_DESCRIPTION.format(line=lift_line(result, interval=True)),
    )


def _zero(result: LiftResult, view: TraceView) -> tuple[float, str]:
    """Return the time that the axis counts from, and the axis' name."""
    found = [o for m in result.muscles[:2] if math.isfinite(o := onset_time(m, view))]
    if found:
        return min(found), t.AXIS_FROM_ONSET
    if math.isfinite(result.lift.cue_s):
        return result.lift.cue_s, t.AXIS_FROM_CUE
    starts = [m.trace.start_s - trace_lateness(m, view) for m in result.muscles[:2] if m.trace is not None]
    return min(starts), t.AXIS_FROM_START


def _strip(
    muscle: MuscleLift, view: TraceView, x: Scale, zero_s: float, top: float, ink: str, name: str
) -> list[Markup]:
    centre = top + _STRIP / 2
    text_ink = ink if ink == "muted" else f"{ink}_text"
    drawn = [element("line", x1=0, x2=WIDTH, y1=centre, y2=centre, stroke=colour("rule"))]
    if muscle.trace is not None:
        y = Scale(0.0, view.ranges[muscle.channel], centre, top + 1)
        drawn += _signal(_thinned(muscle.trace), x, y, zero_s + trace_lateness(muscle, view), top, ink)
    return [
        *drawn,
        *_onset(muscle, view, x, zero_s, top, ink),
        _over_signal(1, top + 11, name, font_size=11, fill=colour(text_ink), font_weight=650),
        _over_signal(1, top + 22, _range_words(muscle, view), font_size=9.5, fill=colour("muted")),
    ]


def _signal(trace: Trace, x: Scale, y: Scale, zero_s: float, top: float, ink: str) -> list[Markup]:
    edges_s = trace.start_s - zero_s + trace.step_s * np.arange(trace.low.size + 1, dtype=np.float64)
    shown = (edges_s[1:] > x.low) & (edges_s[:-1] < x.high)
    finite = shown & np.isfinite(trace.low) & np.isfinite(trace.high)
    at_x, limit = _places(edges_s, x), (top + 1, top + _STRIP - 1)
    low, high, envelope = (_places(v, y, limit) for v in (trace.low, trace.high, trace.envelope))
    band = "".join(_band(at_x[a : b + 1], low[a:b], high[a:b]) for a, b in _runs(finite))
    middle = (at_x[:-1] + at_x[1:]) // 2
    line = "".join(_line(middle[a:b], envelope[a:b]) for a, b in _runs(finite & np.isfinite(trace.envelope)))
    lost = [(edges_s[a], edges_s[b]) for a, b in _runs(shown & ~finite)]
    return [
        *(_gap(x.inside(start_s), x.inside(stop_s), top) for start_s, stop_s in lost),
        element(
            "g",
            element("path", d=band, fill=colour(ink), fill_opacity=0.3),
            element("path", d=line, fill="none", stroke=colour(ink), stroke_width=1.6 * _FINE, stroke_linejoin="round"),
            transform=f"scale({1 / _FINE:g})",
        ),
    ]


def _onset(muscle: MuscleLift, view: TraceView, x: Scale, zero_s: float, top: float, ink: str) -> list[Markup]:
    onset, clock_s = muscle.onset, view.clocks_s.get(muscle.channel, 0.0)
    if not x.low <= onset.time_s - clock_s - zero_s <= x.high:
        return []
    at = x.at(onset.time_s - clock_s - zero_s)
    said = {"muscle": muscle.target_muscle, "time": f"{onset.time_s:.3f}"}
    title = t.ONSET_TITLE.format(**said)
    drawn = [element("line", x1=at, x2=at, y1=top, y2=top + _STRIP, stroke=colour(ink), stroke_width=2)]
    if math.isfinite(onset.low_s) and math.isfinite(onset.high_s):
        title = t.ONSET_TITLE_INTERVAL.format(**said, low=f"{onset.low_s:.3f}", high=f"{onset.high_s:.3f}")
        low, high = (x.inside(v - clock_s - zero_s) for v in (onset.low_s, onset.high_s))
        y = _STRIP + 1 if top == 0.0 else top - 6
        drawn.append(element("rect", x=low, y=y, width=high - low, height=5, fill=colour(ink)))
        drawn.append(_shade(low, high, top, ink, 0.14))
    return [element("g", element("title", title), *drawn)]


def _lead(result: LiftResult, view: TraceView, x: Scale, zero_s: float) -> list[Markup]:
    at = [onset_time(m, view) - zero_s for m in result.muscles[:2]]
    if len(at) < 2 or not all(x.low <= v <= x.high for v in at):
        return []
    y, latest = _STRIP + _LANE / 2, x.at(max(at))
    words = t.MILLISECONDS.format(value=milliseconds(abs(result.order.difference_s)))
    room = latest < WIDTH - 60
    return [
        element("line", x1=x.at(min(at)), x2=latest, y1=y, y2=y, stroke="currentColor", stroke_width=1.5),
        _small(latest + (14 if room else -14), y + 4, words, anchor="start" if room else "end", fill="currentColor"),
    ]


def _cue(result: LiftResult, x: Scale, zero_s: float, bottom: float) -> list[Markup]:
    at_s = result.lift.cue_s - zero_s
    if not x.low < at_s < x.high:
        return []
    at = x.at(at_s)
    mark = element("line", x1=at, x2=at, y1=0, y2=bottom, stroke=colour("muted"), stroke_dasharray="2 3")
    return [mark, _small(at + 3, bottom - 3, t.CUE)]


def _axis(x: Scale, y: float, name: str) -> list[Markup]:
    drawn = [element("line", x1=0, x2=WIDTH, y1=y, y2=y, stroke=colour("rule"))]
    for tick in nice_ticks(1e3 * x.low, 1e3 * x.high):
        at = x.at(tick / 1e3)
        drawn.append(element("line", x1=at, x2=at, y1=y, y2=y + 4, stroke=colour("muted")))
        if 12 < at < WIDTH - 12:
            drawn.append(_small(at, y + 15, f"{tick:g}", anchor="middle"))
    return [*drawn, _small(WIDTH / 2, y + 29, name, anchor="middle")]


def _gap(left: float, right: float, top: float) -> Markup:
    words = [_small((left + right) / 2, top + _STRIP - 4, t.GAP, anchor="middle")] if right - left > 24 else []
    return element("g", element("title", t.GAP_TITLE), _shade(left, right, top, "muted", 0.22), *words)


def _shade(left: float, right: float, top: float, ink: str, opacity: float) -> Markup:
    return element("rect", x=left, y=top, width=right - left, height=_STRIP, fill=colour(ink), fill_opacity=opacity)


def _small(x: float, y: float, words: str, *, anchor: str | None = None, fill: str = colour("muted")) -> Markup:
    return element("text", words, x=x, y=y, font_size=11, text_anchor=anchor, fill=fill)


def _over_signal(x: float, y: float, words: str, **attributes: str | float | None) -> Markup:
    """Return words with a rim in the colour of the ground, to be read where they lie over a signal."""
    rim = {"stroke": colour("card"), "paint_order": "stroke", "stroke_linejoin": "round"}
    return element("text", words, x=x, y=y, stroke_width=3, **rim, **attributes)


def _range_words(muscle: MuscleLift, view: TraceView) -> str:
    if muscle.trace is None:
        return ""
    value = view.ranges[muscle.channel]
    if muscle.unit == "V":
        return t.AMPLITUDE_RANGE.format(value=f"{1e6 * value:.3g}", unit=t.VOLTS_IN_uV)
    return t.AMPLITUDE_RANGE.format(value=f"{value:.3g}", unit=t.ARBITRARY)


def _extreme(trace: Trace) -> float:
    values = np.fmax(np.abs(trace.low), np.abs(trace.high))
    values = values[np.isfinite(values)]
    return float(np.quantile(values, _FULL_SHARE)) if values.size else 0.0


def _thinned(trace: Trace) -> Trace:
    by = math.ceil(trace.low.size / _MOST_STEPS)
    if by < 2:
        return trace
    starts = np.arange(0, trace.low.size, by)
    low, high = np.fmin.reduceat(trace.low, starts), np.fmax.reduceat(trace.high, starts)
    return Trace(trace.start_s, trace.step_s * by, low, high, trace.envelope[starts])


def _places(values: FloatArray, scale: Scale, limits: tuple[float, float] | None = None) -> FloatArray:
    places = scale.start + (values - scale.low) / (scale.high - scale.low) * (scale.stop - scale.start)
    return np.round((places if limits is None else np.clip(places, *limits)) * _FINE)


def _runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """Return first and one-past-last index of each stretch of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _band(edges: FloatArray, low: FloatArray, high: FloatArray) -> str:
    """Return the path around a band whose steps lie between `edges`."""
    x = np.concatenate([edges, edges[::-1]])
    y = np.concatenate([high, high[-1:], low[-1:], low[::-1]])
    return _line(x, y) + "z"


def _line(x: FloatArray, y: FloatArray) -> str:
    """Return a path through points in whole numbers, each after the first as a step from the last."""
    steps = np.diff(np.column_stack([x, y]), axis=0).astype(int)
    moves = "".join(f"{dx:+d}{dy:+d}" if dx < 0 else f" {dx}{dy:+d}" for dx, dy in steps.tolist())
    return f"M{x[0]:.0f} {y[0]:.0f}" + (f"l{moves.lstrip()}" if moves else "")


def onset_time(muscle: MuscleLift, view: TraceView) -> float:
    """Return the onset of a muscle on the time base of the other one, s."""
    return muscle.onset.time_s - view.clocks_s.get(muscle.channel, 0.0)


def trace_lateness(muscle: MuscleLift, view: TraceView) -> float:
    """Return what is to be subtracted from the times of a muscle's trace, s."""
    return view.clocks_s.get(muscle.channel, 0.0) + view.delays_s.get(muscle.channel, 0.0)
