"""The sidecar: what it holds, what it keeps, and what a broken one does."""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emgorder.io import read_recording, write_recording
from emgorder.model import Channel, FloatArray, Recording, Sync

Read = Callable[..., tuple[Recording, list[str]]]


def small(**fields: object) -> Recording:
    data = np.random.default_rng(1).normal(0, 5e-5, (100, 2)).round(8)
    described = (Channel("GMAX_R", "GMAX", "R"), Channel("BF_R", "BF", "R", delay_s=0.0005, kind="envelope"))
    return Recording(data, 1111.11, described, **fields)  # type: ignore[arg-type]


def test_the_sidecar_holds_what_the_columns_cannot(tmp_path: Path) -> None:
    recording = small(clock=Sync("tap", 0.004, 0.001), meta={"PowerLineFrequency": 50, "pseudonym": "R07"})
    content = json.loads(write_recording(recording, tmp_path / "session.csv")[1].read_text())
    assert content["schema_version"] == "1.0"
    assert content["SamplingFrequency"] == 1111.11
    assert content["RecordingDuration"] == pytest.approx(100 / 1111.11)
    assert content["PowerLineFrequency"] == 50
    assert content["pseudonym"] == "R07"
    assert content["Sync"] == {"method": "tap", "offset_s": 0.004, "sd_s": 0.001}
    assert content["Channels"]["BF_R"] == {
        "units": "uV",
        "target_muscle": "BF",
        "side": "R",
        "kind": "envelope",
        "delay_s": 0.0005,
        "sampling_frequency": 1111.11,
        "true_rate_Hz": 1111.11,
        "lost_samples": 0,
    }


def test_what_a_person_adds_is_kept(tmp_path: Path) -> None:
    path, sidecar = write_recording(small(), tmp_path / "session.csv")
    content = json.loads(sidecar.read_text())
    content["favourite colour"] = {"deep": [1, None, "ü", {"<script>": "=cmd()"}]}
    content["Channels"]["BF_R"] |= {"gain": 1000, "hamstring_head": "lateral", "target_muscle": "BF long head, distal"}
    content["Channels"]["GMAX_L"] = {"remark": "cable broken"}
    sidecar.write_text(json.dumps(content))
    with pytest.warns(UserWarning, match="describes 'GMAX_L', which is no column"):
        recording = read_recording(path)
    assert recording.meta["favourite colour"] == content["favourite colour"]
    assert recording.meta["Channels"]["BF_R"]["gain"] == 1000
    written = json.loads(write_recording(recording, path)[1].read_text())
    assert written["favourite colour"] == content["favourite colour"]
    assert written["Channels"]["BF_R"] == content["Channels"]["BF_R"]
    assert written["Channels"]["GMAX_L"] == {"remark": "cable broken"}


def test_muscle_side_kind_and_unit_come_from_the_sidecar(read: Read, lines: list[str]) -> None:
    entry = {"target_muscle": "semitendinosus", "side": "L", "kind": "envelope", "units": "mV", "delay_s": 0.002}
    recording, warned = read(["time_s,a,b", *lines[1:]], sidecar={"Channels": {"a": entry}})
    assert recording.channels[0] == Channel("a", "ST", "L", "V", "envelope", delay_s=0.002, display_unit="mV")
    assert warned == []


def test_a_sidecar_may_take_a_muscle_away(read: Read, lines: list[str]) -> None:
    recording, _ = read(lines, sidecar={"Channels": {"GMAX_R": {"target_muscle": ""}}})
    assert [c.target_muscle for c in recording.channels] == ["", "BF"]


def test_extra_columns_of_events_and_the_truth_are_kept(tmp_path: Path) -> None:
    events = pd.DataFrame([{"onset": 0.01, "duration": 0.0, "trial_type": "mvc/GMAX_R", "force_N": 120.5}])
    truth = pd.DataFrame([{"lift": 1, "onset_s": 0.0123, "target_muscle": "GMAX"}])
    again = read_recording(write_recording(small(events=events, truth=truth), tmp_path / "session.csv")[0])
    pd.testing.assert_frame_equal(again.events, events)
    assert again.truth is not None
    pd.testing.assert_frame_equal(again.truth, truth)


def test_what_is_not_finite_is_null_in_json(tmp_path: Path) -> None:
    meta = {"a": math.nan, "b": [math.inf, np.float64(-math.inf)], "c": np.arange(2), "d": np.bool_(True)}
    text = write_recording(small(meta=meta), tmp_path / "session.csv")[1].read_text()
    content = json.loads(text, parse_constant=lambda word: pytest.fail(f"bare {word} in JSON"))
    assert [content[k] for k in "abcd"] == [None, [None, None], [0, 1], True]


def test_dates_and_paths_become_text(tmp_path: Path) -> None:
    meta = {"date": datetime.date(2024, 2, 29), "file": Path("x.emgj")}
    content = json.loads(write_recording(small(meta=meta), tmp_path / "session.csv")[1].read_text())
    assert (content["date"], content["file"]) == ("2024-02-29", "x.emgj")


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "=cmd()",
        "x" * 10_240,
        "\u202eevil",
        "😀",
        "a\nb\r\nc",
        "../../etc/passwd",
        "\ud800",
    ],
)
def test_hostile_names_are_harmless_and_come_back(tmp_path: Path, name: str) -> None:
    path, sidecar = write_recording(small(meta={"pseudonym": name, "x" + name: 1}), tmp_path / "session.csv")
    assert sidecar.read_bytes().isascii()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["session.csv", "session.json"]
    assert dict(read_recording(path).meta) == {"pseudonym": name, "x" + name: 1}


@pytest.mark.parametrize(
    ("sidecar", "words"),
    [
        ('{"SamplingFrequency": 1000', ("is not JSON", "correct or delete it", "clocks are taken to agree")),
        ("", ("is not JSON",)),
        ("[" * 100_000, ("is not JSON",)),
        ("[1, 2]", ("is no object but '[1, 2]'", "correct or delete it")),
        ('{"SamplingFrequency": "fast"}', ("SamplingFrequency", "'fast', not a positive number: ignored")),
        ('{"SamplingFrequency": -1}', ("SamplingFrequency", "not a positive number: ignored")),
        ('{"SamplingFrequency": true}', ("SamplingFrequency", "not a positive number: ignored")),
        ('{"Channels": ["GMAX_R"]}', ("Channels", "not an object with an object a channel: ignored")),
        ('{"Channels": {"GMAX_L": {}}}', ("'GMAX_L', which is no column", "'GMAX_R, BF_R'", "rename")),
        ('{"Channels": {"BF_R": {"side": "both"}}}', ("column BF_R", "side 'both'", "not R or L")),
        ('{"Channels": {"BF_R": {"kind": "rms"}}}', ("column BF_R", "kind 'rms'", "not raw or envelope")),
        ('{"Channels": {"BF_R": {"delay_s": "2 ms"}}}', ("column BF_R", "delay_s '2 ms'", "no number")),
        ('{"Channels": {"BF_R": {"units": "mV"}}}', ("column BF_R_uV", "says mV: read as uV")),
        ('{"Sync": "good"}', ("Sync", "'good', not an object")),
        ('{"Channels": {"BF_R": {"delay_s": 1e9}}}', ("column BF_R", "delay_s '1000000000.0'", "beyond 10 s: ignored")),
        ('{"Events": {"onset": 1}}', ("Events", "not a list of objects")),
        ('{"Events": [{"onset": 1}]}', ("Events[0]", "not an event")),
        ('{"Notes": "read"}', ("Notes", "not a list of texts")),
        ('{"schema_version": "7.0"}', ("schema_version", "'7.0'", "newer emgorder")),
    ],
)
def test_a_sidecar_that_makes_no_sense_is_ignored_with_a_remark(
    read: Read, lines: list[str], samples_uV: FloatArray, sidecar: str, words: tuple[str, ...]
) -> None:
    recording, warned = read(lines, sidecar=sidecar)
    np.testing.assert_array_equal(recording.data, samples_uV / 1e6)
    assert recording.sampling_frequency == 1000.0
    assert [c.target_muscle for c in recording.channels] == ["GMAX", "BF"]
    assert recording.clock == Sync()
    assert len(warned) == 1
    for word in words:
        assert word in warned[0]


def test_a_folder_in_place_of_the_sidecar_is_remarked_on(save: Callable[..., Path], lines: list[str]) -> None:
    path = save(lines)
    path.with_suffix(".json").mkdir()
    with pytest.warns(UserWarning, match=r"sidecar session\.json cannot be read .*: done without it"):
        assert read_recording(path).n_samples == 60


def test_bare_nan_in_a_sidecar_is_no_number(read: Read, lines: list[str]) -> None:
    recording, warned = read(lines, sidecar='{"SamplingFrequency": NaN, "pain": Infinity}')
    assert recording.sampling_frequency == 1000.0
    assert dict(recording.meta) == {"pain": None}
    assert warned == []


def test_other_json_files_in_the_folder_are_no_sidecars(
    read: Read, save: Callable[..., Path], lines: list[str]
) -> None:
    save('{"SamplingFrequency": 500}', name="meta.json")
    recording, warned = read(lines)
    assert recording.sampling_frequency == 1000.0
    assert dict(recording.meta) == {}
    assert warned == []


def test_notes_of_the_first_reading_are_kept(read: Read, lines: list[str], tmp_path: Path) -> None:
    lines[5] = "0.004,abc,1"
    recording, warned = read(lines)
    again = read_recording(write_recording(recording, tmp_path / "copy.csv")[0])
    assert again.notes[: len(recording.notes)] == recording.notes
    assert warned[0] in again.notes


def test_half_a_character_does_not_keep_a_recording_from_being_read(
    read: Callable[..., tuple[Recording, list[str]]], lines: list[str]
) -> None:
    sidecar = '{"Events": [{"onset": 0, "trial_type": "a\\ud800"}], "Truth": [{"x": "\\udfff"}]}'
    recording, texts = read(lines, sidecar=sidecar)
    assert texts == []
    assert recording.events["trial_type"].tolist() == ["a?"]
    assert recording.truth is not None
    assert recording.truth["x"].tolist() == ["?"]


@pytest.mark.parametrize(
    "clock",
    ['{"sd_s": "small"}', '{"sd_s": -0.005}', '{"sd_s": NaN}', '{"sd_s": null}', '{"offset_s": "2 ms", "sd_s": 0.001}'],
)
def test_clocks_whose_numbers_cannot_be_read_are_not_taken_for_exact(read: Read, lines: list[str], clock: str) -> None:
    recording, warned = read(lines, sidecar='{"Sync": ' + clock + "}")
    assert not recording.clock.known
    assert len(warned) == 1
    assert "it is unknown how the clocks agree" in warned[0]
