"""From records to numbered samples: what is lost is counted, what comes twice is dropped, what is damaged is said."""

from __future__ import annotations

import json
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.acquisition.live_samples import LiveSamples
from emgorder.acquisition.stream_reading import read_streams
from emgorder.acquisition.streams import SensorStream
from emgorder.acquisition.transport import LinkEvent, Packet, SensorInfo
from emgorder.io.journal import Record
from emgorder.sensors.emgo1_control import ping
from emgorder.simulate.packets.bitalino import encode as encode_bitalino
from emgorder.simulate.packets.emgo1 import FRAMES, encode, encode_info, encode_status, encode_sync_reply
from emgorder.simulate.packets.ganglion import encode_2 as encode_ganglion_2

RATE = 1000.0


def packet(number: int, at_s: float | None = None) -> Record:
    """Return EMGO-1 packet `number` of a stream whose sample i has the value i mod 1000, and -i."""
    index = number * FRAMES + np.arange(FRAMES)
    counts = np.stack([index % 1000, -(index % 1000)], axis=1)
    (data,) = encode(counts, number * FRAMES)
    return Record("packet", "left", (number + 1) * FRAMES / RATE if at_s is None else at_s, data)


def event(kind: str, text: str = "", at_s: float = 0.0) -> Record:
    said = {"kind": kind, "text": text, "requested": False}
    return Record("event", "left", at_s, json.dumps(said).encode())


def segment(reason: str, *, refit: bool = True, sensor: str = "") -> Record:
    return Record("segment", sensor, 1.0, json.dumps({"reason": reason, "refit": refit}).encode())


def read(records: Iterable[Record]) -> SensorStream:
    (stream,) = read_streams(records, {"left": "emgo1"})
    return stream


@given(st.sets(st.integers(0, 60), min_size=1), st.data())
def test_every_packet_that_came_is_in_its_place_and_every_other_is_counted(came: set[int], data: st.DataObject) -> None:
    records = []
    for number in sorted(came):
        records += [packet(number)] * data.draw(st.integers(1, 2))
    stream = read(records)
    (piece,) = stream.pieces
    expected = np.concatenate([number * FRAMES + np.arange(FRAMES) for number in sorted(came)])
    assert piece.index.tolist() == expected.tolist()
    assert np.allclose(piece.values[:, 0] * 1e6, expected % 1000)
    assert stream.n_lost == (max(came) - min(came) + 1 - len(came)) * FRAMES
    assert stream.n_duplicates == len(records) - len(came)


def test_the_gain_that_info_tells_holds_for_all_samples() -> None:
    stream = read([event("up"), event("info", encode_info(uV_per_count=0.25).hex()), packet(0), packet(1)])
    assert np.allclose(stream.pieces[0].values[:, 0] * 1e6, 0.25 * np.arange(2 * FRAMES))
    assert not stream.flags["uncalibrated"]


def test_a_gain_that_nobody_tells_is_flagged() -> None:
    assert read([packet(0), packet(1)]).flags["uncalibrated"] == 2


def test_bytes_that_are_no_packet_are_counted_and_cost_no_other() -> None:
    stream = read([packet(0), Record("packet", "left", 0.03, b"\x07nonsense"), packet(1), event("info", "00ff")])
    assert stream.n_damaged == 2
    assert stream.pieces[0].index.size == 2 * FRAMES


def test_a_reconnection_goes_on_where_the_counter_is() -> None:
    stream = read([event("up"), packet(0), event("down"), event("up"), packet(50)])
    assert len(stream.pieces) == 1
    assert stream.n_lost == 49 * FRAMES


def test_a_counter_that_begins_again_after_a_reconnection_begins_a_piece() -> None:
    stream = read([event("up"), packet(40), event("down"), event("up"), packet(0, at_s=3.0), packet(1, at_s=3.1)])
    assert [piece.run for piece in stream.pieces] == [0, 1]
    assert stream.pieces[1].index[0] == 0
    assert stream.n_lost == 0


def test_an_old_packet_that_comes_late_is_dropped() -> None:
    stream = read([packet(number) for number in range(30)] + [packet(3, at_s=0.7)])
    assert stream.n_duplicates == 1
    assert stream.n_lost == 0


def test_another_boot_begins_a_piece() -> None:
    infos = [event("info", encode_info(boot_id=boot).hex()) for boot in (7, 8)]
    stream = read([infos[0], packet(0), infos[0], packet(1), infos[1], packet(5)])
    assert [piece.index.size for piece in stream.pieces] == [2 * FRAMES, FRAMES]


def test_a_suspended_host_begins_a_clock_but_loses_no_count() -> None:
    stream = read([packet(0), packet(1), segment("suspend"), packet(4), packet(5)])
    assert [piece.run for piece in stream.pieces] == [0, 0]
    assert stream.n_lost == 2 * FRAMES


def test_a_stalled_host_and_a_step_of_its_date_begin_nothing() -> None:
    stream = read([packet(0), segment("stall"), packet(1), segment("clock step", refit=False), packet(2)])
    assert len(stream.pieces) == 1


def test_the_interval_that_status_tells_is_kept() -> None:
    stream = read([packet(0), event("status", encode_status(connection_interval_s=0.03).hex())])
    assert stream.interval_s == 0.03


def test_a_ping_is_placed_by_the_sensors_own_clock() -> None:
    reply = encode_sync_reply(4, received_us=30_000, sent_us=30_100).hex()
    records = [packet(0), packet(1), event("sync", "ping 4", at_s=0.0255), event("sync", reply, at_s=0.05)]
    ((index, sent_s),) = read(records).pieces[0].pings.tolist()
    assert (round(index, 6), sent_s) == (30.0, 0.0255)


def test_a_ping_that_the_board_repeats_before_it_answers_is_no_damage() -> None:
    reply = encode_sync_reply(4, received_us=30_000, sent_us=30_100).hex()
    asked = [packet(0), packet(1), event("sync", "ping 4", at_s=0.0255)]
    stream = read([*asked, event("sync", ping(4).data.hex(), at_s=0.04), event("sync", reply, at_s=0.05)])
    assert stream.n_damaged == 0
    assert stream.pieces[0].pings.shape == (1, 2)
    assert read([*asked, event("sync", reply[:-2], at_s=0.05)]).n_damaged == 1


def test_a_reply_that_nobody_asked_for_is_passed_over() -> None:
    reply = encode_sync_reply(4, received_us=30_000, sent_us=30_100).hex()
    assert read([packet(0), event("sync", reply)]).pieces[0].pings.size == 0


@pytest.mark.parametrize("sent_s", [float("nan"), -1e300, 9.0])
def test_a_ping_with_a_time_that_cannot_be_is_passed_over(sent_s: float) -> None:
    reply = encode_sync_reply(4, received_us=30_000, sent_us=30_100).hex()
    records = [packet(0), packet(1), event("sync", "ping 4", at_s=sent_s), event("sync", reply, at_s=0.05)]
    assert read(records).pieces[0].pings.size == 0


def test_a_sensor_that_sent_nothing_has_no_pieces() -> None:
    assert read([event("up")]).pieces == ()


def test_a_counter_that_begins_again_while_the_link_is_up_begins_a_piece() -> None:
    anew = [packet(number, at_s=(number + 41) * FRAMES / RATE) for number in range(20)]
    stream = read([event("up"), *map(packet, range(20, 40)), *anew])
    assert [piece.run for piece in stream.pieces] == [0, 1]
    assert [piece.index.size for piece in stream.pieces] == [20 * FRAMES, 20 * FRAMES]
    assert stream.pieces[1].t_host_s.size == 20
    assert (stream.n_duplicates, stream.n_outliers, stream.n_restarts) == (0, 0, 1)


@pytest.mark.parametrize("wild", [0, 70, 100_000, 100_000_000])
@pytest.mark.parametrize("place", [0, 1, 7, 30])
def test_one_wild_counter_costs_no_other_packet(wild: int, place: int) -> None:
    records = list(map(packet, range(40_000, 40_030)))
    records.insert(place, packet(wild, at_s=(40_000 + place) * FRAMES / RATE + 0.001))
    stream = read(records)
    (piece,) = stream.pieces
    assert piece.index.tolist() == list(range(40_000 * FRAMES, 40_030 * FRAMES))
    assert (stream.n_outliers, stream.n_lost, stream.n_restarts) == (1, 0, 0)


def test_a_long_loss_while_the_link_is_up_is_one() -> None:
    stream = read([*map(packet, range(10)), *map(packet, range(500, 510))])
    assert len(stream.pieces) == 1
    assert stream.n_lost == 490 * FRAMES


def test_packets_that_waited_are_taken_though_some_of_them_were_lost() -> None:
    late = [packet(number, at_s=3.0) for number in (*range(10, 40), *range(70, 100))]
    stream = read([*map(packet, range(10)), *late, *map(packet, range(131, 140))])
    assert [piece.index.size for piece in stream.pieces] == [79 * FRAMES]
    assert (stream.n_outliers, stream.n_duplicates) == (0, 0)


@pytest.mark.parametrize("length", [4, 8, 16, 20, 32, 64, 128])
def test_a_constant_signal_loses_no_sample(length: int) -> None:
    counts = np.full((3200, 2), 512)
    data = b"".join(encode_bitalino(counts, 0))
    records = [
        Record("packet", "it", (i + length) / 4 / RATE, data[i : i + length]) for i in range(0, len(data), length)
    ]
    (stream,) = read_streams(records, {"it": "bitalino"})
    assert (stream.n_duplicates, stream.n_lost, stream.n_unsure) == (0, 0, 0)
    assert sum(piece.index.size for piece in stream.pieces) == 3200


def test_a_packet_with_a_short_counter_that_comes_twice_at_once_is_taken_once() -> None:
    data = b"".join(encode_bitalino(np.arange(200).reshape(100, 2), 0))
    records = [Record("packet", "it", (i + 20) / 4 / RATE, data[i : i + 20]) for i in range(0, len(data), 20)]
    (stream,) = read_streams([record for record in records for _ in range(2)], {"it": "bitalino"})
    assert (stream.n_duplicates, stream.n_lost) == (20, 0)
    assert stream.pieces[0].index.tolist() == list(range(100))


def test_what_is_live_follows_a_counter_that_begins_anew_and_passes_over_a_wild_one() -> None:
    live = LiveSamples(SensorInfo("left", "EMGO left", "emgo1"))
    records = [*map(packet, range(20, 40)), packet(9000, at_s=0.93), *map(packet, range(40, 50))]
    records += [packet(number, at_s=(number + 51) * FRAMES / RATE) for number in range(20)]
    blocks = [block for record in records for block in live.packet(Packet("left", record.t_host_s, record.data))]
    assert [block.start // FRAMES for block in blocks] == [*range(20, 50), *range(20)]
    assert not any(block.missing for block in blocks)
    assert live.clock.n_packets == 20


def test_a_ganglion_that_tells_of_firmware_2_is_decoded_as_one() -> None:
    counts = np.arange(404).reshape(101, 4) * 8
    packets = encode_ganglion_2(counts)
    records = [Record("packet", "it", 0.01 * (i + 1), data) for i, data in enumerate(packets)]
    said = {"kind": "info", "text": b"2.0.1".hex(), "requested": False}
    up = Record("event", "it", 0.0, json.dumps({"kind": "up", "text": "", "requested": False}).encode())
    told = Record("event", "it", 0.0, json.dumps(said).encode())
    (stream,) = read_streams([up, told, *records], {"it": "ganglion"})
    assert stream.descriptor.key == "ganglion_2"
    (piece,) = stream.pieces
    unit_V = 1.2 / (8388607 * 1.5 * 51)
    assert np.abs(piece.values / unit_V - counts).max() <= 1.0
    live = LiveSamples(SensorInfo("it", "Ganglion-1", "ganglion"))
    live.event(LinkEvent("it", 0.0, "up"))
    live.event(LinkEvent("it", 0.0, "info", False, b"2.0.1".hex()))
    blocks = [block.values for r in records for block in live.packet(Packet("it", r.t_host_s, r.data))]
    assert np.array_equal(np.concatenate(blocks), piece.values)
    assert live.descriptor.key == "ganglion_2"
    (other,) = read_streams([up, *records], {"it": "ganglion"})
    assert other.descriptor.key == "ganglion"
