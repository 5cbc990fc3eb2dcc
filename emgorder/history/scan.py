"""What is in a folder of tests: tests, and saved results there and one folder deeper; nothing else is looked into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from emgorder.errors import RecordingError
from emgorder.history.places import ABOUT, RESULT, is_test_folder, is_there
from emgorder.history.visits import StoredVisit, read_saved_result, read_test

__all__ = ["Source", "find_sources"]

_HEAD = 400  # bytes at the start of a file that tell a result from any other JSON
_MARK = b'"emgorder-result"'


@dataclass(frozen=True, slots=True)
class Source:
    """A test's folder or a saved result: its id, where it is, and a stamp that changes when it is written again."""

    id: str
    path: Path
    is_test: bool
    stamp: str

    def read(self) -> StoredVisit:
        """Return what it holds."""
        return read_test(self.path) if self.is_test else read_saved_result(self.path, self.id)


def find_sources(folder: Path) -> list[Source]:
    """Return every test and every saved result in a folder of tests, by id.

    A folder with ``test.json`` or the name of a test is one visit; of all others, and of the folder itself, every
    result is a visit of its own. Links are not followed.

    Raises
    ------
    RecordingError
        The folder is not there or cannot be read.
    """
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        raise RecordingError(f"cannot be read: {error.strerror or error}", path=folder) from error
    found: list[Source] = []
    for path in inside:
        if path.is_symlink() or path.name.startswith("."):
            continue
        if path.is_dir():
            found += [_test(path)] if is_test_folder(path) or is_there(path / ABOUT) else _results(path, folder)
        elif _is_result(path):
            found.append(Source(path.name, path, False, _stamp(path)))
    return found


def _test(path: Path) -> Source:
    return Source(path.name, path, True, f"{_stamp(path / RESULT)} {_stamp(path / ABOUT)}")


def _results(path: Path, folder: Path) -> Iterator[Source]:
    try:
        inside = sorted(path.iterdir())
    except OSError:
        return
    for file in inside:
        if _is_result(file):
            yield Source(file.relative_to(folder).as_posix(), file, False, _stamp(file))


def _is_result(path: Path) -> bool:
    if path.suffix.lower() != ".json" or path.name.startswith(".") or not is_there(path):
        return False
    try:
        with path.open("rb") as file:
            return _MARK in file.read(_HEAD)
    except OSError:
        return False


def _stamp(path: Path) -> str:
    try:
        status = path.lstat()
    except OSError:
        return "-"
    return f"{status.st_mtime_ns}:{status.st_size}"
