"""What stands in a report beside its own session."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

import emgorder as eo
from emgorder.model import Side
from emgorder.order.conditions import Conditions
from emgorder.order.followup import ActivityLevel, Visit, follow_trend
from emgorder.report.beside import Beside, cue_section, exercises_section, trend_section
from emgorder.report.html import render_html


@pytest.fixture(scope="module")
def result() -> eo.SessionResult:
    return eo.analyse(eo.simulate_session(seed=1, n_lifts=6))


def test_a_report_without_anything_beside_it_mentions_none_of_it(result: eo.SessionResult) -> None:
    page = render_html(result)
    assert "With a cue" not in page
    assert "Earlier visits" not in page
    assert "General glute exercises" not in page


def test_a_set_with_a_cue_is_compared_with_the_one_without(result: eo.SessionResult) -> None:
    cued = eo.analyse(eo.simulate_session(seed=1, n_lifts=6, scenario="glute_cued_lateral"))
    text = cue_section(result, Beside(cued=cued)).text
    assert "with the cue" in text.lower()
    assert "without it" in text
    assert text.count("RIGHT:") == 1


def test_exercises_are_named_with_what_they_do_not_promise_and_cannot_break_out() -> None:
    text = exercises_section(["clams", "<script>alert(1)</script>", "x" * 10_000]).text
    assert "<script" not in text
    assert "No evidence was found" in text
    assert len(text) < 1000


def test_a_first_visit_has_no_trend_and_a_second_one_has() -> None:
    def visit(day: int, difference_s: float) -> Visit:
        return Visit(
            time_s=day * 86400.0,
            side="R",
            verdict="hamstring first",
            difference_s=difference_s,
            low_s=difference_s - 0.03,
            high_s=difference_s + 0.03,
            n_valid=10,
            conditions=Conditions("BF", "prone", "Lift.", "board"),
        )

    assert trend_section(Beside(trends=(follow_trend([visit(1, 0.08)]),))).text == ""
    text = trend_section(Beside(trends=(follow_trend([visit(1, 0.08), visit(8, 0.09)]),))).text
    assert "<svg" in text
    assert "measurement error" in text
    assert "Earlier visits" in text


def test_a_trend_with_activity_still_says_how_the_order_has_changed() -> None:
    def visit(day: int, difference_s: float, share: float) -> Visit:
        return Visit(
            day * 86400.0 + 43200.0,
            "R",
            "hamstring first",
            difference_s,
            difference_s - 0.03,
            difference_s + 0.03,
            10,
            conditions=Conditions("BF", "prone", "Lift.", "board"),
            activity={"GMAX": ActivityLevel(share), "BF": ActivityLevel(share)},
        )

    visits = [visit(1, 0.08, 0.4), visit(8, 0.09, 0.4), visit(15, 0.02, 0.5)]
    text = trend_section(Beside(trends=(follow_trend(visits),))).text
    order = text.index("Since 1970-01-09: 70 ms towards glute first")
    assert order < text.index("Activity level of the glute") < text.index("Activity level of the hamstring")
    assert "±20 ms for placing the electrodes anew (judged)" in text


def test_nothing_on_a_full_page_is_left_to_fill_in(two_sides: eo.SessionResult) -> None:
    def visit(day: int, side: Side) -> Visit:
        level = {"GMAX": ActivityLevel(0.4), "BF": ActivityLevel(0.3, 0.2, 0.4)}
        how = Conditions("BF", "prone", "Lift.", "board")
        return Visit(day * 86400.0, side, "cannot tell", 0.02 * day, 0.0, 0.1, 9, 10, conditions=how, activity=level)

    full = eo.analyse(eo.simulate_session(seed=3, n_lifts=5, sides=("R", "L"), extras=("mvc",)))
    sides: tuple[Side, ...] = ("R", "L")
    for shown in (sides, sides[:1]):
        trends = tuple(follow_trend([visit(day, side) for day in (1, 8, 15)]) for side in shown)
        page = render_html(full, Beside(two_sides, trends, ("clams", "squats")))
        citation = re.search(r"<pre>.*</pre>", page, re.S)  # BibTeX has braces of its own
        assert citation is not None
        body = ElementTree.fromstring(page.replace(citation[0], "")).find("body")
        assert body is not None
        words = " ".join(body.itertext())
        assert "full effort" in words
        assert "Earlier visits" in words
        assert "With a cue" in words
        assert re.findall(r"\{\w*\}", words) == []
