"""From the C core over a software radio through the unmodified bleak client to the verdict."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

if sys.version_info < (3, 11):
    pytest.skip("bumble needs Python 3.11", allow_module_level=True)

from emgorder import analyse, read_recording, simulate_session
from emgorder.acquisition.bleak import BleakTransport
from emgorder.acquisition.checkup import Checkup, check_sensor
from emgorder.acquisition.session import record_session
from emgorder.acquisition.simulated_session import electrodes
from emgorder.acquisition.transport import LinkEvent, Packet
from emgorder.io.journal import read_journal
from emgorder.sensors.emgo1 import Emgo1Decoder
from emgorder.sensors.emgo1_control import INFO, read_info, read_status, set_sampling, set_test_signal
from tests.firmware.board import INTERVAL_S, UV, FirmwareBoard, Table
from tests.firmware.core import Core
from tests.rigs import virtual_sensor as rig
from tests.rigs.bumble_bleak import backends
from tests.rigs.virtual_time import LoopClock, run

Boot = Callable[..., Core]
OnAir = tuple[BleakTransport, list[FirmwareBoard]]
ADDRESSES = ("F0:00:00:00:00:01", "F0:00:00:00:00:02")


@contextlib.asynccontextmanager
async def on_air(boot: Boot, volts: Sequence[np.ndarray]) -> AsyncIterator[OnAir]:
    """Switch on a board for each signal, (n_samples, n_channels) at 1 kHz, their crystals 40 ppm apart."""
    radio, table, boards = rig.Radio(INTERVAL_S), Table(), []
    async with contextlib.AsyncExitStack() as stack:
        scanner, client = backends(await rig.host(radio))
        for address, signal, ppm in zip(ADDRESSES, volts, (20.0, -20.0), strict=False):
            core = boot(n_inputs=signal.shape[1], bits=16, uV_per_count=UV, delay_us=0, mtu=0)
            board = FirmwareBoard(radio, address, core, electrodes(signal, 1000.0), table, ppm=ppm)
            await board.switch_on()
            stack.push_async_callback(board.switch_off)
            boards.append(board)
        yield BleakTransport(scanner, client, LoopClock(), scan_timeout_s=1.0), boards


@pytest.mark.parametrize(
    ("n_boards", "difference_s", "verdict"), [(1, 0.16, "hamstring first"), (2, -0.16, "glute first")]
)
def test_the_verdict_of_the_firmware_is_that_of_the_truth(
    boot: Boot, tmp_path: Path, n_boards: int, difference_s: float, verdict: str
) -> None:
    truth = simulate_session(
        seed=21,
        n_lifts=5,
        mean_difference_s=difference_s,
        lift_sd_s=0.03,
        outlier_share=0.0,
        missing_share=0.0,
        rest_s=2.5,
    )
    names = [channel.label for channel in truth.channels]
    split = [truth.data] if n_boards == 1 else [truth.data[:, :1], truth.data[:, 1:]]
    labels = dict(zip(ADDRESSES, [names] if n_boards == 1 else [names[:1], names[1:]], strict=False))
    path = tmp_path / "air.emgj"

    async def record() -> list[FirmwareBoard]:
        async with on_air(boot, split) as (transport, boards):
            chosen = await transport.discover(0.5)
            assert [sensor.key for sensor in chosen] == ["emgo1"] * n_boards
            await record_session(
                transport, chosen, path, labels=labels, marks=truth, clock=LoopClock(), duration_s=truth.duration_s
            )
            await asyncio.sleep(0.5)
            return boards

    boards = run(record())
    for board in boards:
        assert [(reply.operation, reply.result) for reply in board.replies] == [(1, "done"), (2, "done")]
        assert board.core.counters().overruns == board.core.counters().tx_drops == 0
    recording = read_recording(path)
    assert [c.label for c in recording.channels] == names
    assert recording.clock.method == ("ping" if n_boards == 2 else "same device")
    for sensor in recording.meta["Sensors"]:
        assert (sensor["lost_samples"], sensor["damaged_packets"]) == (0, 0)
        assert sensor["connection_interval_s"] == INTERVAL_S
    kinds = [r.content()["kind"] for r in read_journal(path).records if r.kind == "event"]
    assert kinds.count("status") > 0.9 * n_boards * truth.duration_s
    assert kinds.count("info") == n_boards
    (here,), (there,) = analyse(recording).sides, analyse(truth).sides
    assert (here.verdict, there.verdict) == (verdict, verdict)
    assert here.low_s < there.difference_s < here.high_s
    assert abs(here.difference_s - there.difference_s) < 1.96 * np.hypot(recording.clock.sd_s, 0.003)


def test_the_doctor_finds_the_firmware_well(boot: Boot) -> None:
    async def look() -> Checkup:
        async with on_air(boot, [np.zeros((10, 2))]) as (transport, _):
            (sensor,) = await transport.discover(0.5)
            return await check_sensor(transport, sensor, clock=LoopClock(), seconds=10.0)

    checks = run(look()).checks
    assert [check.text for check in checks if not check.good] == []
    said = "\n".join(check.text for check in checks)
    assert "INFO: 2 channels" in said
    assert "0 samples lost" in said


def test_commands_and_reads_of_the_bleak_client_reach_the_core(boot: Boot) -> None:
    got: list[Packet | LinkEvent] = []

    async def talk() -> None:
        async with on_air(boot, [np.zeros((10, 3))]) as (transport, boards):
            (sensor,) = await transport.discover(0.5)
            link = await transport.open(sensor)
            await link.command(set_sampling(1000, 0b101, "i24"))
            assert read_info(await link.read(INFO)).n_channels == 2
            await link.command(set_test_signal(True))
            await link.start(got.append)
            await asyncio.sleep(2.5)
            await link.close()
            await asyncio.sleep(0.1)
            assert [(r.operation, r.result) for r in boards[0].replies] == [(o, "done") for o in (3, 6, 1, 2)]

    run(talk())
    packets = [item.data for item in got if isinstance(item, Packet)]
    assert len(packets) > 100
    decoder = Emgo1Decoder()
    end, told = None, 0
    for packet in packets:
        (chunk,) = decoder.decode(packet)
        assert chunk.counter is not None
        assert chunk.device_us is not None
        if chunk.acknowledged is not None:
            told += 1
            assert 0 <= chunk.device_us - chunk.acknowledged[1] < 50_000
        assert end in (None, chunk.counter)
        index = chunk.counter + np.arange(len(chunk.values))
        end = int(index[-1]) + 1
        wave = np.where(index % 256 < 128, 1 << 14, -(1 << 14))
        np.testing.assert_array_equal(np.rint(chunk.values * 1e6), np.stack([wave, wave], axis=1))
    assert told > len(packets) / 2
    last = [item for item in got if isinstance(item, LinkEvent) and item.kind == "status"][-1]
    status = read_status(bytes.fromhex(last.detail))
    assert (status.streaming, status.test_signal, status.adc_overruns, status.tx_drops) == (True, True, 0, 0)
