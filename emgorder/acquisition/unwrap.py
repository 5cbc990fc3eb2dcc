"""Running sample numbers from counters that begin again: greedily as packets come, corrected by their times."""

from __future__ import annotations

import numpy as np

from emgorder.model import FloatArray, IntArray

__all__ = ["WIDE", "missing_wraps", "step"]

WIDE = 1 << 16
"""From this modulus on a counter tells backwards from forwards; below it every step is one forwards."""

_AROUND_S = 5.0  # fastest packets before and after a gap are looked for this far
_CANDIDATE = 0.75  # a whole turn of the counter cannot hide in a gap much shorter than itself
_UNSURE = 0.3


def step(counter: int, expected: int, modulus: int) -> int:
    """Return how many samples are missing before `counter`, negative for one that was there already.

    Examples
    --------
    >>> step(4, 254, 256), step(2, 2**32 - 2, 2**32), step(90, 100, 2**32)
    (6, 4, -10)
    """
    gap = (counter - expected) % modulus
    return gap - modulus if modulus >= WIDE and gap >= modulus // 2 else gap


def missing_wraps(
    last_index: IntArray, t_host_s: FloatArray, *, modulus: int, sampling_frequency: float
) -> tuple[IntArray, int]:
    """Return how many samples more than the counter shows were lost before each packet, and how many are in doubt.

    A loss of whole turns of the counter leaves no trace in it, but makes all later packets late; a stall of the link
    makes late only those that waited. So the fastest packets before and after each longer silence are compared.

    Parameters
    ----------
    last_index : ndarray of int, shape (n_packets,)
        Running number of each packet's last sample, as the counter tells it.
    t_host_s : ndarray, shape (n_packets,)
        Arrivals.
    modulus : int
        Of the counter.
    sampling_frequency : float
        Hz.

    Examples
    --------
    >>> index = np.arange(9, 6000, 10)
    >>> arrived = index / 500.0 + np.where(index > 3000, 256 / 500.0, 0.0)
    >>> extra, unsure = missing_wraps(index, arrived, modulus=256, sampling_frequency=500.0)
    >>> extra[[0, -1]].tolist(), unsure
    ([0, 256], 0)
    """
    extra = np.zeros(last_index.size, dtype=np.intp)
    if last_index.size < 3:
        return extra, 0
    turn_s = modulus / sampling_frequency
    delay = t_host_s - last_index / sampling_frequency
    waits = np.diff(t_host_s)
    unsure = 0
    for i in (np.flatnonzero(waits > _CANDIDATE * turn_s + float(np.median(waits))) + 1).tolist():
        now = t_host_s[i]
        first = int(np.searchsorted(t_host_s, now - waits[i - 1] - _AROUND_S))
        stop = int(np.searchsorted(t_host_s, now + _AROUND_S))
        turns = float(delay[i:stop].min() - delay[first:i].min()) / turn_s
        whole = round(turns)
        if abs(turns - whole) > _UNSURE:
            unsure += modulus
        if whole > 0:
            extra[i:] += whole * modulus
            delay[i:] -= whole * turn_s
    return extra, unsure
