"""``emgorder batch``: all recordings of a folder, on all processors or a cluster, to tables of a study."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from emgorder.cli.console import (
    DONE,
    NO_VERDICT,
    add_analysis_options,
    parse_muscles,
    say,
    say_aside,
    settings_from,
)
from emgorder.errors import EmgOrderError, RecordingError, SettingsError
from emgorder.report.display import display_text
from emgorder.report.texts import STANDING
from emgorder.study.columns import TABLES
from emgorder.study.efforts import check_patterns, efforts_of
from emgorder.study.executors import cluster, n_processors, processes
from emgorder.study.find import Found, find_recordings
from emgorder.study.outcome import BatchOutcome
from emgorder.study.parts import part_numbers, part_path, read_part
from emgorder.study.run import BatchReport, run_batch

__all__ = ["register"]

_EXAMPLE = """\
examples:
  emgorder batch recordings -o results
  emgorder batch recordings -o results --resume
  emgorder batch recordings -o results --mvc "{stem}_mvc*.csv"
  emgorder batch /shared/recordings -o results --scheduler tcp://10.0.0.5:8786

The tables are Parquet: results/lifts, order, summary, sessions, errors. Read one with
pandas.read_parquet("results/lifts"), all with emgorder.read_batch("results"); results/batch.json says what the columns
mean. What is finished is kept whatever happens; --resume goes on.
"""
_SHOWN = 5
_WIDTH = 300


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "batch",
        help="all recordings of a folder, to tables for a study",
        description="Analyse every recording in a folder and the folders below. One bad file costs one row.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="folder with recordings, searched to the bottom")
    parser.add_argument("-o", "--output", type=Path, metavar="OUT", required=True, help="folder for the tables")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--jobs", type=int, metavar="N", help="processes (default: one a processor)")
    where.add_argument("--scheduler", metavar="ADDR", help="Dask scheduler, for example tcp://10.0.0.5:8786")
    parser.add_argument(
        "--resume", action="store_true", help="go on with what is in OUT, without the files that are done"
    )
    parser.add_argument("--retry-errors", action="store_true", help="with --resume: try files again that had an error")
    add_analysis_options(parser)
    parser.add_argument(
        "--mvc",
        metavar="PATTERN",
        action="append",
        default=[],
        help="names of the recordings of full efforts (MVC) that belong to each recording, as seen from its folder; "
        "{stem} is its own name without the ending; may be given more than once",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    if options.jobs is not None and options.jobs < 1:
        raise SettingsError(f"{options.jobs}: give a whole number from 1", key="--jobs")
    if options.retry_errors and not options.resume:
        raise SettingsError("belongs to --resume: give both", key="--retry-errors")
    folder = options.folder.absolute()  # workers may be in another folder
    found, mvc = Found(), check_patterns(options.mvc)
    with_efforts = Counter(bool(efforts_of(path, mvc)) for path in find_recordings(folder, found, mvc))
    n_files = with_efforts.total()
    _say_passed_over(found)
    if not n_files and found.efforts:
        raise SettingsError(
            f"{', '.join(mvc)} fits every recording, and none is left to analyse: write what only the names or the "
            "folder of full efforts have, for example {stem}_mvc*.csv or ../mvc/*.csv",
            key="--mvc",
        )
    if not n_files:
        raise RecordingError("holds no recordings: name a folder with some (emgorder analyse --help)", path=folder)
    if mvc:
        _say_without_efforts(with_efforts, mvc)
    begun = False  # whether the folder is open, and not refused
    try:
        with _executor(options, n_files) as executor, _bar(n_files) as step:

            def paths() -> Iterator[Path]:
                nonlocal begun
                begun = True
                yield from find_recordings(folder, mvc=mvc)

            report = run_batch(
                paths(),
                options.output,
                executor=executor,
                settings=settings_from(options),
                sampling_frequency=options.sampling_frequency,
                muscles=parse_muscles(options.muscles),
                unit=options.unit,
                mvc=mvc,
                resume=options.resume,
                retry_errors=options.retry_errors,
                root=folder,
                progress=step,
            )
    except (KeyboardInterrupt, EmgOrderError):
        if begun:
            say_aside(f"What is done is kept in {_name(options.output)}: the same command with --resume goes on.")
        raise
    return _conclude(report)


def _say_without_efforts(with_efforts: Mapping[bool, int], mvc: Sequence[str]) -> None:
    if not with_efforts[True]:
        raise SettingsError(
            f"{', '.join(mvc)} finds no other recording from the folder of any: see what its names have in common",
            key="--mvc",
        )
    if n_without := with_efforts[False]:
        say_aside(f"{_count(n_without, 'recording')} without others of full efforts")


def _executor(options: argparse.Namespace, n_files: int) -> AbstractContextManager[Executor]:
    if options.scheduler is not None:
        return cluster(options.scheduler)
    return processes(min(options.jobs or n_processors(), n_files))


@contextmanager
def _bar(total: int) -> Iterator[Callable[[BatchOutcome | None], None]]:
    """Show how many recordings are done, and how long the rest will take; nothing where output is no terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    n_failed = 0
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("recordings", total=total)

        def step(outcome: BatchOutcome | None) -> None:
            nonlocal n_failed
            n_failed += outcome is not None and not outcome.ok
            bar.update(task, advance=1, description="recordings" + (f" ({n_failed:,} failed)" if n_failed else ""))

        yield step


def _say_passed_over(found: Found) -> None:
    if found.twice:
        say_aside(f"{_count(found.twice, 'file')} passed over, taken for the recording in another of the same name")
    for path, why in found.unreadable[:_SHOWN]:
        say_aside(f"{_name(path)} is passed over: it cannot be read ({why})")
    if len(found.unreadable) > _SHOWN:
        say_aside(f"and {len(found.unreadable) - _SHOWN:,} more folders")


def _conclude(report: BatchReport) -> int:
    """Say in words what the tables hold, this run's files and those of earlier ones."""
    verdicts: Counter[str] = Counter()
    errors: list[tuple[str, str]] = []
    n_sessions = n_errors = n_possible = 0
    for number in part_numbers(report.folder):
        parts = {table: part_path(report.folder, table, number) for table in TABLES}
        verdicts.update(read_part(parts["summary"], ["verdict"])["verdict"].to_pylist())
        possible = read_part(parts["sessions"], ["verdict_possible"])["verdict_possible"].to_pylist()
        n_sessions += len(possible)
        n_possible += sum(possible)
        bad = read_part(parts["errors"], ["path", "message"])
        n_errors += bad.num_rows
        errors += [(row["path"], row["message"]) for row in bad.slice(0, _SHOWN - len(errors)).to_pylist()]
    now = f"{_count(report.n_analysed, 'recording')} analysed"
    if report.n_failed:
        now += f", {report.n_failed:,} could not be"
    if report.n_skipped:
        now += f", {report.n_skipped:,} were done before"
    say(f"{now}.")
    if verdicts:
        named = ", ".join(f"{verdict} {n:,}" for verdict, n in sorted(verdicts.items(), key=lambda item: -item[1]))
        say(f"Legs: {named}.")
    if n_sessions > n_possible:
        without = _count(n_sessions - n_possible, "recording")
        say(f"{without} cannot carry a verdict; the reasons are in summary and sessions.")
    if errors:
        say(f"{_count(n_errors, 'file')} could not be analysed (table errors):")
        for path, message in errors:
            say(f"  {_name(path)}: {display_text(message, _WIDTH)}")
        if n_errors > len(errors):
            say(f"  and {n_errors - len(errors):,} more")
    say(f"Tables: {_name(report.folder)} ({', '.join(TABLES)})")
    for line in (STANDING[0], STANDING[-1]):
        say(line)
    return DONE if n_possible else NO_VERDICT


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def _name(path: object) -> str:
    return display_text(path, _WIDTH)
