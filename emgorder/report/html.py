"""The report: one self-contained page, first for the patient, then for clinician and researcher."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from emgorder.files import replace_files
from emgorder.model import LiftResult, SideResult
from emgorder.report import texts as t
from emgorder.report.activity import activity_section
from emgorder.report.activity_words import sides_sentences
from emgorder.report.beside import Beside, beside_of, cue_section, exercises_section, trend_section
from emgorder.report.display import display_text
from emgorder.report.document import document
from emgorder.report.facts import header_facts
from emgorder.report.figures import difference_limits, dot_chart, probability_bar
from emgorder.report.markup import Markup, element
from emgorder.report.sections import (
    lift_table,
    methods_section,
    notes_section,
    quality_section,
    raster_section,
    traces_section,
)
from emgorder.report.several import pairs_section
from emgorder.report.statements import limit_sentences, meaning_sentences, standing_statements
from emgorder.report.words import verdict_words

if TYPE_CHECKING:
    from emgorder.analysis.result import SessionResult

__all__ = ["render_html", "write_html"]


def render_html(result: SessionResult, beside: Beside | None = None) -> str:
    """Return the report as one HTML page without scripts and without anything from elsewhere.

    Parameters
    ----------
    result : SessionResult
        Any, also without lifts.
    beside : Beside, optional
        A set with a cue, earlier visits, exercises.

    Returns
    -------
    str
        The same for the same result, well-formed as HTML and as XML. Every name from a file is escaped, and a
        content security policy forbids all but the page's own style sheet.

    Examples
    --------
    >>> from emgorder.analysis.result import SessionResult
    >>> from emgorder.analysis.settings import Settings
    >>> render_html(SessionResult((), (), (), Settings(), name="<runner>")).count("<h1><bdi>&lt;runner&gt;</bdi></h1>")
    1
    """
    also = beside_of(beside)
    return document(
        t.PAGE_TITLE.format(name=_name(result)),
        element("div", *_first_page(result, also), class_="first"),
        *_further_pages(result, also),
    )


def write_html(result: SessionResult, path: str | Path, beside: Beside | None = None) -> Path:
    """Write the report and return its path; the file is there whole, or as it was before.

    Parameters
    ----------
    result : SessionResult
        What to report.
    path : str or Path
        Where to; the folder must exist.
    beside : Beside, optional
        As in :func:`render_html`.

    Raises
    ------
    RecordingError
        The file cannot be written; the message names it and what to do.
    """
    target = Path(path)
    replace_files({target: [render_html(result, beside).encode("utf-8")]})
    return target


def _first_page(result: SessionResult, beside: Beside) -> list[Markup]:
    return [
        _header(result),
        *_sides(result),
        *(element("p", element("bdi", s), class_="details") for s in sides_sentences(result)),
        element(
            "div",
            element("div", element("h2", t.MEANING_TITLE), *_paragraphs(meaning_sentences(result))),
            element("div", element("h2", t.NOT_MEANING_TITLE), *_paragraphs(limit_sentences(result))),
            class_="columns",
        ),
        element("ul", *(element("li", s) for s in standing_statements(result)), class_="standing"),
        exercises_section(beside.exercises),
    ]


def _further_pages(result: SessionResult, beside: Beside) -> list[Markup]:
    return [
        lift_table(result),
        raster_section(result),
        pairs_section(result),
        element(
            "div",
            activity_section(result),
            cue_section(result, beside),
            trend_section(beside),
            quality_section(result),
            notes_section(result),
            methods_section(result, beside),
            class_="flow",
        ),
        traces_section(result),
        element("footer", t.FOOTER.format(version=display_text(result.version)), " · ", t.STANDING[0]),
    ]


def _header(result: SessionResult) -> Markup:
    cyclic = result.settings.task == "cyclic"
    facts = (
        element("div", element("dt", name), element("dd", _isolated(value))) for name, value in header_facts(result)
    )
    kind = element("span", t.KIND_OF_PAGE_CYCLIC if cyclic else t.KIND_OF_PAGE)
    return element(
        "header",
        element("p", kind, element("span", "emgorder"), class_="kind"),
        element("h1", _isolated(_name(result))),
        element("dl", *facts, class_="facts"),
    )


def _sides(result: SessionResult) -> list[Markup]:
    if not result.sides:
        return [element("section", element("p", t.NO_SIDES, class_="headline"), class_="side cannot-tell")]
    limits_s = difference_limits(result.lift_results, result.sides)
    return [_side(side, _lifts_of(result, side), result, limits_s) for side in result.sides]


def _side(
    side: SideResult, lifts: Sequence[LiftResult], result: SessionResult, limits_s: tuple[float, float]
) -> Markup:
    words = verdict_words(side, task=result.settings.task)
    headline = words.headline[:1].upper() + words.headline[1:] + "."
    bar = probability_bar(side)
    return element(
        "section",
        element("h2", t.SIDE_NAMES[side.side], class_="label"),
        element("p", headline, class_="headline"),
        element("p", " ".join(words.details), class_="details"),
        *([element("figure", bar, class_="bar")] if bar.text else []),
        *([element("figure", dot_chart(lifts, side, limits_s), class_="dots")] if lifts else []),
        class_=f"side {side.verdict.replace(' ', '-')}",
    )


def _lifts_of(result: SessionResult, side: SideResult) -> list[LiftResult]:
    alone = len(result.sides) == 1
    return [r for r in result.lift_results if alone or r.lift.side == side.side]


def _name(result: SessionResult) -> str:
    return display_text(result.name) or t.UNNAMED


def _isolated(text: str) -> Markup:
    """Keep the direction of a name in another script from turning the words around it."""
    return element("bdi", text)


def _paragraphs(sentences: Sequence[str]) -> list[Markup]:
    return [element("p", s) for s in sentences]
