"""The default method: a hidden Markov model and networks together, calibrated on hand-read bursts.

They see the same burst in different ways and err in different places: where one is sure of a wrong time, the other is
not. Densities are multiplied, each with a power below 1, as they are not independent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.special import expit, logit, logsumexp

from emgorder.model import FloatArray, Onset, Posterior, Rise, StartFits
from emgorder.onset.agreement import NO_DENSITY, calibrated, laplace, pooled, reach_of
from emgorder.onset.hmm import WANDER_DB, HmmPosterior, hmm_posteriors
from emgorder.onset.levels import Stretch, measure_frames
from emgorder.onset.network import NetworkPosterior, OnsetNetwork, network_posteriors
from emgorder.onset.rises import RISE_S, USUAL, fit_rises
from emgorder.onset.starts import fit_starts, usual_kinds

__all__ = ["detect_hmm", "detect_posteriors", "place_start"]

NETWORK_FROM_HZ = 400.0
"""Slower signals are left to the hidden Markov model: on the fourteen hand-read bursts at 200 and 250 Hz it is off by
3 and 6 ms (median), the network by more."""

SHARPEN = 1.4
"""Power of the hidden Markov model's density where it is used alone: it makes up for tempered likelihoods."""

NARROW_S, WIDE_S, WIDE_SHARE = 0.001, 0.100, 0.04
"""Scales of the two Laplace kernels that blur the hidden Markov model's density, and the weight of the wide one: the
narrow one stands for the precision of a reading, the wide one for bursts whose onset is somewhere else."""

SEEN_S = 0.15
"""The start of a rise is placed only where at least this much signal follows the coarse step: the network was trained
on windows that show that much of the burst."""

ALONE, AMONG_OTHERS = (0.7, 0.7), (0.8, 0.7)
"""Powers with which the two densities of a rise's start (by levels, by the start network) enter their product: for a
burst on its own, and for one whose session is known. On its own, with both powers at 0.6 / 0.7 / 1.0, the start of 492
simulated bursts errs by 14.7 / 14.9 / 15.4 ms and 90 % intervals cover .96 / .94 / .85."""

LEAST_TRUST = 0.4
"""These powers are multiplied by this for a burst that does not look smooth at all, by 1 for one that surely is, and in
between accordingly. Rises were not modelled on wavering rests and mains hum: with it intervals cover .81 instead of .78
of the differences of disturbed lifts and .91 instead of .90 of quiet ones, and no fewer orders are right."""

EXCITED_POWER = 0.3
"""Power of a third density, the first excitation as the onset network sees it, where the session tells how late that
usually is. Without it .942 instead of .947 of 2,000 equal pairs are right; for a burst on its own it does not help
(15.0 instead of 14.9 ms), so there it is left out."""

LEAST_LOG = -20.0
"""Least log density of a start, relative to its peak: beyond doubt, yet no product becomes zero everywhere."""

LEAST_DOUBT = 1e-4
"""When both models are asked whether there is a burst, neither counts as surer than this of yes or no."""

SMOOTH_PROBABILITY, SMOOTH_SHARE = (0.5, 0.75, 0.95), (0.03, 0.4, 1.0)
"""How much the start of a rise counts, against where it becomes visible, at these probabilities of a smooth rise;
linear in between. The probability is 0.1 on average on 83 hand-read bursts, 0.97 on simulated ramps out of quiet rests,
and 0.86 (median) on ramps disturbed by wavering rests, stray potentials and hum. In two sets of those 90 % intervals
cover .81 and .89 of the true onsets; .75 and .80 if the start counts from 0.75 on only. Readings fare the same."""

LEAST_PROBABILITY = 0.5
"""Below it the onset is withheld: more likely than not there is no burst."""

TRIMMED = 1e-4
"""Probability that is cut off at either end of a density, to keep its grid short."""


def detect_posteriors(stretches: Sequence[Stretch], network: OnsetNetwork | None = None) -> list[Onset]:
    """Return the onset of each stretch with its posterior, seconds from the stretch's first sample.

    Parameters
    ----------
    stretches : sequence of Stretch
        Of one sampling frequency.
    network : OnsetNetwork, optional
        Weights; default: those of the package.
    """
    if not stretches:
        return []
    rate = stretches[0].sampling_frequency
    frames = measure_frames(stretches, WANDER_DB, RISE_S)
    found = hmm_posteriors(stretches, frames)
    by_levels = fit_rises(frames)
    upright = [_upright(s.values) for s in stretches]
    seen = network_posteriors(upright, rate, conditioned=True, network=network)
    fused = [_fused(*parts) for parts in zip(found, seen, stretches, strict=True)]
    onsets = [onset for onset, _, _ in fused]
    there = [k for k, onset in enumerate(onsets) if onset.found and _seen_s(stretches[k]) >= SEEN_S]
    by_network = fit_starts([upright[k] for k in there], [onsets[k].visible_s for k in there], rate)
    kinds = np.log(USUAL), usual_kinds()
    for k, fits in zip(there, by_network, strict=True):
        onset, grid_s, visible = fused[k]
        excited = _on(grid_s, seen[k].excited) + NO_DENSITY
        rise = Rise(grid_s, visible, excited / excited.sum(), onset.smooth, by_levels[k], fits)
        onsets[k] = place_start(replace(onset, rise=rise), *kinds)
    return onsets


def detect_hmm(stretches: Sequence[Stretch]) -> list[Onset]:
    """Return where each burst becomes visible, from the hidden Markov model alone."""
    return [
        _onset(*_blurred(h, s, SHARPEN), step_s=h.step_s, probability=h.burst)
        for h, s in zip(hmm_posteriors(stretches), stretches, strict=True)
    ]


def _upright(values: FloatArray) -> FloatArray:
    """Return `values` with the sign that makes their skewness positive: which way electrodes point must not matter."""
    return -values if float((values * values) @ values) < 0.0 else values


def place_start(
    onset: Onset, level_kinds: FloatArray, network_kinds: FloatArray, later_s: float | None = None
) -> Onset:
    """Return the onset with the start of its rise placed anew; one without a rise as it is.

    Parameters
    ----------
    onset : Onset
        Of :func:`detect_posteriors`. Its ``smooth`` says how much the start counts, that of its rise how smooth the
        burst looks by itself.
    level_kinds, network_kinds : ndarray, shape (n_kinds,)
        Log probability of each kind of rise in this burst, for the fits by levels and by the start network.
    later_s : float, optional
        How much later than it says the onset network is taken to mean the excitation, as the session tells, s; without
        a session it is not asked.
    """
    rise = onset.rise
    if rise is None:
        return onset
    by_levels, by_network = ALONE if later_s is None else AMONG_OTHERS
    log_began = by_levels * _log_start(rise.grid_s, rise.levels, level_kinds)
    log_began += by_network * _log_start(rise.grid_s, rise.network, network_kinds)
    if later_s is not None:
        log_began += EXCITED_POWER * np.log(np.interp(rise.grid_s - later_s, rise.grid_s, rise.excited))
    log_began *= LEAST_TRUST + (1.0 - LEAST_TRUST) * rise.smooth
    began = np.exp(log_began - log_began.max())
    mass = (1.0 - onset.smooth) * rise.visible / rise.visible.sum() + onset.smooth * began / began.sum()
    posterior = _trimmed(rise.grid_s, mass, float(rise.grid_s[1] - rise.grid_s[0]))
    low_s, time_s, high_s = (posterior.quantile(q) for q in (0.05, 0.5, 0.95))
    return replace(onset, time_s=time_s, low_s=low_s, high_s=high_s, posterior=posterior)


def _log_start(grid_s: FloatArray, fits: StartFits, kinds: FloatArray) -> FloatArray:
    """Return the log density of the start on a grid, up to a constant; held beyond the first and last start tried."""
    mixed = logsumexp(fits.fit + kinds[:, None], axis=0)
    log_density: FloatArray = np.interp(grid_s, fits.starts_s, np.maximum(mixed - mixed.max(), LEAST_LOG))
    return log_density


def _fused(found: HmmPosterior, seen: NetworkPosterior, stretch: Stretch) -> tuple[Onset, FloatArray, FloatArray]:
    """Return where the burst becomes visible, from what both say, and the times and masses of that."""
    probability = _agreed(found.burst, seen.probability)
    alone = stretch.sampling_frequency < NETWORK_FROM_HZ
    grid_s, visible = _blurred(found, stretch, SHARPEN if alone else 1.0)
    if not visible.any():
        return _onset(grid_s, visible, step_s=found.step_s, probability=probability), grid_s, visible
    if alone:
        visible = calibrated(visible, found.step_s)
    else:
        visible = pooled(visible / found.step_s, _on(grid_s, seen.visible), found.step_s)
    smooth = _smooth_share(seen.smooth) if _seen_s(stretch) >= SEEN_S else 0.0
    onset = _onset(grid_s, visible, step_s=found.step_s, probability=probability)
    return replace(onset, smooth=smooth) if onset.found else onset, grid_s, visible


def _seen_s(stretch: Stretch) -> float:
    """Return how much signal there is after the coarse step."""
    return (stretch.values.size - stretch.step) / stretch.sampling_frequency


def _agreed(*probabilities: float) -> float:
    """Return the probability whose log odds are the mean of those given."""
    p = np.clip(probabilities, LEAST_DOUBT, 1.0 - LEAST_DOUBT)
    return float(expit(np.mean(logit(p))))


def _smooth_share(probability: float) -> float:
    """Return how much the start of a rise counts against where it becomes visible."""
    return float(np.interp(probability, SMOOTH_PROBABILITY, SMOOTH_SHARE))


def _on(grid_s: FloatArray, posterior: Posterior) -> FloatArray:
    return np.interp(grid_s, posterior.grid_s, posterior.density, left=0.0, right=0.0)


def _blurred(found: HmmPosterior, stretch: Stretch, power: float) -> tuple[FloatArray, FloatArray]:
    """Return times and masses of a model's onset, blurred by what a reading and the model can miss."""
    if not found.mass.any():
        return np.zeros(0), np.zeros(0)
    reach = reach_of(WIDE_S, found.step_s)
    mass = found.mass**power
    mass = np.convolve(mass / mass.sum(), _kernel(found.step_s, reach))
    grid_s: FloatArray = found.first_s + found.step_s * np.arange(-reach, found.mass.size + reach, dtype=np.float64)
    inside = (grid_s >= 0.0) & (grid_s < stretch.values.size / stretch.sampling_frequency)
    return grid_s[inside], mass[inside]


def _onset(grid_s: FloatArray, mass: FloatArray, *, step_s: float, probability: float) -> Onset:
    if probability < LEAST_PROBABILITY or not mass.any():
        return Onset(probability=probability, reason="no burst")
    posterior = _trimmed(grid_s, mass, step_s)
    return Onset(
        time_s=posterior.quantile(0.5),
        low_s=posterior.quantile(0.05),
        high_s=posterior.quantile(0.95),
        visible_s=posterior.quantile(0.5),
        probability=probability,
        posterior=posterior,
    )


def _kernel(step_s: float, reach: int) -> FloatArray:
    narrow, wide = (laplace(scale_s, step_s, reach) for scale_s in (NARROW_S, WIDE_S))
    kernel: FloatArray = (1.0 - WIDE_SHARE) * narrow / narrow.sum() + WIDE_SHARE * wide / wide.sum()
    return kernel


def _trimmed(grid_s: FloatArray, mass: FloatArray, step_s: float) -> Posterior:
    cumulative = np.cumsum(mass) / mass.sum()
    first, last = np.searchsorted(cumulative, (TRIMMED, 1.0 - TRIMMED))
    kept = slice(int(first), int(last) + 1)
    return Posterior(grid_s[kept], mass[kept] / (mass[kept].sum() * step_s))
