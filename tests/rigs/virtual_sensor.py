"""A sensor that is a real GATT server, on a radio that is software: it can lose links, stall, and quantise time."""

from __future__ import annotations

import asyncio
import math
import struct
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

from bumble import hci
from bumble.att import ATT_Error, ErrorCode
from bumble.controller import Controller
from bumble.core import AdvertisingData, BaseBumbleError, PhysicalTransport
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.host import Host
from bumble.link import LocalLink
from bumble.transport.common import AsyncPipeSink

from emgorder.sensors.base import SensorDescriptor, Write
from tests.rigs.quiet import quieten

quieten()

SERVICE = "7d1a0001-3c5e-4b7f-8a90-a1b2c3d4e5f6"
DATA = "7d1a0002-3c5e-4b7f-8a90-a1b2c3d4e5f6"
CONTROL = "7d1a0003-3c5e-4b7f-8a90-a1b2c3d4e5f6"
STATUS = "7d1a0004-3c5e-4b7f-8a90-a1b2c3d4e5f6"
BATTERY = "00002a19-0000-1000-8000-00805f9b34fb"
START, STOP = b"\x01", b"\x00"
PER_PACKET = 20

COUNTING = SensorDescriptor(
    key="counting",
    title="counting sensor",
    n_channels=1,
    sampling_frequency=1000.0,
    unit="a.u.",
    kind="raw",
    service=SERVICE,
    notify=DATA,
    names=("CNT",),
    start=(Write(CONTROL, START, response=True),),
    stop=(Write(CONTROL, STOP, response=True),),
    counter_modulus=2**32,
    battery=BATTERY,
)


def counted(data: bytes) -> int:
    """Return the index of a packet's first sample; its samples must be the indices after it."""
    first, *samples = struct.unpack(f"<I{PER_PACKET}H", data)
    assert samples == [(first + i) & 0xFFFF for i in range(PER_PACKET)]
    return int(first)


class Radio(LocalLink):
    """Carries at connection events (`interval_s`) and in order; may hold back or lose a link."""

    def __init__(self, interval_s: float = 0.0) -> None:
        super().__init__()
        self.interval_s = interval_s
        self.held: defaultdict[tuple[str, str], deque[Callable[[], None]]] = defaultdict(deque)
        self.stalled: dict[str, float] = {}

    def send_acl_data(
        self, sender_controller: Controller, destination_address: hci.Address, transport: PhysicalTransport, data: bytes
    ) -> None:
        receiver = self.find_le_controller(destination_address)
        # by the link's own address: a controller of a kernel connects with its public one, bumble's with a random one
        links = sender_controller.le_connections.values()
        source = next((c.self_address for c in links if c.peer_address == destination_address), None)
        if receiver is None or source is None:
            return
        loop = asyncio.get_running_loop()
        ends = (str(source), str(destination_address))
        queue = self.held[ends]
        queue.append(lambda: receiver.on_link_acl_data(source, transport, data))
        if len(queue) == 1:
            now = loop.time()
            due = now if not self.interval_s else (math.floor(now / self.interval_s) + 1) * self.interval_s
            loop.call_at(max(due, *(self.stalled.get(end, 0.0) for end in ends)), self.flush, ends)

    def flush(self, ends: tuple[str, str]) -> None:
        queue = self.held.pop(ends, deque())
        for deliver in queue:
            deliver()

    def stall(self, address: str, seconds: float) -> None:
        """Hold everything back for a while; then it comes at once, in order, as after retransmissions."""
        self.stalled[address] = asyncio.get_running_loop().time() + seconds

    def lose(self, address: str) -> None:
        """End a link at both ends by its supervision timeout."""
        for controller in self.controllers:
            for link in list(controller.le_connections.values()):
                ends = (str(link.self_address), str(link.peer_address))
                if address in ends:
                    self.held.pop(ends, None)
                    controller.on_le_disconnected(link, hci.HCI_CONNECTION_TIMEOUT_ERROR)


class VirtualSensor:
    """Sends its sample indices at 1 kHz, 20 a packet, from the start command to the stop command.

    `drops` of every 100 packets are lost inside it. With ``services=False`` it advertises like one and is none.
    """

    def __init__(
        self, radio: Radio, address: str, name: str, *, drops: int = 0, battery: int = 87, services: bool = True
    ) -> None:
        self.radio, self.address, self.name, self.drops = radio, address, name, drops
        self.log: list[str] = []
        self.sent: list[int] = []
        self.index = 0
        self.away = False
        self.streaming = asyncio.Event()
        controller = Controller(name, link=radio)
        self.device = Device(name=name, address=hci.Address(address), host=Host(controller, AsyncPipeSink(controller)))
        can, allow = Characteristic.Properties, Characteristic.Permissions
        self.data = Characteristic(DATA, can.NOTIFY, allow(0), b"")
        self.battery = Characteristic("2A19", can.READ | can.NOTIFY, allow.READABLE, bytes([battery]))
        control = Characteristic(
            CONTROL, can.WRITE | can.WRITE_WITHOUT_RESPONSE, allow.WRITEABLE, CharacteristicValue(write=self.written)
        )
        self.status = Characteristic(STATUS, can.READ | can.NOTIFY, allow.READABLE, b"\xa1\x07")
        self.data.on("subscription", self.subscribed)
        if services:
            self.device.add_services([Service(SERVICE, [self.data, control, self.status])])
        self.device.add_services([Service("180F", [self.battery])])
        self.device.on("connection", self.connected)
        self.tasks: set[asyncio.Task[Any]] = set()

    async def switch_on(self) -> None:
        await self.device.power_on()
        await self.advertise()
        self.spawn(self.pump())

    async def switch_off(self) -> None:
        self.away = True
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.device.stop_advertising()

    async def advertise(self) -> None:
        if self.away:
            return
        service = bytes.fromhex(SERVICE.replace("-", ""))[::-1]
        # 31 bytes in all: 3 of flags, 18 of the service, 2 + 8 of the name; this controller sends no scan response
        said = AdvertisingData(
            [
                (AdvertisingData.FLAGS, b"\x06"),
                (AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, service),
                (AdvertisingData.COMPLETE_LOCAL_NAME, self.name.encode()),
            ]
        )
        await self.device.start_advertising(
            auto_restart=False, advertising_interval_min=50, advertising_interval_max=50, advertising_data=bytes(said)
        )

    async def level(self, percent: int) -> None:
        """Notify a new battery level."""
        await self.device.notify_subscribers(self.battery, bytes([percent]))

    async def report(self, status: bytes) -> None:
        """Notify a new status."""
        await self.device.notify_subscribers(self.status, status)

    def spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def connected(self, connection: Connection) -> None:
        self.log.append("connected")
        connection.on("disconnection", self.disconnected)

    def disconnected(self, _: int) -> None:
        self.log.append("disconnected")
        self.streaming.clear()
        self.spawn(self.advertise())

    def subscribed(self, _: Any, notify: bool, __: bool) -> None:
        self.log.append("subscribe" if notify else "unsubscribe")

    def written(self, _: Any, value: bytes) -> None:
        if value not in (START, STOP):
            raise ATT_Error(ErrorCode.VALUE_NOT_ALLOWED)
        self.log.append("start" if value == START else "stop")
        (self.streaming.set if value == START else self.streaming.clear)()

    async def pump(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self.streaming.wait()
            begun, packets = loop.time(), 0
            while self.streaming.is_set():
                first, self.index = self.index, self.index + PER_PACKET
                packets += 1
                if (first // PER_PACKET) % 100 >= self.drops:
                    samples = [(first + i) & 0xFFFF for i in range(PER_PACKET)]
                    packet = struct.pack(f"<I{PER_PACKET}H", first, *samples)
                    try:
                        await self.device.notify_subscribers(self.data, packet)
                    except BaseBumbleError:
                        continue  # the link went away under it
                    self.sent.append(first)
                await asyncio.sleep(begun + packets * PER_PACKET / 1000 - loop.time())


async def host(radio: Radio) -> Device:
    """Return a central on the radio: what bleak's backends talk through."""
    controller = Controller("central", link=radio)
    device = Device(
        name="central", address=hci.Address("C0:FF:EE:00:00:01"), host=Host(controller, AsyncPipeSink(controller))
    )
    await device.power_on()
    return device
