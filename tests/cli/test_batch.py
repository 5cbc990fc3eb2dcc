"""``emgorder batch`` as its users meet it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
import psutil
import pytest

import emgorder as eo
from emgorder.cli import main
from emgorder.study import executors
from emgorder.study.log import read_log

PATIENCE_S = 120.0
N_FILES = 60  # many times what a worker takes at once: there is time to stop it


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("one") / "session.csv"
    recording = eo.simulate_session(
        seed=1, n_lifts=5, rest_s=2.5, baseline_s=2.5, sampling_frequency=500.0, missing_share=0.0
    )
    eo.write_recording(recording, path)
    return path


def copied(session: Path, folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        for suffix in (".csv", ".json"):
            shutil.copy(session.with_suffix(suffix), folder / f"p{number:02d}{suffix}")
    return folder


def write_effort(session: Path, path: Path) -> None:
    """Write what the session would be with three times the amplitude."""
    weak = eo.read_recording(session)
    eo.write_recording(replace(weak, data=weak.data * 3), path)


def test_a_folder_becomes_tables_and_words_and_is_not_done_twice(
    session: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(session, tmp_path / "recordings", 2)
    (folder / "bad\x1b[31m.csv").write_text("no recording")
    shutil.copy(folder / "p00.csv", folder / "p00.emgj")
    out = folder / "out"
    command = ["batch", str(folder), "-o", str(out), "--jobs", "1", "--rope-ms", "25"]
    assert main(command) == 0
    said = capsys.readouterr()
    assert said.out.startswith("2 recordings analysed, 1 could not be.\n")
    assert "Legs: " in said.out
    assert "bad[31m.csv: " in said.out
    assert "\x1b" not in said.out + said.err
    assert "Not a diagnosis." in said.out
    assert "1 file passed over" in said.err
    assert pd.read_parquet(out / "summary")["rope_ms"].tolist() == [25.0, 25.0]
    assert pd.read_parquet(out / "sessions")["path"].tolist() == ["p00.csv", "p01.csv"]

    assert main([*command, "--resume"]) == 0
    assert capsys.readouterr().out.startswith("0 recordings analysed, 3 were done before.\n")
    assert main(command) == 2
    assert "--resume" in capsys.readouterr().err
    assert main([*command[:-2], "--resume"]) == 2
    assert "rope_s was 0.025, now 0.03" in capsys.readouterr().err


def test_each_recording_gets_the_full_efforts_that_belong_to_it(
    session: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(session, tmp_path / "recordings", 2)
    write_effort(session, folder / "p00_mvc1.csv")
    out = tmp_path / "out"
    command = ["batch", str(folder), "-o", str(out), "--jobs", "1", "--mvc"]
    assert main([*command, "{stem}_mcv*.csv"]) == 2
    assert "{stem}_mcv*.csv finds no other recording" in capsys.readouterr().err
    assert main([*command, "/mvc.csv"]) == 2
    assert "no pattern of names" in capsys.readouterr().err
    assert not out.exists()

    assert main([*command, "{stem}_mvc*.csv"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("2 recordings analysed.\n")
    assert "1 recording without others of full efforts" in said.err
    known = pd.read_parquet(out / "lifts").groupby("path")["percent_mvc"].count()
    assert known["p00.csv"] > 0
    assert known["p01.csv"] == 0
    assert main([*command, "{stem}_mvc*.csv", "--resume"]) == 0
    assert "0 recordings analysed, 2 were done before" in capsys.readouterr().out


@pytest.mark.parametrize("pattern", ["*.csv", "{stem}*.csv", "../recordings/*"])
def test_a_pattern_that_fits_every_recording_is_told(
    session: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], pattern: str
) -> None:
    folder = copied(session, tmp_path / "recordings", 2)
    assert main(["batch", str(folder), "-o", str(tmp_path / "out"), "--mvc", pattern]) == 2
    said = capsys.readouterr().err
    assert f"--mvc: {pattern} fits every recording" in said
    assert "{stem}_mvc*.csv" in said
    (tmp_path / "empty").mkdir()
    assert main(["batch", str(tmp_path / "empty"), "-o", str(tmp_path / "out"), "--mvc", pattern]) == 2
    assert "holds no recordings" in capsys.readouterr().err


def test_an_effort_in_two_forms_is_not_analysed_as_a_session(
    session: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(session, tmp_path / "recordings", 1)
    for suffix in (".csv", ".bdf"):
        write_effort(session, folder / f"p00_mvc1{suffix}")
    out = tmp_path / "out"
    assert main(["batch", str(folder), "-o", str(out), "--jobs", "1", "--mvc", "{stem}_mvc*.bdf"]) == 0
    assert capsys.readouterr().out.startswith("1 recording analysed.\n")
    assert pd.read_parquet(out / "sessions")["path"].tolist() == ["p00.csv"]


def test_recordings_without_a_verdict_end_in_1(
    session: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "empty.csv").write_bytes(b"")
    assert main(["batch", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--jobs", "1"]) == 1
    assert "empty.csv: the file is empty" in capsys.readouterr().out


def test_bad_usage_ends_in_2_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "notes.doc").write_text("x")
    out = tmp_path / "out"
    cases = {
        "holds no recordings": [tmp_path / "in", "-o", out],
        "No such file": [tmp_path / "missing", "-o", out],
        "whole number from 1": [tmp_path / "in", "-o", out, "--jobs", "0"],
        "belongs to --resume": [tmp_path / "in", "-o", out, "--retry-errors"],
    }
    for words, arguments in cases.items():
        assert main(["batch", *map(str, arguments)]) == 2
        assert words in capsys.readouterr().err
    assert not out.exists()


def test_a_scheduler_that_is_not_there_is_told(
    session: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "_PATIENCE_S", 0.2)
    folder = copied(session, tmp_path / "in", 1)
    for address, words in {
        "tcp://127.0.0.1:9": "no scheduler answers",
        "no:such:address": "for example tcp://",
        "http://localhost:8786": "unknown address scheme",
    }.items():
        assert main(["batch", str(folder), "-o", str(tmp_path / "out"), "--scheduler", address]) == 2
        assert words in capsys.readouterr().err


def test_what_is_no_address_ends_in_one_line_alone(session: Path, tmp_path: Path) -> None:
    folder = copied(session, tmp_path / "in", 1)
    code = (
        "import sys; from emgorder.cli import main; from emgorder.study import executors; "
        "executors._PATIENCE_S = 0.2; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", code, "batch", str(folder), "-o", str(tmp_path / "out"), "--scheduler", "hello"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "'hello': write for example tcp://" in line


def test_without_dask_the_install_line_is_told(
    session: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(["batch", str(session.parent), "-o", str(tmp_path / "out"), "--scheduler", "tcp://127.0.0.1:9"]) == 2
    assert 'pip install "emgorder[study]"' in capsys.readouterr().err


def started(folder: Path, out: Path) -> subprocess.Popen[str]:
    """Start a batch and wait until a file is done."""
    command = [sys.executable, "-m", "emgorder", "batch", str(folder), "-o", str(out), "--jobs", "1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s and process.poll() is None:
        left = read_log(out / ".log")
        if left is not None and next(left[1], None) is not None:
            return process
        time.sleep(0.005)
    raise AssertionError(f"nothing was done: {process.communicate()}")


@pytest.mark.skipif(os.name == "nt", reason="needs signals of POSIX")
def test_a_batch_that_is_killed_goes_on_and_its_workers_do_not_outlive_it(
    session: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = copied(session, tmp_path / "in", N_FILES), tmp_path / "out"
    process = started(folder, out)
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    assert children
    _, alive = psutil.wait_procs(children, timeout=PATIENCE_S)
    assert not alive
    kept = set(eo.read_batch(out).sessions["path"])
    assert 0 < len(kept) < N_FILES
    left = {"p50.csv", "p51.csv", "p52.csv"} - kept  # enough of what is left
    for path in set(folder.glob("*.csv")) - {folder / name for name in kept | left}:
        path.unlink()
    assert main(["batch", str(folder), "-o", str(out), "--jobs", "2", "--resume"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{len(left)} recordings analysed, {len(kept)} were done before.\n")
    assert sorted(pd.read_parquet(out / "sessions")["path"]) == sorted(kept | left)
    assert len(pd.read_parquet(out / "order")) == len(kept | left) * 5


@pytest.mark.skipif(os.name == "nt", reason="needs signals of POSIX")
def test_an_interrupt_says_what_is_kept(session: Path, tmp_path: Path) -> None:
    folder, out = copied(session, tmp_path / "in", N_FILES), tmp_path / "out"
    process = started(folder, out)
    process.send_signal(signal.SIGINT)
    said, errors = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, said) == (130, "")
    assert "Traceback" not in errors
    assert "What is done is kept in" in errors
    assert errors.endswith("stopped\n")
    assert 0 < len(eo.read_batch(out).sessions) < N_FILES
