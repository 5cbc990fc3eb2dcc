"""The page of a follow-up: one person's visits as a picture, in words and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

from emgorder import __version__
from emgorder.order.followup import FLOOR_S, Trend, TrendPoint, Visit
from emgorder.report import texts as t
from emgorder.report.changes import (
    change_sentence,
    day_words,
    interval_text,
    lead_text,
    method_sentence,
    trend_sentences,
    visit_headline,
)
from emgorder.report.display import capitalised, display_text, milliseconds, muscle_name
from emgorder.report.document import document
from emgorder.report.markup import Markup, element
from emgorder.report.trend import trend_chart

__all__ = ["render_trend_page"]

_SET_UP_LIMIT = 60  # characters of each part of the set-up that are shown


def render_trend_page(person: str, trends: Sequence[Trend]) -> str:
    """Return the follow-up of one person as one self-contained page.

    Parameters
    ----------
    person : str
        Pseudonym, from anywhere: it is escaped and cut.
    trends : sequence of Trend
        One a side.

    Examples
    --------
    >>> "<bdi>&lt;runner&gt;</bdi>" in render_trend_page("<runner>", [])
    True
    """
    name = display_text(person) or t.UNNAMED
    chart = trend_chart(trends)
    uncertainty = t.TREND_UNCERTAINTY.format(floor=milliseconds(FLOOR_S))
    standing = [s.format(uncertainty=uncertainty) for s in t.STANDING]
    return document(
        t.TREND_PAGE_TITLE.format(name=name),
        element(
            "div",
            _header(name, trends),
            element("figure", chart, class_="dots") if chart.text else element("p", t.TREND_NONE),
            *([element("p", _legend(trends), class_="help")] if chart.text else []),
            *(_side(trend) for trend in trends if trend.points),
            element("p", t.TREND_NO_BETTER, " ", method_sentence(), class_="small"),
            element("ul", *(element("li", s) for s in standing), class_="standing"),
            class_="first",
        ),
        _table(trends),
        element("footer", t.FOOTER.format(version=__version__), " · ", t.STANDING[0]),
    )


def _header(name: str, trends: Sequence[Trend]) -> Markup:
    times_s = sorted({p.visit.time_s for trend in trends for p in trend.points})
    facts = [(t.TREND_FACT_VISITS, str(len(times_s)))]
    if times_s:
        span = t.TREND_SPAN.format(first=day_words(times_s[0]), last=day_words(times_s[-1]))
        facts.append((t.TREND_FACT_TIME, span))
    return element(
        "header",
        element("p", element("span", t.TREND_KIND_OF_PAGE), element("span", "emgorder"), class_="kind"),
        element("h1", element("bdi", name)),
        element("dl", *(element("div", element("dt", k), element("dd", v)) for k, v in facts), class_="facts"),
    )


def _legend(trends: Sequence[Trend]) -> str:
    return t.TREND_LEGEND.format(marks="; ".join(t.TREND_LEGEND_MARKS[trend.side] for trend in trends if trend.points))


def _side(trend: Trend) -> Markup:
    last = trend.points[-1].visit
    return element(
        "section",
        element("h2", t.SIDE_NAMES[trend.side], class_="label"),
        element("p", f"{day_words(last.time_s)}{t.PART}{capitalised(visit_headline(last))}", class_="details"),
        *(element("p", element("bdi", s)) for s in trend_sentences(trend)),
        class_=f"side {last.verdict.replace(' ', '-')}",
    )


def _table(trends: Sequence[Trend]) -> Markup:
    points = sorted(chain.from_iterable(trend.points for trend in trends), key=lambda p: p.visit.time_s)
    if not points:
        return Markup("")
    names = (
        *(t.COLUMN_DATE, t.COLUMN_SIDE, t.COLUMN_RESULT, t.COLUMN_DIFFERENCE, t.COLUMN_INTERVAL, t.COLUMN_COUNTED),
        *(t.COLUMN_SET_UP, t.COLUMN_CHANGE),
    )
    wordy = (t.COLUMN_RESULT, t.COLUMN_CHANGE)
    head = element("tr", *(element("th", n, scope="col", class_="words" if n in wordy else None) for n in names))
    set_ups = {shown: k for k, shown in enumerate(dict.fromkeys(_set_up(p.visit) for p in points), start=1)}
    table = element("table", element("thead", head), element("tbody", *(_row(p, set_ups) for p in points)))
    listed = (
        element("li", element("bdi", t.TREND_SET_UP.format(number=k, what=shown))) for shown, k in set_ups.items()
    )
    return element(
        "section",
        element("h2", t.TREND_VISITS_TITLE),
        element("div", table, class_="wide"),
        element("h3", t.TREND_SET_UPS_TITLE),
        element("ul", *listed, class_="notes small"),
        class_="part lifts",
    )


def _set_up(visit: Visit) -> str:
    how = visit.conditions
    parts = [muscle_name(how.hamstring), how.posture, how.instruction, how.device]
    parts += [t.TREND_FEEDBACK] if how.feedback else []
    shown = [display_text(text, _SET_UP_LIMIT).rstrip(".") or t.NOTHING for text in parts]
    return t.PART.join(shown)


def _row(point: TrendPoint, set_ups: Mapping[str, int]) -> Markup:
    visit = point.visit
    change = t.NOTHING if point.since_previous is None else change_sentence(point.since_previous)
    return element(
        "tr",
        element("th", day_words(visit.time_s), scope="row"),
        element("td", t.SIDE_NAMES[visit.side]),
        element("td", t.ORDERS[visit.verdict], class_="words"),
        element("td", lead_text(visit)),
        element("td", interval_text(visit)),
        element("td", t.COUNTED_OF.format(count=visit.n_valid, total=visit.n_lifts)),
        element("td", str(set_ups[_set_up(visit)])),
        element("td", element("bdi", change), class_="words"),
    )
