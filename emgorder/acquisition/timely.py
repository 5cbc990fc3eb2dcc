"""Records of a journal whose time can be: a damaged or hostile one must not cost the others."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np

from emgorder.io.journal import Record
from emgorder.model import FloatArray

__all__ = ["timely"]

_LONGEST_S = 2 * 86_400.0  # from the middle of a recording
_UNSET_S = 60.0  # a time of exactly 0 among much later ones was never set
_MARGIN_S = 3600.0  # from the first packet and the last one to a mark


def timely(records: Sequence[Record]) -> tuple[list[Record], int]:
    """Return the records whose time can be, and how many were left out.

    Packets of a sensor were written as they came, so their times never go back: of those that do, as few as possible
    are left out. Marks have to lie about where packets do; events and segments hold by
    their place.

    Parameters
    ----------
    records : sequence of Record
        Of a journal, in order.

    Examples
    --------
    >>> times = [100.0, 100.1, float("nan"), 0.0, 1e300, 100.2]
    >>> kept, n = timely([Record("packet", "left", t, b"") for t in times])
    >>> [record.t_host_s for record in kept], n
    ([100.0, 100.1, 100.2], 3)
    """
    time_s = np.array([record.t_host_s for record in records], dtype=np.float64)
    sender = np.array([record.sensor if record.kind == "packet" else None for record in records], dtype=object)
    there = np.array([name is not None for name in sender], dtype=bool) & np.isfinite(time_s)
    if not there.any():
        return list(records), 0
    middle_s = float(np.median(time_s[there]))
    with np.errstate(invalid="ignore", over="ignore"):
        good = np.isfinite(time_s) & (np.abs(time_s - middle_s) <= _LONGEST_S)
    good &= (time_s != 0.0) | (abs(middle_s) < _UNSET_S)
    low_s, high_s = np.inf, -np.inf
    for sensor in {name for name in sender.tolist() if name is not None}:
        at = np.flatnonzero((sender == sensor) & good)
        if np.any(np.diff(time_s[at]) < 0):
            kept = _rising(time_s[at])
            good[np.delete(at, kept)] = False
            at = at[kept]
        if at.size:
            low_s, high_s = min(low_s, float(time_s[at[0]])), max(high_s, float(time_s[at[-1]]))
    beside = np.array([record.kind == "mark" for record in records], dtype=bool)
    good[beside] &= (time_s[beside] >= low_s - _MARGIN_S) & (time_s[beside] <= high_s + _MARGIN_S)
    good |= np.array([record.kind in ("event", "segment") for record in records], dtype=bool)
    return [record for record, keep in zip(records, good.tolist(), strict=True) if keep], int((~good).sum())


def _rising(time_s: FloatArray) -> list[int]:
    """Return the places of a longest subsequence that never goes back."""
    ends: list[float] = []  # the least last time of a subsequence of each length
    at_end: list[int] = []
    before: list[int] = []
    for place, value in enumerate(time_s.tolist()):
        length = bisect_right(ends, value)
        before.append(at_end[length - 1] if length else -1)
        if length == len(ends):
            ends.append(value)
            at_end.append(place)
        else:
            ends[length], at_end[length] = value, place
    chain = []
    place = at_end[-1]
    while place >= 0:
        chain.append(place)
        place = before[place]
    return chain[::-1]
