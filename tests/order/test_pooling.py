"""Pooled differences, against Gaussian theory and in simulated sessions."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from emgorder.model import Posterior
from emgorder.order.density import mass_below
from emgorder.order.pooling import SHARED_SHARE, PooledDifference, pool_differences

Pooler = Callable[..., PooledDifference]
Maker = Callable[[float, float], Posterior]


def mean_and_sd(density: Posterior) -> tuple[float, float]:
    masses = density.density * density.step_s
    mean_s = float(masses @ density.grid_s)
    return mean_s, math.sqrt(float(masses @ (density.grid_s - mean_s) ** 2))


def test_many_lifts_give_mean_spread_and_standard_error(pooled_of: Pooler) -> None:
    true = norm.ppf((np.arange(60) + 0.5) / 60, 0.080, 0.040)
    pooled = pooled_of(true, sd_s=0.010)
    mean_s, sd_s = mean_and_sd(pooled.lifts_only)
    assert mean_s == pytest.approx(0.080, abs=1e-3)
    assert pooled.between_lift_sd_s == pytest.approx(0.040, abs=0.004)
    assert sd_s == pytest.approx(0.040 / math.sqrt(60), rel=0.1)


def test_onset_error_is_not_taken_for_spread_between_lifts(pooled_of: Pooler) -> None:
    observed = norm.ppf((np.arange(40) + 0.5) / 40, 0.0, 0.030)
    assert pooled_of(observed, sd_s=0.030).between_lift_sd_s < 0.015
    assert pooled_of(observed, sd_s=0.005).between_lift_sd_s > 0.025


def test_a_sure_lift_counts_more_than_an_unsure_one(gaussian: Maker) -> None:
    lifts = [gaussian(0.0, 0.005)] * 4 + [gaussian(0.1, 0.080)] * 4
    assert pool_differences(lifts).posterior.quantile(0.5) < 0.02


def test_one_wild_lift_hardly_moves_the_typical_difference(pooled_of: Pooler) -> None:
    usual = [0.05, 0.06, 0.07, 0.08, 0.06, 0.07, 0.055, 0.065]
    alone, disturbed = pooled_of(usual), pooled_of([*usual, 0.9])
    assert disturbed.posterior.quantile(0.5) == pytest.approx(alone.posterior.quantile(0.5), abs=0.005)
    assert disturbed.between_lift_sd_s < 0.04


def test_errors_that_lifts_share_remain_however_many_there_are(pooled_of: Pooler) -> None:
    pooled = pooled_of(np.zeros(80), sd_s=0.020, shared_sd_s=0.010)
    expected_s = math.hypot(0.010, 0.020 * math.sqrt(SHARED_SHARE))
    assert pooled.shared_sd_s == pytest.approx(expected_s, rel=0.01)
    assert mean_and_sd(pooled.posterior)[1] > expected_s


def test_a_single_lift_holds_its_own_error_once(pooled_of: Pooler) -> None:
    assert pooled_of([0.05], sd_s=0.020, shared_sd_s=0.004).shared_sd_s == pytest.approx(0.004)


@settings(max_examples=25)
@given(
    st.lists(st.floats(-0.3, 0.3), min_size=1, max_size=12),
    st.floats(0.002, 0.06),
    st.integers(-150, 150),
)
def test_moving_all_lifts_moves_the_pooled_difference(
    pooled_of: Pooler, differences_s: list[float], sd_s: float, by: int
) -> None:
    by_s = by * 0.002  # whole steps of the grid
    here, there = pooled_of(differences_s, sd_s), pooled_of([d + by_s for d in differences_s], sd_s)
    for q in (0.05, 0.5, 0.95):
        assert there.posterior.quantile(q) == pytest.approx(here.posterior.quantile(q) + by_s, abs=1e-4)
    assert there.between_lift_sd_s == pytest.approx(here.between_lift_sd_s, abs=1e-4)


@settings(max_examples=25)
@given(st.lists(st.floats(-0.3, 0.3), min_size=1, max_size=12), st.floats(0.002, 0.06))
def test_swapping_the_muscles_mirrors_the_pooled_difference(
    pooled_of: Pooler, differences_s: list[float], sd_s: float
) -> None:
    here, there = pooled_of(differences_s, sd_s), pooled_of([-d for d in differences_s], sd_s)
    for limit_s in (-0.03, 0.0, 0.03):
        assert mass_below(there.posterior, -limit_s) == pytest.approx(1 - mass_below(here.posterior, limit_s), abs=1e-3)


def test_nine_in_ten_intervals_hold_the_persons_mean(pooled_of: Pooler) -> None:
    """A share of the error variance is common to the lifts of a session, one lift in twenty is wild."""
    rng = np.random.default_rng(4)
    held, n_sessions = 0, 300
    for _ in range(n_sessions):
        mean_s, spread_s, error_s = rng.uniform(-0.08, 0.08), rng.uniform(0.02, 0.06), rng.uniform(0.010, 0.035)
        shared = math.sqrt(SHARED_SHARE) * rng.standard_normal()
        errors = error_s * (shared + math.sqrt(1 - SHARED_SHARE) * rng.standard_normal(10))
        wild = rng.random(10) < 0.05
        true_s = mean_s + np.where(wild, rng.uniform(-0.3, 0.3, 10), spread_s * rng.standard_normal(10))
        posterior = pooled_of(true_s + errors, error_s).posterior
        held += posterior.quantile(0.05) <= mean_s <= posterior.quantile(0.95)
    assert 0.86 <= held / n_sessions <= 0.95
