"""A recording played again through the screens of a test, at its own pace or faster."""

from __future__ import annotations

import asyncio
import math
import warnings
from collections.abc import Callable
from pathlib import Path

from emgorder.acquisition.transport import RealClock
from emgorder.analysis import Settings, analyse
from emgorder.analysis.events import AnalysisEvent, LiftFinished
from emgorder.analysis.segment import split_trial_type
from emgorder.errors import EmgOrderWarning
from emgorder.guided import texts as t
from emgorder.guided.after_steps import is_simulated, show_finished
from emgorder.guided.desk import Desk
from emgorder.guided.engine import LiveEngine
from emgorder.guided.finish import Finished
from emgorder.guided.screens import Button, Card, OnsetMark, Ring, Traces
from emgorder.history.places import StoredTest
from emgorder.io import read_recording
from emgorder.model import LiftResult, Recording
from emgorder.report.display import display_text
from emgorder.report.words import lift_line

__all__ = ["play"]

_BLOCK_S = 0.04
_STOP = Button("stop", t.STOP, "quiet", "q")
_SKIP = Button("skip", "To the result", "primary", "space")


async def play(
    desk: Desk,
    path: Path,
    settings: Settings,
    stored: StoredTest | None,
    hold: Callable[[Callable[[], Traces | None]], None],
) -> None:
    """Play a recording: strips, tones and lifts as they were; at the end the result of the whole file.

    Raises
    ------
    RecordingError
        It cannot be read, or holds nothing to analyse.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EmgOrderWarning)  # they are in the recording's notes
        recording = await asyncio.to_thread(_read, path)
        shown = _Shown(desk, recording)
        engine = LiveEngine(
            recording.channels,
            recording.sampling_frequency,
            desk.emit,
            threaded=isinstance(desk.clock, RealClock),
        )
        hold(engine.strips.recent)
        engine.listeners.append(shown.take)
        engine.begin(settings, recording.clock)
        try:
            whole = await _feed(desk, recording, engine, shown)
        finally:
            await engine.close()
        if not whole:
            return
        desk.show("report", t.REPORT_TITLE, t.REPORT_WORKING, replayed=True)
        result = await asyncio.to_thread(analyse, recording, settings)
    place = stored or StoredTest(path.stem, path.parent, {})
    done = (Button("home", t.HOME, "primary", "space"),)
    await show_finished(desk, place, Finished(result, (path,)), buttons=done, replayed=True)


def _read(path: Path) -> Recording:
    """Return what is to be played: of a journal its CSV where that is there, so that numbers are those of the file."""
    csv = path.with_suffix(".csv")
    return read_recording(csv if path.suffix.lower() == ".emgj" and csv.is_file() else path)


async def _feed(desk: Desk, recording: Recording, engine: LiveEngine, shown: _Shown) -> bool:
    """Push the samples at their time; return False when somebody stopped."""
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
            return command.do == "skip"
    await desk.wait(0.5)
    return True


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
    from dataclasses import replace

    return replace(result, provisional=False)


def _ms(value_s: float, result: LiftResult) -> float:
    return round(value_s * 1e3, 1) if result.valid else math.nan
