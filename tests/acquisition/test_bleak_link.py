"""One connected sensor on the air, as far as it can be told without a radio."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from emgorder.acquisition.bleak_link import BleakLink
from emgorder.acquisition.transport import LinkEvent, Packet, RealClock
from emgorder.sensors.base import SensorDescriptor
from emgorder.sensors.registry import sensors


class Client:
    """What a link asks of bleak: a connected device that sends `notifications` as soon as they are subscribed."""

    is_connected = True

    def __init__(self, notifications: list[bytes]) -> None:
        self.services = self
        self._notifications = notifications

    def get_characteristic(self, uuid: str) -> None:
        return None

    async def start_notify(self, uuid: str, notified: Any) -> None:
        for data in self._notifications:
            notified(None, bytearray(data))

    async def write_gatt_char(self, uuid: str, data: bytes, *, response: bool) -> None: ...


def delivered(kind: SensorDescriptor, notifications: list[bytes]) -> tuple[list[bytes], list[str]]:
    """Return the packets that a link delivers, and its notes."""
    link = BleakLink("a", kind, RealClock(), {}, lambda: True)
    link.client = Client(notifications)  # type: ignore[assignment]
    got: list[Packet | LinkEvent] = []
    asyncio.run(link.start(got.append))
    notes = [item.detail for item in got if isinstance(item, LinkEvent) and item.kind == "note"]
    return [item.data for item in got if isinstance(item, Packet)], notes


@pytest.mark.parametrize("frame", [b"\xff" * 9, bytes(9)])
def test_acknowledgements_are_delivered_as_often_as_they_come_and_doubled_frames_once(frame: bytes) -> None:
    packets, notes = delivered(sensors()["shimmer3r"], [b"\xff"] * 6)
    assert packets == [b"\xff"] * 6
    assert not notes
    packets, notes = delivered(sensors()["shimmer3r"], [b"\xff", b"\xff", frame, frame])
    assert packets == [b"\xff", b"\xff", frame]
    assert len(notes) == 1
