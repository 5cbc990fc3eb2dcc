"""The steps before the first lift: who, where, which sensors, contact, rest, full effort."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, TypeAlias

from emgorder.acquisition.checkup import check_sensor
from emgorder.acquisition.table import Table, real_table
from emgorder.acquisition.transport import Clock, SensorInfo
from emgorder.errors import EmgOrderError
from emgorder.guided import texts as t
from emgorder.guided.checks import judge_contact, judge_rest, judge_taps
from emgorder.guided.course import Course
from emgorder.guided.desk import BACK_BUTTON, NOTE_BUTTON, Desk, problem
from emgorder.guided.part import Part
from emgorder.guided.plan import new_pseudonym, read_plan
from emgorder.guided.screens import Button, Check, Choice, Field, Ring, StepName
from emgorder.report.display import display_text
from emgorder.sensors.registry import sensors

__all__ = ["Move", "connect", "contact", "effort", "new_test", "place", "rest", "tap_test"]

Move: TypeAlias = Literal["next", "back", "stop", "home"]

_SCAN_S = 5.0
_CHECK_S = 3.3  # a checkup needs three
_N_TAPS, _TAP_EVERY_S = 5, 1.0
_TAP_LATE_S = 0.35  # a finger follows the click, and taps are looked for up to 0.5 s after their mark
_CALM_S, _EFFORT_S = 2.5, 3.0
_REST_S = 5.0
_MVC_S, _MVC_TRIALS, _MVC_REST_S = 4.0, 3, 60.0
_NEXT = Button("next", t.NEXT, "primary", "space")
_STOP = Button("stop", t.STOP_KEEP, "danger", "q")


async def new_test(desk: Desk) -> Mapping[str, Any] | None:
    """Ask who is tested and how; return the values of the form, None to go back."""
    values: dict[str, Any] = {"pseudonym": new_pseudonym()}
    checks: tuple[Check, ...] = ()
    while True:
        desk.show(
            "new",
            t.STEPS["new"],
            t.NEW_INSTRUCTION,
            fields=_form(values),
            checks=checks,
            buttons=(_NEXT, BACK_BUTTON),
        )
        command = await desk.ask()
        if command.do == "back":
            return None
        values |= command.values
        try:
            read_plan(values)
        except EmgOrderError as error:
            checks = (Check("stop", t.sentence(str(error))),)
            continue
        return values


def _form(values: Mapping[str, Any]) -> tuple[Field, ...]:
    def chosen(name: str, default: Any) -> Any:
        return values.get(name, default)

    sides = (Choice("R", t.LEGS["R"]), Choice("L", t.LEGS["L"]))
    heads = tuple(Choice(code, words) for code, words in t.HEADS.items())
    modes = tuple(Choice(mode, words) for mode, words in t.MODE_CHOICES.items())
    return (
        Field("pseudonym", t.PSEUDONYM, "text", chosen("pseudonym", ""), help=t.PSEUDONYM_HELP),
        Field("side", t.FIRST_SIDE, "choice", chosen("side", "R"), sides),
        Field("both", t.BOTH_SIDES, "flag", chosen("both", True)),
        Field("hamstring", t.HEAD, "choice", chosen("hamstring", "BF"), heads),
        Field("pain", t.PAIN, "number", chosen("pain", ""), help=t.PAIN_HELP, low=0, high=10),
        Field("mode", t.MODE, "choice", chosen("mode", "assessment"), modes),
        Field("n_lifts", t.COUNT, "number", chosen("n_lifts", 10), low=1, high=50),
        Field("fit", t.SCREEN, "flag", chosen("fit", False)),
    )


async def place(desk: Desk, course: Course) -> Move:
    """Show where the electrodes go."""
    leg = t.LEGS[course.side].lower()
    desk.show(
        "place",
        t.STEPS["place"],
        t.PLACE_INSTRUCTION.format(leg=leg),
        picture=course.plan.labels(course.side),
        lines=(t.PLACE_GLUTE, t.PLACE_HAMSTRING[course.plan.hamstring], *t.PLACE_LINES),
        details=t.PLACE_DETAILS,
        buttons=(_NEXT, BACK_BUTTON),
    )
    return "back" if (await desk.ask()).do == "back" else "next"


async def connect(desk: Desk, course: Course, *, simulate: bool, make: Callable[[Clock], Table]) -> Move:
    """Find sensors, say which muscle is on which channel, and begin to record."""
    found: list[SensorInfo] = []
    checks: tuple[Check, ...] = ()
    scan = True
    table: Table | None = (course.table or make(desk.clock)) if simulate else None
    while True:
        if scan:
            desk.show("connect", t.STEPS["connect"], t.CONNECT_INSTRUCTION, lines=(t.SCANNING,), buttons=(BACK_BUTTON,))
            table = table or real_table(desk.clock)
            found, checks = await _scan(table)
        simulated = table is not None and table.simulated
        desk.show(
            "connect",
            t.STEPS["connect"],
            t.CONNECT_INSTRUCTION,
            checks=checks,
            fields=(_sensor_field(found, course.chosen),) if found else (),
            simulated=simulated,
            buttons=(
                *((Button("use", t.USE_THESE, "primary", "space"),) if found else ()),
                Button("scan", t.SCAN_AGAIN, "quiet" if found else "primary", "r" if found else "space"),
                *(() if simulated else (Button("simulate", t.SIMULATE),)),
                Button("sound", t.SOUND_TEST),
                BACK_BUTTON,
            ),
        )
        command = await desk.ask()
        scan = command.do in ("scan", "simulate")
        if command.do == "back":
            return "back"
        if command.do == "sound":
            desk.tone("test")
        if command.do == "simulate":
            table = make(desk.clock)
        if command.do != "use":
            continue
        wanted = command.values.get("sensors") or _usual(found)
        chosen = tuple(sensor for sensor in found if sensor.id in wanted)
        assert table is not None
        begun = await _check_and_begin(desk, course, table, chosen)
        if begun == "next":
            return "next"
        checks = tuple(course.problems)
        course.problems.clear()


async def _scan(table: Table) -> tuple[list[SensorInfo], tuple[Check, ...]]:
    try:
        found = await table.transport.discover(0.2 if table.simulated else _SCAN_S)
    except EmgOrderError as error:
        return [], (Check("stop", t.RADIO_FAILED.format(reason=display_text(error, 300)), t.NONE_FOUND_REMEDY),)
    except Exception as error:  # whatever the system's Bluetooth raises: simulated sensors must stay in reach
        text = f"{type(error).__name__}: {display_text(error, 300)}"
        return [], (Check("stop", t.RADIO_FAILED.format(reason=text), t.NONE_FOUND_REMEDY),)
    if not found:
        return [], (Check("attention", t.NONE_FOUND, t.NONE_FOUND_REMEDY),)
    return found, ()


def _usual(found: Sequence[SensorInfo]) -> tuple[str, ...]:
    """Return the sensors that are taken unless somebody says otherwise: the first."""
    return (found[0].id,) if found else ()


def _sensor_field(found: Sequence[SensorInfo], chosen: Sequence[SensorInfo]) -> Field:
    known = {sensor.id for sensor in found}
    before = tuple(sensor.id for sensor in chosen if sensor.id in known)
    choices = tuple(
        Choice(s.id, f"{display_text(s.name or s.id, 40)} · {sensors()[s.key].title}" + _signal(s)) for s in found
    )
    return Field("sensors", t.CHOOSE, "many", before or _usual(found), choices, help=t.CHOOSE_HELP)


def _signal(sensor: SensorInfo) -> str:
    return "" if sensor.rssi_dBm is None else f" · {sensor.rssi_dBm:.0f} dBm"


async def _check_and_begin(desk: Desk, course: Course, table: Table, chosen: tuple[SensorInfo, ...]) -> Move:
    """Look at each sensor, ask for its muscles, start the recording."""
    widths: dict[str, int] = {}
    checks: list[Check] = []
    for sensor in chosen:
        name = display_text(sensor.name or sensor.id, 40)
        desk.change(lines=(t.CHECKING.format(name=name),), buttons=(), fields=(), checks=tuple(checks))
        try:
            looked = await check_sensor(table.transport, sensor, clock=desk.clock, seconds=_CHECK_S)
        except EmgOrderError as error:
            course.problems = list(problem(str(error), t.NONE_FOUND_REMEDY))
            return "back"
        widths[sensor.id] = looked.n_channels or sensors()[sensor.key].n_channels
        bad = [check.text for check in looked.checks if not check.good]
        checks += [Check("attention", f"{name}: {t.sentence(text)}") for text in bad]
        if not bad:
            checks.append(Check("ok", f"{name}: {widths[sensor.id]} × {sensors()[sensor.key].sampling_frequency:g} Hz"))
    labels = await _assign(desk, course, chosen, widths, checks)
    if labels is None:
        return "back"
    desk.change(lines=(t.STARTING,), buttons=(), fields=())
    both = set(course.plan.labels(course.plan.other)) <= {label for given in labels.values() for label in given}
    part = Part(
        table,
        chosen,
        labels,
        course.journal(course.side, both=both),
        meta={**course.plan.meta(), **({"Manufacturer": "simulation"} if table.simulated else {})},
        emit=desk.emit,
    )
    try:
        await part.start()
    except EmgOrderError as error:
        course.problems = list(problem(str(error)))
        return "back"
    course.table, course.chosen, course.part, course.names = table, chosen, part, labels
    course.sync, course.efforts = None, {}
    return "next"


async def _assign(
    desk: Desk,
    course: Course,
    chosen: Sequence[SensorInfo],
    widths: Mapping[str, int],
    checks: Sequence[Check],
) -> dict[str, tuple[str, ...]] | None:
    """Ask which muscle is on which channel; None to go back."""
    places = [(sensor, number) for sensor in chosen for number in range(widths[sensor.id])]
    side, other = course.side, course.plan.other if course.side == course.plan.side else course.plan.side
    usual = [*course.plan.labels(side), *course.plan.labels(other)]
    if len(places) >= 4 and side == "L":
        usual = [*course.plan.labels("R"), *course.plan.labels("L")]
    values = {f"c{i}": usual[i] if i < (4 if len(places) >= 4 else 2) else "" for i in range(len(places))}
    known = (*course.plan.labels("R"), *course.plan.labels("L"), "ES_R", "ES_L", "GMED_R", "GMED_L")
    choices = (Choice("", t.UNUSED), *(Choice(label, _place_words(label)) for label in known))
    said: tuple[Check, ...] = ()
    while True:
        fields = tuple(
            Field(
                f"c{i}",
                t.CHANNEL_OF.format(name=display_text(sensor.name or sensor.id, 40), number=number + 1),
                "choice",
                values[f"c{i}"],
                choices,
            )
            for i, (sensor, number) in enumerate(places)
        )
        desk.change(
            instruction=t.ASSIGN_INSTRUCTION,
            lines=(),
            fields=fields,
            checks=(*checks, *said),
            buttons=(_NEXT, Button("sound", t.SOUND_TEST), BACK_BUTTON),
        )
        command = await desk.ask()
        if command.do == "back":
            return None
        if command.do == "sound":
            desk.tone("test")
            continue
        values |= {key: str(value) for key, value in command.values.items()}
        given = [values[f"c{i}"] for i in range(len(places))]
        twice = sorted({label for label in given if label and given.count(label) > 1})
        if twice:
            said = (Check("attention", t.TWICE.format(label=_place_words(twice[0]))),)
        elif not set(course.plan.labels(side)) <= set(given):
            said = (Check("attention", t.NEED_PAIR.format(side=t.SIDES[side])),)
        else:
            return {
                sensor.id: tuple(label for (each, _), label in zip(places, given, strict=True) if each is sensor)
                for sensor in chosen
            }


def _place_words(label: str) -> str:
    code, _, side = label.partition("_")
    return f"{t.muscle(label)} {t.SIDES[side]} ({code})"  # type: ignore[index]


async def tap_test(desk: Desk, course: Course) -> Move:
    """Compare the clocks of two sensors by five taps on both; with one sensor there is nothing to do."""
    part = course.part
    assert part is not None
    if len(part.chosen) < 2:
        return "next"
    tap = Button("tap", t.TAP_START, "primary", "space")
    buttons: tuple[Button, ...] = (tap, Button("skip", t.SKIP), Button("sound", t.SOUND_TEST), BACK_BUTTON)
    checks: tuple[Check, ...] = ()
    while True:
        desk.show(
            "connect",
            t.STEPS["connect"],
            t.TAP_INSTRUCTION,
            lines=(t.TAP_WHY,),
            checks=checks,
            traces=True,
            buttons=buttons,
        )
        command = await desk.ask()
        if command.do == "back":
            return "back"
        if command.do == "sound":
            desk.tone("test")
            continue
        if command.do in ("skip", "next"):
            return "next"
        marks_s = []
        for number in range(_N_TAPS):
            desk.change(ring=Ring("work", str(number + 1), desk.clock.now(), _TAP_EVERY_S), buttons=(), checks=())
            desk.tone("tap")
            mark = part.mark("tap")
            marks_s.append(part.stream_s(mark.t_host_s) if mark else 0.0)
            await desk.wait(_TAP_EVERY_S)
        over_s = marks_s[-1] + _TAP_LATE_S + 0.7
        await desk.wait(_TAP_LATE_S + 1.5, until=partial(_is_past, part, over_s))
        raw = part.engine.raw(12.0)
        start_s = part.engine.now_s - len(raw) / part.engine.sampling_frequency
        glute, hamstring = (_column(part, label) for label in course.plan.labels(course.side))
        check, sync = judge_taps(
            raw[:, glute], raw[:, hamstring], part.engine.sampling_frequency, marks_s, start_s=start_s
        )
        if sync is not None:
            course.sync = part.sync = sync
        checks = (check,)
        buttons = (
            (_NEXT, Button("tap", t.AGAIN, "quiet", "r"), BACK_BUTTON)
            if sync is not None
            else (tap, Button("skip", t.SKIP), BACK_BUTTON)
        )


def _is_past(part: Part, stream_s: float) -> bool:
    return part.engine.now_s > stream_s


def _column(part: Part, label: str) -> int:
    return next(i for i, channel in enumerate(part.engine.channels) if channel.label == label)


async def contact(desk: Desk, course: Course, *, step: StepName = "contact") -> Move:
    """Let each muscle work alone and see how it stands out."""
    part = course.part
    assert part is not None
    labels = course.plan.labels(course.side)
    checks: list[Check] = []
    number = 0
    while number < len(labels):
        column = _column(part, labels[number])
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
            ),
        )
        command = await desk.ask()
        if command.do == "back":
            return "back"
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
        buttons=(_NEXT, Button("repeat", t.AGAIN, "quiet", "r"), BACK_BUTTON, NOTE_BUTTON),
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
                *((_NEXT,) if quiet else (Button("start", t.START, "primary", "space"),)),
                *((Button("start", t.AGAIN, "quiet", "r"),) if quiet else ()),
                *((Button("next", t.GO_ON_ANYWAY),) if checks and not quiet else ()),
                BACK_BUTTON,
                NOTE_BUTTON,
            ),
        )
        command = await desk.ask()
        if command.do == "back":
            return "back"
        if command.do == "next":
            return "next"
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
        buttons=(Button("skip", t.SKIP, "primary", "space"), Button("start", t.START), BACK_BUTTON, NOTE_BUTTON),
    )
    command = await desk.ask()
    if command.do in ("back", "skip"):
        return "back" if command.do == "back" else "next"
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
                buttons=(Button("start", t.START, "primary", "space"), Button("skip", t.SKIP), NOTE_BUTTON),
            )
            if (await desk.ask()).do == "skip":
                return "next"
            if await _effort(desk, course, _column(part, label), f"mvc/{label}", what, _MVC_S) == "next":
                name = t.muscle(label).capitalize()
                checks.append(Check("ok", t.MVC_DONE.format(muscle=name, number=number)))
        if number < _MVC_TRIALS:
            ring = Ring("rest", t.MVC_REST, desk.clock.now(), _MVC_REST_S)
            skip = (Button("next", t.GO_ON, "primary", "space"),)
            desk.change(instruction=t.MVC_REST, ring=ring, checks=tuple(checks), buttons=skip)
            await desk.wait(_MVC_REST_S)
    return "next"
