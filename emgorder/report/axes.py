"""From values to places in a drawing: linear scales and round tick values."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Scale", "nice_ticks"]


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight mapping of ``low``..``high`` (values) onto ``start``..``stop`` (drawing units)."""

    low: float
    high: float
    start: float
    stop: float

    def at(self, value: float) -> float:
        """Return the place of `value`, which may lie outside."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.stop - self.start)

    def inside(self, value: float) -> float:
        """Return the place of `value`, or the end of the scale it lies beyond."""
        return self.at(min(max(value, self.low), self.high))


def nice_ticks(low: float, high: float, about: int = 6) -> tuple[float, ...]:
    """Return round values from `low` to `high`, roughly `about` of them, in steps of 1, 2 or 5 times a power of ten.

    Examples
    --------
    >>> nice_ticks(-64.0, 212.0)
    (-50.0, 0.0, 50.0, 100.0, 150.0, 200.0)
    """
    step = _round_step((high - low) / about)
    while True:
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if first <= last:
            return tuple(step * k for k in range(first, last + 1))
        step = _round_step(step / 2.5)  # no round value of this size lies inside


def _round_step(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return next(m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= value)
