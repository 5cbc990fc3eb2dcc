"""Who fires first? A guided leg-lift test in the terminal, from "new test" to the result in words.

    python acquire.py                      sensors in reach; simulated ones can be chosen where there are none
    python acquire.py --simulate           simulated sensors on a simulated person
    python acquire.py --replay both.csv    a recording through the same screens
    python acquire.py --simulate --fast --yes --seed 108 --lifts 6     by itself, in virtual time

Space or Enter does what is asked for (next, mark), r is once more, u takes the last lift back, n takes a note, q or
Ctrl-C stops and keeps what was recorded (a second Ctrl-C leaves at once); the keys that can be pressed are shown.
Without a terminal a line is an answer, and an empty one the usual. Needs terminal.py beside it.
Exit code 0: there is a result; 1: these data cannot carry a verdict; 2: wrong usage or input.
Research and training tool. Not a diagnosis.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from terminal import (
    CHANGED,
    END,
    ENTER,
    Keyboard,
    View,
    allow_any_encoding,
    buttons,
    in_words,
    keys,
    offer,
    read_answer,
)

import emgorder as eo


class Leader:
    """Asks for what a screen needs, and presses its buttons."""

    def __init__(self, guided: eo.GuidedTest, view: View, keyboard: Keyboard, options: argparse.Namespace) -> None:
        self.guided, self.view, self.keyboard, self.options = guided, view, keyboard, options
        self.code = 1
        self.leaving = self.begun = False
        self.earlier: set[str] | None = None  # tests that were there before
        self.running: asyncio.Future[None] | None = None
        self.values: dict[str, Any] = {}  # of the fields of the present screen
        given = {"side": options.side, "mode": options.mode, "n_lifts": options.lifts, "fit": options.yes or None}
        self.given = {name: value for name, value in given.items() if value is not None}
        self.changed = asyncio.Event()
        self.pressed: Counter[tuple[str, ...]] = Counter()
        self.offered = ""

    async def run(self) -> int:
        """Lead through a test; return the exit code."""
        try:
            await self.until_left()
        except asyncio.CancelledError:
            if self.earlier is not None:  # broken off: finish what was recorded
                self.view.simulated = self.view.screen.simulated
                self.guided, self.begun = eo.GuidedTest(self.options.folder), False
                await self.until_left()
        return self.code

    async def until_left(self) -> None:
        """Let the test run, and answer its screens."""
        self.guided.listen(self.take)
        self.running = asyncio.ensure_future(self.guided.run())
        others = [asyncio.ensure_future(self.answer()), asyncio.ensure_future(self.view.animate())]
        try:
            await asyncio.wait((self.running, others[0]), return_when=asyncio.FIRST_COMPLETED)
            if others[0].done():
                others[0].result()
            await self.running
        finally:
            for task in (self.running, *others):
                task.cancel()
            await asyncio.gather(self.running, *others, return_exceptions=True)

    def take(self, item: eo.Screen | eo.Tone | eo.Traces) -> None:
        """Show what the test tells, and look at new screens."""
        self.view.take(item)
        if isinstance(item, eo.Screen):
            self.changed.set()
            self.keyboard.queue.put_nowait(CHANGED)

    async def answer(self) -> None:
        """Go from screen to screen until the test is left."""
        known: Any = None
        while True:
            self.changed.clear()
            now = self.guided.screen
            asked = (now.step, now.header, now.instruction, now.fields, now.buttons, now.checks, now.ring is None)
            if asked != known:
                known = asked
                if now.step == "home" and now.buttons:
                    if self.at_home(now) == "quit":
                        return
                elif now.step != "home":
                    await self.meet(now)
                continue
            if not self.keyboard.single and (now.step == "home" or not now.buttons):
                await self.changed.wait()  # lines are kept for who asks for them
                continue
            key = await self.keyboard.queue.get()
            if key != CHANGED:
                await self.press(key)
                if not self.keyboard.single:  # the next line is for what comes of this one
                    await asyncio.wait((asyncio.ensure_future(self.changed.wait()),), timeout=1.0)

    def at_home(self, now: eo.Screen) -> str:
        """Begin the test, or leave after it; where it was broken off, finish it."""
        known = self.earlier
        if known is None:
            self.earlier = {test.id for test in now.past}
        if any(check.state == "stop" for check in now.checks):
            self.code = 2
        do = "quit" if self.begun else "new"
        if known is not None and not self.begun:
            actions = [action.do for test in now.past if test.id not in known for action in test.actions]
            do = next((action for action in actions if action.startswith("finish:")), "quit")
        self.begun = True
        self.guided.do(do)
        return do

    async def meet(self, now: eo.Screen) -> None:
        """Deal with a screen that asks for something new."""
        self.begun = True
        if now.step == "report" and now.buttons:
            self.code = 0 if any(side.possible for side in now.sides) else 1
        self.values = {field.name: self.given.pop(field.name, field.value) for field in now.fields}
        if self.options.yes or (self.leaving and now.step == "report"):
            self.do(self.usual(now))
            return
        if now.fields:
            await self.fill(now)
        words = "  ".join(offer(now, "Enter"))
        if words != self.offered and self.view.live is None:
            self.view.say(words)
        self.offered = words

    def usual(self, now: eo.Screen) -> str:
        """Return what to press where nobody is asked: the primary button, but not for ever."""
        offered = {button.do: button for button in buttons(now)}
        if now.ring is not None:
            return "anyway" if "anyway" in offered else ""
        if "use" not in offered and "simulate" in offered:
            return "simulate"
        do = next((do for do, button in offered.items() if button.role == "primary"), "")
        self.pressed[now.header, now.step, do] += 1
        if self.pressed[now.header, now.step, do] > 2:
            return next((other for other in ("next", "skip") if other in offered), do)
        return do

    async def fill(self, now: eo.Screen) -> None:
        """Ask for the fields of a screen, one after another."""
        choices: Any = ()
        for field in now.fields:
            if field.help:
                self.view.say(f"  {field.help}")
            if field.choices and field.choices != choices:
                choices = field.choices
                for number, choice in enumerate(choices, 1):
                    self.view.say(f"  {number:2} {choice.label}")
            while True:
                text = await self.line(f"{field.label} [{in_words(field, self.values[field.name])}]: ", now.step)
                if text is None:
                    return
                try:
                    if text.strip():
                        self.values[field.name] = read_answer(field, text.strip())
                    break
                except ValueError as error:
                    self.view.say(f"! {error}")

    async def line(self, prompt: str, step: str) -> str | None:
        """Return a line that is typed; None where the test has gone on to another step."""
        text: str | None = ""
        if not self.keyboard.single:
            self.view.say(prompt)
        while text is not None:
            self.view.prompt = prompt + text if self.keyboard.single else ""
            self.view.refresh()
            key = await self.keyboard.queue.get()
            if key == END:
                self.interrupt()
            elif key == CHANGED:
                text = text if self.guided.screen.step == step else None
            elif not self.keyboard.single:
                return key.strip()
            elif key in ENTER:
                self.view.say(prompt + text)
                break
            elif key in "\x7f\b":
                text = text[:-1]
            elif key.isprintable():
                text += key
        self.view.prompt = ""
        return text

    async def press(self, key: str) -> None:
        """Do what a key stands for on this screen."""
        now = self.guided.screen
        key = " " if key in ENTER else key[:1].lower()
        button = keys(now).get(key)
        if key == END:
            if not self.options.yes:
                self.interrupt()
        elif key == "q" and (button is None or button.role == "danger"):
            self.view.say("! q once more: stop, and keep what was recorded. Any other key: go on.")
            while (again := await self.keyboard.queue.get()) == CHANGED:
                pass
            if again[:1].lower() == "q" and button is not None:
                self.do(button.do)
            elif again[:1].lower() == "q":
                self.interrupt()
        elif key == "e" and now.fields:
            await self.fill(now)
        elif button is not None and button.do == "note":
            if text := await self.line("Note: ", now.step):
                self.do("note", {"note": text})
        elif button is not None:
            self.do(button.do, self.values)

    def do(self, command: str, values: dict[str, Any] | None = None) -> None:
        """Press a button; say why it cannot be."""
        why_not = self.guided.do(command, values or self.values) if command else ""
        if why_not:
            self.view.say(f"! {why_not}")

    def interrupt(self) -> None:
        """Stop and keep; when asked again, leave at once."""
        if self.leaving:
            self.view.close()
            self.keyboard.restore()
            os._exit(130)
        self.leaving = True
        if any(button.do == "stop" for button in self.guided.screen.buttons):
            self.guided.do("stop")
        elif self.running is not None:
            self.running.cancel()


async def session(options: argparse.Namespace) -> int:
    """Lead through a test at this terminal; leave the terminal as it was, whatever happens."""
    view = View()
    keyboard = Keyboard(single=view.live is not None)
    clock = eo.FastClock() if options.fast else None
    simulate, seed, replay = options.simulate, options.seed, options.replay
    guided = eo.GuidedTest(options.folder, clock=clock, simulate=simulate, seed=seed, replay=replay)
    leader, loop = Leader(guided, view, keyboard, options), asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: loop.call_soon_threadsafe(leader.interrupt))
    try:
        return await leader.run()
    finally:
        view.close()
        keyboard.restore()


def main() -> int:
    """Run the script; return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="where tests are kept (default: emgorder in Documents)")
    parser.add_argument("--simulate", action="store_true", help="simulated sensors on a simulated person")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="play a recording through the same screens")
    parser.add_argument("--yes", action="store_true", help="answer every question as usual, for demonstrations")
    parser.add_argument("--fast", action="store_true", help="virtual time (with --simulate --yes, or --replay)")
    parser.add_argument("--seed", type=int, help="of the simulated person and the random waits")
    parser.add_argument("--mode", choices=("assessment", "training"), help="when the order is shown")
    parser.add_argument("--side", choices=("R", "L"), help="first side")
    parser.add_argument("--lifts", type=int, metavar="N", help="lifts a side")
    allow_any_encoding()
    options = parser.parse_args()
    if options.fast and not (options.replay or (options.simulate and options.yes)):
        parser.error("--fast needs --replay, or --simulate and --yes: virtual time waits for nobody")
    options.yes = options.yes or (options.replay is not None and not sys.stdin.isatty())
    try:
        return asyncio.run(session(options))
    except eo.EmgOrderError as error:
        print(f"acquire.py: {error}", file=sys.stderr)
        return 1 if isinstance(error, eo.SignalQualityError) else 2


if __name__ == "__main__":
    sys.exit(main())
