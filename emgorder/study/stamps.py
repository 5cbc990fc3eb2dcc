"""Which file this is, and whether it is as it was: what a resumed batch goes by."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from emgorder.io.bids_inherited import Listing, files_for, sidecar_names
from emgorder.io.bids_names import is_bids_recording
from emgorder.study.efforts import efforts_of

__all__ = ["Stamp", "shown_path", "stamp_of"]


@dataclass(frozen=True, slots=True)
class Stamp:
    """A file's path as text, a hash of the path, and what changes when it or what it is read with is written again."""

    path: str
    file_id: str
    state: str


def stamp_of(
    path: str | os.PathLike[str],
    root: Path | None = None,
    mvc: Sequence[str] = (),
    listed: Listing = sidecar_names,
) -> Stamp:
    r"""Return the stamp of a file; its path counts from `root` where it is below.

    Read with it are its sidecar, in a BIDS dataset the files that hold for it there, also those in folders above
    (looked for in what `listed` returns), and the recordings of full efforts that patterns `mvc` find.

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
    states = [_state(file), *_states_beside(file, listed)]
    for effort in efforts_of(file, mvc):
        states += [f"mvc{_state(effort)}", *_states_beside(effort, listed)]
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


def _states_beside(file: Path, listed: Listing) -> list[str]:
    if not file.name:
        return []
    beside = files_for(file, listed) if is_bids_recording(file) else [file.with_suffix(".json")]
    return [f"{path.suffix}{state}" for path in beside if (state := _state(path)) != "missing"]


def _state(path: Path) -> str:
    try:
        status = path.stat()
    except (OSError, ValueError):  # ValueError: a zero byte in the name
        return "missing"
    return f"{status.st_size}:{status.st_mtime_ns}"
