"""Text files of the OpenBCI GUI, old and new: columns, microvolts, packet numbers, markers, damage."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from emgorder.errors import RecordingError
from emgorder.model import FloatArray, Recording

Read = Callable[..., tuple[Recording, list[str]]]
Refuse = Callable[..., RecordingError]

_CYTON = (
    "Sample Index, EXG Channel 0, EXG Channel 1, Accel Channel 0, Accel Channel 1, Accel Channel 2, Not Used, "
    "Analog Channel 0, Timestamp, Marker Channel, Timestamp (Formatted)"
)


def samples(rows: int) -> FloatArray:
    return np.random.default_rng(3).normal(0, 40, (rows, 2)).round(4)


def version_5(
    rows: int = 600, *, lost: range = range(0), step: int = 1, rate: int = 250, board: str = "BoardCytonSerial"
) -> str:
    """Return a file of version 5 with the columns of a Cyton (two channels for short)."""
    head = [
        "%OpenBCI Raw EXG Data",
        "%Number of channels = 2",
        f"%Sample Rate = {rate} Hz",
        f"%Board = OpenBCI_GUI${board}",
    ]
    lines = [
        f"{step * i % 256}.0, {a}, {b}, 0.1, 0.0, 0.9, 0.0, 0.0, {1710000000 + i / rate:.6f}, "
        f"{3.0 if i == 100 else 0.0}, 2024-03-09 16:00:{i / rate:09.6f}"
        for i, (a, b) in enumerate(samples(rows))
        if i not in lost
    ]
    return "\n".join([*head, _CYTON, *lines]) + "\n"


def version_3(rows: int = 600) -> str:
    """Return a file of version 3, 8 channels."""
    head = [
        "%OpenBCI Raw EEG Data",
        "%",
        "%Sample Rate = 250.0 Hz",
        "%First Column = SampleIndex",
        "%Last Column = Timestamp ",
        "%Other Columns = EEG data in microvolts followed by Accel Data (in G) interleaved with Aux Data",
    ]
    lines = [
        f"{i % 256}, {a}, {b}" + ", -187500.02" * 6 + ", 0.000, 0.000, 0.000, 15:31:23.878"
        for i, (a, b) in enumerate(samples(rows))
    ]
    return "\n".join([*head, *lines]) + "\n"


def version_4(rows: int = 600) -> str:
    """Return a file of version 4: as version 3, with the Unix time behind the time of day."""
    return (
        version_3(rows)
        .replace("15:31:23.878", "15:31:23.878, 1557936889064")
        .replace("%\n", "%Number of channels = 8\n", 1)
    )


def test_a_file_of_version_5_is_read_in_microvolts(read: Read) -> None:
    recording, warned = read(
        version_5(), name="OpenBCI-RAW.txt", muscles={"GMAX_L": "EXG Channel 0", "BF_L": "exg channel 1"}
    )
    assert warned == []
    assert recording.sampling_frequency == 250.0
    assert [(c.label, c.target_muscle, c.unit) for c in recording.channels] == [
        ("EXG Channel 0", "GMAX", "V"),
        ("EXG Channel 1", "BF", "V"),
    ]
    np.testing.assert_array_equal(recording.data, samples(600) / 1e6)
    assert recording.events.to_dict("records") == [{"onset": 0.4, "duration": 0.0, "trial_type": "marker/3"}]
    assert recording.meta["ManufacturersModelName"] == "BoardCytonSerial"
    assert recording.meta["RecordingStarted"] == "2024-03-09T16:00:00.000+00:00"


@pytest.mark.parametrize("text", [version_3(), version_4()])
def test_older_files_without_column_names_are_read(read: Read, text: str) -> None:
    recording, warned = read(text, name="OpenBCI-RAW.txt")
    assert recording.sampling_frequency == 250.0
    assert [c.label for c in recording.channels] == [f"EXG Channel {i}" for i in range(8)]
    np.testing.assert_array_equal(recording.data[:, :2], samples(600) / 1e6)
    assert len(warned) == 1
    assert "every sample is -0.1875 V: is the sensor connected?" in warned[0]


@pytest.mark.parametrize("lost", [range(50, 53), range(40, 296), range(10, 400)])
def test_lost_packets_are_gaps_even_whole_rounds_of_the_counter(read: Read, lost: range) -> None:
    recording, warned = read(version_5(lost=lost), name="x.txt")
    assert np.flatnonzero(np.isnan(recording.data[:, 0])).tolist() == list(lost)
    assert f"skips {len(lost)} samples" in warned[0]
    assert f"row {6 + lost.start}, column Sample Index" in warned[0]
    assert recording.events["onset"].tolist() == ([] if 100 in lost else [0.4])


def test_a_daisy_counts_by_two(read: Read) -> None:
    recording, warned = read(version_5(step=2, rate=125, board="BoardCytonSerialDaisy"), name="x.txt")
    assert warned == []
    assert recording.n_samples == 600


@pytest.mark.parametrize(("firmware", "numbers"), [(2, range(101)), (2, [0, *range(101, 201)]), (3, range(100, 200))])
def test_a_ganglion_sends_two_samples_a_packet(read: Read, firmware: int, numbers: list[int]) -> None:
    packets = [n for n in [*numbers, *numbers, *numbers] for _ in range(1 if n == 0 and firmware == 2 else 2)][:500]
    text = version_5(len(packets), rate=200, board="BoardGanglionNative")
    head, lines = text.splitlines()[:5], text.splitlines()[5:]
    lines = [f"{n}.0,{line.split(',', 1)[1]}" for n, line in zip(packets, lines, strict=True)]
    whole, warned = read("\n".join([*head, *lines]) + "\n", name="x.txt")
    assert warned == []
    assert whole.n_samples == len(packets)
    at = next(i for i in range(250, 254) if packets[i] != packets[i - 1])  # two packets are lost from here
    torn, warned = read("\n".join([*head, *lines[1:at], *lines[at + 4 :]]) + "\n", name="y.txt")
    assert torn.n_samples == len(packets) - 1
    assert np.flatnonzero(np.isnan(torn.data[:, 0])).tolist() == list(range(at - 1, at + 3))
    assert "skips 4 samples" in warned[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("%OpenBCI Raw EXG Data\n", "0 samples after the header"),
        ("%OpenBCI Raw EXG Data\n%Sample Rate = 250 Hz\nSample Index, EXG Channel 0\n", "0 samples after the header"),
        ("%OpenBCI Raw EXG Data\nSample Index, EXG Channel 0\n0, 1\n1, 2\n", "does not tell its rate"),
        ("%OpenBCI Raw EXG Data\n%Sample Rate = x Hz\nSample Index, EXG Channel 0\n0, 1\n1, 2\n", "not tell its rate"),
        (
            "%OpenBCI Raw EXG Data\n%Sample Rate = 250 Hz\nSample Index, Accel 0\n0, 1\n1, 2\n",
            "no column 'EXG Channel'",
        ),
        ("%OpenBCI Raw EEG Data\n%Sample Rate = 250 Hz\n0, 1\n1, 2\n", "no index, channels and accelerometer"),
        ("%OpenBCI" + "%\n" * 5000, "no index, channels and accelerometer"),
    ],
)
def test_a_damaged_file_is_refused_with_the_remedy(refuse: Refuse, text: str, message: str) -> None:
    assert message in str(refuse(text, name="x.txt"))


def test_a_torn_last_row_is_lost(read: Read) -> None:
    recording, warned = read(version_5()[:-75], name="x.txt")
    assert recording.n_samples in (599, 600)
    assert warned
