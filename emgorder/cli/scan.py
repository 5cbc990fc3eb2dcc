"""``emgorder scan``: which sensors are in reach."""

from __future__ import annotations

import argparse
import asyncio

from emgorder.cli.console import DONE, NO_VERDICT, say
from emgorder.cli.sensing import laid_table, run_until_stopped
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
    table = laid_table(options)

    async def work(stop: asyncio.Event) -> list[str]:
        scan = asyncio.ensure_future(table.transport.discover(table.listen_s(options.timeout)))
        stopped = asyncio.ensure_future(stop.wait())
        await asyncio.wait((scan, stopped), return_when=asyncio.FIRST_COMPLETED)
        if not scan.done():
            scan.cancel()
        stopped.cancel()
        await asyncio.gather(scan, stopped, return_exceptions=True)
        if scan.cancelled():
            raise KeyboardInterrupt
        lines = []
        for sensor in scan.result():
            kind = sensors()[sensor.key]
            strength = f"{sensor.rssi_dBm:.0f} dBm" if sensor.rssi_dBm is not None else ""
            rate = f"{kind.n_channels} channels at {kind.sampling_frequency:g} Hz"
            lines.append("  ".join(x for x in (sensor.id, sensor.name, kind.title, rate, strength) if x))
            if kind.caveat:
                lines.append(f"    {kind.caveat}")
        return lines

    lines = run_until_stopped(work)
    for line in lines or ["No sensor was heard. Switch it on, and end its connection to any other program or phone."]:
        say(line)
    return DONE if lines else NO_VERDICT
