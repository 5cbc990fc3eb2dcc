"""Lost samples, signals that stand still, and values that are written several times."""

from __future__ import annotations

import numpy as np

from emgorder.conditioning.quality.stretches import spread, true_runs
from emgorder.conditioning.quality.view import SLOWEST_RATE_Hz, View
from emgorder.model import BoolArray, Finding

__all__ = ["dropouts", "frozen", "has_values", "held"]

MUCH_LOST = 0.01
"""Share of lost samples from which single lifts are likely to be hit."""

FROZEN_S = 0.25
FROZEN_SAMPLES = 20
EQUAL_SHARE = 0.1
"""Shortest stretch of equal values that counts, and the share of equal neighbours up to which such a stretch is no
chance: a coarse converter repeats values at rest by nature."""

FEW_SAMPLES = 1000

SLOW_RATE_Hz = 400.0
"""At 200 Hz the error of steep onsets rises from 5 to 12 ms."""


def dropouts(view: View) -> list[Finding]:
    """Return a finding where samples are lost between the first and the last one that arrived."""
    lost, rate_Hz = np.isnan(view.samples), view.sampling_frequency
    inside = _between_ends(lost)
    _, lengths = true_runs(inside)
    if not lengths.size:
        return []
    share = float(lengths.sum()) / inside.size
    gaps = "1 gap" if lengths.size == 1 else f"{lengths.size} gaps"
    return [
        view.finding(
            "dropouts",
            "attention" if share >= MUCH_LOST else "info",
            f"{view.word} has {gaps}, {_seconds(lengths.sum() / rate_Hz)} in all, {_percent(share)} of the samples",
            "move the sensor closer to the computer and keep hands and body out of the way",
            share,
        )
    ]


def frozen(view: View) -> list[Finding]:
    """Return a finding where the same value comes for so long that the sensor must have stood still."""
    steps = np.diff(view.samples)
    still = steps == 0
    starts, lengths = true_runs(still)
    long = lengths + 1 >= max(FROZEN_S * view.sampling_frequency, FROZEN_SAMPLES)
    values = view.samples[starts[long]]
    limits = np.fmin.reduce(view.samples, initial=np.inf), np.fmax.reduce(view.samples, initial=-np.inf)
    of_interest = lengths[long][~np.isin(values, limits)]  # at its limits it is said to be clipped
    elsewhere = still.size - int(lengths[long].sum())
    if not of_interest.size or int(still.sum()) - int(lengths[long].sum()) > EQUAL_SHARE * elsewhere:
        return []
    seconds = float((of_interest + 1).sum()) / view.sampling_frequency
    share = seconds * view.sampling_frequency / view.samples.size
    places = "1 place" if of_interest.size == 1 else f"{of_interest.size} places"
    return [
        view.finding(
            "frozen",
            "attention" if share >= MUCH_LOST else "info",
            f"{view.word} stands still in {places}, {_seconds(seconds)} in all",
            "check the link to the sensor: lost samples were filled with a constant",
            seconds,
        )
    ]


def held(view: View) -> list[Finding]:
    """Return a finding where values are written several times, or come too slowly for EMG."""
    rate_Hz, times = view.sampling_frequency, round(view.recorded_Hz / view.sampling_frequency)
    if rate_Hz < SLOWEST_RATE_Hz:
        return [
            view.finding(
                "held",
                "stop",
                f"{view.word} has only {rate_Hz:.3g} new values a second, too slow for EMG",
                "set the sensor to 1000 Hz or more",
                rate_Hz,
            )
        ]
    if times < 2:
        return []
    return [
        view.finding(
            "held",
            "attention" if rate_Hz < SLOW_RATE_Hz else "info",
            f"{view.word} has {rate_Hz:.4g} new values a second, each is written about {times} times",
            "set the sensor to a faster rate if it has one; steep onsets are known less exactly",
            rate_Hz,
        )
    ]


def has_values(view: View, count: int) -> bool:
    """Return whether a sample of the signal has `count` different values or more."""
    values = spread(view.samples)
    beginning = values[:FEW_SAMPLES]  # nearly always enough, and sorted in no time
    return any(np.unique(part[np.isfinite(part)]).size >= count for part in (beginning, values))


def _between_ends(lost: BoolArray) -> BoolArray:
    there = np.flatnonzero(~lost)
    return lost[there[0] : there[-1] + 1] if there.size else lost[:0]


def _seconds(value: float) -> str:
    return f"{value:.2g} s" if value < 10 else f"{value:.0f} s"


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"
