"""Clocks other than the machine's: virtual time for tests and fast replays, and real time at another pace."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable

__all__ = ["FastClock", "PacedClock"]


class FastClock:
    """Virtual time: when every task waits, the clock jumps to the moment the first of them waits for.

    Only waiting through this clock counts: a task that waits for a file or a thread does not hold time up.

    Parameters
    ----------
    start_s : float
        What `now` returns at first.
    rounds : int
        Turns of the event loop in which nobody asks to sleep before time jumps: what one waking sets off (a queue, an
        event, a lock, each takes a turn) is over before the next. A longer chain takes virtual time, as on a busy
        machine, and in the same way in every run.

    Examples
    --------
    >>> import asyncio
    >>> clock = FastClock()
    >>> asyncio.run(clock.sleep(3600.0))
    >>> clock.now()
    3600.0
    """

    def __init__(self, start_s: float = 0.0, *, rounds: int = 4) -> None:
        self._now = start_s
        self._rounds = rounds
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._quiet = 0
        self._driven: asyncio.AbstractEventLoop | None = None

    def now(self) -> float:
        """Return virtual seconds."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait in virtual time; 0 or less lets other tasks run."""
        loop = asyncio.get_running_loop()
        wake: asyncio.Future[None] = loop.create_future()
        heapq.heappush(self._waiting, (self._now + max(seconds, 0.0), next(self._order), wake))
        self._quiet = 0
        if self._driven is not loop:  # not driven yet, or by a loop that has ended
            self._driven = loop
            loop.call_soon(self._turn, loop)
        await wake

    def _turn(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._waiting and self._waiting[0][2].done():  # a cancelled sleeper
            heapq.heappop(self._waiting)
        if not self._waiting:
            self._driven = None
            return
        self._quiet += 1
        if self._quiet > self._rounds:
            self._quiet = 0
            due, _, wake = heapq.heappop(self._waiting)
            self._now = max(self._now, due)
            wake.set_result(None)
        loop.call_soon(self._turn, loop)


class PacedClock:
    """Real time, `speed` times as fast.

    Examples
    --------
    >>> seconds = iter([100.0, 101.0])
    >>> clock = PacedClock(8.0, monotonic=lambda: next(seconds))
    >>> clock.now()
    108.0
    """

    def __init__(self, speed: float, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        if not speed > 0:
            raise ValueError(f"speed must be above 0, not {speed}")
        self._speed = speed
        self._monotonic = monotonic
        self._start = monotonic()

    def now(self) -> float:
        """Return seconds since an arbitrary moment."""
        return self._start + (self._monotonic() - self._start) * self._speed

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds / self._speed)
