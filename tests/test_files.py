"""Files are replaced whole or not at all, whatever goes wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from emgorder.errors import RecordingError
from emgorder.files import replace_files


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_several_files_are_replaced_together(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    replace_files({tmp_path / "a": [b"n", b"ew"], tmp_path / "b": [b"also"]})
    assert (tmp_path / "a").read_bytes() == b"new"
    assert (tmp_path / "b").read_bytes() == b"also"
    assert names(tmp_path) == ["a", "b"]


def test_nothing_changes_when_a_later_file_fails(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(RecordingError, match="no such folder: make it first") as caught:
        replace_files({tmp_path / "a": [b"new"], tmp_path / "missing" / "b": [b"x"]})
    assert caught.value.path == tmp_path / "missing" / "b"
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_nothing_changes_when_the_content_fails_half_way(tmp_path: Path) -> None:
    def content() -> Iterator[bytes]:
        yield b"half"
        raise KeyboardInterrupt

    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        replace_files({tmp_path / "a": content()})
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_a_folder_in_the_way_is_refused_before_anything_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "b").mkdir()
    with pytest.raises(RecordingError, match="is there already and is no file"):
        replace_files({tmp_path / "a": [b"new"], tmp_path / "b": [b"x"]})
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names(tmp_path) == ["a", "b"]


def test_a_rename_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a").write_bytes(b"old")
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(RecordingError, match="close the program that has the file open"):
        replace_files({tmp_path / "a": [b"new"]})
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_data_are_on_disk_before_the_old_file_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    sync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (done.append("sync"), sync(handle))[1])
    monkeypatch.setattr(Path, "replace", lambda self, target: (done.append("replace"), replace(self, target))[1])
    replace_files({tmp_path / "a": [b"x"], tmp_path / "b": [b"y"]})
    assert done[:4] == ["sync", "sync", "replace", "replace"]


FULL_DISK = """
import resource, sys
from pathlib import Path
import numpy as np
from emgorder.errors import RecordingError
from emgorder.io import write_recording
from emgorder.model import Channel, Recording
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
recording = Recording(np.random.default_rng(1).normal(size=(10_000, 1)), 1000.0, (Channel("GMAX_R"),))
try:
    write_recording(recording, Path(sys.argv[1]))
except RecordingError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limit on this system")
def test_a_disk_that_fills_up_leaves_the_old_recording_and_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "session.csv").write_bytes(b"old csv")
    (tmp_path / "session.json").write_bytes(b"old json")
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "session.csv")], capture_output=True, text=True, check=True
    )
    assert "session.csv: not written" in done.stdout
    assert "choose another folder" in done.stdout
    assert (tmp_path / "session.csv").read_bytes() == b"old csv"
    assert (tmp_path / "session.json").read_bytes() == b"old json"
    assert names(tmp_path) == ["session.csv", "session.json"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_device_is_named_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emgorder.files.secrets.token_hex", lambda _: "full")
    (tmp_path / f".emgorder-{os.getpid()}-full.tmp").symlink_to("/dev/full")
    opened = Path.open
    monkeypatch.setattr(Path, "open", lambda self, mode: opened(self, mode.replace("x", "w")))
    with pytest.raises(RecordingError, match="the disk is full: free some space"):
        replace_files({tmp_path / "a": [b"x" * 100_000]})
    assert names(tmp_path) == []
