"""How well rises of several durations and shapes fit the beginning of a burst.

A rise is a course of the added power from nothing up to the burst's plateau. Its likelihood is the sum of those of its
frames, each at the level that the course has there, and of rest before it; the plateau is integrated out. One burst
hardly tells the kind of its rise; the bursts of a muscle in one session together do.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from emgorder.model import FloatArray, StartFits
from emgorder.onset.levels import LEVELS_DB, Frames

__all__ = ["DURATIONS_S", "KINDS", "POWERS", "RISE_S", "USUAL", "fit_rises"]

DURATIONS_S = (0.02, 0.045, 0.08, 0.13, 0.2, 0.27)
POWERS = (1, 2, 4)
"""Added power grows as the share of the duration that is over, to this power: concave, linear and convex amplitudes."""

KINDS = ((0.0, 1), *((duration_s, power) for power in POWERS for duration_s in DURATIONS_S))
"""Duration (s) and power of each kind of rise; the first is a step."""

STEP_SHARE, POWER_SHARES = 0.08, {1: 0.3, 2: 0.4, 4: 0.3}
"""How common steps are, and each shape among the others (judged)."""

RISE_S = 0.3
"""Rises are fitted to the signal up to this long after the coarse step, by when the longest ones have ended."""

EARLIEST_S = 0.45
"""Rises may begin up to this long before the end of the stretch in which onsets are looked for."""

FRAME_S = 0.005
"""Frames are merged up to this length: levels need not place a rise more finely, the start network does."""

N_PLATEAUS = 3
"""Levels that the plateau may have, 3 dB apart around the measured one; five are no better."""

DEEPEST = 12
"""Levels below the plateau at which a rise can no longer be told from rest: 36 dB."""

MOST_DOUBT = 300.0
"""Most by which the log likelihood of a level may lie below that of the likeliest in one frame: enough to be beyond
doubt, and small enough for sums in single precision."""


def _usual() -> FloatArray:
    """Return how common each kind is: half way between evenly spread durations and evenly spread log durations."""
    common = np.sqrt(np.gradient(DURATIONS_S))
    shares = [POWER_SHARES[power] * common / common.sum() for power in POWERS]
    usual: FloatArray = np.concatenate([[STEP_SHARE], (1.0 - STEP_SHARE) * np.concatenate(shares)])
    return usual


USUAL = _usual()
"""Probability of each kind where nothing is known of the session."""


def fit_rises(frames: Frames) -> list[StartFits]:
    """Return how well each kind of rise fits each burst from each start.

    Parameters
    ----------
    frames : Frames
        Measured to ``RISE_S`` after the coarse step.

    Examples
    --------
    >>> from emgorder.onset.levels import Stretch, measure_frames
    >>> emg = np.random.default_rng(1).normal(size=1600) * np.where(np.arange(1600) < 600, 1, 10)
    >>> [fitted] = fit_rises(measure_frames([Stretch(emg, 1000.0, n_rest=500, step=620)], np.zeros(1), RISE_S))
    >>> kind, start = np.unravel_index(fitted.fit.argmax(), fitted.fit.shape)
    >>> KINDS[kind], bool(abs(fitted.starts_s[start] - 0.6) < 0.01)
    ((0.0, 1), True)
    """
    merged = max(1, round(FRAME_S / frames.step_s))
    step_s = merged * frames.step_s
    n_starts, n_after = round(EARLIEST_S / step_s), round(RISE_S / step_s)
    gained = _gained(frames, merged, n_starts, n_after)
    fit = np.empty((gained.shape[1], len(KINDS), n_starts), dtype=np.float32)
    for row, (duration_s, power) in enumerate(KINDS):
        n_rising = min(round(duration_s / step_s), n_after)
        total = gained[DEEPEST:, :, -1:] - gained[DEEPEST:, :, n_rising : n_rising + n_starts]
        below = np.round(-10.0 * power * np.log10((np.arange(n_rising) + 0.5) / max(n_rising, 1)) / _level_step_dB())
        below = np.minimum(below, DEEPEST).astype(np.intp)
        cuts = [0, *(np.flatnonzero(np.diff(below)) + 1), n_rising] if n_rising else [0]
        for a, b in pairwise(cuts):
            levels = gained[DEEPEST - below[a] : DEEPEST - below[a] + N_PLATEAUS]
            total += levels[:, :, b : b + n_starts]
            total -= levels[:, :, a : a + n_starts]
        top = total.max(axis=0)
        total -= top
        fit[:, row] = top + np.log(np.exp(total, out=total).sum(axis=0))
    fit -= fit.max(axis=(1, 2), keepdims=True)
    first_s = frames.first_s + frames.near * frames.step_s - n_starts * step_s
    starts_s = first_s[:, None] + step_s * np.arange(n_starts)
    return [StartFits(*one) for one in zip(starts_s, fit.astype(np.float64), strict=True)]


def _level_step_dB() -> float:
    return float(LEVELS_DB[1] - LEVELS_DB[0])


def _gained(frames: Frames, merged: int, n_starts: int, n_after: int) -> npt.NDArray[np.float32]:
    """Return log likelihoods at levels around and below each burst's plateau over those at rest, summed over time.

    Shape (DEEPEST + N_PLATEAUS, n_bursts, n_starts + n_after + 1); starts end where onsets are no longer looked for.
    Frames beyond either end of a burst tell nothing.
    """
    n_bursts, n_frames = frames.active.shape[:2]
    at = frames.near[:, None] + np.arange(-n_starts * merged, n_after * merged)
    there = (at >= 0) & (at < frames.count[:, None])
    at = np.clip(at, 0, n_frames - 1)
    top = np.round((frames.plateau_dB - LEVELS_DB[0]) / _level_step_dB()).astype(np.intp) + N_PLATEAUS // 2
    level = np.clip(top, N_PLATEAUS - 1, LEVELS_DB.size - 1)[:, None] - np.arange(DEEPEST + N_PLATEAUS - 1, -1, -1)
    # Far below rest the likelihood changes in proportion to the added power.
    share = 10.0 ** (np.minimum(level, 0) * _level_step_dB() / 10.0)
    gained = np.zeros((level.shape[1], n_bursts, n_starts + n_after + 1), dtype=np.float32)
    for k in range(n_bursts):
        gain = (
            frames.active[k, at[k]][:, np.maximum(level[k], 0)] - frames.rest[k, at[k], frames.rest.shape[2] // 2, None]
        )
        gain *= there[k, :, None]
        gain = gain.reshape(-1, merged, level.shape[1]).sum(axis=1) * share[k]
        most = np.maximum(gain.max(axis=1, keepdims=True), 0.0)  # of the likeliest, rest or a level
        gain = np.maximum(gain - most, -MOST_DOUBT) - np.maximum(-most, -MOST_DOUBT)
        np.cumsum(gain.T, axis=1, out=gained[:, k, 1:])
    return gained
