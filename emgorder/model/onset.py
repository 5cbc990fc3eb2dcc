"""When a muscle begins: onsets with their posteriors, and what one burst says of how its muscle rises."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from emgorder.model.arrays import FloatArray

__all__ = ["Onset", "Posterior", "Rise", "StartFits"]

_NAN = math.nan


@dataclass(frozen=True, eq=False, slots=True)
class Posterior:
    """Probability density of a time or a difference of times on a uniform grid.

    Attributes
    ----------
    grid_s : ndarray, shape (n_times,)
        Times, evenly spaced.
    density : ndarray, shape (n_times,)
        Per second, at each of them; sums to ``1 / step_s``.

    Examples
    --------
    >>> grid_s = np.linspace(0.0, 1.0, 101)
    >>> posterior = Posterior(grid_s, np.exp(-0.5 * ((grid_s - 0.4) / 0.1) ** 2))
    >>> round(posterior.quantile(0.5), 3), round(posterior.shifted(0.2).quantile(0.5), 3), round(posterior.sd_s, 2)
    (0.4, 0.6, 0.1)
    """

    grid_s: FloatArray
    density: FloatArray

    @property
    def step_s(self) -> float:
        """Distance of two grid points."""
        return float(self.grid_s[1] - self.grid_s[0]) if self.grid_s.size > 1 else 1.0

    def quantile(self, q: float) -> float:
        """Return the time below which the share `q` of the probability lies."""
        c = np.cumsum(self.density)
        return float(np.interp(q * c[-1], c - 0.5 * self.density, self.grid_s))

    @property
    def sd_s(self) -> float:
        """Standard deviation; long tails make it larger than the 90 % interval suggests."""
        masses = self.density / self.density.sum()
        return float(np.sqrt(masses @ (self.grid_s - masses @ self.grid_s) ** 2))

    def shifted(self, by_s: float) -> Posterior:
        """Return the same density `by_s` seconds later."""
        return Posterior(self.grid_s + by_s, self.density)


@dataclass(frozen=True, eq=False, slots=True)
class StartFits:
    """How well rises of several kinds fit the beginning of one burst.

    Attributes
    ----------
    starts_s : ndarray, shape (n_starts,)
        Times at which each kind of rise was made to begin.
    fit : ndarray, shape (n_kinds, n_starts)
        Log likelihood of each kind of rise from each start, up to an additive constant.
    """

    starts_s: FloatArray
    fit: FloatArray

    def shifted(self, by_s: float) -> StartFits:
        """Return the same `by_s` seconds later."""
        return replace(self, starts_s=self.starts_s + by_s)


@dataclass(frozen=True, eq=False, slots=True)
class Rise:
    """What one burst tells about how its muscle rises; kept until all lifts of the session are known.

    Attributes
    ----------
    grid_s : ndarray, shape (n_times,)
        Times of the two masses.
    visible, excited : ndarray, shape (n_times,)
        Probability of where activity becomes visible, and of the first excitation as the onset network says.
    smooth : float
        How much, 0 to 1, the burst looks by itself like one that rises smoothly.
    levels, network : StartFits
        From levels of log power and from the start network; each has its own kinds of rise.
    """

    grid_s: FloatArray
    visible: FloatArray
    excited: FloatArray
    smooth: float
    levels: StartFits
    network: StartFits

    def shifted(self, by_s: float) -> Rise:
        """Return the same `by_s` seconds later."""
        return replace(
            self, grid_s=self.grid_s + by_s, levels=self.levels.shifted(by_s), network=self.network.shifted(by_s)
        )


@dataclass(frozen=True, eq=False, slots=True)
class Onset:
    """Start of one muscle burst, with how sure we are.

    Attributes
    ----------
    time_s : float
        Median of the posterior, or the point estimate of a method without one: where the rise began as far as it can
        be continued backwards into the noise, else where it becomes visible. NaN when there is no onset.
    low_s, high_s : float
        5 % and 95 % of the posterior; NaN for methods that have none.
    visible_s : float
        Where a reader would mark the first visible activity, where the method tells it apart.
    offset_s : float
        End of the burst, where it was looked for.
    offset_low_s, offset_high_s : float
        5 % and 95 % of the posterior of that end; NaN where ``offset_s`` is a rough edge.
    probability : float
        That there was a burst at all; NaN for methods that do not say.
    smooth : float
        How much, 0 to 1, the burst counts as one that rises smoothly out of a quiet rest, so that ``time_s`` is where
        the rise began; below one half ``time_s`` is where activity becomes visible, and the interval allows a little
        for a start before that. Over a session it is raised where nearly all other lifts of the muscle are smooth. 0
        where too little was recorded to tell; NaN for methods that do not tell.
    method : str
        Name in :func:`emgorder.onset_methods`.
    reason : str
        Why there is no onset, in words; empty when there is one.
    posterior : Posterior or None
        Density of ``time_s``.
    rise : Rise or None
        How well each kind of rise fits, from which a session learns what is usual for the muscle; results do not
        keep it.
    """

    time_s: float = _NAN
    low_s: float = _NAN
    high_s: float = _NAN
    visible_s: float = _NAN
    offset_s: float = _NAN
    probability: float = _NAN
    smooth: float = _NAN
    method: str = ""
    reason: str = ""
    posterior: Posterior | None = None
    offset_low_s: float = _NAN
    offset_high_s: float = _NAN
    rise: Rise | None = None

    @property
    def found(self) -> bool:
        """Whether there is an onset time."""
        return math.isfinite(self.time_s)

    def shifted(self, by_s: float) -> Onset:
        """Return the same onset `by_s` seconds later (NaN stays NaN)."""
        return replace(
            self,
            time_s=self.time_s + by_s,
            low_s=self.low_s + by_s,
            high_s=self.high_s + by_s,
            visible_s=self.visible_s + by_s,
            offset_s=self.offset_s + by_s,
            offset_low_s=self.offset_low_s + by_s,
            offset_high_s=self.offset_high_s + by_s,
            posterior=None if self.posterior is None else self.posterior.shifted(by_s),
            rise=None if self.rise is None else self.rise.shifted(by_s),
        )
