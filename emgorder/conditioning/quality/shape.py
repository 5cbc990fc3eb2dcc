"""Whether a signal is raw EMG at all: dead channels, envelopes, wandering zero lines, copies."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from emgorder.conditioning.quality.gaps import has_values
from emgorder.conditioning.quality.stretches import in_blocks
from emgorder.conditioning.quality.view import View
from emgorder.model import Finding

__all__ = ["dead", "drift", "envelope", "identical"]

FEWEST_VALUES = 4
STILL_SHARE = 0.9
SILENT_V = 1e-7
"""A dead channel toggles between a few values, or is constant for most of the time, or stays below 0.1 µV: the input
noise of EMG amplifiers is 0.2 µV and more."""

HIGH_SHARE, LOW_SHARE = 0.1, 0.3
ONE_SIDED = 0.05
MEAN_OVER_SPREAD = 0.9
GOES_WITH = 0.6
"""An envelope's mean rises where it fluctuates more (rank correlation 0.6 and more), by about as much as it fluctuates
(1.3 times for rectified EMG), and then at most one value in 20 is below rest."""

WANDER_QUANTILES = (0.02, 0.98)
WANDER_RATIO = 1.5
"""Range of the zero line over the RMS of bursts. In real recordings 2.0 where the drift is plain to see, and 0.7 at
most elsewhere."""

SAME = 0.99
"""Correlation from which two channels show one signal: neighbouring electrodes reach 0.9."""


def dead(view: View) -> list[Finding]:
    """Return a finding where the channel carries no signal."""
    why = _why_dead(view)
    if not why:
        return []
    remedy = "check that the sensor is on, its electrodes are attached, and the file's column and unit are right"
    return [view.finding("dead", "stop", f"no signal from {view.word}: {why}", remedy)]


def envelope(view: View) -> list[Finding]:
    """Return a finding where the channel is an envelope or rectified, not raw EMG."""
    if view.channel.kind != "envelope" and not _is_one_sided(view):
        return []
    return [
        view.finding(
            "envelope",
            "stop",
            f"{view.word} is an envelope, not raw EMG: too slow to time an onset",
            "set the sensor to send raw EMG, or export the raw signal",
        )
    ]


def drift(view: View) -> list[Finding]:
    """Return a finding where the zero line wanders further than bursts are high."""
    means = view.block_means[np.isfinite(view.block_means)]
    active = view.active_rms
    if not (means.size and active > 0):
        return []
    wander = float(np.ptp(np.quantile(means, WANDER_QUANTILES)))
    ratio = wander / active
    if ratio < WANDER_RATIO:
        return []
    return [
        view.finding(
            "drift",
            "info",
            f"zero line of {view.word} wanders by {view.amount(wander)}, {ratio:.2g} times the bursts",
            "press the electrodes on and tape the cable; the drift is filtered out",
            ratio,
        )
    ]


def identical(views: list[View]) -> list[Finding]:
    """Return a finding on each channel that shows the same signal as another."""
    twin: dict[int, int] = {}
    for i, one in enumerate(views):
        for k in range(i + 1, len(views)):
            if _same(one, views[k]):
                twin.setdefault(i, k)
                twin.setdefault(k, i)
    return [
        views[i].finding(
            "identical",
            "stop",
            f"{views[i].channel.label} and {views[k].channel.label} are the same signal",
            "check the cables and the columns of the file: each muscle needs a channel of its own",
        )
        for i, k in sorted(twin.items())
    ]


def _why_dead(view: View) -> str:
    present = np.isfinite(view.samples)
    if not present.any():
        return "not one sample" if view.samples.size == 0 else "every sample is lost"
    low, high = float(np.fmin.reduce(view.samples)), float(np.fmax.reduce(view.samples))
    if low == high:
        return f"every value is {view.amount(low)}"
    if present.sum() >= FEWEST_VALUES and not has_values(view, FEWEST_VALUES):
        return "hardly a value differs from the others"
    blocks = in_blocks(view.samples, view.sampling_frequency)
    still = float(np.mean(np.fmax.reduce(blocks, axis=1) == np.fmin.reduce(blocks, axis=1))) if len(blocks) else 0.0
    if still >= STILL_SHARE:
        return f"constant {still:.0%} of the time"
    if view.channel.unit == "V" and view.active_rms < SILENT_V:
        return f"never more than {view.amount(view.active_rms)}"
    return ""


def _is_one_sided(view: View) -> bool:
    means, spread = view.block_means, view.block_rms
    known = np.isfinite(means) & np.isfinite(spread)
    if known.sum() < 1 / HIGH_SHARE or np.ptp(means[known]) == 0 or np.ptp(spread[known]) == 0:
        return False
    low = means[known] <= np.quantile(means[known], LOW_SHARE)
    high = means[known] >= np.quantile(means[known], 1 - HIGH_SHARE)
    rest = float(np.median(means[known][low]))
    rise = float(np.median(means[known][high])) - rest
    if rise < MEAN_OVER_SPREAD * float(np.median(spread[known][high])):
        return False
    values = in_blocks(view.samples, view.sampling_frequency)[known][high]
    if np.mean(values <= rest - float(np.median(spread[known][low]))) > ONE_SIDED:
        return False
    return float(stats.spearmanr(means[known], spread[known]).statistic) >= GOES_WITH


def _same(one: View, other: View) -> bool:
    if one.band.size != other.band.size or not one.band.size:
        return False
    a, b = np.nan_to_num(one.band), np.nan_to_num(other.band)
    power = math.sqrt(float(a @ a) * float(b @ b))
    return power > 0 and abs(float(a @ b)) >= SAME * power
