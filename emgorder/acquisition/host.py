"""Watching the host's clocks: a suspend breaks sample times, a step of the wall clock does not."""

from __future__ import annotations

import sys
import time
from typing import Literal, NamedTuple, TypeAlias

__all__ = ["HostTimes", "HostWatch", "Jump", "read_host_times"]

JumpReason: TypeAlias = Literal["suspend", "clock step", "suspend or clock step", "stall"]

_JUMP_S = 0.25  # clocks that are slewed differ by 0.5 ms in a second, network time steps from 0.128 s on
_RESUME_S = 2.0  # after a suspend the wall clock is set from one that counts whole seconds
_STALL_S = 5.0


class HostTimes(NamedTuple):
    """The clocks of the host at one moment, s.

    `monotonic_s` is what stamps packets; `wall_s` counts from 1970 and may be set; `with_sleep_s` goes on while the
    host sleeps, None where there is no such clock.
    """

    monotonic_s: float
    wall_s: float
    with_sleep_s: float | None = None


class Jump(NamedTuple):
    """A jump of one clock against another: why, by how many seconds, and whether it breaks sample times."""

    reason: JumpReason
    seconds: float
    refit: bool
    text: str


def read_host_times() -> HostTimes:
    """Return the clocks of this machine, read within 10 ms of each other unless it is too busy for that."""
    for _ in range(5):
        before = time.monotonic()
        wall_s, with_sleep_s = time.time(), _with_sleep()
        if time.monotonic() - before < 0.01:
            break
    return HostTimes(before, wall_s, with_sleep_s)


def _with_sleep() -> float | None:
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    return None  # Windows: its monotonic clock itself goes on


class HostWatch:
    """Compares the clocks from look to look.

    Parameters
    ----------
    times : HostTimes
        The clocks now.
    """

    def __init__(self, times: HostTimes) -> None:
        self._last = times

    def look(self, times: HostTimes, *, slept_for_s: float | None = None) -> list[Jump]:
        """Return what jumped since the last look.

        Parameters
        ----------
        times : HostTimes
            The clocks now.
        slept_for_s : float, optional
            How long the caller had asked to sleep since the last look, if it did nothing else: tells that the host
            did not run it for seconds.

        Returns
        -------
        list of Jump
            Empty nearly always.

        Examples
        --------
        >>> watch = HostWatch(HostTimes(10.0, 1000.0, 10.0))
        >>> [(jump.reason, jump.seconds) for jump in watch.look(HostTimes(11.0, 4601.0, 11.0))]
        [('clock step', 3600.0)]
        >>> [(jump.reason, jump.seconds) for jump in watch.look(HostTimes(12.0, 4702.0, 112.0))]
        [('suspend', 100.0)]
        """
        last, self._last = self._last, times
        ran_s = times.monotonic_s - last.monotonic_s
        asleep_s = 0.0
        if times.with_sleep_s is not None and last.with_sleep_s is not None:
            asleep_s = times.with_sleep_s - last.with_sleep_s - ran_s
        found = []
        if asleep_s > _JUMP_S:
            found.append(Jump("suspend", asleep_s, True, f"the computer slept for {asleep_s:.1f} s"))
        if slept_for_s is not None and ran_s > slept_for_s + _STALL_S:
            stalled_s = ran_s - slept_for_s
            found.append(Jump("stall", stalled_s, True, f"the computer did not run the recorder for {stalled_s:.1f} s"))
        step_s = times.wall_s - last.wall_s - ran_s - asleep_s
        if abs(step_s) > (_RESUME_S if found else _JUMP_S):
            if step_s > 0 and times.with_sleep_s is None and sys.platform != "win32":
                text = f"the computer slept for {step_s:.1f} s, or its date and time were set"
                found.append(Jump("suspend or clock step", step_s, True, text))
            else:
                text = f"the computer's date and time were moved by {step_s:+.1f} s; times of samples are not touched"
                found.append(Jump("clock step", step_s, False, text))
        return found
