"""Tables of results are plain CSV that no spreadsheet runs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from emgorder.errors import RecordingError
from emgorder.io import write_table


def test_a_table_is_plain_csv_with_empty_cells_for_nan(tmp_path: Path) -> None:
    table = pd.DataFrame({"lift": [1, 2], "ms": [1.5, float("nan")], "valid": [True, False]})
    assert write_table(table, tmp_path / "t.csv").read_bytes() == b"lift,ms,valid\n1,1.5,True\n2,,False\n"


def test_a_name_that_looks_like_a_formula_is_not_run(tmp_path: Path) -> None:
    table = pd.DataFrame({"name": ["=cmd()", "plain", "-3"], "value": [-1.0, 2.0, 3.0]})
    text = write_table(table, tmp_path / "t.csv").read_text(encoding="utf-8")
    assert text == "name,value\n'=cmd(),-1.0\nplain,2.0\n'-3,3.0\n"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no such folder"):
        write_table(pd.DataFrame({"a": [1]}), tmp_path / "nowhere" / "t.csv")


def test_what_steers_a_terminal_or_turns_text_is_replaced(tmp_path: Path) -> None:
    table = pd.DataFrame({"channel": ["a\x1b[31m\u202eb\0"]})
    assert write_table(table, tmp_path / "t.csv").read_text(encoding="utf-8") == "channel\na\ufffd[31m\ufffdb\ufffd\n"
