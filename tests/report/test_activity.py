"""Bars of activity levels only where they are valid."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable

from emgorder.analysis import Settings
from emgorder.analysis.result import SessionResult
from emgorder.order.activity import NO_MVC, MuscleActivity
from emgorder.report.activity import activity_bars, activity_section
from emgorder.report.html import render_html
from emgorder.report.markup import Markup

NAMES = {"GMAX_R": "glute", "BF_R": "ham<string>"}


def bars(percent: float) -> ET.Element:
    muscles = [
        MuscleActivity("R", "GMAX_R", "GMAX", percent, 0.8 * percent, 1.2 * percent, 9),
        MuscleActivity("R", "BF_R", "BF", 30.0, 25.0, 36.0, 9),
    ]
    return ET.fromstring(activity_bars("R", muscles, NAMES).text)


def test_bars_are_as_long_as_the_levels() -> None:
    widths = [float(r.attrib["width"]) for r in bars(60.0).iter("rect")]
    assert abs(widths[0] / widths[1] - 2.0) < 0.01
    assert "60 %" in "".join(bars(60.0).itertext())


def test_the_axis_reaches_beyond_a_full_effort_where_a_level_does() -> None:
    def full(percent: float) -> float:
        return next(float(x.attrib["x1"]) for x in bars(percent).iter("line") if "stroke-dasharray" in x.attrib)

    assert full(150.0) < full(60.0)


def test_a_session_without_full_effort_has_the_reason_and_no_bars(session: Callable[..., SessionResult]) -> None:
    section = ET.fromstring(activity_section(session()).text)
    assert not list(section.iter("svg"))
    assert NO_MVC in "".join(section.itertext())


def test_nothing_is_said_without_lifts() -> None:
    assert activity_section(SessionResult((), (), (), Settings())) == Markup("")


def test_right_against_left_stands_with_the_order_not_with_the_activity(two_sides: SessionResult) -> None:
    said = "Right against left: cannot tell."
    assert said not in activity_section(two_sides).text
    assert said in render_html(two_sides).split("Which muscle worked harder?")[0]
