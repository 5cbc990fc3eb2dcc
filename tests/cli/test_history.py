"""``emgorder history`` as its users meet it."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from emgorder.cli import main
from emgorder.history.index import INDEX
from tests.history.conftest import HOSTILE, make_result, make_test


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tests = tmp_path / "tests"
    tests.mkdir()
    make_test(tests, "heron-12", 3)
    make_test(tests, "heron-12", 4, (60, 20, 100))
    make_test(tests, "heron-12", 5, (-90, -120, -60))
    make_test(tests, "otter-7", 3, ManufacturersModelName="armband")
    return tests


class Terminal(io.StringIO):
    """Somebody who types."""

    def isatty(self) -> bool:
        return True


def test_everybody_is_listed_with_verdicts_and_changes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", str(folder)]) == 0
    printed = capsys.readouterr()
    assert f"{folder}: 4 visits of 2 people" in printed.out
    assert "RIGHT: hamstring first · hamstring 84 ms [45 to 123] · 10 of 10 lifts" in printed.out
    assert "RIGHT: Since 2026-04-01: 150 ms towards glute first" in printed.out
    assert "RIGHT: Over the whole time, since 2026-03-01: 174 ms towards glute first" in printed.out
    assert "Not a diagnosis." in printed.out
    assert "index was made anew" in printed.err
    assert main(["history", str(folder)]) == 0
    assert "up to date" in capsys.readouterr().err


def test_one_person_is_shown_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", str(folder), "--person", "otter-7"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("otter-7\n")
    assert "heron" not in printed


def test_small_changes_and_refusals_are_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_test(folder, "linnet-3", 3)
    make_test(folder, "linnet-3", 4, (70, 30, 110))
    make_test(folder, "otter-7", 5)
    main(["history", str(folder)])
    printed = capsys.readouterr().out
    assert "14 ms towards glute first [-59 to 87]: smaller than measurement error: treat as no change." in printed
    assert "Not compared with 2026-03-01: the device differs (simulation armband, then simulation board)." in printed


def test_the_page_and_the_json_hold_the_same_changes(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, plain = tmp_path / "page.html", tmp_path / "history.json"
    assert main(["history", str(folder), "--person", "heron-12", "--html", str(page), "--json", str(plain)]) == 0
    (person,) = json.loads(plain.read_text(encoding="utf-8"))["people"]
    shown = " ".join(ElementTree.fromstring(page.read_text(encoding="utf-8")).itertext())
    printed = capsys.readouterr().out
    assert len(person["trends"][0]["sentences"]) == 2
    for sentence in person["trends"][0]["sentences"]:
        assert sentence in shown
        assert sentence in printed
    assert [visit["when"] for visit in person["visits"]] == [f"2026-0{m}-01T12:00:00+00:00" for m in (3, 4, 5)]
    assert person["visits"][0]["files"] == ["report.html", "result.json", "right.csv", "right.json", "test.json"]
    assert [p["since_previous"] and p["since_previous"]["kind"] for p in person["trends"][0]["points"]] == [
        None,
        "no change",
        "change",
    ]
    assert "<svg" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--html", "x.html"], "--html: is of one person"),
        (["--export", "x.zip"], "--export: is of one person"),
        (["--delete", "--yes"], "--delete: is of one person"),
        (["--person", "linnet-3"], "nothing of 'linnet-3' here"),
        (["--person", "linnet-3", "--delete", "--yes"], "nothing of 'linnet-3' here"),
        (["--person", " ", "--delete", "--yes"], "--person: is empty"),
        (["--person", " "], "--person: is empty"),
    ],
)
def test_what_makes_no_sense_is_refused(
    folder: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["history", str(folder), *arguments]) == 2
    assert words in capsys.readouterr().err
    assert len(list(folder.glob("*/result.json"))) == 4


def test_a_folder_that_is_not_there_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", str(tmp_path / "nowhere")]) == 2
    assert "nowhere" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    assert main(["history", str(tmp_path / "file")]) == 2


def test_an_empty_folder_has_no_tests_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", str(tmp_path)]) == 0
    assert "no tests" in capsys.readouterr().out


def test_without_a_folder_the_usual_one_is_taken(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("emgorder.cli.history.default_folder", lambda: folder)
    assert main(["history"]) == 0
    assert "4 visits" in capsys.readouterr().out
    monkeypatch.setattr("emgorder.cli.history.default_folder", lambda: folder / "nowhere")
    assert main(["history"]) == 2
    assert "not there yet" in capsys.readouterr().err


def test_deleting_asks_and_takes_only_yes(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["history", str(folder), "--person", "heron-12", "--delete"]
    for answer in ("", "n\n", "y\n", "heron-12\n"):
        monkeypatch.setattr(sys, "stdin", Terminal(answer))
        assert main(command) == 0
        printed = capsys.readouterr().out
        assert "Delete 15 files of heron-12" in printed
        assert "Nothing was deleted." in printed
    assert len(list(folder.glob("heron-12_*"))) == 3
    monkeypatch.setattr(sys, "stdin", Terminal("yes\n"))
    assert main(command) == 0
    assert "Deleted 15 files of heron-12." in capsys.readouterr().out
    assert {p.name.split("_")[0] for p in folder.iterdir() if p.is_dir()} == {"otter-7"}


def test_nobody_to_ask_means_nothing_is_deleted(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n"))
    assert main(["history", str(folder), "--person", "heron-12", "--delete"]) == 2
    assert "add --yes" in capsys.readouterr().err
    assert len(list(folder.glob("heron-12_*"))) == 3


def test_export_and_delete_together_export_first(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["history", str(folder), "--person", "heron-12", "--delete", "--yes", "--export"]
    assert main([*command, str(folder / "inside.zip")]) == 2
    assert len(list(folder.glob("heron-12_*"))) == 3
    assert main([*command, str(tmp_path / "out.zip")]) == 0
    assert "Exported 15 files" in capsys.readouterr().out
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert len(archive.namelist()) == 15
    assert not list(folder.glob("heron-12_*"))


def test_a_damaged_index_is_said_and_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["history", str(folder)])
    right = capsys.readouterr().out
    (folder / INDEX).write_bytes(b"no database" * 100)
    assert main(["history", str(folder)]) == 0
    printed = capsys.readouterr()
    assert printed.out == right
    assert "damaged" in printed.err


def test_unfinished_unreadable_and_nameless_visits_are_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (make_test(folder, "linnet-3", 6) / "result.json").unlink()
    (make_test(folder, "linnet-3", 7) / "result.json").write_text("{", encoding="ascii")
    make_result(folder / "nameless.json", "")
    assert main(["history", str(folder), "--rebuild"]) == 0
    printed = capsys.readouterr().out
    assert "not finished" in printed
    assert "cannot be read" in printed
    assert "Without a pseudonym" in printed
    assert "(date of the file)" in printed


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_harmless_on_screen_in_json_and_on_the_page(
    folder: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    make_test(folder, name, 6, Instructions=name, posture=name)
    make_test(folder, name, 7, Instructions=name + "b", posture=name)
    page, plain = tmp_path / "page.html", tmp_path / "history.json"
    assert main(["history", str(folder), "--person", name, "--html", str(page), "--json", str(plain)]) == 0
    printed = capsys.readouterr().out
    assert not set(printed) & set("\x1b\u202e\udcff")
    assert max(len(line) for line in printed.splitlines()) < 600
    tags = {item.tag for item in ElementTree.fromstring(page.read_text(encoding="utf-8")).iter()}
    assert "script" not in tags
    assert len(json.loads(plain.read_text(encoding="utf-8"))["people"][0]["visits"]) == 2
    assert {p.name for p in tmp_path.iterdir()} == {"tests", "page.html", "history.json"}


def test_a_listing_does_not_write_over_a_result_that_it_lists(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = make_result(folder / "saved.json", "heron-12")
    before = saved.read_bytes()
    for option in ("--json", "--html"):
        assert main(["history", str(folder), "--person", "heron-12", option, str(saved)]) == 2
        assert f"{option} would write over it" in capsys.readouterr().err
    assert saved.read_bytes() == before
