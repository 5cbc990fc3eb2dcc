"""``emgorder scan``: which sensors are in reach."""

from __future__ import annotations

import argparse
import asyncio

from emgorder.cli.console import DONE, NO_VERDICT, say
from emgorder.cli.sensing import check_seconds, discover, laid_table, run_until_stopped
from emgorder.report.display import display_text
from emgorder.sensors.registry import sensors

__all__ = ["register"]


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "scan",
        help="which sensors are in reach",
        description="Listen for sensors and say what each can do.",
        epilog="example: emgorder scan --timeout 10",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--simulate", action="store_true", help="simulated sensors: needs no Bluetooth")
    parser.add_argument("--two-sensors", action="store_true", help="simulate two boards")
    parser.add_argument("--timeout", type=float, default=5.0, metavar="S", help="how long to listen (5)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    check_seconds(options.timeout, "--timeout")
    table = laid_table(options)

    async def work(stop: asyncio.Event) -> list[str]:
        lines = []
        for sensor in await discover(table, options.timeout, stop):
            kind = sensors()[sensor.key]
            strength = f"{sensor.rssi_dBm:.0f} dBm" if sensor.rssi_dBm is not None else ""
            rate = f"{kind.n_channels} channels at {kind.sampling_frequency:g} Hz"
            lines.append(
                "  ".join(
                    x for x in (display_text(sensor.id), display_text(sensor.name), kind.title, rate, strength) if x
                )
            )
            if kind.caveat:
                lines.append(f"    {kind.caveat}")
        return lines

    lines = run_until_stopped(work)
    for line in lines or ["No sensor was heard. Switch it on, and end its connection to any other program or phone."]:
        say(line)
    return DONE if lines else NO_VERDICT
