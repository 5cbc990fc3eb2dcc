"""Files that are replaced whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from emgorder.errors import RecordingError

__all__ = ["replace_files"]

_REMEDIES = {
    errno.ENOSPC: "the disk is full: free some space or choose another folder",
    errno.EDQUOT: "the disk quota is used up: free some space or choose another folder",
    errno.EFBIG: "the file is larger than this system allows: choose another folder or free some quota",
    errno.ENOENT: "there is no such folder: make it first",
    errno.EACCES: "no permission: close the program that has the file open, or choose another folder",
    errno.EPERM: "no permission: close the program that has the file open, or choose another folder",
    errno.EROFS: "the disk is read-only: choose another folder",
}


def replace_files(contents: Mapping[Path, Iterable[bytes]]) -> None:
    """Write several files so that each is either as it was or whole.

    Everything is written to temporary files in the same folders and forced to disk before the first old file is
    replaced. If anything fails, the temporary files are removed and the old files stay.

    Parameters
    ----------
    contents : mapping of Path to iterable of bytes
        What each file is to hold, in chunks.

    Raises
    ------
    RecordingError
        A file cannot be written; the message says why and what to do.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> replace_files({folder / "a.txt": [b"one ", b"two"]})
    >>> (folder / "a.txt").read_bytes(), len(list(folder.iterdir()))
    (b'one two', 1)
    """
    temporary: dict[Path, Path] = {}
    target = Path()
    try:
        for target, chunks in contents.items():
            if target.exists() and not target.is_file():
                raise RecordingError("is there already and is no file: choose another name", path=target)
            temporary[target] = target.with_name(f".emgorder-{os.getpid()}-{secrets.token_hex(4)}.tmp")
            _write_synced(temporary[target], chunks)
        for target in contents:
            temporary[target].replace(target)
            del temporary[target]
        for folder in {path.parent for path in contents}:
            _sync_folder(folder)
    except OSError as exc:
        why = _REMEDIES.get(exc.errno or 0, f"{exc.strerror}: choose another name or folder")
        raise RecordingError(f"not written, {why}", path=target) from exc
    finally:
        for left in temporary.values():
            left.unlink(missing_ok=True)


def _write_synced(path: Path, chunks: Iterable[bytes]) -> None:
    with path.open("xb") as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":  # elsewhere a folder cannot be opened, and its entry is written with the file
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
