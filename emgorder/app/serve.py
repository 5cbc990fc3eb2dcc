"""Serving the app: where it listens, and one loop for the server and the test."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from emgorder.app.assets import load_assets
from emgorder.app.commands import LONGEST_MESSAGE
from emgorder.app.security import App, Doors, checked_token
from emgorder.app.server import Guide, make_app
from emgorder.errors import MissingExtraError, SettingsError

__all__ = ["FIRST_PORT", "Place", "find_place", "open_browser", "serve"]

FIRST_PORT = 8765
_TRIES = 32
_HERE = {"127.0.0.1": "127.0.0.1", "localhost": "127.0.0.1", "::1": "::1"}


@dataclass(frozen=True, eq=False, slots=True)
class Place:
    """Where the app listens: a socket that holds the port already, what it answers to, and its address."""

    socket: socket.socket
    doors: Doors
    host: str

    @property
    def address(self) -> str:
        """Return the address of the page, with the token if there is one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.doors.port}/" + (f"?token={self.doors.token}" if self.doors.token else "")


def find_place(host: str = "127.0.0.1", port: int | None = None, token: str = "") -> Place:
    """Take a port to listen at.

    Parameters
    ----------
    host : str
        Address or name of this computer; others than its own ``127.0.0.1`` can be reached from a network.
    port : int, optional
        Without it 8765, or the next one that is free; 0 takes any.
    token : str
        What a browser must know; ``auto`` makes one. Needed for all but ``127.0.0.1``, ``localhost`` and ``::1``.

    Raises
    ------
    SettingsError
        The host has no token or is none of this computer, the port is taken, the token is too short.
    """
    if token:
        token = checked_token(token)
    elif host not in _HERE:
        raise SettingsError(
            f"{host!r} can be reached from a network, so it needs a token: add --token auto, and give the address "
            "that is printed only to those who may see the test",
            key="--host",
        )
    if port is not None and not 0 <= port <= 65535:
        raise SettingsError(f"{port} is no port: give a number from 1024 to 65535", key="--port")
    family, number = _resolved(host)
    ports = range(FIRST_PORT, FIRST_PORT + _TRIES) if port is None else (port,)
    for candidate in ports:
        bound = _bound(family, number, candidate, host)
        if bound is not None:
            names = tuple(_HERE) if host in _HERE else (host, number)
            return Place(bound, Doors(names, bound.getsockname()[1], token), host)
    if port is None:
        raise SettingsError(f"{ports[0]} to {ports[-1]} are all taken: choose another with --port", key="--port")
    raise SettingsError(f"{port} is taken by another program: choose another, or leave --port out", key="--port")


async def serve(
    guide: Guide,
    place: Place,
    *,
    stop: asyncio.Event,
    say: Callable[[str], None],
    browser: Callable[[str], object] | None = None,
) -> None:
    """Run the test and serve it, until the test is quit or `stop` is set; what was recorded is kept.

    Parameters
    ----------
    guide : Guide
        The test; it is run here.
    place : Place
        Where to listen; its socket is closed at the end.
    stop : asyncio.Event
        Ends both politely.
    say : callable
        Told the address once the page can be opened.
    browser : callable, optional
        Opens the address; called in a thread.

    Raises
    ------
    MissingExtraError
        What serves pages is not installed.
    Exception
        What stopped the test, after the server has ended.
    """
    closing = asyncio.Event()
    tasks: list[asyncio.Task[Any]] = []
    try:
        server = _server(make_app(guide, load_assets(), place.doors, closing))
        serving = asyncio.create_task(server.serve(sockets=[place.socket]))
        tasks = [serving, asyncio.create_task(stop.wait())]
        while not (server.started or serving.done()):
            await asyncio.sleep(0.01)
        tasks.append(asyncio.create_task(guide.run()))
        say(place.address)
        if browser is not None:  # in a thread that nobody waits for: some browsers return when they are closed
            threading.Thread(target=_opened, args=(browser, place.address), daemon=True).start()
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks[1:]:  # the test first: the server shows how it ends
            task.cancel()
        ends = await asyncio.gather(*tasks[1:], return_exceptions=True)
        if tasks:
            closing.set()
            await asyncio.sleep(0)
            server.should_exit = True
            ends.extend(await asyncio.gather(serving, return_exceptions=True))
        place.socket.close()
    for end in ends:
        if isinstance(end, BaseException) and not isinstance(end, asyncio.CancelledError):
            raise end


def open_browser(address: str) -> None:
    """Open the page, unless only a browser in this very terminal could show it."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    webbrowser.open(address)


def _opened(browser: Callable[[str], object], address: str) -> None:
    with contextlib.suppress(OSError, webbrowser.Error):  # the address is printed, too
        browser(address)


def _server(app: App) -> Any:
    try:
        import uvicorn
        import websockets as _  # noqa: F401  (uvicorn would only warn, and refuse every connection)
    except ImportError as error:
        raise MissingExtraError(error.name or "uvicorn", "app") from error

    class Server(uvicorn.Server):
        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield  # whoever calls decides what Ctrl-C means: the recording comes first

    return Server(
        uvicorn.Config(
            app,
            http="h11",
            ws="websockets-sansio",
            ws_max_size=LONGEST_MESSAGE,
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
            log_level="error",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=64,
            timeout_graceful_shutdown=2,
        )
    )


def _resolved(host: str) -> tuple[socket.AddressFamily, str]:
    """Return the family and the number of an address or name of this computer."""
    try:
        found = socket.getaddrinfo(_HERE.get(host, host), None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise SettingsError(f"{host!r} is no name or address that is known here", key="--host") from None
    family, number = found[0][0], str(found[0][4][0])
    if not host or ipaddress.ip_address(number.partition("%")[0]).is_unspecified:
        raise SettingsError(
            f"{host!r} would listen to every network there is: give this computer's address in the one network that "
            "is meant, for example 192.168.1.20",
            key="--host",
        )
    return family, number


def _bound(family: socket.AddressFamily, number: str, port: int, host: str) -> socket.socket | None:
    """Return a socket that holds the port; None where it is taken."""
    bound = socket.socket(family, socket.SOCK_STREAM)
    if sys.platform == "win32":
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # not held by connections that have ended
    try:
        bound.bind((number, port))
        bound.listen(128)
    except OSError as error:
        bound.close()
        if error.errno in (errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE)):
            return None
        if error.errno in (errno.EACCES, errno.EPERM) and port:
            raise SettingsError(f"{port} may not be used: choose one from 1024 on", key="--port") from None
        raise SettingsError(f"cannot listen at {host!r}: {error.strerror}", key="--host") from None
    return bound
