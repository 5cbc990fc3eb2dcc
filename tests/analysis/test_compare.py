"""Two sessions of one person against each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from emgorder import compare_sessions
from emgorder.analysis import SessionResult, Settings, analyse
from emgorder.errors import SettingsError
from emgorder.simulate import simulate_session


@pytest.fixture(scope="module")
def cued() -> SessionResult:
    """Return lifts with the glute 60 ms ahead."""
    return analyse(simulate_session(seed=12, mean_difference_s=-0.06, lift_sd_s=0.03, outlier_share=0.0))


def test_a_cue_that_brings_the_glute_forward_is_seen(
    cued: SessionResult, hamstring_first_result: SessionResult
) -> None:
    found = compare_sessions(cued, hamstring_first_result)
    assert found.verdict == "smaller"
    assert found.low_s < -0.210 < found.high_s
    assert found.p_positive < 0.01


def test_a_session_against_itself_is_alike_or_open(hamstring_first_result: SessionResult) -> None:
    found = compare_sessions(hamstring_first_result, hamstring_first_result)
    assert found.difference_s == pytest.approx(0.0, abs=1e-6)
    assert found.verdict in ("alike", "cannot tell")


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        ({"posture": "knee bent"}, "the posture differs (knee straight, then knee bent)"),
        ({"Manufacturer": "Other"}, "the device differs (One, then Other)"),
        ({"pseudonym": "runner-08"}, "another person"),
    ],
)
def test_sessions_that_are_not_alike_are_not_compared(
    hamstring_first_result: SessionResult, meta: Mapping[str, Any], said: str
) -> None:
    first = replace(
        hamstring_first_result, meta={"posture": "knee straight", "Manufacturer": "One", "pseudonym": "runner-07"}
    )
    found = compare_sessions(first, replace(first, meta={**first.meta, **meta}))
    assert found.reason.startswith(said)
    assert found.verdict == "cannot tell"


def test_the_instruction_may_differ(hamstring_first_result: SessionResult) -> None:
    other = replace(hamstring_first_result, meta={**hamstring_first_result.meta, "Instructions": "Squeeze first."})
    assert compare_sessions(hamstring_first_result, other).reason == ""


def test_another_hamstring_or_method_is_no_comparison(hamstring_first_result: SessionResult) -> None:
    result = hamstring_first_result
    medial = replace(result, sides=(replace(result.sides[0], hamstring="ST"),))
    assert "hamstring" in compare_sessions(result, medial).reason
    assert (
        "the onset method differs"
        in compare_sessions(result, replace(result, settings=Settings(method="bonato"))).reason
    )


def test_a_side_that_is_not_there_is_named(hamstring_first_result: SessionResult) -> None:
    with pytest.raises(SettingsError, match="no side 'L', there is 'R'"):
        compare_sessions(hamstring_first_result, hamstring_first_result, "L")
