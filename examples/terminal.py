"""A terminal for a guided test: prints its screens, draws what moves, reads keys or lines. Used by acquire.py."""

from __future__ import annotations

import asyncio
import codecs
import math
import os
import re
import sys
import textwrap
import threading
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

import emgorder as eo

SHAPES = {"ok": "✓", "attention": "!", "stop": "✕", "info": "i", "wait": "…"}
TONES = {"lift": ("Now", 1), "relax": ("Relax", 2), "tap": ("Tap", 1), "test": ("Sound test", 1)}
ASCII = dict(zip("✓✕…·♪█─—–×µ±−’►→", "+x.-*#---xu~-'>>", strict=True))
CHANGED, ENTER, END = "", "\r\n", "\x04"  # of the queue of keys: another screen, Enter, no more


def allow_any_encoding() -> None:
    """Let the output show signs that its encoding lacks as similar ones."""
    codecs.register_error("similar", lambda error: (ASCII.get(error.object[error.start], "?"), error.start + 1))
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="similar")


class Keyboard:
    """Puts keys into a queue as they are pressed, or lines where `single` is False."""

    def __init__(self, *, single: bool) -> None:
        self.single, self.queue, self.before = single, asyncio.Queue(), None
        if single and os.name != "nt":
            import termios
            import tty

            self.before = termios.tcgetattr(sys.stdin)
            tty.setcbreak(sys.stdin)
            mode = termios.tcgetattr(sys.stdin)
            mode[0] &= ~termios.IXON  # Ctrl-S would hold up the recording with the display
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, mode)
        read = self.read_console if single and os.name == "nt" else self.read_stream
        threading.Thread(target=read, args=(asyncio.get_running_loop(),), daemon=True).start()

    def restore(self) -> None:
        """Leave the terminal as it was."""
        if self.before is not None:
            import termios

            with suppress(termios.error):
                termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self.before)

    def read_stream(self, loop: asyncio.AbstractEventLoop) -> None:
        """Read a terminal of POSIX, a pipe or a file; in a thread."""
        decoder, text = codecs.getincrementaldecoder("utf-8")("replace"), ""
        with suppress(RuntimeError):  # the loop has ended
            with suppress(OSError):  # the terminal is gone
                while data := os.read(sys.stdin.fileno(), 1024):
                    if self.single and data.startswith(b"\x1b"):
                        continue  # arrows and the like
                    text += decoder.decode(data)
                    *items, text = [*text, ""] if self.single else text.split("\n")
                    for item in items:
                        loop.call_soon_threadsafe(self.queue.put_nowait, item if self.single else item.strip() or ENTER)
            loop.call_soon_threadsafe(self.queue.put_nowait, END)

    def read_console(self, loop: asyncio.AbstractEventLoop) -> None:
        """Read a terminal of Windows; in a thread."""
        import msvcrt

        with suppress(RuntimeError):
            while True:
                key = msvcrt.getwch()
                if key in "\x00\xe0":
                    msvcrt.getwch()  # the second half of a function key
                else:
                    loop.call_soon_threadsafe(self.queue.put_nowait, END if key == "\x03" else key)


class View:
    """Prints what is new on each screen; on a terminal, ring, levels, lights and keys are drawn below it."""

    def __init__(self) -> None:
        self.console = Console(highlight=False)
        self.screen = eo.Screen(step="home", title="")
        self.traces: eo.Traces | None = None
        self.prompt = ""
        self.simulated = False  # whatever the screens say of it
        self.cards: dict[Any, str] = {}
        self.seen_s = 0.0
        self.live: Live | None = None
        if self.console.is_terminal and not self.console.is_dumb_terminal and sys.stdin.isatty():
            self.live = Live(get_renderable=self.footer, console=self.console, auto_refresh=False, transient=True)
            self.live.start()

    def say(self, text: str, style: str = "") -> None:
        """Print a line that stays."""
        try:
            self.console.print(Text(text, style), soft_wrap=self.live is None)
        except (OSError, SystemExit):  # nobody looks any more: the test goes on
            self.console.quiet = True

    def refresh(self) -> None:
        """Draw again what moves."""
        if self.live is not None and not self.console.quiet:
            with suppress(OSError, SystemExit):
                self.live.refresh()

    async def animate(self) -> None:
        """Draw again and again."""
        while True:
            self.refresh()
            await asyncio.sleep(0.1)

    def close(self) -> None:
        """Take away what moves."""
        if self.live is not None:
            with suppress(OSError, SystemExit):
                self.live.stop()

    def take(self, item: eo.Screen | eo.Tone | eo.Traces) -> None:
        """Show what the test tells."""
        if isinstance(item, eo.Traces):
            self.traces = item
        elif isinstance(item, eo.Tone):
            self.sound(item.kind)
        else:
            before, self.seen_s = self.screen, time.monotonic()
            self.screen = replace(item, simulated=item.simulated or self.simulated)
            if item.step != "home" or item.checks:
                self.print_news(self.screen, before)
            self.refresh()

    def sound(self, kind: str) -> None:
        """Ring the bell of the terminal, and say what it means."""
        word, times = TONES[kind]
        if self.screen.step in ("lifts", "practice"):
            word = {"lift": "Lift", "relax": "Lower"}.get(kind, word)
        for _ in range(times if self.console.is_terminal else 0):
            self.console.bell()
        if self.live is None or kind == "test":
            self.say(f"♪ {word}", "bold")

    def print_news(self, now: eo.Screen, before: eo.Screen) -> None:
        """Print what `now` has and `before` had not."""
        if (now.step, now.title, whose(now)) != (before.step, before.title, whose(before)):
            self.say(f"\n── {' · '.join(filter(None, (now.title, now.header, whose(now))))} ──", "bold cyan")
            before = eo.Screen(step=now.step, title=now.title, faults=before.faults)
        if now.instruction and now.instruction != before.instruction:
            self.say(f"► {now.instruction}", "bold")
        for line in (*now.lines, *now.details):
            if line not in (*before.lines, *before.details):
                self.say(f"  {line}")
        if now.picture and now.picture != before.picture:
            self.say(f"  Channels: {', '.join(now.picture)}")
        for check in (*now.faults, *now.checks):
            if check not in (*before.faults, *before.checks):
                self.say(f"{SHAPES[check.state]} {check.text}" + (f"\n    → {check.remedy}" if check.remedy else ""))
        for fault in before.faults:
            if fault not in now.faults:
                self.say(f"{SHAPES['ok']} No longer: {fault.text}")
        for card in now.cards:
            if card.state != "wait" and self.cards.get((now.step, card.side, card.id)) != card.line:
                self.cards[now.step, card.side, card.id] = card.line
                self.say(f"{SHAPES[card.state]} {card.line}")
        for test in now.past if now.past != before.past and now.step != "home" else ():
            self.say(f"  {test.when}  {' '.join(test.lines)}")
        for side in now.sides if now.sides != before.sides else ():
            self.say(f"{side.label + ': ' if side.label else ''}{' '.join((side.headline, *side.details))}", "bold")
        for path in now.files if now.files != before.files else ():
            self.say(f"{'Read' if now.replayed else 'Written'}: {path}")

    def footer(self) -> Group:
        """Return what moves: ring, levels, lights and faults, keys or what is being typed."""
        now, traces, width = self.screen, self.traces, max(min(self.console.width - 36, 40), 4)
        if now.step == "home":
            return Group()
        rows = [Text(" · ".join(filter(None, (whose(now), now.header or now.title))), "reverse")]
        if now.ring is not None:
            ring, gone_s = now.ring, now.now_s - now.ring.start_s + (time.monotonic() - self.seen_s) * now.speed
            timed = math.isfinite(ring.length_s) and ring.phase != "foreperiod"  # who sees its end moves early
            left = f"{bar(gone_s / (ring.length_s or 1.0), width)}{max(ring.length_s - gone_s, 0.0):5.1f} s"
            rows.append(Text(f"{ring.label + ' ' + ring.count:26}{left if timed else ''}", "bold"))
        for i, label in enumerate(traces.labels if traces is not None and now.traces else ()):
            level, rest, most = (float(x[i]) for x in (traces.envelope[-1], traces.rest, traces.most))
            rest = rest if math.isfinite(rest) else 0.0
            words = f"{level:6.1f} {traces.unit[i]}" if math.isfinite(level) else "lost"
            rows.append(Text(f"{label:16.16}{words:>9} {bar((level - rest) / ((most - rest) or 1.0), width)}"))
        rows += [Text(f"{SHAPES[light.state]} {light.title}: {light.text}") for light in now.lights]
        rows += [Text(f"{SHAPES[fault.state]} {fault.text}", "bold") for fault in now.faults]
        for row in rows:
            row.no_wrap, row.overflow = True, "ellipsis"
        unbroken = "  ".join(item.replace(" ", "\xa0") for item in offer(now, "space"))
        words = textwrap.fill(unbroken, self.console.width - 1).replace("\xa0", " ")
        return Group(*rows, Text(f"{self.prompt}_" if self.prompt else words, "bold"))


def whose(screen: eo.Screen) -> str:
    """Return what must never be overlooked: that these are no real sensors, or not now."""
    return " ".join(["SIMULATED"] * screen.simulated + ["REPLAY"] * screen.replayed)


def bar(share: float, width: int) -> str:
    """Return a bar that is full at 1."""
    full = round(width * min(max(share, 0.0), 1.0)) if math.isfinite(share) else 0
    return "█" * full + "─" * (width - full)


def buttons(screen: eo.Screen) -> list[Any]:
    """Return the buttons of a screen; the report is the end here, unless somebody wants more."""
    if screen.step != "report":
        return list(screen.buttons)
    quiet = [replace(b, label="Exercises" if b.do == "next" else b.label, role="quiet", key="") for b in screen.buttons]
    return [replace(b, label="Done", role="primary", key="space") if b.do == "home" else b for b in quiet]


def keys(screen: eo.Screen) -> dict[str, Any]:
    """Return the button of each key: space is the primary one, others name their key, the rest get a free letter."""
    found: dict[str, Any] = {}
    for button in buttons(screen):
        if button.role == "primary" or button.key:
            found.setdefault(" " if button.role == "primary" else button.key, button)
    for button in buttons(screen):
        if button not in found.values():
            letters = (c for c in (button.do + button.label).lower() if c.isalpha() and c not in {*found, "q", "e"})
            found[next(letters)] = button
    return found


def offer(screen: eo.Screen, primary: str) -> list[str]:
    """Return which keys do what."""
    found = {primary if key == " " else key: button.label for key, button in keys(screen).items()}
    found |= {"e": "Edit"} if screen.fields else {}
    if screen.buttons and screen.step != "report":
        found.setdefault("q", "Leave")
    return [f"[{key}] {label}" for key, label in found.items()]


def in_words(field: eo.Field, value: Any) -> str:
    """Return a value as it is typed."""
    if field.kind == "flag":
        return "yes" if value else "no"
    if field.kind not in ("choice", "many"):
        return str(value)
    chosen = value if field.kind == "many" else (value,)
    return " ".join(str(n) for n, choice in enumerate(field.choices, 1) if choice.value in chosen) or "0"


def read_answer(field: eo.Field, text: str) -> Any:
    """Return the value that was typed; raise ValueError, in words, where it is none."""
    if field.kind == "flag":
        if text[0].lower() not in "yn":
            raise ValueError("answer yes or no")
        return text[0].lower() == "y"
    if field.kind == "number":
        low, high = (-math.inf if field.low is None else field.low, math.inf if field.high is None else field.high)
        with suppress(ValueError):
            if low <= float(text.replace(",", ".")) <= high:
                return text
        raise ValueError(f"give a number from {low:g} to {high:g}")
    if field.kind not in ("choice", "many"):
        return text
    numbers = re.findall(r"\d+", text)
    chosen = tuple(field.choices[int(n) - 1].value for n in numbers if 1 <= int(n) <= len(field.choices))
    if field.kind == "many" and (text.strip() == "0" or len(chosen) == len(numbers) > 0):
        return chosen
    if field.kind == "choice" and len(chosen) == len(numbers) == 1:
        return chosen[0]
    raise ValueError(f"give {'numbers' if field.kind == 'many' else 'a number'} from 1 to {len(field.choices)}")
