"""The header of EDF, EDF+, BDF and BDF+ files: fixed fields of ASCII, there and back.

Layout after Kemp et al. 1992 (doi:10.1016/0013-4694(92)90009-7), Kemp & Olivan 2003
(doi:10.1016/S1388-2457(03)00123-8) and BioSemi's 24-bit variant of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Literal

from emgorder.errors import RecordingError
from emgorder.io.moments import UNKNOWN_START
from emgorder.io.remarks import Remarks, shown

__all__ = ["ANNOTATIONS", "EdfHeader", "EdfSignal", "ascii_field", "header_bytes", "long_date", "parse_header"]

_BLOCK = 256
_MAGIC = {b"0       ": "EDF", b"\xffBIOSEMI": "BDF"}
_SIGNAL_WIDTHS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DATE = re.compile(r"\s*(\d{1,2})\D(\s*\d{1,2})\D\s*(\d{2})\s*")
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_LONG_DATE = re.compile(r"Startdate (\d{1,2})-([A-Z]{3})-(\d{4})\b")

ANNOTATIONS = {"EDF": "EDF Annotations", "BDF": "BDF Annotations"}


@dataclass(frozen=True, slots=True)
class EdfSignal:
    """What the header says of one signal; ranges as they stand there, so that nothing is rounded."""

    label: str
    n_per_record: int
    dimension: str = ""
    physical_min: str = "-1"
    physical_max: str = "1"
    digital_min: int = -1
    digital_max: int = 1
    transducer: str = ""
    prefilter: str = ""

    def scale(self) -> tuple[Fraction, Fraction] | None:
        """Return gain and offset from digital to physical values, None where the header gives none that makes sense."""
        try:
            low, high = _fraction(self.physical_min), _fraction(self.physical_max)
        except ValueError:
            return None
        if low == high or self.digital_max <= self.digital_min:
            return None
        gain = (high - low) / (self.digital_max - self.digital_min)
        return gain, low - gain * self.digital_min


@dataclass(frozen=True, slots=True)
class EdfHeader:
    """What the header says of the file. ``n_records`` is -1 where the recorder has not noted it."""

    kind: Literal["EDF", "BDF"]
    plus: Literal["", "C", "D"]
    n_records: int
    record_s: Fraction
    signals: tuple[EdfSignal, ...]
    patient: str = ""
    recording: str = ""
    start: datetime | None = None

    @property
    def sample_bytes(self) -> int:
        """Bytes a sample."""
        return 2 if self.kind == "EDF" else 3

    @property
    def n_bytes(self) -> int:
        """Length of the header."""
        return _BLOCK * (len(self.signals) + 1)

    @property
    def record_bytes(self) -> int:
        """Length of one data record."""
        return self.sample_bytes * sum(signal.n_per_record for signal in self.signals)

    def is_annotations(self, signal: EdfSignal) -> bool:
        """Whether a signal holds annotations instead of samples, also where the file does not call itself a plus."""
        return signal.label == ANNOTATIONS[self.kind]


def ascii_field(text: str, width: int) -> bytes:
    """Return a text as a field holds it: printable ASCII, cut and filled to `width`.

    Examples
    --------
    >>> ascii_field("Gesäß", 8)
    b'Ges??   '
    """
    harmless = "".join(c if " " <= c <= "~" else "?" for c in text[:width])
    return harmless.encode("ascii").ljust(width)


def header_bytes(header: EdfHeader) -> bytes:
    """Return the header as it stands in a file."""
    magic = next(code for code, kind in _MAGIC.items() if kind == header.kind)
    start = header.start or UNKNOWN_START
    year = f"{start.year % 100:02d}" if 1985 <= start.year <= 2084 else "yy"
    main = (
        (header.patient, 80),
        (header.recording, 80),
        (f"{start.day:02d}.{start.month:02d}.{year}", 8),
        (f"{start.hour:02d}.{start.minute:02d}.{start.second:02d}", 8),
        (str(header.n_bytes), 8),
        (f"{header.kind}+{header.plus}" if header.plus else "", 44),
        (str(header.n_records), 8),
        (_decimal(header.record_s), 8),
        (str(len(header.signals)), 4),
    )
    columns = [
        (
            s.label,
            s.transducer,
            s.dimension,
            s.physical_min,
            s.physical_max,
            str(s.digital_min),
            str(s.digital_max),
            s.prefilter,
            str(s.n_per_record),
            "",
        )
        for s in header.signals
    ]
    fields = [ascii_field(text, width) for text, width in main]
    fields += [ascii_field(row[i], width) for i, width in enumerate(_SIGNAL_WIDTHS) for row in columns]
    return magic + b"".join(fields)


def long_date(start: datetime | None) -> str:
    """Return a date as EDF+ wants it in the field of the recording.

    Examples
    --------
    >>> long_date(datetime(2026, 3, 9)), long_date(None)
    ('09-MAR-2026', 'X')
    """
    return "X" if start is None else f"{start.day:02d}-{_MONTHS[start.month - 1]}-{start.year:04d}"


def parse_header(data: bytes, path: Path, remarks: Remarks) -> EdfHeader:
    """Read the header at the start of `data`.

    Raises
    ------
    RecordingError
        It is no header, it is cut off, or a number in it makes no sense.
    """
    kind = _MAGIC.get(data[:8])
    if kind is None:
        raise RecordingError(
            f"begins with {data[:8]!r}: neither EDF nor BDF; give the file that the recorder wrote", path=path
        )
    reader = _Fields(data, path)
    patient, recording, date, time = (reader.text(w) for w in (80, 80, 8, 8))
    n_bytes = reader.integer(8, "header length", least=0, default=0)
    reserved = reader.text(44)
    n_records = reader.integer(8, "number of records", least=-1)
    record_s = reader.number(8, "duration of a record")
    n_signals = reader.integer(4, "number of signals", least=1)
    if len(data) < _BLOCK * (n_signals + 1):
        raise RecordingError(
            f"says {n_signals} signals, and ends within its header after {len(data)} bytes: it was cut off, or is "
            "none; copy it again",
            path=path,
        )
    if n_bytes != _BLOCK * (n_signals + 1):
        remarks.warn("header length", f"says a header of {n_bytes} bytes where {n_signals} signals need another")
    columns = [[reader.text(width) for _ in range(n_signals)] for width in _SIGNAL_WIDTHS]
    signals = tuple(_signal(row, number, path) for number, row in enumerate(zip(*columns, strict=True), start=1))
    plus = reserved[4:5] if reserved[:4] in ("EDF+", "BDF+") else ""
    header = EdfHeader(
        "EDF" if kind == "EDF" else "BDF",
        plus if plus in ("C", "D") else "",  # type: ignore[arg-type]
        n_records,
        record_s,
        signals,
        patient,
        recording,
        _start(date, time, recording, remarks),
    )
    if all(header.is_annotations(signal) or not signal.n_per_record for signal in signals):
        raise RecordingError("holds annotations and no signal: give the file with the samples", path=path)
    if record_s <= 0:
        raise RecordingError(f"says a record of {_decimal(record_s)} s: the header is damaged", path=path)
    return header


class _Fields:
    """Takes fields from the front of a header, one after the other."""

    def __init__(self, data: bytes, path: Path) -> None:
        self._data, self._path, self._at = data, path, 8

    def text(self, width: int) -> str:
        field = self._data[self._at : self._at + width]
        if len(field) < width:
            raise RecordingError(
                f"ends within its header after {len(self._data)} bytes: copy it again", path=self._path
            )
        self._at += width
        return field.decode("latin-1").strip(" \x00")

    def number(self, width: int, what: str) -> Fraction:
        return _number(self.text(width), what, self._path)

    def integer(self, width: int, what: str, *, least: int, default: int | None = None) -> int:
        text = self.text(width)
        return default if default is not None and not text.isdigit() else _integer(text, what, least, self._path)


def _signal(row: tuple[str, ...], number: int, path: Path) -> EdfSignal:
    label, transducer, dimension, physical_min, physical_max, digital_min, digital_max, prefilter, count, _ = row
    label = re.sub(r"[\s\x00-\x1f\x7f]+", " ", label).strip()
    where = f"of signal {number} ({shown(label)})"
    return EdfSignal(
        label,
        _integer(count, f"number of samples a record {where}", 0, path),
        dimension,
        physical_min.replace(",", "."),
        physical_max.replace(",", "."),
        _integer(digital_min, f"digital minimum {where}", None, path),
        _integer(digital_max, f"digital maximum {where}", None, path),
        transducer,
        prefilter,
    )


def _fraction(text: str) -> Fraction:
    if not _DECIMAL.fullmatch(text):  # Fraction itself takes 1/3, and powers that fill the memory
        raise ValueError(text)
    return Fraction(text)


def _number(text: str, what: str, path: Path) -> Fraction:
    try:
        return _fraction(text.replace(",", "."))
    except ValueError:
        raise RecordingError(f"{what} is {shown(text)}, no number: the header is damaged", path=path) from None


def _integer(text: str, what: str, least: int | None, path: Path) -> int:
    value = _number(text, what, path)
    if value.denominator != 1 or (least is not None and value < least):
        raise RecordingError(f"{what} is {shown(text)}: the header is damaged", path=path)
    return int(value)


def _decimal(value: Fraction) -> str:
    """Return a number of at most eight characters as it stands in a header."""
    return f"{float(value):.7f}".rstrip("0").rstrip(".")[:8]


def _start(date: str, time: str, recording: str, remarks: Remarks) -> datetime | None:
    """Return when the recording began, None where the file does not say."""
    day, clock = _DATE.fullmatch(date), _DATE.fullmatch(time)
    if day is None or clock is None:
        if date.strip("X.x ") and "yy" not in date:
            remarks.note("start", f"start {shown(date)} {shown(time)} is no date and time: left out")
        return None
    d, month, year = (int(x) for x in day.groups())
    year += 1900 if year >= 85 else 2000
    long = _LONG_DATE.match(recording.upper().replace("STARTDATE", "Startdate"))
    if long and long[2] in _MONTHS:
        d, month, year = int(long[1]), _MONTHS.index(long[2]) + 1, int(long[3])
    try:
        start = datetime(year, month, d, int(clock[1]), int(clock[2]), int(clock[3]))  # noqa: DTZ001
    except ValueError:
        remarks.note("start", f"start {shown(date)} {shown(time)} is no date and time: left out")
        return None
    return None if start == UNKNOWN_START else start
