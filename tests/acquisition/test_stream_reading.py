"""From records to numbered samples: what is lost is counted, what comes twice is dropped, what is damaged is said."""

from __future__ import annotations

import json
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.acquisition.live_samples import LiveSamples
from emgorder.acquisition.remarks import remarks
from emgorder.acquisition.stream_reading import read_streams
from emgorder.acquisition.streams import SensorStream
from emgorder.acquisition.transport import LinkEvent, Packet, SensorInfo
from emgorder.io.journal import Record
from emgorder.sensors.emgo1_control import ping
from emgorder.simulate.packets.bitalino import encode as encode_bitalino
from emgorder.simulate.packets.emgo1 import FRAMES, encode, encode_info, encode_status, encode_sync_reply
from emgorder.simulate.packets.ganglion import encode_2 as encode_ganglion_2
from emgorder.simulate.packets.npg_lite import encode as encode_npg_lite
from emgorder.simulate.packets.shimmer3r import encode as encode_shimmer3r
from emgorder.simulate.packets.umyo import encode as encode_umyo

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


def test_a_counter_that_stood_still_while_the_link_was_lost_begins_a_piece() -> None:
    """The samples after it lie where their time is, not right behind those before."""
    before = [packet(number) for number in range(10)]
    after = [packet(number, at_s=(number + 1) * FRAMES / RATE + 5.0) for number in range(10, 20)]
    stream = read([event("up"), *before, event("down"), event("up"), *after])
    assert [piece.run for piece in stream.pieces] == [0, 1]
    assert stream.n_lost == 0


def test_a_counter_that_came_round_while_the_link_was_lost_begins_a_piece() -> None:
    away_s = 2**24 / 32768 + 1.0
    records = [event("up")]
    for start in (0, round(away_s * 1024)):
        for number, data in enumerate(encode_shimmer3r(np.zeros((200, 2), dtype=int), start)):
            records.append(Record("packet", "left", start / 1024 + (number + 1) * 20 / 1024, data))
        records.append(event("up"))
    (stream,) = read_streams(records, {"left": "shimmer3r"})
    assert [piece.index.size for piece in stream.pieces] == [200, 200]
    assert [piece.run for piece in stream.pieces] == [0, 1]


@pytest.mark.parametrize("rate", [1100.0, 1130.0])
def test_a_rate_that_is_not_the_usual_one_is_no_counter_that_stood_still(rate: float) -> None:
    records = [event("up")]
    for start in (0, round(40 * rate) // 24 * 24):
        for number, data in enumerate(encode_umyo(np.zeros((240, 1), dtype=int), start)):
            records.append(Record("packet", "left", (start + (number + 1) * 24) / rate, data))
        records.append(event("up"))
    (stream,) = read_streams(records, {"left": "umyo"})
    assert [piece.run for piece in stream.pieces] == [0]


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


def lite(number: int, *, frames: int = 10, at_s: float | None = None) -> Record:
    """Return packet `number` of an NPG Lite whose sample i has the value i: 10 samples at 500 Hz, or 25 at 250 Hz."""
    rate = 500.0 if frames == 10 else 250.0
    index = number * frames + np.arange(frames)
    (data,) = encode_npg_lite(np.tile(index[:, None], (1, 3)), number * frames, frames=frames)
    return Record("packet", "left", (number + 1) * frames / rate if at_s is None else at_s, data)


@given(st.sets(st.integers(5, 110), max_size=3))
def test_a_short_counter_ahead_of_its_time_moves_no_other_sample(swapped: set[int]) -> None:
    """One packet that comes too late counts as a step of nearly a whole turn."""
    order = list(range(120))
    for at in swapped:
        order[at], order[at + 1] = order[at + 1], order[at]
    records = [lite(number, at_s=(place + 1) * 0.02) for place, number in enumerate(order)]
    (stream,) = read_streams(records, {"left": "npg_lite"})
    (piece,) = stream.pieces
    assert piece.values[:, 0].tolist() == piece.index.tolist()
    n_left_out = 120 - piece.index.size // 10
    assert stream.n_outliers == n_left_out
    assert stream.n_lost == 10 * n_left_out
    assert n_left_out <= len(swapped)


def test_what_a_short_counter_lost_in_a_burst_after_a_stall_is_counted() -> None:
    """All of the burst arrives at once: its counter is ahead of its time, and right."""
    numbers = [*range(50), *range(70, 120)]
    records = [lite(number, at_s=max((number + 1) * 0.02, 2.0) if number >= 40 else None) for number in numbers]
    (stream,) = read_streams(records, {"left": "npg_lite"})
    (piece,) = stream.pieces
    assert piece.values[:, 0].tolist() == piece.index.tolist()
    assert (stream.n_lost, stream.n_outliers) == (200, 0)


def test_packets_of_another_rate_are_left_out_and_move_no_sample_that_was_there() -> None:
    (stream,) = read_streams([lite(0), lite(1), lite(0, frames=25), lite(2), lite(3, frames=25)], {"left": "npg_lite"})
    assert stream.descriptor.sampling_frequency == 500.0
    assert stream.pieces[0].index.tolist() == list(range(30))
    assert (stream.n_unlike, stream.n_damaged, stream.n_packets) == (2, 0, 3)


def test_a_board_that_is_set_to_another_rate_keeps_the_times_of_what_it_sent_before() -> None:
    infos = [event("info", encode_info(boot_id=n, frequency=(n * 500, 1)).hex()) for n in (2, 1)]
    stream = read([infos[0], packet(0), packet(1), event("up"), infos[1], packet(0), packet(1), packet(2)])
    assert stream.descriptor.sampling_frequency == 1000.0
    assert sum(piece.index.size for piece in stream.pieces) == 2 * FRAMES
    assert stream.n_unlike == 3


def test_a_rate_that_is_told_late_holds_for_the_packets_before_it() -> None:
    stream = read([packet(0), event("info", encode_info(frequency=(500, 1)).hex()), packet(1)])
    assert stream.descriptor.sampling_frequency == 500.0
    assert stream.pieces[0].index.size == 2 * FRAMES
    assert stream.n_unlike == 0


def test_another_number_of_channels_is_left_out_and_said() -> None:
    narrow = Record("packet", "left", 0.07, encode(np.zeros((FRAMES, 1), dtype=int), 2 * FRAMES)[0])
    stream = read([packet(0), packet(1), narrow, packet(3)])
    assert (stream.n_unlike, stream.n_damaged, stream.n_lost) == (1, 0, FRAMES)
    assert any("another rate or number of channels" in said for said in remarks(stream))


def test_equal_acknowledgements_of_commands_are_no_packets_that_came_twice() -> None:
    samples = encode_shimmer3r(np.zeros((40, 2), dtype=int), 0)
    notifications = [b"\xff"] * 6 + [samples[0], samples[0], b"\xff", b"\xff", samples[1]]
    records = [Record("packet", "left", number / 100.0, data) for number, data in enumerate(notifications)]
    (stream,) = read_streams(records, {"left": "shimmer3r"})
    assert stream.n_duplicates == 1
    assert sum(piece.index.size for piece in stream.pieces) == 40


def test_the_live_clock_has_the_rate_that_a_board_tells() -> None:
    live = LiveSamples(SensorInfo("left", "EMGO left", "emgo1"))
    live.event(LinkEvent("left", 0.0, "up"))
    live.event(LinkEvent("left", 0.0, "info", False, encode_info(frequency=(2000, 1)).hex()))
    for number in range(400):
        live.packet(Packet("left", (number + 1) * FRAMES / 2000.0, packet(number).data))
    assert live.clock.fit().rate_Hz == pytest.approx(2000.0, rel=1e-4)


def test_the_live_clock_has_the_rate_that_the_length_of_packets_tells() -> None:
    live = LiveSamples(SensorInfo("left", "NPG-Lite-3CH:1", "npg_lite"))
    for number in range(100):
        record = lite(number, frames=25)
        live.packet(Packet("left", record.t_host_s, record.data))
    assert live.clock.fit().rate_Hz == pytest.approx(250.0, rel=1e-4)


def test_live_samples_leave_out_what_the_recording_leaves_out() -> None:
    """A stray packet of another width must not end what listens to the others."""
    live = LiveSamples(SensorInfo("left", "EMGO left", "emgo1"))
    narrow = encode(np.zeros((FRAMES, 1), dtype=int), 2 * FRAMES)[0]
    sent = [packet(0).data, packet(1).data, narrow, packet(3).data]
    blocks = [block for at, data in enumerate(sent) for block in live.packet(Packet("left", at * 0.023, data))]
    assert [(block.start, block.missing, block.values.shape) for block in blocks] == [
        (0, 0, (FRAMES, 2)),
        (FRAMES, 0, (FRAMES, 2)),
        (3 * FRAMES, FRAMES, (FRAMES, 2)),
    ]
    assert live.n_damaged == 1
