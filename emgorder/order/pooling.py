"""The pooled difference of a session: what all lifts together say of the typical difference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emgorder.model import FloatArray, Posterior
from emgorder.order.density import cell_masses, uniform_grid, widen

__all__ = ["PooledDifference", "pool_differences"]

STEP_S = 0.002  # grid of the typical difference: a tenth of its best standard error
LIFT_SD_S: FloatArray = np.geomspace(0.003, 0.140, 12)
"""Grid of the between-lift SD; people vary by 30 to 90 ms. With 24 points probabilities differ by .0002 (median) and at
most .011."""

LIFT_SD_SCALE_S = 0.030
"""Half-Cauchy prior of the between-lift SD: half its mass lies below. Log-normal priors about 45 or 50 ms cover as much
(.89 to .92 at 10 lifts) and give fewer verdicts."""

OUTLIER_SHARE = 0.03  # lifts that belong to no pattern (a cough, a second start)
OUTLIER_RANGE_S = 2.4  # ... may lie anywhere from -1.2 to 1.2 s, as far as two onsets count as one movement
SHARED_SHARE = 0.25
"""Share of a lift's onset error variance that all lifts of a session have in common (the shape of a rise, a noisy
channel): it does not average out. On 84 simulated sessions of ten lifts, in all published ways of doing the test, a
share of .30 covers .87 of the persons' means with 90 % intervals, .97 of the verdicts are right; but it leaves 18 ms
that no lift takes away, so that clean simultaneous onsets could never be called together. With .25 they can."""

_REACH_S = 0.2  # the grid goes this far beyond the lifts' own intervals: few lifts leave the mean that uncertain
_TAIL_SD = 5.0  # kernels are cut here
_SD_OF_INTERVAL = 2 * 1.6448536  # width of a Gaussian's 90 % interval in SD


@dataclass(frozen=True, eq=False, slots=True)
class PooledDifference:
    """Typical difference of a session and what its uncertainty is made of.

    Attributes
    ----------
    posterior : Posterior
        Of the typical difference, all errors included.
    lifts_only : Posterior
        The same without the errors that all lifts share: this part narrows with further lifts.
    shared_sd_s : float
        Standard deviation of the shared errors (onsets and clocks): this part stays.
    between_lift_sd_s : float
        Posterior mean of the standard deviation between lifts, onset errors taken out.
    n_lifts : int
        Lifts pooled.
    """

    posterior: Posterior
    lifts_only: Posterior
    shared_sd_s: float
    between_lift_sd_s: float
    n_lifts: int


def pool_differences(differences: Sequence[Posterior], *, shared_sd_s: float = 0.0) -> PooledDifference:
    """Pool the differences of several lifts into the typical difference.

    The lifts of a session scatter around the typical difference μ as N(μ, ω²), except for 3 % that lie anywhere within
    ±1.2 s. The likelihood of a lift is the density of its difference convolved with that; ω is integrated out on a grid
    with a half-Cauchy prior, μ has a flat one. What lifts have in common does not average out: μ is convolved with
    N(0, σ²), where σ holds the errors known to be shared and the shared part of the lifts' own errors.

    Parameters
    ----------
    differences : sequence of Posterior
        Density of each lift's difference, **without** the clock uncertainty, at least one.
    shared_sd_s : float
        Standard uncertainty that is the same error in every lift, that of the clocks first of all, s.

    Returns
    -------
    PooledDifference

    Examples
    --------
    >>> grid_s = np.arange(-200, 201) * 1e-3
    >>> lifts = [Posterior(grid_s, np.exp(-0.5 * ((grid_s - d) / 0.015) ** 2)) for d in (0.06, 0.09, 0.05, 0.08, 0.07)]
    >>> pooled = pool_differences(lifts)
    >>> round(pooled.posterior.quantile(0.5), 2)
    0.07
    """
    low_s, high_s = np.array([[d.quantile(0.05), d.quantile(0.95)] for d in differences]).T
    grid_s = uniform_grid(float(low_s.min()) - _REACH_S, float(high_s.max()) + _REACH_S, STEP_S)
    masses = np.stack([cell_masses(d, grid_s) for d in differences])
    joint = _joint_posterior(masses)
    lifts_only = Posterior(grid_s, joint.sum(axis=0) / STEP_S)
    between_lift_sd_s = float(joint.sum(axis=1) @ LIFT_SD_S)
    lift_sd_s = (high_s - low_s) / _SD_OF_INTERVAL
    all_shared_sd_s = math.hypot(shared_sd_s, _shared_onset_sd(lift_sd_s, between_lift_sd_s))
    return PooledDifference(
        posterior=widen(lifts_only, all_shared_sd_s),
        lifts_only=lifts_only,
        shared_sd_s=all_shared_sd_s,
        between_lift_sd_s=between_lift_sd_s,
        n_lifts=len(differences),
    )


def _joint_posterior(masses: FloatArray) -> FloatArray:
    """Return the probability of each pair of between-lift SD and typical difference.

    `masses` has shape (n_lifts, n_grid); the result has shape (n_sd, n_grid) and sums to 1.
    """
    from scipy.fft import irfft, next_fast_len, rfft

    n_grid = masses.shape[1]
    reach = math.ceil(_TAIL_SD * LIFT_SD_S[-1] / STEP_S)
    size = next_fast_len(n_grid + reach, real=True)
    lag_s = STEP_S * np.minimum(np.arange(size), size - np.arange(size))
    kernels = np.exp(-0.5 * (lag_s / LIFT_SD_S[:, None]) ** 2) * (lag_s <= _TAIL_SD * LIFT_SD_S[:, None])
    kernels *= (1.0 - OUTLIER_SHARE) / (kernels.sum(axis=1, keepdims=True) * STEP_S)
    spectra, lift_spectra = rfft(kernels), rfft(masses, size)
    log_joint = np.empty((LIFT_SD_S.size, n_grid))
    for row, spectrum in enumerate(spectra):
        regular = np.maximum(irfft(lift_spectra * spectrum, size)[:, :n_grid], 0.0)
        log_joint[row] = np.log(regular + OUTLIER_SHARE / OUTLIER_RANGE_S).sum(axis=0)
    # the grid of the SD is even in its logarithm: a factor SD turns the prior's density into that of the logarithm
    log_joint += np.log(LIFT_SD_S / (1.0 + (LIFT_SD_S / LIFT_SD_SCALE_S) ** 2))[:, None]
    joint: FloatArray = np.exp(log_joint - log_joint.max())
    joint /= joint.sum()
    return joint


def _shared_onset_sd(lift_sd_s: FloatArray, between_lift_sd_s: float) -> float:
    """Return what the shared part of the lifts' own errors adds to the pooled difference.

    Lifts weigh as much as they do in the pooled difference. Its density already holds the shared part as if it were
    independent, divided by the effective number of lifts; only the rest is added.
    """
    weights = 1.0 / (between_lift_sd_s**2 + lift_sd_s**2)
    weights /= weights.sum()
    return float(weights @ lift_sd_s) * math.sqrt(SHARED_SHARE * (1.0 - float(weights @ weights)))
