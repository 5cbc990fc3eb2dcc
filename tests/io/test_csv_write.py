"""The session CSV, character by character, and what is refused."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emgorder.errors import RecordingError
from emgorder.io import read_recording, write_recording
from emgorder.model import Channel, Recording, Sync

GMAX = Channel("GMAX_R", "GMAX", "R")
BF = Channel("BF_R", "BF", "R")


def events(*rows: tuple[float, float, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["onset", "duration", "trial_type"])


def test_the_file_is_as_the_format_says(tmp_path: Path) -> None:
    data = np.array([[1e-6, -2.5e-3], [math.nan, 0.0], [-0.0, 1 / 3]])
    recording = Recording(
        data,
        2000.0,
        (GMAX, Channel("BF_R", "BF", "R", display_unit="mV")),
        events=events((0.0005, 0.0, "lift/R"), (0.0005, 1.0, "note")),
    )
    path, sidecar = write_recording(recording, tmp_path / "session.csv")
    assert path.read_bytes() == (
        b"time_s,GMAX_R_uV,BF_R_mV,event\n0.0000,1,-2.5,\n0.0005,,0,lift/R; note\n0.0010,0,333.3333333,\n"
    )
    assert sidecar == tmp_path / "session.json"


@pytest.mark.parametrize(
    ("rate_Hz", "second_row"),
    [
        (10.0, "0.1"),
        (200.0, "0.005"),
        (1000.0, "0.001"),
        (256.0, "0.00390625"),
        (2048.0, "0.000488281"),
        (1111.11, "0.000900001"),
    ],
)
def test_times_have_the_digits_that_the_rate_needs(tmp_path: Path, rate_Hz: float, second_row: str) -> None:
    path, _ = write_recording(Recording(np.ones((2, 1)), rate_Hz, (GMAX,)), tmp_path / "session.csv")
    assert path.read_text().split("\n")[2].split(",")[0] == second_row


def test_counts_of_a_32_bit_converter_keep_every_digit(tmp_path: Path) -> None:
    counts = np.array([[2.0**32 - 1], [-(2.0**31)], [1234567891.0]])
    path, _ = write_recording(Recording(counts, 1000.0, (Channel("ch1", unit="a.u."),)), tmp_path / "session.csv")
    assert path.read_text() == "time_s,ch1_au\n0.000,4294967295\n0.001,-2147483648\n0.002,1234567891\n"
    np.testing.assert_array_equal(read_recording(path).data, counts)


def test_labels_become_sixteen_harmless_characters_and_are_kept_in_full_beside_them(tmp_path: Path) -> None:
    hostile = ("=cmd|'/C calc'!A0", "<script>alert(1)</script>", '\u202eevil\n,\t"', "x" * 10_000, "../../etc", "😀")
    recording = Recording(
        np.arange(12.0).reshape(2, 6), 1000.0, tuple(Channel(label, unit="a.u.") for label in hostile)
    )
    path, sidecar = write_recording(recording, tmp_path / "session.csv")
    header = path.read_text().split("\n")[0]
    assert header == "time_s,cmd_C_calc_A0_au,script_alert_1_s_au,evil_au,xxxxxxxxxxxxxxxx_au,etc_au,ch6_au"
    assert sidecar.read_bytes().isascii()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["session.csv", "session.json"]
    again = read_recording(path)
    assert [again.meta["Channels"][c.label]["original_label"] for c in again.channels] == list(hostile)


@pytest.mark.parametrize("text", ["=1+2", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'=x", "''-x"])
def test_no_cell_is_run_by_a_spreadsheet_and_all_read_back(tmp_path: Path, text: str) -> None:
    recording = Recording(np.arange(8.0).reshape(4, 2), 1000.0, (GMAX, BF), events=events((0.002, 0.0, text)))
    path, sidecar = write_recording(recording, tmp_path / "session.csv")
    cell = path.read_bytes().decode().split("\n")[3].split(",", 3)[3].strip('"')
    assert cell[0] == "'"
    sidecar.unlink()
    assert read_recording(path).events["trial_type"].tolist() == [text]


@pytest.mark.parametrize(
    "text", ['a,"b"', "first\nsecond", "first\r\nsecond", " ", "'quoted'", "Gesäß µ \u202e", "nan"]
)
def test_any_other_event_reads_back_from_the_column_alone(tmp_path: Path, text: str) -> None:
    recording = Recording(np.arange(8.0).reshape(4, 2), 1000.0, (GMAX, BF), events=events((0.002, 0.0, text)))
    path, sidecar = write_recording(recording, tmp_path / "session.csv")
    sidecar.unlink()
    assert read_recording(path).events["trial_type"].tolist() == ([text] if text.strip() else [])


def test_events_outside_the_samples_are_in_the_sidecar_only(tmp_path: Path) -> None:
    recording = Recording(np.arange(8.0).reshape(4, 2), 1000.0, (GMAX, BF), events=events((-1, 0, "a"), (9, 0, "b")))
    path, _ = write_recording(recording, tmp_path / "session.csv")
    assert path.read_text().endswith("0.003,6000000,7000000,\n")
    assert read_recording(path).events["onset"].tolist() == [-1.0, 9.0]


def test_no_file_holds_a_path_of_the_machine(tmp_path: Path) -> None:
    recording = Recording(np.arange(8.0).reshape(4, 2), 1000.0, (GMAX, BF), clock=Sync("tap", 0.002, 0.001))
    for path in write_recording(recording, tmp_path / "session.csv"):
        assert str(tmp_path) not in path.read_text()


@pytest.mark.parametrize("name", ["session", "session.txt", "session.json", "session.csv.gz"])
def test_a_name_that_is_no_csv_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RecordingError, match=r"ends in \.csv"):
        write_recording(Recording(np.ones((2, 1)), 1000.0, (GMAX,)), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("shape", [(0, 1), (2, 0)])
def test_a_recording_without_samples_is_refused(tmp_path: Path, shape: tuple[int, int]) -> None:
    with pytest.raises(RecordingError, match="nothing to write"):
        write_recording(Recording(np.ones(shape), 1000.0, (GMAX,)[: shape[1]]), tmp_path / "session.csv")


@pytest.mark.parametrize("value", [math.inf, -math.inf, 1e306])
def test_an_infinite_sample_is_refused_with_its_place(tmp_path: Path, value: float) -> None:
    with pytest.raises(RecordingError, match=r"sample 1 is .*NaN marks a lost sample") as caught:
        write_recording(Recording(np.array([[1.0], [value]]), 1000.0, (GMAX,)), tmp_path / "session.csv")
    assert caught.value.column == "GMAX_R"
    assert list(tmp_path.iterdir()) == []


def test_an_event_without_a_time_is_refused(tmp_path: Path) -> None:
    recording = Recording(np.ones((2, 1)), 1000.0, (GMAX,), events=events((0.0, 0.0, "tap"), (math.nan, 0.0, "tap")))
    with pytest.raises(RecordingError, match="onset of event 2 is nan: give seconds"):
        write_recording(recording, tmp_path / "session.csv")


def test_an_unknown_display_unit_is_refused(tmp_path: Path) -> None:
    recording = Recording(np.ones((2, 1)), 1000.0, (Channel("GMAX_R", display_unit="pt"),))
    with pytest.raises(RecordingError, match=r"'pt'.*give one of V, mV, uV, nV"):
        write_recording(recording, tmp_path / "session.csv")


def test_a_meta_value_that_json_cannot_hold_is_refused_with_its_key(tmp_path: Path) -> None:
    recording = Recording(np.ones((2, 1)), 1000.0, (GMAX,), meta={"Session": {"room": object()}})
    with pytest.raises(RecordingError, match=r"sidecar\.Session\.room is a object"):
        write_recording(recording, tmp_path / "session.csv")
    assert list(tmp_path.iterdir()) == []
