"""Running sample numbers from counters that begin again: greedily as packets come, corrected by their times."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np

from emgorder.model import FloatArray, IntArray
from emgorder.sensors.base import Chunk

__all__ = ["WIDE", "Numbering", "Placed", "missing_wraps", "step"]

WIDE = 1 << 16
"""From this modulus on a counter tells backwards from forwards; below it every step is taken for one forwards."""

_AROUND_S = 5.0  # fastest packets before and after a gap are looked for this far
_CANDIDATE = 0.75  # a whole turn of the counter cannot hide in a gap much shorter than itself
_UNSURE = 0.3
_SETTLED_S = 1.0  # of samples must have come after a loss: the last few packets of a link may all be late

_REMEMBERED = 64  # packets: with a wide counter no two are alike
_TWICE_S = 0.005  # a stack that delivers twice does so at once
_STRANGE_S = 0.2  # a counter ahead of its time by more is believed only when the next packets are there too
_AHEAD_S = 30.0  # by more: it has been set anew
_BEHIND_S = 0.5  # the first packet of a new link behind its time by more: its counter stood still, or wrapped unseen
_ODD_RATE = 0.03  # of the time away: a rate may be as far from the usual one
_NEAR_S = 1.0  # packets this far from each other may follow on, and this far back may be late ones
_CONFIRM = 3


class Placed(NamedTuple):
    """A chunk in its place: arrival, running number of its first sample, how many are missing before it.

    `anew` tells that it begins a run, since the counter was set anew, and `instead` that the run before held nothing
    but an outlier.
    """

    t_host_s: float
    chunk: Chunk
    start: int
    missing: int
    anew: bool = False
    instead: bool = False


class Numbering:
    """Gives the chunks of one link their running numbers, as they come.

    A chunk far from where its counter should be is held back. When the next ones follow on from it, the counter is
    there now and all of them are taken; when the counter goes on where it was, it was an outlier and is dropped. A
    counter whose turn is shorter than that stays unquestioned.

    Parameters
    ----------
    modulus : int or None
        Of the counter.

    Attributes
    ----------
    n_duplicates, n_outliers : int
        Packets that were there already, and those with a counter that nothing followed on from.
    n_restarts : int
        How often the counter was set anew while the link was up.

    Examples
    --------
    >>> numbering = Numbering(2**32)
    >>> pair = np.zeros((2, 1))
    >>> counters = [100, 102, 7, 104, 0, 2, 4]
    >>> placed = [numbering.push(i / 500, Chunk(c, pair), 1000.0) for i, c in enumerate(counters)]
    >>> [[each.start for each in some] for some in placed], numbering.n_outliers, numbering.n_restarts
    ([[100], [102], [], [104], [], [], [0, 2, 4]], 0, 1)
    """

    def __init__(self, modulus: int | None) -> None:
        self.n_duplicates = self.n_outliers = self.n_restarts = 0
        self.recount(modulus)
        self._n_decoded = 0  # samples of the last packet
        self._last_s = self._heard_s = 0.0
        self._fresh = True  # nothing came over this link yet
        self._expected: int | None = None  # running number of the next sample
        self._raw = 0  # its counter
        self._n_taken = 0  # chunks since the counter was set
        self._held: list[tuple[float, Chunk]] = []
        self._rate = 1.0

    def recount(self, modulus: int | None) -> None:
        """Take another counter from the next chunk on."""
        self._modulus = modulus
        self._wide = modulus is not None and modulus >= WIDE
        self._recent: deque[bytes] = deque(maxlen=_REMEMBERED if self._wide else 1)

    @property
    def begun(self) -> bool:
        """Whether it counts on from something."""
        return self._expected is not None

    def repeats(self, t_host_s: float, data: bytes) -> bool:
        """Whether a notification is one that came already; to be asked of each, before it is decoded."""
        if self._modulus is None:
            return False
        if self._recent and not self._n_decoded:
            self._recent.pop()  # it completed no sample: an acknowledgement, which may come as often as it likes
        again = data in self._recent
        if again and not self._wide:
            # Of a constant signal, packets that are whole turns of the counter long are all alike.
            again = t_host_s - self._heard_s <= _TWICE_S and self._n_decoded % self._modulus != 0
        self._heard_s = t_host_s
        if again:
            self.n_duplicates += 1
            if not self._wide:
                self._recent.clear()  # twice, but never three times
            return True
        self._recent.append(data)
        self._n_decoded = 0
        return False

    def reconnect(self) -> None:
        """Take notice that the link is a new one: its counter may be, too."""
        self.flush()
        self._recent.clear()
        self._fresh = True

    def restart(self) -> None:
        """Begin anew with the next chunk."""
        self.flush()
        self._expected, self._n_taken = None, 0

    def flush(self) -> None:
        """Drop what is held back."""
        for _, chunk in self._held:
            back = -self._missing(chunk)
            late = 0 < back <= _NEAR_S * self._rate
            self.n_duplicates += late
            self.n_outliers += not late
        self._held.clear()

    def push(self, t_host_s: float, chunk: Chunk, sampling_frequency: float) -> list[Placed]:
        """Return what can be placed now: mostly the chunk itself, none, or it with those that were held back."""
        self._rate = sampling_frequency
        self._n_decoded += len(chunk.values)
        if chunk.counter is None or self._modulus is None:
            return [self._take(t_host_s, chunk, self._expected or 0, 0)]
        if self._expected is None:
            return [self._take(t_host_s, chunk, chunk.counter, 0)]
        missing = self._missing(chunk)
        away_s = t_host_s - self._last_s
        ahead_s = missing / sampling_frequency - away_s
        goes_on = missing >= 0 and -_BEHIND_S - _ODD_RATE * away_s <= ahead_s <= _AHEAD_S
        if self._wide and self._fresh and not goes_on:
            self.restart()
            return [self._take(t_host_s, chunk, chunk.counter, 0, anew=True)]
        if missing == 0 or (missing > 0 and ahead_s <= _STRANGE_S):
            self.flush()
            return [self._take(t_host_s, chunk, self._expected + missing, missing)]
        return self._hold(t_host_s, chunk)

    def _hold(self, t_host_s: float, chunk: Chunk) -> list[Placed]:
        if self._held:
            before = self._held[-1][1]
            gap = step(chunk.counter or 0, (before.counter or 0) + len(before.values), self._modulus or 1)
            if -_NEAR_S * self._rate <= gap < 0:
                self.n_duplicates += 1
                return []
            if not 0 <= gap <= (_NEAR_S if self._wide else _STRANGE_S) * self._rate:
                self.flush()
        self._held.append((t_host_s, chunk))
        if len(self._held) < _CONFIRM:
            return []
        (first_s, first), *others = list(self._held)
        self._held.clear()
        missing = self._missing(first)
        if missing > 0 and missing / self._rate - (first_s - self._last_s) <= _AHEAD_S:
            placed = [self._take(first_s, first, (self._expected or 0) + missing, missing)]
        else:
            instead = self._n_taken == 1
            self.n_restarts += not instead
            self.n_outliers += instead
            self._n_taken = 0
            placed = [self._take(first_s, first, first.counter or 0, 0, anew=True, instead=instead)]
        for each_s, each in others:
            missing = self._missing(each)
            placed.append(self._take(each_s, each, (self._expected or 0) + missing, missing))
        return placed

    def _missing(self, chunk: Chunk) -> int:
        modulus = self._modulus or 1
        return step(chunk.counter or 0, self._raw % modulus, modulus)

    def _take(
        self, t_host_s: float, chunk: Chunk, start: int, missing: int, *, anew: bool = False, instead: bool = False
    ) -> Placed:
        n = len(chunk.values)
        self._expected = start + n
        self._raw = (chunk.counter or 0) + n
        self._last_s, self._fresh = t_host_s, False
        self._n_taken += 1
        return Placed(t_host_s, chunk, start, missing, anew, instead)


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
        if whole > 0 and last_index[-1] - last_index[i] < _SETTLED_S * sampling_frequency:
            unsure += whole * modulus
        elif whole > 0:
            extra[i:] += whole * modulus
            delay[i:] -= whole * turn_s
    return extra, unsure
