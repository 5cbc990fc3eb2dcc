"""Stamps tell a file, and whether it is as it was."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import emgorder as eo
from emgorder.study.stamps import shown_path, stamp_of


@pytest.mark.parametrize("changed", ["a.csv", "a.json"])
def test_a_stamp_changes_with_the_file_and_with_its_sidecar(tmp_path: Path, changed: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text("one")
    before = stamp_of(path)
    assert stamp_of(path) == before
    (tmp_path / changed).write_text("longer")
    after = stamp_of(path)
    assert after.state != before.state
    assert after.file_id == before.file_id


@pytest.fixture
def dataset(tmp_path: Path) -> tuple[Path, Path]:
    """Return a BIDS dataset with one recording, and the recording."""
    root = tmp_path / "dataset"
    return root, eo.write_bids(eo.simulate_session(seed=1, n_lifts=1), root, subject="01", session="1", task="lift")


@pytest.mark.parametrize(
    "changed",
    [
        "emg.json",
        "task-lift_emg.json",
        "sub-01/sub-01_emg.json",
        "sub-01/ses-1/sub-01_ses-1_emg.json",
        "sub-01/ses-1/emg/sub-01_ses-1_task-lift_run-01_emg.json",
        "sub-01/ses-1/emg/sub-01_ses-1_task-lift_run-01_channels.tsv",
        "sub-01/ses-1/emg/sub-01_ses-1_task-lift_run-01_events.tsv",
    ],
)
def test_a_stamp_changes_with_what_a_dataset_says_of_the_recording(dataset: tuple[Path, Path], changed: str) -> None:
    root, path = dataset
    seen = [stamp_of(path).state]
    (root / changed).touch()
    os.utime(root / changed, ns=(1, 1))
    seen.append(stamp_of(path).state)
    (root / changed).write_text("{}")
    seen.append(stamp_of(path).state)
    (root / changed).unlink()
    seen.append(stamp_of(path).state)
    assert len(set(seen[:3])) == 3
    assert seen[3] != seen[2]


@pytest.mark.parametrize(
    "other", ["task-walk_emg.json", "participants.json", "sub-02/sub-02_emg.json", "../emg.json", "task-lift_eeg.json"]
)
def test_what_a_dataset_says_of_others_is_nothing_to_a_stamp(dataset: tuple[Path, Path], other: str) -> None:
    root, path = dataset
    before = stamp_of(path)
    (root / other).parent.mkdir(exist_ok=True)
    (root / other).write_text('{"TaskName": "other"}')
    assert stamp_of(path) == before


def test_a_changed_inherited_sidecar_makes_a_result_stale(dataset: tuple[Path, Path], tmp_path: Path) -> None:
    root, path = dataset
    path.with_suffix(".json").write_text("{}")
    above = root / "task-lift_emg.json"
    above.write_text('{"pseudonym": "heron-12"}')
    assert eo.run_batch([path], tmp_path / "out").n_analysed == 1
    assert eo.run_batch([path], tmp_path / "out", resume=True).n_skipped == 1
    above.write_text('{"pseudonym": "otter-7"}')
    assert eo.run_batch([path], tmp_path / "out", resume=True).n_analysed == 1
    assert eo.read_batch(tmp_path / "out").sessions["person"].tolist() == ["otter-7"]


def test_the_same_size_at_another_time_is_another_state(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("one")
    before = stamp_of(path)
    os.utime(path, ns=(1, 1))
    assert stamp_of(path).state != before.state


def test_paths_count_from_the_root_where_they_are_below(tmp_path: Path) -> None:
    assert stamp_of(tmp_path / "x" / "a.csv", tmp_path).path == "x/a.csv"
    assert stamp_of(Path("elsewhere/a.csv"), tmp_path).path == "elsewhere/a.csv"


@pytest.mark.skipif(os.name == "nt", reason="names that Windows forbids")
def test_different_names_are_shown_differently_and_can_be_written() -> None:
    names = ["caf\udce9.csv", "caf\\udce9.csv", "caf\\\\udce9.csv", "caf\xe9.csv", "a\nb.csv", "心.csv"]
    shown = [shown_path(name) for name in names]
    assert len(set(shown)) == len(names)
    for text in shown:
        text.encode("utf-8")
