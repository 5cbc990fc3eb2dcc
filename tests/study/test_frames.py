"""Tidy tables of many sessions: what is in them, and that a mixed model finds what was put in."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

import emgorder as eo
from emgorder.analysis.result import SessionResult
from emgorder.errors import SettingsError
from emgorder.study.frames import lift_frame, side_frame


@pytest.fixture(scope="module")
def results() -> list[SessionResult]:
    options = {"n_lifts": 6, "mean_difference_s": 0.12, "missing_share": 0.0}
    return [eo.analyse(eo.simulate_session(seed=seed, sides=("R", "L"), **options)) for seed in (3, 4)]


def orders(
    rng: np.random.Generator, effect_ms: float, n_people: int = 30, n_lifts: int = 8, people_ms: float = 40.0
) -> pd.DataFrame:
    """Return lifts of people in two groups, as tables of orders have them; some lifts are measured badly."""
    rows = []
    for person in range(n_people):
        group = "cue" if person % 2 else "neutral"
        mean_ms = 90 + rng.normal(0, people_ms) + (effect_ms if group == "cue" else 0.0)
        for lift in range(n_lifts):
            error_ms = (5.0, 60.0)[lift % 2]
            half_ms = 1.6448536 * error_ms
            d = mean_ms + rng.normal(0, 20) + rng.normal(0, error_ms)
            rows.append(
                {"person": f"p{person}", "session": "1", "group": group, "side": "R", "lift": lift + 1, "valid": True,
                 "onset_difference_ms": d, "ci_low_ms": d - half_ms, "ci_high_ms": d + half_ms}
            )  # fmt: skip
    return pd.DataFrame(rows)


def test_a_mixed_model_of_the_lifts_finds_the_difference_of_two_groups() -> None:
    lifts = lift_frame(orders(np.random.default_rng(8), -80.0))
    fit = smf.mixedlm("difference_ms ~ group", lifts, groups="person").fit()
    found = -fit.params["group[T.neutral]"]
    assert found == pytest.approx(-80.0, abs=2 * fit.bse["group[T.neutral]"])
    assert fit.pvalues["group[T.neutral]"] < 0.001


def test_weights_make_the_mean_of_people_more_certain() -> None:
    rng, plain, weighted = np.random.default_rng(2), [], []
    for _ in range(60):
        lifts = lift_frame(orders(rng, 0.0, n_people=1, people_ms=0.0))
        of_one = lifts[lifts["person"] == "p0"]
        ones = np.ones(len(of_one))
        plain.append(sm.WLS(of_one["difference_ms"], ones).fit().params["const"])
        weighted.append(sm.WLS(of_one["difference_ms"], ones, weights=of_one["weight"]).fit().params["const"])
    assert np.var(weighted) < 0.7 * np.var(plain)
    assert np.mean(weighted) == pytest.approx(90.0, abs=5.0)


def test_measurement_variance_of_a_lift_is_that_of_its_interval() -> None:
    lifts = lift_frame(orders(np.random.default_rng(1), 0.0, n_people=2, n_lifts=2))
    assert np.sqrt(lifts["variance_ms2"]).tolist() == pytest.approx([5.0, 60.0] * 2, rel=1e-5)
    assert (lifts["weight"] * lifts["variance_ms2"]).tolist() == pytest.approx([1.0] * 4)


def test_every_lift_that_counts_has_a_row_with_its_labels(results: list[SessionResult]) -> None:
    labels = pd.DataFrame({"person": ["a", "b"], "group": ["x", "y"], "age": [30, 40]})
    lifts = lift_frame(results, labels)
    counted = sum(int(r.order["valid"].sum()) for r in results)
    assert len(lifts) == counted > 15
    assert list(lifts.columns[:5]) == ["person", "session", "condition", "group", "age"]
    assert lifts.groupby("person")["age"].first().to_dict() == {"a": 30, "b": 40}
    assert np.isfinite(lifts[["difference_ms", "variance_ms2", "weight"]].to_numpy()).all()
    assert set(lifts["side"]) == {"R", "L"}
    first = results[0].order.query("valid").iloc[0]
    assert lifts.iloc[0]["difference_ms"] == first["onset_difference_ms"] or first["side"] == "L"


def test_the_clocks_are_no_part_of_a_lifts_own_variance(results: list[SessionResult]) -> None:
    recording = eo.simulate_session(seed=3, n_lifts=5, sides=("R",), mean_difference_s=0.12)
    apart = replace(recording, clock=eo.Sync("tap", 0.0, 0.012))
    same, shared = (lift_frame([eo.analyse(r)], [{"person": "a"}]) for r in (recording, apart))
    assert shared["sync_sd_ms"].tolist() == pytest.approx([12.0] * len(shared))
    np.testing.assert_allclose(shared["variance_ms2"], same["variance_ms2"], rtol=0.15)


def test_every_side_has_a_row_with_the_variance_of_its_typical_difference(results: list[SessionResult]) -> None:
    sides = side_frame(results, [{"person": "a"}, {"person": "b"}])
    assert sides[["person", "side"]].values.tolist() == [["a", "R"], ["a", "L"], ["b", "R"], ["b", "L"]]
    for row, side in zip(sides.itertuples(), [s for r in results for s in r.sides], strict=True):
        assert row.difference_ms == pytest.approx(side.difference_s * 1e3, nan_ok=True)
        if side.posterior is None:
            assert math.isnan(row.variance_ms2)
        else:
            assert math.sqrt(row.variance_ms2) == pytest.approx((side.high_s - side.low_s) * 1e3 / 3.29, rel=0.25)


def test_results_and_their_tables_give_the_same_sides(results: list[SessionResult]) -> None:
    stacked = pd.concat([r.summary.assign(person=p, session="1") for p, r in zip("ab", results, strict=True)])
    of_tables = side_frame(stacked)
    of_results = side_frame(results, [{"person": "a"}, {"person": "b"}])
    for name in ("person", "side", "difference_ms", "n_valid", "verdict"):
        assert of_tables[name].tolist() == of_results[name].tolist()
    np.testing.assert_allclose(np.sqrt(of_tables["variance_ms2"]), np.sqrt(of_results["variance_ms2"]), rtol=1e-6)


def test_repeated_sessions_go_on_to_their_reliability() -> None:
    rng, rows = np.random.default_rng(6), []
    for person in range(40):
        own_ms = rng.normal(90, 80)
        for session in ("first", "second"):
            rows.append({"person": f"p{person}", "session": session, "side": "R", "n_valid": 10,
                         "onset_difference_ms": own_ms + rng.normal(0, 25)})  # fmt: skip
    sides = side_frame(pd.DataFrame(rows))
    assert sides["weight"].isna().all(), "without an interval nobody knows the variance"
    found = eo.reliability(sides)
    assert found.sem_consistency.low < 25 < found.sem_consistency.high
    assert found.icc_consistency.low < 80**2 / (80**2 + 25**2) < found.icc_consistency.high


def test_a_method_without_posterior_has_no_weights() -> None:
    recording = eo.simulate_session(seed=3, n_lifts=5, sides=("R",))
    lifts = lift_frame([eo.analyse(recording, eo.Settings(method="bonato"))], [{"person": "a"}])
    assert len(lifts) > 2
    assert lifts["weight"].isna().all()


def test_person_session_and_condition_come_from_the_sidecar_where_nobody_says(results: list[SessionResult]) -> None:
    known = replace(results[0], name="monday", meta={"pseudonym": " heron ", "Instructions": "squeeze"})
    row = side_frame([known]).iloc[0]
    assert (row["person"], row["session"], row["condition"]) == ("heron", "monday", "squeeze")


def test_an_infinite_or_missing_difference_is_no_lift() -> None:
    table = orders(np.random.default_rng(1), 0.0, n_people=2, n_lifts=4)
    table.loc[0, "onset_difference_ms"] = np.nan
    table.loc[1, "onset_difference_ms"] = np.inf
    table.loc[2, "valid"] = False
    assert len(lift_frame(table)) == 5


def test_a_table_of_invalid_lifts_only_gives_the_columns() -> None:
    table = orders(np.random.default_rng(1), 0.0, n_people=2, n_lifts=2).assign(valid=False)
    frame = lift_frame(table)
    assert frame.empty
    assert {"person", "difference_ms", "weight"} <= set(frame.columns)


def test_what_cannot_be_told_apart_or_is_not_said_is_refused(results: list[SessionResult]) -> None:
    nameless = [replace(r, meta={}) for r in results]
    table = orders(np.random.default_rng(1), 0.0, n_people=2)
    cases: list[tuple[object, object, str]] = [
        ([], None, "there are none"),
        (nameless, None, "nobody says who was measured in session 1"),
        (nameless, [{"person": "a"}], "1 rows for 2 sessions"),
        (nameless, [{"person": "a", "session": "1"}, {"person": "a", "session": "1"}], "has session 1 twice"),
        (nameless, [{"person": "a", "weight": 3}, {"person": "b"}], "weight is a column of the result itself"),
        ([3], [{"person": "a"}], "is no result"),
        (table.drop(columns="person"), None, "no column person"),
        (table.assign(person=""), None, "a row of the table has no person"),
        (table.assign(onset_difference_ms="x"), None, "no number"),
        (table.iloc[:0], None, "the table has no rows"),
        (table, [{"person": "a"}], "a table has them as columns"),
    ]
    for sessions, labels, said in cases:
        with pytest.raises(SettingsError, match=said):
            lift_frame(sessions, labels)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> eo.Batch:
    """Return the tables of two people whose muscles are on two clocks, the second in a folder of its own."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "second.visit").mkdir()
    paths = [folder / "one.csv", folder / "second.visit" / "one.csv"]
    for seed, path in enumerate(paths):
        recording = eo.simulate_session(seed=seed, n_lifts=2, rest_s=2.5, baseline_s=2.5, sampling_frequency=500.0)
        meta = {**recording.meta, "pseudonym": f"p{seed}"}
        eo.write_recording(replace(recording, clock=eo.Sync("tap", 0.0, 0.015), meta=meta), path)
    eo.run_batch(paths, folder / "out", root=folder)
    return eo.read_batch(folder / "out")


def test_a_batch_gives_people_and_clocks_to_its_lifts(batch: eo.Batch) -> None:
    lifts = lift_frame(batch)
    assert len(lifts) == batch.order["valid"].sum() > 0
    assert set(zip(lifts["person"], lifts["session"], strict=True)) == {("p0", "one"), ("p1", "second.visit/one")}
    assert (lifts["sync_sd_ms"] == 15.0).all()
    assert (lifts["hamstring"] == "BF").all()
    sd_ms = batch.order["sd_ms"][batch.order["valid"]]
    np.testing.assert_allclose(lifts["variance_ms2"] + 15.0**2, sd_ms**2, rtol=1e-6)


def test_a_batch_gives_people_to_its_legs(batch: eo.Batch) -> None:
    sides = side_frame(batch)
    assert sides[["person", "session", "side"]].to_numpy().tolist() == [
        ["p0", "one", "R"],
        ["p1", "second.visit/one", "R"],
    ]


def test_a_batch_without_lifts_is_refused(tmp_path: Path) -> None:
    eo.run_batch([tmp_path / "missing.csv"], tmp_path / "out")
    for frame in (lift_frame, side_frame):
        with pytest.raises(SettingsError, match="the table has no rows"):
            frame(eo.read_batch(tmp_path / "out"))


def test_a_batch_without_people_is_refused(batch: eo.Batch) -> None:
    nobody = replace(batch, sessions=batch.sessions.assign(person=""))
    with pytest.raises(SettingsError, match="has no person"):
        lift_frame(nobody)
    assert len(lift_frame(nobody.with_people("order").assign(person="somebody"))) == len(lift_frame(batch))
