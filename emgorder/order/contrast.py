"""How the typical onset difference changes between two sides, two instructions or two visits."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, TypeAlias

from emgorder.model import Posterior, SideResult, Verdict
from emgorder.order.density import mass_below, trimmed, widen
from emgorder.order.lift import difference_posterior
from emgorder.order.verdict import decide, probabilities

__all__ = ["ERROR_RATIO", "Change", "Contrast", "contrast"]

Change: TypeAlias = Literal["larger", "smaller", "alike", "cannot tell", ""]

ERROR_RATIO = 1.15
"""Standard deviation of a side's error over the one that its density states: in 95 simulated sessions of both legs in
six published ways of doing the test (191 sides) 90 % intervals of a side cover .85. Two sides' errors add up."""

_SD_OF_INTERVAL = 2 * 1.6448536  # width of a Gaussian's 90 % interval in SD

_CHANGES: MappingProxyType[Verdict | Literal[""], Change] = MappingProxyType(
    {
        "hamstring first": "larger",
        "glute first": "smaller",
        "together": "alike",
        "cannot tell": "cannot tell",
        "": "",
    }
)


@dataclass(frozen=True, eq=False, slots=True)
class Contrast:
    """Typical difference (glute minus hamstring) of the first session minus that of the second.

    Positive: the glute follows later after the hamstring, or leads it by less, in the first.

    Attributes
    ----------
    difference_s : float
        Median of its posterior, else the difference of the two sides' typical differences; NaN where one has none.
    low_s, high_s : float
        5 % and 95 % of the posterior; NaN where a side has no probabilities.
    p_larger, p_alike, p_smaller : float
        Probability of a difference above the ROPE, within it and below it; they sum to 1.
    p_positive : float
        Probability of the sign alone.
    verdict : {"larger", "smaller", "alike", "cannot tell", ""}
        What has a probability of .90 or more, else ``cannot tell``.
    leaning : {"larger", "smaller", "alike", ""}
        With ``cannot tell``: what has a probability of .66 or more.
    rope_s : float
        Differences up to this size count as alike.
    reason : str
        Why there is no interval or no difference, in words.
    posterior : Posterior or None
        Density of ``difference_s``.
    """

    difference_s: float = math.nan
    low_s: float = math.nan
    high_s: float = math.nan
    p_larger: float = math.nan
    p_alike: float = math.nan
    p_smaller: float = math.nan
    p_positive: float = math.nan
    verdict: Change = "cannot tell"
    leaning: Change = ""
    rope_s: float = 0.030
    reason: str = ""
    posterior: Posterior | None = None


def contrast(first: SideResult, second: SideResult, *, rope_s: float | None = None) -> Contrast:
    """Return how the typical difference of one side of a session differs from that of another.

    The two densities are taken as independent given the lifts, and their difference is widened by what sides are known
    to err more than they state. What both have in common (the same clocks, the same electrodes) cancels out in truth.

    Parameters
    ----------
    first, second : SideResult
        As :func:`emgorder.order.pool_side` makes them, of one person.
    rope_s : float, optional
        Changes up to this size count as alike, s; default: the larger ROPE of the two.

    Examples
    --------
    >>> contrast(SideResult("R", "cannot tell", 3, 3, 0, 0, 3), SideResult("L", "cannot tell", 0, 0, 0, 0, 0)).verdict
    'cannot tell'
    """
    rope_s = max(first.rope_s, second.rope_s) if rope_s is None else rope_s
    unknown = Contrast(rope_s=rope_s)
    if first.hamstring != second.hamstring:
        heads = f"{first.hamstring} and {second.hamstring}"
        return replace(unknown, reason=f"another hamstring was recorded ({heads}): that alone moves the difference")
    unknown = replace(unknown, difference_s=first.difference_s - second.difference_s)
    for side in (first, second):
        if side.posterior is None:
            return replace(unknown, reason=side.reason or "one of the two has no probabilities")
    assert first.posterior is not None
    assert second.posterior is not None
    density = _widened(difference_posterior(first.posterior, second.posterior))
    p = probabilities(density, rope_s=rope_s)
    verdict, leaning = decide(p)
    return Contrast(
        difference_s=density.quantile(0.5),
        low_s=density.quantile(0.05),
        high_s=density.quantile(0.95),
        p_larger=p.hamstring_first,
        p_alike=p.together,
        p_smaller=p.glute_first,
        p_positive=1.0 - mass_below(density, 0.0),
        verdict=_CHANGES[verdict],
        leaning=_CHANGES[leaning],
        rope_s=rope_s,
        posterior=trimmed(density),
    )


def _widened(density: Posterior) -> Posterior:
    sd_s = (density.quantile(0.95) - density.quantile(0.05)) / _SD_OF_INTERVAL
    return widen(density, math.sqrt(ERROR_RATIO**2 - 1.0) * sd_s)
