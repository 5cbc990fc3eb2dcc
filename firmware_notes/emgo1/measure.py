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
from dataclasses import dataclass, field
from pathlib import Path

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
FRAMES, BLOCK, CLOCK_HZ, RATE_HZ = 23, 32, 64_000_000, 1000


@dataclass
class Function:
    """Instructions of a function: address to mnemonic and operands."""

    name: str
    code: dict[int, tuple[str, str]] = field(default_factory=dict)


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


def disassemble(program: Path) -> dict[str, Function]:
    """Return the functions of a program."""
    functions: dict[str, Function] = {}
    current = None
    for line in tool("objdump", "-d", "--no-show-raw-insn", program).splitlines():
        if start := re.match(r"[0-9a-f]+ <(\w+)>:", line):
            current = functions[start[1]] = Function(start[1])
        elif current and (found := re.match(r"\s*([0-9a-f]+):\t(\S+)\s*(.*)", line)):
            current.code[int(found[1], 16)] = (found[2], found[3])
    return functions


CONDITIONS = "eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le"


class Paths:
    """Longest paths, in instructions, through the functions of a program.

    A loop runs as often as `trips` says for its function and depth of nesting. Paths through a call of a function in
    `avoid` are left out; a function that is not there (of the compiler or the board) counts as the call alone.
    """

    def __init__(self, functions: dict[str, Function], trips: dict[str, tuple[int, ...]], avoid: frozenset[str]) -> None:
        self.functions, self.trips, self.avoid = functions, trips, avoid

    def longest(self, name: str) -> int:
        """Return the instructions of the longest path from the first one of a function to its return."""
        function = self.functions[name]
        addresses = sorted(function.code)
        follows = dict(zip(addresses, [*addresses[1:], -1], strict=True))
        cost, ways = {}, {}
        for at in addresses:
            cost[at], ways[at] = self._instruction(function, at, follows[at])
        return self._walk(name, addresses[0], set(addresses), cost, ways, 0)

    def _instruction(self, function: Function, at: int, following: int) -> tuple[int, list[int]]:
        """Return what an instruction costs with all that it calls, and where it may go; nowhere: a return."""
        mnemonic, operands = function.code[at]
        bare = re.sub(r"\.[nw]$", "", mnemonic)
        target = re.search(r"([0-9a-f]+) <(\w+)(\+0x[0-9a-f]+)?>", operands)
        if bare == "bl" and target:
            return 1 + self._called(target[2]), [] if target[2] in self.avoid else [following]
        if bare in ("tbb", "tbh"):
            raise SystemExit(f"a table of branches in {function.name}: its paths are not followed")
        if target and (bare == "b" or bare in ("cbz", "cbnz") or re.fullmatch(f"b({CONDITIONS})", bare)):
            goes = int(target[1], 16)
            if goes not in function.code:  # a call in place of a return
                return 1 + self._called(target[2]), [] if bare == "b" else [following]
            return 1, [goes] if bare == "b" else [goes, following]
        if (bare == "bx" and operands == "lr") or ("pc" in operands and bare.startswith(("pop", "ldm"))):
            return 1, []
        return 1, [following] if following >= 0 else []

    def _called(self, name: str) -> int:
        return self.longest(name) if name in self.functions and name not in self.avoid else 0

    def _walk(self, name: str, entry: int, nodes: set[int], cost: dict[int, int], ways: dict[int, list[int]], depth: int) -> int:  # fmt: skip
        """Return the longest path inside `nodes`, their loops folded into single nodes first."""
        cost, ways = dict(cost), {at: [to for to in ways[at] if to in nodes] for at in nodes}
        for head, body in self._loops(entry, nodes, ways):
            inner = {at: [to for to in ways[at] if to in body and to != head] for at in body}
            once = self._walk(name, head, body, cost, inner, depth + 1)
            bounds = self.trips.get(name, ())
            if depth >= len(bounds):
                raise SystemExit(f"{name} has a loop at depth {depth} that nobody said how often runs")
            leaving = [at for at in body if set(ways[at]) - body]
            last = max((self._to(head, at, inner, cost) for at in leaving), default=0)
            cost[head] = once * bounds[depth] + last  # it runs, and then finds that it is over
            ways[head] = [to for at in leaving for to in ways[at] if to not in body]
            for at in body - {head}:
                nodes = nodes - {at}
                ways.pop(at)
        best: dict[int, int] = {}

        def longest(at: int) -> int:
            if at not in best:
                best[at] = cost[at] + max((longest(to) for to in ways[at]), default=0)
            return best[at]

        return longest(entry)

    @staticmethod
    def _to(head: int, end: int, ways: dict[int, list[int]], cost: dict[int, int]) -> int:
        """Return the longest way from the head of a loop to one of its ends, loops inside it taken once."""
        best: dict[int, float] = {}

        def longest(at: int, above: frozenset[int]) -> float:
            if at == end:
                return cost[at]
            if at not in best:
                further = (longest(to, above | {at}) for to in ways[at] if to not in above)
                best[at] = cost[at] + max(further, default=-float("inf"))
            return best[at]

        return int(longest(head, frozenset()))

    @staticmethod
    def _loops(entry: int, nodes: set[int], ways: dict[int, list[int]]) -> list[tuple[int, set[int]]]:
        """Return head and body of the outermost loops."""
        back, state, order = [], {}, [(entry, iter(ways[entry]))]
        state[entry] = 1
        while order:
            at, rest = order[-1]
            for to in rest:
                if state.get(to) == 1:
                    back.append((at, to))
                elif to not in state:
                    state[to] = 1
                    order.append((to, iter(ways[to])))
                    break
            else:
                state[at] = 2
                order.pop()
        bodies: dict[int, set[int]] = {}
        comes = defaultdict(set)
        for at in nodes:
            for to in ways[at]:
                comes[to].add(at)
        for tail, head in back:
            body, todo = bodies.setdefault(head, {head}), [tail]
            while todo:
                at = todo.pop()
                if at not in body:
                    body.add(at)
                    todo += comes[at]
        outermost = [(h, b) for h, b in bodies.items() if not any(h in o and h != g for g, o in bodies.items())]
        return [(head, body & set(state)) for head, body in outermost]


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
        functions = disassemble(program)
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
    return f"""# What the core of EMGO-1 needs on a Cortex-M4

Written by `python firmware_notes/emgo1/measure.py`. Compiled with `{" ".join(FLAGS)}` by
{measured.compiler}; read off the objects and their disassembly, not run.

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

| channels | interrupt, a conversion (`emgo1_take`) | a conversion in a block of {BLOCK} (`emgo1_take_block`) | main loop, a conversion | main loop, a packet of {FRAMES} | of {CLOCK_HZ // 10**6} MHz at {RATE_HZ} Hz |
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
