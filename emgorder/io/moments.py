"""When a recording began, as it stands in its sidecar."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

__all__ = ["UNKNOWN_START", "moment_of", "parse_moment"]

UNKNOWN_START = datetime(1985, 1, 1)  # noqa: DTZ001 - files say the time of a place they do not name
"""What EDF and BDF write where nobody knows when a recording began."""

_FRACTION = re.compile(r"\.(\d{1,6})\d*")


def moment_of(meta: Mapping[str, Any]) -> datetime | None:
    """Return the time in ``RecordingStarted``, with its zone where it names one; None where it is no time.

    Examples
    --------
    >>> moment_of({"RecordingStarted": "2026-03-09T10:00:01.5Z"}).isoformat()
    '2026-03-09T10:00:01.500000+00:00'
    """
    said = meta.get("RecordingStarted")
    return parse_moment(said) if isinstance(said, str) else None


def parse_moment(text: str) -> datetime | None:
    """Return an ISO date or time, with its zone where it names one; None where it is none.

    Examples
    --------
    >>> parse_moment("2026-03-09").isoformat(), parse_moment("last Tuesday")
    ('2026-03-09T00:00:00', None)
    """
    # Python 3.10 takes fractions of three or six digits only, and no Z
    text = _FRACTION.sub(lambda found: f".{found[1]:0<6}", text, count=1)
    try:
        return datetime.fromisoformat(text.removesuffix("Z") + ("+00:00" if text.endswith("Z") else ""))
    except ValueError:
        return None
