"""Files that are replaced whole or not at all, and what to do when one cannot be written."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from emgorder.errors import RecordingError

__all__ = ["is_folder", "lock_file", "refuse_stream", "replace_files", "sync_folder", "why_not_written"]

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
            sync_folder(folder)
    except OSError as exc:
        raise RecordingError(f"not written, {why_not_written(exc)}", path=target) from exc
    finally:
        for left in temporary.values():
            left.unlink(missing_ok=True)


def _write_synced(path: Path, chunks: Iterable[bytes]) -> None:
    with path.open("xb") as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


def is_folder(path: Path) -> bool:
    """Return whether `path` is a folder: False for a name that the system cannot hold, or may not look at.

    Examples
    --------
    >>> is_folder(Path("x" * 5000))
    False
    """
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def refuse_stream(path: Path) -> None:
    """Refuse a pipe, a device or a socket, which may give bytes without end, or none ever.

    Raises
    ------
    RecordingError
        `path` is one of them; not where it is a file, a folder, or nothing that can be looked at.

    Examples
    --------
    >>> refuse_stream(Path("no such file"))
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise RecordingError("is a pipe or a device: write what it gives into a file, and name that", path=path)


def sync_folder(folder: Path) -> None:
    """Force to disk that a file is in `folder`, where the system asks for that."""
    if os.name != "posix":  # elsewhere a folder cannot be opened, and its entry is written with the file
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def why_not_written(error: OSError) -> str:
    """Return what stopped a file from being written, and the remedy.

    Examples
    --------
    >>> why_not_written(OSError(errno.ENOSPC, "No space left on device"))
    'the disk is full: free some space or choose another folder'
    """
    return _REMEDIES.get(error.errno or 0, f"{error.strerror}: choose another name or folder")


_FAR_BEYOND_THE_END = 1 << 62  # Windows forbids reading of what is locked


def lock_file(handle: int) -> bool:
    """Take the exclusive lock of an open file until its handle is closed or the process ends, however it ends.

    Returns
    -------
    bool
        False when another process, or another handle of this one, holds it. True also where the file system knows
        no locks.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            here = os.lseek(handle, 0, os.SEEK_CUR)
            os.lseek(handle, _FAR_BEYOND_THE_END, os.SEEK_SET)
            try:
                msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            finally:
                os.lseek(handle, here, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as exc:
        return exc.errno not in (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK)
    return True
