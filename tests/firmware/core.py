"""The firmware's C core as a program of this machine, under the address and undefined-behaviour sanitizers."""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emgorder.sensors.emgo1 import Emgo1Decoder
from emgorder.sensors.emgo1_control import CtrlReply, Info, Status, read_ctrl_reply, read_info, read_status
from tests.conftest import lacking

SOURCES = Path(__file__).resolve().parents[2] / "firmware_notes" / "emgo1" / "core" / "src"
STRICT = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O1", "-g", "-pthread")
INTERRUPTED = Path(__file__).with_name("interrupted.h")
I16, I12, I24, COMPACT = range(4)
BITS = {I16: 16, I12: 12, I24: 24, COMPACT: 12}
SET_RATE, ASK_INTERVAL, PULSE = 1, 2, 4  # what the board of the program can do
EVERYTHING = SET_RATE | ASK_INTERVAL | PULSE
START, STOP = b"\x01", b"\x02"
TEST_ON, TEST_OFF = b"\x06\x01", b"\x06\x00"


def build(folder: Path, sanitizers: str) -> Path:
    """Compile core and program; the test is skipped (or fails) where there is no compiler that can."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        lacking("a C compiler")
    tried = folder / "empty.c"
    tried.write_text("int main(void) { return 0; }\n", encoding="utf-8")
    command = [str(compiler), *STRICT, f"-fsanitize={sanitizers}", "-fno-sanitize-recover=all"]
    empty = folder / "empty"
    for step in ([*command, str(tried), "-o", str(empty)], [str(empty)]):  # some kernels run no thread sanitizer
        ran = subprocess.run(step, capture_output=True, text=True, check=False)
        if ran.returncode:
            lacking(f"a C compiler with -fsanitize={sanitizers} whose programs run here ({ran.stderr.strip()[:200]})")
    program = folder / "emgo1_host"
    sources = [*sorted(map(str, SOURCES.glob("*.c"))), str(Path(__file__).with_name("emgo1_host.c"))]
    built = subprocess.run(
        [*command, f"-I{SOURCES}", "-include", str(INTERRUPTED), *sources, "-o", str(program)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return program


@dataclass(frozen=True)
class Counters:
    """What the core counts, and what its board was told to do."""

    frames_dropped: int
    next_index: int
    overruns: int
    tx_drops: int
    asked_interval: tuple[int, int]
    pin: int
    edges: int


class Core:
    """One device; its requests are those of ``emgo1_host.c``."""

    def __init__(
        self,
        program: Path,
        *,
        n_inputs: int = 2,
        bits: int = 16,
        formats: int = 0b1111,
        format: int = I16,
        can: int = EVERYTHING,
        first_sequence: int = 0,
        first_index: int = 0,
        boot_id: int = 0xDEADBEEF,
        rate: tuple[int, int] = (1000, 1),
        uV_per_count: float = 1.0,
        delay_us: int = 1500,
        skew_ns: int = 0,
        mtu: int = 247,
    ) -> None:
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        head = struct.pack("<BBBBBHI", n_inputs, bits, formats, format, can, first_sequence, first_index)
        rest = struct.pack("<IIIfffII", boot_id, *rate, uV_per_count, 20.0, 450.0, delay_us, skew_ns)
        self.n_inputs = n_inputs
        self._told = b""
        self._unanswered = 0
        self.ask("B", head + rest)
        if mtu:
            self.connect(mtu)

    def close(self) -> None:
        """End the program, which must have found nothing wrong with itself."""
        stdout = self._process.communicate(self._told)[0]
        assert self._process.returncode == 0
        assert stdout == bytes(4 * self._unanswered)

    def ask(self, operation: str, payload: bytes = b"") -> bytes:
        """Send a request, behind those that were told; return its answer."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        self.tell(operation, payload)
        stdin.write(self._told)
        stdin.flush()
        asked, self._told, self._unanswered = self._unanswered, b"", 0
        for _ in range(asked):
            length = stdout.read(4)
            assert len(length) == 4, f"the program ended with {self._process.wait()}"
            answer = stdout.read(int.from_bytes(length, "little"))
        return answer

    def tell(self, operation: str, payload: bytes = b"") -> None:
        """Keep a request whose answer is empty for the next question: each turn to the program costs time."""
        self._told += struct.pack("<cI", operation.encode(), len(payload)) + payload
        self._unanswered += 1

    def connect(self, mtu: int, interval: int = 12) -> None:
        self.tell("O", struct.pack("<HH", mtu, interval))

    def change_link(self, mtu: int, interval: int = 12) -> None:
        self.tell("M", struct.pack("<HH", mtu, interval))

    def disconnect(self) -> None:
        self.tell("D")

    def take(self, t_us: np.ndarray, counts: np.ndarray, marks: np.ndarray | None = None) -> None:
        """Hand over conversions: times (n,), counts (n, n_inputs), marks (n,)."""
        self.tell("T", self._rows(t_us, counts, marks))

    def take_stopped(self, t_us: np.ndarray, counts: np.ndarray, at: int) -> tuple[list[bytes], CtrlReply]:
        """Hand over conversions while another processor, at this access to a shared number, sends and stops."""
        answer = self.ask("V", struct.pack("<I", at) + self._rows(t_us, counts, None))
        return _packets(answer[:-14]), read_ctrl_reply(answer[-14:])

    def _rows(self, t_us: np.ndarray, counts: np.ndarray, marks: np.ndarray | None) -> bytes:
        rows = np.empty((len(counts), 2 + self.n_inputs), np.uint32)
        rows[:, 0] = np.asarray(t_us).astype(np.uint64) & 0xFFFFFFFF
        rows[:, 1] = 0 if marks is None else marks
        rows[:, 2:] = np.asarray(counts).astype(np.int32).view(np.uint32)
        return rows.astype("<u4").tobytes()

    def take_block(self, last_us: int, counts: np.ndarray) -> None:
        self.tell("K", struct.pack("<I", last_us % 2**32) + counts.astype("<i2").tobytes())

    def lose(self, n: int) -> None:
        self.tell("L", struct.pack("<I", n))

    def tell_rate(self, numerator_Hz: int, denominator: int) -> None:
        """Let the board tell this rate, whatever it is asked for from now on."""
        self.tell("R", struct.pack("<II", numerator_Hz, denominator))

    def interrupt(self, after: int) -> None:
        """Convert :func:`ramp` once more, amid what comes next: before this access to a shared number; 0: do not."""
        self.tell("Z", struct.pack("<I", after))

    def write(self, data: bytes, now_us: int = 0) -> CtrlReply:
        """Write to CTRL; return the answer."""
        return read_ctrl_reply(self.ask("C", struct.pack("<I", now_us % 2**32) + data))

    def ping(self, data: bytes, received_us: int, sent_us: int) -> bytes:
        return self.ask("Y", struct.pack("<II", received_us, sent_us) + data)

    def packets(self, taken: int = 0xFFFF) -> list[bytes]:
        """Return the next packets of a radio that takes so many and refuses the next."""
        return _packets(self.ask("P", struct.pack("<H", taken)))

    def acknowledge(self, n: int, t_us: int) -> None:
        self.tell("A", struct.pack("<BI", n, t_us % 2**32))

    def tick(self, now_us: int) -> bool:
        return self.ask("W", struct.pack("<I", now_us % 2**32)) == b"\x01"

    def warm(self, temperature_C: float) -> None:
        self.tell("E", struct.pack("<h", round(temperature_C * 100)))

    def info(self) -> Info:
        return read_info(self.ask("I"))

    def status(self) -> Status:
        return read_status(self.ask("S"))

    def counters(self) -> Counters:
        dropped, following, overruns, drops, asked, pin, edges = struct.unpack("<7I", self.ask("X"))
        return Counters(dropped, following, overruns, drops, (asked >> 16, asked & 0xFFFF), pin, edges)


def _packets(got: bytes) -> list[bytes]:
    out = []
    while got:
        length = int.from_bytes(got[:2], "little")
        out.append(got[2 : 2 + length])
        got = got[2 + length :]
    return out


def ramp(n: int, n_inputs: int = 2, first: int = 0) -> np.ndarray:
    """Return counts that differ from conversion to conversion and from input to input."""
    index = first + np.arange(n)
    signs: Sequence[int] = [(-1) ** i * (i + 1) for i in range(n_inputs)]
    return (index % 1000)[:, None] * np.array(signs)


def run(core: Core, first: int, n: int) -> list[bytes]:
    """Take `n` conversions a millisecond apart from number `first` on; return the packets that are ready then."""
    core.take(np.arange(first, first + n) * 1000, ramp(n, core.n_inputs, first))
    return core.packets()


def frames(packets: list[bytes]) -> tuple[list[int], np.ndarray]:
    """Return the indices and counts of packets."""
    chunks = [Emgo1Decoder().decode(packet)[0] for packet in packets]
    index = [c.counter + i for c in chunks if c.counter is not None for i in range(len(c.values))]
    return index, np.rint(np.concatenate([c.values for c in chunks]) * 1e6)
