"""What an inlet receives is what was recorded."""

from __future__ import annotations

import uuid
from typing import Any

import numpy as np
import pytest

from emgorder.acquisition.lsl import LslOutlet
from emgorder.acquisition.recorder import Mark
from emgorder.acquisition.transport import LinkEvent, Packet, RealClock, SensorInfo
from emgorder.simulate.packets.emgo1 import FRAMES, encode, encode_info
from tests.conftest import lacking


@pytest.fixture(scope="module")
def lsl() -> Any:
    """Return pylsl with its library."""
    try:
        import pylsl
    except (ImportError, RuntimeError):
        lacking("pylsl and liblsl (pip install emgorder[lsl])")
    return pylsl


def inlet(lsl: Any, name: str) -> Any:
    found = lsl.resolve_byprop("name", name, 1, 10.0)
    if not found:
        lacking("a network in which LSL finds its own streams")
    opened = lsl.StreamInlet(found[0])
    opened.open_stream(10.0)
    return opened


def pull(opened: Any, n: int) -> tuple[np.ndarray, np.ndarray]:
    rows: list[Any] = []
    times: list[float] = []
    for _ in range(200):
        got, stamps = opened.pull_chunk(0.1, n)
        rows += list(got)
        times += list(stamps)
        if len(rows) >= n:
            break
    return np.array(rows), np.array(times)


def test_an_inlet_gets_every_sample_with_gaps_and_the_marks(lsl: Any) -> None:
    sensor = f"board-{uuid.uuid4().hex[:8]}"
    clock = RealClock()
    outlet = LslOutlet([SensorInfo(sensor, "EMGO", "emgo1")], {sensor: ("GMAX_R", "BF_R")}, clock)
    begun_s = clock.now()

    def send(number: int) -> None:
        index = number * FRAMES + np.arange(FRAMES)
        (data,) = encode(np.stack([index % 30000, -(index % 30000)], axis=1), number * FRAMES)
        outlet(Packet(sensor, begun_s + (number + 1) * FRAMES / 1000.0, data))

    outlet(LinkEvent(sensor, begun_s, "up"))
    outlet(LinkEvent(sensor, begun_s, "info", False, encode_info(uV_per_count=0.5).hex()))
    send(0)  # the stream appears with its first packet
    samples, marks = inlet(lsl, f"emgorder-{sensor}"), inlet(lsl, "emgorder-marks")
    for number in [1, 2, 3, 5, 6]:
        send(number)
    outlet(Mark(begun_s + 1.0, "tap"))
    rows, stamps = pull(samples, 6 * FRAMES)
    first = FRAMES if not len(rows) or rows[0, 0] != 0.0 else 0  # what was sent before the inlet opened may be missed
    index = np.arange(first, 7 * FRAMES)
    expected = np.stack([index, -index], axis=1) * 0.5e-6
    expected[(index >= 4 * FRAMES) & (index < 5 * FRAMES)] = np.nan
    assert np.allclose(rows[: len(expected)], expected[: len(rows)], rtol=1e-9, equal_nan=True)
    assert len(rows) >= 6 * FRAMES
    assert np.all(np.diff(stamps) > -0.03)  # the clock is still being learnt
    assert stamps[-1] - stamps[0] == pytest.approx((len(rows) - 1) / 1000.0, abs=0.03)
    (said,), at_s = marks.pull_sample(10.0)
    assert said == "tap"
    assert at_s == pytest.approx(begun_s + 1.0 + lsl.local_clock() - clock.now(), abs=0.01)
    channel = samples.info(10.0).desc().child("channels").child("channel")
    assert (channel.child_value("label"), channel.child_value("unit")) == ("GMAX_R", "volts")
