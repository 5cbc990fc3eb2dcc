"""Replay: the same items, in the same order, with the same bytes and times."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgorder.acquisition.clocks import FastClock
from emgorder.acquisition.link import keep_link
from emgorder.acquisition.replay import ReplayTransport
from emgorder.acquisition.transport import LinkEvent, Packet, SensorInfo
from emgorder.errors import SensorError, SensorLost, SensorNotFound

LEFT, RIGHT = SensorInfo("left", "", "test"), SensorInfo("right", "", "test")


class Mark(NamedTuple):
    t_host_s: float
    trial_type: str


names = st.sampled_from(["left", "right"])
packet = st.builds(Packet, names, st.just(0.0), st.binary(max_size=8))
event = st.builds(LinkEvent, names, st.just(0.0), st.sampled_from(["up", "down", "battery"]), st.booleans())
mark = st.builds(Mark, st.just(0.0), st.sampled_from(["cue/R", "tap"]))


@st.composite
def recordings(draw: st.DrawFn) -> list[Any]:
    items = draw(st.lists(st.one_of(packet, packet, event, mark), max_size=40))
    times = sorted(draw(st.lists(st.floats(0, 1e5), min_size=len(items), max_size=len(items))))
    return [item._replace(t_host_s=t) for item, t in zip(items, times, strict=True)]


def played(items: Iterable[Any], *sensors: SensorInfo, kept: bool = False, **options: Any) -> list[tuple[float, Any]]:
    """Return what was delivered, each with the clock's time at its delivery."""
    clock, got = FastClock(50.0), []

    def take(item: Any) -> None:
        got.append((clock.now(), item))

    async def run() -> None:
        transport = ReplayTransport(items, sensors, clock=clock, aside=take, **options)
        for info in await transport.discover(1.0):
            link = await (keep_link(transport, info, clock=clock, report_s=1e9) if kept else transport.open(info))
            await link.start(take)
        await transport.finished()

    asyncio.run(run())
    return got


@given(recordings(), st.sampled_from([None, 0.5, 1.0, 8.0]))
@settings(max_examples=40, deadline=None)
def test_everything_is_played_as_it_was_recorded_at_any_speed(items: list[Any], speed: float | None) -> None:
    got = played(items, LEFT, RIGHT, speed=speed)
    assert [item for _, item in got[: len(items)]] == items
    assert [(e.sensor, e.kind, e.requested) for _, e in got[len(items) :]] == [
        ("left", "down", True),
        ("right", "down", True),
    ]


def test_speed_divides_the_waits() -> None:
    items = [Packet("left", 100.0, b"a"), Packet("left", 101.0, b"b"), Packet("left", 104.0, b"c")]
    assert [now for now, _ in played(items, LEFT, speed=2.0)] == [50.0, 50.5, 52.0, 52.0]
    assert [now for now, _ in played(items, LEFT, speed=None)] == [50.0] * 4


def test_a_kept_link_neither_reconnects_nor_loses_a_packet_over_a_loss_in_the_recording() -> None:
    items = [
        LinkEvent("left", 1.0, "up"),
        Packet("left", 2.0, b"a"),
        LinkEvent("left", 3.0, "down", False, "the link was lost"),
        LinkEvent("left", 9.0, "up"),
        Packet("left", 9.0, b"b"),
    ]
    got = [item for _, item in played(items, LEFT, kept=True, speed=1.0)]
    assert [p.data for p in got if isinstance(p, Packet)] == [b"a", b"b"]
    links = [(e.kind, e.requested) for e in got if isinstance(e, LinkEvent)]
    assert links == [("up", False), ("down", False), ("up", False), ("down", True)]


def test_sensors_that_are_not_asked_for_are_left_out() -> None:
    items = [Packet("left", 0.0, b"a"), Packet("right", 0.0, b"b")]
    assert [item for _, item in played(items, RIGHT)][:-1] == items[1:]


def test_it_waits_for_the_last_of_its_sensors_and_a_closed_one_takes_no_more() -> None:
    async def run() -> list[Any]:
        clock, got = FastClock(), []
        items = [Packet("left", 0.0, b"a"), Packet("right", 1.0, b"b"), Packet("left", 2.0, b"c")]
        transport = ReplayTransport(items, [LEFT, RIGHT], clock=clock)
        left, right = await transport.open(LEFT), await transport.open(RIGHT)
        await left.start(got.append)
        await clock.sleep(100.0)
        assert got == []
        with pytest.raises(SensorError, match="not begun"):
            await transport.finished()
        await right.start(got.append)
        await clock.sleep(0.5)
        await left.close()
        await transport.finished()
        return got

    got = asyncio.run(run())
    assert [item.data if isinstance(item, Packet) else f"{item.sensor} {item.detail}" for item in got] == [
        b"a", "left closed", b"b", "right the recording is over",
    ]  # fmt: skip


def test_a_sensor_is_opened_once_and_only_if_it_was_recorded() -> None:
    async def run() -> None:
        transport = ReplayTransport([], [LEFT])
        link = await transport.open(LEFT)
        with pytest.raises(SensorNotFound, match="already"):
            await transport.open(LEFT)
        with pytest.raises(SensorNotFound, match="not in this recording"):
            await transport.open(RIGHT)
        with pytest.raises(SensorLost, match="cannot be read"):
            await link.read("2a19")

    asyncio.run(run())


def test_a_recording_that_cannot_be_read_to_its_end_is_raised_and_ends_the_links() -> None:
    def items() -> Iterable[Packet]:
        yield Packet("left", 0.0, b"a")
        raise OSError("disk")

    got: list[Any] = []

    async def run() -> None:
        transport = ReplayTransport(items(), [LEFT], speed=None)
        link = await transport.open(LEFT)
        await link.start(got.append)
        await transport.finished()

    with pytest.raises(OSError, match="disk"):
        asyncio.run(run())
    assert [type(item) for item in got] == [Packet, LinkEvent]


@pytest.mark.parametrize("speed", [0.0, -2.0, float("nan")])
def test_a_speed_that_is_not_above_zero_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        ReplayTransport([], [LEFT], speed=speed)
