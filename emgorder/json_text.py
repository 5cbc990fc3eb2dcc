"""JSON from files and from the wire, and its text made such that a table, a terminal or a file can hold it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

__all__ = ["load_json", "whole_text"]

_HALVES = re.compile("[\ud800-\udfff]")


def load_json(text: str | bytes, *, parse_constant: Callable[[str], Any] | None = None) -> Any:
    """Read JSON; whatever is none is one kind of error.

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
    >>> load_json('{"lifts": 10}')
    {'lifts': 10}
    """
    try:
        return json.loads(text, parse_constant=parse_constant)
    except RecursionError as error:
        raise ValueError("lists within lists beyond any measure") from error


def whole_text(value: Any) -> Any:
    r"""Return what JSON held with ``?`` for halves of characters: an escape can hold one, a column of text cannot.

    Examples
    --------
    >>> whole_text({"label": ["GMAX\ud800", 1]})
    {'label': ['GMAX?', 1]}
    """
    if isinstance(value, str):
        return _HALVES.sub("?", value)
    if isinstance(value, list):
        return [whole_text(item) for item in value]
    if isinstance(value, dict):
        return {whole_text(key): whole_text(item) for key, item in value.items()}
    return value
