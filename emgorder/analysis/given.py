"""Refusing what is no recording or no result where one is expected, with how to get one."""

from __future__ import annotations

from typing import Any

from emgorder.analysis.result import SessionResult
from emgorder.arguments import require_kind, require_list
from emgorder.model import Recording

__all__ = ["require_efforts", "require_recording", "require_result"]

_READ = "read the file with emgorder.read_recording, or make an emgorder.Recording of the array"


def require_recording(value: object, *, key: str = "recording") -> None:
    """Raise SettingsError unless `value` is a Recording.

    Examples
    --------
    >>> require_recording("session.csv")
    Traceback (most recent call last):
    emgorder.errors.SettingsError: recording: 'session.csv' (str) is no recording: read the file with ...
    """
    require_kind(value, Recording, key=key, what="recording", remedy=_READ)


def require_efforts(values: Any) -> tuple[Recording, ...]:
    """Return the recordings of full efforts; raise SettingsError unless they are recordings."""
    remedy = "give a list of recordings, [emgorder.read_recording(...)] for one"
    return require_list(values, Recording, key="mvc", what="recording", remedy=remedy)


def require_result(value: object, *, key: str) -> None:
    """Raise SettingsError unless `value` is a SessionResult."""
    remedy = "give what emgorder.analyse or emgorder.read_result returns"
    require_kind(value, SessionResult, key=key, what="result", remedy=remedy)
