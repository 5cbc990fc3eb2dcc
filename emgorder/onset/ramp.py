"""How slowly a burst rises: the duration of its ramp, and how long that hides the onset from view.

A ramp in a noisy channel becomes visible later than the same ramp in a clean one. For the order of two muscles that is
a bias; it is estimated from the shape of the rise, at best over all lifts of a session.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emgorder.model import FloatArray
from emgorder.onset.levels import LEVELS_DB, Frames, Stretch

__all__ = ["Ramp", "hidden_s", "measure_ramps"]

DURATIONS_S = (0.0, 0.016, 0.032, 0.056, 0.090, 0.140, 0.200, 0.290)
"""Ramps that are tried, about evenly in what tells them apart; the longest glute ramps last 0.29 s."""

POWERS = (1, 2)
"""The power of the burst grows with these powers of time: 1 is linear in power, 2 in amplitude."""

TEMPER_RATIO = 0.6 / 0.35
"""Likelihoods count for more than in the search for the onset: chosen on simulated ramps."""

PLATEAUS = 5
"""Levels tried for the plateau, around the likeliest."""

PLATEAU_FROM_S = 0.05
"""After the coarse step: from here on the likeliest level is that of the plateau."""

LOOKED_AT_S = 0.7
"""Signal in which ramps are tried: from 0.4 s before the coarse step to 0.3 s after it."""

LEVEL_STEP_DB = float(LEVELS_DB[1] - LEVELS_DB[0])
DEPTH = 26
"""Levels below the plateau that a ramp passes; those below the lowest one are rest."""

VISIBLE_AT = 0.7
"""A linear ramp becomes visible where its amplitude passes this share of the rest's. On 1,000 simulated lifts with
unequal muscles 0.9 overshoots (bias of the difference -7 ms; +15 ms uncorrected), 0.7 leaves -1 ms."""

AT_ONCE = 16
"""Bursts fitted together: few enough to stay in the cache."""

SNR_FROM_S, SNR_TO_S = 0.1, 0.35
LEAST_EXCESS = 1e-2


@dataclass(frozen=True, slots=True)
class Ramp:
    """The rise of one burst: its duration, and the plateau's amplitude over that of rest."""

    duration_s: float
    excess: float


def hidden_s(ramps: Sequence[Ramp]) -> float:
    """Return how long bursts rise before they can be seen, from their mean duration and excess, s.

    Examples
    --------
    >>> round(hidden_s([Ramp(0.100, 3.0), Ramp(0.140, 3.0)]), 3)
    0.028
    """
    if not ramps:
        return 0.0
    duration_s = _middle([r.duration_s for r in ramps])
    excess = math.exp(_middle([math.log(r.excess) for r in ramps]))
    return min(VISIBLE_AT / excess, 1.0) * duration_s


def measure_ramps(stretches: Sequence[Stretch], frames: Frames) -> list[Ramp]:
    """Return the ramp of each burst: the posterior mean of its duration, and the excess of its plateau.

    Parameters
    ----------
    stretches : sequence of Stretch
        Around the beginning of each burst.
    frames : Frames
        Of these stretches; reaching 0.3 s beyond the coarse step.
    """
    parts = [slice(k, k + AT_ONCE) for k in range(0, len(stretches), AT_ONCE)]
    durations = [d for part in parts for d in _durations(stretches[part], frames.part(part)).tolist()]
    return [Ramp(d, _excess(s)) for d, s in zip(durations, stretches, strict=True)]


def _durations(stretches: Sequence[Stretch], frames: Frames) -> FloatArray:
    """Return the posterior mean of the duration of each ramp, shape (n_bursts,)."""
    columns, rest = _cumulated(stretches, frames)
    climbs = columns[:, :-1] - columns[:, 1:]
    evidence = np.empty((len(DURATIONS_S), len(stretches)))
    for i, duration_s in enumerate(DURATIONS_S):
        length = round(duration_s / frames.step_s)
        fits = [_fit(columns, climbs, rest, length, power) for power in (POWERS if length else POWERS[:1])]
        evidence[i] = np.logaddexp.reduce(fits, axis=0) - math.log(len(fits))
    weights = np.exp(evidence - evidence.max(axis=0))
    durations: FloatArray = np.array(DURATIONS_S) @ weights / weights.sum(axis=0)
    return durations


def _cumulated(stretches: Sequence[Stretch], frames: Frames) -> tuple[FloatArray, FloatArray]:
    """Return log likelihoods summed from the start, at the levels around each plateau and at rest.

    The first array has shape (n_bursts, DEPTH + PLATEAUS, n_frames + longest ramp): DEPTH levels below the lowest
    plateau that is tried, then the plateaus; below the grid they are rest, beyond the end nothing is added. The second,
    rest before each frame, has shape (n_bursts, n_frames).
    """
    n_bursts, n_frames, n_levels = frames.active.shape
    skipped = max(0, n_frames - round(LOOKED_AT_S / frames.step_s))
    n_frames -= skipped
    middle = frames.rest.shape[2] // 2
    summed = np.zeros((n_bursts, 1 + n_levels, 1 + n_frames + round(max(DURATIONS_S) / frames.step_s)))
    summed[:, 0, 1 : 1 + n_frames] = frames.rest[:, skipped:, middle]
    summed[:, 1:, 1 : 1 + n_frames] = frames.active[:, skipped:].transpose(0, 2, 1)
    summed *= TEMPER_RATIO
    np.cumsum(summed, axis=2, out=summed)
    rest = summed[:, 0, :n_frames]
    columns = np.repeat(summed[:, :1], DEPTH + PLATEAUS, axis=1)
    for k, stretch in enumerate(stretches):
        risen_s = stretch.step / stretch.sampling_frequency + PLATEAU_FROM_S - frames.first_s[k]
        first = min(max(0, round(risen_s / frames.step_s) - skipped), max(0, int(frames.count[k]) - skipped - 1))
        best = int(np.argmax(summed[k, 1:, -1] - summed[k, 1:, first]))
        lowest = min(max(0, best - PLATEAUS // 2), n_levels - PLATEAUS)
        bottom = max(0, lowest - DEPTH)
        columns[k, DEPTH - (lowest - bottom) :] = summed[k, 1 + bottom : 1 + lowest + PLATEAUS]
    return columns, rest


def _fit(columns: FloatArray, climbs: FloatArray, rest: FloatArray, length: int, power: int) -> FloatArray:
    """Return the log evidence of a ramp of `length` frames, over all onsets and plateaus, shape (n_bursts,).

    `climbs` is each of `columns` minus the one above it: what it adds to leave a level for the next at some frame.
    """
    n_frames = rest.shape[1]
    drop = np.round(-10.0 * power * np.log10((np.arange(length) + 0.5) / length) / LEVEL_STEP_DB).astype(int)
    drop = np.append(np.minimum(drop, DEPTH), 0)
    lowest = DEPTH - int(drop[0])
    fit = columns[:, DEPTH:, -1:] - columns[:, lowest : lowest + PLATEAUS, :n_frames]
    fit += rest[:, None, :]
    for below in range(int(drop[0]), 0, -1):
        start = int(np.argmax(drop < below))
        fit += climbs[:, DEPTH - below : DEPTH - below + PLATEAUS, start : start + n_frames]
    flat = fit.reshape(fit.shape[0], -1)
    top = flat.max(axis=1)
    flat -= top[:, None]
    evidence: FloatArray = top + np.log(np.exp(flat, out=flat).sum(axis=1))
    return evidence


def _excess(stretch: Stretch) -> float:
    rate = stretch.sampling_frequency
    rest = stretch.values[: stretch.n_rest]
    burst = stretch.values[stretch.step + round(SNR_FROM_S * rate) : stretch.step + round(SNR_TO_S * rate)]
    if not burst.size:
        return math.inf
    power = float(np.mean(burst**2)) / max(float(np.mean(rest**2)), 1e-300)
    return math.sqrt(max(power - 1.0, LEAST_EXCESS))


def _middle(values: Sequence[float]) -> float:
    """Return the mean without the lowest and highest tenth; the mean of fewer than five."""
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    cut = ordered.size // 10 if ordered.size >= 5 else 0
    return float(ordered[cut : ordered.size - cut].mean())
