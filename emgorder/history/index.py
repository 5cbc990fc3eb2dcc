"""The history of a folder of tests, and an index over it that spares reading every result again.

The folder is the truth. The index holds what was read of each test or result together with a stamp of its files; what
has another stamp, or is not in the index, is read from the folder. Whatever happens to the index, the history is
right: only slower, and it says so.
"""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from emgorder.analysis.serialise import from_plain, to_plain
from emgorder.errors import RecordingError
from emgorder.history import texts as t
from emgorder.history.scan import Source, find_sources
from emgorder.history.visits import StoredVisit, is_whole
from emgorder.json_text import load_json
from emgorder.report.display import display_text

__all__ = ["INDEX", "History", "read_history"]

INDEX = ".emgorder-index.sqlite"
_VERSION = 2
_WAIT_S = 2.0
_TABLE = "CREATE TABLE visits (id BLOB PRIMARY KEY, stamp TEXT NOT NULL, visit TEXT NOT NULL)"


@dataclass(frozen=True, eq=False, slots=True)
class History:
    """Every visit in a folder of tests.

    Attributes
    ----------
    folder : Path
        The folder of tests.
    visits : tuple of StoredVisit
        Of all persons.
    note : str
        How the index was used, in words; empty where there is nothing to say.
    n_read : int
        Tests and results that were read anew, not taken from the index.
    """

    folder: Path
    visits: tuple[StoredVisit, ...]
    note: str
    n_read: int


class _OldSchema(Exception):
    """The index is of another version."""


def read_history(folder: str | Path, *, rebuild: bool = False) -> History:
    """Return every visit in a folder of tests, by way of the index.

    Parameters
    ----------
    folder : str or Path
        The folder of tests.
    rebuild : bool
        Make the index anew from the folder.

    Returns
    -------
    History
        Always that of the folder as it is.

    Raises
    ------
    RecordingError
        The folder is not there or cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> read_history(folder).visits, (folder / INDEX).exists()
    ((), False)
    """
    folder = Path(folder)
    sources = find_sources(folder)
    path = folder / INDEX
    if path.is_symlink() or (path.exists() and not path.is_file()):
        return _without_index(folder, sources, t.INDEX_LINK.format(path=path))
    new = not path.exists()
    if new and not sources:  # perhaps no folder of tests at all: nothing is left in it
        return History(folder, (), "", 0)
    try:
        return _through(path, folder, sources, t.INDEX_BUILT if new or rebuild else t.INDEX_UPDATED, anew=rebuild)
    except _OldSchema:
        said = t.INDEX_OLD
    except sqlite3.OperationalError as error:
        return _without_index(folder, sources, _why_not(error))
    except (sqlite3.DatabaseError, TypeError, ValueError):  # the last two: rows of other types than ours
        said = t.INDEX_DAMAGED
        try:
            _remove(path)
        except OSError as error:
            return _without_index(folder, sources, t.INDEX_NOT_WRITTEN.format(reason=error.strerror))
    try:
        return _through(path, folder, sources, said, anew=True)
    except sqlite3.Error as error:
        return _without_index(folder, sources, _why_not(error))


def _through(path: Path, folder: Path, sources: Sequence[Source], said: str, *, anew: bool) -> History:
    """Read what has changed and write it into the index, in one transaction."""
    with closing(sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None)) as index:
        index.execute("PRAGMA secure_delete = ON")  # what is deleted is not to be found in the file
        known = {} if anew else _known(index)
        visits: list[StoredVisit] = []
        changed: list[tuple[bytes, str, str]] = []
        for source in sources:
            key = os.fsencode(source.id)
            visit = _remembered(source, known.get(key))
            if visit is None:
                visit = source.read()
                text = json.dumps(to_plain(visit))
                changed.append((key, _stamped(source, text), text))
            visits.append(visit)
        gone = [(key,) for key in known.keys() - {os.fsencode(source.id) for source in sources}]
        if anew or changed or gone or not known:
            try:
                _write(index, changed, gone, anew=anew)
            except sqlite3.OperationalError as error:
                if not known:
                    raise
                said = _why_not(error)  # what it remembers is right all the same
    return History(folder, tuple(visits), said, len(changed))


def _known(index: sqlite3.Connection) -> dict[bytes, tuple[str, str]]:
    (version,) = index.execute("PRAGMA user_version").fetchone()
    if version != _VERSION:
        (n_tables,) = index.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if version or n_tables:
            raise _OldSchema
        return {}
    return {bytes(key): (stamp, visit) for key, stamp, visit in index.execute("SELECT id, stamp, visit FROM visits")}


def _remembered(source: Source, row: tuple[str, str] | None) -> StoredVisit | None:
    """Return the visit of a row of the index; None where it is not of this source as it is now."""
    try:
        if row is None or row[0] != _stamped(source, row[1]):
            return None
        visit = from_plain(StoredVisit, load_json(row[1]))
    except (RecordingError, TypeError, ValueError, KeyError, AttributeError, RecursionError):
        return None
    return visit if isinstance(visit, StoredVisit) and is_whole(visit) and visit.id == source.id else None


def _stamped(source: Source, text: str) -> str:
    """Return the stamp of a row: of the files, and of what the row holds, so that no damaged row is believed."""
    return f"{source.stamp} {zlib.crc32(text.encode('ascii')):08x}"


def _write(
    index: sqlite3.Connection, changed: Sequence[tuple[bytes, str, str]], gone: Sequence[tuple[bytes]], *, anew: bool
) -> None:
    index.execute("BEGIN IMMEDIATE")
    try:
        (version,) = index.execute("PRAGMA user_version").fetchone()
        if anew or version != _VERSION:
            tables = [name for (name,) in index.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for name in tables:
                quoted = name.replace('"', '""')
                index.execute(f'DROP TABLE "{quoted}"')
            index.execute(_TABLE)
            index.execute(f"PRAGMA user_version = {_VERSION}")
        index.executemany("INSERT OR REPLACE INTO visits VALUES (?, ?, ?)", changed)
        index.executemany("DELETE FROM visits WHERE id = ?", gone)
    except BaseException:
        index.execute("ROLLBACK")
        raise
    index.execute("COMMIT")


def _without_index(folder: Path, sources: Sequence[Source], said: str) -> History:
    return History(folder, tuple(source.read() for source in sources), said, len(sources))


def _why_not(error: sqlite3.Error) -> str:
    words = str(error)
    return t.INDEX_BUSY if "locked" in words else t.INDEX_NOT_WRITTEN.format(reason=display_text(words, 200))


def _remove(path: Path) -> None:
    """Remove an index that is no database; its journal too, which belongs to nothing any more."""
    for name in (f"{path.name}-journal", path.name):
        path.with_name(name).unlink(missing_ok=True)
