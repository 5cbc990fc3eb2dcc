"""The page: whole, safe, small, and the same for the same result."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from emgorder.analysis import analyse
from emgorder.analysis.result import SessionResult, read_result
from emgorder.errors import RecordingError
from emgorder.model import Channel, Finding, LiftResult, SideResult
from emgorder.report.html import render_html, write_html
from emgorder.report.statements import standing_statements
from emgorder.report.words import verdict_sentence, verdict_words
from emgorder.simulate import simulate_session

NAN = math.nan
Sessions = Callable[..., SessionResult]
Sides = Callable[..., SideResult]
Lifts = Callable[..., LiftResult]

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></style><script>alert(1)</script>",
    "-->]]><svg/onload=alert(1)>",
    "\u202egnp.exe",
    "nul\x00l \x1b[2J \udcff",
    "👩‍🏃 אבגד 山田",
    "x" * 10_240,
)


class Checker(HTMLParser):
    """Checks that tags close in order, and collects tags and attributes."""

    EMPTY = frozenset({"meta", "circle", "line", "path", "polygon", "rect"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.EMPTY
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def checked(page: str) -> Checker:
    ElementTree.fromstring(page)
    checker = Checker()
    checker.feed(page)
    checker.close()
    assert not checker.open
    return checker


def words_of(page: str) -> str:
    return " ".join(" ".join(ElementTree.fromstring(page).itertext()).split())


@pytest.fixture
def edge_cases(session: Sessions, side: Sides, lift: Lifts) -> dict[str, SessionResult]:
    nothing = side("cannot tell", counts=(0, 0, 0), average_ms=(NAN, NAN, NAN), probabilities=(NAN, NAN, NAN))
    return {
        "no lifts": session(lifts=(), sides=()),
        "a side without lifts": session(lifts=(), sides=[nothing]),
        "all uncounted": session(
            lifts=[lift(i, NAN, reason="glute: no burst", hamstring="ST") for i in range(1, 4)], sides=[nothing]
        ),
        "no probabilities": session(
            lifts=[lift(i, 0.06, sd_s=NAN, unit="a.u.", hamstring="HAM") for i in range(1, 8)],
            sides=[side("cannot tell", average_ms=(60, NAN, NAN), probabilities=(NAN, NAN, NAN))],
        ),
        "no traces": session(lifts=[lift(1, 0.1, traces=False)]),
        "unknown side": session(side=""),
        "bare": session(name="", channels=(), conditioning={}, version="", duration_s=NAN, sampling_frequency=NAN),
    }


def test_a_full_page_is_well_formed(two_sides: SessionResult) -> None:
    checked(render_html(two_sides))


def test_edge_cases_are_well_formed_and_never_show_nan(edge_cases: dict[str, SessionResult]) -> None:
    for name, result in edge_cases.items():
        page = render_html(result)
        checked(page)
        assert not re.search(r"\bnan\b|\binf\b|\bNone\b", words_of(page)), name
        assert not re.search(r'"[^"]*\bnan\b[^"]*"', page), name
        for statement in standing_statements(result):
            assert statement in words_of(page), name


def test_the_page_shows_each_verdict_word_for_word(two_sides: SessionResult) -> None:
    shown = words_of(render_html(two_sides))
    for side in two_sides.sides:
        words = verdict_words(side)
        assert f"{words.headline[0].upper()}{words.headline[1:]}. {' '.join(words.details)}" in shown


def test_the_page_names_person_device_hamstring_and_instruction(two_sides: SessionResult) -> None:
    shown = words_of(render_html(two_sides))
    for fact in (
        "Person runner-07",
        "Device Example",
        "Hamstring hamstring (biceps femoris)",
        "Recording 428 s, 1000 Hz, 20 lifts",
        "Instruction Lift your straight leg.",
        "Clock same device",
    ):
        assert fact in shown


def test_uncounted_lifts_findings_notes_and_activity_are_on_the_page(two_sides: SessionResult) -> None:
    shown = words_of(render_html(two_sides))
    assert "2 of 20 lifts not counted: moved before the tone (1), glute: no burst (1)." in shown
    assert "BF_L: mains hum 0.8 times the rest level. Re-clean the skin." in shown
    assert "time column starts at 3.2 s: counted from 0" in shown
    assert "Can't say which muscle worked harder" in shown


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_from_a_file_can_break_out(session: Sessions, lift: Lifts, name: str) -> None:
    result = session(
        name=name,
        lifts=[lift(1, 0.1, reason=name), lift(2, 0.1)],
        quality=(Finding(name, "snr", "stop", name, name),),
        notes=(name,),
        meta={"pseudonym": name, "Manufacturer": name, "pain": name, "start_utc": name, "posture": name},
        channels=(Channel(name, name, "R"),),
        conditioning={"highpass_Hz": 20.0, "lowpass_Hz": 450.0, "filter": name, "crosstalk": [name]},
        version=name,
    )
    page = render_html(result)
    checker = checked(page)
    plain = checked(render_html(session(notes=("a",), quality=(Finding("a", "snr", "stop", "a", "a"),))))
    assert checker.tags <= plain.tags | {"svg"}
    assert not any(a.startswith("on") or a in ("src", "href", "style") for a in checker.attributes)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00\x1b]", page)
    assert "x" * 500 not in page
    page.encode("utf-8")


def test_the_page_loads_nothing_and_allows_only_its_own_style(two_sides: SessionResult) -> None:
    page = render_html(two_sides)
    checker = checked(page)
    assert not checker.tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    assert not checker.attributes & {"src", "href", "style", "srcset"}
    assert "url(" not in page
    assert "@import" not in page
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    style = re.search(r"<style>(.*)</style>", page, re.S)
    assert policy is not None
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src &#x27;sha256-{digest}&#x27;" in policy[1]
    assert "default-src &#x27;none&#x27;" in policy[1]


def test_style_holds_nothing_that_ends_it() -> None:
    assert "<" not in (Path(write_html.__code__.co_filename).parent / "page.css").read_text(encoding="utf-8")


def test_a_session_of_85_lifts_stays_small(session: Sessions) -> None:
    page = render_html(session([40 + 3 * i for i in range(85)]))
    assert len(page.encode()) < 1_500_000
    assert page.count("<figcaption>") == 85


def test_a_session_that_went_through_the_engine_gives_the_same_page_before_and_after_saving(tmp_path: Path) -> None:
    result = analyse(simulate_session(seed=1, n_lifts=6))
    page = render_html(result)
    checked(page)
    assert verdict_sentence(result.sides[0]).partition(": ")[2].partition(". ")[2] in words_of(page)
    assert render_html(read_result(result.to_json(tmp_path / "result.json"))) == page


def test_the_same_result_gives_the_same_page(two_sides: SessionResult) -> None:
    assert render_html(two_sides) == render_html(two_sides)


def test_writing_replaces_the_file_whole_and_leaves_nothing_beside_it(session: Sessions, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")
    assert write_html(session(), str(path)) == path
    assert path.read_text(encoding="utf-8") == render_html(session())
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_does_not_exist_is_named_with_what_to_do(session: Sessions, tmp_path: Path) -> None:
    path = tmp_path / "missing" / "report.html"
    with pytest.raises(RecordingError, match=r"report\.html: .*make it first"):
        write_html(session(), path)


def test_a_failed_write_keeps_the_old_file_and_leaves_no_scratch(session: Sessions, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.mkdir()
    (path / "kept").write_text("old")
    with pytest.raises(RecordingError, match="choose another name"):
        write_html(session(), path)
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
    assert (path / "kept").read_text() == "old"


def test_the_page_follows_the_theme_of_the_system_and_prints_light(session: Sessions) -> None:
    page = render_html(session())
    assert "@media screen and (prefers-color-scheme:dark)" in page
    assert "@page{size:A4" in page
