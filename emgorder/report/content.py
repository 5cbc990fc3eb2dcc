"""What a report says, as plain values: the part of a result file that needs no program of ours to be read."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pandas as pd

from emgorder.order.contrast import Contrast
from emgorder.report import texts as t
from emgorder.report.activity_words import activity_sentences, contrast_sentence, sides_sentences
from emgorder.report.beside import Beside, beside_of, cue_contrasts
from emgorder.report.bibtex import bibtex
from emgorder.report.changes import trend_sentences
from emgorder.report.display import display_text
from emgorder.report.facts import header_facts
from emgorder.report.methods import methods_paragraph
from emgorder.report.statements import finding_sentence, limit_sentences, meaning_sentences, standing_statements
from emgorder.report.words import lift_line, probability_sentence, verdict_sentence

if TYPE_CHECKING:
    from emgorder.analysis.result import SessionResult

__all__ = ["report_content"]


def report_content(result: SessionResult, beside: Beside | None = None) -> dict[str, Any]:
    """Return the sentences and tables of a report as JSON holds them; None is what is not known.

    Parameters
    ----------
    result : SessionResult
        Any, also without lifts.
    beside : Beside, optional
        A set with a cue, earlier visits, exercises.

    Examples
    --------
    >>> from emgorder.analysis.result import SessionResult
    >>> from emgorder.analysis.settings import Settings
    >>> report_content(SessionResult((), (), (), Settings()))["standing"][0]
    'Research and training tool. Not a diagnosis.'
    """
    beside = beside_of(beside)
    contrast = result.side_difference
    return {
        "head": dict(header_facts(result)),
        "sides": [_side(result, k) for k in range(len(result.sides))],
        "right_against_left": _contrast(contrast, sides_sentences(result)) if contrast else None,
        "meaning": list(meaning_sentences(result)),
        "limits": list(limit_sentences(result)),
        "lifts": [lift_line(r, interval=True) for r in result.lift_results],
        "activity": {
            "sentences": list(activity_sentences(result)),
            "levels": _rows(result.activity),
            "ratios": _rows(result.activity_ratio),
        },
        "quality": [finding_sentence(f) for f in result.quality],
        "cue": _cue(result, beside),
        "follow_up": {trend.side: list(trend_sentences(trend)) for trend in (beside.trends if beside else ())},
        "exercises": [display_text(name) for name in (beside.exercises if beside else ())],
        "methods": methods_paragraph(result, beside),
        "bibtex": bibtex(result),
        "standing": list(standing_statements(result)),
    }


def _side(result: SessionResult, k: int) -> dict[str, Any]:
    side = result.sides[k]
    known = math.isfinite(side.p_hamstring_first)
    return {
        "side": side.side,
        "verdict": side.verdict,
        "sentence": verdict_sentence(side, task=result.settings.task),
        "probabilities": probability_sentence(side) if known else "",
    }


def _cue(result: SessionResult, beside: Beside | None) -> list[dict[str, Any]]:
    if beside is None or beside.cued is None:
        return []
    rows = []
    for side, found in cue_contrasts(result, beside.cued):
        row = {"side": side.side, "with_the_cue": verdict_sentence(side, task=beside.cued.settings.task)}
        if found is not None:
            row |= _contrast(found, (contrast_sentence(found, t.WITH_THE_CUE, t.WITHOUT_THE_CUE),))
        rows.append(row)
    return rows


def _contrast(found: Contrast, sentences: tuple[str, ...]) -> dict[str, Any]:
    values = {name: value for name, value in asdict(found).items() if name != "posterior"}
    return {"sentences": list(sentences), **{name: _plain(value) for name, value in values.items()}}


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): _plain(v) for k, v in row.items()} for row in table.to_dict("records")]


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
