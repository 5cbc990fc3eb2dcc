"""A log keeps what was written whole, wherever the rest was cut or damaged."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import emgorder as eo
from emgorder.study.log import BatchLog, read_log

ENTRIES = [{"path": f"caf\xe9 {n}", "x": [0.1 + n, math.inf], "none": None} for n in range(3)]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    log = BatchLog(tmp_path / "log", 7)
    for entry in ENTRIES:
        log.add(entry)
    log.close()
    return tmp_path / "log"


def read(path: Path) -> list[object]:
    found = read_log(path)
    assert found is not None
    assert found[0] == 7
    return list(found[1])


def test_what_was_added_is_read_to_the_last_digit(written: Path) -> None:
    assert read(written) == ENTRIES


def test_a_log_cut_anywhere_keeps_every_whole_line(written: Path) -> None:
    whole = written.read_bytes()
    head = whole.index(b"\n") + 1
    for length in range(head, len(whole)):
        written.write_bytes(whole[:length])
        assert read(written) == ENTRIES[: whole[head:length].count(b"\n")]
    for length in range(head):
        written.write_bytes(whole[:length])
        assert read_log(written) is None


def test_a_damaged_line_costs_itself_alone(written: Path) -> None:
    lines = written.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b"1.1", b"1.2")
    written.write_bytes(b"".join([*lines, b"\xff\x00 no line\n", b"\n"]))
    assert read(written) == [ENTRIES[0], ENTRIES[2]]


def test_no_log_is_no_log(tmp_path: Path) -> None:
    assert read_log(tmp_path / "none") is None


def test_a_full_disk_is_told_and_what_was_written_stays(small_disk: Path) -> None:
    log = BatchLog(small_disk / "log", 7)

    def fill() -> None:
        for n in range(1000):
            log.add({"n": n, "text": "x" * 1000})

    with pytest.raises(eo.RecordingError, match="the disk is full"):
        fill()
    log.close()
    assert log.n_lines > 200
    assert [entry["n"] for entry in read(small_disk / "log")] == list(range(log.n_lines))  # type: ignore[index]
