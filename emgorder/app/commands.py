"""What a page may send: checked before anything else sees it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from emgorder.errors import EmgOrderError
from emgorder.json_text import load_json

__all__ = ["LONGEST_MESSAGE", "Allowance", "Command", "CommandError", "read_command"]

LONGEST_MESSAGE = 65536  # bytes
_LONGEST_NAME, _LONGEST_TEXT, _MOST = 200, 10_000, 64
_LARGEST_COUNT = 2**53
_KEYS = frozenset({"do", "values", "step", "id", "turn"})


@dataclass(frozen=True, slots=True)
class Command:
    """Something to do: its name, the values of the fields, step and turn of the screen that it was chosen on."""

    do: str
    values: Mapping[str, Any] = field(default_factory=dict)
    step: str = ""
    id: int | None = None
    turn: int | None = None


class CommandError(EmgOrderError):
    """A message is no command; ``id`` is its number where it could be read."""

    def __init__(self, message: str, *, id: int | None = None) -> None:
        super().__init__(message)
        self.id = id


def read_command(text: str) -> Command:
    """Read a message of the page.

    Raises
    ------
    CommandError
        It is not one, in whatever way.

    Examples
    --------
    >>> read_command('{"do": "next", "values": {"pseudonym": "runner"}, "step": "new", "id": 7, "turn": 2}')
    Command(do='next', values={'pseudonym': 'runner'}, step='new', id=7, turn=2)
    """
    if len(text) > LONGEST_MESSAGE:
        raise CommandError(f"the message is longer than {LONGEST_MESSAGE} characters")
    try:
        message = load_json(text, parse_constant=_no_number)
    except ValueError:
        raise CommandError("the message is not JSON") from None
    if not isinstance(message, dict):
        raise CommandError("the message is no JSON object")
    number = message.get("id")
    if not _is_count(number):
        raise CommandError("the message's id is no whole number")
    try:
        if set(message) - _KEYS:
            raise ValueError("the message has other keys than do, values, step, id and turn")
        do = _text(message.get("do"), "do", _LONGEST_NAME)
        if not do:
            raise ValueError("do is empty")
        step = _text(message.get("step") or "", "step", _LONGEST_NAME)
        if not _is_count(turn := message.get("turn")):
            raise ValueError("turn is no whole number")
        return Command(do, _values(message.get("values")), step, number, turn)
    except ValueError as error:
        raise CommandError(str(error), id=number) from None


def _is_count(value: Any) -> bool:
    return value is None or (type(value) is int and 0 <= value <= _LARGEST_COUNT)


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _values(given: Any) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, dict) or len(given) > _MOST:
        raise ValueError(f"values are no JSON object with at most {_MOST} entries")
    return {_text(name, "the name of a value", _LONGEST_NAME): _value(value) for name, value in given.items()}


def _value(value: Any) -> Any:
    if isinstance(value, list):
        if len(value) > _MOST:
            raise ValueError(f"a value is a list of more than {_MOST}")
        return tuple(_text(item, "an item of a value", _LONGEST_NAME) for item in value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        if not abs(value) <= 1e15:  # NaN neither
            raise ValueError("a value is too large a number")
        return value
    return _text(value, "a value", _LONGEST_TEXT)


def _text(value: Any, what: str, longest: int) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{what} is no text")
    if len(value) > longest:
        raise ValueError(f"{what} is longer than {longest} characters")
    # Halves of surrogate pairs cannot be written to a file; control characters have no place in one.
    if any((c < " " and c not in "\n\r\t") or "\ud800" <= c <= "\udfff" or c == "\x7f" for c in value):
        raise ValueError(f"{what} holds characters that cannot be written")
    return value


class Allowance:
    """How many commands a page may send: `most` at once, and `per_s` in the long run.

    Examples
    --------
    >>> allowance = Allowance(per_s=10.0, most=2, now=lambda: 0.0)
    >>> [allowance.spend() for _ in range(3)]
    [True, True, False]
    """

    def __init__(self, *, per_s: float = 10.0, most: int = 40, now: Callable[[], float] = time.monotonic) -> None:
        self._per_s, self._most, self._now = per_s, most, now
        self._left, self._at_s = float(most), now()

    def spend(self) -> bool:
        """Return whether one more is allowed now."""
        now_s = self._now()
        self._left = min(self._most, self._left + (now_s - self._at_s) * self._per_s)
        self._at_s = now_s
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True
