"""The sketches of the boards as programs of this machine, in front of stand-ins for their libraries."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import lacking
from tests.firmware.core import SOURCES

HERE = Path(__file__).parent
BOARDS = SOURCES.parents[1] / "boards"
STUBS = HERE / "board_stubs"
SANITIZED = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")


@dataclass(frozen=True)
class Sent:
    """A value that left by a characteristic, and the MTU at that moment."""

    how: str
    characteristic: str
    mtu: int
    data: bytes


@dataclass(frozen=True)
class Told:
    """What a sketch did: the values it sent, and its other lines."""

    sent: tuple[Sent, ...]
    lines: tuple[str, ...]

    def of(self, characteristic: str, how: str = "notify") -> list[Sent]:
        """Return what one characteristic sent, by the last digit of its number."""
        return [sent for sent in self.sent if (sent.characteristic, sent.how) == (characteristic, how)]


def build_sketch(folder: Path, board: str, *defined: str) -> Path:
    """Compile core and sketch; the test is skipped (or fails) where there is no compiler."""
    c, cpp = shutil.which("cc") or shutil.which("gcc"), shutil.which("c++") or shutil.which("g++")
    if c is None or cpp is None:
        lacking("a C and a C++ compiler")
    objects = []
    for source in sorted(SOURCES.glob("*.c")):
        objects.append(str(folder / f"{source.stem}.o"))
        _run([str(c), "-std=c99", *SANITIZED, "-c", str(source), "-o", objects[-1]])
    includes = [f"-I{path}" for path in (HERE, STUBS / board, SOURCES, BOARDS / f"emgo1_{board}")]
    program = folder / board
    warned = ["-std=c++17", "-Wall", "-Wextra", "-Werror", *defined, *includes]
    _run([str(cpp), *warned, *SANITIZED, str(HERE / f"sketch_{board}.cpp"), *objects, "-pthread", "-o", str(program)])
    return program


def play(program: Path, *orders: str) -> Told:
    """Run a sketch from its setup() on through these orders; it must have found nothing wrong with itself."""
    ran = subprocess.run([program], input="\n".join(orders), capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    sent, lines = [], []
    for line in ran.stdout.splitlines():
        words = line.split()
        if words[0] in ("notify", "indicate", "value"):
            sent.append(Sent(words[0], words[1], int(words[2]), bytes.fromhex("".join(words[3:]))))
        else:
            lines.append(line)
    return Told(tuple(sent), tuple(lines))


def _run(command: list[str]) -> None:
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
