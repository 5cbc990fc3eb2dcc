"""Who fires first? A guided leg-lift test in the terminal, from "new test" to the result in words.

    python acquire.py                      sensors in reach; simulated ones where there are none
    python acquire.py --simulate           simulated sensors on a simulated person
    python acquire.py --replay both.csv    a recording through the same screens
    python acquire.py --simulate --fast --yes --seed 108 --lifts 6     by itself, in virtual time

Space or Enter does what is asked for (mark, next), r repeats, u takes the last lift back, n takes a note, q or Ctrl-C
stops and keeps what was recorded; all keys are shown. Without a terminal a line is an answer, an empty one the usual.
Exit code 0: there is a result; 1: these data cannot carry a verdict; 2: wrong usage or input.
"""

from __future__ import annotations

import argparse
import asyncio
import codecs
import math
import os
import re
import signal
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

import emgorder as eo

SHAPES = {"ok": "✓", "attention": "!", "stop": "✕", "info": "i", "wait": "…"}
TONES = {"lift": ("Now", 1), "relax": ("Relax", 2), "tap": ("Tap", 1), "test": ("Sound test", 1)}
PLAIN = dict(zip("✓✕…·♪█─—–×µ±−’►→", "+x.-*#---xu~-'>>", strict=True))
CHANGED, ENTER, END = "", "\r\n", "\x04"


class Keyboard:
    """Puts keys into a queue as they are pressed, or lines where there is no terminal; leaves all as it was."""

    def __init__(self, *, single: bool) -> None:
        self.single, self.queue = single, asyncio.Queue()
        self.before: Any = None
        if single and os.name != "nt":
            import termios
            import tty

            self.before = termios.tcgetattr(sys.stdin)
            tty.setcbreak(sys.stdin)
        read = self.read_console if single and os.name == "nt" else self.read_stream
        threading.Thread(target=read, args=(asyncio.get_running_loop(),), daemon=True).start()

    def restore(self) -> None:
        if self.before is not None:
            import termios

            with suppress(termios.error):
                termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self.before)

    def read_stream(self, loop: asyncio.AbstractEventLoop) -> None:
        decoder, text = codecs.getincrementaldecoder("utf-8")("replace"), ""
        with suppress(OSError, RuntimeError):  # the terminal, or the loop, is gone
            while data := os.read(sys.stdin.fileno(), 1024):
                if self.single and data.startswith(b"\x1b"):
                    continue  # arrows and the like
                text += decoder.decode(data)
                items, text = (list(text), "") if self.single else (text.split("\n")[:-1], text.split("\n")[-1])
                for item in items:
                    loop.call_soon_threadsafe(self.queue.put_nowait, item if self.single else item.strip() or ENTER)
            loop.call_soon_threadsafe(self.queue.put_nowait, END)

    def read_console(self, loop: asyncio.AbstractEventLoop) -> None:
        import msvcrt

        with suppress(RuntimeError):
            while True:
                key = msvcrt.getwch()
                if key in "\x00\xe0":
                    msvcrt.getwch()  # the second half of a function key
                else:
                    loop.call_soon_threadsafe(self.queue.put_nowait, END if key == "\x03" else key)


class View:
    """Prints what is new on each screen; on a terminal, what moves is drawn below it."""

    def __init__(self, *, quiet_input: bool) -> None:
        self.console = Console(highlight=False)
        self.screen = eo.Screen(step="home", title="")
        self.traces: eo.Traces | None = None
        self.offer = self.prompt = ""
        self.cards: dict[Any, str] = {}
        self.seen_s = 0.0
        self.live: Live | None = None
        if self.console.is_terminal and not self.console.is_dumb_terminal and quiet_input:
            self.live = Live(get_renderable=self.footer, console=self.console, auto_refresh=False, transient=True)
            self.live.start()

    def say(self, text: str, style: str = "") -> None:
        try:
            self.console.print(Text(text, style), soft_wrap=self.live is None)
        except (OSError, SystemExit):  # nobody looks any more: the test goes on
            self.console.quiet, self.live = True, None

    def refresh(self) -> None:
        if self.live is not None:
            with suppress(OSError):
                self.live.refresh()

    async def animate(self) -> None:
        while True:
            self.refresh()
            await asyncio.sleep(0.1)

    def take(self, item: eo.Screen | eo.Tone | eo.Traces) -> None:
        if isinstance(item, eo.Traces):
            self.traces = item
        elif isinstance(item, eo.Tone):
            self.sound(item.kind)
        else:
            before, self.screen, self.seen_s = self.screen, item, time.monotonic()
            if item.step != "home" or item.checks:
                self.print_news(item, before)
            self.refresh()

    def sound(self, kind: str) -> None:
        word, times = TONES[kind]
        if self.screen.step in ("lifts", "practice"):
            word = {"lift": "Lift", "relax": "Lower"}.get(kind, word)
        if self.console.is_terminal:
            for _ in range(times):
                self.console.bell()
        if self.live is None or kind == "test":
            self.say(f"♪ {word}", "bold")

    def print_news(self, now: eo.Screen, before: eo.Screen) -> None:
        if (now.step, now.title, whose(now)) != (before.step, before.title, whose(before)):
            self.say(f"\n── {' · '.join(filter(None, (now.title, now.header, whose(now))))} ──", "bold cyan")
            before = eo.Screen(step=now.step, title=now.title)
        if now.instruction and now.instruction != before.instruction:
            self.say(f"► {now.instruction}", "bold")
        for line in (*now.lines, *now.details):
            if line not in (*before.lines, *before.details):
                self.say(f"  {line}")
        if now.picture and now.picture != before.picture:
            self.say(f"  Channels: {', '.join(now.picture)}")
        for check in (*now.faults, *now.checks):
            if check not in (*before.faults, *before.checks):
                self.say(f"{SHAPES[check.state]} {check.text}")
                if check.remedy:
                    self.say(f"    → {check.remedy}")
        for card in now.cards:
            if card.state != "wait" and self.cards.get((card.side, card.id)) != card.line:
                self.cards[card.side, card.id] = card.line
                self.say(f"{SHAPES[card.state]} {card.line}")
        for test in now.past if now.past != before.past else ():
            self.say(f"  {test.when}  {' '.join(test.lines)}")
        for side in now.sides if now.sides != before.sides else ():
            self.say(f"{side.label + ': ' if side.label else ''}{' '.join((side.headline, *side.details))}", "bold")
        for path in now.files if now.files != before.files else ():
            self.say(f"Written: {path}")

    def footer(self) -> Group:
        now, width = self.screen, min(self.console.width - 34, 40)
        rows = [Text(" · ".join(filter(None, (whose(now), now.header or now.title))), "reverse")]
        if now.ring is not None:
            ring, gone_s = now.ring, now.now_s - now.ring.start_s + (time.monotonic() - self.seen_s) * now.speed
            timed = math.isfinite(ring.length_s) and ring.phase != "foreperiod"  # whoever sees its end moves early
            left = f"{max(ring.length_s - gone_s, 0.0):5.1f} s" if timed else ""
            rows.append(Text(f"{ring.label + ' ' + ring.count:26}", "bold"))
            rows[-1].append(f"{bar(gone_s / ring.length_s, width)}{left}" if timed else "")
        for i, label in enumerate(self.traces.labels if self.traces is not None and now.traces else ()):
            level, rest, most = (float(x[i]) for x in (self.traces.envelope[-1], self.traces.rest, self.traces.most))
            rest = rest if math.isfinite(rest) else 0.0
            words = f"{level:6.1f} {self.traces.unit[i]}" if math.isfinite(level) else "lost"
            rows.append(Text(f"{label:16.16}{words:>9} {bar((level - rest) / ((most - rest) or 1.0), width)}"))
        rows += [Text(f"{SHAPES[light.state]} {light.title}: {light.text}") for light in now.lights]
        rows += [Text(f"{SHAPES[fault.state]} {fault.text}", "bold") for fault in now.faults]
        for row in rows:
            row.no_wrap, row.overflow = True, "ellipsis"
        return Group(*rows, Text(self.prompt + "_" if self.prompt else self.offer, "bold"))


class Leader:
    """Asks what a screen asks for, and presses its buttons."""

    def __init__(self, guided: eo.GuidedTest, view: View, keyboard: Keyboard, options: argparse.Namespace) -> None:
        self.guided, self.view, self.keyboard, self.options = guided, view, keyboard, options
        self.begun = self.leaving = False
        self.earlier: set[str] | None = None
        self.begun_again = False
        self.code = 1
        self.values: dict[str, Any] = {}
        self.pressed: Counter[tuple[str, ...]] = Counter()

    def take(self, item: eo.Screen | eo.Tone | eo.Traces) -> None:
        self.view.take(item)
        if isinstance(item, eo.Screen):
            self.keyboard.queue.put_nowait(CHANGED)

    async def lead(self) -> None:
        """Go from screen to screen until the test is left."""
        known: Any = None
        while True:
            now = self.guided.screen
            asked = (now.step, now.header, now.instruction, now.fields, now.buttons, now.checks, now.ring is None)
            if asked != known:
                known = asked
                if not await self.meet(now):
                    return
                continue
            key = await self.keyboard.queue.get()
            if key != CHANGED:
                await self.press(key)

    async def meet(self, now: eo.Screen) -> bool:
        """Deal with a screen that asks for something new; return whether there is more to do."""
        if now.step == "home":
            return self.at_home(now)
        self.begun = True
        if now.step == "report" and now.buttons:
            self.code = 0 if any(side.possible for side in now.sides) else 1
        first = {"side": self.options.side, "mode": self.options.mode, "n_lifts": self.options.lifts}
        first = {name: value for name, value in first.items() if value is not None and now.step == "new"}
        if self.options.yes:
            first["fit"] = True
        self.values = {field.name: first.get(field.name, field.value) for field in now.fields}
        self.view.offer = offer(now, "space" if self.keyboard.single else "Enter")
        if self.options.yes or (self.leaving and now.step == "report"):
            self.do(self.usual(now))
            return True
        if now.fields:
            await self.fill(now)
        if now.ring is None and now.buttons and self.view.live is None:
            self.view.say(self.view.offer)
        return True

    def at_home(self, now: eo.Screen) -> bool:
        if not now.buttons:
            return True
        if any(check.state == "stop" for check in now.checks):
            self.code = 2
        known, self.earlier = self.earlier, self.earlier or {test.id for test in now.past}
        if self.begun:
            do = "quit"
        elif known is None:
            do = "new"
        else:  # the second time: finish what the first has left
            actions = [action.do for test in now.past if test.id not in known for action in test.actions]
            do = next((action for action in actions if action.startswith("finish:")), "quit")
        self.begun = True
        self.guided.do(do)
        return do != "quit"

    def usual(self, now: eo.Screen) -> str:
        """Return what to press where nobody is asked; not the same for ever."""
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
        """Ask for the fields of a screen one after another."""
        choices: Any = ()
        for field in now.fields:
            if field.help:
                self.view.say(f"  {field.help}")
            if field.choices and field.choices != choices:
                choices = field.choices
                for number, choice in enumerate(choices, 1):
                    self.view.say(f"  {number:2} {choice.label}")
            while True:
                usual = in_words(field, self.values[field.name])
                text = await self.line(f"{field.label} [{usual}]: ", now.step)
                if text is None:
                    return
                try:
                    self.values[field.name] = read_answer(field, text, self.values[field.name])
                    break
                except ValueError as error:
                    self.view.say(f"! {error}")

    async def line(self, prompt: str, step: str) -> str | None:
        """Return a line that is typed; None where the test has gone on to another step."""
        text, single = "", self.keyboard.single
        if not single:
            self.view.say(prompt)
        while True:
            self.view.prompt = prompt + text if single else ""
            self.view.refresh()
            key = await self.keyboard.queue.get()
            if key == END:
                await self.press(key)
            if key == CHANGED or key == END:
                if self.guided.screen.step != step:
                    self.view.prompt = ""
                    return None
            elif key in ENTER or not single:
                self.view.prompt = ""
                if single:
                    self.view.say(prompt + text)
                return text if single else key.strip()
            elif key in "\x7f\b":
                text = text[:-1]
            elif key.isprintable():
                text += key

    async def press(self, key: str) -> None:
        now = self.guided.screen
        if key == END:
            self.interrupt()
            return
        key = " " if key in ENTER else key[:1].lower()
        button = keys(now).get(key)
        if key == "q" and (button is None or button.role == "danger"):
            self.view.say("! q once more: stop, and keep what was recorded. Any other key: go on.")
            again = CHANGED
            while again == CHANGED:
                again = await self.keyboard.queue.get()
            if again.lower() == "q":
                self.interrupt()
        elif key == "n" and button is not None and button.do == "note":
            text = await self.line("Note: ", now.step)
            if text:
                self.do("note", {"note": text})
        elif key == "e" and now.fields:
            await self.fill(now)
        elif button is not None:
            self.do(button.do, self.values)

    def do(self, command: str, values: dict[str, Any] | None = None) -> None:
        why_not = self.guided.do(command, values or self.values) if command else ""
        if why_not:
            self.view.say(f"! {why_not}")

    def interrupt(self) -> None:
        """Stop and keep; the second time at once."""
        if self.leaving:
            self.keyboard.restore()
            os._exit(130)
        self.leaving = True
        if any(button.do == "stop" for button in self.guided.screen.buttons):
            self.guided.do("stop")
        else:
            self.running.cancel()

    async def run(self) -> int:
        """Run a test to its end, and finish what was recorded where it was left; return the exit code."""
        while True:
            self.guided.listen(self.take)
            self.running = asyncio.ensure_future(self.guided.run())
            leading = asyncio.ensure_future(self.lead())
            moving = asyncio.ensure_future(self.view.animate())
            try:
                await asyncio.wait((self.running, leading), return_when=asyncio.FIRST_COMPLETED)
                if leading.done():
                    leading.result()
                await self.running
                return self.code
            except asyncio.CancelledError:
                if self.begun_again or self.earlier is None:
                    return self.code
            finally:
                leading.cancel()
                moving.cancel()
            self.begun_again, self.begun = True, False
            self.guided = eo.GuidedTest(self.options.folder)


def whose(screen: eo.Screen) -> str:
    """Return what must never be overlooked: that it is no person, or not now."""
    words = [word for word, true in (("SIMULATED", screen.simulated), ("REPLAY", screen.replayed)) if true]
    return " ".join(words)


def bar(share: float, width: int) -> str:
    full = round(width * min(max(share, 0.0), 1.0)) if math.isfinite(share) else 0
    return "█" * full + "─" * (width - full)


def buttons(screen: eo.Screen) -> list[Any]:
    """Return the buttons of a screen; with the report a test is done here."""
    if screen.step != "report":
        return list(screen.buttons)
    quiet = [replace(b, label="Exercises" if b.do == "next" else b.label, role="quiet", key="") for b in screen.buttons]
    return [replace(b, label="Done", role="primary", key="space") if b.do == "home" else b for b in quiet]


def keys(screen: eo.Screen) -> dict[str, Any]:
    """Return the button of each key: that of the primary one, those that buttons name, then free letters."""
    found: dict[str, Any] = {}
    for button in buttons(screen):
        key = " " if button.role == "primary" else button.key
        if key:
            found.setdefault(key, button)
    for button in buttons(screen):
        if button not in found.values():
            letters = (c for c in (button.do + button.label).lower() if c.isalpha() and c not in {*found, "q", "e"})
            found[next(letters)] = button
    return found


def offer(screen: eo.Screen, primary: str) -> str:
    words = [f"[{primary if key == ' ' else key}] {button.label}" for key, button in keys(screen).items()]
    words += ["[e] Edit"] if screen.fields else []
    return "  ".join(words if "q" in keys(screen) else [*words, "[q] Leave"])


def in_words(field: eo.Field, value: Any) -> str:
    if field.kind == "flag":
        return "yes" if value else "no"
    if field.kind in ("choice", "many"):
        chosen = value if field.kind == "many" else (value,)
        return " ".join(str(n) for n, choice in enumerate(field.choices, 1) if choice.value in chosen) or "0"
    return str(value)


def read_answer(field: eo.Field, text: str, usual: Any) -> Any:
    """Return the value that a typed answer means; raise ValueError, in words, where it means none."""
    if not text.strip():
        return usual
    if field.kind == "flag":
        if text[0].lower() not in "yn":
            raise ValueError("answer yes or no")
        return text[0].lower() == "y"
    if field.kind == "number":
        with suppress(ValueError):
            if (field.low or -math.inf) <= float(text.replace(",", ".")) <= (field.high or math.inf):
                return text
        raise ValueError(f"give a number from {field.low:g} to {field.high:g}")
    if field.kind not in ("choice", "many"):
        return text
    numbers = re.findall(r"\d+", text)
    chosen = [field.choices[int(n) - 1].value for n in numbers if 1 <= int(n) <= len(field.choices)]
    if field.kind == "many" and (len(chosen) == len(numbers) > 0 or text.strip() == "0"):
        return tuple(chosen)
    if field.kind == "choice" and len(chosen) == len(numbers) == 1:
        return chosen[0]
    raise ValueError(f"give {'numbers' if field.kind == 'many' else 'a number'} from 1 to {len(field.choices)}")


async def session(options: argparse.Namespace) -> int:
    view = View(quiet_input=sys.stdin.isatty())
    keyboard = Keyboard(single=view.live is not None)
    clock = eo.FastClock() if options.fast else None
    guided = eo.GuidedTest(
        options.folder, clock=clock, simulate=options.simulate, seed=options.seed, replay=options.replay
    )
    leader, loop = Leader(guided, view, keyboard, options), asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: loop.call_soon_threadsafe(leader.interrupt))
    try:
        return await leader.run()
    finally:
        if view.live is not None:
            view.live.stop()
        keyboard.restore()


def main() -> int:
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
    options = parser.parse_args()
    if options.fast and not (options.replay or (options.simulate and options.yes)):
        parser.error("--fast needs --replay, or --simulate and --yes: virtual time does not wait for anybody")
    codecs.register_error("plain", lambda error: (PLAIN.get(error.object[error.start], "?"), error.start + 1))
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="plain")
    try:
        return asyncio.run(session(options))
    except eo.EmgOrderError as error:
        print(f"acquire.py: {error}", file=sys.stderr)
        return 1 if isinstance(error, eo.SignalQualityError) else 2


if __name__ == "__main__":
    sys.exit(main())
