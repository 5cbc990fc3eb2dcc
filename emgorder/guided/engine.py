"""Rows in, strips and levels and live lifts out; the same for sensors and for a recording that is played again."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeAlias

import numpy as np

from emgorder.analysis import AnalysisEvent, LiftFinished, SessionAnalyser, Settings
from emgorder.guided.levels import Levels
from emgorder.guided.screens import Traces
from emgorder.guided.strips import Strips
from emgorder.model import Channel, FloatArray, LiftResult, Sync

__all__ = ["LiveEngine"]

Emit: TypeAlias = Callable[[Traces], None]

_RAW_S = 20.0  # kept as it came: a tap test and a contact check are judged from it
_SAME_CUE_S = 0.05


class LiveEngine:
    """What a running test knows of its signals.

    The analysis runs beside the event loop (in a thread where `threaded`), so that packets are stamped on time.

    Parameters
    ----------
    channels : tuple of Channel
        One a column of the rows.
    sampling_frequency : float
        Hz.
    emit : callable
        Is given new columns of the strips.
    threaded : bool
        False for virtual time, which would run away from a thread.

    Attributes
    ----------
    strips : Strips
    levels : Levels
    results : list of LiftResult
        Lifts that were analysed, in the seconds of the rows, still provisional.
    errors : list of Exception
        What ended the live analysis, if anything did; the recording does not need it.
    """

    def __init__(
        self, channels: tuple[Channel, ...], sampling_frequency: float, emit: Emit, *, threaded: bool = True
    ) -> None:
        self.channels, self.sampling_frequency = channels, sampling_frequency
        self.strips = Strips(channels, sampling_frequency)
        self.levels = Levels(sampling_frequency, len(channels))
        self._raw: deque[FloatArray] = deque()
        self._n_raw = 0
        self.results: list[LiftResult] = []
        self.errors: list[Exception] = []
        self.listeners: list[Callable[[AnalysisEvent], None]] = []
        self._n_rows = 0
        self._emit = emit
        self._threaded = threaded
        self._analyser: SessionAnalyser | None = None
        self._origin = 0
        self._work: asyncio.Queue[Callable[[], list[AnalysisEvent]]] = asyncio.Queue()
        self._worker: asyncio.Task[None] | None = None

    @property
    def now_s(self) -> float:
        """Second of the rows at which the signal ends so far."""
        return self._n_rows / self.sampling_frequency

    def push(self, rows: FloatArray) -> None:
        """Take rows, shape (n, n_channels)."""
        if not len(rows):
            return
        self._n_rows += len(rows)
        band, traces = self.strips.push(rows)
        self.levels.push(band)
        self._raw.append(rows)
        self._n_raw += len(rows)
        while self._n_raw - len(self._raw[0]) > _RAW_S * self.sampling_frequency:
            self._n_raw -= len(self._raw.popleft())
        if traces is not None:
            self._emit(traces)
        if self._analyser is not None:
            self._work.put_nowait(partial(self._analyser.push, rows))

    def raw(self, seconds: float) -> FloatArray:
        """Return the last `seconds` as they came (20 s at most), shape (n_samples, n_channels)."""
        most = round(seconds * self.sampling_frequency)
        parts: list[FloatArray] = []
        for block in reversed(self._raw):
            if sum(map(len, parts)) >= most:
                break
            parts.append(block)
        return np.concatenate(parts[::-1])[-most:] if parts else np.empty((0, len(self.channels)))

    def begin(self, settings: Settings, sync: Sync | None = None) -> None:
        """Watch for lifts from now on, with what is known of the clocks; anew if it was begun before."""
        self._analyser = SessionAnalyser(self.channels, self.sampling_frequency, settings, clock=sync, marked=True)
        self._origin = self._n_rows
        self._work = asyncio.Queue()
        if self._worker is None:
            self._worker = asyncio.create_task(self._run())

    @property
    def origin_s(self) -> float:
        """Second of the rows at which the analysis began: what listeners hear counts from there."""
        return self._origin / self.sampling_frequency

    @property
    def begun(self) -> bool:
        """Whether it watches for lifts."""
        return self._analyser is not None

    def mark(self, stream_s: float, trial_type: str, duration_s: float = 0.0) -> None:
        """Tell the analysis of an event at a second of the rows."""
        if self._analyser is not None:
            analyser, at_s = self._analyser, stream_s - self.origin_s

            def tell() -> list[AnalysisEvent]:
                analyser.mark(at_s, trial_type, duration_s)
                return []

            self._work.put_nowait(tell)

    def result_at(self, cue_s: float) -> LiftResult | None:
        """Return the lift whose cue was at a second of the rows, if it has been analysed."""
        fitting = [r for r in self.results if abs(r.lift.cue_s - cue_s) < _SAME_CUE_S]
        return fitting[-1] if fitting else None

    async def close(self) -> None:
        """End the analysis; what is waiting is not done any more."""
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)
            self._worker = None

    async def _run(self) -> None:
        while True:
            job = await self._work.get()
            origin_s = self.origin_s
            try:
                events = await asyncio.to_thread(job) if self._threaded else job()
            except Exception as error:  # whoever shows results must not end the recording
                self.errors.append(error)
                self._analyser = None
                continue
            for event in events:
                if isinstance(event, LiftFinished):
                    self.results.append(_light(event.result).shifted(origin_s))
                for listener in tuple(self.listeners):
                    listener(event)


def _light(result: LiftResult) -> LiftResult:
    """Return a lift without its traces: the strips have been drawn."""
    return replace(result, muscles=tuple(replace(m, trace=None) for m in result.muscles))
