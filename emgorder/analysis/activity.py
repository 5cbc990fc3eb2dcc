"""Activity levels of a session: what can be compared, and why the rest cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emgorder.model import Channel, Finding, LiftResult, MuscleLift, Side, SideResult
from emgorder.muscles import MUSCLES
from emgorder.order.activity import ActivityRatio, MuscleActivity, activity_ratio, muscle_activity, paired_ratio
from emgorder.order.reference import MvcReference

__all__ = ["CROSSTALK_LEFT", "SessionActivity", "find_activity"]

CROSSTALK_LEFT = "crosstalk_left"  # key of the conditioning: labels of channels that still share their waveform
SPOILING = ("snr", "clipping", "envelope", "swapped")
"""Kinds of findings that spoil an amplitude; so does whatever says stop."""


@dataclass(frozen=True, slots=True)
class SessionActivity:
    """Activity levels of all muscles, their ratios within each side (glute to hamstring), and right to left."""

    muscles: tuple[MuscleActivity, ...] = ()
    ratios: tuple[ActivityRatio, ...] = ()

    def of(self, side: Side) -> tuple[MuscleActivity, ...]:
        """Return the muscles of a side, glute first."""
        return tuple(m for m in self.muscles if m.side == side)


def find_activity(
    sides: Sequence[SideResult],
    lifts: Sequence[LiftResult],
    channels: Sequence[Channel],
    quality: Sequence[Finding],
    references: Sequence[MvcReference],
    conditioning: Mapping[str, Any],
) -> SessionActivity:
    """Compare the muscles of each side as shares of their full efforts.

    Parameters
    ----------
    sides : sequence of SideResult
        Of the session.
    lifts : sequence of LiftResult
        All of them; those that do not count are left out.
    channels : sequence of Channel
        Of the recording.
    quality : sequence of Finding
        On its channels: what spoils an amplitude blocks the comparison.
    references : sequence of MvcReference
        Full efforts of the channels that have one.
    conditioning : mapping
        ``crosstalk_left`` names channels with cross-talk that could not be removed.

    Examples
    --------
    >>> find_activity([], [], [], [], [], {})
    SessionActivity(muscles=(), ratios=())
    """
    full = {r.channel: r for r in references}
    refused = _refusals(channels, quality, conditioning)
    muscles: list[MuscleActivity] = []
    ratios: list[ActivityRatio] = []
    by_place: dict[tuple[Side, int], MuscleActivity] = {}
    for side in sides:
        mine = [r for r in lifts if r.valid and r.lift.side in (side.side, "")]
        counted = [r.muscles for r in mine if len(r.muscles) > 1]
        for place, each in enumerate(_by_channel(counted)):
            label = each[0].channel
            found = muscle_activity(side.side, each, full.get(label), refusal=refused.get(label, ""))
            muscles.append(found)
            by_place[side.side, place] = found
        if counted:
            glute, hamstring = by_place[side.side, 0], by_place[side.side, 1]
            both = [(m[0], m[1]) for m in counted]
            efforts = full.get(glute.channel), full.get(hamstring.channel)
            ratios.append(paired_ratio(glute, hamstring, both, efforts))
    for place in (0, 1):
        right, left = by_place.get(("R", place)), by_place.get(("L", place))
        if right is not None and left is not None and right.target_muscle == left.target_muscle:
            ratios.append(activity_ratio(right, left))
    return SessionActivity(tuple(muscles), tuple(ratios))


def _by_channel(counted: Sequence[tuple[MuscleLift, ...]]) -> list[list[MuscleLift]]:
    """Return the lifts of each channel, in the order of the first lift: glute, hamstring, extras."""
    found: dict[str, list[MuscleLift]] = {}
    for muscles in counted:
        for muscle in muscles:
            found.setdefault(muscle.channel, []).append(muscle)
    return list(found.values())


def _refusals(
    channels: Sequence[Channel], quality: Sequence[Finding], conditioning: Mapping[str, Any]
) -> dict[str, str]:
    """Return why the amplitude of a channel cannot be compared, for those where it cannot."""
    left = conditioning.get(CROSSTALK_LEFT)
    refused = dict.fromkeys(
        [label for label in left if isinstance(label, str)] if isinstance(left, list | tuple) else (),
        "cross-talk: one muscle leaks into the other's channel and cannot be removed",
    )
    refused |= {f.channel: f.message for f in quality if f.severity == "stop" or f.kind in SPOILING}
    for channel in channels:
        if channel.kind == "envelope":
            plain = MUSCLES[channel.target_muscle].plain if channel.target_muscle in MUSCLES else channel.label
            refused[channel.label] = f"{plain} is an envelope, not raw EMG: its size has no known scale"
    return refused
