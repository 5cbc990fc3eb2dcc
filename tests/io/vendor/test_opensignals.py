"""OpenSignals text files of BITalino and PLUX: layout, transfer function, lost samples, damage."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from emgorder.errors import RecordingError
from emgorder.model import Recording

Read = Callable[..., tuple[Recording, list[str]]]
Refuse = Callable[..., RecordingError]


def bitalino(rows: int = 400, *, lost: tuple[int, ...] = (), seed: int = 1, **changes: Any) -> str:
    """Return a file of a BITalino with two EMG channels of 10 bits."""
    entry = {
        "position": 0,
        "device": "bitalino_rev",
        "device name": "20:16:12:21:98:56",
        "device connection": "BTH20:16:12:21:98:56",
        "sampling rate": 1000,
        "resolution": [4, 1, 1, 1, 1, 10, 10],
        "firmware version": 52,
        "date": "2024-3-6",
        "time": "18:51:36.613",
        "channels": [1, 2],
        "sensor": ["EMGBITREV", "EMGBITREV"],
        "label": ["A1", "A2"],
        "column": ["nSeq", "I1", "I2", "O1", "O2", "A1", "A2"],
        "digital IO": [0, 0, 1, 1],
        "convertedValues": 0,
        **changes,
    }
    counts = np.random.default_rng(seed).integers(400, 600, (rows, 2))
    lines = [
        f"{i % 16}\t{int(100 <= i < 150)}\t0\t0\t0\t{a}\t{b}\t" for i, (a, b) in enumerate(counts) if i not in lost
    ]
    header = ["# OpenSignals Text File Format. Version 1", "# " + json.dumps({"20:16:12:21:98:56": entry})]
    return "\n".join([*header, "# EndOfHeader", *lines]) + "\n"


def plux(rows: int = 400, **changes: Any) -> str:
    """Return a file of a biosignalsplux with EMG and an accelerometer, 16 bits, whose counter does not wrap."""
    entry = {
        "sensor": ["EMG", "XYZ"],
        "device name": "00:07:80:D8:AB:58",
        "column": ["nSeq", "DI", "CH1", "CH2"],
        "sampling rate": 1000,
        "label": ["CH1", "CH2"],
        "resolution": [16, 16],
        "device": "biosignalsplux",
        "channels": [1, 2],
        **changes,
    }
    counts = np.random.default_rng(2).integers(30000, 36000, (rows, 2))
    lines = [f"{i}\t0\t{a}\t{b}" for i, (a, b) in enumerate(counts)]
    header = ["# OpenSignals Text File Format", "# " + json.dumps({"00:07:80:D8:AB:58": entry}), "# EndOfHeader"]
    return "\n".join([*header, *lines]) + "\n"


def test_a_bitalino_file_is_read_in_volts_by_the_data_sheet(read: Read) -> None:
    recording, warned = read(bitalino(), name="opensignals_2024.txt", muscles={"GMAX_R": "A1", "BF_R": "A2"})
    assert warned == []
    assert recording.sampling_frequency == 1000.0
    assert [c.label for c in recording.channels] == ["A1", "A2"]
    assert [c.target_muscle for c in recording.channels] == ["GMAX", "BF"]
    assert {c.unit for c in recording.channels} == {"V"}
    counts = np.random.default_rng(1).integers(400, 600, (400, 2))
    np.testing.assert_allclose(recording.data, (counts / 1024 - 0.5) * 3.3 / 1009, atol=1e-15)
    assert recording.meta["ManufacturersModelName"] == "bitalino_rev"
    assert any("gain of 1009" in note for note in recording.notes)
    assert recording.meta["RecordingStarted"] == "2024-03-06T18:51:36.613"


def test_a_plux_file_keeps_its_emg_alone(read: Read) -> None:
    recording, _ = read(plux(), name="plux.txt")
    assert [c.label for c in recording.channels] == ["CH1"]
    counts = np.random.default_rng(2).integers(30000, 36000, (400, 2))[:, 0]
    np.testing.assert_allclose(recording.data[:, 0], (counts / 65536 - 0.5) * 3.0 / 1000, atol=1e-15)
    assert any("CH2 (XYZ)" in note and "left out" in note for note in recording.notes)


def test_a_column_that_is_asked_for_is_kept_whatever_its_sensor(read: Read) -> None:
    recording, _ = read(plux(), name="plux.txt", muscles={"GMAX": "CH1", "BF": "CH2"})
    assert [(c.label, c.unit) for c in recording.channels] == [("CH1", "V"), ("CH2", "a.u.")]


def test_counts_stay_where_no_transfer_function_is_known(read: Read) -> None:
    recording, _ = read(plux(device="channeller"), name="x.txt")
    assert recording.channels[0].unit == "a.u."
    assert recording.data.min() >= 30000
    assert any("no transfer function" in note for note in recording.notes)


def test_converted_values_are_millivolts(read: Read) -> None:
    recording, _ = read(bitalino(convertedValues=1), name="x.txt")
    assert recording.channels[0].display_unit == "mV"
    counts = np.random.default_rng(1).integers(400, 600, (400, 2))
    np.testing.assert_allclose(recording.data, counts / 1e3)


def test_a_unit_that_is_given_goes_before_the_data_sheet(read: Read) -> None:
    recording, _ = read(bitalino(), name="x.txt", unit="uV")
    counts = np.random.default_rng(1).integers(400, 600, (400, 2))
    np.testing.assert_allclose(recording.data, counts / 1e6)


def test_samples_that_the_counter_skips_are_lost_and_said_with_their_row(read: Read) -> None:
    recording, warned = read(bitalino(lost=(200, 201, 202)), name="x.txt")
    assert recording.n_samples == 400
    assert np.flatnonzero(np.isnan(recording.data[:, 0])).tolist() == [200, 201, 202]
    assert len(warned) == 1
    assert "row 204, column nSeq" in warned[0]
    assert "skips 3 samples" in warned[0]


def test_the_digital_line_becomes_an_event(read: Read) -> None:
    recording, _ = read(bitalino(), name="x.txt")
    assert recording.events.to_dict("records") == [{"onset": 0.1, "duration": 0.05, "trial_type": "I1"}]


def test_a_rate_that_is_given_against_the_header_is_used_and_said(read: Read) -> None:
    recording, warned = read(bitalino(), name="x.txt", sampling_frequency=100)
    assert recording.sampling_frequency == 100.0
    assert "the header says 1000 Hz" in warned[0]


def test_columns_that_the_header_does_not_know_are_counted_from_the_right(read: Read) -> None:
    recording, warned = read(bitalino(column=["nSeq", "A1", "A2"]), name="x.txt")
    assert [c.label for c in recording.channels] == ["A1", "A2"]
    assert any("the header names 3" in w for w in warned)


def test_a_torn_last_row_is_lost(read: Read) -> None:
    recording, warned = read(bitalino()[:-7], name="x.txt")
    assert recording.n_samples == 400
    assert np.isnan(recording.data[-1, 1])
    assert any("lost samples" in w for w in warned)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# OpenSignals Text File Format. Version 1\n# {broken\n# EndOfHeader\n0\t0\t1\n", "no readable JSON"),
        ("# OpenSignals Text File Format. Version 1\n# EndOfHeader\n0\t0\t1\n", "no readable JSON"),
        ("# OpenSignals Text File Format. Version 1\n# {}\n# EndOfHeader\n0\t0\t1\n", "describes no device"),
        ("# OpenSignals Text File Format\n# []\n# EndOfHeader\n0\t0\t1\n", "no readable JSON"),
        ('# OpenSignals\n# {"a": {}, "b": {}}\n# EndOfHeader\n0\t0\t1\n', "holds 2 devices"),
        ("# OpenSignals Text File Format\n# " + "[" * 100_000 + "{\n# EndOfHeader\n0\t1\n", "no readable JSON"),
        (bitalino(rows=0), "0 samples after the header"),
        (bitalino(**{"sampling rate": "fast"}), "does not tell its rate"),
        (bitalino(**{"sampling rate": -5}), "does not tell its rate"),
        (bitalino(column=["nSeq", "I1", "I2", "O1", "O2", "D1", "D2"], label=[]), ""),
    ],
)
def test_a_damaged_header_is_refused_with_the_remedy(refuse: Refuse, read: Read, text: str, message: str) -> None:
    if message:
        assert message in str(refuse(text, name="x.txt"))
    else:  # digital lines under other names are still columns of numbers
        assert read(text, name="x.txt")[0].n_samples == 400


def test_a_sidecar_beside_the_file_adds_what_it_cannot_say(read: Read) -> None:
    sidecar = {
        "schema_version": "1.0",
        "Channels": {"A1": {"target_muscle": "GMAX", "side": "R", "delay_s": 0.001}},
        "Events": [{"onset": 0.2, "duration": 0.0, "trial_type": "lift/R"}],
    }
    recording, _ = read(bitalino(), name="x.txt", sidecar=sidecar)
    assert (recording.channels[0].target_muscle, recording.channels[0].delay_s) == ("GMAX", 0.001)
    assert recording.events["trial_type"].tolist() == ["lift/R"]
    assert recording.meta["Manufacturer"] == "PLUX"


def test_a_comment_of_json_makes_no_opensignals_file(read: Read) -> None:
    recording, _ = read('# {"lab": "A"}\ntime_s,GMAX_uV\n' + "".join(f"{i / 1000},{i % 7}\n" for i in range(50)))
    assert recording.channels[0].target_muscle == "GMAX"
    assert recording.n_samples == 50
