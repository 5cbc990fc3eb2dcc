"""The examples run as their readers would run them."""

from __future__ import annotations

import runpy
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

import emgorder as eo
from tests.conftest import lacking, needs

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
Run: TypeAlias = Callable[..., str]
LARGE = {"acquire.py", "terminal.py"}  # a whole program, with a test of its own


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs an example in a folder of its own and returns what it prints."""

    def run_example(name: str, *arguments: str) -> str:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", [name, *arguments])
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
        return capsys.readouterr().out

    return run_example


@pytest.mark.parametrize("path", sorted(p for p in EXAMPLES.glob("*.py") if p.name not in LARGE), ids=lambda p: p.stem)
def test_an_example_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < 40


def test_analyse_session_prints_the_tables_and_writes_the_report(run: Run, tmp_path: Path) -> None:
    assert "n_hamstring_first" in run("analyse_session.py")
    assert {p.name for p in tmp_path.iterdir()} == {
        "clean_hamstring_first_lifts.csv",
        "clean_hamstring_first_report.html",
    }


def test_compare_detectors_shows_each_with_its_source(run: Run) -> None:
    said = run("compare_detectors.py")
    assert "hamstring first" in said
    assert "loa_low_ms" in said
    assert "Hodges & Bui 1996" in said


def test_small_study_estimates_the_cue(run: Run) -> None:
    needs("statsmodels")
    *_, last = run("small_study.py").splitlines()
    assert last.startswith("the cue changes the difference by -")  # the scenarios differ by 95 ms towards the glute
    assert last.endswith("]")


def test_power_needs_fewer_people_where_each_is_measured_twice(run: Run) -> None:
    lines = [line.split() for line in run("power.py", "60").splitlines()]
    people = [int(words[1]) for words in lines if words and words[0] in ("5", "10", "20")]
    assert len(people) == 6
    assert max(people[:3]) < min(people[3:])


def test_bids_export_goes_there_and_back(run: Run, tmp_path: Path) -> None:
    needs("edfio")
    said = run("bids_export.py")
    assert "sub-02_ses-1_task-proneLegLift" in said
    assert "['glute first']" in said
    assert (tmp_path / "bids" / "dataset_description.json").is_file()


def test_own_sensor_is_read_from_its_journal_like_any_other(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", EXAMPLES / "own_sensor.py"]  # what it registers stays out of other tests
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "hamstring first" in done.stdout
    assert (tmp_path / "my_board.emgj").is_file()


def test_live_lsl_tells_each_lift_and_the_whole(tmp_path: Path) -> None:
    needs("pylsl")
    import pylsl

    name = f"example-{uuid.uuid4().hex[:8]}"
    session = eo.simulate_session(seed=1, n_lifts=6)
    outlet = pylsl.StreamOutlet(pylsl.StreamInfo(name, "EMG", 2, 1000.0, pylsl.cf_double64, name))
    with subprocess.Popen(
        [sys.executable, "-W", "error", EXAMPLES / "live_lsl.py", name, "GMAX_R,BF_R"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as listener:  # fmt: skip
        try:
            if not outlet.wait_for_consumers(30.0):
                lacking("a network in which LSL finds its own streams")
            for start in range(0, session.n_samples, 1000):
                outlet.push_chunk(session.data[start : start + 1000])
                time.sleep(0.005)  # the listener takes 60 s of backlog
            said, wrong = listener.communicate(timeout=60)
        finally:
            listener.kill()
    assert listener.returncode == 0, wrong[-3000:]
    assert "Lift 1" in said
    assert eo.analyse(session).summary["verdict"].iloc[0] in said
