"""BDF+ as it is written: what other programs read in it, and that it comes back exactly to its resolution."""

from __future__ import annotations

import tempfile
import warnings
from dataclasses import replace
from pathlib import Path

import edfio
import mne
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgorder.errors import EmgOrderWarning, RecordingError
from emgorder.io import read_recording, write_recording
from emgorder.io.headers import PER_VOLT
from emgorder.model import Channel, Recording, Sync
from tests.io.test_round_trip import recordings

DATASETS = Path(__file__).resolve().parents[2] / "datasets"


def read_silently(path: Path) -> Recording:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EmgOrderWarning)
        return read_recording(path)


def made(data: np.ndarray, rate_Hz: float = 1000.0, **fields: object) -> Recording:
    channels = (Channel("GMAX_R", "GMAX", "R"), Channel("BF_R", "BF", "R"))[: data.shape[1]]
    return Recording(data, rate_Hz, channels, **fields)  # type: ignore[arg-type]


@settings(max_examples=40, deadline=None)
@given(recordings())
def test_a_round_trip_keeps_everything_to_the_resolution_of_24_bits(recording: Recording) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, sidecar = write_recording(recording, Path(folder) / "session.bdf")
        first = path.read_bytes(), sidecar.read_bytes()
        again = read_silently(path)

        np.testing.assert_array_equal(np.isnan(again.data), np.isnan(recording.data))
        largest = np.nan_to_num(np.abs(recording.data)).max(axis=0)
        # 2.5 is the ratio of two neighbouring steps, 8e6 the counts of the range, and half a step is lost
        assert (np.nan_to_num(np.abs(again.data - recording.data)) <= largest * 2.5 / 8e6 / 2 * 1.001).all()
        assert again.sampling_frequency == recording.sampling_frequency
        assert again.clock == recording.clock
        assert again.events.to_dict("records") == recording.events.to_dict("records")
        assert {k: v for k, v in again.meta.items() if k != "Channels"} == dict(recording.meta)
        assert again.notes[: len(recording.notes)] == recording.notes
        assert not [note for note in again.notes if "events differ" in note or "annotation" in note]
        for channel, was in zip(again.channels, recording.channels, strict=True):
            assert replace(channel, label="", true_rate_Hz=0) == replace(was, label="", true_rate_Hz=0)
            np.testing.assert_equal(channel.true_rate_Hz, was.true_rate_Hz)

        write_recording(again, path)
        assert path.read_bytes() == first[0]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=50),
    st.integers(0, 3),
    st.sampled_from(["uV", "mV", "V"]),
)
def test_the_decimals_of_a_csv_come_through_unchanged(counts: list[int], decimals: int, unit: str) -> None:
    values = np.array([float(f"{c}e-{decimals}") for c in counts]) / PER_VOLT[unit]
    recording = Recording(values[:, None], 500.0, (Channel("BF", "BF", display_unit=unit),))
    with tempfile.TemporaryDirectory() as folder:
        path, _ = write_recording(recording, Path(folder) / "session.bdf")
        np.testing.assert_array_equal(read_silently(path).data, recording.data)


@pytest.mark.parametrize("largest", [1e-300, 1e-12, 1e-7, 3e-6, 0.1, 1.0, 9.99, 7e6, 1e12, 1e30])
def test_any_range_of_unknown_gain_fits_into_its_eight_characters(tmp_path: Path, largest: float) -> None:
    data = np.linspace(-largest, largest, 100)[:, None]
    path, _ = write_recording(
        Recording(data, 100.0, (Channel("x", unit="a.u.", display_unit="au"),)), tmp_path / "x.bdf"
    )
    np.testing.assert_allclose(read_silently(path).data, data, rtol=0, atol=largest * 2.5 / 8e6)
    signal = edfio.read_bdf(path).signals[0]
    assert signal.physical_max == -signal.physical_min >= largest * (1 - 1e-9)


def test_other_programs_read_samples_labels_units_and_annotations(tmp_path: Path) -> None:
    recording = read_recording(DATASETS / "packet_loss.csv")
    path, _ = write_recording(recording, tmp_path / "session.bdf")
    there = ~np.isnan(recording.data)
    file = edfio.read_bdf(path)
    raw = mne.io.read_raw_bdf(path, preload=True, verbose="error")
    assert file.labels == tuple(raw.ch_names) == ("GMAX_R", "BF_R")
    assert raw.info["sfreq"] == recording.sampling_frequency == file.signals[0].sampling_frequency
    for i in range(2):
        n = recording.n_samples
        np.testing.assert_allclose(
            file.signals[i].data[:n][there[:, i]] / 1e6, recording.data[there[:, i], i], atol=1e-15
        )
        np.testing.assert_allclose(raw.get_data()[i, :n][there[:, i]], recording.data[there[:, i], i], atol=1e-15)
        assert file.signals[i].physical_dimension == "uV"
    for found in (
        [(a.onset, a.text) for a in file.annotations],
        zip(raw.annotations.onset, raw.annotations.description, strict=True),
    ):
        lifts = [(round(float(onset), 6), text) for onset, text in found if text.startswith("cue/")]
        expected = recording.events.query("trial_type.str.startswith('cue/')")
        assert lifts == [(round(a, 6), b) for a, b in zip(expected["onset"], expected["trial_type"], strict=True)]
    texts = {a.text.split("@@")[0] for a in file.annotations}
    assert {"BAD_gap", "BAD_pad"} < texts


def test_gaps_are_filled_with_a_line_so_that_filters_do_not_ring(tmp_path: Path) -> None:
    data = np.array([[np.nan, 5], [1, 5], [np.nan, 5], [np.nan, 6], [4, np.nan]]) / 1e6
    path, _ = write_recording(made(data), tmp_path / "x.bdf")
    signals = edfio.read_bdf(path).signals
    np.testing.assert_allclose(signals[0].data[:5], [1, 1, 2, 3, 4])
    np.testing.assert_allclose(signals[1].data[:5], [5, 5, 5, 6, 6])
    np.testing.assert_array_equal(read_recording(path).data, data)


def test_a_channel_without_one_sample_comes_back_empty(tmp_path: Path) -> None:
    data = np.column_stack([np.full(1500, np.nan), np.arange(1500) / 1e6])
    path, _ = write_recording(made(data), tmp_path / "x.bdf")
    np.testing.assert_array_equal(read_silently(path).data, data)


@pytest.mark.parametrize(
    "rate_Hz", [1111.11, 1259.259259, 148.1481481, 0.3, 2000 / 3, 4370.0, 51_200.7, 999.9999999, 70.5]
)
def test_a_rate_is_stated_to_a_part_in_10_8_and_given_back_exactly(tmp_path: Path, rate_Hz: float) -> None:
    data = np.random.default_rng(0).normal(0, 1e-4, (3000, 2))
    path, sidecar = write_recording(made(data, rate_Hz), tmp_path / "x.bdf")
    assert read_recording(path).sampling_frequency == rate_Hz
    assert edfio.read_bdf(path).signals[0].sampling_frequency == pytest.approx(rate_Hz, rel=1e-8)
    sidecar.unlink()
    bare = read_recording(path)
    assert bare.sampling_frequency == pytest.approx(rate_Hz, rel=1e-8)
    assert bare.n_samples == 3000


def test_without_its_sidecar_a_file_still_tells_muscles_events_gaps_person_and_start(tmp_path: Path) -> None:
    data = np.random.default_rng(0).normal(0, 1e-4, (2500, 2))
    data[700:720] = np.nan
    events = pd.DataFrame({"onset": [0.5, 1.25], "duration": [0.0, 0.75], "trial_type": ["cue/R", "lift/R"]})
    meta = {"pseudonym": "heron 12", "RecordingStarted": "2026-03-09T10:20:30.5+00:00", "ManufacturersModelName": "X 1"}
    recording = made(data, events=events, meta=meta)
    path, sidecar = write_recording(recording, tmp_path / "x.bdf")
    assert edfio.read_bdf(path).patient.code == "heron_12"
    assert edfio.read_bdf(path).startdatetime.isoformat() == "2026-03-09T10:20:30"
    sidecar.unlink()
    bare = read_recording(path)
    np.testing.assert_array_equal(np.isnan(bare.data), np.isnan(data))
    assert bare.events.to_dict("records") == events.to_dict("records")
    assert [(c.target_muscle, c.side) for c in bare.channels] == [("GMAX", "R"), ("BF", "R")]
    assert bare.meta == {**meta, "RecordingStarted": "2026-03-09T10:20:30"}


def test_annotations_that_were_changed_are_told_from_the_sidecar(tmp_path: Path) -> None:
    events = pd.DataFrame({"onset": [0.5], "duration": [0.0], "trial_type": ["cue/R"]})
    path, _ = write_recording(made(np.ones((1000, 2)) * [1e-6, 2e-6], events=events), tmp_path / "x.bdf")
    path.write_bytes(path.read_bytes().replace(b"cue/R", b"cue/L"))
    with pytest.warns(EmgOrderWarning) as caught:
        again = read_recording(path)
    assert any("'cue/L' at 0.5 s, 'cue/R' at 0.5 s): events taken from the sidecar" in str(w.message) for w in caught)
    assert again.events["trial_type"].tolist() == ["cue/R"]


def test_events_cannot_break_the_file_or_pass_for_gaps(tmp_path: Path) -> None:
    names = ["a\x14b\x15c\x00d", "", "BAD_gap", "BAD_pad@@x", "n" * 5000, "", "=cmd()", "µ → ∞", "line\nbreak"]
    onsets = [-1.5, 0.1, 0.2, 0.3, 1e300, 0.5, 1e12, 99.0, 0.9]
    events = pd.DataFrame({"onset": onsets, "duration": [-1.0, np.nan, 2.0] * 3, "trial_type": names})
    data = np.arange(2000).reshape(1000, 2) / 1e6
    path, sidecar = write_recording(made(data, events=events), tmp_path / "x.bdf")
    again = read_recording(path)
    np.testing.assert_array_equal(again.data, data)
    assert again.events["trial_type"].tolist() == names
    assert again.notes == ()
    sidecar.unlink()
    bare = read_recording(path)
    np.testing.assert_array_equal(bare.data, data)
    assert "note BAD_gap" in bare.events["trial_type"].tolist()
    assert len(edfio.read_bdf(path).annotations) == len(bare.events)


def test_many_gaps_do_not_blow_up_the_file(tmp_path: Path) -> None:
    data = np.random.default_rng(0).normal(0, 1e-4, (60_000, 2))
    data[:2000:2, 0] = np.nan  # a thousand gaps within two of sixty seconds
    path, _ = write_recording(made(data), tmp_path / "x.bdf")
    np.testing.assert_array_equal(np.isnan(read_recording(path).data), np.isnan(data))
    assert path.stat().st_size < 1.3 * data.size * 3


@pytest.mark.parametrize(
    ("recording", "says"),
    [
        (made(np.empty((0, 2))), "nothing to write"),
        (made(np.array([[np.inf, 0.0]])), "sample 0 is inf: NaN marks a lost sample"),
        (
            made(np.zeros((5, 1)), events=pd.DataFrame({"onset": [np.nan], "duration": [0.0], "trial_type": ["x"]})),
            "give seconds",
        ),
        (made(np.zeros((5, 1)), 1e-9), "1e-09 Hz: BDF can state"),
        (made(np.zeros((5, 1)), 1e12 + 0.5), r"1e\+12 Hz: BDF can state"),
        (Recording(np.zeros((5, 1)), 10.0, (Channel("x", display_unit="furlong"),)), "give one of V, mV, uV, nV"),
    ],
)
def test_what_cannot_be_written_is_refused_and_leaves_nothing(tmp_path: Path, recording: Recording, says: str) -> None:
    with pytest.raises(RecordingError, match=says):
        write_recording(recording, tmp_path / "x.bdf")
    assert list(tmp_path.iterdir()) == []


def test_a_name_with_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"'\.edf' is not \.csv or \.bdf: give a name that ends in \.csv or \.bdf"):
        write_recording(made(np.zeros((5, 1))), tmp_path / "x.edf")


def test_a_full_disk_leaves_the_old_files_as_they_were(small_disk: Path) -> None:
    path, sidecar = write_recording(made(np.zeros((100, 2))), small_disk / "x.bdf")
    old = path.read_bytes(), sidecar.read_bytes()
    with pytest.raises(RecordingError, match="the disk is full"):
        write_recording(made(np.zeros((200_000, 2))), path)
    assert (path.read_bytes(), sidecar.read_bytes()) == old
    assert len(list(small_disk.iterdir())) == 2


def test_csv_and_bdf_of_a_recording_share_one_sidecar(tmp_path: Path) -> None:
    recording = read_recording(DATASETS / "two_sensors.csv")
    _, sidecar = write_recording(recording, tmp_path / "x.csv")
    first = sidecar.read_bytes()
    write_recording(recording, tmp_path / "x.bdf")
    assert sidecar.read_bytes() == first
    assert read_recording(tmp_path / "x.bdf").clock == Sync(
        "two simulated sensors", recording.clock.offset_s, recording.clock.sd_s
    )


def test_real_recordings_go_there_and_back(data_folder: Path, tmp_path: Path) -> None:
    names = (
        "lift12kg_8ch/lift12kg.csv",
        "biosignalsnotebooks/emg_bursts.csv",
        "bmc_gait_emg/emg.csv",
        "uci_lower_limb/3Amar.csv",
    )
    for name in names:
        recording = read_silently(data_folder / name)
        path, _ = write_recording(recording, tmp_path / "x.bdf")
        again = read_silently(path)
        step = np.abs(recording.data).max(axis=0) * 2.5 / 8e6
        assert (np.abs(again.data - recording.data) <= step / 2 * 1.001).all(), name
        assert (again.sampling_frequency, again.channels) == (recording.sampling_frequency, recording.channels)
        assert len(mne.io.read_raw_bdf(path, verbose="error").ch_names) == len(recording.channels)
