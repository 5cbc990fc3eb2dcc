"""How many further lifts would probably settle the order."""

from __future__ import annotations

import math

import numpy as np

from emgorder.model import BoolArray, FloatArray
from emgorder.order.pooling import PooledDifference
from emgorder.order.verdict import VERDICT_FROM

__all__ = ["MOST_FURTHER_LIFTS", "further_lifts"]

MOST_FURTHER_LIFTS = 40  # two sessions more: nobody plans beyond that
SETTLED_FROM = 0.55
"""Expected chance of a verdict that is asked for. In simulated undecided sessions of 5, 8, 10 and 20 lifts, adding the
lifts that this asks for settled 45, 50, 52 and 60 %; where it asks for none, 40 more settled 21 to 29 %."""


def further_lifts(pooled: PooledDifference, *, rope_s: float) -> int | None:
    """Return how many further lifts would probably settle the order: rather more often than not.

    With m lifts added to n, the part of the variance that lifts narrow is expected to shrink to n / (n + m) of what it
    is now; the centre of the posterior moves by the rest of it. Each centre that the future may bring either gives a
    verdict, with the width that will then be left, or does not.

    Parameters
    ----------
    pooled : PooledDifference
        Of the lifts so far.
    rope_s : float
        Differences up to this size count as together, s.

    Returns
    -------
    int or None
        At least 1; None where even 40 more lifts would probably not settle it: the typical difference lies
        near the limit, or the errors that lifts share are too large.

    Examples
    --------
    >>> import numpy as np
    >>> from emgorder.model import Posterior
    >>> from emgorder.order.pooling import pool_differences
    >>> grid_s = np.arange(-300, 301) * 1e-3
    >>> lifts = [Posterior(grid_s, np.exp(-0.5 * ((grid_s - d) / 0.02) ** 2)) for d in (0.02, 0.10, 0.05, 0.07, 0.02)]
    >>> further_lifts(pool_differences(lifts), rope_s=0.030)
    4
    """
    now, n = pooled.lifts_only, pooled.n_lifts
    masses = now.density * now.step_s
    mean_s = float(masses @ now.grid_s)
    variance = float(masses @ (now.grid_s - mean_s) ** 2)
    for m in range(1, MOST_FURTHER_LIFTS + 1):
        centres_s = mean_s + math.sqrt(m / (n + m)) * (now.grid_s - mean_s)
        sd_s = math.hypot(math.sqrt(variance * n / (n + m)), pooled.shared_sd_s)
        if float(masses[_settles(centres_s, sd_s, rope_s)].sum()) >= SETTLED_FROM:
            return m
    return None


def _settles(centres_s: FloatArray, sd_s: float, rope_s: float) -> BoolArray:
    from scipy.special import ndtr

    p_glute = ndtr((-rope_s - centres_s) / sd_s)
    p_hamstring = ndtr((centres_s - rope_s) / sd_s)
    return np.maximum(np.maximum(p_glute, p_hamstring), 1.0 - p_glute - p_hamstring) >= VERDICT_FROM
