"""Buttons and screens between the steps and whoever shows them."""

from __future__ import annotations

import asyncio
from typing import Any

from emgorder.acquisition.clocks import FastClock
from emgorder.guided import texts
from emgorder.guided.desk import Command, Desk
from emgorder.guided.screens import Button, Choice, Field, Screen, Tone, plain

GO = (Button("go", "Go", "primary", "space"), Button("undo", "Take back"))


def desk() -> Desk:
    made = Desk(FastClock())
    made.show(
        "rest", "Rest", buttons=GO, fields=(Field("a", "A", "many", (), (Choice("x", "X"),)), Field("b", "B", "text"))
    )
    return made


def test_only_what_the_screen_offers_is_taken() -> None:
    made = desk()
    assert made.do("fly", {}) == texts.NOT_OFFERED
    assert made.do("go", {}, step="lifts") == texts.NOT_OFFERED
    assert made.do("undo:x", {}) == texts.NOT_OFFERED
    assert made.do("go:1", {}) == texts.NOT_OFFERED
    assert made.do("undo:3", {}) == ""
    assert made.do("go", {}, step="rest") == ""


def test_values_are_those_of_the_fields_and_of_their_kinds() -> None:
    made = desk()
    made.do("go", {"a": ["x", "evil"], "b": 5, "c": "not asked"})
    command = asyncio.run(made.ask())
    assert command == Command("go", "", {"a": ("x",), "b": "5"})


def test_a_press_from_the_step_before_is_forgotten() -> None:
    made = desk()
    made.do("go", {})
    made.show("lifts", "Lifts", buttons=GO)
    assert asyncio.run(made.wait(0.1)) is None


def test_a_large_button_of_other_buttons_before_is_forgotten_and_a_stop_is_not() -> None:
    made = Desk(FastClock())
    made.show("lifts", "Lifts", buttons=(Button("next", "Next lift", "primary"), Button("stop", "Stop", "danger")))
    made.do("next", {})
    made.do("stop", {})
    made.change(buttons=(Button("next", "Next", "primary"), Button("more", "More"), Button("stop", "Stop", "danger")))
    assert asyncio.run(made.ask()).do == "stop"
    assert asyncio.run(made.wait(0.1)) is None


def test_what_two_pages_press_at_once_is_taken_once() -> None:
    made = Desk(FastClock())
    made.show("contact", "Contact", "Squeeze", buttons=(Button("skip", "Skip"), Button("stop", "Stop", "danger")))
    turn = made.screen.turn
    assert made.do("skip", {}, step="contact", turn=turn) == ""
    assert made.do("skip", {}, step="contact", turn=turn) == ""  # before the first was looked at
    assert asyncio.run(made.ask()).do == "skip"
    assert asyncio.run(made.wait(0.1)) is None
    made.change(instruction="Bend")
    assert made.do("skip", {}, step="contact", turn=turn) == texts.GONE_ON  # after it
    assert asyncio.run(made.wait(0.1)) is None
    assert made.do("stop", {}, step="contact", turn=turn) == ""
    assert asyncio.run(made.ask()).do == "stop"
    assert made.do("skip", {}, step="contact", turn=turn + 2) == ""


def test_a_screen_tells_its_turn_though_nothing_else_has_changed() -> None:
    made, shown = desk(), list[Any]()
    made.listen(shown.append)
    made.do("go", {}, turn=made.screen.turn)
    asyncio.run(made.ask())
    asyncio.run(made.wait(0.1))
    assert [screen.turn for screen in shown] == [1]
    assert made.do("go", {}, turn=1) == ""


def test_a_screen_that_says_the_same_is_not_shown_again() -> None:
    made, shown = desk(), list[Any]()
    made.listen(shown.append)
    made.refresh()
    made.change(title="Rest")
    assert shown == []
    made.change(title="More rest")
    assert [screen.title for screen in shown] == ["More rest"]
    assert shown[0].number == made.screen.number


def test_a_listener_that_fails_does_not_end_the_test_and_hears_no_more() -> None:
    made, heard = desk(), list[Screen | Tone | Any]()

    def fail(item: object) -> None:
        heard.append(item)
        raise RuntimeError

    made.listen(fail)
    other: list[Any] = []
    leave = made.listen(other.append)
    made.tone("lift")
    made.tone("relax")
    leave()
    made.tone("tap")
    assert len(heard) == 1
    assert [tone.kind for tone in other] == ["lift", "relax"]


def test_waiting_ends_by_time_by_the_signals_or_by_a_button() -> None:
    made = desk()
    clock = made.clock

    async def run() -> list[Any]:
        begun = clock.now()
        first = await made.wait(2.0)
        after = clock.now() - begun
        second = await made.wait(50.0, until=lambda: clock.now() > begun + 5)
        third = clock.now() - begun
        made.do("go", {})
        return [first, after, second, third, await made.wait(50.0)]

    first, after, second, third, pressed = asyncio.run(run())
    assert first is None
    assert 2.0 <= after < 2.1
    assert second is None
    assert 5.0 < third < 5.2
    assert pressed.do == "go"


def test_every_screen_can_be_written_as_json() -> None:
    import json

    written = json.loads(json.dumps(plain(desk().screen)))
    assert written["buttons"][0] == {"do": "go", "label": "Go", "role": "primary", "key": "space"}
    assert written["ring"] is None
