"""The page by itself in a real browser: its files, and a connection whose other end is the test."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import emgorder
from emgorder.guided.screens import Screen, Tone, Traces, plain
from tests.conftest import lacking, needs

BASE = "http://emgorder.test"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'"
)
_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".html": "text/html"}


def chromium() -> str | None:
    """Return the program of an installed Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


@contextmanager
def browser() -> Iterator[Any]:
    """Start the browser."""
    if chromium() is None:
        lacking("Chromium")
    needs("playwright", "axe_playwright_python")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield started
        started.close()


def asset(path: str) -> Path:
    """Return the file behind a path of the app."""
    if path.startswith("/static/uplot/"):
        name = path.rsplit("/", 1)[1]
        static = Path(str(metadata.distribution("uplot-python").locate_file("uplot/static")))
        return next(file for file in (static / name, static / name.replace(".min.js", ".js")) if file.exists())
    name = "index.html" if path == "/" else path.removeprefix("/static/")
    return Path(emgorder.__file__).parent / "app" / "page" / name


class Stage:
    """An opened page, and what went to and fro.

    ``commands`` are those that the page sent; ``errors`` what its console said; ``refusal`` answers every command.
    """

    def __init__(self, launched: Any, **context: Any) -> None:
        self.commands: list[dict[str, Any]] = []
        self.errors: list[str] = []
        self.refusal = ""
        self.answering = True
        self.connections = 0
        self._socket: Any = None
        self._greeting: list[str] = []
        self._context = launched.new_context(**context)
        self.page = self._context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.route(re.compile(f"^{re.escape(BASE)}/"), self._serve)
        self.page.route_web_socket(re.compile("/ws$"), self._connected)

    def open(self, screen: Screen, traces: Traces | None = None) -> Any:
        """Open the page on a screen and wait until it is shown."""
        self._greeting = [_screen(screen)]
        if traces is not None:
            self._greeting.append(_traces(traces, replace=True))
        self.page.goto(BASE + "/")
        self._until(screen)
        if traces is not None and screen.traces:
            self.page.wait_for_selector("body[data-drawn]", state="attached")
        return self.page

    def show(self, screen: Screen) -> None:
        """Send a screen and wait until it is shown; its number must be a new one."""
        self._greeting = [_screen(screen)]
        self._socket.send(self._greeting[0])
        self._until(screen)

    def send(self, value: Tone | Traces) -> None:
        """Send a tone or further columns of the strips."""
        self._socket.send(
            json.dumps({"type": "tone", **plain(value)}) if isinstance(value, Tone) else _traces(value, replace=False)
        )

    def cut(self, code: int = 1006) -> None:
        """Break the connection from the side of the server."""
        self._socket.close(code=code)

    def close(self) -> None:
        """Close the page."""
        self._context.close()

    def _until(self, screen: Screen) -> None:
        self.page.wait_for_selector(f'body[data-number="{screen.number}"]', state="attached")

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def _serve(self, route: Any) -> None:
        path = route.request.url.removeprefix(BASE)
        file = asset(path)
        headers = {"content-type": _KINDS[file.suffix], "content-security-policy": POLICY}
        route.fulfill(body=file.read_bytes(), headers=headers)

    def _connected(self, socket: Any) -> None:
        self.connections += 1
        self._socket = socket
        socket.on_message(self._heard)
        for text in self._greeting:
            socket.send(text)

    def _heard(self, text: str) -> None:
        command = json.loads(text)
        self.commands.append(command)
        if self.answering:
            self._socket.send(json.dumps({"type": "reply", "id": command["id"], "error": self.refusal}))


def _screen(screen: Screen) -> str:
    return json.dumps({"type": "screen", "screen": plain(screen)})


def _traces(traces: Traces, *, replace: bool) -> str:
    return json.dumps({"type": "traces", "replace": replace, **plain(traces)})
