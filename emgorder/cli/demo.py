"""``emgorder demo``: a whole session without any sensor, from simulated muscles to the report."""

from __future__ import annotations

import argparse
from pathlib import Path

from emgorder.analysis import analyse
from emgorder.cli.console import exit_code, progress, say
from emgorder.errors import RecordingError
from emgorder.io import read_recording, write_recording
from emgorder.report.terminal import render_text
from emgorder.simulate import simulate_session

__all__ = ["register"]


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
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordingError(f"cannot be made ({error.strerror}): choose another --out", path=options.out) from error
    with progress("demo") as update:
        update(0.0, "simulating a session of 10 lifts")
        simulated = simulate_session(seed=options.seed)
        csv_path, _ = write_recording(simulated, options.out / "session.csv")
        result = analyse(read_recording(csv_path), progress=update)
    saved = result.to_json(options.out / "result.json")
    page = result.to_html(options.out / "report.html")
    say("A simulated session: no sensor, no person.\n")
    say(render_text(result))
    say(f"Recording: {csv_path}")
    say(f"Result:    {saved}")
    say(f"Report:    {page}")
    return exit_code(result)
