"""The app: a page, its assets, reports, and a connection for each open page, around one guided test."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from emgorder.app.assets import Asset
from emgorder.app.commands import Allowance, CommandError, read_command
from emgorder.app.feed import Feed, pump
from emgorder.app.security import App, Doors, Guard, report_policy
from emgorder.errors import EmgOrderError, MissingExtraError
from emgorder.guided.screens import Screen, Tone, Traces

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.websockets import WebSocket

__all__ = ["STOPPED", "Guide", "make_app"]

STOPPED = 1001  # the code with which a connection is closed when the app ends
_MOST_PAGES = 16
_LONGEST_ID = 200
_FAREWELL_S = 1.0
_log = logging.getLogger(__name__)


class Guide(Protocol):
    """A guided test, as far as a page is concerned."""

    @property
    def screen(self) -> Screen:
        """The present screen."""
        ...

    def listen(self, listener: Callable[[Screen | Tone | Traces], None]) -> Callable[[], None]:
        """Call `listener` with all that is shown, until the returned function is called."""
        ...

    def recent(self) -> Traces | None:
        """Return the last seconds of the strips."""
        ...

    async def run(self) -> None:
        """Run until it is quit or cancelled."""
        ...

    def do(
        self,
        command: str,
        values: Mapping[str, Any] | None = None,
        *,
        step: str = "",
        turn: int | None = None,
    ) -> str:
        """Take a command; return why not, or nothing."""
        ...

    def report(self, test_id: str) -> str:
        """Return the report of a test as HTML."""
        ...


def make_app(guide: Guide, assets: Mapping[str, Asset], doors: Doors, closing: asyncio.Event) -> App:
    """Return the ASGI application.

    Parameters
    ----------
    guide : Guide
        The test; whoever serves the app runs it.
    assets : mapping of str to Asset
        Path to file, see :func:`~emgorder.app.assets.load_assets`.
    doors : Doors
        What it answers to.
    closing : asyncio.Event
        When it is set, each page is sent the last screen, and its connection is closed.

    Raises
    ------
    MissingExtraError
        Starlette is not installed.
    """
    try:
        from starlette.applications import Starlette
        from starlette.responses import PlainTextResponse, Response
        from starlette.routing import Route, WebSocketRoute
    except ImportError as error:
        raise MissingExtraError("starlette", "app") from error

    one_report = asyncio.Lock()
    pages: set[WebSocket] = set()

    def serves(asset: Asset) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            return Response(asset.body, headers={"content-type": asset.kind})

        return serve

    async def report(request: Request) -> Response:
        test_id = request.path_params["test_id"]
        if not _is_plain(test_id):
            return PlainTextResponse("There is no such test.\n", 404)
        try:
            async with one_report:  # in a thread: packets are stamped by the loop, and it must not wait
                html = await asyncio.to_thread(guide.report, test_id)
        except EmgOrderError as error:
            return PlainTextResponse(f"{error}\n", 404)
        except Exception:
            _log.exception("the report of a test could not be made")
            return PlainTextResponse("The report could not be made; the recording itself is kept.\n", 500)
        headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": report_policy(html)}
        return Response(html.encode("utf-8", "replace"), headers=headers)

    async def connection(websocket: WebSocket) -> None:
        if len(pages) >= _MOST_PAGES:
            await websocket.close(1013)
            return
        pages.add(websocket)
        try:
            await _serve_page(guide, websocket, closing)
        finally:
            pages.discard(websocket)

    routes = [Route(path, serves(asset)) for path, asset in assets.items()]
    app = Starlette(routes=[*routes, Route("/report/{test_id}", report), WebSocketRoute("/ws", connection)])
    app.router.redirect_slashes = False
    return Guard(app, doors)


def _is_plain(test_id: str) -> bool:
    """Return whether this can be the name of a test: never a path."""
    refused = any(c < " " or c in '/\\:*?"<>|\x7f' or "\ud800" <= c <= "\udfff" for c in test_id)
    return not refused and 0 < len(test_id) <= _LONGEST_ID and not test_id.startswith(".")


async def _serve_page(guide: Guide, websocket: WebSocket, closing: asyncio.Event) -> None:
    await websocket.accept()
    feed = Feed(guide.recent)
    feed.put(guide.screen)
    stop_listening = guide.listen(feed.put)
    sending = asyncio.create_task(pump(feed, websocket.send_text))
    hearing = asyncio.create_task(_hear(guide, feed, websocket))
    ending = asyncio.create_task(closing.wait())
    tasks = (sending, hearing, ending)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if ending.done():
            sending.cancel()
            await asyncio.wait_for(_bid_farewell(feed, websocket), _FAREWELL_S)
    except asyncio.TimeoutError:
        pass  # a page that does not even take the last screen
    finally:
        stop_listening()
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception) and not _is_gone(outcome):
                _log.error("a connection to a page ended with an error", exc_info=outcome)


async def _bid_farewell(feed: Feed, websocket: WebSocket) -> None:
    from starlette.websockets import WebSocketDisconnect

    try:
        for text in feed.take(everything=True):
            await websocket.send_text(text)
        await websocket.close(STOPPED, "stopped")
    except (WebSocketDisconnect, RuntimeError):
        return  # it left by itself


def _is_gone(error: Exception) -> bool:
    from starlette.websockets import WebSocketDisconnect

    return isinstance(error, WebSocketDisconnect)


async def _hear(guide: Guide, feed: Feed, websocket: WebSocket) -> None:
    """Pass commands on until the page leaves; no message can do more than be refused."""
    allowance = Allowance()
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        try:
            command = read_command(message.get("text") or "")
        except CommandError as error:
            feed.reply(error.id, f"Not understood: {error}.")
            command = None
        if not allowance.spend():
            if command is not None:
                feed.reply(command.id, "Too many commands at once: wait a second.")
            await asyncio.sleep(0.05)  # not reading on holds the sender up
            continue
        if command is None:
            continue
        try:
            refusal = guide.do(command.do, command.values, step=command.step, turn=command.turn)
        except Exception:
            _log.exception("a command failed")
            refusal = "That failed. What was recorded is kept; try it again."
        feed.reply(command.id, refusal)
