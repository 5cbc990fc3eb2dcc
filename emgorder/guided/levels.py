"""How loud each muscle is now, against its own rest: whether it is quiet, and whether it has moved."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

import numpy as np

from emgorder.model import FloatArray

__all__ = ["HOP_S", "LOUD", "QUIET", "Levels"]

HOP_S = 0.1
_KEPT_S = 120.0

QUIET = 2.5
"""Up to this many times its rest (8 dB) a muscle is quiet: real baselines wander by +-4 dB."""

LOUD = 3.0
"""Above this many times its rest for two hops a muscle is active."""

_REST_QUANTILE = 0.2
_MEDIAN_OF_SQUARES = 0.4549
"""Of Gaussian noise of variance 1. Medians, so that a stray potential or a tap is no activity."""


class Levels:
    """Levels of band-passed signals in hops of 0.1 s.

    Parameters
    ----------
    sampling_frequency : float
        Hz.
    n_channels : int
        Columns of the blocks.

    Examples
    --------
    >>> levels = Levels(1000.0, 1)
    >>> noise = np.random.default_rng(1).normal(size=(5000, 1))
    >>> levels.push(noise), levels.set_rest(3.0)
    (None, None)
    >>> round(float(levels.rest[0]), 1), levels.quiet_s([0])
    (1.0, 5.0)
    >>> levels.push(5 * noise[:300])
    >>> levels.quiet_s([0]), levels.active([0])
    (0.0, True)
    """

    def __init__(self, sampling_frequency: float, n_channels: int) -> None:
        self._hop = max(1, round(HOP_S * sampling_frequency))
        self._pending = np.empty((0, n_channels))
        self._hops: deque[FloatArray] = deque(maxlen=round(_KEPT_S / HOP_S))
        self._rest = np.full(n_channels, np.nan)

    def push(self, band: FloatArray) -> None:
        """Take the next band-passed samples, shape (n_samples, n_channels), NaN where they are lost."""
        pending = np.concatenate([self._pending, band])
        n_hops = len(pending) // self._hop
        for block in pending[: n_hops * self._hop].reshape(n_hops, self._hop, self._rest.size):
            enough = np.isfinite(block).sum(axis=0) >= self._hop / 2
            level = np.full(block.shape[1], np.nan)
            if enough.any():
                level[enough] = np.sqrt(np.nanmedian(block[:, enough] ** 2, axis=0) / _MEDIAN_OF_SQUARES)
            self._hops.append(level)
        self._pending = pending[n_hops * self._hop :]

    @property
    def rest(self) -> FloatArray:
        """Level at rest of each channel: as it was set, or the calmest fifth of what is known. NaN before any."""
        unknown = np.isnan(self._rest)
        if not unknown.any() or not self._hops:
            return self._rest
        return np.where(unknown, _quantile(np.stack(self._hops), _REST_QUANTILE), self._rest)

    def set_rest(self, seconds: float) -> None:
        """Take the median of the last `seconds` for rest."""
        found = self.recent(seconds)
        self._rest = np.where(np.isnan(found), self._rest, found)

    def recent(self, seconds: float, quantile: float = 0.5) -> FloatArray:
        """Return a quantile of each channel's level over the last `seconds`, NaN where nothing is known."""
        n = max(1, round(seconds / HOP_S))
        last = list(self._hops)[-n:]
        return _quantile(np.stack(last), quantile) if last else np.full(self._rest.size, np.nan)

    def quiet_s(self, columns: Sequence[int]) -> float:
        """Return for how long all of these channels have been quiet until now, s; lost samples are not quiet."""
        limit = QUIET * self.rest[list(columns)]
        n = 0
        for hop in reversed(self._hops):
            if not np.all(hop[list(columns)] <= limit):
                break
            n += 1
        return round(n * HOP_S, 3)

    def loud(self, columns: Sequence[int]) -> list[int]:
        """Return those of these channels that were not quiet in the last 2 s, or the one that came nearest to it."""
        ratio = self.recent(2.0, 0.9) / self.rest
        found = [c for c in columns if not ratio[c] <= QUIET]
        return found or [max(columns, key=lambda c: float(ratio[c]))]

    def active(self, columns: Sequence[int]) -> bool:
        """Return whether any of these channels has been active for the last two hops."""
        last = list(self._hops)[-2:]
        if len(last) < 2:
            return False
        limit = LOUD * self.rest[list(columns)]
        return bool(np.any(np.all([hop[list(columns)] > limit for hop in last], axis=0)))


def _quantile(hops: FloatArray, q: float) -> FloatArray:
    """Return a quantile of each column over what is finite, NaN where nothing is."""
    found = [column[np.isfinite(column)] for column in hops.T]
    return np.array([np.quantile(column, q) if column.size else math.nan for column in found])
