"""What stands in a report beside its own session: a set with a cue, earlier visits, exercises that were chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emgorder.arguments import require_kind, require_list
from emgorder.model import SideResult
from emgorder.order.contrast import Contrast
from emgorder.order.followup import Trend
from emgorder.report import texts as t
from emgorder.report.activity_words import contrast_sentence
from emgorder.report.changes import change_help, step_sentences
from emgorder.report.display import display_text, side_name
from emgorder.report.markup import Markup, element, said
from emgorder.report.trend import trend_chart
from emgorder.report.words import verdict_sentence

if TYPE_CHECKING:
    from emgorder.analysis.result import SessionResult

__all__ = ["Beside", "beside_of", "cue_contrasts", "cue_section", "exercises_section", "trend_section"]

_EXERCISE_LIMIT = 80
_MOST_EXERCISES = 24
_SHORT_LIST = 9  # more exercises than this are printed one after another
_WIDTH, _HEIGHT = 430.0, 164.0  # of the trend: half a printed page


@dataclass(frozen=True, eq=False, slots=True)
class Beside:
    """What a report shows beside its own session.

    Attributes
    ----------
    cued : SessionResult or None
        The same person, on the same day, told to squeeze the buttock first.
    trends : tuple of Trend
        Visits until this one, one trend a side.
    exercises : tuple of str
        Chosen by the clinician.
    """

    cued: SessionResult | None = None
    trends: tuple[Trend, ...] = ()
    exercises: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the kind of each part, and keep lists as tuples."""
        from emgorder.analysis.given import require_result

        if self.cued is not None:
            require_result(self.cued, key="cued")
        for key, kind, what, remedy in (
            ("trends", Trend, "trend", t.GIVE_TRENDS),
            ("exercises", str, "name", t.GIVE_EXERCISES),
        ):
            given = require_list(getattr(self, key), kind, key=key, what=what, remedy=remedy)
            object.__setattr__(self, key, given)


def beside_of(given: Beside | None) -> Beside:
    """Return what stands beside a session, nothing for None; raise SettingsError for anything else."""
    if given is None:
        return Beside()
    require_kind(given, Beside, key="beside", what="Beside", remedy=t.GIVE_BESIDE)
    return given


def cue_contrasts(result: SessionResult, cued: SessionResult) -> list[tuple[SideResult, Contrast | None]]:
    """Return each side of the set with a cue, and how it differs from the same side without; None without that side."""
    from emgorder.analysis.compare import compare_sessions

    neutral = {side.side for side in result.sides}
    return [(side, compare_sessions(cued, result, side.side) if side.side in neutral else None) for side in cued.sides]


def cue_section(result: SessionResult, beside: Beside) -> Markup:
    """Return whether the order changed when the person was told to squeeze the buttock first."""
    if beside.cued is None:
        return Markup("")
    sentences = []
    for side, found in cue_contrasts(result, beside.cued):
        sentences.append(verdict_sentence(side))
        if found is not None:
            sentences.append(contrast_sentence(found, t.WITH_THE_CUE, t.WITHOUT_THE_CUE))
    return element(
        "section",
        element("h2", t.CUE_TITLE),
        said(dict.fromkeys(sentences)),
        element("p", t.CUE_HELP, class_="help"),
        class_="part",
    )


def trend_section(beside: Beside) -> Markup:
    """Return the visits so far as a picture and what has changed in words; nothing for a first visit."""
    trends = [trend for trend in beside.trends if len(trend.points) > 1]
    if not trends:
        return Markup("")
    chart = trend_chart(trends, width=_WIDTH, height=_HEIGHT)
    return element(
        "section",
        element("h2", t.EARLIER_TITLE),
        *([element("figure", chart, class_="trend")] if chart.text else []),
        *(element("p", element("bdi", _told(trend)), class_="small") for trend in trends),
        element("p", change_help(), class_="help"),
        class_="part",
    )


def _told(trend: Trend) -> str:
    told = " ".join(step_sentences(trend.points[-1]))
    return t.TREND_OF_SIDE.format(side=side_name(trend.side), told=told) if trend.side else told


def exercises_section(chosen: Sequence[str]) -> Markup:
    """Return the exercises that the clinician chose, with what they do not promise; nothing where none were."""
    if not chosen:
        return Markup("")
    listed = [element("li", element("bdi", display_text(name, _EXERCISE_LIMIT))) for name in chosen[:_MOST_EXERCISES]]
    return element(
        "section",
        element("h2", t.EXERCISES_TITLE),
        element("ul", *listed),
        element("p", t.EXERCISES_HELP, class_="help"),
        class_="exercises" if len(listed) <= _SHORT_LIST else "exercises many",
    )
