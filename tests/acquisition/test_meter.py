"""What is counted of a link between two reports."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from emgorder.acquisition.meter import Meter
from emgorder.acquisition.transport import Packet
from emgorder.sensors.base import Chunk, SensorDescriptor

MODULUS = 256
KIND = SensorDescriptor(
    key="test",
    title="test",
    n_channels=1,
    sampling_frequency=500.0,
    unit="a.u.",
    kind="raw",
    service="s",
    notify="n",
    names=("Test",),
    counter_modulus=MODULUS,
)


class Tens:
    """Decodes a counter modulo 256 and ten samples."""

    descriptor = KIND

    def decode(self, data: bytes) -> list[Chunk]:
        return [Chunk(data[0], np.zeros((10, 1)))]


def fed(numbers: list[int]) -> dict[str, str]:
    meter = Meter(Tens)
    for number in numbers:
        meter.packet(Packet("left", number * 0.02, bytes([number * 10 % MODULUS])))
    return dict(meter.report())


@given(st.lists(st.integers(1, 12), min_size=3, max_size=60))
def test_loss_is_what_is_missing_from_the_counter_over_its_end(steps: list[int]) -> None:
    numbers = np.cumsum([0, *steps])
    lost = 10 * (int(numbers[-1]) + 1 - len(numbers))
    assert fed(numbers.tolist()).get("loss", "0 samples") == f"{lost} samples"


def test_the_rate_is_the_sensors_own_whatever_is_lost() -> None:
    assert fed(list(range(51)))["rate"] == "500.0 Hz"
    assert fed(list(range(0, 51, 2)))["rate"] == "500.0 Hz"


def test_the_rate_is_that_of_the_last_ten_reports() -> None:
    meter, now_s = Meter(), 0.0
    for period_s in (0.02, 0.01):
        for _ in range(12):
            for _ in range(50):
                now_s += period_s
                meter.packet(Packet("left", now_s, b""))
            told = dict(meter.report())
        assert told["rate"] == f"{1 / period_s:.1f} packets/s"


def test_a_repeated_packet_is_no_loss() -> None:
    assert "loss" not in fed([0, 1, 1, 2, 3])


def test_a_report_tells_only_what_came_since_the_last_one() -> None:
    meter = Meter(Tens)
    for number in (0, 2, 3):
        meter.packet(Packet("left", number * 0.02, bytes([number * 10])))
    assert dict(meter.report())["loss"] == "10 samples"
    assert meter.report() == []


def test_after_a_reconnection_the_counter_may_begin_anywhere() -> None:
    meter = Meter(Tens)
    meter.packet(Packet("left", 0.0, b"\x00"))
    meter.restart()
    meter.packet(Packet("left", 5.0, b"\x64"))
    assert meter.report() == []
