"""Sensors without a radio: they send the bytes of real ones, over links as good or as bad as they are told to be."""

from __future__ import annotations

import asyncio
import itertools
import math
import weakref
import zlib
from collections.abc import Callable, Coroutine, Sequence

import numpy as np

from emgorder.acquisition.simulated_sensor import LinkFaults, SimulatedDevice, SimulatedSensor
from emgorder.acquisition.transport import Clock, EventKind, LinkEvent, Packet, RealClock, SensorInfo, Sink
from emgorder.errors import SensorError, SensorLost, SensorNotFound
from emgorder.model import FloatArray
from emgorder.sensors.base import Write

__all__ = ["LinkFaults", "SimulatedLink", "SimulatedSensor", "SimulatedTransport"]


class SimulatedTransport:
    """Simulated sensors on a clock; the same seed gives the same packets at the same times.

    Parameters
    ----------
    sensors : sequence of SimulatedSensor
        All that there are.
    clock : Clock, optional
        The machine's by default; a `FastClock` runs an hour in seconds.
    seed : int
        Of loss, retransmissions, jitter and the phases of connection events.

    Attributes
    ----------
    epoch_s : float or None
        The clock's time that is second 0 of the sources, stalls and cuts: when the first link was started.

    Examples
    --------
    >>> from emgorder.acquisition.clocks import FastClock
    >>> sensor = SimulatedSensor(
    ...     info=SensorInfo("left", "Test", "test"), source=lambda time_s: np.sin(time_s)[:, None],
    ...     encode=lambda values, index, device_us: [index.to_bytes(4, "little")],
    ...     sampling_frequency=1000.0, samples_per_packet=20)
    >>> clock, got = FastClock(), []
    >>> async def record() -> None:
    ...     transport = SimulatedTransport([sensor], clock=clock)
    ...     link = await transport.open((await transport.discover(1.0))[0])
    ...     await link.start(got.append)
    ...     await clock.sleep(60.01)
    ...     await link.close()
    >>> asyncio.run(record())
    >>> len(got), got[0].kind, got[-1].kind     # a minute of packets, between "up" and "down"
    (3002, 'up', 'down')
    """

    def __init__(self, sensors: Sequence[SimulatedSensor], *, clock: Clock | None = None, seed: int = 0) -> None:
        self.epoch_s: float | None = None
        self._sensors = {sensor.info.id: sensor for sensor in sensors}
        self._clock = clock or RealClock()
        self._devices = {
            sensor.info.id: SimulatedDevice(sensor, np.random.default_rng([seed, zlib.crc32(sensor.info.id.encode())]))
            for sensor in sensors
        }
        self._links: weakref.WeakSet[SimulatedLink] = weakref.WeakSet()
        self._away_until_s: dict[str, float] = {}

    async def discover(self, timeout_s: float) -> list[SensorInfo]:
        """Return the sensors in reach after `timeout_s` on the clock."""
        await self._clock.sleep(timeout_s)
        return [sensor.info for sensor in self._sensors.values() if not self._is_cut(sensor)]

    async def open(self, sensor: SensorInfo) -> SimulatedLink:
        """Connect; raise SensorNotFound for one that is not there or out of reach."""
        known = self._sensors.get(sensor.id)
        if known is None or self._is_cut(known):
            raise SensorNotFound("the simulated sensor is not in reach", sensor=sensor.id)
        link = SimulatedLink(self, known, self._devices[sensor.id])
        self._links.add(link)
        return link

    def cut(self, sensor: str, length_s: float) -> None:
        """Take a sensor out of reach now, for `length_s` on the clock: its links are lost at once."""
        self._away_until_s[sensor] = self._clock.now() + length_s
        for link in tuple(self._links):
            link.lose(sensor)

    def sample_times_s(self, sensor: str, index: FloatArray) -> FloatArray:
        """Return when samples were truly taken, seconds since the epoch (not with ``restarts``).

        Parameters
        ----------
        sensor : str
            Its id; it must have been started.
        index : ndarray
            Numbers of samples.
        """
        device = self._devices[sensor]
        if device.begun_s is None:
            raise SensorError("has not been started", sensor=sensor)
        return device.begun_s + np.asarray(index, dtype=np.float64) / device.rate_Hz

    def _since_epoch_s(self) -> float:
        now = self._clock.now()
        if self.epoch_s is None:
            self.epoch_s = now
        return now - self.epoch_s

    def _is_cut(self, sensor: SimulatedSensor) -> bool:
        if self._clock.now() < self._away_until_s.get(sensor.info.id, -math.inf):
            return True
        now = 0.0 if self.epoch_s is None else self._clock.now() - self.epoch_s
        return any(start <= now < start + length for start, length in sensor.faults.cuts)


class SimulatedLink:
    """A link to a simulated sensor; made by `SimulatedTransport.open`."""

    def __init__(self, transport: SimulatedTransport, sensor: SimulatedSensor, device: SimulatedDevice) -> None:
        self._transport = transport
        self._sensor = sensor
        self._device = device
        self._sink: Sink | None = None
        self._over = False
        self._error: Exception | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, sink: Sink) -> None:
        """Deliver from now on."""
        self._check()
        self._sink = sink
        since_s = self._transport._since_epoch_s()
        self._tell("up", "simulated")
        if self._sensor.faults.battery is not None:
            self._tell("battery", str(self._sensor.faults.battery))
        for kind, data in self._sensor.hello:
            self._tell(kind, data.hex())
        self._run(self._stream(since_s))
        if self._sensor.status is not None:
            self._run(self._report(self._sensor.status, since_s))

    async def command(self, write: Write) -> None:
        """Send one command; what the sensor replies arrives as events."""
        self._check()
        self._run(self._reply(write))

    async def read(self, what: str) -> bytes:
        """Return one of the sensor's values."""
        self._check()
        if what in self._sensor.values:
            return self._sensor.values[what]
        raise SensorError(f"has no characteristic {what}", sensor=self._sensor.info.id)

    async def close(self) -> None:
        """Disconnect; raise what a source or an encoder raised."""
        self._end("closed", requested=True)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def lose(self, sensor: str) -> None:
        """Break off if this is a link to `sensor`."""
        if sensor == self._sensor.info.id and not self._over:
            self._end("the link was lost", requested=False)

    def _run(self, work: Coroutine[None, None, None]) -> None:
        async def guarded() -> None:
            try:
                await work
            except Exception as e:  # of a source, an encoder, an answer or a sink: told now, raised on closing
                self._error = e
                self._end(f"the simulation failed: {e!r}", requested=False)

        task = asyncio.ensure_future(guarded())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _check(self) -> None:
        if self._over or self._transport._is_cut(self._sensor):
            raise SensorLost("is out of reach", sensor=self._sensor.info.id)

    def _tell(self, kind: EventKind, detail: str, requested: bool = False) -> None:
        if self._sink is not None and not self._over:
            self._sink(LinkEvent(self._sensor.info.id, self._transport._clock.now(), kind, requested, detail))

    def _end(self, detail: str, *, requested: bool) -> None:
        self._tell("down", detail, requested)
        self._over = True

    async def _wait_until(self, at_s: float) -> float:
        """Wait for a moment since the epoch; return it on the clock."""
        clock, epoch_s = self._transport._clock, self._transport.epoch_s or 0.0
        at_host_s = epoch_s + at_s
        while (left := at_host_s - clock.now()) > 0:  # again, when the sum of the parts is a rounding short
            await clock.sleep(left)
        return at_host_s

    async def _stream(self, since_s: float) -> None:
        cut_s = min((start for start, _ in self._sensor.faults.cuts if start > since_s), default=math.inf)
        for arrival_s, packets in self._device.packets(since_s):
            if arrival_s >= cut_s:
                await self._wait_until(cut_s)
                self._end("the link was lost", requested=False)
                return
            t_host_s = await self._wait_until(arrival_s)
            if self._over:
                return
            for data in packets:
                if self._sink is not None and not self._over:
                    self._sink(Packet(self._sensor.info.id, t_host_s, data))

    async def _report(self, status: Callable[[int], bytes], since_s: float) -> None:
        for second in itertools.count(1):
            await self._wait_until(since_s + second)
            if self._over:
                return
            begun_s = self._device.begun_s if self._device.begun_s is not None else since_s
            self._tell("status", status(int((since_s + second - begun_s) * self._device.rate_Hz)).hex())

    async def _reply(self, write: Write) -> None:
        faults = self._sensor.faults
        if self._sensor.answer is None:
            return
        sent_s = self._transport._since_epoch_s()
        arrived_s = sent_s + faults.command_latency_s
        begun_s = self._device.begun_s if self._device.begun_s is not None else arrived_s
        device_us = self._device.device_us(round((arrived_s - begun_s) * self._device.rate_Hz))
        for kind, data in self._sensor.answer(write, device_us):
            await self._wait_until(self._device.arrival_s(arrived_s))
            self._tell(kind, data.hex())
