"""Tables of a batch: typed, whole at every moment, and continued without loss or doubles."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import emgorder as eo
from emgorder.study.columns import TABLES, arrow_schema
from emgorder.study.parts import part_path


def tables(folder: Path) -> dict[str, pd.DataFrame]:
    return {table: pd.read_parquet(folder / table).sort_values("path", kind="stable") for table in TABLES}


def test_parquet_holds_the_numbers_of_each_file_alone(sessions: list[Path], tmp_path: Path) -> None:
    report = eo.run_batch(sessions, tmp_path / "out", root=sessions[0].parent, part_size=2)
    assert (report.n_analysed, report.n_failed, report.n_skipped) == (3, 0, 0)
    found = tables(tmp_path / "out")
    for path in sessions:
        alone = eo.analyse(eo.read_recording(path))
        for table in ("lifts", "order", "summary"):
            rows = found[table].query("path == @path.name").drop(columns="path").reset_index(drop=True)
            pd.testing.assert_frame_equal(rows, getattr(alone, table), check_exact=True, check_dtype=table != "summary")
    assert found["sessions"]["n_lifts"].tolist() == [2, 2, 2]


def test_the_written_columns_are_those_of_a_result(sessions: list[Path]) -> None:
    result = eo.analyse(eo.read_recording(sessions[0]))
    for table in ("lifts", "order", "summary"):
        assert [name for name, _, _ in TABLES[table]] == ["path", *getattr(result, table).columns]


def test_types_stay_when_everything_is_missing(tmp_path: Path) -> None:
    (tmp_path / "flat.csv").write_text("time_s,GMAX_R_uV,BF_R_uV\n" + "".join(f"{i / 1000},,\n" for i in range(5000)))
    for name, paths in {"none": [], "bad": [tmp_path / "missing.csv"], "flat": [tmp_path / "flat.csv"]}.items():
        eo.run_batch(paths, tmp_path / name)
        for table in TABLES:
            whole = pa.concat_tables(pq.read_table(p) for p in sorted((tmp_path / name / table).glob("*.parquet")))
            assert whole.schema.equals(arrow_schema(table), check_metadata=True)
        batch = eo.read_batch(tmp_path / name)
        assert len(batch.sessions) + len(batch.errors) == len(paths)
        assert batch.lifts["onset_s"].dtype == "float64"


def test_the_folder_says_what_its_columns_mean_and_how_it_was_made(sessions: list[Path], tmp_path: Path) -> None:
    eo.run_batch(sessions[:1], tmp_path / "out", settings=eo.Settings(rope_s=0.02))
    about = json.loads((tmp_path / "out" / "batch.json").read_text())
    assert about["settings"]["rope_s"] == 0.02
    assert about["version"] == eo.__version__
    assert set(about["tables"]) == set(TABLES)
    assert all(": " in meaning for columns in about["tables"].values() for meaning in columns.values())


class Stop(BaseException):
    """Stands for whatever ends a process."""


def stopped(paths: list[Path], after: int) -> Iterator[Path]:
    yield from paths[:after]
    raise Stop


@pytest.mark.parametrize("after", [0, 1, 3, 4])
def test_a_batch_that_stopped_goes_on_without_the_files_that_are_done(
    copies: list[Path], tmp_path: Path, after: int
) -> None:
    out = tmp_path / "out"
    with pytest.raises(Stop):
        eo.run_batch(stopped(copies, after), out, part_size=3)
    assert len(eo.read_batch(out).sessions) == after
    report = eo.run_batch(copies[:5], out, resume=True, part_size=3)
    assert (report.n_analysed, report.n_skipped) == (5 - after, after)
    assert sorted(eo.read_batch(out).sessions["path"]) == sorted(map(str, copies[:5]))
    assert {table: len(frame) for table, frame in tables(out).items()} == {
        table: len(getattr(eo.read_batch(out), table)) for table in TABLES
    }


def test_a_part_that_was_begun_when_the_process_died_is_neither_lost_nor_doubled(
    copies: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with pytest.raises(Stop):
        eo.run_batch(stopped(copies, 3), out)
    log = (out / ".log").read_bytes()
    eo.run_batch(copies[:3], out, resume=True)
    whole = {table: part_path(out, table, 1).read_bytes() for table in TABLES}
    for n_written in range(len(TABLES) + 1):  # the log is there until every table of its part is
        for place, table in enumerate(TABLES):
            part_path(out, table, 1).unlink(missing_ok=True)
            if place < n_written:
                part_path(out, table, 1).write_bytes(whole[table])
        (out / ".log").write_bytes(log)
        assert len(eo.read_batch(out).lifts) == 3 * 2 * 2
        assert eo.run_batch(copies[:3], out, resume=True).n_skipped == 3
        assert len(pd.read_parquet(out / "lifts")) == 3 * 2 * 2
        assert len(pd.read_parquet(out / "sessions")) == 3


def test_a_file_that_has_changed_is_analysed_again_and_its_old_rows_go(copies: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    eo.run_batch(copies[:4], out, part_size=2)
    copies[1].write_text("time_s,GMAX_R_uV,BF_R_uV\n")
    side = json.loads(copies[2].with_suffix(".json").read_text())
    copies[2].with_suffix(".json").write_text(json.dumps({**side, "pseudonym": "heron-12"}))
    report = eo.run_batch(copies[:5], out, resume=True)
    assert (report.n_analysed, report.n_failed, report.n_skipped) == (2, 1, 2)
    found = tables(out)
    assert found["errors"]["path"].tolist() == [str(copies[1])]
    assert found["sessions"]["path"].tolist() == [str(copies[n]) for n in (0, 2, 3, 4)]
    assert found["sessions"]["person"].tolist() == ["", "heron-12", "", ""]
    assert set(found["lifts"]["path"]) == set(found["sessions"]["path"])


def test_rows_that_were_replaced_are_taken_out_even_when_the_process_dies_before(
    copies: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    eo.run_batch(copies[:2], out)
    os.utime(copies[0], ns=(1, 1))
    with pytest.raises(Stop):
        eo.run_batch(stopped(copies, 2), out, resume=True)
    assert len(eo.read_batch(out).sessions) == 2
    eo.run_batch(copies[:2], out, resume=True)
    assert sorted(pd.read_parquet(out / "sessions")["path"]) == sorted(map(str, copies[:2]))
    assert len(pd.read_parquet(out / "lifts")) == 2 * 2 * 2


def test_errors_stay_done_unless_they_are_to_be_tried_again(tmp_path: Path, sessions: list[Path]) -> None:
    out, late = tmp_path / "out", tmp_path / "late.csv"
    late.mkdir()
    assert eo.run_batch([late], out).n_failed == 1
    assert eo.run_batch([late], out, resume=True).n_skipped == 1
    assert eo.run_batch([late], out, resume=True, retry_errors=True).n_failed == 1
    assert len(pd.read_parquet(out / "errors")) == 1
    late.rmdir()
    late.write_bytes(sessions[0].read_bytes())
    assert eo.run_batch([late], out, resume=True).n_analysed == 1
    assert pd.read_parquet(out / "errors").empty


def test_the_same_path_twice_makes_no_double_rows(sessions: list[Path], tmp_path: Path) -> None:
    eo.run_batch([sessions[0]] * 3, tmp_path / "a", part_size=2)
    assert len(pd.read_parquet(tmp_path / "a" / "sessions")) == 1


def test_other_settings_are_refused_and_say_what_differs(sessions: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    eo.run_batch(sessions[:1], out)
    before = {p: p.stat().st_mtime_ns for p in out.rglob("*") if p.is_file()}
    with pytest.raises(eo.SettingsError, match=r"rope_s was 0\.03, now 0\.02.*start anew"):
        eo.run_batch(sessions, out, resume=True, settings=eo.Settings(rope_s=0.02))
    with pytest.raises(eo.SettingsError, match="unit was None, now 'V'"):
        eo.run_batch(sessions, out, resume=True, unit="V")
    with pytest.raises(eo.SettingsError, match="holds a batch already: go on with it"):
        eo.run_batch(sessions, out)
    assert {p: p.stat().st_mtime_ns for p in out.rglob("*") if p.is_file()} == before


def test_another_version_is_refused(sessions: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    eo.run_batch(sessions[:1], tmp_path / "out")
    monkeypatch.setattr(eo, "__version__", "9.9")
    with pytest.raises(eo.SettingsError, match="version was"):
        eo.run_batch(sessions[:1], tmp_path / "out", resume=True)


def test_folders_that_hold_something_else_are_refused(sessions: list[Path], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(eo.RecordingError, match="is no folder"):
        eo.run_batch(sessions, tmp_path / "file")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.doc").write_text("x")
    for resume in (False, True):
        with pytest.raises(eo.RecordingError, match="holds other files and no batch"):
            eo.run_batch(sessions, tmp_path / "full", resume=resume)
    with pytest.raises(eo.RecordingError, match="is no batch"):
        eo.read_batch(tmp_path / "full")


def test_two_batches_do_not_write_into_one_folder(sessions: list[Path], tmp_path: Path) -> None:
    def second(_: object) -> None:
        with pytest.raises(eo.RecordingError, match="another batch writes here"):
            eo.run_batch(sessions, tmp_path / "out", resume=True)

    assert eo.run_batch(sessions[:1], tmp_path / "out", progress=second).n_analysed == 1


def test_a_folder_that_is_deleted_meanwhile_is_told(sessions: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(eo.RecordingError, match="was deleted while"):
        eo.run_batch(sessions[:1], out, progress=lambda _: shutil.rmtree(out))


def test_a_damaged_part_is_told_with_its_name(sessions: list[Path], tmp_path: Path) -> None:
    eo.run_batch(sessions[:1], tmp_path / "out")
    part_path(tmp_path / "out", "sessions", 1).write_bytes(b"PAR1 no more")
    for work in (lambda: eo.read_batch(tmp_path / "out"), lambda: eo.run_batch([], tmp_path / "out", resume=True)):
        with pytest.raises(eo.RecordingError, match="part-00001"):
            work()


def test_a_full_disk_is_told_and_the_batch_goes_on_when_there_is_room(copies: list[Path], small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    out = small_disk / "out"
    eo.run_batch([], out)
    free = os.statvfs(small_disk)
    ballast.write_bytes(b"x" * (free.f_bavail * free.f_frsize - 24_000))
    with pytest.raises(eo.RecordingError, match="the disk is full"):
        eo.run_batch(copies, out, resume=True)
    kept = len(eo.read_batch(out).sessions)
    assert 0 < kept < len(copies)
    ballast.unlink()
    report = eo.run_batch(copies, out, resume=True)
    assert (report.n_analysed, report.n_skipped) == (len(copies) - kept, kept)


@pytest.mark.skipif(os.name == "nt", reason="names that Windows forbids")
def test_hostile_names_reach_the_tables_and_are_known_again(sessions: list[Path], tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("\x1b[31m.csv", "a\nb.csv", "=1+1.csv", "caf\udce9.csv")]
    for path in paths:
        path.write_bytes(sessions[0].read_bytes())
    out = tmp_path / "out"
    assert eo.run_batch(paths, out, root=tmp_path).n_analysed == len(paths)
    assert eo.run_batch(paths, out, root=tmp_path, resume=True).n_skipped == len(paths)
    assert set(eo.read_batch(out).sessions["path"]) == {"\x1b[31m.csv", "a\nb.csv", "=1+1.csv", "caf\\udce9.csv"}


@pytest.mark.parametrize("work", [lambda out: eo.run_batch([], out), eo.read_batch])
def test_without_pyarrow_the_install_line_is_told(
    work: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(eo.MissingExtraError, match=r'pip install "emgorder\[study\]"'):
        work(tmp_path / "out")
    assert not (tmp_path / "out").exists()
