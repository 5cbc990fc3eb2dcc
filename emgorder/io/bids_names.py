"""Names of BIDS: labels that any file system holds, and files that say in their names what they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

__all__ = ["dataset_root", "entities", "is_bids_recording", "safe_label", "unused_label"]

_LONGEST = 32  # a name holds four labels, and file systems 255 characters
_RECORDING = re.compile(r"sub-[0-9a-zA-Z+]+(_[a-z]+-[0-9a-zA-Z+]+)*_emg\.(bdf|edf)")


def safe_label(text: str) -> str:
    """Return the letters and digits of a text, empty where there are none.

    Examples
    --------
    >>> safe_label("heron-12"), safe_label("../../Zoë µ"), safe_label("😀")
    ('heron12', 'Zoe', '')
    """
    plain = unicodedata.normalize("NFKD", text[:1000]).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^0-9A-Za-z]", "", plain)[:_LONGEST]


def unused_label(label: str, taken: Iterable[str]) -> str:
    """Return `label`, or with ``x2``, ``x3``, ... behind it where another is the same but for upper and lower case.

    Examples
    --------
    >>> unused_label("P1", ["p1", "P1x2"])
    'P1x3'
    """
    others = {other.casefold() for other in taken}
    candidate, number = label, 1
    while candidate.casefold() in others:
        number += 1
        candidate = f"{label}x{number}"
    return candidate


def entities(name: str) -> dict[str, str]:
    """Return what a name says of its file, without the suffix.

    Examples
    --------
    >>> entities("sub-01_task-lift_emg.json")
    {'sub': '01', 'task': 'lift'}
    """
    parts = name.split(".")[0].split("_")
    return dict(part.split("-", 1) for part in parts if "-" in part)


def is_bids_recording(path: Path) -> bool:
    """Whether a path is that of a recording in a BIDS dataset.

    Examples
    --------
    >>> is_bids_recording(Path("study/sub-01/emg/sub-01_task-lift_emg.bdf")), is_bids_recording(Path("session.bdf"))
    (True, False)
    """
    folder = path.absolute().parent
    return bool(_RECORDING.fullmatch(path.name)) and folder.name == "emg" and folder.parent.name[:4] in ("sub-", "ses-")


def dataset_root(recording: Path) -> Path:
    """Return the folder of the dataset that a recording is in, as far as its own path tells."""
    folder = recording.absolute().parent.parent  # above emg/
    return folder.parent if folder.name.startswith("sub-") else folder.parent.parent
