"""What the commands share: exit codes, options, progress and the words of a result."""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from emgorder.analysis import SessionResult, Settings, analyse
from emgorder.analysis.conclude import Progress
from emgorder.errors import EmgOrderWarning, SettingsError
from emgorder.io import read_recording
from emgorder.json_text import load_json
from emgorder.model import Recording
from emgorder.onset import onset_methods

__all__ = [
    "DONE",
    "NO_VERDICT",
    "USAGE",
    "add_analysis_options",
    "add_mvc_option",
    "add_reading_options",
    "analyse_file",
    "exit_code",
    "in_shell",
    "parse_muscles",
    "progress",
    "quiet_warnings",
    "read_as_asked",
    "say",
    "say_aside",
    "settings_from",
    "told_in",
]

DONE, NO_VERDICT, USAGE = 0, 1, 2


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that every command has that reads recordings of other programs."""
    parser.add_argument("--muscles", metavar="GMAX=COL,BF=COL", help="which column is which muscle")
    parser.add_argument("--sampling-frequency", type=float, metavar="HZ", help="needed when there is no time column")
    parser.add_argument("--unit", choices=("V", "mV", "uV", "au"), help="unit of the columns, when the header lacks it")


def add_analysis_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that every command with an analysis has."""
    add_reading_options(parser)
    parser.add_argument("--task", choices=("lift", "cyclic"), default="lift", help="cyclic: gait, squats; short rests")
    parser.add_argument("--method", default=None, metavar="NAME", help=f"onset method: {', '.join(onset_methods())}")
    parser.add_argument("--rope-ms", type=float, default=None, metavar="MS", help="up to this counts as together (30)")


def add_mvc_option(parser: argparse.ArgumentParser) -> None:
    """Add the option for recordings of full efforts."""
    parser.add_argument(
        "--mvc",
        type=Path,
        metavar="FILE",
        action="append",
        default=[],
        help="recording of full efforts (MVC), electrodes left where they are; may be given more than once",
    )


def analyse_file(options: argparse.Namespace, mvc: Sequence[Path] = (), *, path: Path | None = None) -> SessionResult:
    """Read and analyse ``options.file`` as the options of :func:`add_analysis_options` ask, showing progress.

    `mvc` are files of full efforts, `path` is another file to read than ``options.file``.
    """
    settings, first = settings_from(options), path or options.file
    with quiet_warnings(), progress(first.name) as update:
        update(0.0, "reading")
        recording, *efforts = (read_as_asked(file, options) for file in (first, *mvc))
        return analyse(recording, settings, mvc=efforts, progress=update)


def read_as_asked(path: Path, options: argparse.Namespace) -> Recording:
    """Read a recording as the options of :func:`add_reading_options` ask."""
    return read_recording(
        path,
        sampling_frequency=options.sampling_frequency,
        muscles=parse_muscles(options.muscles),
        unit=options.unit,
    )


def parse_muscles(text: str | None) -> dict[str, str] | None:
    """Read ``GMAX=MA,BF=BF`` into a mapping.

    Examples
    --------
    >>> parse_muscles("GMAX=MA, BF=BF")
    {'GMAX': 'MA', 'BF': 'BF'}
    """
    if text is None:
        return None
    found: dict[str, str] = {}
    for part in text.split(","):
        code, equals, column = (x.strip() for x in part.partition("="))
        if not (code and equals and column):
            raise SettingsError(f"{part!r} is not MUSCLE=COLUMN: write for example GMAX=ch1,BF=ch2", key="--muscles")
        if code in found:
            raise SettingsError(
                f"{code} is given twice, as {found[code]} and as {column}: name each muscle once, with its side where "
                f"there are two ({code}_R=..., {code}_L=...)",
                key="--muscles",
            )
        found[code] = column
    return found


@contextmanager
def progress(title: str) -> Iterator[Progress]:
    """Show a progress bar on the terminal while work goes on; nothing where output is not a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=1.0)

        def update(share: float, what: str) -> None:
            bar.update(task, completed=share, description=f"{title}: {what}")

        yield update


def say(text: str) -> None:
    """Write a line to the standard output, whatever its encoding can show."""
    encoding = sys.stdout.encoding or "ascii"
    sys.stdout.write(text.encode(encoding, errors="replace").decode(encoding) + "\n")
    sys.stdout.flush()


def say_aside(text: str) -> None:
    """Write a line to the standard error, for people who watch; where nobody listens the work goes on."""
    encoding = getattr(sys.stderr, "encoding", None) or "ascii"
    with suppress(OSError, AttributeError, ValueError):
        sys.stderr.write(text.encode(encoding, errors="replace").decode(encoding) + "\n")
        sys.stderr.flush()


def in_shell(*words: object) -> str:
    """Return a command as it is typed: a name with a space or a quote is quoted as the system's shell wants it.

    Examples
    --------
    >>> in_shell("emgorder", "analyse", "session.csv")
    'emgorder analyse session.csv'
    """
    texts = [str(word) for word in words]
    return subprocess.list2cmdline(texts) if sys.platform == "win32" else shlex.join(texts)


def exit_code(result: SessionResult) -> int:
    """Return 0 where at least one side can have a verdict, 1 where the data cannot carry any."""
    return DONE if any(side.possible for side in result.sides) else NO_VERDICT


def settings_from(options: argparse.Namespace) -> Settings:
    """Build the settings that the options of :func:`add_analysis_options` ask for."""
    given: dict[str, object] = {"task": options.task}
    if options.method is not None:
        given["method"] = options.method
    if options.rope_ms is not None:
        given["rope_s"] = options.rope_ms / 1e3
    return Settings(**given)  # type: ignore[arg-type]


def told_in(path: Path, *keys: str) -> object:
    """Return the value under `keys` in a JSON file; None where there is none."""
    try:
        value = load_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


@contextmanager
def quiet_warnings() -> Iterator[None]:
    """Keep reading's warnings off the screen: the same words stand in the result's notes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EmgOrderWarning)
        yield
