"""A tiny run of the accuracy benchmark: its figures mean what their headers say, and its tables have their shape."""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from emgorder import onset_methods
from emgorder.model import Posterior
from emgorder.simulate import simulate_burst
from tests.conftest import needs

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
needs("biosppy")


@pytest.fixture(scope="module")
def accuracy() -> Iterator[Any]:
    """Return the benchmark, which finds its parts as `python benchmarks/accuracy.py` does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        patch.delenv("EMGORDER_DATA", raising=False)
        import accuracy

        yield accuracy


@pytest.fixture(scope="module")
def measured(accuracy: Any) -> Any:
    tiny = accuracy.Sizes(grid=3, disturbed=1, gaps=1, mixed=2, quiet=2, lifts=1, sessions={5: 1}, windows=())
    with ThreadPoolExecutor(1) as pool:
        return accuracy.measure(tiny, accuracy.Workers(pool, 0.0), None)


def rows_of(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]


def gaussian(centre_s: float, sd_s: float) -> Posterior:
    grid_s = centre_s + sd_s * np.arange(-6.0, 6.0, 0.01)
    density = np.exp(-0.5 * ((grid_s - centre_s) / sd_s) ** 2)
    return Posterior(grid_s, density / density.sum() / (0.01 * sd_s))


def scored(accuracy: Any, error_s: list[float], **columns: list[Any]) -> pd.DataFrame:
    blank = {name: [math.nan] * len(error_s) for name in ("quantile", "width_s", "log_density")}
    return pd.DataFrame({"error_s": error_s, **blank, **columns})


def test_every_method_is_scored_on_every_burst_and_lift(measured: Any) -> None:
    names = set(onset_methods())
    assert names < set(measured.simulated["method"])
    assert any(name.startswith("biosppy_") for name in measured.simulated["method"])
    assert set(measured.simulated["method"].value_counts()) == {3 + 9 + 3 + 2 + 2}
    assert set(measured.lifts["method"].value_counts()) == {4 * 10}
    assert set(measured.lifts["method"]) >= set(measured.simulated["method"]) | {"analyse"}
    assert {"analyse", "hodges_bui"} <= set(measured.sessions["method"])


def test_the_page_has_a_whole_table_for_every_question(measured: Any) -> None:
    text = "\n\n".join(measured.sections())
    tables = [part for part in text.split("\n\n") if part.startswith("|")]
    assert len(tables) > 10
    for table in tables:
        assert len({len(row) for row in rows_of(table)}) == 1
    assert "nan" not in text
    assert "EMGORDER_DATA` names no folder" in text


def test_pictures_are_the_same_bytes_each_time(measured: Any, tmp_path: Path) -> None:
    for folder in ("once", "again"):
        measured.plot(tmp_path / folder)
    once = sorted((tmp_path / "once").iterdir())
    assert [path.name for path in once] == ["accuracy_coverage.svg", "accuracy_order.svg"]
    assert all(path.read_bytes() == (tmp_path / "again" / path.name).read_bytes() for path in once)


def test_bursts_do_not_depend_on_how_many_are_drawn(accuracy: Any) -> None:
    assert accuracy.cells.mixed_tasks(2, 1) == accuracy.cells.mixed_tasks(5, 1)[:2]
    assert (
        accuracy.order.lift_tasks(20, 1, accuracy.order.EQUAL) == accuracy.order.lift_tasks(40, 1, "equal muscles")[:2]
    )


def test_a_gap_is_where_the_task_says(accuracy: Any) -> None:
    rows = accuracy.cells.score_burst(accuracy.cells.gap_tasks(1, 20)[0])
    assert math.isnan(next(row["error_s"] for row in rows if row["method"] == "posterior"))


def test_coverage_of_a_right_density_is_what_it_states(accuracy: Any) -> None:
    from _accuracy import scores

    rng = np.random.default_rng(1)
    density = gaussian(1.0, 0.010)
    frame = pd.DataFrame([scores.score(1.0, density, t) for t in rng.normal(1.0, 0.010, 2000)])
    assert scores.coverage(frame) == pytest.approx(0.90, abs=0.02)
    assert scores.coverage(frame, 0.50) == pytest.approx(0.50, abs=0.03)
    assert scores.width_s(frame) == pytest.approx(2 * 1.645 * 0.010, rel=1e-3)
    expected = -0.5 * math.log(2 * math.pi * math.e * 0.010**2)
    assert scores.log_score(frame) == pytest.approx(expected, abs=0.05)


def test_a_withheld_time_counts_as_the_cap_and_not_in_the_bias(accuracy: Any) -> None:
    from _accuracy import scores

    frame = scored(accuracy, [0.010, -0.030, math.nan, 1.0])
    assert scores.mean_error_s(frame) == pytest.approx((0.010 + 0.030 + 0.200 + 0.200) / 4)
    assert scores.bias_s(frame) == pytest.approx((0.010 - 0.030 + 0.200) / 3)
    assert scores.withheld(frame) == 0.25


def test_errors_that_a_recording_shares_widen_the_standard_error(accuracy: Any) -> None:
    from _accuracy import scores

    values = np.repeat(np.random.default_rng(1).normal(size=50), 4)
    alone = scores.standard_error(values)
    assert alone == pytest.approx(values.std(ddof=1) / math.sqrt(values.size))
    assert scores.standard_error(values, np.repeat(np.arange(50), 4)) == pytest.approx(2.0 * alone, rel=0.02)


def test_the_standard_error_of_pairs_is_that_of_the_items_they_share(accuracy: Any) -> None:
    from _accuracy import scores

    item = np.random.default_rng(1).normal(size=60)
    first, second = np.triu_indices(60, 1)
    found = scores.standard_error_of_pairs(0.5 * (item[first] + item[second]), first, second)
    assert found == pytest.approx(item.std(ddof=1) / math.sqrt(60), rel=0.02)


def test_the_calibration_error_of_a_perfect_forecaster_is_near_the_least_possible(accuracy: Any) -> None:
    from _accuracy import scores

    rng = np.random.default_rng(1)
    p = rng.random(400)
    happened = (rng.random(400) < p).astype(float)
    right = pd.DataFrame({"p_glute_earlier": p, "glute_earlier": happened})
    too_sure = right.assign(p_glute_earlier=np.where(p > 0.5, 0.99, 0.01))
    least = scores.least_calibration_error(right)
    assert scores.calibration_error(right) == pytest.approx(least, rel=0.5)
    assert scores.calibration_error(too_sure) > 3 * least


def test_the_best_published_method_is_bold_and_never_our_own(accuracy: Any) -> None:
    from _accuracy.tables import MAE, method_table

    method = ["posterior"] * 3 + ["aglr"] * 3 + ["cusum"] * 3
    table = method_table(scored(accuracy, [0.001] * 3 + [0.02] * 3 + [0.01] * 3, method=method), [MAE])
    assert rows_of(table)[2:] == [["`posterior`", "1.0 ± 0.0"], ["`cusum`", "**10.0 ± 0.0**"], ["`aglr`", "20.0 ± 0.0"]]


@pytest.mark.parametrize(
    ("verdict", "truth_s", "right", "turned_round"),
    [
        ("hamstring first", 0.08, 1.0, 0.0),
        ("hamstring first", 0.02, 0.0, 0.0),
        ("hamstring first", -0.08, 0.0, 1.0),
        ("together", 0.02, 1.0, 0.0),
        ("cannot tell", 0.08, 0.0, 0.0),
    ],
)
def test_a_direction_is_wrong_where_the_truth_is_together(
    accuracy: Any, verdict: str, truth_s: float, right: float, turned_round: float
) -> None:
    got = accuracy.sessions.verdict_scores(verdict, truth_s)
    assert (got["given"], got["right"], got["reversed"]) == (float(verdict != "cannot tell"), right, turned_round)


def test_out_of_fold_each_burst_is_shown_to_the_network_that_has_not_seen_its_set(
    accuracy: Any, tmp_path: Path
) -> None:
    with (resources.files("emgorder.onset") / "weights" / "onset_network.npz").open("rb") as file:
        weights = dict(np.load(file))
    np.savez(tmp_path / "fold0.npz", **weights)
    never = {"none.bias": weights["none.bias"] + 30.0}  # a network that sees no onset anywhere
    np.savez(tmp_path / "fold1.npz", **{**weights, **never})
    burst = simulate_burst(1, snr_dB=20.0, ramp_s=0.0, onset_s=1.5)
    pd.DataFrame({"emg": burst.signal}).to_csv(tmp_path / "burst.csv")
    tasks = [
        accuracy.readings.ReadingTask(
            tmp_path / "burst.csv", dataset, "emg", burst.sampling_frequency, 0, burst.signal.size, 1.5, "as given"
        )
        for dataset in ("lift12kg_8ch", "uci_lower_limb", "a set of one's own")
    ]
    assert accuracy.folds.why_not(tmp_path) == ""
    of_fold_0, of_fold_1, unknown = accuracy.folds.find_out_of_fold(tmp_path, tasks)
    assert abs(of_fold_0["posterior, out of fold"].time_s) < 0.02
    assert not of_fold_1["posterior, out of fold"].found
    assert unknown == {}


def test_out_of_fold_figures_say_why_they_are_not_there(accuracy: Any, tmp_path: Path) -> None:
    assert "--folds" in accuracy.folds.why_not(None)
    assert accuracy.folds.why_not(tmp_path)
