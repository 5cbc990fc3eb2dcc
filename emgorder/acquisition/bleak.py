"""Sensors on the air: every Bluetooth stack that bleak speaks to, or the backends it is given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from emgorder.acquisition.bleak_link import BleakLink, raising
from emgorder.acquisition.transport import Clock, EventKind, RealClock, SensorInfo
from emgorder.errors import SensorError, SensorLost, SensorNotFound
from emgorder.sensors.base import SensorDescriptor

if TYPE_CHECKING:
    from bleak.backends.client import BaseBleakClient
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData, BaseBleakScanner

__all__ = ["BleakLink", "BleakTransport", "Find"]

Find: TypeAlias = Callable[[str, Sequence[str]], SensorDescriptor | None]
"""Tells the kind of a sensor by its advertised name and services."""

# What EMGO-1 tells beside its samples: replies to pings, what it is, and how it does.
EVENTS: dict[str, EventKind] = {
    "e0a50004-6d67-4f72-b1e5-656d676f7264": "sync",
    "e0a50005-6d67-4f72-b1e5-656d676f7264": "info",
    "e0a50006-6d67-4f72-b1e5-656d676f7264": "status",
}


def _registered(name: str, services: Sequence[str]) -> SensorDescriptor | None:
    from emgorder.sensors.registry import find_sensor

    return find_sensor(name, services)


def _descriptor(key: str) -> SensorDescriptor:
    from emgorder.sensors.registry import sensors

    return sensors()[key]


@dataclass(slots=True)
class _Heard:
    """What one device said of itself; a stack may report name and services in different advertisements."""

    device: BLEDevice
    name: str = ""
    services: set[str] = field(default_factory=set)
    rssi_dBm: float | None = None

    def add(self, device: BLEDevice, said: AdvertisementData) -> None:
        self.device = device
        self.name = said.local_name or device.name or self.name
        self.services |= {uuid.lower() for uuid in said.service_uuids}
        self.rssi_dBm = said.rssi


class BleakTransport:
    """Bluetooth Low Energy through bleak.

    One lock is held for every scan and every connect: two connects at the same time have given a client without its
    characteristics. A device heard in a scan is connected to once; after that it is searched for again, since a stack
    may have forgotten a device that dropped.

    Parameters
    ----------
    scanner_backend, client_backend : type, optional
        bleak backends to use in place of the platform's.
    clock : Clock, optional
        Stamps what arrives and times the scans; the machine's by default.
    find : callable, optional
        ``find(name, services)`` returns the descriptor of an advertised device or None; default: the registry.
    descriptor : callable, optional
        ``descriptor(key)``; default: the registry.
    listen : mapping of str to EventKind
        Further characteristics (UUID) whose value at the start and whose notifications become events of that kind,
        the bytes in hexadecimal; those that a sensor lacks are passed over.
    scan_timeout_s, connect_timeout_s : float
        How long `open` searches, and how long it tries to connect.

    Examples
    --------
    >>> transport = BleakTransport()
    >>> found = asyncio.run(transport.discover(5.0))    # doctest: +SKIP
    """

    def __init__(
        self,
        scanner_backend: type[BaseBleakScanner] | None = None,
        client_backend: type[BaseBleakClient] | None = None,
        clock: Clock | None = None,
        *,
        find: Find = _registered,
        descriptor: Callable[[str], SensorDescriptor] = _descriptor,
        listen: Mapping[str, EventKind] = EVENTS,
        scan_timeout_s: float = 5.0,
        connect_timeout_s: float = 15.0,
    ) -> None:
        self._scanner_backend = scanner_backend
        self._client_backend = client_backend
        self._clock = clock or RealClock()
        self._find = find
        self._descriptor = descriptor
        self._listen = dict(listen)
        self._scan_timeout_s = scan_timeout_s
        self._connect_timeout_s = connect_timeout_s
        self._radio = asyncio.Lock()
        self._heard: dict[str, _Heard] = {}
        self._generation: dict[str, int] = {}

    async def discover(self, timeout_s: float) -> list[SensorInfo]:
        """Listen for `timeout_s` seconds; return the sensors heard that the registry knows, by address.

        Raises
        ------
        SensorError
            There is no Bluetooth, or it is off.
        """
        async with self._radio:
            await self._scan(timeout_s)
        found = [(heard, self._find(heard.name, sorted(heard.services))) for heard in self._heard.values()]
        known = [
            SensorInfo(heard.device.address, heard.name, kind.key, heard.rssi_dBm)
            for heard, kind in found
            if kind is not None
        ]
        return sorted(known, key=lambda sensor: sensor.id)

    async def open(self, sensor: SensorInfo) -> BleakLink:
        """Connect, after a search unless the last scan has just heard it.

        Raises
        ------
        SensorNotFound
            It is not heard, or does not answer.
        SensorLost
            It went away while it was being connected.
        SensorError
            It is no sensor of that kind.
        """
        from bleak import BleakClient

        kind = self._descriptor(sensor.key)
        async with self._radio:
            if sensor.id not in self._heard:
                await self._scan(self._scan_timeout_s, until=sensor.id)
            heard = self._heard.pop(sensor.id, None)
            if heard is None:
                raise SensorNotFound(
                    f"{kind.title} was not heard in {self._scan_timeout_s:g} s. Switch it on, bring it nearer, and end "
                    "its connection to any other program or phone",
                    sensor=sensor.id,
                )
            generation = self._generation[sensor.id] = self._generation.get(sensor.id, 0) + 1
            link = BleakLink(
                sensor.id, kind, self._clock, self._listen, lambda: self._generation[sensor.id] == generation
            )
            client = BleakClient(
                heard.device,
                disconnected_callback=link.disconnected,
                timeout=self._connect_timeout_s,
                backend=self._client_backend,
            )
            with raising(SensorNotFound, sensor.id, f"{kind.title} did not let itself be connected"):
                await client.connect()
        if not client.is_connected:
            raise SensorLost("went away as soon as it was connected", sensor=sensor.id)
        if client.services.get_characteristic(kind.notify) is None:
            with raising(SensorLost, sensor.id, "cannot be disconnected"):
                await client.disconnect()
            raise SensorError(
                f"{heard.name!r} is no {kind.title}: it has no characteristic {kind.notify}. Choose another device, "
                "or switch it off and on if it is the right one",
                sensor=sensor.id,
            )
        link.client = client
        return link

    async def _scan(self, timeout_s: float, until: str | None = None) -> None:
        """Hear who is there; the lock is held."""
        from bleak import BleakScanner

        self._heard = {}
        enough = asyncio.Event()

        def advertised(device: BLEDevice, said: AdvertisementData) -> None:
            self._heard.setdefault(device.address, _Heard(device)).add(device, said)
            if device.address == until:
                enough.set()

        with raising(SensorError, until or "", "No scan: is Bluetooth there, switched on, and allowed"):
            async with BleakScanner(advertised, backend=self._scanner_backend):
                waits = [asyncio.ensure_future(self._clock.sleep(timeout_s)), asyncio.ensure_future(enough.wait())]
                try:
                    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for wait in waits:
                        wait.cancel()
