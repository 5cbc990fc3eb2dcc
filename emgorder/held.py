"""Held samples: a slow sensor whose every value is written several times, as if it were fast."""

from __future__ import annotations

import numpy as np

from emgorder.model import FloatArray, IntArray

__all__ = ["hold_length"]

_MIN_LEVELS = 16  # a switch or a label with fewer values holds each of them by nature
_MIN_JUMPS = 20  # fewer may be followed by an equal value by chance
_BIG_JUMP = 4  # quanta: at rest neighbours are often equal, after a jump of this size they are not
_BIG_SHARE = 0.75  # quantile of the jumps
_HELD_SHARE = 0.4  # of the big jumps are followed by an equal value: 0.5 to 1 when held, below 0.1 when not
_PLAIN_SHARE = 0.5  # of the runs have one length: the sensor and the file keep step
_SHORT_SHARE = 0.05  # of the runs may be shorter: a logger that slips by a row now and then
_WHOLE = 0.05  # a mean run this close to a whole number of rows is that number


def hold_length(signal: FloatArray) -> float:
    """Return how many rows a value is held on average, 1.0 where values are not held.

    Whether values are held is judged where the signal moves fast: there the neighbours of a signal that is sampled
    at every row differ, whereas at rest a coarse converter repeats values by nature.

    Parameters
    ----------
    signal : ndarray, shape (n_samples,)
        One channel; NaN = lost sample.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> hold_length(np.repeat(rng.normal(size=100), 5)), hold_length(rng.normal(size=500))
    (5.0, 1.0)
    """
    step = np.abs(np.diff(signal))
    moving = step[step > 0]
    if moving.size < _MIN_JUMPS or np.unique(signal[np.isfinite(signal)]).size < _MIN_LEVELS:
        return 1.0
    threshold = max(_BIG_JUMP * float(moving.min()), float(np.quantile(moving, _BIG_SHARE)))
    landing = signal[1:-1]
    inside = (landing > np.nanmin(signal)) & (landing < np.nanmax(signal))  # a converter that clips holds its limits
    following = step[1:][(step[:-1] >= threshold) & inside & np.isfinite(step[1:])]
    if following.size < _MIN_JUMPS or np.mean(following == 0) < _HELD_SHARE:
        return 1.0
    return _mean_hold(np.diff(np.flatnonzero(~(step == 0))))


def _mean_hold(runs: IntArray) -> float:
    """Return the usual run where runs have one length (equal values in a row make a few longer), else the mean."""
    shortest = int(np.sort(runs)[int(_SHORT_SHARE * runs.size)])
    plain = runs[(runs >= shortest) & (runs <= shortest + 1)]
    mean = float(np.mean(plain if plain.size >= _PLAIN_SHARE * runs.size else runs))
    return float(round(mean)) if abs(mean - round(mean)) < _WHOLE else mean
