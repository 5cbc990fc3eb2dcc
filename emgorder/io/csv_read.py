"""Delimited text to recordings: forgiving, and every repair is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from emgorder.errors import RecordingError
from emgorder.io.build import CALLER, build_recording
from emgorder.io.events import cells_from_events, events_from_cells
from emgorder.io.remarks import Remarks, shown
from emgorder.io.sidecar import Sidecar, read_sidecar
from emgorder.io.table import Table, read_table
from emgorder.io.text import load_text
from emgorder.io.timecolumn import Clocked, clock_rows
from emgorder.model import Recording

__all__ = ["read_csv"]


def read_csv(
    path: Path, *, sampling_frequency: float | None, muscles: Mapping[str, str] | None, unit: str | None
) -> Recording:
    """Read a session CSV, or any table of samples as text; see :func:`emgorder.io.read_recording`."""
    remarks = Remarks(path.name)
    table = _without_empty_rows(read_table(load_text(path, remarks), path, remarks), remarks)
    sidecar = read_sidecar(path, remarks)
    clocked = clock_rows(table, sidecar.sampling_frequency, sampling_frequency, path, remarks)
    columns = _signal_columns(table, clocked.no_signals, path, remarks)
    headers = [table.headers[i] for i in columns]
    events = _events(table, clocked, sidecar, remarks)
    recording = build_recording(
        table.values[:, columns],
        table.rows,
        clocked.grid,
        headers,
        sampling_frequency=clocked.sampling_frequency,
        sidecar=sidecar,
        events=events,
        muscles=muscles,
        unit=unit,
        path=path,
        remarks=remarks,
    )
    remarks.emit(stacklevel=CALLER)
    return recording


def _without_empty_rows(table: Table, remarks: Remarks) -> Table:
    """Leave out rows without any cell where a time column tells what is missing."""
    if not any(header.role == "time" for header in table.headers):
        return table
    filled = ~np.isnan(table.values).all(axis=1)
    if table.event_cells:
        filled |= np.array([bool(text.strip()) for text in table.event_cells])
    empty = np.flatnonzero(~filled)
    if not empty.size:
        return table
    remarks.note("empty row", "an empty row: left out", row=int(table.rows[empty[0]]), more=empty.size - 1)
    return replace(
        table,
        values=table.values[filled],
        rows=table.rows[filled],
        event_cells=tuple(np.array(table.event_cells, dtype=object)[filled]) if table.event_cells else (),
    )


def _signal_columns(table: Table, no_signals: frozenset[int], path: Path, remarks: Remarks) -> list[int]:
    """Return the columns that hold signals, and say which were left out."""
    for i, text in sorted(table.text_columns.items()):
        remarks.warn(
            "text column", f"no numbers in this column but {shown(text)}: left out", column=table.headers[i].text
        )
    columns = [
        i
        for i, header in enumerate(table.headers)
        if header.role in ("signal", "counter") and i not in no_signals and i not in table.text_columns
    ]
    if not columns:
        there = ", ".join(header.text for header in table.headers)
        raise RecordingError(f"no column of samples beside {shown(there)}: add one a muscle", path=path)
    return columns


def _events(table: Table, clocked: Clocked, sidecar: Sidecar, remarks: Remarks) -> pd.DataFrame:
    """Return the events of the sidecar, else those of the event column."""
    grid = clocked.grid
    line_at: dict[int, int] = {}
    cells: dict[int, str] = {}
    if table.event_cells:
        for at, kept in zip(grid.index.tolist(), grid.kept.tolist(), strict=True):
            if table.event_cells[kept].strip():
                cells[at] = table.event_cells[kept]
                line_at[at] = int(table.rows[kept])
    if sidecar.events is None:
        return events_from_cells(cells, clocked.sampling_frequency)
    expected = cells_from_events(sidecar.events, clocked.sampling_frequency, grid.n_samples)
    if table.event_cells and cells != expected:
        at = min(k for k in cells.keys() | expected.keys() if cells.get(k) != expected.get(k))
        remarks.warn(
            "events differ",
            f"{shown(cells.get(at, ''))} at {at / clocked.sampling_frequency:.6g} s, where the sidecar says "
            f"{shown(expected.get(at, ''))}: events taken from the sidecar",
            row=line_at.get(at),
            column="event",
        )
    return sidecar.events
