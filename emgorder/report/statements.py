"""What a report says beside the verdict: its meaning, the standing statements, quality, and what was not counted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING

from emgorder.model import Finding, LiftResult, Severity, Side, SideResult
from emgorder.report import texts as t
from emgorder.report.display import (
    as_sentence,
    capitalised,
    display_text,
    lifts_word,
    milliseconds,
    rope_ms,
    side_name,
    stopped,
    uncounted_reason,
)

if TYPE_CHECKING:
    from emgorder.analysis.result import SessionResult

__all__ = [
    "exclusion_sentence",
    "finding_sentence",
    "finding_sentences",
    "limit_sentences",
    "meaning_sentences",
    "quality_sentence",
    "standing_statements",
]

_URGENCY: tuple[Severity, ...] = ("stop", "attention", "info")
REMARK_LIMIT = 300  # characters of a message or a remedy that are shown


def meaning_sentences(result: SessionResult) -> tuple[str, ...]:
    """Return what the verdicts mean, one entry a side; studies are only quoted for the leg lift."""
    if result.settings.task == "cyclic":
        return (t.OTHER_TASK,)
    return tuple(_meaning(side) for side in result.sides) or (t.NO_SIDES,)


def limit_sentences(result: SessionResult) -> tuple[str, ...]:
    """Return what the verdicts do not mean."""
    return (t.NOT_MEANING,) if result.settings.task == "cyclic" else (t.NOT_MEANING, t.SET_UP_MATTERS)


def standing_statements(result: SessionResult) -> tuple[str, ...]:
    """Return the statements that every report shows, with the timing uncertainty of this session.

    The uncertainty is half the 90 % interval of the difference in a typical (median) counted lift.
    """
    uncertainty = _uncertainty(result)
    return (*(s.format(uncertainty=uncertainty) for s in t.STANDING), t.STRENGTH_PAGES)


def quality_sentence(findings: Sequence[Finding]) -> str:
    """Return how many findings of each severity there are, in one sentence.

    Examples
    --------
    >>> quality_sentence([Finding("BF_R", "snr", "attention", "noisy", "re-clean the skin")])
    '1 to improve.'
    """
    if not findings:
        return t.QUALITY_GOOD
    counts = Counter(f.severity for f in findings)
    return ", ".join(text.format(count=counts[kind]) for kind, text in t.QUALITY_COUNTS.items() if counts[kind]) + "."


def finding_sentence(finding: Finding) -> str:
    """Return what is wrong with a channel and what to do about it.

    Examples
    --------
    >>> finding_sentence(Finding("BF_R", "snr", "attention", "signal 6 dB above rest", "re-clean the skin"))
    'BF_R: signal 6 dB above rest. Re-clean the skin.'
    """
    message, remedy = display_text(finding.message, REMARK_LIMIT), display_text(finding.remedy, REMARK_LIMIT)
    channel = display_text(finding.channel)
    said = stopped(t.FINDING.format(channel=channel, message=message)) if channel else as_sentence(message)
    return f"{said} {as_sentence(remedy)}".strip()


def finding_sentences(findings: Sequence[Finding]) -> list[tuple[Severity, str]]:
    """Return findings by urgency, those of one kind with one remedy on several channels as one sentence.

    Examples
    --------
    >>> hum = [Finding(c, "mains", "attention", "mains hum", "re-clean the skin") for c in ("GMAX_R", "BF_R")]
    >>> finding_sentences(hum)
    [('attention', 'GMAX_R, BF_R: mains hum. Re-clean the skin.')]
    """
    alike: dict[tuple[Severity, str, str], dict[str, list[str]]] = {}
    for f in sorted(findings, key=lambda f: _URGENCY.index(f.severity)):
        channels = alike.setdefault((f.severity, f.kind, f.remedy), {}).setdefault(f.message, [])
        channels.append(display_text(f.channel))
    told = []
    for (severity, _, remedy), messages in alike.items():
        parts = []
        for message, channels in messages.items():
            shown = display_text(message, REMARK_LIMIT)
            named = t.CHANNEL_ALSO.join(dict.fromkeys(c for c in channels if c))
            parts.append(t.FINDING.format(channel=named, message=shown) if named else capitalised(shown))
        remark = stopped(t.FINDING_ALSO.join(parts))
        told.append((severity, f"{remark} {as_sentence(display_text(remedy, REMARK_LIMIT))}".strip()))
    return told


def exclusion_sentence(lifts: Sequence[LiftResult]) -> str:
    """Return how many lifts were not counted, and why, most frequent reason first."""
    if not lifts:
        return t.NO_LIFTS
    total = len(lifts)
    reasons = Counter(uncounted_reason(r) for r in lifts if not r.valid)
    if not reasons:
        return t.ONE_COUNTED if total == 1 else t.ALL_COUNTED.format(total=total)
    listed = ", ".join(t.EXCLUDED_REASON.format(reason=r, count=n) for r, n in reasons.most_common())
    return t.EXCLUDED.format(count=reasons.total(), total=total, lifts=lifts_word(total), reasons=listed)


def _meaning(side: SideResult) -> str:
    undecided = side.verdict == "cannot tell"
    if undecided and (not side.possible or side.n_valid == 0):
        template = t.MEANING_NOT_POSSIBLE
    elif undecided and not math.isfinite(side.p_hamstring_first):
        template = t.MEANING_NO_PROBABILITY
    else:
        template = t.MEANING[side.verdict]
    return template.format(leg=side_name(side.side), rope=rope_ms(side.rope_s))


def _uncertainty(result: SessionResult) -> str:
    counted = [r for r in result.lift_results if r.valid]
    if not counted:
        return t.UNCERTAINTY_NO_LIFTS
    halves: dict[Side, list[float]] = {}
    for r in counted:
        if math.isfinite(r.order.low_s) and math.isfinite(r.order.high_s):
            halves.setdefault(r.lift.side, []).append((r.order.high_s - r.order.low_s) / 2)
    if not halves:
        return t.UNCERTAINTY_UNKNOWN
    typical = {side: milliseconds(median(widths)) for side, widths in halves.items()}
    if len(typical) == 1:
        return t.UNCERTAINTY_OF_ONE.format(value=next(iter(typical.values())))
    return ", ".join(t.UNCERTAINTY_OF_SIDE.format(value=v, side=t.SIDE_ADVERBS[s]) for s, v in typical.items())
