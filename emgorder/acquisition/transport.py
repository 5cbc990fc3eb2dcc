"""Where packets come from: a radio, a simulation, a replayed journal. Nobody behind it can tell them apart."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, TypeAlias

from emgorder.sensors.base import Write

__all__ = ["Clock", "EventKind", "Link", "LinkEvent", "Packet", "RealClock", "SensorInfo", "Sink", "Transport"]

EventKind: TypeAlias = Literal["up", "down", "battery", "rate", "loss", "interval", "sync", "info", "status", "note"]


class Packet(NamedTuple):
    """One notification: link it came over, host's monotonic seconds at its arrival, bytes."""

    sensor: str
    t_host_s: float
    data: bytes


class LinkEvent(NamedTuple):
    """Something that happened to a link; `requested` tells our own disconnect from a lost one."""

    sensor: str
    t_host_s: float
    kind: EventKind
    requested: bool = False
    detail: str = ""


Sink: TypeAlias = Callable[["Packet | LinkEvent"], None]
"""Takes what a link delivers, on the event loop: it must return at once."""


@dataclass(frozen=True, slots=True)
class SensorInfo:
    """A sensor in reach: address, advertised name, key of its kind in the registry, signal strength."""

    id: str
    name: str
    key: str
    rssi_dBm: float | None = None


class Clock(Protocol):
    """What everything that waits or tells time takes, so that tests run an hour in seconds."""

    def now(self) -> float:
        """Return monotonic seconds."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class RealClock:
    """The machine's monotonic clock."""

    def now(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class Link(Protocol):
    """An open link to one sensor."""

    async def start(self, sink: Sink) -> None:
        """Subscribe, send the start commands, and deliver what arrives to `sink` from now on."""
        ...

    async def command(self, write: Write) -> None:
        """Send one command."""
        ...

    async def read(self, what: str) -> bytes:
        """Return the value of a characteristic (UUID)."""
        ...

    async def close(self) -> None:
        """Stop the stream and disconnect; the sink gets a requested "down"."""
        ...


class Transport(Protocol):
    """Finds sensors and opens links to them."""

    async def discover(self, timeout_s: float) -> list[SensorInfo]:
        """Return the sensors in reach that the registry knows."""
        ...

    async def open(self, sensor: SensorInfo) -> Link:
        """Connect; raise SensorNotFound or SensorLost."""
        ...
