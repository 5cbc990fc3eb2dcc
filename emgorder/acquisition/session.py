"""A recording from the first packet to the closed journal: links, marks and pings around one recorder."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from emgorder.acquisition.link import SteadyLink, keep_link
from emgorder.acquisition.recorder import Delivery, Listener, Recorder, describe
from emgorder.acquisition.simulated import SimulatedTransport
from emgorder.acquisition.streams import PING
from emgorder.acquisition.transport import Clock, LinkEvent, Packet, RealClock, SensorInfo, Transport
from emgorder.errors import PacketError, SensorError
from emgorder.model import Recording
from emgorder.sensors.emgo1_control import read_status
from emgorder.sensors.registry import make_decoder, sensors

__all__ = ["Stopped", "record_session", "unless_stopped"]

_PING_S = 2.0
_T = TypeVar("_T")


class Stopped(Exception):
    """Somebody asked to stop before the work was done."""


async def unless_stopped(work: Coroutine[Any, Any, _T], stop: asyncio.Event) -> _T:
    """Return what `work` returns; break it off and raise Stopped as soon as `stop` is set."""
    working = asyncio.ensure_future(work)
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((working, stopped), return_when=asyncio.FIRST_COMPLETED)
        done = working.done()
    finally:
        working.cancel()
        stopped.cancel()
        await asyncio.gather(working, stopped, return_exceptions=True)
    if not done and (working.cancelled() or working.exception() is not None):
        raise Stopped
    return working.result()  # also of work that was done in spite of it: it may hold a link that is to be closed


async def record_session(
    transport: Transport,
    chosen: Sequence[SensorInfo],
    path: str | Path,
    *,
    labels: Mapping[str, Sequence[str]],
    names: Sequence[str] = (),
    clock: Clock | None = None,
    duration_s: float | None = None,
    marks: Recording | None = None,
    meta: Mapping[str, Any] | None = None,
    listeners: Sequence[Listener] = (),
    stop: asyncio.Event | None = None,
    ready: Callable[[Recorder], None] | None = None,
) -> None:
    """Record sensors into a journal until `stop` is set or `duration_s` has passed.

    Parameters
    ----------
    transport : Transport
        Where the sensors are.
    chosen : sequence of SensorInfo
        Those to record.
    path : str or Path
        The journal, a file that does not exist yet.
    labels : mapping of str to sequence of str
        Sensor id to the labels of its channels.
    names : sequence of str
        In place of `labels`: those of all sensors in their order, to be split when it is known how many channels each
        of them has.
    clock : Clock, optional
        The machine's by default.
    duration_s : float, optional
        Without it the recording goes on until it is stopped.
    marks : Recording, optional
        Whose events are marked as they happen, for a simulated session.
    meta : mapping, optional
        For the sidecar.
    listeners : sequence of callable
        Get everything once it is written.
    stop : asyncio.Event, optional
        Ends the recording.
    ready : callable, optional
        Is given the recorder as soon as it takes marks.

    Raises
    ------
    SensorError
        A sensor is not there, or cannot be used.
    Stopped
        `stop` was set before there was anything to keep; there is no file.
    RecordingError
        The journal cannot be written (any more); what was written is whole.
    """
    clock, stop = clock or RealClock(), stop or asyncio.Event()
    kinds = {sensor.id: sensors()[sensor.key] for sensor in chosen}
    header = {
        "sensors": {s.id: {**describe(kinds[s.id]), "name": s.name} for s in chosen},
        "channels": {sensor: list(names) for sensor, names in labels.items()},
        "names": list(names),
        "meta": dict(meta or {}),
    }
    async with _opened(transport, chosen, clock, stop) as links:
        heard = _Heard()
        try:
            async with Recorder(path, header, clock=clock) as recorder:
                heard.begun = True
                for listener in listeners:
                    recorder.listen(listener)
                if ready is not None:
                    ready(recorder)
                recorder.listen(heard)
                recorder.listen(_TestSignal(recorder, clock))
                answering = {sensor for sensor, kind in kinds.items() if kind.key == "emgo1"}  # to pings
                await _run(transport, links, recorder, clock, duration_s, marks, stop, answering=answering)
        except BaseException as ended:
            if heard.begun and not heard.packets:  # nothing to keep, and the name is free for the next attempt
                Path(path).unlink(missing_ok=True)
                raise
            if not isinstance(ended, Stopped):
                raise


class _Heard:
    """Whether the journal was made, and whether anything was recorded."""

    begun = packets = False

    def __call__(self, item: Delivery) -> None:
        self.packets = self.packets or isinstance(item, Packet)


class _TestSignal:
    """Says in the journal and on the screen when a sensor begins to send its test signal instead of muscles."""

    def __init__(self, recorder: Recorder, clock: Clock) -> None:
        self._recorder, self._clock = recorder, clock
        self._on: set[str] = set()

    def __call__(self, item: Delivery) -> None:
        if not isinstance(item, LinkEvent) or item.kind != "status":
            return
        try:
            on = read_status(bytes.fromhex(item.detail)).test_signal
        except (ValueError, PacketError):  # counted where the packets are put together
            return
        if on and item.sensor not in self._on:
            text = "its test signal is on, a square wave in place of the electrodes: switch it off and on"
            self._recorder(LinkEvent(item.sensor, self._clock.now(), "note", False, text))
        (self._on.add if on else self._on.discard)(item.sensor)


async def _run(
    transport: Transport,
    links: dict[str, SteadyLink],
    recorder: Recorder,
    clock: Clock,
    duration_s: float | None,
    marks: Recording | None,
    stop: asyncio.Event,
    *,
    answering: set[str],
) -> None:
    """Start the links, mark and ping while they stream, and close them."""
    work: list[asyncio.Task[None]] = []
    try:
        for link in links.values():
            await unless_stopped(link.start(recorder), stop)
        if marks is not None:
            epoch_s = transport.epoch_s if isinstance(transport, SimulatedTransport) else None
            marking = _mark(recorder, marks, clock, epoch_s or clock.now())
            work.append(asyncio.create_task(_told(recorder, clock, "the marks", marking)))
        pinged = {sensor: link for sensor, link in links.items() if sensor in answering}
        replayed = bool(getattr(transport, "links_return", False))
        if len(links) > 1 and pinged and not replayed:
            pinging = _ping(recorder, pinged, clock)
            work.append(asyncio.create_task(_told(recorder, clock, "the pings for the clocks", pinging)))
        await _until(recorder, duration_s, stop)
    finally:
        for task in work:
            task.cancel()
        ended = await asyncio.gather(*work, return_exceptions=True)
        await _close(links)
    for end in ended:
        if isinstance(end, Exception):
            raise end


@asynccontextmanager
async def _opened(
    transport: Transport, chosen: Sequence[SensorInfo], clock: Clock, stop: asyncio.Event
) -> AsyncIterator[dict[str, SteadyLink]]:
    """Open a link to each sensor before a file is made; close those that are open when one fails."""
    links: dict[str, SteadyLink] = {}
    try:
        for sensor in chosen:
            opening = keep_link(
                transport,
                sensor,
                clock=clock,
                decoder=lambda key=sensor.key: make_decoder(key),  # type: ignore[misc]
                descriptor=sensors()[sensor.key],
            )
            links[sensor.id] = await unless_stopped(opening, stop)
        yield links
    finally:
        await _close(links)


async def _close(links: dict[str, SteadyLink]) -> None:
    """Close all links, whatever one of them says; raise the first error at the end."""
    errors = []
    while links:
        _, link = links.popitem()
        try:
            await link.close()
        except Exception as error:  # the others have to be closed too
            errors.append(error)
    if errors:
        raise errors[0]


async def _until(recorder: Recorder, duration_s: float | None, stop: asyncio.Event) -> None:
    waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(recorder.wait(duration_s))]
    waits.append(asyncio.ensure_future(stop.wait()))
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        if waits[0].done():
            waits[0].result()
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


async def _told(recorder: Recorder, clock: Clock, what: str, work: Coroutine[Any, Any, None]) -> None:
    """Do `work`; say in the journal and on the screen when it fails, while the recording goes on."""
    try:
        await work
    except Exception as error:
        recorder(LinkEvent("", clock.now(), "note", False, f"{what} stopped: {type(error).__name__} {error}"))
        raise


async def _mark(recorder: Recorder, marks: Recording, clock: Clock, epoch_s: float) -> None:
    events = marks.events.sort_values("onset", kind="stable")
    for onset_s, length_s, name in zip(events["onset"], events["duration"], events["trial_type"], strict=True):
        at_s = epoch_s + float(onset_s)
        while (left_s := at_s - clock.now()) > 0:
            await clock.sleep(left_s)
        recorder.mark(str(name), t_host_s=at_s, duration_s=float(length_s) if length_s > 0 else 0.0)


async def _ping(recorder: Recorder, links: Mapping[str, SteadyLink], clock: Clock) -> None:
    """Ask the sensors for their clocks every two seconds; the replies arrive as events."""
    from emgorder.sensors.emgo1_control import ping

    number = 0
    while True:
        await clock.sleep(_PING_S)
        for sensor, link in links.items():
            if not link.up:
                continue
            recorder(LinkEvent(sensor, clock.now(), "sync", False, f"{PING} {number % 256}"))
            with contextlib.suppress(SensorError):  # it is being reconnected, or has no such characteristic
                await link.command(ping(number))
        number += 1
