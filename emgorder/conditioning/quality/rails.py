"""Whether a signal runs into the limits of its converter or amplifier."""

from __future__ import annotations

import numpy as np

from emgorder.conditioning.quality.view import View
from emgorder.model import Finding, FloatArray

__all__ = ["clipped_samples", "clipping"]

LEVEL_SHARE = 5e-4
"""Of the range make a level, where the converter's own steps are finer."""

NEXT_LEVELS = 5
PILE_RATIO = 5.0
FEWEST = 5
"""Samples at the very limit from which it counts, and how many times as many as at each of the five levels next to
it. A signal that is not clipped thins out towards its extremes."""

MUCH_SHARE = 1e-3
"""Of all samples at a limit: bursts, not single spikes."""

RAILS = {
    "8-bit": (-128.0, 127.0),
    "10-bit": (0.0, 1023.0),
    "12-bit": (0.0, 4095.0),
    "16-bit": (-32768.0, 32767.0),
    "16-bit unsigned": (0.0, 65535.0),
}


def clipped_samples(samples: FloatArray) -> int:
    """Return how many samples lie at a limit where they pile up, of both sides together.

    Parameters
    ----------
    samples : ndarray of float64, shape (n_samples,)
        Finite, any unit.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=5000)
    >>> clipped_samples(noise), clipped_samples(np.clip(noise, -2, 9)) == int(np.sum(noise <= -2))
    (0, True)
    """
    if samples.size <= FEWEST:
        return 0
    return _piled(samples) + _piled(-samples)


def clipping(view: View) -> list[Finding]:
    """Return a finding where the signal is cut off at the top or at the bottom."""
    present = view.samples[np.isfinite(view.samples)]
    clipped = clipped_samples(present)
    if not clipped:
        return []
    share = clipped / present.size
    return [
        view.finding(
            "clipping",
            "attention" if share >= MUCH_SHARE else "info",
            f"{view.word} cut off at the limit of the {_rail(present)} in {100 * share:.2g} % of the samples",
            "lower the gain of the sensor; strengths of this channel read too low",
            share,
        )
    ]


def _piled(samples: FloatArray) -> int:
    top, bottom = float(samples.max()), float(samples.min())
    reach = LEVEL_SHARE * (top - bottom)
    if not reach > 0:
        return 0
    near = samples[samples >= top - 2 * (NEXT_LEVELS + 1) * reach]
    # A coarse converter has few levels so near the top, if any: then its own steps are the levels.
    steps = np.diff(np.unique(near))
    if steps.size < NEXT_LEVELS:
        levels = np.unique(samples[samples >= top - 0.2 * (top - bottom)])
        steps = np.diff(levels)
    level = max(reach, float(steps.min()) if steps.size else reach)
    at_top = int(np.sum(near > top - 0.5 * level))
    below = samples[samples > top - (NEXT_LEVELS + 0.5) * level].size - at_top
    piled = at_top >= FEWEST and at_top > PILE_RATIO * (below / NEXT_LEVELS + 1.0)
    return at_top if piled else 0


def _rail(samples: FloatArray) -> str:
    low, high = float(samples.min()), float(samples.max())
    if np.all(samples[:1000] == np.round(samples[:1000])):
        for name, rail in RAILS.items():
            if high == rail[1] or (low == rail[0] < 0):
                return f"{name} converter"
    return "converter"
