"""The whole app while it runs: the real test and the real server on a loop of their own, and a browser in front."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from emgorder import GuidedTest
from emgorder.acquisition.clocks import FastClock
from emgorder.acquisition.simulated import SimulatedTransport
from emgorder.acquisition.simulated_sensor import LinkFaults
from emgorder.acquisition.table import Table, simulated_table
from emgorder.acquisition.transport import Clock
from emgorder.app.serve import Place, find_place, serve
from emgorder.guided.screens import Screen, Tone, Traces
from emgorder.simulate.live import LivePerson
from emgorder.simulate.live_signals import Disturbance

SEED = 108
SET_OVER = "#others button[data-do=more]"
_LONGEST_S = 120.0


class RunningApp:
    """The app on a free port of this computer; virtual time, so that it runs as fast as the machine can.

    Rests between lifts are cut short here where it is `brisk`: a press through the page may come when virtual time is
    far ahead.
    ``address`` is the page's, ``guided`` the test, ``person`` who lies on its table once there is one.
    """

    def __init__(
        self,
        folder: Path,
        *,
        faults: Mapping[str, LinkFaults] | None = None,
        false_start_share: float = 0.0,
        person: LivePerson | None = None,
        brisk: bool = True,
        **guided: Any,
    ) -> None:
        self.folder = folder
        self.tables: list[Table] = []
        self._brisk = brisk

        def table(clock: Clock) -> Table:
            made = simulated_table(SEED, clock=clock, faults=faults, false_start_share=false_start_share, person=person)
            self.tables.append(made)
            return made

        options = {"simulate": True, "seed": SEED, "clock": FastClock(), "speed": 20.0, "table": table, **guided}
        self.guided = GuidedTest(folder, **options)
        self.place: Place = find_place(port=0)
        self.address = self.place.address
        self._error: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="app")
        self._thread.start()
        assert self._ready.wait(_LONGEST_S)

    @property
    def person(self) -> LivePerson:
        """Who lies on the table."""
        person = self.tables[-1].person
        assert person is not None
        return person

    def call(self, function: Callable[[], Any]) -> Any:
        """Call something on the loop of the test and return what it returns."""

        async def run() -> Any:
            return function()

        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(_LONGEST_S)

    def once(self, when: Callable[[Screen], bool], do: Callable[[], None]) -> None:
        """Do something at the moment at which a screen of that kind is shown, the first time."""

        def look(item: Screen | Tone | Traces) -> None:
            if isinstance(item, Screen) and when(item):
                leave()
                do()

        leave = self.call(lambda: self.guided.listen(look))

    def disturb(self, kind: Disturbance, label: str, length_s: float) -> None:
        """Let something be wrong with a muscle's channel from now on; on the loop of the test."""
        table = self.tables[-1]
        now_s = table.clock.now() - self.transport.epoch_s  # type: ignore[operator]
        self.person.disturb(kind, label, now_s, length_s)

    def lose(self, sensor: str, length_s: float) -> None:
        """Take a sensor out of reach from now on; on the loop of the test."""
        self.transport.cut(sensor, length_s)

    @property
    def transport(self) -> SimulatedTransport:
        """Where the sensors are."""
        transport = self.tables[-1].transport
        assert isinstance(transport, SimulatedTransport)
        return transport

    def stop(self) -> None:
        """End the app as Ctrl-C does; raise what had ended it before."""
        if self._thread.is_alive() and self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(_LONGEST_S)
        assert not self._thread.is_alive()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # handed to the test's own thread
            self._error = error
        finally:
            self._ready.set()

    def _go_on(self, item: Screen | Tone | Traces) -> None:
        if isinstance(item, Screen) and item.step == "lifts" and item.ring is not None and item.ring.phase == "rest":
            if any(button.do == "next" for button in item.buttons):
                assert self.guided.do("next", step="lifts") == ""

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        if self._brisk:
            self.guided.listen(self._go_on)
        await serve(self.guided, self.place, stop=self._stop, say=lambda _: self._ready.set())


@contextmanager
def running(folder: Path, **options: Any) -> Iterator[RunningApp]:
    """Run the app while the block lasts."""
    app = RunningApp(folder, **options)
    try:
        yield app
    finally:
        app.stop()


class Hands:
    """Somebody at the page: presses what is shown, and waits for what comes by looking at the page alone.

    ``errors`` is what the console of the page said.
    """

    def __init__(self, launched: Any, app: RunningApp | str, *, context: Any = None, **options: Any) -> None:
        self.errors: list[str] = []
        self.dialogs: list[str] = []
        self._own = context is None
        self.context = context or launched.new_context(viewport={"width": 1280, "height": 800}, **options)
        self.context.set_default_timeout(_LONGEST_S * 1e3)
        self.page = self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", self.heard)
        self.page.goto(app if isinstance(app, str) else app.address)
        self.page.wait_for_selector("body[data-number]", state="attached")

    def close(self) -> None:
        """Close the page, and see that nothing was wrong with it."""
        if self._own:
            self.context.close()
        assert self.errors == []
        assert self.dialogs == []

    def at(self, step: str) -> None:
        """Wait until a step is shown."""
        self.page.wait_for_selector(f'body[data-step="{step}"]', state="attached")

    def sees(self, words: str, where: str = "main") -> None:
        """Wait until words are shown."""
        self.page.locator(f"#{where}", has_text=words).wait_for()

    def text(self, where: str) -> str:
        """Return what is shown at a place."""
        return str(self.page.locator(f"#{where}").inner_text())

    @property
    def number(self) -> int:
        """The number of the screen that is shown."""
        return int(self.page.locator("body").get_attribute("data-number"))

    def press(self, do: str, step: str = "") -> None:
        """Press a button when it is shown (at a step), and wait until it had an effect."""
        if step:
            self.at(step)
        button = self.page.locator(f'button[data-do="{do}"]').first
        button.wait_for()
        before = self.number
        button.click()
        self.page.wait_for_function("before => Number(document.body.dataset.number) > before", arg=before)

    def goes(self, key: str, step: str) -> None:
        """Press a key, and wait for the step that it leads to."""
        self.page.keyboard.press(key)
        self.at(step)

    def tab_to(self, name: str, attribute: str = "") -> None:
        """Press Tab until the field of that name, or the button with that command, has the focus."""
        what = "document.activeElement.dataset.do" if attribute else "document.activeElement.name"
        for _ in range(100):
            if self.page.evaluate(what) == name:
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not lead to {name}")

    def audit(self) -> None:
        """See that the screen has no serious fault of accessibility, by day and by night."""
        from axe_playwright_python.sync_playwright import Axe

        for scheme in ("dark", "light"):
            self.page.emulate_media(color_scheme=scheme)
            found = Axe().run(self.page).response["violations"]
            serious = [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")]
            assert serious == [], self.page.title()

    def fill_in(self, *, pseudonym: str = "", n_lifts: int = 10, both: bool = True, training: bool = False) -> None:
        """Go from home through the form."""
        self.press("new", "home")
        self.at("new")
        if pseudonym:
            self.page.get_by_label("Pseudonym").fill(pseudonym)
        self.page.get_by_label("Lifts a side").fill(str(n_lifts))
        self.page.get_by_label("Test the other side too").set_checked(both)
        if training:
            self.page.get_by_label("After each lift (training)").check()
        self.page.get_by_label("None of these").check()
        self.press("next", "new")

    def connect(self, *sensors: str) -> None:
        """Place electrodes, and take the sensors with these names (or those that are offered) as they are."""
        self.press("next", "place")
        self.at("connect")
        if sensors:
            self.page.get_by_label(sensors[0]).wait_for()  # they are looked for first
            for box in self.page.locator('#fields input[type="checkbox"]').all():
                box.set_checked(False)
            for name in sensors:
                self.page.get_by_label(name).check()
        self.press("use")
        self.sees("Which muscle is on which channel?")
        self.press("next")

    def hurry(self, **form: Any) -> None:
        """Go from home to the lifts of the first side, leaving out what can be left out."""
        self.fill_in(**form)
        self.connect()
        self.leave_out_contact()

    def leave_out_contact(self) -> None:
        """Leave out what can be left out before the lifts."""
        self.press("skip", "contact")
        self.press("skip")
        self.press("next")
        self.rest()
        self.at("lifts")

    def check_contact(self) -> None:
        """Go through contact and rest, and leave full efforts and practice out."""
        self.press("start", "contact")
        self.sees("Glute:", "checks")
        self.press("start")
        self.sees("Hamstring:", "checks")
        self.press("next")
        self.rest()

    def rest(self) -> None:
        """Rest, and leave full efforts and practice out."""
        self.press("start", "rest")
        self.sees("quiet", "checks")
        self.press("next")
        self.press("skip", "mvc")
        self.press("skip", "practice")

    def lift(self) -> None:
        """Do the lifts of a side."""
        self.press("start", "lifts")
        self.page.wait_for_selector(SET_OVER)

    def finish(self) -> None:
        """Go from a finished set to the result, leaving the other side out."""
        self.press("next", "lifts")
        if "Other side" in self.text("steps"):
            self.press("skip", "other")
        self.at_result()

    def at_result(self) -> None:
        """Wait until the result is worked out."""
        self.at("report")
        self.page.wait_for_selector("#primary button")

    def cards(self) -> list[str]:
        """Return the lines of the lifts that are shown, the first first."""
        return [str(line) for line in self.page.locator("#cards .card-line").all_inner_texts()][::-1]

    def sentences(self) -> list[str]:
        """Return the verdicts that are shown, each as one sentence.

        After its label a headline has no capital, but where it stands by itself ("Together (within ±30 ms): ...").
        """
        shown = []
        for side in self.page.locator("#sides article").all():
            label, headline, details = (
                side.locator(f".{part}").all_text_contents() for part in ("side-label", "headline", "side-details")
            )
            alone = [text.startswith("Together (") or not label for text in headline]
            words = [x if own else x[:1].lower() + x[1:] for x, own in zip(headline, alone, strict=True)]
            shown.append(" ".join([*(f"{text}:" for text in label), *words, *details]))
        return shown

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def heard(self, dialog: Any) -> None:
        """Take note of a dialog; there should be none."""
        self.dialogs.append(dialog.message)
        dialog.dismiss()
