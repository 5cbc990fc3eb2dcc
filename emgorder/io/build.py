"""From columns of numbers on a grid to a recording: what all text files and foreign formats share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from emgorder.io.channels import name_channels
from emgorder.io.headers import Header
from emgorder.io.levels import check_level, with_true_rate
from emgorder.io.remarks import Remarks
from emgorder.io.sidecar import Sidecar
from emgorder.io.timebase import Grid
from emgorder.model import FloatArray, IntArray, Recording, Sync
from emgorder.model.parts import absurd

__all__ = ["CALLER", "build_recording"]

"""Beyond this in any unit no sensor reads, and squares would soon leave the range of floating point."""

CALLER = 3
"""Frames from `Remarks.emit` in a reader up to the caller of `read_recording`."""


def build_recording(
    values: FloatArray,
    rows: IntArray,
    grid: Grid,
    headers: Sequence[Header],
    *,
    sampling_frequency: float,
    sidecar: Sidecar,
    events: pd.DataFrame,
    muscles: Mapping[str, str] | None,
    unit: str | None,
    path: Path,
    remarks: Remarks,
    meta: Mapping[str, Any] | None = None,
    clock: Sync | None = None,
) -> Recording:
    """Return the recording that columns of numbers make.

    Parameters
    ----------
    values : ndarray, shape (n_rows, n_channels)
        As they stand in the file; NaN is a lost sample.
    rows : ndarray of int, shape (n_rows,)
        Line or sample numbers, for messages.
    grid : Grid
        Which row of the file is which row of the recording; rows between are lost samples.
    headers : sequence of Header
        Label and unit of each column.
    sampling_frequency : float
        Hz.
    sidecar : Sidecar
        What stands beside the file; its events, clock and keys go before `events`, `clock` and `meta`.
    events : DataFrame
        ``onset`` (s), ``duration`` (s), ``trial_type``.
    muscles, unit : optional
        As in :func:`emgorder.read_recording`.
    path : Path
        The file.
    remarks : Remarks
        Takes what was repaired; the caller emits it.
    meta : mapping, optional
        What the file says of device and session, BIDS key names.
    clock : Sync, optional
        How the clocks of the channels agree; one device where not given.

    Raises
    ------
    RecordingError
        `muscles` names a column that is not there.
    SettingsError
        `muscles` names no muscle, or `unit` is none.
    """
    channels, divisors = name_channels(headers, sidecar, muscles=muscles, unit=unit, path=path, remarks=remarks)
    values = _finite(values, rows, headers, remarks)
    data = np.full((grid.n_samples, len(headers)), np.nan)
    data[grid.index] = values[grid.kept] / divisors
    for channel, header, signal in zip(channels, headers, data.T, strict=True):
        check_level(header, signal, channel.unit, remarks)
    channels = [
        with_true_rate(channel, header, data[:, i], sampling_frequency, remarks)
        for i, (channel, header) in enumerate(zip(channels, headers, strict=True))
    ]
    return Recording(
        data=data,
        sampling_frequency=sampling_frequency,
        channels=tuple(channels),
        events=events if sidecar.events is None else sidecar.events,
        clock=sidecar.clock or clock or Sync(),
        meta=MappingProxyType({**(meta or {}), **sidecar.kept_meta()}),
        notes=tuple(dict.fromkeys(sidecar.notes + remarks.texts())),
        name=path.stem,
        truth=sidecar.truth,
    )


def _finite(values: FloatArray, rows: IntArray, headers: Sequence[Header], remarks: Remarks) -> FloatArray:
    """Return the values with infinite and absurd ones as lost samples."""
    lost, beyond = np.isnan(values), absurd(values)
    for which, kind, say, text in (
        (beyond, "infinite", remarks.warn, "an infinite value, or one beyond any sensor: read as a lost sample"),
        (lost, "lost", remarks.note, "a lost sample (empty or unreadable cell)"),
    ):
        places = np.argwhere(which)
        if places.size:
            row, i = places[0]
            say(kind, text, row=int(rows[row]), column=headers[i].text, more=len(places) - 1)
    return np.where(beyond, np.nan, values) if beyond.any() else values
