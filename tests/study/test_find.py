"""Which files in a folder are recordings."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import emgorder as eo
from emgorder.io import write_table
from emgorder.study.find import Found, find_recordings

DATASETS = Path(__file__).resolve().parents[2] / "datasets"


def names(folder: Path, found: Found | None = None) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in find_recordings(folder, found)]


def test_the_data_sets_of_this_repository_are_found_without_their_truth_and_sidecars() -> None:
    assert names(DATASETS) == [
        f"{name}.csv"
        for name in (
            "clean_glute_first", "clean_hamstring_first", "crosstalk", "ecg_mains", "packet_loss", "rate_200Hz",
            "together", "too_noisy", "two_sensors", "two_sides",
        )
    ]  # fmt: skip


def test_tables_of_results_of_every_kind_are_passed_over(tmp_path: Path) -> None:
    recording = eo.simulate_session(seed=1, n_lifts=5, rest_s=3.0, extras=("mvc",), sides=("R", "L"))
    eo.write_recording(recording, tmp_path / "session.csv")
    result = eo.analyse(recording)
    for table in ("lifts", "order", "summary", "pairwise", "orders", "activity", "activity_ratio"):
        write_table(getattr(result, table), tmp_path / f"session_{table}.csv")
    result.to_json(tmp_path / "result.json")
    assert names(tmp_path) == ["session.csv"]


def test_lists_of_a_bids_data_set_and_texts_are_passed_over(tmp_path: Path) -> None:
    emg = tmp_path / "sub-01" / "emg"
    emg.mkdir(parents=True)
    heads = {
        "participants.tsv": "participant_id\tage\n",
        "README.txt": "Read me.\n",
        "LICENSE.txt": "A licence.\n",
        "sub-01/emg/sub-01_task-lift_channels.tsv": "name\ttype\tunits\n",
        "sub-01/emg/sub-01_task-lift_events.tsv": "onset\tduration\ttrial_type\n",
        "sub-01/emg/sub-01_electrodes.tsv": "name\tx\ty\tz\n",
        "sub-01/sub-01_scans.tsv": "filename\tacq_time\n",
        "sub-01/emg/sub-01_task-lift.tsv": "time_s\tGMAX_R_uV\tBF_R_uV\n",
    }
    for name, head in heads.items():
        (tmp_path / name).write_text(head, encoding="utf-8")
    assert names(tmp_path) == ["sub-01/emg/sub-01_task-lift.tsv"]


def test_one_recording_in_two_forms_is_taken_once_and_counted(tmp_path: Path) -> None:
    for name in ("a.emgj", "a.csv", "a.json", "b.emgj", "c.csv"):
        (tmp_path / name).write_bytes(b"x")
    found = Found()
    assert names(tmp_path, found) == ["a.csv", "b.emgj", "c.csv"]
    assert found.twice == 1


def test_notes_on_a_recording_are_not_taken_for_it(tmp_path: Path) -> None:
    for name in ("a.txt", "a.bdf", "b.txt"):
        (tmp_path / name).write_bytes(b"x")
    assert names(tmp_path) == ["a.bdf", "b.txt"]


def test_hidden_files_and_links_to_folders_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / ".hidden.csv").write_text("x")
    (tmp_path / ".folder").mkdir()
    (tmp_path / ".folder" / "a.csv").write_text("x")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.CSV").write_text("x")
    (tmp_path / "deep" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "deep" / "linked.csv").symlink_to(tmp_path / "deep" / "b.CSV")
    assert names(tmp_path) == ["deep/b.CSV", "deep/linked.csv"]


@pytest.mark.skipif(os.name == "nt", reason="names that Windows forbids")
def test_hostile_names_are_found(tmp_path: Path) -> None:
    hostile = [
        "\x1b[31mred.csv",
        "a\nb.csv",
        "-rf.csv",
        "=cmd().csv",
        "back\\slash.csv",
        "caf\udce9.csv",
        "x" * 240 + ".csv",
    ]
    for name in hostile:
        (tmp_path / name).write_text("x")
    assert sorted(names(tmp_path)) == sorted(hostile)


def test_a_folder_that_cannot_be_looked_into_is_told(tmp_path: Path) -> None:
    with pytest.raises(eo.RecordingError, match="No such file"):
        names(tmp_path / "missing")
    (tmp_path / "file.csv").write_text("x")
    with pytest.raises(eo.RecordingError, match="cannot be read"):
        names(tmp_path / "file.csv")
