"""Ratios of amplitudes with Student's t on the log scale."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from emgorder.order.logscale import LogEstimate, log_mean


def test_the_interval_of_a_mean_is_that_of_a_t_test() -> None:
    logs = [0.1, 0.4, 0.3, 0.2, 0.25]
    found = log_mean(logs)
    low, high = stats.t.interval(0.90, 4, np.mean(logs), stats.sem(logs))
    assert (found.quantile(0.05), found.quantile(0.95)) == pytest.approx((math.exp(low), math.exp(high)))


def test_degrees_of_freedom_of_a_difference_follow_welch() -> None:
    one, other = np.array([0.1, 0.4, 0.2, 0.5]), np.array([0.0, 0.3, 0.9])
    ratio = log_mean(one).minus(log_mean(other))
    whole = stats.ttest_ind(one, other, equal_var=False)
    assert ratio.dof == pytest.approx(whole.df)
    assert ratio.p_above(1.0) == pytest.approx(
        1.0 - stats.ttest_ind(one, other, equal_var=False, alternative="greater").pvalue
    )


def test_what_is_known_exactly_leaves_no_doubt() -> None:
    sure = LogEstimate(math.log(2.0), 0.0)
    assert (sure.p_above(1.0), sure.p_above(2.0), sure.p_above(3.0)) == (1.0, 0.5, 0.0)
    assert sure.minus(LogEstimate(0.0, 0.0)).dof == math.inf


@given(st.floats(-2, 2), st.floats(1e-4, 1.0), st.floats(1.0, 50.0), st.floats(0.01, 0.99))
def test_quantile_and_probability_are_inverse(mean: float, variance: float, dof: float, q: float) -> None:
    found = LogEstimate(mean, variance, dof)
    value = found.quantile(q)
    if 1e-30 < value < 1e30:
        assert found.p_above(value) == pytest.approx(1.0 - q, abs=1e-6)
