"""How far bursts stand out of rest, and whether rest is rest."""

from __future__ import annotations

import math

import numpy as np

from emgorder.conditioning.quality.stretches import block_rms
from emgorder.conditioning.quality.view import View
from emgorder.model import Finding

__all__ = ["baseline", "noise", "snr_dB"]

NOISY_dB = 10.0
"""At 10 dB trained readers and algorithms miss the true onset by 50 to 80 ms, at 40 dB by 15 to 30 ms (Kowalski et al.
2021)."""

NO_BURST_dB = -3.0
"""EMG of half the power of rest. Noise alone reads -4.6 dB at most in 10 rests and lifts that a caller names; in the
quietest and loudest blocks -3.3 dB at most from 1 kHz upwards, but up to 1.4 dB at 200 Hz, where it is called noisy."""

QUIET_QUANTILE = 0.1
RESTLESS_RATIO = 2.0
RESTLESS_SHARE = 0.25
"""A rest counts as restless from twice the level of the quietest tenth of the recording (+6 dB); reported from a
quarter of the rests."""


def snr_dB(view: View) -> float:
    """Return the power of the EMG in a burst over that of rest, NaN when unknown, -inf when no burst exceeds rest."""
    rest, active = view.rest_rms, view.active_rms
    if not (rest > 0 and math.isfinite(active)):
        return math.nan
    excess = (active / rest) ** 2 - 1.0
    return 10.0 * math.log10(excess) if excess > 0 else -math.inf


def noise(view: View) -> list[Finding]:
    """Return a finding where bursts hardly stand out of rest, or not at all."""
    level_dB = snr_dB(view)
    if math.isnan(level_dB) or level_dB >= NOISY_dB:
        return []
    if level_dB < NO_BURST_dB:
        return [
            view.finding(
                "snr",
                "stop",
                f"most {view.word} bursts do not stand out of the noise",
                "check that the electrodes are on this muscle and stick, re-clean the skin, and record again",
                level_dB,
            )
        ]
    return [
        view.finding(
            "snr",
            "attention",
            f"{view.word} noisy, bursts only {math.floor(level_dB)} dB above rest",
            "re-clean the skin and press the electrodes on",
            level_dB,
        )
    ]


def baseline(view: View) -> list[Finding]:
    """Return a finding where the muscle is often not at rest in the rests that the caller named."""
    if not view.rests_given:
        return []
    levels = [block_rms(view.band[s], view.sampling_frequency) for s in view.rests]
    medians = np.array([np.median(rms[np.isfinite(rms)]) for rms in levels if np.isfinite(rms).any()])
    everywhere = view.block_rms[np.isfinite(view.block_rms)]
    if not medians.size or not (quiet := float(np.quantile(everywhere, QUIET_QUANTILE))) > 0:
        return []
    restless = int(np.sum(medians > RESTLESS_RATIO * quiet))
    if restless < RESTLESS_SHARE * medians.size:
        return []
    return [
        view.finding(
            "baseline",
            "attention",
            f"{view.word} still tense in {restless} of {medians.size} rests",
            "let the leg go heavy and wait for quiet before each lift",
            restless / medians.size,
        )
    ]
