"""Whole guided tests, from home to the report, on simulated sensors in virtual time."""

from __future__ import annotations

import itertools
import json
import math
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import emgorder as eo
from emgorder.acquisition.simulated_sensor import LinkFaults
from emgorder.acquisition.table import simulated_table
from emgorder.errors import RecordingError
from emgorder.guided import Screen
from emgorder.guided import texts as t
from emgorder.guided.screens import Ring
from emgorder.report.words import verdict_sentence
from tests.guided.walking import SEED, Press, Walk, new_guided, only_test, usual, walk


@pytest.fixture(scope="module")
def both_sides(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Walk]:
    folder = tmp_path_factory.mktemp("both")
    return folder, walk(new_guided(folder), lambda screen: usual(screen, both=True, n_lifts=5, quick=False))


def same(a: pd.DataFrame, b: pd.DataFrame) -> bool:
    pd.testing.assert_frame_equal(a, b, check_exact=True)
    return True


def test_the_result_is_that_of_analysing_the_csv(both_sides: tuple[Path, Walk]) -> None:
    test = only_test(both_sides[0])
    result = eo.read_result(test / "result.json")
    again = eo.analyse(eo.read_recording(test / "both.csv"))
    assert same(result.summary, again.summary)
    assert same(result.order, again.order)
    assert sorted(result.summary["side"]) == ["L", "R"]
    assert (result.summary["n_valid"] >= 5).all()


def test_the_result_screen_says_the_verdicts_of_both_sides(both_sides: tuple[Path, Walk]) -> None:
    folder, walked = both_sides
    result = eo.read_result(only_test(folder) / "result.json")
    shown = next(screen for screen in walked.screens if screen.sides)
    for view, side in zip(shown.sides, result.sides, strict=True):
        assert verdict_sentence(side) == " ".join(
            (f"{view.label}: {view.headline[0].lower()}{view.headline[1:]}", *view.details)
        )
        assert view.chart.startswith("<svg")
    assert shown.report == only_test(folder).name
    assert not walked.refusals


def test_the_form_says_how_many_lifts_a_verdict_needs(both_sides: tuple[Path, Walk]) -> None:
    form = next(screen for screen in both_sides[1].screens if screen.step == "new")
    (count,) = [field for field in form.fields if field.name == "n_lifts"]
    assert count.help == "A verdict needs at least 5 that count."


def test_every_step_is_shown_and_marked_in_the_rail(both_sides: tuple[Path, Walk]) -> None:
    steps = list(dict.fromkeys(screen.step for screen in both_sides[1].screens))
    wanted = ["home", "new", "place", "connect", "contact", "rest", "mvc", "practice", "lifts", "other", "report"]
    assert steps == [*wanted, "exercises", "follow"]
    last = next(screen for screen in both_sides[1].screens if screen.step == "follow")
    assert [step.id for step in last.steps if step.status == "now"] == ["follow"]
    assert {step.status for step in last.steps if step.id not in ("follow", "mvc")} == {"done"}


def test_what_is_told_of_both_legs_is_not_headed_by_one(both_sides: tuple[Path, Walk]) -> None:
    headers = {
        step: {s.header for s in both_sides[1].screens if s.step == step} for step in ("lifts", "report", "follow")
    }
    assert headers["lifts"] == {"heron-12 · Right leg · assessment", "heron-12 · Left leg · assessment"}
    assert headers["report"] == headers["follow"] == {"heron-12 · assessment"}


def test_a_simulation_is_named_on_every_screen_after_the_sensors_are_chosen(both_sides: tuple[Path, Walk]) -> None:
    steps = ("contact", "rest", "lifts", "report")
    assert all(screen.simulated for screen in both_sides[1].screens if screen.step in steps)


def test_in_an_assessment_the_order_is_kept_back_until_the_set_is_over(both_sides: tuple[Path, Walk]) -> None:
    during = [s for s in both_sides[1].screens if s.step == "lifts" and s.ring is not None]
    assert any("recorded" in card.line for screen in during for card in screen.cards)
    assert not [c for s in during for c in s.cards if "first" in c.line or c.difference_ms == c.difference_ms]
    assert not any(screen.onsets for screen in during)
    over = [s for s in both_sides[1].screens if s.step == "lifts" and s.ring is None and len(s.cards) >= 5]
    assert any(" ms" in card.line for card in over[-1].cards)


def test_a_tone_comes_with_every_lift(both_sides: tuple[Path, Walk]) -> None:
    events = eo.read_recording(only_test(both_sides[0]) / "both.csv").events["trial_type"]
    n_asked = sum(name.startswith(("cue/", "practice/", "contact/")) for name in events)
    assert sum(tone.kind == "lift" for tone in both_sides[1].tones) == n_asked


def test_strips_show_the_side_that_is_tested_without_a_hole(both_sides: tuple[Path, Walk]) -> None:
    labels = list(dict.fromkeys(traces.labels for traces in both_sides[1].traces))
    assert labels == [("GMAX_R", "BF_R"), ("GMAX_L", "BF_L")]
    traces = both_sides[1].traces
    for before, after in itertools.pairwise(traces):
        assert after.start_s == pytest.approx(before.start_s + len(before.low) * before.step_s)


def test_training_shows_the_order_of_each_lift_at_once(tmp_path: Path) -> None:
    walked = walk(new_guided(tmp_path), lambda screen: usual(screen, mode="training", n_lifts=3))
    during = [s for s in walked.screens if s.step == "lifts" and s.ring is not None]
    assert any(" ms" in card.line for screen in during for card in screen.cards)
    assert any(screen.onsets for screen in during)


def test_a_lift_that_is_taken_back_is_repeated_and_does_not_count(tmp_path: Path) -> None:
    undone: list[int] = []

    def choose(screen: Screen) -> Press | None:
        counted = [card for card in screen.cards if card.counted]
        if screen.step == "lifts" and len(counted) == 2 and not undone and screen.ring is not None:
            undone.append(counted[0].id)
            return f"undo:{counted[0].id}", {}
        return usual(screen, n_lifts=3)

    walked = walk(new_guided(tmp_path), choose)
    test = only_test(tmp_path)
    order = eo.read_result(test / "result.json").order
    assert order["valid"].sum() == 3
    assert order["reason"].tolist().index("taken back") == undone[0] - 1
    assert order["reason"].tolist().count("taken back") == 1
    assert "taken back" in walked.words
    assert same(order, eo.analyse(eo.read_recording(test / "right.csv")).order)


def test_a_note_is_kept_with_its_words(tmp_path: Path) -> None:
    noted: list[int] = []

    def choose(screen: Screen) -> Press | None:
        if screen.step == "rest" and not noted:
            noted.append(1)
            return "note", {"note": "cramp in the <calf>"}
        return usual(screen, n_lifts=1)

    walk(new_guided(tmp_path), choose)
    events = eo.read_recording(only_test(tmp_path) / "right.csv").events
    assert events.loc[events["trial_type"] == "note", "description"].tolist() == ["cramp in the <calf>"]


def test_two_sensors_are_tapped_and_moved_to_the_other_leg(tmp_path: Path) -> None:
    def choose(screen: Screen) -> Press | None:
        pressed = usual(screen, both=True, n_lifts=2)
        if pressed is not None and "sensors" in pressed[1]:
            pressed = pressed[0], {**pressed[1], "sensors": ["emgo1-a", "emgo1-b"]}
        return pressed

    walked = walk(new_guided(tmp_path), choose)
    test = only_test(tmp_path)
    assert sorted(path.name for path in test.glob("*.csv")) == ["left.csv", "right.csv"]
    assert "Clock difference" in walked.words
    assert "OK" in walked.words
    result = eo.read_result(test / "result.json")
    assert [side.side for side in result.sides] == ["R", "L"]
    for side, name in zip(result.sides, ("right.csv", "left.csv"), strict=True):
        assert side.sync.method.startswith("tap")
        (alone,) = eo.analyse(eo.read_recording(test / name)).sides
        assert verdict_sentence(side) == verdict_sentence(alone)


def test_without_a_chosen_sensor_none_is_taken_and_a_choice_stays_chosen(tmp_path: Path) -> None:
    choices = [(), ("emgo1-a",), ("emgo1-a", "emgo1-b")]
    offered: list[tuple[str, ...]] = []

    def choose(screen: Screen) -> Press | None:
        (ticked,) = [field.value for field in screen.fields if field.name == "sensors"] or [None]
        if ticked is not None and choices:
            offered.append(ticked)
            return "use", {"sensors": choices.pop(0)}
        if screen.step == "connect" and [field.name for field in screen.fields] == ["c0"]:  # one sensor for two muscles
            return "back", {}
        return usual(screen, n_lifts=1)

    walked = walk(new_guided(tmp_path), choose)
    assert "No sensor is chosen: tick those on this person." in walked.words
    assert offered == [("emgo1-board",), (), ("emgo1-a",)]
    assert [c.label for c in eo.read_recording(only_test(tmp_path) / "right.csv").channels] == ["GMAX_R", "BF_R"]


def test_a_lift_during_which_a_sensor_is_lost_is_repeated(tmp_path: Path) -> None:
    cut = LinkFaults(interval_s=0.015, latency_s=0.004, cuts=((26.0, 4.0),))

    def make(clock: Any) -> Any:
        return simulated_table(SEED, clock=clock, faults={"emgo1-board": cut})

    walked = walk(new_guided(tmp_path, table=make), lambda screen: usual(screen, n_lifts=3))
    assert "is lost" in walked.words
    order = eo.read_result(only_test(tmp_path) / "result.json").order
    assert order["valid"].sum() == 3
    assert not walked.screens[-1].faults


def test_moving_before_the_tone_is_said_and_asked_for_again(tmp_path: Path) -> None:
    def make(clock: Any) -> Any:
        return simulated_table(SEED, clock=clock, false_start_share=0.6)

    walked = walk(new_guided(tmp_path, table=make), lambda screen: usual(screen, n_lifts=3))
    assert "not counted: moved before the tone" in walked.words
    assert eo.read_result(only_test(tmp_path) / "result.json").order["valid"].sum() == 3


def test_a_muscle_that_is_never_quiet_is_named_with_the_next_step(tmp_path: Path) -> None:
    seen: list[str] = []
    people: list[Any] = []

    def make(clock: Any) -> Any:
        table = simulated_table(SEED, clock=clock)
        people.append(table.person)
        return table

    def choose(screen: Screen) -> Press | None:
        if screen.step == "lifts" and people:  # when rest is known, whenever that is on a busy machine
            for person in people:
                person.disturb("tense", "GMAX_R", 0.0, math.inf)
            people.clear()
        seen.extend(check.text + " " + check.remedy for check in screen.checks if check.state == "attention")
        return usual(screen, n_lifts=2)

    walk(new_guided(tmp_path, table=make), choose)
    tense = [text for text in seen if "still tense. Let the leg go heavy" in text]
    assert tense
    assert all(text.startswith("Glute") for text in tense)  # and the hamstring, where neither is loud just then


def test_an_electrode_that_is_off_is_named(tmp_path: Path) -> None:
    def make(clock: Any) -> Any:
        table = simulated_table(SEED, clock=clock)
        assert table.person is not None
        table.person.disturb("off", "BF_R", 8.0, 4.0)
        return table

    walked = walk(new_guided(tmp_path, table=make), lambda screen: usual(screen, n_lifts=1))
    assert "The hamstring electrode (BF_R) seems to be off" in walked.words


def test_a_full_disk_ends_in_the_report_of_what_was_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from emgorder.io.journal import JournalWriter

    kept = JournalWriter.packet
    written: list[int] = []

    def packet(self: JournalWriter, sensor: str, t_host_s: float, data: bytes) -> None:
        written.append(1)
        if len(written) > 4000:
            raise RecordingError("cannot be written: the disk is full", path=self.path)
        kept(self, sensor, t_host_s, data)

    monkeypatch.setattr(JournalWriter, "packet", packet)
    walked = walk(new_guided(tmp_path), lambda screen: usual(screen, n_lifts=10))
    report = next(screen for screen in walked.screens if screen.step == "report" and screen.buttons)
    assert "the disk is full" in " ".join(check.text for check in report.checks)
    assert report.sides
    assert (only_test(tmp_path) / "right.csv").exists()


def test_pain_and_unfitness_stop_before_anything_is_made(tmp_path: Path) -> None:
    asked: list[str] = []

    def choose(screen: Screen) -> Press | None:
        if screen.step != "new":
            return usual(screen)
        if screen.checks:
            asked.append(screen.checks[0].text)
            return "back", {}
        return usual(screen, pain="9")

    walk(new_guided(tmp_path), choose)
    assert asked
    assert "Pain of 9" in asked[0]
    assert not list(tmp_path.iterdir())


def test_labels_that_cannot_be_right_are_refused_with_the_reason(tmp_path: Path) -> None:
    said: list[str] = []
    wrong = [("GMAX_R", "GMAX_R"), ("GMAX_R", "")]

    def choose(screen: Screen) -> Press | None:
        if screen.instruction != t.ASSIGN_INSTRUCTION:
            return ("back", {}) if said and screen.step in ("connect", "place", "new") else usual(screen)
        said.extend(check.text for check in screen.checks if check.state == "attention")
        if not wrong:
            return "back", {}
        glute, hamstring = wrong.pop(0)
        return "next", {"c0": glute, "c1": hamstring}

    walk(new_guided(tmp_path), choose)
    assert said == [t.TWICE.format(label="glute right (GMAX)"), t.NEED_PAIR.format(side=t.SIDES["R"])]
    assert not list(tmp_path.iterdir())


def test_exercises_are_saved_with_the_test(tmp_path: Path) -> None:
    def choose(screen: Screen) -> Press | None:
        pressed = usual(screen, n_lifts=1)
        if pressed is not None and screen.step == "exercises":
            return pressed[0], {"exercises": ["clams", "<script>"]}
        return pressed

    walk(new_guided(tmp_path), choose)
    assert json.loads((only_test(tmp_path) / "test.json").read_text())["exercises"] == ["clams"]
    page = (only_test(tmp_path) / "report.html").read_text(encoding="utf-8")
    assert "<bdi>clams</bdi>" in page
    assert "not prescribed by this result" in page


def test_back_from_the_lifts_loses_nothing(tmp_path: Path) -> None:
    went: list[str] = []

    def choose(screen: Screen) -> Press | None:
        if screen.step == "lifts" and len(went) < 5 and any(b.do == "back" for b in screen.buttons):
            went.append("lifts")
        if 0 < len(went) < 6 and screen.step in ("lifts", "practice", "mvc", "rest", "contact") and screen.ring is None:
            if any(b.do == "back" for b in screen.buttons):
                went.append(screen.step)
                return "back", {}
        return usual(screen, n_lifts=1)

    walk(new_guided(tmp_path), choose)
    assert "contact" in went
    test = only_test(tmp_path)
    assert len(list(test.glob("*.emgj"))) == len(list(test.glob("*.csv")))
    assert (test / "result.json").exists()


def test_the_follow_up_says_what_has_changed_since_the_last_comparable_test(tmp_path: Path) -> None:
    def follow(walked: Walk) -> Screen:
        return next(screen for screen in walked.screens if screen.step == "follow")

    first = follow(walk(new_guided(tmp_path), lambda screen: usual(screen, n_lifts=5)))
    assert not [line for line in first.lines if line.startswith("Right leg")]
    again = follow(walk(new_guided(tmp_path, seed=SEED + 1), lambda screen: usual(screen, n_lifts=5)))
    (line,) = [line for line in again.lines if line.startswith("Right leg")]
    assert re.match(
        r"Right leg: Since \d{4}-\d\d-\d\d: \d+ ms towards (glute|hamstring) first \[.*measurement error", line
    )
    other = follow(walk(new_guided(tmp_path, seed=SEED + 2), lambda screen: usual(screen, n_lifts=5, hamstring="ST")))
    (line,) = [line for line in other.lines if line.startswith("Right leg")]
    assert "Not compared" in line
    assert "the recorded hamstring differs (biceps femoris, then semitendinosus)" in line


def test_a_set_with_a_cue_has_a_result_of_its_own(tmp_path: Path) -> None:
    def choose(screen: Screen) -> Press | None:
        if any(button.do == "cued" for button in screen.buttons):
            return "cued", {}
        return usual(screen, n_lifts=2)

    walked = walk(new_guided(tmp_path), choose)
    test = only_test(tmp_path)
    assert sorted(path.name for path in test.glob("*.csv")) == ["right-cued.csv", "right.csv"]
    assert "Squeeze your buttock first" in eo.read_recording(test / "right-cued.csv").meta["Instructions"]
    last = [screen for screen in walked.screens if screen.sides][-1]
    assert [view.label for view in last.sides] == ["RIGHT", "RIGHT, buttock squeezed first"]
    page = (test / "report.html").read_text(encoding="utf-8")
    assert "With a cue: squeeze the buttock first" in page
    for name in ("right", "right-cued"):
        saved = eo.read_result(test / f"result{name.removeprefix('right')}.json")
        assert same(saved.summary, eo.analyse(eo.read_recording(test / f"{name}.csv")).summary)


def test_a_pause_in_the_foreperiod_begins_the_lift_anew(tmp_path: Path) -> None:
    pressed: list[str] = []
    told: list[str] = []

    def choose(screen: Screen) -> Press | None:
        offered = {button.do for button in screen.buttons}
        if "resume" in offered and pressed == ["pause"]:
            pressed.append("moved")
            return "moved", {}
        if "resume" in offered:
            told.extend(screen.lines)
            pressed.append("resume")
            return "resume", {}
        if not pressed and screen.step == "lifts" and screen.ring is not None and screen.ring.phase == "foreperiod":
            pressed.append("pause")
            return "pause", {}
        return usual(screen, n_lifts=1)

    walk(new_guided(tmp_path), choose)
    assert pressed == ["pause", "moved", "resume"]
    assert told == ["Noted that an electrode was moved: the full efforts before it no longer count."]
    events = eo.read_recording(only_test(tmp_path) / "right.csv").events["trial_type"].tolist()
    after = events[events.index("pause") + 1 :]
    assert after[0] == "moved"
    assert after.index("relax/R") < after.index("cue/R")


def test_after_a_set_it_is_said_what_the_lifts_say_so_far(both_sides: tuple[Path, Walk]) -> None:
    said = [line for s in both_sides[1].screens if s.step == "lifts" for line in s.lines if line.startswith("So far")]
    assert {line.split()[2] for line in said} == {"RIGHT:", "LEFT:"}


def test_what_is_said_so_far_says_that_the_result_may_differ(both_sides: tuple[Path, Walk]) -> None:
    said = [s.lines for s in both_sides[1].screens if s.step == "lifts" and any("So far" in line for line in s.lines)]
    assert said
    assert all(lines[-1].endswith("and may differ a little.") for lines in said)


def test_stopping_keeps_what_was_recorded(tmp_path: Path) -> None:
    def choose(screen: Screen) -> Press | None:
        if screen.step == "lifts" and sum(card.counted for card in screen.cards) == 1:
            return "stop", {}
        return usual(screen, n_lifts=5)

    walked = walk(new_guided(tmp_path), choose)
    assert eo.read_result(only_test(tmp_path) / "result.json").order["valid"].sum() >= 1
    assert any(screen.sides for screen in walked.screens)


def test_back_from_the_place_of_the_other_leg_keeps_the_first(tmp_path: Path) -> None:
    went: list[str] = []

    def choose(screen: Screen) -> Press | None:
        pressed = usual(screen, both=True, n_lifts=1)
        if pressed is not None and "sensors" in pressed[1]:
            pressed = pressed[0], {**pressed[1], "sensors": ["emgo1-a", "emgo1-b"]}
        if screen.step == "place" and "left" in screen.instruction:
            went.append("back")
            return "back", {}
        if went and screen.step in ("connect", "other"):
            return (
                ("skip", {})
                if any(b.do == "skip" for b in screen.buttons)
                else ("back", {})
                if screen.step == "connect"
                else pressed
            )
        if went and screen.step in ("place", "new"):
            return "back", {}
        return pressed

    walk(new_guided(tmp_path), choose)
    assert went
    assert (only_test(tmp_path) / "right.emgj").exists()


@pytest.mark.parametrize(("sensors", "first"), [(("emgo1-board",), "contact"), (("emgo1-a", "emgo1-b"), "place")])
def test_back_from_the_first_step_of_the_other_leg_asks_again_whether_it_comes(
    tmp_path: Path, sensors: tuple[str, ...], first: str
) -> None:
    went: list[str] = []

    def choose(screen: Screen) -> Press | None:
        pressed = usual(screen, both=True, n_lifts=1)
        if pressed is not None and "sensors" in pressed[1]:
            pressed = pressed[0], {**pressed[1], "sensors": sensors}
        if "Left leg" in screen.header and not went and any(button.do == "back" for button in screen.buttons):
            went.append(screen.step)
            return "back", {}
        return pressed

    walked = walk(new_guided(tmp_path), choose)
    assert went == [first]
    steps = [step for step, _ in itertools.groupby(screen.step for screen in walked.screens)]
    assert steps[steps.index("other") :][:4] == ["other", first, "other", first]
    names = ["both.csv"] if first == "contact" else ["left.csv", "right.csv"]
    assert sorted(path.name for path in only_test(tmp_path).glob("*.csv")) == names


def test_back_from_the_first_place_keeps_the_form_and_leaves_nothing_on_the_disk(tmp_path: Path) -> None:
    forms: list[dict[str, Any]] = []

    def choose(screen: Screen) -> Press | None:
        if screen.step == "place":
            return "back", {}
        if screen.step == "new":
            forms.append({field.name: field.value for field in screen.fields})
            return ("back", {}) if len(forms) > 1 else usual(screen, pseudonym="otter-7", side="L")
        return usual(screen)

    walk(new_guided(tmp_path), choose)
    assert (forms[-1]["pseudonym"], forms[-1]["side"], forms[-1]["fit"]) == ("otter-7", "L", True)
    assert not list(tmp_path.iterdir())


def test_a_recording_that_ends_while_the_other_side_is_asked_for_leads_to_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from emgorder.io.journal import JournalWriter

    full: list[bool] = []
    kept = JournalWriter.packet

    def packet(self: JournalWriter, sensor: str, t_host_s: float, data: bytes) -> None:
        if full:
            raise RecordingError("cannot be written: the disk is full", path=self.path)
        kept(self, sensor, t_host_s, data)

    def choose(screen: Screen) -> Press | None:
        if screen.step == "other":
            full.append(True)
            return None
        return usual(screen, both=True, n_lifts=1)

    monkeypatch.setattr(JournalWriter, "packet", packet)
    walked = walk(new_guided(tmp_path), choose)
    report = next(screen for screen in walked.screens if screen.step == "report" and screen.buttons)
    assert "the disk is full" in " ".join(check.text for check in report.checks)
    assert report.sides


def test_a_lift_of_the_other_leg_is_not_taken_back(tmp_path: Path) -> None:
    pressed: list[str] = []

    def choose(screen: Screen) -> Press | None:
        over = screen.step == "lifts" and screen.ring is None and any(b.do == "more" for b in screen.buttons)
        if over and "left leg" in screen.title:
            if any(b.do == "undo" for b in screen.buttons):
                pressed.append(screen.instruction)
                return "undo", {}
            pressed.append(screen.instruction)
        return usual(screen, both=True, n_lifts=1)

    walk(new_guided(tmp_path), choose)
    first, last = dict.fromkeys(pressed)
    assert first == "Left leg: 1 lift counted."
    assert last == "0 of 1 lifts counted (1 tried). More can be done, or go on."
    order = eo.read_result(only_test(tmp_path) / "result.json").order
    assert order.groupby("side")["valid"].sum().to_dict() == {"L": 0, "R": 1}


def test_moving_early_in_practice_is_said(tmp_path: Path) -> None:
    def make(clock: Any) -> Any:
        return simulated_table(SEED, clock=clock, false_start_share=1.0)

    def choose(screen: Screen) -> Press | None:
        if screen.step == "lifts":
            return "stop", {}
        return usual(screen, n_lifts=1, quick=screen.step != "practice")

    walked = walk(new_guided(tmp_path, table=make), choose)
    assert "Practice 1/3 · moved before the tone" in walked.words


@pytest.mark.parametrize("step", ["contact", "mvc"])
def test_an_effort_that_is_broken_off_is_asked_for_again_and_taken_back_in_the_recording(
    tmp_path: Path, step: str
) -> None:
    broken: list[str] = []
    asked: list[str] = []

    def choose(screen: Screen) -> Press | None:
        if screen.step == step and screen.ring is not None and screen.ring.phase == "work" and not broken:
            broken.append(screen.instruction)
            return "cancel", {}
        if screen.step == step and any(button.do == "start" for button in screen.buttons):
            if len(asked) == 3:
                return "skip", {}
            asked.append(screen.instruction)
            return "start", {}
        return usual(screen, n_lifts=1)

    walk(new_guided(tmp_path), choose)
    first = 1 if step == "mvc" else 0  # full efforts are offered before the first is asked for
    assert asked[first] == asked[first + 1]
    events = eo.read_recording(only_test(tmp_path) / "right.csv").events
    taken_back = events[events["trial_type"] == "undo/GMAX_R"]
    assert taken_back["description"].tolist() == ["broken off"]
    begun = events.loc[events["trial_type"] == f"{step}/GMAX_R", "onset"].tolist()
    assert len(begun) == 2
    assert taken_back["onset"].tolist() == begun[:1]


@pytest.mark.parametrize("step", ["contact", "rest", "mvc"])
def test_what_is_measured_while_a_sensor_is_lost_is_not_judged_but_asked_for_again(tmp_path: Path, step: str) -> None:
    tables: list[Any] = []
    said: list[str] = []

    def make(clock: Any) -> Any:
        tables.append(simulated_table(SEED, clock=clock))
        return tables[-1]

    def cut(shown: object) -> None:
        if isinstance(shown, Screen) and shown.step == step and shown.ring is not None and tables:
            if shown.ring.label == ("Rest" if step == "rest" else "Now"):
                tables.pop().transport.cut("emgo1-board", 2.0)

    def choose(screen: Screen) -> Press | None:
        if screen.step != step or screen.ring is not None:
            return usual(screen, n_lifts=1)
        said.extend(f"{check.state}: {check.text}" for check in screen.checks)
        again = any(check.text == t.LOST_MEANWHILE for check in screen.checks)
        offered = {button.do for button in screen.buttons}
        if screen.faults and again:
            return None
        if "start" in offered and (again or len(said) == 0):
            return "start", {}
        return ("skip" if "skip" in offered else "next"), {}

    guided = new_guided(tmp_path, table=make)
    guided.listen(cut)
    walk(guided, choose)
    assert said[0] == f"attention: {t.LOST_MEANWHILE}"
    assert said[-1].startswith("ok: ")
    assert not [text for text in said if "nothing came" in text or "tense" in text]
    events = eo.read_recording(only_test(tmp_path) / "right.csv").events
    undone = events[events["trial_type"] == "undo/GMAX_R"]
    assert len(undone) == (step != "rest")
    assert step == "rest" or undone["description"].tolist() == ["sensor lost meanwhile"]


@pytest.mark.parametrize("do", ["back", "stop"])
def test_full_efforts_can_be_left_at_each_trial(tmp_path: Path, do: str) -> None:
    left: list[str] = []

    def choose(screen: Screen) -> Press | None:
        if screen.step == "mvc" and "trial 1" in screen.instruction and not left:
            left.append(screen.instruction)
            return do, {}
        if screen.step == "mvc" and not left:
            return "start", {}
        return usual(screen, n_lifts=1)

    walked = walk(new_guided(tmp_path), choose)
    assert left
    assert not walked.refusals
    steps = [screen.step for screen in walked.screens]
    after = steps[steps.index("mvc") :]
    assert ("rest" if do == "back" else "report") in after


def test_after_a_pause_the_ring_goes_on_where_it_was(tmp_path: Path) -> None:
    rings: list[Ring] = []
    resumed: list[Screen] = []

    def choose(screen: Screen) -> Press | None:
        ring, offered = screen.ring, {button.do for button in screen.buttons}
        if screen.step == "lifts" and ring is not None and ring.label == "Rest" and ring.length_s > 1 and not rings:
            rings.append(ring)
            return "pause", {}
        if "resume" in offered:
            return "resume", {}
        if rings and not resumed and "pause" in offered:
            resumed.append(screen)
        return usual(screen, n_lifts=2)

    walk(new_guided(tmp_path), choose)
    events = eo.read_recording(only_test(tmp_path) / "right.csv").events
    assert "pause" in events["trial_type"].tolist()
    assert resumed[0].ring is not None
    assert resumed[0].ring.length_s == rings[0].length_s
    assert resumed[0].ring.start_s > rings[0].start_s


def test_the_lift_that_lasts_can_be_taken_back(tmp_path: Path) -> None:
    taken: list[int] = []

    def choose(screen: Screen) -> Press | None:
        (waiting,) = [card for card in screen.cards if card.state == "wait"] or [None]
        if waiting is not None and screen.step == "lifts" and not taken:
            assert any(button.do == "undo" for button in screen.buttons)
            taken.append(waiting.id)
            return f"undo:{waiting.id}", {}
        return usual(screen, n_lifts=2)

    walked = walk(new_guided(tmp_path), choose)
    assert not walked.refusals
    reasons = eo.read_result(only_test(tmp_path) / "result.json").order["reason"].tolist()
    assert reasons[0] == "taken back"
    assert reasons.count("taken back") == 1
    assert len(reasons) >= 3  # one that was not seen live, as on a busy machine, is asked for again


def test_lifts_count_as_recorded_where_the_live_analysis_has_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(eo.SessionAnalyser):
        def push(self, data: object) -> list[eo.AnalysisEvent]:
            raise ZeroDivisionError("oops")

    monkeypatch.setattr("emgorder.guided.engine.SessionAnalyser", Broken)
    walked = walk(new_guided(tmp_path), lambda screen: usual(screen, n_lifts=5))
    assert "The live display of lifts has stopped" in walked.words
    assert "not counted" not in walked.words
    test = only_test(tmp_path)
    order = eo.read_result(test / "result.json").order
    assert len(order) == 5
    assert same(order, eo.analyse(eo.read_recording(test / "right.csv")).order)
