"""What contact, rest and taps tell, judged and put into words."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from emgorder.clock import tap_offset
from emgorder.conditioning.quality import assess
from emgorder.errors import SignalQualityError
from emgorder.guided import texts as t
from emgorder.guided.levels import QUIET, Levels
from emgorder.guided.screens import Check
from emgorder.model import Channel, FloatArray, Recording, Sync

__all__ = ["judge_contact", "judge_rest", "judge_taps"]

GOOD_DB = 10.0
"""Effort over rest from which contact is good; below, onsets are 50 ms off and more (Kowalski et al. 2021)."""
NOTHING_DB = 3.0
_LEAK = 0.5
"""The other muscle at more than half of its own effort: used as well, or cross-talk."""
_TENSE_RATIO = 0.25
"""Rest at more than a quarter of the effort is no rest."""
_GOOD_SD_S, _POOR_SD_S = 0.005, 0.015
"""From 15 ms on no order is told (order.md)."""


def judge_contact(
    channels: Sequence[Channel],
    column: int,
    raw: FloatArray,
    sampling_frequency: float,
    *,
    effort_s: tuple[float, float],
    effort: FloatArray,
    rest: FloatArray,
    efforts: dict[int, float],
) -> list[Check]:
    """Judge the contact of one muscle from rest and an effort of it.

    Parameters
    ----------
    channels : sequence of Channel
        Columns of `raw`.
    column : int
        The muscle that made the effort.
    raw : ndarray, shape (n_samples, n_channels)
        Rest, then effort.
    sampling_frequency : float
        Hz.
    effort_s : (float, float)
        When the effort was, in seconds of `raw`.
    effort, rest : ndarray, shape (n_channels,)
        Levels of all channels during the effort and at rest.
    efforts : dict of int to float
        Levels of earlier efforts, for the channels that made them; this one is added.
    """
    channel = channels[column]
    name = t.muscle(channel.label).capitalize()
    ratio = float(effort[column] / rest[column]) if rest[column] > 0 else math.nan
    level_dB = 20 * math.log10(ratio) if ratio > 0 else -math.inf
    if not level_dB >= NOTHING_DB:
        return [Check("stop", t.CONTACT_NONE.format(muscle=name), t.CONTACT_NONE_REMEDY)]
    efforts[column] = float(effort[column])
    state = "ok" if level_dB >= GOOD_DB else "attention"
    remedy = "" if level_dB >= GOOD_DB else f"{name} noisy: re-clean the skin."
    checks = [Check(state, t.CONTACT_GOOD.format(muscle=name, level=level_dB), remedy)]  # type: ignore[arg-type]
    recording = Recording(raw, sampling_frequency, tuple(channels))
    quiet = (0.0, max(effort_s[0] - 0.2, 0.1))
    for finding in assess(recording, rest_s=[quiet], active_s=[effort_s], columns=[column]):
        if finding.kind not in ("snr", "baseline") and finding.severity != "info":
            state = "stop" if finding.severity == "stop" else "attention"
            checks.append(Check(state, t.sentence(finding.message), t.sentence(finding.remedy)))  # type: ignore[arg-type]
    for other, own in efforts.items():
        same_leg = channels[other].side == channel.side
        if other != column and same_leg and effort[other] > max(_LEAK * own, QUIET * rest[other]):
            share = 100 * float(effort[other]) / own
            words = t.CONTACT_LEAK.format(other=t.muscle(channels[other].label), share=share)
            checks.append(Check("info", words, t.CONTACT_LEAK_REMEDY))
    return checks


def judge_rest(
    channels: Sequence[Channel], columns: Sequence[int], levels: Levels, seconds: float, efforts: dict[int, float]
) -> list[Check]:
    """Judge whether muscles rested during the last `seconds`."""
    low, middle, high = (levels.recent(seconds, q) for q in (0.1, 0.5, 0.9))
    checks = []
    for column in columns:
        name = t.muscle(channels[column].label).capitalize()
        restless = not high[column] <= QUIET * low[column]
        tense = column in efforts and middle[column] > _TENSE_RATIO * efforts[column]
        if restless or tense or not np.isfinite(middle[column]):
            checks.append(Check("attention", t.REST_TENSE.format(muscle=name), t.REST_REMEDY))
        else:
            checks.append(Check("ok", t.REST_GOOD.format(muscle=name)))
    return checks


def judge_taps(
    glute: FloatArray, hamstring: FloatArray, sampling_frequency: float, marks_s: Sequence[float], *, start_s: float
) -> tuple[Check, Sync | None]:
    """Measure how far two sensors' clocks are apart from a tap test.

    Parameters
    ----------
    glute, hamstring : ndarray, shape (n_samples,)
        Raw, on one time base.
    sampling_frequency : float
        Hz.
    marks_s : sequence of float
        When to tap.
    start_s : float
        Time of the first sample.
    """
    try:
        found = tap_offset(glute, hamstring, sampling_frequency, marks_s, start_s=start_s)
    except SignalQualityError as error:
        return Check("attention", t.TAP_FAILED.format(reason=error), t.TAP_REMEDY), None
    sync = Sync(f"tap test, {len(found.times_s)} taps", found.offset_s, found.sd_s)
    words = {"offset": found.offset_s * 1e3, "sd": max(found.sd_s * 1e3, 1.0)}
    if found.sd_s > _POOR_SD_S:
        return Check("attention", t.TAP_POOR.format(**words), t.TAP_REMEDY), None
    state = "ok" if found.sd_s <= _GOOD_SD_S else "attention"
    return Check(state, t.TAP_OK.format(**words)), sync  # type: ignore[arg-type]
