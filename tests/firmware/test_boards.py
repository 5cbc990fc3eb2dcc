"""The board files stay thin, say that they never ran, and fit the core and what is known of their libraries."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import lacking
from tests.firmware.core import SOURCES
from tests.firmware.sketch import BOARDS, STUBS

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
def test_a_board_file_fits_the_core_and_what_is_known_of_its_libraries(board: str, defined: str) -> None:
    sketch = BOARDS / f"emgo1_{board}" / f"emgo1_{board}.ino"
    assert check_syntax(sketch, board, defined) == ""


def test_a_board_file_that_calls_the_core_wrongly_does_not_fit(tmp_path: Path) -> None:
    sketch = BOARDS / "emgo1_nano33ble" / "emgo1_nano33ble.ino"
    wrong = tmp_path / "wrong.ino"
    wrong.write_text(sketch.read_text(encoding="utf-8").replace("emgo1_tick(&device,", "emgo1_tick("), encoding="utf-8")
    assert "emgo1_tick" in check_syntax(wrong, "nano33ble")


def test_the_esp32_starts_its_service_when_it_has_all_characteristics_and_before_it_advertises() -> None:
    sketch = (BOARDS / "emgo1_esp32" / "emgo1_esp32.ino").read_text(encoding="utf-8")
    last = sketch.rindex("createCharacteristic")
    assert last < sketch.index("service->start();") < sketch.index("startAdvertising")


def test_a_board_tells_the_delay_of_its_own_averaging_and_the_full_scale_that_its_page_names(tmp_path: Path) -> None:
    told = tmp_path / "told.cpp"
    told.write_text(
        '#include "converter.h"\n'
        'static_assert(GROUP_DELAY_US == FRONT_END_DELAY_US + 500, "half of the millisecond that is summed up");\n'
        'static_assert(SKEW_NS * OVERSAMPLE * CHANNELS == 1000000000 / RATE_HZ, "inputs take turns");\n',
        encoding="utf-8",
    )
    assert check_syntax(told, "esp32", "-DCONFIG_IDF_TARGET_ESP32=1", "-Wno-unused") == ""
    page = (BOARDS.parent / "README.md").read_text(encoding="utf-8")
    (row,) = [line for line in page.splitlines() if line.startswith("| full scale")]
    for board, cell in zip(("esp32", "nano33ble"), row.split("|")[2:4], strict=True):
        volts = float(cell.split()[0])
        header = (BOARDS / f"emgo1_{board}" / "converter.h").read_text(encoding="utf-8")
        assert f"UV_PER_COUNT = {volts}e6f / " in header
    for board in ("esp32", "nano33ble"):
        sketch = (BOARDS / f"emgo1_{board}" / f"emgo1_{board}.ino").read_text(encoding="utf-8")
        assert "GROUP_DELAY_US" in sketch


def test_the_page_on_building_names_the_boards_as_they_advertise_themselves() -> None:
    page = (BOARDS.parents[1] / "building-an-emgo1.md").read_text(encoding="utf-8")
    advertised = {name for path in FILES for name in re.findall(r'"(EMGO-\w+)"', path.read_text(encoding="utf-8"))}
    assert len(advertised) == 2
    assert set(re.findall(r"(?:--sensor |`)(EMGO-\w+)", page)) == advertised
