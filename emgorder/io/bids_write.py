"""Recordings into a BIDS-EMG dataset, one after the other, without disturbing what is in it already."""

from __future__ import annotations

import json
import os
import re
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from emgorder.errors import EmgOrderWarning, RecordingError
from emgorder.files import lock_file, replace_files, why_not_written
from emgorder.io.bdf_write import bdf_chunks, start_of
from emgorder.io.bids_dataset import (
    PARTICIPANTS_JSON,
    SESSIONS_JSON,
    described,
    labelled_person,
    labelled_session,
    same_recording,
)
from emgorder.io.bids_json import fold_sidecar, unfold_sidecar
from emgorder.io.bids_names import safe_label
from emgorder.io.bids_tables import (
    CHANNEL_COLUMNS,
    NOT_KNOWN,
    Tsv,
    channel_rows,
    event_columns,
    event_rows,
    event_words,
    json_bytes,
    read_tsv,
    text_cell,
    tsv_bytes,
)
from emgorder.io.checks import written_unit
from emgorder.io.headers import tidy_labels
from emgorder.io.remarks import Remarks, shown
from emgorder.io.sidecar import load_object, parse_sidecar, sidecar_text
from emgorder.model import Recording
from emgorder.sidecar_keys import PERSON

__all__ = ["write_bids"]

_LONGEST_WAIT_S = 30.0
_UNNAMED_TASK = "unspecified"
_FILE = re.compile(r"^.{1,255}?\.(csv|tsv|txt|bdf|edf|emgj|json)(?=[,:] )")
_SIDE = {
    "side": {
        "Description": "Side of the body that the muscle is on",
        "Levels": {"right": "the person's right", "left": "the person's left"},
    }
}


def write_bids(
    recording: Recording,
    root: str | Path,
    *,
    subject: str | None = None,
    session: str | None = None,
    task: str | None = None,
    dates: bool = True,
    description: Mapping[str, Any] | None = None,
) -> Path:
    """Add a recording to a BIDS-EMG dataset, which is made where there is none.

    Files and keys follow BIDS 1.11.1 (doi:10.1038/sdata.2016.44): ``_emg.bdf`` (BDF+, as :func:`write_recording` writes
    it), ``_emg.json``, ``_channels.tsv`` and ``_events.tsv`` with the JSON of its columns, and rows in
    ``participants.tsv``, ``sessions.tsv`` and ``scans.tsv``. What the standard has no key for is kept under the key
    ``emgorder`` of ``_emg.json``, so reading gives all of it back. Positions of electrodes are not known, so there is
    no ``electrodes.tsv``. Rows, columns and files that others have added stay. Either everything is written, or the
    files are as they were; a second program that adds to the same dataset waits.

    Parameters
    ----------
    recording : Recording
        What to add.
    root : str or Path
        Folder of the dataset: one that is not there yet, an empty one, or a raw BIDS dataset.
    subject : str, optional
        Who it is of; by default the recording's pseudonym, which it replaces everywhere. Names that BIDS cannot hold
        get a label of letters and digits, never that of another person; ``participants.tsv`` says which is whose.
    session : str, optional
        Name of the visit. By default the session of the same day and person, else a new one.
    task : str, optional
        What was done; by default the recording's ``TaskName``.
    dates : bool
        Whether to keep when the recording was made.
    description : mapping, optional
        Keys of ``dataset_description.json`` (``Name``, ``Authors``, ``License``, ...) for a new dataset.

    Returns
    -------
    Path
        The BDF file. Where the same session of the person holds the very same samples and events already, that file:
        nothing is written.

    Raises
    ------
    RecordingError
        The recording cannot be written, nobody says whose it is, the folder holds other things, or a table in it
        cannot be read.

    Warns
    -----
    EmgOrderWarning
        The dataset holds these samples already, but says something else of them.

    Examples
    --------
    >>> import tempfile
    >>> from emgorder import read_bids, simulate_session
    >>> root = Path(tempfile.mkdtemp()) / "study"
    >>> path = write_bids(simulate_session(seed=1, n_lifts=1), root, subject="heron-12", session="first visit")
    >>> path.relative_to(root).as_posix()
    'sub-heron12/ses-firstvisit/emg/sub-heron12_ses-firstvisit_task-proneleglift_run-01_emg.bdf'
    >>> [recording.meta["TaskName"] for recording in read_bids(root)]
    ['prone leg lift']
    """
    root = Path(root)
    person = subject if subject is not None else _person(recording.meta)
    if person.strip() in ("", NOT_KNOWN):
        raise RecordingError("the recording has no pseudonym: say whose it is with subject= (--subject)", path=root)
    meta = {k: v for k, v in recording.meta.items() if dates or k != "RecordingStarted"}
    if subject is not None and subject != _person(meta):
        meta = {k: v for k, v in meta.items() if k not in PERSON} | {"pseudonym": subject}
    meta |= {"TaskName": task} if task else {}
    # notes begin with the name of a file, which may be that of a person
    notes = tuple(_FILE.sub("recording", note) for note in recording.notes)
    recording = replace(recording, meta=MappingProxyType(meta), notes=notes)
    chunks = list(bdf_chunks(recording, root))
    with _alone_in(root):
        return _add(recording, root, person.strip(), session, chunks, description or {})


def _person(meta: Mapping[str, Any]) -> str:
    return next((str(meta[key]) for key in PERSON if meta.get(key)), "")


@contextmanager
def _alone_in(root: Path) -> Iterator[None]:
    """Make the folder, and hold it against other programs that add to it; without what was made where that fails."""
    made = not root.exists()
    try:
        root.mkdir(exist_ok=True)
    except FileExistsError:
        raise RecordingError("is a file: give a folder for the dataset", path=root) from None
    except OSError as error:
        raise RecordingError(f"not written, {why_not_written(error)}", path=root) from error
    handle = os.open(root, os.O_RDONLY) if os.name == "posix" else None  # elsewhere a folder cannot be opened
    try:
        until = time.monotonic() + _LONGEST_WAIT_S
        while handle is not None and not lock_file(handle):
            if time.monotonic() > until:
                raise RecordingError("another program is adding to this dataset: try again when it is done", path=root)
            time.sleep(0.05)
        yield
    except BaseException:
        if made:
            with suppress(OSError):
                root.rmdir()
        raise
    finally:
        if handle is not None:
            os.close(handle)


def _add(
    recording: Recording,
    root: Path,
    person: str,
    session: str | None,
    chunks: list[bytes],
    description: Mapping[str, Any],
) -> Path:
    new = described(root, description)
    people = read_tsv(root / "participants.tsv")
    subject = labelled_person(people, person, root)
    folder = root / f"sub-{subject}"
    visits = read_tsv(folder / f"sub-{subject}_sessions.tsv")
    start = start_of(recording.meta)
    visit = labelled_session(visits, session, start, folder)
    stem = f"sub-{subject}_ses-{visit}"
    there = folder / f"ses-{visit}" / "emg"
    task_name = recording.meta.get("TaskName")
    task_name = task_name if isinstance(task_name, str) and task_name.strip() else _UNNAMED_TASK
    known = same_recording(folder if session is None else there, b"".join(chunks))
    if known is not None:
        _warn_of_differences(known, _described(recording, known, task_name)[0])
        return known
    base = f"{stem}_task-{safe_label(task_name) or _UNNAMED_TASK}"
    # by samples alone: what a killed program left without them is written over
    taken = [int(run) for path in there.glob(f"{base}_run-*_emg.?df") if (run := _run(path)).isdigit()]
    base = f"{base}_run-{1 + max(taken, default=0):02d}"
    bdf = there / f"{base}_emg.bdf"
    started = NOT_KNOWN if start is None else start.isoformat()
    scans = read_tsv(folder / f"ses-{visit}" / f"{stem}_scans.tsv")
    _put(scans, {"filename": f"emg/{bdf.name}", "acq_time": started})
    contents: dict[Path, list[bytes]] = {path: [data] for path, data in new.items()}
    if _put(people, {"participant_id": f"sub-{subject}", "pseudonym": text_cell(person)}):
        contents[root / "participants.tsv"] = [tsv_bytes(people)]
        contents |= _explained(root / "participants.json", PARTICIPANTS_JSON)
    if _put(visits, {"session_id": f"ses-{visit}", "acq_time": started, "session_name": text_cell(session)}):
        contents[folder / f"sub-{subject}_sessions.tsv"] = [tsv_bytes(visits)]
        contents |= _explained(folder / f"sub-{subject}_sessions.json", SESSIONS_JSON)
    contents |= _recording_files(recording, there / base, task_name)
    contents[bdf] = chunks
    contents[folder / f"ses-{visit}" / f"{stem}_scans.tsv"] = [tsv_bytes(scans)]
    _write(contents, there)
    return bdf


def _recording_files(recording: Recording, base: Path, task_name: str) -> dict[Path, list[bytes]]:
    """Return what stands beside the samples; `base` is the name without its suffix."""
    described, content, channels = _described(recording, base, task_name)
    # as they will be read from the JSON, so that the two agree
    found = parse_sidecar(content, base.name, Remarks(base.name)).events
    events = recording.events if found is None else found
    columns = event_columns(events)
    words = event_words([str(name) for name in events["trial_type"]], columns)
    files = {
        "emg.json": json_bytes(described),
        "channels.tsv": tsv_bytes(channels),
        "channels.json": json_bytes(_SIDE),
        "events.tsv": tsv_bytes(Tsv(columns, event_rows(events))),
        "events.json": json_bytes(words),
    }
    return {base.with_name(f"{base.name}_{suffix}"): [data] for suffix, data in files.items()}


def _described(recording: Recording, base: Path, task_name: str) -> tuple[dict[str, Any], dict[str, Any], Tsv]:
    """Return the content of ``_emg.json``, that of the sidecar as it is elsewhere, and the table of channels."""
    labels = tidy_labels([channel.label for channel in recording.channels])
    units = [written_unit(channel, base) for channel in recording.channels]
    content = json.loads(sidecar_text(recording, labels, units))
    channels = Tsv(list(CHANNEL_COLUMNS), [row for row in channel_rows(content) if row["name"] in labels])
    n_emg = sum(row["type"] == "EMG" for row in channels.rows)
    return fold_sidecar(content, task_name, n_emg), content, channels


def _warn_of_differences(known: Path, described: Mapping[str, Any]) -> None:
    """Say what the dataset has otherwise of a recording that it holds already."""
    new = unfold_sidecar(described)
    old = unfold_sidecar(load_object(known.with_suffix(".json"), Remarks(known.name)))
    keys = sorted({key for key in {*old, *new} if old.get(key) != new.get(key)} - {"Notes"})
    if keys:
        warnings.warn(
            f"{known}: is in the dataset already, with another {shown(', '.join(keys))}: left as it is; correct its "
            f"JSON and tables, or delete the files of this recording and add it again",
            EmgOrderWarning,
            stacklevel=4,
        )


def _run(path: Path) -> str:
    return path.name.partition("_run-")[2].partition("_")[0]


def _put(table: Tsv, row: Mapping[str, str]) -> bool:
    """Add a row unless one of the same first cell is there; further columns where the table has them not."""
    key = next(iter(row))
    if any(old.get(key) == row[key] for old in table.rows):
        return False
    table.columns.extend(column for column in row if column not in table.columns)
    table.rows.append(dict(row))
    return True


def _explained(path: Path, columns: Mapping[str, Any]) -> dict[Path, list[bytes]]:
    """Return the JSON of a table with our columns added; nothing where the last one, ours alone, is there already."""
    try:
        said = json.loads(path.read_bytes())
    except FileNotFoundError:
        said = {}
    except (OSError, ValueError, RecursionError) as error:
        raise RecordingError(f"cannot be read as JSON ({error}): correct it first", path=path) from error
    if not isinstance(said, dict):
        raise RecordingError("is no object: correct it first", path=path)
    return {} if list(columns)[-1] in said else {path: [json_bytes({**columns, **said})]}


def _write(contents: Mapping[Path, list[bytes]], folder: Path) -> None:
    """Write all files; folders that were made for them go again where that fails."""
    made = [f for f in (folder.parent.parent, folder.parent, folder) if not f.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_files(contents)
    except OSError as error:
        _remove(made)
        raise RecordingError(f"not written, {why_not_written(error)}", path=folder) from error
    except BaseException:
        _remove(made)
        raise


def _remove(folders: list[Path]) -> None:
    for folder in reversed(folders):
        with suppress(OSError):
            folder.rmdir()
