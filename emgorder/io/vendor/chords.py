"""CSV files of Chords (Upside Down Labs), Web and Python: ``Counter,Channel1,...``, counts of an unknown converter.

The counter is one byte. Neither rate nor gain are in the file; the Web version writes what its filters leave.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from emgorder.io.build import CALLER, build_recording
from emgorder.io.headers import Header
from emgorder.io.remarks import Remarks
from emgorder.io.sidecar import read_sidecar
from emgorder.io.table import read_table
from emgorder.io.text import load_text
from emgorder.io.vendor.counter import grid_from_counter, unroll
from emgorder.io.vendor.lines import split_preamble
from emgorder.io.vendor.rate import vendor_rate
from emgorder.model import Recording, empty_events

__all__ = ["read_chords"]

_MODULUS = 256


def read_chords(
    path: Path, *, sampling_frequency: float | None, muscles: Mapping[str, str] | None, unit: str | None
) -> Recording:
    """Read a CSV of Chords; parameters as in :func:`emgorder.read_recording`, of which the rate is needed.

    Raises
    ------
    RecordingError
        No rate is given, or there are no samples.
    """
    remarks = Remarks(path.name)
    raw = load_text(path, remarks)
    comments, body = split_preamble(raw, lambda line: line.startswith(b"#"))
    table = read_table(b"\n" * len(comments) + body, path, remarks)
    sidecar = read_sidecar(path, remarks)
    rate_Hz = vendor_rate(math.nan, sampling_frequency, sidecar, path, remarks)
    grid = grid_from_counter(
        unroll(table.values[:, 0], modulus=_MODULUS),
        table.rows,
        "Counter",
        rate_Hz,
        remarks,
        blind=f"it counts to {_MODULUS}: losses of whole multiples of {_MODULUS} samples do not show",
    )
    remarks.note(
        "filters",
        "Chords-Web writes its signals as filtered on its screen, and the file does not say how: record with "
        "its filters off, as any filter moves onsets",
    )
    columns = [i for i in range(1, len(table.headers)) if i not in table.text_columns]
    recording = build_recording(
        table.values[:, columns],
        table.rows,
        grid,
        [
            Header(table.headers[i].text, table.headers[i].label, "au" if unit is None else "", "signal")
            for i in columns
        ],
        sampling_frequency=rate_Hz,
        sidecar=sidecar,
        events=empty_events(),
        muscles=muscles,
        unit=unit,
        path=path,
        remarks=remarks,
        meta={"Manufacturer": "Upside Down Labs"},
    )
    remarks.emit(stacklevel=CALLER)
    return recording
