"""EDF, EDF+, BDF and BDF+ files to recordings: gaps become lost samples, annotations become events."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from emgorder.errors import RecordingError
from emgorder.io.channels import name_channels
from emgorder.io.edf_annotations import PAD, Annotation, annotations_of, events_of
from emgorder.io.edf_file import EdfFile, load_edf
from emgorder.io.edf_grid import gap_of, lose_gaps, on_grid, place_records, without_pad
from emgorder.io.edf_header import EdfSignal
from emgorder.io.headers import PER_VOLT, Header, signal_unit
from emgorder.io.levels import check_level, with_true_rate
from emgorder.io.remarks import Remarks, counted, shown
from emgorder.io.sidecar import Sidecar, read_sidecar
from emgorder.model import Channel, IntArray, Recording, Sync
from emgorder.sidecar_keys import PERSON

__all__ = ["read_edf", "read_edf_with"]

_CALLER = 3  # frames from Remarks.emit up to the caller of read_recording
_SAME_RATE = 1e-6  # relative: what eight characters of a header may be off, and no clock is that good
_SAME_TIME_s = 1e-4  # what other programs leave of an annotation's digits
_TRIGGER_BITS = 0xFFFF


def read_edf(
    path: Path,
    *,
    sampling_frequency: float | None = None,
    muscles: Mapping[str, str] | None = None,
    unit: str | None = None,
    callers: int = _CALLER,
) -> Recording:
    """Read an EDF or BDF file, with or without plus; parameters as in :func:`emgorder.read_recording`.

    Annotations are events, whether or not a sidecar of the same stem says more of them; stretches called ``BAD_gap``,
    and those between the records of a discontinuous file, are lost samples. Signals of unlike rates come at the
    highest, the slower ones held from sample to sample (``Channel.true_rate_Hz``), which is remarked on. Of patient and
    recorder only the patient's code, the start and the equipment are taken, never a name. Warnings point `callers`
    frames up.

    Raises
    ------
    RecordingError
        It is no such file, or holds no samples.
    """
    remarks = Remarks(path.name)
    recording = read_edf_with(
        path,
        read_sidecar(path, remarks),
        remarks,
        sampling_frequency=sampling_frequency,
        muscles=muscles,
        unit=unit,
    )
    remarks.emit(stacklevel=callers)
    return recording


def read_edf_with(
    path: Path,
    sidecar: Sidecar,
    remarks: Remarks,
    *,
    sampling_frequency: float | None = None,
    muscles: Mapping[str, str] | None = None,
    unit: str | None = None,
) -> Recording:
    """Read such a file with a sidecar that was read before; what is remarked on is not emitted yet."""
    file = load_edf(path, remarks)
    signals, triggers = _sort(file)
    if not signals:
        raise RecordingError("holds no signal but triggers: give the file with the samples", path=path)
    widest = max(signal.n_per_record for _, signal in signals)
    stated_Hz = float(widest / file.header.record_s)
    rate_Hz = _rate(stated_Hz, sidecar.sampling_frequency, sampling_frequency, remarks)
    first_rows, n_rows = place_records(file, widest, path, remarks)
    start_s = float(file.starts_s[0]) if file.starts_s is not None else 0.0
    annotations = [replace(a, onset_s=a.onset_s - start_s) for a in file.annotations]

    headers, factors = _headers(signals, sidecar, unit)
    channels, divisors = name_channels(headers, sidecar, muscles=muscles, unit=unit, path=path, remarks=remarks)
    data = np.full((n_rows, len(signals)), np.nan)
    for column, (number, signal) in enumerate(signals):
        if signal.scale() is None:
            remarks.warn("no scale", "no range in the header: counts as they are", column=signal.label)
        values = on_grid(file.values(number), widest, first_rows, n_rows)
        data[:, column] = values / (factors[column] or divisors[column])
        channels[column] = _with_own_rate(channels[column], signal, widest, file.header.record_s, remarks)
    n_rows = without_pad(annotations, stated_Hz, n_rows)
    data = data[:n_rows]
    lose_gaps(data, annotations, [channel.label for channel in channels], stated_Hz)
    for column, header in enumerate(headers):
        check_level(header, data[:, column], channels[column].unit, remarks)
        channels[column] = with_true_rate(channels[column], header, data[:, column], rate_Hz, remarks)
    found = [a for a in annotations if gap_of(a) is None and a.text != PAD]
    found += _triggered(file, triggers, widest, first_rows, stated_Hz)
    events = _events(found, sidecar, remarks)
    if sidecar.events is None and rate_Hz != stated_Hz:
        events = events.assign(
            onset=events["onset"] * stated_Hz / rate_Hz, duration=events["duration"] * stated_Hz / rate_Hz
        )
    return Recording(
        data=data,
        sampling_frequency=rate_Hz,
        channels=tuple(channels),
        events=events,
        clock=sidecar.clock or Sync(),
        meta=MappingProxyType(_meta(file, signals, channels, sidecar)),
        notes=tuple(dict.fromkeys(sidecar.notes + remarks.texts())),
        name=path.stem,
        truth=sidecar.truth,
    )


def _sort(file: EdfFile) -> tuple[list[tuple[int, EdfSignal]], list[int]]:
    """Return the signals with samples, and which are trigger inputs (BioSemi calls theirs Status)."""
    signals, triggers = [], []
    for number, signal in enumerate(file.header.signals):
        if file.header.is_annotations(signal) or not signal.n_per_record:
            continue
        if file.header.kind == "BDF" and signal.label == "Status":
            triggers.append(number)
        else:
            signals.append((number, signal))
    return signals, triggers


def _rate(stated_Hz: float, in_sidecar_Hz: float | None, given_Hz: float | None, remarks: Remarks) -> float:
    """Return the rate: as the caller says, else as the sidecar where it is the same to the digits of the header."""
    if given_Hz is not None:
        if not math.isclose(given_Hz, stated_Hz, rel_tol=_SAME_RATE):
            remarks.warn("rate given", f"says {stated_Hz:.9g} Hz: read as {given_Hz:.9g} Hz, as told")
        return given_Hz
    if in_sidecar_Hz is None or in_sidecar_Hz == stated_Hz:
        return stated_Hz
    if math.isclose(in_sidecar_Hz, stated_Hz, rel_tol=_SAME_RATE):
        return in_sidecar_Hz
    remarks.warn(
        "rate differs", f"the sidecar says {in_sidecar_Hz:.9g} Hz, the file {stated_Hz:.9g} Hz: the file's taken"
    )
    return stated_Hz


def _headers(
    signals: Sequence[tuple[int, EdfSignal]], sidecar: Sidecar, unit: str | None
) -> tuple[list[Header], list[float]]:
    """Return a column header a signal, and how many of the file's unit make a volt (0: as the channel says).

    The file's unit may be another than the one in which people read the channel, which is in the sidecar.
    """
    headers, factors = [], []
    for number, (_, signal) in enumerate(signals, start=1):
        label = signal.label or f"ch{number}"
        in_file = signal_unit(signal.dimension) if signal.scale() is not None else "au"
        said = sidecar.channels.get(label, {}).get("units")
        shown_in = signal_unit(said) if isinstance(said, str) else ""
        both_volts = unit is None and in_file in PER_VOLT and shown_in in PER_VOLT
        headers.append(Header(label, label, shown_in if both_volts else in_file, "signal"))
        factors.append(PER_VOLT[in_file] if both_volts else 0.0)
    return headers, factors


def _with_own_rate(channel: Channel, signal: EdfSignal, widest: int, record_s: Fraction, remarks: Remarks) -> Channel:
    if signal.n_per_record == widest:
        return channel
    own_Hz = float(signal.n_per_record / record_s)
    remarks.warn(
        "unlike rates",
        f"{own_Hz:.6g} Hz where others have {float(widest / record_s):.6g} Hz: each sample held until the next, "
        f"so no onset is finer than {1e3 / own_Hz:.3g} ms",
        column=signal.label,
    )
    return channel if math.isfinite(channel.true_rate_Hz) else replace(channel, true_rate_Hz=own_Hz)


def _triggered(
    file: EdfFile, triggers: Sequence[int], widest: int, first_rows: IntArray, rate_Hz: float
) -> list[Annotation]:
    """Return an event wherever a trigger input changes to another code than 0."""
    found = []
    for number in triggers:
        codes = file.samples(number) & _TRIGGER_BITS
        per_record = codes.shape[1]
        flat = codes.reshape(-1)
        for at in (np.flatnonzero((np.diff(flat) != 0) & (flat[1:] != 0)) + 1).tolist():
            row = first_rows[at // per_record] + at % per_record * widest // per_record
            found.append(Annotation(float(row) / rate_Hz, 0.0, f"trigger/{flat[at]}"))
    return found


def _events(found: Sequence[Annotation], sidecar: Sidecar, remarks: Remarks) -> pd.DataFrame:
    """Return the events of the sidecar, else the annotations."""
    if sidecar.events is None:
        return events_of(found)
    expected, there = annotations_of(sidecar.events), sorted(found)
    differing = [pair for pair in zip(expected, there, strict=False) if not _alike(*pair)]
    if differing or len(expected) != len(there):
        where = ""
        if differing:
            says, has = differing[0]
            where = f" ({shown(has.text)} at {has.onset_s:.6g} s, {shown(says.text)} at {says.onset_s:.6g} s)"
        remarks.warn(
            "events differ",
            f"{counted(len(there), 'annotation')}, where the sidecar has {len(expected)}{where}: events taken from the "
            "sidecar",
        )
    return sidecar.events


def _alike(a: Annotation, b: Annotation) -> bool:
    return (
        a.text == b.text
        and abs(a.onset_s - b.onset_s) <= _SAME_TIME_s
        and abs(a.duration_s - b.duration_s) <= _SAME_TIME_s
    )


def _meta(
    file: EdfFile, signals: Sequence[tuple[int, EdfSignal]], channels: Sequence[Channel], sidecar: Sidecar
) -> dict[str, Any]:
    """Return what the sidecar says, and of the header what it does not say."""
    meta = sidecar.kept_meta()
    header = file.header
    if header.start is not None:
        meta.setdefault("RecordingStarted", header.start.isoformat())
    if header.plus:
        code = header.patient.split(" ")[0]
        if code not in ("", "X") and not any(key in meta for key in PERSON):
            meta["pseudonym"] = code.replace("_", " ")
        equipment = re.match(r"Startdate \S+ \S+ \S+ (\S+)", header.recording)
        if equipment and equipment[1] != "X":
            meta.setdefault("ManufacturersModelName", equipment[1].replace("_", " "))
    details = {str(k): dict(v) for k, v in meta.get("Channels", {}).items() if isinstance(v, Mapping)}
    for (_, signal), channel in zip(signals, channels, strict=True):
        volts = signal_unit(signal.dimension) or not signal.dimension
        said = {
            "prefilter": signal.prefilter,
            "transducer": signal.transducer,
            "dimension": "" if volts else signal.dimension,
        }
        for key, text in said.items():
            if text:
                details.setdefault(channel.label, {}).setdefault(key, text)
    return {**meta, "Channels": details} if details else meta
