"""Each session in datasets/ gets the verdict that its table promises."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import emgorder as eo

FOLDER = Path(__file__).resolve().parents[2] / "datasets"
ROW = re.compile(r"^\| \[`(?P<name>\w+)`\].*\| (?P<expected>[^|]+) \|$", re.MULTILINE)
EXPECTED = {m["name"]: m["expected"] for m in ROW.finditer((FOLDER / "README.md").read_text(encoding="utf-8"))}


def test_every_session_stands_in_the_table() -> None:
    assert sorted(EXPECTED) == sorted(p.stem for p in FOLDER.glob("*.csv") if not p.stem.endswith("_truth"))


@pytest.mark.parametrize("name", sorted(EXPECTED))
@pytest.mark.filterwarnings("ignore::emgorder.errors.EmgOrderWarning")  # lost packets are meant to be there
def test_a_session_gets_the_verdict_of_the_table(name: str) -> None:
    result = eo.analyse(eo.read_recording(FOLDER / f"{name}.csv"))
    assert "; ".join(f"{side.side}: {side.verdict}" for side in result.sides) == EXPECTED[name]
