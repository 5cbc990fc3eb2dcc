"""Cross-compile the EMGO-1 core for a Cortex-M4 and say what it needs: ``python firmware_notes/emgo1/measure.py``.

Writes ``figures.md`` beside itself. Needs ``arm-none-eabi-gcc`` (Debian: ``gcc-arm-none-eabi``); no C library.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from longest_path import Function, Paths, read_disassembly

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "core" / "src"
FIGURES = HERE / "figures.md"
PREFIX = "arm-none-eabi-"
CPU = ("-mcpu=cortex-m4", "-mthumb", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard")
FLAGS = (*CPU, "-Os", "-std=c99", "-ffreestanding", "-Wall", "-Wextra", "-Werror", "-pedantic")
ALLOWED = {"memcpy", "memset", "__aeabi_uldivmod", "__aeabi_ldivmod"}
"""What the core may ask of the outside: two functions of string.h, and the compiler's own division of 64 bits."""
STRING_H = """#include <stddef.h>
void *memcpy(void *, const void *, size_t);
void *memset(void *, int, size_t);
"""
ENTRIES = {
    "interrupt": ("emgo1_take", "emgo1_take_block", "emgo1_lose"),
    "main loop": ("emgo1_packet_ready", "emgo1_packet_taken", "emgo1_command", "emgo1_status", "emgo1_disconnected"),
}
FRAMES, BLOCK, CLOCK_HZ, RATE_HZ = 23, 16, 64_000_000, 1000  # blocks as the board files have them


@dataclass(frozen=True)
class Measured:
    """What was measured; sizes in bytes."""

    compiler: str
    size: dict[str, int]
    ram: dict[int, int]
    stack: dict[str, int]
    instructions: dict[int, dict[str, int]]
    outside: frozenset[str]
    float_instructions: tuple[str, ...]


def tool(name: str, *arguments: str | Path, folder: Path | None = None) -> str:
    """Run a tool of the cross compiler; return what it says."""
    command = [PREFIX + name, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder).stdout


def compile_core(folder: Path) -> Path:
    """Compile and link the core without a library; return the program."""
    (folder / "string.h").write_text(STRING_H, encoding="utf-8")
    objects = []
    for source in sorted(SOURCES.glob("*.c")):
        tool("gcc", *FLAGS, "-isystem", folder, "-fstack-usage", "-fcallgraph-info=su", "-c", source, folder=folder)
        objects.append(folder / f"{source.stem}.o")
    linked = folder / "core.elf"
    loose = ("-nostdlib", "-Wl,--unresolved-symbols=ignore-all", "-Wl,-Ttext=0x1000", "-Wl,-e,emgo1_begin")
    tool("gcc", *CPU, *loose, *objects, "-o", linked)
    return linked


def code_size(folder: Path) -> dict[str, int]:
    """Return the bytes of code and constants of each file; none may have variables of its own."""
    sizes = {}
    for built in sorted(folder.glob("emgo1_*.o")):
        text, data, bss = map(int, tool("size", built).splitlines()[1].split()[:3])
        if data or bss:
            raise SystemExit(f"{built.stem} has {data + bss} bytes of variables of its own")
        sizes[f"{built.stem}.c"] = text
    return sizes


def device_size(folder: Path, n_channels: int) -> int:
    """Return the bytes of one device built for so many channels."""
    source = folder / "one.c"
    source.write_text('#include "emgo1_device.h"\nemgo1_device one;\n', encoding="utf-8")
    built = folder / "one.o"
    tool("gcc", *FLAGS, f"-DEMGO1_CHANNELS={n_channels}u", "-isystem", folder, "-I", SOURCES, "-c", source, "-o", built)
    size = int(tool("size", built).splitlines()[1].split()[2])
    built.unlink()
    return size


def outside_symbols(folder: Path) -> frozenset[str]:
    """Return what the objects ask for that none of them has."""
    listed = tool("nm", *sorted(folder.glob("emgo1_*.o"))).splitlines()
    rows = [line.split() for line in listed if line.strip() and not line.endswith(":")]
    has = {row[-1] for row in rows if row[-2] in "TtDdBbRr"}
    return frozenset(row[-1] for row in rows if row[-2] == "U") - has


def deepest_stack(folder: Path) -> dict[str, int]:
    """Return the bytes of stack that each entry needs at most, calls to a board's own functions not counted."""
    own: dict[str, int] = {}
    calls: defaultdict[str, set[str]] = defaultdict(set)
    for graph in folder.glob("emgo1_*.ci"):
        text = graph.read_text(encoding="utf-8")
        for name, label in re.findall(r'node: { title: "([^"]+)" label: "([^"]+)"', text):
            if used := re.search(r"(\d+) bytes \((\w+)\)", label):
                if used[2] != "static":
                    raise SystemExit(f"the stack of {name} is {used[2]}")
                own[name] = int(used[1])
        for caller, called in re.findall(r'edge: { sourcename: "([^"]+)" targetname: "([^"]+)"', text):
            calls[caller].add(called)

    def depth(name: str, above: tuple[str, ...]) -> int:
        if name in above:
            raise SystemExit(f"{name} calls itself: there is no deepest stack")
        return own.get(name, 0) + max((depth(called, (*above, name)) for called in calls[name]), default=0)

    return {entry: depth(entry, ()) for entries in ENTRIES.values() for entry in entries}


def count_instructions(functions: dict[str, Function], n_channels: int) -> dict[str, int]:
    """Return the most instructions of each step of the sample path, for a board with so many channels."""
    trips = {
        "emgo1_take": (n_channels,),
        "emgo1_take_block": (BLOCK, n_channels),
        "emgo1_packet_add": (n_channels,),
        "emgo1_n_channels": (n_channels,),
        "emgo1_packet_ready": (FRAMES, 8),
        "emgo1_acks_find": (8,),
    }
    closing = Paths(functions, trips, frozenset()).longest("close_packet")
    paths = Paths(functions, trips, frozenset({"close_packet"}))
    packet = paths.longest("emgo1_packet_ready") + closing + paths.longest("emgo1_packet_taken")
    return {
        "take": paths.longest("emgo1_take"),
        "block": -(-paths.longest("emgo1_take_block") // BLOCK),
        "packet": packet,
        "frame": -(-packet // FRAMES),
    }


def measure() -> Measured:
    """Compile the core and measure it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program = compile_core(folder)
        functions = read_disassembly(tool("objdump", "-d", "--no-show-raw-insn", program))
        floats = tuple(
            f"{function.name}: {mnemonic} {operands}"
            for function in functions.values()
            for mnemonic, operands in function.code.values()
            if mnemonic.startswith("v")
        )
        return Measured(
            compiler=tool("gcc", "--version").splitlines()[0],
            size=code_size(folder),
            ram={n: device_size(folder, n) for n in (1, 2, 8)},
            stack=deepest_stack(folder),
            instructions={n: count_instructions(functions, n) for n in (1, 2, 8)},
            outside=outside_symbols(folder),
            float_instructions=floats,
        )


def table(measured: Measured) -> str:
    """Return the page."""
    size = "\n".join(f"| {name} | {n} |" for name, n in measured.size.items())
    stack = "\n".join(f"| `{e}` | {who} | {measured.stack[e]} |" for who, es in ENTRIES.items() for e in es)
    ram = "\n".join(f"| {n} | {bytes_} |" for n, bytes_ in measured.ram.items())
    counts = "\n".join(
        f"| {n} | {c['take']} | {c['block']} | {c['frame']} | {c['packet']} | "
        f"{(max(c['take'], c['block']) + c['frame']) * RATE_HZ / CLOCK_HZ:.2%} |"
        for n, c in measured.instructions.items()
    )
    columns = (
        "channels",
        "interrupt, a conversion (`emgo1_take`)",
        f"interrupt, a conversion in a block of {BLOCK} (`emgo1_take_block`)",
        "main loop, a conversion",
        f"main loop, a packet of {FRAMES}",
        f"of {CLOCK_HZ // 10**6} MHz at {RATE_HZ} Hz",
    )
    header = f"| {' | '.join(columns)} |"
    return f"""# What the core of EMGO-1 needs on a Cortex-M4

Written by `python firmware_notes/emgo1/measure.py`: read off the objects and their disassembly, not run.

* Compiler: {measured.compiler}
* Options: `{" ".join(FLAGS)}`

## Code

| file | bytes |
| --- | --- |
{size}
| **together** | **{sum(measured.size.values())}** |

It asks for {", ".join(f"`{name}`" for name in sorted(measured.outside))} and for nothing else: no heap, no
floating-point instruction or call, no variable of its own.

## RAM

One device, its ring of 256 frames included, built for

| channels (`EMGO1_CHANNELS`) | bytes |
| --- | --- |
{ram}

## Stack

The deepest path; what the functions of a board take comes on top.

| called | from | bytes |
| --- | --- | --- |
{stack}

## Instructions on the sample path

The longest path through the disassembly: every branch the worse way, each loop as often as it can run, in the format
that takes longest. Instructions are not cycles; a load or a division takes a few.

{header}
| --- | --- | --- | --- | --- | --- |
{counts}
"""


def main() -> None:
    """Write the page."""
    if shutil.which(f"{PREFIX}gcc") is None:
        raise SystemExit(f"{PREFIX}gcc is missing; on Debian: apt install --no-install-recommends gcc-arm-none-eabi")
    measured = measure()
    FIGURES.write_text(table(measured), encoding="utf-8")
    sys.stdout.write(table(measured))


if __name__ == "__main__":
    main()
