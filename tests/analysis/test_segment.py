"""Lifts come from cues and events where there are any, else from activity with rest before it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from emgorder.analysis.segment import event_sides, lifts_from_activity, lifts_from_events, split_trial_type
from emgorder.analysis.settings import Settings


def events(*rows: tuple[float, str]) -> pd.DataFrame:
    return pd.DataFrame([(t, 0.0, kind) for t, kind in rows], columns=["onset", "duration", "trial_type"])


def bursts(starts_s: list[float], *, length_s: float = 1.0, duration_s: float = 30.0, lag_s: float = 0.1) -> np.ndarray:
    """Return two channels of noise with bursts 26 dB above it, the second `lag_s` after the first."""
    fs = 1000
    rng = np.random.default_rng(5)
    t = np.arange(int(duration_s * fs)) / fs
    gain = [sum(((t >= s + k * lag_s) & (t < s + k * lag_s + length_s)) * 20.0 for s in starts_s) for k in (0, 1)]
    return np.stack([(1.0 + g) * rng.standard_normal(t.size) for g in gain], axis=1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("lift/R", ("lift", "R")), ("Cue/left", ("cue", "L")), ("cue", ("cue", "")), ("contact/GMAX_R", ("contact", ""))],
)
def test_event_names_split_into_kind_and_side(text: str, expected: tuple[str, str]) -> None:
    assert split_trial_type(text) == expected


def test_each_cue_is_a_lift_and_taps_never_are() -> None:
    found = lifts_from_events(events((1.0, "tap"), (5.0, "cue/R"), (15.0, "cue/L"), (25.0, "mvc/GMAX_R")), 60.0)
    assert [(x.number, x.side, x.cue_s) for x in found] == [(1, "R", 5.0), (2, "L", 15.0)]
    assert all(x.start_s < x.cue_s < x.stop_s for x in found)


def test_a_lift_marker_after_its_cue_is_the_same_lift() -> None:
    found = lifts_from_events(events((5.0, "cue/R"), (5.6, "lift/R"), (20.0, "lift/R")), 60.0)
    assert found[0].cue_s == 5.0
    assert math.isnan(found[1].cue_s)
    assert len(found) == 2


def test_windows_of_close_cues_do_not_overlap_the_next_lift() -> None:
    first, second = lifts_from_events(events((5.0, "cue/R"), (7.0, "cue/R")), 60.0)
    assert first.stop_s <= 7.0
    assert second.start_s >= 5.5


def test_events_outside_the_recording_are_no_lifts() -> None:
    assert lifts_from_events(events((-1.0, "cue/R"), (70.0, "cue/R"), (math.nan, "cue/R")), 60.0) == []


def test_only_lift_events_name_sides() -> None:
    assert event_sides(events((1.0, "practice/L"), (5.0, "cue/R"))) == {"R"}


def test_bursts_of_both_muscles_with_rest_before_them_are_one_lift() -> None:
    found = lifts_from_activity(bursts([5.0, 12.0, 20.0]), 1000.0, Settings())
    assert len(found) == 3
    for lift, start_s in zip(found, (5.0, 12.0, 20.0), strict=True):
        assert lift.start_s < start_s - 1.0
        assert lift.stop_s > start_s + 1.0


def test_a_short_pause_within_a_lift_is_no_new_lift_but_is_in_gait() -> None:
    signals = bursts([5.0, 6.6, 15.0])
    assert len(lifts_from_activity(signals, 1000.0, Settings())) == 2
    assert len(lifts_from_activity(signals, 1000.0, Settings(task="cyclic"))) == 3


def test_activity_during_a_contact_check_is_no_lift() -> None:
    marked = events((4.8, "contact/GMAX_R"))
    assert len(lifts_from_activity(bursts([5.0, 15.0]), 1000.0, Settings(), events=marked)) == 1


def test_rest_alone_holds_no_lift() -> None:
    assert lifts_from_activity(bursts([]), 1000.0, Settings()) == []
