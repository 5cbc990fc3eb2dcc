"""The lifts of a side, practised and counted, and what is said of each."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from emgorder.analysis import AnalysisEvent, LiftStarted, Settings
from emgorder.guided import texts as t
from emgorder.guided.course import Course, Try
from emgorder.guided.desk import Command, Desk
from emgorder.guided.lifting import (
    MARK_BUTTON,
    LiftSet,
    SetOver,
    foreperiod,
    lead_through,
    listen,
    pause_between,
    settle,
    undo,
)
from emgorder.guided.plan import SET_SIZE, LiftPlan
from emgorder.guided.screens import Button, Card, Ring, State
from emgorder.guided.steps import (
    AGAIN_BUTTON,
    BACK_BUTTON,
    NEXT_BUTTON,
    NOTE_BUTTON,
    SKIP_BUTTON,
    SOUND_BUTTON,
    START_BUTTON,
    STOP_BUTTON,
    UNDO_BUTTON,
    Move,
    leaving,
)
from emgorder.model import Side, Sync
from emgorder.order.session import pool_side
from emgorder.report.display import lifts_word
from emgorder.report.words import verdict_sentence

__all__ = ["lifts", "practice"]

_RESULT_S = 8.0  # a lift is analysed 3.5 s after its tone, and several sensors come a second late
_EXTRA_TRIES = 5


async def practice(desk: Desk, course: Course, rng: np.random.Generator) -> Move:
    """Lifts that are not scored."""
    part = course.part
    assert part is not None
    group = LiftSet(desk, course, part, course.side, rng)
    desk.show(
        "practice",
        t.STEPS["practice"],
        t.PRACTICE_INSTRUCTION.format(side=t.SIDES[course.side]),
        lines=(t.LIFT_READ_OUT, t.LIFTS_LINE),
        traces=True,
        buttons=(START_BUTTON, SKIP_BUTTON, SOUND_BUTTON, BACK_BUTTON, NOTE_BUTTON, STOP_BUTTON),
    )
    while (do := (await desk.ask()).do) == "sound":
        desk.tone("test")
    if move := leaving(do):
        return move
    cards: list[Card] = []
    total = course.plan.n_practice
    try:
        for number in range(1, total + 1):
            what = await _practised(group)
            state: State = "ok" if what == t.PRACTICE_SEEN else "attention"
            line = t.PRACTICE_CARD.format(number=number, total=total, what=what)
            cards.append(Card(-number, course.side, line, state, False))
            desk.change(cards=tuple(cards))
    except SetOver as over:
        if over.move != "next":
            return over.move
    desk.change(ring=None, buttons=(NEXT_BUTTON, AGAIN_BUTTON))
    return leaving((await desk.ask()).do) or await practice(desk, course, rng)


async def _practised(group: LiftSet) -> str:
    """Ask for one lift that is not scored; return what was seen of it, in words."""
    await settle(group)
    if not await foreperiod(group):
        return t.PRACTICE_EARLY
    seen = False

    def look() -> bool:
        nonlocal seen
        seen = seen or group.part.engine.levels.active(group.columns)
        return False

    group.part.mark(f"practice/{group.side}")
    await lead_through(group, look)
    return t.PRACTICE_SEEN if seen else t.PRACTICE_MISSED


async def lifts(desk: Desk, course: Course, settings: Settings, rng: np.random.Generator) -> Move:
    """Lead through the lifts of one side, until as many count as were planned or somebody stops."""
    part, side, total = course.part, course.side, course.plan.n_lifts
    assert part is not None
    group = LiftSet(desk, course, part, side, rng)
    if not part.engine.begun:
        part.engine.begin(settings, course.sync)
    title = f"{t.STEPS['lifts']} · {t.LEGS[side].lower()}"
    desk.show(
        "lifts",
        title,
        course.instruction,
        lines=(t.LIFT_READ_OUT if not course.cued else t.CUED_READ_OUT, t.LIFTS_LINE),
        traces=True,
        buttons=(START_BUTTON, BACK_BUTTON, NOTE_BUTTON, STOP_BUTTON),
    )
    if move := leaving((await desk.ask()).do):
        return move
    desk.change(lines=())
    try:
        while True:
            await _until_enough(group)
            _reveal(course, side)
            command = await _set_over(group, settings, total)
            if command.do == "more":
                course.plan = _with_more(course, side)
                desk.change(instruction=course.instruction, lines=())
                continue
            return leaving(command.do) or "next"
    except SetOver as over:
        _reveal(course, side)
        return over.move


async def _set_over(group: LiftSet, settings: Settings, total: int) -> Command:
    """Show what the set came to, anew whenever a lift is taken back, until a button is pressed."""
    desk, course, side = group.desk, group.course, group.side
    while True:
        counted, tried = course.n_counted(side), len(course.of_side(side))
        words = t.SET_DONE.format(leg=t.LEGS[side], count=counted, lifts=lifts_word(counted))
        if counted < total:
            words = t.ENOUGH_TRIED.format(count=counted, total=total, tried=tried)
        desk.change(
            instruction=words,
            lines=_so_far(group, settings),
            ring=None,
            buttons=(
                NEXT_BUTTON,
                Button("more", t.MORE_LIFTS),
                *((UNDO_BUTTON,) if course.to_take_back() else ()),
                NOTE_BUTTON,
                STOP_BUTTON,
            ),
        )
        command = await desk.wait(until=partial(_differs, course, side, counted))
        if command is not None:
            return command


def _differs(course: Course, side: Side, counted: int) -> bool:
    return course.n_counted(side) != counted


def _so_far(group: LiftSet, settings: Settings) -> tuple[str, ...]:
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
    return t.SO_FAR.format(sentence=verdict_sentence(side)), t.SO_FAR_LINE


def _with_more(course: Course, side: Side) -> LiftPlan:
    """Return the plan with five more, or with those of the set that are missing."""
    counted = course.n_counted(side)
    return course.plan if counted < course.plan.n_lifts else replace(course.plan, n_lifts=counted + SET_SIZE)


async def _until_enough(group: LiftSet) -> None:
    """Ask for lifts until enough count, or too many did not."""
    course, side = group.course, group.side
    begun, since_pause = len(course.of_side(side)), course.n_counted(side)
    while course.n_counted(side) < course.plan.n_lifts:
        if len(course.of_side(side)) - begun >= course.plan.n_lifts + _EXTRA_TRIES:
            return
        if course.n_counted(side) - since_pause >= SET_SIZE:
            since_pause = course.n_counted(side)
            await pause_between(group)
        await _one(group)


async def _one(group: LiftSet) -> None:
    """Ask for one lift and wait for what is said of it."""
    desk, course, part, side = group.desk, group.course, group.part, group.side
    number = course.n_counted(side) + 1
    asked = Try(len(course.tries) + 1, side, number, max(course.plan.n_lifts, number), part=part)
    await settle(group)
    n_faults, n_pauses = part.faults.n_events, group.n_pauses
    still = await foreperiod(group)
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
    desk.change(buttons=group.buttons(MARK_BUTTON))

    def see(event: AnalysisEvent) -> None:
        if isinstance(event, LiftStarted) and not asked.seen:
            asked.seen = True
            desk.refresh()

    part.engine.listeners.append(see)
    await lead_through(group)
    desk.change(ring=Ring("rest", t.REST, desk.clock.now()))
    await listen(
        group,
        _RESULT_S,
        lambda: part.engine.result_at(asked.cue_s) is not None or bool(part.engine.errors) or bool(part.faults.lost),
    )
    part.engine.listeners.remove(see)
    asked.result, asked.done = part.engine.result_at(asked.cue_s), True
    asked.blind = bool(part.engine.errors)
    asked.shown = course.plan.mode == "training"
    bad = part.faults.lost or (part.faults.n_events > n_faults and part.faults.off)
    if bad and not asked.undone:
        undo(course, asked, t.DURING_FAULT)
    group.last_over_s = desk.clock.now()
    desk.refresh()


def _reveal(course: Course, side: Side) -> None:
    """Show what was kept back while the set went on."""
    for asked in course.of_side(side):
        asked.shown = True
