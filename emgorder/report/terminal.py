"""The result as plain text for a terminal: verdicts first, then every lift, then the signals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from emgorder.report import texts as t
from emgorder.report.activity_words import activity_sentences, sides_sentences
from emgorder.report.display import display_text
from emgorder.report.several import order_sentences
from emgorder.report.statements import finding_sentence, standing_statements
from emgorder.report.words import lift_line, probability_sentence, verdict_sentence

if TYPE_CHECKING:
    from emgorder.analysis.result import SessionResult

__all__ = ["render_text"]

NOTE_LIMIT = 400  # characters of a note that are shown


def render_text(result: SessionResult) -> str:
    """Return verdicts, lifts, activity, findings with remedies, notes and the standing statements as lines of text.

    Nothing that a file says can move the cursor or change colours: control characters are left out.

    Examples
    --------
    >>> from emgorder.analysis.result import SessionResult
    >>> from emgorder.analysis.settings import Settings
    >>> render_text(SessionResult((), (), (), Settings(), name="runner-07")).splitlines()[2]
    'No lifts were found, so there is no order to report.'
    """
    lines = [display_text(result.name) or t.UNNAMED, ""]
    all_muscles = order_sentences(result)
    for side in result.sides:
        lines.append(verdict_sentence(side, task=result.settings.task))
        if math.isfinite(side.p_hamstring_first):
            lines.append(f"  {probability_sentence(side)}")
        if side.side in all_muscles:
            lines.append(f"  {all_muscles[side.side]}")
    lines += sides_sentences(result)
    if not result.sides:
        lines.append(t.NO_SIDES)
    if result.lift_results:
        several = len({r.lift.side for r in result.lift_results}) > 1
        lines.append("")
        lines += [f"  {_side(r.lift.side, several)}{lift_line(r, interval=True)}" for r in result.lift_results]
    if result.sides:
        lines += ["", t.ACTIVITY_TITLE, *(f"  {sentence}" for sentence in activity_sentences(result))]
    if result.quality:
        lines += ["", t.QUALITY_TITLE]
        lines += [f"  {t.SEVERITY_MARKS[f.severity]} {finding_sentence(f)}" for f in result.quality]
    if result.notes:
        lines += ["", t.NOTES_TITLE, *(f"  {display_text(n, NOTE_LIMIT)}" for n in result.notes)]
    return "\n".join([*lines, "", *standing_statements(result), ""])


def _side(side: str, several: bool) -> str:
    return f"{side}  " if several and side else ""
