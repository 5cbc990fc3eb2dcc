"""The nouns: channels, recordings, onsets, lifts and what is said of them.

Inside the library signals are float64 arrays of shape ``(n_samples, n_channels)`` in volts (or in a channel's own
arbitrary units) and times are seconds from the first sample. A lost sample is NaN.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from emgorder.errors import RecordingError
from emgorder.recording_parts import (
    LONGEST_DELAY_S,
    check_events,
    check_instance,
    finite_number,
    one_of,
    samples,
    sampling_rate,
)

__all__ = [
    "BoolArray",
    "Channel",
    "Finding",
    "FloatArray",
    "IntArray",
    "Lift",
    "LiftOrder",
    "LiftResult",
    "MuscleLift",
    "Onset",
    "Posterior",
    "Recording",
    "Rise",
    "Severity",
    "Side",
    "SideResult",
    "StartFits",
    "Sync",
    "Trace",
    "Verdict",
    "empty_events",
]

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.intp]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
Side: TypeAlias = Literal["R", "L", ""]
Verdict: TypeAlias = Literal["glute first", "hamstring first", "together", "cannot tell"]
Severity: TypeAlias = Literal["info", "attention", "stop"]

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

    ``offset_s`` is the glute's clock minus the hamstring's clock; it is subtracted from the glute's times.
    ``sd_s`` is the standard uncertainty that remains. The method ``"unknown"`` says that nobody knows when the samples
    of the two were taken relative to each other: a session of such clocks has no verdict.
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


def _row_of(what: str, values: Any, kind: type) -> tuple[Any, ...]:
    """Return `values` as a tuple, each of them of `kind`."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise RecordingError(f"{what} are {values!r:.40}: give a tuple of {kind.__name__}")
    row = tuple(values)
    for value in row:
        check_instance(f"one of {what}", value, kind, f"give {kind.__name__}s")
    return row


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
            object.__setattr__(self, what, _row_of(what, getattr(self, what), kind))
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
        """Return the column of the channel called `label`."""
        for i, c in enumerate(self.channels):
            if c.label == label:
                return i
        raise RecordingError(f"no channel {label!r}: there are {', '.join(c.label for c in self.channels) or 'none'}")

    def channel(self, label: str) -> FloatArray:
        """Return the signal of the channel called `label`, shape (n_samples,)."""
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


@dataclass(frozen=True, eq=False, slots=True)
class Posterior:
    """Probability density of a time or a difference of times on a uniform grid."""

    grid_s: FloatArray
    density: FloatArray  # per second; sums to 1 / step

    @property
    def step_s(self) -> float:
        """Distance of two grid points."""
        return float(self.grid_s[1] - self.grid_s[0]) if self.grid_s.size > 1 else 1.0

    def quantile(self, q: float) -> float:
        """Return the time below which the share `q` of the probability lies."""
        c = np.cumsum(self.density)
        return float(np.interp(q * c[-1], c - 0.5 * self.density, self.grid_s))

    @property
    def sd_s(self) -> float:
        """Standard deviation; with long tails it is more than the interval tells."""
        masses = self.density / self.density.sum()
        return float(np.sqrt(masses @ (self.grid_s - masses @ self.grid_s) ** 2))

    def shifted(self, by_s: float) -> Posterior:
        """Return the same density `by_s` seconds later."""
        return Posterior(self.grid_s + by_s, self.density)


@dataclass(frozen=True, eq=False, slots=True)
class StartFits:
    """How well rises of several kinds fit the beginning of one burst.

    Attributes
    ----------
    starts_s : ndarray, shape (n_starts,)
        Times at which each kind of rise was made to begin.
    fit : ndarray, shape (n_kinds, n_starts)
        Log likelihood of each kind of rise from each start, but for a constant.
    """

    starts_s: FloatArray
    fit: FloatArray

    def shifted(self, by_s: float) -> StartFits:
        """Return the same `by_s` seconds later."""
        return replace(self, starts_s=self.starts_s + by_s)


@dataclass(frozen=True, eq=False, slots=True)
class Rise:
    """What one burst says of how its muscle rises; kept until all lifts of a session were seen.

    Attributes
    ----------
    grid_s : ndarray, shape (n_times,)
        Times of the two masses.
    visible, excited : ndarray, shape (n_times,)
        Probability of where activity becomes visible, and of the first excitation as the onset network says.
    smooth : float
        How much, 0 to 1, the burst looks by itself like one that rises smoothly.
    levels, network : StartFits
        From levels of log power and from the start network; each has its own kinds of rise.
    """

    grid_s: FloatArray
    visible: FloatArray
    excited: FloatArray
    smooth: float
    levels: StartFits
    network: StartFits

    def shifted(self, by_s: float) -> Rise:
        """Return the same `by_s` seconds later."""
        return replace(
            self, grid_s=self.grid_s + by_s, levels=self.levels.shifted(by_s), network=self.network.shifted(by_s)
        )


@dataclass(frozen=True, eq=False, slots=True)
class Onset:
    """Start of one muscle burst, with how sure we are.

    Attributes
    ----------
    time_s : float
        Median of the posterior, or the point estimate of a method without one: where the rise began as far as it can
        be continued backwards into the noise, else where it becomes visible. NaN when there is no onset.
    low_s, high_s : float
        5 % and 95 % of the posterior; NaN for methods that have none.
    visible_s : float
        Where a reader would mark the first visible activity, where the method tells it apart.
    offset_s : float
        End of the burst, where it was looked for.
    offset_low_s, offset_high_s : float
        5 % and 95 % of the posterior of that end; NaN where ``offset_s`` is a rough edge.
    probability : float
        That there was a burst at all; NaN for methods that do not say.
    smooth : float
        How much, 0 to 1, the burst counts as one that rises smoothly out of a quiet rest, so that ``time_s`` is where
        the rise began; below one half ``time_s`` is where activity becomes visible, and the interval allows a little
        for a start before that. Over a session it is raised where nearly all other lifts of the muscle are smooth. 0
        where too little was recorded to tell; NaN for methods that do not tell.
    method : str
        Name in :func:`emgorder.onset_methods`.
    reason : str
        Why there is no onset, in words; empty when there is one.
    posterior : Posterior or None
        Density of ``time_s``.
    rise : Rise or None
        How well each kind of rise fits, from which a session learns what is usual for the muscle; results do not
        keep it.
    """

    time_s: float = _NAN
    low_s: float = _NAN
    high_s: float = _NAN
    visible_s: float = _NAN
    offset_s: float = _NAN
    probability: float = _NAN
    smooth: float = _NAN
    method: str = ""
    reason: str = ""
    posterior: Posterior | None = None
    offset_low_s: float = _NAN
    offset_high_s: float = _NAN
    rise: Rise | None = None

    @property
    def found(self) -> bool:
        """Whether there is an onset time."""
        return math.isfinite(self.time_s)

    def shifted(self, by_s: float) -> Onset:
        """Return the same onset `by_s` seconds later (NaN stays NaN)."""
        return replace(
            self,
            time_s=self.time_s + by_s,
            low_s=self.low_s + by_s,
            high_s=self.high_s + by_s,
            visible_s=self.visible_s + by_s,
            offset_s=self.offset_s + by_s,
            offset_low_s=self.offset_low_s + by_s,
            offset_high_s=self.offset_high_s + by_s,
            posterior=None if self.posterior is None else self.posterior.shifted(by_s),
            rise=None if self.rise is None else self.rise.shifted(by_s),
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark on the quality of a channel, in words, with what to do about it."""

    channel: str
    kind: str  # "snr", "mains", "clipping", "dropouts", "held", "drift", "ecg", "baseline", "envelope", "swapped", ...
    severity: Severity
    message: str
    remedy: str
    value: float = _NAN


@dataclass(frozen=True, slots=True)
class Lift:
    """A stretch of the recording that holds one lift: rest, onset, hold.

    ``number`` counts from 1 within the recording; onsets are looked for from ``start_s`` to ``stop_s``; ``cue_s`` is
    the tone, NaN when there was none.
    """

    number: int
    side: Side
    start_s: float
    stop_s: float
    cue_s: float = _NAN
    source: Literal["event", "activity"] = "activity"

    def shifted(self, by_s: float) -> Lift:
        """Return the same lift `by_s` seconds later."""
        return replace(self, start_s=self.start_s + by_s, stop_s=self.stop_s + by_s, cue_s=self.cue_s + by_s)


@dataclass(frozen=True, eq=False, slots=True)
class Trace:
    """What a figure needs of one channel around one lift, thinned to pixels.

    ``low`` and ``high`` are minimum and maximum of the band-passed signal in each step, ``envelope`` its causal
    envelope; all in the channel's unit; NaN in gaps. Step `i` covers ``start_s + i * step_s`` onwards.
    """

    start_s: float
    step_s: float
    low: FloatArray
    high: FloatArray
    envelope: FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class MuscleLift:
    """What one muscle did in one lift, amplitudes in its unit.

    ``rms`` and ``snr_dB`` are of the first second after the first onset of glute and hamstring. The activity is
    measured from that onset to ``LiftResult.hold_stop_s``: ``activity_rms`` and ``activity_peak_rms`` (of 250 ms)
    without the power of rest, ``activity_arv`` (average rectified value) as it is.
    """

    channel: str
    target_muscle: str
    unit: Literal["V", "a.u."]
    onset: Onset
    baseline_rms: float = _NAN
    rms: float = _NAN
    snr_dB: float = _NAN
    trace: Trace | None = None
    activity_rms: float = _NAN
    activity_arv: float = _NAN
    activity_peak_rms: float = _NAN


@dataclass(frozen=True, eq=False, slots=True)
class LiftOrder:
    """Who fired first in one lift. Differences are glute minus hamstring: positive means hamstring first.

    ``p_glute_first + p_together + p_hamstring_first = 1`` where the method has posteriors, else all are NaN.
    ``p_glute_earlier`` is the probability of the sign alone.
    """

    difference_s: float = _NAN
    low_s: float = _NAN
    high_s: float = _NAN
    p_glute_first: float = _NAN
    p_together: float = _NAN
    p_hamstring_first: float = _NAN
    p_glute_earlier: float = _NAN
    rope_s: float = 0.030
    sync_sd_s: float = 0.0
    posterior: Posterior | None = None


@dataclass(frozen=True, eq=False, slots=True)
class LiftResult:
    """One lift with its onsets and its order; an invalid lift keeps its row, with the reason.

    ``hold_stop_s`` ends the window in which activity is measured (:func:`emgorder.order.amplitude.hold_end`).
    """

    lift: Lift
    muscles: tuple[MuscleLift, ...]  # glute, hamstring, then extras
    order: LiftOrder
    valid: bool
    reason: str = ""
    provisional: bool = False

    def shifted(self, by_s: float) -> LiftResult:
        """Return the same lift with all its times `by_s` seconds later."""
        muscles = tuple(
            replace(
                muscle,
                onset=muscle.onset.shifted(by_s),
                trace=muscle.trace and replace(muscle.trace, start_s=muscle.trace.start_s + by_s),
            )
            for muscle in self.muscles
        )
        return replace(self, lift=self.lift.shifted(by_s), muscles=muscles)

    hold_stop_s: float = _NAN


@dataclass(frozen=True, eq=False, slots=True)
class SideResult:
    """The verdict for one side of one session.

    ``n_glute_first + n_together + n_hamstring_first = n_valid``, counted with the ROPE on each lift's difference.
    ``difference_s`` is the typical difference (posterior of the mean where there is one, else the median of the lifts).
    ``possible`` is False where the data cannot carry a verdict whatever the lifts say; ``reason`` tells why.
    """

    side: Side
    verdict: Verdict
    n_lifts: int
    n_valid: int
    n_glute_first: int
    n_together: int
    n_hamstring_first: int
    difference_s: float = _NAN
    low_s: float = _NAN
    high_s: float = _NAN
    p_glute_first: float = _NAN
    p_together: float = _NAN
    p_hamstring_first: float = _NAN
    p_glute_earlier: float = _NAN
    between_lift_sd_s: float = _NAN
    more_lifts: int | None = None
    leaning: Literal["glute first", "hamstring first", "together", ""] = ""
    reason: str = ""
    possible: bool = True
    rope_s: float = 0.030
    sync: Sync = field(default_factory=Sync)
    glute: str = "GMAX"
    hamstring: str = "BF"
    posterior: Posterior | None = None
