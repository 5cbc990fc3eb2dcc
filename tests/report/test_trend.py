"""The picture and the page of a follow-up."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest

from emgorder.model import Side
from emgorder.order.conditions import Conditions
from emgorder.order.followup import Trend, Visit, follow_trend
from emgorder.report.trend import HEIGHT, WIDTH, trend_chart
from emgorder.report.trend_page import render_trend_page

ALIKE = Conditions("BF", "prone", "Lift.", "board")
DAY_S = 86_400.0
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></style><script>alert(1)</script>",
    "=cmd()|' /C calc'!A0",
    "../../etc/passwd",
    "\u202egnp.exe",
    "nul\x00l \x1b[2J \udcff",
    "👩‍🏃 אבגד 山田",
    "x" * 10_240,
    "",
)


def visit(difference_ms: float, day: float, side: Side = "R", **more: Any) -> Visit:
    ends = [x / 1e3 for x in (difference_ms, difference_ms - 20, difference_ms + 20)]
    return Visit(DAY_S * day, side, "cannot tell", *ends, **{"n_valid": 8, "n_lifts": 8, "conditions": ALIKE, **more})


def both_sides() -> list[Trend]:
    other = replace(ALIKE, device="armband")
    right = [visit(80, 10), visit(40, 40), visit(60, 60, conditions=other), visit(-20, 90)]
    left = [visit(10, 10, "L"), visit(130, 90, "L")]
    return [follow_trend(right), follow_trend(left)]


def drawn(trends: list[Trend]) -> ElementTree.Element:
    return ElementTree.fromstring(trend_chart(trends).text)


def joined(picture: ElementTree.Element) -> list[ElementTree.Element]:
    return [line for line in picture.iter("line") if line.get("stroke-width") == "1.5"]


def test_sides_differ_by_shape_and_not_by_colour_alone() -> None:
    picture = drawn(both_sides())
    assert len(list(picture.iter("circle"))) == 4
    assert len(list(picture.iter("polygon"))) == 2
    assert {line.get("stroke-dasharray") for line in joined(picture)} == {None, "5 4"}


def test_only_comparable_visits_are_joined() -> None:
    assert len(joined(drawn(both_sides()))) == 2 + 1


def test_later_is_further_right_and_hamstring_first_is_up() -> None:
    circles = list(drawn([follow_trend([visit(80, 10), visit(-40, 40)])]).iter("circle"))
    assert float(circles[0].get("cx", "")) < float(circles[1].get("cx", ""))
    assert float(circles[0].get("cy", "")) < float(circles[1].get("cy", ""))


@pytest.mark.parametrize(
    "trends",
    [
        [follow_trend([visit(80, 10)])],
        [follow_trend([visit(80, 10), visit(80, 10)])],
        [follow_trend([visit(80, 10), visit(9_000, 11)])],
        [follow_trend([visit(50 * (-1) ** k, k) for k in range(300)])],
        both_sides(),
    ],
    ids=["one", "same moment", "far out", "hundreds", "both"],
)
def test_everything_is_inside_the_picture(trends: list[Trend]) -> None:
    picture = drawn(trends)
    for item in picture.iter():
        for key, most in (("x", WIDTH), ("x1", WIDTH), ("cx", WIDTH), ("y", HEIGHT), ("y1", HEIGHT), ("cy", HEIGHT)):
            assert 0 <= float(item.get(key, "0")) <= most, (item.tag, key)
    assert "nan" not in trend_chart(trends).text


def test_dates_do_not_run_into_each_other() -> None:
    picture = drawn([follow_trend([visit(50, k) for k in range(0, 400, 3)])])
    places = sorted(
        float(t.get("x", "")) for t in picture.iter("text") if re.fullmatch(r"\d{4}-\d\d-\d\d", t.text or "")
    )
    assert len(places) > 3
    assert min(b - a for a, b in pairwise(places)) >= 80


def test_nothing_is_drawn_where_no_visit_has_an_average() -> None:
    none = replace(visit(0, 1), difference_s=math.nan)
    assert trend_chart([follow_trend([none])]).text == ""
    assert "nothing to draw" in render_trend_page("a", [follow_trend([none])])


def words_of(page: str) -> str:
    return " ".join(" ".join(ElementTree.fromstring(page).itertext()).split())


def test_the_page_says_changes_refusals_limits_and_standing_statements() -> None:
    shown = words_of(render_trend_page("heron-12", both_sides()))
    for words in (
        "heron-12",
        "towards glute first",
        "larger than measurement error",
        "Not compared with",
        "the device differs (board, then armband)",
        "judged: nobody has measured it",
        "neither better nor worse",
        "Not a diagnosis.",
        "at least ±56 ms between two visits",
        "Compare only the same hamstring, posture, cue and device.",
    ):
        assert words in shown
    assert not re.search(r"\bnan\b|\bNone\b|\{\w*\}", shown)
    assert not re.search(r"weak|inhibit|abnormal|dysfunction|firing wrong|patholog|deficit", shown, re.I)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_words_and_nothing_else(name: str) -> None:
    trends = [follow_trend([visit(80, 1), visit(80, 9, conditions=Conditions("BF", name, name, name))])]
    page = render_trend_page(name, trends)
    tags = {item.tag for item in ElementTree.fromstring(page).iter()}
    assert not tags & {"script", "img", "iframe", "a", "object"}
    assert len(page) < 60_000
    page.encode("utf-8")
    assert "\u202e" not in page


def test_a_page_of_nobody_is_whole() -> None:
    assert "Recording without a name" in words_of(render_trend_page("", []))
