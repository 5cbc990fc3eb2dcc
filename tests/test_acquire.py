"""The acquisition script leads through a test in any terminal, and says what the analysis of its files says."""

from __future__ import annotations

import ast
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import emgorder as eo

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
SCRIPT = EXAMPLES / "acquire.py"
BY_ITSELF = ("--simulate", "--fast", "--yes", "--seed", "108")
PATIENCE_S = 120.0
posix = pytest.mark.skipif(os.name == "nt", reason="needs signals and terminals of POSIX")


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", SCRIPT, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        timeout=PATIENCE_S,
    )


def only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(f"*/{pattern}")
    return found


def verdicts(text: str) -> list[str]:
    return re.findall(r"^(?:RIGHT|LEFT): .*$", text, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("tests")
    return folder, run(folder, *BY_ITSELF, "--lifts", "6", "--side", "L")


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def test_a_session_ends_in_the_numbers_of_the_analysis_of_its_csv(finished) -> None:  # type: ignore[no-untyped-def]
    folder, done = finished
    assert (done.returncode, done.stderr) == (0, "")
    again = eo.analyse(eo.read_recording(only(folder, "both.csv")))
    saved = eo.read_result(only(folder, "result.json"))
    pd.testing.assert_frame_equal(again.summary, saved.summary, rtol=1e-9)
    pd.testing.assert_frame_equal(again.order, saved.order, rtol=1e-9)
    assert [side.n_lifts for side in again.sides] == [6, 6]


def test_its_words_are_those_of_the_command_line(finished) -> None:  # type: ignore[no-untyped-def]
    folder, done = finished
    command = [sys.executable, "-m", "emgorder", "analyse", only(folder, "both.csv")]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    told = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, timeout=PATIENCE_S).stdout
    said = verdicts(done.stdout)
    assert len(said) == 2
    for line in said:
        assert line.lower() in " ".join(told.split()).lower()


def test_every_screen_is_labelled_as_simulated_and_every_file_is_named(finished) -> None:  # type: ignore[no-untyped-def]
    folder, done = finished
    titles = [line for line in done.stdout.splitlines() if line.startswith("── ")]
    assert [title.split(" · ")[0] for title in titles[:4]] == ["── New test", "── Place", "── Connect", "── Contact"]
    assert all("SIMULATED" in title for title in titles)
    written = {Path(line.removeprefix("Written: ")) for line in done.stdout.splitlines() if "Written: " in line}
    assert {path.name for path in written} == {"both.emgj", "both.csv", "both.json", "result.json", "report.html"}
    assert all(path.is_file() and folder in path.parents for path in written)


def test_the_order_is_kept_back_until_the_set_is_over_unless_it_is_a_training(finished) -> None:  # type: ignore[no-untyped-def]
    _, done = finished
    during, after = done.stdout.split("6 lifts counted.")[:2]
    assert "Lift 6/6 · recorded" in during
    assert "first" not in re.findall(r"Lift \d/6.*", during.lower())
    assert re.search(r"Lift 1/6 · (glute|hamstring|together|too close)", after)


def test_a_log_has_no_escape_codes(finished) -> None:  # type: ignore[no-untyped-def]
    assert "\x1b" not in finished[1].stdout
    assert "\a" not in finished[1].stdout


def test_the_replay_of_the_csv_ends_in_the_same_sentences(finished) -> None:  # type: ignore[no-untyped-def]
    folder, done = finished
    replayed = run("--replay", only(folder, "both.csv"), "--fast")
    assert (replayed.returncode, replayed.stderr) == (0, "")
    assert verdicts(replayed.stdout) == verdicts(done.stdout)
    assert "REPLAY" in replayed.stdout
    assert replayed.stdout.count("♪ Lift") == 12 + 6  # with practice


def test_an_output_without_the_signs_shows_similar_ones(finished) -> None:  # type: ignore[no-untyped-def]
    folder, _ = finished
    plain = run("--replay", only(folder, "both.csv"), "--fast", PYTHONIOENCODING="ascii")
    assert plain.returncode == 0
    assert plain.stdout.isascii()
    assert "-- Result - REPLAY --" in plain.stdout
    assert "+ Lift 1 - " in plain.stdout
    assert len(verdicts(plain.stdout)) == 2


def test_a_missing_recording_and_a_folder_that_is_a_file_are_told_in_words(tmp_path: Path) -> None:
    missing = run("--replay", tmp_path / "none.csv", "--fast")
    assert missing.returncode == 2
    assert "none.csv" in missing.stderr
    assert "Traceback" not in missing.stderr
    (tmp_path / "file").write_text("no folder")
    unusable = run(tmp_path / "file", *BY_ITSELF)
    assert unusable.returncode == 2
    assert "✕ " in unusable.stdout


def test_virtual_time_is_refused_where_a_person_must_answer(tmp_path: Path) -> None:
    refused = run(tmp_path, "--simulate", "--fast")
    assert refused.returncode == 2
    assert "--yes" in refused.stderr


def test_lines_are_answers_where_there_is_no_terminal_and_their_end_stops(tmp_path: Path) -> None:
    answers = ["no", "anna", "7", "2", "n", "", "3", "training", "2", "5", "", "yes", *[""] * 7]
    done = subprocess.run(
        [sys.executable, SCRIPT, tmp_path, "--simulate"],
        input="\n".join([*answers, "", ""]) + "\n",
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        timeout=PATIENCE_S,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "! give a number from 1 to 2" in done.stdout
    assert "Please do not test now." in done.stdout
    for kept in ("Pseudonym [anna]", "First side [2]", "side too [no]", "0 to 10 [3]", "shown? [2]", "a side [5]"):
        assert kept in done.stdout
    assert "── Place · anna · Left leg · training · SIMULATED ──" in done.stdout
    assert not list(tmp_path.glob("*/test.json"))  # nothing was recorded


@posix
@pytest.mark.parametrize(
    ("sent", "when", "lifts"),
    [(signal.SIGINT, "Now: squeeze", False), (signal.SIGTERM, "Lift 2/6 · recorded", True)],
)
def test_a_signal_stops_and_keeps_what_was_recorded(tmp_path: Path, started, sent, when, lifts) -> None:  # type: ignore[no-untyped-def]
    process = subprocess.Popen(
        [sys.executable, SCRIPT, tmp_path, *BY_ITSELF, "--lifts", "6"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    started.append(process)
    assert process.stdout is not None
    lines = iter(process.stdout.readline, b"")
    assert any(when in line.decode() for line in lines)
    process.send_signal(sent)
    rest = b"".join(lines).decode()
    assert process.wait(PATIENCE_S) == 1  # too few lifts for a verdict
    assert only(tmp_path, "both.emgj").stat().st_size > 0
    kept = eo.read_recording(only(tmp_path, "both.csv"))
    assert (kept.events["trial_type"] == "cue/R").any() == lifts
    assert bool(verdicts(rest)) == lifts
    assert "Result" in rest
    assert all("SIMULATED" in line for line in rest.splitlines() if line.startswith("── "))


class Terminal:
    """A terminal of 80 × 24 with the script in it."""

    def __init__(self, *arguments: str | Path, **environment: str) -> None:
        import fcntl
        import pty
        import struct
        import termios

        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        variables = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES")}
        self.process = subprocess.Popen(
            [sys.executable, SCRIPT, *arguments],
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            env={**variables, "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8", **environment},
            start_new_session=True,
        )
        self.seen, self.at, self.closed = "", 0, False

    def read(self) -> None:
        if select.select([self.master], [], [], 0.05)[0]:
            self.seen += os.read(self.master, 65536).decode("utf-8", "replace")

    def until(self, text: str) -> Terminal:
        end_s = time.monotonic() + PATIENCE_S
        while text not in self.seen[self.at :]:
            ended = self.process.poll() is not None or time.monotonic() > end_s
            self.read()
            assert not ended or text in self.seen[self.at :], f"no {text!r}: {self.seen[self.at :][-3000:]}"
        self.at = self.seen.index(text, self.at) + len(text)
        return self

    def press(self, keys: str) -> Terminal:
        os.write(self.master, keys.encode())
        return self

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            os.close(self.master)
            os.close(self.slave)

    def left(self) -> int:
        end_s = time.monotonic() + PATIENCE_S
        while self.process.poll() is None:
            assert time.monotonic() < end_s, self.seen[-3000:]
            self.read()
        self.read()
        return self.process.returncode

    def is_as_before(self) -> bool:
        import termios

        shown = self.seen.rfind("\x1b[?25h") > self.seen.rfind("\x1b[?25l")  # the cursor
        return shown and bool(termios.tcgetattr(self.slave) == self.before)

    def fill_first_screen(self) -> Terminal:
        self.until("None of these").press("y\r")
        self.until("Pseudonym [").press("anna\x7fe\r").until("First side [1]").press("2\r")
        for label in ("Test the other side", "Hamstring under", "Pain now", "is the order", "Lifts a side"):
            self.until(f"{label}").press("\r")
        return self.until("[space] Next")


@pytest.fixture
def terminal(started) -> Iterator[type[Terminal]]:  # type: ignore[no-untyped-def]
    made: list[Terminal] = []

    class Kept(Terminal):
        def __init__(self, *arguments: str | Path, **environment: str) -> None:
            super().__init__(*arguments, **environment)
            made.append(self)
            started.append(self.process)

    yield Kept
    for each in made:
        each.close()


@posix
def test_single_keys_fill_the_first_screen_and_back_twice_leaves(tmp_path: Path, terminal: type[Terminal]) -> None:
    at = terminal(tmp_path, "--simulate", "--seed", "3", NO_COLOR="1").fill_first_screen().press(" ")
    at.until("Put the electrodes").until("[b] Back").press("b").until("None of these").press("\r")
    at.until("Pseudonym [anne]").press("\r")  # what was filled in is still there
    for label in ("First side", "Test the other side", "Hamstring under", "Pain now", "is the order", "Lifts a side"):
        at.until(f"{label}").press("\r")
    at.until("[b] Back").press("b")
    assert at.left() == 1
    assert at.is_as_before()
    assert not list(tmp_path.glob("*/*.emgj"))


@posix
def test_levels_move_while_it_records_and_q_twice_keeps_it(tmp_path: Path, terminal: type[Terminal]) -> None:
    at = terminal(tmp_path, "--simulate", "--seed", "3", NO_COLOR="1").fill_first_screen().press(" ")
    at.until("Put the electrodes").until("[space] Next").press("\r")
    at.until("Sensors [1]").press("\r").until("[space] Use these").press(" ")
    for number in range(1, 5):
        at.until(f"channel {number} [").press("\r")
    at.until("[space] Next").press(" ")
    at.until("Squeeze the left").until("GMAX_L").until("█").until("[n] Note").press("n").until("Note: ")
    at.press("cold room\r").until("Note: cold room")
    at.until("[q] ").press("q").until("q once more").press("x").until("[q] ").press("q")
    at.until("q once more").press("q").until("Written: ").until("[space] Done").press(" ")
    assert at.left() == 1  # nobody lifted
    assert at.is_as_before()
    assert not re.search(r"\x1b\[(?:\d+;)*[349]\d(?:;\d+)*m", at.seen), "a colour"
    assert "SIMULATED · anne · Left leg" in at.seen
    events = eo.read_recording(only(tmp_path, "both.csv")).events
    assert events["trial_type"].tolist() == ["note"]


@posix
def test_a_second_interrupt_leaves_at_once_with_the_terminal_as_it_was(
    tmp_path: Path, terminal: type[Terminal]
) -> None:
    at = terminal(tmp_path, *BY_ITSELF).until("Lift 1/10 · recorded")
    at.process.send_signal(signal.SIGINT)
    at.process.send_signal(signal.SIGTERM)  # two of the same could be taken for one
    assert at.left() == 130
    assert at.is_as_before()
    assert only(tmp_path, "both.emgj").stat().st_size > 0


@posix
def test_a_terminal_that_is_closed_costs_nothing(tmp_path: Path, terminal: type[Terminal]) -> None:
    at = terminal(tmp_path, "--simulate", "--yes").until("Now: squeeze")
    at.close()
    at.process.send_signal(signal.SIGHUP)
    assert at.process.wait(PATIENCE_S) == 1
    assert len(eo.read_recording(only(tmp_path, "both.csv")).data) > 1000


@posix
def test_the_bell_rings_once_to_lift_and_twice_to_lower(tmp_path: Path, terminal: type[Terminal]) -> None:
    at = terminal(tmp_path, *BY_ITSELF).until("Practice 1/3").until("Practice 2/3")
    lift = at.seen[at.seen.index("Practice 1/3") : at.seen.index("Practice 2/3")]
    assert lift.count("\a") == 3
    assert "\a\a" in lift


@pytest.mark.parametrize("name", ["acquire.py", "terminal.py"])
def test_it_uses_public_names_only(name: str) -> None:
    tree = ast.parse((EXAMPLES / name).read_text(encoding="utf-8"))
    imported = [alias for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert [alias.asname for alias in imported if alias.name.split(".")[0] == "emgorder"] == ["eo"]
    sources = {(node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    sources |= {alias.name.split(".")[0] for alias in imported} - {"emgorder"}
    assert sources <= {*sys.stdlib_module_names, "rich", "terminal"}
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "eo"
    }
    assert used
    assert used <= set(eo.__all__)
