"""An EDF or BDF file as it lies on disk: whole records, counts of each signal, annotations, and when records began."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt

from emgorder.errors import RecordingError
from emgorder.io.edf_annotations import Annotation, unpack_annotations
from emgorder.io.edf_header import EdfHeader, EdfSignal, parse_header
from emgorder.io.opening import opening, refuse_empty
from emgorder.io.remarks import Remarks, counted
from emgorder.model import FloatArray

__all__ = ["EdfFile", "load_edf"]

_LARGEST_HEADER = 256 * 10_000  # four digits of signals
_EXACT = 2**53


@dataclass(frozen=True, eq=False, slots=True)
class EdfFile:
    """Records of a file, shape (n_records, record_bytes); ``starts_s`` is None where the file tells no times."""

    header: EdfHeader
    records: npt.NDArray[np.uint8]
    starts_s: FloatArray | None
    annotations: tuple[Annotation, ...]

    def samples(self, number: int) -> npt.NDArray[np.int32]:
        """Return the counts of signal `number` (from 0), shape (n_records, n_per_record)."""
        block = self._block(number)
        if self.header.kind == "EDF":
            return block.view("<i2").astype(np.int32)
        low, middle, high = (block[:, i::3].astype(np.int32) for i in range(3))
        return ((low | middle << 8 | high << 16) ^ 0x800000) - 0x800000

    def values(self, number: int) -> FloatArray:
        """Return signal `number` in its own unit, counts where the header gives no scale; shape as `samples`."""
        counts = self.samples(number)
        scale = self.header.signals[number].scale()
        return counts.astype(np.float64) if scale is None else _scaled(counts, *scale)

    def _block(self, number: int) -> npt.NDArray[np.uint8]:
        signals = self.header.signals
        before = sum(signal.n_per_record for signal in signals[:number]) * self.header.sample_bytes
        length = signals[number].n_per_record * self.header.sample_bytes
        return np.ascontiguousarray(self.records[:, before : before + length])


def _scaled(counts: npt.NDArray[np.int32], gain: Fraction, offset: Fraction) -> FloatArray:
    """Return the nearest numbers to count * gain + offset: decimals come out as a text of them would be read."""
    below = gain.denominator * offset.denominator
    times, plus = gain.numerator * offset.denominator, offset.numerator * gain.denominator
    if abs(times) * 2**24 + abs(plus) < _EXACT and below < _EXACT:
        return np.asarray((counts * float(times) + float(plus)) / float(below))
    return np.asarray(counts * float(gain) + float(offset))


def load_edf(path: Path, remarks: Remarks) -> EdfFile:
    """Read the file at `path`; what is cut off or contradicts the header is left out and remarked on.

    Raises
    ------
    RecordingError
        It cannot be opened, is no such file, or holds no whole record.
    """
    with opening(path):
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_LARGEST_HEADER)
        refuse_empty(head, path)
        header = parse_header(head, path, remarks)
        n_records = _count_records(header, size, path, remarks)
        n_bytes = n_records * header.record_bytes
        raw = np.fromfile(path, dtype=np.uint8, count=n_bytes, offset=header.n_bytes)
    records = raw.reshape(n_records, header.record_bytes)
    starts_s, annotations = _annotations(header, records, remarks)
    return EdfFile(header, records, starts_s, annotations)


def _count_records(header: EdfHeader, size: int, path: Path, remarks: Remarks) -> int:
    there, rest = divmod(size - header.n_bytes, header.record_bytes)
    said = header.n_records
    if there == 0:
        raise RecordingError(
            f"holds no whole record: {header.record_bytes} bytes each, {max(size - header.n_bytes, 0)} after the "
            "header; nothing was recorded, or the file was cut off: copy it again",
            path=path,
        )
    if there < said or rest:
        lost = f", {said - there} fewer than its header says" if there < said else ""
        remarks.warn(
            "cut off",
            f"ends within a record or before its time: {counted(there, 'whole record')} read{lost}, "
            f"{rest} bytes after them left out",
        )
    elif said == -1:
        remarks.note("records", f"was not closed by its recorder: {counted(there, 'record')} found")
    elif there > said:
        remarks.warn(
            "records", f"holds {counted(there, 'record')}, its header says {said}: all of them read, check the end"
        )
    return there


def _annotations(
    header: EdfHeader, records: npt.NDArray[np.uint8], remarks: Remarks
) -> tuple[FloatArray | None, tuple[Annotation, ...]]:
    """Return when each record began, and the annotations of all."""
    places = [i for i, signal in enumerate(header.signals) if header.is_annotations(signal)]
    if not places:
        return None, ()
    starts = np.full(len(records), np.nan)
    found: list[Annotation] = []
    n_damaged = 0
    for order, (first, stop) in enumerate(_bounds(header, header.signals[i], i) for i in places):
        for row, record in enumerate(records[:, first:stop]):
            start_s, annotations, damaged = unpack_annotations(record.tobytes())
            found += annotations
            n_damaged += damaged
            if order == 0 and start_s is not None:
                starts[row] = start_s
    if n_damaged:
        remarks.warn("annotations", f"{counted(n_damaged, 'annotation')} cannot be read: left out")
    if np.isnan(starts).any():
        at = int(np.flatnonzero(np.isnan(starts))[0])
        remarks.warn(
            "record times", f"record {at + 1} does not tell when it began: records taken as following each other"
        )
        return None, tuple(found)
    return starts, tuple(found)


def _bounds(header: EdfHeader, signal: EdfSignal, number: int) -> tuple[int, int]:
    first = sum(s.n_per_record for s in header.signals[:number]) * header.sample_bytes
    return first, first + signal.n_per_record * header.sample_bytes
