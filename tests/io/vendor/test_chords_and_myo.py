"""CSV files of Chords and of the Myo armband, told from our own tables by their headers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import emgorder as eo
from emgorder.errors import RecordingError
from emgorder.model import Recording

Read = Callable[..., tuple[Recording, list[str]]]
Refuse = Callable[..., RecordingError]


def chords(rows: int = 700, *, lost: range = range(0), comment: str = "") -> str:
    counts = np.random.default_rng(4).integers(0, 4096, (rows, 3))
    lines = [f"{i % 256},{a},{b},{c}" for i, (a, b, c) in enumerate(counts) if i not in lost]
    return "\n".join([comment + "Counter,Channel1,Channel2,Channel3", *lines]) + "\n"


def myo(rows: int = 1000, *, ticks: float = 1e6, start: float = 1_456_704_054_000_000, lost: range = range(0)) -> str:
    """Return a file whose stamps are shared by the two samples of a packet."""
    values = np.random.default_rng(5).integers(-128, 128, (rows, 8))
    lines = [
        f"{start + ticks * (i // 2) / 100:.6f}".rstrip("0").rstrip(".") + "," + ",".join(map(str, row))
        for i, row in enumerate(values)
        if i not in lost
    ]
    return "\n".join(["timestamp," + ",".join(f"emg{i}" for i in range(1, 9)), *lines]) + "\n"


def test_chords_needs_the_rate_and_keeps_counts(read: Read, refuse: Refuse) -> None:
    error = refuse(chords(), name="ChordsWeb-20240101.csv")
    assert "give sampling_frequency= (command line: --sampling-frequency)" in str(error)
    recording, warned = read(
        chords(), name="ChordsWeb-20240101.csv", sampling_frequency=500, muscles={"GMAX": "Channel1", "BF": "Channel2"}
    )
    assert warned == []
    assert [(c.label, c.target_muscle, c.unit) for c in recording.channels] == [
        ("Channel1", "GMAX", "a.u."),
        ("Channel2", "BF", "a.u."),
        ("Channel3", "", "a.u."),
    ]
    np.testing.assert_array_equal(recording.data, np.random.default_rng(4).integers(0, 4096, (700, 3)))
    assert any("filtered" in note for note in recording.notes)


def test_chords_counter_shows_what_was_lost(read: Read) -> None:
    recording, warned = read(
        chords(lost=range(300, 400), comment="# session 1\n"), name="x.csv", sampling_frequency=500
    )
    assert np.flatnonzero(np.isnan(recording.data[:, 0])).tolist() == list(range(300, 400))
    assert "row 303, column Counter" in warned[0]
    assert "skips 100 samples" in warned[0]


@pytest.mark.parametrize(("ticks", "start"), [(1e6, 1_456_704_054_000_000), (1.0, 1_710_000_000.5), (1e3, 0)])
def test_myo_stamps_are_read_in_whatever_unit_gives_200_Hz(read: Read, ticks: float, start: float) -> None:
    recording, warned = read(myo(ticks=ticks, start=start), name="emg-1456704054.csv")
    assert warned == []
    assert recording.sampling_frequency == 200.0
    assert recording.n_samples == 1000
    np.testing.assert_array_equal(recording.data, np.random.default_rng(5).integers(-128, 128, (1000, 8)))
    assert {c.unit for c in recording.channels} == {"a.u."}


def test_a_pause_of_the_myo_is_a_gap_as_long(read: Read) -> None:
    recording, warned = read(myo(lost=range(400, 500)), name="emg.csv")
    assert recording.n_samples == pytest.approx(1000, abs=2)
    assert np.isnan(recording.data[:, 0]).sum() == pytest.approx(100, abs=2)
    assert any("missing" in w for w in warned)


def test_a_myo_gives_no_order_of_two_muscles(read: Read) -> None:
    recording, _ = read(myo(), name="emg.csv", muscles={"GMAX_R": "emg1", "BF_R": "emg2"})
    assert recording.clock.method == "unknown"
    assert "one armband" in recording.meta["NoOrderVerdict"]
    assert not any(side.possible for side in eo.analyse(recording).sides)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Counter,Channel1,Channel2\n", "0 samples"),
        ("timestamp," + ",".join(f"emg{i}" for i in range(1, 9)) + "\n", "0 samples"),
        (myo(ticks=5e9), "no times at about 200 Hz"),
        (myo(rows=1), "no times at about 200 Hz"),
    ],
)
def test_a_damaged_file_is_refused_with_the_remedy(refuse: Refuse, text: str, message: str) -> None:
    assert message in str(refuse(text, name="x.csv", sampling_frequency=500))


@pytest.mark.parametrize(
    "text",
    [
        "time_s,emg1,emg2,emg3,emg4,emg5,emg6,emg7,emg8\n"
        + "".join(f"{i / 200},1,2,3,4,5,6,7,{i % 9}\n" for i in range(50)),
        "time_s,Channel1\n" + "".join(f"{i / 500},{i % 7}\n" for i in range(50)),
        "timestamp,GMAX\n" + "".join(f"{i / 500},{i % 7}\n" for i in range(50)),
    ],
)
def test_a_table_of_our_own_is_read_as_before(read: Read, text: str) -> None:
    recording, _ = read(text)
    assert recording.n_samples == 50
    assert "Manufacturer" not in recording.meta
