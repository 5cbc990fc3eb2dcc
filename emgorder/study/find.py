"""Recordings in a folder of any shape: which files are some, and which only belong to one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from emgorder.errors import RecordingError
from emgorder.study.efforts import is_effort
from emgorder.study.forms import is_recording, one_form_each
from emgorder.study.store import is_batch

__all__ = ["Found", "find_recordings"]


@dataclass(slots=True)
class Found:
    """What a walk has passed over, for a summary in words.

    ``twice`` counts files that hold, by their name, a recording that another file beside them holds; ``efforts`` counts
    recordings of full efforts; ``unreadable`` are folders that could not be looked into.
    """

    twice: int = 0
    efforts: int = 0
    unreadable: list[tuple[Path, str]] = field(default_factory=list)


def find_recordings(folder: Path, found: Found | None = None, mvc: Sequence[str] = ()) -> Iterator[Path]:
    """Yield the recordings in a folder and all folders below, each folder's by name.

    A file is one when there is a reader for its ending. Hidden files, sidecars, tables of results, lists of BIDS data
    sets, texts such as a README, folders with a batch in them and links to folders are passed over; of files in one
    folder whose names differ only in the ending, the table is taken, else the first by the order of the readers: a
    journal and the CSV that was made of it are one recording. A ``.txt`` is taken only where there is nothing else, as
    it may hold notes on the recording. One of which any form fits a pattern `mvc` is of full efforts and no session.

    Raises
    ------
    RecordingError
        `folder` is not there or cannot be read.
    """
    found = Found() if found is None else found
    try:
        inside = _listed(folder)
    except OSError as error:
        raise RecordingError(f"cannot be read: {error.strerror or error}", path=folder) from error
    yield from _walk(inside, found, mvc)


def _walk(inside: list[os.DirEntry[str]], found: Found, mvc: Sequence[str]) -> Iterator[Path]:
    files: list[Path] = []
    below: list[Path] = []
    for entry in inside:
        path = Path(entry.path)
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            below.append(path)
        elif is_recording(path):
            files.append(path)
    kept = one_form_each(files)
    found.twice += len(files) - len(kept)
    efforts = {path.with_suffix("") for path in files if is_effort(path, mvc)}
    found.efforts += len(efforts)
    yield from sorted(path for path in kept if path.with_suffix("") not in efforts)
    for path in below:
        if is_batch(path):
            continue
        try:
            entries = _listed(path)
        except OSError as error:
            found.unreadable.append((path, error.strerror or str(error)))
            continue
        yield from _walk(entries, found, mvc)


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)
