"""From probabilities to a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from emgorder.model import Posterior, Verdict
from emgorder.order.density import mass_below

__all__ = ["LEANING_FROM", "VERDICT_FROM", "Leaning", "Probabilities", "decide", "probabilities"]

Leaning: TypeAlias = Literal["glute first", "hamstring first", "together", ""]

VERDICT_FROM = 0.90  # "very likely" on the scale of the IPCC (Mastrandrea et al. 2010)
LEANING_FROM = 0.66  # "likely" on the same scale


@dataclass(frozen=True, slots=True)
class Probabilities:
    """Of the three orders, which sum to 1, and of the sign alone."""

    glute_first: float
    together: float
    hamstring_first: float
    glute_earlier: float


def probabilities(difference: Posterior, *, rope_s: float) -> Probabilities:
    """Return what a density of the difference (glute minus hamstring) says of the order.

    Parameters
    ----------
    difference : Posterior
        Positive means hamstring first.
    rope_s : float
        Differences up to this size count as together, s.
    """
    glute, hamstring = mass_below(difference, -rope_s), 1.0 - mass_below(difference, rope_s)
    return Probabilities(
        glute_first=glute,
        together=max(0.0, 1.0 - glute - hamstring),
        hamstring_first=hamstring,
        glute_earlier=mass_below(difference, 0.0),
    )


def decide(p: Probabilities) -> tuple[Verdict, Leaning]:
    """Return the verdict and, where it is ``cannot tell``, which order is at least likely.

    Examples
    --------
    >>> decide(Probabilities(0.01, 0.04, 0.95, 0.02))
    ('hamstring first', '')
    >>> decide(Probabilities(0.70, 0.29, 0.01, 0.95))
    ('cannot tell', 'glute first')
    """
    orders: dict[Leaning, float] = {
        "glute first": p.glute_first,
        "together": p.together,
        "hamstring first": p.hamstring_first,
    }
    likeliest = max(orders, key=lambda order: orders[order])
    if orders[likeliest] < LEANING_FROM:
        return "cannot tell", ""
    if orders[likeliest] < VERDICT_FROM or likeliest == "":
        return "cannot tell", likeliest
    return likeliest, ""
