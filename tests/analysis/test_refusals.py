"""A side without a verdict names what is in the way."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emgorder.analysis import analyse
from emgorder.analysis.channels import choose_pairs
from emgorder.analysis.refusals import CLOCK_UNKNOWN, refusal_of, with_cause_of_shortage
from emgorder.analysis.result import SessionResult
from emgorder.analysis.settings import Settings
from emgorder.io import read_recording
from emgorder.model import Finding, LiftResult, Recording, SideResult, Sync

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
    assert told.reason == "only 2 of 8 lifts counted (at least 5 are needed): glute noisy, bursts only 3 dB above rest"
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


def test_a_session_of_unknown_clocks_has_no_verdict_and_says_why(hamstring_first: Recording) -> None:
    short = replace(hamstring_first, data=hamstring_first.data[: round(30.0 * hamstring_first.sampling_frequency)])
    sides = analyse(replace(short, clock=Sync("unknown"))).sides
    assert {(side.possible, side.verdict, side.reason) for side in sides} == {(False, "cannot tell", CLOCK_UNKNOWN)}


def clock_refusal(recording: Recording) -> str:
    [pair] = choose_pairs(recording, Settings(), frozenset())
    return refusal_of(recording, pair, [])


def table(path: Path, time_column: str, times: np.ndarray) -> Path:
    """Write a file of noise; a time column without a name is none."""
    samples = np.random.default_rng(1).normal(size=(times.size, 2))
    header = ",".join([time_column] * bool(time_column) + ["GMAX_R_uV", "BF_R_uV"])
    rows = [
        ",".join([f"{t:.6f}"] * bool(time_column) + [f"{a:.4f}", f"{b:.4f}"])
        for t, (a, b) in zip(times, samples, strict=True)
    ]
    path.write_text("\n".join([header, *rows]))
    return path


@pytest.mark.parametrize(("column", "rate_Hz"), [("time_s", None), ("", 1000.0)])
def test_files_with_a_regular_time_column_or_a_given_rate_are_not_refused(
    tmp_path: Path, column: str, rate_Hz: float | None
) -> None:
    path = table(tmp_path / "s.csv", column, np.arange(3000) / 1000.0)
    recording = read_recording(path, sampling_frequency=rate_Hz)
    assert recording.clock.known
    assert clock_refusal(recording) == ""


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_times_of_packets_that_reading_spreads_evenly_are_not_refused(tmp_path: Path) -> None:
    recording = read_recording(table(tmp_path / "s.csv", "time_s", np.repeat(np.arange(300) / 100.0, 10)))
    assert any("rows taken as consecutive" in note for note in recording.notes)
    assert clock_refusal(recording) == ""


def test_a_sidecar_can_say_that_the_clocks_are_unknown(tmp_path: Path) -> None:
    path = table(tmp_path / "s.csv", "time_s", np.arange(3000) / 1000.0)
    path.with_suffix(".json").write_text(json.dumps({"Sync": {"method": "unknown"}}))
    assert clock_refusal(read_recording(path)) == CLOCK_UNKNOWN
