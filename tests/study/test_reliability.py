"""Repeatability against published numbers, against simulation, and against what no number can be had of."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from emgorder.errors import SettingsError
from emgorder.model import FloatArray
from emgorder.study.reliability import reliability, reliability_of_table

# Shrout & Fleiss 1979, Table 2: six targets, four judges
PUBLISHED = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=np.float64
)


def long(table: FloatArray) -> pd.DataFrame:
    rows = [(f"p{i}", j + 1, x) for i, row in enumerate(table) for j, x in enumerate(row)]
    return pd.DataFrame(rows, columns=["person", "session", "difference_ms"])


def test_the_published_example_gives_the_published_numbers() -> None:
    found = reliability(long(PUBLISHED).sample(frac=1.0, random_state=3))  # the order of rows is nothing
    assert round(found.icc_agreement.value, 2) == 0.29
    assert round(found.icc_consistency.value, 2) == 0.71
    assert (round(found.icc_agreement.low, 2), round(found.icc_agreement.high, 2)) == (0.02, 0.76)
    assert (round(found.icc_consistency.low, 2), round(found.icc_consistency.high, 2)) == (0.34, 0.95)
    assert found.sem_consistency.value == pytest.approx(math.sqrt(1.02), abs=0.005)  # its mean square of error is 1.02
    assert (found.n_people, found.n_sessions) == (6, 4)


def test_the_smallest_detectable_change_is_1_96_root_2_sem() -> None:
    found = reliability_of_table(PUBLISHED)
    for change, sem in (
        (found.mdc95_agreement, found.sem_agreement),
        (found.mdc95_consistency, found.sem_consistency),
    ):
        assert change.value == pytest.approx(1.959964 * math.sqrt(2) * sem.value)
        assert change.high / sem.high == pytest.approx(change.low / sem.low)


@pytest.mark.parametrize(("n", "k", "people", "shift", "error"), [(20, 2, 85, 20, 40), (12, 3, 50, 15, 40)])
def test_intervals_hold_the_truth_as_often_as_they_say(
    n: int, k: int, people: float, shift: float, error: float
) -> None:
    rng, repeats = np.random.default_rng([n, k]), 400
    truth = (
        people**2 / (people**2 + shift**2 + error**2),
        people**2 / (people**2 + error**2),
        math.hypot(shift, error),
        error,
    )
    held = np.zeros(4)
    for _ in range(repeats):
        table = rng.normal(0, people, (n, 1)) + rng.normal(0, shift, k) + rng.normal(0, error, (n, k))
        r = reliability_of_table(table)
        parts = (r.icc_agreement, r.icc_consistency, r.sem_agreement, r.sem_consistency)
        held += [e.low <= t <= e.high for e, t in zip(parts, truth, strict=True)]
    assert (held / repeats > 0.92).all()
    assert (held / repeats < 0.98).all()


def test_unit_and_origin_do_not_matter_to_the_icc() -> None:
    one, other = reliability_of_table(PUBLISHED), reliability_of_table(1e3 * PUBLISHED - 5e4)
    assert other.icc_agreement.low == pytest.approx(one.icc_agreement.low)
    assert other.sem_agreement.high == pytest.approx(1e3 * one.sem_agreement.high)


def test_a_shift_of_a_whole_session_counts_for_agreement_only() -> None:
    shifted = PUBLISHED + np.array([0.0, 10.0, 0.0, 0.0])
    one, other = reliability_of_table(PUBLISHED), reliability_of_table(shifted)
    assert other.icc_consistency.value == pytest.approx(one.icc_consistency.value)
    assert other.icc_agreement.value < one.icc_agreement.value
    assert other.session_shift == pytest.approx(np.ptp(shifted.mean(axis=0)))


def test_perfect_repetition_is_1_and_its_error_0() -> None:
    found = reliability_of_table(np.array([[1.0, 1.0], [4.0, 4.0], [7.0, 7.0]]))
    assert (found.icc_agreement.value, found.icc_agreement.low, found.icc_consistency.high) == (1.0, 1.0, 1.0)
    assert found.mdc95_agreement.value == 0.0


@pytest.mark.parametrize("table", [[[1.0, 0.0], [0.0, 1.0]], [[1.0, 2.0], [1.0, 2.0]], [[0.0, 1.0], [1.0, 3.0]]])
def test_two_people_with_two_sessions_give_numbers_or_none_but_no_crash(table: list[list[float]]) -> None:
    found = reliability_of_table(np.array(table))
    assert found.sem_agreement.value > 0
    assert not found.icc_agreement.value > 1


def test_the_table_has_a_row_a_number() -> None:
    frame = reliability_of_table(PUBLISHED, confidence=0.9).to_frame()
    assert frame["measure"].tolist()[:2] == ["ICC(2,1)", "ICC(3,1)"]
    assert (frame["low"] < frame["value"]).all()
    assert (frame["value"] < frame["high"]).all()


def spoiled(change: str) -> pd.DataFrame:
    frame = long(PUBLISHED)
    if change == "missing":
        return frame.drop(index=5)
    if change == "nan":
        return frame.assign(difference_ms=frame["difference_ms"].where(frame.index != 5))
    if change == "infinite":
        return frame.assign(difference_ms=frame["difference_ms"].where(frame.index != 5, np.inf))
    if change == "twice":
        return pd.concat([frame, frame.iloc[:1]])
    if change == "text":
        return frame.assign(difference_ms="soon")
    if change == "column":
        return frame.drop(columns="session")
    if change == "constant":
        return frame.assign(difference_ms=7.3)
    if change == "one person":
        return frame[frame["person"] == "p0"]
    return frame[frame["session"] == 1] if change == "one session" else frame.iloc[:0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("missing", "person p1 has no difference_ms in session 2: complete it"),
        ("nan", "person p1 has no difference_ms in session 2"),
        ("infinite", "person p1 has no difference_ms in session 2"),
        ("twice", "person p0 has session 1 more than once"),
        ("text", "holds something that is no number"),
        ("column", "no column 'session': there are person, difference_ms"),
        ("constant", "all values are equal"),
        ("one person", "1 people and 4 sessions: repeatability needs at least two"),
        ("one session", "6 people and 1 sessions"),
        ("empty", "0 people and 0 sessions"),
    ],
)
def test_what_carries_no_number_is_refused_by_name(change: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        reliability(spoiled(change))


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0, math.nan])
def test_a_confidence_that_is_none_is_refused(confidence: float) -> None:
    with pytest.raises(SettingsError, match="confidence"):
        reliability_of_table(PUBLISHED, confidence=confidence)
