"""Scales and ticks."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emgorder.report.axes import Scale, nice_ticks


@example(low=1.0, width=401.0, about=2)
@given(low=st.floats(-1e4, 1e4), width=st.floats(1e-3, 1e4), about=st.integers(2, 12))
def test_ticks_are_round_evenly_spaced_and_inside(low: float, width: float, about: int) -> None:
    high = low + width
    ticks = nice_ticks(low, high, about)
    assert 1 <= len(ticks) <= about + 1
    assert all(low - 1e-6 * width <= v <= high + 1e-6 * width for v in ticks)
    if len(ticks) > 1:
        step = (ticks[-1] - ticks[0]) / (len(ticks) - 1)
        leading = step / 10 ** math.floor(math.log10(step) + 1e-9)
        assert min(abs(leading - m) for m in (1, 2, 5)) < 1e-3


def test_ends_of_the_scale_that_are_round_have_a_tick() -> None:
    assert nice_ticks(-0.3, 0.7, 10) == pytest.approx([0.1 * k for k in range(-3, 8)])


def test_a_scale_maps_its_ends_and_holds_back_what_lies_beyond() -> None:
    scale = Scale(-1.0, 3.0, 100.0, 20.0)
    assert (scale.at(-1.0), scale.at(3.0), scale.at(5.0)) == (100.0, 20.0, -20.0)
    assert (scale.inside(5.0), scale.inside(-7.0)) == (20.0, 100.0)
