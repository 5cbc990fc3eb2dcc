"""``emgorder export``: a journal, whole or torn, or a recording to CSV, BDF+ and BIDS."""

from __future__ import annotations

import argparse
import filecmp
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeAlias

from emgorder.acquisition.assemble import assemble
from emgorder.analysis import analyse
from emgorder.cli.console import DONE, add_reading_options, quiet_warnings, read_as_asked, say, told_in
from emgorder.cli.exchange import export_bdf, export_bids
from emgorder.errors import RecordingError, SettingsError
from emgorder.io import read_recording, write_recording
from emgorder.io.journal import read_journal
from emgorder.io.marks import with_onsets
from emgorder.model import Recording
from emgorder.muscles import parse_label
from emgorder.report.display import display_text

__all__ = ["export_recording", "register", "split_names"]

_NOTE_LIMIT = 1000

Over: TypeAlias = Literal["equals", "same recording", "anything"]


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "export",
        help="make a CSV, BDF+ or BIDS of a recording, also of a journal that was cut off",
        description="Write a recording as CSV, as BDF+ (both with a JSON sidecar), or into a BIDS-EMG dataset. "
        "Reads all that emgorder analyse reads: journals (.emgj), tables, BDF, EDF, XDF, C3D.",
        epilog="examples:\n  emgorder export session.emgj\n  emgorder export session.emgj -o session_again.csv"
        "\n  emgorder export session.emgj --channels GMAX_R,BF_R"
        "\n  emgorder export session.csv --bdf session.bdf --onsets"
        "\n  emgorder export session.csv --bids study --subject heron-12 --session before",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="journal or recording")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="the CSV; by default beside the journal, and none where --bdf or --bids are given",
    )
    parser.add_argument("--bdf", type=Path, metavar="FILE", help="BDF+: 24 bits, events and gaps as annotations")
    parser.add_argument("--bids", type=Path, metavar="DIR", help="BIDS-EMG dataset to add to, made if it is not there")
    parser.add_argument(
        "--subject", metavar="NAME", help="with --bids: whose it is, instead of the recording's pseudonym"
    )
    parser.add_argument("--session", metavar="NAME", help="with --bids: the visit; by default the day tells it")
    parser.add_argument("--task", metavar="NAME", help="with --bids: what was done, instead of the recording's")
    parser.add_argument("--no-dates", action="store_true", help="with --bids: leave out when it was recorded")
    parser.add_argument("--onsets", action="store_true", help="analyse first, and mark the onsets as events")
    parser.add_argument(
        "--channels", metavar="GMAX_R,BF_R", help="new names, sensor after sensor; _ leaves a channel out"
    )
    add_reading_options(parser)
    parser.add_argument("--force", action="store_true", help="replace files that are there and say something else")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    source: Path = options.file
    if not source.name:
        raise SettingsError(f"{str(source)!r} is a folder: give a journal, for example session.emgj", key="FILE")
    elsewhere = options.bdf is not None or options.bids is not None
    csv = options.output or (None if elsewhere else source.with_suffix(".csv"))
    for key, target in (("--output", csv), ("--bdf", options.bdf)):
        if target is not None and target.resolve() == source.resolve():
            raise SettingsError(f"{target} would be written over itself: give another name", key=key)
    for key in ("subject", "session", "task"):
        if getattr(options, key) is not None and options.bids is None:
            raise SettingsError("belongs to --bids DIR: give both", key=f"--{key}")
    names = None if options.channels is None else split_names(options.channels)
    over: Over = "anything" if options.force else "equals"
    with quiet_warnings():
        recording = read_as_asked(source, options) if names is None else _named(source, names, options)
        if options.onsets:
            recording = with_onsets(recording, analyse(recording).lift_results)
    if csv is not None:
        _write_csv(recording, source, csv, over)
    if options.bdf is not None:
        told = any(value is not None for value in (options.muscles, options.sampling_frequency, options.unit))
        changed = names is not None or options.onsets or told
        export_bdf(recording, source, options.bdf, force=options.force, changed=changed)
    if options.bids is not None:
        export_bids(
            recording,
            options.bids,
            subject=options.subject,
            session=options.session,
            task=options.task,
            dates=not options.no_dates,
        )
    _say_what_is_wrong(recording)
    return DONE


def split_names(text: str) -> list[str]:
    """Return the names in what was given as ``--channels``, empty ones for channels that are left out."""
    names = [name.strip() for name in text.split(",")]
    if any(not name for name in names):
        raise SettingsError(f"{text!r}: write for example GMAX_R,BF_R, and _ for none", key="--channels")
    if all(name == "_" for name in names):
        raise SettingsError(f"{text!r} leaves every channel out: name at least one", key="--channels")
    return ["" if name == "_" else name for name in names]


def export_recording(
    source: Path, csv: Path, *, names: Sequence[str] | None = None, over: Over = "equals"
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
    _write_csv(recording, source, csv, over)
    _say_what_is_wrong(recording)
    return recording


def _write_csv(recording: Recording, source: Path, csv: Path, over: Over) -> None:
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


def _say_what_is_wrong(recording: Recording) -> None:
    for note in recording.notes:
        say(f"Note:      {display_text(note, _NOTE_LIMIT)}")
    if recording.clock.method != "same device":
        say(f"Clocks:    {recording.clock.method}, ± {recording.clock.sd_s * 1e3:.1f} ms (standard uncertainty)")


def _named(source: Path, names: Sequence[str], options: argparse.Namespace) -> Recording:
    """Return the recording in `source` with other names of its channels."""
    if source.suffix.lower() == ".emgj":
        recording = assemble(read_journal(source), names=names, name=source.stem)
        n_named = len(recording.channels) + sum(not name for name in names)
    else:
        recording = read_as_asked(source, options)
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
