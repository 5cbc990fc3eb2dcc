"""Recording from the command line: simulated sensors to a journal, a CSV, a verdict; also when it is killed."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emgorder import analyse, read_recording, simulate_session
from emgorder.acquisition.clocks import FastClock
from emgorder.acquisition.simulated import SimulatedLink, SimulatedTransport
from emgorder.acquisition.simulated_session import emgo1_board, simulated_session
from emgorder.acquisition.transport import SensorInfo
from emgorder.cli import main, record
from emgorder.cli.sensing import Table, run_until_stopped
from emgorder.errors import SensorLost

WINDOWS = sys.platform == "win32"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the stem of a session that was recorded fast."""
    stem = tmp_path_factory.mktemp("recorded") / "session"
    assert main(["record", str(stem), "--simulate", "--fast", "--seed", "3"]) == 0
    return stem


def test_a_simulated_recording_ends_in_the_verdict_of_what_was_simulated(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    csv = recorded.with_suffix(".csv")
    assert main(["analyse", str(csv)]) == 0
    assert "RIGHT: hamstring first" in capsys.readouterr().out
    truth = simulate_session(seed=3)
    (side,) = analyse(read_recording(csv)).sides
    (expected,) = analyse(truth).sides
    assert side.verdict == expected.verdict == "hamstring first"
    assert side.difference_s == pytest.approx(expected.difference_s, abs=0.005)


def test_the_sidecar_says_what_was_recorded_and_how_well(recorded: Path) -> None:
    sidecar = json.loads(recorded.with_suffix(".json").read_text(encoding="ascii"))
    (sensor,) = sidecar["Sensors"]
    assert sensor["title"] == sidecar["ManufacturersModelName"] or sidecar["Manufacturer"] == "simulation"
    assert sensor["rate_Hz"] == pytest.approx(1000.0, abs=0.1)
    assert sensor["lost_samples"] == 0
    assert sidecar["Sync"] == {"method": "same device", "offset_s": 0.0, "sd_s": 0.0}
    assert sum(event["trial_type"] == "cue/R" for event in sidecar["Events"]) == 10


def test_export_makes_the_same_csv_again_and_reads_csv_too(recorded: Path, tmp_path: Path) -> None:
    again, third = tmp_path / "again.csv", tmp_path / "third.csv"
    assert main(["export", str(recorded.with_suffix(".emgj")), "-o", str(again)]) == 0
    assert again.read_bytes() == recorded.with_suffix(".csv").read_bytes()
    assert main(["export", str(again), "-o", str(third)]) == 0
    assert third.read_bytes() == again.read_bytes()
    assert main(["export", str(again)]) == 2


def test_a_journal_can_be_analysed_itself(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyse", str(recorded.with_suffix(".emgj"))]) == 0
    assert "RIGHT: hamstring first" in capsys.readouterr().out


def test_a_recording_is_never_written_over(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = recorded.with_suffix(".emgj").read_bytes()
    assert main(["record", str(recorded), "--simulate", "--fast", "--duration", "5"]) == 2
    assert "choose another name" in capsys.readouterr().err
    assert recorded.with_suffix(".emgj").read_bytes() == before


@pytest.mark.parametrize("ending", [".csv", ".json", ".emgj"])
def test_a_name_that_any_file_has_is_refused_before_a_sensor_is_opened(
    ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / f"mine{ending}"
    kept.write_text("by hand")
    assert main(["record", str(tmp_path / "mine"), "--sensor", "nobody"]) == 2
    assert "choose another name" in capsys.readouterr().err
    assert [(p, p.read_text()) for p in tmp_path.iterdir()] == [(kept, "by hand")]


def test_an_export_replaces_only_what_it_would_write_itself_unless_forced(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    again = tmp_path / "again.csv"
    command = ["export", str(recorded.with_suffix(".emgj")), "-o", str(again)]
    assert main(command) == 0
    assert main(command) == 0
    sidecar = again.with_suffix(".json")
    exported = sidecar.read_bytes()
    sidecar.write_bytes(exported.replace(b"knee straight", b"knee bent"))
    capsys.readouterr()
    assert main(command) == 2
    assert "--force" in capsys.readouterr().err
    assert b"knee bent" in sidecar.read_bytes()
    assert main([*command, "--force"]) == 0
    assert sidecar.read_bytes() == exported


@pytest.mark.parametrize("ending", [".csv", ".json", ".emgj"])
def test_the_demo_leaves_alone_what_is_no_demo(ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    real = tmp_path / f"session{ending}"
    real.write_text('{"Manufacturer": "Upside Down Labs"}')
    assert main(["demo", "--out", str(tmp_path)]) == 2
    assert "choose another --out" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == [real.name]


def test_a_demo_replaces_an_earlier_demo(tmp_path: Path) -> None:
    assert main(["demo", "--out", str(tmp_path), "--seed", "3"]) == 0
    before = (tmp_path / "session.csv").read_bytes()
    assert main(["demo", "--out", str(tmp_path), "--seed", "4"]) == 0
    assert (tmp_path / "session.csv").read_bytes() != before


def test_a_replay_says_what_happens_and_ends_in_the_same_verdict(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyse", str(recorded.with_suffix(".csv"))]) == 0
    batch = capsys.readouterr().out
    assert main(["replay", str(recorded.with_suffix(".emgj")), "--fast"]) == 0
    printed = capsys.readouterr().out
    assert "lift 1 begins (right)" in printed
    assert printed.count("result: Lift") >= 8
    verdict = next(line for line in batch.splitlines() if line.startswith("RIGHT:"))
    assert verdict in printed


def test_two_boards_are_put_on_one_time_base_by_their_tap_test(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stem = tmp_path / "two"
    assert main(["record", str(stem), "--simulate", "--fast", "--two-sensors", "--duration", "40"]) == 0
    assert "Clocks:    tap" in capsys.readouterr().out
    recording = read_recording(stem.with_suffix(".csv"))
    assert [c.label for c in recording.channels] == ["GMAX_R", "BF_R"]
    assert recording.clock.method == "tap"
    assert 0.0005 < recording.clock.sd_s < 0.004
    assert main(["replay", str(stem.with_suffix(".csv")), "--fast"]) in (0, 1)  # the taps are no lifts
    printed = capsys.readouterr().out
    first_cue = printed.index("cue/R")
    assert "tap" in printed[:first_cue]
    assert "lift 1" not in printed[:first_cue]
    assert "lift 1 begins" in printed[first_cue:]


def test_channels_get_the_names_that_are_given(tmp_path: Path) -> None:
    stem = tmp_path / "named"
    command = ["record", str(stem), "--simulate", "--fast", "--duration", "5", "--channels", "_,ST_L"]
    assert main(command) == 0
    assert [c.label for c in read_recording(stem.with_suffix(".csv")).channels] == ["ST_L"]


def test_names_reach_the_channels_of_boards_that_have_one_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FastClock()
    boards = [emgo1_board(id, lambda t: 1e-4 * np.sin(9 * t[:, None]), n_channels=1) for id in ("a", "b")]
    table = Table(SimulatedTransport(boards, clock=clock), clock)  # as of a radio: nobody knows the boards beforehand
    monkeypatch.setattr("emgorder.cli.record.laid_table", lambda *_, **__: table)
    stem = tmp_path / "two"
    command = ["record", str(stem), "--sensor", "a", "--sensor", "b", "--duration", "5", "--channels", "GMAX_R,BF_R"]
    assert main(command) == 0
    assert [c.label for c in read_recording(stem.with_suffix(".csv")).channels] == ["GMAX_R", "BF_R"]


def test_channels_can_be_named_when_a_recording_is_exported_again(tmp_path: Path) -> None:
    stem = tmp_path / "named"
    assert main(["record", str(stem), "--simulate", "--fast", "--duration", "5"]) == 0
    for source in (".emgj", ".csv"):
        again = tmp_path / f"again{source}.csv"
        command = ["export", str(stem.with_suffix(source)), "-o", str(again), "--channels"]
        assert main([*command, "_,ST_L"]) == 0
        assert [(c.label, c.target_muscle) for c in read_recording(again).channels] == [("ST_L", "ST")]
        assert main([*command, "a,b,c"]) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["record", "x", "--fast"], "--fast: needs --simulate"),
        (["record", "x", "--two-sensors"], "--two-sensors: needs --simulate"),
        (["record", "x", "--simulate", "--duration", "0"], "--duration"),
        (["record", "x", "--simulate", "--fast", "--channels", "a,,b"], "--channels"),
        (["record", "x", "--simulate", "--fast", "--channels", "a,b,c"], "no more channels"),
        (["record", "x", "--simulate", "--fast", "--sensor", "nobody"], "nobody: was not heard"),
        (["record", "x", "--simulate", "--duration", "inf"], "--duration"),
        (["record", ".", "--simulate", "--fast"], "is a folder"),
        (["record", "", "--simulate", "--fast"], "is a folder"),
        (["record", "x" * 300, "--simulate", "--fast"], "choose another name"),
        (["record", "x", "--timeout", "nan"], "--timeout"),
        (["record", "x", "--timeout", "-1"], "--timeout"),
        (["record", "x", "--channels", "_,_"], "leaves every channel out"),
        (["doctor", "--simulate", "--duration", "-1"], "--duration"),
        (["doctor", "--simulate", "--duration", "nan"], "--duration"),
        (["doctor", "--fast"], "--fast: needs --simulate"),
        (["export", "."], "is a folder"),
        (["export", "/"], "is a folder"),
        (["export", "nowhere.emgj"], "nowhere.emgj"),
        (["replay", "nowhere.emgj", "--speed", "0"], "--speed"),
        (["replay", "nowhere.emgj", "--speed", "1e-300"], "--speed"),
        (["replay", "nowhere.emgj", "--speed", "nan"], "--speed"),
    ],
)
def test_what_makes_no_sense_ends_in_exit_code_2_and_writes_nothing(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_scan_lists_the_sensors(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", "--simulate", "--two-sensors"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in printed] == ["emgo1-glute", "emgo1-hamstring"]


def test_the_doctor_finds_a_simulated_sensor_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--simulate", "--fast"]) == 0
    printed = capsys.readouterr().out
    assert "1000 promised" in printed
    assert "0 samples lost" in printed
    assert "LOOK" not in printed
    assert "all promises are kept" in printed


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--simulate", "overruns"], 1, "LOOK  overruns: none promised"),
        (["--simulate", "no-status", "--sensor", "no-status"], 1, "to look at: 1 of"),
        (["--simulate", "npg_lite"], 0, "500 promised"),
        (["--simulate", "myo"], 1, "cannot support an order verdict"),
        (["--simulate", "good", "--sensor", "nobody"], 2, "nobody: was not heard"),
    ],
)
def test_the_exit_code_of_the_doctor_tells_whether_promises_are_kept(
    arguments: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--fast", *arguments]) == code
    assert said in capsys.readouterr().out


def test_the_doctor_names_the_boards_that_it_can_simulate(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("gods-own", ""):
        assert main(["doctor", "--simulate", name, "--fast"]) == 2
        assert "overruns" in capsys.readouterr().err


def test_a_sensor_that_cannot_be_opened_is_told_and_ends_in_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def away(*anything: object) -> None:
        raise SensorLost("went away", sensor="good")

    monkeypatch.setattr(SimulatedTransport, "open", away)
    assert main(["doctor", "--simulate", "--fast"]) == 2
    assert "LOOK  good: went away" in capsys.readouterr().out


class Failing:
    """A listener that fails after two seconds."""

    n = 0

    def __init__(self, *anything: object) -> None: ...

    def __call__(self, item: object) -> None:
        self.n += 1
        if self.n > 100:
            raise ZeroDivisionError("no screen")


def test_what_was_recorded_is_exported_and_the_error_told_when_a_listener_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emgorder.cli.record.LslOutlet", Failing)
    stem = tmp_path / "kept"
    assert main(["record", str(stem), "--simulate", "--fast", "--duration", "5", "--lsl"]) == 2
    error = capsys.readouterr().err
    assert "emgorder: ZeroDivisionError: no screen. What was recorded before is kept: " in error
    assert read_recording(stem.with_suffix(".csv")).duration_s == pytest.approx(5.0, abs=0.1)


@pytest.mark.skipif(WINDOWS, reason="there is no such shell there")
def test_a_reader_that_leaves_costs_no_recording(tmp_path: Path) -> None:
    command = f"{sys.executable} -m emgorder record {tmp_path / 'piped'} --simulate --fast --duration 5 | true"
    subprocess.run(command, shell=True, check=True)
    assert read_recording(tmp_path / "piped.csv").duration_s == pytest.approx(5.0, abs=0.1)


@pytest.mark.parametrize(
    ("command", "slow"),
    [
        (["scan"], "discover"),
        (["doctor"], "discover"),
        (["doctor"], "open"),
        (["doctor"], "start"),
        (["record", "x"], "discover"),
        (["record", "x"], "open"),
        (["record", "x"], "start"),
    ],
)
@pytest.mark.skipif(WINDOWS, reason="a process cannot be interrupted there without its console")
def test_ctrl_c_is_heard_while_a_sensor_does_not_answer_and_leaves_no_file(
    command: list[str],
    slow: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def never(*anything: object) -> None:
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGINT)
        await asyncio.Event().wait()

    owner = SimulatedLink if slow == "start" else SimulatedTransport
    monkeypatch.setattr(owner, slow, never)
    monkeypatch.chdir(tmp_path)
    assert main([*command, "--simulate"]) == 130
    assert capsys.readouterr().err.endswith("stopped\n")
    assert not list(tmp_path.iterdir())


def test_real_sensors_without_names_are_told_of_before_and_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock, session = FastClock(), simulated_session(seed=1, n_lifts=1)
    table = Table(SimulatedTransport(session.sensors, clock=clock), clock, session=None)
    monkeypatch.setattr("emgorder.cli.record.laid_table", lambda *_, **__: table)
    stem = tmp_path / "unnamed"
    assert main(["record", str(stem), "--duration", "4"]) == 0
    printed, aside = capsys.readouterr()
    assert "Looking for sensors, 5 s." in aside
    assert "The channels have no names" in aside
    assert "--channels GMAX_R,BF_R" in aside
    assert f'emgorder analyse {stem}.csv --muscles "GMAX=' in printed


def test_names_from_the_air_cannot_steer_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def heard(self: SimulatedTransport, timeout_s: float) -> list[SensorInfo]:
        return [SensorInfo(f"id{n}\x1b]0;gone\x07", "EMGO\x1b[2J\r", "emgo1") for n in (1, 2)]

    monkeypatch.setattr(SimulatedTransport, "discover", heard)
    main(["scan", "--simulate"])
    main(["doctor", "--simulate", "--fast"])
    main(["doctor", "--simulate", "--fast", "--sensor", "nobody"])
    printed = "".join(capsys.readouterr())
    assert "EMGO[2J" in printed
    assert not any(c in printed for c in "\x1b\x07\r")


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "emgorder", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for(path: Path, n_bytes: int, process: subprocess.Popen[str]) -> None:
    """Wait until the recorder has written so much."""
    while not (path.exists() and path.stat().st_size > n_bytes):
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.005)


def test_a_recorder_that_is_killed_leaves_a_session_with_a_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stem, journal = tmp_path / "killed", tmp_path / "killed.emgj"
    # 20 lifts; 144 bytes a packet of 23 ms: the kill comes when at least 120 s are written
    process = start("record", str(stem), "--simulate", "--fast", "--seed", "3", "--duration", "270")
    wait_for(journal, 120 * 144 * 1000 // 23, process)
    process.kill()
    process.communicate()
    assert not stem.with_suffix(".csv").exists()
    assert main(["export", str(journal)]) == 0
    assert "not ended" in capsys.readouterr().out
    recording = read_recording(stem.with_suffix(".csv"))
    assert 110.0 < recording.duration_s
    assert not np.isnan(recording.data).any()
    assert main(["analyse", str(stem.with_suffix(".csv"))]) == 0
    assert "RIGHT: hamstring first" in capsys.readouterr().out


@pytest.mark.skipif(WINDOWS, reason="its shell quotes in another way")
def test_the_command_that_is_shown_can_be_typed_whatever_the_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stem = tmp_path / "Anna's left leg $1"
    assert main(["record", str(stem), "--simulate", "--fast", "--duration", "3"]) == 0
    (shown,) = [line for line in capsys.readouterr().out.splitlines() if "analyse" in line]
    assert shlex.split(shown.partition("? ")[2]) == ["emgorder", "analyse", f"{stem}.csv"]


def test_a_recording_that_is_broken_off_says_what_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a second Ctrl-C does, while the sensors are being closed."""

    def interrupted(work: Any) -> None:
        run_until_stopped(work)
        raise KeyboardInterrupt

    monkeypatch.setattr(record, "run_until_stopped", interrupted)
    journal = tmp_path / "broken.emgj"
    assert main(["record", str(journal), "--simulate", "--fast", "--duration", "3"]) == 130
    assert f"emgorder export {journal}" in capsys.readouterr().err
    assert main(["export", str(journal)]) == 0


@pytest.mark.skipif(WINDOWS, reason="a process cannot be interrupted there without its console")
def test_ctrl_c_ends_a_recording_and_keeps_it(tmp_path: Path) -> None:
    stem, journal = tmp_path / "stopped", tmp_path / "stopped.emgj"
    process = start("record", str(stem), "--simulate")
    wait_for(journal, 12_000, process)
    os.kill(process.pid, signal.SIGINT)
    printed, error = process.communicate()
    assert process.returncode == 0, error
    assert f"emgorder analyse {stem.with_suffix('.csv')}" in printed
    recording = read_recording(stem.with_suffix(".csv"))
    assert 1.0 < recording.duration_s < 60.0
    assert recording.notes == ()
