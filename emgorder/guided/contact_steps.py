"""Contact, rest and full effort: what each muscle shows before the first lift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from emgorder.guided import texts as t
from emgorder.guided.checks import judge_contact, judge_rest
from emgorder.guided.course import Course
from emgorder.guided.desk import Desk
from emgorder.guided.screens import Button, Check, Ring
from emgorder.guided.steps import (
    AGAIN_BUTTON,
    BACK_BUTTON,
    NEXT_BUTTON,
    NOTE_BUTTON,
    SKIP_BUTTON,
    START_BUTTON,
    STOP_BUTTON,
    Move,
    columns_of,
    leaving,
)

__all__ = ["contact", "effort", "rest"]

_CALM_S, _EFFORT_S = 2.5, 3.0
_REST_S = 5.0
_AGAIN = (Check("attention", t.LOST_MEANWHILE),)
_MVC_S, _MVC_TRIALS, _MVC_REST_S = 4.0, 3, 60.0


async def contact(desk: Desk, course: Course) -> Move:
    """Let each muscle work alone and see how it stands out."""
    part = course.part
    assert part is not None
    labels = course.plan.labels(course.side)
    checks: list[Check] = []
    number = 0
    while number < len(labels):
        (column,) = columns_of(part, labels[number : number + 1])
        template = t.CONTACT_GLUTE if number == 0 else t.CONTACT_HAMSTRING
        what = template.format(side=t.SIDES[course.side])
        desk.show(
            "contact",
            t.STEPS["contact"],
            what,
            lines=(t.CONTACT_WAIT.format(what=what[0].lower() + what[1:], seconds=_EFFORT_S),),
            checks=tuple(checks),
            traces=True,
            buttons=(
                START_BUTTON,
                SKIP_BUTTON,
                *((AGAIN_BUTTON,) if number else ()),
                BACK_BUTTON,
                NOTE_BUTTON,
                STOP_BUTTON,
            ),
        )
        do = (await desk.ask()).do
        if (move := leaving(do)) in ("back", "stop"):
            return move
        if do == "repeat":
            number, checks = 0, []
            continue
        if do == "start":
            checks = [check for check in checks if check not in _AGAIN]
            done = await _effort(desk, course, f"contact/{labels[number]}", what, _EFFORT_S)
            if done != "done":
                checks += _AGAIN if done == "lost" else ()
                continue
            checks = [*checks, *_judged(course, column)]
        number += 1
    desk.change(
        instruction=t.STEPS["contact"],
        lines=(),
        ring=None,
        checks=tuple(checks),
        buttons=(NEXT_BUTTON, AGAIN_BUTTON, BACK_BUTTON, NOTE_BUTTON),
    )
    return leaving((await desk.ask()).do) or await contact(desk, course)


async def _effort(
    desk: Desk, course: Course, name: str, what: str, seconds: float
) -> Literal["done", "broken off", "lost"]:
    """Calm, then an effort of one muscle, and whether it counts: where it does not, the recording says so too."""
    part = course.part
    assert part is not None
    stop = (Button("cancel", t.STOP, "quiet", "q"),)
    desk.change(ring=Ring("rest", t.SETTLE, desk.clock.now(), _CALM_S), buttons=stop)
    if await desk.wait(_CALM_S) is not None:
        return "broken off"
    n_lost = part.faults.n_lost
    desk.tone("lift")
    mark = part.mark(name, duration_s=seconds)
    now = t.CONTACT_NOW.format(what=what[0].lower() + what[1:])
    desk.change(instruction=now, ring=Ring("work", t.WORK, desk.clock.now(), seconds))
    begun_s = part.engine.now_s
    broken_off = await desk.wait(seconds) is not None
    if not broken_off:
        desk.tone("relax")
        await desk.wait(1.0, until=lambda: part.engine.now_s >= begun_s + seconds)
    lost = part.faults.lost_since(n_lost)
    if mark is not None and (broken_off or lost):
        reason = t.BROKEN_OFF if broken_off else t.EFFORT_LOST
        part.mark(f"undo/{name.partition('/')[2]}", reason, t_host_s=mark.t_host_s)
    return "broken off" if broken_off else "lost" if lost else "done"


def _judged(course: Course, column: int) -> list[Check]:
    part = course.part
    assert part is not None
    engine = part.engine
    raw = engine.raw(_CALM_S + _EFFORT_S)
    length_s = len(raw) / engine.sampling_frequency
    effort_s = (max(length_s - _EFFORT_S + 0.6, 0.0), length_s)
    effort = engine.levels.recent(_EFFORT_S - 0.8, 0.6)
    rest = engine.levels.recent(_CALM_S + _EFFORT_S, 0.15)
    return judge_contact(
        engine.channels,
        column,
        raw,
        engine.sampling_frequency,
        effort_s=effort_s,
        effort=effort,
        rest=rest,
        efforts=course.efforts,
    )


async def rest(desk: Desk, course: Course) -> Move:
    """Five seconds of rest, and whether they were."""
    part = course.part
    assert part is not None
    checks: tuple[Check, ...] = ()
    while True:
        quiet = bool(checks) and all(check.state == "ok" for check in checks)
        desk.show(
            "rest",
            t.STEPS["rest"],
            t.REST_INSTRUCTION,
            traces=True,
            checks=checks,
            buttons=(
                *((NEXT_BUTTON,) if quiet else (START_BUTTON,)),
                *((Button("start", t.AGAIN, "quiet", "r"),) if quiet else ()),
                *((Button("next", t.GO_ON_ANYWAY),) if checks and not quiet else ()),
                BACK_BUTTON,
                NOTE_BUTTON,
                STOP_BUTTON,
            ),
        )
        if move := leaving((await desk.ask()).do):
            return move
        part.mark("baseline", duration_s=_REST_S)
        n_lost = part.faults.n_lost
        desk.change(ring=Ring("rest", t.REST, desk.clock.now(), _REST_S), checks=(), buttons=())
        await desk.wait(_REST_S + 0.3)
        if part.faults.lost_since(n_lost):
            checks = _AGAIN
            desk.change(ring=None)
            continue
        engine = part.engine
        columns = columns_of(part, course.plan.labels(course.side))
        checks = tuple(judge_rest(engine.channels, columns, engine.levels, _REST_S, course.efforts))
        if all(check.state == "ok" for check in checks):
            engine.levels.set_rest(_REST_S)
            engine.strips.set_rest(engine.levels.rest)
        desk.change(ring=None)


async def effort(desk: Desk, course: Course) -> Move:
    """Full efforts for the comparison of strength, if anybody wants them."""
    part = course.part
    assert part is not None
    labels = course.plan.labels(course.side)
    desk.show(
        "mvc",
        t.STEPS["mvc"],
        t.MVC_INSTRUCTION,
        lines=(t.MVC_SKIPPED,),
        buttons=(
            replace(SKIP_BUTTON, role="primary", key="space"),
            replace(START_BUTTON, role="quiet", key=""),
            BACK_BUTTON,
            NOTE_BUTTON,
            STOP_BUTTON,
        ),
    )
    if move := leaving((await desk.ask()).do):
        return move
    checks: list[Check] = []
    for number in range(1, _MVC_TRIALS + 1):
        for label, template in zip(labels, (t.CONTACT_GLUTE, t.CONTACT_HAMSTRING), strict=True):
            if move := await _trial(desk, course, label, template.format(side=t.SIDES[course.side]), number, checks):
                return move
            checks.append(Check("ok", t.MVC_DONE.format(muscle=t.muscle(label).capitalize(), number=number)))
        if number < _MVC_TRIALS:
            ring = Ring("rest", t.MVC_REST, desk.clock.now(), _MVC_REST_S)
            skip = (Button("next", t.GO_ON, "primary", "space"), NOTE_BUTTON, STOP_BUTTON)
            desk.change(instruction=t.MVC_REST, ring=ring, checks=tuple(checks), buttons=skip)
            pressed = await desk.wait(_MVC_REST_S)
            if pressed is not None and pressed.do == "stop":
                return "stop"
    return "next"


async def _trial(
    desk: Desk, course: Course, label: str, what: str, number: int, before: Sequence[Check]
) -> Move | None:
    """Ask for one full effort, again where it does not count; return where a button leads that leaves the step."""
    checks = tuple(before)
    while True:
        desk.change(
            instruction=t.MVC_TRIAL.format(what=what, number=number, total=_MVC_TRIALS),
            traces=True,
            lines=(),
            ring=None,
            checks=checks,
            buttons=(START_BUTTON, SKIP_BUTTON, BACK_BUTTON, NOTE_BUTTON, STOP_BUTTON),
        )
        if move := leaving((await desk.ask()).do):
            return move
        done = await _effort(desk, course, f"mvc/{label}", what, _MVC_S)
        if done == "done":
            return None
        checks = (*before, *(_AGAIN if done == "lost" else ()))
