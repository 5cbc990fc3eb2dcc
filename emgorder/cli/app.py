"""``emgorder app``: the guided test in the browser."""

from __future__ import annotations

import argparse
import asyncio
import math
from pathlib import Path
from typing import TYPE_CHECKING

from emgorder.cli.console import DONE, say, say_aside
from emgorder.cli.sensing import run_until_stopped
from emgorder.errors import EmgOrderError, RecordingError, SettingsError
from emgorder.history import default_folder

if TYPE_CHECKING:
    from emgorder.app.server import Guide

__all__ = ["register"]

_EXAMPLE = """\
examples:
  emgorder app
  emgorder app --simulate --speed 4
  emgorder app --host 192.168.1.20 --token auto

The page is served on this computer alone, unless --host says otherwise; nothing is sent anywhere else. Ctrl-C stops
the app and keeps what was recorded.
"""
_FASTEST = 100.0


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "app",
        help="the guided test, in the browser",
        description="Guide a test in the browser, from placing the sensors to the report.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, metavar="N", help="port of the page (8765, or the next one that is free)")
    parser.add_argument("--sessions", type=Path, metavar="DIR", help="folder of the tests (in your documents)")
    parser.add_argument("--no-browser", action="store_true", help="do not open the page, only print its address")
    parser.add_argument("--simulate", action="store_true", help="simulated sensors and person: needs no Bluetooth")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="show a recording through the same screens")
    parser.add_argument("--speed", type=float, metavar="N", help="so many times as fast, with --simulate or --replay")
    parser.add_argument("--seed", type=int, metavar="N", help="of the simulated person")
    parser.add_argument("--host", default="127.0.0.1", metavar="H", help="listen to a network, too: needs --token")
    parser.add_argument("--token", default="", metavar="T", help="what a browser must know (auto: a new one)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    _check(options)
    from emgorder.app.serve import find_place, open_browser, serve

    folder = _folder(options.sessions)
    place = find_place(options.host, options.port, options.token)
    browser = None if options.no_browser else open_browser

    def announce(address: str) -> None:
        say(f"The page: {address}")
        say_aside(f"Tests are kept in {folder}. Ctrl-C stops the app and keeps what was recorded.")

    async def work(stop: asyncio.Event) -> None:
        await serve(_guide(options, folder), place, stop=stop, say=announce, browser=browser)

    try:
        run_until_stopped(work)
    except EmgOrderError:
        raise
    except Exception as error:
        words = f"the test ended by a fault ({type(error).__name__}: {error}). What was recorded is kept in {folder}"
        raise EmgOrderError(words) from error
    finally:
        place.socket.close()
    return DONE


def _guide(options: argparse.Namespace, folder: Path) -> Guide:
    from emgorder.acquisition.clocks import PacedClock
    from emgorder.guided.test import GuidedTest

    speed = 1.0 if options.speed is None else options.speed
    return GuidedTest(
        folder,
        clock=None if options.speed is None else PacedClock(speed),
        simulate=options.simulate,
        seed=options.seed,
        replay=options.replay,
        speed=speed,
    )


def _check(options: argparse.Namespace) -> None:
    if options.replay is not None:
        if options.simulate:
            raise SettingsError("shows a recording: leave --simulate out", key="--replay")
        if not options.replay.is_file():
            raise RecordingError("is not there: give a recording, for example session.csv", path=options.replay)
    if options.speed is not None:
        if not (options.simulate or options.replay):
            raise SettingsError("needs --simulate or --replay: a real test takes the time it takes", key="--speed")
        if not (math.isfinite(options.speed) and 0 < options.speed <= _FASTEST):
            raise SettingsError(f"{options.speed:g}: give a number above 0, at most {_FASTEST:g}", key="--speed")
    if options.seed is not None and not options.simulate:
        raise SettingsError("needs --simulate: real sensors are what they are", key="--seed")


def _folder(wanted: Path | None) -> Path:
    """Return the folder of the tests; a new one is for this user alone."""
    folder = default_folder() if wanted is None else wanted
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        words = f"cannot be the folder of the tests ({error.strerror}): choose another with --sessions"
        raise RecordingError(words, path=folder) from None
    return folder.resolve()
