"""A side without a verdict names what is in the way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emgorder.analysis.refusals import with_cause_of_shortage
from emgorder.analysis.result import SessionResult
from emgorder.model import Finding, LiftResult, SideResult

NOISY = Finding("GMAX_R", "snr", "attention", "glute noisy, bursts only 3 dB above rest", "re-clean the skin")


def shortage(n_lifts: int, n_valid: int, **changes: object) -> SideResult:
    side = SideResult("R", "cannot tell", n_lifts, n_valid, 0, 0, n_valid, possible=False, more_lifts=5 - n_valid)
    return replace(side, **changes)


@pytest.fixture
def lifts(hamstring_first_result: SessionResult) -> list[LiftResult]:
    """Return eight lifts, two of them counted."""
    bad = [replace(r, valid=False, reason="moved before the tone") for r in hamstring_first_result.lift_results[:6]]
    return [*bad, *hamstring_first_result.lift_results[6:8]]


def test_noise_is_named_where_it_keeps_most_lifts_from_counting(lifts: list[LiftResult]) -> None:
    told = with_cause_of_shortage(shortage(8, 2), lifts, [NOISY])
    assert told.reason == "only 2 of 8 lifts count (at least 5 are needed): glute noisy, bursts only 3 dB above rest"
    assert told.more_lifts is None


def test_without_a_finding_the_commonest_reason_is_named(lifts: list[LiftResult]) -> None:
    other_muscle = replace(NOISY, channel="ES_R")
    told = with_cause_of_shortage(shortage(8, 2), lifts, [other_muscle])
    assert told.reason.endswith("moved before the tone (6 of 8)")


def test_a_short_session_of_good_lifts_still_asks_for_more(lifts: list[LiftResult]) -> None:
    short = shortage(3, 2, reason="only 2 valid lifts")
    assert with_cause_of_shortage(short, lifts[-3:], [NOISY]) == short


def test_a_refusal_for_the_signals_keeps_its_reason(lifts: list[LiftResult]) -> None:
    refused = shortage(6, 0, reason="glute is an envelope", more_lifts=None)
    assert with_cause_of_shortage(refused, lifts[:6], [NOISY]) == refused


def test_no_lift_at_all_is_said_so() -> None:
    assert with_cause_of_shortage(shortage(0, 0), [], []).reason == "no lifts were found"
