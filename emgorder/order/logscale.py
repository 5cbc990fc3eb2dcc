"""Amplitudes are compared as ratios: estimates on the log scale, with Student's t for what few lifts leave open."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["MANY", "LogEstimate", "log_mean"]

_LARGEST = 50.0  # a logarithm beyond which there is no amplitude, only a damaged file
MANY = 1e6  # degrees of freedom from which Student's t is a Gaussian


@dataclass(frozen=True, slots=True)
class LogEstimate:
    """The logarithm of a positive quantity: mean, variance of that mean, and degrees of freedom of the variance."""

    mean: float
    variance: float
    dof: float = math.inf

    @property
    def value(self) -> float:
        """The quantity itself."""
        return _exp(self.mean)

    def minus(self, other: LogEstimate) -> LogEstimate:
        """Return the estimate of the ratio of two independent quantities, degrees of freedom after Welch.

        Examples
        --------
        >>> ratio = LogEstimate(1.0, 0.03, 6).minus(LogEstimate(0.5, 0.01))
        >>> ratio.mean, round(ratio.variance, 3), round(ratio.dof, 1)
        (0.5, 0.04, 10.7)
        """
        variance = self.variance + other.variance
        doubt = self.variance**2 / self.dof + other.variance**2 / other.dof
        return LogEstimate(self.mean - other.mean, variance, variance**2 / doubt if doubt > 0 else math.inf)

    def quantile(self, q: float) -> float:
        """Return the value, not its logarithm, below which the share `q` of the probability lies."""
        from scipy.special import stdtrit

        return _exp(self.mean + math.sqrt(self.variance) * float(stdtrit(min(self.dof, MANY), q)))

    def p_above(self, value: float) -> float:
        """Return the probability that the quantity is larger than `value`."""
        from scipy.special import stdtr

        distance = self.mean - math.log(value)
        if self.variance == 0.0:
            return 0.5 if distance == 0.0 else float(distance > 0.0)
        return float(stdtr(min(self.dof, MANY), distance / math.sqrt(self.variance)))


def log_mean(logs: Sequence[float]) -> LogEstimate:
    """Return the mean of at least two logarithms and how well their spread lets it be known.

    Examples
    --------
    >>> round(log_mean([0.0, 0.2, 0.4]).variance, 4)
    0.0133
    """
    values = np.asarray(logs, dtype=np.float64)
    return LogEstimate(float(values.mean()), float(values.var(ddof=1)) / values.size, values.size - 1)


def _exp(log: float) -> float:
    return math.exp(min(max(log, -_LARGEST), _LARGEST))
