"""Earlier tests: listed, opened, finished, played again."""

from __future__ import annotations

import errno
import json
import shutil
from pathlib import Path

import pytest

import emgorder as eo
from emgorder import files
from emgorder.guided import GuidedTest, Screen
from emgorder.guided.after_steps import past_test
from emgorder.guided.finish import finish_test
from emgorder.guided.stored import load_result
from emgorder.history.places import StoredTest, list_tests, read_about
from emgorder.report.words import verdict_sentence
from tests.guided.walking import Press, Walk, new_guided, only_test, usual, walk


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished")
    walk(new_guided(folder), lambda screen: usual(screen, n_lifts=5))
    return folder


def visit(folder: Path, action: str) -> Walk:
    """Press an action of the one earlier test, then go home."""

    def choose(screen: Screen) -> Press | None:
        if screen.step == "home" and screen.checks:  # it could not be done, and home was never left
            return "quit", {}
        if screen.step == "home":
            wanted = [a.do for past in screen.past for a in past.actions if a.do.startswith(action)]
            return (wanted[0], {}) if wanted else None
        return ("home", {}) if any(b.do == "home" for b in screen.buttons) else None

    return walk(new_guided(folder), choose)


def test_a_finished_test_is_listed_with_its_verdict(finished: Path) -> None:
    (past,) = visit(finished, "open").screens[0].past
    (side,) = eo.read_result(only_test(finished) / "result.json").sides
    assert past.lines == (verdict_sentence(side),)
    assert past.state == "finished"
    assert past.pseudonym == "heron-12"


def test_an_earlier_test_opens_with_its_report(finished: Path) -> None:
    shown = next(screen for screen in visit(finished, "open").screens if screen.step == "report")
    assert shown.sides
    assert shown.simulated
    assert shown.report == only_test(finished).name
    assert "<html" in GuidedTest(finished).report(shown.report)


@pytest.mark.parametrize("id", ["../secret", "nobody_20200101-000000", "", "a/b"])
def test_a_report_of_no_test_is_refused(finished: Path, id: str) -> None:
    with pytest.raises(eo.RecordingError, match="there is no test"):
        GuidedTest(finished).report(id)


@pytest.mark.parametrize("speed", ["replay1", "replay4"])
def test_a_replay_shows_the_lifts_and_ends_in_the_same_verdict(finished: Path, speed: str) -> None:
    walked = visit(finished, speed)
    (side,) = eo.read_result(only_test(finished) / "result.json").sides
    shown = next(screen for screen in walked.screens if screen.sides)
    assert shown.replayed
    assert all(screen.simulated for screen in walked.screens if screen.step == "lifts")
    assert verdict_sentence(side).endswith(" ".join(shown.sides[0].details))
    cards = [screen.cards for screen in walked.screens if screen.step == "lifts"][-1]
    assert len(cards) == side.n_lifts
    assert walked.traces
    assert sum(tone.kind == "lift" for tone in walked.tones) >= side.n_lifts


def test_a_test_that_was_killed_can_be_finished(finished: Path, tmp_path: Path) -> None:
    test = tmp_path / only_test(finished).name
    test.mkdir()
    shutil.copy(only_test(finished) / "right.emgj", test)
    shutil.copy(only_test(finished) / "test.json", test)
    torn = (test / "right.emgj").read_bytes()
    (test / "right.emgj").write_bytes(torn[: len(torn) - 1000])
    walked = visit(tmp_path, "finish")
    assert walked.screens[0].past[0].state == "unfinished"
    assert any(screen.sides for screen in walked.screens)
    assert (test / "result.json").exists()


def test_a_damaged_result_is_named_and_hides_no_other(finished: Path, tmp_path: Path) -> None:
    shutil.copytree(only_test(finished), tmp_path / only_test(finished).name)
    bad = tmp_path / "otter-10_20200101-000000"
    bad.mkdir()
    (bad / "result.json").write_text("{", encoding="ascii")
    (tmp_path / "holiday.jpg").write_bytes(b"")
    past = visit(tmp_path, "open").screens[0].past
    assert [test.state for test in past] == ["finished", "unreadable"]
    assert past[1].lines[0].startswith("Cannot be read")


@pytest.mark.parametrize("do", ["open", "replay4"])
def test_an_earlier_test_says_whose_it_is_and_when_it_was(finished: Path, do: str) -> None:
    walked = visit(finished, do)
    (past, *_) = next(screen for screen in walked.screens if screen.past).past
    shown = [screen.header for screen in walked.screens if screen.step in ("lifts", "report")]
    assert set(shown) == {f"{past.pseudonym} · {past.when}"}
    assert not any(screen.header for screen in walked.screens if screen.step == "home")


def test_a_recording_from_elsewhere_is_played(finished: Path, tmp_path: Path) -> None:
    csv = only_test(finished) / "right.csv"
    walked = walk(
        new_guided(tmp_path, replay=csv, simulate=False), lambda s: ("home", {}) if s.sides else None, homes=0
    )
    assert any(screen.sides for screen in walked.screens)


def replayed(folder: Path, recording: Path) -> tuple[GuidedTest, Screen]:
    guided = new_guided(folder, replay=recording, simulate=False)
    walked = walk(guided, lambda s: ("home", {}) if s.sides else None, homes=0)
    return guided, next(screen for screen in walked.screens if screen.sides)


def test_the_report_of_a_replay_is_that_of_the_file(finished: Path, tmp_path: Path) -> None:
    shutil.copy(only_test(finished) / "right.csv", tmp_path / "mine.csv")
    shutil.copy(only_test(finished) / "right.json", tmp_path / "mine.json")
    (tmp_path / "report.html").write_text("of something else", encoding="ascii")
    guided, shown = replayed(tmp_path / "tests", tmp_path / "mine.csv")
    (side,) = eo.analyse(eo.read_recording(tmp_path / "mine.csv")).sides
    assert shown.sides[0].details[0] in guided.report(shown.report)
    assert verdict_sentence(side).endswith(" ".join(shown.sides[0].details))


def test_a_test_of_two_recordings_is_played_whole(tmp_path: Path) -> None:
    def choose(screen: Screen) -> Press | None:
        pressed = usual(screen, both=True, n_lifts=1)
        if pressed is not None and "sensors" in pressed[1]:
            pressed = pressed[0], {**pressed[1], "sensors": ["emgo1-a", "emgo1-b"]}
        return pressed

    walk(new_guided(tmp_path), choose)
    walked = visit(tmp_path, "replay1")
    assert {s.instruction for s in walked.screens if s.step == "lifts"} == {"Replay of right", "Replay of left"}
    saved = eo.read_result(only_test(tmp_path) / "result.json")
    shown = next(screen for screen in walked.screens if screen.sides)
    assert [view.label for view in shown.sides] == ["RIGHT", "LEFT"]
    for view, side in zip(shown.sides, saved.sides, strict=True):
        assert verdict_sentence(side).endswith(" ".join(view.details))


def test_a_replay_whose_recording_is_gone_says_so_at_home(finished: Path, tmp_path: Path) -> None:
    test = tmp_path / only_test(finished).name
    shutil.copytree(only_test(finished), test)

    def choose(screen: Screen) -> Press | None:
        offered = [a.do for past in screen.past for a in past.actions if a.do.startswith("replay1")]
        if screen.checks:  # this is home again, which was never left
            return "quit", {}
        if not offered:
            return None
        (test / "right.emgj").unlink()
        return offered[0], {}

    walked = walk(new_guided(tmp_path), choose)
    assert "There is no recording of this test any more" in walked.words


def test_a_fault_of_the_program_leads_home_and_the_next_test_can_begin(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copytree(only_test(finished), tmp_path / only_test(finished).name)

    def broken(*_: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("emgorder.guided.test.load_cued", broken)
    walked = visit(tmp_path, "open")
    (check,) = next(screen.checks for screen in walked.screens if screen.checks)
    assert "fault of the program (ZeroDivisionError: oops)" in check.text
    assert "kept" in check.remedy
    assert "a test ended by a fault" in caplog.text


def test_finishing_writes_each_file_once_and_the_result_knows_of_earlier_visits(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = tmp_path / only_test(finished).name
    shutil.copytree(only_test(finished), test)
    before = tmp_path / "heron-12_20200101-000000"
    shutil.copytree(test, before)
    about = json.loads((before / "test.json").read_text(encoding="utf-8"))
    (before / "test.json").write_text(json.dumps({**about, "started": "2020-01-01T00:00:00+00:00"}), encoding="utf-8")
    (test / "result.json").unlink()
    written: list[str] = []
    real = files.replace_files

    def noting(contents: dict[Path, object]) -> object:
        written.extend(path.name for path in contents)
        return real(contents)  # type: ignore[arg-type]

    for module in ("analysis.serialise", "report.html"):
        monkeypatch.setattr(f"emgorder.{module}.replace_files", noting)
    done = finish_test(StoredTest(test.name, test, read_about(test)), eo.Settings())
    assert not done.problems
    assert written == ["result.json", "report.html"]
    assert [path.name for path in done.files][-2:] == written
    said = json.loads((test / "result.json").read_text(encoding="utf-8"))["report"]
    assert any("2020-01-01" in sentence for sentence in said["follow_up"]["R"])


def test_a_plan_that_is_damaged_ends_no_test(finished: Path, tmp_path: Path) -> None:
    bad = tmp_path / "otter-10_20200101-000000"
    shutil.copytree(only_test(finished), bad)
    (bad / "test.json").write_text('{"plan": [1], "started": 5}', encoding="ascii")
    walked = walk(new_guided(tmp_path), lambda screen: usual(screen, n_lifts=1))
    assert [screen for screen in walked.screens if screen.step == "follow"]


def test_verdicts_of_earlier_tests_are_read_once_and_again_when_the_result_changes(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = tmp_path / only_test(finished).name
    shutil.copytree(only_test(finished), test)
    first = past_test(*list_tests(tmp_path))
    read: list[int] = []

    def counting(stored: StoredTest) -> object:
        read.append(1)
        return load_result(stored)

    monkeypatch.setattr("emgorder.guided.after_steps.load_result", counting)
    assert past_test(*list_tests(tmp_path)) == first
    assert not read
    with (test / "result.json").open("a", encoding="ascii") as file:
        file.write("\n")
    assert past_test(*list_tests(tmp_path)) == first
    assert read == [1]


def test_a_folder_that_cannot_be_read_is_said_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(self: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", forbidden)
    walked = walk(new_guided(tmp_path), homes=0)
    assert "cannot be read (Permission denied)" in walked.words
