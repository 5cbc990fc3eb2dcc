"""The app as pages see it: catching up, commands, reports, and an end that keeps what was recorded."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import websockets

from emgorder import SettingsError
from emgorder.app.assets import load_assets
from emgorder.app.serve import FIRST_PORT, Place, find_place, serve
from emgorder.app.server import STOPPED
from emgorder.guided.screens import Screen, Tone
from tests.app.tiny import TinyGuide, ask, block, hear, page, served, until

Work = Callable[[TinyGuide, Place], Coroutine[Any, Any, None]]


def with_app(work: Work) -> TinyGuide:
    async def run() -> TinyGuide:
        guide = TinyGuide()
        async with served(guide) as place:
            await work(guide, place)
        return guide

    return asyncio.run(run())


def test_a_page_gets_the_screen_first_and_then_the_strips() -> None:
    async def work(guide: TinyGuide, place: Place) -> None:
        guide.strips = block(0, 100)
        async with page(place) as opened:
            first, second = json.loads(await opened.recv()), json.loads(await opened.recv())
        assert (first["type"], first["screen"]["buttons"][0]["do"]) == ("screen", "next")
        assert (second["type"], second["replace"], len(second["envelope"])) == ("traces", True, 100)
        assert second["envelope"][3] == [3.5, 3.5]

    with_app(work)


def test_every_page_may_command_and_all_see_what_came_of_it() -> None:
    async def work(guide: TinyGuide, place: Place) -> None:
        async with page(place) as one, page(place) as other:
            await one.send('{"do": "next", "values": {"a": ["b"]}, "step": "home", "id": 7}')
            assert await hear(one, "reply") == {"type": "reply", "id": 7, "error": ""}
            while (await hear(other, "screen"))["screen"]["title"] != "1":
                pass
            await other.send('{"do": "back", "id": 8}')
            assert (await hear(other, "reply"))["error"] == "back is not offered now"
        assert guide.told == [("next", {"a": ("b",)}, "home"), ("back", {}, "")]

    with_app(work)


def test_tones_and_new_strips_reach_an_open_page_and_tones_are_not_repeated() -> None:
    async def work(guide: TinyGuide, place: Place) -> None:
        guide.strips = block(0, 10)
        async with page(place) as opened:
            await hear(opened, "traces", replace=True)
            guide.tell(Tone("lift", 1.5))
            assert await hear(opened, "tone") == {"type": "tone", "kind": "lift", "t_s": 1.5}
            guide.tell(block(10, 2))
            assert (await hear(opened, "traces"))["low"] == [[10, 10], [11, 11]]
        async with page(place) as again:
            await again.send('{"do": "next", "id": 1}')
            kinds = set()
            while "reply" not in kinds:
                kinds.add(json.loads(await again.recv())["type"])
        assert "tone" not in kinds

    with_app(work)


def test_the_test_goes_on_without_a_page_and_a_reload_catches_up() -> None:
    async def work(guide: TinyGuide, place: Place) -> None:
        async with page(place) as opened:
            await hear(opened, "screen")
        await until(lambda: not guide.listeners)
        for _ in range(5):
            assert guide.do("next") == ""
        async with page(place) as again:
            assert (await hear(again, "screen"))["screen"]["title"] == "5"

    assert with_app(work).listeners == []


def test_a_page_that_breaks_off_without_a_word_is_forgotten() -> None:
    async def work(guide: TinyGuide, place: Place) -> None:
        opened = await page(place)
        await hear(opened, "screen")
        opened.transport.abort()
        guide.show(title="1")
        await until(lambda: not guide.listeners)
        async with page(place) as again:
            assert (await hear(again, "screen"))["screen"]["title"] == "1"

    with_app(work)


HOSTILE = (
    "",
    "{",
    "[]",
    '{"do": 1}',
    '{"do": "next", "values": 3}',
    b"\x00\xff",
    b"",
    '{"do": "\\ud800"}',
    "[" * 60_000,
)


def test_a_hostile_message_is_refused_and_stops_nothing() -> None:
    async def work(guide: TinyGuide, place: Place) -> None:
        async with page(place) as opened:
            for message in HOSTILE:
                await opened.send(message)
                assert (await hear(opened, "reply"))["error"].startswith("Not understood: ")
            await opened.send('{"do": "next", "id": 2}')
            assert (await hear(opened, "reply", id=2))["error"] == ""
        assert [command for command, _, _ in guide.told] == ["next"]

    with_app(work)


def test_a_message_that_is_too_long_ends_its_own_connection_alone() -> None:
    async def work(guide: TinyGuide, place: Place) -> None:
        async with page(place) as one, page(place) as other:
            await one.send("x" * 200_000)
            await asyncio.wait_for(one.wait_closed(), 20.0)
            assert one.close_code == 1009
            await other.send('{"do": "next", "id": 1}')
            assert (await hear(other, "reply", id=1))["error"] == ""

    with_app(work)


def test_a_flood_of_commands_is_held_up() -> None:
    async def work(guide: TinyGuide, place: Place) -> None:
        async with page(place) as opened:
            for number in range(400):
                await opened.send(json.dumps({"do": "next", "id": number}))
            n_taken = 0
            while not (reply := await hear(opened, "reply"))["error"]:
                n_taken += 1
        assert reply["error"].startswith("Too many")
        assert reply["id"] == n_taken >= 40
        assert len(guide.told) < 400

    with_app(work)


def test_a_command_that_fails_is_said_so_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def work(guide: TinyGuide, place: Place) -> None:
        async with page(place) as opened:
            await opened.send('{"do": "fail", "id": 1}')
            assert "What was recorded is kept" in (await hear(opened, "reply", id=1))["error"]
            await opened.send('{"do": "next", "id": 2}')
            assert (await hear(opened, "reply", id=2))["error"] == ""

    with_app(work)
    assert "a fault of the test" in caplog.text


def test_a_page_that_reads_nothing_holds_up_no_other() -> None:
    async def work(guide: TinyGuide, place: Place) -> None:
        async with page(place) as stuck, page(place) as quick:
            stuck.transport.pause_reading()
            await hear(quick, "screen")
            for number in range(200):  # each more than the system's buffers take for long
                guide.show(title=str(number), lines=("x" * 100_000,))
                await asyncio.sleep(0)
                if number % 10 == 0:
                    await asyncio.sleep(1 / 30)
            while (await hear(quick, "screen"))["screen"]["title"] != "199":
                pass

    with_app(work)


def test_too_many_pages_are_refused() -> None:
    async def work(guide: TinyGuide, place: Place) -> None:
        opened = [await page(place) for _ in range(16)]
        with pytest.raises(websockets.InvalidStatus):
            await page(place)
        for connection in opened:
            await connection.close()

    with_app(work)


def test_a_report_is_made_for_its_test_alone(caplog: pytest.LogCaptureFixture) -> None:
    async def work(guide: TinyGuide, place: Place) -> None:
        status, _, body = await ask(place, "/report/runner_2026")
        assert status == 200
        assert body.startswith(b"<!DOCTYPE html>")
        assert (await ask(place, "/report/nobody"))[::2] == (404, b"there is no such test\n")
        status, _, body = await ask(place, "/report/broken")
        assert status == 500
        assert b"fault" not in body

    with_app(work)
    assert "a fault of the report" in caplog.text


def test_the_test_goes_on_while_a_report_is_made() -> None:
    async def work(guide: TinyGuide, place: Place) -> None:
        asking = asyncio.create_task(ask(place, "/report/slow"))
        await until(lambda: guide.reported)
        async with page(place) as opened:
            await opened.send('{"do": "next", "id": 1}')
            assert (await hear(opened, "reply", id=1))["error"] == ""
        guide.gate.set()
        assert (await asking)[2] == b"opened"

    with_app(work)


def test_all_files_of_the_page_are_served_as_what_they_are() -> None:
    async def work(guide: TinyGuide, place: Place) -> None:
        for path, asset in load_assets().items():
            status, headers, body = await ask(place, path)
            assert (status, headers["content-type"], body) == (200, asset.kind, asset.body)

    with_app(work)
    plot = load_assets()["/static/uplot/uPlot.iife.min.js"]
    assert b"uPlot" in plot.body
    assert plot.kind.startswith("text/javascript")


def test_quitting_on_the_page_shows_the_last_screen_and_ends_the_app() -> None:
    async def run() -> None:
        guide, place = TinyGuide(), find_place(port=0)
        ready = asyncio.Event()
        serving = asyncio.create_task(serve(guide, place, stop=asyncio.Event(), say=lambda _: ready.set()))
        await ready.wait()
        async with page(place) as opened:
            await hear(opened, "screen")
            await opened.send('{"do": "quit"}')
            while (await hear(opened, "screen"))["screen"]["title"] != "kept":
                pass
            with pytest.raises(websockets.ConnectionClosed) as caught:
                await hear(opened, "screen")
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == STOPPED
        await serving
        assert guide.kept

    asyncio.run(run())


def test_stopping_the_app_keeps_what_was_recorded_and_frees_the_port() -> None:
    async def work(guide: TinyGuide, place: Place) -> None:
        places.append(place)

    places: list[Place] = []
    assert with_app(work).kept
    find_place(port=places[0].doors.port).socket.close()


def test_a_test_that_breaks_ends_the_app_with_its_error() -> None:
    class Broken(TinyGuide):
        async def run(self) -> None:
            raise OSError("the disk is full")

    async def run() -> None:
        await serve(Broken(), find_place(port=0), stop=asyncio.Event(), say=lambda _: None)

    with pytest.raises(OSError, match="the disk is full"):
        asyncio.run(run())


def test_the_browser_is_given_the_address_and_may_fail() -> None:
    given: list[str] = []

    def browser(address: str) -> None:
        given.append(address)
        raise OSError("there is none")

    async def run() -> str:
        place, stop = find_place(port=0), asyncio.Event()
        serving = asyncio.create_task(serve(TinyGuide(), place, stop=stop, say=lambda _: None, browser=browser))
        await until(lambda: given)
        assert not serving.done()
        stop.set()
        await serving
        return place.address

    address = asyncio.run(run())
    assert given == [address]


def test_a_port_that_is_taken_makes_way_for_the_next() -> None:
    held = find_place()
    other = find_place()
    try:
        assert held.doors.port >= FIRST_PORT
        assert other.doors.port > held.doors.port
        with pytest.raises(SettingsError, match=r"--port: .* is taken"):
            find_place(port=held.doors.port)
    finally:
        held.socket.close()
        other.socket.close()


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_number_that_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(SettingsError, match="--port"):
        find_place(port=port)


def test_a_host_that_is_not_this_computer_is_refused() -> None:
    for host in ("203.0.113.7", "no such name"):
        with pytest.raises(SettingsError, match="--host"):
            find_place(host, 0, "correct-horse-battery")


def test_the_app_can_be_had_over_ipv6() -> None:
    if not socket.has_ipv6:
        pytest.skip("needs IPv6")
    try:
        place = find_place("::1", 0)
    except SettingsError:
        pytest.skip("needs an IPv6 loopback address")
    place.socket.close()
    assert place.address == f"http://[::1]:{place.doors.port}/"


def test_a_screen_of_any_words_reaches_the_page_unharmed() -> None:
    words = "</script><img src=x onerror=alert(1)> \u2028 \x00 ö 🦵 \ud800"

    async def work(guide: TinyGuide, place: Place) -> None:
        guide.screen = Screen(step="home", title=words)
        async with page(place) as opened:
            assert (await hear(opened, "screen"))["screen"]["title"] == words

    with_app(work)
