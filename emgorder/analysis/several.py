"""All muscles of a side against each other, where a recording has more than glute and hamstring."""

from __future__ import annotations

from collections.abc import Sequence

from emgorder.model import Channel, Finding, LiftResult, Side, SideResult
from emgorder.order.pairwise import OrderMatrix, compare_muscles

__all__ = ["compare_sides"]


def compare_sides(
    sides: Sequence[SideResult],
    lifts: Sequence[LiftResult],
    channels: Sequence[Channel],
    quality: Sequence[Finding],
) -> dict[Side, OrderMatrix]:
    """Compare all muscles of each side.

    What a verdict is refused for (an envelope, a finding that says stop, clocks) leaves the pairs of that channel
    without probabilities, whichever muscle it is of.

    Parameters
    ----------
    sides : sequence of SideResult
        ROPE and clock of each.
    lifts : sequence of LiftResult
        All lifts of the session.
    channels : sequence of Channel
        Of the recording.
    quality : sequence of Finding
        On all its channels.

    Examples
    --------
    >>> compare_sides([], [], [], [])
    {}
    """
    refused = {c.label for c in channels if c.kind == "envelope"}
    refused |= {f.channel for f in quality if f.severity == "stop"}
    return {
        side.side: compare_muscles(
            [r for r in lifts if r.lift.side in (side.side, "")], rope_s=side.rope_s, sync=side.sync, refused=refused
        )
        for side in sides
    }
