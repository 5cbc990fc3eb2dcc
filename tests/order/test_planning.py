"""How many further lifts are asked for, and whether they do what they are asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from emgorder.model import Posterior
from emgorder.order.planning import MOST_FURTHER_LIFTS, further_lifts
from emgorder.order.pooling import SHARED_SHARE, PooledDifference, pool_differences
from emgorder.order.verdict import decide, probabilities

ROPE_S = 0.030
SPREAD_S = np.array([-0.04, -0.02, 0.0, 0.02, 0.04, -0.03, 0.03, 0.0])

Pooler = Callable[..., PooledDifference]
Maker = Callable[[float, float], Posterior]


def verdict_of(lifts: Sequence[Posterior]) -> str:
    return decide(probabilities(pool_differences(lifts).posterior, rope_s=ROPE_S))[0]


def test_a_session_just_short_of_a_verdict_needs_few_lifts(pooled_of: Pooler) -> None:
    near = further_lifts(pooled_of(0.043 + SPREAD_S), rope_s=ROPE_S)
    nearer = further_lifts(pooled_of(0.046 + SPREAD_S), rope_s=ROPE_S)
    assert near is not None
    assert nearer is not None
    assert 1 <= nearer < near <= MOST_FURTHER_LIFTS


def test_a_difference_at_the_limit_is_never_settled(pooled_of: Pooler) -> None:
    assert further_lifts(pooled_of(ROPE_S + SPREAD_S), rope_s=ROPE_S) is None


def test_errors_that_lifts_share_cannot_be_lifted_away(pooled_of: Pooler) -> None:
    lifts = 0.048 + SPREAD_S
    assert further_lifts(pooled_of(lifts), rope_s=ROPE_S) is not None
    assert further_lifts(pooled_of(lifts, shared_sd_s=0.03), rope_s=ROPE_S) is None


def test_swapping_the_muscles_asks_for_as_many_lifts(pooled_of: Pooler) -> None:
    lifts = 0.050 + SPREAD_S
    assert further_lifts(pooled_of(-lifts), rope_s=ROPE_S) == further_lifts(pooled_of(lifts), rope_s=ROPE_S)


def test_simultaneous_muscles_can_be_settled_too(pooled_of: Pooler) -> None:
    asked = further_lifts(pooled_of(0.6 * SPREAD_S), rope_s=ROPE_S)
    assert asked is None or asked >= 1
    assert further_lifts(pooled_of(0.9 * SPREAD_S[:6]), rope_s=ROPE_S) is not None


def test_about_half_of_the_undecided_sessions_are_settled_by_the_lifts_asked_for(gaussian: Maker) -> None:
    rng = np.random.default_rng(8)
    settled = []
    for _ in range(300):
        mean_s, error_s = rng.uniform(-0.08, 0.08), rng.uniform(0.010, 0.030)
        true_s = mean_s + rng.uniform(0.02, 0.05) * rng.standard_normal(8 + MOST_FURTHER_LIFTS)
        shared = math.sqrt(SHARED_SHARE) * rng.standard_normal()
        own = math.sqrt(1.0 - SHARED_SHARE) * rng.standard_normal(true_s.size)
        lifts = [gaussian(d, error_s) for d in true_s + error_s * (shared + own)]
        if verdict_of(lifts[:8]) != "cannot tell":
            continue
        asked = further_lifts(pool_differences(lifts[:8]), rope_s=ROPE_S)
        if asked is not None:
            settled.append(verdict_of(lifts[: 8 + asked]) != "cannot tell")
    assert len(settled) > 30
    assert 0.40 <= np.mean(settled) <= 0.75
