"""One lift: settle, foreperiod, tone, lifting, holding, lowering; and the buttons meanwhile."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from emgorder.guided import texts as t
from emgorder.guided.course import Course, Try
from emgorder.guided.desk import Command, Desk
from emgorder.guided.part import Part
from emgorder.guided.plan import FOREPERIOD_S, QUIET_S, REST_S, SET_PAUSE_S
from emgorder.guided.screens import Button, Check, Ring
from emgorder.guided.steps import AGAIN_BUTTON, NOTE_BUTTON, STOP_BUTTON, UNDO_BUTTON, Move, columns_of
from emgorder.model import Side

__all__ = [
    "MARK_BUTTON",
    "LiftSet",
    "SetOver",
    "foreperiod",
    "lead_through",
    "listen",
    "pause_between",
    "settle",
    "take_back",
    "undo",
]

_UP_S, _HOLD_S, _DOWN_S = 1.0, 1.5, 1.0
_NEVER_QUIET_S = 20.0
MARK_BUTTON = Button("mark", t.MARK, "primary", "space")
_PAUSE = Button("pause", t.PAUSE, "quiet", "p")
_MOVED = Button("moved", t.MOVED, "quiet", "m")


class SetOver(Exception):
    """The set was ended by a button."""

    def __init__(self, move: Move) -> None:
        super().__init__(move)
        self.move = move


@dataclass(slots=True)
class LiftSet:
    """What the lifts of one side need."""

    desk: Desk
    course: Course
    part: Part
    side: Side
    rng: np.random.Generator
    last_over_s: float = -math.inf
    n_pauses: int = 0

    @property
    def columns(self) -> list[int]:
        """Columns of glute and hamstring."""
        return columns_of(self.part, self.course.plan.labels(self.side))

    def buttons(self, *first: Button) -> tuple[Button, ...]:
        """Return the buttons of a lift."""
        undo = (UNDO_BUTTON, AGAIN_BUTTON) if self.course.to_take_back() else ()
        return (*first, _PAUSE, *undo, NOTE_BUTTON, STOP_BUTTON)


async def settle(group: LiftSet) -> None:
    """Rest since the last lift, then wait until glute and hamstring have been quiet for two seconds."""
    desk, part, side = group.desk, group.part, group.side
    rest_left_s = group.last_over_s + REST_S - desk.clock.now()
    if rest_left_s > 0:
        skip = Button("next", t.NEXT_LIFT, "primary", "space")
        desk.change(ring=Ring("rest", t.REST, desk.clock.now(), rest_left_s), buttons=group.buttons(skip))
        await listen(group, rest_left_s, lambda: False, skips=True)
    part.mark(f"relax/{side}")
    desk.change(ring=Ring("settle", t.SETTLE, desk.clock.now()), buttons=group.buttons(MARK_BUTTON), checks=())

    def quiet() -> bool:
        return part.engine.levels.quiet_s(group.columns) >= QUIET_S

    while not quiet():
        await listen(group, _NEVER_QUIET_S, quiet)
        if quiet():
            break
        if part.faults.lost:
            continue
        loud = {t.muscle(part.engine.channels[c].label) for c in part.engine.levels.loud(group.columns)}
        names = " and ".join(sorted(loud))
        words = t.NEVER_QUIET.format(muscles=names.capitalize())
        go_on = Button("anyway", t.GO_ON_ANYWAY, "primary", "space")
        desk.change(checks=(Check("attention", words, t.NEVER_QUIET_REMEDY),), buttons=group.buttons(go_on))
        if await listen(group, _NEVER_QUIET_S, quiet, skips=True):
            break
    desk.change(checks=())


async def foreperiod(group: LiftSet) -> bool:
    """Wait a random time for the tone; return False where somebody moved before it."""
    desk, levels = group.desk, group.part.engine.levels
    length_s = float(group.rng.uniform(*FOREPERIOD_S))
    desk.change(ring=Ring("foreperiod", t.FOREPERIOD, desk.clock.now(), length_s), buttons=group.buttons(MARK_BUTTON))
    quiet_before = levels.quiet_s(group.columns) > 0
    await listen(group, length_s, lambda: quiet_before and levels.active(group.columns))
    return not (quiet_before and levels.active(group.columns))


async def lead_through(group: LiftSet, look: Callable[[], bool] = lambda: False) -> None:
    """Give the tone, and lead through lifting, holding and lowering."""
    desk = group.desk
    desk.tone("lift")
    for phase, words, seconds in (
        ("lift", t.LIFT, _UP_S),
        ("hold", t.HOLD, _HOLD_S),
        ("lower", t.LOWER, _DOWN_S),
    ):
        if phase == "lower":
            desk.tone("relax")
        desk.change(ring=Ring(phase, words, desk.clock.now(), seconds))  # type: ignore[arg-type]
        await listen(group, seconds, look)


async def listen(group: LiftSet, seconds: float, until: Callable[[], bool], *, skips: bool = False) -> bool:
    """Wait, and do meanwhile what buttons ask for; return whether "next" or "anyway" ended it.

    Raises
    ------
    SetOver
        Somebody stopped.
    """
    desk = group.desk
    over_s = desk.clock.now() + seconds
    while True:
        command = await desk.wait(max(over_s - desk.clock.now(), 0.0), until=until)
        if command is None:
            return False
        if command.do == "stop":
            raise SetOver("stop")
        if command.do == "pause":
            begun_s = desk.clock.now()
            await _paused(group)
            over_s += desk.clock.now() - begun_s
        elif command.do == "repeat":
            take_back(group.course, command)
            desk.refresh()
        elif command.do == "mark":
            group.part.mark("note", "marked")
        elif command.do in ("next", "anyway") and skips:
            return True


async def _paused(group: LiftSet) -> None:
    desk, begun_s = group.desk, group.desk.clock.now()
    ring, buttons, lines = desk.screen.ring, tuple(desk.screen.buttons), desk.screen.lines
    group.part.mark("pause")
    group.n_pauses += 1
    desk.change(
        ring=Ring("rest", t.PAUSED, desk.clock.now()),
        buttons=(Button("resume", t.RESUME, "primary", "space"), _MOVED, NOTE_BUTTON, STOP_BUTTON),
    )
    while True:
        command = await desk.ask()
        if command.do == "stop":
            raise SetOver("stop")
        if command.do == "moved":
            group.part.mark("moved")
            desk.change(lines=(t.MOVED_NOTED,))
        if command.do == "resume":
            break
    group.last_over_s = -math.inf
    if ring is not None:  # what was left of it is still left
        ring = replace(ring, start_s=ring.start_s + desk.clock.now() - begun_s)
    desk.change(ring=ring, buttons=buttons, lines=lines)


async def pause_between(group: LiftSet) -> None:
    """Rest between two sets of five, unless somebody goes on."""
    desk = group.desk
    ring = Ring("rest", t.SET_PAUSE, desk.clock.now(), SET_PAUSE_S)
    desk.change(ring=ring, buttons=group.buttons(Button("next", t.GO_ON, "primary", "space")))
    await listen(group, SET_PAUSE_S, lambda: False, skips=True)


def take_back(course: Course, command: Command) -> None:
    """Take back a lift of the present side: the last one, or the one with the id that the command names."""
    about = int(command.about) if command.about.isdecimal() else None
    wanted = [each for each in course.to_take_back() if about is None or each.id == about]
    if wanted:
        undo(course, wanted[-1], "")


def undo(course: Course, asked: Try, reason: str) -> None:
    """Take a lift back, in the recording too: an ``undo`` event at the moment of its cue, with the reason."""
    asked.undone, asked.reason = True, reason or asked.reason
    if course.part is not None and math.isfinite(asked.cue_host_s):
        course.part.mark(f"undo/{asked.side}", reason, t_host_s=asked.cue_host_s)
