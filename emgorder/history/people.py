"""Everything in a folder of tests that is of one person: exported whole, or deleted whole."""

from __future__ import annotations

import os
import secrets
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from emgorder.errors import RecordingError, SettingsError
from emgorder.files import lock_file, why_not_written
from emgorder.history import texts as t
from emgorder.history.claims import companions, names_in
from emgorder.history.index import read_history
from emgorder.history.places import ABOUT, is_test_folder, is_there, slug
from emgorder.report.display import display_text

__all__ = ["Belongings", "belongings", "delete_person", "export_person"]


@dataclass(frozen=True, slots=True)
class Belongings:
    """What is of one person.

    Attributes
    ----------
    folder : Path
        The folder of tests.
    person : str
        Pseudonym.
    tests : tuple of Path
        Folders of tests, with all that is in them.
    files : tuple of Path
        Recordings, sidecars, results and reports that lie outside such folders.
    kept : tuple of (Path, str)
        What names the person but is not touched, and why.
    """

    folder: Path
    person: str
    tests: tuple[Path, ...] = ()
    files: tuple[Path, ...] = ()
    kept: tuple[tuple[Path, str], ...] = ()

    def all_files(self) -> Iterator[Path]:
        """Yield every file, links left out."""
        for test in self.tests:
            for root, _, names in os.walk(test, followlinks=False):
                yield from (path for name in sorted(names) if not (path := Path(root) / name).is_symlink())
        yield from self.files


def belongings(folder: str | Path, person: str) -> Belongings:
    """Return what in a folder of tests is of one person. The files are asked, never the index; links are not followed.

    A test's folder is of the person whom its plan, results, sidecars and journals name, if that is one person. Of
    other files those are taken that name the person themselves, and the recordings of such sidecars.

    Parameters
    ----------
    folder : str or Path
        The folder of tests.
    person : str
        Pseudonym.

    Returns
    -------
    Belongings
        For :func:`export_person` and :func:`delete_person`.

    Raises
    ------
    SettingsError
        No person is named.
    RecordingError
        The folder cannot be read, or nothing in it is of this person.
    """
    folder, person = Path(folder), person.strip()
    if not person:
        raise SettingsError(t.NO_NAME, key="--person")
    tests: list[Path] = []
    files: list[Path] = []
    kept: list[tuple[Path, str]] = []
    try:
        inside = sorted(p for p in folder.iterdir() if not p.is_symlink() and not p.name.startswith("."))
        shelves = [folder]
        for path in inside:
            if not path.is_dir():
                continue
            if not (is_test_folder(path) or is_there(path / ABOUT)):
                shelves.append(path)
                continue
            names = set().union(*(names_in(p) for p in _files_below(path)))
            if not names and path.name.startswith(f"{slug(person)}_"):
                kept.append((path, t.WHY_UNKNOWN))
            if person not in names:
                continue
            if len(names) > 1 or _is_running(path):
                kept.append((path, t.WHY_MIXED if len(names) > 1 else t.WHY_RUNNING))
            else:
                tests.append(path)
        for shelf in shelves:
            own, left = companions(shelf, person)
            files += own
            kept += [(path, t.WHY_MIXED) for path in left]
    except OSError as error:
        raise RecordingError(f"cannot be read: {error.strerror or error}", path=folder) from error
    if not (tests or files or kept):
        name = display_text(person)
        raise RecordingError(t.NOT_THERE.format(person=repr(name), folder=folder), path=folder)
    return Belongings(folder, person, tuple(tests), tuple(files), tuple(kept))


def export_person(own: Belongings, target: str | Path) -> int:
    """Copy everything of one person to a new folder, or into a new ``.zip``; it is there whole or not at all.

    Parameters
    ----------
    own : Belongings
        What is of the person.
    target : str or Path
        Outside the folder of tests; must not be there yet.

    Returns
    -------
    int
        How many files were copied.

    Raises
    ------
    RecordingError
        The target is inside the folder of tests or there already, or cannot be written.
    """
    target = Path(target)
    if target.resolve().is_relative_to(own.folder.resolve()):
        raise RecordingError(t.EXPORT_INSIDE, path=target)
    if target.exists() or target.is_symlink():
        raise RecordingError(t.EXPORT_THERE, path=target)
    making = target.with_name(f".emgorder-{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        count = _zip(own, making) if target.suffix.lower() == ".zip" else _copy(own, making)
        making.rename(target)
    except OSError as error:
        raise RecordingError(f"not written, {why_not_written(error)}", path=target) from error
    finally:
        if making.is_dir():
            shutil.rmtree(making, ignore_errors=True)
        else:
            making.unlink(missing_ok=True)
    return count


def delete_person(own: Belongings) -> tuple[int, tuple[tuple[Path, str], ...]]:
    """Delete everything of one person for good, and what the index knows of it.

    Links are removed, never followed. What says whose a test is goes last, so that a deletion that was interrupted
    can be done again.

    Parameters
    ----------
    own : Belongings
        What is of the person.

    Returns
    -------
    (int, tuple of (Path, str))
        How many files were deleted; what is still there, and why.
    """
    count, left = 0, list(own.kept)
    root = own.folder.resolve()
    for path in (*own.tests, *own.files):
        if path.is_symlink() or not path.resolve().is_relative_to(root):
            left.append((path, t.WHY_LINK))
            continue
        n_files = sum(len(names) for _, _, names in os.walk(path)) if path.is_dir() else 1
        try:
            _remove_test(path) if path in own.tests else path.unlink(missing_ok=True)
            count += n_files
        except OSError as error:
            if not path.exists():
                continue  # somebody else deletes the same
            left.append((path, t.WHY_FAILED.format(reason=error.strerror or error)))
    read_history(own.folder)  # drops their rows
    return count, tuple(left)


def _remove_test(path: Path) -> None:
    for child in path.iterdir():
        if child.is_dir() and not child.is_symlink():
            shutil.rmtree(child)
        elif child.name != ABOUT:
            child.unlink(missing_ok=True)
    (path / ABOUT).unlink(missing_ok=True)
    path.rmdir()


def _copy(own: Belongings, making: Path) -> int:
    making.mkdir()
    files = list(own.all_files())
    for path in files:
        copy = making / path.relative_to(own.folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy, follow_symlinks=False)
    return len(files)


def _zip(own: Belongings, making: Path) -> int:
    files = list(own.all_files())
    with zipfile.ZipFile(making, "x", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for path in files:
            name = os.fsencode(path.relative_to(own.folder)).decode("utf-8", "replace")
            archive.write(path, name)
    return len(files)


def _files_below(path: Path) -> Iterator[Path]:
    for root, _, names in os.walk(path, followlinks=False):
        yield from (Path(root) / name for name in names)


def _is_running(path: Path) -> bool:
    """Return whether a recorder holds a journal in this folder."""
    for journal in path.glob("*.emgj"):
        if journal.is_symlink():
            continue
        with journal.open("rb") as file:
            if not lock_file(file.fileno()):
                return True
    return False
