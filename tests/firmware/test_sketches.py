"""What the sketches of the boards do, in front of stand-ins for their libraries."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from emgorder.sensors import emgo1_control as control
from emgorder.sensors.emgo1 import Emgo1Decoder
from tests.firmware.sketch import Sent, Told, build_sketch, play

TARGETS = {
    "esp32": ("esp32", "-DCONFIG_IDF_TARGET_ESP32=1"),
    "esp32s3": ("esp32", "-DCONFIG_IDF_TARGET_ESP32S3=1"),
    "nano33ble": ("nano33ble", "-DNANO=1"),
}
DATA, CTRL, SYNC, INFO, STATUS = "23456"
START, STOP = "write 3 01", "write 3 02"
TURNS = ("block", "loop") * 12


@pytest.fixture(scope="session")
def sketch(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that builds the program of a target, once."""
    return cache(lambda target: build_sketch(tmp_path_factory.mktemp(target), *TARGETS[target]))


def replies(told: Told) -> list[control.CtrlReply]:
    return [control.read_ctrl_reply(sent.data) for sent in told.sent if sent.characteristic == CTRL]


def frames(packets: list[Sent]) -> tuple[list[int], np.ndarray]:
    """Return the indices and counts of packets, none of which tells of a gap."""
    index: list[int] = []
    counts = []
    for packet in packets:
        (chunk,) = Emgo1Decoder().decode(packet.data)
        assert "gap" not in chunk.flags
        assert chunk.counter is not None
        index += range(chunk.counter, chunk.counter + len(chunk.values))
        counts.append(np.rint(chunk.values * 1e6))
    return index, np.concatenate(counts)


def converted(target: str, index: list[int]) -> np.ndarray:
    """Return what the program's converter makes of these conversions."""
    ramp = np.array(index) % 1000
    if target == "nano33ble":
        return np.stack([ramp, -ramp], axis=1)
    return np.stack([ramp, 4000 - ramp], axis=1) * 16 - 32768  # sums of sixteen


@pytest.mark.parametrize("target", TARGETS)
def test_a_sketch_sends_what_its_converter_has_made(sketch: Callable[[str], Path], target: str) -> None:
    told = play(sketch(target), "connect", "mtu 247", START, *TURNS, STOP, "loop", "block", "loop")
    start, stop = replies(told)
    assert (start.done, stop.done) == (True, True)
    index, counts = frames(told.of(DATA))
    assert index == list(range(start.index, stop.index))
    np.testing.assert_array_equal(counts, converted(target, index))
    info = control.read_info(told.of(INFO, "value")[0].data)
    assert info.n_channels == 2
    assert info.sampling_frequency == pytest.approx(1000)


@pytest.mark.parametrize("target", TARGETS)
def test_packets_fit_the_mtu_that_the_link_has_and_grow_with_it_in_a_running_stream(
    sketch: Callable[[str], Path], target: str
) -> None:
    orders = ["connect", START, *TURNS, "mtu 65", *TURNS, "mtu 247", *TURNS]
    told = play(sketch(target), *orders, "disconnect", "block", "loop", "connect", START, *TURNS)
    assert all(start.done for start in replies(told))
    packets = told.of(DATA)
    assert all(len(packet.data) <= packet.mtu - 3 for packet in packets)
    mtus = [packet.mtu for packet in packets]
    second_link = len(mtus) - mtus[::-1].index(247)
    for mtu, some in ((23, packets[:second_link]), (65, packets), (247, packets), (23, packets[second_link:])):
        lengths = [len(packet.data) for packet in some if packet.mtu == mtu]
        assert max(lengths) == {23: 20, 65: 60, 247: 104}[mtu]
        assert min(lengths[1:]) == max(lengths)  # the first may have been filled before
    index, counts = frames(packets[:second_link])
    assert index == list(range(1, len(index) + 1))
    np.testing.assert_array_equal(counts, converted(target, index))


@pytest.mark.parametrize("target", TARGETS)
def test_pings_pulses_and_the_status_of_a_second_come_through(sketch: Callable[[str], Path], target: str) -> None:
    told = play(sketch(target), "connect", f"write 4 {control.ping(9).data.hex()}", "write 3 070a", *TURNS * 6)
    (pong,) = told.of(SYNC)
    assert control.read_sync_reply(pong.data).id == 9
    pin = "2" if target == "nano33ble" else "4"
    assert told.lines == (f"pin {pin} 1", f"pin {pin} 0")
    assert {control.read_status(sent.data).streaming for sent in told.of(STATUS)} == {False}


@pytest.mark.parametrize("target", ["esp32", "esp32s3"])
@pytest.mark.parametrize(
    ("shortest", "longest"),
    [(6, 6), (12, 24), (6, 533), (534, 534), (12, 1599), (1600, 1600), (12, 3200), (3200, 3200)],
)
def test_the_esp32_asks_for_every_interval_of_the_profile_so_that_the_stack_agrees(
    sketch: Callable[[str], Path], target: str, shortest: int, longest: int
) -> None:
    asked = control.set_connection(shortest * 0.00125, longest * 0.00125).data
    told = play(sketch(target), "connect", f"write 3 {asked.hex()}")
    assert replies(told)[0].done
    (line,) = told.lines
    low, high, latency, timeout = map(int, line.split()[1:])
    assert (low, high, latency) == (shortest, longest, 0)
    assert 400 <= timeout <= 3200
    assert timeout * 10 > high * 1.25 * 2


def test_the_esp32_answers_what_its_stack_has_said(sketch: Callable[[str], Path]) -> None:
    first, second = (f"write 3 {control.set_connection(s, s).data.hex()}" for s in (0.015, 4.0))
    told = play(sketch("esp32"), "connect", first, second, "updated", second)
    assert [r.result for r in replies(told)] == ["done", "not supported by this board", "done"]
    assert [line.split()[2] for line in told.lines] == ["12", "3200"]


def test_the_nano_asks_for_no_interval_and_says_so(sketch: Callable[[str], Path]) -> None:
    told = play(sketch("nano33ble"), "connect", f"write 3 {control.set_connection(0.015, 0.015).data.hex()}")
    assert [r.result for r in replies(told)] == ["not supported by this board"]
