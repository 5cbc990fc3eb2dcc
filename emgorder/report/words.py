"""The verdict of a side and the line of a lift in plain language.

The sentences say what was counted and how sure it is, and no more; probabilities that a method does not give are
never made up. All texts are in :mod:`emgorder.report.texts`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from emgorder.model import LiftResult, SideResult, Verdict
from emgorder.order.session import MIN_VALID_LIFTS
from emgorder.report import texts as t
from emgorder.report.display import (
    as_sentence,
    capitalised,
    lifts_word,
    milliseconds,
    percent,
    rope_ms,
    uncounted_reason,
)

__all__ = [
    "SideWords",
    "lead_words",
    "lift_line",
    "lift_verdict",
    "lift_words",
    "probability_sentence",
    "verdict_sentence",
    "verdict_words",
]

FIRM_LIFTS = 6  # fewer counted lifts than this are flagged even where there is a verdict
SESSION_HOLDS_LIFTS = 20  # more further lifts than this are not asked of anybody on one day
LIFT_CERTAIN = 0.66  # below this the order of a single lift is marked "not certain"


@dataclass(frozen=True, slots=True)
class SideWords:
    """The verdict of a side in words: ``label`` (``RIGHT``), ``headline`` (without full stop), further sentences."""

    label: str
    headline: str
    details: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """All of it in one line, as the command line and the page show it."""
        prefix = f"{self.label}: " if self.label else ""
        headline = self.headline if self.label else capitalised(self.headline)
        return " ".join((f"{prefix}{headline}.", *self.details))


def verdict_sentence(side: SideResult, *, task: Literal["lift", "cyclic"] = "lift") -> str:
    """Return the verdict of a side as one line.

    Parameters
    ----------
    side : SideResult
        Any: refused, without lifts, or of an onset method without probabilities.
    task : {"lift", "cyclic"}
        What was done; studies of healthy people are only quoted for the leg lift.

    Examples
    --------
    >>> verdict_sentence(SideResult("R", "hamstring first", 10, 10, 0, 1, 9, 0.084, 0.045, 0.123))
    'RIGHT: hamstring first in 9 of 10 lifts. Average lead 84 ms [45 to 123]. Very likely hamstring-first. This is
    common in healthy people.'
    """
    return verdict_words(side, task=task).sentence


def verdict_words(side: SideResult, *, task: Literal["lift", "cyclic"] = "lift") -> SideWords:
    """Return the verdict of a side as headline and further sentences; see :func:`verdict_sentence`."""
    label = t.SIDE_LABELS[side.side]
    if side.verdict == "cannot tell":
        return SideWords(label, t.CANNOT_TELL, _undecided(side))
    few = (t.FEW_LIFTS.format(count=side.n_valid, lifts=lifts_word(side.n_valid)),) if side.n_valid < FIRM_LIFTS else ()
    if side.verdict == "together":
        return SideWords(
            label,
            t.TOGETHER_LIKELY.format(rope=rope_ms(side.rope_s)),
            (capitalised(_counts(side, t.FIRST_IN)) + ".", _average_earlier(side), *few),
        )
    lead_s, low_s, high_s = _lead_of(side, side.verdict)
    healthy = (t.SEEN_IN_HEALTHY[side.verdict],) if task == "lift" else ()
    lead = t.AVERAGE_LEAD.format(lead=milliseconds(lead_s), low=milliseconds(low_s), high=milliseconds(high_s))
    return SideWords(label, _counts(side, t.FIRST_IN), (lead, t.VERY_LIKELY[side.verdict], *healthy, *few))


def probability_sentence(side: SideResult) -> str:
    """Return the probabilities of the three orders of a side, or that there are none.

    Examples
    --------
    >>> probability_sentence(SideResult("R", "cannot tell", 8, 8, 0, 2, 6, p_glute_first=0.004, p_together=0.286,
    ...                                 p_hamstring_first=0.71))
    'glute first <1 %, together 29 %, hamstring first 71 %'
    """
    if not math.isfinite(side.p_hamstring_first):
        return t.NO_PROBABILITY
    return t.PROBABILITIES.format(
        glute=percent(side.p_glute_first),
        together=percent(side.p_together),
        hamstring=percent(side.p_hamstring_first),
    )


def lift_verdict(result: LiftResult) -> Verdict:
    """Return the order that a lift counts as: by its difference and the ROPE; ``cannot tell`` where it does not count.

    Examples
    --------
    >>> from emgorder.model import Lift, LiftOrder
    >>> lift_verdict(LiftResult(Lift(4, "R", 8.0, 12.0), (), LiftOrder(difference_s=0.062), valid=True))
    'hamstring first'
    """
    difference_s, rope_s = result.order.difference_s, result.order.rope_s
    if not result.valid or not math.isfinite(difference_s):
        return "cannot tell"
    if abs(difference_s) <= rope_s:
        return "together"
    return "hamstring first" if difference_s > 0 else "glute first"


def lift_line(result: LiftResult, *, total: int | None = None, interval: bool = False) -> str:
    """Return one lift in one line.

    Parameters
    ----------
    result : LiftResult
        Counted or not.
    total : int, optional
        Lifts that are planned; ``Lift 4/10`` instead of ``Lift 4``.
    interval : bool
        Whether to add the 90 % interval.

    Examples
    --------
    >>> from emgorder.model import Lift, LiftOrder
    >>> lift = Lift(4, "R", 8.0, 12.0)
    >>> lift_line(LiftResult(lift, (), LiftOrder(difference_s=0.062, low_s=0.04, high_s=0.085), valid=True))
    'Lift 4 · hamstring first · 62 ms'
    >>> lift_line(LiftResult(lift, (), LiftOrder(), valid=False, reason="moved before the tone"), total=10)
    'Lift 4/10 · not counted: moved before the tone'
    """
    name = t.LIFT if total is None else t.LIFT_OF
    parts = [name.format(number=result.lift.number, total=total), *_lift_parts(result, interval)]
    if result.provisional:
        parts.append(t.PROVISIONAL)
    return t.PART.join(parts)


def lead_words(difference_s: float) -> str:
    """Return which muscle was earlier and by how much, as short as a figure needs it.

    Examples
    --------
    >>> lead_words(0.062), lead_words(-0.041)
    ('hamstring 62 ms', 'glute 41 ms')
    >>> lead_words(0.0003)
    '0 ms'
    """
    if milliseconds(difference_s) == "0":
        return t.MILLISECONDS.format(value=0)
    muscle = t.GLUTE if difference_s < 0 else t.HAMSTRING
    return t.LEAD.format(muscle=muscle, lead=milliseconds(abs(difference_s)))


def lift_words(result: LiftResult) -> str:
    """Return what a figure writes beside a lift that counts: who was earlier and by how much, or that it is too close.

    Examples
    --------
    >>> from emgorder.model import Lift, LiftOrder
    >>> lift_words(LiftResult(Lift(4, "R", 8.0, 12.0), (), LiftOrder(difference_s=0.013), valid=True))
    'too close to call'
    """
    return t.TOO_CLOSE if lift_verdict(result) == "together" else lead_words(result.order.difference_s)


def _undecided(side: SideResult) -> tuple[str, ...]:
    if side.n_valid == 0 or not side.possible:
        return (as_sentence(side.reason) or _too_few(side), *_more_lifts(side))
    if math.isfinite(side.p_hamstring_first):
        return _unsure(side)
    counts = capitalised(_counts(side, t.FIRST_IN)) + "."
    return (as_sentence(side.reason) or t.NO_PROBABILITY, counts, _median_earlier(side), *_more_lifts(side))


def _too_few(side: SideResult) -> str:
    if side.n_lifts == 0:
        return t.NO_LIFTS
    if side.n_valid == 0:
        return t.NONE_COUNTED.format(total=side.n_lifts, lifts=lifts_word(side.n_lifts))
    return t.TOO_FEW.format(
        count=side.n_valid, total=side.n_lifts, lifts=lifts_word(side.n_lifts), needed=MIN_VALID_LIFTS
    )


def _unsure(side: SideResult) -> tuple[str, ...]:
    most = _most_counted(side)
    why = side.reason or _why_unsure(side)
    lead_s, low_s, high_s = _lead_of(side, most)
    if most != "together" and lead_s >= 0:
        lead = t.LEAD_SHORT
    else:
        lead = t.LEAD_LONG
        lead_s, low_s, high_s = _lead_of(side, _earlier(side))
    if milliseconds(lead_s) == "0":
        lead = t.LEAD_NONE
    numbers = lead.format(
        muscle=_muscle_of(_earlier(side)),
        lead=milliseconds(lead_s),
        low=milliseconds(low_s),
        high=milliseconds(high_s),
    )
    leaning = (t.LEANING.format(order=t.ORDERS[side.leaning]),) if side.leaning else ()
    said = f"{capitalised(_counts(side, t.COUNT_OF))}, {numbers}: {why}"
    return (as_sentence(said), *leaning, *_more_lifts(side))


def _counts(side: SideResult, template: str) -> str:
    """Return the count of the leading order, the others where it is no clear majority, and the uncounted lifts."""
    counts = _counts_of(side)
    first = side.verdict if side.verdict != "cannot tell" else _most_counted(side)
    said = [template.format(order=t.ORDERS[first], count=counts[first], total=side.n_valid)]
    unclear = side.verdict == "cannot tell" and not math.isfinite(side.p_hamstring_first)
    if unclear or 2 * counts[first] <= side.n_valid:
        others = sorted((o for o in counts if o != first and counts[o]), key=lambda o: -counts[o])
        said += [t.AND_COUNT.format(order=t.ORDERS[o], count=counts[o]) for o in others]
    if side.n_valid < side.n_lifts and template == t.FIRST_IN:
        said.append(t.NOT_COUNTED_COUNT.format(count=side.n_lifts - side.n_valid))
    return ", ".join(said)


def _counts_of(side: SideResult) -> dict[Verdict, int]:
    return {
        "hamstring first": side.n_hamstring_first,
        "glute first": side.n_glute_first,
        "together": side.n_together,
    }


def _most_counted(side: SideResult) -> Verdict:
    counts = _counts_of(side)
    return max(counts, key=lambda order: (counts[order], order == _earlier(side)))


def _earlier(side: SideResult) -> Verdict:
    return "glute first" if side.difference_s < 0 else "hamstring first"


def _muscle_of(order: Verdict) -> str:
    return t.GLUTE if order == "glute first" else t.HAMSTRING


def _lead_of(side: SideResult, order: Verdict) -> tuple[float, float, float]:
    """Return the lead of the muscle that `order` names, with its interval, s."""
    if order == "glute first":
        return -side.difference_s, -side.high_s, -side.low_s
    return side.difference_s, side.low_s, side.high_s


def _average_earlier(side: SideResult) -> str:
    order = _earlier(side)
    lead_s, low_s, high_s = _lead_of(side, order)
    template = t.AVERAGE_SAME if milliseconds(lead_s) == "0" else t.AVERAGE_EARLIER
    return template.format(
        muscle=_muscle_of(order), lead=milliseconds(lead_s), low=milliseconds(low_s), high=milliseconds(high_s)
    )


def _median_earlier(side: SideResult) -> str:
    order = _earlier(side)
    lead = milliseconds(_lead_of(side, order)[0])
    return t.MEDIAN_SAME if lead == "0" else t.MEDIAN_EARLIER.format(muscle=_muscle_of(order), lead=lead)


def _why_unsure(side: SideResult) -> str:
    if side.between_lift_sd_s > side.rope_s:
        return t.LIFTS_VARY
    return t.NEAR_LIMIT.format(rope=rope_ms(side.rope_s))


def _more_lifts(side: SideResult) -> tuple[str, ...]:
    if not side.more_lifts:
        return ()
    template = t.MORE_LIFTS if side.more_lifts <= SESSION_HOLDS_LIFTS else t.MORE_LIFTS_THAN_A_SESSION
    return (template.format(count=side.more_lifts, lifts=lifts_word(side.more_lifts)),)


def _lift_parts(result: LiftResult, interval: bool) -> list[str]:
    if not result.valid:
        return [t.NOT_COUNTED.format(reason=uncounted_reason(result))]
    verdict, order = lift_verdict(result), result.order
    if verdict == "together":
        return [t.TOO_CLOSE]
    if verdict == "cannot tell":
        return [t.NOT_COUNTED.format(reason=uncounted_reason(result))]
    glute_first = verdict == "glute first"
    size = t.MILLISECONDS.format(value=milliseconds(abs(order.difference_s)))
    if interval and math.isfinite(order.low_s):
        low_s, high_s = (-order.high_s, -order.low_s) if glute_first else (order.low_s, order.high_s)
        size += " " + t.INTERVAL.format(low=milliseconds(low_s), high=milliseconds(high_s))
    probability = order.p_glute_first if glute_first else order.p_hamstring_first
    return [t.ORDERS[verdict], size, *([t.NOT_CERTAIN] if probability < LIFT_CERTAIN else [])]
