"""Labels as people write them, and the muscles they mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.muscles import MUSCLES, parse_label


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("GMAX_R", ("GMAX", "R")),
        ("gluteus maximus L", ("GMAX", "L")),
        ("GluteusMaximusRight", ("GMAX", "R")),
        ("R. Glute Max", ("GMAX", "R")),
        ("EMG glute", ("GMAX", "")),
        ("BF", ("BF", "")),
        ("left biceps femoris", ("BF", "L")),
        ("Biceps femoris (long head) rt", ("BF", "R")),
        ("BFlh-L", ("BF", "L")),
        ("Lateral hamstrings", ("BF", "")),
        ("ST_r", ("ST", "R")),
        ("SemiTendinosus", ("ST", "")),
        ("medial hamstring right", ("ST", "R")),
        ("hamstring", ("HAM", "")),
        ("GMED_L", ("GMED", "L")),
        ("lumbar erector", ("ES", "")),
    ],
)
def test_common_names_are_understood(label: str, expected: tuple[str, str]) -> None:
    assert parse_label(label) == expected


@pytest.mark.parametrize("label", ["", "ch1", "R", "RES", "BFL", "MA", "GM", "time", "vastus", "<script>", "_ _"])
def test_what_names_no_known_muscle_stays_unknown(label: str) -> None:
    assert parse_label(label)[0] == ""


@pytest.mark.parametrize("code", list(MUSCLES))
@pytest.mark.parametrize("side", ["R", "L"])
def test_every_alias_is_understood_with_a_side_before_or_after_it(code: str, side: str) -> None:
    for alias in MUSCLES[code].aliases:
        assert parse_label(f"{alias}_{side}") == (code, side)
        assert parse_label(f"{side} {alias.upper()}") == (code, side)


def test_no_alias_means_two_muscles() -> None:
    aliases = [alias.replace(" ", "") for muscle in MUSCLES.values() for alias in muscle.aliases]
    assert sorted(set(aliases)) == sorted(aliases)


@given(st.text(max_size=40))
def test_any_text_gives_a_known_code_or_none(label: str) -> None:
    code, side = parse_label(label)
    assert code in {*MUSCLES, ""}
    assert side in {"R", "L", ""}
