"""From columns of numbers on a grid to a recording: what all text files and foreign formats share."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from emgorder.held import hold_length
from emgorder.io.channels import name_channels
from emgorder.io.headers import Header
from emgorder.io.remarks import Remarks
from emgorder.io.sidecar import Sidecar
from emgorder.io.timebase import Grid
from emgorder.model import Channel, FloatArray, IntArray, Recording, Sync

__all__ = ["CALLER", "LARGEST_VALUE", "build_recording"]

LARGEST_VALUE = 1e30
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
        What stands beside the file; its clock goes before `clock`, its keys before `meta`.
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
        _check_level(header, signal, channel.unit, remarks)
    channels = [
        _with_true_rate(channel, header, data[:, i], sampling_frequency, remarks)
        for i, (channel, header) in enumerate(zip(channels, headers, strict=True))
    ]
    return Recording(
        data=data,
        sampling_frequency=sampling_frequency,
        channels=tuple(channels),
        events=events,
        clock=sidecar.clock or clock or Sync(),
        meta=MappingProxyType({**(meta or {}), **sidecar.kept_meta()}),
        notes=tuple(dict.fromkeys(sidecar.notes + remarks.texts())),
        name=path.stem,
        truth=sidecar.truth,
    )


def _finite(values: FloatArray, rows: IntArray, headers: Sequence[Header], remarks: Remarks) -> FloatArray:
    """Return the values with infinite and absurd ones as lost samples."""
    lost, absurd = np.isnan(values), np.abs(values) > LARGEST_VALUE
    for which, kind, say, text in (
        (absurd, "infinite", remarks.warn, "an infinite value, or one beyond any sensor: read as a lost sample"),
        (lost, "lost", remarks.note, "a lost sample (empty or unreadable cell)"),
    ):
        places = np.argwhere(which)
        if places.size:
            row, i = places[0]
            say(kind, text, row=int(rows[row]), column=headers[i].text, more=len(places) - 1)
    return np.where(absurd, np.nan, values) if absurd.any() else values


def _check_level(header: Header, signal: FloatArray, unit: str, remarks: Remarks) -> None:
    """Say when a channel carries no signal."""
    there = signal[np.isfinite(signal)]
    if not there.size:
        remarks.warn("no samples", "not one sample: is the sensor connected?", column=header.text)
    elif there.size > 1 and there.min() == there.max():
        remarks.warn("constant", f"every sample is {there[0]:.6g} {unit}: is the sensor connected?", column=header.text)


def _with_true_rate(
    channel: Channel, header: Header, signal: FloatArray, sampling_frequency: float, remarks: Remarks
) -> Channel:
    """Return the channel with the rate of its new values: as the sidecar says, else as they are held."""
    if math.isfinite(channel.true_rate_Hz):
        same = math.isclose(channel.true_rate_Hz, sampling_frequency, rel_tol=1e-9)
        return replace(channel, true_rate_Hz=math.nan) if same else channel
    hold = hold_length(signal)
    if hold == 1.0:
        return channel
    true_rate_Hz = sampling_frequency / hold
    remarks.warn(
        "held",
        f"values are held for {hold:.3g} rows: new ones come at {true_rate_Hz:.4g} Hz only, so no onset is finer "
        f"than {1e3 / true_rate_Hz:.3g} ms",
        column=header.text,
    )
    return replace(channel, true_rate_Hz=true_rate_Hz)
