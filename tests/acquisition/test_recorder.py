"""What a recorder has taken is on disk, whatever happens to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgorder.acquisition.host import HostTimes, read_host_times
from emgorder.acquisition.recorder import Delivery, Mark, Recorder, Segment, delivered, describe
from emgorder.acquisition.transport import LinkEvent, Packet, RealClock
from emgorder.errors import RecordingError
from emgorder.io.journal import iter_journal, read_journal
from emgorder.sensors.base import SensorDescriptor, Write
from tests.acquisition.recording import recording


class HandClock:
    """A clock that stands still until it is moved on; sleepers wake in their order."""

    def __init__(self) -> None:
        self._now = 100.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []
        self.asked: list[float] = []

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self.asked.append(seconds)
        future = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._now + seconds, future))
        await future

    async def move_on(self, seconds: float) -> None:
        """Move on once somebody sleeps, and wake who is due."""
        await until(lambda: any(not future.done() for _, future in self._sleepers))
        self._now += seconds
        for due, future in sorted(self._sleepers, key=lambda sleeper: sleeper[0]):
            if due <= self._now and not future.done():
                future.set_result(None)


class Host:
    """Host clocks that go on by half a second a look, and jump when told."""

    def __init__(self) -> None:
        self.monotonic_s, self.step_s, self.asleep_s = 1000.0, 0.0, 0.0

    def __call__(self) -> HostTimes:
        self.monotonic_s += 0.5
        with_sleep_s = self.monotonic_s + self.asleep_s
        return HostTimes(self.monotonic_s, 1.7e9 + with_sleep_s + self.step_s, with_sleep_s)


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop run until `condition`; fail when that never comes."""
    for _ in range(5000):
        if condition():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("never came true")


kinds = st.sampled_from(["up", "down", "battery", "rate", "loss", "interval", "sync", "info", "status", "note"])
times = st.floats(0.0, 1e9)
deliveries = st.one_of(
    st.builds(Packet, st.text(max_size=20), times, st.binary(max_size=100)),
    st.builds(LinkEvent, st.text(max_size=20), times, kinds, st.booleans(), st.text(max_size=50)),
    st.builds(Mark, times, st.text(max_size=20), st.text(max_size=50), times),
)


@given(st.lists(deliveries, max_size=20))
@settings(deadline=None, max_examples=30)
def test_everything_taken_is_handed_on_and_comes_back_from_the_journal(items: list[Delivery]) -> None:
    async def body(recorder: Recorder) -> None:
        for item in items:
            if isinstance(item, Mark):
                recorder.mark(item.trial_type, item.text, t_host_s=item.t_host_s, duration_s=item.duration_s)
            else:
                assert not isinstance(item, Segment)
                recorder(item)

    with TemporaryDirectory() as folder:
        heard = recording(Path(folder) / "x.emgj", body, low_space_B=0)
        journal = read_journal(Path(folder) / "x.emgj")
    assert heard == items
    assert [delivered(record) for record in journal.records] == items
    assert journal.notes == ()


def test_a_sensor_that_restarted_begins_a_segment(tmp_path: Path) -> None:
    clock = HandClock()

    async def body(recorder: Recorder) -> None:
        recorder.segment("reboot", sensor="left", text="its boot id changed")

    (heard,) = recording(tmp_path / "x.emgj", body, clock=clock)
    assert heard == Segment("left", 100.0, "reboot", 0.0, True, "its boot id changed")
    assert delivered(read_journal(tmp_path / "x.emgj").records[0]) == heard


def test_the_header_tells_when_it_was_in_utc_and_on_the_clock_of_the_records(tmp_path: Path) -> None:
    async def body(recorder: Recorder) -> None:
        pass

    recording(tmp_path / "x.emgj", body, clock=HandClock())
    header = read_journal(tmp_path / "x.emgj").header
    assert header["sensors"] == {}
    assert header["t_host_s"] == 100.0
    assert header["started_utc"].endswith("+00:00")


def test_a_packet_is_in_the_file_before_anybody_sees_it(tmp_path: Path) -> None:
    async def body(recorder: Recorder) -> None:
        seen: list[int] = []
        recorder.listen(lambda item: seen.append(len(list(iter_journal(recorder.path)))))
        for n in range(5):
            recorder(Packet("left", float(n), b"abc"))
        assert seen == [1, 2, 3, 4, 5]

    recording(tmp_path / "x.emgj", body)


def test_a_listener_that_fails_is_dropped_and_told_at_the_end_and_nothing_else_is_lost(tmp_path: Path) -> None:
    calls = []

    def broken(item: Delivery) -> None:
        calls.append(item)
        raise LookupError("no such channel")

    async def body(recorder: Recorder) -> None:
        recorder.listen(broken)
        recorder.listen(heard.append)
        for n in range(5):
            recorder(Packet("left", float(n), b"abc"))

    heard: list[Delivery] = []
    with pytest.raises(LookupError, match="no such channel"):
        recording(tmp_path / "x.emgj", body)
    assert (len(calls), len(heard)) == (1, 5)
    journal = read_journal(tmp_path / "x.emgj")
    assert (len(journal.records), journal.complete) == (5, True)


def test_the_journal_is_forced_to_disk_at_least_once_a_second(tmp_path: Path) -> None:
    clock = HandClock()

    async def body(recorder: Recorder) -> None:
        journal = recorder._journal
        assert journal is not None
        for n in range(4):
            recorder(Packet("left", float(n), b"abc"))
            behind = journal.n_bytes
            assert journal.synced_bytes < behind
            await clock.move_on(0.5)
            await until(lambda behind=behind: journal.synced_bytes >= behind)  # type: ignore[misc]

    recording(tmp_path / "x.emgj", body, clock=clock, host_times=Host())
    assert max(clock.asked) <= 0.5


def test_a_step_of_the_wall_clock_is_recorded_and_breaks_nothing(tmp_path: Path) -> None:
    clock, host = HandClock(), Host()

    async def body(recorder: Recorder) -> None:
        for n in range(6):
            recorder(Packet("left", clock.now(), bytes([n])))
            host.step_s += 3600.0 if n == 2 else -7200.0 if n == 4 else 0.0
            await clock.move_on(0.5)
            await until(lambda n=n: recorder.n_records >= n + 1 + (n >= 2) + (n >= 4))  # type: ignore[misc]

    heard = recording(tmp_path / "x.emgj", body, clock=clock, host_times=host, low_space_B=0)
    journal = read_journal(tmp_path / "x.emgj")
    assert [delivered(record) for record in journal.records] == heard
    steps = [item for item in heard if isinstance(item, Segment)]
    assert [(step.reason, step.seconds, step.refit) for step in steps] == [
        ("clock step", pytest.approx(3600.0), False),
        ("clock step", pytest.approx(-7200.0), False),
    ]
    packets = [item for item in heard if isinstance(item, Packet)]
    assert [packet.t_host_s for packet in packets] == [100.0 + 0.5 * n for n in range(6)]


def test_a_suspend_of_the_computer_begins_a_segment(tmp_path: Path) -> None:
    clock, host = HandClock(), Host()

    async def body(recorder: Recorder) -> None:
        await clock.move_on(0.5)
        await until(lambda: len(clock.asked) == 2)
        host.asleep_s = 1800.0
        await clock.move_on(0.5)
        await until(lambda: recorder.n_records == 1)

    (segment,) = recording(tmp_path / "x.emgj", body, clock=clock, host_times=host, low_space_B=0)
    assert isinstance(segment, Segment)
    assert (segment.sensor, segment.reason, segment.seconds, segment.refit) == ("", "suspend", 1800.0, True)


def test_a_disk_that_is_nearly_full_is_told_once_and_recorded(tmp_path: Path) -> None:
    clock = HandClock()

    async def body(recorder: Recorder) -> None:
        for n in range(4):
            await clock.move_on(0.5)
            await until(lambda n=n: len(clock.asked) == n + 2)  # type: ignore[misc]

    heard = recording(tmp_path / "x.emgj", body, clock=clock, host_times=Host(), low_space_B=1 << 62)
    assert [(item.kind, item.sensor) for item in heard if isinstance(item, LinkEvent)] == [("note", "")]
    assert "nearly full" in heard[0].detail  # type: ignore[union-attr]
    assert [delivered(record) for record in read_journal(tmp_path / "x.emgj").records] == heard


def test_when_the_disk_fills_up_recording_stops_with_the_remedy_and_all_that_was_shown_is_kept(
    small_disk: Path,
) -> None:
    heard: list[Delivery] = []
    recorders: list[Recorder] = []

    async def body() -> None:
        async with Recorder(small_disk / "x.emgj", {"sensors": {}}) as recorder:
            recorders.append(recorder)
            recorder.listen(heard.append)
            sending = asyncio.create_task(send(recorder))
            try:
                await recorder.wait()
            finally:
                await sending

    async def send(recorder: Recorder) -> None:
        for n in range(600):
            recorder(Packet("left", float(n), bytes(500)))
            await asyncio.sleep(0)

    with pytest.raises(RecordingError, match="the disk is full: free some space"):
        asyncio.run(body())
    (recorder,) = recorders
    journal = read_journal(small_disk / "x.emgj")
    last = heard.pop()
    assert isinstance(last, LinkEvent)
    assert (last.kind, last.detail) == ("note", str(recorder.failure))
    assert [delivered(record) for record in journal.records] == heard
    assert (journal.n_damaged, journal.torn_bytes) == (0, 0)
    assert len([item for item in heard if isinstance(item, Packet)]) + recorder.n_refused == 600
    assert recorder.n_refused > 0


def test_a_recording_that_is_cancelled_is_ended_cleanly(tmp_path: Path) -> None:
    async def run() -> None:
        async with Recorder(tmp_path / "x.emgj", {}) as recorder:
            recorder(Packet("left", 1.0, b"abc"))
            await recorder.wait()

    async def cancel() -> None:
        task = asyncio.create_task(run())
        await until((tmp_path / "x.emgj").exists)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    journal = read_journal(tmp_path / "x.emgj")
    assert (len(journal.records), journal.complete, journal.notes) == (1, True, ())


def test_waiting_ends_after_the_time_asked_for_by_the_injected_clock(tmp_path: Path) -> None:
    clock = HandClock()

    async def body(recorder: Recorder) -> None:
        waiting = asyncio.create_task(recorder.wait(3600.0))
        await until(lambda: 3600.0 in clock.asked)
        assert not waiting.done()
        await clock.move_on(3600.0)
        await waiting

    recording(tmp_path / "x.emgj", body, clock=clock)
    assert read_journal(tmp_path / "x.emgj").complete


def test_what_comes_after_the_end_is_counted(tmp_path: Path) -> None:
    async def run() -> Recorder:
        async with Recorder(tmp_path / "x.emgj", {}) as recorder:
            recorder(Packet("left", 1.0, b"abc"))
        recorder(Packet("left", 2.0, b"late"))
        return recorder

    recorder = asyncio.run(run())
    assert (recorder.n_refused, recorder.failure) == (1, None)
    assert len(read_journal(tmp_path / "x.emgj").records) == 1


def test_an_error_of_the_watching_task_is_raised_at_the_end(tmp_path: Path) -> None:
    clock, looks = HandClock(), [read_host_times()]

    def no_clock() -> HostTimes:
        if not looks:
            raise LookupError("no such clock")
        return looks.pop()

    async def body(recorder: Recorder) -> None:
        await clock.move_on(0.5)
        recorder(Packet("left", 1.0, b"abc"))
        await asyncio.sleep(0)

    with pytest.raises(LookupError, match="no such clock"):
        recording(tmp_path / "x.emgj", body, clock=clock, host_times=no_clock)
    journal = read_journal(tmp_path / "x.emgj")
    assert (len(journal.records), journal.complete) == (1, True)


def test_a_descriptor_goes_into_a_header_as_json() -> None:
    sensor = SensorDescriptor(
        key="k", title="t", n_channels=2, sampling_frequency=1000.0, unit="V", kind="raw", service="s", notify="n",
        names=("A", "B"), start=(Write("c", b"\x01\xff", response=True),),
    )  # fmt: skip
    described = json.loads(json.dumps(describe(sensor)))
    assert described["start"] == [{"characteristic": "c", "data": "01ff", "response": True}]
    assert (described["names"], described["key"], described["sampling_frequency"]) == (["A", "B"], "k", 1000.0)


def test_the_real_clock_records_a_moment(tmp_path: Path) -> None:
    async def body(recorder: Recorder) -> None:
        before = RealClock().now()
        recorder.mark("tap")
        await recorder.wait(0.0)
        assert before <= read_journal(recorder.path).records[0].t_host_s <= RealClock().now()

    recording(tmp_path / "x.emgj", body)
