"""Files of public data sets, as their publishers have them, to plain tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from emgorder.errors import MissingExtraError, RecordingError
from emgorder.model import FloatArray

__all__ = [
    "Table",
    "datalog_text",
    "emggo_mat",
    "held_gestures",
    "opensignals_h5",
    "semg_mats",
    "simple_text",
    "synergies_rdata",
]


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """Signals of one recording, shape (n_samples, n_channels), or a table of times where there is no rate."""

    columns: tuple[str, ...]
    data: FloatArray
    sampling_frequency: float | None = None
    start_s: float = 0.0


def synergies_rdata(paths: Mapping[str, Path]) -> dict[str, Table]:
    """Read the example of the R package musclesyneRgies: one walk, and the times of its cycles.

    ``RAW_DATA`` is a list of objects of class EMG; each has the data frames ``cycles`` (s) and ``emg``, whose first
    column is the time in s.
    """
    try:
        import rdata
        from rdata.conversion import DEFAULT_CLASS_MAP
    except ImportError as error:
        raise MissingExtraError("rdata", "study") from error
    (path,) = paths.values()
    content = rdata.read_rda(path, constructor_dict={**DEFAULT_CLASS_MAP, "EMG": _as_it_is})
    trial = content["RAW_DATA"]["ID0012_TW_01"]
    emg, cycles = trial["emg"], trial["cycles"]
    time_s = emg.iloc[:, 0].to_numpy(dtype=np.float64)
    return {
        "walk_right_leg.csv": Table(
            tuple(map(str, emg.columns[1:])),
            emg.iloc[:, 1:].to_numpy(dtype=np.float64),
            _rate(time_s, path),
            float(time_s[0]),
        ),
        "cycles.csv": Table(tuple(map(str, cycles.columns)), cycles.to_numpy(dtype=np.float64)),
    }


def _as_it_is(value: Any, attributes: Any) -> Any:
    return value


def datalog_text(paths: Mapping[str, Path]) -> dict[str, Table]:
    r"""Read exports of a datalog: a line a channel with name and unit, an empty line, tab-separated values.

    Channels in degrees get their unit into the name. The rate is what the goniometer was extrapolated to.
    """
    tables = {}
    for name, path in paths.items():
        head, _, body = path.read_text(encoding="ascii").replace("\r\n", "\n").partition("\n\n")
        channels = re.findall(r"^Channel \d+: '(\w+)', (\d+) values, engineering units: (\w+)", head, re.MULTILINE)
        rate = re.search(r"to (\d+) samples per second", head)
        if not channels or rate is None:
            raise RecordingError("has no lines that name channels and rate", path=path)
        data = np.loadtxt(body.splitlines(), delimiter="\t", ndmin=2)
        if data.shape != (int(channels[0][1]), len(channels)):
            raise RecordingError(
                f"holds {data.shape[0]} rows of {data.shape[1]}, its head says {channels[0][1]} of {len(channels)}: it "
                "is not whole",
                path=path,
            )
        labels = tuple(label if unit == "mV" else f"{label}_{unit}" for label, _, unit in channels)
        tables[f"{Path(name).stem}.csv"] = Table(labels, data, float(rate[1]))
    return tables


def simple_text(paths: Mapping[str, Path]) -> dict[str, Table]:
    """Read BioSPPy's "Simple Text Format": a head of ``# key:= value`` lines, then a value a line."""
    tables = {}
    for name, path in paths.items():
        text = path.read_text(encoding="ascii")
        known = dict(re.findall(r"^# ([^:\n]+):= (.+?)\s*$", text, re.MULTILINE))
        if "Sampling Rate (Hz)" not in known or "Labels" not in known:
            raise RecordingError("has no head that names rate and labels", path=path)
        data = np.loadtxt(text.splitlines(), ndmin=2)
        labels = tuple(label.strip().lower() for label in known["Labels"].split("\t"))
        tables[f"{Path(name).stem}.csv"] = Table(labels, data, float(known["Sampling Rate (Hz)"]))
    return tables


def held_gestures(paths: Mapping[str, Path]) -> dict[str, Table]:
    """Read a session of UCI's gestures: time in ms, eight channels in V, class; a row about each ms, values held.

    Rows count as 1 ms each, as the publisher's own use has it, though some are missing in the time column.
    """
    (path,) = paths.values()
    lines = path.read_text(encoding="ascii").splitlines()
    labels = tuple(lines[0].split("\t")) if lines else ()
    if labels != ("time", *(f"channel{i}" for i in range(1, 9)), "class"):
        raise RecordingError("does not begin with time, eight channels and class", path=path)
    steps = np.round(np.loadtxt(lines[1:], delimiter="\t", ndmin=2)[:, 1:9] / 1e-5) + 0.0
    names = tuple(f"emg{i}" for i in range(1, 9))
    return {
        "session1_200hz.csv": Table(names, steps[::5], 200.0),
        "session1_1k_first60s.csv": Table(names, steps[:60000], 1000.0),
    }


def semg_mats(paths: Mapping[str, Path]) -> dict[str, Table]:
    """Read a MATLAB file a channel, each with ``semg`` in mV at 2 kHz."""
    columns = [_mat(path, "semg").astype(np.float64).ravel() for path in paths.values()]
    if len({column.size for column in columns}) > 1:
        raise RecordingError(f"channels of different length: {[column.size for column in columns]}")
    labels = tuple(f"ch{i + 1}" for i in range(len(columns)))
    return {"lift12kg.csv": Table(labels, np.column_stack(columns), 2000.0)}


def emggo_mat(paths: Mapping[str, Path]) -> dict[str, Table]:
    """Read emgGO's structure ``EMG``: ``channelData`` (samples in rows) and ``fs``."""
    (path,) = paths.values()
    structure = _mat(path, "EMG")
    data = np.asarray(structure["channelData"][0, 0], dtype=np.float64)
    rate = float(np.asarray(structure["fs"][0, 0]).item())
    return {"ta.csv": Table(("TA",), data.reshape(-1, 1), rate)}


def _mat(path: Path, name: str) -> Any:
    from scipy.io import loadmat

    content = loadmat(path)
    if name not in content:
        raise RecordingError(f"has no variable {name}", path=path)
    return content[name]


def opensignals_h5(paths: Mapping[str, Path]) -> dict[str, Table]:
    """Read an OpenSignals HDF5 file: a group a device with the rate, and its channels under ``raw``."""
    try:
        import h5py
    except ImportError as error:
        raise MissingExtraError("h5py", "study") from error
    tables = {}
    for name, path in paths.items():
        with h5py.File(path, "r") as file:
            (device,) = file.values()
            raw = device["raw"]
            labels = tuple(sorted(label for label in raw if label.startswith("channel_")))
            data = np.column_stack([np.asarray(raw[label], dtype=np.float64).ravel() for label in labels])
            tables[f"{Path(name).stem}.csv"] = Table(labels, data, float(device.attrs["sampling rate"]))
    return tables


def _rate(time_s: FloatArray, path: Path) -> float:
    steps = np.diff(time_s)
    if not steps.size or not np.allclose(steps, steps.mean(), rtol=1e-3) or steps.mean() <= 0:
        raise RecordingError("has a time column that is not even", path=path)
    return round(float(1.0 / steps.mean()), 3)
