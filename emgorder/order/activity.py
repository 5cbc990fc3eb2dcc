"""The activity level of muscles as a share of their full effort, and the ratio of two such shares.

EMG amplitude is excitation, not force, and the voltage of two muscles (or of one muscle under other electrodes) cannot
be compared: only shares of a full effort can.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from emgorder.model import MuscleLift, Side
from emgorder.order.logscale import LogEstimate, log_mean
from emgorder.order.reference import MvcReference
from emgorder.order.verdict import LEANING_FROM

__all__ = [
    "FEWEST_LIFTS",
    "NO_MVC",
    "ActivityRatio",
    "MuscleActivity",
    "activity_ratio",
    "muscle_activity",
    "paired_ratio",
]

FEWEST_LIFTS = 3  # below this their spread says nothing
FEWEST_FOR_VERDICT = 5  # as for the order of a side
HIGHER_FROM = 0.95  # a sign that is told has a 90 % interval without 1: there is no ROPE to keep it honest
LEAST_PERCENT = 1.0  # a lift takes tens of per cent: below this the reference is in another unit
SILENT_SHARE = 0.1  # of the lifts, whose burst is no larger than rest: with more the mean leaves out the small ones

NO_MVC = "Can't say which muscle worked harder: fat, electrode position and muscle size change the voltage. Do an MVC."
TOO_LOW = "reference too low: more than a full effort is not possible, so the full effort was not one"
SUBMAXIMAL = "the reference is not a full effort: it only tells how the same muscle changes. Do an MVC"
TOO_HIGH = "the full effort is more than a hundred times a lift: check its unit (volts RMS) and its channel"
ONE_TRIAL = "one full effort only, taken as known within some 10 %: three tell more"
FAINT = "too few bursts are larger than rest"

Higher = Literal["first", "second", ""]


@dataclass(frozen=True, slots=True)
class MuscleActivity:
    """Activity level of one muscle on one side, in % of its full effort (MVC), with a 90 % interval.

    Attributes
    ----------
    side : {"R", "L", ""}
        Leg that was lifted.
    channel, target_muscle : str
        Label of the channel and code of the muscle.
    percent_mvc : float
        Typical activity over the lifts, % of the full effort; NaN where there is none, or a submaximal one.
    low, high : float
        5 % and 95 % of it, or of ``percent_reference``.
    n_lifts, n_trials : int
        Lifts and trials of the full effort that it rests on.
    reason : str
        Why there is no share of a full effort, in words; empty where there is one.
    remark : str
        What to know of one that there is.
    percent_reference : float
        The level in % of a submaximal contraction, where that is the reference: it may be compared with the same
        muscle under the same electrodes, and with nothing else.
    estimate : LogEstimate or None
        Logarithm of the share of a full effort; None where there is none.
    """

    side: Side
    channel: str
    target_muscle: str
    percent_mvc: float = math.nan
    low: float = math.nan
    high: float = math.nan
    n_lifts: int = 0
    n_trials: int = 0
    reason: str = ""
    remark: str = ""
    percent_reference: float = math.nan
    estimate: LogEstimate | None = None

    @property
    def known(self) -> bool:
        """Whether there is a share of a full effort."""
        return self.estimate is not None

    @property
    def beyond_full(self) -> bool:
        """Whether it is more than its full effort, which therefore was not one."""
        return self.percent_mvc > 100.0


@dataclass(frozen=True, slots=True)
class ActivityRatio:
    """Ratio of two muscles' shares of their full efforts, with a 90 % interval.

    Attributes
    ----------
    first, second : str
        Labels of the two channels.
    ratio : float
        Share of the first over that of the second; NaN where it cannot be told.
    low, high : float
        5 % and 95 % of it.
    p_first_higher : float
        Probability that the ratio is above 1.
    n_lifts : int
        Lifts in which both were measured.
    higher : {"first", "second", ""}
        Which is higher, from a probability of .95 and five lifts on, so that the interval does not hold 1.
    leaning : {"first", "second", ""}
        The same from a probability of .66 on, where ``higher`` is empty.
    reason : str
        Why there is no ratio, in words: also where one of the full efforts cannot have been one.
    """

    first: str
    second: str
    ratio: float = math.nan
    low: float = math.nan
    high: float = math.nan
    p_first_higher: float = math.nan
    n_lifts: int = 0
    higher: Higher = ""
    leaning: Higher = ""
    reason: str = ""


def muscle_activity(
    side: Side, lifts: Sequence[MuscleLift], reference: MvcReference | None, *, refusal: str = ""
) -> MuscleActivity:
    """Return the typical activity level of one muscle over the lifts of a side.

    The mean of the logarithms of the lifts, so that a lift of double and one of half the level cancel out; its interval
    holds the spread between lifts and the uncertainty of the reference.

    Parameters
    ----------
    side : {"R", "L", ""}
        Side of the lifts.
    lifts : sequence of MuscleLift
        The muscle in the lifts that count, at least one.
    reference : MvcReference or None
        Its full effort, or a submaximal one.
    refusal : str
        Why its amplitude cannot be compared whatever it is, else empty.

    Examples
    --------
    >>> from emgorder.model import Onset
    >>> lifts = [MuscleLift("BF_R", "BF", "V", Onset(), activity_rms=v) for v in (4e-5, 5e-5, 4.5e-5)]
    >>> round(muscle_activity("R", lifts, MvcReference("BF_R", 1e-4, 0.05, n_trials=3)).percent_mvc, 1)
    44.8
    >>> muscle_activity("R", lifts, None).reason == NO_MVC
    True
    """
    plain = MuscleActivity(side, lifts[0].channel, lifts[0].target_muscle)
    logs = [math.log(m.activity_rms) for m in lifts if m.activity_rms > 0]
    plain = replace(plain, n_lifts=len(logs), n_trials=reference.n_trials if reference else 0)
    reason = refusal or _why_no_share(lifts, len(logs), reference)
    if reason or reference is None:
        return replace(plain, reason=reason)
    estimate = log_mean(logs).minus(reference.estimate)
    percent = 100.0 * estimate.value
    if percent < LEAST_PERCENT:
        return replace(plain, reason=TOO_HIGH)
    plain = replace(plain, low=100.0 * estimate.quantile(0.05), high=100.0 * estimate.quantile(0.95))
    if not reference.full:
        return replace(plain, percent_reference=percent, reason=SUBMAXIMAL)
    return replace(
        plain,
        percent_mvc=percent,
        remark=TOO_LOW if percent > 100.0 else ONE_TRIAL if reference.n_trials == 1 else "",
        estimate=estimate,
    )


def paired_ratio(
    first: MuscleActivity,
    second: MuscleActivity,
    lifts: Sequence[tuple[MuscleLift, MuscleLift]],
    references: tuple[MvcReference | None, MvcReference | None],
) -> ActivityRatio:
    """Return the ratio of two muscles in the same lifts: what a lift does to both cancels out.

    Parameters
    ----------
    first, second : MuscleActivity
        Of the two muscles; where one is unknown, so is the ratio.
    lifts : sequence of (MuscleLift, MuscleLift)
        Both muscles in the lifts that count.
    references : (MvcReference or None, MvcReference or None)
        Their full efforts.
    """
    both = [(a.activity_rms, b.activity_rms) for a, b in lifts if a.activity_rms > 0 and b.activity_rms > 0]
    logs = [math.log(a) - math.log(b) for a, b in both]
    comparable = _comparable(first) and _comparable(second)
    if not (comparable and references[0] and references[1]) or len(logs) < FEWEST_LIFTS:
        return _unknown(first, second)
    full = references[0].estimate.minus(references[1].estimate)
    return _ratio(first, second, log_mean(logs).minus(full), len(logs))


def activity_ratio(first: MuscleActivity, second: MuscleActivity) -> ActivityRatio:
    """Return the ratio of two muscles that were measured in different lifts, such as those of two sides."""
    if first.estimate is None or second.estimate is None or not (_comparable(first) and _comparable(second)):
        return _unknown(first, second)
    return _ratio(first, second, first.estimate.minus(second.estimate), min(first.n_lifts, second.n_lifts))


def _ratio(first: MuscleActivity, second: MuscleActivity, estimate: LogEstimate, n_lifts: int) -> ActivityRatio:
    p = estimate.p_above(1.0)
    likelier: Higher = "first" if p >= 0.5 else "second"
    sure = max(p, 1.0 - p)
    decided = sure >= HIGHER_FROM and n_lifts >= FEWEST_FOR_VERDICT
    return ActivityRatio(
        first.channel,
        second.channel,
        ratio=estimate.value,
        low=estimate.quantile(0.05),
        high=estimate.quantile(0.95),
        p_first_higher=p,
        n_lifts=n_lifts,
        higher=likelier if decided else "",
        leaning=likelier if sure >= LEANING_FROM and not decided else "",
    )


def _comparable(muscle: MuscleActivity) -> bool:
    return muscle.known and not muscle.beyond_full


def _unknown(first: MuscleActivity, second: MuscleActivity) -> ActivityRatio:
    too_low = TOO_LOW if first.beyond_full or second.beyond_full else ""
    return ActivityRatio(first.channel, second.channel, reason=first.reason or second.reason or too_low or FAINT)


def _why_no_share(lifts: Sequence[MuscleLift], n_measured: int, reference: MvcReference | None) -> str:
    if reference is None:
        return NO_MVC
    if not reference.usable:
        return reference.reason or NO_MVC
    if len(lifts) < FEWEST_LIFTS:
        counted = "1 lift counts" if len(lifts) == 1 else f"{len(lifts)} lifts count"
        return f"only {counted}: at least {FEWEST_LIFTS} are needed"
    return FAINT if len(lifts) - n_measured > SILENT_SHARE * len(lifts) else ""
