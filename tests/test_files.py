"""Files are replaced whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from emgorder.errors import RecordingError
from emgorder.files import lock_file, replace_files


def failing() -> Iterator[bytes]:
    yield b"half of"
    raise OSError(28, "No space left on device")


def test_several_files_are_written_in_chunks(tmp_path: Path) -> None:
    replace_files({tmp_path / "a": [b"one ", b"two"], tmp_path / "b": []})
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"a": b"one two", "b": b""}


def test_if_one_file_fails_all_old_files_stay_and_no_scraps(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(RecordingError, match="disk is full") as caught:
        replace_files({tmp_path / "a": [b"new"], tmp_path / "b": failing()})
    assert caught.value.path == tmp_path / "b"
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"a": b"old"}


def test_a_folder_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(RecordingError, match="is no file"):
        replace_files({tmp_path / "a": [b"new"]})


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no such folder"):
        replace_files({tmp_path / "nowhere" / "a": [b"new"]})


def test_a_lock_is_had_once_and_ends_with_its_handle(tmp_path: Path) -> None:
    first, second = (os.open(tmp_path / "a", os.O_RDWR | os.O_CREAT) for _ in range(2))
    assert lock_file(first)
    assert not lock_file(second)
    os.close(first)
    assert lock_file(second)
    os.close(second)
