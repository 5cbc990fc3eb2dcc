"""What can be written at all, whatever the format."""

from __future__ import annotations

import math
from pathlib import Path
from typing import NoReturn

import numpy as np

from emgorder.errors import RecordingError
from emgorder.io.headers import PER_VOLT
from emgorder.io.remarks import shown
from emgorder.model import BoolArray, Channel, Recording

__all__ = ["check_writable", "refuse_infinite", "written_unit"]


def check_writable(recording: Recording, path: Path) -> None:
    """Check that a recording has finite samples (or lost ones) and finite events.

    Raises
    ------
    RecordingError
        It has none, or a sample is infinite in the unit it is written in; the message says where.
    """
    if recording.n_samples == 0 or not recording.channels:
        raise RecordingError(f"data of shape {recording.data.shape}: nothing to write, record again", path=path)
    for number, onset_s in enumerate(recording.events["onset"], start=1):
        if not math.isfinite(onset_s):
            raise RecordingError(f"onset of event {number} is {onset_s}: give seconds", path=path, column="event")
    per_volt = [PER_VOLT.get(written_unit(channel, path), 1.0) for channel in recording.channels]
    with np.errstate(over="ignore"):
        infinite = np.isinf(recording.data * per_volt)
    if infinite.any():
        _say_where(recording, infinite, path)


def refuse_infinite(recording: Recording) -> None:
    """Raise a `RecordingError` that says where, if a sample is infinite: other libraries' functions end in their own.

    Examples
    --------
    >>> refuse_infinite(Recording(np.array([[1.0], [np.inf]]), 1000.0, (Channel("GMAX_R"),)))
    Traceback (most recent call last):
    emgorder.errors.RecordingError: column GMAX_R: sample 1 is inf: NaN marks a lost sample
    """
    infinite = np.isinf(recording.data)
    if infinite.any():
        _say_where(recording, infinite, None)


def _say_where(recording: Recording, infinite: BoolArray, path: Path | None) -> NoReturn:
    row, column = np.argwhere(infinite)[0]
    raise RecordingError(
        f"sample {row} is {recording.data[row, column]}: NaN marks a lost sample",
        path=path,
        column=recording.channels[column].label,
    )


def written_unit(channel: Channel, path: Path) -> str:
    """Return the unit in which a channel is written.

    Raises
    ------
    RecordingError
        Its ``display_unit`` is none for volts.
    """
    if channel.unit == "a.u.":
        return "au"
    if channel.display_unit not in PER_VOLT:
        raise RecordingError(
            f"display_unit {shown(channel.display_unit)} of a channel in volts: give one of {', '.join(PER_VOLT)}",
            path=path,
            column=channel.label,
        )
    return channel.display_unit
