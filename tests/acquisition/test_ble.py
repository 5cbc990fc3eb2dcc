"""Links over a real Bluetooth stack: bumble sensors behind the unmodified bleak client; asserted in counts."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

if sys.version_info < (3, 11):
    pytest.skip("bumble needs Python 3.11", allow_module_level=True)

from emgorder.acquisition.bleak import BleakTransport
from emgorder.acquisition.link import keep_link
from emgorder.acquisition.transport import LinkEvent, Packet, SensorInfo
from emgorder.errors import SensorError, SensorLost, SensorNotFound
from emgorder.sensors.base import SensorDescriptor, Write
from tests.rigs import bluez
from tests.rigs import virtual_sensor as rig
from tests.rigs.bumble_bleak import backends

# "bluez" in the guest of scripts/bluez_guest: the kernel's stack and bluetoothd instead of bumble's
BLUEZ = os.environ.get("EMGORDER_BLE_STACK") == "bluez"
PACE = 20 if BLUEZ else 1  # an emulated machine is slower by about as much
ROOM = "514 bytes a packet" if BLUEZ else "244 bytes a packet"  # BlueZ asks for an MTU of 517
LEFT, RIGHT = "F0:00:00:00:00:01", "F0:00:00:00:00:02"


def find(name: str, services: Sequence[str]) -> SensorDescriptor | None:
    return rig.COUNTING if rig.SERVICE in services and name.startswith(rig.COUNTING.names) else None


class Session:
    """Two sensors in the air and what came of them."""

    def __init__(self, radio: rig.Radio, sensors: list[rig.VirtualSensor], transport: BleakTransport) -> None:
        self.radio, self.sensors, self.transport = radio, sensors, transport
        self.got: list[Packet | LinkEvent] = []

    def sink(self, item: Packet | LinkEvent) -> None:
        self.got.append(item)

    def packets(self, sensor: str) -> list[Packet]:
        return [item for item in self.got if isinstance(item, Packet) and item.sensor == sensor]

    def firsts(self, sensor: str) -> list[int]:
        return [rig.counted(packet.data) for packet in self.packets(sensor)]

    def events(self, sensor: str, *kinds: str) -> list[LinkEvent]:
        return [e for e in self.got if isinstance(e, LinkEvent) and e.sensor == sensor and e.kind in kinds]

    def info(self, sensor: str) -> SensorInfo:
        return SensorInfo(sensor, "CNT", "counting")


async def until(true: Callable[[], bool], what: str) -> None:
    """Wait for something; a test that waits in vain fails and says for what."""
    for _ in range(2000 * PACE):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"never: {what}")


def in_the_air(
    test: Callable[[Session], Awaitable[None]],
    *,
    interval_s: float = 0.0,
    kind: SensorDescriptor = rig.COUNTING,
    addresses: Sequence[str] = (LEFT, RIGHT),
    deliveries: int = 1,
    **sensor: Any,
) -> None:
    @contextlib.asynccontextmanager
    async def session() -> AsyncIterator[Session]:
        radio = rig.Radio(interval_s)
        async with contextlib.AsyncExitStack() as stack:
            if BLUEZ:
                scanner = client = None
                await stack.enter_async_context(bluez.adapter(radio))
            else:
                scanner, client = backends(await rig.host(radio), deliveries=deliveries)
            sensors = [rig.VirtualSensor(radio, a, f"CNT-{a[-1]}", **sensor) for a in addresses]
            for one in sensors:
                await one.switch_on()
                stack.push_async_callback(one.switch_off)
            known = {"counting": kind}.__getitem__
            yield Session(
                radio, sensors, BleakTransport(scanner, client, find=find, descriptor=known, scan_timeout_s=1.0)
            )

    async def run() -> None:
        async with session() as s:
            await test(s)

    asyncio.run(run())


@pytest.mark.parametrize("addresses", [(LEFT, RIGHT), (RIGHT, LEFT)])
def test_sensors_are_discovered_whichever_is_switched_on_first(addresses: tuple[str, str]) -> None:
    async def test(s: Session) -> None:
        found = await s.transport.discover(0.3 * PACE)
        assert [(i.id, i.name, i.key) for i in found] == [(LEFT, "CNT-1", "counting"), (RIGHT, "CNT-2", "counting")]
        assert all(i.rssi_dBm is not None for i in found)

    in_the_air(test, addresses=addresses)


@pytest.mark.parametrize("order", [(LEFT, RIGHT), (RIGHT, LEFT)])
def test_two_sensors_at_1_kHz_lose_nothing_in_whichever_order_they_are_connected(order: tuple[str, str]) -> None:
    async def test(s: Session) -> None:
        links = [await s.transport.open(s.info(sensor)) for sensor in order]
        for link in links:
            await link.start(s.sink)
        await until(lambda: min(len(s.packets(a)) for a in order) >= 50, "a second of both")
        for link in links:
            await link.close()
        for one in s.sensors:
            assert s.firsts(one.address) == one.sent == list(range(0, one.index, rig.PER_PACKET))
            assert one.index >= 1000
            up, down = s.events(one.address, "up", "down")
            assert (up.detail, down.kind, down.requested) == (ROOM, "down", True)
            times = [p.t_host_s for p in s.packets(one.address)]
            assert times == sorted(times)
            assert up.t_host_s <= times[0]

    in_the_air(test, interval_s=0.015)


def test_connects_at_the_same_time_wait_for_each_other() -> None:
    async def test(s: Session) -> None:
        links = await asyncio.gather(*(s.transport.open(s.info(a)) for a in (LEFT, RIGHT)))
        await asyncio.gather(*(link.start(s.sink) for link in links), s.transport.discover(0.2 * PACE))
        await until(lambda: min(len(s.packets(a)) for a in (LEFT, RIGHT)) >= 5, "packets of both")
        for link in links:
            await link.close()
        assert [one.log[:3] for one in s.sensors] == [["connected", "subscribe", "start"]] * 2

    in_the_air(test)


@pytest.mark.parametrize("first", [True, False])
def test_the_descriptor_tells_whether_to_subscribe_or_to_start_first(first: bool) -> None:
    async def test(s: Session) -> None:
        link = await s.transport.open(s.info(LEFT))
        await link.start(s.sink)
        await until(lambda: len(s.packets(LEFT)) >= 3, "packets")
        await link.close()
        began = ["subscribe", "start"] if first else ["start", "subscribe"]
        assert s.sensors[0].log == ["connected", *began, "stop", "disconnected"]

    quiet = replace(rig.COUNTING, battery=None, subscribe_first=first)
    in_the_air(test, kind=quiet, addresses=(LEFT,))


@pytest.mark.parametrize("uuid", [rig.BATTERY, "00002a28-0000-1000-8000-00805f9b34fb"])
def test_the_firmware_is_told_before_the_first_packet_by_a_sensor_that_has_it_written_down(uuid: str) -> None:
    async def test(s: Session) -> None:
        link = await s.transport.open(s.info(LEFT))
        await link.start(s.sink)
        await until(lambda: len(s.packets(LEFT)) >= 3, "packets")
        await link.close()
        assert [e.detail for e in s.events(LEFT, "info")] == (["57"] if uuid == rig.BATTERY else [])
        if uuid == rig.BATTERY:
            assert s.got.index(s.events(LEFT, "info")[0]) < s.got.index(s.packets(LEFT)[0])

    in_the_air(test, kind=replace(rig.COUNTING, battery=None, firmware=uuid), addresses=(LEFT,))


def test_packets_dropped_by_a_sensor_are_a_gap_and_the_rest_arrives() -> None:
    async def test(s: Session) -> None:
        link = await s.transport.open(s.info(LEFT))
        await link.start(s.sink)
        await until(lambda: len(s.packets(LEFT)) >= 30, "packets")
        await link.close()
        sensor = s.sensors[0]
        firsts = s.firsts(LEFT)
        assert firsts == sensor.sent
        assert set(range(0, sensor.index, rig.PER_PACKET)) - set(firsts) == {n * rig.PER_PACKET for n in range(10)}

    in_the_air(test, addresses=(LEFT,), drops=10)


def test_a_stall_delays_packets_and_loses_none() -> None:
    async def test(s: Session) -> None:
        link = await s.transport.open(s.info(LEFT))
        await link.start(s.sink)
        await until(lambda: len(s.packets(LEFT)) >= 5, "packets")
        s.radio.stall(LEFT, 2.0 if BLUEZ else 0.5)
        sent = len(s.sensors[0].sent)
        await until(lambda: len(s.sensors[0].sent) >= sent + 10, "packets sent into the stall")
        assert len(s.packets(LEFT)) <= sent
        await until(lambda: len(s.packets(LEFT)) >= sent + 30, "packets after it")
        await link.close()
        assert s.firsts(LEFT) == s.sensors[0].sent
        assert not s.events(LEFT, "note")

    in_the_air(test, addresses=(LEFT,))


def test_a_lost_link_is_told_and_is_no_longer_of_use() -> None:
    async def test(s: Session) -> None:
        link = await s.transport.open(s.info(LEFT))
        await link.start(s.sink)
        await until(lambda: len(s.packets(LEFT)) >= 3, "packets")
        s.radio.lose(LEFT)
        await until(lambda: bool(s.events(LEFT, "down")), "down")
        with pytest.raises(SensorLost, match="not connected"):
            await link.command(rig.COUNTING.start[0])
        await link.close()
        await link.close()
        (down,) = s.events(LEFT, "down")
        assert not down.requested
        assert s.got[-1] == down  # nothing after it

    in_the_air(test, addresses=(LEFT,))


def test_late_callbacks_of_a_superseded_client_are_ignored() -> None:
    async def test(s: Session) -> None:
        link = await s.transport.open(s.info(LEFT))
        await link.start(s.sink)
        await until(lambda: len(s.packets(LEFT)) >= 3, "packets")
        s.transport._generation[LEFT] += 1  # as when another client was opened and this one does not know yet
        seen, sent = len(s.got), len(s.sensors[0].sent)
        await until(lambda: len(s.sensors[0].sent) >= sent + 5, "packets sent")
        s.radio.lose(LEFT)
        await until(lambda: s.sensors[0].log[-1] == "disconnected", "loss")
        await asyncio.sleep(0.1 * PACE)
        assert len(s.got) == seen
        await link.close()

    in_the_air(test, addresses=(LEFT,))


@pytest.mark.parametrize("counter_modulus", [2**32, None])
def test_packets_that_a_stack_delivers_twice_are_taken_once_where_a_counter_tells(counter_modulus: int | None) -> None:
    async def test(s: Session) -> None:
        link = await s.transport.open(s.info(LEFT))
        await link.start(s.sink)
        await until(lambda: len(s.packets(LEFT)) >= 10, "packets")
        await link.close()
        sent = s.sensors[0].sent
        assert s.firsts(LEFT) == (sent if counter_modulus else sorted(sent * 2))
        notes = [e.detail for e in s.events(LEFT, "note")]
        assert notes == (["the Bluetooth stack delivers packets twice; they are taken once"] if counter_modulus else [])

    if BLUEZ:
        pytest.skip("BlueZ delivers twice when it likes")
    in_the_air(test, addresses=(LEFT,), deliveries=2, kind=replace(rig.COUNTING, counter_modulus=counter_modulus))


def test_a_kept_link_comes_back_after_every_loss_and_the_other_sensor_does_not_notice() -> None:
    async def test(s: Session) -> None:
        links = [await keep_link(s.transport, s.info(a), backoff_s=(0.05,)) for a in (LEFT, RIGHT)]
        for link in links:
            await link.start(s.sink)
        for losses in (1, 2):
            seen = len(s.packets(LEFT))
            await until(lambda n=seen: len(s.packets(LEFT)) >= n + 5, "packets")  # type: ignore[misc]
            s.radio.lose(LEFT)
            await until(lambda n=losses: len(s.events(LEFT, "up")) > n, "up again")  # type: ignore[misc]
        seen = len(s.packets(LEFT))
        await until(lambda: len(s.packets(LEFT)) >= seen + 5, "packets of the third generation")
        for link in links:
            await link.close()
        assert [(e.kind, e.requested) for e in s.events(LEFT, "up", "down")] == [
            ("up", False), ("down", False), ("up", False), ("down", False), ("up", False), ("down", True),
        ]  # fmt: skip
        assert [link.generation for link in links] == [3, 1]
        left, right = s.sensors
        assert s.firsts(RIGHT) == right.sent
        firsts = s.firsts(LEFT)
        assert firsts == sorted(set(firsts))  # none twice, none out of order
        assert set(firsts) <= set(left.sent)
        assert left.log.count("start") == left.log.count("subscribe") == 3

    in_the_air(test)


def test_a_sensor_that_was_switched_off_is_searched_for_until_it_is_back() -> None:
    async def test(s: Session) -> None:
        sensor = s.sensors[0]
        link = await keep_link(s.transport, s.info(LEFT), backoff_s=(0.05,))
        await link.start(s.sink)
        await until(lambda: len(s.packets(LEFT)) >= 3, "packets")
        sensor.away = True
        s.radio.lose(LEFT)
        await until(lambda: bool(s.events(LEFT, "note")), "an attempt that failed")
        assert not link.up
        with pytest.raises(SensorLost, match="searched for"):
            await link.command(rig.COUNTING.start[0])
        sensor.away = False
        await sensor.advertise()
        seen = len(s.packets(LEFT))
        await until(lambda: len(s.packets(LEFT)) >= seen + 3, "packets again")
        await link.close()
        assert "not heard in" in s.events(LEFT, "note")[0].detail

    in_the_air(test, addresses=(LEFT,))


def test_a_link_can_be_closed_while_it_is_searched_for() -> None:
    async def test(s: Session) -> None:
        link = await keep_link(s.transport, s.info(LEFT), backoff_s=(0.0,))
        await link.start(s.sink)
        s.sensors[0].away = True
        s.radio.lose(LEFT)
        await until(lambda: bool(s.events(LEFT, "down")), "down")
        await asyncio.sleep(0.1 * PACE)
        await link.close()
        assert [e.requested for e in s.events(LEFT, "down")] == [False]
        assert await s.transport.discover(0.1 * PACE) == []  # the radio is free

    in_the_air(test, addresses=(LEFT,))


def test_a_sensor_that_is_not_there_is_not_found() -> None:
    async def test(s: Session) -> None:
        with pytest.raises(SensorNotFound, match=r"was not heard in \d+ s\. Switch it on"):
            await s.transport.open(s.info("F0:00:00:00:00:09"))

    in_the_air(test)


def test_a_device_that_only_looks_like_a_sensor_is_refused_and_let_go() -> None:
    async def test(s: Session) -> None:
        (found,) = await s.transport.discover(0.3 * PACE)
        with pytest.raises(SensorError, match="'CNT-1' is no counting sensor") as refused:
            await s.transport.open(found)
        assert refused.value.sensor == LEFT
        await until(lambda: s.sensors[0].log == ["connected", "disconnected"], "disconnected")

    in_the_air(test, addresses=(LEFT,), services=False)


def test_battery_is_read_at_the_start_and_told_when_it_changes() -> None:
    async def test(s: Session) -> None:
        link = await s.transport.open(s.info(LEFT))
        await link.start(s.sink)
        await s.sensors[0].level(42)
        await until(lambda: len(s.events(LEFT, "battery")) == 2, "both levels")
        assert [e.detail for e in s.events(LEFT, "battery")] == ["87", "42"]
        assert await link.read(rig.BATTERY) == b"\x57"
        await link.close()

    in_the_air(test, addresses=(LEFT,))


def test_what_else_a_sensor_tells_becomes_events() -> None:
    async def test(s: Session) -> None:
        s.transport._listen = {rig.STATUS: "status", "00002a00-0000-0000-0000-000000000000": "info"}
        link = await s.transport.open(s.info(LEFT))
        await link.start(s.sink)
        await s.sensors[0].report(b"\xa2\x08")
        await until(lambda: len(s.events(LEFT, "status")) == 2, "both reports")
        await link.close()
        assert [e.detail for e in s.events(LEFT, "status", "info")] == ["a107", "a208"]

    in_the_air(test, addresses=(LEFT,))


def test_a_command_or_a_read_that_the_sensor_refuses_does_not_end_the_link() -> None:
    async def test(s: Session) -> None:
        link = await s.transport.open(s.info(LEFT))
        await link.start(s.sink)
        with pytest.raises(SensorError, match="cannot be read"):
            await link.read("00002a00-0000-0000-0000-000000000000")
        with pytest.raises(SensorError, match="command 07 was refused"):
            await link.command(Write(rig.CONTROL, b"\x07", response=True))
        seen = len(s.packets(LEFT))
        await until(lambda: len(s.packets(LEFT)) >= seen + 3, "packets")
        await link.command(rig.COUNTING.stop[0])
        await until(lambda: s.sensors[0].log[-1] == "stop", "stop")
        await link.close()

    in_the_air(test, addresses=(LEFT,))
