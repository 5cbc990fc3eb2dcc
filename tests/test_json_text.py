"""JSON is read so that nothing downstream meets half a character or an endless list."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.json_text import load_json, whole_text

WHOLE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(WHOLE)
def test_whole_text_is_read_as_json_reads_it(value: object) -> None:
    assert load_json(json.dumps(value)) == value
    assert whole_text(value) == value


def test_half_a_character_is_replaced_wherever_it_is() -> None:
    read = load_json('{"a\\ud800": ["\\udfff", {"b": "x\\udc00y"}]}')
    assert whole_text(read) == {"a?": ["?", {"b": "x?y"}]}


def test_a_whole_pair_of_halves_is_one_character() -> None:
    assert whole_text(load_json('"\\ud83d\\ude00"')) == "\U0001f600"


@pytest.mark.parametrize("text", ["[" * 200_000, "{", b"\xff", "9" * 6000])
def test_what_is_beyond_reading_is_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        load_json(text)
