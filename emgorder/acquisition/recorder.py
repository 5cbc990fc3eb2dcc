"""The recorder: takes what links deliver, writes it to the journal, and only then shows it to anyone."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, TypeAlias

from emgorder.acquisition.host import HostTimes, HostWatch, read_host_times
from emgorder.acquisition.transport import Clock, LinkEvent, Packet, RealClock
from emgorder.errors import RecordingError
from emgorder.io.journal import JournalWriter, Record
from emgorder.sensors.base import SensorDescriptor

__all__ = ["Delivery", "Listener", "Mark", "Recorder", "Segment", "delivered", "describe"]

_SYNC_EVERY_S = 0.5  # half of the second that may be lost, the other half is for a slow disk
_LOW_SPACE_B = 64 << 20  # an hour of two sensors at 1 kHz takes about 50 MB
_LONGEST_TEXT = 4000


class Mark(NamedTuple):
    """An event of the session: host's monotonic seconds, `cue/R`, `lift/R`, `tap`, ..., a remark, its length."""

    t_host_s: float
    trial_type: str
    text: str = ""
    duration_s: float = 0.0


class Segment(NamedTuple):
    """Clocks changed: of one sensor, or of the host (empty `sensor`).

    `refit` tells whether sample times before and after must be fitted apart.
    """

    sensor: str
    t_host_s: float
    reason: str
    seconds: float = 0.0
    refit: bool = True
    text: str = ""


Delivery: TypeAlias = "Packet | LinkEvent | Mark | Segment"
Listener: TypeAlias = Callable[[Delivery], None]


def describe(descriptor: SensorDescriptor) -> dict[str, Any]:
    """Return a descriptor as JSON can hold it, for the header of a journal."""

    def plain(value: Any) -> Any:
        if isinstance(value, bytes):
            return value.hex()
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value

    described: dict[str, Any] = plain(asdict(descriptor))
    return described


def delivered(record: Record) -> Delivery:
    """Return what was handed to the recorder when it wrote `record`.

    Examples
    --------
    >>> delivered(Record("mark", "", 2.0, b'{"trial_type":"cue/R","text":""}'))
    Mark(t_host_s=2.0, trial_type='cue/R', text='', duration_s=0.0)
    """
    if record.kind == "packet":
        return Packet(record.sensor, record.t_host_s, record.data)
    said = record.content()
    text = str(said.get("text", ""))
    if record.kind == "mark":
        return Mark(record.t_host_s, str(said.get("trial_type", "")), text, _seconds(said.get("duration_s")))
    if record.kind == "event":
        kind: Any = str(said.get("kind", "note"))
        return LinkEvent(record.sensor, record.t_host_s, kind, bool(said.get("requested")), text)
    moved, reason = _seconds(said.get("seconds")), str(said.get("reason", ""))
    return Segment(record.sensor, record.t_host_s, reason, moved, bool(said.get("refit", True)), text)


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


class Recorder:
    """A sink for links, around one journal.

    Used as ``async with``: entering makes the file, leaving ends and closes it. Call it with packets and link events
    on the event loop; each is written, then handed to the listeners. When the file can no longer be written the
    recording stops: nothing more is handed on, the listeners get a last "note", `wait` raises, and so does leaving.

    Parameters
    ----------
    path : str or Path
        The journal, a file that does not exist yet.
    header : mapping
        What JSON can hold; ``started_utc`` and ``t_host_s`` (the same moment on the clock of the records) are added.
    clock : Clock, optional
        Stamps marks and paces the writing to disk.
    host_times : callable, optional
        Returns the host's clocks, to notice a suspend or a step of the wall clock.
    low_space_B : int, optional
        Free space below which the listeners are told that the disk is nearly full.

    Attributes
    ----------
    failure : RecordingError or None
        Why recording stopped.
    n_refused : int
        Deliveries before the recording began or after it had stopped.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "session.emgj"
    >>> async def record() -> None:
    ...     async with Recorder(path, {"sensors": {}}) as recorder:
    ...         recorder(Packet("left", 1.5, b"abc"))
    >>> asyncio.run(record())
    >>> from emgorder.io.journal import read_journal
    >>> [delivered(record) for record in read_journal(path).records]
    [Packet(sensor='left', t_host_s=1.5, data=b'abc')]
    """

    def __init__(
        self,
        path: str | Path,
        header: Mapping[str, Any],
        *,
        clock: Clock | None = None,
        host_times: Callable[[], HostTimes] = read_host_times,
        low_space_B: int = _LOW_SPACE_B,
    ) -> None:
        self.path = Path(path)
        self.failure: RecordingError | None = None
        self.n_refused = 0
        self._header = dict(header)
        self._clock: Clock = clock or RealClock()
        self._host_times = host_times
        self._low_space_B = low_space_B
        self._listeners: list[Listener] = []
        self._other_error: Exception | None = None
        self._journal: JournalWriter | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._failed = asyncio.Event()
        self._ended = False

    @property
    def n_records(self) -> int:
        """Records written so far."""
        return self._journal.n_records if self._journal else 0

    def listen(self, listener: Listener) -> None:
        """Hand everything to `listener` after it is written.

        A listener that raises gets nothing more; its error is raised when the recording has ended.
        """
        self._listeners.append(listener)

    def __call__(self, item: Packet | LinkEvent) -> None:
        """Write what a link delivers, then hand it on."""
        self._take(item)

    def mark(self, trial_type: str, text: str = "", *, t_host_s: float | None = None, duration_s: float = 0.0) -> None:
        """Write an event of the session, by default one of this moment."""
        at_s = self._clock.now() if t_host_s is None else t_host_s
        self._take(Mark(at_s, trial_type, text[:_LONGEST_TEXT], duration_s))

    def segment(
        self, reason: str, *, sensor: str = "", seconds: float = 0.0, refit: bool = True, text: str = ""
    ) -> None:
        """Write that clocks changed now, for example that a sensor restarted (``reboot``)."""
        self._take(Segment(sensor, self._clock.now(), reason, seconds, refit, text[:_LONGEST_TEXT]))

    async def wait(self, seconds: float | None = None) -> None:
        """Wait for `seconds` (None: for ever), or until recording stops.

        Raises
        ------
        RecordingError
            The file can no longer be written; the message says what was kept.
        """
        failed = asyncio.ensure_future(self._failed.wait())
        waiting: set[asyncio.Future[Any]] = {failed}
        if seconds is not None:
            waiting.add(asyncio.ensure_future(self._clock.sleep(seconds)))
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
        if self.failure is not None:
            raise self.failure

    async def __aenter__(self) -> Recorder:
        """Make the journal; raise RecordingError if that is not possible."""
        started = datetime.now(timezone.utc).isoformat()
        header = {"started_utc": started, "t_host_s": self._clock.now(), **self._header}
        self._journal = JournalWriter(self.path, header)
        self._keeper = asyncio.create_task(self._keep(self._journal))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the journal; raise what stopped the recording or a listener, unless it is on its way already."""
        if self._keeper is not None:
            self._keeper.cancel()
            (ended,) = await asyncio.gather(self._keeper, return_exceptions=True)
            if isinstance(ended, Exception):
                self._other_error = self._other_error or ended
        self._ended = True
        if self._journal is not None:
            try:
                self._journal.close()
            except RecordingError as exc:
                self._fail(exc)
        error = self.failure or self._other_error
        if error is not None and error is not value:
            raise error

    def _take(self, item: Delivery) -> None:
        if self._journal is None or self._ended or self.failure is not None:
            self.n_refused += 1
            return
        try:
            _write(self._journal, item)
        except RecordingError as exc:
            self._fail(exc)
            self.n_refused += 1
            return
        self._hand_on(item)

    def _hand_on(self, item: Delivery) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(item)
            except Exception as exc:  # whoever shows the data must not end the recording of it
                self._listeners.remove(listener)
                self._other_error = self._other_error or exc

    def _fail(self, error: RecordingError) -> None:
        if self.failure is None:
            self.failure = error
            self._failed.set()
            if self._journal is not None:
                self._journal.close()
            self._hand_on(LinkEvent("", self._clock.now(), "note", False, str(error)))

    async def _keep(self, journal: JournalWriter) -> None:
        """Twice a second: force the journal to disk, look at the clocks and at the space that is left."""
        synced = self._host_times()
        watch, warn_below = HostWatch(synced), self._low_space_B
        while self.failure is None:
            await self._clock.sleep(_SYNC_EVERY_S)
            now = self._look(watch, slept_for_s=_SYNC_EVERY_S)
            if now.monotonic_s - synced.monotonic_s < _SYNC_EVERY_S / 2:
                continue  # the injected clock runs faster than the disk's
            try:
                # In a thread: a disk may take seconds, and packets are stamped on the event loop.
                free_B = await asyncio.to_thread(_sync, journal)
            except RecordingError as exc:
                self._fail(exc)
                return
            synced = self._look(watch)
            if free_B is not None and free_B < warn_below:
                warn_below = free_B // 2
                text = f"the disk is nearly full: {free_B / 1e6:.1f} MB are free; make space, or recording will stop"
                self._take(LinkEvent("", self._clock.now(), "note", False, text))

    def _look(self, watch: HostWatch, *, slept_for_s: float | None = None) -> HostTimes:
        times = self._host_times()
        for jump in watch.look(times, slept_for_s=slept_for_s):
            self.segment(jump.reason, seconds=jump.seconds, refit=jump.refit, text=jump.text)
        return times


def _sync(journal: JournalWriter) -> int | None:
    """Force the journal to disk; return the bytes free there, None where the system does not tell."""
    journal.sync()
    try:
        return shutil.disk_usage(journal.path.parent).free
    except OSError:
        return None


def _write(journal: JournalWriter, item: Delivery) -> None:
    if isinstance(item, Packet):
        journal.packet(item.sensor, item.t_host_s, item.data)
    elif isinstance(item, LinkEvent):
        text = item.detail[:_LONGEST_TEXT]
        journal.event(item.sensor, item.t_host_s, item.kind, text, requested=item.requested)
    elif isinstance(item, Mark):
        journal.mark(item.t_host_s, item.trial_type, item.text, duration_s=item.duration_s)
    else:
        journal.segment(
            item.t_host_s,
            item.reason,
            sensor=item.sensor,
            seconds=item.seconds,
            refit=item.refit,
            text=item.text,
        )
