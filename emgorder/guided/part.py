"""One recording of a test while it runs: sensors to a journal, and from there to strips, levels and live lifts."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from emgorder.acquisition.recorder import Delivery, Mark, Recorder
from emgorder.acquisition.session import Stopped, record_session
from emgorder.acquisition.status import LiveStatus
from emgorder.acquisition.table import Table
from emgorder.acquisition.transport import RealClock, SensorInfo
from emgorder.errors import SensorError
from emgorder.guided.engine import LiveEngine
from emgorder.guided.faults import Faults
from emgorder.guided.rows import LiveRows
from emgorder.guided.screens import Traces

__all__ = ["Part"]

_FIRST_ROWS_S = 15.0


class Part:
    """One recording of a test.

    Parameters
    ----------
    table : Table
        Sensors, and the clock.
    chosen : sequence of SensorInfo
        Those to record.
    labels : mapping of str to sequence of str
        Sensor id to the labels of its channels, empty ones left out.
    path : Path
        Of the journal.
    meta : mapping
        For the sidecar.
    emit : callable
        Is given new columns of the strips.

    Attributes
    ----------
    status : LiveStatus
    faults : Faults
    """

    def __init__(
        self,
        table: Table,
        chosen: Sequence[SensorInfo],
        labels: Mapping[str, Sequence[str]],
        path: Path,
        *,
        meta: Mapping[str, Any],
        emit: Callable[[Traces], None],
    ) -> None:
        self.path, self.chosen, self.labels = path, tuple(chosen), dict(labels)
        self._table, self._meta = table, dict(meta)
        self._rows = LiveRows(chosen, labels)
        self._emit = emit
        self._engine: LiveEngine | None = None
        self._early: list[Exception] = []  # before there was an engine
        self.status = LiveStatus(chosen, labels)
        self.faults = Faults(chosen, labels, table.clock)
        self._recorder: Recorder | None = None
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def engine(self) -> LiveEngine:
        """The live engine: there is one from the first samples on, when their rate is known, so after `start`."""
        if self._engine is None:
            raise RuntimeError("no samples have come yet: start the recording first")
        return self._engine

    @property
    def running(self) -> bool:
        """Whether it is being recorded."""
        return self._task is not None and not self._task.done()

    @property
    def failure(self) -> BaseException | None:
        """What ended the recording before it was stopped."""
        if self._task is None or not self._task.done() or self._task.cancelled():
            return None
        return self._task.exception()

    async def start(self) -> None:
        """Open the sensors and record; return when samples of all of them come.

        Raises
        ------
        EmgOrderError
            A sensor cannot be used, or the journal cannot be written.
        """
        self._table.place(self.labels)
        self._task = asyncio.create_task(
            record_session(
                self._table.transport,
                self.chosen,
                self.path,
                labels=self.labels,
                clock=self._table.clock,
                meta=self._meta,
                listeners=(self._table.hear, self.status, self.faults, self._take),
                stop=self._stop,
                ready=self._ready,
            )
        )
        clock = self._table.clock
        latest_s = clock.now() + _FIRST_ROWS_S
        while self._engine is None:
            if self._task.done() or self._early or clock.now() > latest_s:
                break
            await clock.sleep(0.05)
        if self._engine is not None:
            return
        await self.stop()
        why = self._early[0] if self._early else None
        raise SensorError(
            "sends no samples: switch it off and on, and bring it nearer", sensor=self.chosen[0].id
        ) from why

    async def stop(self) -> None:
        """Stop the sensors and close the journal; raise what had ended the recording early."""
        self._stop.set()
        if self._engine is not None:
            await self._engine.close()
        if self._task is not None:
            (ended,) = await asyncio.gather(self._task, return_exceptions=True)
            self._recorder = None
            if isinstance(ended, Exception) and not isinstance(ended, Stopped):
                raise ended

    def mark(
        self, trial_type: str, text: str = "", *, duration_s: float = 0.0, t_host_s: float | None = None
    ) -> Mark | None:
        """Write an event of now (or of another moment), and tell the live analysis; None when nothing is recorded."""
        if self._recorder is None:
            return None
        at_s = self._table.clock.now() if t_host_s is None else t_host_s
        self._recorder.mark(trial_type, text, t_host_s=at_s, duration_s=duration_s)
        stream_s = self.stream_s(at_s)
        if self._engine is not None and math.isfinite(stream_s):
            self._engine.mark(stream_s, trial_type, duration_s)
        return Mark(at_s, trial_type, text, duration_s)

    def stream_s(self, t_host_s: float) -> float:
        """Return the second of the rows at a moment of the clock."""
        return self._rows.stream_s(t_host_s)

    def _ready(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def _take(self, item: Delivery) -> None:
        try:
            rows = self._rows.take(item)
            if not len(rows):
                return
            if self._engine is None:
                threaded = isinstance(self._table.clock, RealClock)
                rate_Hz = self._rows.sampling_frequency
                self._engine = LiveEngine(self._rows.channels, rate_Hz, self._emit, threaded=threaded)
            self._engine.push(rows)
        except Exception as error:  # what is shown must not end what is recorded
            errors = self._early if self._engine is None else self._engine.errors
            if not errors:
                errors.append(error)
