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
    """One remark on the quality of a channel, in words, with what to do about it.

    Attributes
    ----------
    channel : str
        Label.
    kind : str
        What was checked: ``snr``, ``mains``, ``clipping``, ``dropouts``, ``held``, ``drift``, ``ecg``, ``swapped``, ...
    severity : {"info", "attention", "stop"}
        ``stop`` refuses a verdict.
    message, remedy : str
        What is wrong, and what to do about it.
    value : float
        The number that `message` speaks of, in its unit; NaN where there is none.
    """

    channel: str
    kind: str
    severity: Severity
    message: str
    remedy: str
    value: float = _NAN


@dataclass(frozen=True, slots=True)
class Lift:
    """A stretch of the recording that holds one lift: rest, onset, hold.

    Attributes
    ----------
    number : int
        Counts from 1 within the recording.
    side : {"R", "L", ""}
        Leg that is lifted, empty when unknown.
    start_s, stop_s : float
        Onsets are looked for between these, seconds from the first sample of the recording.
    cue_s : float
        The tone; NaN when there was none.
    source : {"event", "activity"}
        Whether an event of the recording names the lift, or the muscles' activity shows it.
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

    Attributes
    ----------
    start_s, step_s : float
        Step `i` begins at ``start_s + i * step_s``, seconds from the first sample of the recording.
    low, high : ndarray, shape (n_steps,)
        Minimum and maximum of the band-passed signal in each step, in the channel's unit; NaN in gaps.
    envelope : ndarray, shape (n_steps,)
        Its causal envelope, likewise.
    """

    start_s: float
    step_s: float
    low: FloatArray
    high: FloatArray
    envelope: FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class MuscleLift:
    """What one muscle did in one lift. What could not be measured is NaN.

    The activity is measured from the ``movement`` event of the lift, or from the first onset of glute and hamstring
    where there is none, to ``LiftResult.hold_stop_s``.

    Attributes
    ----------
    channel, target_muscle : str
        Label of the channel and code of the muscle.
    unit : {"V", "a.u."}
        Of all amplitudes.
    onset : Onset
        Seconds from the first sample of the recording.
    baseline_rms : float
        RMS of the rest before the onset.
    rms, snr_dB : float
        RMS of the first second after the first onset of glute and hamstring, and how far that stands out of rest.
    trace : Trace or None
        For figures.
    activity_rms, activity_peak_rms : float
        RMS of the activity and the highest RMS of 250 ms within it, without the power of rest.
    activity_arv : float
        Average rectified value of the activity, rest included.
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

    Probabilities, interval and posterior need an onset method with posteriors; without one they are NaN and None.

    Attributes
    ----------
    difference_s : float
        Glute onset minus hamstring onset, clocks and known delays taken out.
    low_s, high_s : float
        5 % and 95 % of its posterior.
    p_glute_first, p_together, p_hamstring_first : float
        Probability that the glute leads by more than ``rope_s``, that neither does, and that the hamstring does; they
        sum to 1.
    p_glute_earlier : float
        Probability that the glute was earlier by however little.
    rope_s : float
        Differences up to this size count as together.
    sync_sd_s : float
        Standard uncertainty of the two clocks, which the interval includes.
    posterior : Posterior or None
        Density of ``difference_s``.
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

    Attributes
    ----------
    lift : Lift
        Where it is.
    muscles : tuple of MuscleLift
        Glute, hamstring, then further muscles.
    order : LiftOrder
        Who fired first.
    valid : bool
        Whether the lift counts.
    reason : str
        Why it does not, in words; empty when it does.
    provisional : bool
        Whether it was said while the recording still ran.
    hold_stop_s : float
        End of the window in which activity is measured (:func:`emgorder.order.amplitude.hold_end`), seconds from the
        first sample of the recording; NaN without an onset.
    """

    lift: Lift
    muscles: tuple[MuscleLift, ...]
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
    """The verdict for one side of one session. Differences are glute minus hamstring: positive means hamstring first.

    Attributes
    ----------
    side : {"R", "L", ""}
        Leg, empty when unknown.
    verdict : {"glute first", "hamstring first", "together", "cannot tell"}
        What has a probability of .90 or more, else ``cannot tell``.
    n_lifts, n_valid : int
        Lifts of this side, and those of them that count.
    n_glute_first, n_together, n_hamstring_first : int
        Valid lifts by the difference of each and the ROPE; they sum to ``n_valid``.
    difference_s : float
        The typical difference: median of its posterior where there is one, else of the lifts.
    low_s, high_s : float
        5 % and 95 % of its posterior.
    p_glute_first, p_together, p_hamstring_first, p_glute_earlier : float
        As in :class:`LiftOrder`, of the typical difference; NaN where there is no posterior.
    between_lift_sd_s : float
        Standard deviation of the difference between lifts; without onset errors where there is a posterior.
    more_lifts : int or None
        Lifts that are still missing for a verdict, or that would probably settle one; None where neither is known.
    leaning : {"glute first", "hamstring first", "together", ""}
        With ``cannot tell``: what has a probability of .66 or more.
    reason : str
        Why there is no verdict, or why further lifts hardly help; empty where there is nothing to say.
    possible : bool
        False where these data cannot carry a verdict whatever the lifts say.
    rope_s : float
        Differences up to this size count as together.
    sync : Sync
        Agreement of the two muscles' clocks.
    glute, hamstring : str
        Codes of the muscles that were compared.
    posterior : Posterior or None
        Density of ``difference_s``, all errors included.
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
