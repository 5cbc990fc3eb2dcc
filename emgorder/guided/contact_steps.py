"""Contact, rest and full effort: what each muscle shows before the first lift."""

from __future__ import annotations

from emgorder.guided import texts as t
from emgorder.guided.checks import judge_contact, judge_rest
from emgorder.guided.course import Course
from emgorder.guided.desk import Desk
from emgorder.guided.screens import Button, Check, Ring, StepName
from emgorder.guided.steps import BACK_BUTTON, NEXT_BUTTON, NOTE_BUTTON, STOP_BUTTON, Move, column_of

__all__ = ["contact", "effort", "rest"]

_CALM_S, _EFFORT_S = 2.5, 3.0
_REST_S = 5.0
_MVC_S, _MVC_TRIALS, _MVC_REST_S = 4.0, 3, 60.0


async def contact(desk: Desk, course: Course, *, step: StepName = "contact") -> Move:
    """Let each muscle work alone and see how it stands out."""
    part = course.part
    assert part is not None
    labels = course.plan.labels(course.side)
    checks: list[Check] = []
    number = 0
    while number < len(labels):
        column = column_of(part, labels[number])
        template = t.CONTACT_GLUTE if number == 0 else t.CONTACT_HAMSTRING
        what = template.format(side=t.SIDES[course.side])
        desk.show(
            step,
            t.STEPS["contact"],
            what,
            lines=(t.CONTACT_WAIT.format(what=what[0].lower() + what[1:], seconds=_EFFORT_S),),
            checks=tuple(checks),
            traces=True,
            buttons=(
                Button("start", t.START, "primary", "space"),
                Button("skip", t.SKIP),
                *((Button("repeat", t.AGAIN, "quiet", "r"),) if number else ()),
                BACK_BUTTON,
                NOTE_BUTTON,
                STOP_BUTTON,
            ),
        )
        command = await desk.ask()
        if command.do in ("back", "stop"):
            return "back" if command.do == "back" else "stop"
        if command.do == "repeat":
            number, checks = 0, []
            continue
        if command.do == "start":
            if await _effort(desk, course, column, f"contact/{labels[number]}", what, _EFFORT_S) == "stop":
                continue
            checks = [*checks, *_judged(course, column)]
        number += 1
    desk.change(
        instruction=t.STEPS["contact"],
        lines=(),
        ring=None,
        checks=tuple(checks),
        buttons=(NEXT_BUTTON, Button("repeat", t.AGAIN, "quiet", "r"), BACK_BUTTON, NOTE_BUTTON),
    )
    command = await desk.ask()
    if command.do == "repeat":
        return await contact(desk, course, step=step)
    return "back" if command.do == "back" else "next"


async def _effort(desk: Desk, course: Course, column: int, name: str, what: str, seconds: float) -> Move:
    """Calm, then an effort of one muscle; "stop" when somebody broke it off."""
    part = course.part
    assert part is not None
    stop = (Button("cancel", t.STOP, "quiet", "q"),)
    desk.change(ring=Ring("rest", t.SETTLE, desk.clock.now(), _CALM_S), buttons=stop)
    if await desk.wait(_CALM_S) is not None:
        return "stop"
    desk.tone("lift")
    part.mark(name, duration_s=seconds)
    now = t.CONTACT_NOW.format(what=what[0].lower() + what[1:])
    desk.change(instruction=now, ring=Ring("work", t.WORK, desk.clock.now(), seconds))
    begun_s = part.engine.now_s
    if await desk.wait(seconds) is not None:
        return "stop"
    desk.tone("relax")
    await desk.wait(1.0, until=lambda: part.engine.now_s >= begun_s + seconds)
    return "next"


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


async def rest(desk: Desk, course: Course, *, step: StepName = "rest") -> Move:
    """Five seconds of rest, and whether they were."""
    part = course.part
    assert part is not None
    checks: tuple[Check, ...] = ()
    while True:
        quiet = bool(checks) and all(check.state == "ok" for check in checks)
        desk.show(
            step,
            t.STEPS["rest"],
            t.REST_INSTRUCTION,
            traces=True,
            checks=checks,
            buttons=(
                *((NEXT_BUTTON,) if quiet else (Button("start", t.START, "primary", "space"),)),
                *((Button("start", t.AGAIN, "quiet", "r"),) if quiet else ()),
                *((Button("next", t.GO_ON_ANYWAY),) if checks and not quiet else ()),
                BACK_BUTTON,
                NOTE_BUTTON,
                STOP_BUTTON,
            ),
        )
        command = await desk.ask()
        if command.do != "start":
            return "next" if command.do == "next" else "back" if command.do == "back" else "stop"
        part.mark("baseline", duration_s=_REST_S)
        desk.change(ring=Ring("rest", t.REST, desk.clock.now(), _REST_S), checks=(), buttons=())
        await desk.wait(_REST_S + 0.3)
        engine = part.engine
        columns = engine.columns(course.side, *{label.split("_")[0] for label in course.plan.labels(course.side)})
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
            Button("skip", t.SKIP, "primary", "space"),
            Button("start", t.START),
            BACK_BUTTON,
            NOTE_BUTTON,
            STOP_BUTTON,
        ),
    )
    command = await desk.ask()
    if command.do != "start":
        return "next" if command.do == "skip" else "back" if command.do == "back" else "stop"
    checks: list[Check] = []
    for number in range(1, _MVC_TRIALS + 1):
        for label, template in zip(labels, (t.CONTACT_GLUTE, t.CONTACT_HAMSTRING), strict=True):
            what = template.format(side=t.SIDES[course.side])
            asked = t.MVC_TRIAL.format(what=what, number=number, total=_MVC_TRIALS)
            desk.change(
                instruction=asked,
                traces=True,
                lines=(),
                ring=None,
                checks=tuple(checks),
                buttons=(
                    Button("start", t.START, "primary", "space"),
                    Button("skip", t.SKIP),
                    BACK_BUTTON,
                    NOTE_BUTTON,
                    STOP_BUTTON,
                ),
            )
            do = (await desk.ask()).do
            if do != "start":
                return "next" if do == "skip" else "back" if do == "back" else "stop"
            if await _effort(desk, course, column_of(part, label), f"mvc/{label}", what, _MVC_S) == "next":
                name = t.muscle(label).capitalize()
                checks.append(Check("ok", t.MVC_DONE.format(muscle=name, number=number)))
        if number < _MVC_TRIALS:
            ring = Ring("rest", t.MVC_REST, desk.clock.now(), _MVC_REST_S)
            skip = (Button("next", t.GO_ON, "primary", "space"), NOTE_BUTTON, STOP_BUTTON)
            desk.change(instruction=t.MVC_REST, ring=ring, checks=tuple(checks), buttons=skip)
            pressed = await desk.wait(_MVC_REST_S)
            if pressed is not None and pressed.do == "stop":
                return "stop"
    return "next"
