"""XDF files: which streams are EMG, on whose clock, and what damage costs."""

from __future__ import annotations

import gzip
import struct
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import emgorder as eo
from emgorder.cli.main import main
from emgorder.errors import EmgOrderWarning, MissingExtraError, RecordingError
from emgorder.model import FloatArray, Recording
from tests.rigs.xdf_file import Stream, chunk, number, xdf

RATE = 1000.0


def noise(rows: int = 3000, columns: int = 2, seed: int = 1) -> FloatArray:
    return np.random.default_rng(seed).normal(0, 40, (rows, columns))


def emg(rows: int = 3000, *, start_s: float = 5000.0, rate: float = RATE, **changes: object) -> Stream:
    """Return a stream of two muscles in microvolts."""
    keep: dict[str, object] = {
        "name": "Amp",
        "kind": "EMG",
        "rate": rate,
        "labels": ("GMAX_R", "BF_R"),
        "units": ("microvolts", "microvolts"),
    }
    return Stream(time_s=start_s + np.arange(rows) / rate, values=noise(rows), **{**keep, **changes})  # type: ignore[arg-type]


def marks(times_s: list[float], texts: list[str], **changes: object) -> Stream:
    return Stream("Marks", "Markers", np.array(times_s), texts, data_format="string", **changes)  # type: ignore[arg-type]


def read(
    tmp_path: Path, content: bytes, *, name: str = "session.xdf", **options: object
) -> tuple[Recording, list[str]]:
    path = tmp_path / name
    path.write_bytes(content)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        recording = eo.read_recording(path, **options)  # type: ignore[arg-type]
    assert all(issubclass(w.category, EmgOrderWarning) for w in caught)
    return recording, [str(w.message) for w in caught]


def test_one_stream_is_read_exactly_with_labels_units_and_markers_on_one_clock(tmp_path: Path) -> None:
    content = xdf(
        emg(offset_s=-5000.0),
        marks([70.25, 71.5], ["lift/R", "note"], offset_s=-70.0),
        Stream("Mouse", "Position", np.arange(10.0), noise(10, 2)),
    )
    recording, warned = read(tmp_path, content)
    assert warned == []
    assert recording.sampling_frequency == RATE
    assert [(c.label, c.target_muscle, c.side, c.unit) for c in recording.channels] == [
        ("GMAX_R", "GMAX", "R", "V"),
        ("BF_R", "BF", "R", "V"),
    ]
    np.testing.assert_array_equal(recording.data, noise() / 1e6)
    assert recording.events["trial_type"].tolist() == ["lift/R", "note"]
    np.testing.assert_allclose(recording.events["onset"], [0.25, 1.5], atol=1e-6)
    assert recording.clock == eo.Sync()
    assert any("Mouse" in note and "left out" in note for note in recording.notes)


@pytest.mark.parametrize("data_format", ["float32", "int16", "int32", "int8"])
def test_every_number_format_and_times_that_are_left_out(tmp_path: Path, data_format: str) -> None:
    values = np.random.default_rng(2).integers(-128, 128, (600, 2)).astype(np.float64)
    stream = emg(600, data_format=data_format, stamp_all=False, units=("counts", ""))
    stream.values = values
    recording, _ = read(tmp_path, xdf(stream))
    np.testing.assert_array_equal(recording.data, values)
    assert {c.unit for c in recording.channels} == {"a.u."}
    assert recording.sampling_frequency == RATE


def test_late_chunks_do_not_move_samples_and_a_pause_is_a_gap(tmp_path: Path) -> None:
    stream = emg()
    kept = np.delete(np.arange(3000), np.arange(1000, 1400))
    late = np.repeat(np.random.default_rng(3).exponential(0.002, 52), 50)
    stream.time_s, stream.values = stream.time_s[kept] + late, noise()[kept]
    recording, warned = read(tmp_path, xdf(stream))
    assert recording.n_samples == pytest.approx(3000, abs=1)
    assert recording.sampling_frequency == RATE
    lost = np.flatnonzero(np.isnan(recording.data[:, 0]))
    assert lost.size == pytest.approx(400, abs=1)
    assert (lost[0], np.ptp(lost) + 1) == (1000, lost.size)
    assert any("missing before this one" in w for w in warned)


def test_the_file_says_when_it_was_begun(tmp_path: Path) -> None:
    for begun, expected in {
        "2024-03-09T16:00:00+0100": "2024-03-09T16:00:00+01:00",
        "2024-03-09T16:00:00.25Z": "2024-03-09T16:00:00.250000+00:00",
        "soon": None,
        "": None,
    }.items():
        recording, _ = read(tmp_path, xdf(emg(), begun=begun))
        assert recording.meta.get("RecordingStarted") == expected


def test_a_compressed_file_is_read(tmp_path: Path) -> None:
    recording, _ = read(tmp_path, gzip.compress(xdf(emg(500))), name="session.xdfz")
    assert recording.n_samples == 500


def chirp(time_s: FloatArray) -> FloatArray:
    return np.sin(2 * np.pi * (20 + 3 * time_s) * time_s)


def two_sensors(**second: object) -> tuple[Stream, Stream]:
    """Return two streams of one signal, sampled at other instants and rates by other clocks."""
    one_s, two_s = 100 + np.arange(8000) / 1000.02, 100.0123 + np.arange(4000) / 499.98
    shift = {"offset_s": -100.0}
    one = Stream("left", "EMG", one_s, chirp(one_s - 100)[:, None], 1000.0, ("GMAX_R",), ("uV",), **shift)  # type: ignore[arg-type]
    changes = {"offset_s": -1100.0, "host": "tablet", **second}
    two = Stream("right", "EMG", two_s + 1000, chirp(two_s - 100)[:, None], 500.0, ("BF_R",), ("uV",), **changes)  # type: ignore[arg-type]
    return one, two


def test_two_sensors_come_onto_one_time_base_with_what_is_known_of_their_clocks(tmp_path: Path) -> None:
    recording, _ = read(tmp_path, xdf(*two_sensors()))
    assert recording.sampling_frequency == pytest.approx(1000.0, rel=1e-4)
    assert [c.label for c in recording.channels] == ["GMAX_R", "BF_R"]
    both = np.isfinite(recording.data).all(axis=1)
    assert both.sum() > 7900
    inside = np.flatnonzero(both)[50:-50]
    assert np.abs(recording.data[inside, 0] - recording.data[inside, 1]).max() < 0.05e-6
    assert [s["id"] for s in recording.meta["Sensors"]] == ["left", "right"]
    assert [s["rate_Hz"] for s in recording.meta["Sensors"]] == pytest.approx([1000.02, 499.98], rel=1e-6)
    assert recording.clock.method == "LSL time stamps"
    assert recording.clock.sd_s == pytest.approx(0.015, rel=0.2)


def test_two_sensors_of_one_model_agree_better(tmp_path: Path) -> None:
    one, two = two_sensors(model="EMGO1")
    one.model = "EMGO1"
    recording, _ = read(tmp_path, xdf(one, two))
    assert 0.001 < recording.clock.sd_s < 0.004


def test_clocks_that_nobody_compared_give_no_verdict(tmp_path: Path) -> None:
    one, two = two_sensors(n_offsets=0)
    two.time_s -= 1100  # runs along with the other by chance
    recording, warned = read(tmp_path, xdf(one, two))
    assert recording.clock == eo.Sync("unknown")
    assert len(warned) == 1
    assert "no clock offsets for 'right'" in warned[0]


def test_streams_that_do_not_run_at_one_time_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"'left' and 'right' do not run at one time \(1e\+09 s lie between\)"):
        read(tmp_path, xdf(*two_sensors(offset_s=1e9)))


def test_two_muscles_of_one_stream_share_its_clock_beside_another_sensor(tmp_path: Path) -> None:
    spare = emg(kind="EMG", name="Other", labels=("ES_R", "GMED_R"))
    recording, _ = read(tmp_path, xdf(emg(), spare))
    assert len(recording.channels) == 4
    assert recording.clock == eo.Sync()


def test_labels_that_two_streams_share_are_told_apart_and_found_by_stream(tmp_path: Path) -> None:
    one, two = emg(name="left", labels=("ch1", "ch2")), emg(name="right", labels=("ch1", "ch2"))
    recording, _ = read(tmp_path, xdf(one, two), muscles={"GMAX_R": "left/ch1", "BF_R": "right/ch2"})
    assert [c.label for c in recording.channels] == ["left ch1", "left ch2", "right ch1", "right ch2"]
    assert [c.target_muscle for c in recording.channels] == ["GMAX", "", "", "BF"]


def test_streams_that_are_not_named_emg_are_chosen_by_their_channels(tmp_path: Path) -> None:
    content = xdf(emg(kind="EEG", name="A", labels=("1", "2")), emg(kind="Bio", name="B", labels=("3", "4")))
    with pytest.raises(RecordingError, match=r"no stream of type EMG among A \(type EEG: 1, 2\); B .*--muscles GMAX="):
        read(tmp_path, content)
    recording, _ = read(tmp_path, content, muscles={"GMAX": "B/3", "BF": "4"})
    assert [c.label for c in recording.channels] == ["3", "4"]


def test_the_only_stream_of_signals_is_taken_whatever_its_type(tmp_path: Path) -> None:
    recording, _ = read(tmp_path, xdf(emg(kind=""), marks([5000.5], ["tap"])))
    assert recording.n_samples == 3000
    assert any("no stream of type EMG" in note for note in recording.notes)


def test_channels_of_other_kinds_are_left_out(tmp_path: Path) -> None:
    recording, _ = read(tmp_path, xdf(emg(kinds=("EMG", "ACC"))))
    assert [c.label for c in recording.channels] == ["GMAX_R"]


def test_a_stream_without_a_rate_tells_it_by_its_times(tmp_path: Path) -> None:
    recording, _ = read(tmp_path, xdf(emg(rate=RATE), emg(rate=RATE, name="x")))
    assert recording.sampling_frequency == RATE
    stream = emg()
    stream.rate = 0.0
    recording, _ = read(tmp_path, xdf(stream))
    assert recording.sampling_frequency == RATE
    assert any("names no rate" in note for note in recording.notes)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.97])
def test_a_torn_file_keeps_what_was_whole(tmp_path: Path, share: float) -> None:
    whole = xdf(emg())
    recording, warned = read(tmp_path, whole[: int(share * len(whole))])
    assert 0.8 * share * 3000 < recording.n_samples <= 3000
    np.testing.assert_array_equal(recording.data, noise()[: recording.n_samples] / 1e6)
    assert any("ends within a chunk" in w for w in warned)


def test_after_damage_reading_goes_on_at_the_next_boundary(tmp_path: Path) -> None:
    content = bytearray(xdf(emg()))
    content[15_000:17_000] = b"\xff" * 2000  # longer than a chunk
    recording, warned = read(tmp_path, bytes(content))
    assert recording.n_samples == 3000
    assert 50 <= np.isnan(recording.data[:, 0]).sum() <= 700
    assert any("made no sense" in w for w in warned)


_BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
    + "]><info><name>&j;</name></info>"
).encode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"EDF:" + bytes(100), "is no XDF file"),
        (b"XDF:", "holds no stream"),
        (b"XDF:" + bytes(1000), "holds no stream"),
        (b"XDF:" + chunk(2, struct.pack("<I", 1) + _BOMB), "holds no stream"),
        (b"\x1f\x8b" + bytes(50), "broken gzip"),
        (gzip.compress(b"XDF:" + bytes(1 << 27)), "unpacks to more than 64 MiB"),
        (xdf(emg(0)), "no stream holds samples"),
        (xdf(emg()).replace(b"<channel_count>2<", b"<channel_count>9<"), "no stream holds samples"),
        (xdf(emg()).replace(b"<nominal_srate>1000.0<", b"<nominal_srate>nan   <"), "holds no stream"),
        (xdf(emg()).replace(b"double64", b"double65"), "holds no stream"),
    ],
)
def test_what_is_no_recording_is_refused_with_the_remedy(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(RecordingError) as caught:
        read(tmp_path, content)
    assert message in str(caught.value)
    assert caught.value.path == tmp_path / "session.xdf"


def test_a_chunk_that_announces_more_samples_than_it_holds_takes_no_memory(tmp_path: Path) -> None:
    header = chunk(2, struct.pack("<I", 1) + marks([0.0], ["x"]).header())
    greedy = chunk(3, struct.pack("<I", 1) + struct.pack("<BQ", 8, 2**40) + bytes(30))
    recording, warned = read(tmp_path, xdf(emg(500)) + header.replace(b"", b"", 1) + greedy)
    assert recording.n_samples == 500
    assert any("made no sense" in w for w in warned)


def test_a_missing_extra_is_named_with_its_install_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyxdf", None)
    with pytest.raises(MissingExtraError, match=r'pip install "emgorder\[formats\]"'):
        read(tmp_path, xdf(emg(100)))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no such file"):
        eo.read_recording(tmp_path / "none.xdf")


_WHOLE = xdf(emg(200), marks([5000.1], ["lift/R"]))


@settings(max_examples=20)
@example(places=[(6, b"\0")], cut=0)  # of the head of the file nothing is left
@given(
    places=st.lists(st.tuples(st.integers(0, len(_WHOLE) - 1), st.binary(min_size=1, max_size=8)), max_size=4),
    cut=st.integers(0, len(_WHOLE)),
)
def test_hostile_bytes_end_in_a_recording_or_a_clear_error(places: list[tuple[int, bytes]], cut: int) -> None:
    content = bytearray(_WHOLE[:cut] if cut % 2 else _WHOLE)
    for place, piece in places:
        content[place : place + len(piece)] = piece
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "session.xdf"
        try:
            read(Path(folder), bytes(content))
        except RecordingError as error:
            refused = error
        else:
            return  # a recording checks its own shape
    assert refused.path == path


def test_a_session_from_lab_streaming_layer_is_analysed_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session = eo.simulate_session(seed=3, n_lifts=5)
    stream = emg(session.n_samples, labels=("1", "2"), rate=session.sampling_frequency)
    stream.values = session.data * 1e6
    (tmp_path / "s.xdf").write_bytes(xdf(stream))
    code = main(["analyse", str(tmp_path / "s.xdf"), "--muscles", "GMAX_R=1,BF_R=Amp/2"])
    words = capsys.readouterr().out
    assert code == 0
    again = eo.analyse(eo.read_recording(tmp_path / "s.xdf", muscles={"GMAX_R": "1", "BF_R": "2"}))
    direct = eo.analyse(session)
    np.testing.assert_allclose(
        again.order["onset_difference_ms"], direct.order["onset_difference_ms"], atol=1e-3, equal_nan=True
    )
    assert "lifts" in words


def test_a_variable_length_number_is_as_in_the_specification() -> None:
    assert number(5) == b"\x01\x05"
    assert number(300) == b"\x04\x2c\x01\x00\x00"
