"""The folder of a batch: what is done is in it, whenever the work stops.

::

    OUT/batch.json                  how it was made, and what the columns mean
    OUT/lifts/part-00001.parquet    a part of a table; likewise order, summary, errors, sessions
    OUT/.log                        what was finished since the last part; gone when the batch has ended

A log is of the part that it will become: as long as it is there, a part of its number does not count and is written
again. So no row is lost or doubled, whichever moment the process dies at.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from emgorder.analysis.serialise import read_json, write_json
from emgorder.errors import RecordingError, SettingsError
from emgorder.files import lock_file, why_not_written
from emgorder.study.columns import TABLES, described
from emgorder.study.log import BatchLog, read_log
from emgorder.study.outcome import BatchOutcome
from emgorder.study.parts import arrow, drop_rows, part_numbers, part_path, read_part, write_part
from emgorder.study.stamps import Stamp

__all__ = ["ABOUT", "LOG", "BatchStore", "is_batch"]

ABOUT, LOG, LOCK = "batch.json", ".log", ".lock"
_SCHEMA, _VERSION = "emgorder-batch", 1
_ANEW = "start anew in another folder (-o)"


def is_batch(folder: Path) -> bool:
    """Return whether a folder holds a batch."""
    try:
        about = read_json(folder / ABOUT)
    except RecordingError:
        return False
    return isinstance(about, dict) and about.get("schema") == _SCHEMA


class BatchStore:
    """The folder of a batch, open for one process.

    Parameters
    ----------
    folder : Path
        Made where it is not there.
    told : mapping
        What the numbers depend on: settings, options of reading, version. Has to be as it was when a batch goes on.
    resume : bool
        Go on with the batch in the folder, if there is one.
    retry_errors : bool
        Files with an error do not count as done.
    part_size : int
        Files a part.

    Raises
    ------
    RecordingError
        The folder cannot be written, holds something else, or is open elsewhere.
    SettingsError
        The batch in it was told something else, or is there and `resume` is False.
    MissingExtraError
        pyarrow is not installed.
    """

    def __init__(
        self, folder: Path, told: Mapping[str, Any], *, resume: bool, retry_errors: bool = False, part_size: int = 1000
    ) -> None:
        arrow()
        self.folder = folder
        self._part_size = part_size
        self._rewritten: dict[int, set[str]] = {}
        _check(folder, told, resume=resume)  # before anything is written into a folder that may be of others
        self._lock = _locked(folder)
        try:
            if not _check(folder, told, resume=resume):  # again: another batch may have ended here meanwhile
                write_json(
                    {"schema": _SCHEMA, "schema_version": _VERSION, **told, "tables": described()}, folder / ABOUT
                )
            for table in TABLES:
                (folder / table).mkdir(exist_ok=True)
            left = read_log(folder / LOG)
            if left is not None:
                number, entries = left
                write_part(folder, number, entries)
                (folder / LOG).unlink()
            if not part_path(folder, next(reversed(TABLES)), 0).exists():
                write_part(folder, 0, [])  # so that every table has its columns from the start
            self._index = _Index(folder, retry_errors=retry_errors)
            self._log = BatchLog(folder / LOG, 1 + max(part_numbers(folder)))
        except OSError as error:
            os.close(self._lock)
            raise RecordingError(f"not written, {why_not_written(error)}", path=folder) from error
        except BaseException:
            os.close(self._lock)
            raise

    def is_done(self, stamp: Stamp) -> bool:
        """Return whether a file is in the tables as it is now."""
        return self._index.is_done(stamp)

    def add(self, outcome: BatchOutcome, stamp: Stamp) -> None:
        """Keep an outcome; when this returns, the end of the process does not lose it."""
        self._log.add(
            {
                "path": stamp.path,
                "file_id": stamp.file_id,
                "stamp": stamp.state,
                "session": dict(outcome.session),
                "columns": outcome.columns,
                "error": outcome.error,
                "kind": outcome.kind,
            }
        )
        before = self._index.part_of(stamp)
        if before is not None:
            self._rewritten.setdefault(before, set()).add(stamp.path)
        if self._log.n_lines >= self._part_size:
            self._write_part()
            self._log = BatchLog(self.folder / LOG, self._log.part + 1)

    def finish(self) -> None:
        """Make a part of what the log holds, and take out rows of files that were analysed again."""
        self._write_part()
        (self.folder / LOG).unlink()
        for number, paths in self._rewritten.items():
            drop_rows(self.folder, number, paths)

    def _write_part(self) -> None:
        self._log.close()
        left = read_log(self.folder / LOG)
        if left is None:
            raise RecordingError("was deleted while a batch wrote into it: start anew", path=self.folder)
        if self._log.n_lines:
            write_part(self.folder, self._log.part, left[1])
            self._index.add_part(self.folder, self._log.part)

    def __enter__(self) -> BatchStore:
        """Return the store."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish when all went well; let go of the folder in any case."""
        try:
            if kind is None:
                self.finish()
        finally:
            self._log.close()
            os.close(self._lock)


class _Index:
    """Which files are in which part, as they were: 20 bytes a file, whatever their names."""

    def __init__(self, folder: Path, *, retry_errors: bool) -> None:
        self._ids, self._states, self._parts = np.empty(0, np.uint64), np.empty(0, np.uint64), np.empty(0, np.int32)
        read = [_part_index(folder, number, retry_errors=retry_errors) for number in part_numbers(folder)]
        self._merge(*(np.concatenate(columns) for columns in zip(*read, strict=True)))
        self._drop_doubles(folder)

    def add_part(self, folder: Path, number: int) -> None:
        """Take in a part that was just written; of a file that was there before, the new rows count."""
        ids, states, parts = _part_index(folder, number, retry_errors=False)
        again = np.isin(self._ids, ids)
        self._ids, self._states, self._parts = self._ids[~again], self._states[~again], self._parts[~again]
        self._merge(ids, states, parts)

    def _merge(self, ids: Any, states: Any, parts: Any) -> None:
        ids, parts = np.concatenate([self._ids, ids]), np.concatenate([self._parts, parts])
        order = np.lexsort((parts, ids))
        self._ids, self._parts = ids[order], parts[order]
        self._states = np.concatenate([self._states, states])[order]

    def _drop_doubles(self, folder: Path) -> None:
        """Of a file that was analysed again keep the later rows: the process died before it could."""
        old = np.flatnonzero(self._ids[1:] == self._ids[:-1])
        if not old.size:
            return
        for number in np.unique(self._parts[old]):
            doubled = {f"{i:016x}" for i in self._ids[old[self._parts[old] == number]].tolist()}
            paths: set[str] = set()
            for table in ("errors", "sessions"):
                rows = read_part(part_path(folder, table, int(number)), ["path", "file_id"]).to_pylist()
                paths |= {row["path"] for row in rows if row["file_id"] in doubled}
            drop_rows(folder, int(number), paths)
        kept = np.setdiff1d(np.arange(self._ids.size), old)
        self._ids, self._parts, self._states = self._ids[kept], self._parts[kept], self._states[kept]

    def _at(self, stamp: Stamp) -> int | None:
        wanted = np.uint64(int(stamp.file_id, 16))
        at = int(np.searchsorted(self._ids, wanted))
        return at if at < self._ids.size and self._ids[at] == wanted else None

    def is_done(self, stamp: Stamp) -> bool:
        at = self._at(stamp)
        return at is not None and int(self._states[at]) == _number(stamp.state)

    def part_of(self, stamp: Stamp) -> int | None:
        at = self._at(stamp)
        return None if at is None else int(self._parts[at])


def _part_index(folder: Path, number: int, *, retry_errors: bool) -> tuple[Any, Any, Any]:
    ids: list[int] = []
    states: list[int] = []
    for table in ("errors", "sessions"):
        rows = read_part(part_path(folder, table, number), ["file_id", "stamp"])
        ids += [int(x, 16) for x in rows["file_id"].to_pylist()]
        again = retry_errors and table == "errors"
        states += [0 if again else _number(x) for x in rows["stamp"].to_pylist()]
    return np.array(ids, np.uint64), np.array(states, np.uint64), np.full(len(ids), number, np.int32)


def _number(state: str) -> int:
    """Return 64 bits of a stamp, never 0."""
    return int.from_bytes(hashlib.blake2b(state.encode("utf-8"), digest_size=8).digest(), "little") or 1


def _check(folder: Path, told: Mapping[str, Any], *, resume: bool) -> bool:
    """Return whether the folder holds a batch that may go on; make it where it is not there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        inside = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    except FileExistsError as error:
        raise RecordingError("is there already and is no folder: choose another name", path=folder) from error
    except OSError as error:
        raise RecordingError(f"cannot be made: {why_not_written(error)}", path=folder) from error
    if not inside:
        return False
    if ABOUT not in inside or not is_batch(folder):
        raise RecordingError("holds other files and no batch: choose an empty or a new folder", path=folder)
    if not resume:
        raise SettingsError(f"{folder} holds a batch already: go on with it (--resume), or {_ANEW}", key="--output")
    about = read_json(folder / ABOUT)
    if about.get("schema_version") != _VERSION:
        raise SettingsError(f"{folder} was made by another release: {_ANEW}", key="--resume")
    changed = [
        f"{key} was {_short(about.get(key))}, now {_short(value)}"
        for key, value in told.items()
        if about.get(key) != value
    ]
    for group in ("settings", "reading"):
        before, now = about.get(group), told.get(group)
        if isinstance(before, dict) and isinstance(now, Mapping) and before != now:
            changed = [text for text in changed if not text.startswith(f"{group} was")] + [
                f"{key} was {_short(before.get(key))}, now {_short(now.get(key))}"
                for key in sorted({*before, *now})
                if before.get(key) != now.get(key)
            ]
    if changed:
        raise SettingsError(
            f"the batch in {folder} was made otherwise ({'; '.join(changed)}), and its numbers would not belong "
            f"together: go on as it was, or {_ANEW}",
            key="--resume",
        )
    return True


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _locked(folder: Path) -> int:
    try:
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise RecordingError(f"not written, {why_not_written(error)}", path=folder / LOCK) from error
    if not lock_file(handle):
        os.close(handle)
        raise RecordingError("another batch writes here: wait until it has ended", path=folder)
    return handle
