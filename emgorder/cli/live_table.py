"""The table on the screen while a recording runs."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from emgorder.acquisition.status import LiveStatus, SensorStatus
from emgorder.report.display import display_text

if TYPE_CHECKING:
    from rich.console import Group

__all__ = ["showing", "status_group"]

_EVERY_S = 0.25
_BAR = 24
_NOTE_LIMIT = 300
_LOWEST_V, _HIGHEST_V = 1e-6, 1e-3


@contextlib.asynccontextmanager
async def showing(status: LiveStatus, seconds: object) -> AsyncIterator[None]:
    """Show `status` on the terminal while the block runs, and nothing where there is no terminal.

    ``seconds()`` tells how long the recording has run.
    """
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return

    def now() -> Group:
        return status_group(status, float(seconds()))  # type: ignore[operator]

    with Live(now(), console=console, auto_refresh=False, transient=True) as live:

        async def refresh() -> None:
            while True:
                await asyncio.sleep(_EVERY_S)
                live.update(now(), refresh=True)

        task = asyncio.create_task(refresh())
        try:
            yield
        finally:
            task.cancel()
            (ended,) = await asyncio.gather(task, return_exceptions=True)
    if isinstance(ended, Exception):
        raise ended


def status_group(status: LiveStatus, seconds: float) -> Group:
    """Return what is shown: a row a sensor, a bar a channel, and the last notes."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    links = Table("sensor", "link", "rate", "packets every", "lost", "clock ±", "battery", box=None)
    bars = Table("muscle", "RMS", "", box=None)
    for sensor in status.sensors():
        links.add_row(
            Text(display_text(sensor.sensor)),
            "up" if sensor.up else "lost: reconnecting",
            Text(display_text(sensor.rate or "-")),
            Text(display_text(sensor.interval or "-")),
            _lost(sensor),
            f"{sensor.clock_sd_s * 1e3:.1f} ms" if math.isfinite(sensor.clock_sd_s) else "-",
            Text(display_text(sensor.battery or "-")),
        )
        for number, value in enumerate(sensor.rms.tolist()):
            label = sensor.labels[number] if number < len(sensor.labels) else f"channel {number + 1}"
            bars.add_row(Text(display_text(label)), _amplitude(value, sensor.unit), _bar(value, sensor.unit))
    head = Text(f"recording {seconds:.0f} s, {status.marks} marks. Ctrl-C ends it.")
    return Group(head, links, bars, *(Text(display_text(note, _NOTE_LIMIT)) for note in status.notes))


def _lost(sensor: SensorStatus) -> str:
    total = sensor.n_samples + sensor.n_lost
    return f"{sensor.n_lost} ({sensor.n_lost / total:.2%})" if total else "-"


def _amplitude(value: float, unit: str) -> str:
    return f"{value * 1e6:7.1f} µV" if unit == "V" else f"{value:7.1f} a.u."


def _bar(value: float, unit: str) -> str:
    low, high = (_LOWEST_V, _HIGHEST_V) if unit == "V" else (1.0, 1000.0)
    share = math.log(max(value, low) / low) / math.log(high / low)
    return "█" * round(_BAR * min(share, 1.0))
