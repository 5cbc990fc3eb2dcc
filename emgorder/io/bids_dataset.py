"""What a BIDS dataset says of itself, of its people and of their visits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from emgorder.errors import RecordingError
from emgorder.io.bids_names import safe_label, unused_label
from emgorder.io.bids_tables import NOT_KNOWN, Tsv, json_bytes, text_of

__all__ = ["PARTICIPANTS_JSON", "SESSIONS_JSON", "described", "labelled_person", "labelled_session", "same_recording"]

BIDS_VERSION = "1.11.1"
PARTICIPANTS_JSON = {
    "participant_id": {"Description": "Label of the person in this dataset"},
    "pseudonym": {"Description": "Pseudonym under which the person was recorded"},
}
SESSIONS_JSON = {
    "session_id": {"Description": "Label of the visit in this dataset"},
    "session_name": {"Description": "Name of the visit as it was given"},
}
_README = """# {name}

Surface EMG in the Brain Imaging Data Structure (BIDS-EMG), written by emgorder.

- `sub-*/ses-*/emg/*_emg.bdf`: the samples as BDF+. Stretches without samples are filled with a straight line and
  annotated `BAD_gap`; `BAD_pad` fills the last record.
- `*_emg.json`: how it was recorded. Under the key `emgorder` stands what BIDS has no key for: delays and true rates of
  channels, and how well the clocks of several sensors agree.
- `*_channels.tsv`: muscle, side and unit of each channel. `*_events.tsv`: tones, lifts, taps and full efforts.
- `participants.tsv`: which label belongs to which pseudonym.

Add here who made the dataset, why, under which approval and consent, and how to cite it.
"""


def described(root: Path, description: Mapping[str, Any]) -> dict[Path, bytes]:
    """Return the files that say what a new dataset is; nothing for one that is there.

    Raises
    ------
    RecordingError
        The folder holds other things, or a dataset of results.
    """
    path = root / "dataset_description.json"
    if not path.exists():
        others = sorted(p.name for p in root.iterdir() if not p.name.startswith("."))
        if others:
            raise RecordingError(
                f"holds {others[0]!r} and no dataset_description.json: give an empty folder or a dataset",
                path=root,
            )
        said = {
            "Name": root.absolute().name or "EMG",
            "BIDSVersion": BIDS_VERSION,
            "DatasetType": "raw",
            **{str(k): v for k, v in description.items() if k not in ("BIDSVersion", "DatasetType")},
            "GeneratedBy": [{"Name": "emgorder", "Description": "Recorded or converted by emgorder"}],
        }
        try:
            text = json_bytes(said)
        except (TypeError, ValueError) as error:
            raise RecordingError(f"description cannot be written as JSON ({error})", path=path) from error
        return {path: text, root / "README.md": _README.format(name=said["Name"]).encode("utf-8")}
    try:
        there = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise RecordingError(f"cannot be read as JSON ({error}): correct it first", path=path) from error
    kind = there.get("DatasetType", "raw") if isinstance(there, dict) else None
    if kind != "raw":
        raise RecordingError(f"describes no raw dataset ({kind!r}): recordings go into a raw one", path=path)
    return {}


def labelled_person(people: Tsv, person: str, root: Path) -> str:
    """Return the label of a person: that in the table, else a new one that no other has."""
    for row in people.rows:
        label = row.get("participant_id", "").removeprefix("sub-")
        if text_of(row.get("pseudonym", "")) == person or ("pseudonym" not in row and label == person):
            return label
    taken = [row.get("participant_id", "").removeprefix("sub-") for row in people.rows]
    taken += [p.name.removeprefix("sub-") for p in root.glob("sub-*")]
    if safe_label(person) == person and person in taken and not _is_somebodys(people, person):
        return person  # a folder or row of another program that says nothing of pseudonyms
    return unused_label(safe_label(person) or "anon", taken)


def _is_somebodys(people: Tsv, label: str) -> bool:
    return any(row.get("participant_id") == f"sub-{label}" and text_of(row.get("pseudonym", "")) for row in people.rows)


def labelled_session(visits: Tsv, session: str | None, start: datetime | None, folder: Path) -> str:
    """Return the label of a visit: of that name, or of the same day, else a new one."""
    taken = [row.get("session_id", "").removeprefix("ses-") for row in visits.rows]
    taken += [p.name.removeprefix("ses-") for p in folder.glob("ses-*")]
    if session is None or session.strip() in ("", NOT_KNOWN):
        for row in visits.rows:
            if start is not None and row.get("acq_time", "")[:10] == start.date().isoformat():
                return row.get("session_id", "").removeprefix("ses-")
        number = 1
        while f"{number:02d}" in taken:
            number += 1
        return f"{number:02d}"
    for row in visits.rows:
        label = row.get("session_id", "").removeprefix("ses-")
        if text_of(row.get("session_name", "")) == session.strip():
            return label
    if safe_label(session) == session and session in taken:
        return session
    return unused_label(safe_label(session) or "visit", taken)


def same_recording(folder: Path, data: bytes) -> Path | None:
    """Return a recording below `folder` that holds just these bytes."""
    for path in sorted(folder.rglob("*_emg.bdf")):
        if path.stat().st_size == len(data) and path.read_bytes() == data:
            return path
    return None
