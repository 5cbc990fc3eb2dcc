"""The index is never the truth: whatever becomes of it, the history is that of the folder."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import zlib
from contextlib import closing
from pathlib import Path

import pytest

from emgorder.analysis.serialise import to_plain
from emgorder.errors import RecordingError
from emgorder.history import texts as t
from emgorder.history.index import INDEX, History, read_history
from tests.history.conftest import make_result, make_test


def said(history: History) -> str:
    return json.dumps([to_plain(visit) for visit in history.visits])


def rows(folder: Path) -> int:
    with closing(sqlite3.connect(folder / INDEX)) as index:
        return int(index.execute("SELECT count(*) FROM visits").fetchone()[0])


def test_a_second_look_reads_nothing_anew_and_says_the_same(tests: Path) -> None:
    first, second = read_history(tests), read_history(tests)
    assert (first.n_read, second.n_read) == (4, 0)
    assert said(first) == said(second)
    assert (first.note, second.note) == (t.INDEX_BUILT, t.INDEX_UPDATED)
    assert len(first.visits) == 4


def test_only_what_has_changed_is_read_anew(tests: Path) -> None:
    before = read_history(tests)
    changed = tests / before.visits[0].id / "result.json"
    make_result(changed, "heron-12", (10, 5, 15))
    after = read_history(tests)
    assert after.n_read == 1
    assert after.visits[0].sides[0].difference_s == pytest.approx(0.010)


def test_what_is_new_comes_and_what_is_gone_goes(tests: Path) -> None:
    read_history(tests)
    made = make_test(tests, "linnet-3")
    assert {visit.person for visit in read_history(tests).visits} == {"heron-12", "otter-7", "linnet-3"}
    for path in made.iterdir():
        path.unlink()
    made.rmdir()
    assert {visit.person for visit in read_history(tests).visits} == {"heron-12", "otter-7"}
    assert rows(tests) == 4


def test_a_rebuilt_index_says_the_same(tests: Path) -> None:
    before = read_history(tests)
    after = read_history(tests, rebuild=True)
    assert (after.n_read, after.note) == (4, t.INDEX_BUILT)
    assert said(after) == said(before)


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\x00" + b"\xff" * 4000])
def test_a_damaged_index_is_made_anew(tests: Path, content: bytes) -> None:
    right = said(read_history(tests))
    (tests / INDEX).write_bytes(content)
    history = read_history(tests)
    assert said(history) == right
    assert history.n_read == 4
    assert read_history(tests).n_read == 0


def test_an_index_damaged_in_the_middle_never_changes_what_is_said(tests: Path) -> None:
    right = said(read_history(tests))
    whole = (tests / INDEX).read_bytes()
    for start in range(0, len(whole), 509):
        (tests / INDEX).write_bytes(whole[:start] + b"\xa5" * 40 + whole[start + 40 :])
        assert said(read_history(tests)) == right
    for length in range(0, len(whole), 1021):
        (tests / INDEX).write_bytes(whole[:length])
        assert said(read_history(tests)) == right


def test_an_index_of_another_version_is_made_anew(tests: Path) -> None:
    right = said(read_history(tests))
    with closing(sqlite3.connect(tests / INDEX)) as index:
        index.executescript("PRAGMA user_version = 99; CREATE TABLE more (a); ALTER TABLE visits DROP COLUMN stamp;")
    history = read_history(tests)
    assert (said(history), history.note) == (right, t.INDEX_OLD)
    assert read_history(tests).n_read == 0


def test_a_locked_index_is_done_without(tests: Path) -> None:
    right = said(read_history(tests))
    with closing(sqlite3.connect(tests / INDEX, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        history = read_history(tests)
        assert (said(history), history.note) == (right, t.INDEX_BUSY)
        other.execute("ROLLBACK")
    assert read_history(tests).n_read == 0


def test_an_index_that_cannot_be_written_is_done_without(tests: Path) -> None:
    right = said(read_history(tests))
    (tests / INDEX).unlink()
    (tests / f"{INDEX}-journal").mkdir()  # where SQLite would begin to write
    history = read_history(tests)
    assert said(history) == right
    assert "cannot be written" in history.note


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_may_only_be_read_has_a_history(tests: Path) -> None:
    tests.chmod(0o555)
    try:
        history = read_history(tests)
    finally:
        tests.chmod(0o755)
    assert len(history.visits) == 4
    assert "cannot be written" in history.note


def test_an_index_that_is_a_link_is_not_written_through(tests: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"")
    (tests / INDEX).symlink_to(precious)
    history = read_history(tests)
    assert len(history.visits) == 4
    assert "not a plain file" in history.note
    assert precious.read_bytes() == b""


@pytest.mark.parametrize(
    "visit",
    [
        "[]",
        "{",
        "null",
        '{"id": "x"}',
        '{"id": "ID", "person": 7, "time_s": 5}',
        '{"id": "ID", "person": "a", "time_s": 1e99}',
        '{"id": "ID", "person": "a", "time_s": 5, "state": "<script>"}',
        '{"id": "ID", "person": "a", "time_s": 5, "sides": [{"time_s": 5, "side": "X", "verdict": "together", '
        '"difference_s": 0, "low_s": 0, "high_s": 0, "n_valid": 5}]}',
        '{"id": "another", "person": "a", "time_s": 5}',
        "[" * 100_000,
    ],
)
def test_a_forged_row_is_read_from_the_folder_instead(tests: Path, visit: str) -> None:
    right = read_history(tests)
    with closing(sqlite3.connect(tests / INDEX)) as index, index:
        row = visit.replace("ID", right.visits[0].id)
        (stamp,) = index.execute("SELECT stamp FROM visits WHERE id = ?", (right.visits[0].id.encode(),)).fetchone()
        forged = f"{stamp.rsplit(' ', 1)[0]} {zlib.crc32(row.encode()):08x}"
        index.execute("UPDATE visits SET visit = ?, stamp = ? WHERE id = ?", (row, forged, right.visits[0].id.encode()))
    history = read_history(tests)
    assert (said(history), history.n_read) == (said(right), 1)


def test_a_row_with_a_digit_changed_is_not_believed(tests: Path) -> None:
    right = said(read_history(tests))
    with closing(sqlite3.connect(tests / INDEX)) as index, index:
        assert index.execute("UPDATE visits SET visit = replace(visit, '0.084', '0.085')").rowcount == 4
    assert said(read_history(tests)) == right


def test_rows_of_files_elsewhere_are_dropped(tests: Path) -> None:
    right = said(read_history(tests))
    with closing(sqlite3.connect(tests / INDEX)) as index, index:
        index.execute("INSERT INTO visits VALUES (?, '1:1', '{}')", (b"../../etc/passwd",))
    assert said(read_history(tests)) == right
    assert rows(tests) == 4


_LOOK = """
import sys
from pathlib import Path
from emgorder.history.index import read_history
for k in range(12):
    assert len(read_history(Path(sys.argv[1]), rebuild=k % 3 == 0).visits) == 4
"""


def test_several_processes_at_once_agree_and_leave_a_whole_index(tests: Path) -> None:
    running = [subprocess.Popen([sys.executable, "-c", _LOOK, str(tests)]) for _ in range(3)]
    assert [process.wait(120) for process in running] == [0, 0, 0]
    with closing(sqlite3.connect(tests / INDEX)) as index:
        assert index.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert len(read_history(tests).visits) == 4


def test_hundreds_of_results_are_listed_and_remembered(tmp_path: Path) -> None:
    one = make_result(tmp_path / "first.json", "heron-12").read_text(encoding="utf-8")
    for k in range(300):
        folder = tmp_path / f"week {k // 50}"
        folder.mkdir(exist_ok=True)
        (folder / f"{k}.json").write_text(one.replace("heron-12", f"heron-{k % 7}"), encoding="utf-8")
    history = read_history(tmp_path)
    assert len(history.visits) == 301
    assert read_history(tmp_path).n_read == 0


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="nowhere"):
        read_history(tmp_path / "nowhere")


def test_a_folder_without_tests_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "holiday.txt").write_text("no test", encoding="utf-8")
    assert read_history(tmp_path).visits == ()
    assert [p.name for p in tmp_path.iterdir()] == ["holiday.txt"]
