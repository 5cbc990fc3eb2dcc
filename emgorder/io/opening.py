"""Files that are not there, cannot be opened or are empty: said alike by every reader."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emgorder.errors import RecordingError

__all__ = ["opening", "read_bytes", "refuse_empty"]


@contextmanager
def opening(path: Path) -> Iterator[None]:
    """Say in words, as a `RecordingError`, why `path` cannot be opened or read.

    Examples
    --------
    >>> with opening(Path("no.csv")):
    ...     Path("no.csv").read_bytes()
    Traceback (most recent call last):
    emgorder.errors.RecordingError: no.csv: no such file: check the name and the folder
    """
    try:
        yield
    except FileNotFoundError as error:
        raise RecordingError("no such file: check the name and the folder", path=path) from error
    except OSError as error:
        raise RecordingError(
            f"cannot be read ({error.strerror}): check the permissions and the disk", path=path
        ) from error


def read_bytes(path: Path) -> bytes:
    """Return all bytes of a file that has some."""
    with opening(path):
        raw = path.read_bytes()
    refuse_empty(raw, path)
    return raw


def refuse_empty(head: bytes, path: Path) -> None:
    """Refuse a file without a byte."""
    if not head:
        raise RecordingError("the file is empty (0 bytes): copy it again from where it was recorded", path=path)
