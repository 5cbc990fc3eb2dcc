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

    hold : callable, optional
        ``hold(due_s)`` gives the real seconds that the clock must not jump yet to a moment; see :class:`PacedClock`.

    Examples
    --------
    >>> import asyncio
    >>> clock = FastClock()
    >>> asyncio.run(clock.sleep(3600.0))
    >>> clock.now()
    3600.0
    """

    def __init__(
        self, start_s: float = 0.0, *, rounds: int = 4, hold: Callable[[float], float] = lambda due_s: 0.0
    ) -> None:
        self._now = start_s
        self._hold = hold
        self._rounds = rounds
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._quiet = 0
        self._driven: asyncio.AbstractEventLoop | None = None

    def now(self) -> float:
        """Return virtual seconds."""
        return self._now

    @property
    def driven(self) -> bool:
        """Whether anybody waits by it now."""
        return self._driven is not None

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
            if (held_s := self._hold(self._waiting[0][0])) > 0:
                loop.call_later(held_s, self._turn, loop)
                return
            due, _, wake = heapq.heappop(self._waiting)
            self._now = max(self._now, due)
            wake.set_result(None)
        loop.call_soon(self._turn, loop)


class PacedClock:
    """Virtual time that is at most `speed` times as fast as real time; where the machine is too slow, so is the clock.

    Parameters
    ----------
    speed : float
        Above 0.
    monotonic : callable, optional
        Real seconds.

    Examples
    --------
    >>> import asyncio
    >>> clock = PacedClock(1e6)
    >>> asyncio.run(clock.sleep(1000.0))
    >>> clock.now()
    1000.0
    """

    def __init__(self, speed: float, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        if not speed > 0:
            raise ValueError(f"speed must be above 0, not {speed}")
        self._speed = speed
        self._monotonic = monotonic
        self._anchor = (monotonic(), 0.0)  # a real moment, and the virtual one that belongs to it
        self._virtual = FastClock(hold=self._early_s)

    def now(self) -> float:
        """Return virtual seconds."""
        return self._virtual.now()

    async def sleep(self, seconds: float) -> None:
        """Wait in virtual time."""
        if not self._virtual.driven:  # nobody has waited for a while: that time was nobody's
            self._anchor = (self._monotonic(), self._virtual.now())
        await self._virtual.sleep(seconds)

    def _early_s(self, due_s: float) -> float:
        real_s, virtual_s = self._anchor
        now_s = self._monotonic()
        early_s = real_s + (due_s - virtual_s) / self._speed - now_s
        if early_s <= 0:  # what was late is not made up for
            self._anchor = (now_s, due_s)
        return early_s
