"""Frames of a fixed size in a stream of bytes whose notifications are cut anywhere."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

__all__ = ["FrameRun", "FrameStream"]


class FrameRun(NamedTuple):
    """Frames that follow each other, and how many bytes before the first of them were no frame."""

    frames: list[bytes]
    skipped: int


class FrameStream:
    r"""Cuts a stream of bytes into frames, and finds them again after damage.

    A stream begins with a whole frame; where the same bytes contradict it at once, it was none. As soon as a frame is
    wrong or does not follow its predecessor, the stream is searched for `CONFIRM` frames in a row that do; one frame
    alone passes a weak check by chance. At most ``CONFIRM * size - 1`` bytes are held between calls.

    Parameters
    ----------
    size : int
        Bytes of a frame.
    is_frame : callable
        Whether `size` bytes can be a frame.
    follows : callable
        Whether the second frame can be the next one after the first.
    between : int, optional
        A byte that may stand between frames (an acknowledgement of a command) and is dropped.

    Examples
    --------
    >>> stream = FrameStream(2, lambda f: f[0] == 0, lambda a, b: b[1] == a[1] + 1)
    >>> stream.push(bytes([0, 1, 0]))
    [FrameRun(frames=[b'\x00\x01'], skipped=0)]
    >>> for run in stream.push(bytes([2, 9, 0, 4, 0, 5, 0, 6])):  # completes a frame; then a stray byte
    ...     print(len(run.frames), run.skipped)
    1 0
    3 1
    """

    CONFIRM = 3

    def __init__(
        self,
        size: int,
        is_frame: Callable[[bytes], bool],
        follows: Callable[[bytes, bytes], bool],
        *,
        between: int | None = None,
    ) -> None:
        self._size, self._is_frame, self._follows, self._between = size, is_frame, follows, between
        self._held = b""
        self._last: bytes | None = None
        self._locked = True
        self._begun = False
        self._skipped = 0

    @property
    def n_held(self) -> int:
        """Bytes that wait for more."""
        return len(self._held)

    @property
    def n_skipped(self) -> int:
        """Bytes since the last frame that were none."""
        return self._skipped

    def push(self, data: bytes) -> list[FrameRun]:
        """Return the frames that `data` completes, a run for each unbroken stretch."""
        held = self._held + data
        found: list[FrameRun] = []
        at = 0
        while True:
            if not self._locked:
                here = self._search(held, at)
                stop = max(at, len(held) - self.CONFIRM * self._size + 1) if here is None else here
                self._skipped += stop - at
                at = stop
                if here is None:
                    break
                self._locked, self._last = True, None
            run, at = self._take(held, at)
            if len(run) == 1 and not self._begun and not self._locked:  # nothing but a weak check speaks for it
                self._skipped += self._size
                run = []
            if run:
                self._begun = True
                found.append(FrameRun(run, self._skipped))
                self._skipped = 0
            if self._locked:
                break
        self._held = held[at:]
        return found

    def _take(self, held: bytes, at: int) -> tuple[list[bytes], int]:
        """Return the frames from `at` on and where they end; unlock where something else stands."""
        run: list[bytes] = []
        while len(held) - at >= self._size:
            frame = held[at : at + self._size]
            if self._is_frame(frame) and (self._last is None or self._follows(self._last, frame)):
                run.append(frame)
                self._last = frame
                at += self._size
            elif frame[0] == self._between:
                at += 1
            else:
                self._locked = False
                break
        return run, at

    def _search(self, held: bytes, at: int) -> int | None:
        size = self._size
        for start in range(at, len(held) - self.CONFIRM * size + 1):
            frames = [held[start + k * size : start + (k + 1) * size] for k in range(self.CONFIRM)]
            if all(map(self._is_frame, frames)) and all(self._follows(a, b) for a, b in pairwise(frames)):
                return start
        return None
