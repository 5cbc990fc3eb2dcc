"""The stretch of a signal that a detector works on: rest, the coarse step, and what follows, between gaps."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from emgorder.model import FloatArray, Onset
from emgorder.onset.baseline import Step, coarse_step, rest_before
from emgorder.onset.levels import Stretch
from emgorder.onset.registry import OnsetMethod
from emgorder.onset.usable import Usable, usable_part

__all__ = ["GAP_REACH_S", "LOST", "Cut", "cut_at_step", "nearest_s"]

SHORTEST_S = 0.3
"""Rest, gap and the beginning of a burst do not fit into less."""

SHORTEST_REST_S = 0.1
"""A whitening filter of order 6 and a spread need 100 samples at 1 kHz; at 200 Hz the filter's order is lowered."""

SMALLEST_RISE_DB = 3.0
"""Bursts as strong as the rest itself (0 dB) double its power; noise at 1 kHz rises by less (2.4 dB in 1 % of 10 s)."""

RISE_IN_NOISE = 4.0
"""Smallest rise in standard deviations of stationary noise: exceeded in 1 to 5 % of 10 s of noise at any rate."""

GAP_REACH_S = 0.050
"""An onset this close to lost samples is withheld: the detectors average over windows of up to 50 ms, and the filters
start anew after a gap. What lies further away they see whole."""

LEAST_AFTER_S = 0.12
"""With a coarse step this close to the end of the signal the posterior cannot tell a burst from a stray potential. At
20 dB and 1 kHz, shown anyway: 96 to 100 % of the bursts that begin 50 to 100 ms before the end pass for a burst, and so
do 93 to 100 % of strays of 35 ms that end 20 to 80 ms before it."""

LOST = "samples were lost around the onset"

SILENT_REST = 1e-3
"""A rest this far (60 dB) below the burst is a pad or a coarse quantiser; noise of that size stands in for it, as all
detectors divide by its spread."""


@dataclass(frozen=True, eq=False, slots=True)
class Cut:
    """A stretch that a detector can work on, where it lies in the signal, and the gaps beside it."""

    stretch: Stretch
    start_s: float
    step_s: float
    gaps_s: FloatArray


def cut_at_step(
    samples: FloatArray,
    sampling_frequency: float,
    method: OnsetMethod,
    *,
    baseline: tuple[float, float] | None,
    burst_is_sure: bool,
) -> Cut | Onset:
    """Return the rest and the stretch between gaps that holds the coarse step, or why there is none.

    Where it could not be asked whether a burst begins (too little signal, too little rest), the probability stays NaN.
    """
    part = usable_part(samples, sampling_frequency)
    rate = part.sampling_frequency
    if part.values.size < SHORTEST_S * rate:
        return Onset(reason=f"only {part.values.size / rate:.2f} s of signal: at least {SHORTEST_S:g} s are needed")
    rest = None if baseline is None else _samples_between(part.time_s, *baseline)
    step = method.find_step(part.values, rate) if rest is None else coarse_step(part.values, rate, first=rest.stop)
    if step is None:
        return Onset(reason="too little signal around the burst")
    if not burst_is_sure and step.rise_dB < max(SMALLEST_RISE_DB, RISE_IN_NOISE * step.noise_dB):
        reason = f"no burst begins: the power rises by no more than noise ({step.rise_dB:.1f} dB)"
        return Onset(probability=0.0, reason=reason)
    rest = rest_before(step.at, rate) if rest is None else rest
    if rest.stop - rest.start < SHORTEST_REST_S * rate:
        rest_s = (rest.stop - rest.start) / rate
        return Onset(reason=f"only {rest_s:.2f} s of rest before the burst: {SHORTEST_REST_S:g} s are needed")
    if method.has_posterior and not burst_is_sure and part.values.size - step.at < LEAST_AFTER_S * rate:
        return Onset(reason=f"too little signal after the onset: {LEAST_AFTER_S:g} s are needed")
    return _between_gaps(part, rest, step, method)


def _between_gaps(part: Usable, rest: slice, step: Step, method: OnsetMethod) -> Cut | Onset:
    rate = part.sampling_frequency
    edges = np.concatenate(([0], part.borders, [part.values.size]))
    after = int(np.searchsorted(edges, step.at, side="right"))
    opening, closing = int(edges[after - 1]), int(edges[after])
    start = max(rest.stop, opening)
    stop = min(step.at + round(method.after_s * rate), closing)
    gaps_s = part.time_s[[edge for edge in (opening, closing - 1) if 0 < edge < part.values.size - 1]]
    step_s = float(part.time_s[step.at])
    if nearest_s(gaps_s, step_s) < GAP_REACH_S or stop - start < 2:
        return Onset(probability=0.0, reason=LOST)
    n_rest = rest.stop - rest.start
    values = _audible(np.concatenate((part.values[rest], part.values[start:stop])), n_rest)
    stretch = Stretch(values, rate, n_rest, n_rest + step.at - start)
    return Cut(stretch, float(part.time_s[start]) - n_rest / rate, step_s, gaps_s)


def _audible(values: FloatArray, n_rest: int) -> FloatArray:
    """Return `values` with noise where the rest is silent."""
    loud = math.sqrt(float(np.mean(values**2)))
    if math.sqrt(float(np.mean(values[:n_rest] ** 2))) >= SILENT_REST * loud:
        return values
    noise: FloatArray = np.random.default_rng(0).standard_normal(values.size)
    return values + SILENT_REST * loud * noise


def nearest_s(times_s: FloatArray, time_s: float) -> float:
    """Return the distance to the nearest of some times, infinity where there are none."""
    return float(np.min(np.abs(times_s - time_s), initial=math.inf))


def _samples_between(time_s: FloatArray, start_s: float, stop_s: float) -> slice:
    first, stop = np.searchsorted(time_s, (start_s, stop_s))
    return slice(int(first), int(stop))
