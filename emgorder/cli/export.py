"""``emgorder export``: a journal, whole or torn, to a CSV with its sidecar."""

from __future__ import annotations

import argparse
from pathlib import Path

from emgorder.cli.console import DONE, quiet_warnings, say
from emgorder.errors import SettingsError
from emgorder.io import read_recording, write_recording
from emgorder.model import Recording

__all__ = ["export_recording", "register"]


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "export",
        help="make a CSV of a journal, also of one that was cut off",
        description="Write a recording as CSV with a JSON sidecar. Reads journals (.emgj) and CSV.",
        epilog="examples:\n  emgorder export session.emgj\n  emgorder export session.emgj -o session_again.csv",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="journal or recording")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="the CSV; by default beside the journal")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    output = options.output or options.file.with_suffix(".csv")
    if output.resolve() == options.file.resolve():
        raise SettingsError(f"{output} would be written over itself: give another name", key="--output")
    export_recording(options.file, output)
    return DONE


def export_recording(source: Path, csv: Path) -> Recording:
    """Write the recording in `source` as CSV, say what was written and what is wrong with it; return it."""
    with quiet_warnings():
        recording = read_recording(source)
    written, sidecar = write_recording(recording, csv)
    say(f"Recording: {written} ({recording.duration_s:.1f} s, {', '.join(c.label for c in recording.channels)})")
    say(f"Sidecar:   {sidecar}")
    for note in recording.notes:
        say(f"Note:      {note}")
    if recording.clock.method != "same device":
        say(f"Clocks:    {recording.clock.method}, ± {recording.clock.sd_s * 1e3:.1f} ms (standard uncertainty)")
    return recording
