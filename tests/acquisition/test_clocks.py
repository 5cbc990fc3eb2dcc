"""Virtual time."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgorder.acquisition.clocks import FastClock, PacedClock


@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=20))
@settings(max_examples=30, deadline=None)
def test_sleepers_wake_in_the_order_of_their_moments_and_at_them(waits: list[float]) -> None:
    clock = FastClock(5.0)
    woken: list[tuple[float, float]] = []

    async def sleeper(wait: float) -> None:
        await clock.sleep(wait)
        woken.append((5.0 + wait, clock.now()))

    async def all_of_them() -> None:
        await asyncio.gather(*(sleeper(w) for w in waits))

    asyncio.run(all_of_them())
    assert [due for due, _ in woken] == sorted(5.0 + w for w in waits)
    assert all(due == now for due, now in woken)


def test_what_a_waking_sets_off_is_over_before_time_goes_on() -> None:
    clock, seen = FastClock(), []

    async def main() -> None:
        queue: asyncio.Queue[int] = asyncio.Queue()

        async def reader() -> None:
            while True:
                seen.append((await queue.get(), clock.now()))

        async def writer() -> None:
            for i in range(1, 4):
                await clock.sleep(1.0)
                queue.put_nowait(i)
            await clock.sleep(1.0)

        task = asyncio.create_task(reader())
        await writer()
        task.cancel()

    asyncio.run(main())
    assert seen == [(1, 1.0), (2, 2.0), (3, 3.0)]


def test_a_cancelled_sleeper_does_not_move_time() -> None:
    clock = FastClock()

    async def main() -> None:
        task = asyncio.create_task(clock.sleep(1000.0))
        await asyncio.sleep(0)
        task.cancel()
        await clock.sleep(1.0)

    asyncio.run(main())
    assert clock.now() == 1.0


def test_one_clock_serves_one_event_loop_after_the_other() -> None:
    clock = FastClock()

    async def main() -> None:
        left = asyncio.create_task(clock.sleep(50.0))  # still asleep when the loop ends
        await clock.sleep(1.0)
        assert not left.done()

    asyncio.run(main())
    asyncio.run(main())
    assert clock.now() == 2.0


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_a_pace_that_is_not_above_zero_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        PacedClock(speed)


def test_a_paced_clock_is_never_ahead_of_its_pace_and_a_slow_machine_makes_it_slow() -> None:
    real = [100.0]
    clock = PacedClock(4.0, monotonic=lambda: real[0])
    seen: list[tuple[float, float]] = []

    async def main() -> None:
        async def sleeper() -> None:
            for _ in range(3):
                await clock.sleep(1.0)
                seen.append((clock.now(), real[0]))
                if len(seen) == 1:
                    real[0] += 10.0  # a machine that is busy elsewhere

        task = asyncio.create_task(sleeper())
        while not task.done():
            await asyncio.sleep(0)
            real[0] += 0.01
        await task

    asyncio.run(main())
    times = [now for now, _ in seen]
    assert times == [1.0, 2.0, 3.0]
    assert seen[0][1] >= 100.25
    assert seen[2][1] - seen[1][1] >= 0.25
