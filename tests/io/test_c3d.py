"""C3D files of motion capture: analog channels, units, rates, events, and damage that would crash a reader."""

from __future__ import annotations

import os
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import ezc3d
import numpy as np
import pytest

import emgorder as eo
from emgorder.errors import MissingExtraError, RecordingError
from emgorder.io import c3d
from emgorder.model import FloatArray, Recording


def signals() -> FloatArray:
    return np.random.default_rng(1).normal(0, 1e-4, (1500, 4))


def write(
    path: Path,
    *,
    labels: tuple[str, ...] = ("GMAX_R", "BF_R", "Fz1", "EMG spare"),
    units: tuple[str, ...] = ("V", "V", "N", "mV"),
    rate: float = 1500.0,
    events: tuple[tuple[float, str, str], ...] = ((0.25, "lift", "Right"), (0.5, "Foot Strike", "General")),
    n_frames: int = 100,
) -> Path:
    """Write a trial of 100 frames at 100 Hz with its analog channels."""
    file: Any = ezc3d.c3d()
    file["parameters"]["POINT"]["RATE"]["value"] = [100.0]
    file["parameters"]["POINT"]["LABELS"]["value"] = ["knee"]
    file["data"]["points"] = np.ones((4, 1, n_frames))
    file["parameters"]["ANALOG"]["RATE"]["value"] = [rate]
    file["parameters"]["ANALOG"]["LABELS"]["value"] = list(labels)
    file["parameters"]["ANALOG"]["UNITS"]["value"] = list(units)
    n_rows = round(n_frames * rate / 100)
    file["data"]["analogs"] = signals()[:n_rows, : len(labels)].T[None]
    for time_s, label, context in events:
        file.add_event([0, time_s], context=context, label=label)
    file.write(str(path))
    return path


@cache
def whole(folder: str) -> bytes:
    return write(Path(folder) / "whole.c3d").read_bytes()


def quietly(path: Path, **options: Any) -> Recording:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", eo.EmgOrderWarning)
        return eo.read_recording(path, **options)


def test_analog_channels_are_read_with_labels_units_rate_and_events(tmp_path: Path) -> None:
    recording = eo.read_recording(write(tmp_path / "trial.c3d"))
    assert recording.sampling_frequency == 1500.0
    assert [(c.label, c.target_muscle, c.unit, c.display_unit) for c in recording.channels] == [
        ("GMAX_R", "GMAX", "V", "V"),
        ("BF_R", "BF", "V", "V"),
        ("EMG spare", "", "V", "mV"),
    ]
    expected = signals()[:, [0, 1, 3]] / [1, 1, 1e3]
    np.testing.assert_allclose(recording.data, expected, rtol=1e-6)  # C3D holds 32 bits
    assert recording.events["trial_type"].tolist() == ["lift/R", "Foot Strike"]
    np.testing.assert_allclose(recording.events["onset"], [0.25, 0.5])
    assert any("'Fz1'" in note and "left out" in note for note in recording.notes)


def test_channels_are_chosen_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / "trial.c3d", labels=("A", "B", "C", "D"), units=("", "", "N", ""))
    recording = eo.read_recording(path, muscles={"GMAX": "a", "BF": "D"}, unit="mV")
    assert [(c.label, c.target_muscle, c.unit) for c in recording.channels] == [("A", "GMAX", "V"), ("D", "BF", "V")]
    np.testing.assert_allclose(recording.data[:, 0], signals()[:, 0] / 1e3, rtol=1e-6)
    assert {c.unit for c in quietly(path).channels} == {"a.u."}


def test_a_trial_without_analog_channels_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "x.c3d", labels=(), units=(), events=(), rate=100.0)
    with pytest.raises(RecordingError, match="holds no analog samples"):
        eo.read_recording(path)


@pytest.mark.parametrize("content", [b"\x02P", b"\x02Q" + bytes(1000), b"PK\x03\x04" + bytes(1000)])
def test_what_is_no_c3d_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.c3d").write_bytes(content)
    with pytest.raises(RecordingError, match="is no C3D file") as caught:
        eo.read_recording(tmp_path / "x.c3d")
    assert caught.value.path == tmp_path / "x.c3d"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no such file"):
        eo.read_recording(tmp_path / "x.c3d")


@pytest.mark.parametrize("seed", range(8))
def test_hostile_bytes_end_in_a_recording_or_a_clear_error(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    random = np.random.default_rng(seed)
    content = bytearray(whole(str(tmp_path_factory.getbasetemp())))
    for place in random.integers(512 * (seed % 2), 3000, 12):
        content[place] = random.integers(0, 256)
    path = tmp_path / "x.c3d"
    path.write_bytes(content if seed % 2 else content[: random.integers(600, len(content))])
    try:
        quietly(path, sampling_frequency=1500)
    except RecordingError as error:
        refused = error
    else:
        return  # a recording checks its own shape
    assert refused.path == path
    assert "copy it again" in str(refused) or "holds no analog samples" in str(refused)


@pytest.mark.skipif(os.name == "nt", reason="there are no signals")
def test_a_reader_that_crashes_takes_nothing_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "x.c3d")
    monkeypatch.setattr(c3d, "_CHILD", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    with pytest.raises(RecordingError, match=r"is damaged: copy it again.*ended with -11"):
        eo.read_recording(path)


def test_a_reader_that_never_ends_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "x.c3d")
    monkeypatch.setattr(c3d, "_CHILD", "while True: pass")
    monkeypatch.setattr(c3d, "_LEAST_TIMEOUT_S", 0.2)
    with pytest.raises(RecordingError, match=r"takes more than 0\.\d+ s to read, so it is damaged: copy it again"):
        eo.read_recording(path)


def test_a_torn_file_is_refused_with_what_is_left(tmp_path: Path) -> None:
    path = write(tmp_path / "x.c3d")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) - 5000])
    with pytest.raises(RecordingError, match=r"is cut short \(\d\d of 100 frames\): copy it again"):
        eo.read_recording(path)


def test_a_missing_extra_is_named_with_its_install_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "x.c3d")
    monkeypatch.setattr(c3d, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r'pip install "emgorder\[formats\]"'):
        eo.read_recording(path)
