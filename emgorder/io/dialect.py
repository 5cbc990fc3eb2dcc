"""How a text table is laid out: delimiter, decimal sign, where the header stands and where the samples begin."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from emgorder.errors import RecordingError
from emgorder.io.headers import parse_header, signal_unit, time_unit
from emgorder.io.remarks import Remarks, counted, shown

__all__ = ["NUMBER", "Layout", "find_layout", "is_lost_word", "split_cells", "to_number"]

NUMBER = re.compile(r"[ \t\xa0]*[+\-−]?(?:[0-9]+[.,]?[0-9]*|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?[ \t\xa0]*")
"""A number with a decimal point or comma, no thousands separators, no words."""

_MAX_COLUMNS = 512  # high-density grids have up to 256; more columns than that are samples written sideways
_HEAD_BYTES = 1 << 20
_HEAD_LINES = 200
_DELIMITERS = ("\t", ";", "|", ",")  # a comma last: it may be the decimal sign
_DECIMAL_COMMA = re.compile(r"\s*[+-]?\d*,\d+(?:[eE][+-]?\d+)?\s*")
_LOST_WORDS = {"nan", "-nan", "na", "n/a", "#n/a", "null", "none", "nil", "-", "--", "?", "lost", "missing"}
_EXCEL_HINT = re.compile(r"sep=(.)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand in the text.

    ``delimiter`` is ``" "`` for runs of blanks; ``header_row`` and ``first_row`` (the first samples) are line numbers
    from 1, ``header_row`` 0 where there is no header; ``headers`` has a name for every column.
    """

    delimiter: str
    decimal: str
    headers: tuple[str, ...]
    header_row: int
    first_row: int


def to_number(cell: str) -> float:
    """Return the number in a cell that `NUMBER` matches.

    Examples
    --------
    >>> to_number(" −2,5e-3 ")
    -0.0025
    """
    return float(cell.replace(",", ".").replace("−", "-"))


def is_lost_word(cell: str) -> bool:
    """Return whether a cell says in words that its sample is missing.

    Examples
    --------
    >>> is_lost_word(" NaN"), is_lost_word("GMAX")
    (True, False)
    """
    return cell.strip().lower() in _LOST_WORDS


def split_cells(line: str, delimiter: str) -> list[str]:
    """Return the cells of one line; quotes as in RFC 4180.

    Examples
    --------
    >>> split_cells('0.001;"lift; R"', ";")
    ['0.001', 'lift; R']
    """
    if delimiter == " ":
        return line.split()
    return next(csv.reader([line.replace("\r", " ")], delimiter=delimiter), [])  # a CR may stand in a quoted text


def find_layout(raw: bytes, path: Path, remarks: Remarks) -> Layout:
    """Find out how the table in `raw` (UTF-8) is laid out.

    Raises
    ------
    RecordingError
        There are no samples, a line is no table row, or the table lies on its side.
    """
    lines = _head_lines(raw, path)
    hint = next((m[1] for m in map(_EXCEL_HINT.fullmatch, lines[:1]) if m), "")
    for number, line in enumerate(lines, start=1):
        if len(line) > csv.field_size_limit():
            raise RecordingError(f"a line of {len(line)} characters: export as CSV", path=path, row=number)
    delimiter = hint or _delimiter(lines)
    rows = [split_cells(line, delimiter) for line in lines]
    first = _first_sample_line(rows)
    if first is None:
        _refuse_without_samples(rows, path)
    if len(rows[first]) > _MAX_COLUMNS:
        raise RecordingError(
            f"{len(rows[first])} columns: samples go down and channels across, so transpose the table",
            path=path,
            row=first + 1,
            column=_MAX_COLUMNS + 1,
        )
    decimal = _decimal(rows[first:], delimiter)
    layout = Layout(delimiter, decimal, (), 0, first + 1)
    return _with_headers(layout, rows, hint, path, remarks)


def _head_lines(raw: bytes, path: Path) -> list[str]:
    head = raw[:_HEAD_BYTES]
    whole = len(head) == len(raw)
    lines = [line.rstrip("\r") for line in head.decode("utf-8", errors="ignore").split("\n")]
    if len(lines) == 1 and not whole:
        raise RecordingError("a line of more than 1 MB is no row of a table: export as CSV", path=path, row=1)
    return lines[: min(_HEAD_LINES, len(lines) if whole else len(lines) - 1)]


def _delimiter(lines: list[str]) -> str:
    """Return the delimiter that gives most lines the same number of cells, more than one."""
    filled = [line for line in lines if line.strip()]
    for delimiter in _DELIMITERS:
        counts = Counter(len(split_cells(line, delimiter)) for line in filled)
        n_cells, n_lines = max(counts.items(), key=lambda item: item[1], default=(0, 0))
        if n_cells > 1 and n_lines >= 0.5 * len(filled):
            return delimiter
    counts = Counter(len(line.split()) for line in filled if all(map(NUMBER.fullmatch, line.split())))
    n_cells, n_lines = max(counts.items(), key=lambda item: item[1], default=(0, 0))
    return " " if n_cells > 1 and n_lines >= 0.5 * len(filled) else ","


def _decimal(rows: list[list[str]], delimiter: str) -> str:
    cells = [cell for row in rows for cell in row]
    n_commas = sum(1 for cell in cells if _DECIMAL_COMMA.fullmatch(cell))
    n_points = sum(1 for cell in cells if "." in cell and NUMBER.fullmatch(cell))
    return "," if n_commas > n_points else "."


def _first_sample_line(rows: list[list[str]]) -> int | None:
    """Return the first line of which at least half are numbers, lost samples aside, or None."""
    for i, row in enumerate(rows):
        filled = [cell for cell in row if cell.strip()]
        if filled and parse_header(filled[0], 0).role == "time" and not NUMBER.fullmatch(filled[0]):
            continue  # channels may be numbered: time_s,1,2,3
        telling = [cell for cell in filled if not is_lost_word(cell)]
        n_numbers = sum(1 for cell in telling if NUMBER.fullmatch(cell))
        if n_numbers and 2 * n_numbers >= len(telling):
            return i
    return None


def _refuse_without_samples(rows: list[list[str]], path: Path) -> NoReturn:
    n_filled = sum(1 for row in rows if any(cell.strip() for cell in row))
    if n_filled <= 1:
        raise RecordingError("0 samples, nothing after the header: record again or copy the whole file", path=path)
    row, text = next((i, " ".join(r)) for i, r in enumerate(rows[1:], start=2) if any(cell.strip() for cell in r))
    raise RecordingError(f"no numbers in {shown(text)} or below: export the samples as numbers", path=path, row=row)


def _with_headers(layout: Layout, rows: list[list[str]], hint: str, path: Path, remarks: Remarks) -> Layout:
    first = layout.first_row - 1
    width = len(_without_empty_end(rows[first]))
    above = [i for i in range(first) if any(cell.strip() for cell in rows[i])]
    if hint:
        above = above[1:]
    units_row = above[-1] if len(above) > 1 and _is_units_row(rows[above[-1]]) else None
    if units_row is not None:
        above = above[:-1]
    if not above:
        remarks.warn("no header", f"no header: {counted(width, 'column')} named ch1, ch2, ...", row=layout.first_row)
        return replace(layout, headers=tuple(f"ch{i + 1}" for i in range(width)))
    header_row = above[-1]
    names = _without_empty_end(rows[header_row])
    names[:1] = [name.lstrip("#% ") for name in names[:1]]
    if len(above) > 1:
        remarks.warn("preamble", f"{len(above) - 1} lines before the header: left out", row=above[0] + 1)
    counts = [len(_without_empty_end(row)) for row in rows[first:]]
    usual, n_usual = Counter(counts).most_common(1)[0]
    misfits = usual > len(names) or (layout.delimiter == " " and usual < len(names))
    if misfits and n_usual > 0.5 * len(counts):
        raise RecordingError(
            f"{counted(usual, 'cell')} under {counted(len(names), 'column name')}: name every column; "
            "where decimal commas stand between commas, export with semicolons",
            path=path,
            row=layout.first_row,
            column=len(names) + 1,
        )
    if units_row is not None:
        units = rows[units_row] + [""] * len(names)
        names = [_with_unit(name, unit.strip(" []()")) for name, unit in zip(names, units, strict=False)]
    return replace(layout, headers=tuple(names), header_row=header_row + 1)


def _with_unit(name: str, unit: str) -> str:
    """Return the header with the unit that stands below it, unless it has that one already."""
    known = signal_unit(unit) or time_unit(unit)
    return f"{name} [{unit}]" if unit and parse_header(name, 0).unit != known else name


def _is_units_row(row: list[str]) -> bool:
    filled = [cell.strip(" []()") for cell in row if cell.strip()]
    return bool(filled) and all(signal_unit(cell) or time_unit(cell) for cell in filled)


def _without_empty_end(row: list[str]) -> list[str]:
    n = len(row)
    while n and not row[n - 1].strip():
        n -= 1
    return row[:n]
