"""Whether two channels answer to each other's contact check: their labels are swapped."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from emgorder.conditioning.quality.stretches import block_rms, stretches
from emgorder.conditioning.quality.view import View
from emgorder.model import Finding
from emgorder.muscles import MUSCLES

__all__ = ["swapped"]

CONTACT = "contact/"
ASSUMED_S = 3.0  # length of a contact check whose event has none
QUIET_dB = 6.0
APART_dB = 12.0
"""The muscle that is asked for stays within 6 dB of its rest while the other rises by 12 dB more: helping along is
common among neighbours, but not instead of the muscle itself."""


def swapped(views: Sequence[View], events: pd.DataFrame) -> list[Finding]:
    """Return a finding on both channels of a side that answered to each other's contact check.

    All contact checks of the two muscles have to say so.
    """
    found: list[Finding] = []
    for i, one in enumerate(views):
        for other in views[i + 1 :]:
            if not _comparable(one, other):
                continue
            votes = _votes(one, other, events) + _votes(other, one, events)
            if votes and all(votes):
                found += [_finding(one, other), _finding(other, one)]
    return list({f.channel: f for f in found}.values())


def _comparable(one: View, other: View) -> bool:
    roles = {MUSCLES[v.channel.target_muscle].role for v in (one, other) if v.channel.target_muscle in MUSCLES}
    return roles == {"glute", "hamstring"} and one.channel.side == other.channel.side


def _votes(asked: View, other: View, events: pd.DataFrame) -> list[bool]:
    """For each contact check of `asked`: whether the other channel answered instead."""
    mine = events[events["trial_type"].astype(str).str.lower() == CONTACT + asked.channel.label.lower()]
    votes = []
    for onset_s, duration_s in zip(mine["onset"].tolist(), mine["duration"].tolist(), strict=True):
        length_s = duration_s if duration_s > 0 else ASSUMED_S
        answer_dB, instead_dB = (_response_dB(v, onset_s, onset_s + length_s) for v in (asked, other))
        if math.isfinite(answer_dB) and math.isfinite(instead_dB):
            votes.append(answer_dB < QUIET_dB and instead_dB - answer_dB > APART_dB)
    return votes


def _response_dB(view: View, start_s: float, stop_s: float) -> float:
    levels = [
        block_rms(view.band[s], view.sampling_frequency)
        for s in stretches([(start_s, stop_s)], view.sampling_frequency, view.band.size)
    ]
    loudest = max((float(v) for rms in levels for v in rms if v > 0), default=math.nan)
    return 20.0 * math.log10(loudest / view.rest_rms) if view.rest_rms > 0 else math.nan


def _finding(one: View, other: View) -> Finding:
    return one.finding(
        "swapped",
        "attention",
        f"{one.word} and {other.word} seem swapped: each answered when the other was asked to tense",
        "check which sensor is on which muscle, then name the channels accordingly",
    )
