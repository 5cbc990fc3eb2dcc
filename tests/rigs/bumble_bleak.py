"""Backends that put the unmodified bleak scanner and client on top of a bumble host."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from bleak.backends.characteristic import BleakGATTCharacteristic, GattCharacteristicsFlags
from bleak.backends.client import BaseBleakClient
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError, BleakGATTProtocolError
from bleak.uuids import normalize_uuid_str
from bumble.att import ATT_Error
from bumble.core import UUID, AdvertisingData, BaseBumbleError
from bumble.device import Advertisement, Device, Peer

# As a stack that negotiates: notifications may then carry 244 bytes.
MTU = 247
SERVICE_LISTS = (
    AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
)


def uuid_text(uuid: UUID) -> str:
    return normalize_uuid_str(uuid.to_hex_str("-").lower())


@contextlib.contextmanager
def told_as_bleak_does() -> Iterator[None]:
    try:
        yield
    except ATT_Error as e:
        raise BleakGATTProtocolError(e.error_code) from e
    except BaseBumbleError as e:
        raise BleakError(str(e)) from e


def backends(central: Device, *, deliveries: int = 1) -> tuple[type[BaseBleakScanner], type[BaseBleakClient]]:
    """Return scanner and client classes over one bumble host; bleak wants classes, so the host is closed over.

    Every notification is delivered `deliveries` times: BlueZ has done so twice after a reconnection.
    """
    connecting = asyncio.Lock()

    class Scanner(BaseBleakScanner):
        def __init__(
            self, detection_callback: Any, service_uuids: Any, scanning_mode: str = "active", **_: Any
        ) -> None:
            super().__init__(detection_callback, service_uuids)
            self.active = scanning_mode != "passive"

        async def start(self) -> None:
            if central.is_scanning or connecting.locked():
                raise BleakError("Operation already in progress")  # BlueZ is as strict
            self.seen_devices = {}
            central.on("advertisement", self.advertised)
            await central.start_scanning(filter_duplicates=False)

        async def stop(self) -> None:
            central.remove_listener("advertisement", self.advertised)
            await central.stop_scanning()

        def advertised(self, heard: Advertisement) -> None:
            services = [uuid_text(u) for kind in SERVICE_LISTS for u in heard.data.get(kind) or []]
            name = heard.data.get(AdvertisingData.COMPLETE_LOCAL_NAME)
            if self.is_allowed_uuid(services):
                said = AdvertisementData(name, {}, {}, services, None, heard.rssi, (heard,))
                address = heard.address.to_string(False).upper()
                self.call_detection_callbacks(
                    self.create_or_update_device(address, address, name, heard.address, said), said
                )

    class Client(BaseBleakClient):
        def __init__(self, device: BLEDevice | str, **options: Any) -> None:
            super().__init__(device, disconnected_callback=options["disconnected_callback"], timeout=options["timeout"])
            assert isinstance(device, BLEDevice), "this rig connects to what a scan found"
            self.device = device
            self.peer: Peer | None = None
            self.subscribers: dict[int, Callable[[bytes], None]] = {}

        @property
        def name(self) -> str:
            return self.device.name or self.address

        @property
        def mtu_size(self) -> int:
            return self.peer.connection.att_mtu if self.peer else 23

        @property
        def is_connected(self) -> bool:
            return self.peer is not None

        async def connect(self, pair: bool, **_: Any) -> None:
            if connecting.locked() or central.is_scanning:
                raise BleakError("Operation already in progress")
            async with connecting:
                with told_as_bleak_does():
                    connection = await central.connect(self.device.details, timeout=self._timeout)
                    try:
                        self.peer = peer = Peer(connection)
                        connection.on("disconnection", lambda reason: self.disconnected())
                        await peer.request_mtu(MTU)
                        await peer.discover_all()
                    except BaseException:
                        if self.peer is not None:
                            await connection.disconnect()
                        raise
            self.services = self.collect(peer)

        def collect(self, peer: Peer) -> BleakGATTServiceCollection:
            found = BleakGATTServiceCollection()
            for s in peer.services:
                service = BleakGATTService(s, s.handle, uuid_text(s.uuid))
                found.add_service(service)
                for c in s.characteristics:
                    flags = [f.name.replace("_", "-") for f in GattCharacteristicsFlags if f.value & int(c.properties)]
                    characteristic = BleakGATTCharacteristic(
                        c, c.handle, uuid_text(c.uuid), flags, lambda: self.mtu_size - 3, service
                    )
                    found.add_characteristic(characteristic)
                    for d in c.descriptors:
                        found.add_descriptor(BleakGATTDescriptor(d, d.handle, uuid_text(d.type), characteristic))
            return found

        def disconnected(self) -> None:
            if self.peer is not None:
                self.peer = self.services = None
                self.subscribers.clear()
                if self._disconnected_callback:
                    self._disconnected_callback()

        async def disconnect(self) -> None:
            if self.peer is not None:
                with told_as_bleak_does():
                    await self.peer.connection.disconnect()

        async def pair(self, *_: Any, **__: Any) -> None:
            raise NotImplementedError

        async def unpair(self) -> None:
            raise NotImplementedError

        def connected(self) -> Peer:
            if self.peer is None:
                raise BleakError("Not connected")
            return self.peer

        async def read_gatt_char(self, characteristic: BleakGATTCharacteristic, **_: Any) -> bytearray:
            with told_as_bleak_does():
                return bytearray(await self.connected().read_value(characteristic.handle))

        async def read_gatt_descriptor(self, descriptor: BleakGATTDescriptor, **_: Any) -> bytearray:
            with told_as_bleak_does():
                return bytearray(await self.connected().read_value(descriptor.handle))

        async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: Any, response: bool) -> None:
            with told_as_bleak_does():
                await self.connected().write_value(characteristic.handle, bytes(data), with_response=response)

        async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: Any) -> None:
            with told_as_bleak_does():
                await self.connected().write_value(descriptor.handle, bytes(data), with_response=True)

        async def start_notify(
            self, characteristic: BleakGATTCharacteristic, callback: Callable[[bytearray], None], **_: Any
        ) -> None:
            if characteristic.handle in self.subscribers:
                raise BleakError("Characteristic notifications already started")

            def deliver(value: bytes) -> None:
                for _ in range(deliveries):
                    callback(bytearray(value))

            with told_as_bleak_does():
                await self.connected().subscribe(characteristic.obj, deliver)
            self.subscribers[characteristic.handle] = deliver

        async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
            with told_as_bleak_does():
                await self.connected().unsubscribe(characteristic.obj, self.subscribers.pop(characteristic.handle))

    return Scanner, Client
