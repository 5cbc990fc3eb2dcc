"""Analog channels of C3D files (motion capture laboratories), through ezc3d.

ezc3d is compiled code that a damaged file can crash, so it reads in a process of its own: what kills that process
becomes an error here.
"""

from __future__ import annotations

import io
import math
import os
import re
import struct
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from emgorder.errors import MissingExtraError, RecordingError
from emgorder.io.build import CALLER, build_recording
from emgorder.io.headers import Header, signal_unit, unique_labels
from emgorder.io.opening import opening, refuse_empty
from emgorder.io.remarks import Remarks, shown
from emgorder.io.sidecar import read_sidecar
from emgorder.io.timebase import Grid
from emgorder.io.vendor.rate import vendor_rate
from emgorder.model import FloatArray, Recording, empty_events
from emgorder.muscles import parse_label

__all__ = ["read_c3d"]

_KEY = 0x50  # second byte of every C3D file
_BLOCK = 512
_LEAST_TIMEOUT_S, _SECONDS_PER_MB = 20.0, 2.0  # damage can send a reader round in circles; a whole file takes far less
_VOLTAGES = ("V", "mV", "uV", "nV")
_EMG = re.compile(r"emg|electromyo", re.IGNORECASE)
_OTHER = re.compile(r"^(?:[fm][xyz]|force|moment|acc|gyro|foot ?switch|trigger|sync)[\W_0-9]*", re.IGNORECASE)
_CHILD = """
import io, sys
import ezc3d, numpy as np
file = ezc3d.c3d(sys.argv[1])
def of(group, key):
    return file["parameters"].get(group, {}).get(key, {}).get("value", [])
def words(group, key):
    return np.array([str(w) for k in ("", *map(str, range(2, 10))) for w in of(group, key + k)] or [""], dtype=str)
def numbers(group, key):
    return np.array(of(group, key), dtype=float)
analogs = file["data"]["analogs"]
out = io.BytesIO()
np.savez(out, data=analogs.reshape(-1, analogs.shape[-1]).T, rate=numbers("ANALOG", "RATE"),
    labels=words("ANALOG", "LABELS"), units=words("ANALOG", "UNITS"), descriptions=words("ANALOG", "DESCRIPTIONS"),
    event_times=numbers("EVENT", "TIMES"), event_labels=words("EVENT", "LABELS"),
    event_contexts=words("EVENT", "CONTEXTS"), maker=words("MANUFACTURER", "COMPANY"),
    first=float(file["header"]["points"]["first_frame"]), frame_rate=float(file["header"]["points"]["frame_rate"]))
sys.stdout.buffer.write(out.getvalue())
"""


def read_c3d(
    path: Path, *, sampling_frequency: float | None, muscles: Mapping[str, str] | None, unit: str | None
) -> Recording:
    """Read the analog channels of a C3D file; parameters as in :func:`emgorder.read_recording`.

    Kept are the channels that `muscles` names and those that are EMG by label or description, else those that are named
    after a muscle, else those in volts. Events of the right and left side become ``label/R`` and ``label/L``.

    Raises
    ------
    RecordingError
        It is no C3D file, is damaged, or has no analog channels.
    MissingExtraError
        ezc3d is not installed.
    """
    remarks = Remarks(path.name)
    content = _content(path)
    data: FloatArray = content["data"]
    if data.size == 0:
        raise RecordingError("holds no analog samples: export the trial with its analog channels", path=path)
    n_channels = data.shape[1]
    labels = _padded(content["labels"], n_channels)
    labels = unique_labels([label[:64] or f"ch{i}" for i, label in enumerate(labels, 1)])
    units = _padded(content["units"], n_channels)
    columns = _columns(labels, units, _padded(content["descriptions"], n_channels), muscles, remarks)
    sidecar = read_sidecar(path, remarks)
    rates = content["rate"]
    said_Hz = float(rates[0]) if rates.size and math.isfinite(rates[0]) and rates[0] > 0 else math.nan
    rate_Hz = vendor_rate(said_Hz, sampling_frequency, sidecar, path, remarks)
    remarks.note(
        "c3d gain", "amplitudes as the laboratory scaled them: at the amplifier's output unless it took out its gain"
    )
    every = np.arange(data.shape[0])
    recording = build_recording(
        data[:, columns],
        every + 1,
        Grid(rate_Hz, every, every, every.size),
        [Header(labels[i], labels[i], "" if unit else signal_unit(units[i]), "signal") for i in columns],
        sampling_frequency=rate_Hz,
        sidecar=sidecar,
        events=_events(content),
        muscles=muscles,
        unit=unit,
        path=path,
        remarks=remarks,
        meta={"Manufacturer": maker} if (maker := str(content["maker"][0]).strip()[:64]) else {},
    )
    remarks.emit(stacklevel=CALLER)
    return recording


def _content(path: Path) -> Mapping[str, np.ndarray]:
    """Return what ezc3d finds in the file."""
    with opening(path), path.open("rb") as file:
        head = file.read(_BLOCK)
    refuse_empty(head, path)
    if len(head) < _BLOCK or head[1] != _KEY:
        raise RecordingError(
            "is no C3D file (its second byte is not 0x50): copy it again, or export it anew", path=path
        )
    size = path.stat().st_size
    _check_size(head, size, path)
    if find_spec("ezc3d") is None:
        raise MissingExtraError("ezc3d", "formats")
    command = [sys.executable, "-c", _CHILD, str(path.resolve())]
    damaged = "is damaged: copy it again, or export it anew"
    limit_s = _LEAST_TIMEOUT_S + _SECONDS_PER_MB * size / 1e6
    found_here = {**os.environ, "PYTHONPATH": os.pathsep.join(place for place in sys.path if place)}
    try:
        done = subprocess.run(command, capture_output=True, timeout=limit_s, check=False, env=found_here)
    except OSError as exc:
        raise RecordingError(f"no Python to read it with ({exc}): install emgorder with pip", path=path) from exc
    except subprocess.TimeoutExpired as exc:
        raise RecordingError(f"takes more than {limit_s:.3g} s to read, so it {damaged}", path=path) from exc
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", errors="replace").strip().rsplit("\n", 1)[-1]
        why = said if done.returncode > 0 and said else f"its reader ended with {done.returncode}"
        raise RecordingError(f"{damaged} ({why[:200]})", path=path)
    try:
        with np.load(io.BytesIO(done.stdout[done.stdout.find(b"PK\x03\x04") :]), allow_pickle=False) as found:
            return dict(found)
    except (OSError, ValueError, zipfile.BadZipFile) as exc:
        raise RecordingError(f"{damaged} ({exc})", path=path) from exc


def _check_size(head: bytes, size: int, path: Path) -> None:
    """Refuse a file that is shorter than its header says: words as in the C3D user guide, in either byte order."""
    shortages = []
    for order in "<>":
        n_points, n_analog, first, last = struct.unpack_from(f"{order}4H", head, 2)
        (scale,), (block,) = struct.unpack_from(f"{order}f", head, 12), struct.unpack_from(f"{order}H", head, 16)
        width = (2 if scale > 0 else 4) * (4 * n_points + n_analog)
        n_frames = last - first + 1
        there = max(0, size - _BLOCK * (block - 1)) // width if width else 0
        if block < 2 or n_frames < 0:
            continue
        if there >= n_frames or width == 0:
            return
        shortages.append((there, n_frames))
    if not shortages:
        raise RecordingError("has a header that makes no sense: copy it again, or export it anew", path=path)
    there, n_frames = max(shortages)
    raise RecordingError(f"is cut short ({there} of {n_frames} frames): copy it again, or export it anew", path=path)


def _padded(words: np.ndarray, n: int) -> list[str]:
    """Return `n` texts, empty where the file has fewer."""
    texts = [" ".join(str(word).split()) for word in words[:n]]
    return texts + [""] * (n - len(texts))


def _columns(
    labels: Sequence[str],
    units: Sequence[str],
    descriptions: Sequence[str],
    muscles: Mapping[str, str] | None,
    remarks: Remarks,
) -> list[int]:
    """Return the channels to keep, and say which are left out."""
    wanted = {str(label).lower() for label in (muscles or {}).values()}
    every = range(len(labels))
    asked = {i for i in every if labels[i].lower() in wanted}
    emg = {i for i in every if _EMG.search(labels[i]) or _EMG.search(descriptions[i])}
    named = {i for i in every if parse_label(labels[i])[0]}
    volts = {i for i in every if signal_unit(units[i]) in _VOLTAGES and not _OTHER.match(labels[i])}
    kept = sorted(asked | (emg | named or volts)) or list(every)
    left = [labels[i] for i in every if i not in kept]
    if left:
        remarks.note("other channels", f"analog channels that are no EMG left out: {shown(', '.join(left))}")
    return kept


def _events(content: Mapping[str, np.ndarray]) -> pd.DataFrame:
    times = content["event_times"]
    if times.ndim != 2 or times.shape[0] != 2 or not times.size:
        return empty_events()
    frame_rate = float(content["frame_rate"])
    first_s = float(content["first"]) / frame_rate if frame_rate > 0 else 0.0
    labels = _padded(content["event_labels"], times.shape[1])
    contexts = _padded(content["event_contexts"], times.shape[1])
    rows = []
    for minutes, seconds, label, context in zip(times[0], times[1], labels, contexts, strict=True):
        side = {"right": "/R", "left": "/L"}.get(context.lower(), "")
        onset_s = round(60 * float(minutes) + float(seconds) - first_s, 6)
        if label and math.isfinite(onset_s):
            rows.append((onset_s, 0.0, label + ("" if label.endswith(("/R", "/L")) else side)))
    return pd.DataFrame(sorted(rows), columns=["onset", "duration", "trial_type"]) if rows else empty_events()
