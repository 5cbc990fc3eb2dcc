"""Activity levels and differences of sides or sessions in plain language; all texts are in :mod:`.texts`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from emgorder.analysis.activity import SessionActivity
from emgorder.model import Side
from emgorder.order.activity import NO_MVC, ActivityRatio, MuscleActivity
from emgorder.order.contrast import Contrast
from emgorder.report import texts as t
from emgorder.report.display import as_sentence, capitalised, display_text, milliseconds, number, rope_ms
from emgorder.report.several import muscle_words

if TYPE_CHECKING:
    from emgorder.analysis.result import SessionResult

__all__ = [
    "activity_sentences",
    "contrast_sentence",
    "level_sentence",
    "percent_words",
    "ratio_sentence",
    "side_sentences",
    "sides_sentences",
]

REASON_LIMIT = 200


def activity_sentences(result: SessionResult, *, drawn: bool = False) -> tuple[str, ...]:
    """Return which muscle of each side had the higher activity level, and right against left, or why nobody can say.

    Parameters
    ----------
    result : SessionResult
        Any.
    drawn : bool
        Whether bars show the levels, so that words need not repeat them.
    """
    levels = result.activity_levels
    said = [s for side in result.sides for s in side_sentences(result, levels, side.side, drawn=drawn)]
    names = muscle_words(result, [m.channel for m in levels.muscles])
    across = [r for r in levels.ratios if _sides_of(levels, r) == ("R", "L") and not r.reason]
    said += [ratio_sentence(r, names[r.first], names[r.second]) for r in across]
    return tuple(dict.fromkeys(said)) or (NO_MVC,)


def side_sentences(
    result: SessionResult, levels: SessionActivity, side: Side, *, drawn: bool = False
) -> tuple[str, ...]:
    """Return the comparison of glute and hamstring of a side, then each muscle's level."""
    muscles = levels.of(side)
    names = muscle_words(result, [m.channel for m in levels.muscles])
    if not any(m.known for m in muscles):
        referred = (m for m in muscles if math.isfinite(m.percent_reference))
        blocked = _blocked(muscles[0].reason if muscles else NO_MVC)
        return (blocked, *(level_sentence(m, names[m.channel]) for m in referred))
    ratios = [r for r in levels.ratios if _sides_of(levels, r) == (side, side)]
    compared = [ratio_sentence(r, names[r.first], names[r.second]) for r in ratios]
    told = (m for m in muscles if not (drawn and m.known and not m.remark))
    return (*compared, *(level_sentence(m, names[m.channel]) for m in told))


def level_sentence(muscle: MuscleActivity, name: str) -> str:
    """Return the activity level of a muscle with its interval, or why there is none.

    Examples
    --------
    >>> level_sentence(MuscleActivity("R", "GMAX_R", "GMAX", 45.2, 38.0, 53.1, 9), "glute")
    'Glute at 45 % of its full effort [38 to 53].'
    """
    referred = math.isfinite(muscle.percent_reference)
    if not (referred or math.isfinite(muscle.percent_mvc)):
        reason = display_text(muscle.reason, REASON_LIMIT)
        return capitalised(as_sentence(t.ACTIVITY_MUSCLE_BLOCKED.format(muscle=name, reason=reason)))
    said = (t.ACTIVITY_REFERRED if referred else t.ACTIVITY_LEVEL).format(
        muscle=capitalised(name),
        percent=percent_words(muscle.percent_reference if referred else muscle.percent_mvc),
        low=number(muscle.low, 0),
        high=number(muscle.high, 0),
    )
    return f"{as_sentence(said)} {as_sentence(muscle.remark)}".strip()


def ratio_sentence(ratio: ActivityRatio, first: str, second: str) -> str:
    """Return which of two muscles had the higher activity level and how sure that is, or why nobody can say.

    Examples
    --------
    >>> ratio_sentence(ActivityRatio("GMAX_R", "BF_R", 1.42, 1.1, 1.83, 0.98, 9, "first"), "glute", "hamstring")
    'Very likely a higher activity level in the glute than in the hamstring: 1.42 times [1.1 to 1.83].'
    """
    if not math.isfinite(ratio.ratio):
        return _blocked(ratio.reason)
    values = (ratio.ratio, ratio.low, ratio.high)
    likelier = ratio.higher or ratio.leaning
    names = (first, second) if likelier != "second" else (second, first)
    if ratio.higher == "second":
        values = (1.0 / ratio.ratio, 1.0 / ratio.high, 1.0 / ratio.low)
    template = t.RATIO_HIGHER if ratio.higher else t.RATIO_LEANING if ratio.leaning else t.RATIO_OPEN
    size, low, high = (number(v, 2) for v in values)
    return template.format(first=first, second=second, higher=names[0], lower=names[1], ratio=size, low=low, high=high)


def sides_sentences(result: SessionResult) -> tuple[str, ...]:
    """Return the typical difference of right against left in one sentence; nothing without both sides."""
    found = result.side_difference
    return () if found is None else (contrast_sentence(found, t.RIGHT_SIDE, t.LEFT_SIDE),)


def contrast_sentence(found: Contrast, first: str, second: str) -> str:
    """Return how the typical difference of the first side or session differs from that of the second.

    Examples
    --------
    >>> contrast_sentence(Contrast(0.092, 0.041, 0.140, 0.97, 0.03, 0.0, 0.99, "larger"), "right", "left")
    'Right against left: glute later by 92 ms relative to the hamstring [41 to 140]. Very likely a difference.'
    """
    return capitalised(t.CONTRAST.format(first=first, second=second, said=_contrast_words(found)))


def percent_words(value: float) -> str:
    """Return a share of a full effort in whole per cent.

    Examples
    --------
    >>> percent_words(45.2)
    '45 %'
    """
    return t.PERCENT.format(value=number(value, 0))


def _contrast_words(found: Contrast) -> str:
    if not math.isfinite(found.low_s):
        return t.CONTRAST_UNKNOWN.format(reason=as_sentence(display_text(found.reason, REASON_LIMIT)))
    if found.verdict == "alike":
        return t.CONTRAST_ALIKE.format(rope=rope_ms(found.rope_s))
    later = found.difference_s >= 0
    low_s, high_s = (found.low_s, found.high_s) if later else (-found.high_s, -found.low_s)
    size = milliseconds(abs(found.difference_s))
    change = (t.CONTRAST_NONE if size == "0" else t.CONTRAST_CHANGE).format(
        change=t.CHANGES["larger" if later else "smaller"],
        size=size,
        low=milliseconds(low_s),
        high=milliseconds(high_s),
    )
    if found.verdict != "cannot tell":
        return t.CONTRAST_LIKELY.format(change=change)
    leaning = t.CONTRAST_LEANING.format(change=t.CHANGES[found.leaning]) if found.leaning else ""
    return t.CONTRAST_OPEN.format(change=change) + leaning


def _blocked(reason: str) -> str:
    if reason in ("", NO_MVC):
        return NO_MVC
    return as_sentence(t.ACTIVITY_BLOCKED.format(reason=display_text(reason, REASON_LIMIT)))


def _sides_of(levels: SessionActivity, ratio: ActivityRatio) -> tuple[Side, Side]:
    sides = {m.channel: m.side for m in levels.muscles}
    return sides[ratio.first], sides[ratio.second]
