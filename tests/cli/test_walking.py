"""Gait of a real person, the only free recording with a glute and a hamstring."""

from __future__ import annotations

from pathlib import Path

import pytest

from emgorder import read_result
from emgorder.cli import main


def test_the_hamstring_leads_in_nearly_every_walking_cycle(
    data_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    walk = data_folder / "musclesynergies_walking" / "walk_right_leg.csv"
    saved = tmp_path / "walk.json"
    code = main(["analyse", str(walk), "--muscles", "GMAX=MA,BF=BF", "--task", "cyclic", "--json", str(saved)])
    assert code == 0
    assert "amstring first in" in capsys.readouterr().out
    order = read_result(saved).order
    assert 7 <= len(order) <= 8
    assert (order.loc[order["valid"], "onset_difference_ms"] > 0).sum() >= 6
