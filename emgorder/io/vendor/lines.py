"""The preamble that a program puts above its table: cut out without moving a line."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from emgorder.io.events import events_from_cells
from emgorder.io.timebase import Grid
from emgorder.model import FloatArray

__all__ = ["events_from_codes", "split_preamble", "with_header"]

_LONGEST = 1000  # lines of a preamble; a file of comments alone has no samples


def split_preamble(raw: bytes, belongs: Callable[[bytes], bool]) -> tuple[list[str], bytes]:
    """Return the lines at the top for which `belongs` is true, and all that follows."""
    lines: list[str] = []
    start = 0
    while start < len(raw) and len(lines) < _LONGEST:
        end = raw.find(b"\n", start)
        end = len(raw) if end < 0 else end
        line = raw[start:end].rstrip(b"\r")
        if not belongs(line):
            break
        lines.append(line.decode("utf-8", errors="replace"))
        start = end + 1
    return lines, raw[start:]


def with_header(n_lines: int, columns: Sequence[str], body: bytes, delimiter: str) -> bytes:
    """Return a table whose header is the last of `n_lines`, so that row numbers stay those of the file."""
    header = delimiter.join(columns).replace("\n", " ")
    return b"\n" * (n_lines - 1) + header.encode("utf-8") + b"\n" + body


def events_from_codes(codes: FloatArray, name: str, grid: Grid) -> pd.DataFrame:
    """Return an event called `name` and the code for each run of a code that is not 0.

    Examples
    --------
    >>> rows = np.arange(4)
    >>> events_from_codes(np.array([0.0, 2.0, 2.0, 0.0]), "marker", Grid(100.0, rows, rows, 4))["trial_type"].tolist()
    ['marker/2']
    """
    places = np.flatnonzero(np.isfinite(codes) & (codes != 0))
    cells = {int(grid.index[at]): f"{name}/{codes[at]:g}" for at in places}
    return events_from_cells(cells, grid.sampling_frequency)
