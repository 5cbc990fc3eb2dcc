"""MNE's Raw objects: made for MNE's own functions, and back without loss."""

from __future__ import annotations

import re
import sys
import warnings
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import mne
import numpy as np
import pandas as pd
import pytest

import emgorder as eo
from emgorder.errors import EmgOrderWarning, MissingExtraError, RecordingError
from emgorder.io import read_recording, write_recording
from emgorder.model import Channel, Recording, Sync

RATE = 1000.0


def session(rows: int = 4000) -> Recording:
    """Return two muscles in volts and a channel in counts, with gaps and lifts."""
    data = np.random.default_rng(1).normal(0, 30e-6, (rows, 3))
    data[:, 2] *= 1e6
    data[1000:1100] = np.nan
    data[2000:2010, 1] = np.nan
    data[-5:, 0] = np.nan
    return Recording(
        data,
        RATE,
        (
            Channel("GMAX_R", "GMAX", "R", delay_s=0.002),
            Channel("BF_R", "BF", "R", display_unit="mV"),
            Channel("ch 3", unit="a.u.", display_unit="au"),
        ),
        events=pd.DataFrame(
            {"onset": [0.5, 2.5], "duration": [0.0, 1.0], "trial_type": ["cue/R", "lift/R"], "text": ["a", "b"]}
        ),
        clock=Sync("tap", 0.001, 0.0015),
        meta={"TaskName": "lift"},
        notes=("counts of unknown gain",),
        name="session",
    )


def same(a: Recording, b: Recording) -> None:
    np.testing.assert_array_equal(a.data, b.data)
    pd.testing.assert_frame_equal(a.events, b.events)
    assert (a.sampling_frequency, a.channels, a.clock, dict(a.meta)) == (
        b.sampling_frequency,
        b.channels,
        b.clock,
        dict(b.meta),
    )
    assert set(a.notes) <= set(b.notes)


def test_there_and_back_changes_nothing() -> None:
    same(session(), eo.from_mne(session().to_mne()))


def test_channels_are_emg_in_volts_and_counts_say_that_they_are_none() -> None:
    raw = session().to_mne()
    assert raw.get_channel_types() == ["emg", "emg", "emg"]
    assert raw.info["sfreq"] == RATE
    assert [raw.info["chs"][i]["unit"]._name for i in range(2)] == ["FIFF_UNIT_V"] * 2
    assert raw.info["chs"][2]["unit"] == -1
    there = ~np.isnan(session().data[:, 0])
    np.testing.assert_array_equal(raw.get_data()[0, there], session().data[there, 0])


def test_mne_filters_and_tabulates_what_it_gets() -> None:
    raw = session().to_mne()
    assert np.isfinite(raw.get_data()).all()
    filtered = raw.copy().filter(20, 400, picks="emg", verbose="error")
    assert np.isfinite(filtered.get_data()).all()
    assert filtered.get_data()[0].std() == pytest.approx(26e-6, rel=0.15)
    frame = raw.to_data_frame()
    assert list(frame.columns) == ["time", "GMAX_R", "BF_R", "ch 3"]
    assert len(frame) == 4000


def test_mne_finds_the_lifts_and_rejects_epochs_over_gaps() -> None:
    raw = session().to_mne()
    events, ids = mne.events_from_annotations(raw, regexp="(?!BAD)", verbose="error")
    assert set(ids) == {"cue/R", "lift/R"}
    assert events[:, 0].tolist() == [500, 2500]
    epochs = mne.Epochs(
        raw, events, ids, tmin=-0.1, tmax=0.6, picks="emg", baseline=None, preload=True, verbose="error"
    )
    assert [bool(log) for log in epochs.drop_log] == [True, False]  # the first reaches into the gap
    assert epochs.drop_log[0] == ("BAD_gap",)


def test_a_gap_of_one_channel_names_it() -> None:
    raw = session().to_mne()
    gaps = [(a["onset"], a["duration"], a["ch_names"]) for a in raw.annotations if a["description"] == "BAD_gap"]
    assert gaps == [(1.0, 0.1, ()), (2.0, 0.01, ("BF_R",)), (3.995, 0.005, ("GMAX_R",))]


def test_a_saved_file_of_mne_comes_back(tmp_path: Path) -> None:
    session().to_mne().save(tmp_path / "session_raw.fif", fmt="double", verbose="error")
    raw = mne.io.read_raw_fif(tmp_path / "session_raw.fif", verbose="error")
    same(session(), eo.from_mne(raw))


def test_what_was_cropped_picked_and_resampled_in_mne_is_taken_as_it_is() -> None:
    raw = session().to_mne().crop(0.9, 3.0).pick(["BF_R"])
    recording = eo.from_mne(raw)
    np.testing.assert_array_equal(recording.data[:, 0], session().data[900:3001, 1])
    assert recording.events["trial_type"].tolist() == ["lift/R"]
    assert recording.events["onset"].tolist() == pytest.approx([1.6])
    assert [c.target_muscle for c in recording.channels] == ["BF"]
    halved = eo.from_mne(session().to_mne().resample(500, verbose="error"))
    assert halved.sampling_frequency == 500.0
    assert np.flatnonzero(np.isnan(halved.data[:, 1])).tolist() == [*range(500, 550), *range(1000, 1005)]


def test_an_object_of_another_hand_is_read_by_its_types_names_and_units() -> None:
    info = mne.create_info(["Glute max R", "1", "EEG 001"], 2000.0, ["emg", "emg", "eeg"])
    info["description"] = "{not ours"
    data = np.random.default_rng(2).normal(0, 1e-5, (3, 400))
    raw = mne.io.RawArray(data, info, verbose="error")
    raw.set_annotations(mne.Annotations([0.05, 0.1], [0.0, 0.02], ["tap", "BAD_ACQ_SKIP"]))
    raw.info["bads"] = ["1"]
    with pytest.warns(EmgOrderWarning, match="column 1: marked as bad in MNE"):
        recording = eo.from_mne(raw, muscles={"GMAX_R": "Glute max R", "BF_R": "1"})
    assert [(c.label, c.target_muscle, c.side, c.unit) for c in recording.channels] == [
        ("Glute max R", "GMAX", "R", "V"),
        ("1", "BF", "R", "V"),
    ]
    assert np.flatnonzero(np.isnan(recording.data[:, 0])).tolist() == list(range(200, 240))
    assert recording.events["trial_type"].tolist() == ["tap"]
    assert "1 channel of other types left out" in " ".join(recording.notes)


def test_an_object_without_emg_is_refused_with_the_remedy() -> None:
    raw = mne.io.RawArray(np.eye(1, 100), mne.create_info(["A"], 1000.0, "eeg"), verbose="error")
    with pytest.raises(RecordingError, match=r"no channel of type emg among A \(eeg\): raw.set_channel_types"):
        eo.from_mne(raw)
    assert eo.from_mne(raw, muscles={"BF": "A"}).channels[0].target_muscle == "BF"
    with pytest.raises(RecordingError, match="there is no such column for BF: give one of"):
        eo.from_mne(session().to_mne(), muscles={"BF": "nothing"})


@pytest.mark.parametrize("thing", [np.zeros((3, 3)), None, "raw.fif"])
def test_what_is_no_raw_object_is_refused(thing: Any) -> None:
    with pytest.raises(RecordingError, match=re.escape(f"a {type(thing).__name__} is no Raw object of MNE")):
        eo.from_mne(thing)


def test_what_cannot_be_handed_over_is_refused() -> None:
    with pytest.raises(RecordingError, match="nothing to hand over"):
        Recording(np.empty((0, 1)), RATE, (Channel("a"),)).to_mne()
    with pytest.raises(RecordingError, match="column a: sample 1 is inf"):
        Recording(np.array([[0.0], [np.inf]]), RATE, (Channel("a"),)).to_mne()


def test_events_outside_the_samples_and_events_called_a_gap_do_no_harm() -> None:
    events = pd.DataFrame({"onset": [-1.0, 0.01, 9.0], "duration": [0.0] * 3, "trial_type": ["a", "BAD_gap", "b"]})
    recording = Recording(np.random.default_rng(3).normal(size=(100, 1)), RATE, (Channel("x"),), events=events)
    with pytest.warns(EmgOrderWarning, match="event 'a' at -1 s is outside the samples: left out") as caught:
        raw = recording.to_mne()
    assert caught[0].filename == __file__
    again = eo.from_mne(raw)
    assert np.isfinite(again.data).all()
    assert again.events["trial_type"].tolist() == ["note BAD_gap"]


def test_a_channel_that_was_never_received_is_silence_in_a_gap() -> None:
    data = np.random.default_rng(4).normal(size=(50, 2))
    data[:, 1] = np.nan
    raw = Recording(data, RATE, (Channel("x"), Channel("y"))).to_mne()
    assert not raw.get_data()[1].any()
    with pytest.warns(EmgOrderWarning, match="column y: not one sample"):
        assert np.isnan(eo.from_mne(raw).data[:, 1]).all()


def test_a_recording_from_mne_can_be_written_and_analysed(tmp_path: Path) -> None:
    simulated = eo.simulate_session(seed=3, n_lifts=3)
    recording = eo.from_mne(simulated.to_mne())
    path, _ = write_recording(recording, tmp_path / "s.csv")
    np.testing.assert_allclose(read_recording(path).data, simulated.data, rtol=1e-9)
    assert recording.truth is not None


def test_a_missing_extra_is_named_with_its_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mne", None)
    with pytest.raises(MissingExtraError, match=r'pip install "emgorder\[bids\]"'):
        session().to_mne()


def test_start_and_mains_frequency_are_where_mne_looks_for_them() -> None:
    recording = replace(session(), meta={"RecordingStarted": "2026-03-09T10:00:01.5+02:00", "PowerLineFrequency": 60.0})
    raw = recording.to_mne()
    assert raw.info["meas_date"] == datetime(2026, 3, 9, 8, 0, 1, 500000, tzinfo=timezone.utc)
    assert raw.info["line_freq"] == 60.0
    same(recording, eo.from_mne(raw))
    cropped = eo.from_mne(raw.copy().crop(tmin=1.0))
    assert cropped.meta["RecordingStarted"] == "2026-03-09T08:00:02.500000+00:00"
    assert cropped.events["onset"].tolist() == pytest.approx([1.5])


def test_start_and_mains_frequency_of_others_are_kept() -> None:
    info = mne.create_info(["GMAX_R"], RATE, "emg")
    raw = mne.io.RawArray(np.random.default_rng(1).normal(size=(1, 2000)) * 1e-5, info, verbose="error")
    assert "RecordingStarted" not in eo.from_mne(raw).meta
    raw.set_meas_date(datetime(2026, 3, 9, 10, 0, 1, tzinfo=timezone.utc))
    raw.info["line_freq"] = 50.0
    found = eo.from_mne(raw).meta
    assert (found["RecordingStarted"], found["PowerLineFrequency"]) == ("2026-03-09T10:00:01+00:00", 50.0)


def test_the_date_that_stands_for_an_unknown_one_is_none(tmp_path: Path) -> None:
    write_recording(session(), tmp_path / "a.bdf")
    raw = mne.io.read_raw_bdf(tmp_path / "a.bdf", verbose="error")
    raw.set_channel_types(dict.fromkeys(raw.ch_names, "emg"), verbose="error")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EmgOrderWarning)
        assert "RecordingStarted" not in eo.from_mne(raw).meta


def test_events_at_any_time_come_back_with_all_digits_and_columns() -> None:
    events = pd.DataFrame(
        {
            "onset": [2.1234567891, 0.5000000004, 3.999],
            "duration": [0.0, 0.25, 10.0],
            "trial_type": ["lift/R", "cue/R", "relax/R"],
            "text": ["a", "b", "c"],
        }
    )
    pd.testing.assert_frame_equal(eo.from_mne(replace(session(), events=events).to_mne()).events, events)


def test_events_that_were_changed_in_mne_are_taken_from_there() -> None:
    raw = session().to_mne()
    raw.annotations.onset[raw.annotations.description == "cue/R"] += 0.01
    events = eo.from_mne(raw).events
    assert events["onset"].tolist() == pytest.approx([0.51, 2.5])
    assert "text" not in events.columns
