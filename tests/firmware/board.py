"""A board on the air whose firmware is the C core: bumble is its radio, a recording what its electrodes see."""

from __future__ import annotations

import asyncio
import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from bumble.core import BaseBumbleError
from bumble.device import Connection

from emgorder.model import FloatArray
from emgorder.sensors.emgo1_control import CtrlReply, read_ctrl_reply
from tests.firmware.core import Core
from tests.rigs.virtual_emgo1 import VirtualEmgo1
from tests.rigs.virtual_sensor import Radio

UV = 0.1
TURN_S = 0.02  # of the main loop, which takes far shorter ones on a board; each costs the tests two or three questions
RATE_HZ = 1000.0
INTERVAL_S = 0.015  # of the radio's connection events


@dataclass
class Table:
    """The person's time: begins with the last START."""

    origin_s: float = math.inf


class FirmwareBoard(VirtualEmgo1):
    """Converts `volts(time_s)` by a crystal that is `ppm` off, from the moment it is switched on."""

    def __init__(self, radio: Radio, address: str, core: Core, volts: Callable[[FloatArray], FloatArray],
                 table: Table, *, ppm: float = 0.0) -> None:  # fmt: skip
        self.core, self.volts, self.table = core, volts, table
        self.speed = 1 + ppm * 1e-6
        self.converted = 0
        self.replies: list[CtrlReply] = []
        super().__init__(radio, address, f"EMGO-{address[-1]}")

    def device_us(self) -> int:
        return round((self.loop_s() - self.begun_s) * self.speed * 1e6) % 2**32

    def connected(self, connection: Connection) -> None:
        self.core.connect(23)
        self.link = connection
        connection.on("connection_att_mtu_update", lambda: self.core.change_link(connection.att_mtu))
        super().connected(connection)

    def disconnected(self, reason: int) -> None:
        self.core.disconnect()
        super().disconnected(reason)

    def info(self) -> bytes:
        return self.core.ask("I")

    def commanded(self, connection: Connection, value: bytes) -> None:
        self.convert()
        reply = self.core.ask("C", self.device_us().to_bytes(4, "little") + value)
        self.replies.append(read_ctrl_reply(reply))
        if value == b"\x01":
            self.table.origin_s = self.loop_s()
        self.spawn(self.device.indicate_subscribers(self.control, reply))

    def pinged(self, _: object, value: bytes) -> None:
        now_us = self.device_us()
        self.spawn(self.device.notify_subscribers(self.sync, self.core.ping(value, now_us, now_us)))

    def acknowledged(self) -> None:
        """Tell the core that a packet has crossed the radio at this connection event."""
        self.core.acknowledge(1, self.device_us())

    def loop_s(self) -> float:
        return asyncio.get_running_loop().time()

    def convert(self) -> None:
        """Hand over what the converter has made since the last time."""
        now_s = self.loop_s()
        due = math.floor((now_s - self.begun_s) * self.speed * RATE_HZ)
        index = np.arange(self.converted, due)
        if index.size:
            at_s = self.begun_s + index / (RATE_HZ * self.speed)
            counts = np.rint(self.volts(at_s - min(self.table.origin_s, now_s)) * (1e6 / UV))
            self.core.take(index * 1000, np.clip(counts, -32768, 32767).astype(int))
            self.converted = due

    async def pump(self) -> None:
        self.begun_s = self.loop_s()
        for turn in itertools.count():
            await asyncio.sleep(TURN_S)
            self.convert()
            try:
                for packet in self.core.packets():
                    await self.device.notify_subscribers(self.data, packet)
                    event_s = (math.floor(self.loop_s() / INTERVAL_S) + 1) * INTERVAL_S
                    asyncio.get_running_loop().call_at(event_s, self.acknowledged)
                if turn % 5 == 0 and self.core.tick(self.device_us()):
                    await self.device.notify_subscribers(self.status, self.core.ask("S"))
            except BaseBumbleError:
                continue  # the link went away under it
