"""CSV files of the Myo armband as its SDK's samples write them: ``timestamp,emg1,...,emg8``, signed bytes at 200 Hz.

A time stamp is that of a packet's arrival: in microseconds (SDK) or seconds (myo-raw), often shared by the two samples
of the packet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from emgorder.errors import RecordingError
from emgorder.io.build import CALLER, build_recording
from emgorder.io.headers import Header
from emgorder.io.remarks import Remarks
from emgorder.io.sidecar import read_sidecar
from emgorder.io.table import read_table
from emgorder.io.text import load_text
from emgorder.io.timebase import estimate_rate, lay_on_grid
from emgorder.io.vendor.rate import vendor_rate
from emgorder.model import FloatArray, Recording, Sync, empty_events
from emgorder.muscles import MUSCLES

__all__ = ["read_myo"]

_NOMINAL_Hz = 200.0
_FACTORS = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}
_ABOUT = 2.0  # a recorder that loses half the samples is still recognised


def read_myo(
    path: Path, *, sampling_frequency: float | None, muscles: Mapping[str, str] | None, unit: str | None
) -> Recording:
    """Read a CSV of a Myo armband; parameters as in :func:`emgorder.read_recording`.

    Raises
    ------
    RecordingError
        The time stamps are no times at about 200 Hz in s, ms, µs or ns, or there are no samples.
    """
    remarks = Remarks(path.name)
    table = read_table(load_text(path, remarks), path, remarks)
    sidecar = read_sidecar(path, remarks)
    signals = [i for i, header in enumerate(table.headers) if header.text.lower().startswith("emg")]
    stamps = table.values[:, 0]
    stamps = stamps - np.nanmin(stamps) if np.isfinite(stamps).any() else stamps
    per_tick = estimate_rate(stamps)
    factor = next((f for f in _FACTORS.values() if 1 / _ABOUT < per_tick * f / _NOMINAL_Hz < _ABOUT), None)
    if factor is None:
        raise RecordingError(
            f"time stamps that rise by {1 / per_tick if per_tick else 0:.3g} a row are no times at about 200 Hz in s, "
            "ms, µs or ns: delete the column and give sampling_frequency=200",
            path=path,
            column=table.headers[0].text,
        )
    grid = lay_on_grid(_each_its_time(stamps / factor), table.rows, table.headers[0].text, path, remarks)
    rate_Hz = vendor_rate(grid.sampling_frequency, sampling_frequency, sidecar, path, remarks)
    others = [h.text for i, h in enumerate(table.headers) if i not in (0, *signals)]
    if others:
        remarks.note("no EMG", f"{', '.join(others)}: no EMG, left out")
    remarks.note(
        "no counter",
        "a Myo numbers no samples: what was lost is told by the times of arrival alone, to some samples",
        column=table.headers[0].text,
    )
    recording = build_recording(
        table.values[:, signals],
        table.rows,
        grid,
        [
            Header(table.headers[i].text, table.headers[i].label, "au" if unit is None else "", "signal")
            for i in signals
        ],
        sampling_frequency=rate_Hz,
        sidecar=sidecar,
        events=empty_events(),
        muscles=muscles,
        unit=unit,
        path=path,
        remarks=remarks,
        meta={"Manufacturer": "Thalmic Labs", "ManufacturersModelName": "Myo"},
    )
    remarks.emit(stacklevel=CALLER)
    return _without_verdict(recording)


def _each_its_time(stamps_s: FloatArray) -> FloatArray:
    """Return the times with the second sample of a packet behind the first, where two share one stamp."""
    second = np.append(False, np.diff(stamps_s) == 0)
    third = second & np.append(False, second[:-1])
    return stamps_s if third.any() else stamps_s + second / _NOMINAL_Hz


def _without_verdict(recording: Recording) -> Recording:
    """Refuse an order of glute and hamstring, as for a Myo that is recorded live."""
    names = [MUSCLES[c.target_muscle] for c in recording.channels if c.target_muscle in MUSCLES]
    muscle = next((m for m in names if m.role != "other"), None)
    if muscle is None:
        return recording
    reason = (
        f"{muscle.plain} is on a Myo armband: it numbers no samples, so that lost ones shift all later times unseen, "
        "and one armband does not reach both muscles."
    )
    return replace(
        recording, clock=Sync("unknown"), meta=MappingProxyType({**recording.meta, "NoOrderVerdict": reason})
    )
