"""The same session by several onset methods: what is compared, and when it cannot be."""

from __future__ import annotations

import copy
import math
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import emgorder as eo
from emgorder.analysis.merge import merge_results
from emgorder.analysis.result import Origin, SessionResult
from emgorder.errors import RecordingError, SettingsError
from emgorder.model import Recording


@pytest.fixture(scope="module")
def short() -> Recording:
    return eo.simulate_session(
        seed=11, n_lifts=6, sides=("R", "L"), mean_difference_s=0.150, outlier_share=0.0, missing_share=0.0
    )


@pytest.fixture(scope="module")
def result(short: Recording) -> SessionResult:
    return eo.analyse(short)


def test_there_is_a_row_a_method_and_side_with_the_reference_first(result: SessionResult) -> None:
    table = result.sensitivity(["bonato", "hmm"])
    assert table[["method", "side"]].values.tolist() == [
        [m, s] for m in ("posterior", "bonato", "hmm") for s in ("R", "L")
    ]
    assert set(table["reference"]) == {"posterior"}
    own = table[table["method"] == "posterior"]
    assert own["verdict"].tolist() == result.summary["verdict"].tolist()
    assert own["onset_difference_ms"].tolist() == result.summary["onset_difference_ms"].tolist()
    assert (own[["bias_ms", "loa_low_ms", "loa_high_ms"]] == 0).all(axis=None)
    assert (own["same_sign"] == 1).all()
    published = table[table["method"] == "bonato"]
    assert published["ci_low_ms"].isna().all(), "an interval is never invented"
    assert published["reason"].str.contains("no probabilities").all()


def test_bias_and_limits_are_those_of_the_lifts_that_count_with_both(short: Recording, result: SessionResult) -> None:
    table = result.sensitivity(["posterior", "aglr"])
    row = table[(table["method"] == "aglr") & (table["side"] == "R")].iloc[0]
    other = eo.analyse(short, eo.Settings(method="aglr"))
    both = result.order.merge(other.order, on=["lift", "side"], suffixes=("_a", "_b"))
    both = both[both["valid_a"] & both["valid_b"] & (both["side"] == "R")]
    gap = both["onset_difference_ms_b"] - both["onset_difference_ms_a"]
    assert row["n_paired"] == len(gap) >= 4
    assert row["bias_ms"] == pytest.approx(gap.mean())
    assert row["loa_high_ms"] - row["loa_low_ms"] == pytest.approx(2 * 1.96 * gap.std())
    assert row["bias_low_ms"] < row["bias_ms"] < row["bias_high_ms"]
    assert abs(row["bias_ms"]) > 0
    same = np.sign(both["onset_difference_ms_a"]) == np.sign(both["onset_difference_ms_b"])
    assert row["same_sign"] == same.mean()


def test_the_method_of_the_settings_is_the_reference(short: Recording) -> None:
    table = eo.compare_methods(short, ["posterior"], eo.Settings(method="bonato"))
    assert table["method"].tolist() == ["bonato", "bonato", "posterior", "posterior"]
    assert set(table["reference"]) == {"bonato"}


def test_a_result_from_a_file_says_what_to_do_instead(result: SessionResult, tmp_path: Path) -> None:
    back = eo.read_result(result.to_json(tmp_path / "r.json"))
    with pytest.raises(RecordingError, match=r"read from a file.*compare_methods\(recording, methods"):
        back.sensitivity(["bonato"])


def test_a_result_leaves_its_recording_behind_when_it_goes_to_another_process(result: SessionResult) -> None:
    sent = pickle.dumps(result)
    bare = pickle.dumps(replace(result, origin=Origin()))
    assert len(sent) == len(bare)
    assert pickle.loads(sent).origin.recording is None
    assert copy.deepcopy(result).origin.recording is None
    assert pickle.loads(sent).summary.equals(result.summary)


def test_a_merged_result_has_no_single_recording_to_go_back_to(result: SessionResult) -> None:
    with pytest.raises(RecordingError, match="several recordings"):
        merge_results([result, result]).sensitivity(["bonato"])


def test_too_few_lifts_for_a_comparison_leave_it_open() -> None:
    recording = eo.simulate_session(seed=1, n_lifts=1, sides=("R",))
    row = eo.compare_methods(recording, ["bonato"]).iloc[1]
    assert math.isnan(row["bias_ms"])
    assert row["n_lifts"] == 1


@pytest.mark.parametrize(
    ("methods", "said"),
    [
        ([], "is empty"),
        ("bonato", "is no list of names"),
        (["bonato", "magic"], "'magic' is no onset method: take one of posterior"),
        (["bonato", "bonato"], "names bonato more than once"),
    ],
)
def test_methods_that_do_not_exist_are_refused_before_anything_is_computed(
    methods: list[str], said: str, result: SessionResult
) -> None:
    with pytest.raises(SettingsError, match=said):
        result.sensitivity(methods)
    with pytest.raises(SettingsError, match=said):
        eo.compare_methods(result.origin.recording, methods)
