"""The lifts: settle, foreperiod, tone, lift, and what is said of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from emgorder.analysis import AnalysisEvent, LiftStarted, Settings
from emgorder.guided import texts as t
from emgorder.guided.course import Course, Try
from emgorder.guided.desk import BACK_BUTTON, NOTE_BUTTON, Command, Desk
from emgorder.guided.part import Part
from emgorder.guided.plan import FOREPERIOD_S, QUIET_S, REST_S, SET_PAUSE_S, SET_SIZE, LiftPlan
from emgorder.guided.screens import Button, Card, Check, Ring, StepName
from emgorder.guided.setup_steps import Move
from emgorder.model import Side, Sync
from emgorder.order.session import pool_side
from emgorder.report.words import verdict_sentence

__all__ = ["lifts", "practice", "take_back"]

_UP_S, _HOLD_S, _DOWN_S = 1.0, 1.5, 1.0
_NEVER_QUIET_S = 20.0
_RESULT_S = 8.0  # a lift is analysed 3.5 s after its tone, and several sensors come a second late
_EXTRA_TRIES = 5

_STOP = Button("stop", t.STOP_KEEP, "danger", "q")
_PAUSE = Button("pause", t.PAUSE, "quiet", "p")
_UNDO = Button("undo", t.UNDO, "quiet", "u")
_AGAIN = Button("repeat", t.AGAIN, "quiet", "r")


class _Over(Exception):
    """The set was ended by a button."""

    def __init__(self, move: Move) -> None:
        super().__init__(move)
        self.move = move


@dataclass(slots=True)
class _Set:
    """What the lifts of one side need."""

    desk: Desk
    course: Course
    part: Part
    side: Side
    step: StepName
    rng: np.random.Generator
    last_over_s: float = -math.inf
    n_pauses: int = 0

    @property
    def columns(self) -> list[int]:
        """Columns of glute and hamstring."""
        codes = {label.split("_")[0] for label in self.course.plan.labels(self.side)}
        return self.part.engine.columns(self.side, *codes)

    def buttons(self, *first: Button) -> tuple[Button, ...]:
        """Return the buttons of a lift."""
        undo = (_UNDO, _AGAIN) if any(x.done and not x.undone for x in self.course.of_side(self.side)) else ()
        return (*first, _PAUSE, *undo, NOTE_BUTTON, _STOP)


async def practice(desk: Desk, course: Course, rng: np.random.Generator, *, step: StepName = "practice") -> Move:
    """Lifts that are not scored."""
    part = course.part
    assert part is not None
    group = _Set(desk, course, part, course.side, step, rng)
    desk.show(
        step,
        t.STEPS["practice"],
        t.PRACTICE_INSTRUCTION.format(side=t.SIDES[course.side]),
        lines=(t.LIFT_READ_OUT, t.LIFTS_LINE),
        traces=True,
        buttons=(
            Button("start", t.START, "primary", "space"),
            Button("skip", t.SKIP),
            Button("sound", t.SOUND_TEST),
            BACK_BUTTON,
            NOTE_BUTTON,
            _STOP,
        ),
    )
    while (command := await desk.ask()).do == "sound":
        desk.tone("test")
    if command.do != "start":
        return "next" if command.do == "skip" else "back" if command.do == "back" else "stop"
    cards: list[Card] = []
    total = course.plan.n_practice
    try:
        for number in range(1, total + 1):
            await _settle(group)
            if not await _foreperiod(group):
                continue
            levels = part.engine.levels
            seen = [False]

            def look(levels=levels, columns=group.columns, seen=seen) -> bool:  # type: ignore[no-untyped-def]
                seen[0] = seen[0] or levels.active(columns)
                return False

            part.mark(f"practice/{course.side}")
            await _lifted(group, look)
            what, state = (t.PRACTICE_SEEN, "ok") if seen[0] else (t.PRACTICE_MISSED, "attention")
            line = t.PRACTICE_CARD.format(number=number, total=total, what=what)
            cards.append(Card(-number, course.side, line, state, False))  # type: ignore[arg-type]
            desk.change(cards=tuple(cards))
    except _Over as over:
        if over.move != "next":
            return over.move
    desk.change(
        ring=None, buttons=(Button("next", t.NEXT, "primary", "space"), Button("repeat", t.AGAIN, "quiet", "r"))
    )
    if (await desk.ask()).do == "repeat":
        return await practice(desk, course, rng, step=step)
    return "next"


async def lifts(
    desk: Desk, course: Course, settings: Settings, rng: np.random.Generator, *, step: StepName = "lifts"
) -> Move:
    """Lead through the lifts of one side, until as many count as were planned or somebody stops."""
    part, side, total = course.part, course.side, course.plan.n_lifts
    assert part is not None
    group = _Set(desk, course, part, side, step, rng)
    if not part.engine.begun:
        part.engine.begin(settings, course.sync)
    title = f"{t.STEPS['lifts']} · {t.LEGS[side].lower()}"
    desk.show(
        step,
        title,
        course.instruction,
        lines=(t.LIFT_READ_OUT if not course.cued else t.CUED_READ_OUT, t.LIFTS_LINE),
        traces=True,
        buttons=(Button("start", t.START, "primary", "space"), BACK_BUTTON, NOTE_BUTTON, _STOP),
    )
    first = await desk.ask()
    if first.do in ("back", "stop"):
        return "back" if first.do == "back" else "stop"
    try:
        while True:
            await _until_enough(group, settings)
            _reveal(course, side)
            counted, tried = course.n_counted(side), len(course.of_side(side))
            words = t.SET_DONE.format(leg=t.LEGS[side], count=counted)
            if counted < total:
                words = t.ENOUGH_TRIED.format(count=counted, total=total, tried=tried)
            desk.change(
                instruction=words,
                lines=_so_far(group, settings),
                ring=None,
                buttons=(
                    Button("next", t.NEXT, "primary", "space"),
                    Button("more", t.MORE_LIFTS),
                    _UNDO,
                    NOTE_BUTTON,
                    _STOP,
                ),
            )
            command = await desk.ask()
            if command.do == "more":
                course.plan = _with_more(course, side)
                desk.change(instruction=course.instruction, lines=(t.LIFTS_LINE,))
                continue
            return "stop" if command.do == "stop" else "next"
    except _Over as over:
        _reveal(course, side)
        return over.move


def take_back(course: Course, command: Command) -> None:
    """Take back a lift: the last one, or the one with the id that the command names."""
    about = int(command.about) if command.about.isdecimal() else None
    open_ = [each for each in course.tries if each.done and not each.undone]
    wanted = [each for each in open_ if about is None or each.id == about]
    if wanted:
        _undo(course, wanted[-1], "")


def _so_far(group: _Set, settings: Settings) -> tuple[str, ...]:
    """Return what the lifts of this side say so far, so that more can be done while the electrodes are on."""
    course = group.course
    glute, hamstring = (label.split("_")[0] for label in course.plan.labels(group.side))
    side = pool_side(
        [each.result for each in course.of_side(group.side) if each.counted and each.result is not None],
        side=group.side,
        rope_s=settings.rope_s,
        sync=course.sync or Sync(),
        glute=glute,
        hamstring=hamstring,
    )
    return (t.SO_FAR.format(sentence=verdict_sentence(side)),)


def _with_more(course: Course, side: Side) -> LiftPlan:
    return replace(course.plan, n_lifts=course.n_counted(side) + SET_SIZE)


async def _until_enough(group: _Set, settings: Settings) -> None:
    """Ask for lifts until enough count, or too many did not."""
    course, side = group.course, group.side
    begun, since_pause = len(course.of_side(side)), course.n_counted(side)
    while course.n_counted(side) < course.plan.n_lifts:
        missing = course.plan.n_lifts - course.n_counted(side)
        if len(course.of_side(side)) - begun >= course.plan.n_lifts + _EXTRA_TRIES and missing:
            return
        if course.n_counted(side) - since_pause >= SET_SIZE:
            since_pause = course.n_counted(side)
            await _pause_between(group)
        await _one(group)


async def _one(group: _Set) -> None:
    """Ask for one lift and wait for what is said of it."""
    desk, course, part, side = group.desk, group.course, group.part, group.side
    number = course.n_counted(side) + 1
    asked = Try(len(course.tries) + 1, side, number, max(course.plan.n_lifts, number))
    await _settle(group)
    n_faults, n_pauses = part.faults.n_events, group.n_pauses
    still = await _foreperiod(group)
    if group.n_pauses > n_pauses:  # who was spoken to is not waiting for a tone any more
        return
    if not still:
        asked.done, asked.reason = True, "moved before the tone"
        part.mark(f"early/{side}")
        course.tries.append(asked)
        desk.refresh()
        return
    mark = part.mark(f"cue/{side}")
    if mark is None:
        return
    asked.cue_host_s, asked.cue_s = mark.t_host_s, part.stream_s(mark.t_host_s)
    course.tries.append(asked)

    def see(event: AnalysisEvent) -> None:
        if isinstance(event, LiftStarted) and not asked.seen:
            asked.seen = True
            desk.refresh()

    part.engine.listeners.append(see)
    await _lifted(group)
    desk.change(ring=Ring("rest", t.REST, desk.clock.now()))
    await _listen(
        group,
        _RESULT_S,
        lambda: part.engine.result_at(asked.cue_s) is not None or bool(part.engine.errors) or bool(part.faults.lost),
    )
    part.engine.listeners.remove(see)
    asked.result, asked.done = part.engine.result_at(asked.cue_s), True
    asked.shown = course.plan.mode == "training"
    bad = part.faults.lost or (part.faults.n_events > n_faults and part.faults.off)
    if bad and not asked.undone:
        _undo(course, asked, t.DURING_FAULT)
    group.last_over_s = desk.clock.now()
    desk.refresh()


def _undo(course: Course, asked: Try, reason: str) -> None:
    asked.undone, asked.reason = True, reason or asked.reason
    if course.part is not None and math.isfinite(asked.cue_host_s):
        course.part.mark(f"undo/{asked.side}", reason, t_host_s=asked.cue_host_s)


async def _settle(group: _Set) -> None:
    """Rest since the last lift, then wait until glute and hamstring have been quiet for two seconds."""
    desk, part, side = group.desk, group.part, group.side
    rest_left_s = group.last_over_s + REST_S - desk.clock.now()
    if rest_left_s > 0:
        skip = Button("next", t.NEXT_LIFT, "primary", "space")
        desk.change(ring=Ring("rest", t.REST, desk.clock.now(), rest_left_s), buttons=group.buttons(skip))
        await _listen(group, rest_left_s, lambda: False, skips=True)
    part.mark(f"relax/{side}")
    begun_s = desk.clock.now()
    mark = Button("mark", t.MARK, "primary", "space")
    desk.change(ring=Ring("settle", t.SETTLE, begun_s), buttons=group.buttons(mark), checks=())
    patience_s = _NEVER_QUIET_S
    while part.engine.levels.quiet_s(group.columns) < QUIET_S:
        await _listen(group, patience_s, lambda: part.engine.levels.quiet_s(group.columns) >= QUIET_S)
        if part.engine.levels.quiet_s(group.columns) >= QUIET_S:
            break
        if part.faults.lost:
            continue
        loud = {t.muscle(part.engine.channels[c].label) for c in part.engine.levels.loud(group.columns)}
        names = " and ".join(sorted(loud)) or "muscles"
        words = t.NEVER_QUIET.format(muscles=names.capitalize())
        go_on = Button("anyway", t.GO_ON_ANYWAY, "primary", "space")
        desk.change(checks=(Check("attention", words, t.NEVER_QUIET_REMEDY),), buttons=group.buttons(go_on))
        if await _listen(group, patience_s, lambda: part.engine.levels.quiet_s(group.columns) >= QUIET_S, skips=True):
            break
    desk.change(checks=())


async def _foreperiod(group: _Set) -> bool:
    """Wait a random time for the tone; return False where somebody moved before it."""
    desk, levels = group.desk, group.part.engine.levels
    length_s = float(group.rng.uniform(*FOREPERIOD_S))
    mark = Button("mark", t.MARK, "primary", "space")
    desk.change(ring=Ring("foreperiod", t.FOREPERIOD, desk.clock.now(), length_s), buttons=group.buttons(mark))
    quiet_before = levels.quiet_s(group.columns) > 0
    await _listen(group, length_s, lambda: quiet_before and levels.active(group.columns))
    return not (quiet_before and levels.active(group.columns))


async def _lifted(group: _Set, look: Callable[[], bool] = lambda: False) -> None:
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
        await _listen(group, seconds, look)


async def _listen(group: _Set, seconds: float, until: Callable[[], bool], *, skips: bool = False) -> bool:
    """Wait, and do meanwhile what buttons ask for; return whether "next" or "anyway" ended it.

    Raises
    ------
    _Over
        Somebody stopped.
    """
    desk = group.desk
    over_s = desk.clock.now() + seconds
    while True:
        command = await desk.wait(max(over_s - desk.clock.now(), 0.0), until=until)
        if command is None:
            return False
        if command.do == "stop":
            raise _Over("stop")
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


async def _paused(group: _Set) -> None:
    desk = group.desk
    ring, buttons = desk.screen.ring, tuple(desk.screen.buttons)
    group.part.mark("pause")
    group.n_pauses += 1
    desk.change(
        ring=Ring("rest", t.PAUSED, desk.clock.now()),
        buttons=(Button("resume", t.RESUME, "primary", "space"), NOTE_BUTTON, _STOP),
    )
    while True:
        command = await desk.ask()
        if command.do == "stop":
            raise _Over("stop")
        if command.do == "resume":
            break
    group.last_over_s = -math.inf
    desk.change(ring=ring, buttons=buttons)


async def _pause_between(group: _Set) -> None:
    desk = group.desk
    ring = Ring("rest", t.SET_PAUSE, desk.clock.now(), SET_PAUSE_S)
    desk.change(ring=ring, buttons=group.buttons(Button("next", t.GO_ON, "primary", "space")))
    await _listen(group, SET_PAUSE_S, lambda: False, skips=True)


def _reveal(course: Course, side: Side) -> None:
    """Show what was kept back while the set went on."""
    for asked in course.of_side(side):
        asked.shown = True
