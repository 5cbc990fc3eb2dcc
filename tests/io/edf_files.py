"""EDF and BDF files made byte by byte after the specification, as other recorders write them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Signal:
    label: str
    counts: Sequence[Sequence[int]]  # a list a record
    dimension: str = "uV"
    physical: tuple[str, str] = ("-3276.8", "3276.7")
    digital: tuple[str, str] = ("-32768", "32767")
    prefilter: str = ""
    transducer: str = ""


@dataclass
class EdfFile:
    signals: list[Signal]
    record_s: str = "1"
    kind: str = "EDF"
    reserved: str = ""
    patient: str = "X X X X"
    recording: str = "Startdate X X X X"
    date: str = "01.01.85"
    time: str = "00.00.00"
    tals: list[str] = field(default_factory=list)  # a text a record
    n_records: str | None = None
    n_bytes: str | None = None
    n_signals: str | None = None
    magic: bytes | None = None

    def data(self) -> bytes:
        width = 2 if self.kind == "EDF" else 3
        n = len(self.signals[0].counts) if self.signals else len(self.tals)
        encoded = [tal.encode("utf-8") for tal in self.tals]
        room = -(-max(map(len, encoded), default=0) // width) * width
        records = []
        for i in range(n):
            parts = [b"".join(int(c).to_bytes(width, "little", signed=True) for c in s.counts[i]) for s in self.signals]
            if encoded:
                parts.append(encoded[i].ljust(room, b"\0"))
            records.append(b"".join(parts))
        return self.header(n, room // width) + b"".join(records)

    def header(self, n_records: int, n_tal: int) -> bytes:
        rows = [
            (s.label, s.transducer, s.dimension, *s.physical, *s.digital, s.prefilter, str(len(s.counts[0])), "")
            for s in self.signals
        ]
        if self.tals:
            rows.append((f"{self.kind} Annotations", "", "", "-1", "1", *self._full(), "", str(n_tal), ""))
        main = [
            (self.patient, 80),
            (self.recording, 80),
            (self.date, 8),
            (self.time, 8),
            (self.n_bytes or str(256 * (len(rows) + 1)), 8),
            (self.reserved or (f"{self.kind}+C" if self.tals else ""), 44),
            (self.n_records or str(n_records), 8),
            (self.record_s, 8),
            (self.n_signals or str(len(rows)), 4),
        ]
        widths = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
        magic = self.magic or (b"0       " if self.kind == "EDF" else b"\xffBIOSEMI")
        fields = main + [(row[i], width) for i, width in enumerate(widths) for row in rows]
        return magic + b"".join(text.encode("latin-1").ljust(width) for text, width in fields)

    def _full(self) -> tuple[str, str]:
        return ("-32768", "32767") if self.kind == "EDF" else ("-8388608", "8388607")


def ramp(n_records: int, n: int, first: int = 0) -> list[list[int]]:
    """Return counts that all differ, so that a sample out of place shows."""
    return np.arange(first, first + n_records * n).reshape(n_records, n).tolist()
