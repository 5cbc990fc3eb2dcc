"""What was recorded, played again as if it arrived now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from emgorder.acquisition.transport import Clock, LinkEvent, Packet, RealClock, SensorInfo, Sink
from emgorder.errors import SensorError, SensorLost, SensorNotFound
from emgorder.sensors.base import Write

__all__ = ["ReplayLink", "ReplayTransport"]


class ReplayTransport:
    """Plays packets and link events in the order and with the bytes and times that they were recorded with.

    It begins when a link to each of `sensors` has been started, and ends with a requested "down" of each. Links that
    were lost in the recording come back as they did in it: nobody need reconnect (``links_return``).

    Parameters
    ----------
    items : iterable of Packet, LinkEvent or anything with ``t_host_s``
        In order; read lazily. What is neither packet nor event (marks) goes to `aside`.
    sensors : sequence of SensorInfo
        Those to play; the items of others are left out.
    clock : Clock, optional
        Paces it; the machine's by default.
    speed : float or None
        How many times as fast as it was recorded; None: as fast as it goes, without a look at the clock.
    aside : callable, optional
        Takes what belongs to no link, at its time.

    Examples
    --------
    >>> items = [Packet("left", 7.0, b"1"), Packet("left", 7.02, b"2")]
    >>> async def play() -> list[Packet | LinkEvent]:
    ...     got: list[Packet | LinkEvent] = []
    ...     transport = ReplayTransport(items, [SensorInfo("left", "", "test")], speed=None)
    ...     link = await transport.open((await transport.discover(0.0))[0])
    ...     await link.start(got.append)
    ...     await transport.finished()
    ...     return got
    >>> got = asyncio.run(play())
    >>> got[:2] == items, got[2].kind
    (True, 'down')
    """

    links_return = True

    def __init__(
        self,
        items: Iterable[Any],
        sensors: Sequence[SensorInfo],
        *,
        clock: Clock | None = None,
        speed: float | None = 1.0,
        aside: Callable[[Any], None] | None = None,
    ) -> None:
        if speed is not None and not speed > 0:
            raise ValueError(f"speed must be above 0, or None for as fast as it goes; not {speed}")
        self._items = items
        self._sensors = {sensor.id: sensor for sensor in sensors}
        self._clock = clock or RealClock()
        self._speed = speed
        self._aside = aside
        self._sinks: dict[str, Sink | None] = {}
        self._task: asyncio.Task[None] | None = None
        self._last_s = 0.0

    async def discover(self, timeout_s: float) -> list[SensorInfo]:
        """Return the sensors at once."""
        return list(self._sensors.values())

    async def open(self, sensor: SensorInfo) -> ReplayLink:
        """Return a link; a sensor can be opened once.

        Raises
        ------
        SensorNotFound
            It is not one of those that are played, or is open already.
        """
        if sensor.id not in self._sensors:
            raise SensorNotFound("is not in this recording", sensor=sensor.id)
        if sensor.id in self._sinks:
            raise SensorNotFound("is being replayed already; open the recording again", sensor=sensor.id)
        self._sinks[sensor.id] = None
        return ReplayLink(self, sensor.id)

    async def finished(self) -> None:
        """Wait until everything has been played; raise what reading the recording raised."""
        if self._task is None:
            raise SensorError("the replay has not begun: start a link to each of its sensors", sensor="")
        await self._task

    def _started(self, sensor: str, sink: Sink) -> None:
        self._sinks[sensor] = sink
        if self._task is None and all(self._sinks.get(each) is not None for each in self._sensors):
            self._task = asyncio.create_task(self._play())

    def _stopped(self, sensor: str, requested: bool, detail: str) -> None:
        sink = self._sinks.get(sensor)
        if sink is not None:
            self._sinks[sensor] = None
            sink(LinkEvent(sensor, self._last_s, "down", requested, detail))

    async def _play(self) -> None:
        began_s: float | None = None
        first_s = 0.0
        try:
            for number, item in enumerate(self._items):
                if began_s is None:
                    began_s, first_s = self._clock.now(), item.t_host_s
                if self._speed is None:
                    if number % 64 == 0:  # let those who listen work
                        await asyncio.sleep(0)
                else:
                    wait_s = began_s + (item.t_host_s - first_s) / self._speed - self._clock.now()
                    if wait_s > 0:
                        await self._clock.sleep(wait_s)
                self._last_s = item.t_host_s
                if isinstance(item, (Packet, LinkEvent)):
                    sink = self._sinks.get(item.sensor)
                    if sink is not None:
                        sink(item)
                elif self._aside is not None:
                    self._aside(item)
        finally:
            for sensor in self._sensors:
                self._stopped(sensor, True, "the recording is over")


class ReplayLink:
    """A link of a replay; made by `ReplayTransport.open`."""

    def __init__(self, transport: ReplayTransport, sensor: str) -> None:
        self._transport = transport
        self._sensor = sensor

    async def start(self, sink: Sink) -> None:
        """Deliver to `sink` when all sensors of the replay have been started."""
        self._transport._started(self._sensor, sink)

    async def command(self, write: Write) -> None:
        """Do nothing: what was sent then cannot be changed."""

    async def read(self, what: str) -> bytes:
        """Raise SensorLost: there is no sensor that could be asked."""
        raise SensorLost(f"{what} cannot be read from a recording", sensor=self._sensor)

    async def close(self) -> None:
        """Take nothing more; the others play on."""
        self._transport._stopped(self._sensor, True, "closed")
