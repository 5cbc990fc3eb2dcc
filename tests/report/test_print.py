"""The report on paper: printed by a real browser, on two A4 pages, light, legible, and with all that must be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

import emgorder as eo
from emgorder.model import Finding, LiftResult, Side, SideResult
from emgorder.order.conditions import Conditions
from emgorder.order.followup import ActivityLevel, Trend, Visit, follow_trend
from emgorder.report import texts as t
from emgorder.report.beside import Beside
from emgorder.report.html import render_html
from emgorder.report.palette import LIGHT
from tests.app.page_rig import browser

ALIKE = Conditions("BF", "prone", "Lift.", "board")
SENSORS = [
    {"id": f"board-{k}", "nominal_rate_Hz": 1000.0, "rate_Hz": 1000.02, "lost_samples": 3, "clock_sd_s": 0.0004}
    for k in range(4)
]
META = {
    "pseudonym": "heron-12",
    "posture": "prone, knee straight, feet off the table end",
    "instruction": "Lift your straight leg when you hear the tone.",
    "Manufacturer": "Example",
    "start_utc": "2026-11-20T10:00:00Z",
    "pain": 2,
    "Sensors": SENSORS,
}
EXERCISES = (
    "single-leg bridge",
    "fire hydrant",
    "clams",
    "lateral walking squat with a band around the ankles",
    "plank with opposite arm and leg",
    "bird dog",
)
REMARKS = (
    ("snr", "signal only 9 dB above rest", "re-clean the skin and place the electrodes anew"),
    ("mains", "mains hum 0.8 times the rest level", "re-clean the skin, move the charger away"),
)
EIGHT = tuple(
    Finding(channel, kind, "attention", message, remedy)
    for kind, message, remedy in REMARKS
    for channel in ("GMAX_R", "BF_R", "GMAX_L", "BF_L")
)
SMALLEST_PT = 6.95


def visit(side: Side, day: float, difference_s: float) -> Visit:
    levels = {"GMAX": ActivityLevel(0.42 + day / 100, 0.33, 0.53 + day / 100), "BF": ActivityLevel(0.3, 0.26, 0.35)}
    return Visit(
        1.7e9 + 86_400.0 * day,
        side,
        "hamstring first",
        difference_s,
        difference_s - 0.04,
        difference_s + 0.04,
        10,
        10,
        conditions=ALIKE,
        activity=levels,
    )


def trend_of(side: Side) -> Trend:
    return follow_trend([visit(side, 0, 0.09), visit(side, 14, 0.08), visit(side, 30, 0.02), visit(side, 60, -0.03)])


@dataclass(frozen=True)
class Printed:
    """One page of the browser that shows a report and prints it."""

    page: Any

    def show(self, html: str) -> None:
        self.page.set_content(html)

    def pages(self, html: str) -> int:
        self.show(html)
        return len(re.findall(rb"/Type\s*/Page\b", self.page.pdf(prefer_css_page_size=True)))


@pytest.fixture(scope="module")
def paper() -> Iterator[Printed]:
    with browser() as launched:
        context = launched.new_context(color_scheme="dark", viewport={"width": 707, "height": 1070})
        page = context.new_page()
        page.emulate_media(media="print")
        yield Printed(page)
        context.close()


@pytest.fixture(scope="module")
def both() -> eo.SessionResult:
    """Return both legs, ten lifts each, with full efforts."""
    made = eo.simulate_session(seed=3, n_lifts=10, sides=("R", "L"), extras=("mvc",))
    return eo.analyse(replace(made, meta={**made.meta, **META}))


@pytest.fixture(scope="module")
def beside(two_sides: eo.SessionResult) -> Beside:
    return Beside(two_sides, (trend_of("R"), trend_of("L")), EXERCISES)


@pytest.fixture(scope="module")
def full(both: eo.SessionResult, beside: Beside) -> str:
    return render_html(both, beside)


def test_everything_beside_both_legs_is_two_pages(paper: Printed, full: str) -> None:
    assert "full effort" in full
    assert paper.pages(full) == 2


def test_a_first_visit_with_a_cue_is_two_pages(paper: Printed, both: eo.SessionResult, beside: Beside) -> None:
    assert paper.pages(render_html(both, replace(beside, trends=()))) == 2


def test_eight_findings_are_two_pages(paper: Printed, both: eo.SessionResult) -> None:
    assert paper.pages(render_html(replace(both, quality=EIGHT))) == 2


def test_one_leg_of_twenty_lifts_is_two_pages(
    paper: Printed, session: Callable[..., eo.SessionResult], both: eo.SessionResult, beside: Beside
) -> None:
    result = session([60.0 + k for k in range(20)], meta=both.meta, references=both.references)
    assert "full effort" in render_html(result)
    assert paper.pages(render_html(result)) == 2
    assert paper.pages(render_html(result, replace(beside, cued=None, trends=beside.trends[:1]))) == 2


def test_made_up_sessions_are_two_pages(
    paper: Printed, session: Callable[..., eo.SessionResult], two_sides: eo.SessionResult, beside: Beside
) -> None:
    for result in (session([60.0] * 5), two_sides):
        assert paper.pages(render_html(result)) == 2
    assert paper.pages(render_html(two_sides, beside)) == 2
    assert paper.pages(render_html(session(lifts=(), sides=()))) == 2


def test_what_two_pages_cannot_hold_runs_on_without_an_empty_page_between(
    paper: Printed,
    session: Callable[..., eo.SessionResult],
    lift: Callable[..., LiftResult],
    side: Callable[..., SideResult],
    beside: Beside,
) -> None:
    lifts = [lift(k + 1, 0.05, side="RL"[k % 2]) for k in range(40)]
    result = session(lifts=lifts, sides=[side(), side(side="L")], quality=EIGHT, meta=META)
    chosen = tuple(f"exercise number {k} with a fairly long name, slow" for k in range(24))
    assert paper.pages(render_html(result, replace(beside, exercises=chosen))) == 3


TORN = """() => {
  const parts = node => [...node.getClientRects()];
  const helps = [...document.querySelectorAll(".channels + .help")];
  const alone = helps.filter(help => parts(help)[0].left !== parts(help.previousElementSibling).at(-1).left);
  const methods = parts(document.querySelector(".methods"));
  const line = parseFloat(getComputedStyle(document.querySelector(".methods")).lineHeight);
  return [alone.length, methods.length > 1 && methods[0].height < 5 * line];
}"""


@pytest.mark.parametrize("n_lifts", [1, 2, 3, 4, 5, 7])
def test_a_column_ends_neither_between_a_table_and_its_words_nor_right_below_a_heading(
    paper: Printed, session: Callable[..., eo.SessionResult], n_lifts: int
) -> None:
    for result in (session([60.0] * n_lifts), session([60.0] * n_lifts, meta={**META, "Sensors": SENSORS[:1]})):
        paper.show(render_html(result))
        assert paper.page.evaluate(TORN) == [0, False]


def test_a_dark_screen_prints_light(paper: Printed, full: str) -> None:
    paper.show(full)
    ink, mark = paper.page.evaluate(
        """() => [getComputedStyle(document.body).color,
                  getComputedStyle(document.documentElement).getPropertyValue('--hamstring').trim()]"""
    )
    assert ink == "rgb({}, {}, {})".format(*bytes.fromhex(LIGHT.ink[1:]))
    assert mark == LIGHT.hamstring


def test_letters_of_every_printed_picture_are_legible(paper: Printed, full: str) -> None:
    paper.show(full)
    sizes = paper.page.evaluate(
        """() => [...document.querySelectorAll('svg')].filter(s => s.getBoundingClientRect().width > 0).flatMap(s =>
          [...s.querySelectorAll('text')].map(e => [e.textContent, 0.75 * parseFloat(e.getAttribute('font-size'))
            * s.getBoundingClientRect().width / s.viewBox.baseVal.width]))"""
    )
    assert len(sizes) > 100
    assert {words: size for words, size in sizes if size < SMALLEST_PT} == {}


def test_what_must_be_read_is_printed(paper: Printed, full: str) -> None:
    paper.show(full)
    printed = " ".join(paper.page.inner_text("main").split())
    for words in (
        "It tells how much a muscle was excited, not how much it can do, and nothing about which was first.",
        t.RASTER_DESCRIPTION,
        "not prescribed by this result",
        t.QUALITY_GOOD,
        "±20 ms for placing the electrodes anew (judged)",
        "Measurement error: below 56 ms",
    ):
        assert " ".join(words.split()) in printed
    assert "This tells whether the order can be changed today, not whether it should be." in printed
    assert t.TRACES_TITLE not in printed


def test_nothing_sticks_out_of_the_page_or_of_its_column(paper: Printed, full: str) -> None:
    paper.show(full)
    wide = paper.page.evaluate(
        """() => [...document.querySelectorAll('table, svg, p')].filter(e => {
          const own = e.getBoundingClientRect(), around = e.parentElement.getBoundingClientRect();
          return own.width > 0 && own.width > around.width + 1;
        }).map(e => e.textContent.slice(0, 60))"""
    )
    assert wide == []
