"""A recorder that is killed, or that another process comes in the way of, loses nothing that it had taken."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from emgorder.acquisition.recorder import Recorder, delivered
from emgorder.acquisition.transport import Packet
from emgorder.errors import RecordingError
from emgorder.io.journal import read_journal
from tests.acquisition.recording import recording
from tests.conftest import lacking

SCRIPT = Path(__file__).with_name("recorder_process.py")


class Recorders:
    """Real recorder processes, one after the other."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def start(self, path: Path, pace: str) -> int:
        assert self._process.stdin is not None
        path.with_name(path.name + ".taken").write_bytes(bytes(8))
        self._process.stdin.write(f"{path} {pace}\n")
        self._process.stdin.flush()
        return int(self._line())

    def kill(self, child: int) -> None:
        os.kill(child, signal.SIGKILL)
        assert int(self._line()) == signal.SIGKILL, "it was running until it was killed"

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@pytest.fixture(scope="module")
def recorders() -> Iterator[Recorders]:
    """Yield what starts recorder processes and kills them."""
    if not hasattr(os, "fork"):
        lacking("fork")
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, str(SCRIPT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as process:
        yield Recorders(process)
        assert process.stdin is not None
        process.stdin.close()


def taken(path: Path) -> int:
    return int.from_bytes(path.with_name(path.name + ".taken").read_bytes(), "little")


def wait_for_first(path: Path) -> None:
    for _ in range(10_000):
        if taken(path):
            return
        time.sleep(0.001)
    raise AssertionError("the recorder never began")


@pytest.mark.parametrize("pace", ["paced", "flat"])
@pytest.mark.parametrize("seed", range(12))
def test_a_recorder_that_is_killed_loses_nothing_it_had_taken(
    recorders: Recorders, tmp_path: Path, seed: int, pace: str
) -> None:
    path = tmp_path / "x.emgj"
    child = recorders.start(path, pace)
    wait_for_first(path)
    time.sleep(random.Random(f"{pace} {seed}").uniform(0.0, 0.7 if pace == "paced" else 0.1))
    recorders.kill(child)
    journal = read_journal(path)
    packets = [delivered(record) for record in journal.records if record.kind == "packet"]
    numbers = [int.from_bytes(packet.data[:8], "little") for packet in packets if isinstance(packet, Packet)]
    assert numbers == list(range(len(numbers)))
    assert taken(path) <= len(numbers) <= taken(path) + 1
    assert journal.header["sensors"] == {"left": {}, "right": {}}
    assert (journal.n_damaged, journal.complete) == (0, False)
    assert any("was not ended" in note for note in journal.notes)


@pytest.mark.parametrize("seed", range(6))
def test_a_recorder_that_is_killed_as_it_starts_leaves_a_file_that_opens_or_says_that_it_holds_nothing(
    recorders: Recorders, tmp_path: Path, seed: int
) -> None:
    path = tmp_path / "x.emgj"
    child = recorders.start(path, "flat")
    time.sleep(random.Random(seed).uniform(0.0, 0.03))
    recorders.kill(child)
    if taken(path):
        assert len(read_journal(path).records) >= taken(path)
    elif path.exists():
        try:
            assert read_journal(path).n_damaged == 0
        except RecordingError as exc:
            assert "holds no record" in str(exc)  # noqa: PT017


def test_a_file_that_another_process_records_is_refused_and_that_recording_goes_on(
    recorders: Recorders, tmp_path: Path
) -> None:
    async def body(recorder: Recorder) -> None:
        raise AssertionError("both write")

    path = tmp_path / "x.emgj"
    child = recorders.start(path, "flat")
    wait_for_first(path)
    with pytest.raises(RecordingError, match="another recorder is writing this file: stop it first"):
        recording(path, body)
    before = taken(path)
    for _ in range(10_000):
        if taken(path) > before + 10:
            break
        time.sleep(0.001)
    recorders.kill(child)
    assert len(read_journal(path).records) > before + 10
    with pytest.raises(RecordingError, match="is there already, and a recording is never written over"):
        recording(path, body)
