"""The raster of onsets."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

import emgorder as eo
from emgorder.report.raster import onset_raster
from emgorder.report.traces import trace_view


@pytest.fixture(scope="module")
def session() -> eo.SessionResult:
    return eo.analyse(eo.simulate_session(seed=5, n_lifts=6))


def drawn(session: eo.SessionResult, lifts: tuple[eo.LiftResult, ...] | None = None) -> ElementTree.Element:
    shown = session.lift_results if lifts is None else lifts
    return ElementTree.fromstring(onset_raster(shown, trace_view(session.lift_results)).text)


def test_a_row_a_lift_with_its_number_and_its_lead(session: eo.SessionResult) -> None:
    words = [element.text or "" for element in drawn(session).iter("text")]
    assert [w for w in words if w.isdecimal() and int(w) in range(1, 7)] == ["1", "2", "3", "4", "5", "6"]
    assert sum(bool(re.fullmatch(r"(glute|hamstring) \d+ ms|not counted|too close to call", w)) for w in words) == 6


def test_the_first_onset_of_every_lift_lies_on_one_line(session: eo.SessionResult) -> None:
    rows = list(drawn(session).iter("g"))
    firsts = []
    for row in rows:
        ticks = [line for line in row.iter("line") if line.get("x1") == line.get("x2") and line.get("stroke-width")]
        firsts.append(min(float(tick.get("x1", "nan")) for tick in ticks))
    assert max(firsts) - min(firsts) < 0.02


def test_lifts_without_an_onset_keep_their_row_and_a_side_without_any_has_no_picture(session: eo.SessionResult) -> None:
    lost = replace(
        session.lift_results[0],
        valid=False,
        muscles=tuple(replace(m, onset=eo.Onset(reason="no burst")) for m in session.lift_results[0].muscles),
    )
    whole = drawn(session, (lost, *session.lift_results[1:]))
    assert "not counted" in [element.text for element in whole.iter("text")]
    assert onset_raster([lost], trace_view(session.lift_results)).text == ""


def test_a_lift_within_the_rope_is_called_as_in_table_and_dots(session: eo.SessionResult) -> None:
    near = replace(session.lift_results[0], valid=True, order=eo.LiftOrder(difference_s=0.013))
    words = [element.text for element in drawn(session, (near,)).iter("text")]
    assert "too close to call" in words
    assert "hamstring 13 ms" not in words


def test_the_leg_is_named_in_the_picture(session: eo.SessionResult) -> None:
    assert "Right leg" in [element.text for element in drawn(session).iter("text")]


def test_parts_of_a_side_share_one_height(session: eo.SessionResult) -> None:
    def loud(lift: eo.LiftResult) -> eo.LiftResult:
        muscles = (replace(m, trace=replace(m.trace, envelope=10 * m.trace.envelope)) for m in lift.muscles if m.trace)
        return replace(lift, muscles=tuple(muscles))

    first, rest = session.lift_results[0], tuple(map(loud, session.lift_results[1:]))
    view = trace_view(session.lift_results)
    alone, among = onset_raster([first], view).text, onset_raster([first], view, among=(first, *rest)).text
    assert alone != among
    assert among == onset_raster([first], view, among=(*rest, first)).text
