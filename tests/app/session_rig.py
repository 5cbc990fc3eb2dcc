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
from emgorder.acquisition.simulated_sensor import LinkFaults
from emgorder.acquisition.table import Table, simulated_table
from emgorder.acquisition.transport import Clock
from emgorder.app.serve import Place, find_place, serve
from emgorder.simulate.live import LivePerson

SEED = 108
_LONGEST_S = 120.0


class RunningApp:
    """The app on a free port of this computer; virtual time, so that it runs as fast as the machine can.

    ``address`` is the page's, ``guided`` the test, ``person`` who lies on its table once there is one.
    """

    def __init__(
        self,
        folder: Path,
        *,
        faults: Mapping[str, LinkFaults] | None = None,
        false_start_share: float = 0.0,
        person: LivePerson | None = None,
        **guided: Any,
    ) -> None:
        self.folder = folder
        self.tables: list[Table] = []

        def table(clock: Clock) -> Table:
            made = simulated_table(
                SEED, clock=clock, faults=faults, false_start_share=false_start_share, person=person
            )
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

    @property
    def now_s(self) -> float:
        """The person's time."""
        table = self.tables[-1]
        return float(self.call(lambda: table.clock.now() - (table.transport.epoch_s or 0.0)))  # type: ignore[attr-defined]

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

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
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

    def __init__(self, launched: Any, app: RunningApp, *, context: Any = None, **options: Any) -> None:
        self.app = app
        self.errors: list[str] = []
        self.dialogs: list[str] = []
        self._own = context is None
        self.context = context or launched.new_context(viewport={"width": 1280, "height": 800}, **options)
        self.context.set_default_timeout(_LONGEST_S * 1e3)
        self.page = self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", self._dialog)
        self.page.goto(app.address)
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
            for box in self.page.locator('#fields input[type="checkbox"]').all():
                box.set_checked(False)
            for name in sensors:
                self.page.get_by_label(name).check()
        self.press("use")
        self.sees("Which muscle is on which channel?")
        self.press("next")

    def check_contact(self) -> None:
        """Go through contact and rest, and leave full efforts and practice out."""
        self.press("start", "contact")
        self.sees("Glute:", "checks")
        self.press("start")
        self.sees("Hamstring:", "checks")
        self.press("next")
        self.press("start", "rest")
        self.sees("quiet", "checks")
        self.press("next")
        self.press("skip", "mvc")
        self.press("skip", "practice")

    def lift(self) -> None:
        """Do the lifts of a side, going on at once after each, until all are done."""
        self.press("start", "lifts")
        self.go_on_until("button[data-do=more]")

    def go_on_until(self, selector: str) -> None:
        """Press the large button at each rest until something is to be seen."""
        while True:
            found = self.page.wait_for_selector(f"{selector}, #primary button[data-do=next]")
            if self.page.locator(selector).count():
                return
            before = self.number
            if found.is_visible():
                self.page.keyboard.press("Space")
            self.page.wait_for_function("before => Number(document.body.dataset.number) > before", arg=before)

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def _dialog(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()
