"""Earlier tests: listed, opened, finished, played again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import emgorder as eo
from emgorder.guided import GuidedTest, Screen
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


def test_a_recording_from_elsewhere_is_played(finished: Path, tmp_path: Path) -> None:
    csv = only_test(finished) / "right.csv"
    walked = walk(
        new_guided(tmp_path, replay=csv, simulate=False), lambda s: ("home", {}) if s.sides else None, homes=0
    )
    assert any(screen.sides for screen in walked.screens)
