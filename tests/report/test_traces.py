"""The traces of a lift: onsets in their place, gaps shown, the same scale for all lifts."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import accumulate
from xml.etree import ElementTree

import numpy as np
import pytest

from emgorder.model import LiftResult, MuscleLift, Trace
from emgorder.report.traces import TraceView, lift_traces, trace_view

NAN = math.nan
Lifts = Callable[..., LiftResult]


def picture(result: LiftResult, view: TraceView | None = None) -> ElementTree.Element:
    return ElementTree.fromstring(lift_traces(result, view or trace_view([result])).text)


def ticks_of(root: ElementTree.Element) -> dict[str, float]:
    """Return where the onset tick of each muscle stands."""
    groups = [g for g in root.iter("g") if " onset at " in (g.findtext("title") or "")]
    found = {}
    for group in groups:
        line = group.find("line")
        assert line is not None
        found[(group.findtext("title") or "").split()[0]] = float(line.get("x1", "nan"))
    return found


def pixels_per_second(view: TraceView) -> float:
    return 380 / (view.stop_s - view.start_s)


def points_of(path: str) -> list[list[tuple[int, int]]]:
    """Return the points of each part of a path of one ``M`` and relative steps."""
    parts = []
    for part in re.findall(r"M([^M]+)", path):
        start, _, moves = part.rstrip("z").partition("l")
        numbers = [int(n) for n in re.findall(r"[+-]?\d+", moves)]
        steps = list(zip(numbers[::2], numbers[1::2], strict=True))
        first = tuple(int(n) for n in start.split())
        parts.append([(x, y) for x, y in accumulate([first, *steps], lambda a, b: (a[0] + b[0], a[1] + b[1]))])
    return parts


def paths_of(root: ElementTree.Element) -> list[list[list[tuple[int, int]]]]:
    return [points_of(p.get("d", "")) for p in root.iter("path")]


def with_traces(result: LiftResult, change: Callable[[Trace], Trace]) -> LiftResult:
    def changed(muscle: MuscleLift) -> MuscleLift:
        assert muscle.trace is not None
        return replace(muscle, trace=change(muscle.trace))

    return replace(result, muscles=tuple(changed(m) for m in result.muscles))


def test_ticks_stand_apart_by_the_difference_and_the_first_at_zero(lift: Lifts) -> None:
    result = lift(1, 0.120)
    view = trace_view([result])
    ticks = ticks_of(picture(result, view))
    assert ticks["BF"] == pytest.approx(-view.start_s * pixels_per_second(view), abs=0.02)
    assert ticks["GMAX"] - ticks["BF"] == pytest.approx(0.120 * pixels_per_second(view), abs=0.02)


def test_the_glute_clock_is_taken_off_its_ticks_and_its_trace(lift: Lifts) -> None:
    result = lift(1, 0.120)
    clocks_s = {"GMAX_R": 0.020}
    plain, shifted = trace_view([result]), trace_view([result], clocks_s=clocks_s)
    before, after = picture(result, plain), picture(result, shifted)
    step = 0.020 * pixels_per_second(shifted)
    gap = {k: ticks_of(p)["GMAX"] - ticks_of(p)["BF"] for k, p in (("before", before), ("after", after))}
    assert gap["before"] - gap["after"] == pytest.approx(step, abs=0.03)
    glute = [paths_of(p)[1][0] for p in (before, after)]
    rise = [next(x for x, y in line if y < 220) for line in glute]
    assert (rise[0] - rise[1]) / 10 == pytest.approx(step, abs=0.5)


def test_a_known_delay_moves_the_trace_and_not_the_tick(lift: Lifts) -> None:
    result = lift(1, 0.120)
    before, after = (
        picture(result, trace_view([result], delays_s=delays)) for delays in ({}, {"BF_R": 0.050, "GMAX_R": 0.050})
    )
    assert ticks_of(before) == ticks_of(after)
    rise = [next(x for x, y in paths_of(p)[1][0] if y < 220) for p in (before, after)]
    assert (rise[0] - rise[1]) / 10 == pytest.approx(0.050 * pixels_per_second(trace_view([result])), abs=1.0)


def test_the_interval_bar_is_as_wide_as_the_interval(lift: Lifts) -> None:
    result = lift(1, 0.1, sd_s=0.02)
    view = trace_view([result])
    bars = [r for r in picture(result, view).iter("rect") if r.get("height") == "5"]
    assert [float(b.get("width", "nan")) for b in bars] == pytest.approx(
        [0.048 * pixels_per_second(view)] * 2, abs=0.03
    )


def test_a_gap_parts_the_trace_and_is_shaded_in_its_place(lift: Lifts) -> None:
    whole, broken = lift(1, 0.1), lift(1, 0.1, gap=slice(150, 200))
    view = trace_view([whole])
    assert all(len(path) == 1 for path in paths_of(picture(whole, view)))
    root = picture(broken, view)
    assert [len(path) for path in paths_of(root)] == [2, 2, 2, 2]
    shades = [g.find("rect") for g in root.iter("g") if g.findtext("title") == "Samples lost"]
    assert len(shades) == 2
    for shade in shades:
        assert shade is not None
        assert float(shade.get("width", "nan")) == pytest.approx(50 * 0.004 * pixels_per_second(view), abs=0.02)
    left_end = max(x for x, _ in paths_of(root)[0][0])
    right_start = min(x for x, _ in paths_of(root)[0][1])
    assert right_start - left_end == pytest.approx(10 * 0.2 * pixels_per_second(view), abs=2)


def test_paths_follow_the_trace_without_adding_up_rounding_errors(lift: Lifts) -> None:
    result = lift(1, 0.1)
    view = trace_view([result])
    envelope = paths_of(picture(result, view))[1][0]
    trace = result.muscles[0].trace
    assert trace is not None
    first_s = 14.4
    middle_s = trace.start_s + trace.step_s * (np.arange(trace.low.size) + 0.5) - first_s
    for x, y in (envelope[-1], envelope[-40]):
        i = int(np.argmin(np.abs((middle_s - view.start_s) * pixels_per_second(view) - x / 10)))
        assert y / 10 == pytest.approx(28 - 27 * trace.envelope[i] / view.ranges["GMAX_R"], abs=0.11)


def test_all_lifts_of_a_channel_have_one_scale_set_by_the_counted_ones(lift: Lifts) -> None:
    artefact = with_traces(
        lift(2, 0.1, reason="clipped"), lambda x: Trace(x.start_s, x.step_s, 50 * x.low, 50 * x.high, x.envelope)
    )
    counted = lift(1, 0.1)
    view = trace_view([counted, artefact])
    assert view.ranges == trace_view([counted]).ranges
    assert view.ranges["GMAX_R"] == pytest.approx(2 * 150e-6, rel=0.1)
    inside = [y for path in paths_of(picture(artefact, view)) for part in path for _, y in part]
    assert min(inside) >= 0
    assert max(inside) <= 10 * (56 + 22 + 56)


def test_a_session_without_counted_lifts_still_has_a_scale(lift: Lifts) -> None:
    assert trace_view([lift(1, 0.1, reason="clipped")]).ranges["GMAX_R"] == pytest.approx(3e-4, rel=0.1)
    flat = with_traces(lift(1, 0.1), lambda x: Trace(x.start_s, x.step_s, 0 * x.low, 0 * x.high, 0 * x.envelope))
    assert trace_view([flat]).ranges["GMAX_R"] == 1.0


def test_a_late_glute_widens_the_axis_for_all_lifts(lift: Lifts) -> None:
    assert trace_view([lift(1, 0.1), lift(2, 0.9)]).stop_s == pytest.approx(1.2)
    assert trace_view([lift(1, 0.1)]).stop_s == 0.75


def test_an_uncounted_lift_is_grey_and_keeps_its_ticks(lift: Lifts) -> None:
    root = picture(lift(1, 0.1, reason="moved before the tone"))
    assert "--glute" not in ElementTree.tostring(root, encoding="unicode")
    assert set(ticks_of(root)) == {"GMAX", "BF"}
    assert "not counted: moved before the tone" in (root.findtext("desc") or "")


def test_a_lift_without_onsets_counts_from_the_cue_or_from_its_start(lift: Lifts) -> None:
    known = lift(1, 0.1)
    silent = replace(known, muscles=tuple(replace(m, onset=replace(m.onset, time_s=NAN)) for m in known.muscles))
    assert "ms from the cue" in "".join(picture(silent).itertext())
    uncued = replace(silent, lift=replace(known.lift, cue_s=NAN))
    root = picture(uncued)
    assert "ms from the start of the window" in "".join(root.itertext())
    assert paths_of(root)[0][0][0][0] == 0


def test_a_lift_without_traces_has_no_picture(lift: Lifts) -> None:
    without = lift(1, 0.1, traces=False)
    assert lift_traces(without, trace_view([without])).text == ""
    assert lift_traces(replace(without, muscles=()), trace_view([])).text == ""


def test_amplitudes_carry_their_unit(lift: Lifts) -> None:
    assert "µV" in "".join(picture(lift(1, 0.1)).itertext())
    arbitrary = "".join(picture(lift(1, 0.1, unit="a.u.")).itertext())
    assert "a.u." in arbitrary
    assert "µV" not in arbitrary


def test_a_long_trace_is_thinned_without_losing_its_extremes(lift: Lifts) -> None:
    def stretched(trace: Trace) -> Trace:
        low, high, envelope = (np.repeat(v, 8) for v in (trace.low, trace.high, trace.envelope))
        high[1601] = 4e-4
        return Trace(trace.start_s, trace.step_s / 8, low, high, envelope)

    result = lift(1, 0.1)
    view = trace_view([result])
    long = with_traces(result, stretched)
    assert len(lift_traces(long, view).text) < 2 * len(lift_traces(result, view).text)
    assert min(y for _, y in paths_of(picture(long, view))[0][0]) == 10
