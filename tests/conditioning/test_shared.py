"""What two channels share of their waveform."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.conditioning.shared import shared_waveform
from emgorder.model import FloatArray

FS = 1000.0
WHOLE = [(0.0, 20.0)]


def two(seed: int = 1) -> tuple[FloatArray, FloatArray]:
    random = np.random.default_rng(seed)
    together = np.tile(np.repeat([0.1, 1.0], 1000), 10)
    one, other = random.standard_normal((2, 20_000)) * together
    return one, other


def test_muscles_that_work_together_share_nothing() -> None:
    assert shared_waveform(*two(), FS, WHOLE) < 0.05


@pytest.mark.parametrize("lag", [-4, 0, 3])
def test_a_leak_shows_at_its_delay(lag: int) -> None:
    one, other = two()
    assert shared_waveform(one, other + 0.75 * np.roll(one, lag), FS, WHOLE) == pytest.approx(0.6, abs=0.03)


def test_what_comes_later_than_tissue_allows_is_no_leak() -> None:
    one, other = two()
    assert shared_waveform(one, other + np.roll(one, 20), FS, WHOLE) < 0.05


@given(st.floats(1e-3, 1e3))
def test_it_does_not_depend_on_the_gain(gain: float) -> None:
    one, other = two()
    assert shared_waveform(one, gain * (one + other), FS, WHOLE) == pytest.approx(
        shared_waveform(one, one + other, FS, WHOLE)
    )


def test_without_signal_nothing_is_shared() -> None:
    one, _ = two()
    assert shared_waveform(one, np.full(one.size, np.nan), FS, WHOLE) == 0.0
    assert shared_waveform(one, one, FS, []) == 0.0
