"""MNE-Python's Raw objects, there and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from emgorder.errors import MissingExtraError, RecordingError
from emgorder.io.channels import check_muscles, name_channels
from emgorder.io.checks import refuse_infinite
from emgorder.io.gaps import GAP, GAPS, bridged, stretches
from emgorder.io.headers import PER_VOLT, Header, signal_unit
from emgorder.io.levels import check_level, with_true_rate
from emgorder.io.moments import UNKNOWN_START, moment_of
from emgorder.io.remarks import Remarks, counted, shown
from emgorder.io.sidecar import Sidecar, parse_sidecar, sidecar_text
from emgorder.json_text import load_json
from emgorder.model import BoolArray, FloatArray, Recording, Sync, empty_events

__all__ = ["from_mne", "to_mne"]

_UNIT_NONE = -1  # FIFF_UNIT_NONE
_SAME_TIME_s = 1e-5  # MNE keeps whole microseconds
_MAINS_Hz = (50.0, 60.0)
_FIRST_YEAR = 1970  # MNE counts seconds from there
_CALLER, _CALLER_OF_METHOD = 2, 4  # frames from Remarks.emit up to who calls from_mne, and Recording.to_mne


def to_mne(recording: Recording) -> Any:
    """Return a recording as ``mne.io.RawArray``.

    Channels are of type emg, in volts; channels in arbitrary units keep their numbers, and their unit in
    ``info["chs"]`` is none. MNE's filters take no NaN: lost samples are bridged by a straight line and annotated
    ``BAD_gap`` (with the channel's name where others have samples there), so that epochs over them are rejected. Events
    are annotations, the start is ``info["meas_date"]`` (one without a time zone is taken as UTC), the mains frequency
    ``info["line_freq"]``. What MNE has no place for (muscles, sides, clock, notes, sidecar) is in
    ``info["description"]`` as JSON, from which :func:`from_mne` restores it.

    Parameters
    ----------
    recording : Recording
        What to hand over.

    Returns
    -------
    mne.io.RawArray
        The same samples.

    Raises
    ------
    RecordingError
        There are no samples, a sample is infinite, or ``meta`` holds what JSON cannot.
    MissingExtraError
        MNE is not installed.

    Warns
    -----
    EmgOrderWarning
        Events lie outside the samples and are left out.

    Examples
    --------
    >>> from emgorder.model import Channel
    >>> recording = Recording(np.array([[1e-6], [np.nan], [3e-6]]), 1000.0, (Channel("GMAX_R", "GMAX", "R"),))
    >>> raw = to_mne(recording)
    >>> raw.get_channel_types(), raw.annotations.description.tolist()
    (['emg'], ['BAD_gap'])
    """
    try:
        import mne
    except ImportError as error:
        raise MissingExtraError("mne", "bids") from error
    if recording.n_samples == 0 or not recording.channels:
        raise RecordingError(f"data of shape {recording.data.shape}: nothing to hand over, record again")
    refuse_infinite(recording)
    labels = [channel.label for channel in recording.channels]
    info = mne.create_info(labels, recording.sampling_frequency, "emg")
    units = [channel.display_unit for channel in recording.channels]
    info["description"] = sidecar_text(recording, labels, units)
    for entry, channel in zip(info["chs"], recording.channels, strict=True):
        if channel.unit != "V":
            entry["unit"] = _UNIT_NONE
    data = np.array([bridged(signal) for signal in recording.data.T])
    raw = mne.io.RawArray(data, info, copy="both", verbose="error")
    raw.set_meas_date(_start_in_utc(recording.meta))
    if (mains_Hz := recording.meta.get("PowerLineFrequency")) in _MAINS_Hz:
        raw.info["line_freq"] = float(mains_Hz)
    raw.set_annotations(mne.Annotations(**_annotations(recording)), verbose="error")
    return raw


def _start_in_utc(meta: Mapping[str, Any]) -> datetime | None:
    """Return when a recording began, None where nobody knows, or where MNE cannot hold it."""
    start = moment_of(meta)
    if start is None:
        return None
    start = start.replace(tzinfo=timezone.utc) if start.tzinfo is None else start.astimezone(timezone.utc)
    return start if start.year >= _FIRST_YEAR else None


def _annotations(recording: Recording) -> dict[str, Any]:
    """Return onsets, durations, descriptions and channel names."""
    rows: list[tuple[float, float, str, tuple[str, ...]]] = []
    lost = np.isnan(recording.data)
    everywhere: BoolArray = np.asarray(lost.all(axis=1))
    rate = recording.sampling_frequency
    rows += [(a / rate, (b - a) / rate, GAP, ()) for a, b in stretches(everywhere)]
    for i, channel in enumerate(recording.channels):
        rows += [(a / rate, (b - a) / rate, GAP, (channel.label,)) for a, b in stretches(lost[:, i] & ~everywhere)]
    remarks = Remarks(recording.name or "recording")
    events = zip(recording.events["onset"], recording.events["duration"], recording.events["trial_type"], strict=True)
    for number, (onset_s, duration_s, name) in enumerate(events, 1):
        if not 0 <= onset_s < recording.duration_s:
            remarks.warn(
                "outside", f"event {shown(name)} at {onset_s:g} s is outside the samples: left out", row=number
            )
            continue
        text = f"note {name}" if str(name) in GAPS else str(name)
        rows.append((float(onset_s), float(duration_s) if duration_s > 0 else 0.0, text, ()))
    remarks.emit(stacklevel=_CALLER_OF_METHOD)
    rows.sort(key=lambda row: row[0])
    onset, duration, description, ch_names = zip(*rows, strict=True) if rows else ((), (), (), ())
    return {"onset": onset, "duration": duration, "description": description, "ch_names": ch_names or None}


def from_mne(raw: Any, *, muscles: Mapping[str, str] | None = None) -> Recording:
    """Return the EMG channels of an MNE Raw object as a recording.

    Annotations become events, those called ``BAD_gap`` or ``BAD_ACQ_SKIP`` lost samples. What :func:`to_mne` left in
    ``info["description"]`` is restored; the start and the mains frequency are those of ``info``, the start moved on
    where the beginning was cropped.

    Parameters
    ----------
    raw : mne.io.BaseRaw
        With channels of type emg.
    muscles : mapping of str to str, optional
        Muscle to channel name, as in :func:`emgorder.read_recording`; channels of other types may be named too.

    Returns
    -------
    Recording
        Data in volts, as MNE holds them; channels without a unit in arbitrary units.

    Raises
    ------
    RecordingError
        It is no Raw object, has no channel of type emg or no samples, or `muscles` names a channel that is not there.
    SettingsError
        `muscles` names no muscle.

    Warns
    -----
    EmgOrderWarning
        Something was assumed, or channels are marked as bad.

    Examples
    --------
    >>> import mne
    >>> info = mne.create_info(["GMAX_R", "EEG 001"], 1000.0, ["emg", "eeg"])
    >>> recording = from_mne(mne.io.RawArray(np.eye(2, 10) * 1e-6, info, verbose="error"))
    >>> [(c.label, c.target_muscle, c.unit) for c in recording.channels]
    [('GMAX_R', 'GMAX', 'V')]
    """
    if not all(hasattr(raw, name) for name in ("info", "annotations", "first_samp", "get_channel_types", "n_times")):
        raise RecordingError(f"a {type(raw).__name__} is no Raw object of MNE: give mne.io.read_raw(...) or RawArray")
    check_muscles(muscles)
    name = Path(str((raw.filenames or (None,))[0] or "mne")).stem
    remarks = Remarks(name)
    picks = _picks(raw, muscles, remarks)
    if raw.n_times == 0:
        raise RecordingError("holds no samples", path=name)
    rate_Hz = float(raw.info["sfreq"])
    sidecar = _described(raw, name, remarks)
    headers = [_header(raw, i, sidecar) for i in picks]
    channels, _ = name_channels(
        headers, _of_channels(sidecar, headers), muscles=muscles, unit=None, path=Path(name), remarks=remarks
    )
    data = np.ascontiguousarray(raw.get_data(picks=picks).T)
    events = _take_annotations(raw, data, [channel.label for channel in channels], remarks)
    for channel, header, signal in zip(channels, headers, data.T, strict=True):
        check_level(header, signal, channel.unit, remarks)
    channels = [
        with_true_rate(channel, header, data[:, i], rate_Hz, remarks)
        for i, (channel, header) in enumerate(zip(channels, headers, strict=True))
    ]
    remarks.emit(stacklevel=_CALLER)
    same_length = raw.first_samp == 0 and sidecar.sampling_frequency == rate_Hz
    return Recording(
        data=data,
        sampling_frequency=rate_Hz,
        channels=tuple(channels),
        events=_with_more(events, sidecar, raw.n_times / rate_Hz) if same_length else events,
        clock=sidecar.clock or Sync(),
        meta=MappingProxyType(_meta(raw, sidecar)),
        notes=tuple(dict.fromkeys(sidecar.notes + remarks.texts())),
        name=name,
        truth=sidecar.truth if same_length else None,
    )


def _picks(raw: Any, muscles: Mapping[str, str] | None, remarks: Remarks) -> list[int]:
    kinds = raw.get_channel_types()
    wanted = {str(label).lower() for label in (muscles or {}).values()}
    picks = [
        i
        for i, (label, kind) in enumerate(zip(raw.ch_names, kinds, strict=True))
        if kind == "emg" or label.lower() in wanted
    ]
    if not picks:
        there = ", ".join(f"{label} ({kind})" for label, kind in zip(raw.ch_names[:8], kinds, strict=False))
        raise RecordingError(
            f"no channel of type emg among {there}: raw.set_channel_types({{'...': 'emg'}}), or name them with muscles="
        )
    if len(picks) < len(kinds):
        remarks.note("other types", f"{counted(len(kinds) - len(picks), 'channel')} of other types left out")
    for label in (raw.ch_names[i] for i in picks if raw.ch_names[i] in raw.info["bads"]):
        remarks.warn("bad channel", "marked as bad in MNE: read all the same", column=label)
    return picks


def _described(raw: Any, name: str, remarks: Remarks) -> Sidecar:
    """Return what :func:`to_mne` wrote, empty where somebody else made the object."""
    text = raw.info.get("description") or ""
    if not text.lstrip().startswith("{"):
        return Sidecar()
    try:
        content = load_json(text)
    except ValueError:
        return Sidecar()
    if not isinstance(content, dict) or "schema_version" not in content:
        return Sidecar()
    return parse_sidecar(content, f'info["description"] of {name}', remarks)


def _meta(raw: Any, sidecar: Sidecar) -> dict[str, Any]:
    """Return what was described, and what MNE has a place for where that says nothing, or something else by now."""
    meta = sidecar.kept_meta()
    date = raw.info["meas_date"]
    known = date is not None and date.replace(tzinfo=None) != UNKNOWN_START
    if known and (raw.first_samp > 0 or _start_in_utc(meta) != date):
        meta["RecordingStarted"] = (date + timedelta(seconds=float(raw.first_time))).isoformat()
    if raw.info["line_freq"] is not None:
        meta.setdefault("PowerLineFrequency", float(raw.info["line_freq"]))
    return meta


def _header(raw: Any, pick: int, sidecar: Sidecar) -> Header:
    """Return label and unit: that which the channel is written in, where it is one of volts as the samples are."""
    label = raw.ch_names[pick]
    if raw.info["chs"][pick]["unit"] == _UNIT_NONE:
        return Header(label, label, "au", "signal")
    said = sidecar.channels.get(label, {}).get("units")
    unit = signal_unit(said) if isinstance(said, str) else ""
    return Header(label, label, unit if unit in PER_VOLT else "V", "signal")


def _of_channels(sidecar: Sidecar, headers: Sequence[Header]) -> Sidecar:
    """Return the sidecar for the channels that are left: dropping some is no contradiction."""
    labels = {header.label for header in headers}
    return replace(sidecar, channels={k: v for k, v in sidecar.channels.items() if k in labels})


def _take_annotations(raw: Any, data: FloatArray, labels: Sequence[str], remarks: Remarks) -> pd.DataFrame:
    """Return the events, and put the gaps back into `data`."""
    rate, start_s = float(raw.info["sfreq"]), float(raw.first_time)
    rows = []
    for entry in raw.annotations:
        onset_s, duration_s = float(entry["onset"]) - start_s, float(entry["duration"])
        if entry["description"] in GAPS:
            only = entry.get("ch_names") or ()  # none stands for all
            first, stop = round(onset_s * rate), round((onset_s + duration_s) * rate)
            columns = [i for i, label in enumerate(labels) if label in only or not only]
            data[max(0, first) : max(0, stop), columns] = np.nan
            continue
        if entry["description"].lower().startswith("bad"):
            remarks.note("bad stretch", "a stretch is marked as bad in MNE: kept, as an event")
        rows.append((onset_s, duration_s, str(entry["description"])))
    return pd.DataFrame(rows, columns=["onset", "duration", "trial_type"]) if rows else empty_events()


def _with_more(events: pd.DataFrame, sidecar: Sidecar, duration_s: float) -> pd.DataFrame:
    """Return the events of the sidecar where they are the same, with digits and columns that annotations lack."""
    said = sidecar.events
    if said is None or len(said) != len(events):
        return events
    lasts_s = said["duration"].fillna(0.0).clip(lower=0.0, upper=duration_s - said["onset"])  # MNE cuts at the end
    key = ["onset", "duration", "trial_type"]
    expected, found = (table[key].sort_values(key) for table in (said.assign(duration=lasts_s), events))
    times = np.abs(expected[key[:2]].to_numpy(float) - found[key[:2]].to_numpy(float)) <= _SAME_TIME_s
    return said if times.all() and expected["trial_type"].tolist() == found["trial_type"].tolist() else events
