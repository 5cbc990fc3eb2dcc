"""More than two muscles: from a recording with extras to tidy tables, and through JSON."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emgorder.analysis import SessionResult, analyse, read_result
from emgorder.model import Channel, Finding, Recording, Sync
from emgorder.order import compare_muscles
from emgorder.simulate import simulate_session

LATER_S = 0.100
PAIRS = [("GMAX_R", "BF_R"), ("GMAX_R", "ES_R"), ("BF_R", "ES_R")]


def with_extra(recording: Recording, signal: np.ndarray, **about: object) -> Recording:
    """Return the recording with one more channel."""
    extra = replace(Channel("ES_R", "ES", "R"), **about)
    return replace(recording, data=np.column_stack([recording.data, signal]), channels=(*recording.channels, extra))


@pytest.fixture(scope="module")
def two() -> Recording:
    """Return eight lifts of two muscles."""
    return simulate_session(
        seed=3, n_lifts=8, rest_s=3.0, mean_difference_s=0.15, lift_sd_s=0.03, outlier_share=0.0, missing_share=0.0
    )


@pytest.fixture(scope="module")
def three(two: Recording) -> Recording:
    """Return the same with a lower back that follows the hamstring by 100 ms."""
    later = np.roll(two.channel("BF_R"), round(LATER_S * two.sampling_frequency))
    noise = np.random.default_rng(5).normal(0.0, 1e-7, two.n_samples)
    return with_extra(two, later + noise)


@pytest.fixture(scope="module")
def two_result(two: Recording) -> SessionResult:
    """Return the analysis of two muscles."""
    return analyse(two)


@pytest.fixture(scope="module")
def three_result(three: Recording) -> SessionResult:
    """Return the analysis of three muscles."""
    return analyse(three)


def test_two_muscles_give_one_pair_with_the_numbers_of_the_summary(two_result: SessionResult) -> None:
    assert not two_result.has_extras
    (pair,) = two_result.pairwise.to_dict("records")
    summary = two_result.summary.iloc[0]
    assert (pair["first"], pair["second"], pair["n_lifts"]) == ("GMAX_R", "BF_R", summary["n_valid"])
    for ours, theirs in (
        ("difference_ms", "onset_difference_ms"),
        ("ci_low_ms", "ci_low_ms"),
        ("ci_high_ms", "ci_high_ms"),
        ("p_first_earlier", "p_glute_earlier"),
        ("p_first_first", "p_glute_first"),
        ("p_together", "p_together"),
        ("p_second_first", "p_hamstring_first"),
    ):
        assert pair[ours] == pytest.approx(summary[theirs], rel=1e-9), ours
    orders = two_result.orders.set_index("order")["probability"]
    assert orders["GMAX_R < BF_R"] == pytest.approx(summary["p_glute_earlier"])


def test_two_clocks_enter_a_pair_as_they_enter_the_summary(two: Recording) -> None:
    result = analyse(replace(two, clock=Sync("tap", 0.02, 0.01)))
    pair, summary = result.pairwise.iloc[0], result.summary.iloc[0]
    assert pair["p_first_earlier"] == pytest.approx(summary["p_glute_earlier"], rel=1e-6)
    assert pair["difference_ms"] == pytest.approx(summary["onset_difference_ms"], rel=1e-6)


def test_extras_leave_the_verdict_alone_and_add_pairs_and_orders(
    two_result: SessionResult, three_result: SessionResult
) -> None:
    assert three_result.has_extras
    pd.testing.assert_frame_equal(three_result.summary, two_result.summary)
    table = three_result.pairwise
    assert list(zip(table["first"], table["second"], strict=True)) == PAIRS
    assert (table["side"] == "R").all()
    back = table.iloc[2]
    assert back["difference_ms"] == pytest.approx(-1e3 * LATER_S, abs=10.0)
    assert back["ci_low_ms"] < -1e3 * LATER_S < back["ci_high_ms"]
    np.testing.assert_allclose(table[["p_first_first", "p_together", "p_second_first"]].sum(axis=1), 1.0)
    orders = three_result.orders
    assert orders["order"].iloc[0] == "BF_R < ES_R < GMAX_R"
    assert orders["probability"].sum() == pytest.approx(1.0)


def test_tables_of_several_muscles_survive_json(three_result: SessionResult, tmp_path: Path) -> None:
    back = read_result(three_result.to_json(tmp_path / "result.json"))
    pd.testing.assert_frame_equal(back.pairwise, three_result.pairwise, check_exact=True)
    pd.testing.assert_frame_equal(back.orders, three_result.orders, check_exact=True)


def test_a_copy_of_the_glute_is_as_late_as_the_glute_and_is_refused_a_probability(two: Recording) -> None:
    result = analyse(with_extra(two, two.channel("GMAX_R")))
    matrix = compare_muscles(result.lift_results)
    assert matrix.channels[::2] == ("GMAX_R", "ES_R")
    assert matrix.difference_s[0, 2] == pytest.approx(0.0, abs=0.001)
    assert matrix.p_earlier[0, 2] == pytest.approx(0.5, abs=0.01)
    copies = result.pairwise.iloc[1]
    assert copies["difference_ms"] == pytest.approx(0.0, abs=1.0)
    assert math.isnan(copies["p_together"])  # quality: GMAX_R and ES_R are the same signal


def test_signals_that_cannot_be_timed_keep_their_pairs_without_probabilities(three_result: SessionResult) -> None:
    stop = Finding("ES_R", "snr", "stop", "no burst stands out", "re-clean the skin")
    envelope = tuple(replace(c, kind="envelope") if c.label == "ES_R" else c for c in three_result.channels)
    for result in (replace(three_result, quality=(stop,)), replace(three_result, channels=envelope)):
        assert result.pairwise["p_together"].isna().tolist() == [False, True, True]
        assert result.orders["order"].tolist()[0] == "BF_R < GMAX_R"


def test_each_side_has_its_own_pairs() -> None:
    both = simulate_session(seed=6, n_lifts=5, rest_s=3.0, sides=("R", "L"))
    table = analyse(both).pairwise
    assert table[["side", "first", "second"]].to_numpy().tolist() == [["R", "GMAX_R", "BF_R"], ["L", "GMAX_L", "BF_L"]]


def test_a_session_without_lifts_has_empty_tables_with_all_columns() -> None:
    channels = (Channel("GMAX_R", "GMAX", "R"), Channel("BF_R", "BF", "R"), Channel("ES_R", "ES", "R"))
    result = analyse(Recording(np.zeros((9000, 3)), 1000.0, channels))
    assert len(result.pairwise) == len(result.orders) == 0
    assert result.pairwise.columns.tolist()[:4] == ["side", "first", "second", "n_lifts"]
    assert result.orders.columns.tolist() == ["side", "order", "probability"]
