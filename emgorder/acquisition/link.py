"""A link that comes back: reconnected after every loss until it is closed, and measured while it is up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from emgorder.acquisition.meter import Meter
from emgorder.acquisition.transport import (
    Clock,
    EventKind,
    Link,
    LinkEvent,
    Packet,
    RealClock,
    SensorInfo,
    Sink,
    Transport,
)
from emgorder.errors import SensorError, SensorLost
from emgorder.sensors.base import Decoder, SensorDescriptor, Write

__all__ = ["SteadyLink", "keep_link"]

BACKOFF_S = (0.2, 0.5, 1.0, 2.0, 5.0)
BATTERY_S = 60.0


async def keep_link(
    transport: Transport,
    sensor: SensorInfo,
    *,
    clock: Clock | None = None,
    decoder: Callable[[], Decoder] | None = None,
    descriptor: SensorDescriptor | None = None,
    backoff_s: Sequence[float] = BACKOFF_S,
    report_s: float = 1.0,
    silence_s: float = 10.0,
) -> SteadyLink:
    """Open a link that is reconnected after every loss.

    After a loss the sensor is searched for again and served by a new link of a new generation; what a link of an
    older generation still delivers is ignored. It gives up only when it is closed.

    Parameters
    ----------
    transport : Transport
        Where the sensor is. If its ``links_return`` is true (a replay), its links come back by themselves.
    sensor : SensorInfo
        As discovered.
    clock : Clock, optional
        The machine's by default.
    decoder : callable, optional
        Makes a decoder for every generation; with it the "rate" events tell samples and "loss" is counted.
    descriptor : SensorDescriptor, optional
        Tells the battery's characteristic, read every minute unless the sensor speaks of it by itself.
    backoff_s : sequence of float
        Waits before the first, second, ... attempt; the last one repeats.
    report_s : float
        Time between two events of rate, loss and interval.
    silence_s : float
        A link that is up and delivers nothing for so long is taken for lost.

    Raises
    ------
    SensorNotFound
        It is not there now.
    SensorError
        It cannot be used.

    Examples
    --------
    >>> link = asyncio.run(keep_link(transport, sensor))    # doctest: +SKIP
    """
    clock = clock or RealClock()
    link = await transport.open(sensor)
    battery = descriptor.battery if descriptor else None
    return SteadyLink(transport, sensor, link, clock, Meter(decoder), battery, tuple(backoff_s), report_s, silence_s)


class SteadyLink:
    """A link that is reconnected; made by `keep_link`."""

    def __init__(
        self,
        transport: Transport,
        sensor: SensorInfo,
        link: Link,
        clock: Clock,
        meter: Meter,
        battery: str | None,
        backoff_s: tuple[float, ...],
        report_s: float,
        silence_s: float,
    ) -> None:
        self._transport = transport
        self._sensor = sensor
        self._clock = clock
        self._meter = meter
        self._battery = battery
        self._backoff_s = backoff_s
        self._report_s = report_s
        self._silence_s = silence_s
        self._returns = bool(getattr(transport, "links_return", False))
        self._link: Link | None = link
        self._sink: Sink | None = None
        self._generation = 1
        self._up = self._closing = False
        self._lost = asyncio.Event()
        self._heard_s = self._battery_s = clock.now()
        self._tasks: list[asyncio.Task[None]] = []
        self._wrong: Exception | None = None

    @property
    def generation(self) -> int:
        """How many links have served this sensor."""
        return self._generation

    @property
    def up(self) -> bool:
        """Whether it delivers at the moment."""
        return self._up

    async def start(self, sink: Sink) -> None:
        """Start the stream; if the sensor goes away meanwhile, it is reconnected like after any other loss.

        Raises
        ------
        SensorError
            The sensor cannot be started.
        """
        self._sink = sink
        try:
            await self._serving().start(self._inlet())
        except SensorLost as e:
            self._down(str(e))
        self._tasks = [asyncio.create_task(self._watch())]
        if not self._returns:
            self._tasks.append(asyncio.create_task(self._keep()))

    async def command(self, write: Write) -> None:
        """Send one command; raises SensorLost while there is no link."""
        await self._serving().command(write)

    async def read(self, what: str) -> bytes:
        """Return the value of a characteristic; raises SensorLost while there is no link."""
        return await self._serving().read(what)

    async def close(self) -> None:
        """Stop, disconnect, and reconnect no more; the sink gets a requested "down" if the link was up.

        What went wrong inside (a sink, a decoder or a Bluetooth stack that raised) is raised here.
        """
        self._closing = True
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        link, self._link = self._link, None
        if link is not None:
            await link.close()
        self._down("closed")
        for end in ended:
            if isinstance(end, Exception):
                raise end
        if self._wrong is not None:
            raise self._wrong

    def _serving(self) -> Link:
        if self._link is None:
            raise SensorLost("is being searched for", sensor=self._sensor.id)
        return self._link

    def _inlet(self) -> Sink:
        """Return the sink of one generation."""
        generation = self._generation
        self._lost.clear()
        self._meter.restart()

        def take(item: Packet | LinkEvent) -> None:
            if generation != self._generation or self._sink is None:
                return
            if isinstance(item, Packet):
                self._heard_s = self._clock.now()
                self._sink(item)
                self._meter.packet(item)
            elif item.kind == "down":
                self._down(item.detail, item)
            else:
                if item.kind == "up":
                    self._up = True
                    self._heard_s = self._clock.now()
                    item = item._replace(detail=f"generation {generation}; {item.detail}".rstrip("; "))
                elif item.kind == "battery":
                    self._battery_s = self._clock.now()
                self._sink(item)

        return take

    def _down(self, detail: str, told: LinkEvent | None = None) -> None:
        if self._up:
            self._up = False
            at = told.t_host_s if told else self._clock.now()
            requested = self._closing or (self._returns and told is not None and told.requested)
            if self._sink is not None:
                try:
                    self._sink(LinkEvent(self._sensor.id, at, "down", requested, detail))
                except Exception as e:  # it must not end the reconnecting; raised on closing
                    self._wrong = self._wrong or e
        self._lost.set()

    def _tell(self, kind: EventKind, detail: str) -> None:
        if self._sink is not None:
            self._sink(LinkEvent(self._sensor.id, self._clock.now(), kind, False, detail))

    def _note(self, what: str, error: Exception) -> None:
        """Tell of an error and go on; what no sensor is known to raise is also raised on closing."""
        if not isinstance(error, SensorError):
            self._wrong = self._wrong or error
        try:
            self._tell("note", f"{what}: {_words(error)}")
        except Exception as e:  # a sink that raises must not end the reconnecting
            self._wrong = self._wrong or e

    async def _keep(self) -> None:
        """Bring the link back whenever it is lost."""
        while True:
            await self._lost.wait()
            old, self._link = self._link, None
            self._generation += 1  # from here on the old link speaks to nobody
            if old is not None:
                await self._drop(old)
            attempt = 0
            while self._link is None:
                await self._clock.sleep(self._backoff_s[min(attempt, len(self._backoff_s) - 1)])
                attempt += 1
                fresh: Link | None = None
                try:
                    fresh = await self._transport.open(self._sensor)
                    await fresh.start(self._inlet())
                    self._link = fresh
                except Exception as e:  # of the sensor or the stack: the next attempt may do
                    self._down(_words(e))
                    self._generation += 1
                    self._note(f"attempt {attempt} to reconnect failed", e)
                except BaseException:  # closed in the middle: nobody else knows of this link
                    if fresh is not None:
                        await self._drop(fresh)
                    raise
                if self._link is None and fresh is not None:
                    await self._drop(fresh)

    async def _drop(self, link: Link) -> None:
        closing = asyncio.ensure_future(link.close())
        try:
            await asyncio.shield(closing)
        except Exception as e:
            self._note("the lost link could not be closed", e)
        except asyncio.CancelledError:  # a radio that is left connected could not be found again
            await closing
            raise

    async def _watch(self) -> None:
        """Tell rate, loss, interval and battery, and take a link that is silent for lost."""
        while True:
            await self._clock.sleep(self._report_s)
            if not self._up:
                continue
            try:
                for kind, detail in self._meter.report():
                    self._tell(kind, detail)
            except Exception as e:
                self._note("rate and loss cannot be told", e)
            now = self._clock.now()
            if self._battery and now - self._battery_s > BATTERY_S and not self._returns:
                self._battery_s = now
                try:
                    if level := await self._serving().read(self._battery):
                        self._tell("battery", str(level[0]))
                except Exception as e:
                    self._note("the battery cannot be read", e)
            if now - self._heard_s > self._silence_s and not self._returns:
                self._down(f"no data for {self._silence_s:g} s")


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, SensorError) else f"{type(error).__name__} {error}".rstrip()
