"""The journal: all that sensors sent, on disk before anything else sees it (`.emgj`)."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from emgorder.errors import RecordingError
from emgorder.files import lock_file, sync_folder, why_not_written
from emgorder.io.journal_frames import FORMAT, MAGIC, encode_frame, encode_object
from emgorder.io.journal_read import Journal, JournalReader, Record, iter_journal, read_journal

__all__ = ["Journal", "JournalReader", "JournalWriter", "Record", "iter_journal", "read_journal"]


class JournalWriter:
    """Appends records to a new journal.

    A record is handed to the system before the method returns, so a recorder that is killed loses none; `sync`
    forces them to disk, so a machine that loses power keeps all up to the last one. Records are written from one
    thread; `sync` may be called from another.

    Parameters
    ----------
    path : str or Path
        A file that does not exist yet.
    header : mapping
        What JSON can hold: sensors, settings, the UTC start.

    Attributes
    ----------
    path : Path
        The file.
    n_records : int
        Packets, events, marks and segments written.
    n_bytes, synced_bytes : int
        Length of the file, and how much of it was forced to disk.

    Raises
    ------
    RecordingError
        Another recorder writes the file, it is there already, or it cannot be written. When the disk fills up while
        recording, the file is cut at the last whole record, and the message says what was kept.
    ValueError
        A record or the header is too large.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "session.emgj"
    >>> with JournalWriter(path, {"started_utc": "2025-05-01T09:30:00+00:00"}) as writer:
    ...     writer.event("left", 1.0, "up")
    ...     writer.packet("left", 1.5, b"abc")
    ...     writer.mark(2.0, "cue/R")
    >>> [(record.kind, record.content()) for record in iter_journal(path)][2]
    ('mark', {'trial_type': 'cue/R', 'text': ''})
    """

    def __init__(self, path: str | Path, header: Mapping[str, Any]) -> None:
        self.path = Path(path)
        self.n_records = 0
        self.n_bytes = 0
        self.synced_bytes = 0
        self._sequence = 2
        self._last_host_s = 0.0
        self._failure: RecordingError | None = None
        self._closing = threading.Lock()
        payload = encode_object({"emgj": FORMAT, "header": dict(header)})
        start = MAGIC + b"".join(encode_frame("header", "", 0.0, payload, copy) for copy in (0, 1))
        self._handle: int | None = self._create()
        try:
            self._append(start)
            self.sync()
            sync_folder(self.path.parent)
        except (OSError, RecordingError) as exc:
            self._release()
            self.path.unlink(missing_ok=True)  # ours, and nothing in it
            cause = exc if isinstance(exc, OSError) else exc.__cause__
            why = why_not_written(cause) if isinstance(cause, OSError) else str(cause)
            raise RecordingError(f"not written, {why}", path=self.path) from cause

    def packet(self, sensor: str, t_host_s: float, data: bytes) -> None:
        """Append one notification as it came over the link `sensor` at the host's monotonic time."""
        self._record("packet", sensor, t_host_s, data)

    def event(self, sensor: str, t_host_s: float, kind: str, text: str = "", *, requested: bool = False) -> None:
        """Append what happened to the link `sensor`."""
        self._record("event", sensor, t_host_s, encode_object({"kind": kind, "requested": requested, "text": text}))

    def mark(self, t_host_s: float, trial_type: str, text: str = "", *, duration_s: float = 0.0) -> None:
        """Append an event of the session (`cue/R`, `lift/R`, `tap`, `note`, ...), and how long it lasted."""
        content: dict[str, Any] = {"trial_type": trial_type, "text": text}
        if duration_s:
            content["duration_s"] = duration_s
        self._record("mark", "", t_host_s, encode_object(content))

    def segment(
        self,
        t_host_s: float,
        reason: str,
        *,
        sensor: str = "",
        seconds: float = 0.0,
        refit: bool = True,
        text: str = "",
    ) -> None:
        """Append that clocks changed.

        Parameters
        ----------
        t_host_s : float
            When it was noticed.
        reason : str
            ``suspend``, ``clock step``, ``reboot``, ...
        sensor : str
            The link whose clock it is; empty for the host's.
        seconds : float
            By how much, where known.
        refit : bool
            Whether sample times before and after must be fitted apart.
        text : str
            For people.
        """
        content = {"reason": reason, "seconds": seconds, "refit": refit, "text": text}
        self._record("segment", sensor, t_host_s, encode_object(content))

    def sync(self) -> None:
        """Force what was written to disk; nothing happens when there is nothing new or the journal is closed."""
        with self._closing:
            size = self.n_bytes
            if self._handle is None or self._failure or size == self.synced_bytes:
                return
            try:
                os.fsync(self._handle)
            except OSError as exc:  # the file stays open: the other thread may be writing to its handle
                raise self._failed(exc) from exc
            self.synced_bytes = size

    def close(self) -> None:
        """Write the end mark, force all to disk and release the file; again, or after a failure, is harmless."""
        try:
            if self._handle is not None and self._failure is None:
                self._append(encode_frame("end", "", self._last_host_s, b"{}", self._sequence))
                self.sync()
        finally:
            self._release()

    def __enter__(self) -> JournalWriter:
        """Return the writer."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def _create(self) -> int:
        flags = os.O_RDWR | os.O_APPEND | getattr(os, "O_BINARY", 0)
        try:
            handle = os.open(self.path, flags | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError as exc:
            raise RecordingError(self._why_taken(flags), path=self.path) from exc
        except OSError as exc:
            raise RecordingError(f"not written, {why_not_written(exc)}", path=self.path) from exc
        lock_file(handle)
        return handle

    def _why_taken(self, flags: int) -> str:
        try:
            other = os.open(self.path, flags)
        except OSError:
            return "is there already and cannot be opened: choose another name"
        try:
            free = lock_file(other)
        finally:
            os.close(other)
        if free:
            return "is there already, and a recording is never written over: choose another name"
        return "another recorder is writing this file: stop it first, or choose another name"

    def _record(self, kind: str, sensor: str, t_host_s: float, data: bytes) -> None:
        self._append(encode_frame(kind, sensor, t_host_s, data, self._sequence))
        self._sequence += 1
        self._last_host_s = t_host_s
        self.n_records += 1

    def _append(self, frame: bytes) -> None:
        if self._failure is not None:
            raise self._failure
        if self._handle is None:
            raise RecordingError("the journal is closed: nothing more can be written", path=self.path)
        left = memoryview(frame)
        try:
            while left:
                left = left[os.write(self._handle, left) :]
        except OSError as exc:
            self._cut()
            raise self._failed(exc) from exc
        self.n_bytes += len(frame)

    def _cut(self) -> None:
        """Cut the file at its last whole record and force that to disk."""
        handle = self._handle
        if handle is None:
            return
        with contextlib.suppress(OSError):  # a reader cuts as well; what is told is why recording stopped
            os.ftruncate(handle, self.n_bytes)
            os.fsync(handle)

    def _failed(self, error: OSError) -> RecordingError:
        self._failure = RecordingError(
            f"recording stopped, {why_not_written(error)}. Kept: {self.n_records} records, {self.n_bytes} bytes, "
            f"whole to the last record; emgorder export {self.path.name} reads them",
            path=self.path,
        )
        return self._failure

    def _release(self) -> None:
        with self._closing:
            if self._handle is not None:
                handle, self._handle = self._handle, None
                with contextlib.suppress(OSError):  # all is on disk, or what stopped that was told
                    os.close(handle)
