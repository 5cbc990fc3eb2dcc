"""The parts of the report for clinician and researcher: table, traces, quality, notes, methods."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import median
from typing import TYPE_CHECKING

from emgorder.model import Channel, LiftOrder, LiftResult, MuscleLift, Side
from emgorder.report import texts as t
from emgorder.report.bibtex import bibtex
from emgorder.report.clocks import clock_table
from emgorder.report.display import display_text, milliseconds, muscle_name, number, percent, rope_ms, side_name
from emgorder.report.markup import Markup, element
from emgorder.report.methods import methods_paragraph
from emgorder.report.raster import onset_raster
from emgorder.report.statements import exclusion_sentence, finding_sentences, quality_sentence
from emgorder.report.traces import TraceView, lift_traces, trace_view
from emgorder.report.words import lift_line, lift_verdict

if TYPE_CHECKING:
    from emgorder.analysis.result import SessionResult
    from emgorder.report.beside import Beside

__all__ = ["lift_table", "methods_section", "notes_section", "quality_section", "raster_section", "traces_section"]

NOTE_LIMIT = 400  # characters of a note that are shown
_ONE_RASTER = 12  # lifts under each other
_FEWEST_COLUMNS = 5  # of the table of lifts, where there are no probabilities
_COLUMNS = {t.COLUMN_GLUTE_ONSET: "time", t.COLUMN_HAMSTRING_ONSET: "time"}


def lift_table(result: SessionResult) -> Markup:
    """Return the table with a row for every lift, counted or not; a table a leg where there are two.

    Two tables stand beside each other on paper, where the column of words and those of onset times give way: words
    stand beside each lift in both pictures, times in CSV and JSON.
    """
    if not result.lift_results:
        return Markup("")
    given = any(math.isfinite(r.order.p_together) for r in result.lift_results)
    names = (
        *(t.COLUMN_LIFT, t.COLUMN_RESULT, t.COLUMN_DIFFERENCE),
        *((t.COLUMN_INTERVAL, t.COLUMN_P_GLUTE, t.COLUMN_P_TOGETHER, t.COLUMN_P_HAMSTRING) if given else ()),
        *(t.COLUMN_GLUTE_ONSET, t.COLUMN_HAMSTRING_ONSET),
    )
    head = element("tr", *(_heading(n, words=n == t.COLUMN_RESULT, class_=_COLUMNS.get(n)) for n in names))
    legs = _legs(result)
    tables = [
        element(
            "table",
            *([element("caption", side_name(side))] if len(legs) > 1 else []),
            element("thead", head),
            element("tbody", *(_lift_row(r, len(names)) for r in lifts)),
        )
        for side, lifts in legs.items()
    ]
    explained = t.TABLE_PROBABILITIES if given else t.TABLE_NO_PROBABILITIES
    caption = f"{t.TABLE_CAPTION.format(rope=rope_ms(result.settings.rope_s))} {explained}"
    return _part(
        t.EVERY_LIFT_TITLE,
        element("p", exclusion_sentence(result.lift_results), " ", caption, class_="help"),
        element("div", *tables, class_="wide" if len(legs) == 1 else "wide legs"),
        class_="part lifts",
    )


def raster_section(result: SessionResult) -> Markup:
    """Return all lifts of each side under each other, aligned on the first onset."""
    if not result.lift_results:
        return Markup("")
    view = _view(result)
    figures = []
    for lifts in _legs(result).values():
        for part in _halves(lifts):
            picture = onset_raster(part, view, among=lifts)
            if picture.text:
                figures.append(element("figure", picture))
    if not figures:
        return Markup("")
    return _part(
        t.RASTER_SECTION, element("p", t.RASTER_DESCRIPTION, class_="help"), element("div", *figures, class_="rasters")
    )


def _halves(lifts: Sequence[LiftResult]) -> list[Sequence[LiftResult]]:
    """Return a long row of lifts in two, which stand beside each other."""
    half = (len(lifts) + 1) // 2
    return [lifts] if len(lifts) <= _ONE_RASTER else [lifts[:half], lifts[half:]]


def traces_section(result: SessionResult) -> Markup:
    """Return the traces of every lift, drawn alike."""
    if not result.lift_results:
        return Markup("")
    view = _view(result)
    figures = [
        element(
            "figure",
            element("figcaption", _named(r, result)),
            picture,
            class_=None if r.valid else "uncounted",
        )
        for r in result.lift_results
        if (picture := lift_traces(r, view)).text
    ]
    if not figures:
        return _part(t.TRACES_TITLE, element("p", t.TRACES_NONE, class_="help"))
    help_, grid = element("p", t.TRACES_HELP, class_="help"), element("div", *figures, class_="traces")
    return _part(t.TRACES_TITLE, help_, grid, class_="part screen-only")


def quality_section(result: SessionResult) -> Markup:
    """Return what is to be said of the signals, with what to do about it, and figures for each channel."""
    findings = [
        element(
            "li",
            element(
                "span",
                t.SEVERITY_MARKS[severity],
                class_=f"sign {severity}",
                role="img",
                aria_label=t.SEVERITIES[severity],
            ),
            element("span", element("bdi", sentence)),
        )
        for severity, sentence in finding_sentences(result.quality)
    ]
    ok = [element("span", t.QUALITY_OK_MARK, " ", class_="sign ok")] if not findings else []
    return _part(
        t.QUALITY_TITLE,
        element("p", *ok, quality_sentence(result.quality), class_="help"),
        *([element("ul", *findings, class_="findings")] if findings else []),
        *_channel_table(result),
        *clock_table(result),
    )


def notes_section(result: SessionResult) -> Markup:
    """Return what reading and analysis repaired or assumed."""
    if not result.notes:
        return Markup("")
    notes = (element("li", element("bdi", display_text(n, NOTE_LIMIT))) for n in result.notes)
    return _part(t.NOTES_TITLE, element("ul", *notes, class_="notes small"))


def methods_section(result: SessionResult, beside: Beside | None = None) -> Markup:
    """Return the methods paragraph and all settings."""
    settings = (
        element("div", element("dt", key), element("dd", display_text(t.AUTOMATIC if value is None else value)))
        for key, value in result.settings.to_dict().items()
    )
    return _part(
        t.METHODS_TITLE,
        element("p", methods_paragraph(result, beside), class_="small methods"),
        element("h3", t.SETTINGS_TITLE, class_="screen-only"),
        element("dl", *settings, class_="settings"),
        element("details", element("summary", t.BIBTEX_SUMMARY), element("pre", bibtex(result)), class_="screen-only"),
    )


def _view(result: SessionResult) -> TraceView:
    delays_s = {c.label: c.delay_s for c in result.channels}
    return trace_view(result.lift_results, clocks_s=_clocks_s(result), delays_s=delays_s)


def _part(title: str, *children: Markup, class_: str = "part") -> Markup:
    return element("section", element("h2", title), *children, class_=class_)


def _heading(name: str, *, words: bool, class_: str | None = None) -> Markup:
    return element("th", name, scope="col", class_="words" if words else class_)


def _legs(result: SessionResult) -> dict[Side, list[LiftResult]]:
    legs: dict[Side, list[LiftResult]] = {}
    for r in result.lift_results:
        legs.setdefault(r.lift.side, []).append(r)
    return legs


def _lift_row(result: LiftResult, n_columns: int) -> Markup:
    order, verdict = result.order, lift_verdict(result)
    name = element("th", str(result.lift.number), scope="row")
    onsets_s = [m.onset.time_s for m in result.muscles[:2]]
    onsets = [_cell(f"{s:.3f}" if math.isfinite(s) else t.NOTHING, class_="time") for s in onsets_s]
    if verdict == "cannot tell":  # the numbers of a lift that does not count would be read as if it did
        why = element("td", _order_words(result), class_="words why", colspan=str(n_columns - 1 - len(onsets)))
        return element("tr", name, why, *onsets, class_="uncounted")
    probabilities = (order.p_glute_first, order.p_together, order.p_hamstring_first)
    with_probabilities = n_columns > _FEWEST_COLUMNS
    sureness = [_interval(order), *(percent(p) for p in probabilities)] if with_probabilities else []
    dot = element("span", class_=f"dot {verdict.replace(' ', '-')}")
    words = element("td", dot, element("span", _order_words(result), class_="order"), class_="words")
    return element("tr", name, words, _cell(milliseconds(order.difference_s)), *map(_cell, sureness), *onsets)


def _interval(order: LiftOrder) -> str:
    if not math.isfinite(order.low_s):
        return t.NOTHING
    return t.INTERVAL.format(low=milliseconds(order.low_s), high=milliseconds(order.high_s))


def _order_words(result: LiftResult) -> str:
    """Return the line of a lift without its number and its difference, which have columns of their own."""
    parts = lift_line(result).split(t.PART)[1:]
    has_size = lift_verdict(result) in ("glute first", "hamstring first")
    return t.PART.join(parts[:1] + parts[2:] if has_size else parts)


def _cell(text: str, *, class_: str | None = None) -> Markup:
    return element("td", text, class_=class_)


def _named(result: LiftResult, session: SessionResult) -> str:
    line = lift_line(result, interval=True)
    several = len(session.sides) > 1 and result.lift.side
    return f"{t.SIDE_NAMES[result.lift.side]}{t.PART}{line}" if several else line


def _clocks_s(result: SessionResult) -> dict[str, float]:
    """Return how far the clock of each glute channel is ahead of its hamstring's."""
    offsets_s = {s.side: s.sync.offset_s for s in result.sides}
    return {r.muscles[0].channel: offsets_s.get(r.lift.side, 0.0) for r in result.lift_results if r.muscles}


def _channel_table(result: SessionResult) -> list[Markup]:
    if not result.channels:
        return []
    names = (t.COLUMN_CHANNEL, t.COLUMN_MUSCLE, t.COLUMN_SNR, t.COLUMN_REST, t.COLUMN_ACTIVE)
    head = element("tr", *(_heading(n, words=n == t.COLUMN_MUSCLE) for n in names))
    measured = [(c, _found(result.lift_results, c)) for c in result.channels]
    rows = (_channel_row(c, found) for c, found in measured if found or c.target_muscle)
    table = element("table", element("thead", head), element("tbody", *rows))
    return [element("div", table, class_="wide channels")]


def _channel_row(channel: Channel, found: Sequence[MuscleLift]) -> Markup:
    return element(
        "tr",
        element("th", element("bdi", display_text(channel.label, 24)), scope="row"),
        element("td", muscle_name(channel.target_muscle) or t.NOTHING, class_="words"),
        _cell(number(_median(m.snr_dB for m in found), 0)),
        _cell(_amplitude(_median(m.baseline_rms for m in found), channel)),
        _cell(_amplitude(_median(m.rms for m in found), channel)),
    )


def _found(lifts: Sequence[LiftResult], channel: Channel) -> list[MuscleLift]:
    return [m for r in lifts if r.valid for m in r.muscles if m.channel == channel.label]


def _median(values: Iterable[float]) -> float:
    finite = [v for v in values if math.isfinite(v)]
    return median(finite) if finite else math.nan


def _amplitude(value: float, channel: Channel) -> str:
    if not math.isfinite(value):
        return t.NOTHING
    shown, unit = (1e6 * value, t.VOLTS_IN_uV) if channel.unit == "V" else (value, t.ARBITRARY)
    return f"{shown:.3g} {unit}"
