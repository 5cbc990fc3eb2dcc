"""A recording from the first packet to the closed journal."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emgorder import SensorError, SensorNotFound, read_recording, write_recording
from emgorder.acquisition.clocks import FastClock
from emgorder.acquisition.recorder import Recorder
from emgorder.acquisition.session import Stopped, record_session, unless_stopped
from emgorder.acquisition.simulated import SimulatedLink, SimulatedTransport
from emgorder.acquisition.simulated_sensor import LinkFaults
from emgorder.acquisition.simulated_session import emgo1_board
from emgorder.acquisition.transport import SensorInfo, Sink
from emgorder.io.journal import read_journal
from emgorder.model import Channel, FloatArray, Recording
from tests.acquisition.simulating import record


def silence(time_s: FloatArray) -> FloatArray:
    return np.zeros((len(time_s), 2))


def test_a_sensor_that_is_not_there_leaves_no_file_and_no_open_link(tmp_path: Path) -> None:
    clock, downs = FastClock(), []
    transport = SimulatedTransport([emgo1_board("here", silence)], clock=clock)
    chosen = [SensorInfo("here", "", "emgo1"), SensorInfo("gone", "", "emgo1")]

    async def run() -> None:
        with pytest.raises(SensorNotFound, match="gone"):
            await record_session(transport, chosen, tmp_path / "x.emgj", labels={}, clock=clock, duration_s=5.0)
        downs.append(len(asyncio.all_tasks()))

    asyncio.run(run())
    assert downs == [1]
    assert not list(tmp_path.iterdir())


class Refusing(SimulatedTransport):
    """Its sensors can be connected, but do not let themselves be started."""

    async def open(self, sensor: SensorInfo) -> SimulatedLink:
        link = await super().open(sensor)

        async def start(sink: Sink) -> None:
            raise SensorError("command 01 was refused", sensor=sensor.id)

        link.start = start  # type: ignore[method-assign]
        return link


def test_a_sensor_that_cannot_be_started_leaves_the_name_free(tmp_path: Path) -> None:
    clock = FastClock()
    transport = Refusing([emgo1_board("a", silence)], clock=clock)

    async def run() -> None:
        chosen = await transport.discover(0.0)
        with pytest.raises(SensorError, match="refused"):
            await record_session(transport, chosen, tmp_path / "x.emgj", labels={}, clock=clock, duration_s=5.0)

    asyncio.run(run())
    assert not list(tmp_path.iterdir())


def test_a_link_that_is_lost_comes_back_and_what_came_before_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "x.emgj"
    record(path, [emgo1_board("a", silence, faults=LinkFaults(cuts=((3.0, 2.0),)))], duration_s=10.0)
    kinds = [r.content()["kind"] for r in read_journal(path).records if r.kind == "event"]
    assert kinds.count("up") == 2
    assert kinds.count("down") == 2  # lost, and closed at the end
    assert read_recording(path).duration_s == pytest.approx(10.0, abs=0.1)


def test_a_single_sensor_is_not_pinged_and_two_are(tmp_path: Path) -> None:
    one, two = tmp_path / "one.emgj", tmp_path / "two.emgj"
    record(one, [emgo1_board("a", silence)], duration_s=9.0)
    record(two, [emgo1_board("a", silence), emgo1_board("b", silence)], duration_s=9.0)

    def synced(path: Path) -> int:
        events = [r.content() for r in read_journal(path).records if r.kind == "event"]
        return sum(event["kind"] == "sync" for event in events)

    assert synced(one) == 0
    assert synced(two) == 2 * 2 * 4  # a ping and a reply, either sensor, after 2, 4, 6 and 8 s


def test_a_rate_beyond_what_a_kind_may_have_is_said(tmp_path: Path) -> None:
    path = tmp_path / "x.emgj"
    record(path, [emgo1_board("a", silence, faults=LinkFaults(drift_ppm=900.0))], duration_s=60.0)
    assert any("took 1000.9" in note for note in read_recording(path).notes)
    path = tmp_path / "y.emgj"
    record(path, [emgo1_board("a", silence, faults=LinkFaults(drift_ppm=60.0))], duration_s=60.0)
    assert read_recording(path).notes == ()


def test_what_is_said_in_a_mark_is_kept_with_the_event_also_in_the_files(tmp_path: Path) -> None:
    path, clock = tmp_path / "x.emgj", FastClock()
    transport = SimulatedTransport(
        [emgo1_board("a", lambda t: 1e-4 * np.sin(9 * t + np.array([[0.0], [1.0]])).T)], clock=clock
    )

    async def run() -> None:
        chosen = await transport.discover(0.0)

        def ready(recorder: Recorder) -> None:
            recorder.mark("note", "10 s", t_host_s=clock.now() + 1.0)
            recorder.mark("contact/GMAX_R", t_host_s=clock.now() + 2.0, duration_s=2.5)
            recorder.mark("note", "pain 3", t_host_s=clock.now() + 3.0)

        await record_session(transport, chosen, path, labels={}, clock=clock, duration_s=5.0, ready=ready)

    asyncio.run(run())
    csv, _ = write_recording(read_recording(path), tmp_path / "x.csv")
    for each in (path, csv):
        events = read_recording(each).events
        assert events["trial_type"].tolist() == ["note", "contact/GMAX_R", "note"]
        assert events["duration"].tolist() == [0.0, 2.5, 0.0]
        assert events["description"].tolist() == ["10 s", "", "pain 3"]


def test_marks_that_fail_are_told_while_the_recording_goes_on_and_raised_when_it_ends(tmp_path: Path) -> None:
    path, clock = tmp_path / "x.emgj", FastClock()
    events = pd.DataFrame({"onset": [1.0], "duration": [0.0], "trial_type": ["tap"]})
    marks = Recording(np.zeros((1, 1)), 1000.0, (Channel("a"),), events=events)
    marks.events["onset"] = ["soon"]  # a table can be changed after the recording was made
    transport = SimulatedTransport([emgo1_board("a", silence)], clock=clock)

    async def run() -> None:
        chosen = await transport.discover(0.0)
        with pytest.raises(ValueError, match="soon"):
            await record_session(transport, chosen, path, labels={}, clock=clock, duration_s=5.0, marks=marks)

    asyncio.run(run())
    notes = [r.content()["text"] for r in read_journal(path).records if r.kind == "event"]
    assert any(note.startswith("the marks stopped: ValueError") for note in notes)
    assert read_recording(path).duration_s == pytest.approx(5.0, abs=0.1)


def test_what_was_finished_in_spite_of_a_stop_is_not_lost() -> None:
    async def stubborn() -> str:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return "an open link"

    async def run() -> str:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_soon(stop.set)
        return await unless_stopped(stubborn(), stop)

    assert asyncio.run(run()) == "an open link"


@pytest.mark.parametrize("slow", ["open", "start"])
def test_a_stop_while_a_sensor_is_connected_leaves_no_file_and_no_open_link(slow: str, tmp_path: Path) -> None:
    closed = []

    class Slow(SimulatedTransport):
        async def open(self, sensor: SensorInfo) -> SimulatedLink:
            if slow == "open" and sensor.id == "b":
                await asyncio.Event().wait()
            link = await super().open(sensor)
            close = link.close

            async def closing() -> None:
                closed.append(sensor.id)
                await close()

            async def never(sink: Sink) -> None:
                await asyncio.Event().wait()

            link.close = closing  # type: ignore[method-assign]
            if slow == "start":
                link.start = never  # type: ignore[method-assign]
            return link

    async def run() -> None:
        clock, stop = FastClock(), asyncio.Event()
        transport = Slow([emgo1_board("a", silence), emgo1_board("b", silence)], clock=clock)
        chosen = await transport.discover(0.0)
        asyncio.get_running_loop().call_later(0.05, stop.set)
        with pytest.raises(Stopped):
            await record_session(transport, chosen, tmp_path / "x.emgj", labels={}, clock=clock, stop=stop)

    asyncio.run(run())
    assert sorted(closed) == (["a"] if slow == "open" else ["a", "b"])
    assert not list(tmp_path.iterdir())
