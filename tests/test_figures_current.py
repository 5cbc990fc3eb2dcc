"""The figures in docs/images are those that their script draws from today's results."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from tests.rigs.script import load_script

DOCS = Path(__file__).resolve().parents[1] / "docs"
STEP = 0.5  # points; other machines round the last digit of a coordinate otherwise
NUMBER = re.compile(r"-?\d+\.\d+")


@pytest.fixture(scope="module")
def drawn() -> dict[str, str]:
    return load_script(DOCS / "make_figures.py").figures()


def test_every_figure_is_made_by_the_script(drawn: dict[str, str]) -> None:
    assert sorted(drawn) == sorted(path.name for path in (DOCS / "images").iterdir())


@pytest.mark.parametrize("name", ["lift.svg", "verdict.svg"])
def test_a_figure_is_current(name: str, drawn: dict[str, str]) -> None:
    kept = (DOCS / "images" / name).read_text(encoding="utf-8")
    assert NUMBER.sub("#", kept) == NUMBER.sub("#", drawn[name]), "run python docs/make_figures.py"
    old, new = (np.array([float(n) for n in NUMBER.findall(text)]) for text in (kept, drawn[name]))
    np.testing.assert_allclose(old, new, rtol=0, atol=STEP, err_msg="run python docs/make_figures.py")
