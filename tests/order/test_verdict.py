"""When a probability is a verdict, a leaning, or neither."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from emgorder.model import Posterior, Verdict
from emgorder.order.verdict import Leaning, Probabilities, decide, probabilities


@pytest.mark.parametrize(
    ("glute", "together", "hamstring", "verdict", "leaning"),
    [
        (0.90, 0.10, 0.00, "glute first", ""),
        (0.05, 0.05, 0.90, "hamstring first", ""),
        (0.04, 0.92, 0.04, "together", ""),
        (0.899, 0.101, 0.0, "cannot tell", "glute first"),
        (0.0, 0.34, 0.66, "cannot tell", "hamstring first"),
        (0.17, 0.66, 0.17, "cannot tell", "together"),
        (0.0, 0.35, 0.65, "cannot tell", ""),
        (0.33, 0.34, 0.33, "cannot tell", ""),
    ],
)
def test_the_limits_are_ninety_and_sixty_six_percent(
    glute: float, together: float, hamstring: float, verdict: Verdict, leaning: Leaning
) -> None:
    assert decide(Probabilities(glute, together, hamstring, glute + together / 2)) == (verdict, leaning)


@given(mean_s=st.floats(-0.1, 0.1), sd_s=st.floats(0.005, 0.05), rope_s=st.floats(0.0, 0.06))
def test_probabilities_are_those_of_the_density_and_sum_to_one(
    gaussian: Callable[[float, float], Posterior], mean_s: float, sd_s: float, rope_s: float
) -> None:
    p = probabilities(gaussian(mean_s, sd_s), rope_s=rope_s)
    assert p.glute_first == pytest.approx(norm.cdf(-rope_s, mean_s, sd_s), abs=2e-3)
    assert p.hamstring_first == pytest.approx(norm.sf(rope_s, mean_s, sd_s), abs=2e-3)
    assert p.glute_earlier == pytest.approx(norm.cdf(0.0, mean_s, sd_s), abs=2e-3)
    assert p.glute_first + p.together + p.hamstring_first == pytest.approx(1.0)
    assert min(p.glute_first, p.together, p.hamstring_first) >= 0.0


def test_without_a_limit_nothing_is_together(gaussian: Callable[[float, float], Posterior]) -> None:
    assert probabilities(gaussian(0.0, 0.01), rope_s=0.0).together == pytest.approx(0.0, abs=1e-12)
