"""``emgorder export``: a journal, whole or torn, to a CSV with its sidecar."""

from __future__ import annotations

import argparse
import filecmp
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from emgorder.acquisition.assemble import assemble
from emgorder.cli.console import DONE, quiet_warnings, say, told_in
from emgorder.errors import RecordingError, SettingsError
from emgorder.io import read_recording, write_recording
from emgorder.io.journal import read_journal
from emgorder.model import Recording
from emgorder.muscles import parse_label
from emgorder.report.display import display_text

__all__ = ["export_recording", "register", "split_names"]

_NOTE_LIMIT = 1000


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "export",
        help="make a CSV of a journal, also of one that was cut off",
        description="Write a recording as CSV with a JSON sidecar. Reads journals (.emgj) and CSV.",
        epilog="examples:\n  emgorder export session.emgj\n  emgorder export session.emgj -o session_again.csv"
        "\n  emgorder export session.emgj --channels GMAX_R,BF_R",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="journal or recording")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="the CSV; by default beside the journal")
    parser.add_argument(
        "--channels", metavar="GMAX_R,BF_R", help="new names, sensor after sensor; _ leaves a channel out"
    )
    parser.add_argument("--force", action="store_true", help="replace files that are there and say something else")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    if not options.file.name:
        raise SettingsError(f"{str(options.file)!r} is a folder: give a journal, for example session.emgj", key="FILE")
    output = options.output or options.file.with_suffix(".csv")
    if output.resolve() == options.file.resolve():
        raise SettingsError(f"{output} would be written over itself: give another name", key="--output")
    export_recording(
        options.file,
        output,
        names=None if options.channels is None else split_names(options.channels),
        over="anything" if options.force else "equals",
    )
    return DONE


def split_names(text: str) -> list[str]:
    """Return the names in what was given as ``--channels``, empty ones for channels that are left out."""
    names = [name.strip() for name in text.split(",")]
    if any(not name for name in names):
        raise SettingsError(f"{text!r}: write for example GMAX_R,BF_R, and _ for none", key="--channels")
    return ["" if name == "_" else name for name in names]


def export_recording(
    source: Path,
    csv: Path,
    *,
    names: Sequence[str] | None = None,
    over: Literal["equals", "same recording", "anything"] = "equals",
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
        recording = read_recording(source) if names is None else _named(source, names)
    there = [path for path in (csv, csv.with_suffix(".json")) if path.exists()]
    fitting = over == "anything" or (_same_recording if over == "same recording" else _equals)(recording, csv)
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


def _named(source: Path, names: Sequence[str]) -> Recording:
    """Return the recording in `source` with other names of its channels."""
    if source.suffix.lower() == ".emgj":
        recording = assemble(read_journal(source), names=names, name=source.stem)
        n_named = len(recording.channels) + sum(not name for name in names)
    else:
        recording = read_recording(source)
        n_named = len(recording.channels)
    if len(names) > n_named:
        raise SettingsError(f"{len(names)} names: {source.name} has {n_named} channels", key="--channels")
    if source.suffix.lower() == ".emgj":
        return recording
    keep = [i for i in range(n_named) if i >= len(names) or names[i]]
    channels = []
    for i in keep:
        channel = recording.channels[i]
        if i < len(names):
            code, side = parse_label(names[i])
            channel = replace(channel, label=names[i], target_muscle=code, side=side)
        channels.append(channel)
    return replace(recording, data=recording.data[:, keep], channels=tuple(channels))


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
