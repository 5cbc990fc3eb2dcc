"""``emgorder export``: a journal, whole or torn, to a CSV with its sidecar."""

from __future__ import annotations

import argparse
import filecmp
import tempfile
from pathlib import Path
from typing import Literal

from emgorder.cli.console import DONE, quiet_warnings, say, told_in
from emgorder.errors import RecordingError, SettingsError
from emgorder.io import read_recording, write_recording
from emgorder.model import Recording
from emgorder.report.display import display_text

__all__ = ["export_recording", "register"]

_NOTE_LIMIT = 1000


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
    parser.add_argument("--force", action="store_true", help="replace files that are there and say something else")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    if not options.file.name:
        raise SettingsError(f"{str(options.file)!r} is a folder: give a journal, for example session.emgj", key="FILE")
    output = options.output or options.file.with_suffix(".csv")
    if output.resolve() == options.file.resolve():
        raise SettingsError(f"{output} would be written over itself: give another name", key="--output")
    export_recording(options.file, output, replace="anything" if options.force else "equals")
    return DONE


def export_recording(
    source: Path, csv: Path, *, replace: Literal["equals", "same recording", "anything"] = "equals"
) -> Recording:
    """Write the recording in `source` as CSV, say what was written and what is wrong with it; return it.

    Files that are there are replaced where they are just what would be written, or where their sidecar tells that
    they came from the same recording, or whatever they are.

    Raises
    ------
    RecordingError
        Other files are there, perhaps with values that somebody has edited.
    """
    with quiet_warnings():
        recording = read_recording(source)
    there = [path for path in (csv, csv.with_suffix(".json")) if path.exists()]
    fitting = replace == "anything" or (_same_recording if replace == "same recording" else _equals)(recording, csv)
    if there and not fitting:
        raise RecordingError(
            f"is there already and is not what {source.name} gives: it may have been edited. "
            "Give another name with -o, or --force to replace it",
            path=there[0],
        )
    written, sidecar = write_recording(recording, csv)
    labels = ", ".join(display_text(c.label) for c in recording.channels)
    say(f"Recording: {written} ({recording.duration_s:.1f} s, {labels})")
    say(f"Sidecar:   {sidecar}")
    for note in recording.notes:
        say(f"Note:      {display_text(note, _NOTE_LIMIT)}")
    if recording.clock.method != "same device":
        say(f"Clocks:    {recording.clock.method}, ± {recording.clock.sd_s * 1e3:.1f} ms (standard uncertainty)")
    return recording


def _equals(recording: Recording, csv: Path) -> bool:
    """Whether the files that are there are what would be written."""
    if not csv.exists() and not csv.with_suffix(".json").exists():
        return True
    with tempfile.TemporaryDirectory() as folder:
        new = write_recording(recording, Path(folder) / "new.csv")
        old = (csv, csv.with_suffix(".json"))
        return all(not a.exists() or filecmp.cmp(a, b, shallow=False) for a, b in zip(old, new, strict=True))


def _same_recording(recording: Recording, csv: Path) -> bool:
    """Whether a sidecar that is there says that it is of the same recording."""
    started = recording.meta.get("RecordingStarted")
    return started is not None and told_in(csv.with_suffix(".json"), "RecordingStarted") == started
