"""True against visible onset: what the slower or noisier muscle seems late by, estimated and taken out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from emgorder.model import Onset
from emgorder.onset.ramp import Ramp, hidden_s

__all__ = ["Lags", "estimate_lags", "reveal"]

SHRINK_SESSION_S, SHRINK_LIFT_S = 0.005, 0.020
"""A difference of lags well below this is hardly corrected: it is mostly estimation noise. Over a session, one lift."""

LAG_FLOOR_S = 0.003
LAG_ERROR_SESSION, LAG_ERROR_LIFT = 0.3, 0.6
"""Standard error of a difference of lags: a floor, and a share of each lag, over a session and over one lift."""


@dataclass(frozen=True, slots=True)
class Lags:
    """How long each muscle rises before it is seen, and the standard error of their difference, s."""

    glute_s: float = 0.0
    hamstring_s: float = 0.0
    sd_s: float = 0.0


def estimate_lags(glute: Sequence[Onset], hamstring: Sequence[Onset]) -> Lags:
    """Estimate the lags of two muscles from the ramps of one or more lifts.

    Parameters
    ----------
    glute, hamstring : sequence of Onset
        Of the lifts of one side; those without a ramp do not count.

    Returns
    -------
    Lags
        Zero where a muscle has no lift with a ramp.

    Examples
    --------
    >>> slow = Onset(time_s=1.0, visible_s=1.0, ramp_s=0.120, excess=2.0)
    >>> fast = Onset(time_s=0.9, visible_s=0.9, ramp_s=0.020, excess=10.0)
    >>> round(estimate_lags([slow] * 10, [fast] * 10).glute_s, 3)
    0.041
    """
    rises = [[Ramp(o.ramp_s, o.excess) for o in onsets if _tells(o)] for onsets in (glute, hamstring)]
    n = min(len(r) for r in rises)
    if not n:
        return Lags()
    lag_s = [hidden_s(r) for r in rises]
    difference_s = lag_s[0] - lag_s[1]
    shrink_s = SHRINK_SESSION_S if n > 1 else SHRINK_LIFT_S
    kept = difference_s**2 / (difference_s**2 + shrink_s**2)
    share = LAG_ERROR_SESSION + (LAG_ERROR_LIFT - LAG_ERROR_SESSION) / n
    return Lags(kept * lag_s[0], kept * lag_s[1], math.hypot(LAG_FLOOR_S, share * lag_s[0], share * lag_s[1]))


def reveal(onset: Onset, lag_s: float) -> Onset:
    """Return the onset moved from where it is seen to where the rise began; ``visible_s`` stays."""
    return replace(onset.shifted(-lag_s), visible_s=onset.visible_s, offset_s=onset.offset_s)


def _tells(onset: Onset) -> bool:
    """Whether an onset has a ramp, and its lag was not taken out before."""
    return onset.found and onset.excess > 0.0 and onset.time_s == onset.visible_s
