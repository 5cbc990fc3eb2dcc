"""What was recorded: channels on one time base, their events and how their clocks agree."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from emgorder.errors import RecordingError
from emgorder.model.arrays import FloatArray
from emgorder.model.parts import (
    LONGEST_DELAY_S,
    check_events,
    check_instance,
    finite_number,
    one_of,
    row_of,
    samples,
    sampling_rate,
)

__all__ = ["Channel", "Recording", "Side", "Sync", "empty_events"]

Side: TypeAlias = Literal["R", "L", ""]

_NAN = math.nan


def empty_events() -> pd.DataFrame:
    """Return an events table without rows: ``onset`` (s), ``duration`` (s), ``trial_type``."""
    return pd.DataFrame(
        {
            "onset": pd.Series(dtype="float64"),
            "duration": pd.Series(dtype="float64"),
            "trial_type": pd.Series(dtype="object"),
        }
    )


@dataclass(frozen=True, slots=True)
class Channel:
    """One column of a recording.

    Attributes
    ----------
    label : str
        Name of the column without its unit, for example ``GMAX_R``. 16 ASCII characters at most when written.
    target_muscle : str
        Code after :mod:`emgorder.muscles` (``GMAX``, ``BF``, ``ST``, ...), empty when unknown.
    side : {"R", "L", ""}
        Side of the body, empty when unknown.
    unit : {"V", "a.u."}
        Volts, or arbitrary units where the gain of the device is unknown.
    kind : {"raw", "envelope"}
        Whether the device sends the signal itself or an envelope of it.
    delay_s : float
        Known analog, group and multiplexer delay of this channel: subtracted before onsets are compared.
    true_rate_Hz : float
        Rate of new values where it is below the sampling frequency (held samples), NaN when it is the same.
    display_unit : str
        Unit of the file that the channel came from, for writing it back (``uV``, ``mV``, ``V``, ``au``).
    """

    label: str
    target_muscle: str = ""
    side: Side = ""
    unit: Literal["V", "a.u."] = "V"
    kind: Literal["raw", "envelope"] = "raw"
    delay_s: float = 0.0
    true_rate_Hz: float = _NAN
    display_unit: str = "uV"

    def __post_init__(self) -> None:
        """Check what is compared and computed with."""
        check_instance("label of a channel", self.label, str, "give a text")
        of_channel = f"of channel {self.label:.40}"
        one_of(f"side {of_channel}", self.side, ("R", "L", ""))
        one_of(f"unit {of_channel}", self.unit, ("V", "a.u."))
        one_of(f"kind {of_channel}", self.kind, ("raw", "envelope"))
        delay_s = finite_number(f"delay_s {of_channel}", self.delay_s, low=-LONGEST_DELAY_S, high=LONGEST_DELAY_S)
        object.__setattr__(self, "delay_s", delay_s)


@dataclass(frozen=True, slots=True)
class Sync:
    """How the clocks of two channels agree.

    Attributes
    ----------
    method : str
        How they were compared, in words. ``"unknown"`` says that nobody knows when the samples of the two were taken
        relative to each other: a session of such clocks has no verdict.
    offset_s : float
        The glute's clock minus the hamstring's; it is subtracted from the glute's times.
    sd_s : float
        Standard uncertainty that remains.
    """

    method: str = "same device"
    offset_s: float = 0.0
    sd_s: float = 0.0

    def __post_init__(self) -> None:
        """Check that both are seconds."""
        object.__setattr__(self, "offset_s", finite_number("offset_s of the clocks", self.offset_s))
        object.__setattr__(self, "sd_s", finite_number("sd_s of the clocks", self.sd_s, low=0.0))

    @property
    def known(self) -> bool:
        """Whether offset and uncertainty say anything."""
        return self.method != "unknown"


@dataclass(frozen=True, eq=False)
class Recording:
    """Several channels on one time base.

    Attributes
    ----------
    data : ndarray of float64, shape (n_samples, n_channels)
        Volts, or arbitrary units where ``channels[i].unit`` says so. NaN is a lost sample.
    sampling_frequency : float
        Hz.
    channels : tuple of Channel
        One a column.
    events : DataFrame
        ``onset`` and ``duration`` in seconds from the first sample, ``trial_type`` (``lift/R``, ``tap``, ...).
    clock : Sync
        Agreement of the clocks of the two compared muscles.
    meta : mapping
        The rest of the sidecar, BIDS key names where one exists.
    notes : tuple of str
        What reading repaired or assumed, in words.
    name : str
        Stem of the file, or what the maker called it.
    truth : DataFrame or None
        True onsets of a simulation (:func:`emgorder.simulate_session`); None for what was really recorded.

    Raises
    ------
    RecordingError
        Shape of `data` and number of channels do not fit, the sampling frequency is not positive, or two channels have
        one label.

    Examples
    --------
    >>> recording = Recording(np.zeros((500, 2)), 1000.0, (Channel("GMAX_R", "GMAX", "R"), Channel("BF_R", "BF", "R")))
    >>> recording.duration_s, recording.find("BF", "R")
    (0.5, 1)
    """

    data: FloatArray
    sampling_frequency: float
    channels: tuple[Channel, ...]
    events: pd.DataFrame = field(default_factory=empty_events)
    clock: Sync = field(default_factory=Sync)
    meta: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    notes: tuple[str, ...] = ()
    name: str = ""
    truth: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        """Check every part; data and times become float64, the rows of channels and notes tuples."""
        object.__setattr__(self, "data", samples(self.data))
        object.__setattr__(self, "sampling_frequency", sampling_rate(self.sampling_frequency))
        object.__setattr__(self, "events", check_events(self.events))
        for what, kind in (("channels", Channel), ("notes", str)):
            object.__setattr__(self, what, row_of(what, getattr(self, what), kind))
        check_instance("clock", self.clock, Sync, "give an emgorder.Sync")
        check_instance("meta", self.meta, Mapping, "give a dict")
        check_instance("name", self.name, str, "give a text")
        if self.data.shape[1] != len(self.channels):
            raise RecordingError(
                f"data of shape {self.data.shape} does not fit {len(self.channels)} channels: "
                "give an array of shape (n_samples, n_channels)"
            )
        labels = [c.label for c in self.channels]
        if len(set(labels)) != len(labels):
            twice = sorted({x for x in labels if labels.count(x) > 1})
            raise RecordingError(f"channel labels {twice} occur more than once: rename the columns")

    def __getstate__(self) -> dict[str, Any]:
        """Return what copies and other processes get: a read-only view of a dict cannot be pickled."""
        return {**self.__dict__, "meta": dict(self.meta)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take it over, read-only again."""
        self.__dict__.update({**state, "meta": MappingProxyType(state["meta"])})

    @property
    def n_samples(self) -> int:
        """Number of rows of ``data``."""
        return int(self.data.shape[0])

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.n_samples / self.sampling_frequency

    def index(self, label: str) -> int:
        """Return the column of the channel called `label`; raise RecordingError without one."""
        for i, c in enumerate(self.channels):
            if c.label == label:
                return i
        raise RecordingError(f"no channel {label!r}: there are {', '.join(c.label for c in self.channels) or 'none'}")

    def channel(self, label: str) -> FloatArray:
        """Return the signal of the channel called `label`, shape (n_samples,); raise RecordingError without one."""
        return self.data[:, self.index(label)]

    def find(self, target_muscle: str, side: Side = "") -> int | None:
        """Return the column of a muscle on a side (a channel without a side serves both), or None."""
        fitting = [i for i, c in enumerate(self.channels) if c.target_muscle == target_muscle]
        exact = [i for i in fitting if self.channels[i].side == side]
        loose = [i for i in fitting if not side or not self.channels[i].side]
        return next(iter(exact + loose), None)

    def to_frame(self) -> pd.DataFrame:
        """Return a table with ``time_s`` and a column a channel, in the units of ``data``."""
        frame = pd.DataFrame(self.data, columns=[c.label for c in self.channels])
        frame.insert(0, "time_s", np.arange(self.n_samples) / self.sampling_frequency)
        return frame

    def to_mne(self) -> Any:
        """Return an ``mne.io.RawArray`` with channels of type emg; see :func:`emgorder.io.mne.to_mne`."""
        from emgorder.io.mne import to_mne

        return to_mne(self)

    def to_neurokit(self, result: Any = None) -> pd.DataFrame:
        """Return what NeuroKit2 makes of each channel; see :func:`emgorder.io.neurokit.to_neurokit`."""
        from emgorder.io.neurokit import to_neurokit

        return to_neurokit(self, result)
