"""What is usual in a session helps each of its lifts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.model import Onset, Posterior
from emgorder.order.hidden import MIN_LIFTS, SHARE, STRETCH, level_lags

lags_s = st.lists(st.floats(0.0, 0.1), min_size=MIN_LIFTS, max_size=20)


def onset(lag_s: float, visible_s: float = 1.0) -> Onset:
    grid_s = visible_s - lag_s + np.linspace(-0.1, 0.1, 21)
    return Onset(
        time_s=visible_s - lag_s,
        low_s=visible_s - lag_s - 0.05,
        high_s=visible_s - lag_s + 0.05,
        visible_s=visible_s,
        offset_s=2.0,
        posterior=Posterior(grid_s, np.ones(21)),
    )


@given(lags_s)
def test_lags_come_closer_to_their_stretched_median_and_their_order_stays(lags_s: list[float]) -> None:
    before = [onset(lag_s) for lag_s in lags_s]
    after = [o.visible_s - o.time_s for o in level_lags(before)]
    usual_s = float(np.median(lags_s))
    np.testing.assert_allclose(
        after, (1.0 + STRETCH) * usual_s + (1.0 - SHARE) * (np.array(lags_s) - usual_s), atol=1e-12
    )


@given(lags_s, st.floats(-5.0, 5.0))
def test_when_the_lifts_were_does_not_matter(lags_s: list[float], by_s: float) -> None:
    moved = level_lags([onset(lag_s, 1.0 + by_s * k) for k, lag_s in enumerate(lags_s)])
    still = level_lags([onset(lag_s) for lag_s in lags_s])
    for k, (a, b) in enumerate(zip(moved, still, strict=True)):
        assert a.time_s - by_s * k == pytest.approx(b.time_s, abs=1e-9)


def test_all_of_an_onset_moves_but_what_was_seen() -> None:
    *_, last = level_lags([onset(0.02)] * 4 + [onset(0.06)])
    assert (last.time_s, last.low_s, last.high_s) == pytest.approx((0.95, 0.90, 1.00))
    assert last.posterior is not None
    assert last.posterior.quantile(0.5) == pytest.approx(last.time_s)
    assert (last.visible_s, last.offset_s) == (1.0, 2.0)


def test_few_lifts_and_missing_onsets_stay_as_they_are() -> None:
    few = [onset(0.02), onset(0.06), onset(0.03)]
    assert level_lags(few) == few
    gone = Onset(reason="no burst")
    kept = level_lags([*few, onset(0.05), gone])
    assert kept[-1] is gone
    assert math.isfinite(kept[0].time_s)
