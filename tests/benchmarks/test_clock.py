"""A tiny run of the clock benchmark: seeded, and its errors and uncertainties mean what the tables say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.rigs.script import load_script

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def clock() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        yield load_script(FOLDER / "clock.py", "clock_benchmark")


def test_runs_are_seeded_and_ours_beats_the_first_arrival(clock: Any) -> None:
    cell = clock.Cell(1000, 23, 0.015, 40.0, 0.05, 20.0)
    runs = clock.chunk((cell, 8))
    again = clock.chunk((cell, 8))
    assert all(np.array_equal(a[k][0], b[k][0]) for a, b in zip(runs, again, strict=True) for k in a)
    p95 = {name: clock.p95(np.array([r[f"{name}|alone"][0] for r in runs])) for name in ("first arrival", "emgorder")}
    assert p95["emgorder"] < 0.5 * p95["first arrival"]


def test_coverage_is_the_share_within_u95_and_its_width_relative_to_p95(clock: Any) -> None:
    error = np.linspace(-2e-3, 2e-3, 401)
    share, u95, ratio = clock.coverage(error, np.full(error.size, 1e-3 / 1.96))
    assert share == pytest.approx(0.5, abs=0.01)
    assert u95 == pytest.approx(1.0)
    assert ratio == pytest.approx(1 / 1.9, rel=0.01)


def test_a_session_after_a_tap_finds_the_asymmetry(clock: Any) -> None:
    error, sd, live = clock.tap_session(3, 8, 23)
    assert np.all(np.abs(error) < 8e-3)
    assert sd < 4e-3
    assert live < 5e-3
