"""What is said of a recording: findings on its quality, lifts with their onsets and order, verdicts."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from emgorder.model.arrays import FloatArray
from emgorder.model.onset import Onset, Posterior
from emgorder.model.recording import Side, Sync

__all__ = [
    "Finding",
    "Lift",
    "LiftOrder",
    "LiftResult",
    "MuscleLift",
    "Severity",
    "SideResult",
    "Trace",
    "Verdict",
]

Verdict: TypeAlias = Literal["glute first", "hamstring first", "together", "cannot tell"]
Severity: TypeAlias = Literal["info", "attention", "stop"]

_NAN = math.nan


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
    hold_stop_s: float = _NAN

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
        return replace(self, lift=self.lift.shifted(by_s), muscles=muscles, hold_stop_s=self.hold_stop_s + by_s)


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
