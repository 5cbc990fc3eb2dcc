"""``emgorder history``: who came when, what has changed, and one person exported or deleted whole."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from emgorder.analysis.serialise import write_json
from emgorder.cli.console import DONE, say, say_aside
from emgorder.cli.outputs import refuse_overwriting
from emgorder.errors import RecordingError, SettingsError
from emgorder.files import replace_files
from emgorder.history import (
    Belongings,
    belongings,
    default_folder,
    delete_person,
    export_person,
    person_trends,
    read_history,
)
from emgorder.history import texts as t
from emgorder.history.listing import count_words, history_lines, history_plain
from emgorder.history.places import RESULT
from emgorder.report.display import display_text
from emgorder.report.texts import STANDING
from emgorder.report.trend_page import render_trend_page

__all__ = ["register"]

_EXAMPLE = """\
examples:
  emgorder history
  emgorder history tests --person heron-12 --html heron-12.html
  emgorder history tests --person heron-12 --export heron-12.zip
  emgorder history tests --person heron-12 --delete
"""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "history",
        help="tests and results over weeks, and what has changed",
        description="List the tests and saved results in a folder, and how each person's order has changed.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "folder", type=Path, nargs="?", metavar="DIR", help="folder of tests (default: where `emgorder app` keeps them)"
    )
    parser.add_argument("--rebuild", action="store_true", help="make the index of the folder anew")
    parser.add_argument("--person", metavar="P", help="pseudonym: this one alone")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write it as JSON")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the follow-up of the person as a page")
    parser.add_argument("--export", type=Path, metavar="OUT", help="copy all files of the person: a folder or a .zip")
    parser.add_argument("--delete", action="store_true", help="delete all files of the person for good (asks first)")
    parser.add_argument("--yes", action="store_true", help="do not ask before deleting")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    for key in ("html", "export", "delete"):
        if getattr(options, key) and options.person is None:
            raise SettingsError("is of one person: add --person PSEUDONYM", key=f"--{key}")
    folder = _folder(options.folder)
    if options.person is None:
        _show(options, folder, "")
        return DONE
    person = options.person.strip()
    if not person:
        raise SettingsError(t.NO_NAME, key="--person")
    if not (options.export or options.delete):
        _show(options, folder, person)
        return DONE
    own = belongings(folder, person)
    if options.export:
        n_files = export_person(own, options.export)
        say(t.EXPORTED.format(files=_files(n_files), person=display_text(person), target=options.export))
        _say_kept(own.kept)
    return _delete(own, sure=options.yes) if options.delete else DONE


def _folder(given: Path | None) -> Path:
    folder = default_folder() if given is None else given
    if given is None and not folder.exists():
        raise RecordingError("is not there yet: a test makes it, or name a folder", path=folder)
    return folder


def _show(options: argparse.Namespace, folder: Path, person: str) -> None:
    history = read_history(folder, rebuild=options.rebuild)
    if options.person is not None and all(visit.person != person for visit in history.visits):
        raise RecordingError(t.NOT_THERE.format(person=repr(display_text(person)), folder=folder), path=folder)
    refuse_overwriting(
        (found for visit in history.visits for found in (folder / visit.id, folder / visit.id / RESULT)),
        [(f"--{key}", getattr(options, key)) for key in ("json", "html") if getattr(options, key)],
    )
    written = []
    if options.json:
        written.append(f"History: {write_json(history_plain(history, person=person), options.json)}")
    if options.html:
        trends = person_trends([visit for visit in history.visits if visit.person == person])
        replace_files({options.html: [render_trend_page(person, trends).encode("utf-8")]})
        written.append(f"Follow-up: {options.html}")
    for line in (*history_lines(history, person=person), "", STANDING[0], STANDING[-1], *written):
        say(line)
    say_aside(history.note)


def _delete(own: Belongings, *, sure: bool) -> int:
    n_files = sum(1 for _ in own.all_files())
    person = display_text(own.person)
    if n_files and not sure:
        asked = t.ASK_DELETE.format(files=_files(n_files), person=person, folder=own.folder)
        if not sys.stdin.isatty():
            raise SettingsError(t.NEEDS_YES, key="--delete")
        say(asked)
        if sys.stdin.readline().strip().lower() != t.YES:
            say(t.NOT_DELETED)
            return DONE
    count, left = delete_person(own)
    say(t.DELETED.format(files=_files(count), person=person))
    _say_kept(left)
    return DONE


def _say_kept(kept: tuple[tuple[Path, str], ...]) -> None:
    for path, why in kept:
        say(t.KEPT.format(path=display_text(path, 400), why=why))


def _files(count: int) -> str:
    return count_words(count, t.FILE_ONE, t.FILE_MANY)
