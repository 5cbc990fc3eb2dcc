"""Posterior of an onset from a hidden Markov model of the log power.

Before the onset the muscle rests; rest wanders by some dB and holds stray potentials that return to rest. At the onset
activity becomes visible, and from then on its level climbs, falls or jumps. The posterior of the onset is the
probability of rest up to it times that of activity after it, summed over all levels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emgorder.model import FloatArray
from emgorder.onset.levels import LEVELS_DB, Frames, Stretch, measure_frames

__all__ = ["HmmPosterior", "hmm_posteriors"]

# What parts are worth on hand-read bursts, in log score: stray state 1.0, visibility floor 0.43, wandering rest 0.22.

WANDER_SD_DB, WANDER_TIME_S = 2.5, 0.4
WANDER_DB = 0.8 * WANDER_SD_DB * np.arange(-2.0, 3.0)
"""Levels of rest. Real baselines wander by about +-4 dB."""

WANDER_RATE = 1.5
"""Steps between neighbouring levels in one wander time: with it the walk forgets in WANDER_TIME_S."""

FASTEST_WANDER = 0.45
"""Probability of a step to one neighbour in one frame, at most: below 0.5, so that a level can stay. Judged; a guard
that frames of 2.5 ms (0.01) and even 10 ms do not reach."""

STRAYS_PER_S, STRAY_S, STRAY_DECAY_DB = 0.5, 0.035, 12.0
"""Stray potentials at rest: how many, how long, and how fast their levels become rarer."""

FASTEST_STRAY_END = 0.9
"""Probability that a stray ends within one frame, at most: below 1, so that it may last two. Judged; a guard that
frames of 2.5 ms (0.07) and even 10 ms (0.29) do not reach."""

VISIBLE_SPAN_DB, VISIBLE_LOW_DB, VISIBLE_HIGH_DB = 15.0, -9.0, 1.5
"""The onset is the first level above the burst's plateau - 15 dB, kept between -9 and 1.5 dB over rest: readers mark
the first activity that goes on into the burst, seen on the scale of the burst."""

FIRST_DECAY_DB = 25.0
"""How fast levels become rarer as the first visible one."""

VISIBLE_EDGE_DB = 3.0
"""Levels below the visible one become the first with a probability that falls to 0 over this span, one step of the
levels: the floor then moves without jumps (judged)."""

UP, DOWN, JUMP, PER_S = 0.13, 0.05, 0.01, 0.0025
"""After the onset, in 2.5 ms: one level (3 dB) up, one down, anywhere."""

LAST_S = 0.02
"""An onset in the last of the signal cannot be told from a stray."""

BURST_ODDS = 4.0
"""Prior odds that a stretch chosen for its step of power holds a burst. Judged, then measured: of 150 simulated signals
each, 3 s long and however small their step, this model alone takes for a burst, of rest and of bursts of 3 / 4.5 / 6 dB
with ramps up to 100 ms, at 1 kHz .01 and .96 / 1.00 / 1.00, at 200 Hz .07 and .75 / .90 / .96. With odds of 1 these
are .00 and .76 / .93 / 1.00, .00 and .40 / .64 / .85; with odds of 16 .38 and .82 of rest, and every burst."""


@dataclass(frozen=True, eq=False, slots=True)
class HmmPosterior:
    """Probability of the onset in each frame, before any blur, and that there is one at all."""

    first_s: float
    step_s: float
    mass: FloatArray
    burst: float


def hmm_posteriors(stretches: Sequence[Stretch], frames: Frames | None = None) -> list[HmmPosterior]:
    """Return the posterior of each onset.

    Parameters
    ----------
    stretches : sequence of Stretch
        Of one sampling frequency; each with a rest of at least 0.1 s.
    frames : Frames, optional
        What :func:`~emgorder.onset.levels.measure_frames` returned for them, if it was called before.

    Returns
    -------
    list of HmmPosterior
        Times count from the first sample of each stretch.

    Examples
    --------
    >>> emg = np.random.default_rng(1).normal(size=1600) * np.where(np.arange(1600) < 600, 1, 10)
    >>> posterior = hmm_posteriors([Stretch(emg, 1000.0, n_rest=500, step=620)])[0]
    >>> bool(abs(posterior.first_s + posterior.step_s * posterior.mass.argmax() - 0.6) < 0.01)
    True
    """
    if not stretches:
        return []
    frames = frames or measure_frames(stretches, WANDER_DB)
    log_onset, log_none = _onset_likelihoods(frames)
    found = []
    for k, n in enumerate(frames.near):
        weights = log_onset[k, :n].copy()
        weights[max(0, n - max(1, int(LAST_S / frames.step_s))) :] = -np.inf
        top = weights.max(initial=-np.inf)
        if not np.isfinite(top):
            found.append(HmmPosterior(float(frames.first_s[k]), frames.step_s, np.zeros(n), 0.0))
            continue
        mass = np.exp(weights - top)
        odds = BURST_ODDS * mass.mean() * np.exp(min(top - log_none[k], 700.0))
        found.append(
            HmmPosterior(float(frames.first_s[k]), frames.step_s, mass / mass.sum(), float(odds / (1.0 + odds)))
        )
    return found


def _onset_likelihoods(frames: Frames) -> tuple[FloatArray, FloatArray]:
    """Return the log likelihood of an onset in each frame, shape (n_bursts, n_frames), and of none, (n_bursts,)."""
    before, rest_law, after = _chains(frames.step_s)
    n_bursts, n_frames = frames.rest.shape[0], int(frames.near.max())
    n_rest = frames.rest.shape[2]
    both = np.empty((n_frames, n_bursts, n_rest + LEVELS_DB.size))  # one frame of all bursts after the other
    both[:, :, :n_rest] = frames.rest[:, :n_frames].transpose(1, 0, 2)
    both[:, :, n_rest:] = frames.active[:, :n_frames].transpose(1, 0, 2)
    both -= both.max(axis=2, keepdims=True)
    np.exp(both, out=both)
    both[np.arange(n_frames)[:, None] >= frames.near] = 1.0
    # Both chains at once, one from the first frame on, one from the last frame back; the latter never rests.
    n_states = both.shape[2]
    step, state = np.zeros((2, n_states, n_states)), np.zeros((2, n_bursts, n_states))
    step[0], step[1, n_rest:, n_rest:] = before, after.T
    state[0, :, :n_rest], state[1, :, n_rest:] = rest_law, 1.0
    state[0] = state[0] @ before
    entry = np.pad(_entry_law(frames.plateau_dB), ((0, 0), (n_rest, 0)))
    entered, kept = np.empty((n_frames, n_bursts)), np.empty((n_frames, 2, n_bursts))
    for k in range(n_frames):
        state[0] *= both[k]
        state[1] *= both[-1 - k]
        np.einsum("ij,ij->i", state[1], entry, out=entered[-1 - k])
        np.add.reduce(state, axis=2, out=kept[k])
        state /= kept[k, :, :, None]
        state = state @ step
    log_kept = np.zeros((n_frames + 1, 2, n_bursts))
    np.cumsum(np.log(kept), axis=0, out=log_kept[1:])
    log_before, log_after = log_kept[:, 0], log_kept[::-1, 1]
    with np.errstate(divide="ignore"):
        log_onset = log_before[:-1] + np.log(entered) + log_after[1:]
    return np.ascontiguousarray(log_onset.T), log_before[-1]


def _chains(step_s: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return transitions before the onset (rest levels, then strays), the law of rest, and transitions after it."""
    n_rest, n_levels = WANDER_DB.size, LEVELS_DB.size
    rest_law = np.exp(-0.5 * (WANDER_DB / WANDER_SD_DB) ** 2)
    rest_law /= rest_law.sum()
    pace = min(FASTEST_WANDER, WANDER_RATE * (1.0 - np.exp(-step_s / WANDER_TIME_S)))
    walk = np.zeros((n_rest, n_rest))
    for i in range(n_rest):
        for j in (i - 1, i + 1):
            if 0 <= j < n_rest:
                walk[i, j] = pace * min(1.0, rest_law[j] / rest_law[i])
        walk[i, i] = 1.0 - walk[i].sum()
    stray_law = np.exp(-np.maximum(LEVELS_DB, 0.0) / STRAY_DECAY_DB)
    stray_law /= stray_law.sum()
    begins, ends = STRAYS_PER_S * step_s, min(FASTEST_STRAY_END, step_s / STRAY_S)
    before = np.block(
        [
            [walk * (1.0 - begins), begins * np.tile(stray_law, (n_rest, 1))],
            [ends * np.tile(rest_law, (n_levels, 1)), (1.0 - ends) * np.eye(n_levels)],
        ]
    )
    up, down, jump = (p * step_s / PER_S for p in (UP, DOWN, JUMP))
    after = np.eye(n_levels) * (1.0 - up - down) + np.eye(n_levels, k=1) * up + np.eye(n_levels, k=-1) * down
    after[0, 0] += down
    after[-1, -1] += up
    after = (1.0 - jump) * after + jump / n_levels
    return before, rest_law, after


def _entry_law(plateau_dB: FloatArray) -> FloatArray:
    """Return the probability of each level as the first visible one, shape (n_bursts, n_levels)."""
    visible_dB = np.clip(plateau_dB - VISIBLE_SPAN_DB, VISIBLE_LOW_DB, VISIBLE_HIGH_DB)[:, None]
    above = LEVELS_DB[None, :] - visible_dB
    law = np.exp(-np.maximum(above, 0.0) / FIRST_DECAY_DB) * np.clip(1.0 + above / VISIBLE_EDGE_DB, 0.0, 1.0)
    entry: FloatArray = law / law.sum(axis=1, keepdims=True)
    return entry
