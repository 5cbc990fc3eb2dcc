"""Reading a journal: every whole record, whatever happened to the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from emgorder.errors import RecordingError
from emgorder.io.journal_frames import FORMAT, MAGIC, Frame, FrameWindow, decode_object
from emgorder.io.opening import opening

__all__ = ["Journal", "JournalReader", "Record", "iter_journal", "read_journal"]

_HEADER_WITHIN = 1 << 22  # bytes from the start of the file, in which the header or its copy is looked for


class Record(NamedTuple):
    """One record of a journal.

    Attributes
    ----------
    kind : {"packet", "event", "mark", "segment"}
        What it holds.
    sensor : str
        Link id; empty where it concerns no link.
    t_host_s : float
        The host's monotonic clock, s.
    data : bytes
        A packet as it came; of the other kinds a JSON object, see `content`.
    """

    kind: Literal["packet", "event", "mark", "segment"]
    sensor: str
    t_host_s: float
    data: bytes

    def content(self) -> dict[str, Any]:
        """Return what an event, mark or segment says.

        Returns
        -------
        dict
            ``kind``, ``requested``, ``text`` of an event; ``trial_type``, ``text`` of a mark, and ``duration_s`` if
            it lasted; ``reason``, ``seconds``, ``refit``, ``text`` of a segment; empty for a packet.
        """
        return {} if self.kind == "packet" else decode_object(self.data) or {}


@dataclass(frozen=True, eq=False, slots=True)
class Journal:
    """A journal in memory.

    Attributes
    ----------
    header : dict
        What the recorder wrote at its start; empty when it and its copy are damaged.
    records : list of Record
        In the order written.
    n_damaged : int
        Records missing between whole ones.
    torn_bytes : int
        Bytes after the last whole record.
    complete : bool
        Whether the recorder ended the file itself; False when it was killed, or is still writing.
    notes : tuple of str
        The same in words, empty for a file without a flaw.
    """

    header: dict[str, Any]
    records: list[Record]
    n_damaged: int
    torn_bytes: int
    complete: bool
    notes: tuple[str, ...]


class JournalReader:
    """The records of a journal one after the other, in flat memory; can be iterated again.

    The counts and notes are those of the iteration that went furthest last, so they are final when it has ended.

    Parameters
    ----------
    path : str or Path
        The file.

    Attributes
    ----------
    header, n_damaged, torn_bytes, complete, notes
        As of `Journal`.

    Raises
    ------
    RecordingError
        There is no such file, it is no journal, or a newer program wrote it.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.header: dict[str, Any] = {}
        self.n_damaged = 0
        self.torn_bytes = 0
        self.complete = False
        self._header_note = ""
        self._read_header()

    @property
    def notes(self) -> tuple[str, ...]:
        """What is wrong with the file, in words."""
        found = [self._header_note]
        if self.n_damaged:
            found.append(f"{self.n_damaged} damaged {'record' if self.n_damaged == 1 else 'records'} left out")
        if self.torn_bytes:
            found.append(f"cut at the last whole record: {self.torn_bytes} bytes after it are of no use")
        if not self.complete:
            found.append("the recording was not ended: the recorder stopped without warning, or still runs")
        return tuple(note for note in found if note)

    def __iter__(self) -> Iterator[Record]:
        """Yield packets, events, marks and segments in the order written."""
        for frame in self._frames(within=None):
            if frame.kind == "end":
                self.complete = True
            elif frame.kind != "header":
                yield Record(frame.kind, frame.sensor, frame.t_host_s, frame.data)  # type: ignore[arg-type]

    def _read_header(self) -> None:
        anything = header_found = False
        for frame in self._frames(within=_HEADER_WITHIN):
            anything = True
            if frame.kind == "header":
                self._take_header(decode_object(frame.data) or {})
                header_found = True
                break
            if frame.sequence > 1:
                break
        if not anything:
            raise RecordingError(
                "holds no record of a journal: it is another kind of file, or its recorder was stopped before it began",
                path=self.path,
            )
        self.n_damaged = self.torn_bytes = 0
        if not header_found:
            self._header_note = "the header is damaged: which sensors these were is not known"

    def _take_header(self, found: dict[str, Any]) -> None:
        version, header = found.get("emgj"), found.get("header")
        if isinstance(version, int) and version > FORMAT:
            raise RecordingError(
                f"was written by a newer emgorder (journal format {version}, this one knows {FORMAT}): "
                "pip install --upgrade emgorder",
                path=self.path,
            )
        self.header = header if isinstance(header, dict) else {}

    def _frames(self, *, within: int | None) -> Iterator[Frame]:
        self.n_damaged, self.torn_bytes, self.complete = 0, 0, False
        with opening(self.path), self.path.open("rb") as file:
            window = FrameWindow(file)
            offset: int | None = len(MAGIC) if window.bytes_at(0, len(MAGIC)) == MAGIC else 0
            after_last, last = 0, -1
            while offset is not None and (within is None or offset < within):
                frame = window.frame_at(offset, after=last)
                if frame is None:
                    offset = window.next_marker(offset + 1)
                    continue
                offset += frame.n_bytes
                self.n_damaged += frame.sequence - last - 1
                after_last, last = offset, frame.sequence
                yield frame
            self.torn_bytes = max(file.seek(0, 2) - after_last, 0)


def iter_journal(path: str | Path) -> JournalReader:
    """Open a journal to go through its records in flat memory.

    Parameters
    ----------
    path : str or Path
        The file, also one that is being written.

    Returns
    -------
    JournalReader
        Has the header at once; its counts are final when it has been iterated.

    Raises
    ------
    RecordingError
        There is no such file, it is no journal, or a newer program wrote it.
    """
    return JournalReader(path)


def read_journal(path: str | Path) -> Journal:
    """Read a whole journal into memory.

    Parameters
    ----------
    path : str or Path
        The file, also one that is being written.

    Returns
    -------
    Journal
        Every whole record, and what was not whole by number.

    Raises
    ------
    RecordingError
        There is no such file, it is no journal, or a newer program wrote it.

    Examples
    --------
    >>> import tempfile
    >>> from emgorder.io.journal import JournalWriter
    >>> path = Path(tempfile.mkdtemp()) / "session.emgj"
    >>> with JournalWriter(path, {"sensors": {}}) as writer:
    ...     writer.packet("left", 12.5, b"abc")
    >>> journal = read_journal(path)
    >>> journal.records, journal.notes
    ([Record(kind='packet', sensor='left', t_host_s=12.5, data=b'abc')], ())
    """
    reader = JournalReader(path)
    records = list(reader)
    return Journal(reader.header, records, reader.n_damaged, reader.torn_bytes, reader.complete, reader.notes)
