"""Files that are no tables of EMG: refused with what to do; whatever else is in a file, it is read or refused."""

from __future__ import annotations

import gzip
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgorder.errors import EmgOrderWarning, RecordingError
from emgorder.io import read_recording

Refuse = Callable[..., RecordingError]


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (b"", "copy it again"),
        (b"\n\n  \n", "0 samples"),
        (b"time_s,GMAX_R_uV\n", "0 samples"),
        (b"time_s,GMAX_R_uV", "0 samples"),
        (gzip.compress(b"time_s,GMAX_R_uV\n0,1\n"), "unpack it"),
        (b"PK\x03\x04" + bytes(range(1, 200)), "save the sheet as CSV"),
        (bytes(range(1, 256)) * 20, "export it as CSV"),
        (b"time_s\n0\n0.001\n0.002\n", "add one a muscle"),
        (b"GMAX,BF\n1,2\n3,4\n", "give sampling_frequency="),
        (b"GMAX\n1\n2\n3\n", "give sampling_frequency="),
        ("time_s;GMAX\n0;1\n".encode("utf-16")[:-1], "save it as UTF-8"),
    ],
    ids=[
        "empty",
        "blank",
        "header",
        "header without line end",
        "gzip",
        "workbook",
        "binary",
        "only time",
        "no rate",
        "one column without a rate",
        "torn UTF-16",
    ],
)
def test_what_is_no_recording_is_refused_with_a_remedy(refuse: Refuse, content: bytes, remedy: str) -> None:
    assert remedy in str(refuse(content))


def test_a_nul_byte_in_the_middle_is_refused_with_its_row(refuse: Refuse, lines: list[str]) -> None:
    lines[20] = lines[20][:4] + "\0" + lines[20][5:]
    error = refuse(lines)
    assert error.row == 21
    assert "copy it again" in str(error)


def test_random_bytes_are_refused(refuse: Refuse) -> None:
    error = refuse(np.random.default_rng(3).bytes(10_000))
    assert "not text" in str(error)


def test_words_alone_are_refused_with_their_row(refuse: Refuse) -> None:
    error = refuse("name,muscle\nbob,glute\n")
    assert error.row == 2
    assert "'bob glute'" in str(error)
    assert "export the samples as numbers" in str(error)


def test_a_table_on_its_side_is_refused(refuse: Refuse) -> None:
    error = refuse([",".join(str(i) for i in range(3000))] * 3, sampling_frequency=1000)
    assert (error.row, error.column) == (1, 513)
    assert "transpose" in str(error)


def test_decimal_commas_between_commas_are_refused(refuse: Refuse, lines: list[str]) -> None:
    error = refuse([lines[0], *(line.replace(".", ",") for line in lines[1:])])
    assert (error.row, error.column) == (2, 4)
    assert "export with semicolons" in str(error)


def test_a_quote_that_never_closes_is_refused_with_its_row(refuse: Refuse, lines: list[str]) -> None:
    lines[20] = '"' + lines[20]
    error = refuse(lines)
    assert error.row == 21
    assert "quote" in str(error)
    assert "delete it" in str(error)


def test_a_quote_that_closes_much_later_is_refused_with_its_row(refuse: Refuse) -> None:
    rows = [f"{i / 1000:.3f},{i % 7}" for i in range(400)]
    rows[20] = '"' + rows[20]
    rows[300] += '"'
    error = refuse(["time_s,GMAX_uV", *rows])
    assert error.row == 22
    assert "quote is opened and not closed" in str(error)


def test_a_lone_carriage_return_between_numbers_is_refused_with_its_row(refuse: Refuse) -> None:
    error = refuse("GMAX_uV\n1\n2\r3\n4\n", sampling_frequency=1000)
    assert error.row == 3
    assert "delete it" in str(error)


@pytest.mark.parametrize("n_characters", [200_000, 2_000_000])
def test_a_line_too_long_for_a_row_is_refused(refuse: Refuse, lines: list[str], n_characters: int) -> None:
    error = refuse(["B" * n_characters, *lines] if n_characters < 1_000_000 else "B" * n_characters)
    assert error.row == 1
    assert "export as CSV" in str(error)


def test_times_of_day_are_refused_with_an_example(refuse: Refuse) -> None:
    error = refuse(["time,GMAX_uV", *(f"10:00:00.{i:03},{i % 7}" for i in range(30))])
    assert error.column == "time"
    assert "'10:00:00.000'" in str(error)
    assert "give sampling_frequency=" in str(error)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_whatever_is_in_a_file_it_is_read_or_refused(data: st.DataObject) -> None:
    good = "time_s,GMAX_R_uV,BF_R_uV,event\n" + "".join(f"{i / 1000:.3f},{i % 7},{i % 5},\n" for i in range(30))
    content = bytearray(good.encode())
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(content)))
        until = data.draw(st.integers(at, min(len(content), at + 40)))
        content[at:until] = data.draw(
            st.binary(max_size=6)
            | st.sampled_from([b",", b"\n", b'"', b"\r", b"1e400", b";", b"inf", b"-", b"\xff\xfe"])
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "session.csv"
        path.write_bytes(bytes(content))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", EmgOrderWarning)
            try:
                recording = read_recording(path)
            except RecordingError:
                return
    assert recording.n_samples > 0
    assert not np.isinf(recording.data).any()
