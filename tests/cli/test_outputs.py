"""No command writes over what it reads, and nothing is written twice into one file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from emgorder.cli import main

DATASETS = Path(__file__).resolve().parents[2] / "datasets"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("clean_glute_first.csv", "clean_glute_first.json"):
        shutil.copy(DATASETS / name, tmp_path / name.replace("clean_glute_first", "session"))
    shutil.copy(DATASETS / "together.csv", tmp_path / "mvc_lifts.csv")
    (tmp_path / "result.json").write_text('{"schema": "emgorder-result"}', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ("analyse session.csv --html session.csv", "session.csv"),
        ("analyse session.csv --html sub/../session.csv", "session.csv"),
        ("analyse session.csv --json session.json", "session.json"),
        ("analyse session.csv --mvc mvc_lifts.csv --csv mvc", "mvc_lifts.csv"),
        ("analyse session.csv --json new.json --html new.json", "--json and --html"),
        ("report session.csv -o session.json", "session.json"),
        ("report result.json -o result.json", "result.json"),
        ("report session.csv --cued mvc_lifts.csv -o mvc_lifts.csv", "mvc_lifts.csv"),
    ],
)
def test_a_command_does_not_write_over_what_it_reads(
    command: str, named: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "sub").mkdir()
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert main(command.split()) == 2
    said = capsys.readouterr().err
    assert named in said
    assert "give" in said
    assert {path: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_a_result_that_was_saved_beside_its_recording_is_replaced(folder: Path) -> None:
    (folder / "session.json").unlink()
    assert main(["analyse", "session.csv", "--json", "session.json"]) == 0
    assert main(["analyse", "session.csv", "--json", "session.json"]) == 0


def test_a_muscle_that_is_named_twice_is_no_choice(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyse", "session.csv", "--muscles", "GMAX=GMAX_R,GMAX=BF_R"]) == 2
    assert "GMAX is given twice, as GMAX_R and as BF_R" in capsys.readouterr().err
