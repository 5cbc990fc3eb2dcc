"""What one page is sent: at most so often, whole, and never more than it can take."""

from __future__ import annotations

import asyncio
import json
import math
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from emgorder.app.feed import PERIOD_S, Feed, pump, traces_message
from emgorder.guided.screens import Screen, Tone, Traces
from tests.app.tiny import STEP_S, block


class Desk:
    """A feed with its own time and its own strips."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.strips: Traces | None = None
        self.feed = Feed(lambda: self.strips, now=lambda: self.now_s)

    def take(self) -> list[dict]:
        return [json.loads(text) for text in self.feed.take()]

    def wait(self, seconds: float = PERIOD_S * 1.001) -> None:
        self.now_s += seconds


def desk_with_strips(n: int) -> Desk:
    desk = Desk()
    desk.strips = block(0, n)
    (first,) = desk.take()
    assert first["replace"] is True
    desk.wait()
    return desk


def test_a_new_page_gets_the_screen_and_then_the_recent_strips() -> None:
    desk = Desk()
    desk.strips = block(0, 50)
    desk.feed.put(Screen(step="home", title="now"))
    screen, traces = desk.take()
    assert screen["type"] == "screen"
    assert screen["screen"]["title"] == "now"
    assert (traces["type"], traces["replace"], len(traces["low"])) == ("traces", True, 50)
    assert desk.feed.due_s() is None


def test_screens_replace_each_other_and_come_at_most_thirty_times_a_second() -> None:
    desk = Desk()
    sent = []
    for number in range(1000):  # one a millisecond
        desk.feed.put(Screen(step="home", title="", number=number))
        sent += [message["screen"]["number"] for message in desk.take()]
        desk.wait(0.001)
    assert sent[0] == 0
    assert 28 <= len(sent) <= 31
    assert sent == sorted(sent)
    desk.wait()
    assert [message["screen"]["number"] for message in desk.take()] == [999]


@given(sizes=st.lists(st.integers(1, 40), min_size=1, max_size=40), takes=st.lists(st.booleans(), min_size=40))
def test_every_step_of_the_strips_is_sent_once_and_in_order(sizes: list[int], takes: list[bool]) -> None:
    desk = desk_with_strips(10)
    first, steps = 10, []
    for size, taken in zip(sizes, takes, strict=False):
        desk.feed.put(block(first, size))
        first += size
        if taken:
            desk.wait()
            steps += [row[0] for message in desk.take() for row in message["low"]]
    desk.wait()
    rest = desk.take()
    assert not any(message["replace"] for message in rest) or first - 10 > 8.0 / STEP_S
    if not any(message["replace"] for message in rest):
        steps += [row[0] for message in rest for row in message["low"]]
        assert steps == list(range(10, first))


def test_traces_come_at_most_thirty_times_a_second() -> None:
    desk = desk_with_strips(1)
    messages = []
    for step in range(1, 1001):  # a step a millisecond
        desk.feed.put(block(step, 1))
        messages += desk.take()
        desk.wait(0.001)
    assert 29 <= len(messages) <= 31
    assert max(len(message["low"]) for message in messages) <= 36


def test_a_loop_that_wakes_late_still_sends_thirty_a_second() -> None:
    desk = desk_with_strips(1)
    begun_s, n = desk.now_s, 0
    for step in range(1, 301):
        desk.feed.put(block(step, 1))
        desk.wait((desk.feed.due_s() or 0.0) + 0.004)
        n += len(desk.take())
    assert 29.5 < n / (desk.now_s - begun_s) < 30.5


def test_a_page_that_falls_behind_gets_the_recent_strips_and_holds_no_more() -> None:
    desk = desk_with_strips(1)
    for step in range(1, 9001):
        desk.feed.put(block(step, 1))
        assert len(desk.feed._blocks) <= 1024
    desk.strips = block(8001, 1000)
    (message,) = desk.take()
    assert message["replace"] is True
    assert message["low"][-1][0] == 9000
    desk.wait()
    desk.feed.put(block(9001, 2))
    (message,) = desk.take()
    assert message["replace"] is False
    assert [row[0] for row in message["low"]] == [9001, 9002]


def test_strips_of_other_muscles_or_of_an_earlier_time_replace_all() -> None:
    for other in (block(20, 5, ("GMAX_L", "BF_L")), block(3, 5), replace(block(20, 5), step_s=0.016)):
        desk = desk_with_strips(20)
        desk.feed.put(other)
        desk.strips = other
        (message,) = desk.take()
        assert message["replace"] is True
        assert message["labels"] == list(other.labels)


def test_steps_that_were_lost_between_blocks_are_null() -> None:
    desk = desk_with_strips(10)
    desk.feed.put(block(10, 1))
    desk.feed.put(block(13, 1))
    (message,) = desk.take()
    assert message["low"] == [[10, 10], [None, None], [None, None], [13, 13]]


def test_a_tone_is_sent_at_once_and_never_late_or_twice() -> None:
    desk = Desk()
    desk.take()
    desk.feed.put(Tone("lift", 3.0))
    assert desk.feed.due_s() == 0.0
    assert desk.take() == [{"type": "tone", "kind": "lift", "t_s": 3.0}]
    assert desk.take() == []
    desk.feed.put(Tone("lift", 4.0))
    desk.wait(2.0)  # the page took nothing for so long: now nobody must lift any more
    assert desk.take() == []


def test_what_waits_for_a_page_that_takes_nothing_is_bounded() -> None:
    desk = Desk()
    for number in range(5000):
        desk.feed.put(Tone("tap", 0.0))
        desk.feed.reply(number, "")
        desk.feed.put(Screen(step="home", title=str(number)))
    messages = desk.take()
    assert len(messages) < 100
    assert messages[-1] == {"type": "reply", "id": 4999, "error": ""}


def test_numbers_keep_four_digits_and_what_is_no_number_is_null() -> None:
    odd = replace(block(0, 3), low=np.array([[1.23456, 1234.56], [math.nan, math.inf], [0.0, -0.00001]]))
    message = json.loads(traces_message(odd, replace=False))
    assert message["low"] == [[1.0, 1235.0], [None, None], [0.0, -0.0]]
    small = replace(block(0, 1), low=np.array([[1.23456e-5, 0.0]]))
    assert json.loads(traces_message(small, replace=False))["low"] == [[1.235e-5, 0.0]]
    lost = replace(block(0, 1), low=np.full((1, 2), math.nan))
    assert json.loads(traces_message(lost, replace=False))["low"] == [[None, None]]


def test_a_slow_page_holds_up_no_other() -> None:
    async def both() -> tuple[int, int]:
        stuck, quick = Feed(lambda: None), Feed(lambda: None)
        sent: list[str] = []
        last = asyncio.Event()

        async def never(text: str) -> None:
            await asyncio.Event().wait()

        async def send(text: str) -> None:
            sent.append(text)
            if '"number":20' in text:
                last.set()

        pumps = [asyncio.create_task(pump(stuck, never)), asyncio.create_task(pump(quick, send))]
        for number in range(21):
            for feed in (stuck, quick):
                feed.put(Screen(step="home", title="", number=number))
            await asyncio.sleep(0)
        await asyncio.wait_for(last.wait(), 20.0)
        for task in pumps:
            task.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        return len(sent), len(stuck.take())

    n_sent, n_waiting = asyncio.run(both())
    assert 1 <= n_sent <= 21
    assert n_waiting <= 1
