"""Recordings played again through the screens of a test, at their own pace or faster."""

from __future__ import annotations

import asyncio
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from emgorder.acquisition.transport import RealClock
from emgorder.analysis import Settings, analyse
from emgorder.analysis.events import AnalysisEvent, LiftFinished
from emgorder.analysis.merge import merge_results
from emgorder.analysis.result import SessionResult
from emgorder.analysis.segment import split_trial_type
from emgorder.errors import EmgOrderError, EmgOrderWarning, RecordingError
from emgorder.guided import texts as t
from emgorder.guided.after_steps import is_simulated, show_finished
from emgorder.guided.desk import Desk
from emgorder.guided.engine import LiveEngine
from emgorder.guided.finish import Finished, has_lifts, is_cued
from emgorder.guided.screens import Button, Card, OnsetMark, Ring, Traces
from emgorder.history.places import StoredTest
from emgorder.io import read_recording
from emgorder.model import LiftResult, Recording
from emgorder.report.display import display_text
from emgorder.report.words import lift_line

__all__ = ["REPLAYED", "play"]

REPLAYED = "replay"
"""Id of the report of what was played last; no test in the folder can be called so."""

_BLOCK_S = 0.04
_STOP = Button("stop", t.STOP, "quiet", "q")
_SKIP = Button("skip", t.TO_THE_RESULT, "primary", "space")


async def play(
    desk: Desk,
    paths: Sequence[Path],
    settings: Settings,
    stored: StoredTest | None,
    *,
    hold: Callable[[Callable[[], Traces | None]], None],
    keep: Callable[[SessionResult], None],
) -> None:
    """Play recordings one after another: strips, tones and lifts as they were; then the result of the whole files.

    Parameters
    ----------
    desk : Desk
        Where they are shown.
    paths : sequence of Path
        The recordings of one test, or one from elsewhere.
    settings : Settings
        Of the analysis.
    stored : StoredTest or None
        The test that they are of.
    hold : callable
        Given what returns the last seconds of the strips.
    keep : callable
        Given the result whose report the screen offers.

    Raises
    ------
    RecordingError
        They cannot be read, or hold nothing to analyse.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EmgOrderWarning)  # they are in the recordings' notes
        recordings, problems = await asyncio.to_thread(_read_all, paths)
        for recording in recordings:
            move = await _show(desk, recording, settings, hold)
            if move == "stop":
                return
            if move == "skip":
                break
        desk.show("report", t.REPORT_TITLE, t.REPORT_WORKING, replayed=True)
        name = None if stored is None else stored.pseudonym
        result, cued = await asyncio.to_thread(_analyse, recordings, settings, name)
    shown = result or cued
    if shown is not None:
        keep(shown)
    done = (Button("home", t.HOME, "primary", "space"),)
    finished = Finished(result, tuple(paths), problems, cued)
    await show_finished(desk, finished, buttons=done, replayed=True, report=REPLAYED if shown is not None else "")


async def _show(
    desk: Desk, recording: Recording, settings: Settings, hold: Callable[[Callable[[], Traces | None]], None]
) -> str:
    """Play one recording; return "skip" or "stop" where somebody pressed that, else nothing."""
    shown = _Shown(desk, recording)
    threaded = isinstance(desk.clock, RealClock)
    engine = LiveEngine(recording.channels, recording.sampling_frequency, desk.emit, threaded=threaded)
    hold(engine.strips.recent)
    engine.listeners.append(shown.take)
    engine.begin(settings, recording.clock)
    try:
        return await _feed(desk, recording, engine, shown)
    finally:
        await engine.close()


def _read_all(paths: Sequence[Path]) -> tuple[list[Recording], tuple[str, ...]]:
    """Return what can be read, and what cannot, in words; raise where nothing can."""
    if not paths:
        raise RecordingError("there is no recording of this test any more: nothing can be played")
    recordings: list[Recording] = []
    problems: list[str] = []
    for path in paths:
        try:
            recordings.append(_read(path))
        except EmgOrderError as error:
            if len(paths) == 1:
                raise
            problems.append(str(error))
    if not recordings:
        raise RecordingError("; ".join(problems))
    return recordings, tuple(problems)


def _analyse(
    recordings: Sequence[Recording], settings: Settings, name: str | None
) -> tuple[SessionResult | None, SessionResult | None]:
    """Return the result of the recordings, and that of those with a cue; of a test as it is finished."""
    if name is None:
        (recording,) = recordings
        return analyse(recording, settings), None
    found: dict[bool, list[SessionResult]] = {False: [], True: []}
    for recording in recordings:
        if has_lifts(recording):
            found[is_cued(recording.name)].append(analyse(recording, settings))
    whole, cued = (merge_results(results, name=name) if results else None for results in found.values())
    return whole, cued


def _read(path: Path) -> Recording:
    """Return what is to be played: of a journal its CSV where that is there, so that numbers are those of the file."""
    csv = path.with_suffix(".csv")
    return read_recording(csv if path.suffix.lower() == ".emgj" and csv.is_file() else path)


async def _feed(desk: Desk, recording: Recording, engine: LiveEngine, shown: _Shown) -> str:
    """Push the samples at their time; return "skip" or "stop" where somebody pressed that, else nothing."""
    fs = recording.sampling_frequency
    size = max(1, round(_BLOCK_S * fs))
    events = sorted(
        (float(onset), str(name), float(length))
        for onset, name, length in zip(
            recording.events["onset"], recording.events["trial_type"], recording.events["duration"], strict=True
        )
    )
    began_s = desk.clock.now()
    shown.begin()
    at = 0
    for first in range(0, recording.n_samples, size):
        now_s = first / fs
        while at < len(events) and events[at][0] <= now_s:
            onset_s, name, length_s = events[at]
            engine.mark(onset_s, name, length_s)
            shown.event(name, desk.clock.now())
            at += 1
        engine.push(recording.data[first : first + size])
        left_s = began_s + (first + size) / fs - desk.clock.now()
        if left_s <= 0:
            await asyncio.sleep(0)
        command = await desk.wait(max(left_s, 0.0))
        if command is not None:
            return command.do
    command = await desk.wait(0.5)
    return "" if command is None else command.do


class _Shown:
    """Cards, tones and rings of a replay."""

    def __init__(self, desk: Desk, recording: Recording) -> None:
        self._desk = desk
        self._title = t.REPLAYING.format(name=display_text(recording.name))
        self._simulated = is_simulated(recording.meta)
        self._cards: list[Card] = []
        self._onsets: list[OnsetMark] = []

    def begin(self) -> None:
        self._desk.show(
            "lifts",
            t.STEPS["lifts"],
            self._title,
            traces=True,
            simulated=self._simulated,
            replayed=True,
            buttons=(_SKIP, _STOP),
            ring=Ring("settle", t.SETTLE, self._desk.clock.now()),
        )

    def event(self, name: str, now_s: float) -> None:
        kind, side = split_trial_type(name)
        if kind in ("cue", "practice"):
            self._desk.tone("lift")
            self._desk.change(ring=Ring("lift", f"{t.LIFT} {t.SIDES[side]}".strip(), now_s, 1.0))
        elif kind == "relax":
            self._desk.change(ring=Ring("settle", t.SETTLE, now_s))
        elif kind == "tap":
            self._desk.tone("tap")

    def take(self, event: AnalysisEvent) -> None:
        if not isinstance(event, LiftFinished):
            return
        result = event.result
        order = result.order
        self._cards.append(
            Card(
                result.lift.number,
                result.lift.side,
                lift_line(_settled(result)),
                "ok" if result.valid else "attention",
                result.valid,
                difference_ms=_ms(order.difference_s, result),
                low_ms=_ms(order.low_s, result),
                high_ms=_ms(order.high_s, result),
            )
        )
        self._onsets += [
            OnsetMark(m.channel, m.onset.time_s, m.onset.low_s, m.onset.high_s)
            for m in result.muscles[:2]
            if m.onset.found
        ]
        self._desk.change(cards=tuple(self._cards), onsets=tuple(self._onsets[-6:]))


def _settled(result: LiftResult) -> LiftResult:
    return replace(result, provisional=False)


def _ms(value_s: float, result: LiftResult) -> float:
    return round(value_s * 1e3, 1) if result.valid else math.nan
