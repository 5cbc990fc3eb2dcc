r"""The frames that a journal is made of: one record each, found again after damage by its marker.

::

    file    "\x89EMGJ\r\n\x1a", then frames to the end
    frame   marker a5 e7 6a c3 | size u32 | sequence u32 | kind u8 | bytes of the link id u8 | host time f64
            | link id, UTF-8 | payload | CRC32 of all between the marker and itself u32

Numbers are little-endian; `size` counts link id and payload. `sequence` rises by one from frame to frame, so what is
missing between two whole frames is known by number, and a frame inside the payload of a damaged one is not taken for
the next. The header, sequence 0, is repeated as sequence 1: one flipped bit cannot take away what the rest means.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from typing import Any, BinaryIO, Final, NamedTuple

from emgorder.json_text import load_json

__all__ = [
    "FORMAT",
    "KINDS",
    "LARGEST",
    "MAGIC",
    "MARKER",
    "Frame",
    "FrameWindow",
    "decode_object",
    "encode_frame",
    "encode_object",
]

MAGIC: Final = b"\x89EMGJ\r\n\x1a"  # 0x89, CR LF and 0x1a show a transfer that took it for text
MARKER: Final = b"\xa5\xe7\x6a\xc3"
FORMAT: Final = 1
KINDS: Final = {"header": 0, "packet": 1, "event": 2, "mark": 3, "segment": 4, "end": 5}
LARGEST: Final = 1 << 16  # bytes of link id and payload; a Bluetooth notification has 512 at most
LARGEST_HEADER: Final = 1 << 20

_NAMES = {number: name for name, number in KINDS.items()}
_HEAD = struct.Struct("<4sIIBBd")
_CRC = struct.Struct("<I")
_READ_AT_ONCE = 1 << 18


class Frame(NamedTuple):
    """One whole frame and its length in the file."""

    kind: str
    sensor: str
    t_host_s: float
    data: bytes
    sequence: int
    n_bytes: int


def encode_frame(kind: str, sensor: str, t_host_s: float, data: bytes, sequence: int) -> bytes:
    """Return the bytes of one record.

    Raises
    ------
    ValueError
        The link id has more than 255 bytes, or the payload does not fit a frame.
    """
    link = sensor.encode("utf-8", "surrogatepass")
    if len(link) > 255:
        raise ValueError(f"the link id has {len(link)} bytes, at most 255 are possible: {sensor[:40]!r}...")
    size, largest = len(link) + len(data), LARGEST_HEADER if kind == "header" else LARGEST
    if size > largest:
        raise ValueError(f"a {kind} of {size} bytes does not fit a record of at most {largest}: shorten it")
    head = _HEAD.pack(MARKER, size, sequence & 0xFFFFFFFF, KINDS[kind], len(link), t_host_s)
    frame = head + link + data
    return frame + _CRC.pack(zlib.crc32(frame[len(MARKER) :]))


def encode_object(content: Mapping[str, Any]) -> bytes:
    """Return a mapping as compact JSON."""
    return json.dumps(dict(content), separators=(",", ":")).encode("ascii")


def decode_object(data: bytes) -> dict[str, Any] | None:
    """Return what `encode_object` wrote, or None for what is no JSON object."""
    try:
        content = load_json(data)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


class FrameWindow:
    """Frames of a file by offset; only a part of the file is in memory.

    Parameters
    ----------
    file : binary file
        Open for reading, seekable.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._start = 0
        self._held = b""

    def bytes_at(self, offset: int, n: int) -> bytes:
        """Return `n` bytes from `offset`, fewer where the file ends."""
        if offset < self._start or offset + n > self._start + len(self._held):
            self._hold(offset, n)
        first = offset - self._start
        return self._held[first : first + n]

    def frame_at(self, offset: int, *, after: int) -> Frame | None:
        """Return the frame at `offset`, or None where none is whole or its sequence is not above `after`."""
        head = self.bytes_at(offset, _HEAD.size)
        if len(head) < _HEAD.size or not head.startswith(MARKER):
            return None
        _, size, sequence, number, n_link, t_host_s = _HEAD.unpack(head)
        kind = _NAMES.get(number)
        if kind is None or sequence <= after or (kind == "header" and sequence > 1):
            return None
        if n_link > size or size > (LARGEST_HEADER if kind == "header" else LARGEST):
            return None
        total = _HEAD.size + size + _CRC.size
        frame = self.bytes_at(offset, total)
        if len(frame) < total or zlib.crc32(frame[len(MARKER) : -_CRC.size]) != _CRC.unpack(frame[-_CRC.size :])[0]:
            return None
        body = frame[_HEAD.size : -_CRC.size]
        try:
            sensor = body[:n_link].decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return None
        data = body[n_link:]
        if kind != "packet" and decode_object(data) is None:
            return None
        return Frame(kind, sensor, t_host_s, data, sequence, total)

    def next_marker(self, offset: int) -> int | None:
        """Return where the next marker begins, at `offset` or after it; None where none follows."""
        while True:
            if not self._start <= offset <= self._start + len(self._held) - len(MARKER):
                self._hold(offset, len(MARKER))
                if len(self._held) < len(MARKER):
                    return None
            found = self._held.find(MARKER, offset - self._start)
            if found >= 0:
                return self._start + found
            offset = self._start + len(self._held) - len(MARKER) + 1

    def _hold(self, offset: int, n: int) -> None:
        self._file.seek(offset)
        self._held = self._file.read(max(n, _READ_AT_ONCE))
        self._start = offset
