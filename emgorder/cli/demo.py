"""``emgorder demo``: a whole session without any sensor, from simulated muscles to the report."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import replace
from pathlib import Path

from emgorder.acquisition.clocks import FastClock
from emgorder.acquisition.session import record_session
from emgorder.acquisition.simulated import SimulatedTransport
from emgorder.acquisition.simulated_session import SimulatedSession, simulated_session
from emgorder.analysis import analyse
from emgorder.cli.console import exit_code, progress, say, told_in
from emgorder.errors import RecordingError
from emgorder.io import read_recording, write_recording
from emgorder.io.journal import iter_journal
from emgorder.report.terminal import render_text
from emgorder.simulate import SIMULATION

__all__ = ["register"]

_ROUNDS = 16  # closing the links takes about ten turns: with fewer a busy machine records a packet more or less


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "demo",
        help="a simulated session from the first sample to the report",
        description="Simulate a session, record it, analyse the file and write the report. Needs no sensor.",
        epilog="example: emgorder demo --out demo --seed 7",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, default=Path("emgorder-demo"), metavar="DIR", help="folder for the files")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another seed is another person")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    for name in ("session.emgj", "session.json", "session.csv", "result.json", "report.html"):
        if not _is_simulated(options.out / name):
            raise RecordingError("is there already and is no demo: choose another --out", path=options.out / name)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordingError(f"cannot be made ({error.strerror}): choose another --out", path=options.out) from error
    with progress("demo") as update:
        update(0.0, "simulating a session of 10 lifts")
        session = simulated_session(seed=options.seed)
        update(0.0, "recording it from a simulated sensor")
        journal = options.out / "session.emgj"
        journal.unlink(missing_ok=True)  # an earlier demo
        asyncio.run(_record(session, journal, options.seed))
        recording = read_recording(journal)
        meta = {
            key: value for key, value in recording.meta.items() if key != "RecordingStarted"
        }  # same seed, same files
        recording = replace(recording, meta=meta, truth=session.truth.truth)
        csv_path, _ = write_recording(recording, options.out / "session.csv")
        result = analyse(read_recording(csv_path), progress=update)
    saved = result.to_json(options.out / "result.json")
    page = result.to_html(options.out / "report.html")
    say("A simulated session: no sensor, no person.\n")
    say(render_text(result))
    say(f"Recording: {csv_path}")
    say(f"Result:    {saved}")
    say(f"Report:    {page}")
    return exit_code(result)


def _is_simulated(path: Path) -> bool:
    """Whether the name is free, or what is there came from a simulation."""
    if not path.exists():
        return True
    if path.suffix == ".emgj":
        try:
            meta = iter_journal(path).header.get("meta")
        except RecordingError:
            return path.is_file() and path.stat().st_size == 0
        return isinstance(meta, dict) and meta.get("Manufacturer") == SIMULATION
    if path.suffix == ".csv":
        return told_in(path.with_suffix(".json"), "Manufacturer") == SIMULATION
    if path.suffix == ".html":
        return told_in(path.with_name("result.json"), "meta", "Manufacturer") == SIMULATION
    return SIMULATION in (told_in(path, "Manufacturer"), told_in(path, "meta", "Manufacturer"))


async def _record(session: SimulatedSession, journal: Path, seed: int) -> None:
    """Record a session as a real one is recorded, in virtual time."""
    clock = FastClock(rounds=_ROUNDS)
    transport = SimulatedTransport(session.sensors, clock=clock, seed=seed)
    await record_session(
        transport,
        await transport.discover(1.0),
        journal,
        labels=session.labels,
        clock=clock,
        duration_s=session.truth.duration_s,
        marks=session.truth,
        meta=session.truth.meta,
    )
