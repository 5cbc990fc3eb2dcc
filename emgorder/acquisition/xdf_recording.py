"""Recordings from Lab Streaming Layer: which streams of an XDF file are EMG, on one time base."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from emgorder.acquisition.xdf_times import grid_of_stamps
from emgorder.clock import ClockFit, fit_clock
from emgorder.clock.align import sync_uncertainty
from emgorder.clock.resample import Stream, resample_streams
from emgorder.errors import RecordingError
from emgorder.io.build import CALLER, build_recording
from emgorder.io.headers import Header, parse_header, signal_unit
from emgorder.io.remarks import Remarks, shown
from emgorder.io.sidecar import read_sidecar
from emgorder.io.timebase import Grid
from emgorder.io.vendor.rate import vendor_rate
from emgorder.io.xdf import XdfStream, read_xdf_streams
from emgorder.model import Channel, FloatArray, Recording, Sync, empty_events
from emgorder.muscles import MUSCLES

__all__ = ["read_xdf"]

_EMG = re.compile(r"(?i)\s*(?:s?emg|exg|electromyogra\w*)\s*")
_MARKERS = re.compile(r"(?i).*(?:marker|event|trigger|stim)")
_LONGEST_NAME = 200
_TOLERANCE_PPM = 10_000.0  # of a nominal rate: amplifiers state 1000 and run at 999


@dataclass(frozen=True, eq=False, slots=True)
class _Laid:
    """A stream on its own grid: ``start_s`` is the time of row 0 on the recorder's clock."""

    stream: XdfStream
    columns: tuple[int, ...]
    headers: tuple[Header, ...]
    grid: Grid
    start_s: float


def read_xdf(
    path: Path, *, sampling_frequency: float | None, muscles: Mapping[str, str] | None, unit: str | None
) -> Recording:
    """Return the recording in an XDF file; parameters as in :func:`emgorder.read_recording`.

    The streams of type EMG are read (or those whose channels `muscles` names, as ``channel`` or ``stream/channel``),
    with times moved onto the recorder's clock. Several streams are brought onto one time base; how well their time
    stamps agree is in ``clock``, unless both muscles of a side are channels of one stream. Streams of markers become
    events.

    Raises
    ------
    RecordingError
        It is no XDF file, no stream can be told to be EMG, or a stream has no samples.
    MissingExtraError
        pyxdf is not installed.
    """
    remarks = Remarks(path.name)
    streams, begun = read_xdf_streams(path, remarks)
    chosen = _chosen(streams, muscles, path, remarks)
    laid = [_lay(stream, columns, len(chosen) > 1, path, remarks) for stream, columns in chosen]
    laid = _told_apart(laid)
    sidecar = read_sidecar(path, remarks)
    fits: list[ClockFit] = []
    if len(laid) == 1:
        only = laid[0]
        values, grid, start_s = only.stream.values[:, only.columns], only.grid, only.start_s
        rate_Hz = vendor_rate(grid.sampling_frequency, sampling_frequency, sidecar, path, remarks)
    else:
        fits = [_clock(each) for each in laid]
        _check_overlap(laid, fits, path)
        values, rate_Hz, start_s = _together(laid, fits, sampling_frequency)
        every = np.arange(values.shape[0])
        grid = Grid(rate_Hz, every, every, every.size)
        remarks.note(
            "several streams",
            f"{len(laid)} streams on one time base of {rate_Hz:.10g} Hz: "
            + ", ".join(f"{each.stream.name} ({each.grid.sampling_frequency:.6g} Hz)" for each in laid),
        )
    headers = [header for each in laid for header in each.headers]
    recording = build_recording(
        values,
        np.arange(1, values.shape[0] + 1),
        grid,
        headers if unit is None else [replace(header, unit="") for header in headers],
        sampling_frequency=rate_Hz,
        sidecar=sidecar,
        events=_events(streams, [each.stream for each in laid], start_s),
        muscles=muscles,
        unit=unit,
        path=path,
        remarks=remarks,
        meta={**_meta(laid, fits), **({"RecordingStarted": begun} if begun else {})},
    )
    if len(laid) > 1 and sidecar.clock is None:
        recording = replace(recording, clock=_agreement(laid, fits, recording.channels, remarks))
        recording = replace(recording, notes=tuple(dict.fromkeys(sidecar.notes + remarks.texts())))
    remarks.emit(stacklevel=CALLER)
    return recording


def _chosen(
    streams: Sequence[XdfStream], muscles: Mapping[str, str] | None, path: Path, remarks: Remarks
) -> list[tuple[XdfStream, tuple[int, ...]]]:
    """Return the streams to read with the columns of each."""
    numbers = [s for s in streams if s.has_numbers]
    known = "; ".join(f"{s.name} (type {s.kind or 'unknown'}: {', '.join(s.labels[:8])})" for s in numbers)
    emg = [s for s in numbers if _EMG.fullmatch(s.kind)]
    if muscles:
        wanted = {str(label).lower() for label in muscles.values()}
        naming = [s for s in numbers if wanted & {n for label in s.labels for n in _names(s, label)}]
        emg = [s for s in naming if s in emg] or naming or emg
    if not emg:
        emg = [s for s in numbers if any(_EMG.fullmatch(kind) for kind in s.kinds)]
    regular = [s for s in numbers if not _MARKERS.match(s.kind)]
    if not emg and len(regular) == 1:
        emg = regular
        remarks.note("no type", f"no stream of type EMG: {shown(emg[0].name)} taken, the only one of signals")
    if not emg:
        raise RecordingError(
            f"no stream of type EMG among {known}: name the channels, muscles={{'GMAX': 'stream/channel', ...}} "
            "(command line: --muscles GMAX=stream/channel,BF=stream/channel)"
            if known
            else "no stream holds samples: was the device streaming? Record again",
            path=path,
        )
    left = [s.name for s in numbers if s not in emg and not _MARKERS.match(s.kind)]
    if left:
        remarks.note("other streams", f"streams that are no EMG left out: {shown(', '.join(left))}")
    return [(s, _emg_columns(s, muscles, remarks)) for s in emg]


def _names(stream: XdfStream, label: str) -> tuple[str, str]:
    return label.lower(), f"{stream.name}/{label}".lower()


def _emg_columns(stream: XdfStream, muscles: Mapping[str, str] | None, remarks: Remarks) -> tuple[int, ...]:
    """Return the channels of a stream that are EMG, all where their types do not tell."""
    wanted = {str(label).lower() for label in (muscles or {}).values()}
    emg = tuple(
        i
        for i, (kind, label) in enumerate(zip(stream.kinds, stream.labels, strict=True))
        if _EMG.fullmatch(kind) or wanted & set(_names(stream, label))
    )
    if not any(_EMG.fullmatch(kind) for kind in stream.kinds):
        return tuple(range(len(stream.labels)))
    left = [label for i, label in enumerate(stream.labels) if i not in emg]
    if left:
        remarks.note("other channels", f"channels of {shown(stream.name)} that are no EMG: {shown(', '.join(left))}")
    return emg


def _lay(stream: XdfStream, columns: tuple[int, ...], several: bool, path: Path, remarks: Remarks) -> _Laid:
    column = f"{stream.name} time stamps" if several else "time stamps"
    origin_s = float(np.nanmin(stream.time_s)) if np.isfinite(stream.time_s).any() else 0.0
    grid = grid_of_stamps(stream.time_s - origin_s, stream.rate_Hz, column, path, remarks)
    if not stream.rate_Hz:
        remarks.note(
            "irregular",
            f"the stream names no rate: its time stamps tell {grid.sampling_frequency:.6g} Hz",
            column=stream.name,
        )
    start_s = float(np.median(stream.time_s[grid.kept] - grid.index / grid.sampling_frequency))
    headers = tuple(_header(stream, i) for i in columns)
    return _Laid(stream, columns, headers, grid, start_s)


def _header(stream: XdfStream, column: int) -> Header:
    label = stream.labels[column]
    unit = signal_unit(stream.units[column]) or parse_header(label, 1).unit
    return Header(f"{stream.name}/{label}", label, unit if unit in ("V", "mV", "uV", "nV", "au") else "", "signal")


def _told_apart(laid: list[_Laid]) -> list[_Laid]:
    """Return the streams with their names before the labels that occur in several."""
    labels = [header.label for each in laid for header in each.headers]
    return [
        replace(
            each,
            headers=tuple(
                replace(h, label=f"{each.stream.name} {h.label}"[:64])
                if labels.count(h.label) > 1 and len(laid) > 1
                else h
                for h in each.headers
            ),
        )
        for each in laid
    ]


def _clock(laid: _Laid) -> ClockFit:
    """Return the map from rows to the recorder's clock: stamps are late where they err."""
    return fit_clock(
        laid.grid.index,
        laid.stream.time_s[laid.grid.kept],
        nominal_Hz=laid.grid.sampling_frequency,
        tolerance_ppm=_TOLERANCE_PPM,
        interval_s=0.0,
    )


def _check_overlap(laid: Sequence[_Laid], fits: Sequence[ClockFit], path: Path) -> None:
    """Refuse streams that did not run at one time: most of their common time base would be empty."""
    spans = [fit.time_s(each.grid.index[[0, -1]]) for each, fit in zip(laid, fits, strict=True)]
    latest_start, first_stop = max(float(s[0]) for s in spans), min(float(s[1]) for s in spans)
    if latest_start >= first_stop:
        apart = " and ".join(shown(each.stream.name) for each in laid)
        raise RecordingError(
            f"{apart} do not run at one time ({latest_start - first_stop:.3g} s lie between): were their clocks "
            "compared? Name the muscles of one stream, muscles={'GMAX': 'stream/channel', ...}",
            path=path,
        )


def _together(
    laid: Sequence[_Laid], fits: Sequence[ClockFit], sampling_frequency: float | None
) -> tuple[FloatArray, float, float]:
    parts = [
        Stream(each.grid.index, each.stream.values[each.grid.kept][:, each.columns], fit)
        for each, fit in zip(laid, fits, strict=True)
    ]
    aligned = resample_streams(parts, sampling_frequency)
    return aligned.data, aligned.sampling_frequency, aligned.start_s


def _agreement(laid: Sequence[_Laid], fits: Sequence[ClockFit], channels: Sequence[Channel], remarks: Remarks) -> Sync:
    """Return how the clocks of glutes and hamstrings agree: the worst pair of streams on one side."""
    owners = [i for i, each in enumerate(laid) for _ in each.columns]
    roles = [MUSCLES[c.target_muscle].role if c.target_muscle in MUSCLES else "other" for c in channels]
    glutes = [i for i, role in enumerate(roles) if role == "glute"]
    hamstrings = [i for i, role in enumerate(roles) if role == "hamstring"]
    pairs = {
        (owners[g], owners[h])
        for g in glutes
        for h in hamstrings
        if channels[g].side == channels[h].side or not channels[g].side or not channels[h].side
    } or {(a, b) for a in range(len(laid)) for b in range(a + 1, len(laid))}
    pairs = {(a, b) for a, b in pairs if a != b}
    if not pairs:
        return Sync()
    hosts = {laid[i].stream.host for pair in pairs for i in pair}
    unclear = [laid[i].stream.name for pair in pairs for i in pair if not laid[i].stream.offsets]
    if unclear and (len(hosts) > 1 or "" in hosts):
        remarks.warn(
            "no clock offsets",
            f"no clock offsets for {shown(', '.join(dict.fromkeys(unclear)))}, which may come from another computer: "
            "nobody knows how the clocks agree, so there is no verdict; record with LabRecorder",
        )
        return Sync("unknown")
    sd_s = max(
        sync_uncertainty(fits[a], fits[b], method="none", same_model=_same_model(laid[a].stream, laid[b].stream))
        for a, b in pairs
    )
    remarks.note(
        "LSL clocks",
        f"the two muscles are in two streams, whose time stamps agree to {1e3 * sd_s:.1f} ms (standard uncertainty): "
        "nothing tells how long each device takes to deliver",
    )
    return Sync("LSL time stamps", 0.0, sd_s)


def _same_model(a: XdfStream, b: XdfStream) -> bool:
    return bool(a.description.get("model")) and a.description == b.description


def _events(streams: Sequence[XdfStream], read: Sequence[XdfStream], start_s: float) -> pd.DataFrame:
    rows: list[tuple[float, float, str]] = []
    for stream in streams:
        if stream in read:
            continue
        if stream.texts:
            found = zip(stream.time_s.tolist(), stream.texts, strict=False)
            rows += [(t - start_s, 0.0, text.strip()[:_LONGEST_NAME]) for t, text in found if text.strip()]
        elif _MARKERS.match(stream.kind) and not stream.rate_Hz:
            codes = zip(stream.time_s.tolist(), stream.values[:, 0].tolist(), strict=True)
            rows += [(t - start_s, 0.0, f"marker/{code:g}") for t, code in codes if code and np.isfinite(code)]
    rows = sorted((round(t, 6), d, name) for t, d, name in rows if np.isfinite(t))
    return pd.DataFrame(rows, columns=["onset", "duration", "trial_type"]) if rows else empty_events()


def _meta(laid: Sequence[_Laid], fits: Sequence[ClockFit]) -> dict[str, object]:
    """Return what is known of the devices, for the report's table of sensors."""
    first = laid[0].stream
    keys = {"manufacturer": "Manufacturer", "model": "ManufacturersModelName"}
    entries: list[dict[str, object]] = []
    for i, each in enumerate(laid):
        entry: dict[str, object] = {
            "id": each.stream.name,
            "kind": "xdf",
            "lost_samples": each.grid.n_samples - each.grid.index.size,
            "rate_Hz": round(each.grid.sampling_frequency, 5),
            "clock_offsets": each.stream.offsets,
        }
        if each.stream.rate_Hz:
            entry["nominal_rate_Hz"] = each.stream.rate_Hz
        if fits:
            entry |= {"rate_Hz": round(fits[i].rate_Hz, 5), "clock_sd_s": fits[i].sd_s}
        entries.append(entry)
    return {**{keys[key]: value for key, value in first.description.items()}, "Sensors": entries}
