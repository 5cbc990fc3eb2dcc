"""Who fired first in one lift: the density of the difference of two onsets."""

from __future__ import annotations

import math
from dataclasses import replace
from numbers import Real

import numpy as np

from emgorder.arguments import require_kind
from emgorder.errors import SettingsError
from emgorder.model import FloatArray, LiftOrder, Onset, Posterior, Sync
from emgorder.order.density import SHOWN_STEP_S, trimmed, widen
from emgorder.order.verdict import probabilities

__all__ = ["compare_onsets", "difference_posterior", "order_from_posterior", "order_of"]

STEP_S = 0.001  # grid of differences: a tenth of the best onset error, so that it adds none of its own
DEFAULT_ROPE_S = 0.030  # size of one onset's detection error; not a clinical limit
_LEFT_OUT = 1e-7  # mass of an onset's tails that its difference to another leaves out: pads far from any onset


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
        ``difference_s`` is glute minus hamstring: positive means hamstring first. Without a posterior for both onsets,
        the probabilities and the interval are NaN: they are never invented.

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
    for key, onset in (("glute", glute), ("hamstring", hamstring)):
        require_kind(onset, Onset, key=key, what="onset", remedy="give what emgorder.detect_onset returns")
    for key, value in (("sync_sd_s", sync_sd_s), ("rope_s", rope_s), ("sync_offset_s", sync_offset_s)):
        require_kind(value, Real, key=key, what="number", remedy="give seconds")
    for key, value in (("sync_sd_s", sync_sd_s), ("rope_s", rope_s)):
        if not (math.isfinite(value) and value >= 0):
            raise SettingsError(f"{value!r} s: give a number of seconds that is not negative", key=key)
    if not math.isfinite(sync_offset_s):
        raise SettingsError(f"{sync_offset_s!r} s: give a finite number of seconds", key="sync_offset_s")
    return order_of(glute, hamstring, clock=Sync("given", sync_offset_s, sync_sd_s), rope_s=rope_s)


def order_of(glute: Onset, hamstring: Onset, *, clock: Sync, rope_s: float) -> LiftOrder:
    """Compare two onsets, see :func:`compare_onsets`.

    Parameters
    ----------
    glute, hamstring : Onset
        Of the two muscles.
    clock : Sync
        Agreement of the two clocks.
    rope_s : float
        Differences up to this size count as together, s.
    """
    if not (glute.found and hamstring.found):
        return LiftOrder(rope_s=rope_s, sync_sd_s=clock.sd_s)
    if glute.posterior is None or hamstring.posterior is None:
        difference_s = glute.time_s - hamstring.time_s - clock.offset_s
        return LiftOrder(difference_s=difference_s, rope_s=rope_s, sync_sd_s=clock.sd_s)
    density = difference_posterior(glute.posterior, hamstring.posterior).shifted(-clock.offset_s)
    order = order_from_posterior(density, sd_s=clock.sd_s, rope_s=rope_s)
    return replace(order, sync_sd_s=clock.sd_s)


def difference_posterior(glute: Posterior, hamstring: Posterior) -> Posterior:
    """Return the density of glute minus hamstring onset, clock error left out, on a 1 ms grid.

    The two onsets are independent given the signals, so the density is their cross-correlation.
    """
    from scipy.signal import fftconvolve

    g, h = (trimmed(p, step_s=STEP_S, mass=1.0 - _LEFT_OUT) for p in (glute, hamstring))
    density: FloatArray = np.maximum(fftconvolve(g.density, h.density[::-1]), 0.0)
    lag_s = g.grid_s[0] - h.grid_s[0]
    grid_s = np.asarray(lag_s + STEP_S * np.arange(1 - h.grid_s.size, g.grid_s.size), dtype=np.float64)
    return Posterior(grid_s, density / (density.sum() * STEP_S))


def order_from_posterior(difference: Posterior, *, sd_s: float, rope_s: float) -> LiftOrder:
    """Return the order that a density of the difference means, after widening it by N(0, `sd_s`²).

    The density that the result keeps is without its outermost tails and on a 2 ms grid, a coarser one where `sd_s` is
    several seconds.
    """
    widened = widen(difference, sd_s)
    p = probabilities(widened, rope_s=rope_s)
    return LiftOrder(
        difference_s=widened.quantile(0.5),
        low_s=widened.quantile(0.05),
        high_s=widened.quantile(0.95),
        p_glute_first=p.glute_first,
        p_together=p.together,
        p_hamstring_first=p.hamstring_first,
        p_glute_earlier=p.glute_earlier,
        rope_s=rope_s,
        posterior=trimmed(widened, step_s=max(SHOWN_STEP_S, widened.step_s)),
    )
