"""Refusing arguments that make no sense, before anything is computed from them."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any

import numpy as np

from emgorder.errors import SettingsError

__all__ = ["plain_number", "require_choice", "require_kind", "require_list", "require_whole", "require_within"]


def plain_number(value: Any) -> Any:
    """Return a scalar of numpy as the Python number that it is; anything else as it is.

    Examples
    --------
    >>> plain_number(np.int64(50)), plain_number("50")
    (50, '50')
    """
    return value.item() if isinstance(value, np.generic) else value


def require_choice(key: str, value: object, allowed: tuple[str, ...]) -> None:
    """Raise SettingsError unless `value` is one of `allowed`.

    Examples
    --------
    >>> require_choice("side", "R", ("R", "L"))
    """
    if not (isinstance(value, str) and value in allowed):
        raise SettingsError(f"{value!r} is not one of {', '.join(allowed)}", key=key)


def require_kind(value: object, kind: type | tuple[type, ...], *, key: str, what: str, remedy: str) -> None:
    """Raise SettingsError unless `value` is of `kind`.

    Parameters
    ----------
    value : object
        The argument.
    kind : type or tuple of type
        What it has to be.
    key : str
        Name of the argument.
    what : str
        What it has to be, in words.
    remedy : str
        What to give instead.

    Examples
    --------
    >>> require_kind("a.csv", dict, key="labels", what="mapping", remedy="give a dict")
    Traceback (most recent call last):
    emgorder.errors.SettingsError: labels: 'a.csv' (str) is no mapping: give a dict
    """
    if not isinstance(value, kind):
        raise SettingsError(f"{_shown(value)} is no {what}: {remedy}", key=key)


def require_list(values: Any, kind: type | tuple[type, ...], *, key: str, what: str, remedy: str) -> tuple[Any, ...]:
    """Return `values` as a tuple; raise SettingsError unless they are several, each of `kind`. A text is not several.

    Examples
    --------
    >>> require_list(["a", "b"], str, key="names", what="name", remedy="give a list of names")
    ('a', 'b')
    """
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise SettingsError(f"{_shown(values)} is no list: {remedy}", key=key)
    listed = tuple(values)
    for value in listed:
        require_kind(value, kind, key=key, what=what, remedy=remedy)
    return listed


def _shown(value: object) -> str:
    kind = type(value).__name__
    return f"{value!r:.60} ({kind})" if isinstance(value, str | Real) else kind


def require_within(key: str, value: Any, low: float, high: float) -> None:
    """Raise SettingsError unless `value` is a number from `low` to `high`.

    Examples
    --------
    >>> require_within("ramp_s", 0.1, 0.0, 1.0)
    """
    if isinstance(value, bool | np.bool_) or not (isinstance(value, Real) and low <= float(value) <= high):
        raise SettingsError(f"{value!r} is not between {low:g} and {high:g}", key=key)


def require_whole(key: str, value: Any, low: int, high: int) -> None:
    """Raise SettingsError unless `value` is a whole number from `low` to `high`.

    Examples
    --------
    >>> require_whole("n_lifts", 10, 1, 100)
    """
    if isinstance(value, bool) or not (isinstance(value, Integral) and low <= int(value) <= high):
        raise SettingsError(f"{value!r} is not a whole number from {low} to {high}", key=key)
