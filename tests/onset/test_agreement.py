"""What two models mean together: surer where they agree, both of them where they do not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.model import FloatArray
from emgorder.onset.agreement import calibrated, pooled

STEP_S = 0.0025
GRID_S = np.arange(400) * STEP_S


def bell(onset_s: float, sd_s: float = 0.010) -> FloatArray:
    density: FloatArray = np.exp(-0.5 * ((GRID_S - onset_s) / sd_s) ** 2) / (sd_s * np.sqrt(2 * np.pi))
    return density


def near(mass: FloatArray, onset_s: float, within_s: float = 0.03) -> float:
    return float(mass[np.abs(GRID_S - onset_s) < within_s].sum())


def test_models_that_agree_are_surer_together() -> None:
    one = bell(0.5) / bell(0.5).sum()
    together = pooled(bell(0.5), bell(0.5), STEP_S)
    assert together.max() > 1.2 * one.max()
    assert near(together, 0.5) > 0.85


def test_models_that_disagree_keep_both_onsets_and_invent_none_between() -> None:
    together = pooled(bell(0.3), bell(0.6), STEP_S)
    assert near(together, 0.3) == pytest.approx(near(together, 0.6), rel=0.05)
    assert near(together, 0.3) > 0.4
    assert near(together, 0.45) < 0.05


@given(apart_s=st.floats(0.0, 0.3), sd_s=st.floats(0.004, 0.05))
def test_the_further_apart_the_wider(apart_s: float, sd_s: float) -> None:
    def width_s(between_s: float) -> float:
        mass = pooled(bell(0.5 - between_s / 2, sd_s), bell(0.5 + between_s / 2, sd_s), STEP_S)
        low, high = np.searchsorted(np.cumsum(mass), (0.05, 0.95))
        assert mass.sum() == pytest.approx(1.0)
        return float((high - low) * STEP_S)

    assert width_s(apart_s) >= width_s(0.0) - STEP_S


@pytest.mark.parametrize("onset_s", [0.0, 0.02, 0.5, float(GRID_S[-1])])
def test_models_that_agree_at_the_edge_agree(onset_s: float) -> None:
    one = calibrated((bell(onset_s) ** 2 + 1e-18) ** 0.7, STEP_S)
    np.testing.assert_allclose(pooled(bell(onset_s), bell(onset_s), STEP_S), one, atol=1e-3)


@pytest.mark.parametrize("n", [1, 5, 400])
def test_short_and_empty_densities_are_no_error(n: int) -> None:
    for other in (np.zeros(n), np.ones(n)):
        mass = pooled(np.ones(n), other, STEP_S)
        assert mass.shape == (n,)
        assert mass.sum() == pytest.approx(1.0)
    assert calibrated(np.ones(n), STEP_S).sum() == pytest.approx(1.0)
