"""Densities: what widening and trimming keep."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import laplace, norm

from emgorder.model import Posterior
from emgorder.order.density import cell_masses, mass_below, trimmed, uniform_grid, widen

GRID_S = np.arange(-2000, 2001) * 1e-3


def density_of(values: np.ndarray) -> Posterior:
    return Posterior(GRID_S, values / (values.sum() * 1e-3))


@given(sd_s=st.floats(0.005, 0.05), by_s=st.floats(0.001, 0.05))
def test_a_widened_gaussian_is_the_gaussian_of_both_variances(sd_s: float, by_s: float) -> None:
    wide = widen(density_of(norm.pdf(GRID_S, 0.1, sd_s)), by_s)
    expected = norm(0.1, np.hypot(sd_s, by_s))
    for q in (0.05, 0.5, 0.95):
        assert wide.quantile(q) == pytest.approx(expected.ppf(q), abs=5e-4)
    assert wide.density.sum() * wide.step_s == pytest.approx(1.0)


def test_no_clock_error_leaves_the_density_alone() -> None:
    density = density_of(norm.pdf(GRID_S, 0.0, 0.02))
    assert widen(density, 0.0) is density


@pytest.mark.parametrize("by_s", [7.0, 9.0, 1e3, 1e6, 1e12])
def test_however_wide_the_gaussian_the_grid_stays_short_and_the_middle_where_it_is(by_s: float) -> None:
    wide = widen(density_of(norm.pdf(GRID_S, 0.1, 0.02)), by_s)
    assert wide.grid_s.size < 100_000
    assert wide.quantile(0.5) == pytest.approx(0.1, abs=1e-3 + 1e-9 * by_s)
    assert wide.quantile(0.95) == pytest.approx(0.1 + norm.ppf(0.95) * by_s, rel=1e-4)
    assert mass_below(wide, 0.1 + by_s) == pytest.approx(norm.cdf(1.0), abs=1e-4)


@given(limit_s=st.floats(-0.2, 0.2))
def test_the_mass_below_a_limit_is_the_distribution_function(limit_s: float) -> None:
    assert mass_below(density_of(norm.pdf(GRID_S, 0.01, 0.03)), limit_s) == pytest.approx(
        norm.cdf(limit_s, 0.01, 0.03), abs=1e-3
    )


def test_beyond_the_grid_lies_nothing() -> None:
    density = density_of(norm.pdf(GRID_S, 0.0, 0.02))
    assert (mass_below(density, -9.0), mass_below(density, 9.0)) == (0.0, 1.0)


@given(low_s=st.floats(-1, 1), length_s=st.floats(0.001, 1), step_s=st.sampled_from([0.001, 0.002, 0.0025]))
def test_a_grid_holds_both_ends_and_multiples_of_its_step(low_s: float, length_s: float, step_s: float) -> None:
    grid_s = uniform_grid(low_s, low_s + length_s, step_s)
    assert grid_s[0] - 1e-12 <= low_s < grid_s[0] + step_s * 1.000001
    assert grid_s[-1] >= low_s + length_s - 1e-12
    np.testing.assert_allclose(grid_s / step_s, np.round(grid_s / step_s), atol=1e-6)


def test_cells_off_the_grid_are_left_out_and_not_made_up_for() -> None:
    masses = cell_masses(density_of(norm.pdf(GRID_S, 0.0, 0.02)), uniform_grid(0.0, 0.2, 0.002))
    assert masses.sum() == pytest.approx(norm.sf(-0.001, 0.0, 0.02), abs=1e-3)


@pytest.mark.parametrize("values", [norm.pdf(GRID_S, 0.08, 0.012), laplace.pdf(GRID_S, -0.3, 0.1)])
def test_trimming_keeps_the_quantiles_and_drops_the_empty_rest(values: np.ndarray) -> None:
    whole = density_of(values)
    shown = trimmed(whole)
    for q in (0.01, 0.05, 0.5, 0.95, 0.99):
        assert shown.quantile(q) == pytest.approx(whole.quantile(q), abs=2e-3)
    assert shown.density.sum() * shown.step_s == pytest.approx(1.0)
    assert shown.grid_s[0] == pytest.approx(whole.quantile(5e-5), abs=4e-3)
    assert shown.grid_s[-1] == pytest.approx(whole.quantile(1 - 5e-5), abs=4e-3)
