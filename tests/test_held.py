"""Held samples are told from signals that repeat values by nature."""

from __future__ import annotations

import numpy as np
import pytest

from emgorder.held import hold_length
from emgorder.model import FloatArray


def bursts(n: int = 8000, rest_sd: float = 0.4, burst_sd: float = 30.0) -> FloatArray:
    rng = np.random.default_rng(1)
    return rng.normal(size=n) * np.where(np.arange(n) % 4000 < 1000, burst_sd, rest_sd)


@pytest.mark.parametrize("hold", [1, 2, 3, 5, 10])
@pytest.mark.parametrize("coarse", [False, True])
def test_a_whole_hold_is_found_even_in_coarse_values(hold: int, coarse: bool) -> None:
    signal = np.round(bursts()) if coarse else bursts()
    assert hold_length(np.repeat(signal, hold)) == hold


@pytest.mark.parametrize("ratio", [1.5, 2.5, 6.75])
def test_a_hold_need_not_be_whole(ratio: float) -> None:
    held = bursts()[(np.arange(8000 * ratio) / ratio).astype(int)]
    assert hold_length(held) == pytest.approx(ratio, rel=0.01)


def test_gaps_and_slips_do_not_hide_a_hold() -> None:
    held = np.delete(np.repeat(bursts(), 5), [100, 2003, 9999])
    held[5003:5010] = np.nan
    assert hold_length(held) == 5.0


@pytest.mark.parametrize(
    "signal",
    [
        np.round(bursts(rest_sd=0.2)),
        np.clip(np.round(bursts()), -20, 20),
        np.repeat(np.arange(400) % 2, 50).astype(float),
        np.zeros(1000),
        np.full(1000, np.nan),
        np.arange(5.0),
        np.repeat(np.linspace(0, 90, 900), 7).round(),
    ],
    ids=["quiet", "clipped", "switch", "zero", "lost", "short", "slow"],
)
def test_values_that_repeat_by_nature_are_not_held(signal: FloatArray) -> None:
    assert hold_length(signal) == 1.0


def test_gain_and_offset_do_not_matter() -> None:
    held = np.repeat(bursts(), 5)
    assert hold_length(held * 1e-6 + 1e-3) == hold_length(held) == 5.0
