"""Whatever a vendor's file holds, reading it ends in a recording or in an error that names the file."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from emgorder.errors import RecordingError
from emgorder.io import read_recording

_STARTS = {
    "opensignals": b'# OpenSignals Text File Format. Version 1\n# {"00:07": {"sampling rate": 1000, "resolution": '
    b'[4, 1, 10], "sensor": ["EMG"], "label": ["A1"], "column": ["nSeq", "I1", "A1"]}}\n# EndOfHeader\n0\t0\t500\t\n',
    "openbci": b"%OpenBCI Raw EXG Data\n%Sample Rate = 250 Hz\nSample Index, EXG Channel 0, Timestamp\n0, 1.5, 17.5\n",
    "chords": b"Counter,Channel1\n0,512\n1,513\n",
    "myo": b"timestamp,emg1,emg2,emg3,emg4,emg5,emg6,emg7,emg8\n0,1,2,3,4,5,6,7,8\n5000,1,2,3,4,5,6,7,8\n",
}
_PIECES = st.sampled_from(
    [
        b"\n",
        b"\t",
        b",",
        b"nan",
        b"-1",
        b"1e308",
        b"1e999",
        b"\xff\xfe",
        b"\x00",
        b'"',
        b"%",
        b"# {",
        b"}",
        b"0",
        b"\xce\xbc",
    ]
)


@pytest.mark.parametrize("kind", _STARTS)
@settings(max_examples=60)
@given(
    cut=st.integers(0, 400),
    pieces=st.lists(st.tuples(st.integers(0, 400), _PIECES), max_size=6),
    tail=st.binary(max_size=60),
)
@example(cut=400, pieces=[], tail=b"")
def test_a_damaged_file_ends_in_a_recording_or_a_clear_error(
    kind: str, cut: int, pieces: list[tuple[int, bytes]], tail: bytes
) -> None:
    content = _STARTS[kind][:cut]
    for place, piece in pieces:
        content = content[:place] + piece + content[place:]
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / "x.txt"
        path.write_bytes(content + tail)
        try:
            read_recording(path, sampling_frequency=500)
        except RecordingError as error:
            refused = error
        else:
            return  # a recording checks its own shape
    assert refused.path == path
