"""OpenSignals (r)evolution text files of BITalino and PLUX devices.

Two lines of comment, of which the second is a JSON object with an entry a device, ``# EndOfHeader``, then rows without
a header, separated by tabs: ``nSeq``, digital lines, one column a channel. Values are counts of the converter unless
``convertedValues`` is 1 (then mV for EMG).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from emgorder.errors import RecordingError
from emgorder.io.build import CALLER, build_recording
from emgorder.io.events import events_from_cells
from emgorder.io.headers import Header, unique_labels
from emgorder.io.moments import moment_of
from emgorder.io.remarks import Remarks, counted, shown
from emgorder.io.sidecar import read_sidecar
from emgorder.io.table import Table, read_table
from emgorder.io.text import load_text
from emgorder.io.timebase import Grid
from emgorder.io.vendor.counter import grid_from_counter, unroll
from emgorder.io.vendor.lines import split_preamble, with_header
from emgorder.io.vendor.rate import vendor_rate
from emgorder.json_text import load_json
from emgorder.model import FloatArray, Recording, empty_events

__all__ = ["read_opensignals"]

_SUPPLY_GAIN = {"bitalino": (3.3, 1009.0), "biosignalsplux": (3.0, 1000.0)}
"""Supply in V and gain of the EMG sensors, from their data sheets: V = (count / 2^bits - 1/2) * supply / gain."""

_EMG = re.compile(r"^(?:raw)?emg", re.IGNORECASE)
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_MOMENT = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d{1,6})?\d*")
_DIGITAL = re.compile(r"^(?:di|do|i[0-9]+|o[0-9]+|digital.*)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Device:
    """What the header says of one device."""

    address: str
    kind: str
    rate_Hz: float
    columns: tuple[str, ...]
    labels: tuple[str, ...]
    sensors: tuple[str, ...]
    bits: tuple[int, ...]
    counter_bits: int
    converted: bool
    started: str


def read_opensignals(
    path: Path, *, sampling_frequency: float | None, muscles: Mapping[str, str] | None, unit: str | None
) -> Recording:
    """Read an OpenSignals text file; parameters as in :func:`emgorder.read_recording`.

    Columns of sensors that are no EMG are left out, unless `muscles` names them or there is no EMG at all. Counts
    become volts where device and sensor tell the transfer function; with `unit` the numbers are taken as they are.

    Raises
    ------
    RecordingError
        The header cannot be read, describes several devices, or there are no samples.
    """
    remarks = Remarks(path.name)
    raw = load_text(path, remarks)
    preamble, body = split_preamble(raw, lambda line: line.lstrip().startswith(b"#") or not line.strip())
    device = _device(preamble, path)
    body = re.sub(rb"[\t ]+(?=\r?$)", b"", body, flags=re.MULTILINE)  # each row ends with a tab
    if not body.strip():
        raise RecordingError("0 samples after the header: record again or copy the whole file", path=path)
    names = _column_names(device, body, remarks)
    table = read_table(with_header(len(preamble), names, body, "\t"), path, remarks)
    sidecar = read_sidecar(path, remarks)
    rate_Hz = vendor_rate(device.rate_Hz, sampling_frequency, sidecar, path, remarks)
    counter = next((i for i, name in enumerate(names) if name.lower() == "nseq"), None)
    modulus = 2**device.counter_bits if device.counter_bits else None
    values = table.values[:, counter] if counter is not None else np.arange(table.rows.size, dtype=np.float64)
    if counter is None:
        remarks.warn("no counter", "no column nSeq: lost samples do not show")
    blind = (
        f"it counts to {modulus} only: losses of whole multiples of {modulus} samples do not show" if modulus else ""
    )
    grid = grid_from_counter(unroll(values, modulus=modulus), table.rows, "nSeq", rate_Hz, remarks, blind=blind)
    chosen = _signals(device, names, table, counter, muscles, path, remarks)
    scaled, headers = _scaled(device, names, table, chosen, unit, remarks)
    digital = [i for i, name in enumerate(names) if name.upper() in ("DI", "I1")]
    recording = build_recording(
        scaled,
        table.rows,
        grid,
        headers,
        sampling_frequency=rate_Hz,
        sidecar=sidecar,
        events=_button(table.values[:, digital[0]], names[digital[0]], grid) if digital else empty_events(),
        muscles=muscles,
        unit=unit,
        path=path,
        remarks=remarks,
        meta={
            "Manufacturer": "PLUX",
            "ManufacturersModelName": device.kind,
            "DeviceSerialNumber": device.address,
            **({"RecordingStarted": device.started} if device.started else {}),
        },
    )
    remarks.emit(stacklevel=CALLER)
    return recording


def _device(preamble: list[str], path: Path) -> _Device:
    """Return what the JSON in the preamble says."""
    row, text = next(((i, line.strip().lstrip("# ")) for i, line in enumerate(preamble, 1) if "{" in line), (1, ""))
    try:
        content = load_json(text)
    except ValueError as exc:
        raise RecordingError(
            "the header holds no readable JSON object (OpenSignals writes one after '# '): copy the file again, or "
            "delete the lines with # and give sampling_frequency=",
            path=path,
            row=row,
        ) from exc
    devices = {k: v for k, v in content.items() if isinstance(v, dict)} if isinstance(content, dict) else {}
    if len(devices) > 1:
        raise RecordingError(
            f"holds {len(devices)} devices ({shown(', '.join(devices))}), whose clocks nothing compares: export one "
            "file a device",
            path=path,
            row=row,
        )
    if not devices:
        raise RecordingError("the header describes no device: export the file again", path=path, row=row)
    address, entry = next(iter(devices.items()))
    rate = entry.get("sampling rate")
    rate_Hz = (
        float(rate) if isinstance(rate, int | float) and not isinstance(rate, bool) and 0 < rate < 1e6 else math.nan
    )
    columns, labels = _texts(entry, "column"), _texts(entry, "label")
    bits = [
        b if isinstance(b, int) and not isinstance(b, bool) and 0 < b <= 32 else 0 for b in _list(entry, "resolution")
    ]
    covers_all = len(bits) == len(columns) and len(columns) > len(labels)  # BITalino lists the counter's bits as well
    return _Device(
        address=address,
        kind=str(entry.get("device") or ""),
        rate_Hz=rate_Hz,
        columns=columns,
        labels=labels,
        sensors=_texts(entry, "sensor"),
        bits=tuple(bits[len(columns) - len(labels) :] if covers_all else bits),
        counter_bits=bits[0] if covers_all else 0,
        converted=entry.get("convertedValues") in (1, True, "1"),
        started=_started(str(entry.get("date", "")), str(entry.get("time", ""))),
    )


def _started(date: str, time: str) -> str:
    """Return when the recording began, by the clock of the computer; empty where that is not readable.

    Examples
    --------
    >>> _started("2018-9-28", "13:30:40.5"), _started("28.9.18", "")
    ('2018-09-28T13:30:40.5', '')
    """
    day, moment = _DAY.fullmatch(date.strip()), _MOMENT.fullmatch(time.strip())
    if day is None or moment is None:
        return ""
    year, month, of_month = (int(x) for x in day.groups())
    hour, minute, second = (int(x) for x in moment.groups()[:3])
    text = f"{year:04d}-{month:02d}-{of_month:02d}T{hour:02d}:{minute:02d}:{second:02d}{moment[4] or ''}"
    return text if moment_of({"RecordingStarted": text}) is not None else ""


def _list(entry: Mapping[str, Any], key: str) -> list[Any]:
    value = entry.get(key)
    return value if isinstance(value, list) else []


def _texts(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    return tuple(re.sub(r"\s+", " ", str(value)).strip()[:64] for value in _list(entry, key))


def _column_names(device: _Device, body: bytes, remarks: Remarks) -> list[str]:
    """Return a name for each column of the table, those of the header where they fit."""
    n_cells = len(body.lstrip(b"\r\n").split(b"\n", 1)[0].split(b"\t"))
    names = [name or f"column{i}" for i, name in enumerate(device.columns, 1)]
    if len(names) != n_cells:
        remarks.warn(
            "columns differ",
            f"{counted(n_cells, 'cell')} a row, where the header names {len(names)}: the last are the channels",
        )
        labels = list(device.labels[-n_cells:]) if device.labels else []
        front = ["nSeq", *(f"D{i}" for i in range(1, n_cells))][: n_cells - len(labels)]
        names = [*front, *labels]
    return unique_labels(names)


def _signals(
    device: _Device,
    names: Sequence[str],
    table: Table,
    counter: int | None,
    muscles: Mapping[str, str] | None,
    path: Path,
    remarks: Remarks,
) -> list[int]:
    """Return the columns to keep."""
    analog = [
        i
        for i, name in enumerate(names)
        if i != counter and not _DIGITAL.match(name) and i not in table.text_columns and name.lower() != "nseq"
    ]
    if not analog:
        raise RecordingError(f"no column of samples beside {shown(', '.join(names))}: record an EMG channel", path=path)
    wanted = {label.lower() for label in (muscles or {}).values()}
    kept = [
        i
        for i in analog
        if _EMG.match(_sensor(device, names, i)) or {names[i].lower(), _sensor(device, names, i).lower()} & wanted
    ]
    if not kept:
        return analog
    left = [f"{names[i]} ({_sensor(device, names, i)})" for i in analog if i not in kept]
    if left:
        remarks.note("no EMG", f"no EMG sensor: {shown(', '.join(left))} left out")
    return kept


def _sensor(device: _Device, names: Sequence[str], column: int) -> str:
    """Return the kind of sensor of a column; channels stand last."""
    place = column - (len(names) - len(device.sensors))
    return device.sensors[place] if 0 <= place < len(device.sensors) else ""


def _scaled(
    device: _Device, names: Sequence[str], table: Table, chosen: Sequence[int], unit: str | None, remarks: Remarks
) -> tuple[FloatArray, list[Header]]:
    """Return the chosen columns, in volts where the transfer function is known, and their headers."""
    values = table.values[:, chosen].copy()
    headers = []
    kind = next((key for key in _SUPPLY_GAIN if device.kind.lower().startswith(key)), "")
    for k, i in enumerate(chosen):
        sensor = _sensor(device, names, i)
        place = i - (len(names) - len(device.bits))
        bits = device.bits[place] if 0 <= place < len(device.bits) else 0
        said = ""
        if unit is None and device.converted:
            said = "mV" if _EMG.match(sensor) else ""
        elif unit is None and kind and bits and _EMG.match(sensor):
            supply_V, gain = _SUPPLY_GAIN[kind]
            values[:, k] = (values[:, k] / 2**bits - 0.5) * supply_V / gain
            said = "V"
            remarks.note(
                "transfer",
                f"counts of {bits} bits became volts with the data sheet's {supply_V:g} V and gain of {gain:g}",
                column=names[i],
            )
        elif unit is None:
            remarks.note(
                "no transfer",
                f"device {shown(device.kind)} with sensor {shown(sensor)} has no transfer function that is known here: "
                "counts kept",
                column=names[i],
            )
        headers.append(Header(names[i], names[i], said or ("au" if unit is None else ""), "signal"))
    return values, headers


def _button(values: FloatArray, name: str, grid: Grid) -> pd.DataFrame:
    """Return an event for each time that a digital line leaves its usual state."""
    known = values[np.isfinite(values)]
    resting = float(np.median(known)) if known.size else 0.0
    pressed = np.isfinite(values) & (values != resting)
    return events_from_cells({int(grid.index[at]): name for at in np.flatnonzero(pressed)}, grid.sampling_frequency)
