"""What stands in a report beside its own session."""

from __future__ import annotations

import pytest

import emgorder as eo
from emgorder.order.conditions import Conditions
from emgorder.order.followup import Visit, follow_trend
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
