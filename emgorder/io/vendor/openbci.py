"""Text files of the OpenBCI GUI, versions 3 to 6: Cyton (with or without Daisy), Ganglion and others.

Lines with ``%`` at the top; from version 5 on a row of column names, before that none. ``Sample Index`` counts packets
to 255 (Ganglion: two samples a packet, to 100 or 200); EXG values are microvolts; the last columns are times.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

from emgorder.errors import RecordingError
from emgorder.io.build import CALLER, build_recording
from emgorder.io.headers import Header, unique_labels
from emgorder.io.remarks import Remarks
from emgorder.io.sidecar import read_sidecar
from emgorder.io.table import Table, read_table
from emgorder.io.text import load_text
from emgorder.io.vendor.counter import Unrolled, grid_from_counter, unroll
from emgorder.io.vendor.lines import events_from_codes, split_preamble, with_header
from emgorder.io.vendor.rate import vendor_rate
from emgorder.model import FloatArray, Recording, empty_events

__all__ = ["read_openbci"]

_SETTING = re.compile(r"%\s*([^=%]+?)\s*=\s*(.*?)\s*$")
_EXG = re.compile(r"^(?:exg|eeg|emg)[ _]*(?:channel)?[ _]*[0-9]+$", re.IGNORECASE)
_N_ACCELEROMETER = 3
_LEAST_UNIX_S = 1e9  # 2001: before that there was no such board
_UNIX_MS = 1e11  # milliseconds since 1970 are more, seconds are less


def read_openbci(
    path: Path, *, sampling_frequency: float | None, muscles: Mapping[str, str] | None, unit: str | None
) -> Recording:
    """Read a file of the OpenBCI GUI; parameters as in :func:`emgorder.read_recording`.

    Channels keep their names (``EXG Channel 0`` and on); accelerometer, digital and analog columns are left out. A
    column of markers becomes events.

    Raises
    ------
    RecordingError
        There are no EXG channels or no samples, or nothing tells the rate.
    """
    remarks = Remarks(path.name)
    raw = load_text(path, remarks)
    preamble, body = split_preamble(raw, lambda line: line.lstrip().startswith(b"%") or not line.strip())
    settings = {m[1].lower(): m[2] for line in preamble if (m := _SETTING.match(line.strip()))}
    table, names = _table(preamble, body, settings, path, remarks)
    exg = [i for i, name in enumerate(names) if _EXG.match(name) and i not in table.text_columns]
    if not exg:
        raise RecordingError(f"no column 'EXG Channel' among {len(names)}: export the raw data of the GUI", path=path)
    sidecar = read_sidecar(path, remarks)
    header_Hz = re.match(r"[0-9.]+", settings.get("sample rate", ""))
    rate_Hz = vendor_rate(_number(header_Hz[0]) if header_Hz else math.nan, sampling_frequency, sidecar, path, remarks)
    if unit is None:
        remarks.note("unit of the GUI", "EXG channels taken as microvolts, as the OpenBCI GUI writes them")
    board = settings.get("board", "").rsplit("$", 1)[-1]
    unrolled, blind = _follow(table, names, board, rate_Hz)
    grid = grid_from_counter(unrolled, table.rows, names[0], rate_Hz, remarks, blind=blind)
    markers = next((i for i, name in enumerate(names) if name.lower() == "marker channel"), None)
    recording = build_recording(
        table.values[:, exg],
        table.rows,
        grid,
        [Header(names[i], names[i], "uV" if unit is None else "", "signal") for i in exg],
        sampling_frequency=rate_Hz,
        sidecar=sidecar,
        events=empty_events() if markers is None else events_from_codes(table.values[:, markers], "marker", grid),
        muscles=muscles,
        unit=unit,
        path=path,
        remarks=remarks,
        meta={
            "Manufacturer": "OpenBCI",
            **({"ManufacturersModelName": board} if board else {}),
            **_started(table, names),
        },
    )
    remarks.emit(stacklevel=CALLER)
    return recording


def _table(
    preamble: Sequence[str], body: bytes, settings: Mapping[str, str], path: Path, remarks: Remarks
) -> tuple[Table, list[str]]:
    """Return the table and the names of its columns."""
    head, _, rest = body.partition(b"\n")
    named = bool(re.search(rb"[A-Za-z]{3}", head.split(b",", 1)[0]))
    first = (rest if named else body).partition(b"\n")[0]
    if not first.strip():
        raise RecordingError("0 samples after the header: record again or copy the whole file", path=path)
    has_words = b":" in first.rpartition(b",")[2]  # 12:14:49.064, with or without a date
    if named:
        columns = [cell.strip() for cell in head.decode("utf-8", errors="replace").split(",")]
        if has_words and columns[-1].lower().endswith("(formatted)"):
            columns, rest = columns[:-1], _without_words(rest, behind=0)
        n_lines, table_body = len(preamble) + 1, rest
    else:  # version 4 writes the time of day before its last column, version 3 as the last
        table_body = _without_words(body, behind=0 if has_words else 1) if b":" in first else body
        columns = _old_columns(table_body.partition(b"\n")[0].count(b",") + 1, table_body, settings, path)
        n_lines = len(preamble)
    names = unique_labels(columns)
    return read_table(with_header(max(n_lines, 1), names, table_body, ","), path, remarks), names


def _without_words(body: bytes, *, behind: int) -> bytes:
    """Return the rows without the time of day, behind which so many cells stand."""
    rows = []
    for line in body.split(b"\n"):
        cells = line.rsplit(b",", behind + 1)
        rows.append(b",".join([cells[0], *cells[2:]]) if len(cells) == behind + 2 and b":" in cells[1] else line)
    return b"\n".join(rows)


def _old_columns(n_cells: int, body: bytes, settings: Mapping[str, str], path: Path) -> list[str]:
    """Return the names that versions before 5 did not write."""
    last = _number(body.partition(b"\n")[0].rsplit(b",", 1)[-1].decode("ascii", errors="replace"))
    times = ["Timestamp"] if last > _UNIX_MS else []
    said = _number(settings.get("number of channels", ""))
    n_channels = int(said) if 0 < said < n_cells else n_cells - 1 - _N_ACCELEROMETER - len(times)
    n_others = n_cells - 1 - n_channels - len(times)
    if n_channels < 1 or n_others < 0:
        raise RecordingError(
            f"{n_cells} columns are no index, channels and accelerometer: export with version 5 of the GUI or later",
            path=path,
        )
    return [
        "Sample Index",
        *(f"EXG Channel {i}" for i in range(n_channels)),
        *(f"Other {i}" for i in range(n_others)),
        *times,
    ]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _time_s(table: Table, names: Sequence[str]) -> FloatArray | None:
    """Return when each row arrived, as the computer counts seconds; None where there is no such column."""
    stamp = next((i for i, name in enumerate(names) if name.lower() == "timestamp"), None)
    if stamp is None or stamp in table.text_columns:
        return None
    time_s: FloatArray = table.values[:, stamp]
    return time_s / 1e3 if np.nanmax(np.abs(time_s), initial=0.0) > _UNIX_MS else time_s


def _started(table: Table, names: Sequence[str]) -> dict[str, str]:
    """Return when the first row arrived, where times count from 1970."""
    time_s = _time_s(table, names)
    first_s = math.nan if time_s is None or not time_s.size else float(time_s[0])
    if not _LEAST_UNIX_S <= first_s < _UNIX_MS / 10:
        return {}
    moment = datetime.fromtimestamp(first_s, tz=timezone.utc)
    return {"RecordingStarted": moment.isoformat(timespec="milliseconds")}


def _follow(table: Table, names: Sequence[str], board: str, rate_Hz: float) -> tuple[Unrolled, str]:
    """Return where each row belongs, and which losses cannot be seen."""
    counter, time_s = table.values[:, 0], _time_s(table, names)
    modulus = 256 if "cyton" in board.lower() or not board else None
    if "ganglion" in board.lower():
        counter, modulus = _ganglion(counter)
    unrolled = unroll(counter, modulus=modulus, time_s=time_s, sampling_frequency=rate_Hz)
    if time_s is not None and np.isfinite(time_s).all():
        return unrolled, ""
    return unrolled, "no times of arrival: losses of whole rounds of the counter do not show"


def _ganglion(counter: FloatArray) -> tuple[FloatArray, int]:
    """Return sample numbers for packet numbers that stand in two rows each, and after how many they begin again.

    Firmware 2 sends packet 0 (one sample), then 1 to 100 or 101 to 200; firmware 3 sends 0 to 99 or 100 to 199.
    """
    starts = np.concatenate([[True], np.diff(counter) != 0])
    first = np.maximum.accumulate(np.where(starts, np.arange(counter.size), 0))
    within = np.arange(counter.size) - first
    if counter.size > 1 and starts[1]:
        within[0] += 1  # the file may begin with the second sample of a packet
    runs = np.diff(np.append(np.flatnonzero(starts), counter.size))
    if np.median(runs) == 1:  # a version that numbers samples
        return counter, int(np.nanmax(counter, initial=0.0)) + 1
    zeros = runs[counter[starts] == 0]
    if np.any((counter == 200) | (counter == 100) & ~np.any(counter > 100)) or (zeros.size and np.median(zeros) == 1):
        packet = np.where(counter > 100, counter - 100, counter)
        return np.where(packet == 0, 0, 2 * packet - 1 + within), 201
    return 2 * np.mod(counter, 100) + within, 200
