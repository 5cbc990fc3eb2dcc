"""Mains hum against rest."""

from __future__ import annotations

from emgorder.conditioning.quality.view import View
from emgorder.model import Finding

__all__ = ["mains"]

STRONG_RATIO = 1.0
"""RMS of hum over that of rest without it. At 1 to 2 the mean error of onsets rises from 11 to 16 ms; the notch
restores it, so that less is only worth a note."""

WEAK_RATIO = 0.5
"""Less hum than this is in any recording beside a socket."""


def mains(view: View) -> list[Finding]:
    """Return a finding where mains hum is in the rest."""
    if view.hum is None or not (rest := view.rest_rms) > 0:
        return []
    ratio = view.hum.rms / rest
    if ratio < WEAK_RATIO:
        return []
    return [
        view.finding(
            "mains",
            "attention" if ratio >= STRONG_RATIO else "info",
            f"{view.hum.frequency_Hz:.0f} Hz hum in {view.word}, {ratio:.2g} times its rest level",
            "unplug chargers and the laptop's power supply, re-clean the skin; the hum is filtered out",
            ratio,
        )
    ]
