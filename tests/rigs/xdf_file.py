"""Writes XDF files byte by byte after the specification (github.com/sccn/xdf, version 1.0)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

import numpy as np

from emgorder.model import FloatArray

BOUNDARY = bytes.fromhex("43a546dccbf5410fb30ed5467383cbe4")
_DTYPES = {"double64": "<f8", "float32": "<f4", "int32": "<i4", "int16": "<i2", "int8": "<i1"}


def number(value: int) -> bytes:
    """Return a number of variable length."""
    return struct.pack("<BB", 1, value) if value < 256 else struct.pack("<BI", 4, value)


def chunk(tag: int, content: bytes) -> bytes:
    """Return a chunk."""
    return number(len(content) + 2) + struct.pack("<H", tag) + content


@dataclass
class Stream:
    """What one stream of a file holds; `time_s` is on the sender's clock, which `offset_s` moves to the recorder's."""

    name: str
    kind: str
    time_s: FloatArray
    values: FloatArray | Sequence[str]
    rate: float = 0.0
    labels: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    data_format: str = "double64"
    host: str = "lab"
    offset_s: float = 0.0
    n_offsets: int = 3
    chunk_rows: int = 50
    model: str = ""
    stamp_all: bool = True
    extra: str = field(default="")

    @property
    def words(self) -> bool:
        return self.data_format == "string"

    def header(self) -> bytes:
        width = 1 if self.words else np.asarray(self.values).shape[1]
        channels = "".join(
            "<channel>"
            + f"<label>{escape(label)}</label>"
            + (f"<unit>{escape(self.units[i])}</unit>" if self.units else "")
            + (f"<type>{escape(self.kinds[i])}</type>" if self.kinds else "")
            + "</channel>"
            for i, label in enumerate(self.labels)
        )
        maker = f"<acquisition><model>{escape(self.model)}</model></acquisition>" if self.model else ""
        return (
            f'<?xml version="1.0"?><info><name>{escape(self.name)}</name><type>{escape(self.kind)}</type>'
            f"<channel_count>{width}</channel_count><nominal_srate>{self.rate}</nominal_srate>"
            f"<channel_format>{self.data_format}</channel_format><source_id>{escape(self.name)}</source_id>"
            f"<hostname>{self.host}</hostname><desc><channels>{channels}</channels>{maker}</desc>{self.extra}</info>"
        ).encode()

    def samples(self, rows: range) -> bytes:
        """Return the content of a chunk of samples; unless `stamp_all`, only the first row has a time."""
        parts = [number(len(rows))]
        for row in rows:
            stamped = self.stamp_all or row == rows[0]
            parts.append(struct.pack("<Bd", 8, self.time_s[row]) if stamped else b"\0")
            if self.words:
                text = str(self.values[row]).encode()
                parts.append(number(len(text)) + text)
            else:
                parts.append(np.asarray(self.values)[row].astype(_DTYPES[self.data_format]).tobytes())
        return b"".join(parts)


def xdf(*streams: Stream, begun: str = "") -> bytes:
    """Return a file with these streams, their chunks in turn; `begun` as LabRecorder writes it."""
    head = f"<version>1.0</version><datetime>{begun}</datetime>" if begun else "<version>1.0</version>"
    out = [b"XDF:", chunk(1, f'<?xml version="1.0"?><info>{head}</info>'.encode())]
    for i, stream in enumerate(streams, 1):
        out.append(chunk(2, struct.pack("<I", i) + stream.header()))
    longest = max((len(s.time_s) for s in streams), default=0)
    for start in range(0, longest, 50):
        for i, stream in enumerate(streams, 1):
            rows = range(start, min(start + stream.chunk_rows, len(stream.time_s)))
            if rows:
                out.append(chunk(3, struct.pack("<I", i) + stream.samples(rows)))
        if start % 500 == 0:
            out.append(chunk(5, BOUNDARY))
    for i, stream in enumerate(streams, 1):
        for at in np.linspace(stream.time_s[0], stream.time_s[-1], stream.n_offsets) if len(stream.time_s) else ():
            out.append(chunk(4, struct.pack("<Idd", i, at, stream.offset_s)))
        footer = f'<?xml version="1.0"?><info><sample_count>{len(stream.time_s)}</sample_count></info>'
        out.append(chunk(6, struct.pack("<I", i) + footer.encode()))
    return b"".join(out)
