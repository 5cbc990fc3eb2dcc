"""From a journal to a recording: samples as they were sent, clocks as far as they are known, and what was lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emgorder import (
    Recording,
    RecordingError,
    SettingsError,
    analyse,
    read_recording,
    simulate_session,
    write_recording,
)
from emgorder.acquisition.assemble import assemble
from emgorder.acquisition.recorder import delivered
from emgorder.acquisition.replay import ReplayTransport
from emgorder.acquisition.session import record_session
from emgorder.acquisition.simulated_kinds import simulate_sensor
from emgorder.acquisition.simulated_sensor import LinkFaults
from emgorder.acquisition.simulated_session import ORDINARY_LINK, electrodes, emgo1_board, simulated_session
from emgorder.acquisition.transport import SensorInfo
from emgorder.io.journal import JournalWriter, Record, iter_journal, read_journal
from emgorder.io.journal_frames import MARKER
from emgorder.model import FloatArray
from emgorder.sensors.registry import sensors
from emgorder.simulate import TwoSensors
from emgorder.simulate.packets import PROFILES
from tests.acquisition.simulating import record, record_whole


def tone(time_s: FloatArray) -> FloatArray:
    """Return what two electrodes see: two tones of some 100 µV."""
    return 1e-4 * np.stack([np.sin(2 * np.pi * 31 * time_s), np.cos(2 * np.pi * 47 * time_s)], axis=1)


@pytest.fixture(scope="module")
def long_counter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the journal of one board over a bad link: losses, a stall and a cut."""
    path = tmp_path_factory.mktemp("journals") / "bad.emgj"
    faults = replace(ORDINARY_LINK, loss=0.03, stalls=((8.0, 1.5),), cuts=((20.0, 3.0),))
    board = emgo1_board("left", tone, faults=faults)
    record(path, [board], duration_s=40.0, labels={"left": ("GMAX_R", "BF_R")})
    return path


def test_every_sample_that_arrived_is_the_one_that_was_sent_at_its_place(long_counter: Path) -> None:
    recording = read_recording(long_counter)
    sent = np.rint(tone(np.arange(recording.n_samples) / 1000.0) * 1e7) * 0.1e-6
    came = ~np.isnan(recording.data[:, 0])
    # INFO holds the gain in single precision
    assert np.allclose(recording.data[came], sent[came], rtol=1e-6, atol=1e-12)
    assert recording.duration_s == pytest.approx(40.0, abs=0.1)
    lost = int((~came).sum())
    assert recording.meta["Sensors"][0]["lost_samples"] == lost
    assert 3000 < lost < 5500  # the cut, the search for the sensor, and 3 %
    assert any(f"{lost} samples" in note for note in recording.notes)


def test_a_single_sensor_needs_no_synchronisation(long_counter: Path) -> None:
    recording = read_recording(long_counter)
    assert recording.clock.method == "same device"
    assert recording.clock.sd_s == 0.0
    assert [(c.label, c.target_muscle, c.side) for c in recording.channels] == [
        ("GMAX_R", "GMAX", "R"),
        ("BF_R", "BF", "R"),
    ]


def test_a_replay_of_a_journal_gives_the_same_samples_bit_for_bit(long_counter: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.emgj"
    chosen = [SensorInfo("left", "EMGO left", "emgo1")]

    async def play() -> None:
        transport = ReplayTransport(map(delivered, iter_journal(long_counter)), chosen, speed=None)
        stop = asyncio.Event()

        async def end() -> None:
            while transport._task is None:
                await asyncio.sleep(0)
            await transport.finished()
            stop.set()

        ending = asyncio.create_task(end())
        await record_session(transport, chosen, again, labels={"left": ("GMAX_R", "BF_R")}, stop=stop)
        await ending

    asyncio.run(play())
    assert read_recording(again).data.tobytes() == read_recording(long_counter).data.tobytes()


def test_labels_given_are_over_those_in_the_journal_and_an_empty_one_leaves_a_channel_out(long_counter: Path) -> None:
    recording = assemble(read_journal(long_counter), labels={"left": ("", "ST_L")})
    assert [c.label for c in recording.channels] == ["ST_L"]
    assert np.array_equal(recording.data[:, 0], read_recording(long_counter).data[:, 1], equal_nan=True)


def test_muscles_can_be_named_when_a_journal_is_read(long_counter: Path) -> None:
    recording = read_recording(long_counter, muscles={"BF_L": "GMAX_R"})
    assert [(c.label, c.target_muscle, c.side) for c in recording.channels] == [
        ("GMAX_R", "BF", "L"),
        ("BF_R", "", "R"),
    ]
    with pytest.raises(RecordingError, match="no channel 'x'"):
        read_recording(long_counter, muscles={"BF": "x"})
    with pytest.raises(SettingsError, match="sampling_frequency"):
        read_recording(long_counter, sampling_frequency=1000.0)


def test_a_torn_journal_opens_and_says_so(long_counter: Path, tmp_path: Path) -> None:
    torn = tmp_path / "torn.emgj"
    torn.write_bytes(long_counter.read_bytes()[:-5000])
    recording, whole = read_recording(torn), read_recording(long_counter)
    assert np.array_equal(recording.data, whole.data[: recording.n_samples], equal_nan=True)
    assert 0 < whole.n_samples - recording.n_samples < 2000
    assert any("not ended" in note for note in recording.notes)


def test_a_journal_without_samples_is_refused_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "empty.emgj"
    with JournalWriter(path, {"sensors": {"left": {"key": "emgo1"}, "right": {"key": "of the future"}}}):
        pass
    with pytest.raises(RecordingError, match=r"no samples.*doctor") as caught:
        read_recording(path)
    assert caught.value.path == path


def test_a_journal_whose_header_and_its_copy_are_damaged_says_so(long_counter: Path, tmp_path: Path) -> None:
    data = bytearray(long_counter.read_bytes())
    for place in (40, data.index(MARKER, 40) + 40):
        data[place] ^= 0xFF
    path = tmp_path / "headless.emgj"
    path.write_bytes(data)
    with pytest.raises(RecordingError, match=r"header .* damaged: which sensors sent its \d{4} packets is not known"):
        read_recording(path)


def test_a_sensor_that_counts_anew_after_a_cut_keeps_its_time(tmp_path: Path) -> None:
    faults = LinkFaults(cuts=((10.0, 2.0),), restarts=True)
    path = tmp_path / "restart.emgj"
    transport = record(path, [emgo1_board("left", tone, faults=faults)], duration_s=20.0)
    recording = read_recording(path)
    assert transport.epoch_s is not None
    assert recording.duration_s == pytest.approx(20.0, abs=0.1)
    tail = recording.data[-3000:, 0]
    there = (recording.n_samples - 3000 + np.arange(3000)) / 1000.0
    # to the nearest sample, as the arrivals tell it: half a millisecond and what the fit leaves
    shifts = np.arange(-3e-3, 3e-3, 0.25e-3)
    errors = [float(np.abs(tail - tone(there + shift)[:, 0]).max()) for shift in shifts]
    assert abs(shifts[int(np.argmin(errors))]) <= 1.5e-3


@pytest.mark.parametrize("key", sorted(PROFILES))
def test_every_kind_of_sensor_becomes_a_recording(key: str, tmp_path: Path) -> None:
    profile, kind = PROFILES[key], sensors()[key]
    swing = 0.2 * min(profile.highest - profile.middle, 10_000) * profile.volts_per_count

    def volts(time_s: FloatArray) -> FloatArray:
        return np.tile(swing * (1.5 + np.sin(2 * np.pi * 3 * time_s))[:, None], (1, profile.n_channels))

    path = tmp_path / f"{key}.emgj"
    record(path, [simulate_sensor(key, "it", volts, faults=replace(ORDINARY_LINK, interval_s=0.0075))], duration_s=12.0)
    recording = read_recording(path)
    assert recording.duration_s == pytest.approx(12.0, abs=0.3)
    assert recording.sampling_frequency == pytest.approx(kind.sampling_frequency, rel=1e-3)
    assert not np.isnan(recording.data).any()
    assert {c.kind for c in recording.channels} == {kind.kind}
    assert {c.unit for c in recording.channels} == {kind.unit}
    said = any("cannot tell the order" in note for note in recording.notes)
    assert said == (not kind.order_verdict)
    power = np.abs(np.fft.rfft(recording.data[:, 0] - recording.data[:, 0].mean()))
    peak = np.fft.rfftfreq(recording.n_samples, 1 / recording.sampling_frequency)[int(np.argmax(power))]
    assert peak == pytest.approx(3.0, abs=0.15)


def test_a_sensor_that_cannot_tell_an_order_is_refused_a_verdict_also_from_its_csv(tmp_path: Path) -> None:
    truth = simulate_session(seed=5, n_lifts=4, sampling_frequency=200.0, mean_difference_s=0.2, lift_sd_s=0.0)
    see = electrodes(np.tile(truth.data, (1, 4)), 200.0)
    path = tmp_path / "myo.emgj"
    record(
        path,
        [simulate_sensor("myo", "arm", see)],
        duration_s=truth.duration_s,
        labels={"arm": ("GMAX_R", "BF_R", *[""] * 6)},
        marks=truth,
    )
    recording = read_recording(path)
    csv, _ = write_recording(recording, tmp_path / "myo.csv")
    for each in (recording, read_recording(csv)):
        (side,) = analyse(each).sides
        assert not side.possible
        assert "glute is on a Thalmic Myo" in side.reason
        assert "numbers no samples" in side.reason


def test_an_envelope_sensor_is_marked_as_one(tmp_path: Path) -> None:
    path = tmp_path / "envelopes.emgj"
    record(path, [simulate_sensor("myoware", "a", lambda t: np.full((len(t), 1), 1e-3))], duration_s=20.0)
    recording = read_recording(path)
    assert recording.channels[0].kind == "envelope"
    assert any("smoothed envelope" in note for note in recording.notes)


def test_multiplexed_channels_carry_their_skew(tmp_path: Path) -> None:
    path = tmp_path / "npg.emgj"
    record(path, [simulate_sensor("npg_lite", "it", lambda t: np.zeros((len(t), 3)))], duration_s=5.0)
    skew_s = sensors()["npg_lite"].channel_skew_s
    assert skew_s > 0
    delays = [c.delay_s for c in read_recording(path).channels]
    assert np.allclose(np.diff(delays), skew_s)


@pytest.fixture(scope="module")
def one_clock() -> Recording:
    """Return a session of two sensors whose clocks are right and whose taps are simultaneous."""
    return simulate_session(
        seed=21,
        n_lifts=8,
        mean_difference_s=0.16,
        lift_sd_s=0.04,
        outlier_share=0.0,
        missing_share=0.0,
        extras=("tap",),
        sensors=TwoSensors(sd_s=0.0),
    )


def boards(truth: Recording, **faults: object) -> object:
    glute = replace(ORDINARY_LINK, drift_ppm=40.0, latency_s=0.009)
    hamstring = replace(ORDINARY_LINK, latency_s=0.004, **faults)  # type: ignore[arg-type]
    return simulated_session(seed=1, two_sensors=True, truth=truth, faults=[glute, hamstring])


@pytest.mark.parametrize("seed", [1, 2])
def test_the_verdict_of_two_drifting_sensors_after_a_tap_test_is_that_of_one_clock(
    one_clock: Recording, tmp_path: Path, seed: int
) -> None:
    path = tmp_path / "two.emgj"
    record_whole(path, boards(one_clock), seed=seed)  # type: ignore[arg-type]
    recording = read_recording(path)
    assert recording.clock.method == "tap"
    assert recording.clock.sd_s < 0.004
    measured = recording.meta["Sensors"][1]["clock_offset_s"]
    assert abs(measured - (0.004 - 0.009)) < 2 * 0.004
    (here,), (there,) = analyse(recording).sides, analyse(one_clock).sides
    assert (here.verdict, there.verdict) == ("hamstring first", "hamstring first")
    assert here.difference_s == pytest.approx(there.difference_s, abs=0.02)


def test_a_mark_where_nothing_was_tapped_is_left_out_of_the_tap_test_and_said(
    one_clock: Recording, tmp_path: Path
) -> None:
    extra = one_clock.events.iloc[[0]].assign(onset=3.0, duration=0.0, trial_type="tap")
    marked = replace(one_clock, events=pd.concat([one_clock.events, extra]))
    session = boards(marked)
    path = tmp_path / "two.emgj"
    record(path, session.sensors, duration_s=40.0, labels=session.labels, marks=marked)  # type: ignore[attr-defined]
    recording = read_recording(path)
    assert recording.clock.method == "tap"
    assert any("one tap could not be used" in note for note in recording.notes)


def test_two_sensors_lie_on_one_time_base(one_clock: Recording, tmp_path: Path) -> None:
    path = tmp_path / "two.emgj"
    record_whole(path, boards(one_clock))  # type: ignore[arg-type]
    recording = read_recording(path)
    lags = []
    for start in range(20_000, recording.n_samples - 30_000, 20_000):
        for column in range(2):
            ours = np.nan_to_num(recording.data[start : start + 8192, column])
            true = one_clock.data[start : start + 8192, column]
            spectrum = np.fft.rfft(ours - ours.mean()) * np.conj(np.fft.rfft(true - true.mean()))
            r = np.fft.irfft(spectrum, 8192 * 8)
            k = int(np.argmax(r))
            lags.append((k if k < 4 * 8192 else k - 8 * 8192) / 8.0)
    by_channel = np.array(lags).reshape(-1, 2)
    assert np.ptp(by_channel[:, 0] - by_channel[:, 1]) <= 1.0  # ms: 40 ppm would have been 4 ms
    assert np.abs(by_channel[:, 0] - by_channel[:, 1]).max() < 6.0  # what taps 2 ms apart on either sensor leave


def test_without_taps_pings_or_a_model_tell_how_unsure_the_clocks_are(one_clock: Recording, tmp_path: Path) -> None:
    quiet = replace(one_clock, events=one_clock.events[one_clock.events["trial_type"] != "tap"])
    path = tmp_path / "two.emgj"
    record(
        path,
        boards(quiet).sensors,  # type: ignore[attr-defined]
        duration_s=60.0,
        labels={"emgo1-glute": ("GMAX_R",), "emgo1-hamstring": ("BF_R",)},
        marks=quiet,
    )
    recording = read_recording(path)
    assert recording.clock.method in ("none", "ping")
    assert 0.001 < recording.clock.sd_s < 0.006
    journal = read_journal(path)
    pings = [r for r in journal.records if r.kind == "event" and r.content()["kind"] == "sync"]
    assert len(pings) > 80  # every 2 s to either sensor, and the replies
    without = [r for r in journal.records if r not in set(pings)]
    recording = assemble(replace(journal, records=without))
    assert recording.clock.method == "none"
    assert recording.clock.sd_s == pytest.approx(0.002, abs=0.001)


def test_two_models_without_a_shared_event_may_differ_by_fifteen_milliseconds(tmp_path: Path) -> None:
    path = tmp_path / "mixed.emgj"
    other = simulate_sensor("umyo", "b", lambda t: tone(t)[:, :1])
    record(path, [emgo1_board("a", tone), other], duration_s=30.0, labels={"a": ("GMAX_R", ""), "b": ("BF_R",)})
    recording = read_recording(path)
    assert recording.clock.method == "none"
    assert 0.015 <= recording.clock.sd_s < 0.025
    assert recording.sampling_frequency == max(1000.0, sensors()["umyo"].sampling_frequency)


def test_a_pair_on_one_board_stays_on_one_clock_whatever_else_is_recorded(tmp_path: Path) -> None:
    path = tmp_path / "extra.emgj"
    extra = emgo1_board("b", lambda t: tone(t)[:, :1], n_channels=1, faults=LinkFaults(drift_ppm=30.0))
    record(path, [emgo1_board("a", tone), extra], duration_s=20.0, labels={"a": ("GMAX_R", "BF_R"), "b": ("ES_L",)})
    recording = read_recording(path)
    assert (recording.clock.method, recording.clock.sd_s) == ("same device", 0.0)
    assert len(recording.channels) == 3


def test_marks_lie_where_the_signal_was_when_they_were_set(tmp_path: Path) -> None:
    step = np.zeros((20_000, 2))
    step[7_000:] = 1e-4
    truth = simulate_session(seed=1, n_lifts=1)
    events = truth.events.iloc[:1].assign(onset=7.0, duration=2.0, trial_type="contact/GMAX_R")
    path = tmp_path / "marked.emgj"
    board = emgo1_board("a", electrodes(step, 1000.0), faults=LinkFaults(interval_s=0.0075))
    record(path, [board], duration_s=15.0, marks=replace(truth, events=events))
    recording = read_recording(path)
    ((onset, duration, name),) = recording.events.itertuples(index=False)
    rise = int(np.argmax(recording.data[:, 0] > 5e-5)) / 1000.0
    assert name == "contact/GMAX_R"
    assert duration == 2.0
    assert onset == pytest.approx(rise, abs=0.01)  # the least latency of the link cannot be seen


def test_names_are_split_by_the_channels_that_each_sensor_turned_out_to_have(tmp_path: Path) -> None:
    path = tmp_path / "two.emgj"
    single = [emgo1_board(id, lambda t: tone(t)[:, :1], n_channels=1) for id in ("glute", "hamstring")]
    record(path, single, duration_s=6.0, names=("GMAX_R", "BF_R"))
    recording = read_recording(path)
    assert [(c.label, c.target_muscle) for c in recording.channels] == [("GMAX_R", "GMAX"), ("BF_R", "BF")]
    assert not any("named" in note for note in recording.notes)
    fewer = assemble(read_journal(path), names=["ST_L"])
    assert [c.label for c in fewer.channels] == ["ST_L", "emgo1_1"]
    assert any("nobody named this channel of hamstring" in note for note in fewer.notes)
    more = assemble(read_journal(path), names=["", "BF_R", "ST_R"])
    assert [c.label for c in more.channels] == ["BF_R"]
    assert any(note.startswith("ST_R: the sensors have no more channels") for note in more.notes)


def test_a_sensor_that_sent_nothing_takes_no_name_that_another_needs(tmp_path: Path) -> None:
    path = tmp_path / "two.emgj"
    record(path, [emgo1_board("b", tone)], duration_s=3.0)
    journal = read_journal(path)
    journal.header.update(sensors={"a": {"key": "emgo1"}, **journal.header["sensors"]}, names=["GMAX_R", "BF_R"])
    assert [c.label for c in assemble(journal).channels] == ["GMAX_R", "BF_R"]


@pytest.mark.parametrize("wild_s", [float("nan"), float("inf"), 1e300, -1e300, 0.0, 1e6, 59.0])
@pytest.mark.parametrize("place", [0, 200, None])
def test_records_with_a_time_that_cannot_be_cost_no_others(
    long_counter: Path, wild_s: float, place: int | None
) -> None:
    journal, whole = read_journal(long_counter), read_recording(long_counter)
    first = next(i for i, record in enumerate(journal.records) if record.kind == "packet")
    (packet,) = journal.records[first : first + 1]
    mark = Record("mark", "", wild_s, b'{"trial_type":"note","text":""}')
    at = len(journal.records) if place is None else first + place
    records = [*journal.records[:at], packet._replace(t_host_s=wild_s), mark, *journal.records[at:]]
    recording = assemble(replace(journal, records=records))
    assert np.array_equal(recording.data, whole.data, equal_nan=True)
    if abs(wild_s - 60.0) > 1e3:
        assert len(recording.events) == 0
        assert any("a time that cannot be" in note for note in recording.notes)


@pytest.mark.parametrize("latency_s", [0.0, 0.0033, 0.0056, 0.0207])
def test_a_recording_of_two_sensors_ends_where_either_does(tmp_path: Path, latency_s: float) -> None:
    path = tmp_path / "two.emgj"
    late = LinkFaults(latency_s=latency_s, drift_ppm=20.0)
    record(path, [emgo1_board("a", tone), emgo1_board("b", tone, faults=late)], duration_s=5.0)
    recording = read_recording(path)
    assert recording.duration_s > 4.9
    assert not np.isnan(recording.data).any()
