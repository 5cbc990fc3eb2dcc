"""Whether a channel's volts can be volts."""

from __future__ import annotations

import math

from emgorder.conditioning.quality.view import View
from emgorder.model import Finding

__all__ = ["unit"]

LARGEST_V = 5e-3
"""RMS of a burst at the skin: surface EMG reaches a few mV at the peak of the strongest muscles (De Luca 1997,
10.1123/jab.13.2.135), so more is a wrong unit or an amplified signal."""

SMALLEST_V = 0.5e-6
"""RMS of a burst: less than the noise of any electrode on skin."""


def unit(view: View) -> list[Finding]:
    """Return a finding where the amplitude of the bursts cannot be that of EMG in volts."""
    active = view.active_rms
    if view.channel.unit != "V" or not math.isfinite(active) or active <= 0.0 or SMALLEST_V <= active <= LARGEST_V:
        return []
    return [
        view.finding(
            "unit",
            "attention",
            f"{view.word} bursts of {active * 1e6:.3g} µV cannot be EMG at the skin",
            "check the unit of the column, or the gain of the amplifier; timing is not affected",
            active * 1e6,
        )
    ]
