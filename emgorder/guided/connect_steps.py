"""Sensors: which of them, which muscle is on which channel, and how far their clocks are apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from emgorder.acquisition.checkup import check_sensor
from emgorder.acquisition.table import Table, real_table
from emgorder.acquisition.transport import Clock, SensorInfo
from emgorder.errors import EmgOrderError
from emgorder.guided import texts as t
from emgorder.guided.checks import judge_taps
from emgorder.guided.course import Course
from emgorder.guided.desk import Desk, problem
from emgorder.guided.part import Part
from emgorder.guided.screens import Button, Check, Choice, Field, Ring
from emgorder.guided.steps import (
    AGAIN_BUTTON,
    BACK_BUTTON,
    NEXT_BUTTON,
    SKIP_BUTTON,
    SOUND_BUTTON,
    Move,
    columns_of,
    leaving,
)
from emgorder.report.display import display_text
from emgorder.sensors.registry import sensors
from emgorder.simulate import SIMULATION

__all__ = ["connect", "tap_test"]

_SCAN_S = 5.0
_CHECK_S = 3.3  # a checkup needs three
_N_TAPS, _TAP_EVERY_S = 5, 1.0
_TAP_LATE_S = 0.35  # a finger follows the click, and taps are looked for up to 0.5 s after their mark


async def connect(desk: Desk, course: Course, *, simulate: bool, make: Callable[[Clock], Table]) -> Move:
    """Find sensors, say which muscle is on which channel, and begin to record."""
    found: list[SensorInfo] = []
    ticked: Sequence[str] | None = tuple(sensor.id for sensor in course.chosen) or None
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
            fields=(_sensor_field(found, ticked),) if found else (),
            simulated=simulated,
            buttons=(
                *((Button("use", t.USE_THESE, "primary", "space"),) if found else ()),
                Button("scan", t.SCAN_AGAIN, "quiet" if found else "primary", "r" if found else "space"),
                *(() if simulated else (Button("simulate", t.SIMULATE),)),
                SOUND_BUTTON,
                BACK_BUTTON,
            ),
        )
        command = await desk.ask()
        scan = command.do in ("scan", "simulate")
        ticked = command.values.get("sensors", ticked)
        if command.do == "back":
            return "back"
        if command.do == "sound":
            desk.tone("test")
        if command.do == "simulate":
            table, ticked = make(desk.clock), None
        if command.do != "use":
            continue
        chosen = tuple(sensor for sensor in found if sensor.id in _ticked(found, ticked))
        if not chosen:
            checks = problem(t.NONE_CHOSEN)
            continue
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


def _ticked(found: Sequence[SensorInfo], ticked: Sequence[str] | None) -> tuple[str, ...]:
    """Return the sensors that are taken: those that somebody ticked; the first where nobody has, or they are gone."""
    here = tuple(sensor.id for sensor in found if sensor.id in (ticked or ()))
    usual = tuple(sensor.id for sensor in found[:1])
    return here if here or (ticked is not None and not ticked) else usual


def _sensor_field(found: Sequence[SensorInfo], ticked: Sequence[str] | None) -> Field:
    choices = tuple(
        Choice(s.id, f"{display_text(s.name or s.id, 40)} · {sensors()[s.key].title}" + _signal(s)) for s in found
    )
    return Field("sensors", t.CHOOSE, "many", _ticked(found, ticked), choices, help=t.CHOOSE_HELP)


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
        bad = [check.told for check in looked.checks if not check.good]
        checks += [Check("attention", f"{name}: {t.sentence(text)}") for text in bad]
        if not bad:
            checks.append(Check("ok", f"{name}: {widths[sensor.id]} × {looked.sampling_frequency:g} Hz"))
    labels = await _assign(desk, course, chosen, widths, checks)
    if labels is None:
        return "back"
    desk.change(lines=(t.STARTING,), buttons=(), fields=())
    both = {*course.plan.labels("R"), *course.plan.labels("L")} <= {
        label for given in labels.values() for label in given
    }
    part = Part(
        table,
        chosen,
        labels,
        course.journal(course.side, both=both),
        meta={**course.plan.meta(cued=course.cued), **({"Manufacturer": SIMULATION} if table.simulated else {})},
        emit=desk.emit,
    )
    try:
        await part.start()
    except EmgOrderError as error:
        course.problems = list(problem(str(error)))
        return "back"
    course.table, course.chosen, course.part = table, chosen, part
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
    given = _usual_labels(course, len(places))
    known = (*course.plan.labels("R"), *course.plan.labels("L"), "ES_R", "ES_L", "GMED_R", "GMED_L")
    choices = (Choice("", t.UNUSED), *(Choice(label, _place_words(label)) for label in known))
    said: tuple[Check, ...] = ()
    while True:
        fields = tuple(
            Field(
                f"c{i}",
                t.CHANNEL_OF.format(name=display_text(sensor.name or sensor.id, 40), number=number + 1),
                "choice",
                given[i],
                choices,
            )
            for i, (sensor, number) in enumerate(places)
        )
        desk.change(
            instruction=t.ASSIGN_INSTRUCTION,
            lines=(),
            fields=fields,
            checks=(*checks, *said),
            buttons=(NEXT_BUTTON, SOUND_BUTTON, BACK_BUTTON),
        )
        command = await desk.ask()
        if command.do == "back":
            return None
        if command.do == "sound":
            desk.tone("test")
            continue
        given = [str(command.values.get(f"c{i}", label)) for i, label in enumerate(given)]
        said = _unfit_labels(given, course)
        if not said:
            return {
                sensor.id: tuple(label for (each, _), label in zip(places, given, strict=True) if each is sensor)
                for sensor in chosen
            }


def _usual_labels(course: Course, n_channels: int) -> list[str]:
    """Return what is offered for each channel: the pair of this side first, unless a board of four holds both sides."""
    right, left = course.plan.labels("R"), course.plan.labels("L")
    pair, other = (left, right) if course.side == "L" else (right, left)
    if n_channels < 4:
        used = [*pair]
    elif course.side == "L":  # a board keeps its places: right first, then left
        used = [*(right if course.plan.both else ("", "")), *left]
    else:
        used = [*pair, *(other if course.plan.both else ())]
    return [*used, *[""] * n_channels][:n_channels]


def _unfit_labels(given: Sequence[str], course: Course) -> tuple[Check, ...]:
    """Return why the labels of the channels cannot be taken: one is there twice, or the pair of this side is not."""
    twice = sorted({label for label in given if label and given.count(label) > 1})
    if twice:
        return (Check("attention", t.TWICE.format(label=_place_words(twice[0]))),)
    if not set(course.plan.labels(course.side)) <= set(given):
        return (Check("attention", t.NEED_PAIR.format(side=t.SIDES[course.side])),)
    return ()


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
    buttons: tuple[Button, ...] = (tap, SKIP_BUTTON, SOUND_BUTTON, BACK_BUTTON)
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
        do = (await desk.ask()).do
        if move := leaving(do):
            return move
        if do == "sound":
            desk.tone("test")
            continue
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
        glute, hamstring = columns_of(part, course.plan.labels(course.side))
        check, sync = judge_taps(
            raw[:, glute], raw[:, hamstring], part.engine.sampling_frequency, marks_s, start_s=start_s
        )
        if sync is not None:
            course.sync = sync
        checks = (check,)
        buttons = (
            (NEXT_BUTTON, replace(AGAIN_BUTTON, do="tap"), BACK_BUTTON)
            if sync is not None
            else (tap, SKIP_BUTTON, BACK_BUTTON)
        )


def _is_past(part: Part, stream_s: float) -> bool:
    return part.engine.now_s > stream_s
