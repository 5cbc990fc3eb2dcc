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
    assert sum(bool(re.fullmatch(r"(glute|hamstring) \d+ ms|not counted", w)) for w in words) == 6


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
