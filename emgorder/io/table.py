"""From text to numbers: pandas' C parser where every cell is a number, a careful reader where one is not."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from emgorder.errors import RecordingError
from emgorder.io.dialect import NUMBER, Layout, find_layout, is_lost_word, to_number
from emgorder.io.headers import Header, parse_header
from emgorder.io.remarks import Remarks, counted, shown
from emgorder.model import FloatArray, IntArray

__all__ = ["Table", "read_table"]

_INFINITE = re.compile(r"([+-]?)(?:inf|infinity|∞)", re.IGNORECASE)
_WORDS_THAT_PARSE = re.compile(
    rb"(?:^|[\t,;| ])[+-]?(?:nan|inf|infinity)\s*(?=[\t,;| \r\n]|$)", re.IGNORECASE | re.MULTILINE
)
_MAX_CELL_LINES = 100  # a quoted cell over more lines than this is a quote that was never closed


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """The columns of a file as they stand in it.

    ``values`` has shape (n_rows, n_columns), NaN where a cell holds no number; ``rows`` are the line numbers;
    ``event_cells`` is the column of events, empty where there is none; ``text_columns`` maps a column that holds words
    only to the first of them.
    """

    headers: tuple[Header, ...]
    values: FloatArray
    rows: IntArray
    event_cells: tuple[str, ...]
    text_columns: Mapping[int, str]
    has_header: bool


def read_table(raw: bytes, path: Path, remarks: Remarks) -> Table:
    """Read a delimited text table.

    Parameters
    ----------
    raw : bytes
        UTF-8, lines ended by LF or CRLF.
    path : Path
        For messages.
    remarks : Remarks
        Takes what was repaired.

    Raises
    ------
    RecordingError
        There are no samples, or rows and columns cannot be told apart.
    """
    layout = find_layout(raw, path, remarks)
    headers = tuple(parse_header(text, i) for i, text in enumerate(layout.headers))
    body = _body(raw, layout)
    event_column = next((i for i, h in enumerate(headers) if h.role == "event"), None)
    return _read_fast(body, layout, headers, event_column) or _read_carefully(
        body, layout, headers, event_column, path, remarks
    )


def _body(raw: bytes, layout: Layout) -> bytes:
    """Return the lines of samples, without empty lines at the end."""
    start = 0
    for _ in range(layout.first_row - 1):
        start = raw.index(b"\n", start) + 1
    body = raw[start:].rstrip(b"\r\n")
    if layout.delimiter == " ":
        body = re.sub(rb"[ \t]+", b"\t", re.sub(rb"(?m)^[ \t]+|[ \t]+(?=\r?$)", b"", body))
    return body


def _delimiter(layout: Layout) -> str:
    return "\t" if layout.delimiter == " " else layout.delimiter


def _read_fast(body: bytes, layout: Layout, headers: tuple[Header, ...], event_column: int | None) -> Table | None:
    """Return the table if it is regular and every cell outside the events is a number or empty, else None."""
    n_columns, delimiter = len(headers), _delimiter(layout)
    n_rows = body.count(b"\n") + 1
    if not _is_regular(body, delimiter, n_columns) or b'"' in body or _has_words(body):
        return None
    names = [str(i) for i in range(n_columns)]
    events_name = "" if event_column is None else names[event_column]
    kinds: dict[Hashable, type[str] | np.dtype[np.float64]] = {
        name: str if name == events_name else np.dtype(np.float64) for name in names
    }
    # pandas reads floats exactly by itself from 3.1 on, and warns of being asked to
    exact: dict[str, Any] = {} if _pandas_version() >= (3, 1) else {"float_precision": "round_trip"}
    try:
        frame = pd.read_csv(
            io.BytesIO(body),
            sep=delimiter,
            decimal=layout.decimal,
            header=None,
            names=names,
            index_col=False,
            dtype=kinds,
            keep_default_na=False,
            na_values={name: [""] for name in names if name != events_name},
            skip_blank_lines=False,
            engine="c",
            **exact,
        )
    except ValueError:  # a cell is no number, or a row has too many: the careful reader finds out which
        return None
    if len(frame) != n_rows:
        return None
    events: tuple[str, ...] = ()
    if event_column is not None:
        events = tuple(frame[events_name])
        frame[events_name] = math.nan
    values = frame.to_numpy(dtype=np.float64)
    if np.isinf(values).any():  # a number too large to be one
        return None
    return Table(
        headers,
        values,
        np.arange(layout.first_row, layout.first_row + n_rows),
        events,
        {},
        has_header=layout.header_row > 0,
    )


def _has_words(body: bytes) -> bool:
    """Whether a cell holds a word that pandas would read as a number; looked for only where its letters occur."""
    lower = body.lower()
    return (b"nan" in lower or b"inf" in lower) and _WORDS_THAT_PARSE.search(body) is not None


def _is_regular(body: bytes, delimiter: str, n_columns: int) -> bool:
    """Whether every line has as many delimiters as it needs."""
    characters = np.frombuffer(body, dtype=np.uint8)
    delimiters = np.flatnonzero(characters == ord(delimiter))
    ends = np.append(np.flatnonzero(characters == ord("\n")), characters.size)
    needed = (n_columns - 1) * np.arange(1, ends.size + 1)
    return delimiters.size == needed[-1] and bool(np.array_equal(np.searchsorted(delimiters, ends), needed))


def _read_carefully(
    body: bytes,
    layout: Layout,
    headers: tuple[Header, ...],
    event_column: int | None,
    path: Path,
    remarks: Remarks,
) -> Table:
    """Read cell by cell, and say where a row is ragged or a cell is no number."""
    cells: list[list[str]] = []
    lines: list[int] = []
    n_columns = len(headers)
    for line, row in _csv_rows(body, layout, path):
        if len(row) != n_columns:
            _fit_row(row, line, headers, remarks)
        cells.append(row)
        lines.append(line)
    rows = np.asarray(lines, dtype=np.intp)
    values = np.full((len(cells), n_columns), np.nan)
    text_columns: dict[int, str] = {}
    for i, column in enumerate(zip(*cells, strict=True)):
        if i == event_column:
            continue
        values[:, i], words = _numbers(column, layout.decimal)
        if words and np.isnan(values[:, i]).all() and not all(is_lost_word(column[at]) for at in words):
            text_columns[i] = column[words[0]]
            continue
        for at in words:
            _remark_on_word(column[at], int(rows[at]), headers[i].text, remarks)
    events = tuple(row[event_column] for row in cells) if event_column is not None else ()
    return Table(headers, values, rows, events, text_columns, has_header=layout.header_row > 0)


def _csv_rows(body: bytes, layout: Layout, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the number of its first line."""
    lines = (line + "\n" for line in body.decode("utf-8").split("\n"))
    reader = csv.reader(lines, delimiter=_delimiter(layout), strict=True)
    line = layout.first_row
    try:
        for row in reader:
            following = layout.first_row + reader.line_num
            if following - line > _MAX_CELL_LINES:
                raise RecordingError("a quote is opened and not closed: delete it", path=path, row=line)
            yield line, row
            line = following
    except csv.Error as exc:
        raise RecordingError(f"a quote or line end out of place ({exc}): delete it", path=path, row=line) from exc


def _fit_row(row: list[str], line: int, headers: tuple[Header, ...], remarks: Remarks) -> None:
    """Cut or fill `row` in place to one cell a column."""
    n_cells, n_columns = len(row), len(headers)
    if n_cells > n_columns:
        if any(cell.strip() for cell in row[n_columns:]):
            extra = shown(row[n_columns])
            remarks.warn("long row", f"{n_cells} cells under {n_columns} headers: {extra} and on left out", row=line)
        del row[n_columns:]
        return
    if row:
        lost = [header.text for header in headers[n_cells:] if header.role != "event"]
        column, kind = (lost[0], "lost samples") if lost else (headers[n_cells].text, "read as no event")
        told = f"{counted(n_cells, 'cell')} under {n_columns} headers: {kind}"
        remarks.warn(f"short row: {kind}", told, row=line, column=column)
    row.extend([""] * (n_columns - n_cells))


def _numbers(cells: tuple[str, ...], decimal: str) -> tuple[FloatArray, list[int]]:
    """Return the numbers, NaN for an empty cell, and the places of cells that are neither."""
    values = np.full(len(cells), np.nan)
    words = []
    thousands = "." if decimal == "," else ","  # 1,234 may be a thousand: better lost than wrong
    for i, cell in enumerate(cells):
        if NUMBER.fullmatch(cell) and thousands not in cell:
            values[i] = to_number(cell)
        elif cell and not cell.isspace():
            words.append(i)
            sign = _INFINITE.fullmatch(cell.strip())
            if sign:
                values[i] = -math.inf if sign[1] == "-" else math.inf
    return values, words


def _remark_on_word(cell: str, row: int, column: str, remarks: Remarks) -> None:
    if _INFINITE.fullmatch(cell.strip()):
        return  # an infinite value is reported with those that overflow
    if is_lost_word(cell):
        remarks.warn("lost word", f"{shown(cell)} read as a lost sample", row=row, column=column)
    else:
        remarks.warn("text", f"{shown(cell)} is not a number: read as a lost sample", row=row, column=column)


def _pandas_version() -> tuple[int, int]:
    major, minor = pd.__version__.split(".")[:2]
    return int(major), int(minor)
