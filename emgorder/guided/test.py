"""The guided test as a whole: from home through the steps to the report, again and again."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from emgorder.acquisition.clocks import PacedClock
from emgorder.acquisition.table import Table, simulated_table
from emgorder.acquisition.transport import Clock, RealClock
from emgorder.analysis import Settings
from emgorder.errors import EmgOrderError, RecordingError
from emgorder.guided import texts as t
from emgorder.guided.after_steps import ask_other_side, exercises, follow_up, past_test, report, show_finished
from emgorder.guided.course import Course
from emgorder.guided.desk import Command, Desk, Listener
from emgorder.guided.finish import Finished, finish_test, load_result
from emgorder.guided.lift_steps import lifts, practice, take_back
from emgorder.guided.plan import read_plan
from emgorder.guided.playback import play
from emgorder.guided.screens import Button, Check, Screen, StepName, Traces
from emgorder.guided.setup_steps import Move, connect, contact, effort, new_test, place, rest, tap_test
from emgorder.guided.strips import traces_of
from emgorder.history.places import StoredTest, default_folder, list_tests, make_test_folder
from emgorder.report.display import display_text

__all__ = ["GuidedTest"]

_ORDER: tuple[StepName, ...] = ("place", "connect", "contact", "rest", "mvc", "practice", "lifts")


class _RecordingEnded(Exception):
    """The recording stopped by itself; what was recorded is kept."""


class GuidedTest:
    """A test of who fires first, step by step: asks, records, judges, reports, for whatever shows its screens.

    Parameters
    ----------
    folder : str or Path, optional
        Where tests are kept, a folder each; made when it is needed. Default: ``emgorder`` in the user's documents.
    clock : Clock, optional
        Everything waits by it; the machine's by default.
    simulate : bool
        Simulated sensors on a simulated person from the start (they can also be chosen later).
    seed : int, optional
        Of the simulated person and of the random foreperiods.
    settings : Settings, optional
        Of the analysis.
    replay : str or Path, optional
        A recording to play through the screens at once.
    speed : float
        How fast `clock` runs, for those who show rings.
    table : callable, optional
        Makes the simulated sensors of the clock that it is given; default:
        :func:`emgorder.acquisition.table.simulated_table` of `seed`.

    Examples
    --------
    >>> import asyncio, tempfile
    >>> guided = GuidedTest(tempfile.mkdtemp(), simulate=True, seed=1)
    >>> async def leave() -> str:
    ...     running = asyncio.create_task(guided.run())
    ...     while not guided.screen.buttons:
    ...         await asyncio.sleep(0.01)
    ...     title = guided.screen.title
    ...     guided.do("quit")
    ...     await running
    ...     return title
    >>> asyncio.run(leave())
    'Who fires first?'
    """

    def __init__(
        self,
        folder: str | Path | None = None,
        *,
        clock: Clock | None = None,
        simulate: bool = False,
        seed: int | None = None,
        settings: Settings | None = None,
        replay: str | Path | None = None,
        speed: float = 1.0,
        table: Callable[[Clock], Table] | None = None,
    ) -> None:
        self._folder = default_folder() if folder is None else Path(folder)
        self._settings = settings or Settings()
        self._simulate = simulate
        self._seed = secrets.randbelow(2**31) if seed is None else seed
        self._rng = np.random.default_rng(self._seed)
        self._replay = None if replay is None else Path(replay)
        self._table = table or (lambda clock: simulated_table(self._seed, clock=clock))
        self._desk = Desk(clock or RealClock(), speed=speed)
        self._desk.decorate = self._decorate
        self._desk.choose = self._of_side
        self._desk.watch = self._watch
        self._desk.inline = {"note": self._note, "undo": self._take_back}
        self._course: Course | None = None
        self._played: Callable[[], Traces | None] | None = None

    @property
    def screen(self) -> Screen:
        """What is to be shown now."""
        return replace(self._desk.screen, now_s=self._desk.clock.now())

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Give every new screen, tone and trace to `listener`, on the event loop; return what ends that."""
        return self._desk.listen(listener)

    def recent(self) -> Traces | None:
        """Return the last 8 s of the strips, for who connects late; None where there are none."""
        if self._played is not None:
            return self._played()
        engine = self._course.engine if self._course is not None else None
        recent = engine.strips.recent() if engine is not None else None
        return None if recent is None else self._of_side(recent)

    def do(self, command: str, values: Mapping[str, Any] | None = None, *, step: str = "") -> str:
        """Press a button of the present screen; return why it cannot be, empty where it is taken.

        Parameters
        ----------
        command : str
            ``do`` of one of the screen's buttons, or of the actions of its earlier tests; ``undo:3`` for a card.
        values : mapping, optional
            What was filled in: names of fields to values. Others are passed over.
        step : str
            The step that the button was seen on; on another one it is refused.
        """
        return self._desk.do(command, values, step=step)

    def report(self, test_id: str) -> str:
        """Return the report of a test as a page.

        Raises
        ------
        RecordingError
            There is no such test, or its result cannot be read.
        """
        from emgorder.report.html import render_html

        return render_html(load_result(self._stored(test_id)))

    async def run(self) -> None:
        """Lead through tests until somebody leaves; keep what is being recorded whatever ends it."""
        try:
            if self._replay is not None:
                await self._play(self._replay, 1.0, None)
            while await self._home():
                pass
        finally:
            await self._close()

    async def _home(self, note: Check | None = None) -> bool:
        """Show home and do what is asked for; return False to leave."""
        self._course = None
        tests = [past_test(test) for test in list_tests(self._folder)]
        buttons = [Button("new", t.NEW_TEST, "primary", "space"), Button("quit", "Quit", "quiet", "q")]
        self._desk.show(
            "home",
            t.HOME_TITLE,
            t.HOME_INSTRUCTION,
            lines=(*t.HOME_LINES, f"Tests are kept in {self._folder}"),
            past=tuple(tests),
            buttons=tuple(buttons),
            simulated=self._simulate,
            checks=(note,) if note else (),
        )
        command = await self._desk.ask()
        if command.do == "quit":
            self._desk.show("home", t.HOME_TITLE, t.DONE)
            return False
        try:
            if command.do == "new":
                await self._new()
            elif command.do in ("open", "finish"):
                await self._open(command)
            elif command.do in ("replay1", "replay4"):
                stored = self._stored(command.about)
                await self._play(stored.journals[0], 4.0 if command.do == "replay4" else 1.0, stored)
        except EmgOrderError as error:
            return await self._home(Check("stop", t.sentence(str(error))))
        return True

    async def _open(self, command: Command) -> None:
        stored = self._stored(command.about)
        if command.do == "finish" or not stored.finished:
            import asyncio

            self._desk.show("report", t.REPORT_TITLE, t.REPORT_WORKING)
            finished = await asyncio.to_thread(finish_test, stored, self._settings)
        else:
            files = sorted(path for path in stored.path.iterdir() if not path.name.startswith("."))
            finished = Finished(load_result(stored), tuple(files))
        await show_finished(self._desk, stored, finished, buttons=(Button("home", t.HOME, "primary", "space"),))

    async def _new(self) -> None:
        values = await new_test(self._desk)
        if values is None:
            return
        plan = read_plan(values)
        stored = make_test_folder(self._folder, plan, datetime.now().astimezone())
        self._course = Course(plan, stored, plan.side, done={"new"})
        try:
            await self._lead(self._course)
        finally:
            await self._close()

    async def _lead(self, course: Course) -> None:
        """Go through the steps of one test; a recording that ends by itself leads to the report."""
        at = 0
        while True:
            try:
                move = await self._side(course, at)
            except _RecordingEnded:
                move = "stop"
            if move == "home":
                return
            if move == "next" and course.plan.both and not course.done_sides:
                move = await self._other(course)
                if move == "back":
                    at = len(_ORDER) - 1
                    continue
            await self._close()
            course.done.add("other")
            move = await report(self._desk, course, self._settings)
            if move == "stop":  # more lifts: a new recording
                course.done_sides, course.problems, at = [], [], _ORDER.index("connect")
                course.part = None
                continue
            course.done.add("report")
            if move == "next":
                await self._after(course)
            return

    async def _side(self, course: Course, at: int) -> Move:
        """Go through the steps of one side from a place on; return "next" when its lifts are done."""
        while at < len(_ORDER):
            step = _ORDER[at]
            move = await self._step(course, step)
            if move == "back":
                at -= 1
                if at < 0:
                    return "home"
                continue
            if move in ("stop", "home"):
                return move
            course.done.add(step)
            at += 1
        return "next"

    async def _step(self, course: Course, step: StepName) -> Move:
        desk = self._desk
        if step == "place":
            return await place(desk, course)
        if step == "connect":
            await self._close()
            move = await connect(desk, course, simulate=self._simulate, make=self._table)
            return await tap_test(desk, course) if move == "next" else move
        if step == "contact":
            return await contact(desk, course)
        if step == "rest":
            return await rest(desk, course)
        if step == "mvc":
            return await effort(desk, course)
        if step == "practice":
            return await practice(desk, course, self._rng)
        return await lifts(desk, course, self._settings, self._rng)

    async def _other(self, course: Course) -> Move:
        """Go through the other side; "back" to the lifts of the first."""
        move = await ask_other_side(self._desk, course)
        if move != "next":
            return move
        there = course.part is not None and set(course.plan.labels(course.plan.other)) <= {
            channel.label for channel in course.part.engine.channels
        }
        course.done_sides.append(course.side)
        course.side = course.plan.other
        course.done -= {"place", "connect", "contact", "rest", "mvc", "practice", "lifts"}
        if there:
            course.done |= {"place", "connect"}
        else:
            await self._close()
        try:
            return await self._side(course, _ORDER.index("contact") if there else 0)
        except _RecordingEnded:
            return "stop"

    async def _after(self, course: Course) -> None:
        while True:
            move = await exercises(self._desk, course)
            if move == "home":
                return
            course.done.add("exercises")
            if await follow_up(self._desk, course, self._folder) != "back":
                return

    async def _play(self, path: Path, speed: float, stored: StoredTest | None) -> None:
        """Play a recording through the screens; its result is that of the file."""
        clock = self._desk.clock
        real = isinstance(clock, RealClock)
        try:
            if real and speed != 1.0:
                self._desk.clock, self._desk.speed = PacedClock(speed), speed
            await play(self._desk, path, self._settings, stored, self._hold)
        finally:
            self._desk.clock, self._played = clock, None
            if real:
                self._desk.speed = 1.0

    def _hold(self, recent: Callable[[], Traces | None]) -> None:
        self._played = recent

    def _stored(self, test_id: str) -> StoredTest:
        for stored in list_tests(self._folder):
            if stored.id == test_id:
                return stored
        raise RecordingError(f"there is no test {display_text(test_id)!r} in {self._folder}")

    async def _close(self) -> None:
        """End the recording that runs, if there is one; what it says of its end is shown."""
        course = self._course
        if course is None or course.part is None:
            return
        part = course.part
        try:
            await part.stop()
        except EmgOrderError as error:
            self._remember_end(course, error)
        if course.part is part:
            course.part = None

    def _remember_end(self, course: Course, error: BaseException) -> None:
        text = t.RECORDING_ENDED.format(reason=display_text(error, 300))
        if all(check.text != text for check in course.problems):
            course.problems.append(Check("stop", text, t.RECORDING_ENDED_REMEDY))

    def _watch(self) -> None:
        """End the step when the recording has ended by itself."""
        course = self._course
        if course is None or course.part is None or course.part.running:
            return
        failure = course.part.failure or RecordingError("the sensors stopped")
        self._remember_end(course, failure)
        raise _RecordingEnded

    def _decorate(self, screen: Screen) -> Screen:
        course = self._course
        if course is None:
            return screen
        plan = course.plan
        simulated = screen.simulated or (course.table is not None and course.table.simulated)
        return replace(
            screen,
            header=f"{display_text(plan.pseudonym)} · {t.LEGS[course.side]} · {t.MODES[plan.mode]}",
            steps=course.rail(screen.step),
            lights=course.lights(),
            faults=course.faults(),
            cards=screen.cards or tuple(each.card() for each in course.of_side(course.side))
            if screen.step in ("lifts", "practice")
            else (),
            onsets=course.onsets() if screen.step == "lifts" else (),
            simulated=simulated,
        )

    def _of_side(self, traces: Traces) -> Traces:
        """Return the strips of the side that is tested now."""
        return traces if self._course is None else traces_of(traces, self._course.side)

    def _note(self, command: Command) -> None:
        course, text = self._course, str(command.values.get("note", "")).strip()
        if course is not None and course.part is not None and text:
            course.part.mark("note", text)

    def _take_back(self, command: Command) -> None:
        if self._course is not None:
            take_back(self._course, command)
