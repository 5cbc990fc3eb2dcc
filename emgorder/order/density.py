"""Densities of a time on a uniform grid: how they are widened, measured and cut to where their mass is."""

from __future__ import annotations

import math

import numpy as np

from emgorder.model import FloatArray, Posterior

__all__ = ["SHOWN_STEP_S", "cell_masses", "mass_below", "trimmed", "uniform_grid", "widen"]

SHOWN_STEP_S = 0.002  # grid of the densities that results keep: finer than any onset is known
SHOWN_MASS = 1.0 - 1e-4  # central share that results keep; probabilities are computed before the cut
_TAIL_SD = 5.0  # the Gaussian kernel is cut here: 6e-7 of its mass lies beyond
_WIDEST_STEPS = 4000  # a kernel with a larger SD than this many grid steps is put on a coarser grid of as many a SD


def widen(density: Posterior, sd_s: float) -> Posterior:
    """Convolve a density with N(0, `sd_s`²); nothing happens below a fifth of a grid step.

    The result is on the grid of the density, or on a coarser one where `sd_s` is thousands of its steps.
    """
    from scipy.signal import fftconvolve

    step = density.step_s
    if sd_s < step / 5:
        return density
    if sd_s > 2 * _WIDEST_STEPS * step:
        mean_s = float(density.density @ density.grid_s / density.density.sum())  # stays where it is on coarse grids
        coarse = trimmed(density.shifted(-mean_s), step_s=sd_s / _WIDEST_STEPS, mass=1.0)
        return widen(coarse, sd_s).shifted(mean_s)
    reach = int(np.ceil(_TAIL_SD * sd_s / step))
    offsets = np.arange(-reach, reach + 1) * step
    kernel = np.exp(-0.5 * (offsets / sd_s) ** 2)
    wide: FloatArray = np.maximum(fftconvolve(density.density, kernel / kernel.sum()), 0.0)
    grid_s: FloatArray = density.grid_s[0] + step * np.arange(-reach, density.grid_s.size + reach)
    return Posterior(grid_s, wide / (wide.sum() * step))


def mass_below(density: Posterior, limit_s: float) -> float:
    """Return the probability below `limit_s`; the mass of the grid cell that holds the limit is shared."""
    edges_s, cumulative = _cumulative(density)
    return float(np.clip(np.interp(limit_s, edges_s, cumulative), 0.0, 1.0))


def uniform_grid(low_s: float, high_s: float, step_s: float) -> FloatArray:
    """Return the multiples of `step_s` from `low_s` to `high_s`, one more on either side where they fall between."""
    return step_s * np.arange(math.floor(low_s / step_s), math.ceil(high_s / step_s) + 1, dtype=np.float64)


def cell_masses(density: Posterior, grid_s: FloatArray) -> FloatArray:
    """Return the probability in each cell around the points of a uniform grid; what lies off the grid is left out."""
    step = grid_s[1] - grid_s[0]
    edges_s = np.append(grid_s - 0.5 * step, grid_s[-1] + 0.5 * step)
    masses: FloatArray = np.diff(np.interp(edges_s, *_cumulative(density)))
    return masses


def trimmed(density: Posterior, *, step_s: float = SHOWN_STEP_S, mass: float = SHOWN_MASS) -> Posterior:
    """Return a density on a grid of `step_s` that holds its central share `mass`, as results keep it.

    Examples
    --------
    >>> import numpy as np
    >>> grid_s = np.arange(-1000, 1001) * 1e-3
    >>> shown = trimmed(Posterior(grid_s, 50 * np.exp(-np.abs(grid_s) / 0.01)))
    >>> shown.grid_s.size, round(shown.quantile(0.95), 3)
    (95, 0.023)
    """
    edges_s, cumulative = _cumulative(density)
    rest = 0.5 * (1.0 - mass)
    low_s, high_s = np.interp([rest, 1.0 - rest], cumulative, edges_s)
    grid_s = uniform_grid(float(low_s), float(high_s), step_s)
    masses = cell_masses(density, grid_s)
    return Posterior(grid_s, masses / (masses.sum() * step_s))


def _cumulative(density: Posterior) -> tuple[FloatArray, FloatArray]:
    """Return the edges of the grid cells and the probability below each."""
    upper_edges_s = density.grid_s + 0.5 * density.step_s
    edges_s = np.concatenate([[upper_edges_s[0] - density.step_s], upper_edges_s])
    cumulative = np.concatenate([[0.0], np.cumsum(density.density)])
    return edges_s, cumulative / cumulative[-1]
