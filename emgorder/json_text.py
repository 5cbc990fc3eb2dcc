"""JSON from files and from the wire: text that any table, terminal or file can hold."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

__all__ = ["load_json"]

_HALVES = re.compile("[\ud800-\udfff]")


def load_json(text: str | bytes, *, parse_constant: Callable[[str], Any] | None = None) -> Any:
    r"""Read JSON; half a character, which an escape can hold and no text file can, becomes the replacement character.

    Parameters
    ----------
    text : str or bytes
        The document.
    parse_constant : callable, optional
        What becomes of ``NaN`` and its like, as in :func:`json.loads`.

    Raises
    ------
    ValueError
        It is no JSON (then a :class:`json.JSONDecodeError`), no UTF-8, or nested or long beyond any measure.

    Examples
    --------
    >>> load_json('{"name": "a\\ud800"}')
    {'name': 'a\ufffd'}
    """
    try:
        return _whole(json.loads(text, parse_constant=parse_constant))
    except RecursionError as error:
        raise ValueError("lists within lists beyond any measure") from error


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return _HALVES.sub("\ufffd", value)
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return value
