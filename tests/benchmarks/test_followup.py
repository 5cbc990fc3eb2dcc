"""A tiny run of the follow-up benchmark: what it calls true is true, and its tables count what they say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.rigs.script import load_script

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def followup() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        yield load_script(FOLDER / "followup.py", "followup_benchmark")


def test_a_patient_is_seeded_and_has_a_trial_for_every_change(followup: Any) -> None:
    trials, again = followup.patient(5, 0.0), followup.patient(5, 0.0)
    assert [abs(t.true_s) for t in trials] == list(followup.CHANGES_S)
    assert [t.second.difference_s for t in trials] == [t.second.difference_s for t in again]
    assert len({t.second.difference_s for t in trials}) == len(trials)
    assert {t.placement_s for t in trials} == {(0.0, 0.0)}
    largest = trials[-1]
    assert (largest.second.difference_s - largest.first.difference_s) * largest.true_s > 0


def test_tables_count_what_is_inside_refused_and_said(followup: Any) -> None:
    from emgorder.model import SideResult

    side = SideResult("R", "cannot tell", 8, 8, 0, 0, 8, 0.05, 0.04, 0.06)
    moved = replace(side, difference_s=0.20, low_s=0.19, high_s=0.21)
    none = replace(side, low_s=float("nan"), high_s=float("nan"))
    trials = [followup.Trial(0.15, (0.0, 0.0), side, s) for s in (moved, side, none)]
    (row,) = [line for line in followup.table(followup.changes(trials, 0.0)).splitlines() if line.startswith("| 150")]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1:3] == ["2", "1"]
    assert cells[3].startswith("0.500")
    assert cells[4:7] == ["0.500", "0.500", "0.000"]


def test_the_interval_of_a_share_is_that_of_wilson(followup: Any) -> None:
    assert followup.share_interval([True] * 81 + [False] * 19) == "0.722 to 0.875"
