"""What one page is still to be sent: little, however slow the page is, and the newest before all.

Screens replace each other, traces are put together, and whoever falls behind gets the last seconds at once instead of
all that it missed. So a slow page holds up nobody and takes no memory.
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from emgorder.guided.screens import Screen, Tone, Traces, plain
from emgorder.model import FloatArray

__all__ = ["PERIOD_S", "Feed", "joined", "pump", "traces_message"]

PERIOD_S = 1 / 30  # between messages of one kind
_LATE_S = 0.5  # of real time: a later tone would have somebody lift at the wrong moment
_LONGEST_S = 8.0  # of the signal: what the strips show
_MOST_BLOCKS, _MOST_REPLIES, _MOST_TONES = 1024, 64, 8


class Feed:
    """The messages for one page.

    Parameters
    ----------
    recent : callable
        Returns the last seconds of the strips, or None.
    now : callable
        Real seconds.

    Attributes
    ----------
    changed : asyncio.Event
        Set when something may have to be sent earlier than :meth:`due_s` said.
    """

    def __init__(self, recent: Callable[[], Traces | None], now: Callable[[], float] = time.monotonic) -> None:
        self.changed = asyncio.Event()
        self._recent, self._now = recent, now
        self._screen: Screen | None = None
        self._tones: deque[tuple[float, Tone]] = deque(maxlen=_MOST_TONES)
        self._replies: deque[tuple[int | None, str]] = deque(maxlen=_MOST_REPLIES)
        self._blocks: list[Traces] = []
        self._replace = True
        self._last: Traces | None = None  # the last block that was put, or sent by a replacement
        self._screen_due_s = self._traces_due_s = -math.inf

    def put(self, item: Screen | Tone | Traces) -> None:
        """Take what the test shows."""
        if isinstance(item, Screen):
            new = self._screen is None
            self._screen = item
        elif isinstance(item, Tone):
            new = True
            self._tones.append((self._now(), item))
        else:
            new = not (self._blocks or self._replace)
            self._append(item)
        if new:
            self.changed.set()

    def reply(self, number: int | None, error: str) -> None:
        """Say what became of a command."""
        self._replies.append((number, error))
        self.changed.set()

    def due_s(self) -> float | None:
        """Return after how many seconds something is to be sent; None where nothing waits."""
        now_s = self._now()
        waits = []
        if self._tones or self._replies:
            waits.append(0.0)
        if self._screen is not None:
            waits.append(max(0.0, self._screen_due_s - now_s))
        if self._blocks or self._replace:
            waits.append(max(0.0, self._traces_due_s - now_s))
        return min(waits, default=None)

    def take(self, *, everything: bool = False) -> list[str]:
        """Return the messages that are due; `everything` also takes a screen that is not due yet."""
        now_s = self._now()
        messages = []
        for since_s, tone in self._tones:
            if now_s - since_s <= _LATE_S:
                messages.append(_text({"type": "tone", **plain(tone)}))
        self._tones.clear()
        if self._screen is not None and (everything or now_s >= self._screen_due_s):
            messages.append(_text({"type": "screen", "screen": plain(self._screen)}))
            self._screen, self._screen_due_s = None, _next_due_s(self._screen_due_s, now_s)
        if (self._blocks or self._replace) and now_s >= self._traces_due_s:
            traces, replace = self._traces()
            if traces is not None:
                messages.append(traces_message(traces, replace=replace))
                self._traces_due_s = _next_due_s(self._traces_due_s, now_s)
        messages += [_text({"type": "reply", "id": number, "error": error}) for number, error in self._replies]
        self._replies.clear()
        return messages

    def _append(self, block: Traces) -> None:
        if self._replace:
            return  # it is part of what is recent when that is asked for
        if self._last is None or not _goes_on(self._last, block) or self._is_long(block):
            self._blocks.clear()
            self._replace = True
        else:
            self._blocks.append(block)
            self._last = block

    def _is_long(self, block: Traces) -> bool:
        first_s = self._blocks[0].start_s if self._blocks else block.start_s
        return len(self._blocks) >= _MOST_BLOCKS or _end_s(block) - first_s > _LONGEST_S

    def _traces(self) -> tuple[Traces | None, bool]:
        if self._replace:
            self._replace = False
            self._last = self._recent()
            return self._last, True
        traces = joined(self._blocks)
        self._blocks.clear()
        return traces, False


def _next_due_s(due_s: float, now_s: float) -> float:
    """Return when the next message is due: what a loop was late is made up for, so that there are 30 a second."""
    return max(due_s + PERIOD_S, now_s + 0.5 * PERIOD_S)


def joined(blocks: Sequence[Traces]) -> Traces:
    """Return blocks that follow each other as one; steps that are missing between them are NaN."""
    first, last = blocks[0], blocks[-1]
    parts: list[Traces | int] = [first]
    for before, block in pairwise(blocks):
        parts += [round((block.start_s - _end_s(before)) / first.step_s), block]

    def rows(name: str) -> FloatArray:
        width = len(first.labels)
        arrays = [np.full((p, width), np.nan) if isinstance(p, int) else getattr(p, name) for p in parts]
        return np.concatenate(arrays)

    return Traces(
        first.labels,
        first.start_s,
        first.step_s,
        rows("low"),
        rows("high"),
        rows("envelope"),
        first.unit,
        last.rest,
        last.most,
    )


def traces_message(traces: Traces, *, replace: bool) -> str:
    """Return the message of traces: four digits are more than a strip can show."""
    head = {
        "type": "traces",
        "replace": replace,
        "labels": traces.labels,
        "start_s": round(traces.start_s, 6),
        "step_s": traces.step_s,
        "unit": traces.unit,
        "rest": traces.rest,
        "most": traces.most,
    }
    strips = {name: _digits(getattr(traces, name)) for name in ("low", "high", "envelope")}
    return _text({**plain(head), **strips})


async def pump(feed: Feed, send: Callable[[str], Awaitable[None]]) -> None:
    """Send what `feed` has when it is due, until it is cancelled; waits for a page that takes its time."""
    while True:
        wait_s = feed.due_s()
        if wait_s == 0.0:
            for text in feed.take():
                await send(text)
        else:
            feed.changed.clear()
            try:
                await asyncio.wait_for(feed.changed.wait(), wait_s)
            except asyncio.TimeoutError:
                continue


def _end_s(block: Traces) -> float:
    return block.start_s + len(block.low) * block.step_s


def _goes_on(before: Traces, block: Traces) -> bool:
    """Return whether a block can be drawn after the one before."""
    same = before.labels == block.labels and before.unit == block.unit and before.step_s == block.step_s
    return same and -0.5 * block.step_s <= block.start_s - _end_s(before) <= _LONGEST_S


def _digits(values: FloatArray) -> list[list[float | None]]:
    finite = np.abs(values[np.isfinite(values)])
    largest = float(finite.max()) if finite.size else 0.0
    places = 3 - math.floor(math.log10(largest)) if largest > 0 else 0
    rounded = np.round(values, min(places, 300)).tolist()
    return [[x if math.isfinite(x) else None for x in row] for row in rounded]


def _text(message: dict[str, Any]) -> str:
    return json.dumps(message, separators=(",", ":"), allow_nan=False)
