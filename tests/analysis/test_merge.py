"""Several recordings of one test as one result."""

from __future__ import annotations

import pytest

import emgorder as eo
from emgorder.analysis.merge import merge_results


@pytest.fixture(scope="module")
def results() -> list[eo.SessionResult]:
    return [
        eo.analyse(eo.simulate_session(seed=seed, n_lifts=n, sides=sides))
        for seed, n, sides in ((1, 5, ("R",)), (2, 5, ("L",)), (3, 1, ("R",)))
    ]


def test_every_side_is_as_it_was(results: list[eo.SessionResult]) -> None:
    whole = merge_results(results[:2], name="heron")
    assert whole.sides == (*results[0].sides, *results[1].sides)
    assert len(whole.order) == 10
    assert whole.name == "heron"
    assert [channel.label for channel in whole.channels] == ["GMAX_R", "BF_R", "GMAX_L", "BF_L"]


def test_of_a_side_in_several_the_one_with_most_lifts_is_kept_and_it_is_said(results: list[eo.SessionResult]) -> None:
    whole = merge_results([results[2], results[0]])
    assert whole.sides == results[0].sides
    assert len(whole.order) == 5
    assert any("has more lifts that count" in note for note in whole.notes)


def test_results_that_were_made_differently_are_not_mixed(results: list[eo.SessionResult]) -> None:
    other = eo.analyse(eo.simulate_session(seed=1, n_lifts=1), eo.Settings(rope_s=0.02))
    with pytest.raises(eo.RecordingError, match="different settings"):
        merge_results([results[0], other])
    with pytest.raises(eo.RecordingError, match="no result"):
        merge_results([])
