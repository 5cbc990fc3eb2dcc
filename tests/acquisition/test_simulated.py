"""Simulated sensors: what a link does to packets, on virtual time."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgorder.acquisition.clocks import FastClock
from emgorder.acquisition.simulated import LinkFaults, SimulatedSensor, SimulatedTransport
from emgorder.acquisition.transport import EventKind, LinkEvent, Packet, SensorInfo
from emgorder.errors import SensorError, SensorLost, SensorNotFound
from emgorder.model import FloatArray
from emgorder.sensors.base import Write

PER_PACKET, RATE_HZ = 23, 1000.0


def ramp(time_s: FloatArray) -> FloatArray:
    """Return true time itself, so that a decoded sample tells when it was taken."""
    return time_s[:, None]


def plain(values: FloatArray, index: int, device_us: int) -> list[bytes]:
    return [index.to_bytes(8, "little") + device_us.to_bytes(8, "little") + values.astype("<f8").tobytes()]


def index_of(packet: Packet) -> int:
    return int.from_bytes(packet.data[:8], "little")


def times_of(packet: Packet) -> FloatArray:
    return np.frombuffer(packet.data[16:], dtype="<f8")


def sensor(id: str = "left", *, answer: Any = None, boot_us: int = 0, **faults: Any) -> SimulatedSensor:
    return SimulatedSensor(
        info=SensorInfo(id, "Test", "test"),
        source=ramp,
        encode=plain,
        sampling_frequency=RATE_HZ,
        samples_per_packet=PER_PACKET,
        faults=LinkFaults(**faults),
        values={"2a19": b"\x57"},
        answer=answer,
        boot_us=boot_us,
    )


def play(
    *sensors: SimulatedSensor,
    seconds: float = 5.0,
    seed: int = 0,
    during: Callable[[Any, FastClock], Awaitable[None]] | None = None,
) -> tuple[list[Packet | LinkEvent], SimulatedTransport]:
    """Return what the sensors delivered in some seconds."""
    clock, got = FastClock(1000.0), []
    transport = SimulatedTransport(sensors, clock=clock, seed=seed)

    async def run() -> None:
        links = [await transport.open(info) for info in await transport.discover(2.0)]
        for link in links:
            await link.start(got.append)
        if during:
            await during(links[0], clock)
        await clock.sleep(1002.0 + seconds - clock.now())
        for link in links:
            await link.close()

    asyncio.run(run())
    return got, transport


def packets(got: list[Packet | LinkEvent], id: str = "left") -> list[Packet]:
    return [item for item in got if isinstance(item, Packet) and item.sensor == id]


def events(got: list[Packet | LinkEvent], *kinds: EventKind) -> list[LinkEvent]:
    return [item for item in got if isinstance(item, LinkEvent) and item.kind in kinds]


def test_a_good_link_delivers_every_packet_when_its_last_sample_is_over() -> None:
    got, transport = play(sensor(), seconds=2.0)
    assert transport.epoch_s == 1002.0
    sent = packets(got)
    assert [index_of(p) for p in sent] == list(range(0, len(sent) * PER_PACKET, PER_PACKET))
    assert len(sent) == 2000 // PER_PACKET
    for p in sent:
        assert p.t_host_s == pytest.approx(1002.0 + times_of(p)[-1] + 1 / RATE_HZ, abs=1e-9)


@given(st.integers(0, 1000), st.floats(0, 0.3), st.floats(0, 0.3), st.sampled_from([0.0, 0.015, 0.03]))
@settings(max_examples=15, deadline=None)
def test_the_same_seed_gives_the_same_packets_at_the_same_times(
    seed: int, loss: float, again: float, interval_s: float
) -> None:
    faults = {"loss": loss, "retransmission": again, "interval_s": interval_s, "jitter_s": 0.001, "drift_ppm": 40.0}
    one, two = (play(sensor(**faults), sensor("right", **faults), seed=seed)[0] for _ in range(2))
    assert one == two
    assert [p.t_host_s for p in packets(one)] == sorted(p.t_host_s for p in packets(one))
    firsts = [index_of(p) for p in packets(one)]
    assert firsts == sorted(set(firsts))


def test_a_fast_crystal_takes_its_samples_early() -> None:
    got, transport = play(sensor(drift_ppm=100.0), seconds=100.0)
    last = packets(got)[-1]
    index = index_of(last) + np.arange(PER_PACKET)
    assert times_of(last) == pytest.approx(index / RATE_HZ / (1 + 100e-6), abs=1e-9)
    assert transport.sample_times_s("left", index.astype(float)) == pytest.approx(times_of(last), abs=1e-9)


def test_the_device_clock_runs_on_the_crystal_of_the_converter() -> None:
    sent = packets(play(sensor(drift_ppm=100.0, boot_us=2**32 - 5_000_000), seconds=10.0)[0])
    device_us = [int.from_bytes(p.data[8:16], "little") for p in sent]
    spans = {(b - a) % 2**32 for a, b in itertools.pairwise(device_us)}
    assert spans == {PER_PACKET * 1000}
    assert device_us[0] == 2**32 - 5_000_000
    assert device_us[-1] < 5_000_000  # over its end


def test_lost_packets_are_counted_by_the_counter() -> None:
    sent = packets(play(sensor(loss=0.2), seconds=60.0)[0])
    whole = 60_000 // PER_PACKET
    assert len(sent) / whole == pytest.approx(0.8, abs=0.03)
    assert all(index_of(p) % PER_PACKET == 0 for p in sent)


def test_packets_arrive_at_connection_events_and_the_latency_after_them() -> None:
    got, _ = play(sensor(interval_s=0.015, latency_s=0.005, retransmission=0.05), seconds=20.0)
    phase = np.array([p.t_host_s for p in packets(got)]) - 1002.0 - 0.005
    assert np.ptp((phase - phase[0] + 0.0075) % 0.015) < 1e-6
    delay = np.array([p.t_host_s - 1002.0 - times_of(p)[-1] - 1 / RATE_HZ for p in packets(got)])
    assert delay.min() >= 0.005 - 1e-9
    assert delay.max() > 0.020  # some had to wait for a further event


def test_a_stall_delivers_at_once_afterwards_and_moves_no_sample() -> None:
    got, _ = play(sensor(stalls=((1.0, 0.7),)), seconds=3.0)
    sent = packets(got)
    assert [index_of(p) for p in sent] == list(range(0, len(sent) * PER_PACKET, PER_PACKET))
    assert not [p for p in sent if 1003.0 <= p.t_host_s < 1003.7]
    assert len([p for p in sent if p.t_host_s == 1003.7]) >= 0.7 * RATE_HZ / PER_PACKET - 1


def test_a_cut_ends_the_link_and_hides_the_sensor_until_it_is_over() -> None:
    seen: dict[str, Any] = {}

    async def during(link: Any, clock: FastClock) -> None:
        await clock.sleep(1.5)
        with pytest.raises(SensorLost):
            await link.read("2a19")
        with pytest.raises(SensorNotFound):
            await link._transport.open(link._sensor.info)
        seen["hidden"] = await link._transport.discover(0.1)
        seen["back"] = await link._transport.discover(1.0)

    got, _ = play(sensor(cuts=((1.0, 1.0),)), seconds=4.0, during=during)
    (down,) = events(got, "down")
    assert (down.t_host_s, down.requested) == (1003.0, False)
    assert got[-1] == down
    assert (seen["hidden"], [i.id for i in seen["back"]]) == ([], ["left"])


def test_a_sensor_can_be_taken_out_of_reach_at_any_moment() -> None:
    clock = FastClock()
    transport = SimulatedTransport([sensor()], clock=clock)
    got: list[Packet | LinkEvent] = []

    async def run() -> None:
        (info,) = await transport.discover(0.0)
        link = await transport.open(info)
        await link.start(got.append)
        await clock.sleep(1.0)
        transport.cut("left", 2.0)
        await clock.sleep(1.0)
        assert await transport.discover(0.0) == []
        with pytest.raises(SensorNotFound):
            await transport.open(info)
        await link.close()
        await clock.sleep(1.5)
        assert await transport.discover(0.0) == [info]

    asyncio.run(run())
    (down,) = events(got, "down")
    assert (down.t_host_s, down.requested) == (1.0, False)
    assert all(packet.t_host_s <= 1.0 for packet in packets(got))


@pytest.mark.parametrize("restarts", [False, True])
def test_after_a_cut_the_counter_goes_on_or_begins_anew(restarts: bool) -> None:
    clock, got = FastClock(), []
    transport = SimulatedTransport([sensor(cuts=((1.0, 1.0),), restarts=restarts)], clock=clock)

    async def run() -> None:
        for wait_s in (2.5, 1.0):
            link = await transport.open(SensorInfo("left", "Test", "test"))
            await link.start(got.append)
            await clock.sleep(wait_s)
            await link.close()

    asyncio.run(run())
    again = next(p for p in packets(got) if p.t_host_s > 2.5)
    assert index_of(again) == (0 if restarts else -(-2500 // PER_PACKET) * PER_PACKET)
    assert times_of(again)[0] == pytest.approx(2.5, abs=PER_PACKET / RATE_HZ)


def test_a_command_is_answered_after_the_way_there_and_back() -> None:
    asked: list[tuple[Write, int]] = []

    def answer(write: Write, device_us: int) -> list[tuple[EventKind, bytes]]:
        asked.append((write, device_us))
        return [("sync", write.data + b"!")]

    async def during(link: Any, clock: FastClock) -> None:
        await clock.sleep(1.0)
        await link.command(Write("c", b"?"))

    got, _ = play(sensor(answer=answer, latency_s=0.004, command_latency_s=0.010), seconds=2.0, during=during)
    (reply,) = events(got, "sync")
    assert reply.detail == b"?!".hex()
    assert reply.t_host_s == pytest.approx(1003.014, abs=1e-9)
    assert asked[0][0] == Write("c", b"?")
    assert asked[0][1] == pytest.approx(1_010_000, abs=1000)


def test_battery_and_values_can_be_read() -> None:
    async def during(link: Any, clock: FastClock) -> None:
        assert await link.read("2a19") == b"\x57"
        with pytest.raises(SensorError, match="no characteristic 2a00"):
            await link.read("2a00")

    got, _ = play(sensor(battery=64), seconds=0.1, during=during)
    assert [e.detail for e in events(got, "battery")] == ["64"]


def test_an_encoder_that_fails_is_told_and_raised() -> None:
    def broken(values: FloatArray, index: int, device_us: int) -> list[bytes]:
        raise ZeroDivisionError("firmware")

    one = SimulatedSensor(
        info=SensorInfo("left", "Test", "test"),
        source=ramp,
        encode=broken,
        sampling_frequency=1e3,
        samples_per_packet=1,
    )
    with pytest.raises(ZeroDivisionError, match="firmware"):
        play(one)
