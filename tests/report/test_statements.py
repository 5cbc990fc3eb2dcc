"""What every report says, and what it says of quality and of lifts that do not count."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from emgorder.analysis.result import SessionResult
from emgorder.analysis.settings import Settings
from emgorder.model import Finding, LiftResult, SideResult
from emgorder.report.statements import (
    exclusion_sentence,
    finding_sentence,
    finding_sentences,
    limit_sentences,
    meaning_sentences,
    quality_sentence,
    standing_statements,
)

NAN = math.nan
Sessions = Callable[..., SessionResult]
Sides = Callable[..., SideResult]
Lifts = Callable[..., LiftResult]


def test_every_report_makes_the_standing_statements(session: Sessions) -> None:
    assert standing_statements(session()) == (
        "Research and training tool. Not a diagnosis.",
        "Hamstring-first is common in healthy people.",
        "Order does not measure strength or show that a muscle is 'not working'.",
        "No agreed normal range. Timing uncertainty here: ±20 ms.",
        "Compare only the same hamstring, posture, cue and device.",
        "Some pages read hamstring-first as a strength problem; published studies do not support that.",
    )


def test_the_timing_uncertainty_is_told_for_each_side(two_sides: SessionResult) -> None:
    assert "Timing uncertainty here: ±20 ms right, ±33 ms left." in standing_statements(two_sides)[3]


def test_an_unknown_timing_uncertainty_is_not_a_number(session: Sessions, lift: Lifts) -> None:
    without = session(lifts=[lift(1, 0.08, sd_s=NAN)])
    assert "not known, because this onset method gives none" in standing_statements(without)[3]
    uncounted = session(lifts=[lift(1, 0.08, reason="moved before the tone")])
    assert "not known, because no lift counted" in standing_statements(uncounted)[3]


@pytest.mark.parametrize("verdict", ["glute first", "hamstring first", "together", "cannot tell"])
def test_every_verdict_has_a_meaning_that_names_the_leg(session: Sessions, side: Sides, verdict: str) -> None:
    (said,) = meaning_sentences(session(sides=[side(verdict, side="L")]))
    assert said.startswith("Left leg: ")
    assert "{" not in said


def test_a_recording_that_cannot_answer_is_not_called_varying(session: Sessions, side: Sides) -> None:
    refused = side("cannot tell", possible=False, probabilities=(NAN, NAN, NAN))
    without = side("cannot tell", probabilities=(NAN, NAN, NAN))
    assert meaning_sentences(session(sides=[refused])) == (
        "Right leg: this recording cannot answer which muscle starts first.",
    )
    assert "cannot say how sure" in meaning_sentences(session(sides=[without]))[0]


def test_studies_of_the_leg_lift_are_not_carried_over_to_other_movements(session: Sessions) -> None:
    cyclic = session(settings=Settings(task="cyclic"))
    (said,) = meaning_sentences(cyclic)
    assert "do not carry over" in said
    assert len(limit_sentences(session())) == 2
    assert not any("Sahrmann" in s for s in limit_sentences(cyclic))


def test_a_session_without_sides_has_no_meaning_but_says_so(session: Sessions) -> None:
    assert meaning_sentences(session(lifts=(), sides=())) == ("No lifts were found, so there is no order to report.",)


def test_findings_are_counted_by_what_they_ask_for() -> None:
    findings = [Finding("a", "x", s, "m", "r") for s in ("info", "stop", "attention", "attention")]  # type: ignore[arg-type]
    assert quality_sentence(findings) == "1 to fix first, 2 to improve, 1 to know."
    assert quality_sentence([]) == "Nothing to remark on the signals."


def test_a_finding_keeps_its_channel_as_written_and_ends_with_what_to_do() -> None:
    finding = Finding("ch1", "ecg", "attention", "ECG is visible", "move the electrodes apart.")
    assert finding_sentence(finding) == "ch1: ECG is visible. Move the electrodes apart."
    assert finding_sentence(Finding("", "clock", "info", "clock is unknown", "")) == "Clock is unknown."


def test_findings_of_one_kind_share_a_sentence_by_urgency() -> None:
    def found(channel: str, severity: Any, message: str, remedy: str = "re-clean the skin") -> Finding:
        return Finding(channel, "snr", severity, message, remedy)

    told = finding_sentences(
        [
            found("a", "info", "faint"),
            found("b", "attention", "9 dB"),
            found("c", "attention", "8 dB"),
            found("d", "attention", "9 dB"),
            found("e", "attention", "9 dB", "move it"),
            found("", "stop", "no signal", ""),
        ]
    )
    assert told == [
        ("stop", "No signal."),
        ("attention", "b, d: 9 dB; c: 8 dB. Re-clean the skin."),
        ("attention", "e: 9 dB. Move it."),
        ("info", "a: faint. Re-clean the skin."),
    ]


def test_uncounted_lifts_are_listed_by_reason(lift: Lifts) -> None:
    lifts = [
        lift(1, 0.1),
        lift(2, 0.1, reason="no burst"),
        lift(3, 0.1, reason="clipped"),
        lift(4, 0.1, reason="clipped"),
    ]
    assert exclusion_sentence(lifts) == "3 of 4 lifts not counted: clipped (2), no burst (1)."
    assert exclusion_sentence(lifts[:1]) == "The one lift counted."
    assert exclusion_sentence([]) == "No lifts were found."
