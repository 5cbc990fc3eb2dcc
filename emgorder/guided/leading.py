"""The way through a test: which step comes when, back and forth, until the report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emgorder.acquisition.table import Table
from emgorder.acquisition.transport import Clock
from emgorder.analysis import Settings
from emgorder.errors import EmgOrderError
from emgorder.guided import texts as t
from emgorder.guided.after_steps import ask_other_side, exercises, follow_up, report
from emgorder.guided.ask_steps import place
from emgorder.guided.connect_steps import connect, tap_test
from emgorder.guided.contact_steps import contact, effort, rest
from emgorder.guided.course import Course
from emgorder.guided.desk import Desk
from emgorder.guided.lift_steps import lifts, practice
from emgorder.guided.screens import Check, StepName
from emgorder.guided.steps import Move
from emgorder.report.display import display_text

__all__ = ["RecordingEnded", "Way", "close_part", "lead", "remember_end"]

_ORDER: tuple[StepName, ...] = ("place", "connect", "contact", "rest", "mvc", "practice", "lifts")
_CONNECT, _CONTACT, _LIFTS = (_ORDER.index(step) for step in ("connect", "contact", "lifts"))


class RecordingEnded(Exception):
    """The recording stopped by itself; what was recorded is kept."""


@dataclass(frozen=True, eq=False, slots=True)
class Way:
    """What the steps of every test need.

    Attributes
    ----------
    folder : Path
        Where tests are kept.
    settings : Settings
        Of the analysis.
    rng : Generator
        Of the foreperiods.
    simulate : bool
        Whether sensors are simulated from the start.
    make : callable
        Makes the simulated sensors of a clock.
    """

    folder: Path
    settings: Settings
    rng: np.random.Generator
    simulate: bool
    make: Callable[[Clock], Table]


async def lead(desk: Desk, course: Course, way: Way) -> Move:
    """Go through the steps of one test; return "back" before the first, else "home".

    A recording that ends by itself leads to the report.
    """
    at = 0
    while True:
        move = await _guarded(desk, course, way, at)
        if move == "back":
            return "back"
        if move == "next" and course.plan.both and not course.done_sides and not course.cued:
            move = await _other(desk, course, way)
            if move == "back":
                at = _LIFTS if course.part is not None else _CONNECT
                continue
        await close_part(course)
        course.done.add("other")
        move = await report(desk, course, way.settings)
        if move in ("again", "cued"):  # a new recording with lifts of its own
            course.cued = course.cued or move == "cued"
            course.tries, course.problems = [], []
            course.done -= {*_ORDER[_CONNECT:], "report"}
            at = _CONNECT
            continue
        course.done.add("report")
        if move == "next":
            await _after(desk, course, way)
        return "home"


async def close_part(course: Course) -> None:
    """End the recording that runs, if there is one; what it says of its end is shown."""
    part = course.part
    if part is None:
        return
    try:
        await part.stop()
    except EmgOrderError as error:
        remember_end(course, error)
    if course.part is part:
        course.part = None


def remember_end(course: Course, error: BaseException) -> None:
    """Keep why a recording ended by itself, for the screens to come."""
    text = t.RECORDING_ENDED.format(reason=display_text(error, 300))
    if all(check.text != text for check in course.problems):
        course.problems.append(Check("stop", text, t.RECORDING_ENDED_REMEDY))


async def _guarded(desk: Desk, course: Course, way: Way, at: int, *, first: int = 0) -> Move:
    """Go through the steps of one side from a place on.

    "next" when its lifts are done, "back" before the `first` step, "stop" when somebody or something ended it.
    """
    try:
        while at < len(_ORDER):
            move = await _step(desk, course, way, _ORDER[at])
            if move == "stop" or (move == "back" and at == first):
                return move
            if move == "back":
                at -= 1
                continue
            course.done.add(_ORDER[at])
            at += 1
    except RecordingEnded:
        return "stop"
    return "next"


async def _step(desk: Desk, course: Course, way: Way, step: StepName) -> Move:
    if step == "place":
        return await place(desk, course)
    if step == "connect":
        await close_part(course)
        move = await connect(desk, course, simulate=way.simulate, make=way.make)
        return await tap_test(desk, course) if move == "next" else move
    if step == "contact":
        return await contact(desk, course)
    if step == "rest":
        return await rest(desk, course)
    if step == "mvc":
        return await effort(desk, course)
    if step == "practice":
        return await practice(desk, course, way.rng)
    return await lifts(desk, course, way.settings, way.rng)


async def _other(desk: Desk, course: Course, way: Way) -> Move:
    """Go through the other side; "back" to the first, "stop" where it is left out or was ended."""
    while True:
        try:
            move = await ask_other_side(desk, course)
        except RecordingEnded:
            return "stop"
        if move != "next":
            return move
        if (move := await _second(desk, course, way)) != "back":
            return move


async def _second(desk: Desk, course: Course, way: Way) -> Move:
    """Go through the steps of the other side; "back" before the first of them, with all as it was."""
    there = course.records(course.plan.other)
    done_before = set(course.done)
    course.done_sides.append(course.side)
    course.side = course.plan.other
    course.done -= set(_ORDER)
    if there:
        course.done |= {"place", "connect"}
    else:
        await close_part(course)
    first = _CONTACT if there else 0  # a recording that holds both legs goes on
    move = await _guarded(desk, course, way, first, first=first)
    if move == "back":
        course.done_sides.pop()
        course.side, course.done = course.plan.side, done_before
    return move


async def _after(desk: Desk, course: Course, way: Way) -> None:
    while await exercises(desk, course) != "home":
        course.done.add("exercises")
        if await follow_up(desk, course, way.folder) != "back":
            return
