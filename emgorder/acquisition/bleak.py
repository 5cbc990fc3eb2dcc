"""Sensors on the air: every Bluetooth stack that bleak speaks to, or the backends it is given."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from emgorder.acquisition.transport import Clock, EventKind, LinkEvent, Packet, RealClock, SensorInfo, Sink
from emgorder.errors import SensorError, SensorLost, SensorNotFound
from emgorder.sensors.base import SensorDescriptor, Write

if TYPE_CHECKING:
    from bleak import BleakClient
    from bleak.backends.client import BaseBleakClient
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData, BaseBleakScanner

__all__ = ["BleakLink", "BleakTransport", "Find"]

Find: TypeAlias = Callable[[str, Sequence[str]], SensorDescriptor | None]
"""Tells the kind of a sensor by its advertised name and services."""

# What EMGO-1 notifies beside its samples: replies to pings, and its own account of itself.
EVENTS: dict[str, EventKind] = {
    "e0a50004-6d67-4f72-b1e5-656d676f7264": "sync",
    "e0a50006-6d67-4f72-b1e5-656d676f7264": "status",
}


def _registered(name: str, services: Sequence[str]) -> SensorDescriptor | None:
    from emgorder.sensors.registry import find_sensor

    return find_sensor(name, services)


def _descriptor(key: str) -> SensorDescriptor:
    from emgorder.sensors.registry import sensors

    return sensors()[key]


@contextlib.contextmanager
def _raising(error: type[SensorError], sensor: str, what: str) -> Iterator[None]:
    """Turn what a Bluetooth stack raises into an error of ours."""
    from bleak.exc import BleakError

    try:
        yield
    except (BleakError, OSError, EOFError, asyncio.TimeoutError) as e:
        raise error(f"{what}: {str(e) or type(e).__name__}", sensor=sensor) from e


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
        Further characteristics (UUID) whose notifications become events of that kind, their bytes in hexadecimal.
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
                disconnected_callback=link._disconnected,
                timeout=self._connect_timeout_s,
                backend=self._client_backend,
            )
            with _raising(SensorNotFound, sensor.id, f"{kind.title} did not let itself be connected"):
                await client.connect()
        if not client.is_connected:
            raise SensorLost("went away as soon as it was connected", sensor=sensor.id)
        if client.services.get_characteristic(kind.notify) is None:
            with _raising(SensorLost, sensor.id, "cannot be disconnected"):
                await client.disconnect()
            raise SensorError(
                f"{heard.name!r} is no {kind.title}: it has no characteristic {kind.notify}. Choose another device, "
                "or switch it off and on if it is the right one",
                sensor=sensor.id,
            )
        link._client = client
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

        with _raising(SensorError, until or "", "No scan: is Bluetooth there, switched on, and allowed"):
            async with BleakScanner(advertised, backend=self._scanner_backend):
                waits = [asyncio.ensure_future(self._clock.sleep(timeout_s)), asyncio.ensure_future(enough.wait())]
                try:
                    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for wait in waits:
                        wait.cancel()


class BleakLink:
    """A connected sensor; made by `BleakTransport.open`."""

    def __init__(
        self,
        sensor: str,
        kind: SensorDescriptor,
        clock: Clock,
        listen: Mapping[str, EventKind],
        current: Callable[[], bool],
    ) -> None:
        self._sensor = sensor
        self._kind = kind
        self._clock = clock
        self._listen = listen
        self._current = current  # False as soon as a newer client serves this sensor
        self._client: BleakClient | None = None
        self._sink: Sink | None = None
        self._requested = False
        self._over = False

    async def start(self, sink: Sink) -> None:
        """Say "up", subscribe and send the start commands in the sensor's order, and read its battery.

        Raises
        ------
        SensorLost
            It went away meanwhile; the sink has got a "down".
        """
        client = self._connected()
        data = client.services.get_characteristic(self._kind.notify)
        room = f"{data.max_write_without_response_size} bytes a packet" if data else ""
        self._sink = sink
        self._event("up", room)
        try:
            with _raising(SensorLost, self._sensor, "did not start"):
                await self._battery(client)
                for uuid, kind in self._listen.items():
                    if client.services.get_characteristic(uuid) is not None:
                        await client.start_notify(uuid, self._notice(kind, bytes.hex))
                if self._kind.subscribe_first:
                    await client.start_notify(self._kind.notify, self._packet)
                for write in self._kind.start:
                    await client.write_gatt_char(write.characteristic, write.data, response=write.response)
                if not self._kind.subscribe_first:
                    await client.start_notify(self._kind.notify, self._packet)
        except SensorLost as e:
            self._down(str(e))
            raise

    async def command(self, write: Write) -> None:
        """Send one command.

        Raises
        ------
        SensorLost
            There is no connection any more.
        SensorError
            The sensor refused.
        """
        client = self._connected()
        with _raising(SensorError, self._sensor, f"command {write.data.hex(' ')} was refused"):
            await client.write_gatt_char(write.characteristic, write.data, response=write.response)

    async def read(self, what: str) -> bytes:
        """Return the value of a characteristic (UUID); raises like `command`."""
        client = self._connected()
        with _raising(SensorError, self._sensor, f"{what} cannot be read"):
            return bytes(await client.read_gatt_char(what))

    async def close(self) -> None:
        """Stop the stream and disconnect; the sink gets a requested "down". A second time does nothing."""
        client, self._requested = self._client, True
        try:
            if client is not None and client.is_connected and not self._over:
                with _raising(SensorLost, self._sensor, "did not stop"):
                    for write in self._kind.stop if self._sink else ():
                        await client.write_gatt_char(write.characteristic, write.data, response=write.response)
        except SensorLost as e:
            self._event("note", str(e))
        try:
            if client is not None and client.is_connected:
                with _raising(SensorLost, self._sensor, "did not disconnect"):
                    await client.disconnect()
        except SensorLost as e:
            self._event("note", str(e))
        self._down("closed")

    def _connected(self) -> BleakClient:
        client = self._client
        if client is None or self._over or not client.is_connected:
            raise SensorLost("is not connected", sensor=self._sensor)
        return client

    async def _battery(self, client: BleakClient) -> None:
        found = client.services.get_characteristic(self._kind.battery) if self._kind.battery else None
        if found is None:
            return
        notice = self._notice("battery", lambda value: str(value[0]) if value else "")
        if "read" in found.properties:
            notice(found, await client.read_gatt_char(found))
        if "notify" in found.properties:
            await client.start_notify(found, notice)

    def _packet(self, _: object, data: bytearray) -> None:
        now = self._clock.now()  # before anything else
        if self._sink is not None and not self._over and self._current():
            self._sink(Packet(self._sensor, now, bytes(data)))

    def _notice(self, kind: EventKind, text: Callable[[bytes], str]) -> Callable[[object, bytearray], None]:
        def notified(_: object, data: bytearray) -> None:
            now = self._clock.now()
            if self._sink is not None and not self._over and self._current():
                self._sink(LinkEvent(self._sensor, now, kind, False, text(bytes(data))))

        return notified

    def _event(self, kind: EventKind, detail: str) -> None:
        if self._sink is not None and not self._over and self._current():
            self._sink(LinkEvent(self._sensor, self._clock.now(), kind, kind == "down" and self._requested, detail))

    def _down(self, detail: str) -> None:
        self._event("down", detail)
        self._over = True

    def _disconnected(self, _: object) -> None:
        # bleak calls this for a lost link and for our own disconnect alike, and tells no reason
        self._down("closed" if self._requested else "the link was lost")
