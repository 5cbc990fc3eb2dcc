"""Why a side can have no verdict, named by its cause: the signals, or too few lifts that count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from emgorder.analysis.channels import Pair
from emgorder.model import Finding, LiftResult, Recording, SideResult
from emgorder.muscles import MUSCLES
from emgorder.order.session import MIN_VALID_LIFTS

__all__ = ["refusal_of", "with_cause_of_shortage"]

CLOCK_UNKNOWN = (
    "it is unknown how the clocks of the two muscles agree: record both with one device, or tap both sensors together"
)

SPOILING = ("snr", "clipping", "dropouts", "baseline")
"""Kinds of findings that keep single lifts from counting; the others leave onsets where they are."""


def refusal_of(recording: Recording, pair: Pair, quality: Sequence[Finding]) -> str:
    """Return why the signals of a pair cannot carry a verdict whatever the lifts say, empty where they can.

    A time base that reading had to assume is no reason: columns of one file were sampled together.
    """
    for channel in (recording.channels[c] for c in (pair.glute, pair.hamstring)):
        if channel.kind == "envelope":
            plain = MUSCLES[channel.target_muscle].plain
            return f"{plain} is an envelope, not raw EMG: it is too slow to time an onset"
        for finding in quality:
            if finding.channel == channel.label and finding.severity == "stop":
                return finding.message
    return "" if recording.clock.known else str(recording.meta.get("NoOrderVerdict") or CLOCK_UNKNOWN)


def with_cause_of_shortage(side: SideResult, lifts: Sequence[LiftResult], quality: Sequence[Finding]) -> SideResult:
    """Return `side` with what keeps its lifts from counting, where that is why there are too few of them.

    Where most lifts do not count, more of the same lifts would not settle anything: none are asked for, and the cause
    is named instead.

    Parameters
    ----------
    side : SideResult
        As pooled.
    lifts : sequence of LiftResult
        Those of the side.
    quality : sequence of Finding
        Those of its two channels are looked at.
    """
    refused_for_its_signals = not side.possible and side.more_lifts is None
    if side.n_valid >= MIN_VALID_LIFTS or refused_for_its_signals or 2 * side.n_valid >= max(side.n_lifts, 1):
        return side
    if side.n_lifts == 0:
        return replace(side, reason="no lifts were found", more_lifts=None)
    channels = {m.channel for r in lifts for m in r.muscles[:2]}
    reasons = Counter(r.reason for r in lifts if not r.valid)
    spoiling = [f.message for f in quality if f.channel in channels and f.kind in SPOILING]
    usual, count = reasons.most_common(1)[0]
    cause = spoiling[0] if spoiling else f"{usual} ({count} of {side.n_lifts})"
    counted = f"only {side.n_valid} of {side.n_lifts} lifts counted" if side.n_valid else "no lift counted"
    return replace(side, reason=f"{counted} (at least {MIN_VALID_LIFTS} are needed): {cause}", more_lifts=None)
