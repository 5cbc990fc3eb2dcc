"""The whole app in a real browser: real test, real server, simulated person, virtual time."""

from __future__ import annotations

import contextlib
import http.server
import json
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import emgorder as eo
from emgorder.acquisition.simulated_session import ORDINARY_LINK
from emgorder.report.words import verdict_sentence, verdict_words
from tests.app.page_rig import browser, chromium
from tests.app.session_rig import SET_OVER, Hands, RunningApp, running
from tests.conftest import needs


@pytest.fixture(scope="module")
def launched() -> Iterator[Any]:
    needs("starlette", "uvicorn", "websockets")
    with browser() as started:
        yield started


@pytest.fixture
def app(tmp_path: Path) -> Iterator[RunningApp]:
    with running(tmp_path / "tests") as started:
        yield started


@pytest.fixture
def hands(launched: Any, app: RunningApp) -> Iterator[Hands]:
    opened = Hands(launched, app)
    yield opened
    opened.close()


def only(folder: Path, pattern: str) -> Path:
    (path,) = folder.glob(pattern)
    return path


def told(recording: Path) -> tuple[Any, list[str]]:
    """Return what the analysis of a saved recording says, as the command line would."""
    result = eo.analyse(eo.read_recording(recording))
    return result, [verdict_sentence(side) for side in result.sides]


def fill_up(ballast: Path) -> None:
    """Let a file take all the space that is left."""
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))


def names(recording: eo.Recording) -> Counter[str]:
    """Return how often each event is in a recording."""
    return Counter(recording.events["trial_type"].tolist())


def test_a_session_of_both_sides_ends_in_the_words_of_the_saved_csv(hands: Hands, app: RunningApp) -> None:
    hands.fill_in(pseudonym="heron-12")
    hands.connect()
    for leg in ("Right", "Left"):
        hands.check_contact()
        hands.lift()
        hands.sees(f"{leg} leg: 10 lifts counted.", "instruction")
        hands.press("next")
        if leg == "Right":
            hands.press("next", "other")
    hands.at_result()

    result, sentences = told(only(app.folder, "*/both.csv"))
    assert [side.side for side in result.sides] == ["R", "L"]
    assert all(side.n_lifts >= 10 for side in result.sides)  # one that does not count is asked for again
    assert hands.sentences() == sentences
    stored = eo.read_result(only(app.folder, "*/result.json"))
    assert stored.summary.equals(result.summary)
    assert stored.order.equals(result.order)

    with hands.context.expect_page() as opening:
        hands.page.get_by_role("link", name="Open the report").click()
    report = opening.value
    report.wait_for_load_state()
    assert report.url.startswith(f"{app.address}report/heron-12_")
    shown = report.locator("body").inner_text()
    for side in result.sides:
        words = verdict_words(side)
        for part in (words.headline, *words.details):
            assert part.lower() in " ".join(shown.lower().split())

    hands.press("next", "report")
    hands.page.get_by_label("clams").check()
    hands.press("next", "exercises")
    hands.at("follow")
    hands.press("home")
    hands.at("home")
    assert "heron-12" in hands.text("past")
    assert json.loads(only(app.folder, "*/test.json").read_text())["exercises"] == ["clams"]


def test_a_pair_of_sensors_is_tapped_and_moved_to_the_other_leg(hands: Hands, app: RunningApp) -> None:
    hands.fill_in(n_lifts=2)
    hands.connect("Simulated sensor A", "Simulated sensor B")
    for leg in ("right", "left"):
        hands.sees("Tap both sensors together", "instruction")
        hands.press("tap")
        hands.sees("Clock difference", "checks")
        hands.press("next")
        hands.leave_out_contact()
        hands.lift()
        hands.press("next")
        if leg == "right":
            hands.sees("Move the electrodes to the left leg.", "lines")
            hands.press("next", "other")
            hands.connect()
    hands.at_result()
    sentences = []
    for leg in ("right", "left"):
        recording = only(app.folder, f"*/{leg}.csv")
        assert eo.read_recording(recording).clock.method == "tap"
        sentences += told(recording)[1]
    assert hands.sentences() == sentences


def test_reload_second_tab_and_closed_tab_lose_nothing(launched: Any, hands: Hands, app: RunningApp) -> None:
    hands.hurry(n_lifts=4, both=False)
    hands.press("start")
    hands.page.wait_for_selector(".card:nth-of-type(2)")
    hands.press("pause")
    hands.page.reload()
    hands.sees("Paused", "ring")
    other = Hands(launched, app, context=hands.context)
    other.sees("Paused", "ring")
    assert hands.cards() == other.cards() != []
    assert not re.search("first|close to call", " ".join(hands.cards()))  # kept back until the set is over
    assert hands.text("header") == other.text("header")
    other.press("resume")
    hands.page.wait_for_selector(".card:nth-of-type(3)")
    hands.page.close()
    other.page.close()
    again = Hands(launched, app, context=hands.context)
    again.page.wait_for_selector(SET_OVER)
    cards = again.cards()
    counted = [card for card in cards if "not counted" not in card]  # one that does not count is asked for again
    assert len(counted) == 4
    assert all(re.search("first|close to call|together", card) for card in counted)
    again.finish()
    recording = eo.read_recording(only(app.folder, "*/right.csv"))
    assert np.isfinite(recording.data).all()
    assert names(recording)["cue/R"] == len(cards)
    assert again.sentences() == told(only(app.folder, "*/right.csv"))[1]


def test_two_tabs_that_press_at_once_go_one_step(launched: Any, hands: Hands, app: RunningApp) -> None:
    hands.fill_in(n_lifts=1, both=False)
    hands.connect()
    hands.at("contact")
    other = Hands(launched, app, context=hands.context)
    other.at("contact")
    other.page.evaluate("() => { window.requestAnimationFrame = () => 0; }")  # it shows nothing newer
    hands.press("skip", "contact")
    hands.sees("Bend the right knee", "instruction")
    other.page.locator("button[data-do=skip]").click()
    other.sees("The test has gone on meanwhile", "refused")
    assert "Bend the right knee" in hands.text("instruction")


def test_a_lost_sensor_is_said_and_its_lift_repeated(hands: Hands, app: RunningApp) -> None:
    hands.hurry(n_lifts=3, both=False)
    app.once(
        lambda screen: len(screen.cards) == 2 and screen.ring is not None and screen.ring.phase == "hold",
        lambda: app.lose("emgo1-board", 60.0),
    )
    hands.press("start")
    hands.page.wait_for_selector("#faults .check.stop")
    assert "is lost." in hands.text("faults")
    assert "connects again by itself" in hands.text("faults")
    hands.page.wait_for_selector(SET_OVER)
    assert "is lost" not in hands.text("faults")
    counted = ["not counted" not in card for card in hands.cards()]
    assert not counted[1]
    assert counted.count(True) == 3
    assert "sensor fault during the lift" in hands.cards()[1]
    hands.finish()
    result, sentences = told(only(app.folder, "*/right.csv"))
    assert hands.sentences() == sentences
    valid = [lift.valid for lift in result.lift_results]
    assert not valid[1]
    assert valid.count(True) == 3


def test_an_electrode_that_is_off_and_tense_muscles_are_said(hands: Hands, app: RunningApp) -> None:
    hands.hurry(n_lifts=2, both=False)
    app.once(
        lambda screen: screen.ring is not None and screen.ring.phase == "lift",
        lambda: app.disturb("off", "BF_R", 40.0),
    )
    hands.press("start")
    hands.page.wait_for_selector("#faults .check.stop")
    assert "The hamstring electrode (BF_R) seems to be off" in hands.text("faults")
    assert "Press the electrodes on" in hands.text("faults")
    hands.page.wait_for_selector(".card.uncounted:not(.newest)")
    assert "not counted: sensor fault during the lift" in hands.cards()[0]
    hands.press("pause")
    app.call(lambda: app.disturb("tense", "GMAX_R", 90.0))
    hands.press("resume")
    hands.page.wait_for_selector("#checks .check")
    assert "still tense." in hands.text("checks")
    assert "Let the leg go heavy" in hands.text("checks")
    hands.page.wait_for_selector(SET_OVER)
    assert "2 lifts counted" in hands.text("instruction")


def test_a_low_battery_is_said(launched: Any, tmp_path: Path) -> None:
    with running(tmp_path, faults={"emgo1-board": replace(ORDINARY_LINK, battery=12)}) as app:
        hands = Hands(launched, app)
        hands.fill_in(n_lifts=1)
        hands.connect()
        hands.sees("battery 12 %", "faults")
        assert "Charge it after this test" in hands.text("faults")
        assert "battery 12 %" in hands.text("lights")
        hands.close()


def test_a_lift_before_the_tone_is_not_counted_and_repeated(launched: Any, tmp_path: Path) -> None:
    with running(tmp_path, false_start_share=0.5, brisk=False) as app:
        hands = Hands(launched, app)
        hands.hurry(n_lifts=2, both=False)
        hands.lift()
        assert any("not counted: moved before the tone" in card for card in hands.cards())
        assert "2 lifts counted" in hands.text("instruction")
        hands.close()


def test_a_full_disk_ends_the_recording_and_keeps_what_there_was(launched: Any, disk_of_16_mb: Path) -> None:
    with running(disk_of_16_mb / "tests") as app:
        hands = Hands(launched, app)
        hands.hurry(n_lifts=10, both=False)
        hands.press("start")
        hands.page.wait_for_selector("#faults .check")
        assert "The disk is nearly full" in hands.text("faults")
        hands.page.wait_for_selector(".card:nth-of-type(3)")
        ballast = disk_of_16_mb / "ballast"
        fill_up(ballast)
        hands.page.wait_for_selector('body[data-step="report"] #primary button[data-do]')
        assert "The recording has stopped" in hands.text("checks")
        assert "What was recorded before is kept" in hands.text("checks")
        ballast.unlink()
        hands.press("home")
        hands.page.get_by_role("button", name="Finish").click()
        hands.at_result()
        assert hands.sentences() == told(only(app.folder, "*/right.csv"))[1]
        assert len(eo.read_result(only(app.folder, "*/result.json")).lift_results) >= 2
        hands.close()


def test_a_hostile_pseudonym_stays_text(hands: Hands, app: RunningApp) -> None:
    hostile = "<img src=x onerror=alert(1)>/../..\u202e"
    hands.hurry(pseudonym=hostile, n_lifts=1, both=False)
    assert "<img src=x onerror=alert(1)>/../.." in hands.text("header")
    hands.lift()
    hands.finish()
    folder = only(app.folder, "*/result.json").parent
    assert re.fullmatch(r"img-src-x-onerror-alert-1_\d{8}-\d{6}", folder.name)
    assert folder.parent == app.folder
    hands.press("home")
    hands.at("home")
    assert "<img src=x onerror=alert(1)>/../.." in hands.text("past")
    assert hands.page.locator("img:not([src='/static/icon.svg'])").count() == 0
    report = hands.context.new_page()
    report.on("dialog", hands.heard)
    report.goto(f"{app.address}report/{folder.name}")
    assert "<img src=x onerror=alert(1)>" in report.locator("body").inner_text()
    assert report.locator("img").count() == 0
    for page in (hands.page, report):
        assert "\u202e" not in page.content()


ORDER_IS_SHOWN_MEANWHILE = """() => {
  const first = document.querySelector('[data-card="1"]');
  const over = document.querySelector("#others button[data-do=more]");
  return !over && /first|close to call|together/.test(first?.textContent ?? "");
}"""


def test_training_shows_each_order_and_a_lift_can_be_taken_back(hands: Hands, app: RunningApp) -> None:
    hands.hurry(n_lifts=3, both=False, training=True)
    hands.press("start")
    hands.page.wait_for_function(ORDER_IS_SHOWN_MEANWHILE)
    hands.page.wait_for_selector(SET_OVER)
    hands.page.locator("[data-card] button", has_text="Take back").first.click()
    hands.sees("taken back", "cards")
    hands.press("note")
    hands.page.locator("#note-text").fill("a lorry went by")
    hands.page.locator("#note-save").click()
    hands.finish()
    recording = eo.read_recording(only(app.folder, "*/right.csv"))
    assert (recording.events["trial_type"] == "note").any()
    assert "a lorry went by" in only(app.folder, "*/right.json").read_text()
    result, sentences = told(only(app.folder, "*/right.csv"))
    assert [lift.reason for lift in result.lift_results].count("taken back") == 1
    assert result.lift_results[-1].reason == "taken back"
    assert any(lift.valid for lift in result.lift_results)
    assert hands.sentences() == sentences


def test_a_session_goes_by_keyboard_alone_and_every_screen_is_accessible(hands: Hands, app: RunningApp) -> None:
    keys = hands.page.keyboard
    hands.goes("Space", "new")
    hands.audit()
    hands.tab_to("n_lifts")
    keys.press("ControlOrMeta+a")
    keys.type("1")
    hands.tab_to("fit")
    keys.press("Space")
    hands.goes("Enter", "place")
    hands.audit()
    hands.goes("Space", "connect")
    hands.page.wait_for_selector("#fields input")
    hands.audit()
    keys.press("Space")
    hands.sees("Which muscle is on which channel?")
    hands.audit()
    hands.goes("Space", "contact")
    for muscle in ("Glute:", "Hamstring:"):
        hands.page.wait_for_selector("#primary button[data-do=start]")
        keys.press("Space")
        hands.sees(muscle, "checks")
    hands.audit()
    hands.goes("Enter", "rest")
    hands.audit()
    keys.press("Space")
    hands.sees("quiet", "checks")
    hands.goes("Space", "mvc")
    hands.audit()
    hands.goes("Space", "practice")
    hands.audit()
    keys.press("Space")
    hands.page.wait_for_selector("#primary button[data-do=next]")
    hands.goes("Space", "lifts")
    keys.press("Space")
    hands.page.wait_for_selector("#others button[data-do=pause]")
    keys.press("p")
    hands.sees("Paused", "ring")
    hands.audit()
    keys.press("n")
    keys.type("by keyboard")
    keys.press("Control+Enter")
    keys.press("Space")
    hands.page.wait_for_selector(SET_OVER)
    hands.audit()
    hands.goes("Space", "other")
    hands.audit()
    hands.tab_to("skip", "do")
    hands.goes("Enter", "report")
    hands.at_result()
    hands.audit()
    hands.goes("Space", "exercises")
    hands.tab_to("exercises")
    keys.press("Space")
    hands.audit()
    hands.goes("Enter", "follow")
    hands.audit()
    hands.goes("Space", "home")
    hands.audit()
    notes = eo.read_recording(only(app.folder, "*/both.csv")).events["trial_type"] == "note"
    assert notes.any()
    keys.press("q")
    hands.page.wait_for_selector("#link:not(:empty)")
    hands.errors.clear()  # the browser says that nothing answers any more


@pytest.mark.parametrize("mode", ["Replay", "Replay 4×"])
def test_a_finished_test_is_played_again_to_the_same_end(hands: Hands, app: RunningApp, mode: str) -> None:
    hands.hurry(n_lifts=1, both=False)
    hands.lift()
    hands.finish()
    sentences = hands.sentences()
    hands.press("home")
    hands.at("home")
    assert sentences[0].split(": ", 1)[1].split(".")[0] in hands.text("past")
    hands.page.locator("#past button", has_text=re.compile(f"^{mode}$")).click()
    hands.at("lifts")
    hands.sees("Replay", "kind")
    hands.at_result()
    assert hands.sentences() == sentences
    hands.press("home")
    hands.page.locator("#past button", has_text="Open").click()
    hands.at_result()
    assert hands.sentences() == sentences


def test_a_test_whose_app_was_killed_can_be_finished(launched: Any, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "emgorder", "app", "--simulate", "--seed", "108", "--speed", "15", "--port", "0"]
    command += ["--no-browser", "--sessions", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as program:
        assert program.stdout is not None
        try:
            address = program.stdout.readline().removeprefix("The page: ").strip()
            hands = Hands(launched, address)
            hands.hurry(n_lifts=5, both=False)
            hands.press("start")
            hands.page.wait_for_selector(".card:not(.uncounted)")
        finally:
            program.kill()
        hands.page.wait_for_selector("#link:not(:empty)")
        hands.errors.clear()  # the browser says that nothing answers any more
        hands.close()
    assert not list(tmp_path.glob("*/result.json"))
    with running(tmp_path) as app:
        hands = Hands(launched, app)
        assert "Not finished" in hands.text("past")
        hands.page.get_by_role("button", name="Finish").click()
        hands.at_result()
        result, sentences = told(only(tmp_path, "*/right.csv"))
        assert len(result.lift_results) >= 1
        assert hands.sentences() == sentences
        hands.close()


class _Elsewhere(http.server.BaseHTTPRequestHandler):
    """A page of somebody else."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title>")

    def log_message(self, *_: Any) -> None:
        pass


TRY_TO_COMMAND = """address => new Promise(done => {
  const socket = new WebSocket(address);
  socket.onmessage = () => done("heard something");
  socket.onclose = event => done(`closed ${event.code}`);
})"""


def test_pages_from_elsewhere_reach_neither_page_nor_test(launched: Any, app: RunningApp) -> None:
    port = app.place.doors.port
    rebinding = ["--no-sandbox", "--host-resolver-rules=MAP rebound.test 127.0.0.1"]
    with (
        http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Elsewhere) as other,
        contextlib.closing(launched.browser_type.launch(executable_path=chromium(), args=rebinding)) as tricked,
    ):
        threading.Thread(target=other.serve_forever).start()
        page = tricked.new_page()
        page.goto(f"http://127.0.0.1:{other.server_port}/")
        assert page.evaluate(TRY_TO_COMMAND, f"ws://127.0.0.1:{port}/ws") == "closed 1006"
        asked = "address => fetch(address).then(() => 'answered', () => 'refused')"
        assert page.evaluate(asked, app.address) == "refused"
        answer = page.goto(f"http://rebound.test:{port}/")
        assert answer.status == 421
        assert page.evaluate(TRY_TO_COMMAND, f"ws://rebound.test:{port}/ws") == "closed 1006"
        page.goto(app.address)  # while the page itself reaches both
        assert page.evaluate(TRY_TO_COMMAND, f"ws://127.0.0.1:{port}/ws") == "heard something"
        other.shutdown()
