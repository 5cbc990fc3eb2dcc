"""Power by simulation agrees with what can be computed, and refuses what makes no sense."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.power import TTestIndPower, TTestPower

from emgorder.errors import SettingsError
from emgorder.order.pooling import SHARED_SHARE
from emgorder.study.power import people_needed, simulate_power
from emgorder.study.spread import Spread

ALIKE = Spread(lifts_log=0.0, missing_share=0.0)


def session_variance(spread: Spread, n_lifts: int) -> float:
    onsets = 2 * spread.onset_ms**2
    single = spread.lifts_ms**2 + (1 - SHARED_SHARE) * onsets
    return spread.placement_ms**2 + SHARED_SHARE * onsets + single / n_lifts


@pytest.mark.parametrize(("n_people", "n_lifts"), [(5, 3), (20, 5), (40, 10), (60, 40)])
def test_the_power_of_alike_people_is_that_of_the_t_test(n_people: int, n_lifts: int) -> None:
    variance = session_variance(ALIKE, n_lifts)
    paired = math.sqrt(2 * ALIKE.people_ms**2 * (1 - ALIKE.correlation) + 2 * variance)
    groups = math.sqrt(ALIKE.people_ms**2 + variance)
    exact = {
        "paired": TTestPower().power(40 / paired, n_people, 0.05),
        "groups": TTestIndPower().power(40 / groups, n_people, 0.05),
    }
    for design in ("paired", "groups"):
        row = simulate_power(
            40, n_people=n_people, n_lifts=n_lifts, design=design, spread=ALIKE, n_simulations=8000
        ).iloc[0]
        assert row["power"] == pytest.approx(exact[design], abs=3.5 * math.sqrt(0.25 / 8000))
        assert row["power_low"] < row["power"] < row["power_high"]


def test_without_an_effect_the_test_errs_as_often_as_its_level_says() -> None:
    for design in ("paired", "groups"):
        row = simulate_power(0, n_people=12, n_lifts=6, design=design, n_simulations=6000, alpha=0.1).iloc[0]
        assert row["power"] == pytest.approx(0.1, abs=0.015)


def test_the_smallest_study_is_that_of_the_t_test() -> None:
    variance = session_variance(ALIKE, 10)
    paired = math.sqrt(2 * ALIKE.people_ms**2 * (1 - ALIKE.correlation) + 2 * variance)
    exact = TTestPower().solve_power(60 / paired, power=0.8, alpha=0.05)
    row = people_needed(60, n_lifts=10, spread=ALIKE, n_simulations=4000).iloc[0]
    assert abs(row["n_people"] - exact) <= 2
    assert row["power"] >= 0.8
    assert row["total_lifts"] == 2 * 10 * row["n_people"]


def test_lifts_and_people_help_and_every_spread_harms() -> None:
    table = simulate_power(60, n_people=[10, 20, 40], n_lifts=[3, 30])
    power = table.pivot(index="n_people", columns="n_lifts", values="power")
    assert power.shape == (3, 2)
    assert (power.diff().dropna() > 0).all(axis=None)
    assert (power[30] > power[3]).all()
    before = power.loc[20, 3]
    worse: dict[str, float] = {
        "people_ms": 150.0, "correlation": 0.0, "lifts_ms": 120.0, "placement_ms": 80.0, "onset_ms": 80.0,
        "missing_share": 0.6,
    }  # fmt: skip
    for name, value in worse.items():
        options: dict[str, Any] = {name: value}
        assert simulate_power(60, n_people=20, n_lifts=3, spread=Spread(**options))["power"].iloc[0] < before, name


def test_the_same_seed_gives_the_same_numbers() -> None:
    one, two, other = (simulate_power(50, n_people=12, n_lifts=4, seed=s, n_simulations=1000) for s in (4, 4, 5))
    pd.testing.assert_frame_equal(one, two)
    assert one["power"].iloc[0] != other["power"].iloc[0]


def test_the_sign_of_the_effect_is_nothing() -> None:
    up, down = (simulate_power(s * 50, n_people=15, n_lifts=5, n_simulations=4000)["power"].iloc[0] for s in (1, -1))
    assert up == pytest.approx(down, abs=0.04)


def test_what_nobody_could_see_has_no_number_of_people() -> None:
    row = people_needed(0.5, n_lifts=2, n_simulations=200).iloc[0]
    assert row["n_people"] is pd.NA
    assert math.isnan(row["power"])


def test_no_spread_at_all_is_seen_by_anybody() -> None:
    still = Spread(people_ms=0.0, lifts_ms=0.0, placement_ms=0.0, onset_ms=0.0)
    assert simulate_power(1, n_people=2, n_lifts=1, spread=still, n_simulations=100)["power"].iloc[0] == 1.0


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"effect_ms": math.nan}, "effect_ms"),
        ({"effect_ms": "20"}, "effect_ms"),
        ({"n_people": 1}, "n_people"),
        ({"n_people": []}, "n_people"),
        ({"n_people": 12.5}, "n_people"),
        ({"n_people": "12"}, "n_people"),
        ({"n_people": [10, True]}, "n_people"),
        ({"n_lifts": 0}, "n_lifts"),
        ({"n_lifts": 10**9}, "n_lifts"),
        ({"design": "crossed"}, "design"),
        ({"alpha": 0.0}, "alpha"),
        ({"n_simulations": 3}, "n_simulations"),
        ({"seed": -1}, "seed"),
    ],
)
def test_a_value_that_makes_no_sense_is_named(options: dict[str, Any], key: str) -> None:
    with pytest.raises(SettingsError, match=f"^{key}: ") as caught:
        simulate_power(**{"effect_ms": 20, "n_people": 10, "n_lifts": 5, **options})
    assert caught.value.key == key


@pytest.mark.parametrize(
    ("options", "key"), [({"power": 1.0}, "power"), ({"effect_ms": 0}, "effect_ms"), ({"n_lifts": []}, "n_lifts")]
)
def test_a_study_that_cannot_be_is_not_looked_for(options: dict[str, Any], key: str) -> None:
    with pytest.raises(SettingsError, match=f"^{key}: "):
        people_needed(**{"effect_ms": 20, **options})


@pytest.mark.parametrize("options", [{"people_ms": -1.0}, {"correlation": 1.1}, {"lifts_ms": math.inf}])
def test_a_spread_that_cannot_be_is_refused(options: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match=next(iter(options))):
        Spread(**options)  # type: ignore[arg-type]


def test_the_defaults_are_those_of_the_rest_of_the_package() -> None:
    spread = Spread()
    assert np.isclose(spread.people_ms, 85.0)
    assert (spread.lifts_ms, spread.placement_ms, spread.onset_ms) == (50.0, 20.0, 20.0)
    assert math.sqrt(2 * (1 - spread.correlation)) * spread.people_ms == pytest.approx(66, abs=0.5)
