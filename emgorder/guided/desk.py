"""What a step may do: show a screen, wait for a button or for the signals, make a sound, take notes."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from emgorder.acquisition.transport import Clock
from emgorder.guided import texts as t
from emgorder.guided.screens import Check, Field, Screen, StepName, Tone, Traces

__all__ = ["Command", "Desk", "Listener"]

Listener: TypeAlias = Callable[["Screen | Tone | Traces"], None]

_LOOK_S = 0.05
_LONGEST_VALUE = 4000
_ALWAYS = frozenset({"stop", "pause", "cancel", "mark"})
"""Commands that mean the same whatever was pressed before them."""


@dataclass(frozen=True, slots=True)
class Command:
    """A button that was pressed: what it does, what it is about (``undo:3``), and what was filled in."""

    do: str
    about: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


class Desk:
    """Between the steps of a test and whoever shows them.

    Parameters
    ----------
    clock : Clock
        Everything waits by it.

    Attributes
    ----------
    screen : Screen
        The present one.
    decorate : callable
        Completes a screen with what belongs to every step: rail, lights, faults, cards.
    choose : callable
        Leaves the strips that are to be seen.
    watch : callable
        Called while a step waits; raises what ends the step, for example that the recording has stopped.
    inline : mapping of str to callable
        Commands that are dealt with wherever they come, such as notes.
    """

    def __init__(self, clock: Clock, *, speed: float = 1.0) -> None:
        self.clock = clock
        self.speed = speed
        self.screen = Screen(step="home", title="")
        self.decorate: Callable[[Screen], Screen] = lambda screen: screen
        self.choose: Callable[[Traces], Traces] = lambda traces: traces
        self.watch: Callable[[], None] = lambda: None
        self.inline: dict[str, Callable[[Command], None]] = {}
        self._bare = self.screen
        self._commands: deque[Command] = deque()
        self._turn = 0
        self._rung = asyncio.Event()
        self._listeners: list[Listener] = []
        self._refresh_due_s = 0.0

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Give everything that is shown to `listener`; return what ends that."""
        self._listeners.append(listener)

        def leave() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return leave

    def emit(self, item: Screen | Tone | Traces) -> None:
        """Give something to all listeners; one that raises is left out from then on."""
        if isinstance(item, Traces):
            item = self.choose(item)
        for listener in tuple(self._listeners):
            try:
                listener(item)
            except Exception:  # whoever shows a test must not end it
                self._listeners.remove(listener)

    def show(self, step: StepName, title: str, instruction: str = "", **what: Any) -> None:
        """Show a screen; what is waiting from the screen before is forgotten where the step is another one."""
        if step != self.screen.step:
            self._commands.clear()
        self._put(Screen(step=step, title=title, instruction=instruction, **what))

    def change(self, **what: Any) -> None:
        """Show the same screen with something changed."""
        self._put(replace(self._bare, **what))

    def _put(self, screen: Screen) -> None:
        """Show a screen; a large button that was pressed before it means nothing on it, a stop or a pause does."""
        if screen.buttons != self._bare.buttons:
            large = {button.do for button in self._bare.buttons if button.role == "primary"}
            self._commands = deque(command for command in self._commands if command.do not in large)
        self._bare = screen
        self.refresh()

    def refresh(self) -> None:
        """Show what has changed meanwhile: faults, lights, cards."""
        screen = self.decorate(replace(self._bare, now_s=self.clock.now(), speed=self.speed, turn=self._turn))
        known = replace(self.screen, now_s=screen.now_s)
        self._refresh_due_s = self.clock.now() + 0.5 * self.speed
        if replace(screen, number=self.screen.number) == known:
            return
        self.screen = replace(screen, number=self.screen.number + 1)
        self.emit(self.screen)

    def tone(self, kind: str) -> None:
        """Make a sound."""
        self.emit(Tone(kind, self.clock.now()))  # type: ignore[arg-type]

    def do(self, command: str, values: Mapping[str, Any] | None, *, step: str = "", turn: int | None = None) -> str:
        """Take a command if the present screen offers it; return why not otherwise.

        One of an earlier `turn` was pressed by two at once: the second means nothing any more.
        """
        name, _, about = command.partition(":")
        if step and step != self.screen.step:
            return t.NOT_OFFERED
        if turn not in (None, self._turn) and name not in (*_ALWAYS, *self.inline):
            return t.GONE_ON
        offered = {button.do for button in self.screen.buttons}
        offered |= {action.do for past in self.screen.past for action in past.actions}
        if command not in offered and not (name == "undo" and "undo" in offered and about.isdecimal()):
            return t.NOT_OFFERED
        taken = Command(name, about, _allowed(values or {}, self.screen.fields, note=name == "note"))
        if name in self.inline:
            self.inline[name](taken)
            self.refresh()
            return ""
        self._commands.append(taken)
        self._rung.set()
        return ""

    async def ask(self) -> Command:
        """Wait for a button."""
        while True:
            command = await self.wait()
            if command is not None:
                return command

    async def wait(self, seconds: float | None = None, *, until: Callable[[], bool] | None = None) -> Command | None:
        """Wait for a button, for `until()`, or until `seconds` have passed; return the button.

        Without `seconds` it looks at the signals all the same, so that faults show.
        """
        deadline = None if seconds is None else self.clock.now() + seconds
        while True:
            self.watch()
            if self._commands:
                return self._taken()
            if until is not None and until():
                return None
            now = self.clock.now()
            if deadline is not None and now >= deadline:
                return None
            if now >= self._refresh_due_s:
                self.refresh()
            left = _LOOK_S if deadline is None else min(_LOOK_S, deadline - now)
            await self._nap(left, idle=deadline is None)

    def _taken(self) -> Command:
        """Return the first command that waits; others of its turn mean nothing any more, but for a stop or a pause."""
        command = self._commands.popleft()
        self._commands = deque(other for other in self._commands if other.do in _ALWAYS)
        self._turn += 1
        self._refresh_due_s = -math.inf  # whoever shows the screen must know the turn
        return command

    async def _nap(self, seconds: float, *, idle: bool) -> None:
        """Sleep a little on the clock; while nothing but a button is waited for, in real time."""
        self._rung.clear()
        if not idle:
            await self.clock.sleep(seconds)
            return
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._rung.wait(), _LOOK_S)


def _allowed(values: Mapping[str, Any], fields: tuple[Field, ...], *, note: bool) -> dict[str, Any]:
    """Return the values that belong to the screen's fields, of the kinds these have."""
    found: dict[str, Any] = {}
    for item in fields:
        if item.name not in values:
            continue
        value = values[item.name]
        if item.kind == "many":
            known = {choice.value for choice in item.choices}
            given = value if isinstance(value, (list, tuple)) else [value]
            found[item.name] = tuple(str(v) for v in given if str(v) in known)
        elif item.kind == "flag":
            found[item.name] = value is True or str(value).lower() in ("true", "on", "yes", "1")
        else:
            found[item.name] = str(value)[:_LONGEST_VALUE] if value is not None else ""
    if note and "note" in values:
        found["note"] = str(values["note"])[:_LONGEST_VALUE]
    return found


def problem(text: str, remedy: str = "") -> tuple[Check, ...]:
    """Return a remark on what was filled in."""
    return (Check("attention", t.sentence(text), remedy),)
