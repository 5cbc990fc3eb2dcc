"""The order of more than two muscles: each pair, and the distribution over whole orders."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emgorder.errors import SettingsError
from emgorder.model import FloatArray, IntArray, LiftResult, Onset, Posterior, Sync
from emgorder.order.lift import DEFAULT_ROPE_S, difference_posterior
from emgorder.order.pooling import pool_differences
from emgorder.order.session import MIN_VALID_LIFTS
from emgorder.order.verdict import probabilities

__all__ = ["OrderMatrix", "compare_muscles"]

DRAWS = 2**16  # an order's probability is within .004 of its limit (two standard errors)
_SEED = 0  # the same lifts give the same digits


@dataclass(frozen=True, eq=False, slots=True)
class OrderMatrix:
    """Typical order of several muscles on one side of a session.

    Row `i` and column `j` of each matrix compare muscle `i` with muscle `j`; the diagonal is NaN, and so are pairs that
    too few lifts or onset methods without a posterior leave unknown.

    Attributes
    ----------
    channels : tuple of str
        Labels of the channels, k of them.
    difference_s : ndarray of float64, shape (k, k)
        Median of the typical difference, onset of `i` minus onset of `j`: negative means that `i` is earlier.
    p_earlier : ndarray of float64, shape (k, k)
        Probability that `i` is earlier than `j` by anything: the sign alone.
    p_first : ndarray of float64, shape (k, k)
        Probability that `i` is earlier than `j` by more than ``rope_s``.
    n_lifts : ndarray of intp, shape (k, k)
        Lifts with an onset of both; on the diagonal, of the one.
    orders : tuple of (tuple of str, float)
        Whole orders, earliest muscle first, with their probabilities, the likeliest first; they sum to 1. Empty where
        a pair is unknown.
    rope_s : float
        Differences up to this size count as together, s.
    """

    channels: tuple[str, ...]
    difference_s: FloatArray
    p_earlier: FloatArray
    p_first: FloatArray
    n_lifts: IntArray
    orders: tuple[tuple[tuple[str, ...], float], ...]
    rope_s: float


def compare_muscles(
    lifts: Sequence[LiftResult],
    *,
    rope_s: float = DEFAULT_ROPE_S,
    sync: Sync | None = None,
    min_lifts: int = MIN_VALID_LIFTS,
) -> OrderMatrix:
    """Compare every pair of the muscles that lifts hold, pooled over the lifts like glute and hamstring are.

    The distribution over whole orders takes the typical onsets as jointly Gaussian: the variances of all pairwise
    differences fix their covariance. Summed over orders, the probability of a pair therefore differs from ``p_earlier``
    by as much as its density differs from a Gaussian.

    Parameters
    ----------
    lifts : sequence of LiftResult
        Lifts of one side; invalid ones are left out.
    rope_s : float
        Differences up to this size count as together, s.
    sync : Sync, optional
        Clock of the first muscle of each lift (the glute) against the others, which are taken to share one clock; its
        uncertainty enters every pair.
    min_lifts : int
        Lifts with both onsets that a pair needs.

    Raises
    ------
    SettingsError
        `rope_s` is negative or not finite, or `min_lifts` is below 1.

    Examples
    --------
    >>> compare_muscles([]).orders
    ()
    """
    if not (math.isfinite(rope_s) and rope_s >= 0):
        raise SettingsError(f"{rope_s!r} s: give a number of seconds that is not negative", key="rope_s")
    if min_lifts < 1:
        raise SettingsError(f"{min_lifts!r}: at least one lift is needed", key="min_lifts")
    clock = sync or Sync()
    onsets = _onsets_by_channel([r for r in lifts if r.valid], clock.offset_s)
    channels = tuple(onsets)
    k = len(channels)
    difference_s, mean_s, variance, p_earlier, p_first = np.full((5, k, k), np.nan)
    n_lifts = np.zeros((k, k), dtype=np.intp)
    for i, j in itertools.combinations_with_replacement(range(k), 2):
        both = [(a, b) for a, b in zip(onsets[channels[i]], onsets[channels[j]], strict=True) if a.found and b.found]
        n_lifts[i, j] = n_lifts[j, i] = len(both)
        pooled = _pooled(both, clock.sd_s) if i != j and len(both) >= min_lifts else None
        if pooled is None:
            continue
        p = probabilities(pooled, rope_s=rope_s)
        p_earlier[i, j], p_earlier[j, i] = p.glute_earlier, 1.0 - p.glute_earlier
        p_first[i, j], p_first[j, i] = p.glute_first, p.hamstring_first
        difference_s[i, j] = pooled.quantile(0.5)
        difference_s[j, i] = -difference_s[i, j]
        mean_s[i, j], variance[i, j] = _moments(pooled)
        mean_s[j, i], variance[j, i] = -mean_s[i, j], variance[i, j]
    orders = tuple((tuple(channels[c] for c in order), share) for order, share in _order_shares(mean_s, variance))
    return OrderMatrix(channels, difference_s, p_earlier, p_first, n_lifts, orders, rope_s)


def _onsets_by_channel(lifts: Sequence[LiftResult], offset_s: float) -> dict[str, list[Onset]]:
    """Return the onsets of each channel, lift by lift, on one clock; a channel that a lift lacks has none there."""
    labels = dict.fromkeys(m.channel for r in lifts for m in r.muscles)
    onsets: dict[str, list[Onset]] = {label: [Onset()] * len(lifts) for label in labels}
    for row, lift in enumerate(lifts):
        for place, muscle in enumerate(lift.muscles):
            onsets[muscle.channel][row] = muscle.onset if place else muscle.onset.shifted(-offset_s)
    return onsets


def _pooled(both: Sequence[tuple[Onset, Onset]], sync_sd_s: float) -> Posterior | None:
    """Return the typical difference of two muscles, or None where an onset has no posterior."""
    differences = [
        difference_posterior(a.posterior, b.posterior)
        for a, b in both
        if a.posterior is not None and b.posterior is not None
    ]
    return pool_differences(differences, shared_sd_s=sync_sd_s).posterior if len(differences) == len(both) else None


def _moments(density: Posterior) -> tuple[float, float]:
    """Return mean and variance."""
    masses = density.density * density.step_s
    mean_s = float(masses @ density.grid_s)
    return mean_s, float(masses @ (density.grid_s - mean_s) ** 2)


def _order_shares(mean_s: FloatArray, variance: FloatArray) -> list[tuple[tuple[int, ...], float]]:
    """Return each order of the rows with its probability, the likeliest first; nothing where a pair is unknown.

    Onsets with means m and covariance C have differences with means m_i - m_j and variances C_ii + C_jj - 2 C_ij. No
    order depends on the mean of all muscles; C about it follows from the variances by centring (classical scaling).
    """
    k = mean_s.shape[0]
    means_s, variances = mean_s.copy(), variance.copy()
    np.fill_diagonal(means_s, 0.0)
    np.fill_diagonal(variances, 0.0)
    if k < 2 or not np.isfinite(means_s).all():
        return []
    centring = np.eye(k) - 1.0 / k
    sizes, directions = np.linalg.eigh(-0.5 * centring @ variances @ centring)
    # pooled pair by pair the variances need not fit together: what is negative by that is none
    scaled = directions * np.sqrt(np.maximum(sizes, 0.0))
    draws = np.random.default_rng(_SEED).standard_normal((DRAWS, k)) @ scaled.T + means_s.mean(axis=1)
    found, counts = np.unique(np.argsort(draws, axis=1), axis=0, return_counts=True)
    shares = [(tuple(int(c) for c in order), int(n) / DRAWS) for order, n in zip(found, counts, strict=True)]
    return sorted(shares, key=lambda item: -item[1])
