"""Export to BDF+ and BIDS as its users meet it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from emgorder import analyse, bids_files, read_recording
from emgorder.cli import main

DATASETS = Path(__file__).resolve().parents[2] / "datasets"


@pytest.fixture
def session(tmp_path: Path) -> Path:
    """Return a session of its own, with its sidecar."""
    for ending in (".csv", ".json"):
        shutil.copy(DATASETS / f"clean_glute_first{ending}", tmp_path / f"session{ending}")
    return tmp_path / "session.csv"


def test_a_bdf_beside_its_csv_leaves_the_sidecar_alone_and_gives_the_same_verdict(
    session: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sidecar = session.with_suffix(".json").read_bytes()
    bdf = session.with_suffix(".bdf")
    assert main(["export", str(session), "--bdf", str(bdf)]) == 0
    assert str(bdf) in capsys.readouterr().out
    assert session.with_suffix(".json").read_bytes() == sidecar
    assert main(["export", str(session), "--bdf", str(bdf)]) == 0
    assert main(["analyse", str(session)]) == 0
    of_csv = capsys.readouterr().out.splitlines()
    assert main(["analyse", str(bdf)]) == 0
    of_bdf = capsys.readouterr().out.splitlines()
    verdict = [line for line in of_csv if line.startswith("RIGHT:")]
    assert len(verdict) == 1
    assert verdict == [line for line in of_bdf if line.startswith("RIGHT:")]


def test_a_bdf_that_says_something_else_is_replaced_only_by_force(
    session: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bdf = session.with_name("other.bdf")
    command = ["export", str(session), "--bdf", str(bdf)]
    assert main(command) == 0
    written = bdf.read_bytes()
    bdf.write_bytes(written.replace(b"cue/R", b"cue/L"))
    assert main(command) == 2
    assert "Give another name with --bdf, or --force" in capsys.readouterr().err
    assert bdf.read_bytes() != written
    assert main([*command, "--force"]) == 0
    assert bdf.read_bytes() == written


def test_onsets_are_marked_where_the_analysis_finds_them(session: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(session), "--bdf", str(session.with_suffix(".bdf")), "--onsets"]) == 2
    assert "session.json: is there already" in capsys.readouterr().err
    bdf = session.with_name("marked.bdf")
    assert main(["export", str(session), "--bdf", str(bdf), "--onsets"]) == 0
    marked = read_recording(bdf)
    marks = marked.events.query("trial_type == 'onset/GMAX_R'")["onset"]
    lifts = analyse(read_recording(session)).lifts
    np.testing.assert_array_equal(marks, lifts[lifts["channel"] == "GMAX_R"]["onset_s"])
    assert len(analyse(marked).order) == len(marks) == 8
    csv = session.with_name("again.csv")
    assert main(["export", str(bdf), "-o", str(csv)]) == 0
    np.testing.assert_array_equal(read_recording(csv).data, marked.data)


def test_a_recording_goes_into_a_dataset_and_is_analysed_there(
    session: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = session.with_name("study")
    assert main(["export", str(session), "--bids", str(study)]) == 2
    assert "say whose it is with subject= (--subject)" in capsys.readouterr().err
    assert not study.exists()
    command = ["export", str(session), "--bids", str(study), "--subject", "heron-12", "--session", "before"]
    assert main([*command, "--task", "lift", "--no-dates"]) == 0
    (path,) = bids_files(study)
    assert path.name == "sub-heron12_ses-before_task-lift_run-01_emg.bdf"
    assert str(path) in capsys.readouterr().out
    assert sorted(p.name for p in session.parent.iterdir()) == ["session.csv", "session.json", "study"]
    assert main(["analyse", str(path)]) == 0
    assert "RIGHT: glute first" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--subject", "a"], "--subject: belongs to --bids DIR"),
        (["--bdf", "x.edf"], "give a name that ends in .bdf"),
        (["--bdf", "nowhere/x.bdf"], "there is no such folder: make it first"),
        (["-o", "x.csv", "--bids", "session.csv", "--subject", "a"], "is a file: give a folder"),
    ],
)
def test_what_makes_no_sense_is_said(
    session: Path,
    options: list[str],
    says: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(session.parent)
    assert main(["export", "session.csv", *(["-o", "y.csv"] if "--subject" in options[:1] else []), *options]) == 2
    assert says in capsys.readouterr().err


def test_a_table_that_needs_to_be_told_rate_unit_and_muscles_is_exported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "lab.csv"
    table.write_text("a,b\n" + "".join(f"{i % 7},{i % 5}\n" for i in range(2000)), encoding="utf-8")
    assert main(["export", str(table), "--bdf", str(tmp_path / "lab.bdf")]) == 2
    assert "--sampling-frequency" in capsys.readouterr().err
    told = ["--sampling-frequency", "1000", "--unit", "mV", "--muscles", "GMAX_R=a,BF_R=b"]
    assert main(["export", str(table), "--bdf", str(tmp_path / "lab.bdf"), *told]) == 0
    recording = read_recording(tmp_path / "lab.bdf")
    assert recording.sampling_frequency == 1000.0
    assert [(c.target_muscle, c.side) for c in recording.channels] == [("GMAX", "R"), ("BF", "R")]
    np.testing.assert_allclose(recording.data[:7, 0], np.arange(7) * 1e-3, atol=1e-9)
