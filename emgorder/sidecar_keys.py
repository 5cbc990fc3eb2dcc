"""Keys under which sidecars say who, how and with what: ours first, then those of BIDS."""

from __future__ import annotations

__all__ = ["DATE", "DEVICE", "INSTRUCTION", "PERSON", "POSTURE"]

PERSON = ("pseudonym", "participant_id")
DATE = ("RecordingStarted", "start_utc", "date", "acq_time")
POSTURE = ("posture", "BodyPosture")
INSTRUCTION = ("instruction", "Instructions")
DEVICE = ("Manufacturer", "ManufacturersModelName")
"""Maker and model belong together; of the others the first that is there counts."""
