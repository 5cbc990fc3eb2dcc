"""More muscles than two in the reports: a table of pairs, and their order in plain words."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from emgorder.analysis.result import SessionResult
from emgorder.model import Channel, LiftResult, MuscleLift, Onset, Posterior, SideResult
from emgorder.report.html import render_html
from emgorder.report.several import muscle_words, order_sentences, pairs_section
from emgorder.report.terminal import render_text

Sessions = Callable[..., SessionResult]
Lifts = Callable[..., LiftResult]
Extras = Callable[..., SessionResult]
UNKIND = re.compile(r"\b(weak|inhibit|abnormal|dysfunction|firing wrong|patholog|deficit)", re.I)


def normal(onset: Onset, sd_s: float) -> Onset:
    if not onset.found:
        return onset
    grid_s = onset.time_s + np.arange(-60, 61) * 1e-3
    density = np.exp(-0.5 * ((grid_s - onset.time_s) / sd_s) ** 2)
    return replace(onset, posterior=Posterior(grid_s, density / (density.sum() * 1e-3)))


@pytest.fixture
def with_extras(session: Sessions, lift: Lifts) -> Extras:
    """Return a maker of sessions whose glute follows the hamstring by 80 ms and whose extras by given times."""

    def make(
        extras: Sequence[tuple[str, str, float]] = (("ES_R", "ES", 0.04),), sd_s: float = 0.008, n: int = 8
    ) -> SessionResult:
        lifts = []
        for number in range(1, n + 1):
            made = lift(number, 0.08)
            wobble_s = 0.004 * np.sin(np.arange(len(extras)) + number)
            muscles = list(made.muscles)
            start_s = muscles[1].onset.time_s
            muscles += [
                MuscleLift(label, code, "V", Onset(start_s + later_s + float(w)))
                for (label, code, later_s), w in zip(extras, wobble_s, strict=True)
            ]
            lifts.append(replace(made, muscles=tuple(replace(m, onset=normal(m.onset, sd_s)) for m in muscles)))
        names = [("GMAX_R", "GMAX"), ("BF_R", "BF"), *(e[:2] for e in extras)]
        channels = tuple(Channel(label, code, "L" if label.endswith("L") else "R") for label, code in names)
        return session(lifts=lifts, channels=channels)

    return make


def rows_of(result: SessionResult) -> list[list[str]]:
    root = ElementTree.fromstring(pairs_section(result).text)
    return [["".join(c.itertext()) for c in row] for row in root.iter("tr")]


def test_the_likeliest_order_is_one_line_under_the_verdict(with_extras: Extras) -> None:
    lines = render_text(with_extras()).splitlines()
    said = "Order of all 3 muscles, however small the difference: hamstring, then lower back, then glute."
    assert lines[4] == f"  {said} Very likely (>99 %)."


def test_the_table_has_a_row_for_every_pair_with_its_numbers(with_extras: Extras) -> None:
    rows = rows_of(with_extras())
    assert [row[0] for row in rows[1:]] == ["Glute – hamstring", "Glute – lower back", "Hamstring – lower back"]
    assert rows[1][1:3] == ["8", "80"]
    assert re.fullmatch(r"\[\d+ to \d+\]", rows[1][3])
    assert rows[1][4:] == ["<1 %", "<1 %", ">99 %"]
    assert rows[3][2].startswith("-4")


@pytest.mark.parametrize(("later_s", "said"), [(0.0815, "cannot tell. "), (0.0845, "cannot tell. Leaning hamstring, ")])
def test_an_order_that_is_not_very_likely_is_no_order(with_extras: Extras, later_s: float, said: str) -> None:
    sentence = order_sentences(with_extras([("ES_R", "ES", later_s)]))["R"]
    assert sentence.startswith(f"Order of all 3 muscles: {said}")
    assert "ery likely" not in sentence


def test_without_further_muscles_nothing_is_said(session: Sessions) -> None:
    assert order_sentences(session()) == {}
    assert pairs_section(session()).text == ""
    assert "muscles" not in render_text(session())


@pytest.mark.parametrize("n", [1, 4])
def test_too_few_lifts_cannot_tell_and_show_dashes(with_extras: Extras, n: int) -> None:
    result = with_extras(n=n)
    assert order_sentences(result)["R"] == "Order of all muscles: cannot tell from these lifts."
    assert rows_of(result)[1] == ["Glute – hamstring", str(n), "80", "–", "–", "–", "–"]


def test_a_muscle_that_was_never_seen_is_a_dash_and_never_zero(with_extras: Extras) -> None:
    assert rows_of(with_extras([("ES_R", "ES", math.nan)]))[2][1:4] == ["0", "–", "–"]


def test_muscles_are_told_apart_by_head_side_or_label(with_extras: Extras) -> None:
    extras = [("ST_R", "ST", 0.01), ("ES_R", "ES", 0.02), ("ES_L", "ES", 0.03), ("FOO", "RF", 0.05)]
    result = with_extras(extras)
    words = muscle_words(result, result.matrices["R"].channels)
    assert list(words.values()) == [
        *("glute", "biceps femoris", "semitendinosus"),
        *("right lower back", "left lower back", "FOO"),
    ]
    twice = with_extras([("ES_a", "ES", 0.02), ("ES_b", "ES", 0.03)])
    assert list(muscle_words(twice, ["GMAX_R", "ES_a", "ES_b"]).values()) == ["glute", "ES_a", "ES_b"]


def test_sides_are_named_where_there_are_two(with_extras: Extras, side: Callable[..., SideResult]) -> None:
    result = with_extras()
    left = [replace(r, lift=replace(r.lift, side="L")) for r in result.lift_results]
    both = replace(result, lift_results=(*result.lift_results, *left), sides=(side(), side(side="L")))
    assert [row[0][:3] for row in rows_of(both)[1:]] == ["R  "] * 3 + ["L  "] * 3
    assert "Left leg · Order of all 3 muscles" in pairs_section(both).text
    assert render_text(both).count("Order of all 3 muscles") == 2


def test_names_from_a_file_are_escaped_and_the_page_stays_whole_and_kind(with_extras: Extras) -> None:
    result = with_extras([("<b>\x1b[2J", "", 0.03), ("ES_R", "ES", 0.05)])
    page = render_html(result)
    ElementTree.fromstring(page)
    assert "<b>" not in page
    assert "&lt;b&gt;" in page
    text = render_text(result)
    assert "\x1b" not in page + text
    assert not UNKIND.search(text)
    assert not re.search(r"\bnan\b", text)
