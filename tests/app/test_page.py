"""The page by itself, in a real browser: what it shows, what it sends, and what it never does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import emgorder
from emgorder.guided.screens import Button, Check, Choice, Field, Ring, SideView, Tone
from emgorder.report.palette import DARK, LIGHT, css_variables
from tests.app import shown
from tests.app.page_rig import Stage, browser

PAGE = Path(emgorder.__file__).parent / "app" / "page"


@pytest.fixture(scope="module")
def launched() -> Iterator[Any]:
    with browser() as started:
        yield started


@pytest.fixture
def stage(launched: Any) -> Iterator[Stage]:
    opened = Stage(launched, viewport={"width": 1280, "height": 800})
    yield opened
    opened.close()
    assert opened.errors == []


def dos(stage: Stage) -> list[str]:
    stage.page.wait_for_timeout(50)
    return [command["do"] for command in stage.commands]


def test_the_colours_are_those_of_the_report() -> None:
    css = (PAGE / "style.css").read_text("utf-8").replace(" ", "").replace("\n", "")
    light, dark = css.split("@media(prefers-color-scheme:dark)", 1)
    for declaration in css_variables(LIGHT).strip(";").split(";"):
        assert declaration in light
    for declaration in css_variables(DARK).strip(";").split(";"):
        assert declaration in dark.split("@media", 1)[0]


def test_markup_holds_no_script_no_style_and_nothing_from_elsewhere() -> None:
    html = (PAGE / "index.html").read_text("utf-8")
    assert not re.search(r"<style|style=|\son\w+=|<script(?![^>]*\ssrc=)", html)
    for path in re.findall(r'(?:src|href)="([^"#]+)"', html):
        assert path.startswith("/static/")
    for file in PAGE.glob("*.js"):
        source = file.read_text("utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|\beval\(|new Function|document\.write", source), (
            file
        )
        for imported in re.findall(r'from "([^"]+)"', source):
            assert (PAGE / imported).is_file()


@pytest.mark.parametrize(("theme", "size"), [("light", (1280, 800)), ("dark", (1280, 800)), ("light", (390, 844))])
def test_no_screen_has_a_serious_fault_of_accessibility(launched: Any, theme: str, size: tuple[int, int]) -> None:
    from axe_playwright_python.sync_playwright import Axe

    axe = Axe()
    stage = Stage(launched, viewport={"width": size[0], "height": size[1]}, color_scheme=theme)
    for number, (name, screen) in enumerate(shown.screens().items(), start=100):
        page = stage.open(replace(screen, number=number), shown.traces() if screen.traces else None)
        found = axe.run(page).response["violations"]
        serious = [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")]
        assert serious == [], name
        overflow = page.evaluate("document.getElementById('main').scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, name
    stage.close()
    assert stage.errors == []


OUT_OF_SIGHT = """() => [...document.querySelectorAll(".actions button")].filter(node => {
  const box = node.getBoundingClientRect();
  return box.left < 0 || box.right > innerWidth || box.bottom > innerHeight;
}).map(node => node.dataset.do)"""
ROOM = """() => {
  const top = document.getElementById("main").getBoundingClientRect().top;
  return (document.getElementById("actions").getBoundingClientRect().top - top) / innerHeight;
}"""


@pytest.mark.parametrize("size", [(375, 667), (640, 400), (667, 375)])
def test_on_a_small_or_enlarged_page_every_button_is_in_sight_and_words_have_room(
    launched: Any, size: tuple[int, int]
) -> None:
    stage = Stage(launched, viewport={"width": size[0], "height": size[1]})
    page = stage.open(shown.place())
    told = (shown.connect(), shown.contact(), shown.rest(), shown.lifts(), shown.report(), shown.exercises())
    for number, screen in enumerate(told, 100):
        stage.show(replace(screen, number=number))
        assert page.evaluate(OUT_OF_SIGHT) == [], screen.step
        assert page.evaluate(ROOM) > 1 / 3, screen.step
    stage.close()
    assert stage.errors == []


def test_the_step_of_now_stays_in_sight_when_a_tablet_is_turned(stage: Stage) -> None:
    page = stage.open(shown.report())
    page.set_viewport_size({"width": 768, "height": 1024})
    page.wait_for_timeout(50)
    box = page.locator("#steps [aria-current]").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 768


def test_a_press_goes_with_the_turn_that_is_shown(stage: Stage) -> None:
    page = stage.open(shown.connect())
    stage.show(replace(shown.connect(), number=2, turn=3))
    page.keyboard.press("Space")
    page.wait_for_timeout(50)
    assert [(c["do"], c["turn"]) for c in stage.commands] == [("tap", 3)]


def test_space_and_enter_press_the_large_button(stage: Stage) -> None:
    page = stage.open(shown.connect())
    page.keyboard.press("Space")
    page.wait_for_timeout(50)
    page.keyboard.press("Enter")
    assert dos(stage) == ["tap", "tap"]
    assert [c["step"] for c in stage.commands] == ["connect", "connect"]
    assert [c["turn"] for c in stage.commands] == [0, 0]
    assert stage.commands[0]["id"] != stage.commands[1]["id"]


def test_a_held_key_presses_once(stage: Stage) -> None:
    page = stage.open(shown.connect())
    for _ in range(3):
        page.keyboard.down("Space")
    assert dos(stage) == ["tap"]


def test_keys_of_buttons_work_but_not_while_typing(stage: Stage) -> None:
    page = stage.open(shown.new())
    assert page.evaluate("document.activeElement.name") == "pseudonym"
    page.keyboard.type("bob b")
    assert dos(stage) == []
    page.keyboard.press("Enter")
    assert dos(stage) == ["next"]
    assert stage.commands[0]["values"] == {
        "pseudonym": "bob b",
        "side": "R",
        "hamstring": "BF",
        "pain": 0,
        "lifts": 10,
        "screen": [],
        "training": False,
        "notes": "",
    }
    page.locator("#title").focus()
    page.keyboard.press("b")
    assert dos(stage) == ["next", "back"]


def test_fields_send_what_is_chosen(stage: Stage) -> None:
    page = stage.open(shown.new())
    page.get_by_label("Left", exact=True).check()
    page.get_by_label("7", exact=True).check()
    page.get_by_label("Surgery lately").check()
    page.get_by_label("Lifts a side").fill("12")
    page.get_by_label("training").check()
    page.get_by_role("button", name="Next").click()
    dos(stage)
    sent = stage.commands[0]["values"]
    assert (sent["side"], sent["pain"], sent["screen"], sent["lifts"], sent["training"]) == (
        "L",
        7,
        ["surgery"],
        12,
        True,
    )


def test_a_number_of_a_scale_can_be_taken_back(stage: Stage) -> None:
    page = stage.open(shown.new())
    page.get_by_label("7", exact=True).click()
    page.get_by_label("7", exact=True).click()
    page.get_by_role("button", name="Next").click()
    dos(stage)
    assert stage.commands[0]["values"]["pain"] is None


def test_what_keeps_the_form_from_going_on_comes_into_sight(stage: Stage) -> None:
    page = stage.open(shown.new())
    page.get_by_label("Notes").scroll_into_view_if_needed()
    stage.show(replace(shown.new(), number=11, checks=(Check("stop", "Say that nothing speaks against it."),)))
    box = page.get_by_text("Say that nothing").first.bounding_box()
    assert box is not None
    assert box["y"] > page.locator(".band").bounding_box()["y"]


def test_a_new_screen_of_the_same_step_keeps_what_is_typed_and_the_focus(stage: Stage) -> None:
    page = stage.open(shown.new())
    page.keyboard.type("run")
    changed = tuple(replace(f, help=f"{f.help} Changed.") for f in shown.new().fields)
    stage.show(replace(shown.new(), number=11, fields=changed, lines=("A sensor was found.",)))
    page.keyboard.type("ner")
    assert page.get_by_label("Name for this person").input_value() == "runner"


def test_what_the_server_fills_in_is_shown_where_nobody_typed(stage: Stage) -> None:
    page = stage.open(shown.new())
    fields = tuple(replace(f, value="runner-08") if f.name == "pseudonym" else f for f in shown.new().fields)
    stage.show(replace(shown.new(), number=11, fields=fields))
    assert page.get_by_label("Name for this person").input_value() == "runner-08"


def test_focus_moves_with_the_step_and_stays_within_it(stage: Stage) -> None:
    page = stage.open(shown.place())
    stage.show(replace(shown.connect(), number=11))
    assert page.evaluate("document.activeElement.id") == "title"
    page.get_by_role("button", name="Look again").focus()
    stage.show(replace(shown.connect(), number=12, checks=(Check("ok", "Found two sensors"),)))
    assert page.evaluate("document.activeElement.dataset.do") == "scan"


def test_the_large_button_keeps_the_focus_when_it_means_something_else(stage: Stage) -> None:
    page = stage.open(shown.lifts())
    page.locator("#primary button").focus()
    buttons = (Button("resume", "Go on", "primary", "space"),)
    stage.show(replace(shown.lifts(), number=11, buttons=buttons))
    assert page.evaluate("document.activeElement.dataset.do") == "resume"


def test_space_means_the_large_button_again_after_a_click_on_another(stage: Stage) -> None:
    page = stage.open(shown.lifts())
    page.get_by_role("button", name="Pause").click()
    page.keyboard.press("Space")
    assert dos(stage) == ["pause", "lift"]


def test_stopping_asks_once_more(stage: Stage) -> None:
    page = stage.open(shown.lifts())
    page.keyboard.press("q")
    assert dos(stage) == []
    assert page.get_by_role("button", name="Press again: Stop and keep").is_visible()
    page.keyboard.press("q")
    assert dos(stage) == ["quit"]


def test_the_last_lift_that_stands_can_be_undone(stage: Stage) -> None:
    page = stage.open(shown.lifts(count=3))  # the third is undone already
    assert page.locator("button[data-do^='undo']").count() == 1
    page.keyboard.press("u")
    assert dos(stage) == ["undo:2"]


def test_a_note_is_written_in_a_dialog(stage: Stage) -> None:
    page = stage.open(shown.lifts())
    page.keyboard.press("n")
    page.keyboard.type("coughed in lift 3, q r u")
    page.get_by_role("button", name="Save").click()
    assert dos(stage) == ["note"]
    assert stage.commands[0]["values"] == {"note": "coughed in lift 3, q r u"}
    page.keyboard.press("n")
    page.keyboard.press("Escape")
    assert dos(stage) == ["note"]
    page.keyboard.press("r")
    assert dos(stage) == ["note", "repeat"]


def test_words_why_a_command_was_not_taken_are_shown_until_the_next(stage: Stage) -> None:
    stage.refusal = "Write a name first."
    page = stage.open(shown.connect())
    page.keyboard.press("Space")
    page.get_by_text("Write a name first.").wait_for()
    stage.refusal = ""
    page.keyboard.press("Space")
    page.get_by_text("Write a name first.").wait_for(state="detached")


def test_an_impatient_press_is_sent_once(stage: Stage) -> None:
    stage.answering = False
    page = stage.open(shown.connect())
    page.keyboard.press("Space")
    page.keyboard.press("Space")
    assert dos(stage) == ["tap"]


def test_past_tests_are_opened_by_their_id(stage: Stage) -> None:
    page = stage.open(shown.home())
    page.get_by_role("button", name="Replay 4×: runner-07, 1 March 2026, 10:15").click()
    assert dos(stage) == ["replay4:runner-07_20260301T101500"]


def test_the_page_comes_back_by_itself_and_catches_up(stage: Stage) -> None:
    page = stage.open(shown.connect())
    stage.cut()
    page.get_by_text("Connection lost").wait_for()
    page.keyboard.press("Space")
    page.get_by_text("Not connected").wait_for()
    assert dos(stage) == []
    page.get_by_text("Connection lost").wait_for(state="detached")
    assert stage.connections == 2
    page.keyboard.press("Space")
    assert dos(stage) == ["tap"]


def test_the_end_of_the_app_is_named(stage: Stage) -> None:
    page = stage.open(shown.home())
    stage.cut(1001)
    page.get_by_text("The app was closed").wait_for()


def test_a_hostile_name_stays_text(stage: Stage) -> None:
    name = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    past = (replace(shown.home().past[0], pseudonym=name),)
    page = stage.open(replace(shown.home(), past=past, header=name))
    assert page.locator(".past-name").text_content() == name
    assert page.locator("main img, main script, .about *").count() == 0


def test_a_hostile_chart_loses_all_that_does_not_draw(stage: Stage) -> None:
    chart = (
        '<svg viewBox="0 0 9 9" onload="document.title=1"><script>document.title=2</script><g onclick="x()" style="x">'
        '<rect width="5" height="5" fill="url(http://x)"/><circle r="2" fill="var(--glute)"/></g>'
        '<foreignObject><p>html</p></foreignObject><a href="javascript:x()"><text>link</text></a>'
        '<image href="http://x/y.png"/><use href="#a"/></svg>'
    )
    side = SideView("RIGHT", "together", (), "together", chart)
    page = stage.open(replace(shown.report(), sides=(side,)))
    stage.errors.clear()  # the browser says that it applied no style
    assert page.locator(".dots svg").evaluate("node => node.getAttributeNames()") == ["viewBox"]
    drawn = page.locator(".dots svg > g").evaluate("node => node.outerHTML")
    assert page.locator(".dots svg > *").count() == 1
    assert drawn == ('<g><rect width="5" height="5"></rect><circle r="2" fill="var(--glute)"></circle></g>')


def test_a_broken_chart_leaves_the_words(stage: Stage) -> None:
    side = SideView("RIGHT", "together", ("In 9 of 9 lifts.",), "together", "<svg><g></svg>")
    page = stage.open(replace(shown.report(), sides=(side,)))
    stage.errors.clear()  # the browser's own words on the fault have a style, which is not applied
    assert page.get_by_role("heading", name="together").is_visible()


def test_strips_are_drawn_again_with_new_columns_only_where_they_are_shown(stage: Stage) -> None:
    page = stage.open(shown.lifts(), shown.traces())
    assert page.locator(".strip strong").all_text_contents() == ["Right glute", "Right hamstring"]
    before = int(page.evaluate("document.body.dataset.drawn"))
    stage.send(shown.traces(100.5))
    page.wait_for_selector(f"body:not([data-drawn='{before}'])", state="attached")
    stage.show(replace(shown.connect(), number=11))
    drawn = page.evaluate("document.body.dataset.drawn")
    stage.send(shown.traces(101.0))
    page.wait_for_timeout(100)
    assert page.evaluate("document.body.dataset.drawn") == drawn


def test_strips_follow_the_theme(stage: Stage) -> None:
    page = stage.open(shown.lifts(), shown.traces())
    before = page.evaluate("document.body.dataset.drawn")
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector(f"body:not([data-drawn='{before}'])", state="attached")
    assert page.locator(".strip-body canvas").count() == 2
    assert page.locator(".strip-zoom canvas").count() == 2


def test_strips_of_the_other_side_take_the_place_of_the_first(stage: Stage) -> None:
    page = stage.open(shown.lifts(), shown.traces())
    stage.send(shown.traces(101.0, labels=("GMAX_L", "ST_L")))
    page.get_by_text("Left hamstring").wait_for()
    assert page.locator(".strip").count() == 2
    assert page.locator(".strip canvas").count() == 2


def test_the_last_lift_is_shown_closer_once_all_of_it_came(stage: Stage) -> None:
    page = stage.open(shown.lifts(), shown.traces(96.8))
    assert page.locator(".strip-zoom canvas").count() == 0
    stage.send(shown.traces(97.0))
    page.locator(".strip-zoom canvas").first.wait_for()
    stage.send(shown.traces(110.0))
    page.wait_for_timeout(100)
    assert page.locator(".strip-zoom canvas").count() == 2  # it stays when its samples have left the strips
    stage.show(replace(shown.lifts(), number=11, onsets=()))
    page.locator(".strip-zoom canvas").first.wait_for(state="hidden")


def test_the_ring_fills_on_the_clock_of_the_test(stage: Stage) -> None:
    ring = Ring("rest", "Rest", 90.0, 40.0)
    page = stage.open(replace(shown.lifts(ring), now_s=110.0, speed=20.0))
    left = page.locator(".ring-left")
    assert re.fullmatch(r"\d+ s", left.text_content())
    left.get_by_text("s").wait_for(state="detached")  # 20 s pass in one
    assert float(page.locator(".ring-fill").get_attribute("stroke-dashoffset")) == 0


def test_the_foreperiod_does_not_tell_when_the_tone_comes(stage: Stage) -> None:
    page = stage.open(replace(shown.lifts(Ring("foreperiod", "Wait for the tone", 100.0, 3.0)), speed=0.01))
    assert page.locator(".ring-left").text_content() == ""


@pytest.mark.parametrize("kind", ["lift", "relax", "tap", "test"])
def test_a_tone_is_seen_too(stage: Stage, kind: Any) -> None:
    page = stage.open(shown.lifts())
    assert page.get_by_text("Sound is off").is_visible()
    page.keyboard.press("Shift")  # a first press lets the browser make sounds
    page.wait_for_selector("body[data-sound=on]")
    assert page.get_by_text("Sound is off").count() == 0
    stage.send(Tone(kind, 100.0))
    page.wait_for_selector(f"body[data-flash={kind}]")
    page.wait_for_selector("body:not([data-flash])")


def test_a_simulated_person_is_named_as_such(stage: Stage) -> None:
    page = stage.open(shown.lifts())
    assert page.get_by_text("Simulated sensors: no real person").is_visible()
    stage.show(replace(shown.replay(), number=11))
    assert page.get_by_text("Replay at 4×").is_visible()
    assert page.get_by_text("Simulated sensors").count() == 0


def test_electrodes_are_drawn_on_the_side_they_belong_to(stage: Stage) -> None:
    page = stage.open(shown.place(("GMAX_R", "ST_L")))
    middle = page.locator(".placement svg").evaluate(
        "n => n.getBoundingClientRect().x + n.getBoundingClientRect().width / 2"
    )
    right = page.locator(".pair.glute").evaluate("n => n.getBoundingClientRect().x")
    left = page.locator(".pair.hamstring").evaluate("n => n.getBoundingClientRect().right")
    assert left < middle < right


def test_print_shows_the_result_and_nothing_to_press(stage: Stage) -> None:
    page = stage.open(shown.report())
    page.emulate_media(media="print")
    assert page.get_by_role("heading", name="hamstring first in 8 of 9 lifts").is_visible()
    assert not page.locator("#rail").is_visible()
    assert page.locator("button:visible, a.button:visible").count() == 0


def test_a_long_choice_is_a_list_to_open(stage: Stage) -> None:
    choices = tuple(Choice(str(i), f"muscle {i}") for i in range(9))
    page = stage.open(replace(shown.connect(), fields=(Field("c0", "Channel 1", "choice", "2", choices),)))
    assert page.get_by_label("Channel 1").input_value() == "2"
    page.get_by_label("Channel 1").select_option("5")
    page.get_by_role("button", name="I have tapped").click()
    dos(stage)
    assert stage.commands[0]["values"] == {"c0": "5"}


def test_a_field_without_a_value_is_sent_as_nothing(stage: Stage) -> None:
    fields = (Field("pain", "Pain", "number", "", low=0, high=10), Field("age", "Age", "number", None, low=0, high=120))
    page = stage.open(replace(shown.new(), fields=fields))
    page.get_by_role("button", name="Next").click()
    dos(stage)
    assert stage.commands[0]["values"] == {"pain": None, "age": None}
