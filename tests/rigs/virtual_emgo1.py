"""An EMGO-1 board as a real GATT server on a radio that is software: samples, INFO, STATUS, CTRL, SYNC and battery."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
from bumble import hci
from bumble.controller import Controller
from bumble.core import AdvertisingData, BaseBumbleError
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.host import Host
from bumble.transport.common import AsyncPipeSink

from emgorder.sensors.emgo1 import DATA
from emgorder.sensors.emgo1_control import CTRL, INFO, SERVICE, STATUS, SYNC
from emgorder.simulate.packets.emgo1 import (
    FRAMES,
    encode,
    encode_ctrl_reply,
    encode_info,
    encode_status,
    encode_sync_reply,
    read_command,
    read_ping,
)
from tests.rigs.virtual_sensor import Radio

RATE_HZ = 1000.0
UV = 0.25


class VirtualEmgo1:
    """Sends sample `i` as the counts ``i % 1000`` and ``-(i % 1000)``, from START to STOP."""

    def __init__(self, radio: Radio, address: str, name: str) -> None:
        self.address, self.name = address, name
        self.index = 0
        self.begun_s = 0.0
        self.streaming = asyncio.Event()
        self.tasks: set[asyncio.Task[Any]] = set()
        controller = Controller(name, link=radio)
        self.device = Device(name=name, address=hci.Address(address), host=Host(controller, AsyncPipeSink(controller)))
        can, allow = Characteristic.Properties, Characteristic.Permissions
        self.data = Characteristic(DATA, can.NOTIFY, allow(0), b"")
        self.control = Characteristic(
            CTRL, can.WRITE | can.INDICATE, allow.WRITEABLE, CharacteristicValue(write=self.commanded)
        )
        self.sync = Characteristic(
            SYNC, can.WRITE_WITHOUT_RESPONSE | can.NOTIFY, allow.WRITEABLE, CharacteristicValue(write=self.pinged)
        )
        self.status = Characteristic(STATUS, can.NOTIFY, allow(0), b"")
        info = Characteristic(INFO, can.READ, allow.READABLE, CharacteristicValue(read=lambda _: self.info()))
        battery = Characteristic("2A19", can.READ | can.NOTIFY, allow.READABLE, bytes([87]))
        self.device.add_services([Service(SERVICE, [self.data, self.control, self.sync, info, self.status])])
        self.device.add_services([Service("180F", [battery])])
        self.device.on("connection", self.connected)

    async def switch_on(self) -> None:
        await self.device.power_on()
        await self.advertise()
        self.spawn(self.pump())

    async def switch_off(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.device.stop_advertising()

    async def advertise(self) -> None:
        said = AdvertisingData(
            [
                (AdvertisingData.FLAGS, b"\x06"),
                (
                    AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
                    bytes.fromhex(SERVICE.replace("-", ""))[::-1],
                ),
                (AdvertisingData.COMPLETE_LOCAL_NAME, self.name.encode()),
            ]
        )
        await self.device.start_advertising(
            auto_restart=False, advertising_interval_min=50, advertising_interval_max=50, advertising_data=bytes(said)
        )

    def spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def connected(self, connection: Connection) -> None:
        connection.on("disconnection", self.disconnected)

    def disconnected(self, _: int) -> None:
        self.streaming.clear()
        self.spawn(self.advertise())

    def device_us(self) -> int:
        return round((asyncio.get_running_loop().time() - self.begun_s) * 1e6)

    def info(self) -> bytes:
        return encode_info(uV_per_count=UV)

    def commanded(self, connection: Connection, value: bytes) -> None:
        operation, _, result = read_command(value)
        if operation == 1:
            self.begun_s = asyncio.get_running_loop().time() - self.index / RATE_HZ
            self.streaming.set()
        elif operation == 2:
            self.streaming.clear()
        reply = encode_ctrl_reply(operation, result, boot_id=1, index=self.index, device_us=self.device_us())
        self.spawn(self.device.indicate_subscribers(self.control, reply))

    def pinged(self, _: Any, value: bytes) -> None:
        ping = read_ping(value)
        assert ping is not None
        now_us = self.device_us()
        reply = encode_sync_reply(ping[0], received_us=now_us, sent_us=now_us)
        self.spawn(self.device.notify_subscribers(self.sync, reply))

    async def pump(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self.streaming.wait()
            await asyncio.sleep(self.begun_s + (self.index + FRAMES) / RATE_HZ - loop.time())
            if not self.streaming.is_set():
                continue
            index = self.index + np.arange(FRAMES)
            (packet,) = encode(np.stack([index % 1000, -(index % 1000)], axis=1), self.index)
            self.index += FRAMES
            try:
                await self.device.notify_subscribers(self.data, packet)
                if self.index // FRAMES % 40 == 0:
                    await self.device.notify_subscribers(self.status, encode_status(connection_interval_s=0.015))
            except BaseBumbleError:
                continue  # the link went away under it
