"""What a page may send, and that nothing else gets through."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.app.commands import Allowance, Command, CommandError, read_command

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def test_a_command_comes_with_values_of_all_kinds() -> None:
    values = {"note": "left hip,\nsore", "sides": ["R", "L"], "age": 31, "mass": 71.5, "sound": True, "none": None}
    read = read_command(json.dumps({"do": "open:anna_2026", "values": values, "step": "home", "id": 3}))
    assert read == Command("open:anna_2026", {**values, "sides": ("R", "L")}, "home", 3)
    assert read_command('{"do": "next"}') == Command("next")


@pytest.mark.parametrize(
    "message",
    [
        "",
        "{",
        "[]",
        '"next"',
        "null",
        "{}",
        '{"do": ""}',
        '{"do": 3}',
        '{"do": ["next"]}',
        '{"do": "next", "more": 1}',
        '{"do": "next", "id": true}',
        '{"do": "next", "id": -1}',
        '{"do": "next", "id": 1.5}',
        '{"do": "next", "id": "7"}',
        '{"do": "next", "id": 99999999999999999999}',
        '{"do": "next", "step": 1}',
        '{"do": "next", "turn": "1"}',
        '{"do": "next", "turn": -1}',
        '{"do": "next", "turn": true}',
        '{"do": "next", "values": []}',
        '{"do": "next", "values": {"a": {"b": 1}}}',
        '{"do": "next", "values": {"a": [1]}}',
        '{"do": "next", "values": {"a": NaN}}',
        '{"do": "next", "values": {"a": Infinity}}',
        '{"do": "next", "values": {"a": 1e400}}',
        '{"do": "next", "values": {"a": ' + "9" * 400 + "}}",
        '{"do": "next", "values": {"a": ' + "9" * 5000 + "}}",
        '{"do": "next", "values": {"a": "\\ud800"}}',
        '{"do": "next", "values": {"a": "\\u0000"}}',
        '{"do": "next\\u001b[2J"}',
        json.dumps({"do": "n" * 201}),
        json.dumps({"do": "note", "values": {"note": "n" * 10_001}}),
        json.dumps({"do": "next", "values": {str(i): 1 for i in range(65)}}),
        json.dumps({"do": "next", "values": {"a": ["x"] * 65}}),
        "[" * 60_000,
        " " * 70_000 + '{"do": "next"}',
    ],
)
def test_what_is_no_command_is_refused_in_words(message: str) -> None:
    with pytest.raises(CommandError, match=r"^[a-z]"):
        read_command(message)


def test_the_refusal_of_a_numbered_message_carries_its_number() -> None:
    with pytest.raises(CommandError) as caught:
        read_command('{"do": "next", "values": 7, "id": 12}')
    assert caught.value.id == 12


@given(JSON)
def test_no_message_does_more_than_be_refused(value: Any) -> None:
    for message in (value, {"do": "next", "values": value}, {"do": value, "id": value, "step": value}):
        try:
            command = read_command(json.dumps(message))
        except CommandError:
            continue
        json.dumps([command.do, dict(command.values), command.step]).encode("utf-8")


def test_commands_are_allowed_at_a_rate() -> None:
    now_s = 0.0
    allowance = Allowance(per_s=10.0, most=5, now=lambda: now_s)
    assert [allowance.spend() for _ in range(7)] == [True] * 5 + [False] * 2
    now_s = 0.2
    assert [allowance.spend() for _ in range(3)] == [True, True, False]
    now_s = 1000.0
    assert sum(allowance.spend() for _ in range(50)) == 5
