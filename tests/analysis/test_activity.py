"""Activity levels of a session: what blocks them, both sides, JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from emgorder.analysis import SessionResult, Settings, analyse, read_result
from emgorder.analysis.activity import CROSSTALK_LEFT
from emgorder.analysis.merge import merge_results
from emgorder.model import Finding, Side
from emgorder.simulate import simulate_session
from emgorder.simulate.person import MuscleRange

GLUTE = MuscleRange(snr_dB=(18.0, 18.0), ramp_s=(0.05, 0.05), carriers=("gaussian",))
HAMSTRING = MuscleRange(snr_dB=(22.0, 22.0), ramp_s=(0.05, 0.05), carriers=("gaussian",))


def session(*sides: Side) -> SessionResult:
    return analyse(
        simulate_session(
            seed=8,
            n_lifts=6,
            sides=sides,
            extras=("mvc",),
            rest_s=3.0,
            glute=GLUTE,
            hamstring=HAMSTRING,
            outlier_share=0.0,
            missing_share=0.0,
            mean_difference_s={"R": 0.150, "L": -0.050},
        )
    )


@pytest.fixture(scope="module")
def both() -> SessionResult:
    """Return a session of both legs with full efforts."""
    return session("R", "L")


def reason_of(result: SessionResult, channel: str) -> str:
    return str(result.activity.set_index("channel").loc[channel, "reason"])


def test_both_legs_have_levels_and_are_compared_as_shares(both: SessionResult) -> None:
    assert list(both.activity["channel"]) == ["GMAX_R", "BF_R", "GMAX_L", "BF_L"]
    pairs = list(zip(both.activity_ratio["first"], both.activity_ratio["second"], strict=True))
    assert pairs == [("GMAX_R", "BF_R"), ("GMAX_L", "BF_L"), ("GMAX_R", "GMAX_L"), ("BF_R", "BF_L")]
    levels = both.activity.set_index("channel")["percent_mvc"]
    across = both.activity_ratio.iloc[2]
    assert across["ratio"] == pytest.approx(levels["GMAX_R"] / levels["GMAX_L"])


def test_a_marked_start_of_the_movement_begins_the_window_that_is_measured() -> None:
    recording = simulate_session(seed=5, n_lifts=4, glute=GLUTE, hamstring=HAMSTRING, missing_share=0.0)
    plain = analyse(recording)
    first = next(r for r in plain.lift_results if r.valid)
    early_s = min(m.onset.time_s for m in first.muscles[:2]) - 0.4
    mark = pd.DataFrame({"onset": [early_s], "duration": [0.0], "trial_type": ["movement"]})
    marked = analyse(replace(recording, events=pd.concat([recording.events, mark], ignore_index=True)))
    again = marked.lift_results[first.lift.number - 1]
    assert [m.onset.time_s for m in again.muscles] == [m.onset.time_s for m in first.muscles]
    assert all(a.activity_rms < b.activity_rms for a, b in zip(again.muscles, first.muscles, strict=True))
    others = list(zip(plain.lift_results, marked.lift_results, strict=True))[first.lift.number :]
    assert [b.muscles[0].activity_rms for _, b in others] == [a.muscles[0].activity_rms for a, _ in others]


def test_a_muscle_of_one_leg_is_not_called_noisy_for_resting_in_lifts_of_the_other(both: SessionResult) -> None:
    assert [f for f in both.quality if f.kind == "snr"] == []


def test_right_against_left_is_the_difference_of_their_posteriors(both: SessionResult) -> None:
    found = both.side_difference
    assert found is not None
    right, left = both.sides
    assert found.difference_s == pytest.approx(right.difference_s - left.difference_s, abs=0.005)
    assert (found.verdict, found.p_positive > 0.99) == ("larger", True)
    assert session("R").side_difference is None


@pytest.mark.parametrize(
    ("kind", "severity"),
    [("snr", "attention"), ("clipping", "info"), ("swapped", "attention"), ("envelope", "stop"), ("dead", "stop")],
)
def test_what_spoils_the_amplitude_of_a_channel_blocks_it_in_its_words(
    both: SessionResult, kind: str, severity: str
) -> None:
    finding = Finding("BF_R", kind, severity, f"hamstring is {kind}", "do something")  # type: ignore[arg-type]
    spoiled = replace(both, quality=(finding,))
    assert reason_of(spoiled, "BF_R") == f"hamstring is {kind}"
    assert reason_of(spoiled, "GMAX_R") == ""
    assert list(spoiled.activity_ratio["reason"] != "") == [True, False, False, True]


def test_what_leaves_amplitudes_alone_blocks_nothing(both: SessionResult) -> None:
    hum = Finding("BF_R", "mains", "attention", "50 Hz hum", "move the cable")
    assert reason_of(replace(both, quality=(hum,)), "BF_R") == ""


def test_crosstalk_that_could_not_be_removed_blocks_both_muscles(both: SessionResult) -> None:
    leaking = replace(both, conditioning={**both.conditioning, CROSSTALK_LEFT: ["GMAX_R", "BF_R"]})
    for channel in ("GMAX_R", "BF_R"):
        assert reason_of(leaking, channel).startswith("cross-talk")
    assert reason_of(leaking, "BF_L") == ""


def test_an_envelope_has_no_scale(both: SessionResult) -> None:
    channels = tuple(replace(c, kind="envelope") if c.label == "GMAX_L" else c for c in both.channels)
    assert "envelope" in reason_of(replace(both, channels=channels), "GMAX_L")


def test_levels_come_back_from_json(both: SessionResult, tmp_path: Path) -> None:
    back = read_result(both.to_json(tmp_path / "result.json"))
    pd.testing.assert_frame_equal(back.activity, both.activity)
    pd.testing.assert_frame_equal(back.activity_ratio, both.activity_ratio)
    pd.testing.assert_frame_equal(back.lifts, both.lifts)
    assert back.side_difference is not None
    assert both.side_difference is not None
    assert back.side_difference.low_s == both.side_difference.low_s


def test_results_of_earlier_releases_are_read_and_have_no_levels(both: SessionResult, tmp_path: Path) -> None:
    path = both.to_json(tmp_path / "result.json")
    plain = json.loads(path.read_text(encoding="utf-8"))
    del plain["references"], plain["conditioning"][CROSSTALK_LEFT]
    for lift in plain["lift_results"]:
        del lift["hold_stop_s"]
        for muscle in lift["muscles"]:
            for key in ("activity_rms", "activity_arv", "activity_peak_rms"):
                del muscle[key]
    path.write_text(json.dumps(plain), encoding="utf-8")
    old = read_result(path)
    assert old.summary.equals(both.summary)
    assert old.lifts["percent_mvc"].isna().all()
    assert all("Do an MVC" in reason for reason in old.activity["reason"])


def test_lifts_without_muscles_are_passed_over(both: SessionResult) -> None:
    bare = replace(both, lift_results=tuple(replace(r, muscles=()) for r in both.lift_results))
    assert bare.activity.empty
    assert bare.activity_ratio.empty


def test_merged_recordings_keep_their_own_full_efforts(both: SessionResult) -> None:
    right = session("R")
    left = replace(
        both,
        lift_results=tuple(r for r in both.lift_results if r.lift.side == "L"),
        sides=both.sides[1:],
        channels=both.channels[2:],
        references=both.references[2:],
    )
    merged = merge_results([right, left])
    assert list(merged.activity["percent_mvc"]) == pytest.approx(
        [*right.activity["percent_mvc"], *both.activity["percent_mvc"][2:]]
    )


def test_crosstalk_that_is_left_in_the_signals_is_noticed() -> None:
    def analysed(share: float) -> SessionResult:
        recording = simulate_session(
            seed=8, n_lifts=5, rest_s=3.0, glute=GLUTE, hamstring=HAMSTRING, crosstalk=(share, 0.0), missing_share=0.0
        )
        return analyse(recording, Settings(crosstalk="off"))

    assert analysed(0.0).conditioning[CROSSTALK_LEFT] == []
    assert analysed(0.5).conditioning[CROSSTALK_LEFT] == ["GMAX_R", "BF_R"]
