"""The steps after the last lift: other side, report, exercises, follow-up; and the earlier tests."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from emgorder.analysis import Settings
from emgorder.errors import EmgOrderError
from emgorder.guided import texts as t
from emgorder.guided.course import Course
from emgorder.guided.desk import Desk
from emgorder.guided.finish import Finished, finish_test, side_views
from emgorder.guided.screens import Button, Check, Choice, Field, PastTest
from emgorder.guided.steps import BACK_BUTTON, NEXT_BUTTON, Move
from emgorder.guided.stored import load_cued, load_result, trends_until, write_report
from emgorder.history.places import REPORT, RESULT, StoredTest, list_tests, write_about
from emgorder.report.changes import point_sentences
from emgorder.report.display import display_text
from emgorder.report.words import verdict_sentence
from emgorder.simulate import SIMULATION

__all__ = [
    "ask_other_side",
    "exercises",
    "follow_up",
    "header_of",
    "is_simulated",
    "past_test",
    "report",
    "report_of",
    "show_finished",
]

_VERDICTS = "verdicts"
_HOME = Button("home", t.HOME, "quiet", "h")


async def ask_other_side(desk: Desk, course: Course) -> Move:
    """Ask whether the other side comes now; "stop" where it is left out."""
    other = course.plan.other
    there = course.records(other)
    words = t.OTHER_SAME if there else t.OTHER_MOVE
    desk.show(
        "other",
        t.STEPS["other"],
        t.OTHER_INSTRUCTION.format(leg=t.LEGS[other].lower()),
        lines=(words.format(side=t.SIDES[other]),),
        picture=() if there else course.plan.labels(other),
        buttons=(NEXT_BUTTON, Button("skip", t.OTHER_SKIP), BACK_BUTTON),
    )
    command = await desk.ask()
    return "back" if command.do == "back" else "stop" if command.do == "skip" else "next"


async def report(desk: Desk, course: Course, settings: Settings) -> Move:
    """Work out the result of everything that was recorded, and show it."""
    desk.show("report", t.REPORT_TITLE, t.REPORT_WORKING)
    await asyncio.sleep(0.05)  # so that this is seen before the work begins
    finished = await asyncio.to_thread(finish_test, course.stored, settings)
    return await show_finished(
        desk,
        finished,
        buttons=(
            NEXT_BUTTON,
            *((Button("again", t.RECORD_AGAIN),) if course.problems else ()),
            *((Button("cued", t.CUED_SET),) if finished.result is not None and not course.cued else ()),
            _HOME,
        ),
        checks=tuple(course.problems),
        report=report_of(course.stored) if finished.result is not None else "",
    )


def report_of(stored: StoredTest) -> str:
    """Return the id of a test's report, nothing where it has none."""
    return stored.id if (stored.path / REPORT).is_file() else ""


async def show_finished(
    desk: Desk,
    finished: Finished,
    *,
    buttons: Sequence[Button],
    checks: Sequence[Check] = (),
    replayed: bool = False,
    report: str = "",
) -> Move:
    """Show a result: the sentence of each side, the lifts as dots, where the files are, and the way to a report."""
    problems = tuple(Check("attention", t.sentence(display_text(text, 300))) for text in finished.problems)
    result = finished.result
    desk.show(
        "report",
        t.REPORT_TITLE,
        "" if result is not None else t.REPORT_NONE,
        lines=t.REPORT_LIMITS,
        sides=(
            *(side_views(result) if result is not None else ()),
            *(side_views(finished.cued, cued=True) if finished.cued is not None else ()),
        ),
        checks=(*checks, *problems),
        files=tuple(str(path) for path in finished.files),
        report=report,
        buttons=tuple(buttons),
        simulated=result is not None and is_simulated(result.meta),
        replayed=replayed,
    )
    moves: dict[str, Move] = {"home": "home", "again": "again", "cued": "cued"}
    return moves.get((await desk.ask()).do, "next")


async def exercises(desk: Desk, course: Course) -> Move:
    """Let the clinician choose exercises; they are saved with the test."""
    chosen = tuple(course.stored.about.get("exercises", ()))
    choices = tuple(Choice(name, name) for name in t.EXERCISES)
    checks: tuple[Check, ...] = ()
    while True:
        desk.show(
            "exercises",
            t.STEPS["exercises"],
            t.EXERCISES_INSTRUCTION,
            lines=t.EXERCISES_LINES,
            fields=(Field("exercises", t.EXERCISES_FIELD, "many", chosen, choices),),
            checks=checks,
            buttons=(NEXT_BUTTON, BACK_BUTTON, _HOME),
        )
        command = await desk.ask()
        wanted = tuple(command.values.get("exercises", chosen))
        if wanted != chosen:
            try:
                course.stored = write_about(course.stored, {"exercises": list(wanted)})
                chosen = wanted
                if report_of(course.stored):
                    await asyncio.to_thread(_write_again, course.stored)
            except EmgOrderError as error:
                checks = (Check("stop", t.sentence(str(error))),)
                continue
        return "back" if command.do == "back" else "home" if command.do == "home" else "next"


def _write_again(stored: StoredTest) -> None:
    tuple(write_report(stored, load_result(stored), load_cued(stored)))


async def follow_up(desk: Desk, course: Course, folder: Path) -> Move:
    """Show the earlier tests of this person, and what has changed since, or why that cannot be said."""
    earlier = [
        test for test in list_tests(folder) if test.id != course.stored.id and test.pseudonym == course.plan.pseudonym
    ]
    words = t.FOLLOW_INSTRUCTION if earlier else t.FOLLOW_NONE
    changes = await asyncio.to_thread(_changes, course.stored) if earlier else ()
    desk.show(
        "follow",
        t.STEPS["follow"],
        words.format(pseudonym=display_text(course.plan.pseudonym)),
        lines=(*changes, *t.FOLLOW_LINES),
        past=tuple(past_test(test, actions=False) for test in earlier),
        buttons=(Button("home", t.DONE, "primary", "space"), BACK_BUTTON),
    )
    command = await desk.ask()
    return "back" if command.do == "back" else "home"


def _changes(stored: StoredTest) -> tuple[str, ...]:
    """Return what has changed on each side of this test since the ones before, in words."""
    try:
        trends, now = trends_until(stored)
    except EmgOrderError as error:
        return (t.FOLLOW_FAILED.format(reason=display_text(error, 300)),)
    points = [p for trend in trends for p in trend.points if p.visit in now.sides]
    return tuple(
        t.FOLLOW_CHANGE.format(leg=t.LEGS[point.visit.side], what=sentence)
        for point in points
        for sentence in point_sentences(point)
    )


def is_simulated(meta: Mapping[str, Any]) -> bool:
    """Return whether a sidecar tells of a simulation."""
    return meta.get("Manufacturer") == SIMULATION


def past_test(stored: StoredTest, *, actions: bool = True) -> PastTest:
    """Return what a list shows of a test in the folder."""
    pseudonym, when = display_text(stored.pseudonym), _when(stored)
    offered: list[Button] = []
    state = "unfinished"
    lines: tuple[str, ...] = (t.UNFINISHED,)
    if stored.finished:
        try:
            state, lines = "finished", _verdicts(stored)
            offered.append(Button(f"open:{stored.id}", t.OPEN))
        except EmgOrderError as error:
            state, lines = "unreadable", (t.UNREADABLE.format(reason=display_text(error, 200)),)
    if stored.journals:
        if state != "finished":
            offered.append(Button(f"finish:{stored.id}", t.FINISH_IT))
        offered += [Button(f"replay1:{stored.id}", t.REPLAY_1), Button(f"replay4:{stored.id}", t.REPLAY_4)]
    return PastTest(stored.id, pseudonym, when, lines, state, tuple(offered) if actions else ())  # type: ignore[arg-type]


def header_of(stored: StoredTest) -> str:
    """Return whose test it is and when it was, for the status line."""
    return " · ".join(filter(None, (display_text(stored.pseudonym), _when(stored))))


def _when(stored: StoredTest) -> str:
    return display_text(str(stored.about.get("started", "")).replace("T", " ")[:16])


def _verdicts(stored: StoredTest) -> tuple[str, ...]:
    """Return the verdict of each side in words; noted in ``test.json``, since results are slow to read.

    What is noted holds for the very file that it was read from, and for this version's words.
    """
    from emgorder import __version__

    status = (stored.path / RESULT).stat()
    of = [__version__, status.st_size, status.st_mtime_ns]
    noted = stored.about.get(_VERDICTS)
    if isinstance(noted, Mapping) and noted.get("of") == of and isinstance(noted.get("words"), list):
        return tuple(str(line) for line in noted["words"])
    words = tuple(verdict_sentence(side) for side in load_result(stored).sides)
    if stored.about:
        with contextlib.suppress(EmgOrderError):  # a folder that cannot be written is only slower
            write_about(stored, {_VERDICTS: {"of": of, "words": list(words)}})
    return words
