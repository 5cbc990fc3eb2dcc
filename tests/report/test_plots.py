"""The figure for notebooks."""

from __future__ import annotations

import io

import pytest

import emgorder as eo


@pytest.fixture(scope="module")
def two_sides() -> eo.SessionResult:
    return eo.analyse(eo.simulate_session(seed=2, n_lifts=5, sides=("R", "L")))


def test_a_panel_a_side_with_a_row_a_lift_and_one_for_all_of_them(two_sides: eo.SessionResult) -> None:
    figure = two_sides.plot()
    assert len(figure.axes) == 2
    assert [len(axes.get_yticks()) for axes in figure.axes] == [6, 6]
    assert [axes.get_title().split(":")[0] for axes in figure.axes] == ["RIGHT", "LEFT"]


def test_a_dot_lies_at_its_difference(two_sides: eo.SessionResult) -> None:
    shown = {
        round(float(line.get_xdata()[0]), 6) for line in two_sides.plot().axes[0].lines if len(line.get_xdata()) == 1
    }
    order = two_sides.order
    wanted = order.loc[order["side"].eq("R"), "onset_difference_ms"].dropna()
    assert {round(float(value), 6) for value in wanted} <= shown


def test_it_can_be_saved_and_leaves_no_figure_open(two_sides: eo.SessionResult) -> None:
    from matplotlib import pyplot

    target = io.BytesIO()
    two_sides.plot().savefig(target, format="png")
    assert target.getvalue().startswith(b"\x89PNG")
    assert not pyplot.get_fignums()


def test_a_session_without_lifts_says_so() -> None:
    figure = eo.SessionResult((), (), (), eo.Settings()).plot()
    assert figure.texts[0].get_text().startswith("No lifts")
