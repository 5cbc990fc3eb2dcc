"""The command line as its users meet it: what it prints, what it writes, how it ends."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emgorder import Channel, __version__, read_result, simulate_session, write_recording
from emgorder.cli import main

DATASETS = Path(__file__).resolve().parents[2] / "datasets"


def test_the_demo_ends_in_a_verdict_in_words_and_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--out", str(tmp_path / "demo"), "--seed", "3"]) == 0
    printed = capsys.readouterr().out
    assert "RIGHT:" in printed
    assert "Not a diagnosis." in printed
    assert {p.name for p in (tmp_path / "demo").iterdir()} >= {
        "session.csv",
        "session.json",
        "result.json",
        "report.html",
    }
    assert "<svg" in (tmp_path / "demo" / "report.html").read_text(encoding="utf-8")


def test_the_same_seed_gives_the_same_demo(tmp_path: Path) -> None:
    for name in ("a", "b"):
        main(["demo", "--out", str(tmp_path / name), "--seed", "5"])
    assert (tmp_path / "a" / "result.json").read_bytes() == (tmp_path / "b" / "result.json").read_bytes()


def test_analyse_and_report_agree_through_the_saved_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    csv = DATASETS / "clean_hamstring_first.csv"
    saved, page, again = tmp_path / "result.json", tmp_path / "page.html", tmp_path / "again.html"
    assert main(["analyse", str(csv), "--json", str(saved), "--html", str(page), "--csv", str(tmp_path / "out")]) == 0
    assert "hamstring" in capsys.readouterr().out.lower()
    assert main(["report", str(saved), "-o", str(again)]) == 0
    assert again.read_text(encoding="utf-8") == page.read_text(encoding="utf-8")
    assert len(read_result(saved).order) == 8
    assert {p.name for p in tmp_path.glob("out_*")} == {"out_lifts.csv", "out_order.csv", "out_summary.csv"}
    assert (tmp_path / "out_order.csv").read_text(encoding="utf-8").startswith("lift,side,onset_difference_ms")


def test_full_efforts_in_files_of_their_own_give_activity_levels(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session = simulate_session(seed=4, n_lifts=5, rest_s=3.0, extras=("mvc",), missing_share=0.0)
    efforts_end = round(float(session.events.query("trial_type.str.startswith('relax')")["onset"].min()) * 1000)
    write_recording(replace(session, data=session.data[:efforts_end], events=session.events[:7]), tmp_path / "mvc.csv")
    no_marks = session.events[~session.events["trial_type"].str.startswith("mvc")]
    write_recording(replace(session, events=no_marks), tmp_path / "lifts.csv")
    files = [str(tmp_path / name) for name in ("lifts.csv", "mvc.csv")]
    main(["analyse", files[0], "--csv", str(tmp_path / "without")])
    assert "Do an MVC" in capsys.readouterr().out
    main(["analyse", files[0], "--mvc", files[1], "--csv", str(tmp_path / "with")])
    assert "% of its full effort" in capsys.readouterr().out
    more = {p.name for p in tmp_path.glob("with_*")} - {
        p.name.replace("without", "with") for p in tmp_path.glob("without_*")
    }
    assert more == {"with_activity.csv", "with_activity_ratio.csv"}


def test_further_muscles_are_told_in_words_and_in_two_more_tables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    two = simulate_session(seed=3, n_lifts=6, rest_s=3.0, outlier_share=0.0, missing_share=0.0)
    back = np.roll(two.channel("BF_R"), 60) + np.random.default_rng(5).normal(0.0, 1e-7, two.n_samples)
    channels = (*two.channels, Channel("ES_L", "ES", "L"))
    write_recording(replace(two, data=np.column_stack([two.data, back]), channels=channels), tmp_path / "three.csv")
    main(["analyse", str(tmp_path / "three.csv"), "--csv", str(tmp_path / "out")])
    assert "Order of all 3 muscles" in capsys.readouterr().out
    assert {p.name for p in tmp_path.glob("out_*")} == {
        f"out_{kind}.csv" for kind in ("lifts", "order", "summary", "pairwise", "orders")
    }
    assert (tmp_path / "out_pairwise.csv").read_text(encoding="utf-8").startswith("side,first,second,n_lifts")


def test_data_that_cannot_carry_a_verdict_end_in_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyse", str(DATASETS / "too_noisy.csv")]) == 1
    assert "cannot tell" in capsys.readouterr().out.lower()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["analyse", "nowhere.csv"], "nowhere.csv"),
        (["analyse", str(DATASETS / "together.csv"), "--muscles", "GMAX"], "MUSCLE=COLUMN"),
        (["analyse", str(DATASETS / "together.csv"), "--muscles", "GMAX=a,BF=b"], "a"),
        (["analyse", str(DATASETS / "together.csv"), "--method", "magic"], "method: 'magic'"),
        (["analyse", str(DATASETS / "together.csv"), "--rope-ms", "-3"], "rope_s"),
        (["report", str(DATASETS / "together.json"), "-o", "x.html"], "not a result of emgorder"),
    ],
)
def test_wrong_input_ends_in_exit_code_2_and_one_line_that_says_why(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("emgorder: ")
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("arguments", [["analyse"], ["fly"], ["analyse", "x.csv", "--task", "swim"]])
def test_wrong_usage_ends_in_exit_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "demo" in capsys.readouterr().out


@pytest.mark.parametrize(
    "command", ["demo", "app", "analyse", "report", "scan", "record", "export", "replay", "doctor"]
)
def test_every_command_has_help_with_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    assert "example" in printed
    assert f"emgorder {command}" in printed


def test_the_package_runs_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "emgorder", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"emgorder {__version__}"


def test_a_reader_that_leaves_is_no_fault() -> None:
    command = f"{sys.executable} -m emgorder analyse {DATASETS / 'together.csv'}"
    done = subprocess.run(f"{command} | head -1", shell=True, capture_output=True, text=True, check=True)
    assert done.stderr == ""
