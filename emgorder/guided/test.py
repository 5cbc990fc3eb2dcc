"""The guided test as a whole: from home through the steps to the report, again and again."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from emgorder.acquisition.clocks import PacedClock
from emgorder.acquisition.table import Table, simulated_table
from emgorder.acquisition.transport import Clock, RealClock
from emgorder.analysis import Settings
from emgorder.analysis.result import SessionResult
from emgorder.analysis.settings import chosen_settings
from emgorder.errors import EmgOrderError, RecordingError
from emgorder.guided import texts as t
from emgorder.guided.after_steps import header_of, past_test, report_of, show_finished
from emgorder.guided.ask_steps import new_test
from emgorder.guided.course import Course
from emgorder.guided.desk import Command, Desk, Listener
from emgorder.guided.finish import Finished, finish_test
from emgorder.guided.leading import RecordingEnded, Way, close_part, lead, remember_end
from emgorder.guided.lifting import take_back
from emgorder.guided.plan import read_plan
from emgorder.guided.playback import REPLAYED, play
from emgorder.guided.screens import Button, Check, PastTest, Screen, Traces
from emgorder.guided.stored import load_cued, load_result, render_report
from emgorder.guided.strips import traces_of
from emgorder.history.places import StoredTest, default_folder, drop_empty, list_tests, make_test_folder
from emgorder.report.display import display_text

__all__ = ["GuidedTest"]

_log = logging.getLogger(__name__)
_OF_THE_WHOLE = ("report", "exercises", "follow")  # steps that tell of both legs


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
        self._settings = chosen_settings(settings)
        self._simulate = simulate
        self._seed = secrets.randbelow(2**31) if seed is None else seed
        self._replay = None if replay is None else Path(replay)
        self._way = Way(
            self._folder,
            self._settings,
            np.random.default_rng(self._seed),
            simulate,
            table or (lambda clock: simulated_table(self._seed, clock=clock)),
        )
        self._desk = Desk(clock or RealClock(), speed=speed)
        self._desk.decorate = self._decorate
        self._desk.choose = self._of_side
        self._desk.watch = self._watch
        self._desk.inline = {"note": self._note, "undo": self._take_back}
        self._course: Course | None = None
        self._earlier: StoredTest | None = None
        self._played: Callable[[], Traces | None] | None = None
        self._replayed: SessionResult | None = None

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

    def do(
        self,
        command: str,
        values: Mapping[str, Any] | None = None,
        *,
        step: str = "",
        turn: int | None = None,
    ) -> str:
        """Press a button of the present screen; return why it cannot be, empty where it is taken.

        Parameters
        ----------
        command : str
            ``do`` of one of the screen's buttons, or of the actions of its earlier tests; ``undo:3`` for a card.
        values : mapping, optional
            What was filled in: names of fields to values. Others are passed over.
        step : str
            The step that the button was seen on; on another one it is refused.
        turn : int, optional
            ``turn`` of the screen that the button was seen on: where another button was taken since, it is refused, but
            for a stop, a pause, a mark, a note or a lift taken back.
        """
        return self._desk.do(command, values, step=step, turn=turn)

    def report(self, test_id: str) -> str:
        """Return the report of a test as a page; ``replay`` is what was played last.

        Raises
        ------
        RecordingError
            There is no such test, or its result cannot be read.
        """
        from emgorder.report.html import render_html

        if test_id == REPLAYED and self._replayed is not None:
            return render_html(self._replayed)
        return render_report(self._stored(test_id))

    async def run(self) -> None:
        """Lead through tests until somebody leaves; keep what is being recorded whatever ends it."""
        try:
            if self._replay is not None:
                await self._play((self._replay,), 1.0, None)
            note: tuple[Check, ...] = ()
            while True:
                command = await self._home(note)
                if command.do == "quit":
                    self._desk.show("home", t.HOME_TITLE, t.DONE)
                    return
                note = await self._follow(command)
        finally:
            await self._end()

    async def _home(self, note: tuple[Check, ...]) -> Command:
        """Show home; return what is asked for."""
        self._course = self._earlier = None
        tests: list[PastTest] = []
        try:
            tests = await asyncio.to_thread(lambda: [past_test(test) for test in list_tests(self._folder)])
        except EmgOrderError as error:
            note = (*note, Check("stop", t.sentence(str(error))))
        self._desk.show(
            "home",
            t.HOME_TITLE,
            t.HOME_INSTRUCTION,
            lines=(*t.HOME_LINES, t.KEPT_IN.format(folder=self._folder)),
            past=tuple(tests),
            buttons=(Button("new", t.NEW_TEST, "primary", "space"), Button("quit", t.QUIT, "quiet", "q")),
            simulated=self._simulate,
            checks=note,
        )
        return await self._desk.ask()

    async def _follow(self, command: Command) -> tuple[Check, ...]:
        """Do what was asked for at home; return what kept it from being done, in words."""
        try:
            if command.do == "new":
                await self._new()
            elif command.do in ("open", "finish"):
                await self._open(command)
            elif command.do in ("replay1", "replay4"):
                stored = self._stored(command.about)
                await self._play(stored.journals, 4.0 if command.do == "replay4" else 1.0, stored)
        except EmgOrderError as error:
            return (Check("stop", t.sentence(str(error))),)
        except Exception as error:  # whatever went wrong in one test must not take the app away from the next
            _log.exception("a test ended by a fault")
            words = t.FAULT.format(reason=f"{type(error).__name__}: {display_text(error, 200)}")
            return (Check("stop", words, t.FAULT_REMEDY),)
        return ()

    async def _open(self, command: Command) -> None:
        self._earlier = stored = self._stored(command.about)
        if command.do == "finish" or not stored.finished:
            self._desk.show("report", t.REPORT_TITLE, t.REPORT_WORKING)
            finished = await asyncio.to_thread(finish_test, stored, self._settings)
        else:
            files = sorted(path for path in stored.path.iterdir() if not path.name.startswith("."))
            finished = Finished(load_result(stored), tuple(files), cued=load_cued(stored))
        done = (Button("home", t.HOME, "primary", "space"),)
        report = report_of(stored) if finished.result is not None else ""
        await show_finished(self._desk, finished, buttons=done, report=report)

    async def _new(self) -> None:
        values: Mapping[str, Any] | None = None
        move = "back"
        while move == "back":
            self._course = None
            values = await new_test(self._desk, values)
            if values is None:
                return
            plan = read_plan(values)
            stored = make_test_folder(self._folder, plan, datetime.now().astimezone())
            self._course = Course(plan, stored, plan.side, done={"new"})
            try:
                move = await lead(self._desk, self._course, self._way)
            finally:
                await self._end()
                drop_empty(stored)

    async def _play(self, paths: Sequence[Path], speed: float, stored: StoredTest | None) -> None:
        """Play recordings through the screens; the result is that of the files."""
        self._earlier, clock = stored, self._desk.clock
        real = isinstance(clock, RealClock)
        try:
            if real and speed != 1.0:
                self._desk.clock, self._desk.speed = PacedClock(speed), speed
            await play(self._desk, paths, self._settings, stored, hold=self._hold, keep=self._keep)
        finally:
            self._desk.clock, self._played = clock, None
            if real:
                self._desk.speed = 1.0

    def _hold(self, recent: Callable[[], Traces | None]) -> None:
        self._played = recent

    def _keep(self, result: SessionResult) -> None:
        self._replayed = result

    def _stored(self, test_id: str) -> StoredTest:
        for stored in list_tests(self._folder):
            if stored.id == test_id:
                return stored
        raise RecordingError(f"there is no test {display_text(test_id)!r} in {self._folder}")

    async def _end(self) -> None:
        if self._course is not None:
            await close_part(self._course)

    def _watch(self) -> None:
        """End the step when the recording has ended by itself."""
        course = self._course
        if course is None or course.part is None or course.part.running:
            return
        remember_end(course, course.part.failure or RecordingError("the sensors stopped"))
        raise RecordingEnded

    def _decorate(self, screen: Screen) -> Screen:
        course = self._course
        if course is None and self._earlier is not None:
            return replace(screen, header=header_of(self._earlier))
        if course is None:
            return replace(screen, simulated=self._simulate) if screen.step == "new" else screen
        plan = course.plan
        leg = () if screen.step in _OF_THE_WHOLE else (t.LEGS[course.side],)
        simulated = screen.simulated or self._simulate or (course.table is not None and course.table.simulated)
        return replace(
            screen,
            header=" · ".join((display_text(plan.pseudonym), *leg, t.MODES[plan.mode])),
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
