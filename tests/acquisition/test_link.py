"""Links that come back, over simulated sensors on virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgorder.acquisition.clocks import FastClock
from emgorder.acquisition.link import SteadyLink, keep_link
from emgorder.acquisition.simulated import LinkFaults, SimulatedLink, SimulatedSensor, SimulatedTransport
from emgorder.acquisition.transport import EventKind, Link, LinkEvent, Packet, SensorInfo, Sink
from emgorder.errors import PacketError, SensorLost, SensorNotFound
from emgorder.model import FloatArray
from emgorder.sensors.base import Chunk, SensorDescriptor, Write

INFO = SensorInfo("left", "Test", "test")
KIND = SensorDescriptor(
    key="test",
    title="test",
    n_channels=1,
    sampling_frequency=1000.0,
    unit="a.u.",
    kind="raw",
    service="s",
    notify="n",
    names=("Test",),
    counter_modulus=2**16,
    battery="2a19",
)


class Counting:
    """Decodes a counter and 20 samples."""

    descriptor = KIND

    def decode(self, data: bytes) -> list[Chunk]:
        if len(data) != 2:
            raise PacketError("no packet", data=data)
        return [Chunk(int.from_bytes(data, "little"), np.zeros((20, 1)))]


def encode(values: FloatArray, index: int, device_us: int) -> list[bytes]:
    return [(index & 0xFFFF).to_bytes(2, "little")]


def sensor(**faults: Any) -> SimulatedSensor:
    return SimulatedSensor(
        info=INFO,
        source=lambda time_s: time_s[:, None],
        encode=encode,
        sampling_frequency=1000.0,
        samples_per_packet=20,
        faults=LinkFaults(**faults),
        values={"2a19": b"\x57"},
    )


def keep(
    one: SimulatedSensor,
    seconds: float,
    *,
    during: Callable[[SteadyLink, FastClock], Awaitable[None]] | None = None,
    **options: Any,
) -> tuple[list[Packet | LinkEvent], SteadyLink]:
    clock, got = FastClock(), []

    async def run() -> SteadyLink:
        link = await keep_link(SimulatedTransport([one], clock=clock), INFO, clock=clock, **options)
        await link.start(got.append)
        if during:
            await during(link, clock)
        await clock.sleep(seconds - clock.now())
        await link.close()
        return link

    return got, asyncio.run(run())


def packets(got: list[Packet | LinkEvent]) -> list[Packet]:
    return [item for item in got if isinstance(item, Packet)]


def events(got: list[Packet | LinkEvent], *kinds: EventKind) -> list[LinkEvent]:
    return [item for item in got if isinstance(item, LinkEvent) and item.kind in kinds]


@given(st.lists(st.tuples(st.floats(0.5, 20.0), st.floats(0.0, 8.0)), max_size=4))
@settings(max_examples=20, deadline=None)
def test_whatever_is_cut_comes_back_and_up_and_down_take_turns(cuts: list[tuple[float, float]]) -> None:
    got, link = keep(sensor(cuts=tuple(cuts)), 60.0)
    told = [e.kind for e in events(got, "up", "down")]
    assert told == ["up", "down"] * (len(told) // 2)
    assert [e.requested for e in events(got, "down")] == [False] * (len(told) // 2 - 1) + [True]
    assert packets(got)[-1].t_host_s > 59.9
    assert link.generation >= len(told) // 2
    up = False
    for item in got:  # no packet while it is down
        if isinstance(item, Packet):
            assert up
        elif item.kind in ("up", "down"):
            up = item.kind == "up"


def test_the_waits_between_attempts_grow_and_the_last_one_repeats() -> None:
    got, _ = keep(sensor(cuts=((1.0, 10.0),)), 20.0, backoff_s=(0.5, 1.0, 3.0))
    assert [e.t_host_s for e in events(got, "note")] == pytest.approx([1.5, 2.5, 5.5, 8.5])
    assert "attempt 4 to reconnect failed: left: the simulated sensor is not in reach" in events(got, "note")[-1].detail
    assert [e.t_host_s for e in events(got, "up")] == pytest.approx([0.0, 11.5])
    assert [e.detail for e in events(got, "up")] == ["generation 1; simulated", "generation 6; simulated"]


def test_while_it_is_away_commands_and_reads_fail_and_closing_works() -> None:
    async def during(link: SteadyLink, clock: FastClock) -> None:
        await clock.sleep(2.0)
        assert not link.up
        with pytest.raises(SensorLost, match="searched for"):
            await link.command(Write("c", b"?"))
        with pytest.raises(SensorLost, match="searched for"):
            await link.read("2a19")

    got, link = keep(sensor(cuts=((1.0, 1e9),)), 3.0, during=during)
    assert [e.requested for e in events(got, "down")] == [False]
    assert not link.up


def test_a_sensor_that_is_not_there_at_first_is_not_waited_for() -> None:
    transport = SimulatedTransport([], clock=FastClock())
    with pytest.raises(SensorNotFound):
        asyncio.run(keep_link(transport, INFO))


def test_rate_loss_and_interval_are_told_every_second() -> None:
    got, _ = keep(sensor(loss=0.1, drift_ppm=50.0), 70.5, decoder=Counting)
    lost = sum(int(e.detail.split()[0]) for e in events(got, "loss"))
    first, last = (int.from_bytes(p.data, "little") for p in (packets(got)[0], packets(got)[-1]))
    assert first == lost % 20 == 0
    assert 20 * (len(packets(got)) - 1) + lost == pytest.approx((last - first) % 2**16 + 2**16, abs=1000)  # unreported
    rates = [e.detail for e in events(got, "rate")]
    assert len(rates) == 70
    assert all(float(rate.removesuffix(" Hz")) == pytest.approx(1000.0, abs=0.2) for rate in rates)
    assert {e.detail for e in events(got, "interval")} == {"20.0 ms"}


def test_a_packet_that_is_none_is_told_and_still_delivered() -> None:
    def broken(values: FloatArray, index: int, device_us: int) -> list[bytes]:
        return [b"?" if index == 100 else encode(values, index, device_us)[0]]

    got, _ = keep(replace(sensor(), encode=broken), 1.5, decoder=Counting)
    assert [e.detail for e in events(got, "note")] == ["1 packets were none"]
    assert b"?" in [p.data for p in packets(got)]


def test_the_battery_is_read_every_minute() -> None:
    got, _ = keep(sensor(), 200.0, descriptor=KIND)
    assert [e.detail for e in events(got, "battery")] == ["87"] * 3


@pytest.mark.parametrize(("level", "told"), [(b"", []), (b"\x57\xff\xff", ["87"])])
def test_a_battery_level_is_one_byte_and_none_is_no_flat_battery(level: bytes, told: list[str]) -> None:
    got, _ = keep(replace(sensor(), values={"2a19": level}), 70.0, descriptor=KIND)
    assert [e.detail for e in events(got, "battery")] == told


def test_a_link_that_is_up_and_silent_is_made_anew() -> None:
    got, link = keep(sensor(stalls=((5.0, 1e9),)), 30.0, silence_s=4.0)
    down = events(got, "down")[0]
    assert (down.detail, down.requested) == ("no data for 4 s", False)
    assert 8.9 <= down.t_host_s <= 10.1
    assert link.generation > 2  # tried again, and again in vain


class Lingering:
    """A transport whose links are lost at once and then go on delivering."""

    def __init__(self) -> None:
        self.sinks: list[Sink] = []

    async def discover(self, timeout_s: float) -> list[SensorInfo]:
        return [INFO]

    async def open(self, sensor: SensorInfo) -> Link:
        return LingeringLink(self)


class LingeringLink:
    def __init__(self, transport: Lingering) -> None:
        self.sinks = transport.sinks

    async def start(self, sink: Sink) -> None:
        self.sinks.append(sink)
        sink(LinkEvent("left", 0.0, "up"))

    async def command(self, write: Write) -> None: ...

    async def read(self, what: str) -> bytes:
        return b""

    async def close(self) -> None: ...


def test_what_a_superseded_link_still_delivers_is_ignored() -> None:
    clock, got, transport = FastClock(), [], Lingering()

    async def run() -> None:
        link = await keep_link(transport, INFO, clock=clock)
        await link.start(got.append)
        transport.sinks[0](LinkEvent("left", 0.0, "down"))
        await clock.sleep(1.0)
        assert len(transport.sinks) == 2
        for number, sink in enumerate(transport.sinks):
            sink(Packet("left", 1.0, bytes([number])))
        transport.sinks[0](LinkEvent("left", 1.0, "down"))
        assert link.up
        await link.close()

    asyncio.run(run())
    assert [p.data for p in packets(got)] == [b"\x01"]
    assert [e.requested for e in events(got, "down")] == [False, True]


def test_a_sink_that_raises_is_not_hidden() -> None:
    def sink(item: Packet | LinkEvent) -> None:
        if isinstance(item, LinkEvent) and item.kind == "rate":
            raise ZeroDivisionError("sink")

    async def run() -> None:
        clock = FastClock()
        link = await keep_link(SimulatedTransport([sensor()], clock=clock), INFO, clock=clock)
        await link.start(sink)
        await clock.sleep(5.0)
        await link.close()

    with pytest.raises(ZeroDivisionError, match="sink"):
        asyncio.run(run())


class Moody(SimulatedTransport):
    """Its Bluetooth stack raises what nobody foresaw, twice, before it connects again."""

    n_opened = 0

    async def open(self, sensor: SensorInfo) -> SimulatedLink:
        self.n_opened += 1
        if self.n_opened in (2, 3):
            raise OSError("org.bluez went away")
        return await super().open(sensor)


def test_an_error_that_nobody_foresaw_is_told_at_once_and_reconnecting_goes_on() -> None:
    clock, got = FastClock(), []

    async def run() -> None:
        link = await keep_link(Moody([sensor(cuts=((1.0, 0.1),))], clock=clock), INFO, clock=clock)
        await link.start(got.append)
        await clock.sleep(10.0)
        assert link.up
        with pytest.raises(OSError, match="went away"):
            await link.close()

    asyncio.run(run())
    told = [e.detail for e in events(got, "note")]
    assert told == [f"attempt {n} to reconnect failed: OSError org.bluez went away" for n in (1, 2)]


def test_a_meter_that_fails_does_not_end_the_watch_over_silence() -> None:
    class Failing:
        descriptor = KIND

        def decode(self, data: bytes) -> list[Chunk]:
            return [Chunk(0, np.zeros((20, 1)))]

    clock, got = FastClock(), []

    async def run() -> None:
        one = sensor(stalls=((5.0, 1e9),))
        link = await keep_link(
            SimulatedTransport([one], clock=clock), INFO, clock=clock, decoder=Failing, silence_s=4.0
        )

        def report() -> list[tuple[EventKind, str]]:
            raise ZeroDivisionError("no rate")

        link._meter.report = report  # type: ignore[method-assign, assignment]
        await link.start(got.append)
        await clock.sleep(20.0)
        with pytest.raises(ZeroDivisionError):
            await link.close()

    asyncio.run(run())
    assert "rate and loss cannot be told: ZeroDivisionError no rate" in [e.detail for e in events(got, "note")]
    assert "no data for 4 s" in [e.detail for e in events(got, "down")]
