"""What was finished since the last part was written: a line a file, there for good once it is written.

A process that is killed loses no line that was whole; a torn last line is left out.
"""

from __future__ import annotations

import json
import os
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from emgorder.errors import RecordingError
from emgorder.files import replace_files, why_not_written

__all__ = ["BatchLog", "read_log"]

_SYNC_S = 1.0


class BatchLog:
    """An open log, of the part that its lines will make.

    Parameters
    ----------
    path : Path
        Of the file; an older one is replaced.
    part : int
        Number of the part.
    """

    def __init__(self, path: Path, part: int) -> None:
        self.path = path
        self.part = part
        self.n_lines = 0
        replace_files({path: [_line({"part": part})]})
        self._file = path.open("ab", buffering=0)
        self._synced_s = time.monotonic()

    def add(self, entry: dict[str, Any]) -> None:
        """Write a line.

        Raises
        ------
        RecordingError
            The disk is full or gone.
        """
        line = memoryview(_line(entry))
        try:
            while line:
                line = line[self._file.write(line) :]
            if time.monotonic() - self._synced_s > _SYNC_S:
                os.fsync(self._file.fileno())
                self.path.stat()  # an open file can be written long after somebody has deleted it
                self._synced_s = time.monotonic()
        except OSError as error:
            raise RecordingError(f"not written, {why_not_written(error)}", path=self.path) from error
        self.n_lines += 1

    def close(self) -> None:
        """Close the file; it stays."""
        self._file.close()


def read_log(path: Path) -> tuple[int, Iterator[dict[str, Any]]] | None:
    """Return the part that a log is of, and its lines; None where there is no log or it has no whole first line."""
    try:
        with path.open("rb") as file:
            head = _entry(file.readline())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RecordingError(f"cannot be read: {error.strerror or error}", path=path) from error
    if head is None or not isinstance(head.get("part"), int):
        return None
    return head["part"], _entries(path)


def _entries(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        file.readline()
        for line in file:
            entry = _entry(line)
            if entry is not None:  # a damaged line is a file that will be analysed again
                yield entry


def _line(entry: dict[str, Any]) -> bytes:
    text = json.dumps(entry, separators=(",", ":")).encode("ascii")
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _entry(line: bytes) -> dict[str, Any] | None:
    check, _, text = line.rstrip(b"\n").partition(b" ")
    if not line.endswith(b"\n") or check != b"%08x" % zlib.crc32(text):
        return None
    entry = json.loads(text)
    return entry if isinstance(entry, dict) else None
