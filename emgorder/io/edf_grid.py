"""Where the samples of records lie in time, and which are missing or only fill a record."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from emgorder.errors import RecordingError
from emgorder.io.edf_annotations import PAD, Annotation
from emgorder.io.edf_file import EdfFile
from emgorder.io.gaps import GAPS
from emgorder.io.remarks import Remarks, counted
from emgorder.model import FloatArray, IntArray

__all__ = ["gap_of", "lose_gaps", "on_grid", "place_records", "without_pad"]

_SHORTEST_GAP_s = 1e-3
_MOST_EMPTY = 100  # times the samples that are there
_FEW_ROWS = 10_000_000


def place_records(file: EdfFile, widest: int, path: Path, remarks: Remarks) -> tuple[IntArray, int]:
    """Return the row at which each record begins, and the number of rows."""
    n_records, step_s = len(file.records), float(file.header.record_s)
    rate_Hz = float(widest / file.header.record_s)
    missing = np.zeros(n_records)
    if file.header.plus == "D" and file.starts_s is None:
        remarks.warn("record times", "is discontinuous and does not tell where: records taken as following each other")
    if file.starts_s is not None:
        beyond_s = np.diff(file.starts_s) - step_s
        off = np.abs(beyond_s) > max(1.5 / rate_Hz, _SHORTEST_GAP_s)
        if (beyond_s[off] < 0).any():
            at = int(np.flatnonzero(off & (beyond_s < 0))[0])
            remarks.warn(
                "record times",
                f"record {at + 2} is said to begin before the end of the one before: records taken as following each "
                "other",
            )
        elif off.any():
            missing[1:][off] = np.rint(beyond_s[off] * rate_Hz)
            if not missing.sum() <= max(_MOST_EMPTY * n_records * widest, _FEW_ROWS):
                raise RecordingError(
                    f"has a gap of {beyond_s.max():.6g} s after {counted(int(np.argmax(beyond_s)) + 1, 'record')}: too "
                    "long to be laid out; split the file there",
                    path=path,
                )
            remarks.note(
                "gaps",
                f"{counted(int(off.sum()), 'gap')} between records, {missing.sum() / rate_Hz:.6g} s: lost samples",
            )
    first_rows = np.arange(n_records) * widest + np.cumsum(missing).astype(np.intp)
    return first_rows, int(first_rows[-1]) + widest


def on_grid(values: FloatArray, widest: int, first_rows: IntArray, n_rows: int) -> FloatArray:
    """Return a signal on all rows, held where it is slower, NaN between records."""
    if values.shape[1] != widest:
        values = values[:, np.arange(widest) * values.shape[1] // widest]
    if n_rows == values.size:
        return values.reshape(-1)
    laid = np.full(n_rows, np.nan)
    for first, row in zip(first_rows.tolist(), values, strict=True):
        laid[first : first + widest] = row
    return laid


def without_pad(annotations: Sequence[Annotation], rate_Hz: float, n_rows: int) -> int:
    """Return the number of rows without what only fills the last record."""
    for a in annotations:
        stop = round((a.onset_s + a.duration_s) * rate_Hz)
        if a.text == PAD and stop >= n_rows and 0 < round(a.onset_s * rate_Hz) < n_rows:
            return round(a.onset_s * rate_Hz)
    return n_rows


def gap_of(annotation: Annotation) -> str | None:
    """Return the label behind a gap's ``@@``, empty for a gap of all channels, None for any other annotation."""
    kind, _, label = annotation.text.partition("@@")
    return label if kind in GAPS else None


def lose_gaps(data: FloatArray, annotations: Sequence[Annotation], labels: Sequence[str], rate_Hz: float) -> None:
    """Make NaN of what annotations call a gap, of all channels or of the one they name."""
    for a in annotations:
        label = gap_of(a)
        if label is None:
            continue
        rows = slice(max(round(a.onset_s * rate_Hz), 0), max(round((a.onset_s + a.duration_s) * rate_Hz), 0))
        if not label:
            data[rows] = np.nan
        elif label in labels:
            data[rows, labels.index(label)] = np.nan
