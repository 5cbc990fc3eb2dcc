"""Provisional results: early, refined, whole; what has not happened yet is left open."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import signal

from emgorder.analysis import AnalysisEvent, LiftFinished, LiftStarted, LiftUpdated, SessionAnalyser, Settings, analyse
from emgorder.analysis.live import MOVED_EARLY, OTHER, UNMARKED, WITHDRAWN
from emgorder.analysis.provisional import LATEST_S, SILENT, open_onset
from emgorder.model import Channel, FloatArray, LiftOrder, Onset, Posterior, Recording, Sync

CHANNELS = (Channel("GMAX_R", "GMAX", "R"), Channel("BF_R", "BF", "R"))
RATE = 1000.0


def session(glute_s: float, hamstring_s: float, *, seconds: float = 9.0, length_s: float = 2.0) -> FloatArray:
    """Return two channels of noise with one burst of the colour of EMG each; NaN is none."""
    rng = np.random.default_rng(3)
    data: FloatArray = rng.normal(size=(round(seconds * RATE), 2))
    bursts = signal.sosfilt(signal.butter(2, (40.0, 150.0), "bandpass", fs=RATE, output="sos"), data[::-1], axis=0)
    for column, onset_s in enumerate((glute_s, hamstring_s)):
        if math.isfinite(onset_s):
            span = slice(round(onset_s * RATE), round((onset_s + length_s) * RATE))
            data[span, column] += 20.0 * bursts[span, column]
    return data * 1e-6


def watch(data: FloatArray, marks: tuple[tuple[float, str], ...] = (), **options: object) -> list[AnalysisEvent]:
    """Return what a live session says."""
    analyser = SessionAnalyser(CHANNELS, RATE, Settings(**options))  # type: ignore[arg-type]
    for onset_s, kind in marks:
        analyser.mark(onset_s, kind)
    return analyser.push(data)


def updates(events: list[AnalysisEvent]) -> list[LiftUpdated]:
    return [event for event in events if isinstance(event, LiftUpdated)]


@pytest.mark.parametrize("marks", [(), ((3.6, "cue/R"),)])
def test_a_lift_is_told_of_when_it_starts_early_refined_and_whole(marks: tuple[tuple[float, str], ...]) -> None:
    said = watch(session(4.15, 4.0), marks)
    assert [type(event) for event in said] == [LiftStarted, LiftUpdated, LiftUpdated, LiftFinished]
    assert [event.stage for event in updates(said)] == ["early", "refined"]
    early_s, refined_s = (event.time_s for event in updates(said))
    assert 4.0 < said[0].time_s <= 4.15
    assert early_s < 4.25 < refined_s < 4.5
    assert all(event.result.provisional for event in said if not isinstance(event, LiftStarted))


def test_the_refined_result_is_close_to_the_whole_one() -> None:
    said = watch(session(4.15, 4.0))
    refined, whole = updates(said)[1].result, said[-1].result  # type: ignore[union-attr]
    assert refined.order.difference_s == pytest.approx(whole.order.difference_s, abs=0.010)
    assert refined.order.difference_s == pytest.approx(0.150, abs=0.015)
    assert refined.valid


def test_a_muscle_that_is_silent_so_far_leaves_the_order_one_sided() -> None:
    early = updates(watch(session(4.4, 4.0)))[0]
    order = early.result.order
    glute, hamstring = early.result.muscles
    assert early.time_s < 4.4
    assert not glute.onset.found
    assert glute.onset.reason == SILENT
    assert hamstring.onset.time_s == pytest.approx(4.0, abs=0.01)
    assert 0.0 < order.p_glute_earlier < 0.25  # an onset of the last 0.15 s could not be seen
    assert order.high_s > 0.3
    assert order.p_glute_first + order.p_together + order.p_hamstring_first == pytest.approx(1.0)
    assert not early.result.valid
    assert SILENT in early.result.reason


def test_the_mirrored_lift_gives_the_mirrored_order() -> None:
    data = session(4.4, 4.0)
    there, back = (updates(watch(x))[0].result.order for x in (data, data[:, ::-1].copy()))
    assert there.p_glute_first == pytest.approx(back.p_hamstring_first, abs=0.01)
    assert there.difference_s == pytest.approx(-back.difference_s, abs=0.005)


def test_an_open_onset_spreads_over_what_cannot_be_seen_and_what_is_to_come() -> None:
    silent = open_onset(Onset(probability=0.0), 5.0, alarmed=False)
    assert silent.posterior is not None
    grid_s, density = silent.posterior.grid_s, silent.posterior.density
    assert density.sum() * silent.posterior.step_s == pytest.approx(1.0)
    assert density[grid_s < 4.84].sum() == 0.0
    assert grid_s[-1] == pytest.approx(5.0 + LATEST_S, abs=0.002)
    assert 0.5 < density[grid_s < 5.0].sum() * silent.posterior.step_s < 0.6


def test_an_onset_that_the_alarm_confirms_is_believed_more_than_one_it_does_not() -> None:
    times_s = np.arange(4.9, 5.0, 0.001)
    seen = Onset(time_s=4.95, probability=0.8, posterior=Posterior(times_s, np.full(times_s.size, 10.0)))
    heard, unheard = (open_onset(seen, 5.0, alarmed=alarmed) for alarmed in (True, False))
    assert heard.probability == pytest.approx(0.8)
    assert unheard.probability == pytest.approx(0.5)
    assert unheard.high_s > heard.high_s


def test_a_method_that_does_not_say_how_sure_it_is_gets_no_invented_probability() -> None:
    early, refined = updates(watch(session(4.4, 4.0), method="hodges_bui"))
    for update in (early, refined):
        assert math.isnan(update.result.order.p_glute_earlier)
    assert math.isnan(early.result.order.difference_s)


def test_activity_before_the_tone_is_said_at_once() -> None:
    said = watch(session(4.5, 4.0), ((4.3, "cue/R"),))
    assert [event.result.reason for event in updates(said)] == [MOVED_EARLY, MOVED_EARLY]
    assert not updates(said)[0].result.valid
    assert said[-1].result.reason == MOVED_EARLY  # type: ignore[union-attr]


def test_without_any_activity_a_cued_lift_ends_with_its_window_alone() -> None:
    said = watch(session(math.nan, math.nan), ((4.0, "cue/R"),))
    assert [type(event) for event in said] == [LiftFinished]


def test_a_withdrawn_alarm_frees_the_number_for_the_lift_that_follows() -> None:
    data = session(6.1, 6.0, seconds=11.0)
    data[4500:4590, 1] *= 5.0  # longer than a stray potential usually is: the alarm goes off, and nothing follows
    said = watch(data)
    started = [event.lift.number for event in said if isinstance(event, LiftStarted)]
    withdrawn = [event for event in updates(said) if event.withdrawn]
    finished = [event for event in said if isinstance(event, LiftFinished)]
    assert len(started) == len(withdrawn) + len(finished)
    assert all(event.result.reason == WITHDRAWN and event.stage == "refined" for event in withdrawn)
    assert finished[-1].result.lift.number == started[-1] == len(finished)


def test_lost_samples_leave_the_order_unknown_until_it_is_known() -> None:
    data = session(4.4, 4.0)
    data[4020:4060, 0] = np.nan
    for update in updates(watch(data)):
        assert math.isnan(update.result.order.p_glute_earlier) or update.result.muscles[0].onset.found
        assert not update.withdrawn


def test_a_known_delay_is_taken_from_provisional_onsets_too() -> None:
    data = session(4.05, 4.0)
    plain = updates(watch(data))[1].result.order
    analyser = SessionAnalyser((replace(CHANNELS[0], delay_s=0.020), CHANNELS[1]), RATE)
    late = updates(analyser.push(data))[1].result.order
    assert plain.difference_s - late.difference_s == pytest.approx(0.020, abs=1e-3)


def test_what_was_said_live_does_not_touch_the_final_result() -> None:
    data = session(4.15, 4.0)
    analyser = SessionAnalyser(CHANNELS, RATE)
    analyser.push(data)
    final = analyser.finish()
    batch = analyse(Recording(data, RATE, CHANNELS))
    assert final.order["onset_difference_ms"].tolist() == batch.order["onset_difference_ms"].tolist()
    assert not final.lift_results[0].provisional


def provisional_orders(data: FloatArray, clock: Sync | None) -> list[LiftOrder]:
    """Return the orders that were told early, refined and when the lift's window was complete."""
    said = SessionAnalyser(CHANNELS, RATE, clock=clock).push(data)
    return [event.result.order for event in said if not isinstance(event, LiftStarted)]


def test_two_clocks_shift_provisional_orders_by_their_offset_and_widen_them_by_its_uncertainty() -> None:
    data = session(4.05, 4.0)
    plain = provisional_orders(data, None)
    shifted = provisional_orders(data, Sync("tap", 0.020, 0.0))
    unsure = provisional_orders(data, Sync("tap", 0.020, 0.012))
    assert len(plain) == len(shifted) == len(unsure) == 3
    for one, two, three in zip(plain, shifted, unsure, strict=True):
        assert one.difference_s - two.difference_s == pytest.approx(0.020, abs=1e-3)
        assert two.high_s - two.low_s == pytest.approx(one.high_s - one.low_s, abs=1e-3)
        assert three.high_s - three.low_s > two.high_s - two.low_s
        assert three.sync_sd_s == 0.012
    for two, three in zip(shifted[1:], unsure[1:], strict=True):  # onsets that are seen: variances add up
        assert spread_s(three) ** 2 - spread_s(two) ** 2 == pytest.approx(0.012**2, rel=0.1)


def spread_s(order: LiftOrder) -> float:
    """Return the standard deviation of a difference."""
    assert order.posterior is not None
    grid_s, mass = order.posterior.grid_s, order.posterior.density * order.posterior.step_s
    mean_s = float(grid_s @ mass)
    return math.sqrt(float((grid_s - mean_s) ** 2 @ mass))


def test_a_live_session_of_two_clocks_ends_as_its_recording_does() -> None:
    data, clock = session(4.15, 4.0), Sync("tap", 0.020, 0.005)
    analyser = SessionAnalyser(CHANNELS, RATE, clock=clock)
    analyser.push(data)
    live = analyser.finish()
    batch = analyse(Recording(data, RATE, CHANNELS, clock=clock))
    assert live.order["onset_difference_ms"].tolist() == batch.order["onset_difference_ms"].tolist()
    assert [side.sync for side in live.sides] == [side.sync for side in batch.sides] == [clock]
    one_clock = analyse(Recording(data, RATE, CHANNELS))
    assert live.order["onset_difference_ms"][0] == pytest.approx(
        one_clock.order["onset_difference_ms"][0] - 20.0, abs=0.5
    )


def test_the_clock_of_a_recording_is_taken_unless_one_was_given() -> None:
    data, tapped = session(4.15, 4.0), Sync("tap", 0.020, 0.005)
    about = Recording(data, RATE, CHANNELS, clock=tapped)
    for given, expected in ((None, tapped), (Sync("light", 0.010, 0.001), Sync("light", 0.010, 0.001))):
        analyser = SessionAnalyser(CHANNELS, RATE, live=False, clock=given)
        analyser.push(data)
        assert analyser.finish(about).sides[0].sync == expected


TAP, LIFT = 4.0, 7.0


def tap_and_lift() -> FloatArray:
    """Return a short burst of both muscles at a tap, and a lift after it."""
    data = session(LIFT + 0.15, LIFT, seconds=11.0)
    tapped = session(TAP, TAP, seconds=11.0, length_s=0.4)
    span = slice(round((TAP - 0.1) * RATE), round((TAP + 0.6) * RATE))
    data[span] = tapped[span]
    return data


def live(
    data: FloatArray, marks: list[tuple[float, str]], *, marked: bool = False
) -> tuple[list[AnalysisEvent], list[int]]:
    """Return what is said when each mark arrives as it happens, and the numbers of the final result."""
    analyser = SessionAnalyser(CHANNELS, RATE, marked=marked)
    said: list[AnalysisEvent] = []
    for start in range(0, len(data), 50):
        while marks and marks[0][0] * RATE <= start:
            analyser.mark(*marks.pop(0))
        said += analyser.push(data[start : start + 50])
    return said, [result.lift.number for result in analyser.finish().lift_results]


def counted(said: list[AnalysisEvent]) -> list[int]:
    return [event.result.lift.number for event in said if isinstance(event, LiftFinished)]


@pytest.mark.parametrize("late_s", [0.0, 0.15])
@pytest.mark.parametrize("kind", ["tap", "contact/GMAX_R", "mvc/BF_R", "practice/R"])
def test_what_is_marked_as_something_else_is_no_lift(kind: str, late_s: float) -> None:
    said, final = live(tap_and_lift(), [(TAP + late_s, kind)])
    assert counted(said) == final
    assert all(event.result.lift.start_s > TAP for event in said if isinstance(event, LiftFinished))


def test_unmarked_activity_next_to_a_tap_counts_live_as_it_does_in_the_end() -> None:
    said, final = live(tap_and_lift(), [(TAP + 0.1, "tap")])
    assert counted(said) == final == [1]
    assert [event.result.reason for event in updates(said) if event.withdrawn] == [OTHER]


@pytest.mark.parametrize("marked", [False, True])
@pytest.mark.parametrize("lift", ["cue/R", "lift/R"])
def test_where_lifts_are_marked_only_these_are_numbered(lift: str, marked: bool) -> None:
    said, final = live(tap_and_lift(), [(LIFT - 0.3, lift)], marked=marked)
    told = [event.lift for event in said if isinstance(event, LiftStarted)]
    assert final == [1]
    assert told[-1].number == counted(said)[-1] == 1
    assert told[-1].source == "event"
    assert len(told) == (1 if marked else 2)


def test_a_first_mark_takes_back_what_was_taken_for_a_lift() -> None:
    said, final = live(tap_and_lift(), [(LIFT + 0.1, "lift/R")])
    assert [event.result.reason for event in updates(said) if event.withdrawn] == [UNMARKED]
    assert counted(said)[-1] == final[-1] == 1


def test_a_lift_that_is_announced_and_then_marked_is_one() -> None:
    said, final = live(session(4.15, 4.0), [(3.6, "cue/R"), (4.1, "lift/R")])
    assert counted(said) == final == [1]


@pytest.mark.parametrize("at_s", [math.nan, math.inf, -1.0])
def test_a_mark_at_no_time_of_the_stream_counts_neither_live_nor_in_the_end(at_s: float) -> None:
    analyser = SessionAnalyser(CHANNELS, RATE)
    for onset_s in (at_s, 3.6):
        analyser.mark(onset_s, "cue/R")
    said = analyser.push(session(4.15, 4.0))
    assert counted(said) == [result.lift.number for result in analyser.finish().lift_results] == [1]
