"""The board files stay thin, say that they never ran, and fit the core and what is known of their libraries."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import lacking
from tests.firmware.core import SOURCES

BOARDS = SOURCES.parents[1] / "boards"
STUBS = Path(__file__).with_name("board_stubs")
FILES = sorted(path for path in BOARDS.rglob("*") if path.is_file())
PLAINLY = "NOT COMPILED HERE; NEVER RAN ON HARDWARE."


def check_syntax(sketch: Path, board: str, *defined: str) -> str:
    """Return what a C++ compiler says of a sketch in front of headers that hold what it uses of its libraries."""
    compiler = shutil.which("c++") or shutil.which("g++")
    if compiler is None:
        lacking("a C++ compiler")
    command = [str(compiler), "-std=c++17", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", *defined]
    command += [f"-I{STUBS / board}", f"-I{SOURCES}", f"-I{BOARDS / f'emgo1_{board}'}", "-x", "c++", str(sketch)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_board_file_is_thin_and_says_that_it_never_ran(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) < 150
    assert PLAINLY in "\n".join(lines[:4])


@pytest.mark.parametrize(
    ("board", "defined"),
    [("esp32", "-DCONFIG_IDF_TARGET_ESP32=1"), ("esp32", "-DCONFIG_IDF_TARGET_ESP32S3=1"), ("nano33ble", "-DNANO=1")],
)
def test_a_board_file_fits_the_core_and_what_is_known_of_its_libraries(
    board: str, defined: str, tmp_path: Path
) -> None:
    sketch = BOARDS / f"emgo1_{board}" / f"emgo1_{board}.ino"
    assert check_syntax(sketch, board, defined) == ""
    wrong = tmp_path / "wrong.ino"
    wrong.write_text(sketch.read_text(encoding="utf-8").replace("emgo1_tick(&device,", "emgo1_tick("), encoding="utf-8")
    assert "emgo1_tick" in check_syntax(wrong, board, defined)
