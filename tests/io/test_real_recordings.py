"""Recordings of other laboratories and devices, as they were published."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

from emgorder.errors import EmgOrderWarning, RecordingError
from emgorder.io import read_recording, write_recording


def described(data_folder: Path) -> list[tuple[Path, dict[str, object]]]:
    found = []
    for meta in sorted(data_folder.glob("*/meta.json")):
        for name, facts in json.loads(meta.read_text())["files"].items():
            if (meta.parent / name).is_file():
                found.append((meta.parent / name, facts))
    return found


def test_every_recording_is_read_with_its_documented_rate_length_and_channels(data_folder: Path) -> None:
    files = described(data_folder)
    assert len(files) >= 20
    for path, facts in files:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", EmgOrderWarning)
            recording = read_recording(path)
        assert recording.sampling_frequency == facts["fs"], path.name
        assert recording.n_samples == facts["n"], path.name
        assert [c.label for c in recording.channels] == facts["channels"], path.name
        assert np.isfinite(recording.data).all()
        assert {c.unit for c in recording.channels} == {"a.u."}


def test_only_the_recordings_with_held_samples_are_warned_of(data_folder: Path) -> None:
    for path, _ in described(data_folder):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            recording = read_recording(path)
        held = path.parent.name == "uci_gestures_myo"
        assert [w.category for w in caught] == [EmgOrderWarning] * held, path.name
        assert all(np.isfinite(c.true_rate_Hz) == held for c in recording.channels), path.name


def test_muscles_are_found_by_name_and_by_mapping(data_folder: Path) -> None:
    path = data_folder / "musclesynergies_walking" / "walk_right_leg.csv"
    assert {c.target_muscle for c in read_recording(path).channels} == {"", "BF", "ST"}
    recording = read_recording(path, muscles={"GMAX_R": "MA", "BF_R": "BF"}, unit="uV")
    assert recording.find("GMAX", "R") == 1
    assert recording.find("BF", "R") == 7
    assert recording.data[0, 1] == -6.445313 / 1e6


def test_a_real_recording_goes_there_and_back(data_folder: Path, tmp_path: Path) -> None:
    recording = read_recording(data_folder / "lift12kg_8ch" / "lift12kg.csv", unit="mV")
    path, _ = write_recording(recording, tmp_path / "lift.csv")
    again = read_recording(path)
    np.testing.assert_array_equal(again.data, recording.data)
    assert again.sampling_frequency == 2000.0
    assert again.channels == recording.channels


def test_a_table_that_is_no_recording_is_refused(data_folder: Path) -> None:
    with pytest.raises(RecordingError, match="no time column"):
        read_recording(data_folder / "readings" / "dev.csv")
