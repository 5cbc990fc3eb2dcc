"""What the slower or noisier muscle seems late by: public behaviour only."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.model import Onset, Posterior
from emgorder.order.hidden import Lags, estimate_lags, reveal

ramps_s, excesses = st.floats(0.005, 0.4), st.floats(1.2, 30.0)
FAST, SLOW = {"ramp_s": 0.020, "excess": 10.0}, {"ramp_s": 0.150, "excess": 2.0}


def onset(time_s: float, **rise: float) -> Onset:
    return Onset(time_s=time_s, visible_s=time_s, **rise)


@given(ramp_s=ramps_s, excess=excesses, n=st.integers(1, 12))
def test_the_difference_of_equal_muscles_is_left_alone(ramp_s: float, excess: float, n: int) -> None:
    both = [onset(1.0, ramp_s=ramp_s, excess=excess)] * n
    lags = estimate_lags(both, both)
    assert lags.glute_s - lags.hamstring_s == pytest.approx(0.0, abs=1e-12)


def test_equal_muscles_have_no_lag() -> None:
    both = [onset(1.0, **SLOW)] * 10
    lags = estimate_lags(both, both)
    assert (lags.glute_s, lags.hamstring_s) == (0.0, 0.0)


@pytest.mark.parametrize("n", [1, 2, 10])
def test_the_slower_muscle_is_late_by_more(n: int) -> None:
    lags = estimate_lags([onset(1.0, **SLOW)] * n, [onset(1.0, **FAST)] * n)
    assert lags.glute_s > 0.0
    assert lags.glute_s > lags.hamstring_s >= 0.0


@given(ramp_s=ramps_s, excess=excesses)
def test_exchanging_the_muscles_exchanges_the_lags(ramp_s: float, excess: float) -> None:
    one, other = [onset(1.0, ramp_s=ramp_s, excess=excess)] * 5, [onset(1.0, **FAST)] * 5
    there, back = estimate_lags(one, other), estimate_lags(other, one)
    assert (there.glute_s, there.hamstring_s) == pytest.approx((back.hamstring_s, back.glute_s))
    assert there.sd_s == pytest.approx(back.sd_s)


def test_a_noisier_channel_is_late_by_more() -> None:
    noisy, clean = (estimate_lags([onset(1.0, ramp_s=0.15, excess=x)] * 8, [onset(1.0, **FAST)] * 8) for x in (2, 20))
    assert noisy.glute_s > clean.glute_s


@pytest.mark.parametrize(
    "untold",
    [Onset(reason="no burst"), Onset(time_s=1.0), onset(1.0), onset(1.0, ramp_s=0.1, excess=0.0)],
)
def test_without_a_rise_there_is_no_lag(untold: Onset) -> None:
    assert estimate_lags([untold], [onset(1.0, **FAST)]) == Lags()
    assert estimate_lags([], []) == Lags()


def test_a_lag_is_not_taken_out_twice() -> None:
    slow, fast = [onset(1.0, **SLOW)] * 5, [onset(1.0, **FAST)] * 5
    first = estimate_lags(slow, fast)
    assert first.glute_s > 0.0
    again = estimate_lags([reveal(o, first.glute_s) for o in slow], fast)
    assert again == Lags()


def test_revealing_moves_the_onset_and_leaves_what_was_seen() -> None:
    grid_s = np.linspace(0.9, 1.1, 21)
    seen = replace(onset(1.0, **SLOW), low_s=0.95, high_s=1.05, offset_s=2.0, posterior=Posterior(grid_s, np.ones(21)))
    shown = reveal(seen, 0.030)
    assert (shown.time_s, shown.low_s, shown.high_s) == pytest.approx((0.970, 0.920, 1.020))
    assert (shown.visible_s, shown.offset_s) == (1.0, 2.0)
    assert shown.posterior is not None
    np.testing.assert_allclose(shown.posterior.grid_s, grid_s - 0.030)
    assert math.isnan(reveal(Onset(reason="no burst"), 0.030).time_s)
