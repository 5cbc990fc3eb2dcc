"""What makes the onset difference vary between people, visits and lifts."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from emgorder.arguments import require_within
from emgorder.model import FloatArray
from emgorder.order.followup import REPLACEMENT_SD_S
from emgorder.order.pooling import SHARED_SHARE
from emgorder.simulate.person import LIFT_SD_LOG, LIFT_SD_MEDIAN_S, MISSING_SHARE, SIDE_CORRELATION
from emgorder.simulate.scenarios import SCENARIOS

__all__ = ["Spread", "draw_lift_sd", "draw_session_error"]

ONSET_SD_S = 0.020  # error of one onset, as the floor of follow-up takes it (order/followup.py)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """What makes the onset difference vary, as standard deviations in ms.

    Attributes
    ----------
    people_ms : float
        Typical differences of different people. Default: 85 ms, straight knee and lateral hamstring (Lewis & Sahrmann
        2009 found 70 ms for the hamstring and 82 ms for the glute, before movement).
    correlation : float
        Of one person's typical differences under the two conditions of a paired design; 0.7 is *judged*, the value
        that simulated persons have between their legs. Two conditions then differ by ``people_ms √(2 (1 - 0.7))``, 66
        ms, more in one person than in another.
    lifts_ms : float
        Lifts of one person around the person's typical difference: the median of people, 50 ms.
    lifts_log : float
        How much this varies between people, as SD of its logarithm: 0.334, so that 5 to 95 % of people have 29 to 87
        ms. 0: all alike.
    placement_ms : float
        Placing electrodes anew: 20 ms, *judged*. For conditions measured with the electrodes left on take 0.
    onset_ms : float
        Error of one onset; the difference of two has √2 times that. Default 20 ms. A quarter of its variance is the
        same in all lifts of a session and does not average out.
    missing_share : float
        Lifts that do not count: 0.04.
    """

    people_ms: float = SCENARIOS["straight_knee_lateral"].person_sd_s * 1e3
    correlation: float = SIDE_CORRELATION
    lifts_ms: float = LIFT_SD_MEDIAN_S * 1e3
    lifts_log: float = LIFT_SD_LOG
    placement_ms: float = REPLACEMENT_SD_S * 1e3
    onset_ms: float = ONSET_SD_S * 1e3
    missing_share: float = sum(MISSING_SHARE) / 2

    def __post_init__(self) -> None:
        """Check every value."""
        most = {"correlation": 1.0, "missing_share": 0.9, "lifts_log": 2.0}
        for entry in fields(self):
            value = getattr(self, entry.name)
            require_within(
                entry.name, value, -1.0 if entry.name == "correlation" else 0.0, most.get(entry.name, 10_000.0)
            )


def draw_lift_sd(rng: np.random.Generator, shape: tuple[int, int], spread: Spread) -> FloatArray:
    """Return the SD between the lifts of each person, ms, of the given shape."""
    return spread.lifts_ms * np.exp(spread.lifts_log * rng.standard_normal(shape))


def draw_session_error(rng: np.random.Generator, lift_sd_ms: FloatArray, n_lifts: int, spread: Spread) -> FloatArray:
    """Return how far the mean of a session is from the person's typical difference; at least one lift counts."""
    counted = np.maximum(n_lifts - rng.binomial(n_lifts, spread.missing_share, lift_sd_ms.shape), 1)
    onsets = 2.0 * spread.onset_ms**2
    single = lift_sd_ms**2 + (1.0 - SHARED_SHARE) * onsets
    variance = spread.placement_ms**2 + SHARED_SHARE * onsets + single / counted
    return np.asarray(np.sqrt(variance) * rng.standard_normal(lift_sd_ms.shape), dtype=np.float64)
