"""What has changed, in words."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from emgorder.order.conditions import Conditions
from emgorder.order.followup import ActivityLevel, Change, Trend, Visit, compare_visits, follow_trend
from emgorder.report.changes import change_sentence, day_words, point_sentences, trend_sentences, visit_headline

ALIKE = Conditions("BF", "prone", "Lift.", "board")
DAY_S = 86_400.0


def visit(difference_ms: float, *, day: float = 100.5, half_ms: float = 20.0, **more: Any) -> Visit:
    ends = [x / 1e3 for x in (difference_ms, difference_ms - half_ms, difference_ms + half_ms)]
    return Visit(DAY_S * day, "R", "cannot tell", *ends, **{"n_valid": 8, "n_lifts": 9, "conditions": ALIKE, **more})


@pytest.mark.parametrize(
    ("after_ms", "words"),
    [
        (20, "Since 1970-04-11: 60 ms towards glute first [1 to 119]: larger than measurement error."),
        (140, "Since 1970-04-11: 60 ms towards hamstring first [1 to 119]: larger than measurement error."),
        (138, "58 ms towards hamstring first [-1 to 117]: smaller than measurement error: treat as no change."),
        (25, "55 ms towards glute first [-4 to 114]: smaller than measurement error: treat as no change."),
        (80, "1: 0 ms [-59 to 59]: smaller than measurement error: treat as no change."),
    ],
)
def test_the_size_has_a_direction_and_a_judgement(after_ms: float, words: str) -> None:
    before, after = visit(80, half_ms=25.46), visit(after_ms, day=200, half_ms=25.46)
    assert words in change_sentence(compare_visits(before, after))


def test_a_refusal_says_why() -> None:
    other = visit(80, conditions=replace(ALIKE, device="armband"))
    said = change_sentence(compare_visits(visit(80), other))
    assert said == "Not compared with 1970-04-11: the device differs (board, then armband)."


def test_a_hostile_reason_is_one_line() -> None:
    said = change_sentence(Change(visit(0), visit(0), "refused", reason="\x1b[2J\n\u202e" + "x" * 10_240))
    assert len(said) < 500
    assert said.isprintable()


def test_the_first_visit_has_nothing_to_compare_with() -> None:
    assert trend_sentences(follow_trend([visit(80)])) == ("One visit so far: nothing to compare with.",)
    assert trend_sentences(Trend("R", ())) == ("No visit so far.",)


def test_the_whole_time_is_told_where_it_is_longer_than_the_last_step() -> None:
    points = follow_trend([visit(10, day=10.5), visit(60, day=20.5), visit(110, day=30.5)]).points
    assert len(point_sentences(points[1])) == 1
    last, whole = point_sentences(points[2])
    assert "no change" in last
    assert whole.startswith("Over the whole time, since 1970-01-11: 100 ms towards hamstring first")
    assert whole.endswith("larger than measurement error.")


def test_activity_is_told_with_its_noise() -> None:
    points = follow_trend(
        [
            visit(10, day=10.5, activity={"GMAX": ActivityLevel(0.4), "BF": ActivityLevel(0.2, 0.18, 0.22)}),
            visit(10, day=20.5, activity={"GMAX": ActivityLevel(0.5), "BF": ActivityLevel(0.4, 0.35, 0.46)}),
        ]
    ).points
    _, glute, hamstring = point_sentences(points[1])
    assert glute == (
        "Activity level of the glute (gluteus maximus) since 1970-01-11: 40 % to 50 % of MVC (+25 % [+25 % to "
        "+25 %]): compatible with noise."
    )
    assert hamstring.endswith("20 % to 40 % of MVC (+100 % [+69 % to +137 %]): more than usual between visits.")


def test_a_headline_has_no_average_where_there_is_none() -> None:
    assert visit_headline(visit(-40)) == "cannot tell · glute 40 ms [20 to 60] · 8 of 9 lifts"
    none = replace(visit(0), difference_s=math.nan, low_s=math.nan, high_s=math.nan)
    assert visit_headline(none) == "cannot tell · 8 of 9 lifts"


def test_a_time_that_cannot_be_is_an_unknown_day() -> None:
    assert {day_words(x) for x in (math.nan, math.inf, 1e300)} == {"an unknown day"}
