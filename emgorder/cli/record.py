"""``emgorder record``: sensors to a journal that cannot be lost, then to a recording."""

from __future__ import annotations

import argparse
import asyncio
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from emgorder.acquisition.lsl import LslOutlet
from emgorder.acquisition.recorder import Listener, Recorder
from emgorder.acquisition.session import record_session
from emgorder.acquisition.status import LiveStatus
from emgorder.acquisition.transport import SensorInfo
from emgorder.cli.console import DONE, in_shell, say, say_aside
from emgorder.cli.export import export_recording, split_names
from emgorder.cli.live_table import showing
from emgorder.cli.sensing import (
    Table,
    add_sensor_options,
    check_seconds,
    choose,
    discover,
    laid_table,
    run_until_stopped,
)
from emgorder.errors import EmgOrderError, RecordingError, SettingsError
from emgorder.files import why_not_written
from emgorder.io.journal import iter_journal
from emgorder.report.display import display_text
from emgorder.sensors.registry import sensors

__all__ = ["register"]

_EXAMPLE = """\
examples:
  emgorder record session --simulate --duration 60
  emgorder record session --sensor EMGO-1 --channels GMAX_R,BF_R

While it runs, a line that is typed marks the moment: t is a tap test, r and l a lift of the right or left leg,
m that electrodes were moved, anything else a note.
"""
_MARKS = {"t": "tap", "r": "lift/R", "l": "lift/L", "m": "moved"}
_MOST = {"emgo1": 8, "npg_lite": 6}  # channels of the kinds that come with different numbers of them


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "record",
        help="record sensors, with their signals live on the screen",
        description="Record sensors into STEM.emgj until Ctrl-C, then write STEM.csv and STEM.json.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("stem", type=Path, metavar="STEM", help="name of the files, without ending")
    add_sensor_options(parser, several=True)
    parser.add_argument(
        "--channels", metavar="GMAX_R,BF_R", help="what the channels are on, sensor after sensor; _ leaves one out"
    )
    parser.add_argument("--duration", type=float, default=None, metavar="S", help="seconds; without it until Ctrl-C")
    parser.add_argument("--two-sensors", action="store_true", help="simulate a board for each muscle, and a tap test")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the simulated person")
    parser.add_argument("--fast", action="store_true", help="simulate as fast as it goes")
    parser.add_argument("--person", metavar="P", help="pseudonym, no name: `emgorder history` follows it over weeks")
    parser.add_argument("--posture", metavar="TEXT", help='for example "knee straight, hip neutral"')
    parser.add_argument("--instruction", metavar="TEXT", help="what the person is told: visits are compared by it")
    parser.add_argument("--lsl", action="store_true", help="also send samples and marks over Lab Streaming Layer")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    _check(options)
    stem, journal = _free_names(options.stem)
    table = laid_table(options, duration_s=options.duration)

    async def work(stop: asyncio.Event) -> bool:
        found = await discover(table, options.timeout, stop)
        chosen = choose(found, options.sensor, everything=table.session is not None)
        for sensor in chosen:
            kind = sensors()[sensor.key]
            if kind.caveat:
                say_aside(f"{kind.title}: {kind.caveat}")
        await _record(options, table, chosen, journal, stop)
        return stop.is_set()

    csv = stem.with_name(stem.name + ".csv")
    failure: Exception | None = None
    stopped = False
    try:
        stopped = run_until_stopped(work)
    except KeyboardInterrupt:
        if _holds_packets(journal):
            say_aside(f"What was recorded is kept: {in_shell('emgorder', 'export', journal)} makes a recording of it")
        raise
    except Exception as error:  # of a sensor, a listener, the screen: what was recorded is kept all the same
        failure = error
    if not _holds_packets(journal):
        if failure is not None:
            raise _in_words(failure) from failure
        if stopped:
            journal.unlink(missing_ok=True)
            raise KeyboardInterrupt
    try:
        recording = export_recording(journal, csv, over="same recording")
    except (EmgOrderError, BrokenPipeError):
        if failure is None:
            raise
    if failure is not None:
        raise _in_words(failure, f"What was recorded before is kept: {csv if csv.exists() else journal}") from failure
    say(f"Journal:   {journal}")
    named = any(channel.target_muscle for channel in recording.channels)
    columns = [display_text(channel.label) for channel in recording.channels]
    muscles = "" if named else f' --muscles "GMAX={columns[0]},BF={columns[-1]}" (say which is which)'
    say(f"\nWho fired first? {in_shell('emgorder', 'analyse', csv)}{muscles}")
    return DONE


def _holds_packets(journal: Path) -> bool:
    try:
        return journal.exists() and any(record.kind == "packet" for record in iter_journal(journal))
    except RecordingError:
        return False


def _in_words(failure: Exception, kept: str = "") -> EmgOrderError:
    """Return what went wrong as the command line tells it."""
    words = str(failure) if isinstance(failure, EmgOrderError) else f"{type(failure).__name__}: {failure}"
    return EmgOrderError(f"{words.rstrip('. ')}. {kept}" if kept else words)


async def _record(
    options: argparse.Namespace, table: Table, chosen: Sequence[SensorInfo], journal: Path, stop: asyncio.Event
) -> None:
    truth = table.session.truth if table.session else None
    names = _names(options, chosen)
    labels = _labels(names, table, chosen)
    if options.channels is None and table.session is None:
        say_aside(
            "The channels have no names, so nobody will know which muscle is which. Better: Ctrl-C, and again with "
            "--channels GMAX_R,BF_R; or name them afterwards with emgorder analyse --muscles"
        )
    duration_s = options.duration if options.duration is not None or truth is None else truth.duration_s
    status = LiveStatus(chosen, labels)
    listeners: list[Listener] = [status]
    if options.lsl:
        listeners.append(LslOutlet(chosen, labels, table.clock))
    started_s = table.clock.now()
    async with showing(status, lambda: table.clock.now() - started_s):
        await record_session(
            table.transport,
            chosen,
            journal,
            labels=labels if table.session else {},
            names=() if table.session else names,
            clock=table.clock,
            duration_s=duration_s,
            marks=truth,
            meta=_about(options, truth.meta if truth is not None else {}),
            listeners=listeners,
            stop=stop,
            ready=_listen_to_keyboard,
        )


def _about(options: argparse.Namespace, simulated: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the sidecar is to say of the session, what was given before what is simulated."""
    given = {
        "pseudonym": options.person,
        "posture": options.posture,
        "instruction": options.instruction,
    }
    return {**simulated, **{key: value.strip() for key, value in given.items() if value and value.strip()}}


def _names(options: argparse.Namespace, chosen: Sequence[SensorInfo]) -> list[str]:
    """Return the names of channels as they were given, sensor after sensor; empty ones leave a channel out."""
    if options.channels is None:
        return []
    names = split_names(options.channels)
    _refuse(names[sum(_MOST.get(s.key, sensors()[s.key].n_channels) for s in chosen) :])
    return names


def _labels(names: Sequence[str], table: Table, chosen: Sequence[SensorInfo]) -> dict[str, tuple[str, ...]]:
    """Return the labels of each sensor's channels, for the screen; none for sensors that nothing is said of.

    How many channels a real sensor has is known when it speaks: the journal keeps the names in one list.
    """
    if not names:
        return dict(table.session.labels) if table.session else {}
    left = list(names)
    labels: dict[str, tuple[str, ...]] = {}
    for sensor in chosen:
        kind = sensors()[sensor.key]
        width = len(table.session.labels[sensor.id]) if table.session else kind.n_channels
        if table.session is None and len(names) == len(chosen):
            width = 1
        labels[sensor.id], left = tuple(left[:width]), left[width:]
    if table.session is not None:
        _refuse(left)
    return labels


def _refuse(names: Sequence[str]) -> None:
    if names:
        raise SettingsError(f"{', '.join(names)}: the sensors have no more channels", key="--channels")


def _listen_to_keyboard(recorder: Recorder) -> None:
    """Mark what is typed, where somebody can type."""
    if not sys.stdin or not sys.stdin.isatty():
        return
    loop = asyncio.get_running_loop()

    def listen() -> None:
        for line in sys.stdin:
            word = line.strip()
            name, text = _MARKS.get(word.lower(), "note"), "" if word.lower() in _MARKS else word
            try:
                loop.call_soon_threadsafe(recorder.mark, name, text)
            except RuntimeError:  # the recording is over
                return

    threading.Thread(target=listen, daemon=True).start()


def _free_names(stem: Path) -> tuple[Path, Path]:
    """Return the stem and the journal; refuse before any sensor is opened what would write over a file."""
    if stem.suffix.lower() in (".emgj", ".csv", ".json"):
        stem = stem.with_suffix("")
    if stem.name in ("", ".."):
        raise SettingsError(f"{str(stem)!r} is a folder: give the name of the files, for example session", key="STEM")
    for ending in (".emgj", ".csv", ".json"):
        path = stem.with_name(stem.name + ending)
        try:
            there = path.exists()
        except OSError as error:  # such as a name that is too long
            raise RecordingError(f"not written, {why_not_written(error)}", path=path) from error
        if there:
            raise RecordingError("is there already, and nothing is written over: choose another name", path=path)
    return stem, stem.with_name(stem.name + ".emgj")


def _check(options: argparse.Namespace) -> None:
    if options.duration is not None:
        check_seconds(options.duration, "--duration")
    check_seconds(options.timeout, "--timeout")
    if options.channels is not None:
        split_names(options.channels)
    for flag in ("fast", "two_sensors"):
        if getattr(options, flag) and not options.simulate:
            raise SettingsError("needs --simulate: real sensors are what they are", key=f"--{flag.replace('_', '-')}")
