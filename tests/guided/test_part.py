"""One recording of a test: what is live has the rate that the sensors tell."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from emgorder.acquisition.clocks import FastClock
from emgorder.acquisition.simulated import SimulatedTransport
from emgorder.acquisition.simulated_session import emgo1_board
from emgorder.acquisition.table import Table
from emgorder.errors import SensorError
from emgorder.guided.part import Part
from emgorder.model import FloatArray


def hum(time_s: FloatArray) -> FloatArray:
    return 1e-4 * np.sin(2 * np.pi * 40.0 * np.column_stack([time_s, time_s]))


def record(folder: Path, *rates: int) -> tuple[float, float, float]:
    """Record 10 s; return the rate of the rows, how much longer they got meanwhile, and where a moment is in them."""
    clock = FastClock()
    ids = "ab"[: len(rates)]
    boards = [emgo1_board(id, hum, sampling_frequency=rate) for id, rate in zip(ids, rates, strict=True)]
    table = Table(SimulatedTransport(boards, clock=clock, seed=3), clock, simulated=True)

    async def run() -> tuple[float, float, float]:
        chosen = await table.transport.discover(0.2)
        labels = {"a": ("GMAX_R", "")} if len(rates) > 1 else {"a": ("GMAX_R", "BF_R")}
        labels["b"] = ("BF_R", "")
        part = Part(table, chosen, labels, folder / "x.emgj", meta={}, emit=lambda traces: None)
        with pytest.raises(RuntimeError, match="start the recording"):
            _ = part.engine
        await part.start()
        begun_s = part.engine.now_s
        await clock.sleep(10.0)
        now_s = part.engine.now_s
        at_s = part.stream_s(clock.now())
        await part.stop()
        return part.engine.sampling_frequency, now_s - begun_s, at_s - now_s

    return asyncio.run(run())


@pytest.mark.parametrize("rates", [(500,), (1000,), (2000,), (500, 1000)])
def test_live_seconds_are_seconds_at_every_rate(tmp_path: Path, rates: tuple[int, ...]) -> None:
    rate, longer_s, behind_s = record(tmp_path, *rates)
    assert rate == max(rates)
    assert longer_s == pytest.approx(10.0, abs=0.2)
    assert 0.0 <= behind_s < 0.3


def test_a_sensor_that_sends_nothing_is_named(tmp_path: Path) -> None:
    clock = FastClock()
    board = emgo1_board("a", lambda time_s: np.empty((0, 2)))
    table = Table(SimulatedTransport([board], clock=clock, seed=3), clock, simulated=True)

    async def run() -> None:
        chosen = await table.transport.discover(0.2)
        part = Part(table, chosen, {"a": ("GMAX_R", "BF_R")}, tmp_path / "x.emgj", meta={}, emit=lambda traces: None)
        with pytest.raises(SensorError, match="sends no samples"):
            await part.start()

    asyncio.run(run())
