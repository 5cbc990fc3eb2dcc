"""The result as text for a terminal."""

from __future__ import annotations

import math
from collections.abc import Callable

from emgorder.analysis.result import SessionResult
from emgorder.model import Finding, SideResult
from emgorder.report.statements import standing_statements
from emgorder.report.terminal import render_text
from emgorder.report.words import verdict_sentence

NAN = math.nan
Sessions = Callable[..., SessionResult]


def test_verdicts_come_first_and_the_standing_statements_last(two_sides: SessionResult) -> None:
    lines = render_text(two_sides).splitlines()
    assert lines[0] == "2025-11-22 runner-07 both sides"
    assert lines[2] == verdict_sentence(two_sides.sides[0])
    assert lines[3] == "  glute first <1 %, together 2 %, hamstring first 98 %"
    assert tuple(lines[-6:]) == standing_statements(two_sides)


def test_every_lift_has_a_line_with_its_side(two_sides: SessionResult) -> None:
    lines = render_text(two_sides).splitlines()
    assert "  R  Lift 1 · hamstring first · 84 ms [64 to 104]" in lines
    assert "  L  Lift 18 · not counted: moved before the tone" in lines
    assert sum(" Lift " in line for line in lines) == 20


def test_the_side_is_not_repeated_where_there_is_only_one(session: Sessions) -> None:
    assert "  Lift 1 · hamstring first" in render_text(session())


def test_findings_come_with_a_mark_and_a_remedy(two_sides: SessionResult) -> None:
    assert "  ! BF_L: mains hum 0.8 times the rest level. Re-clean the skin." in render_text(two_sides)


def test_probabilities_are_not_shown_where_there_are_none(session: Sessions, side: Callable[..., SideResult]) -> None:
    without = session(sides=[side("cannot tell", probabilities=(NAN, NAN, NAN))])
    assert " %," not in render_text(without)


def test_a_session_without_lifts_says_so(session: Sessions) -> None:
    assert "No lifts were found, so there is no order to report." in render_text(session(lifts=(), sides=()))


def test_nothing_from_a_file_reaches_the_terminal_as_a_control(session: Sessions) -> None:
    bad = "\x1b]0;owned\x07\r\x9b31m"
    text = render_text(session(name=bad, notes=(bad,), quality=(Finding(bad, "snr", "info", bad, bad),)))
    assert not any((ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 for c in text)
