"""The dot chart and the probability bar show the numbers they are given."""

from __future__ import annotations

import math
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from emgorder.model import LiftResult, SideResult
from emgorder.report.figures import difference_limits, dot_chart, probability_bar

NAN = math.nan
Sides = Callable[..., SideResult]
Lifts = Callable[..., LiftResult]


def texts_of(root: ElementTree.Element) -> list[str]:
    return ["".join(e.itertext()) for e in root.iter("text")]


def row_of(root: ElementTree.Element, start: str) -> ElementTree.Element:
    return next(g for g in root.iter("g") if (g.findtext("title") or "").startswith(start))


def chart(
    lifts: list[LiftResult], side: SideResult, limits_s: tuple[float, float] | None = None
) -> ElementTree.Element:
    return ElementTree.fromstring(dot_chart(lifts, side, limits_s).text)


def test_hamstring_first_lies_right_of_zero_and_glute_first_left_each_with_its_own_shape(
    lift: Lifts, side: Sides
) -> None:
    root = chart([lift(1, 0.1), lift(2, -0.1), lift(3, 0.0)], side())
    circle, square, ring = (
        row_of(root, "Lift 1").find("circle"),
        row_of(root, "Lift 2").find("rect"),
        row_of(root, "Lift 3").find("circle"),
    )
    assert circle is not None
    assert square is not None
    assert ring is not None
    zero = float(ring.get("cx", "nan"))
    assert float(circle.get("cx", "nan")) - zero == pytest.approx(zero - float(square.get("x", "nan")) - 4.6, abs=0.05)
    assert float(circle.get("cx", "nan")) > zero
    assert "--hamstring," in circle.get("fill", "")
    assert "--glute," in square.get("fill", "")
    assert ring.get("stroke") is not None


def test_the_grey_band_is_as_wide_as_the_rope(lift: Lifts, side: Sides) -> None:
    def band(rope_s: float) -> float:
        root = chart([lift(1, 0.1)], side(rope_s=rope_s), (-0.2, 0.2))
        return next(float(r.get("width", "nan")) for r in root.iter("rect") if "--rope" in r.get("fill", ""))

    assert band(0.03) == pytest.approx(1.5 * band(0.02), rel=1e-3)


def test_intervals_are_drawn_from_low_to_high(lift: Lifts, side: Sides) -> None:
    root = chart([lift(1, 0.1, sd_s=0.02)], side(), (-0.2, 0.2))
    row = row_of(root, "Lift 1")
    line, circle = row.find("line"), row.find("circle")
    assert line is not None
    assert circle is not None
    x1, x2 = float(line.get("x1", "nan")), float(line.get("x2", "nan"))
    assert (x1 + x2) / 2 == pytest.approx(float(circle.get("cx", "nan")), abs=0.02)
    wider = row_of(chart([lift(1, 0.1, sd_s=0.04)], side(), (-0.2, 0.2)), "Lift 1").find("line")
    assert wider is not None
    assert float(wider.get("x2", "nan")) - float(wider.get("x1", "nan")) == pytest.approx(2 * (x2 - x1), rel=1e-3)


def test_a_method_without_intervals_has_marks_without_lines_and_a_median(lift: Lifts, side: Sides) -> None:
    root = chart([lift(1, 0.1, sd_s=NAN)], side(average_ms=(100, NAN, NAN)))
    assert row_of(root, "Lift 1").find("line") is None
    assert "Median" in texts_of(root)
    assert "Average" in texts_of(chart([lift(1, 0.1)], side()))


def test_every_lift_has_a_row_and_an_uncounted_one_says_why(lift: Lifts, side: Sides) -> None:
    lifts = [lift(i, 0.05 * i, reason="moved before the tone" if i == 3 else "") for i in range(1, 8)]
    root = chart(lifts, side())
    assert "✕ not counted: moved before the tone" in texts_of(root)
    assert row_of(root, "Lift 3").find("circle") is None
    assert [t for t in texts_of(root) if t in {str(i) for i in range(1, 8)}] == [str(i) for i in range(1, 8)]


def test_a_long_reason_is_cut_to_the_room_there_is(lift: Lifts, side: Sides) -> None:
    root = chart([lift(1, 0.1, reason="because " * 60)], side())
    said = next(t for t in texts_of(root) if t.startswith("✕"))
    assert len(said) < 100
    assert said.endswith("…")


def test_a_far_outlier_is_an_arrow_at_the_edge_and_does_not_squeeze_the_others(lift: Lifts, side: Sides) -> None:
    lifts = [lift(i, 0.06, sd_s=NAN) for i in range(1, 9)]
    near = difference_limits(lifts, [side()])
    far = difference_limits([*lifts, lift(9, 1.1, sd_s=NAN)], [side()])
    assert far[1] < 0.3
    assert far[1] >= near[1]
    row = row_of(chart([*lifts, lift(9, 1.1, sd_s=NAN)], side()), "Lift 9")
    assert row.find("polygon") is not None
    assert row.find("circle") is None
    assert "hamstring 1100 ms" in texts_of(row)


def test_limits_hold_zero_and_the_band_and_serve_all_sides(lift: Lifts, side: Sides) -> None:
    low_s, high_s = difference_limits([], [])
    assert low_s < -0.03 < 0.03 < high_s
    right, left = side(), side("glute first", side="L", average_ms=(-200, -260, -140))
    low_s, high_s = difference_limits([lift(1, 0.15)], [right, left])
    assert low_s <= -0.25
    assert high_s >= 0.15


def test_sixty_lifts_stay_readable(lift: Lifts, side: Sides) -> None:
    root = chart([lift(i + 1, 0.05, traces=False) for i in range(60)], side())
    assert float(root.get("height", "nan")) < 900
    assert min(float(e.get("font-size", "99")) for e in root.iter("text")) >= 9


def test_the_probability_bar_is_divided_like_the_probabilities(side: Sides) -> None:
    root = ElementTree.fromstring(probability_bar(side(probabilities=(0.1, 0.3, 0.6))).text)
    widths = [float(r.get("width", "nan")) for r in root.iter("rect")]
    assert widths == pytest.approx([76, 228, 456])
    assert texts_of(root) == ["glute first 10 %", "together 30 %", "hamstring first 60 %"]


def test_there_is_no_bar_without_probabilities(side: Sides) -> None:
    assert probability_bar(side(probabilities=(NAN, NAN, NAN))).text == ""


def test_the_chart_says_in_words_what_it_shows(lift: Lifts, side: Sides) -> None:
    root = chart([lift(1, 0.1)], side())
    assert root.get("role") == "img"
    assert root.findtext("title") == "Right leg: who fired first in each lift"
    assert "hamstring first in 9 of 10 lifts" in (root.findtext("desc") or "")


def test_the_band_is_named_on_a_line_of_its_own_where_the_directions_need_the_room(lift: Lifts, side: Sides) -> None:
    for limits_s, lines in (((-0.2, 0.2), 1), ((-0.08, 0.9), 2), ((-0.9, 0.08), 2)):
        root = chart([lift(1, 0.05)], side(), limits_s)
        words = ("◀ glute first", "together", "hamstring first ▶")
        assert len({e.get("y") for e in root.iter("text") if "".join(e.itertext()) in words}) == lines
