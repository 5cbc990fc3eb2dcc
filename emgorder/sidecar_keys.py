"""Keys under which sidecars say who, how and with what: ours first, then those of BIDS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["DATE", "DEVICE", "INSTRUCTION", "PERSON", "POSTURE", "first_said"]

_TEXT_LIMIT = 1600  # characters of a value

PERSON = ("pseudonym", "participant_id")
DATE = ("RecordingStarted", "start_utc", "date", "acq_time")
POSTURE = ("posture", "BodyPosture")
INSTRUCTION = ("instruction", "Instructions")
DEVICE = ("Manufacturer", "ManufacturersModelName")
"""Maker and model belong together; of the others the first that is there counts."""


def first_said(meta: Mapping[str, Any], keys: Sequence[str]) -> str:
    """Return the first of these values that says something, as text; empty where none does.

    Examples
    --------
    >>> first_said({"instruction": None, "Instructions": " Lift. "}, INSTRUCTION)
    'Lift.'
    """
    texts = (str(meta[key])[:_TEXT_LIMIT].strip() for key in keys if meta.get(key) is not None)
    return next((text for text in texts if text), "")
