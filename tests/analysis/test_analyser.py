"""One engine: whatever the blocks, live and batch end in the same numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emgorder.analysis import LiftFinished, LiftStarted, SessionAnalyser, SessionResult, Settings, analyse
from emgorder.analysis.serialise import to_plain
from emgorder.errors import RecordingError, SettingsError
from emgorder.model import Channel, Recording, empty_events
from emgorder.simulate import simulate_session

CUT_S = 45.0


@pytest.fixture(scope="module")
def short() -> Recording:
    """Return the first lifts of a session, events kept."""
    whole = simulate_session(seed=4, n_lifts=3, rest_s=3.0)
    n = int(CUT_S * whole.sampling_frequency)
    return replace(whole, data=whole.data[:n], events=whole.events[whole.events["onset"] < CUT_S])


def stream(recording: Recording, sizes: list[int]) -> tuple[list[object], SessionResult]:
    """Push a recording in blocks of the given sizes, over and over."""
    analyser = SessionAnalyser(recording.channels, recording.sampling_frequency)
    for onset, kind in zip(recording.events["onset"], recording.events["trial_type"], strict=True):
        analyser.mark(float(onset), kind)
    said, at, k = [], 0, 0
    while at < recording.n_samples:
        said += [to_plain(event) for event in analyser.push(recording.data[at : at + sizes[k % len(sizes)]])]
        at, k = at + sizes[k % len(sizes)], k + 1
    return said, analyser.finish(recording)


@pytest.mark.parametrize("with_events", [True, False])
def test_blocks_of_any_size_give_the_same_events_and_the_same_result(short: Recording, with_events: bool) -> None:
    recording = short if with_events else replace(short, events=empty_events())
    expected, whole = stream(recording, [recording.n_samples])
    batch = analyse(recording)
    assert to_plain(whole) == to_plain(batch)
    assert len(expected) >= 3

    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.integers(1, 4000), min_size=1, max_size=6).filter(lambda s: sum(s) >= 40 * len(s)))
    def check(sizes: list[int]) -> None:
        said, result = stream(recording, sizes)
        assert said == expected
        assert to_plain(result) == to_plain(batch)

    check()


def test_results_keep_nothing_of_the_fits_that_placed_their_onsets(short: Recording) -> None:
    said, result = stream(short, [short.n_samples])
    assert any(muscle.onset.found for lift in result.lift_results for muscle in lift.muscles)
    assert all(muscle.onset.rise is None for lift in result.lift_results for muscle in lift.muscles)
    assert "starts_s" not in str(said)


def test_a_live_session_reports_each_cued_lift_as_provisional(short: Recording) -> None:
    analyser = SessionAnalyser(short.channels, short.sampling_frequency)
    for onset, kind in zip(short.events["onset"], short.events["trial_type"], strict=True):
        analyser.mark(float(onset), kind)
    finished = [e for e in analyser.push(short.data) if isinstance(e, LiftFinished)]
    assert [e.result.lift.number for e in finished] == [1, 2, 3]
    assert all(e.result.provisional for e in finished)
    final = analyser.finish(short).order["onset_difference_ms"].to_numpy()
    seen = np.array([e.result.order.difference_s for e in finished]) * 1e3
    assert np.nanmedian(np.abs(seen - final)) < 15.0


def test_without_cues_a_live_session_notices_each_lift(short: Recording) -> None:
    analyser = SessionAnalyser(short.channels, short.sampling_frequency)
    said = analyser.push(short.data)
    assert sum(isinstance(e, LiftStarted) for e in said) == 3
    truth_s = short.truth.groupby("lift")["onset_s"].min().to_numpy()
    started_s = np.array([e.time_s for e in said if isinstance(e, LiftStarted)])
    assert np.all((started_s > truth_s) & (started_s < truth_s + 1.0))


def test_the_truth_of_a_clean_session_is_found(
    hamstring_first: Recording, hamstring_first_result: SessionResult
) -> None:
    summary = hamstring_first_result.summary.iloc[0]
    assert summary["n_valid"] >= 8
    assert summary["n_hamstring_first"] > summary["n_together"] + summary["n_glute_first"]
    truth_ms = hamstring_first.truth.groupby("lift")["difference_s"].first().to_numpy() * 1e3
    assert np.nanmedian(np.abs(hamstring_first_result.order["onset_difference_ms"] - truth_ms)) < 60.0


def test_every_lift_keeps_its_row_and_an_invalid_one_says_why() -> None:
    result = analyse(simulate_session(seed=8, n_lifts=8, missing_share=0.5, rest_s=3.0))
    assert result.order["lift"].tolist() == list(range(1, 9))
    invalid = result.order[~result.order["valid"]]
    assert len(invalid) >= 1
    assert (invalid["reason"] != "").all()


def test_gain_and_unit_do_not_matter(short: Recording) -> None:
    plain = analyse(short)
    loud = analyse(
        replace(short, data=short.data * 1e3, channels=tuple(replace(c, unit="a.u.") for c in short.channels))
    )
    pd.testing.assert_series_equal(plain.order["onset_difference_ms"], loud.order["onset_difference_ms"])
    assert loud.lifts["unit"].unique().tolist() == ["a.u."]


def test_a_block_with_another_number_of_channels_is_refused(short: Recording) -> None:
    analyser = SessionAnalyser(short.channels, short.sampling_frequency)
    with pytest.raises(RecordingError, match=r"shape \(5, 3\)"):
        analyser.push(np.zeros((5, 3)))


@pytest.mark.parametrize(
    ("mark", "said"),
    [(("3", "cue/R"), "onset_s"), ((3.0, None), "trial_type"), ((3.0, "tap", None), "duration_s")],
)
def test_a_mark_that_makes_no_sense_names_what_is_wrong(short: Recording, mark: tuple[object, ...], said: str) -> None:
    analyser = SessionAnalyser(short.channels, short.sampling_frequency)
    with pytest.raises(SettingsError, match=said):
        analyser.mark(*mark)
    assert analyser.push(short.data[:10]) == []


@pytest.mark.parametrize(("n_samples", "rate_Hz", "said"), [(0, 1000.0, "no samples"), (5000, 50.0, "too slow")])
def test_what_cannot_be_analysed_is_refused_with_the_remedy(n_samples: int, rate_Hz: float, said: str) -> None:
    channels = (Channel("GMAX_R", "GMAX", "R"), Channel("BF_R", "BF", "R"))
    with pytest.raises(RecordingError, match=said):
        analyse(Recording(np.zeros((n_samples, 2)), rate_Hz, channels))


@pytest.mark.parametrize("data", ["zeros", "nan", "short"])
def test_empty_signals_end_in_no_verdict_and_no_crash(data: str) -> None:
    channels = (Channel("GMAX_R", "GMAX", "R"), Channel("BF_R", "BF", "R"))
    signals = {"zeros": np.zeros((9000, 2)), "nan": np.full((9000, 2), np.nan), "short": np.ones((7, 2))}[data]
    result = analyse(Recording(signals, 1000.0, channels))
    assert len(result.order) == 0
    assert not result.sides[0].possible
    assert result.sides[0].reason


def test_a_delay_of_the_sensor_is_taken_from_the_onset(short: Recording) -> None:
    glute, hamstring = short.channels
    late = replace(short, channels=(replace(glute, delay_s=0.020), hamstring))
    shift = analyse(short).order["onset_difference_ms"] - analyse(late).order["onset_difference_ms"]
    np.testing.assert_allclose(shift.dropna(), 20.0, atol=1e-6)


def test_too_poor_a_clock_refuses_a_verdict(short: Recording) -> None:
    from emgorder.model import Sync

    result = analyse(replace(short, clock=Sync("none", 0.0, 0.020)), Settings())
    assert not result.sides[0].possible
    assert "tap both sensors" in result.sides[0].reason


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e300])
def test_an_infinite_or_absurd_sample_is_a_lost_one(value: float) -> None:
    session = simulate_session(seed=4, n_lifts=5)
    lost, infinite = session.data.copy(), session.data.copy()
    lost[7000, 0], infinite[7000, 0] = np.nan, value
    expected, found = (analyse(replace(session, data=data)) for data in (lost, infinite))
    assert to_plain(found.lift_results) == to_plain(expected.lift_results)
    assert found.notes == (*expected.notes, "GMAX_R: 1 value infinite or beyond any sensor: taken as lost")
    live = SessionAnalyser(session.channels, session.sampling_frequency)
    for start in range(0, infinite.shape[0], 1000):
        live.push(infinite[start : start + 1000])
    assert to_plain(live.finish(session).lift_results) == to_plain(expected.lift_results)


def test_a_gap_of_seconds_in_the_rest_before_a_lift_is_no_trouble() -> None:
    session = simulate_session(seed=4, n_lifts=6)
    data = session.data.copy()
    for onset_s in session.events.query("trial_type.str.startswith('cue')")["onset"]:
        data[int((onset_s - 1.9) * 1000) : int((onset_s - 1.2) * 1000)] = np.nan
    assert analyse(replace(session, data=data)).lift_results  # warnings of numpy are errors here
