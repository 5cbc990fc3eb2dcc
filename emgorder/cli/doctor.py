"""``emgorder doctor``: is everything there, and do the sensors keep their promises."""

from __future__ import annotations

import argparse
import asyncio
import platform
from importlib.metadata import PackageNotFoundError, version

from emgorder import __version__
from emgorder.acquisition.checkup import Check, check_sensor
from emgorder.acquisition.session import unless_stopped
from emgorder.cli.console import DONE, NO_VERDICT, say
from emgorder.cli.sensing import (
    Table,
    add_sensor_options,
    check_seconds,
    choose,
    discover,
    laid_table,
    run_until_stopped,
)
from emgorder.errors import SensorError, SettingsError
from emgorder.report.display import display_text

__all__ = ["register"]

_TEXT_LIMIT = 2000


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "doctor",
        help="is Bluetooth there, and do the sensors keep their promises",
        description="Look at the installation, at Bluetooth, and at each sensor for some seconds.",
        epilog="examples:\n  emgorder doctor\n  emgorder doctor --sensor EMGO-1 --duration 30",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_sensor_options(parser, several=True)
    parser.add_argument("--duration", type=float, default=10.0, metavar="S", help="how long each sensor streams (10)")
    parser.add_argument("--fast", action="store_true", help=argparse.SUPPRESS)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command; 0 if all is well, 1 if something is not."""
    check_seconds(options.duration, "--duration")
    check_seconds(options.timeout, "--timeout")
    if options.fast and not options.simulate:
        raise SettingsError("needs --simulate: real sensors are what they are", key="--fast")
    _tell(Check(True, f"emgorder {__version__}, Python {platform.python_version()}, {platform.platform()}"))
    try:
        _tell(Check(True, f"bleak {version('bleak')}"))
    except PackageNotFoundError:
        _tell(Check(False, "bleak is not installed: pip install bleak"))
        return NO_VERDICT
    table = laid_table(options)
    return DONE if run_until_stopped(lambda stop: _examine(options, table, stop)) else NO_VERDICT


async def _examine(options: argparse.Namespace, table: Table, stop: asyncio.Event) -> bool:
    try:
        found = await discover(table, options.timeout, stop)
    except SensorError as error:
        _tell(Check(False, f"Bluetooth: {error}"))
        return False
    _tell(Check(True, "Bluetooth: a scan works" if table.session is None else "simulated sensors: no radio is used"))
    try:
        chosen = choose(found, options.sensor, everything=True)
    except SensorError as error:
        _tell(Check(False, str(error)))
        return False
    good = True
    for sensor in chosen:
        say(f"\n{display_text(sensor.id)} ({display_text(sensor.name)})")
        try:
            looking = check_sensor(table.transport, sensor, clock=table.clock, seconds=options.duration)
            checks = (await unless_stopped(looking, stop)).checks
        except (SensorError, asyncio.TimeoutError) as error:
            checks = (Check(False, str(error)),)
        for check in checks:
            _tell(check)
        good &= all(check.good for check in checks)
    return good


def _tell(check: Check) -> None:
    say(f"{'ok  ' if check.good else 'LOOK'}  {display_text(check.text, _TEXT_LIMIT)}")
