"""Recordings out of a BIDS-EMG dataset, whoever wrote it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from emgorder.errors import RecordingError
from emgorder.files import is_folder
from emgorder.io.bdf_read import read_edf, read_edf_with
from emgorder.io.bids_inherited import keys_for, table_for
from emgorder.io.bids_names import entities, is_bids_recording
from emgorder.io.bids_tables import channel_rows, event_rows, events_from_rows, read_tsv, text_of
from emgorder.io.remarks import Remarks
from emgorder.io.sidecar import Sidecar, load_object, parse_sidecar
from emgorder.model import Recording
from emgorder.sidecar_keys import PERSON

__all__ = ["bids_files", "read_bids", "read_edf_or_bids"]

_CALLER = 3  # frames from Remarks.emit up to the caller of read_recording


def bids_files(
    root: str | Path, *, subject: str | None = None, session: str | None = None, task: str | None = None
) -> list[Path]:
    """Return the EMG recordings of a BIDS dataset, in order of their names.

    Parameters
    ----------
    root : str or Path
        Folder of the dataset.
    subject, session, task : str, optional
        Labels, with or without ``sub-``, ``ses-`` and ``task-``: only these.

    Returns
    -------
    list of Path
        Each can be read with :func:`emgorder.read_recording`.

    Raises
    ------
    RecordingError
        There is no such folder.

    Examples
    --------
    >>> import tempfile
    >>> from emgorder import simulate_session, write_bids
    >>> root = Path(tempfile.mkdtemp())
    >>> for person in ("heron-12", "otter-7"):
    ...     _ = write_bids(simulate_session(seed=1, n_lifts=1), root, subject=person)
    >>> [path.name[:11] for path in bids_files(root)], len(bids_files(root, subject="sub-otter7"))
    (['sub-heron12', 'sub-otter7_'], 1)
    """
    root = Path(root)
    if not is_folder(root):
        raise RecordingError("is no folder: give that of a BIDS dataset", path=root)
    wanted = {"sub": subject, "ses": session, "task": task}
    labels = {key: text.removeprefix(f"{key}-") for key, text in wanted.items() if text is not None}
    found = [path for pattern in ("sub-*/emg/*", "sub-*/ses-*/emg/*") for path in root.glob(pattern)]
    return sorted(
        path
        for path in found
        if is_bids_recording(path) and all(entities(path.name).get(k) == label for k, label in labels.items())
    )


def read_bids(
    root: str | Path, *, subject: str | None = None, session: str | None = None, task: str | None = None
) -> Iterator[Recording]:
    """Read the EMG recordings of a BIDS dataset one after the other.

    Keys of ``_emg.json`` are those of the recording's ``meta``, inherited from folders above where the standard has it
    so; muscles, sides and units are those of ``_channels.tsv``, events those of ``_events.tsv``. A dataset that
    :func:`write_bids` wrote comes back with all that was known of its recordings, and with what was corrected in
    its tables and keys since.

    Parameters
    ----------
    root, subject, session, task
        As in :func:`bids_files`.

    Yields
    ------
    Recording
        One at a time, so memory does not grow with the dataset.

    Raises
    ------
    RecordingError
        There is no such folder, or a recording cannot be read; read the paths of :func:`bids_files` one by one to go
        on after such a file.

    Examples
    --------
    >>> import tempfile
    >>> from emgorder import simulate_session, write_bids
    >>> root = Path(tempfile.mkdtemp())
    >>> _ = write_bids(simulate_session(seed=1, n_lifts=1), root, subject="heron-12")
    >>> [[channel.label for channel in recording.channels] for recording in read_bids(root)]
    [['GMAX_R', 'BF_R']]
    """
    for path in bids_files(root, subject=subject, session=session, task=task):
        yield read_edf_or_bids(path)


def read_edf_or_bids(
    path: Path,
    *,
    sampling_frequency: float | None = None,
    muscles: Mapping[str, str] | None = None,
    unit: str | None = None,
) -> Recording:
    """Read an EDF or BDF file, with all that a BIDS dataset around it says; parameters as in `read_recording`."""
    if not is_bids_recording(path):
        return read_edf(path, sampling_frequency=sampling_frequency, muscles=muscles, unit=unit, callers=_CALLER + 1)
    remarks = Remarks(path.name)
    content = _metadata(path, remarks)
    content = _with_channels(content, table_for(path, "channels.tsv"))
    events = _events(table_for(path, "events.tsv"), content, remarks)
    sidecar: Sidecar = parse_sidecar(content, path.with_suffix(".json").name, remarks)
    recording = read_edf_with(
        path,
        replace(sidecar, events=None) if events is not None else sidecar,
        remarks,
        sampling_frequency=sampling_frequency,
        muscles=muscles,
        unit=unit,
    )
    meta = dict(recording.meta)
    if not any(key in meta for key in PERSON):
        meta["participant_id"] = f"sub-{entities(path.name)['sub']}"
    remarks.emit(stacklevel=_CALLER)
    return replace(recording, meta=MappingProxyType(meta), events=recording.events if events is None else events)


def _metadata(path: Path, remarks: Remarks) -> dict[str, Any]:
    """Return the keys that hold for a recording, the nearest file's last."""
    content: dict[str, Any] = {}
    for file in keys_for(path):
        content |= load_object(file, remarks)
    return content


def _with_channels(content: dict[str, Any], path: Path | None) -> dict[str, Any]:
    """Return the keys with what the table of channels says otherwise."""
    if path is None:
        return content
    said = content.get("Channels")
    known = {k: dict(v) for k, v in said.items() if isinstance(v, Mapping)} if isinstance(said, Mapping) else {}
    expected = {row["name"]: row for row in channel_rows({**content, "Channels": known})}
    for row in read_tsv(path).rows:
        name, was = text_of(row.get("name", "")), expected.get(row.get("name", ""), {})
        changed = {k: text_of(v) for k, v in row.items() if k != "name" and was.get(k) != v and text_of(v)}
        entry = known.setdefault(name, {})
        for key, text in changed.items():
            if key == "side":
                entry["side"] = {"right": "R", "left": "L"}.get(text.lower(), text)
            elif key == "units":
                entry["units"] = "au" if text == "arbitrary" else text
            elif key not in ("sampling_frequency", "description") or not was:
                entry["file_rate_Hz" if key == "sampling_frequency" else key] = text
    return {**content, "Channels": known} if known else content


def _events(path: Path | None, content: Mapping[str, Any], remarks: Remarks) -> pd.DataFrame | None:
    """Return the events of the table, None where the keys say the same of them, or where there is no table."""
    if path is None:
        return None
    rows = read_tsv(path).rows
    in_keys = parse_sidecar({"Events": content.get("Events")}, path.name, Remarks(path.name)).events
    if in_keys is not None:
        if event_rows(in_keys) == rows:
            return None
        remarks.note("events edited", f"{path.name} says otherwise of the events than _emg.json: taken from it")
    return events_from_rows(rows, path)
