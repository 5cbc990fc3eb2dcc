"""Names from files are shown safely, and numbers without false precision."""

from __future__ import annotations

import math
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.report.display import as_sentence, display_text, milliseconds, muscle_name, number, percent


@given(text=st.text(), limit=st.integers(2, 90))
def test_shown_text_is_one_printable_line_of_bounded_length(text: str, limit: int) -> None:
    shown = display_text(text, limit)
    assert len(shown) <= limit
    assert len(shown.splitlines()) <= 1
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in shown)
    shown.encode("utf-8")


def test_text_that_fits_is_shown_as_it_is() -> None:
    for name in ("runner-07", "Łukasz 山田 🙂", "אבג", "a" * 80):
        assert display_text(name) == name


def test_controls_of_direction_and_terminal_are_left_out() -> None:
    assert display_text("ab\u202ecd\u2066ef\x1b[31mgh\x00ij") == "abcdef[31mghij"


def test_a_lone_surrogate_becomes_a_character_that_can_be_written() -> None:
    assert display_text("file\udcff.csv") == "file\ufffd.csv"


def test_a_very_long_name_is_cut_with_a_mark() -> None:
    shown = display_text("x" * 10_240)
    assert len(shown) == 80
    assert shown.endswith("x…")


def test_milliseconds_are_whole_and_never_minus_zero() -> None:
    assert [milliseconds(s) for s in (0.0626, -0.0004, -0.0806, math.nan)] == ["63", "0", "-81", "–"]


@given(st.floats(0, 1))
def test_a_probability_below_one_is_never_shown_as_certain(p: float) -> None:
    assert percent(p) not in ("100 %", "0 %")


def test_numbers_drop_what_says_nothing() -> None:
    assert [number(v) for v in (12.0, 4.25, -0.01, 1000.0, math.inf)] == ["12", "4.2", "0", "1000", "–"]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("BF", "hamstring (biceps femoris)"),
        ("ST", "hamstring (semitendinosus)"),
        ("HAM", "hamstring (head not recorded)"),
        ("GMAX", "glute (gluteus maximus)"),
        ("XYZ", "XYZ"),
        ("", ""),
    ],
)
def test_muscles_are_named_in_plain_words_with_the_head(code: str, name: str) -> None:
    assert muscle_name(code) == name


def test_a_sentence_gets_a_capital_and_one_stop() -> None:
    assert [as_sentence(s) for s in ("only 4 lifts", "Done.", "why?", " ")] == ["Only 4 lifts.", "Done.", "Why?", ""]


@given(st.floats(0, 1), st.sampled_from([0.66, 0.90]))
def test_a_probability_is_never_rounded_across_a_limit_of_the_words(p: float, limit: float) -> None:
    shown = int(percent(p).strip("<> %"))
    assert (shown >= 100 * limit) == (p >= limit)


def test_probabilities_just_below_a_limit_are_rounded_down() -> None:
    assert [percent(p) for p in (0.8999, 0.9, 0.895, 0.6599, 0.66)] == ["89 %", "90 %", "89 %", "65 %", "66 %"]
