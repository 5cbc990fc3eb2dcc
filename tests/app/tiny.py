"""A guided test that is as small as one can be, and the app served around it on this machine."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import websockets

from emgorder import Settings, analyse, simulate_session
from emgorder.app.serve import Place, find_place, serve
from emgorder.errors import RecordingError
from emgorder.guided.screens import Button, Screen, Tone, Traces
from emgorder.report.html import render_html

STEP_S = 0.008


def block(first: int, n: int, labels: tuple[str, ...] = ("GMAX_R", "BF_R")) -> Traces:
    """Return steps `first` ... `first + n` of strips in which each number tells which step it is of."""
    low = np.repeat(np.arange(first, first + n, dtype=np.float64)[:, None], len(labels), axis=1)
    unit, ones = ("µV",) * len(labels), (1.0,) * len(labels)
    return Traces(labels, first * STEP_S, STEP_S, low, low + 0.25, low + 0.5, unit, ones, ones)


class TinyGuide:
    """Counts on "next", notes what it is told, fails on "fail", ends on "quit"."""

    def __init__(self) -> None:
        self.screen = Screen(step="home", title="0", buttons=(Button("next", "Next", "primary", "space"),))
        self.told: list[tuple[str, dict[str, Any], str]] = []
        self.reported: list[str] = []
        self.gate = threading.Event()
        self.kept = False
        self.listeners: list[Callable[[Screen | Tone | Traces], None]] = []
        self.strips: Traces | None = None
        self._over = asyncio.Event()

    def listen(self, listener: Callable[[Screen | Tone | Traces], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def recent(self) -> Traces | None:
        return self.strips

    async def run(self) -> None:
        try:
            await self._over.wait()
        finally:
            self.kept = True
            self.show(title="kept")

    def do(
        self,
        command: str,
        values: Mapping[str, Any] | None = None,
        *,
        step: str = "",
        turn: int | None = None,
    ) -> str:
        self.told.append((command, dict(values or {}), step))
        if command == "fail":
            raise RuntimeError("a fault of the test")
        if command == "quit":
            self._over.set()
        elif command == "next":
            self.show(title=str(int(self.screen.title) + 1))
        else:
            return f"{command} is not offered now"
        return ""

    def report(self, test_id: str) -> str:
        self.reported.append(test_id)
        if test_id == "slow":
            return "opened" if self.gate.wait(20.0) else "the loop stood still"
        if test_id == "broken":
            raise RuntimeError("a fault of the report")
        if test_id != "runner_2026":
            raise RecordingError("there is no such test")
        return render_html(analyse(simulate_session(n_lifts=3, seed=1), Settings()))

    def show(self, **changed: Any) -> None:
        self.screen = replace(self.screen, number=self.screen.number + 1, **changed)
        self.tell(self.screen)

    def tell(self, item: Screen | Tone | Traces) -> None:
        for listener in list(self.listeners):
            listener(item)


@asynccontextmanager
async def served(guide: TinyGuide, token: str = "") -> AsyncIterator[Place]:
    """Serve the app on a free port while the block runs, then stop it as Ctrl-C would."""
    place, stop, ready = find_place(port=0, token=token), asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(serve(guide, place, stop=stop, say=lambda address: ready.set()))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait([serving, waiting], return_when=asyncio.FIRST_COMPLETED)
    try:
        yield place
    finally:
        waiting.cancel()
        stop.set()
        await serving


async def ask(
    place: Place, path: str = "/", headers: Mapping[str, str] | None = None, method: str = "GET"
) -> tuple[int, dict[str, str], bytes]:
    """Send a request as it is written here, and return status, headers and body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", place.doors.port)
    sent = {"Host": f"127.0.0.1:{place.doors.port}", "Connection": "close", **(headers or {})}
    lines = [f"{method} {path} HTTP/1.1", *(f"{key}: {value}" for key, value in sent.items())]
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
    answer = await reader.read()
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *fields = head.decode("latin-1").split("\r\n")
    return int(status.split()[1]), {k.lower(): v for k, _, v in (f.partition(": ") for f in fields)}, body


def page(place: Place, origin: str | None = "", **headers: str) -> websockets.connect:
    """Return the connection that the page opens; `origin` is the page's own unless it is given."""
    own = f"http://127.0.0.1:{place.doors.port}"
    return websockets.connect(
        f"ws://127.0.0.1:{place.doors.port}/ws",
        origin=None if origin is None else websockets.Origin(origin or own),
        additional_headers=headers,
        compression=None,
        proxy=None,
        close_timeout=0.5,  # of those that stopped reading
    )


async def hear(connection: websockets.ClientConnection, kind: str, **wanted: Any) -> dict[str, Any]:
    """Return the next message of a kind with these values; others before it are passed over."""
    while True:
        message = json.loads(await asyncio.wait_for(connection.recv(), 20.0))
        if message["type"] == kind and all(message[key] == value for key, value in wanted.items()):
            return dict(message)


async def until(true: Callable[[], object]) -> None:
    """Wait until something is true."""

    async def look() -> None:
        while not true():
            await asyncio.sleep(0.01)

    await asyncio.wait_for(look(), 20.0)
