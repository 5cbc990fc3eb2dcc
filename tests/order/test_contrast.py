"""Two sides or sessions against each other."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from emgorder.model import Posterior, SideResult
from emgorder.order.contrast import ERROR_RATIO, contrast

Maker = Callable[[float, float], SideResult]


@pytest.fixture(scope="module")
def side_at(gaussian: Callable[[float, float], Posterior]) -> Maker:
    """Return a maker of sides whose typical difference is known as a Gaussian."""

    def make(mean_s: float, sd_s: float) -> SideResult:
        return SideResult("R", "cannot tell", 8, 8, 0, 0, 8, mean_s, posterior=gaussian(mean_s, sd_s))

    return make


def test_the_difference_of_two_gaussians_is_the_one_of_the_textbook(side_at: Maker) -> None:
    found = contrast(side_at(0.120, 0.020), side_at(0.030, 0.015))
    sd_s = ERROR_RATIO * 0.025
    assert found.difference_s == pytest.approx(0.090, abs=0.001)
    assert (found.low_s, found.high_s) == pytest.approx((0.090 - 1.645 * sd_s, 0.090 + 1.645 * sd_s), abs=0.002)
    assert found.p_positive == pytest.approx(norm.cdf(0.090 / sd_s), abs=0.002)
    assert found.p_larger == pytest.approx(norm.sf((0.030 - 0.090) / sd_s), abs=0.005)
    assert found.p_larger + found.p_alike + found.p_smaller == pytest.approx(1.0)


@given(st.floats(-0.2, 0.2), st.floats(-0.2, 0.2))
def test_turning_it_round_changes_the_sign_alone(one_s: float, other_s: float) -> None:
    grid_s = np.arange(-100, 101) * 1e-3
    one, other = (
        SideResult("R", "cannot tell", 8, 8, 0, 0, 8, x, posterior=Posterior(x + grid_s, norm.pdf(grid_s / 0.020)))
        for x in (one_s, other_s)
    )
    there, back = contrast(one, other), contrast(other, one)
    assert there.difference_s == pytest.approx(-back.difference_s, abs=1e-3)
    assert there.p_larger == pytest.approx(back.p_smaller, abs=5e-3)
    assert there.p_alike == pytest.approx(back.p_alike, abs=5e-3)


@pytest.mark.parametrize(
    ("p", "verdict", "leaning"),
    [(0.91, "larger", ""), (0.89, "cannot tell", "larger"), (0.67, "cannot tell", "larger"), (0.60, "cannot tell", "")],
)
def test_the_wording_rules_are_those_of_the_order(side_at: Maker, p: float, verdict: str, leaning: str) -> None:
    first = side_at(0.030 + float(norm.ppf(p)) * ERROR_RATIO * 0.0500, 0.0400)
    found = contrast(first, side_at(0.0, 0.0300))
    assert found.p_larger == pytest.approx(p, abs=0.005)
    assert (found.verdict, found.leaning) == (verdict, leaning)


def test_alike_and_smaller_are_verdicts_too(side_at: Maker) -> None:
    assert contrast(side_at(0.050, 0.008), side_at(0.052, 0.008)).verdict == "alike"
    assert contrast(side_at(0.0, 0.010), side_at(0.150, 0.010)).verdict == "smaller"


def test_a_wider_limit_makes_more_alike(side_at: Maker) -> None:
    sides = side_at(0.050, 0.020), side_at(0.010, 0.020)
    assert contrast(*sides, rope_s=0.100).p_alike > contrast(*sides).p_alike
    assert contrast(replace(sides[0], rope_s=0.050), sides[1]).rope_s == 0.050


def test_a_side_without_probabilities_gives_no_interval_but_its_reason(side_at: Maker) -> None:
    refused = SideResult("L", "cannot tell", 3, 3, 0, 0, 3, 0.040, reason="only 3 valid lifts")
    found = contrast(side_at(0.090, 0.010), refused)
    assert (found.verdict, found.reason) == ("cannot tell", "only 3 valid lifts")
    assert found.difference_s == pytest.approx(0.050)
    assert math.isnan(found.low_s)


def test_another_hamstring_is_no_comparison(side_at: Maker) -> None:
    found = contrast(side_at(0.090, 0.010), replace(side_at(0.090, 0.010), hamstring="ST"))
    assert found.reason.startswith("another hamstring was recorded (BF and ST)")
    assert math.isnan(found.difference_s)
