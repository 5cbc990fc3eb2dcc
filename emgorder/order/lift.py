"""Who fired first in one lift: the density of the difference of two onsets."""

from __future__ import annotations

import math

import numpy as np

from emgorder.errors import SettingsError
from emgorder.model import FloatArray, LiftOrder, Onset, Posterior

__all__ = ["compare_onsets", "difference_posterior", "order_from_posterior"]

STEP_S = 0.001  # grid of differences: a tenth of the best onset error, so that it adds none of its own
DEFAULT_ROPE_S = 0.030  # size of one onset's detection error; not a clinical limit
_TAIL_SD = 5.0  # the clock kernel is cut here: 6e-7 of its mass lies beyond


def compare_onsets(
    glute: Onset,
    hamstring: Onset,
    *,
    sync_offset_s: float = 0.0,
    sync_sd_s: float = 0.0,
    rope_s: float = DEFAULT_ROPE_S,
) -> LiftOrder:
    """Compare the onsets of glute and hamstring in one lift.

    Parameters
    ----------
    glute, hamstring : Onset
        As :func:`emgorder.detect_onset` returns them.
    sync_offset_s : float
        Glute's clock minus hamstring's clock, s; subtracted from the glute's times.
    sync_sd_s : float
        Standard uncertainty of that offset, s; part of every probability.
    rope_s : float
        Differences up to this size count as together, s.

    Returns
    -------
    LiftOrder
        ``difference_s`` is glute minus hamstring: positive means hamstring first. Without a posterior for both
        onsets, the probabilities and the interval are NaN: they are never invented.

    Raises
    ------
    SettingsError
        `sync_sd_s` or `rope_s` is negative or not finite.

    Examples
    --------
    >>> order = compare_onsets(Onset(time_s=1.284), Onset(time_s=1.200))
    >>> round(order.difference_s, 3), order.p_hamstring_first
    (0.084, nan)
    """
    for key, value in (("sync_sd_s", sync_sd_s), ("rope_s", rope_s)):
        if not (math.isfinite(value) and value >= 0):
            raise SettingsError(f"{value!r} s: give a number of seconds that is not negative", key=key)
    if not math.isfinite(sync_offset_s):
        raise SettingsError(f"{sync_offset_s!r} s: give a finite number of seconds", key="sync_offset_s")
    if not (glute.found and hamstring.found):
        return LiftOrder(rope_s=rope_s, sync_sd_s=sync_sd_s)
    if glute.posterior is None or hamstring.posterior is None:
        difference_s = glute.time_s - hamstring.time_s - sync_offset_s
        return LiftOrder(difference_s=difference_s, rope_s=rope_s, sync_sd_s=sync_sd_s)
    density = difference_posterior(glute.posterior, hamstring.posterior).shifted(-sync_offset_s)
    return order_from_posterior(density, sync_sd_s=sync_sd_s, rope_s=rope_s)


def difference_posterior(glute: Posterior, hamstring: Posterior) -> Posterior:
    """Return the density of glute minus hamstring onset, clock error left out, on a 1 ms grid.

    The two onsets are independent given the signals, so the density is their cross-correlation.
    """
    from scipy.signal import fftconvolve

    g, g0 = _on_grid(glute)
    h, h0 = _on_grid(hamstring)
    density: FloatArray = np.maximum(fftconvolve(g, h[::-1]), 0.0)
    grid_s = np.asarray((g0 - h0) + STEP_S * np.arange(1 - h.size, g.size), dtype=np.float64)
    return Posterior(grid_s, density / (density.sum() * STEP_S))


def order_from_posterior(difference: Posterior, *, sync_sd_s: float, rope_s: float) -> LiftOrder:
    """Return the order that a density of the difference means, after widening it by the clock error."""
    widened = widen(difference, sync_sd_s)
    p_glute, p_hamstring = mass_below(widened, -rope_s), 1.0 - mass_below(widened, rope_s)
    return LiftOrder(
        difference_s=widened.quantile(0.5),
        low_s=widened.quantile(0.05),
        high_s=widened.quantile(0.95),
        p_glute_first=p_glute,
        p_together=max(0.0, 1.0 - p_glute - p_hamstring),
        p_hamstring_first=p_hamstring,
        p_glute_earlier=mass_below(widened, 0.0),
        rope_s=rope_s,
        sync_sd_s=sync_sd_s,
        posterior=widened,
    )


def widen(density: Posterior, sd_s: float) -> Posterior:
    """Convolve a density with N(0, `sd_s`²) on its own grid; nothing happens below a fifth of a grid step."""
    from scipy.signal import fftconvolve

    step = density.step_s
    if sd_s < step / 5:
        return density
    reach = int(np.ceil(_TAIL_SD * sd_s / step))
    offsets = np.arange(-reach, reach + 1) * step
    kernel = np.exp(-0.5 * (offsets / sd_s) ** 2)
    wide: FloatArray = np.maximum(fftconvolve(density.density, kernel / kernel.sum()), 0.0)
    grid_s: FloatArray = density.grid_s[0] + step * np.arange(-reach, density.grid_s.size + reach)
    return Posterior(grid_s, wide / (wide.sum() * step))


def mass_below(density: Posterior, limit_s: float) -> float:
    """Return the probability below `limit_s`; the mass of the grid cell that holds the limit is shared."""
    p = density.density * density.step_s
    upper_edges = density.grid_s + 0.5 * density.step_s
    edges = np.concatenate([[upper_edges[0] - density.step_s], upper_edges])
    cumulative = np.concatenate([[0.0], np.cumsum(p)])
    return float(np.clip(np.interp(limit_s, edges, cumulative / cumulative[-1]), 0.0, 1.0))


def _on_grid(posterior: Posterior) -> tuple[FloatArray, float]:
    first, last = float(posterior.grid_s[0]), float(posterior.grid_s[-1])
    n = max(round((last - first) / STEP_S) + 1, 1)
    values = np.interp(first + STEP_S * np.arange(n), posterior.grid_s, posterior.density)
    total = values.sum()
    return (values / total if total > 0 else np.full(n, 1.0 / n)), first
