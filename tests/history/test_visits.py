"""What is found in a folder, and what is read of it."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from emgorder.analysis import read_result
from emgorder.history.index import read_history
from emgorder.history.scan import find_sources
from emgorder.history.visits import people, person_trends, read_saved_result, read_test, trends_with, visit_of
from tests.history.conftest import HOSTILE, make_result, make_test


def test_tests_plain_results_and_those_one_folder_deeper_are_visits(tests: Path) -> None:
    make_result(tests / "plain.json", "heron-12")
    (tests / "2025" / "deep").mkdir(parents=True)
    make_result(tests / "2025" / "old.json", "heron-12")
    make_result(tests / "2025" / "deep" / "too.json", "heron-12")
    ids = {source.id for source in find_sources(tests)}
    assert {"plain.json", "2025/old.json"} < ids
    assert len(ids) == 6


def test_what_is_no_result_is_passed_over(tests: Path, tmp_path: Path) -> None:
    n_before = len(find_sources(tests))
    (tests / "holiday.jpg").write_bytes(b"\xff\xd8")
    (tests / "sidecar.json").write_text('{"pseudonym": "heron-12"}', encoding="ascii")
    (tests / "folder.json").mkdir()
    elsewhere = make_result(tmp_path / "elsewhere.json", "heron-12")
    (tests / "link.json").symlink_to(elsewhere)
    (tests / "linked").symlink_to(tmp_path)
    assert len(find_sources(tests)) == n_before


def test_a_test_is_one_visit_whatever_else_was_saved_in_its_folder(tests: Path) -> None:
    made = make_test(tests, "linnet-3")
    make_result(made / "again.json", "linnet-3")
    assert [v.id for v in read_history(tests).visits if v.person == "linnet-3"] == [made.name]


def test_a_visit_knows_who_when_and_how(tests: Path) -> None:
    visit = people(read_history(tests).visits)["otter-7"][0]
    assert visit.time_s == 1_772_366_400.0
    assert visit.dated
    (side,) = visit.sides
    assert (side.verdict, side.n_valid, side.difference_s) == ("hamstring first", 10, pytest.approx(0.084))
    how = side.conditions
    assert (how.hamstring, how.posture, how.device) == ("BF", "prone, knee straight, hip neutral", "simulation board")
    assert how.instruction.startswith("Lift your straight leg")


@pytest.mark.parametrize(
    ("key", "value", "known"),
    [
        ("RecordingStarted", "2026-03-01T12:00:00+00:00", True),
        ("start_utc", "2026-03-01T12:00:00Z", True),
        ("RecordingStarted", "yesterday", False),
        ("RecordingStarted", "0001-01-01T00:00:00+00:00", False),
        ("RecordingStarted", 7, False),
        ("other", "2026-03-01", False),
    ],
)
def test_the_date_is_that_of_the_recording_else_of_the_file(tmp_path: Path, key: str, value: Any, known: bool) -> None:
    path = make_result(tmp_path / "r.json", "a", **{key: value})
    os.utime(path, (1_000_000_000, 1_000_000_000))
    visit = read_saved_result(path, "r.json")
    assert (visit.time_s, visit.dated) == ((1_772_366_400.0, True) if known else (1_000_000_000.0, False))


def test_a_test_without_a_result_is_unfinished_and_one_that_is_damaged_unreadable(tests: Path) -> None:
    first, second = make_test(tests, "linnet-3", 6), make_test(tests, "linnet-3", 7)
    (first / "result.json").unlink()
    (second / "result.json").write_text('{"schema": "emgorder-result", "schema_ver', encoding="ascii")
    states = [(v.state, bool(v.reason), len(v.sides)) for v in people(read_history(tests).visits)["linnet-3"]]
    assert states == [("unfinished", False, 0), ("unreadable", True, 0)]


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "<script>"},
        {"side": "X"},
        {"n_valid": "many"},
        {"n_valid": -3},
        {"rope_s": None},
        {"rope_s": 1e300},
        {"difference_s": 1e300},
        {"n_valid": None},
    ],
)
def test_a_result_with_values_that_cannot_be_hides_no_other(tests: Path, change: dict[str, Any]) -> None:
    made = make_test(tests, "linnet-3")
    plain = json.loads((made / "result.json").read_text(encoding="utf-8"))
    plain["sides"][0].update(change)
    (made / "result.json").write_text(json.dumps(plain), encoding="ascii")
    history = read_history(tests)
    assert [v.state for v in people(history.visits)["linnet-3"]] == ["unreadable"]
    assert len(history.visits) == 5


@pytest.mark.parametrize(
    "content", ["[" * 100_000, "[]", "7", "{", '{"plan": 3}', '{"plan": {"pseudonym": {"a": 1}}, "started": []}']
)
def test_a_damaged_plan_leaves_the_name_to_the_result(tests: Path, content: str) -> None:
    made = make_test(tests, "linnet-3")
    (made / "test.json").write_text(content, encoding="ascii")
    visit = read_test(made)
    assert (visit.person, visit.state) == ("linnet-3", "finished")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_come_back_from_folder_and_index_as_they_are(tmp_path: Path, name: str) -> None:
    make_result(tmp_path / "r.json", name, Instructions=name, posture=name)
    for _ in range(2):
        (visit,) = read_history(tmp_path).visits
        assert visit.person == name.strip()
        assert len(visit.sides[0].conditions.posture) <= 400
    assert {p.name for p in tmp_path.iterdir()} == {"r.json", "report.html", ".emgorder-index.sqlite"}


def test_trends_are_of_one_side_each_right_before_left(tests: Path) -> None:
    make_result(tests / "left.json", "heron-12", side="L", RecordingStarted="2026-06-01")
    trends = person_trends(people(read_history(tests).visits)["heron-12"])
    assert [(trend.side, len(trend.points)) for trend in trends] == [("R", 3), ("L", 1)]
    kinds = [p.since_previous.kind for p in trends[0].points if p.since_previous]
    assert kinds == ["no change", "change"]


def test_a_result_that_was_saved_twice_is_one_visit_in_the_trend(tests: Path) -> None:
    test = next(p for p in sorted(tests.iterdir()) if p.name.startswith("heron-12_202605"))
    make_result(tests / "again.json", "heron-12", (-90, -120, -60), RecordingStarted="2026-05-01T12:00:09+00:00")
    make_result(tests / "later.json", "heron-12", (-90, -120, -60), RecordingStarted="2026-05-03T12:00:00+00:00")
    visits = people(read_history(tests).visits)["heron-12"]
    (trend,) = person_trends(visits)
    assert len(visits) == 5
    assert len(trend.points) == 4
    kept = next(visit for visit in visits if visit.id == test.name)
    assert trend.points[2].visit is kept.sides[0]


def test_the_same_numbers_under_other_conditions_are_another_visit(tests: Path) -> None:
    for day, posture in (("05-04", "prone"), ("05-04", "standing")):
        when = f"2026-{day}T12:00:00+00:00"
        make_result(tests / f"{posture}.json", "wren-1", (-90, -120, -60), RecordingStarted=when, posture=posture)
    (trend,) = person_trends(people(read_history(tests).visits)["wren-1"])
    assert len(trend.points) == 2
    refused = trend.points[1].since_previous
    assert refused is not None
    assert "posture" in refused.reason


@pytest.mark.parametrize("written", [True, False])
def test_a_result_has_the_same_trends_whether_its_folder_holds_it_or_not(tests: Path, written: bool) -> None:
    make_test(tests, "heron-12", 6, (200, 180, 220))
    test = next(path for path in tests.iterdir() if path.name.startswith("heron-12_202605"))
    result = read_result(test / "result.json")
    result = replace(result, meta={**result.meta, "RecordingStarted": "2026-05-01T12:00:00+00:00"})
    if not written:
        (test / "result.json").unlink()
    visits = read_history(tests).visits
    (in_test,) = trends_with(visits, read_test(test, None, result))
    others = [visit for visit in visits if visit.id != test.name]
    (alone,) = trends_with(others, visit_of(result))
    for trend in (in_test, alone):
        assert [point.visit.difference_s for point in trend.points] == pytest.approx([0.084, 0.060, -0.090])


def test_the_visit_in_question_is_the_last_of_its_day_and_stands_for_its_copies(tests: Path) -> None:
    for name, mean_ms in (("copy", -90), ("other", 20)):
        average_ms = (mean_ms, mean_ms - 30, mean_ms + 30)
        make_result(tests / f"{name}.json", "wren-1", average_ms, RecordingStarted="2026-05-04")
    now = visit_of(read_result(tests / "copy.json"))
    (trend,) = trends_with(read_history(tests).visits, now)
    assert [point.visit.difference_s for point in trend.points] == pytest.approx([0.020, -0.090])
    assert trend.points[-1].visit is now.sides[0]


def test_whoever_has_no_name_has_no_earlier_visits(tests: Path) -> None:
    for month in (3, 4):
        make_result(tests / f"{month}.json", "", RecordingStarted=f"2026-0{month}-01")
    visits = read_history(tests).visits
    now = next(visit for visit in visits if visit.id == "4.json")
    assert [len(trend.points) for trend in trends_with(visits, now)] == [1]


def test_training_mode_is_another_condition(tests: Path) -> None:
    make_test(tests, "heron-12", 6, feedback="training")
    last = person_trends(people(read_history(tests).visits)["heron-12"])[0].points[-1]
    assert last.since_previous is not None
    assert "feedback" in last.since_previous.reason


def test_a_test_that_calls_nothing_together_is_a_visit_like_any_other(tests: Path) -> None:
    made = make_test(tests, "linnet-3")
    plain = json.loads((made / "result.json").read_text(encoding="utf-8"))
    plain["sides"][0]["rope_s"] = plain["settings"]["rope_s"] = 0.0
    (made / "result.json").write_text(json.dumps(plain), encoding="ascii")
    assert [v.state for v in people(read_history(tests).visits)["linnet-3"]] == ["finished"]
