"""The order of several muscles: pairs, and whole orders."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from emgorder.errors import SettingsError
from emgorder.model import LiftResult, Sync
from emgorder.order import compare_muscles, pool_side
from emgorder.order.lift import order_of

LiftMaker = Callable[..., list[LiftResult]]

WOBBLE_S = np.array([0.0, 0.02, -0.02, 0.01, -0.01, 0.015, -0.015, 0.005])


def lifts_at(lifts_of: LiftMaker, *means_s: float, sd_s: float = 0.010) -> list[LiftResult]:
    """Return eight lifts whose onsets wobble, each muscle in its own way, about given means."""
    return lifts_of([[m + np.roll(WOBBLE_S, 2 * i)[n] for i, m in enumerate(means_s)] for n in range(8)], sd_s=sd_s)


def test_muscles_far_apart_have_one_order(lifts_of: LiftMaker) -> None:
    matrix = compare_muscles(lifts_at(lifts_of, 1.30, 1.00, 1.20, 1.10))
    assert matrix.channels == ("GMAX_R", "BF_R", "ES_R", "ES_L")
    order, share = matrix.orders[0]
    assert order == ("BF_R", "ES_L", "ES_R", "GMAX_R")
    assert share > 0.99
    assert matrix.p_earlier[1, 0] > 0.99
    assert matrix.difference_s[0, 1] == pytest.approx(0.30, abs=0.01)


def test_the_matrix_is_antisymmetric_and_its_diagonal_unknown(lifts_of: LiftMaker) -> None:
    matrix = compare_muscles(lifts_at(lifts_of, 1.02, 1.00, 1.05), rope_s=0.030)
    off = ~np.eye(3, dtype=bool)
    np.testing.assert_allclose((matrix.p_earlier + matrix.p_earlier.T)[off], 1.0)
    np.testing.assert_allclose((matrix.difference_s + matrix.difference_s.T)[off], 0.0)
    assert (matrix.p_first[off] <= matrix.p_earlier[off]).all()
    np.testing.assert_allclose((matrix.p_first + matrix.p_together + matrix.p_first.T)[off], 1.0)
    np.testing.assert_allclose((matrix.low_s + matrix.high_s.T)[off], 0.0, atol=1e-15)
    assert np.isnan(np.diag(matrix.p_earlier)).all()
    assert (matrix.n_lifts == 8).all()


def test_probabilities_of_whole_orders_sum_to_one_and_agree_with_the_pairs(lifts_of: LiftMaker) -> None:
    matrix = compare_muscles(lifts_at(lifts_of, 1.010, 1.000, 1.020, 1.005))
    assert sum(share for _, share in matrix.orders) == pytest.approx(1.0)
    assert [s for _, s in matrix.orders] == sorted((s for _, s in matrix.orders), reverse=True)
    for i, first in enumerate(matrix.channels):
        for j, second in enumerate(matrix.channels):
            if i != j:
                before = sum(s for order, s in matrix.orders if order.index(first) < order.index(second))
                assert before == pytest.approx(matrix.p_earlier[i, j], abs=0.05)


def test_muscles_that_tie_share_their_orders(lifts_of: LiftMaker) -> None:
    matrix = compare_muscles(lifts_of([(1.0, 1.0, 1.0)] * 8))
    assert len(matrix.orders) == 6
    assert all(share == pytest.approx(1 / 6, abs=0.01) for _, share in matrix.orders)


def test_glute_against_hamstring_is_the_same_as_the_verdicts(lifts_of: LiftMaker) -> None:
    lifts = lifts_at(lifts_of, 1.04, 1.00, 1.02)
    sync = Sync("tap", 0.010, 0.005)
    side = pool_side(lifts, side="R", rope_s=0.030, sync=sync, glute="GMAX", hamstring="BF")
    matrix = compare_muscles(lifts, rope_s=0.030, sync=sync)
    assert matrix.p_earlier[0, 1] == pytest.approx(side.p_glute_earlier)
    assert matrix.p_first[1, 0] == pytest.approx(side.p_hamstring_first)
    assert matrix.p_first[0, 1] == pytest.approx(side.p_glute_first)
    assert matrix.p_together[0, 1] == pytest.approx(side.p_together)
    assert matrix.difference_s[0, 1] == pytest.approx(side.difference_s)
    assert matrix.low_s[0, 1] == pytest.approx(side.low_s)
    assert matrix.high_s[0, 1] == pytest.approx(side.high_s)


@pytest.mark.parametrize("n_lifts", [3, 8])
@pytest.mark.parametrize("sd_s", [0.0, 0.010])
@pytest.mark.parametrize("sync", [Sync(), Sync("tap", 0.010, 0.005), Sync("tap", 0.0, 0.016)])
def test_two_muscles_are_judged_as_the_side_is_whatever_is_in_the_way(
    lifts_of: LiftMaker, n_lifts: int, sd_s: float, sync: Sync
) -> None:
    lifts = [
        replace(r, order=order_of(r.muscles[0].onset, r.muscles[1].onset, clock=sync, rope_s=0.030))
        for r in lifts_of([(1.03 + w, 1.00) for w in WOBBLE_S[:n_lifts]], sd_s=sd_s)
    ]
    side = pool_side(lifts, side="R", rope_s=0.030, sync=sync, glute="GMAX", hamstring="BF")
    matrix = compare_muscles(lifts, sync=sync)
    ours = (matrix.low_s, matrix.high_s, matrix.p_earlier, matrix.p_first, matrix.p_together, matrix.p_first.T)
    theirs = (
        *(side.low_s, side.high_s, side.p_glute_earlier),
        *(side.p_glute_first, side.p_together, side.p_hamstring_first),
    )
    np.testing.assert_allclose([m[0, 1] for m in ours], theirs, rtol=1e-9)
    assert dict(matrix.orders).get(("GMAX_R", "BF_R"), math.nan) == pytest.approx(side.p_glute_earlier, nan_ok=True)
    assert matrix.difference_s[0, 1] == pytest.approx(side.difference_s, abs=1e-6)


def test_clocks_that_nobody_knows_give_no_probability(lifts_of: LiftMaker) -> None:
    matrix = compare_muscles(lifts_at(lifts_of, 1.1, 1.0, 1.2), sync=Sync("unknown"))
    assert np.isnan(matrix.p_earlier).all()
    assert matrix.orders == ()
    assert matrix.difference_s[0, 1] == pytest.approx(0.1, abs=0.01)


def test_a_refused_channel_keeps_its_row_and_leaves_the_orders(lifts_of: LiftMaker) -> None:
    lifts = lifts_at(lifts_of, 1.30, 1.00, 1.20, 1.10)
    matrix = compare_muscles(lifts, refused={"ES_R"})
    assert matrix.channels == ("GMAX_R", "BF_R", "ES_R", "ES_L")
    assert np.isnan(matrix.p_earlier[2]).all()
    assert np.isnan(matrix.low_s[:, 2]).all()
    assert matrix.difference_s[2, 1] == pytest.approx(0.20, abs=0.01)
    assert matrix.orders[0][0] == ("BF_R", "ES_L", "GMAX_R")
    np.testing.assert_array_equal(matrix.p_earlier[0, 1], compare_muscles(lifts).p_earlier[0, 1])


def test_two_copies_of_a_muscle_differ_by_nothing(lifts_of: LiftMaker) -> None:
    times = [(1.05 + w, 1.0, 1.05 + w) for w in WOBBLE_S]
    matrix = compare_muscles(lifts_of(times))
    assert matrix.difference_s[0, 2] == pytest.approx(0.0, abs=1e-9)
    assert matrix.p_earlier[0, 2] == pytest.approx(0.5)
    assert matrix.p_together[0, 2] > 0.9


def test_a_muscle_that_is_often_missing_leaves_its_pairs_unknown(lifts_of: LiftMaker) -> None:
    times = [(1.1, 1.0, 1.05 if n < 4 else math.nan) for n in range(8)]
    matrix = compare_muscles(lifts_of(times))
    assert matrix.n_lifts.tolist() == [[8, 8, 4], [8, 8, 4], [4, 4, 4]]
    assert np.isfinite(matrix.p_earlier[0, 1])
    assert np.isnan(matrix.p_earlier[2, :2]).all()
    assert matrix.orders == ()
    assert compare_muscles(lifts_of(times), min_lifts=4).orders


def test_onsets_without_a_posterior_give_no_probability(lifts_of: LiftMaker) -> None:
    matrix = compare_muscles(lifts_at(lifts_of, 1.1, 1.0, 1.2, sd_s=0.0))
    assert np.isnan(matrix.p_earlier).all()
    assert matrix.orders == ()
    assert matrix.n_lifts[0, 1] == 8


def test_the_same_lifts_give_the_same_digits(lifts_of: LiftMaker) -> None:
    lifts = lifts_at(lifts_of, 1.01, 1.00, 1.02)
    assert compare_muscles(lifts).orders == compare_muscles(lifts).orders


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("rope_s", -0.01),
        ("rope_s", math.nan),
        ("min_lifts", 0),
        ("min_lifts", None),
        ("min_lifts", math.nan),
        ("refused", "GMAX_R"),
        ("refused", None),
        ("sync", "tap"),
    ],
)
def test_a_value_that_makes_no_sense_names_its_key(key: str, value: object) -> None:
    with pytest.raises(SettingsError, match=key):
        compare_muscles([], **{key: value})
