"""What the screen shows while a recording runs."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emgorder.acquisition.recorder import Mark, Segment, delivered
from emgorder.acquisition.simulated_sensor import LinkFaults
from emgorder.acquisition.simulated_session import ORDINARY_LINK, emgo1_board
from emgorder.acquisition.status import LiveStatus
from emgorder.acquisition.transport import LinkEvent, Packet, SensorInfo
from emgorder.cli.live_table import status_group
from emgorder.io.journal import iter_journal
from emgorder.model import FloatArray
from emgorder.simulate.packets.emgo1 import FRAMES, encode, encode_info
from tests.acquisition.simulating import record

CHOSEN = [SensorInfo("left", "EMGO left", "emgo1")]


def tones(time_s: FloatArray) -> FloatArray:
    return np.sqrt(2) * np.stack(
        [1e-4 * np.sin(2 * np.pi * 40 * time_s), 2e-5 * np.sin(2 * np.pi * 60 * time_s)], axis=1
    )


def watch(path: Path, faults: LinkFaults, seconds: float) -> LiveStatus:
    record(path, [emgo1_board("left", tones, faults=faults)], duration_s=seconds)
    status = LiveStatus(CHOSEN, {"left": ("GMAX_R", "BF_R")})
    for item in iter_journal(path):
        status(delivered(item))
    return status


def test_amplitude_rate_battery_and_clock_are_told(tmp_path: Path) -> None:
    (sensor,) = watch(tmp_path / "x.emgj", ORDINARY_LINK, 20.0).sensors()
    assert sensor.rms == pytest.approx([1e-4, 2e-5], rel=0.02)
    assert float(sensor.rate.split()[0]) == pytest.approx(1000.0, rel=0.05)
    assert sensor.battery == "87 %"
    assert sensor.n_lost == 0
    assert 0.0 < sensor.clock_sd_s < 0.005
    assert not sensor.up  # it was closed


def test_losses_are_counted_and_a_lost_link_is_said(tmp_path: Path) -> None:
    faults = replace(ORDINARY_LINK, loss=0.1, cuts=((8.0, 2.0),))
    status = watch(tmp_path / "x.emgj", faults, 16.0)
    (sensor,) = status.sensors()
    assert 0.05 < sensor.n_lost / (sensor.n_lost + sensor.n_samples) < 0.15
    assert any("the link was lost" in note for note in status.notes)


def test_marks_are_counted_and_trouble_of_the_computer_is_said() -> None:
    status = LiveStatus(CHOSEN, {})
    status(Mark(1.0, "tap"))
    status(Segment("", 2.0, "suspend", 9.0, True, "the computer slept for 9.0 s"))
    status(LinkEvent("stranger", 1.0, "battery", False, "3"))
    status(Packet("stranger", 1.0, b"?"))
    assert status.marks == 1
    assert list(status.notes) == ["the computer slept for 9.0 s"]


@pytest.mark.parametrize("rate", [0, 1, 2, 100_000, 0xFFFFFFFF])
def test_a_sensor_may_tell_any_rate(rate: int) -> None:
    info = bytearray(encode_info())
    info[8:12] = rate.to_bytes(4, "little")
    status = LiveStatus(CHOSEN, {})
    status(LinkEvent("left", 1.0, "info", False, info.hex()))
    for number in range(4):
        (data,) = encode(np.full((FRAMES, 2), number), number * FRAMES)
        status(Packet("left", 1.0 + 0.023 * number, data))
    assert status.sensors()[0].n_samples == 4 * FRAMES


def test_bytes_that_are_no_packet_are_counted() -> None:
    status = LiveStatus(CHOSEN, {})
    status(Packet("left", 1.0, b"?"))
    status(LinkEvent("left", 1.0, "info", False, "no hexadecimal"))
    assert status.sensors()[0].n_damaged == 2


def test_the_table_names_sensors_and_muscles(tmp_path: Path) -> None:
    from rich.console import Console

    status = watch(tmp_path / "x.emgj", ORDINARY_LINK, 5.0)
    status(LinkEvent("left", 9.0, "note", False, "the disk is nearly full"))
    out = io.StringIO()
    Console(file=out, width=120).print(status_group(status, 5.2))
    shown = out.getvalue()
    glute_uV = f"{status.sensors()[0].rms[0] * 1e6:.1f} µV"
    for words in ("recording 5 s", "left", "87 %", "GMAX_R", "BF_R", glute_uV, "the disk is nearly full", "0 (0.00%)"):
        assert words in shown
    bars = {line.split()[0]: line.count("█") for line in shown.splitlines() if "█" in line}
    assert bars["GMAX_R"] > bars["BF_R"] > 0


@pytest.mark.parametrize("label", ["[/b]", "[red]", "GMAX\x1b[2J"])
def test_a_label_is_shown_as_it_is_whatever_it_looks_like(label: str, tmp_path: Path) -> None:
    from rich.console import Console

    record(tmp_path / "x.emgj", [emgo1_board("left", tones)], duration_s=2.0)
    status = LiveStatus(CHOSEN, {"left": (label, "BF_R")})
    for item in iter_journal(tmp_path / "x.emgj"):
        status(delivered(item))
    out = io.StringIO()
    Console(file=out, width=120).print(status_group(status, 5.2))
    assert label.replace("\x1b", "") in out.getvalue()
