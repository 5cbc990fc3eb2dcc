"""One connected sensor on the air."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from emgorder.acquisition.transport import Clock, EventKind, LinkEvent, Packet, Sink
from emgorder.errors import SensorError, SensorLost
from emgorder.sensors.base import SensorDescriptor, Write

if TYPE_CHECKING:
    from bleak import BleakClient

__all__ = ["BleakLink", "raising"]


@contextlib.contextmanager
def raising(error: type[SensorError], sensor: str, what: str) -> Iterator[None]:
    """Turn what a Bluetooth stack raises into an error of ours."""
    from bleak.exc import BleakError

    try:
        yield
    except (BleakError, OSError, EOFError, asyncio.TimeoutError) as e:
        raise error(f"{what}: {str(e) or type(e).__name__}", sensor=sensor) from e


def _percent(level: bytes) -> str:
    return str(level[0]) if level else ""


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
        self.client: BleakClient | None = None
        self._sink: Sink | None = None
        self._requested = False
        self._over = False
        self._last = b""
        self._doubled = False

    async def start(self, sink: Sink) -> None:
        """Say "up", read battery and the like, subscribe and send the start commands in the sensor's order.

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
            with raising(SensorLost, self._sensor, "did not start"):
                if self._kind.battery:
                    await self._attend(client, self._kind.battery, "battery", _percent)
                for uuid, kind in self._listen.items():
                    await self._attend(client, uuid, kind, bytes.hex)
                if self._kind.firmware:
                    await self._tell_firmware(client, self._kind.firmware)
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
        with raising(SensorError, self._sensor, f"command {write.data.hex(' ')} was refused"):
            await client.write_gatt_char(write.characteristic, write.data, response=write.response)

    async def read(self, what: str) -> bytes:
        """Return the value of a characteristic (UUID); raises like `command`."""
        client = self._connected()
        with raising(SensorError, self._sensor, f"{what} cannot be read"):
            return bytes(await client.read_gatt_char(what))

    async def close(self) -> None:
        """Stop the stream and disconnect; the sink gets a requested "down". A second time does nothing."""
        client, self._requested = self.client, True
        try:
            if client is not None and client.is_connected and not self._over:
                with raising(SensorLost, self._sensor, "did not stop"):
                    for write in self._kind.stop if self._sink else ():
                        await client.write_gatt_char(write.characteristic, write.data, response=write.response)
        except SensorLost as e:
            self._event("note", str(e))
        try:
            if client is not None and client.is_connected:
                with raising(SensorLost, self._sensor, "did not disconnect"):
                    await client.disconnect()
        except SensorLost as e:
            self._event("note", str(e))
        self._down("closed")

    def _connected(self) -> BleakClient:
        client = self.client
        if client is None or self._over or not client.is_connected:
            raise SensorLost("is not connected", sensor=self._sensor)
        return client

    async def _attend(self, client: BleakClient, uuid: str, kind: EventKind, text: Callable[[bytes], str]) -> None:
        """Tell what a characteristic holds now and whenever it changes, as far as it can be read and notifies."""
        found = client.services.get_characteristic(uuid)
        if found is None:
            return

        def notified(_: object, data: bytearray) -> None:
            now = self._clock.now()  # before anything else
            if self._sink is not None and not self._over and self._current():
                self._sink(LinkEvent(self._sensor, now, kind, False, text(bytes(data))))

        if "read" in found.properties:
            notified(found, await client.read_gatt_char(found))
        if {"notify", "indicate"} & set(found.properties):
            await client.start_notify(found, notified)

    async def _tell_firmware(self, client: BleakClient, uuid: str) -> None:
        """Tell which firmware it is; a sensor that does not say streams all the same."""
        found = client.services.get_characteristic(uuid)
        if found is None or "read" not in found.properties:
            return
        try:
            with raising(SensorError, self._sensor, "the firmware cannot be read"):
                self._event("info", bytes(await client.read_gatt_char(found)).hex())
        except SensorError as e:
            self._event("note", str(e))

    def _packet(self, _: object, data: bytearray) -> None:
        now = self._clock.now()  # before anything else
        if self._sink is None or self._over or not self._current():
            return
        packet = bytes(data)
        # After a reconnection BlueZ hands bleak 3.0.2 and later each packet twice (bleak issue 2002). Two packets with
        # a counter are never alike; of a sensor without one, nothing can tell. One byte holds no counter: a Shimmer3R
        # acknowledges each command by the same.
        if packet == self._last and self._kind.counter_modulus is not None and len(packet) > 1:
            if not self._doubled:
                self._doubled = True
                self._event("note", "the Bluetooth stack delivers packets twice; they are taken once")
            return
        self._last = packet
        self._sink(Packet(self._sensor, now, packet))

    def _event(self, kind: EventKind, detail: str) -> None:
        if self._sink is not None and not self._over and self._current():
            self._sink(LinkEvent(self._sensor, self._clock.now(), kind, kind == "down" and self._requested, detail))

    def _down(self, detail: str) -> None:
        self._event("down", detail)
        self._over = True

    def disconnected(self, _: object) -> None:
        """Take notice; bleak calls this for a lost link and for our own disconnect alike, and tells no reason."""
        self._down("closed" if self._requested else "the link was lost")
