"""What the commands that speak to sensors share: real or simulated ones, which of them, and how to stop."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import math
import signal
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from emgorder.acquisition.session import Stopped, unless_stopped
from emgorder.acquisition.simulated_session import SimulatedSession
from emgorder.acquisition.transport import Clock, SensorInfo, Transport
from emgorder.cli.console import say_aside
from emgorder.errors import SensorNotFound, SettingsError
from emgorder.report.display import display_text

__all__ = ["Table", "add_sensor_options", "check_seconds", "choose", "discover", "laid_table", "run_until_stopped"]

_T = TypeVar("_T")
_LONGEST_S = 7 * 86400.0
_LIFT_S = 13.5  # a simulated lift with its rest, at the least


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """Where sensors are, the clock that everything runs by, and the person on the table if it is a simulation."""

    transport: Transport
    clock: Clock
    session: SimulatedSession | None = None
    simulated: bool = False

    def listen_s(self, wanted_s: float) -> float:
        """Return how long to listen: simulated sensors need not be waited for."""
        return min(wanted_s, 0.2) if self.simulated else wanted_s


def add_sensor_options(parser: argparse.ArgumentParser, *, several: bool, boards: bool = False) -> None:
    """Add what chooses sensors; with `boards` a single simulated one can be named."""
    parser.add_argument(
        "--sensor",
        action="append",
        default=[],
        metavar="ID",
        help="address or name as `emgorder scan` shows it" + ("; repeat it for each sensor" if several else ""),
    )
    words = "simulated sensors: needs no Bluetooth"
    if boards:
        words = "a simulated sensor (default: good; see below): needs no Bluetooth"
        parser.add_argument("--simulate", nargs="?", const="good", metavar="BOARD", help=words)
    else:
        parser.add_argument("--simulate", action="store_true", help=words)
    parser.add_argument("--timeout", type=float, default=5.0, metavar="S", help="how long to listen for sensors (5)")


def check_seconds(seconds: float, key: str) -> None:
    """Raise SettingsError unless so long can be waited."""
    if not 0 < seconds <= _LONGEST_S:
        raise SettingsError(f"{seconds:g} s: give a positive number, a week at the most", key=key)


def laid_table(options: argparse.Namespace, *, duration_s: float | None = None) -> Table:
    """Return the real radio, or simulated sensors if the options ask for them."""
    from emgorder.acquisition.clocks import FastClock
    from emgorder.acquisition.simulated import SimulatedTransport
    from emgorder.acquisition.simulated_session import simulated_session
    from emgorder.acquisition.transport import RealClock

    clock: Clock = FastClock() if getattr(options, "fast", False) else RealClock()
    if isinstance(options.simulate, str):
        from emgorder.acquisition.simulated_boards import simulated_board

        board = simulated_board(options.simulate)
        return Table(SimulatedTransport([board], clock=clock, seed=1), clock, simulated=True)
    if not options.simulate:
        from emgorder.acquisition.bleak import BleakTransport

        return Table(BleakTransport(clock=clock), clock)
    seed = getattr(options, "seed", 1)
    n_lifts = 10 if duration_s is None else max(1, math.ceil(duration_s / _LIFT_S))
    session = simulated_session(seed=seed, n_lifts=n_lifts, two_sensors=getattr(options, "two_sensors", False))
    return Table(SimulatedTransport(session.sensors, clock=clock, seed=seed), clock, session, simulated=True)


def choose(found: Sequence[SensorInfo], wanted: Sequence[str], *, everything: bool = False) -> list[SensorInfo]:
    """Return the sensors that were asked for by address or name; without a wish, the only one there is.

    Raises
    ------
    SensorNotFound
        One is not there, or it is not clear which is meant.
    """
    if not found:
        raise SensorNotFound(
            "no sensor was heard. Switch it on, bring it nearer, end its connection to any other program or phone; "
            "emgorder doctor looks at Bluetooth itself, --simulate needs none"
        )
    known = ", ".join(f"{display_text(sensor.id)} ({display_text(sensor.name)})" for sensor in found)
    if not wanted:
        if len(found) > 1 and not everything:
            raise SensorNotFound(f"there are several sensors: {known}. Say which with --sensor ID")
        return list(found)
    chosen = []
    for wish in wanted:
        fitting = [s for s in found if wish.lower() == s.id.lower()] or [s for s in found if wish == s.name]
        if len(fitting) != 1:
            what = "was not heard" if not fitting else "is the name of several; give the address"
            raise SensorNotFound(f"{what}. There are {known}", sensor=wish)
        if fitting[0] not in chosen:
            chosen.append(fitting[0])
    return chosen


async def discover(table: Table, timeout_s: float, stop: asyncio.Event) -> list[SensorInfo]:
    """Return the sensors in reach; say so first if that takes time."""
    if not table.simulated:
        say_aside(f"Looking for sensors, {timeout_s:g} s.")
    return await unless_stopped(table.transport.discover(table.listen_s(timeout_s)), stop)


def run_until_stopped(work: Callable[[asyncio.Event], Coroutine[Any, Any, _T]]) -> _T:
    """Run `work(stop)`; Ctrl-C and a polite kill set `stop`, and only a second one breaks it off.

    Raises
    ------
    KeyboardInterrupt
        It was broken off, or stopped before there was anything to keep.
    """

    async def guarded() -> _T:
        stop = asyncio.Event()
        with _interrupts(asyncio.get_running_loop(), stop):
            return await work(stop)

    try:
        return asyncio.run(guarded())
    except Stopped:
        raise KeyboardInterrupt from None


@contextlib.contextmanager
def _interrupts(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> Iterator[None]:
    def interrupt(number: int, frame: object) -> None:
        if stop.is_set():  # it was asked to stop before: what is on disk is whole, so leave at once
            raise KeyboardInterrupt
        stop.set()
        loop.call_soon_threadsafe(lambda: None)  # wake it

    before = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(ValueError):  # not in the main thread: whoever is in it decides
            before[number] = signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
