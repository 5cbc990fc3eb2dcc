"""The verdict of a side: what is counted, pooled, refused and planned."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from emgorder.model import LiftResult, SideResult, Sync
from emgorder.order import pool_side
from emgorder.order.planning import MOST_FURTHER_LIFTS

LiftMaker = Callable[..., list[LiftResult]]

HAMSTRING_LEADS = [(1.08, 1.0), (1.10, 1.0), (1.06, 1.0), (1.12, 1.0), (1.09, 1.0), (1.07, 1.0), (1.11, 1.0)]
SCATTERED = [(1.10, 1.0), (0.97, 1.0), (1.13, 1.0), (1.02, 1.0), (1.06, 1.0), (0.99, 1.0), (1.09, 1.0), (1.04, 1.0)]


def pool(lifts: list[LiftResult], *, rope_s: float = 0.030, sync: Sync | None = None, refusal: str = "") -> SideResult:
    return pool_side(lifts, side="R", rope_s=rope_s, sync=sync or Sync(), glute="GMAX", hamstring="BF", refusal=refusal)


def mirrored(pairs: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(h, g) for g, h in pairs]


def test_a_clear_lead_is_a_verdict(lifts_of: LiftMaker) -> None:
    side = pool(lifts_of(HAMSTRING_LEADS))
    assert (side.verdict, side.leaning, side.reason, side.more_lifts) == ("hamstring first", "", "", None)
    assert side.possible
    assert (side.n_glute_first, side.n_together, side.n_hamstring_first) == (0, 0, 7)
    assert side.difference_s == pytest.approx(0.09, abs=0.003)
    assert side.low_s < side.difference_s < side.high_s
    assert side.p_hamstring_first >= 0.90
    assert side.p_glute_first + side.p_together + side.p_hamstring_first == pytest.approx(1.0)


def test_swapping_the_muscles_swaps_the_verdict(lifts_of: LiftMaker) -> None:
    there, back = pool(lifts_of(HAMSTRING_LEADS)), pool(lifts_of(mirrored(HAMSTRING_LEADS)))
    assert back.verdict == "glute first"
    assert back.difference_s == pytest.approx(-there.difference_s, abs=1e-4)
    assert back.p_glute_first == pytest.approx(there.p_hamstring_first, abs=1e-4)
    assert back.p_glute_earlier == pytest.approx(1.0 - there.p_glute_earlier, abs=1e-4)


def test_steady_simultaneous_lifts_are_together(lifts_of: LiftMaker) -> None:
    side = pool(lifts_of([(1.0 + d, 1.0) for d in (0.004, -0.006, 0.0, 0.008, -0.003, 0.002, -0.005, 0.001)]))
    assert side.verdict == "together"
    assert side.n_together == 8


def test_scattered_lifts_are_undecided_with_a_leaning_and_a_plan(lifts_of: LiftMaker) -> None:
    side = pool(lifts_of(SCATTERED))
    assert side.verdict == "cannot tell"
    assert side.possible
    assert side.leaning == "hamstring first"
    assert side.more_lifts is not None or str(MOST_FURTHER_LIFTS) in side.reason
    assert 0.66 <= side.p_hamstring_first < 0.90


def test_the_number_of_further_lifts_is_given_or_said_to_be_hopeless(lifts_of: LiftMaker) -> None:
    near = pool(lifts_of([(g + 0.005, h) for g, h in SCATTERED]))
    hopeless = pool(lifts_of([(g - 0.020, h) for g, h in SCATTERED]))
    assert near.more_lifts is not None
    assert near.reason == ""
    assert hopeless.more_lifts is None
    assert hopeless.reason == f"even {MOST_FURTHER_LIFTS} more lifts would probably not settle it"


def test_fewer_than_five_valid_lifts_carry_no_verdict(lifts_of: LiftMaker) -> None:
    side = pool(lifts_of([*HAMSTRING_LEADS[:4], (math.nan, 1.0)]))
    assert not side.possible
    assert (side.n_lifts, side.n_valid, side.more_lifts) == (5, 4, 1)
    assert side.reason == "only 4 valid lifts: at least 5 are needed"
    assert math.isnan(side.p_hamstring_first)
    assert side.difference_s == pytest.approx(0.09, abs=0.002)
    assert pool(lifts_of(HAMSTRING_LEADS[:5])).verdict == "hamstring first"
    assert pool(lifts_of(HAMSTRING_LEADS[:1])).reason == "only 1 valid lift: at least 5 are needed"


def test_invalid_lifts_are_counted_and_not_pooled(lifts_of: LiftMaker) -> None:
    lifts = lifts_of([*HAMSTRING_LEADS, (0.2, 1.0), (0.3, 1.0)])
    dropped = [replace(r, valid=False, reason="clipped") if r.order.difference_s < -0.5 else r for r in lifts]
    side, alone = pool(dropped), pool(lifts_of(HAMSTRING_LEADS))
    assert (side.n_lifts, side.n_valid) == (9, 7)
    assert side.difference_s == alone.difference_s


def test_no_lifts_at_all_is_an_answer_too() -> None:
    side = pool([])
    assert (side.n_lifts, side.n_valid, side.possible) == (0, 0, False)
    assert math.isnan(side.difference_s)


@pytest.mark.parametrize("sd_s", [0.010, 0.0])
def test_a_refusal_leaves_the_counts_and_no_probability(lifts_of: LiftMaker, sd_s: float) -> None:
    side = pool(lifts_of(HAMSTRING_LEADS, sd_s=sd_s), refusal="glute is an envelope")
    assert (side.possible, side.verdict, side.reason) == (False, "cannot tell", "glute is an envelope")
    assert side.n_hamstring_first == 7
    assert side.more_lifts is None
    assert math.isnan(side.p_hamstring_first)


def test_clocks_that_agree_badly_are_refused_from_fifteen_milliseconds(lifts_of: LiftMaker) -> None:
    lifts = lifts_of(HAMSTRING_LEADS)
    assert pool(lifts, sync=Sync(sd_s=0.015)).possible
    refused = pool(lifts, sync=Sync(sd_s=0.0151))
    assert not refused.possible
    assert "within 15 ms" in refused.reason


def test_a_method_without_posterior_gives_counts_and_a_median_alone(lifts_of: LiftMaker) -> None:
    side = pool(lifts_of(HAMSTRING_LEADS, sd_s=0.0))
    assert side.verdict == "cannot tell"
    assert side.possible
    assert side.reason == "this onset method gives no probabilities"
    assert side.n_hamstring_first == 7
    assert side.difference_s == pytest.approx(0.09)
    assert side.posterior is None
    assert all(
        math.isnan(p) for p in (side.p_glute_first, side.p_together, side.p_hamstring_first, side.low_s, side.high_s)
    )


def test_the_clock_offset_is_taken_out_once(lifts_of: LiftMaker) -> None:
    plain, ahead = pool(lifts_of(HAMSTRING_LEADS)), pool(lifts_of(HAMSTRING_LEADS), sync=Sync("tap", 0.020, 0.0))
    assert ahead.difference_s == pytest.approx(plain.difference_s - 0.020, abs=1e-4)


def test_clock_error_enters_once_and_does_not_average_out(lifts_of: LiftMaker) -> None:
    many = lifts_of(HAMSTRING_LEADS * 8)
    sure, unsure = pool(many), pool(many, sync=Sync("tap", 0.0, 0.012))
    width_s, wider_s = sure.high_s - sure.low_s, unsure.high_s - unsure.low_s
    assert wider_s == pytest.approx(math.hypot(width_s, 2 * 1.645 * 0.012), rel=0.03)


def test_the_order_of_the_lifts_does_not_matter(lifts_of: LiftMaker) -> None:
    there, back = pool(lifts_of(SCATTERED)), pool(lifts_of(SCATTERED[::-1]))
    assert there.p_hamstring_first == pytest.approx(back.p_hamstring_first, abs=1e-9)
    assert there.more_lifts == back.more_lifts


def test_more_lifts_of_the_same_kind_make_a_narrower_interval(lifts_of: LiftMaker) -> None:
    few, many = pool(lifts_of(SCATTERED)), pool(lifts_of(SCATTERED * 3))
    assert many.high_s - many.low_s < 0.75 * (few.high_s - few.low_s)


def test_a_wider_limit_moves_probability_to_together(lifts_of: LiftMaker) -> None:
    lifts = lifts_of(SCATTERED)
    together = [pool(lifts, rope_s=r).p_together for r in (0.0, 0.030, 0.060)]
    assert together[0] == pytest.approx(0.0, abs=1e-9)
    assert together == sorted(together)


def test_the_posterior_that_results_keep_is_small_and_says_the_same(lifts_of: LiftMaker) -> None:
    side = pool(lifts_of(SCATTERED))
    assert side.posterior is not None
    assert side.posterior.quantile(0.5) == pytest.approx(side.difference_s, abs=2e-3)
    assert side.posterior.grid_s.size < 400
    assert np.all(np.isfinite(side.posterior.density))
    assert len(json.dumps(side.posterior.grid_s.tolist())) < 10_000
