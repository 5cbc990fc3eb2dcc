"""``emgorder export``: a journal, whole or torn, to a CSV with its sidecar."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from emgorder.acquisition.assemble import assemble
from emgorder.cli.console import DONE, quiet_warnings, say
from emgorder.errors import SettingsError
from emgorder.io import read_recording, write_recording
from emgorder.io.journal import read_journal
from emgorder.model import Recording
from emgorder.muscles import parse_label

__all__ = ["export_recording", "register", "split_names"]


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
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    output = options.output or options.file.with_suffix(".csv")
    if output.resolve() == options.file.resolve():
        raise SettingsError(f"{output} would be written over itself: give another name", key="--output")
    export_recording(options.file, output, names=None if options.channels is None else split_names(options.channels))
    return DONE


def split_names(text: str) -> list[str]:
    """Return the names in what was given as ``--channels``, empty ones for channels that are left out."""
    names = [name.strip() for name in text.split(",")]
    if any(not name for name in names):
        raise SettingsError(f"{text!r}: write for example GMAX_R,BF_R, and _ for none", key="--channels")
    return ["" if name == "_" else name for name in names]


def export_recording(source: Path, csv: Path, *, names: Sequence[str] | None = None) -> Recording:
    """Write the recording in `source` as CSV, say what was written and what is wrong with it; return it."""
    with quiet_warnings():
        recording = read_recording(source) if names is None else _named(source, names)
    written, sidecar = write_recording(recording, csv)
    say(f"Recording: {written} ({recording.duration_s:.1f} s, {', '.join(c.label for c in recording.channels)})")
    say(f"Sidecar:   {sidecar}")
    for note in recording.notes:
        say(f"Note:      {note}")
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
