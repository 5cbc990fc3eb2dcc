"""Refusing settings that make no sense."""

from __future__ import annotations

import math

from emgorder.errors import SettingsError

__all__ = ["require_choice", "require_range"]


def require_range(key: str, value: float, low: float, high: float) -> None:
    """Raise SettingsError unless `value` is a number from `low` to `high`.

    Examples
    --------
    >>> require_range("ramp_s", 0.1, 0.0, 1.0)
    """
    if math.isnan(value) or not low <= value <= high:
        raise SettingsError(f"{value!r} is not between {low:g} and {high:g}", key=key)


def require_choice(key: str, value: object, allowed: tuple[str, ...]) -> None:
    """Raise SettingsError unless `value` is one of `allowed`.

    Examples
    --------
    >>> require_choice("side", "R", ("R", "L"))
    """
    if value not in allowed:
        raise SettingsError(f"{value!r} is not one of {', '.join(allowed)}", key=key)
