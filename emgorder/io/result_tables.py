"""Tables of results as CSV files that are safe to open in a spreadsheet."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from emgorder.files import replace_files
from emgorder.io.events import guarded

__all__ = ["write_table"]

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def write_table(table: pd.DataFrame, path: str | Path) -> Path:
    r"""Write a table as CSV (UTF-8, comma, dot, LF; empty cells for NaN) and return its path.

    Text that a spreadsheet would run as a formula gets a ``'`` before it; characters that control a terminal or turn
    the direction of text become ``\N{REPLACEMENT CHARACTER}``.

    Raises
    ------
    RecordingError
        The file cannot be written; an older one is then still whole.
    """
    safe = table.apply(lambda column: column.map(_safe))
    target = Path(path)
    replace_files({target: [safe.to_csv(index=False, lineterminator="\n").encode("utf-8")]})
    return target


def _safe(cell: object) -> object:
    return guarded(_CONTROLS.sub("\ufffd", cell)) if isinstance(cell, str) else cell
