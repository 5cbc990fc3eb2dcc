"""Keep the firmware notes and the code together: python scripts/firmware_notes.py [--check].

A page holds blocks between ``<!-- generated: what ... -->`` and ``<!-- end -->``. They are made from the vectors in
``firmware_notes/vectors``, from the sensors' descriptors, and from the clock benchmark; a test fails when they are old.
"""

from __future__ import annotations

import asyncio
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from emgorder.acquisition.checkup import check_sensor
from emgorder.acquisition.clocks import FastClock
from emgorder.acquisition.simulated import SimulatedTransport
from emgorder.acquisition.simulated_boards import BOARDS, simulated_board
from emgorder.sensors import SensorDescriptor, Write, sensors

ROOT = Path(__file__).resolve().parents[1]
if not __package__:  # run as a script
    sys.path.insert(0, str(ROOT))
from scripts.firmware_vectors import Value, Vector, field_bytes, vector_bytes, vectors  # noqa: E402

NOTES = ROOT / "firmware_notes"
CLOCK = ROOT / "docs" / "benchmarks" / "clock.md"

_BLOCK = re.compile(r"<!-- generated: ([^\n]*?) -->\n.*?<!-- end -->", re.DOTALL)
_LONGEST_HEX = 48  # characters in a cell of a table


def example(sensor: str, name: str) -> str:
    """Return a vector as a table of its fields, and what the decoder makes of it."""
    vector = vectors(sensor)[name]
    data = vector_bytes(sensor, name)
    size = f"{len(data)} byte" + ("s" if len(data) != 1 else "")
    lines = [f"**{vector['title']}** ({size}):", ""]
    lines += ["| offset | bytes | field | type | hex | value |", "| --- | --- | --- | --- | --- | --- |"]
    at = 0
    for field in vector["fields"]:
        n = len(field_bytes(field))
        lines.append(f"| {at} | {n} | {field['name']} | {field['type']} | `{_short_hex(field)}` | {_said(field)} |")
        at += n
    lines.append("")
    if "chunks" in vector:
        lines += _chunks(vector)
    if "decoded" in vector:
        told = ", ".join(f"{key} {_plain(value)}" for key, value in vector["decoded"].items())
        lines += [f"Read as: {told}.", ""]
    if "note" in vector:
        lines += [vector["note"], ""]
    return "\n".join(lines)


def _short_hex(field: dict[str, Any]) -> str:
    text = field_bytes(field).hex(" ") if " " not in field["hex"] else field["hex"]
    return text if len(text) <= _LONGEST_HEX else text[: _LONGEST_HEX - 10].rstrip() + " …"


def _said(field: dict[str, Any]) -> str:
    value, means = field.get("value"), field.get("means", "")
    if isinstance(value, str):
        shown = "`" + value.replace("\n", "\\n") + "`"
    elif isinstance(value, list):
        shown = _numbers(value)
    elif value is None:
        shown = ""
    else:
        shown = _plain(value)
    return "; ".join(filter(None, (shown, means)))


def _numbers(values: list[Value]) -> str:
    shown = [_plain(v) for v in values]
    return ", ".join(shown if len(shown) <= 9 else [*shown[:4], "…", shown[-1]])


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " to ".join(_plain(v) for v in value) if len(value) == 2 else ", ".join(_plain(v) for v in value)
    return f"{value:g}".replace("-", "−") if isinstance(value, float) else str(value).replace("-", "−")


def _chunks(vector: Vector) -> list[str]:
    lines = []
    for chunk in vector["chunks"]:
        told = [
            f"{key.replace('_', ' ')} {_plain(chunk[key])}"
            for key in ("counter", "device_us", "sequence")
            if key in chunk
        ]
        if "acknowledged" in chunk:
            told.append("packet {} acknowledged at {} µs".format(*chunk["acknowledged"]))
        if chunk.get("flags"):
            told.append(f"flags {', '.join(chunk['flags'])}")
        rows = chunk["counts"]
        shown = [f"({_numbers(row)})" for row in (rows if len(rows) <= 5 else [*rows[:4], rows[-1]])]
        if len(rows) > 5:
            shown.insert(4, "…")
        told.append(f"{len(rows)} sample{'s' if len(rows) > 1 else ''}: {' '.join(shown)}")
        lines += [f"Decoded: {'; '.join(told)}.", ""]
    if vector["volts_per_count"] != 1:
        lines += [f"One count is {vector['volts_per_count'] * 1e6:.4g} µV.", ""]
    return lines


def services(key: str) -> str:
    """Return a table of what a sensor advertises and where its data come from."""
    kind = sensors()[key]
    rows = [
        ("advertised name begins with", ", ".join(f"`{name}`" for name in kind.names)),
        ("service", f"`{kind.service}`"),
        ("data (notify)", f"`{kind.notify}`"),
    ]
    rows += [("further data (notify)", f"`{uuid}`") for uuid in kind.notify_also]
    if kind.battery:
        rows.append(("battery, percent (read)", f"`{kind.battery}`"))
    if kind.firmware:
        rows.append(("firmware version (read)", f"`{kind.firmware}`"))
    return _table(("what", "value"), rows)


def commands(key: str) -> str:
    """Return a table of the commands that start and stop a sensor."""
    kind = sensors()[key]
    if not kind.start and not kind.stop:
        return "emgorder sends no command: the stream begins with the subscription.\n"
    order = "before" if kind.subscribe_first else "after"
    numbered = len(kind.start) > 1
    rows = [(f"start {n}" if numbered else "start", *_write(w)) for n, w in enumerate(kind.start, 1)]
    rows += [("stop", *_write(w)) for w in kind.stop]
    table = _table(("command", "bytes", "written to", "with response"), rows)
    return f"{table}\nemgorder subscribes to the data {order} it sends the start commands.\n"


def _write(write: Write) -> tuple[str, str, str]:
    text = write.data.decode("ascii") if write.data.isalpha() else ""
    said = f"`{write.data.hex(' ')}`" + (f" = `{text}`" if text else "")
    return said, f"`{write.characteristic}`", "yes" if write.response else "no"


def timing(key: str) -> str:
    """Return a table of what emgorder assumes of a sensor's rate, counter and delays."""
    kind = sensors()[key]
    counter = "none" if kind.counter_modulus is None else _counter(kind)
    unknown = "told by INFO" if key == "emgo1" else "taken as 0"
    rows = [
        ("channels", str(kind.n_channels)),
        ("rate", f"{kind.sampling_frequency:g} Hz, within {_tolerance(kind)}"),
        ("counter", counter),
        ("from one channel to the next", f"{kind.channel_skew_s * 1e3:g} ms" if kind.channel_skew_s else unknown),
        ("known delay", f"{kind.delay_s * 1e3:g} ms" if kind.delay_s else unknown),
        ("what it sends", f"{kind.kind}, in {'volts' if kind.unit == 'V' else 'converter counts'}"),
        ("order verdict", "yes" if kind.order_verdict else "**no**"),
    ]
    if kind.caveat:
        rows.append(("emgorder says", kind.caveat))
    return _table(("in emgorder", key), rows)


def _tolerance(kind: SensorDescriptor) -> str:
    ppm = kind.rate_tolerance_ppm
    return f"{ppm:g} ppm" if ppm < 1000 else f"{ppm / 1e4:g} %"


def _counter(kind: SensorDescriptor) -> str:
    modulus = kind.counter_modulus or 0
    return f"modulo {modulus} samples: it wraps after {_long(modulus / kind.sampling_frequency)}"


def _long(seconds: float) -> str:
    for unit, length in (("days", 86400.0), ("minutes", 60.0)):
        if seconds >= 3 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.3g} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms"


_CELL = ("packets, ms", "interval, ms", "s")
_ERRORS = ("first arrival", "least squares", "Huber", "emgorder", "emgorder, ping")
_COVERAGE = (
    "nothing shared, one model",
    "one tap, 5 ms asymmetry",
    "two-way ping, 5 ms asymmetry",
    "two-way ping, mixed models, 20 ms",
)


def clock_errors(*cells: str) -> str:
    """Return rows of the clock benchmark: errors of the difference of two clocks."""
    return _clock_rows((*_CELL, *_ERRORS), cells)


def clock_coverage(*cells: str) -> str:
    """Return rows of the clock benchmark: what is stated of two clocks against what was."""
    return _clock_rows((*_CELL, *_COVERAGE), cells)


def _clock_rows(columns: tuple[str, ...], cells: tuple[str, ...]) -> str:
    """Return rows of the one table of the benchmark that has these columns; a row is named by its first five cells."""
    for block in re.findall(r"(?:^\|.*\n)+", CLOCK.read_text(encoding="utf-8"), re.MULTILINE):
        head, _, *rows = ([cell.strip() for cell in line.split("|")[1:-1]] for line in block.splitlines())
        if set(columns) <= set(head):
            named = {"/".join(row[:5]): row for row in rows}
            places = [head.index(column) for column in columns]
            return _table(columns, [tuple(named[cell][place] for place in places) for cell in cells])
    raise ValueError(f"{CLOCK.name} has no table with {', '.join(columns)}: has the benchmark changed?")


def choosing() -> str:
    """Return the table of all sensors by what decides between them."""
    rows = []
    for key, kind in sensors().items():
        pages = [page for page, keys in DEVICE_PAGES.items() if key in keys]
        rows.append(
            (
                f"[{kind.title}]({pages[0]}.md)",
                str(kind.n_channels),
                f"{kind.sampling_frequency:g} Hz",
                kind.kind,
                "none" if kind.counter_modulus is None else f"{kind.counter_modulus:,}",
                "µV" if kind.unit == "V" else "counts",
                "yes" if kind.order_verdict else "no",
            )
        )
    head = ("sensor", "channels", "rate", "signal", "counter wraps at, samples", "amplitudes in", "order verdict")
    return _table(head, rows)


def doctor(board: str) -> str:
    """Return what the doctor says of a simulated board."""
    clock, sensor = FastClock(), simulated_board(board)
    transport = SimulatedTransport([sensor], clock=clock, seed=1)
    looked = asyncio.run(check_sensor(transport, sensor.info, clock=clock, seconds=10.0, thorough=True))
    lines = [
        textwrap.fill(f"{'ok  ' if check.good else 'LOOK'}  {check.told}", 84, subsequent_indent=6 * " ")
        for check in looked.checks
    ]
    return "\n".join(["```text", *lines, "```", ""])


def boards() -> str:
    """Return the simulated boards, and what each of them does wrong."""
    return _table(("`--simulate`", "what it does"), [(f"`{name}`", says) for name, says in BOARDS.items()])


def _table(head: tuple[str, ...], rows: list[Any]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


DEVICE_PAGES: dict[str, tuple[str, ...]] = {
    "emgo1": ("emgo1",),
    "shimmer3r": ("shimmer3r",),
    "npg-lite": ("npg_lite",),
    "bitalino": ("bitalino",),
    "ganglion": ("ganglion", "ganglion_2"),
    "umyo": ("umyo",),
    "myoware": ("myoware", "myoware_uart"),
    "myo": ("myo",),
    "gforce": ("gforce",),
}
"""Pages of devices, and the sensors of the registry that each describes."""

_MAKERS: dict[str, Callable[..., str]] = {
    "example": example,
    "services": services,
    "commands": commands,
    "timing": timing,
    "clock-errors": clock_errors,
    "clock-coverage": clock_coverage,
    "choosing": choosing,
    "doctor": doctor,
    "boards": boards,
}


def rendered(text: str) -> str:
    """Return a page with its generated blocks made anew."""

    def made(match: re.Match[str]) -> str:
        maker, *arguments = match[1].split()
        return f"<!-- generated: {match[1]} -->\n\n{_MAKERS[maker](*arguments).strip()}\n\n<!-- end -->"

    return _BLOCK.sub(made, text)


def pages() -> Iterator[Path]:
    """Yield the pages that may hold generated blocks."""
    yield from sorted(NOTES.glob("*.md"))


def main(arguments: list[str]) -> int:
    """Write the pages, or say which are old."""
    old = []
    for path in pages():
        text = path.read_text(encoding="utf-8")
        new = rendered(text)
        if new != text:
            old.append(path.name)
            if "--check" not in arguments:
                path.write_text(new, encoding="utf-8")
    print(f"{'old' if '--check' in arguments else 'written'}: {', '.join(old) or 'none'}")
    return 1 if old and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
