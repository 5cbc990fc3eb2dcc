"""EDF and BDF files of other recorders, whole and broken."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from emgorder.errors import EmgOrderWarning, RecordingError
from emgorder.io import read_recording
from emgorder.model import Recording
from tests.io.edf_files import EdfFile, Signal, ramp

STARTS = ["+0\x14\x14\x00", "+1\x14\x14\x00", "+2\x14\x14\x00"]


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., tuple[Recording, list[str]]]:
    """Return a function that reads such a file: the recording and the texts of the warnings."""

    def read(file: EdfFile | bytes, *, name: str = "", **options: object) -> tuple[Recording, list[str]]:
        data = file if isinstance(file, bytes) else file.data()
        path = tmp_path / (name or ("x.bdf" if data[:1] == b"\xff" else "x.edf"))
        path.write_bytes(data)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            recording = read_recording(path, **options)  # type: ignore[arg-type]
        assert all(issubclass(w.category, EmgOrderWarning) and w.filename == __file__ for w in caught)
        return recording, [str(w.message) for w in caught]

    return read


def test_a_16_bit_file_keeps_labels_units_rates_and_filters(load: Callable[..., tuple[Recording, list[str]]]) -> None:
    glute = Signal("EMG GMAX_R", ramp(3, 100), prefilter="HP:10Hz LP:500Hz N:50Hz", transducer="AgAgCl electrode")
    ham = Signal("EMG BF_R", ramp(3, 100, 7), "mV", ("-5", "5"), ("-2048", "2047"))
    recording, said = load(
        EdfFile(
            [glute, ham],
            patient="P_07 F 02-MAY-1991 Jane_Doe",
            recording="Startdate 09-MAR-2026 X X Recorder_5",
            date="09.03.26",
            time="10.20.30",
            tals=STARTS,
        )
    )
    assert said == []
    assert recording.sampling_frequency == 100.0
    assert [(c.label, c.target_muscle, c.side, c.display_unit) for c in recording.channels] == [
        ("EMG GMAX_R", "GMAX", "R", "uV"),
        ("EMG BF_R", "BF", "R", "mV"),
    ]
    np.testing.assert_array_equal(recording.data[:, 0], np.arange(300) / 10 / 1e6)
    np.testing.assert_allclose(recording.data[:, 1], (-5 + (np.arange(7, 307) + 2048) * 10 / 4095) / 1e3, rtol=1e-12)
    assert recording.meta["Channels"]["EMG GMAX_R"] == {
        "prefilter": "HP:10Hz LP:500Hz N:50Hz",
        "transducer": "AgAgCl electrode",
    }
    assert recording.meta["pseudonym"] == "P 07"
    assert recording.meta["RecordingStarted"] == "2026-03-09T10:20:30"
    assert recording.meta["ManufacturersModelName"] == "Recorder 5"
    assert "Doe" not in repr(recording.meta)
    assert "1991" not in repr(recording.meta)


def test_annotations_are_events_wherever_they_stand(load: Callable[..., tuple[Recording, list[str]]]) -> None:
    tals = [
        "+0\x14\x14\x00+2.25\x150.5\x14lift/R\x14note µ\x14\x00",
        "+1\x14\x14\x00",
        "+2\x14\x14\x00-0.5\x14tap\x14\x00+0.125\x14cue/R\x14\x00",
    ]
    recording, said = load(EdfFile([Signal("GMAX", ramp(3, 50))], tals=tals))
    assert said == []
    assert recording.events.to_dict("records") == [
        {"onset": -0.5, "duration": 0.0, "trial_type": "tap"},
        {"onset": 0.125, "duration": 0.0, "trial_type": "cue/R"},
        {"onset": 2.25, "duration": 0.5, "trial_type": "lift/R"},
        {"onset": 2.25, "duration": 0.5, "trial_type": "note µ"},
    ]


def test_a_start_within_a_second_is_taken_off_the_events(load: Callable[..., tuple[Recording, list[str]]]) -> None:
    tals = ["+0.25\x14\x14\x00+1\x14cue/R\x14\x00", "+1.25\x14\x14\x00"]
    recording, said = load(EdfFile([Signal("GMAX", ramp(2, 50))], tals=tals))
    assert said == []
    assert recording.n_samples == 100
    assert recording.events["onset"].tolist() == [0.75]


def test_a_discontinuous_file_has_lost_samples_between_its_records(
    load: Callable[..., tuple[Recording, list[str]]],
) -> None:
    tals = ["+0\x14\x14\x00", "+1\x14\x14\x00", "+3.5\x14\x14\x00+4\x14cue/R\x14\x00"]
    file = EdfFile([Signal("GMAX", ramp(3, 100)), Signal("BF", ramp(3, 100))], reserved="EDF+D", tals=tals)
    recording, said = load(file)
    assert said == []
    assert recording.n_samples == 450
    expected = np.concatenate([np.arange(200.0), np.full(150, np.nan), np.arange(200.0, 300.0)]) / 10 / 1e6
    np.testing.assert_array_equal(recording.data, np.column_stack([expected, expected]))
    assert recording.events["onset"].tolist() == [4.0]
    assert any("1 gap between records, 1.5 s" in note for note in recording.notes)


def test_records_that_overlap_are_taken_as_following_each_other(
    load: Callable[..., tuple[Recording, list[str]]],
) -> None:
    tals = ["+0\x14\x14\x00", "+0.5\x14\x14\x00", "+9\x14\x14\x00"]
    recording, said = load(EdfFile([Signal("GMAX", ramp(3, 100))], reserved="EDF+D", tals=tals))
    assert recording.n_samples == 300
    assert len(said) == 1
    assert "record 2 is said to begin before the end of the one before" in said[0]


def test_a_gap_of_years_is_refused_instead_of_filling_the_memory(tmp_path: Path) -> None:
    tals = ["+0\x14\x14\x00", "+99999999999\x14\x14\x00"]
    (tmp_path / "x.edf").write_bytes(EdfFile([Signal("GMAX", ramp(2, 100))], reserved="EDF+D", tals=tals).data())
    with pytest.raises(RecordingError, match=r"x\.edf: has a gap of 1e\+11 s after 1 record: .*split the file there"):
        read_recording(tmp_path / "x.edf")


def test_slower_channels_are_held_and_said(load: Callable[..., tuple[Recording, list[str]]]) -> None:
    recording, said = load(
        EdfFile([Signal("GMAX_R", ramp(2, 40)), Signal("Acc X", ramp(2, 10), "g"), Signal("odd", ramp(2, 16), "mV")])
    )
    assert recording.sampling_frequency == 40.0
    np.testing.assert_array_equal(recording.data[:, 1] * 10, np.repeat(np.arange(20), 4))
    np.testing.assert_array_equal(np.unique(np.round(recording.data[:, 2] * 1e4)), np.arange(32))
    assert np.isnan(recording.channels[0].true_rate_Hz)
    assert [c.true_rate_Hz for c in recording.channels[1:]] == [10.0, 16.0]
    assert [c.unit for c in recording.channels] == ["V", "a.u.", "V"]
    assert recording.meta["Channels"]["Acc X"]["dimension"] == "g"
    assert len(said) == 1
    assert "column Acc X: 10 Hz where others have 40 Hz" in said[0]
    assert "(1 more like this)" in said[0]


def test_24_bits_are_read_with_their_sign_and_triggers_as_events(
    load: Callable[..., tuple[Recording, list[str]]],
) -> None:
    full = ("-8388608", "8388607")
    glute = Signal("GMAX", [[0, 1, -1, 8388607], [-8388608, 255, 256, -65536]], "uV", full, full)
    status = Signal("Status", [[0x10000, 0x10000, 0x10005, 0x10005], [0, 0, 0x30007, 0]], "Boolean", full, full)
    recording, said = load(EdfFile([glute, status], kind="BDF", reserved="24BIT"))
    assert said == []
    np.testing.assert_array_equal(recording.data[:, 0], np.array([0, 1, -1, 8388607, -8388608, 255, 256, -65536]) / 1e6)
    assert [c.label for c in recording.channels] == ["GMAX"]
    assert recording.events[["onset", "trial_type"]].to_numpy().tolist() == [[0.5, "trigger/5"], [1.5, "trigger/7"]]


def test_gaps_of_one_channel_and_of_all_are_lost_samples(load: Callable[..., tuple[Recording, list[str]]]) -> None:
    tals = ["+0\x14\x14\x00+0.1\x150.2\x14BAD_gap@@BF\x14\x00+0.5\x150.1\x14BAD_ACQ_SKIP\x14\x00"]
    recording, _ = load(EdfFile([Signal("GMAX", ramp(1, 100)), Signal("BF", ramp(1, 100, 3))], tals=tals))
    lost = np.isnan(recording.data)
    assert np.flatnonzero(lost[:, 0]).tolist() == list(range(50, 60))
    assert np.flatnonzero(lost[:, 1]).tolist() == [*range(10, 30), *range(50, 60)]
    assert recording.events.empty


def test_a_file_cut_off_while_it_was_written_is_read_to_its_last_whole_record(
    load: Callable[..., tuple[Recording, list[str]]],
) -> None:
    whole = EdfFile([Signal("GMAX", ramp(3, 50))], tals=STARTS).data()
    recording, said = load(whole[:-11])
    assert recording.n_samples == 100
    assert len(said) == 1
    assert "2 whole records read, 1 fewer than its header says" in said[0]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"n_records": "2"}, "holds 3 records, its header says 2"),
        ({"n_records": "7"}, "4 fewer than its header says"),
        ({"n_bytes": "9999"}, "a header of 9999 bytes"),
        ({"tals": ["+0\x14\x14\x00", "rubbish\x00", "+2\x14\x14\x00"]}, "1 annotation cannot be read"),
    ],
)
def test_a_header_that_lies_is_set_right_and_said(
    load: Callable[..., tuple[Recording, list[str]]], changes: dict[str, object], says: str
) -> None:
    recording, said = load(EdfFile([Signal("GMAX", ramp(3, 50))], **({"tals": STARTS} | changes)))  # type: ignore[arg-type]
    assert recording.n_samples == 150
    np.testing.assert_array_equal(recording.data[:, 0], np.arange(150) / 10 / 1e6)
    assert any(says in text for text in said)


def test_a_recorder_that_never_closed_its_file_is_no_fault(load: Callable[..., tuple[Recording, list[str]]]) -> None:
    recording, said = load(EdfFile([Signal("GMAX", ramp(3, 50))], n_records="-1"))
    assert (recording.n_samples, said) == (150, [])
    assert any("was not closed by its recorder: 3 records found" in note for note in recording.notes)


@pytest.mark.parametrize("physical", [("0", "0"), ("a", "b"), ("1e999999", "1"), ("1/3", "1")])
def test_a_channel_without_a_scale_comes_in_counts(
    load: Callable[..., tuple[Recording, list[str]]], physical: tuple[str, str]
) -> None:
    recording, said = load(EdfFile([Signal("GMAX", ramp(1, 50), physical=physical)]))
    np.testing.assert_array_equal(recording.data[:, 0], np.arange(50))
    assert recording.channels[0].unit == "a.u."
    assert len(said) == 1
    assert "no range in the header" in said[0]


GOOD = EdfFile([Signal("GMAX", ramp(2, 50)), Signal("BF", ramp(2, 50))], tals=STARTS[:2]).data()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", r"the file is empty \(0 bytes\)"),
        (b"time_s,GMAX\n0,1\n" * 40, "neither EDF nor BDF"),
        (GOOD[:100], "ends within its header after 100 bytes"),
        (GOOD[:300], "says 3 signals, and ends within its header after 300 bytes"),
        (GOOD[:1024], "holds no whole record"),
        (GOOD[:1100], "holds no whole record"),
        (EdfFile([Signal("GMAX", ramp(1, 50))], n_signals="0").data(), "number of signals is '0'"),
        (EdfFile([Signal("GMAX", ramp(1, 50))], n_signals="9999").data(), "says 9999 signals"),
        (EdfFile([Signal("GMAX", ramp(1, 50))], record_s="0").data(), "a record of 0 s"),
        (EdfFile([Signal("GMAX", ramp(1, 50))], record_s="-1").data(), "a record of -1 s"),
        (EdfFile([Signal("GMAX", ramp(1, 50))], record_s="soon").data(), "duration of a record is 'soon', no number"),
        (EdfFile([Signal("GMAX", ramp(1, 50), digital=("x", "9"))]).data(), r"digital minimum of signal 1 \('GMAX'\)"),
        (EdfFile([], tals=STARTS).data(), "holds annotations and no signal"),
    ],
)
def test_what_is_no_recording_is_refused_with_the_reason(tmp_path: Path, data: bytes, says: str) -> None:
    (tmp_path / "x.edf").write_bytes(data)
    with pytest.raises(RecordingError, match=says) as caught:
        read_recording(tmp_path / "x.edf")
    assert caught.value.path == tmp_path / "x.edf"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no such file: check the name and the folder"):
        read_recording(tmp_path / "nothing.bdf")


def test_any_bytes_give_a_recording_or_a_recording_error(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    path = tmp_path / "x.edf"
    n_read = 0
    for _ in range(150):
        damaged = bytearray(GOOD)
        for at in rng.integers(0, len(GOOD), rng.integers(1, 30)).tolist():
            damaged[at] = int(rng.integers(0, 256))
        path.write_bytes(bytes(damaged))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", EmgOrderWarning)
            with suppress(RecordingError):
                n_read += read_recording(path).n_samples > 0
    assert 10 < n_read < 150


def test_muscles_unit_and_rate_can_be_told(load: Callable[..., tuple[Recording, list[str]]]) -> None:
    tals = ["+0\x14\x14\x00+0.5\x14cue/R\x14\x00"]
    file = EdfFile([Signal("ch 1", ramp(1, 100), ""), Signal("ch 2", ramp(1, 100), "")], tals=tals)
    recording, said = load(file, muscles={"GMAX_R": "ch 2"}, unit="mV", sampling_frequency=200.0)
    assert [c.target_muscle for c in recording.channels] == ["", "GMAX"]
    np.testing.assert_array_equal(recording.data[:3, 0], [0, 0.1 / 1e3, 0.2 / 1e3])
    assert recording.sampling_frequency == 200.0
    assert recording.events["onset"].tolist() == [0.25]
    assert len(said) == 1
    assert "says 100 Hz: read as 200 Hz, as told" in said[0]
