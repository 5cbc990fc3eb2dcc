"""% MVC, ratios, and what blocks them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.model import MuscleLift, Onset
from emgorder.order.activity import (
    FAINT,
    NO_MVC,
    ONE_TRIAL,
    SUBMAXIMAL,
    TOO_HIGH,
    TOO_LOW,
    ActivityRatio,
    activity_ratio,
    muscle_activity,
    paired_ratio,
)
from emgorder.order.reference import MvcReference

LEVELS = (4e-5, 5e-5, 4.5e-5, 6e-5, 4.2e-5)
FULL = MvcReference("GMAX_R", 1e-4, 0.05, n_trials=3)


def lifts(levels: Sequence[float], label: str = "GMAX_R") -> list[MuscleLift]:
    return [MuscleLift(label, label.split("_")[0], "V", Onset(), activity_rms=x) for x in levels]


def test_the_level_is_the_typical_lift_over_the_full_effort() -> None:
    found = muscle_activity("R", lifts(LEVELS), FULL)
    assert found.percent_mvc == pytest.approx(100.0 * math.exp(np.mean(np.log(LEVELS))) / 1e-4)
    assert found.low < found.percent_mvc < found.high
    assert (found.n_lifts, found.n_trials, found.reason, found.remark) == (5, 3, "", "")


@given(st.floats(1e-3, 1e3))
def test_the_level_does_not_depend_on_the_gain(gain: float) -> None:
    plain = muscle_activity("R", lifts(LEVELS), FULL)
    scaled = muscle_activity("R", lifts([gain * x for x in LEVELS]), replace(FULL, rms=gain * FULL.rms))
    assert (scaled.percent_mvc, scaled.low, scaled.high) == pytest.approx((plain.percent_mvc, plain.low, plain.high))


def test_a_reference_that_is_less_sure_widens_the_interval() -> None:
    sure = muscle_activity("R", lifts(LEVELS), replace(FULL, log_sd=0.0))
    unsure = muscle_activity("R", lifts(LEVELS), replace(FULL, log_sd=0.2))
    assert unsure.high / unsure.low > 1.3 * sure.high / sure.low
    assert unsure.percent_mvc == pytest.approx(sure.percent_mvc)


@pytest.mark.parametrize(("level", "remark"), [(0.999e-4, ""), (1.001e-4, TOO_LOW)])
def test_more_than_a_full_effort_says_that_the_reference_is_too_low(level: float, remark: str) -> None:
    assert muscle_activity("R", lifts([level] * 4), FULL).remark == remark


@pytest.mark.parametrize(
    ("levels", "reference", "refusal", "reason"),
    [
        (LEVELS, None, "", NO_MVC),
        (LEVELS, FULL, "glute noisy", "glute noisy"),
        (LEVELS, replace(FULL, reason="electrodes moved"), "", "electrodes moved"),
        (LEVELS[:1], FULL, "", "only 1 lift counts: at least 3 are needed"),
        (LEVELS[:2], FULL, "", "only 2 lifts count: at least 3 are needed"),
        ((0.0, 0.0, *LEVELS), FULL, "", FAINT),
        ((math.nan,) * 5, FULL, "", FAINT),
    ],
)
def test_what_cannot_be_compared_says_why(
    levels: Sequence[float], reference: MvcReference | None, refusal: str, reason: str
) -> None:
    found = muscle_activity("R", lifts(levels), reference, refusal=refusal)
    assert found.reason == reason
    assert not found.known
    assert math.isnan(found.percent_mvc)


def test_a_submaximal_reference_tells_how_the_same_muscle_changes_and_nothing_else() -> None:
    full = muscle_activity("R", lifts(LEVELS), FULL)
    found = muscle_activity("R", lifts(LEVELS), replace(FULL, full=False))
    assert (found.percent_reference, found.low, found.high) == (full.percent_mvc, full.low, full.high)
    assert math.isnan(found.percent_mvc)
    assert (found.known, found.reason, found.remark) == (False, SUBMAXIMAL, "")
    assert activity_ratio(found, full).reason == SUBMAXIMAL


def paired(factor: Sequence[float]) -> tuple[list[MuscleLift], list[MuscleLift]]:
    return lifts([f * x for f, x in zip(factor, LEVELS, strict=True)]), lifts(LEVELS, "BF_R")


def ratio_of(factor: Sequence[float], glute: MvcReference, hamstring: MvcReference) -> ActivityRatio:
    one, other = paired(factor)
    levels = muscle_activity("R", one, glute), muscle_activity("R", other, hamstring)
    return paired_ratio(*levels, list(zip(one, other, strict=True)), (glute, hamstring))


def test_what_a_lift_does_to_both_muscles_cancels_out_in_their_ratio() -> None:
    exact = replace(FULL, log_sd=0.0), MvcReference("BF_R", 1e-4, 0.0, n_trials=3)
    found = ratio_of([2.0, 2.02, 1.98, 2.0, 2.0], *exact)
    assert found.ratio == pytest.approx(2.0, rel=0.01)
    assert found.high / found.low < 1.03
    assert found.higher == "first"


def test_a_ratio_is_one_of_shares_not_of_volts() -> None:
    full = replace(FULL, rms=4e-4), MvcReference("BF_R", 1e-4, 0.05, n_trials=3)
    found = ratio_of([2.0] * 5, *full)
    assert found.ratio == pytest.approx(0.5)
    assert found.higher == "second"


@given(st.floats(0.3, 1.8))
def test_turning_a_ratio_round_inverts_it(size: float) -> None:
    one = muscle_activity("R", lifts([size * x for x in LEVELS]), FULL)
    other = muscle_activity("L", lifts(LEVELS, "GMAX_L"), replace(FULL, channel="GMAX_L"))
    there, back = activity_ratio(one, other), activity_ratio(other, one)
    assert there.ratio * back.ratio == pytest.approx(1.0)
    assert there.low * back.high == pytest.approx(1.0)
    assert there.p_first_higher + back.p_first_higher == pytest.approx(1.0)
    assert {there.higher, back.higher} in ({""}, {"first", "second"})


@pytest.mark.parametrize(
    ("p", "higher", "leaning"),
    [
        (0.951, "first", ""),
        (0.949, "", "first"),
        (0.67, "", "first"),
        (0.65, "", ""),
        (0.06, "", "second"),
        (0.04, "second", ""),
    ],
)
def test_very_likely_higher_is_said_where_the_interval_leaves_out_one(p: float, higher: str, leaning: str) -> None:
    from scipy.special import ndtri

    exact = MvcReference("BF_R", 1e-3, 0.0, n_trials=3)
    shift = MvcReference("GMAX_R", 1e-3 * math.exp(-0.1 * float(ndtri(p))), 0.1, n_trials=3)
    found = ratio_of([1.0] * 5, shift, exact)
    assert found.p_first_higher == pytest.approx(p, abs=1e-6)
    assert (found.higher, found.leaning) == (higher, leaning)
    assert bool(found.higher) == (found.low > 1.0 or found.high < 1.0)


def test_fewer_than_five_lifts_lean_at_most() -> None:
    one, other = (x[:4] for x in paired([3.0] * 5))
    full = FULL, MvcReference("BF_R", 1e-4, 0.01, n_trials=3)
    levels = muscle_activity("R", one, replace(FULL, rms=3e-4)), muscle_activity("R", other, full[1])
    found = paired_ratio(*levels, list(zip(one, other, strict=True)), full)
    assert found.p_first_higher > 0.99
    assert (found.higher, found.leaning, found.n_lifts) == ("", "first", 4)


def test_an_effort_that_was_not_full_blocks_the_ratio_and_says_so() -> None:
    beyond = muscle_activity("R", lifts([1.3e-4] * 5), FULL)
    other = muscle_activity("R", lifts(LEVELS, "BF_R"), MvcReference("BF_R", 1e-4, 0.05, n_trials=3))
    for found in (activity_ratio(beyond, other), activity_ratio(other, beyond), ratio_of([3.0] * 5, FULL, FULL)):
        assert found.reason == TOO_LOW
        assert math.isnan(found.ratio)
        assert (found.higher, found.leaning) == ("", "")


def test_a_full_effort_in_another_unit_is_noticed() -> None:
    found = muscle_activity("R", lifts(LEVELS), MvcReference("GMAX_R", 100.0, n_trials=3))
    assert found.reason == TOO_HIGH
    assert not found.known


def test_a_single_full_effort_is_remarked() -> None:
    assert muscle_activity("R", lifts(LEVELS), replace(FULL, n_trials=1)).remark == ONE_TRIAL


def test_values_of_a_damaged_file_stay_finite() -> None:
    found = muscle_activity("R", lifts([1e300, 1e300, 1e300]), replace(FULL, rms=1e-300))
    assert all(math.isfinite(x) for x in (found.percent_mvc, found.low, found.high))


def test_where_one_muscle_is_unknown_so_is_the_ratio() -> None:
    known = muscle_activity("R", lifts(LEVELS), FULL)
    unknown = muscle_activity("R", lifts(LEVELS, "BF_R"), None)
    for found in (activity_ratio(known, unknown), activity_ratio(unknown, known)):
        assert found.reason == NO_MVC
        assert math.isnan(found.ratio)
