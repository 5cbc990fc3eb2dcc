"""The pages for clinician and researcher hold what the result holds, row by row."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from emgorder.analysis.result import SessionResult
from emgorder.model import Channel, Finding, LiftResult, SideResult, Sync
from emgorder.report.markup import Markup
from emgorder.report.sections import (
    lift_table,
    methods_section,
    notes_section,
    quality_section,
    raster_section,
    traces_section,
)

NAN = math.nan
Sessions = Callable[..., SessionResult]
Lifts = Callable[..., LiftResult]


def rows_of(markup: Markup) -> list[list[str]]:
    return [["".join(c.itertext()) for c in row] for row in ElementTree.fromstring(markup.text).iter("tr")]


def test_the_table_has_a_row_for_every_lift_with_its_numbers(session: Sessions, lift: Lifts) -> None:
    rows = rows_of(lift_table(session(lifts=[lift(1, 0.084), lift(2, -0.1, reason="clipped"), lift(3, 0.01)])))
    assert rows[1] == ["1", "hamstring first", "84", "[64 to 104]", "<1 %", "<1 %", ">99 %", "14.484", "14.400"]
    assert rows[2] == ["2", "not counted: clipped", "26.300", "26.400"]
    assert rows[3][1] == "too close to call"
    assert len(rows) == 4


def test_a_missing_onset_is_a_dash_and_never_zero(session: Sessions, lift: Lifts) -> None:
    rows = rows_of(lift_table(session(lifts=[lift(1, NAN, reason="glute: no burst"), lift(2, 0.1)])))
    assert rows[1] == ["1", "not counted: glute: no burst", "–", "14.400"]


def test_a_method_without_probabilities_has_no_columns_for_them(session: Sessions, lift: Lifts) -> None:
    table = lift_table(session(lifts=[lift(1, 0.084, sd_s=NAN), lift(2, -0.06, sd_s=NAN)]))
    assert rows_of(table)[1] == ["1", "hamstring first", "84", "14.484", "14.400"]
    assert "gives neither probabilities nor intervals" in table.text
    assert "posteriors" not in table.text


def test_an_uncertain_lift_says_so_in_its_row(session: Sessions, lift: Lifts) -> None:
    assert rows_of(lift_table(session(lifts=[lift(1, 0.032)])))[1][1] == "hamstring first · not certain"


def test_an_uncounted_lift_spans_what_it_has_no_numbers_for(session: Sessions, lift: Lifts) -> None:
    for sd_s, columns in ((0.012, 9), (NAN, 5)):
        table = lift_table(session(lifts=[lift(1, 0.084, sd_s=sd_s), lift(2, -0.1, sd_s=sd_s, reason="clipped")]))
        for row in ElementTree.fromstring(table.text).iter("tr"):
            assert sum(int(cell.get("colspan", "1")) for cell in row) == columns


def test_each_leg_has_its_table_where_there_are_two(two_sides: SessionResult) -> None:
    tables = list(ElementTree.fromstring(lift_table(two_sides).text).iter("table"))
    assert [table.findtext("caption") for table in tables] == ["Right leg", "Left leg"]
    assert [[row[0].text for row in table.iter("tr")][1:4] for table in tables] == [["1", "3", "5"], ["2", "4", "6"]]


def test_a_long_row_of_lifts_is_drawn_in_two_halves(session: Sessions) -> None:
    for n_lifts, pictures in ((12, 1), (13, 2)):
        section = ElementTree.fromstring(raster_section(session([60.0] * n_lifts)).text)
        numbers = [e.text for e in section.iter("text") if (e.text or "").isdecimal() and e.get("text-anchor") == "end"]
        assert numbers == [str(k + 1) for k in range(n_lifts)]
        assert len(list(section.iter("svg"))) == pictures


def test_one_finding_on_several_channels_is_one_line(session: Sessions) -> None:
    findings = tuple(Finding(c, "mains", "attention", f"hum {k}", "do") for k, c in enumerate(("GMAX_R", "BF_R")))
    section = ElementTree.fromstring(quality_section(session(quality=findings)).text)
    assert ["".join(e.itertext()) for e in section.iter("li")] == ["!GMAX_R: hum 0; BF_R: hum 1. Do."]


def test_the_traces_of_a_side_are_set_right_by_its_own_clock(
    session: Sessions, lift: Lifts, side: Callable[..., SideResult]
) -> None:
    lifts = [lift(1, 0.1), lift(2, 0.1, side="L")]
    sides = [side(sync=Sync("tap", 0.03, 0.001)), side(side="L")]
    pictures = list(ElementTree.fromstring(traces_section(session(lifts=lifts, sides=sides)).text).iter("svg"))
    gaps = []
    for picture in pictures:
        ticks = [float(line.get("x1", "nan")) for line in picture.iter("line") if line.get("stroke-width") == "2"]
        gaps.append(ticks[0] - ticks[1])
    assert gaps[0] / gaps[1] == pytest.approx(0.7, abs=0.01)


def test_findings_stand_by_urgency_with_a_mark_and_its_name(session: Sessions) -> None:
    findings = tuple(Finding("c", "x", s, s, "do") for s in ("info", "attention", "stop"))  # type: ignore[arg-type]
    marks = [
        ("".join(e.itertext()), e.get("aria-label"))
        for e in ElementTree.fromstring(quality_section(session(quality=findings)).text).iter("span")
        if e.get("role") == "img"
    ]
    assert marks == [("✕", "Stop"), ("!", "Attention"), ("i", "Note")]


def test_channels_show_median_quality_of_counted_lifts_in_their_unit(session: Sessions, lift: Lifts) -> None:
    def loud(result: LiftResult, factor: float) -> LiftResult:
        return replace(result, muscles=tuple(replace(m, rms=factor * m.rms) for m in result.muscles))

    lifts = [loud(lift(i, 0.1), f) for i, f in ((1, 1.0), (2, 2.0), (3, 9.0))]
    lifts.append(loud(lift(4, 0.1, reason="clipped"), 1e3))
    rows = rows_of(quality_section(session(lifts=lifts)))
    assert rows[1] == ["GMAX_R", "glute (gluteus maximus)", "24", "4.5 µV", "300 µV"]
    arbitrary = rows_of(quality_section(session(lifts=[lift(1, 0.1, unit="a.u.")])))
    assert arbitrary[1][-1] == "220 a.u."


def test_channels_that_nothing_is_known_of_are_left_out(session: Sessions) -> None:
    channels = (Channel("RF"), Channel("GMAX_R", "GMAX", "R"), Channel("ES_R", "ES", "R"))
    rows = rows_of(quality_section(session(channels=channels)))
    assert [row[0] for row in rows[1:]] == ["GMAX_R", "ES_R"]
    assert rows[2][2:] == ["–", "–", "–"]


def test_there_is_no_section_for_what_is_not_there(session: Sessions) -> None:
    empty = session(lifts=(), sides=())
    assert [f(empty).text for f in (lift_table, traces_section, notes_section)] == ["", "", ""]


def test_all_settings_are_listed(session: Sessions) -> None:
    result = session()
    keys = ["".join(e.itertext()) for e in ElementTree.fromstring(methods_section(result).text).iter("dt")]
    assert keys == list(result.settings.to_dict())
