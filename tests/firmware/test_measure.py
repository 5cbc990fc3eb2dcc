"""The core on a Cortex-M4: no heap, no floating point, little code, RAM and stack, and figures that are current."""

from __future__ import annotations

import importlib
import re
import shutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from tests.conftest import lacking
from tests.firmware.core import SOURCES

SCRIPT = SOURCES.parents[1] / "measure.py"
NUMBER = re.compile(r"\d+(?:\.\d+)?")


@pytest.fixture(scope="module")
def script() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(SCRIPT.parent)
        yield importlib.import_module("measure")


@pytest.fixture(scope="module")
def measured(script: ModuleType) -> Any:
    if shutil.which("arm-none-eabi-gcc") is None:
        lacking("arm-none-eabi-gcc (Debian: gcc-arm-none-eabi)")
    return script.measure()


def test_the_core_asks_for_nothing_but_two_functions_of_memory_and_a_division(
    script: ModuleType, measured: Any
) -> None:
    assert measured.outside <= script.ALLOWED


def test_the_core_has_no_instruction_of_floating_point(measured: Any) -> None:
    assert measured.float_instructions == ()


def test_code_ram_and_stack_are_small(measured: Any) -> None:
    assert sum(measured.size.values()) < 6 * 1024
    assert measured.ram[2] < 6 * 1024
    assert measured.ram[8] < 12 * 1024
    assert max(measured.stack.values()) < 256


def test_a_sample_costs_a_few_hundred_instructions(measured: Any) -> None:
    for channels, counts in measured.instructions.items():
        assert counts["take"] < 80 + 8 * channels
        assert counts["block"] < 100 + 12 * channels
        assert counts["frame"] < 220 + 45 * channels


def test_blocks_are_counted_in_the_length_that_the_boards_have(script: ModuleType) -> None:
    for board in (SOURCES.parents[1] / "boards").rglob("converter.h"):
        text = board.read_text(encoding="utf-8")
        assert re.findall(r"\bBLOCK = (\d+)", text) == [str(script.BLOCK)], board


def test_the_figures_are_current(script: ModuleType, measured: Any) -> None:
    kept, now = script.FIGURES.read_text(encoding="utf-8"), script.table(measured)
    if measured.compiler in kept:
        assert kept == now, "run python firmware_notes/emgo1/measure.py"
        return
    old, new = (re.sub(r".*arm-none-eabi-gcc.*", "", text) for text in (kept, now))  # another version of the compiler
    assert NUMBER.sub("#", old) == NUMBER.sub("#", new)
    for was, is_ in zip(NUMBER.findall(old), NUMBER.findall(new), strict=True):
        assert float(is_) == pytest.approx(float(was), rel=0.4, abs=20)


def function(script: ModuleType, name: str, *lines: str) -> Any:
    made = script.Function(name)
    for number, line in enumerate(lines):
        mnemonic, _, operands = line.partition(" ")
        made.code[2 * number] = (mnemonic, operands)
    return made


def test_the_longest_path_takes_the_longer_branch_each_loop_and_each_call(script: ModuleType) -> None:
    inner = function(script, "inner", "adds r0, #1", "bx lr")
    branch = function(
        script, "branch",
        "cbz r0, 8 <branch+0x8>", "adds r1, #1", "adds r1, #2", "b.n a <branch+0xa>", "nop", "bx lr",
    )  # fmt: skip
    loop = function(
        script, "loop",
        "push {r4, lr}",
        "cmp r0, r1", "bcs.n c <loop+0xc>", "bl 0 <inner>", "bl 0 <elsewhere>", "b.n 2 <loop+0x2>",
        "pop {r4, pc}",
    )  # fmt: skip
    functions = {f.name: f for f in (inner, branch, loop)}
    paths = script.Paths(functions, {"loop": (10,)}, frozenset())
    assert paths.longest("inner") == 2
    assert paths.longest("branch") == 5
    assert paths.longest("loop") == 1 + 10 * (5 + 2) + 2 + 1
    with pytest.raises(SystemExit, match="nobody said how often"):
        script.Paths(functions, {}, frozenset()).longest("loop")
