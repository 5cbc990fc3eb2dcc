"""What is asked before a test, checked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.errors import SettingsError
from emgorder.guided.plan import new_pseudonym, read_plan
from emgorder.history.places import slug

FIT = {"fit": True, "pseudonym": "heron-12"}


def test_the_defaults_are_those_of_the_protocol() -> None:
    plan = read_plan(FIT)
    assert (plan.side, plan.both, plan.hamstring, plan.mode, plan.n_lifts, plan.n_practice) == (
        "R",
        True,
        "BF",
        "assessment",
        10,
        3,
    )
    assert plan.meta()["Instructions"] == "Lift your straight leg when you hear the tone."


@pytest.mark.parametrize(
    ("key", "value"),
    [("side", "X"), ("hamstring", "VL"), ("mode", "fun"), ("n_lifts", "0"), ("n_lifts", "ten"), ("pain", "11")],
)
def test_a_value_that_cannot_be_is_refused_by_its_name(key: str, value: str) -> None:
    with pytest.raises(SettingsError):
        read_plan({**FIT, key: value})


@pytest.mark.parametrize("pain", [7, "8", 10])
def test_severe_pain_is_no_day_for_a_test(pain: object) -> None:
    with pytest.raises(SettingsError, match="too much for this test"):
        read_plan({**FIT, "pain": pain})


def test_a_person_who_was_not_screened_is_not_tested() -> None:
    with pytest.raises(SettingsError, match="do not test now"):
        read_plan({"pseudonym": "heron-12"})


def test_somebody_without_a_pseudonym_gets_one() -> None:
    assert read_plan({"fit": True}).pseudonym
    assert slug(new_pseudonym()) != "test"


@given(st.text(max_size=200))
def test_any_pseudonym_gives_a_safe_folder(text: str) -> None:
    plan = read_plan({**FIT, "pseudonym": text})
    assert set(slug(plan.pseudonym)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert 0 < len(plan.pseudonym) <= 40
