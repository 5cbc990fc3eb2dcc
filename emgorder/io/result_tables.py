"""Tables of results as CSV files that are safe to open in a spreadsheet."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from emgorder.files import replace_files
from emgorder.io.events import guarded

__all__ = ["write_table"]


def write_table(table: pd.DataFrame, path: str | Path) -> Path:
    """Write a table as CSV (UTF-8, comma, dot, LF; empty cells for NaN) and return its path.

    Text that a spreadsheet would run as a formula gets a ``'`` before it.

    Raises
    ------
    RecordingError
        The file cannot be written; an older one is then still whole.
    """
    safe = table.apply(lambda column: column.map(lambda cell: guarded(cell) if isinstance(cell, str) else cell))
    target = Path(path)
    replace_files({target: [safe.to_csv(index=False, lineterminator="\n").encode("utf-8")]})
    return target
