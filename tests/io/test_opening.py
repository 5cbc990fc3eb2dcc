"""What is not there, empty or closed is said alike, whatever reads it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import emgorder as eo
from emgorder.errors import RecordingError
from emgorder.io.read import readable_suffixes

OTHERS = sorted(set(readable_suffixes()) - {".emgj"})  # a journal of nothing is one that was begun


def test_every_reader_says_that_a_file_is_missing() -> None:
    for suffix in readable_suffixes():
        with pytest.raises(RecordingError, match="no such file"):
            eo.read_recording(f"nowhere{suffix}")


@pytest.mark.parametrize("suffix", OTHERS)
def test_every_reader_says_that_a_file_is_empty(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"x{suffix}"
    path.touch()
    with pytest.raises(RecordingError, match=r"the file is empty \(0 bytes\): copy it again"):
        eo.read_recording(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without links that lead to themselves")
@pytest.mark.parametrize("suffix", OTHERS)
def test_every_reader_says_why_a_file_cannot_be_opened(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"x{suffix}"
    path.symlink_to(path)
    with pytest.raises(RecordingError, match=r"cannot be read \(.*\): check the permissions and the disk"):
        eo.read_recording(path)
