"""The fast reader and the careful one agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgorder.io import table
from emgorder.io.remarks import Remarks
from emgorder.io.table import Table, read_table

numbers = st.floats(-1e6, 1e6).map(lambda x: f"{x:.10g}") | st.just("")


def load(text: str) -> tuple[Table, tuple[str, ...]]:
    remarks = Remarks("f.csv")
    return read_table(text.encode(), Path("f.csv"), remarks), remarks.texts()


@settings(deadline=None)
@given(
    st.lists(st.tuples(numbers, numbers, st.sampled_from(["", "lift/R", "nan", "=x"])), min_size=1, max_size=30),
    st.sampled_from([(",", "."), (";", ","), ("\t", ","), (";", ".")]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_both_readers_give_the_same_table(
    rows: list[tuple[str, str, str]], signs: tuple[str, str], line_end: str
) -> None:
    delimiter, decimal = signs
    cells = [["time_s", "GMAX_uV", "BF_uV", "event"]]
    cells += [
        [f"{i / 1000:.3f}".replace(".", decimal), *(c.replace(".", decimal) for c in r[:2]), r[2]]
        for i, r in enumerate(rows)
    ]
    text = line_end.join(delimiter.join(row) for row in cells) + line_end
    fast, fast_remarks = load(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table, "_read_fast", lambda *_: None)
        careful, careful_remarks = load(text)
    np.testing.assert_array_equal(fast.values, careful.values)
    np.testing.assert_array_equal(fast.rows, careful.rows)
    assert fast.event_cells == careful.event_cells
    assert fast.headers == careful.headers
    assert fast_remarks == careful_remarks == ()


def test_a_regular_file_takes_the_fast_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "_read_carefully", lambda *_: pytest.fail("read cell by cell"))
    read, _ = load("time_s,GMAX_uV,event\n0.000,1,\n0.001,,lift/R\n0.002,3,nancy\n")
    assert read.event_cells == ("", "lift/R", "nancy")


@pytest.mark.parametrize("spoilt", ["0.001,x", "0.001,nan", "0.001,1e999", "0.001", "0.001,1,2", '0.001,"1"', ""])
def test_what_the_fast_reader_cannot_judge_goes_to_the_careful_one(
    monkeypatch: pytest.MonkeyPatch, spoilt: str
) -> None:
    asked: list[bool] = []
    careful = table._read_carefully
    monkeypatch.setattr(table, "_read_carefully", lambda *a: (asked.append(True), careful(*a))[1])
    load(f"time_s,GMAX_uV\n0.000,1\n{spoilt}\n0.002,3\n")
    assert asked == [True]


def test_a_delimiter_too_many_does_not_make_up_for_one_too_few() -> None:
    read, remarks = load("time_s,GMAX_uV,BF_uV\n0.000,1,2,9\n0.0013\n0.002,4,5\n0.003,6\n")
    np.testing.assert_array_equal(read.values[:, 1:], [[1, 2], [np.nan, np.nan], [4, 5], [6, np.nan]])
    assert len(remarks) == 2
    assert "row 2: 4 cells under 3 headers" in remarks[0]
    assert "row 3, column GMAX_uV: 1 cell under 3 headers: lost samples (1 more like this)" in remarks[1]


def test_quotes_around_decimal_commas_are_read() -> None:
    read, remarks = load('time_s,GMAX_uV\n"0,000","1,5"\n"0,001","-2,5"\n')
    assert read.values.tolist() == [[0.0, 1.5], [0.001, -2.5]]
    assert remarks == ()


def test_a_true_minus_sign_is_a_minus() -> None:
    assert load("time_s,GMAX_uV\n0.000,−1\n0.001,−2.5\n")[0].values[:, 1].tolist() == [-1.0, -2.5]


def test_rows_are_file_lines() -> None:
    read, _ = load("# made by X\ntime_s,GMAX_uV\n0.000,1\n0.001,2\n")
    assert read.rows.tolist() == [3, 4]
