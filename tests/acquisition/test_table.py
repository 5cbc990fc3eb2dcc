"""A person on the table: what a session marks is done, recorded and found."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emgorder import Recording, analyse, read_recording
from emgorder.acquisition.clocks import FastClock
from emgorder.acquisition.recorder import Recorder
from emgorder.acquisition.session import record_session
from emgorder.acquisition.simulated_sensor import LinkFaults
from emgorder.acquisition.table import SIMULATED_SENSORS, Table, real_table, simulated_table
from emgorder.acquisition.transport import LinkEvent, Packet, SensorInfo
from emgorder.simulate.live import LivePerson

BOARD = {"emgo1-board": ("GMAX_R", "BF_R", "GMAX_L", "BF_L")}
PAIR = {"emgo1-a": ("GMAX_R",), "emgo1-b": ("BF_R",)}

Script = Callable[[Recorder, FastClock], Coroutine[Any, Any, None]]


def table_of(seed: int, **options: Any) -> Table:
    return simulated_table(seed, clock=FastClock(start_s=50.0), **options)


def recorded(
    path: Path,
    table: Table,
    script: Script,
    *,
    labels: Mapping[str, Sequence[str]] = BOARD,
    listeners: Sequence[Callable[[Any], None]] = (),
) -> Recording:
    """Record sensors while `script` says what is to be done; return what the journal holds."""

    async def run() -> None:
        stop, tasks = asyncio.Event(), []

        async def told(recorder: Recorder) -> None:
            try:
                await script(recorder, table.clock)
            finally:
                stop.set()

        def ready(recorder: Recorder) -> None:
            tasks.append(asyncio.create_task(told(recorder)))

        found = {sensor.id: sensor for sensor in await table.transport.discover(0.0)}
        await record_session(
            table.transport,
            [found[id] for id in labels],
            path,
            labels=labels,
            clock=table.clock,
            listeners=[table.hear, *listeners],
            stop=stop,
            ready=ready,
        )
        await tasks[0]

    asyncio.run(run())
    return read_recording(path)


async def lifts(recorder: Recorder, clock: FastClock, sides: Sequence[str], n: int) -> None:
    """Take the baseline, then lifts, as a session does."""
    await clock.sleep(0.5)
    recorder.mark("baseline", duration_s=5.0)
    await clock.sleep(5.0)
    rng = np.random.default_rng(1)
    for side in sides:
        for _ in range(n):
            recorder.mark(f"relax/{side}")
            await clock.sleep(float(rng.uniform(2.0, 4.0)))
            recorder.mark(f"cue/{side}")
            await clock.sleep(10.0)


def test_lifts_that_are_cued_live_are_found_on_both_sides(tmp_path: Path) -> None:
    person = LivePerson(2, mean_difference_s={"R": 0.15, "L": -0.12}, outlier_share=0.0, missing_share=0.0)
    table = table_of(2, person=person)
    recording = recorded(tmp_path / "live.emgj", table, lambda r, c: lifts(r, c, "RL", 6))
    assert [channel.label for channel in recording.channels] == list(BOARD["emgo1-board"])
    result = analyse(recording)
    assert {side.side for side in result.sides} == {"R", "L"}
    for side in "RL":
        found = np.array([r.order.difference_s for r in result.lift_results if r.lift.side == side])
        truth = person.differences_s(side)
        assert found.size == truth.size == 6
        assert np.isfinite(found).sum() >= 5
        assert np.nanmedian(np.abs(found - truth)) < 0.040


def test_a_pair_that_is_tapped_agrees_on_the_time(tmp_path: Path) -> None:
    async def taps_and_lifts(recorder: Recorder, clock: FastClock) -> None:
        await clock.sleep(3.0)
        for _ in range(3):
            recorder.mark("tap")
            await clock.sleep(1.0)
        await lifts(recorder, clock, "R", 3)

    person = LivePerson(3, mean_difference_s=0.15, outlier_share=0.0, missing_share=0.0)
    recording = recorded(tmp_path / "pair.emgj", table_of(3, person=person), taps_and_lifts, labels=PAIR)
    assert "tap" in recording.clock.method
    assert recording.clock.sd_s < 0.005
    found = np.array([r.order.difference_s for r in analyse(recording).lift_results])
    assert found.size == 3
    assert np.nanmedian(np.abs(found - person.differences_s("R"))) < 0.040


def test_who_lifts_before_the_tone_is_not_counted(tmp_path: Path) -> None:
    table = table_of(4, false_start_share=1.0)
    recording = recorded(tmp_path / "early.emgj", table, lambda r, c: lifts(r, c, "R", 3))
    assert table.person is not None
    assert len(table.person.lifts) == 3
    cues_s = recording.events.loc[recording.events["trial_type"] == "cue/R", "onset"].to_numpy()
    for lift, cue_s in zip(table.person.lifts, cues_s, strict=True):
        assert min(burst.onset_s for burst in lift.bursts.values()) < lift.cue_s - 0.05
        assert lift.cue_s == pytest.approx(cue_s, abs=0.1)  # one counts from the first packet, the other from the start
    found = analyse(recording).lift_results
    assert not any(r.valid for r in found)
    assert any("before the tone" in r.reason for r in found), [r.reason for r in found]


def test_three_sensors_are_found_and_a_real_table_does_nothing_by_itself() -> None:
    table = table_of(1)
    found = asyncio.run(table.transport.discover(0.0))
    assert {sensor.id: sensor.name for sensor in found} == SIMULATED_SENSORS
    assert all(isinstance(sensor, SensorInfo) and sensor.key == "emgo1" for sensor in found)
    assert table.simulated
    real = real_table()
    assert not real.simulated
    assert real.person is None
    real.hear(LinkEvent("left", 0.0, "up"))
    real.place({"left": ("GMAX_R",)})


def test_electrodes_are_where_they_were_placed(tmp_path: Path) -> None:
    async def squeeze(recorder: Recorder, clock: FastClock) -> None:
        await clock.sleep(3.0)
        recorder.mark("contact/ST_L", duration_s=2.0)
        await clock.sleep(3.0)

    table = table_of(5)
    table.place({"emgo1-board": ("ST_L", "GMAX_L"), "no such sensor": ("BF_R",)})
    labels = {"emgo1-board": ("ST_L", "GMAX_L", "", "")}
    recording = recorded(tmp_path / "placed.emgj", table, squeeze, labels=labels)
    assert [channel.label for channel in recording.channels] == ["ST_L", "GMAX_L"]
    fs = recording.sampling_frequency
    work, rest = (np.nanstd(recording.data[int(a * fs) : int(b * fs)], axis=0) for a, b in ((3.8, 4.6), (0.5, 2.5)))
    assert work[0] > 3.0 * rest[0]
    assert work[1] < 2.0 * rest[1]


def test_a_sensor_has_the_faults_that_it_is_given(tmp_path: Path) -> None:
    told: list[LinkEvent] = []
    packets: list[Packet] = []

    def hear(item: Any) -> None:
        if isinstance(item, LinkEvent):
            told.append(item)
        elif isinstance(item, Packet):
            packets.append(item)

    async def wait(recorder: Recorder, clock: FastClock) -> None:
        await clock.sleep(12.0)

    faults = {"emgo1-a": LinkFaults(cuts=((3.0, 2.0),), battery=9)}
    table = table_of(6, faults=faults)
    recorded(tmp_path / "faults.emgj", table, wait, labels=PAIR, listeners=[hear])
    assert any(e.sensor == "emgo1-a" and e.kind == "down" and not e.requested for e in told)
    assert next(e.detail for e in told if e.sensor == "emgo1-a" and e.kind == "battery") == "9"
    assert not any(e.sensor == "emgo1-b" and e.kind == "down" and not e.requested for e in told)
    assert sum(p.sensor == "emgo1-a" for p in packets) < sum(p.sensor == "emgo1-b" for p in packets)
