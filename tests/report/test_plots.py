"""The figure for notebooks."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from typing import Any

import pytest

import emgorder as eo
from emgorder.model import LiftResult


@pytest.fixture(scope="module")
def two_sides() -> eo.SessionResult:
    return eo.analyse(eo.simulate_session(seed=2, n_lifts=5, sides=("R", "L")))


def test_a_panel_a_side_with_a_row_a_lift_and_one_for_all_of_them(two_sides: eo.SessionResult) -> None:
    figure = two_sides.plot()
    assert len(figure.axes) == 2
    assert [len(axes.get_yticks()) for axes in figure.axes] == [6, 6]
    assert [axes.get_title().split(":")[0] for axes in figure.axes] == ["RIGHT", "LEFT"]


def marks_of(axes: Any) -> dict[float, tuple[float, str]]:
    """Return place and shape of the mark in each row."""
    lines = (line for line in axes.lines if len(line.get_xdata()) == 1)
    return {float(x.get_ydata()[0]): (float(x.get_xdata()[0]), str(x.get_marker())) for x in lines}


def test_a_dot_lies_at_its_difference_with_the_shape_of_the_report(
    session: Callable[..., eo.SessionResult],
) -> None:
    marks = marks_of(session([84, -70, 12]).plot().axes[0])
    assert [marks[row] for row in (0, 1, 2)] == [
        (pytest.approx(84.0), "o"),
        (pytest.approx(-70.0), "s"),
        (pytest.approx(12.0), "o"),
    ]


def test_a_lift_beyond_the_axis_is_an_arrow_at_its_edge(
    session: Callable[..., eo.SessionResult], lift: Callable[..., LiftResult]
) -> None:
    for far_s, shape, edge in ((0.9, ">", 1), (-0.9, "<", 0)):
        axes = session(lifts=[lift(k, d) for k, d in enumerate([0.06] * 8 + [far_s], start=1)]).plot().axes[0]
        assert marks_of(axes)[8] == (pytest.approx(axes.get_xlim()[edge]), shape)


def test_a_lift_that_does_not_count_says_why_in_its_row_and_has_no_mark(
    session: Callable[..., eo.SessionResult], lift: Callable[..., LiftResult]
) -> None:
    lifts = [lift(1, 0.08), lift(2, 0.06, reason="moved before the tone"), lift(3, math.nan, reason="no burst")]
    axes = session(lifts=lifts).plot().axes[0]
    assert {0, 3} == set(marks_of(axes))
    rows = {text.get_position()[1]: text.get_text() for text in axes.texts}
    assert rows[1] == "× not counted: moved before the tone"
    assert rows[2] == "× not counted: no burst"


def test_directions_are_named(two_sides: eo.SessionResult) -> None:
    for axes in two_sides.plot().axes:
        assert {"◀ glute first", "hamstring first ▶"} <= {text.get_text() for text in axes.texts}


@pytest.mark.parametrize("name", ["$x^$", r"$\frac{", "a_b^c $ 5 % #", "$$"])
def test_a_name_that_looks_like_a_formula_is_drawn_as_it_is(
    session: Callable[..., eo.SessionResult], lift: Callable[..., LiftResult], name: str
) -> None:
    result = session(lifts=[lift(1, 0.08), lift(2, 0.06, reason=name)], name=name)
    figure = result.plot()
    figure.savefig(io.BytesIO(), format="png")
    assert figure.get_suptitle() == name


def test_it_can_be_saved_and_leaves_no_figure_open(two_sides: eo.SessionResult) -> None:
    from matplotlib import pyplot

    target = io.BytesIO()
    two_sides.plot().savefig(target, format="png")
    assert target.getvalue().startswith(b"\x89PNG")
    assert not pyplot.get_fignums()


def test_a_session_without_lifts_says_so() -> None:
    figure = eo.SessionResult((), (), (), eo.Settings()).plot()
    assert figure.texts[0].get_text().startswith("No lifts")
