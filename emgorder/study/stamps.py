"""Which file this is, and whether it is as it was: what a resumed batch goes by."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Stamp", "shown_path", "stamp_of"]

_BESIDE = ("_channels.tsv", "_events.tsv", "_electrodes.tsv")  # what a recording of a BIDS data set is read with


@dataclass(frozen=True, slots=True)
class Stamp:
    """A file's path as text, a hash of the path, and what changes when it or its sidecar is written again."""

    path: str
    file_id: str
    state: str


def stamp_of(path: str | os.PathLike[str], root: Path | None = None) -> Stamp:
    r"""Return the stamp of a file; its path counts from `root` where it is below.

    Examples
    --------
    >>> stamp_of("a/nothing.csv", Path("a"))
    Stamp(path='nothing.csv', file_id='...', state='missing')
    """
    try:
        file = Path(os.fsdecode(path))
    except (TypeError, ValueError):
        return Stamp(shown_path(str(path)), _hash(shown_path(str(path))), "missing")
    name = file
    if root is not None and file.is_relative_to(root):
        name = file.relative_to(root)
    stem = file.stem.removesuffix("_emg")
    beside = [file.with_suffix(".json")] if file.name else []
    if stem != file.stem:
        beside += [file.with_name(stem + ending) for ending in _BESIDE]
    states = [_state(file)] + [f"{path.suffix}{state}" for path in beside if (state := _state(path)) != "missing"]
    shown = shown_path(name.as_posix())
    return Stamp(shown, _hash(shown), " ".join(states))


def shown_path(path: str) -> str:
    r"""Return a path as text that any file can hold, a different one for each path.

    Examples
    --------
    >>> shown_path("caf\udce9.csv"), shown_path("a\\b.csv")
    ('caf\\udce9.csv', 'a\\\\b.csv')
    """
    if os.sep != "\\":  # a name may hold one
        path = path.replace("\\", "\\\\")
    return path.encode("utf-8", "backslashreplace").decode("utf-8")


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8"), digest_size=8).hexdigest()


def _state(path: Path) -> str:
    try:
        status = path.stat()
    except (OSError, ValueError):  # ValueError: a zero byte in the name
        return "missing"
    return f"{status.st_size}:{status.st_mtime_ns}"
