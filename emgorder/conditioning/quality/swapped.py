"""Whether two channels answer to each other's contact check: their labels are swapped."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from emgorder.conditioning.quality.stretches import block_rms, stretches
from emgorder.conditioning.quality.view import View
from emgorder.model import Finding
from emgorder.muscles import MUSCLES

__all__ = ["swapped"]

CONTACT = "contact/"
ASSUMED_S = 3.0  # length of a contact check whose event has none
QUIET_dB = 9.0
APART_dB = 10.0
"""The muscle that is asked for stays within 9 dB of its rest while the other rises by 10 dB more: helping along is
common among neighbours, but not instead of the muscle itself. Muscles at rest read up to 5 dB in simulated checks,
active ones 18 dB and more."""

ANSWER_QUANTILE = 0.75
"""Of the blocks of a check: the answer comes after a reaction time and may end early."""


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
    within = stretches([(start_s, stop_s)], view.sampling_frequency, view.band.size)
    levels = np.concatenate([block_rms(view.band[s], view.sampling_frequency) for s in within] or [np.empty(0)])
    levels = levels[levels > 0]
    if not (levels.size and view.rest_rms > 0):
        return math.nan
    return 20.0 * math.log10(float(np.quantile(levels, ANSWER_QUANTILE)) / view.rest_rms)


def _finding(one: View, other: View) -> Finding:
    return one.finding(
        "swapped",
        "attention",
        f"{one.word} and {other.word} seem swapped: each answered when the other was asked to tense",
        "check which sensor is on which muscle, then name the channels accordingly",
    )
