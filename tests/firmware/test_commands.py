"""What the firmware's core does about commands, and what it tells of itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from emgorder.errors import PacketError
from emgorder.sensors import emgo1_control as control
from emgorder.sensors.emgo1 import Emgo1Decoder
from emgorder.simulate.packets import emgo1
from tests.firmware.core import SET_RATE, START, STOP, TEST_OFF, TEST_ON, Core, frames, ramp, run

Boot = Callable[..., Core]


def test_info_is_what_the_profile_says(boot: Boot) -> None:
    core = boot(n_inputs=3, bits=24, formats=0b0101, boot_id=7, rate=(2000, 3), uV_per_count=0.5, skew_ns=20_000)
    assert core.ask("I") == emgo1.encode_info(
        n_channels=3,
        formats=0b0101,
        boot_id=7,
        frequency=(2000, 3),
        uV_per_count=0.5,
        group_delay_us=1500,
        channel_skew_ns=20_000,
    )


def test_status_is_what_the_profile_says(boot: Boot) -> None:
    core = boot(boot_id=9)
    core.warm(-12.34)
    core.change_link(185, 24)
    core.lose(5)
    assert core.ask("S") == emgo1.encode_status(
        streaming=False, adc_overruns=5, connection_interval_s=0.03, temperature_C=-12.34, boot_id=9
    )
    for command in (START, TEST_ON, b"\x07\x0a"):
        core.write(command)
    status = core.status()
    assert (status.streaming, status.test_signal, status.pulse) == (True, True, True)


def test_status_is_due_once_a_second_also_where_the_clock_wraps_or_the_loop_was_away(boot: Boot) -> None:
    core = boot()
    begin_us = 2**32 - 2_500_000
    core.tick(begin_us)
    due = [ms for ms in range(0, 5000, 10) if core.tick(begin_us + ms * 1000)]
    assert len(due) == 5 - (due[0] > 0)
    assert set(np.diff(due)) == {1000}
    assert core.tick(begin_us + 60_000_000)
    assert not core.tick(begin_us + 60_500_000)


def test_a_ping_is_answered_and_what_is_none_is_not(boot: Boot) -> None:
    core = boot()
    reply = core.ping(control.ping(7, 0x01020304).data, 101_000, 101_100)
    assert reply == emgo1.encode_sync_reply(7, received_us=101_000, sent_us=101_100)
    for other in (b"", b"\x01", b"\x02" + bytes(7), bytes(8), control.ping(1).data + b"\0"):
        assert core.ping(other, 0, 0) == b""


def test_start_and_stop_say_which_frames_they_bound(boot: Boot) -> None:
    core = boot(first_index=2**32 - 60, boot_id=3)
    t_us = 2**32 - 30_000
    core.take(t_us + 1000 * np.arange(20), ramp(20))
    start = core.write(START, t_us + 19_500)
    assert (start.operation, start.boot_id) == (1, 3)
    core.take(t_us + 1000 * np.arange(20, 90), ramp(70, first=20))
    stop = core.write(STOP, t_us + 89_500)
    core.take(t_us + 1000 * np.arange(90, 120), ramp(30, first=90))
    packets = core.packets()
    first, *_, last = (Emgo1Decoder().decode(p)[0] for p in packets)
    assert (first.counter, first.device_us) == (start.index, start.device_us)
    assert last.counter is not None
    assert (last.counter + len(last.values)) % 2**32 == stop.index
    assert (stop.index, stop.device_us) == (30, (t_us + 90_000) % 2**32)
    assert sum(len(Emgo1Decoder().decode(p)[0].values) for p in packets) == 69
    assert run(core, 120, 50) == []
    assert core.write(STOP).done  # a second time does nothing


def test_conversions_that_were_lost_take_their_time(boot: Boot) -> None:
    core = boot()
    core.take(np.arange(50) * 1000, ramp(50))
    core.lose(10)
    stop = core.write(STOP, 59_500)
    assert (stop.index, stop.device_us) == (60, 60_000)


def test_conversions_that_were_lost_for_longer_than_a_number_of_32_bits_counts_take_their_time(boot: Boot) -> None:
    core = boot()
    core.take(np.arange(50) * 1000, ramp(50))
    core.lose(20_000)  # 20 s, in units of µs / 256
    stop = core.write(STOP, 20_049_500)
    assert (stop.index, stop.device_us) == (20_050, 20_050_000)


def test_a_converter_that_stood_still_does_not_tell_the_time(boot: Boot) -> None:
    core = boot()
    core.take(np.arange(5) * 1000, ramp(5))
    assert core.write(STOP, 4_700).device_us == 5_000  # the next conversion
    assert core.write(STOP, 60_000_000).device_us == 60_000_000


def test_a_start_while_the_rest_is_still_being_sent_gives_the_rest_up_and_counts_it(boot: Boot) -> None:
    core = boot()
    core.write(START)
    core.take(np.arange(100) * 1000, ramp(100))
    core.packets(1)
    core.write(STOP)
    assert core.status().streaming  # until the rest is sent
    assert core.write(START).index == 101
    assert core.counters().frames_dropped == 99 - 23
    index, _ = frames(run(core, 100, 50))
    assert index[0] == 101


def test_a_start_in_a_running_stream_changes_nothing(boot: Boot) -> None:
    core = boot()
    core.write(START)
    first = run(core, 0, 40)
    assert core.write(START).done
    index, _ = frames(first + run(core, 40, 60))
    assert index == list(range(1, 1 + len(index)))


def test_set_chooses_channels_format_and_a_rate_that_the_board_really_has(boot: Boot) -> None:
    core = boot(n_inputs=4, skew_ns=10_000)
    reply = core.write(control.set_sampling(300, 0b1010, "i12").data)
    assert reply.done
    info = core.info()
    assert info.n_channels == 2
    assert info.sampling_frequency == 16e6 / 53333
    assert info.channel_skew_ns == 20_000
    core.write(START)
    core.take(np.arange(60) * 3333, ramp(60, 4))
    (chunk, *_) = Emgo1Decoder().decode(core.packets()[0])
    np.testing.assert_array_equal(np.rint(chunk.values * 1e6), ramp(23, 4, first=1)[:, [1, 3]])
    assert chunk.device_us == 3333 + 10  # when input 1 was taken, not input 0


@pytest.mark.parametrize(
    ("command", "result"),
    [
        ("03e8030000", "bad argument"),  # no channel
        ("03e8030400", "bad argument"),  # a channel that the board has not
        ("0300000300", "bad argument"),  # no rate
        ("03e8030304", "bad argument"),  # no such format
        ("03e8030303", "bad argument"),  # two channels in a compact packet
        ("03e8030302", "not supported by this board"),
        ("0330750300", "not supported by this board"),  # 30 kHz
        ("0505000600", "bad argument"),
        ("0510000c00", "bad argument"),
        ("050c00810c", "bad argument"),
        ("0602", "bad argument"),
        ("0700", "bad argument"),
        ("04", "unknown operation"),
        ("", "unknown operation"),
        ("8101", "unknown operation"),
        ("0100", "bad argument"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason_and_changes_nothing(
    boot: Boot, command: str, result: str
) -> None:
    core = boot(formats=0b1011)
    before = core.ask("I")
    assert core.write(bytes.fromhex(command)).result == result
    assert core.ask("I") == before
    assert core.counters().asked_interval == (0, 0)


NO_RATES = [(0, 1), (0, 0), (1000, 0), (2**32 - 1, 1), (1, 2), (100_001, 1)]


@pytest.mark.parametrize("rate", NO_RATES)
def test_a_board_without_a_rate_is_not_started_until_it_has_one(boot: Boot, rate: tuple[int, int]) -> None:
    core = boot(rate=rate)
    core.take(np.arange(20) * 1000, ramp(20))
    core.take_block(36_000, ramp(16))
    for command in (START, control.pulse(20).data):
        assert core.write(command, 20_000).result == "not supported by this board"
    assert core.counters().pin == 0
    with pytest.raises(PacketError, match="cannot be"):
        core.info()  # INFO invents none either
    assert core.write(control.set_sampling(500, 3, "i16").data, 50_000).done
    start = core.write(START, 50_000)
    assert start.done
    core.take(50_000 + 2000 * np.arange(50), ramp(50))
    first, *_ = core.packets()
    assert Emgo1Decoder().decode(first)[0].counter == start.index


@pytest.mark.parametrize("rate", NO_RATES)
def test_a_board_that_tells_no_rate_when_one_is_set_keeps_the_one_it_had(boot: Boot, rate: tuple[int, int]) -> None:
    core = boot()
    core.tell_rate(*rate)
    before = core.ask("I")
    assert core.write(control.set_sampling(500, 1, "i12").data).result == "not supported by this board"
    assert core.ask("I") == before
    core.take(np.arange(50) * 1000, ramp(50))
    pulse = core.write(control.pulse(20).data, 49_700)
    assert (pulse.index, pulse.device_us) == (50, 49_700)


@pytest.mark.parametrize("rate", [(1, 1), (100_000, 1), (4_096_000_000, 4_095_999)])
def test_the_slowest_and_the_fastest_rate_are_rates(boot: Boot, rate: tuple[int, int]) -> None:
    core = boot(rate=rate)
    assert core.write(START).done
    assert core.info().sampling_frequency == rate[0] / rate[1]


def test_a_converter_that_was_stopped_to_be_set_has_lost_nothing(boot: Boot) -> None:
    core = boot()
    core.take_block(31_000, ramp(32))
    assert core.write(control.set_sampling(500, 3, "i16").data, 40_000).done
    core.take_block(400_000, ramp(32))
    assert core.counters().next_index == 64
    core.take_block(400_000 + 64_000, ramp(32))
    assert (core.counters().next_index, core.status().adc_overruns) == (96, 0)
    core.take_block(400_000 + 4 * 64_000, ramp(32))  # by the new rate's time
    assert (core.counters().next_index, core.status().adc_overruns) == (192, 64)


def test_unevenly_spaced_inputs_are_refused_where_they_are_taken_one_after_the_other(boot: Boot) -> None:
    for skew_ns, result in ((0, "done"), (1000, "bad argument")):
        core = boot(n_inputs=8, skew_ns=skew_ns)
        assert core.write(control.set_sampling(1000, 0b1011, "i16").data).result == result
        for even in (0b0100, 0b0110, 0b10101000, 0b10000001):
            assert core.write(control.set_sampling(1000, even, "i16").data).done


def test_a_board_that_can_do_less_says_so(boot: Boot) -> None:
    core = boot(can=0)
    for command in ("03e9030300", "050c000c00", "070a"):
        assert core.write(bytes.fromhex(command)).result == "not supported by this board"
    assert core.write(control.set_sampling(1000, 1, "i16").data).done  # at the rate that it has


def test_nothing_is_set_while_frames_are_sent(boot: Boot) -> None:
    core = boot(can=SET_RATE)
    core.write(START)
    core.take(np.arange(40) * 1000, ramp(40))
    command = control.set_sampling(1000, 1, "i16").data
    assert core.write(command).result == "busy"
    core.write(STOP)
    assert core.write(command).result == "busy"  # until the last one has left
    core.packets()
    assert core.write(command).done


def test_the_connection_interval_is_asked_for(boot: Boot) -> None:
    core = boot()
    assert core.write(control.set_connection(0.015, 0.030).data).done
    assert core.counters().asked_interval == (12, 24)


def test_replies_give_the_time_of_the_first_input_that_is_sent(boot: Boot) -> None:
    core = boot(n_inputs=4, skew_ns=10_000)
    core.write(control.set_sampling(1000, 0b1000, "i16").data)
    core.take(np.arange(50) * 1000, ramp(50, 4))
    start = core.write(START, 49_500)
    core.take(np.arange(50, 100) * 1000, ramp(50, 4, 50))
    stop = core.write(STOP, 99_500)
    assert (start.index, start.device_us) == (51, 51_030)
    assert (stop.index, stop.device_us) == (100, 100_030)


def test_a_conversion_amid_a_command_or_a_packet_is_sent_or_not_as_the_replies_say(boot: Boot) -> None:
    core = boot()
    made, amid = 0, 0

    def convert(n: int) -> None:
        nonlocal made
        core.take(np.arange(made, made + n) * 1000, ramp(n, 2, made))
        made += n

    def interrupted(command: bytes, after: int) -> control.CtrlReply:
        nonlocal made, amid
        now_us = made * 1000 - 500
        core.interrupt(after)
        reply = core.write(command, now_us)
        core.interrupt(0)
        came = core.counters().next_index - made
        made, amid = made + came, amid + came
        return reply

    for after in range(1, 25):  # more accesses than a command or a short packet has
        convert(30)
        start = interrupted(START, after)
        convert(60)
        core.interrupt(after)
        packets = core.packets()
        core.interrupt(0)
        made = core.counters().next_index
        convert(3)
        pulse = interrupted(control.pulse(1).data, after)
        convert(4)
        stop = interrupted(STOP, after)
        convert(10)
        core.tick(made * 1000)
        index, counts = frames(packets + core.packets())
        assert index == list(range(start.index, stop.index))
        np.testing.assert_array_equal(counts, [ramp(1, 2, i)[0] for i in index])
        assert start.device_us == start.index * 1000
        assert stop.device_us == stop.index * 1000
        assert pulse.device_us == pulse.index * 1000 - 500
        counters = core.counters()
        assert counters.frames_dropped == 0
        assert counters.overruns <= amid
    assert amid > 12  # replies that had to take it into account


def test_a_stop_by_another_processor_amid_a_conversion_names_the_frame_that_is_not_sent(boot: Boot) -> None:
    core = boot()
    made, seen = 0, set()
    for at in range(1, 13):
        start = core.write(START, made * 1000)
        core.take(np.arange(made, made + 10) * 1000, ramp(10, 2, made))
        made += 10
        packets, stop = core.take_stopped(np.arange(made, made + 2) * 1000, ramp(2, 2, made), at)
        made += 2
        index, counts = frames(packets)
        assert index == list(range(start.index, stop.index))
        np.testing.assert_array_equal(counts, [ramp(1, 2, i)[0] for i in index])
        assert abs(stop.device_us - stop.index * 1000) <= 1000  # it cannot wait for what it has interrupted
        assert core.packets() == []
        assert core.counters().frames_dropped == core.counters().overruns == 0
        seen.add(stop.index - made)
    assert seen == {-2, -1, 0}


def any_command(rng: np.random.Generator, sane: list[bytes]) -> bytes:
    """Return one of the `sane` commands, or random bytes that mostly begin like one."""
    if rng.random() >= 0.5:
        return sane[rng.integers(len(sane))]
    data = rng.integers(0, 256, rng.integers(0, 9), np.uint8).tobytes()
    return bytes([rng.integers(1, 8)]) + data[1:] if data and rng.random() < 0.7 else data


def use_a_door(core: Core, rng: np.random.Generator, ping: bytes, n: int) -> int:
    """Come in by another door than that of the commands; return how many conversions there are after the `n` before."""
    door = rng.integers(10)
    if door == 0:
        core.ping(ping, 1, 2)
    elif door == 1:
        core.change_link(int(rng.integers(0, 600)), int(rng.integers(0, 2**16)))
    elif door == 2:
        core.acknowledge(int(rng.integers(0, 256)), int(rng.integers(0, 2**32)))
    elif door == 3 and rng.random() < 0.1:
        core.disconnect()
        core.connect(int(rng.integers(0, 600)))
    elif door == 4:
        core.lose(int(rng.integers(0, 2 ** rng.integers(1, 33))))
    elif door == 5:
        core.take_block(int(rng.integers(0, 2**32)), rng.integers(-(2**15), 2**15, (rng.integers(0, 40), 5)))
    elif door == 6:
        core.status()
    else:
        count = int(rng.integers(0, 30))
        core.take(np.arange(n, n + count) * 1000, ramp(count, 5, n))
        n += count
    return n


def test_random_bytes_at_every_door_are_answered_and_leave_a_device_that_works(boot: Boot) -> None:
    rng = np.random.default_rng(5)
    core = boot(n_inputs=5, bits=24, skew_ns=1000)
    n = 0
    seen = set()
    sane = [START, START, STOP, TEST_ON, TEST_OFF, control.pulse(1).data, control.set_connection(0.015, 0.03).data]
    sane += [control.set_sampling(int(rng.integers(1, 20_001)), m, f).data for f in ("i16", "i24") for m in (1, 6, 31)]
    sane += [control.set_sampling(1000, 4, "compact").data, control.set_sampling(1000, 21, "i12").data]
    for _ in range(4000):
        data = any_command(rng, sane)
        operation, _, well_formed = emgo1.read_command(data)
        reply = core.write(data, n * 1000)
        assert reply.operation == operation & 0x7F
        if well_formed != 0:
            assert reply.result == ("unknown operation", "bad argument")[well_formed - 1]
        seen.add((reply.operation if reply.operation < 8 else 0, reply.result))
        n = use_a_door(core, rng, data, n)
        core.info()
        for packet in core.packets(int(rng.integers(0, 4))):
            Emgo1Decoder().decode(packet)
        core.tick(n * 1000)
    assert {(op, "done") for op in (1, 2, 3, 5, 6, 7)} <= seen
    assert {"busy", "unknown operation", "bad argument", "not supported by this board"} <= {r for _, r in seen}
    core.disconnect()
    core.connect(247)
    assert core.write(control.set_sampling(1000, 0b11, "i16").data).done
    core.write(TEST_OFF)
    core.packets()
    start = core.write(START)
    index, counts = frames(run(core, n, 100))
    assert index == list(range(start.index, start.index + len(index)))
    np.testing.assert_array_equal(counts, ramp(len(index), 5, n + 1)[:, :2])
