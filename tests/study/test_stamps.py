"""Stamps tell a file, and whether it is as it was."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from emgorder.study.stamps import shown_path, stamp_of


@pytest.mark.parametrize("changed", ["a_emg.csv", "a_emg.json", "a_channels.tsv", "a_events.tsv"])
def test_a_stamp_changes_with_the_file_and_with_those_beside_it(tmp_path: Path, changed: str) -> None:
    path = tmp_path / "a_emg.csv"
    path.write_text("one")
    before = stamp_of(path)
    assert stamp_of(path) == before
    (tmp_path / changed).write_text("longer")
    after = stamp_of(path)
    assert after.state != before.state
    assert after.file_id == before.file_id


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
