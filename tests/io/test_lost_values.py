"""Cells that hold no usable number are lost samples, wherever they stand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from emgorder.errors import EmgOrderWarning
from emgorder.io import read_recording


@pytest.mark.parametrize("word", ["NaN", "NA"])
def test_a_recording_may_begin_with_lost_samples_in_words(tmp_path: Path, word: str) -> None:
    path = tmp_path / "late.csv"
    rows = [f"{i / 1000:.3f},{word},{word}" if i < 250 else f"{i / 1000:.3f},{i % 7},{i % 5}" for i in range(400)]
    path.write_text("\n".join(["time_s,GMAX_R_uV,BF_R_uV", *rows]), encoding="utf-8")
    with pytest.warns(EmgOrderWarning, match="lost sample"):
        recording = read_recording(path)
    assert [c.label for c in recording.channels] == ["GMAX_R", "BF_R"]
    assert np.flatnonzero(np.isfinite(recording.data[:, 0])).tolist() == list(range(250, 400))


def test_a_value_beyond_any_sensor_is_a_lost_sample(tmp_path: Path) -> None:
    path = tmp_path / "absurd.csv"
    rows = [f"{i / 1000:.3f},{'1e300' if i == 4 else i % 7},{i % 5}" for i in range(40)]
    path.write_text("\n".join(["time_s,GMAX_R_uV,BF_R_uV", *rows]), encoding="utf-8")
    with pytest.warns(EmgOrderWarning, match="row 6, column GMAX_R_uV: .*beyond any sensor"):
        recording = read_recording(path)
    assert np.flatnonzero(np.isnan(recording.data[:, 0])).tolist() == [4]
