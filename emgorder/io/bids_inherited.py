"""Files of a BIDS dataset that hold for a recording: by their names, in its folder and in those above."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from emgorder.io.bids_names import dataset_root, entities

__all__ = ["files_for", "keys_for", "sidecar_names", "table_for"]

_KEYS, _CHANNELS, _EVENTS = "emg.json", "channels.tsv", "events.tsv"

Listing = Callable[[Path], Sequence[str]]
"""Returns what :func:`sidecar_names` returns, perhaps from memory."""


def sidecar_names(folder: Path) -> tuple[str, ...]:
    """Return the names of the files in a folder that may hold for recordings, least specific first."""
    try:
        with os.scandir(folder) as entries:
            inside = [entry.name for entry in entries if entry.name.endswith((_KEYS, _CHANNELS, _EVENTS))]
    except (OSError, ValueError):  # ValueError: a zero byte in the name
        return ()
    return tuple(sorted(inside, key=lambda name: (len(entities(name)), name)))


def keys_for(recording: Path, listed: Listing = sidecar_names) -> list[Path]:
    """Return the JSON files whose keys hold for a recording; what a later one says counts."""
    return _holding(recording, _KEYS, listed)


def table_for(recording: Path, suffix: str, listed: Listing = sidecar_names) -> Path | None:
    """Return the table that holds for a recording: the nearest, of the most specific name."""
    return next(reversed(_holding(recording, suffix, listed)), None)


def files_for(recording: Path, listed: Listing = sidecar_names) -> list[Path]:
    """Return every file beside and above a recording that it is read with."""
    tables = (table_for(recording, suffix, listed) for suffix in (_CHANNELS, _EVENTS))
    return [*keys_for(recording, listed), *(path for path in tables if path is not None)]


def _holding(recording: Path, suffix: str, listed: Listing) -> list[Path]:
    said = entities(recording.name).items()
    return [
        folder / name
        for folder in _folders(recording)
        for name in listed(folder)
        if name.endswith(suffix) and entities(name).items() <= said
    ]


def _folders(recording: Path) -> list[Path]:
    """Return the folders from that of the dataset down to that of the file."""
    root, folder = dataset_root(recording), recording.absolute().parent
    below = folder.relative_to(root)
    return [root, *(root / part for part in reversed(below.parents) if part != Path()), folder]
