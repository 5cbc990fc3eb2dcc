"""The order of more than two muscles: each pair, and the distribution over whole orders."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from numbers import Real

import numpy as np

from emgorder.arguments import require_kind, require_list
from emgorder.errors import SettingsError
from emgorder.model import FloatArray, IntArray, LiftResult, Onset, Posterior, Sync
from emgorder.order.hidden import lag_error_s
from emgorder.order.lift import DEFAULT_ROPE_S, difference_posterior
from emgorder.order.pooling import pool_differences
from emgorder.order.session import MAX_SYNC_SD_S, MIN_VALID_LIFTS
from emgorder.order.verdict import probabilities

__all__ = ["OrderMatrix", "compare_muscles"]

DRAWS = 2**16  # an order's probability is within .004 of its limit (two standard errors)
_SEED = 0  # the same lifts give the same digits


@dataclass(frozen=True, eq=False, slots=True)
class OrderMatrix:
    """Typical order of several muscles on one side of a session.

    Row `i` and column `j` of each matrix compare muscle `i` with muscle `j`; the diagonal is NaN. Pairs that cannot be
    told (too few lifts, onsets without a posterior, signals or clocks that cannot time an onset) have no probabilities
    and no interval: NaN.

    Attributes
    ----------
    channels : tuple of str
        Labels of the channels, k of them.
    difference_s : ndarray of float64, shape (k, k)
        Median of the typical difference, onset of `i` minus onset of `j`: negative means that `i` is earlier. The plain
        median of the lifts where a pair cannot be told, NaN where no lift has both.
    low_s, high_s : ndarray of float64, shape (k, k)
        5 % and 95 % of the typical difference.
    p_earlier : ndarray of float64, shape (k, k)
        Probability that `i` is earlier than `j` by anything: the sign alone.
    p_first : ndarray of float64, shape (k, k)
        Probability that `i` is earlier than `j` by more than ``rope_s``.
    p_together : ndarray of float64, shape (k, k)
        Probability that the two differ by at most ``rope_s``.
    n_lifts : ndarray of intp, shape (k, k)
        Lifts with an onset of both; on the diagonal, of the one.
    orders : tuple of (tuple of str, float)
        Whole orders by the sign alone, earliest muscle first, with their probabilities, the likeliest first; they sum
        to 1. They leave out the channels that were refused, and are empty where another pair cannot be told.
    rope_s : float
        Differences up to this size count as together, s.
    """

    channels: tuple[str, ...]
    difference_s: FloatArray
    low_s: FloatArray
    high_s: FloatArray
    p_earlier: FloatArray
    p_first: FloatArray
    p_together: FloatArray
    n_lifts: IntArray
    orders: tuple[tuple[tuple[str, ...], float], ...]
    rope_s: float


def compare_muscles(
    lifts: Sequence[LiftResult],
    *,
    rope_s: float = DEFAULT_ROPE_S,
    sync: Sync | None = None,
    min_lifts: int = MIN_VALID_LIFTS,
    refused: Collection[str] = (),
) -> OrderMatrix:
    """Compare every pair of the muscles that lifts hold, pooled over the lifts like glute and hamstring are.

    Glute against hamstring gets the numbers of :func:`emgorder.order.pool_side`. As there, clocks that agree no better
    than 15 ms, or nobody knows how well, leave every pair without probabilities.

    The distribution over whole orders of three and more takes the typical onsets as jointly Gaussian: the variances of
    all pairwise differences fix their covariance. Summed over orders, the probability of a pair therefore differs from
    ``p_earlier`` by as much as its density differs from a Gaussian.

    Parameters
    ----------
    lifts : sequence of LiftResult
        Lifts of one side; invalid ones are left out.
    rope_s : float
        Differences up to this size count as together, s.
    sync : Sync, optional
        Clock of the first muscle of each lift (the glute) against the others, which are taken to share one clock. That
        is an assumption, so the uncertainty enters every pair.
    min_lifts : int
        Lifts with both onsets that a pair needs.
    refused : collection of str
        Labels of channels whose signals cannot time an onset (an envelope, say), whatever the lifts show.

    Raises
    ------
    SettingsError
        `rope_s` is negative or not finite, `min_lifts` is below 1, or an argument is of another kind.

    Examples
    --------
    >>> compare_muscles([]).orders
    ()
    """
    lifts = require_list(lifts, LiftResult, key="lifts", what="lift", remedy="give the lift_results of a result")
    require_kind(rope_s, Real, key="rope_s", what="number", remedy="give seconds")
    if not (math.isfinite(rope_s) and rope_s >= 0):
        raise SettingsError(f"{rope_s!r} s: give a number of seconds that is not negative", key="rope_s")
    require_kind(min_lifts, Real, key="min_lifts", what="number", remedy="give how many lifts a pair needs")
    if not min_lifts >= 1:
        raise SettingsError(f"{min_lifts!r}: at least one lift is needed", key="min_lifts")
    refused = require_list(refused, str, key="refused", what="label", remedy="give a list of labels of channels")
    clock = Sync() if sync is None else sync
    require_kind(clock, Sync, key="sync", what="clock agreement", remedy="give a Sync")
    onsets = _onsets_by_channel([r for r in lifts if r.valid], clock.offset_s)
    channels = tuple(onsets)
    usable = [c not in refused and clock.known and clock.sd_s <= MAX_SYNC_SD_S for c in channels]
    k = len(channels)
    difference_s, low_s, high_s, mean_s, variance, p_earlier, p_first, p_together = np.full((8, k, k), np.nan)
    n_lifts = np.zeros((k, k), dtype=np.intp)
    for i, j in itertools.combinations_with_replacement(range(k), 2):
        both = [(a, b) for a, b in zip(onsets[channels[i]], onsets[channels[j]], strict=True) if a.found and b.found]
        n_lifts[i, j] = n_lifts[j, i] = len(both)
        if i == j or not both:
            continue
        densities = _densities(both)
        if len(densities) < len(both) or len(both) < min_lifts or not (usable[i] and usable[j]):
            difference_s[i, j] = _plain_median(both, densities)
            difference_s[j, i] = -difference_s[i, j]
            continue
        pooled = pool_differences(densities, shared_sd_s=math.hypot(clock.sd_s, lag_error_s(both))).posterior
        p = probabilities(pooled, rope_s=rope_s)
        p_earlier[i, j], p_earlier[j, i] = p.glute_earlier, 1.0 - p.glute_earlier
        p_first[i, j], p_first[j, i] = p.glute_first, p.hamstring_first
        p_together[i, j] = p_together[j, i] = p.together
        difference_s[i, j], low_s[i, j], high_s[i, j] = (pooled.quantile(q) for q in (0.5, 0.05, 0.95))
        difference_s[j, i], low_s[j, i], high_s[j, i] = -difference_s[i, j], -high_s[i, j], -low_s[i, j]
        mean_s[i, j], variance[i, j] = _moments(pooled)
        mean_s[j, i], variance[j, i] = -mean_s[i, j], variance[i, j]
    compared = np.flatnonzero(usable)
    part = np.ix_(compared, compared)
    shares = _order_shares(mean_s[part], variance[part], p_earlier[part])
    orders = tuple((tuple(channels[compared[c]] for c in order), share) for order, share in shares)
    return OrderMatrix(channels, difference_s, low_s, high_s, p_earlier, p_first, p_together, n_lifts, orders, rope_s)


def _onsets_by_channel(lifts: Sequence[LiftResult], offset_s: float) -> dict[str, list[Onset]]:
    """Return the onsets of each channel, lift by lift, on one clock; a channel that a lift lacks has none there."""
    labels = dict.fromkeys(m.channel for r in lifts for m in r.muscles)
    onsets: dict[str, list[Onset]] = {label: [Onset()] * len(lifts) for label in labels}
    for row, lift in enumerate(lifts):
        for place, muscle in enumerate(lift.muscles):
            onsets[muscle.channel][row] = muscle.onset if place else muscle.onset.shifted(-offset_s)
    return onsets


def _densities(both: Sequence[tuple[Onset, Onset]]) -> list[Posterior]:
    """Return the density of the difference of two muscles in each lift that has one."""
    return [
        difference_posterior(a.posterior, b.posterior)
        for a, b in both
        if a.posterior is not None and b.posterior is not None
    ]


def _plain_median(both: Sequence[tuple[Onset, Onset]], densities: Sequence[Posterior]) -> float:
    """Return the median of the lifts' differences, of their densities where every lift has one."""
    if len(densities) == len(both):
        return float(np.median([d.quantile(0.5) for d in densities]))
    return float(np.median([a.time_s - b.time_s for a, b in both]))


def _moments(density: Posterior) -> tuple[float, float]:
    """Return mean and variance."""
    masses = density.density * density.step_s
    mean_s = float(masses @ density.grid_s)
    return mean_s, float(masses @ (density.grid_s - mean_s) ** 2)


def _order_shares(
    mean_s: FloatArray, variance: FloatArray, p_earlier: FloatArray
) -> list[tuple[tuple[int, ...], float]]:
    """Return each order of the rows with its probability, the likeliest first; nothing where a pair is unknown.

    Two muscles need no approximation. Onsets with means m and covariance C have differences with means m_i - m_j and
    variances C_ii + C_jj - 2 C_ij. No order depends on the mean of all muscles; C about it follows from the variances
    by centring (classical scaling).
    """
    k = mean_s.shape[0]
    means_s, variances = mean_s.copy(), variance.copy()
    np.fill_diagonal(means_s, 0.0)
    np.fill_diagonal(variances, 0.0)
    if k < 2 or not np.isfinite(means_s).all():
        return []
    if k == 2:
        pairs = [((0, 1), float(p_earlier[0, 1])), ((1, 0), float(p_earlier[1, 0]))]
        return sorted(pairs, key=lambda item: -item[1])
    centring = np.eye(k) - 1.0 / k
    sizes, directions = np.linalg.eigh(-0.5 * centring @ variances @ centring)
    # pooled pair by pair the variances need not fit together: what is negative by that is none
    scaled = directions * np.sqrt(np.maximum(sizes, 0.0))
    draws = np.random.default_rng(_SEED).standard_normal((DRAWS, k)) @ scaled.T + means_s.mean(axis=1)
    found, counts = np.unique(np.argsort(draws, axis=1), axis=0, return_counts=True)
    shares = [(tuple(int(c) for c in order), int(n) / DRAWS) for order, n in zip(found, counts, strict=True)]
    return sorted(shares, key=lambda item: -item[1])
