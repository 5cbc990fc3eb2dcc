"""From virtual boards through the unmodified bleak client to a recording: nothing on the way is simulated by us."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
from pathlib import Path

import numpy as np
import pytest

if sys.version_info < (3, 11):
    pytest.skip("bumble needs Python 3.11", allow_module_level=True)

from emgorder import read_recording
from emgorder.acquisition.bleak import BleakTransport
from emgorder.acquisition.checkup import check_sensor
from emgorder.acquisition.session import record_session
from emgorder.acquisition.transport import RealClock
from emgorder.io.journal import read_journal
from tests.rigs import virtual_sensor as rig
from tests.rigs.bumble_bleak import backends
from tests.rigs.virtual_emgo1 import UV, VirtualEmgo1

LEFT, RIGHT = "F0:00:00:00:00:01", "F0:00:00:00:00:02"


@contextlib.asynccontextmanager
async def on_air(radio: rig.Radio, *addresses: str):  # type: ignore[no-untyped-def]
    async with contextlib.AsyncExitStack() as stack:
        scanner, client = backends(await rig.host(radio), deliveries=1)
        for address in addresses:
            board = VirtualEmgo1(radio, address, f"EMGO-{address[-1]}")
            await board.switch_on()
            stack.push_async_callback(board.switch_off)
        yield BleakTransport(scanner, client, scan_timeout_s=1.0)


def test_two_boards_become_one_recording(tmp_path: Path) -> None:
    path = tmp_path / "air.emgj"
    labels = {LEFT: ("GMAX_R", ""), RIGHT: ("BF_R", "")}

    async def run() -> None:
        radio = rig.Radio(0.015)
        async with on_air(radio, LEFT, RIGHT) as transport:
            chosen = await transport.discover(0.5)
            assert [(s.id, s.key) for s in chosen] == [(LEFT, "emgo1"), (RIGHT, "emgo1")]
            stop = asyncio.Event()
            counted = 0

            def count(item: object) -> None:
                nonlocal counted
                counted += 1
                if counted == 150:
                    radio.lose(LEFT)
                if counted == 500:
                    stop.set()

            await record_session(transport, chosen, path, labels=labels, listeners=[count], stop=stop)

    asyncio.run(run())
    recording = read_recording(path)
    assert [c.label for c in recording.channels] == ["GMAX_R", "BF_R"]
    kinds = [r.content()["kind"] for r in read_journal(path).records if r.kind == "event"]
    assert kinds.count("info") == kinds.count("up") == 3  # one of them came back
    assert {"battery", "status", "sync", "rate"} <= set(kinds)
    left, right = recording.meta["Sensors"]
    assert right["lost_samples"] == 0
    assert right["connection_interval_s"] == 0.015
    assert not np.isnan(recording.data[:, 1]).any()
    # interpolated a little between samples: a ramp of 0.25 µV a sample stays one
    steps = np.diff(recording.data[:, 1]) * 1e6
    assert np.median(steps) == pytest.approx(UV, rel=0.01)
    assert left["damaged_packets"] == right["damaged_packets"] == 0


def test_the_doctor_finds_a_board_on_the_air_well() -> None:
    async def run() -> None:
        async with on_air(rig.Radio(0.015), LEFT) as transport:
            (sensor,) = await transport.discover(0.5)
            looked = await check_sensor(transport, sensor, clock=RealClock(), seconds=4.0, thorough=True)
            said = "\n".join(f"{check.good} {check.text}" for check in looked.checks)
            assert "True INFO: 2 channels" in said
            assert "True 0 samples lost" in said
            assert "True channels: 2 promised, 2 sent" in said
            assert "True device clock: runs" in said
            assert "True overruns: none promised, 0 conversions" in said
            assert "True losses told: 0 samples missing" in said
            assert "True reboots: none promised, 0 seen (boot id 00000001)" in said
            assert "True latency: packets are acknowledged" in said
            answered = re.search(r"pings: (\d+) of (\d+) answered", said)
            assert answered is not None
            assert int(answered[1]) == int(answered[2]) >= 5

    asyncio.run(run())
