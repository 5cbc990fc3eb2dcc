"""``emgorder doctor``: is everything there, and do the sensors keep their promises."""

from __future__ import annotations

import argparse
import asyncio
import platform
from importlib.metadata import PackageNotFoundError, version

from emgorder import __version__
from emgorder.acquisition.checks import Check
from emgorder.acquisition.checkup import check_sensor
from emgorder.acquisition.session import unless_stopped
from emgorder.acquisition.transport import SensorInfo
from emgorder.cli.console import DONE, NO_VERDICT, USAGE, say
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
_EPILOG = """\
examples:
  emgorder doctor
  emgorder doctor --sensor EMGO-1 --duration 30
  emgorder doctor --simulate overruns

exit code: 0 all promises are kept; 1 one is not; 2 nothing could be looked at.
--simulate takes a board that breaks a promise, or the key of another sensor (npg_lite, umyo, ...):
  """


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    from emgorder.acquisition.simulated_boards import BOARDS

    parser = commands.add_parser(
        "doctor",
        help="is Bluetooth there, and do the sensors keep their promises",
        description="Look at the installation, at Bluetooth, and at each sensor for some seconds. An EMGO-1 is asked "
        "what it promises (INFO), how it does (STATUS) and for its clock (pings).",
        epilog=_EPILOG + "\n  ".join(f"{name:14s} {says}" for name, says in BOARDS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_sensor_options(parser, several=True, boards=True)
    parser.add_argument("--duration", type=float, default=10.0, metavar="S", help="how long each sensor streams (10)")
    parser.add_argument("--fast", action="store_true", help=argparse.SUPPRESS)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command; 0 if all is well, 1 if a promise is not kept, 2 if nothing could be looked at."""
    check_seconds(options.duration, "--duration")
    check_seconds(options.timeout, "--timeout")
    if options.fast and options.simulate is None:
        raise SettingsError("needs --simulate: real sensors are what they are", key="--fast")
    table = laid_table(options)
    _tell(Check(True, f"emgorder {__version__}, Python {platform.python_version()}, {platform.platform()}"))
    try:
        _tell(Check(True, f"bleak {version('bleak')}"))
    except PackageNotFoundError:
        _tell(Check(False, "bleak is not installed", "pip install bleak"))
        return USAGE
    return run_until_stopped(lambda stop: _examine(options, table, stop))


async def _examine(options: argparse.Namespace, table: Table, stop: asyncio.Event) -> int:
    try:
        found = await discover(table, options.timeout, stop)
    except SensorError as error:
        _tell(Check(False, f"Bluetooth: {error}"))
        return USAGE
    _tell(Check(True, "simulated sensors: no radio is used" if table.simulated else "Bluetooth: a scan works"))
    try:
        chosen = choose(found, options.sensor, everything=True)
    except SensorError as error:
        _tell(Check(False, str(error)))
        return USAGE
    return max([await _look(options, table, stop, sensor) for sensor in chosen])


async def _look(options: argparse.Namespace, table: Table, stop: asyncio.Event, sensor: SensorInfo) -> int:
    say(f"\n{display_text(sensor.id)} ({display_text(sensor.name)})")
    try:
        looking = check_sensor(table.transport, sensor, clock=table.clock, seconds=options.duration, thorough=True)
        checks = (await unless_stopped(looking, stop)).checks
    except (SensorError, asyncio.TimeoutError) as error:
        _tell(Check(False, str(error) or "it did not answer in time"))
        return USAGE
    for check in checks:
        _tell(check)
    broken = sum(not check.good for check in checks)
    say("      all promises are kept" if not broken else f"      to look at: {broken} of {len(checks)}")
    return NO_VERDICT if broken else DONE


def _tell(check: Check) -> None:
    say(f"{'ok  ' if check.good else 'LOOK'}  {display_text(check.told, _TEXT_LIMIT)}")
