"""What the firmware's core can put out by itself: a square wave in place of its inputs, and a pulse on a pin."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from emgorder.sensors import emgo1_control as control
from emgorder.sensors.emgo1 import Emgo1Decoder
from tests.firmware.core import I12, START, STOP, TEST_OFF, TEST_ON, Core, frames, ramp, run

Boot = Callable[..., Core]


@pytest.mark.parametrize(("bits", "format", "height"), [(24, 0, 1 << 14), (24, 2, 1 << 22), (12, 0, 1 << 10)])
def test_the_square_wave_stands_in_place_of_the_inputs_from_the_frame_that_is_told(
    boot: Boot, bits: int, format: int, height: int
) -> None:
    core = boot(bits=bits, format=format)
    core.write(START)
    core.take(np.arange(100) * 1000, ramp(100))
    on = core.write(TEST_ON).index
    assert core.write(TEST_OFF).result == "busy"  # the frames before it still wait
    packets = core.packets()
    packets += run(core, 100, 200)
    off = core.write(TEST_OFF).index
    packets += run(core, 300, 100)
    index, counts = frames(packets)
    assert (on, off) == (100, 300)
    for i, row in zip(index, counts, strict=True):
        wave = height if i % 256 < 128 else -height
        assert row.tolist() == ([wave, wave] if on <= i < off else ramp(1, first=i)[0].tolist())


def test_the_square_wave_fits_every_format(boot: Boot) -> None:
    core = boot(bits=24, format=I12)
    core.write(TEST_ON)
    core.write(START)
    packets = run(core, 0, 200)
    assert set(frames(packets)[1].ravel()) == {1024, -1024}
    assert all("lead_off" not in Emgo1Decoder().decode(p)[0].flags for p in packets)


def test_the_square_wave_ends_with_the_link_that_asked_for_it(boot: Boot) -> None:
    core = boot()
    core.write(TEST_ON)
    core.write(START)
    core.take(np.arange(50) * 1000, ramp(50))
    core.packets()
    core.disconnect()
    assert not core.status().test_signal
    core.connect(247)
    core.write(START)
    index, counts = frames(run(core, 50, 100))
    np.testing.assert_array_equal(counts, ramp(len(index), first=index[0]))


def test_a_square_wave_that_the_end_of_its_stream_forestalled_can_be_taken_back_in_the_next(boot: Boot) -> None:
    core = boot()
    core.write(START)
    core.take(np.arange(50) * 1000, ramp(50))
    core.write(TEST_ON)
    core.write(STOP)
    core.packets()
    core.write(START)
    assert core.write(TEST_OFF).done
    index, counts = frames(run(core, 50, 100))
    np.testing.assert_array_equal(counts, ramp(len(index), first=index[0]))


def test_a_pulse_has_its_length_and_marks_the_packet_with_the_frame_after_its_edge(boot: Boot) -> None:
    core = boot()
    core.write(START)
    packets = run(core, 0, 50)
    reply = core.write(control.pulse(20).data, 49_700)
    assert (reply.index, reply.device_us) == (50, 49_700)
    assert core.counters().pin == 1
    assert core.write(control.pulse(20).data, 50_000).result == "busy"
    core.tick(69_600)
    assert core.counters().pin == 1
    core.tick(69_700)
    assert (core.counters().pin, core.counters().edges) == (0, 2)
    packets += run(core, 50, 100)
    chunks = [Emgo1Decoder().decode(p)[0] for p in packets]
    assert [c.counter for c in chunks if "sync_edge" in c.flags] == [47]


def test_a_pulse_whose_edge_lies_behind_conversions_that_are_not_told_yet_counts_them(boot: Boot) -> None:
    core = boot()
    core.write(START)
    core.take_block(31_000, ramp(32))
    reply = core.write(control.pulse(20).data, 45_300)  # the next block is half done
    assert reply.index == 46


def test_a_pulse_whose_edge_lies_before_conversions_that_have_come_since_names_the_frame_after_the_edge(
    boot: Boot,
) -> None:
    core = boot()
    core.write(START)
    core.take(np.arange(51) * 1000, ramp(51))
    reply = core.write(control.pulse(20).data, 48_300)
    assert (reply.index, reply.device_us) == (49, 48_300)
    chunks = [Emgo1Decoder().decode(p)[0] for p in run(core, 51, 100)]
    assert [c.counter for c in chunks if "sync_edge" in c.flags] == [47]


def test_each_of_two_pulses_has_its_mark_or_the_second_is_told_to_wait(boot: Boot) -> None:
    core = boot()
    core.write(START)
    core.take(np.arange(50) * 1000, ramp(50))
    first = core.write(control.pulse(1).data, 49_700)
    core.tick(51_000)
    assert core.counters().pin == 0
    core.take(np.arange(50, 60) * 1000, ramp(10, first=50))
    assert core.write(control.pulse(1).data, 59_700).result == "busy"  # the radio has not asked for the first's packet
    packets = run(core, 60, 20)
    second = core.write(control.pulse(1).data, 79_700)
    packets += run(core, 80, 60)
    chunks = [Emgo1Decoder().decode(p)[0] for p in packets]
    marked = [c.counter for c in chunks if "sync_edge" in c.flags]
    assert (first.index, second.index) == (50, 80)
    assert marked == [47, 70]


def test_a_pulse_whose_frame_was_lost_or_that_a_stop_came_before_keeps_no_other_waiting(boot: Boot) -> None:
    core = boot()
    core.write(START)
    core.take(np.arange(50) * 1000, ramp(50))
    core.write(control.pulse(1).data, 49_700)
    core.lose(10)
    packets = run(core, 60, 60)
    core.tick(119_000)
    assert core.write(control.pulse(1).data, 119_700).done
    core.write(STOP, 119_800)
    packets += core.packets()
    core.tick(122_000)
    assert all("sync_edge" not in Emgo1Decoder().decode(p)[0].flags for p in packets)
    assert core.write(control.pulse(1).data, 130_000).done
