"""The doctor sees what is wrong with a sensor, and finds nothing wrong with a good one."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from emgorder.acquisition.checks import Check
from emgorder.acquisition.checkup import check_sensor
from emgorder.acquisition.clocks import FastClock
from emgorder.acquisition.simulated import SimulatedTransport
from emgorder.acquisition.simulated_kinds import simulate_sensor
from emgorder.acquisition.simulated_sensor import LinkFaults, SimulatedSensor
from emgorder.acquisition.simulated_session import ORDINARY_LINK, emgo1_board
from emgorder.model import FloatArray


def silence(time_s: FloatArray) -> FloatArray:
    return np.zeros((len(time_s), 2))


def examine(sensor: SimulatedSensor, seconds: float = 20.0) -> list[Check]:
    clock = FastClock()
    transport = SimulatedTransport([sensor], clock=clock, seed=1)
    return list(asyncio.run(check_sensor(transport, sensor.info, clock=clock, seconds=seconds)).checks)


def test_a_good_sensor_is_found_good() -> None:
    checks = examine(emgo1_board("a", silence, faults=ORDINARY_LINK))
    assert all(check.good for check in checks)
    assert any(check.text.startswith("INFO: 2 channels") for check in checks)
    assert any("connection interval 15 ms" in check.text for check in checks)


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ({"drift_ppm": 2000.0}, "rate 1"),
        ({"loss": 0.05}, "samples lost"),
        ({"stalls": ((8.0, 1.0),)}, "longest silence 1"),
        ({"cuts": ((8.0, 30.0),)}, "the link was lost"),
    ],
)
def test_what_is_wrong_is_said(faults: dict[str, object], said: str) -> None:
    checks = examine(emgo1_board("a", silence, faults=replace(ORDINARY_LINK, **faults)))  # type: ignore[arg-type]
    assert [check.text for check in checks if not check.good and said in check.text]


def test_a_sensor_that_sends_nothing_is_told_to_be_switched_off_and_on() -> None:
    checks = examine(emgo1_board("a", silence, faults=LinkFaults(stalls=((0.0, 60.0),))), seconds=5.0)
    assert not checks[-1].good
    assert "Switch it off and on" in checks[-1].told


def test_a_sensor_that_cannot_tell_an_order_is_no_good_for_it() -> None:
    checks = examine(simulate_sensor("myoware", "a", lambda t: np.full((len(t), 1), 1e-3)))
    assert not checks[-1].good
    assert "envelope" in checks[-1].text


def test_losses_of_a_sensor_that_numbers_nothing_are_not_said_to_be_none() -> None:
    checks = examine(simulate_sensor("myo", "a", lambda t: np.zeros((len(t), 8)), faults=ORDINARY_LINK))
    said = [check.text for check in checks]
    assert any("losses cannot be seen" in text for text in said)
    assert not any("samples lost" in text for text in said)


def test_a_sensor_that_promises_no_rate_is_not_blamed_for_its_rate() -> None:
    checks = examine(simulate_sensor("myoware", "a", lambda t: np.full((len(t), 1), 1e-3)))
    assert [check.good for check in checks if "none is promised" in check.text] == [True]


def test_a_low_battery_is_told() -> None:
    checks = examine(emgo1_board("a", silence, faults=replace(ORDINARY_LINK, battery=3)))
    assert [check.told for check in checks if not check.good] == ["battery 3 %. Charge it before the test"]
