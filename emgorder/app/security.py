"""Who may speak to the app: checks of every request, and the headers of every answer.

Any page in the browser can send requests to this machine, so being local is no protection by itself. A request is
answered only under the app's own name (else a foreign name that is made to point here could read everything), only to
its own page (else any page could command it), and, where the app listens to a network, only with the token.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from html import unescape
from typing import Any, TypeAlias
from urllib.parse import parse_qs

from emgorder.errors import SettingsError

__all__ = ["HEADERS", "Doors", "Guard", "checked_token", "report_policy"]

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]

SHORTEST_TOKEN = 16
HEADERS: Mapping[str, str] = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
    "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_META_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"<>]*)"')
_REPORT_POLICY = re.compile(
    r"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'(; img-src data:)?; base-uri 'none'; form-action 'none'"
)


def checked_token(text: str) -> str:
    """Return the token, or a new one for ``auto``.

    Raises
    ------
    SettingsError
        It is too short, or holds what an address cannot.

    Examples
    --------
    >>> checked_token("correct-horse-battery")
    'correct-horse-battery'
    >>> len(checked_token("auto"))
    32
    """
    if text == "auto":
        return secrets.token_urlsafe(24)
    if len(text) < SHORTEST_TOKEN:
        raise SettingsError(
            f"has {len(text)} characters: give at least {SHORTEST_TOKEN}, or --token auto for a new one", key="--token"
        )
    if not re.fullmatch(r"[A-Za-z0-9._~-]+", text):
        raise SettingsError("use only the letters a-z and A-Z, digits, and . _ ~ - in it", key="--token")
    return text


def report_policy(html: str) -> str:
    """Return the content security policy of a report's answer: what the report itself asks for, and never framed.

    Examples
    --------
    >>> report_policy("<html>no policy</html>")
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    """
    found = _META_POLICY.search(html[:4096])
    asked = unescape(found[1]) if found else ""
    own = asked if _REPORT_POLICY.fullmatch(asked) else "default-src 'none'; base-uri 'none'; form-action 'none'"
    return own + "; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class Doors:
    """What the app answers to: names of its host, its port, and the token, empty where none is needed."""

    names: tuple[str, ...]
    port: int
    token: str = ""

    @property
    def hosts(self) -> frozenset[str]:
        """Return the values of the Host header that are right.

        Examples
        --------
        >>> sorted(Doors(("127.0.0.1", "::1"), 8765).hosts)
        ['127.0.0.1:8765', '[::1]:8765']
        """
        named = [f"[{name}]" if ":" in name else name.lower() for name in self.names]
        return frozenset([f"{name}:{self.port}" for name in named] + (named if self.port == 80 else []))

    @property
    def cookie(self) -> str:
        """Return the name of the cookie: a browser's cookies are shared by all ports of a host."""
        return f"emgorder-{self.port}"

    @property
    def pass_word(self) -> bytes:
        """Return the cookie's value: it proves the token without being it."""
        return hmac.new(self.token.encode(), b"emgorder page", hashlib.sha256).hexdigest().encode()


class Guard:
    """Answers only what `doors` allow, with all headers; everything else is refused in words.

    Parameters
    ----------
    app : callable
        The ASGI application behind it.
    doors : Doors
        What is allowed.
    """

    def __init__(self, app: App, doors: Doors) -> None:
        self._app = app
        self._doors = doors
        self._hosts = frozenset(host.encode("latin-1") for host in doors.hosts)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request or connection."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        answer = self._refusal(scope) or self._login(scope) or self._stranger(scope)
        if answer is None:
            await self._app(scope, receive, _with_headers(send))
        else:
            await answer.give(scope, receive, _with_headers(send))

    def _refusal(self, scope: Message) -> _Answer | None:
        hosts, origins = _values(scope, b"host"), _values(scope, b"origin")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return _Answer(421, "The app does not answer under this name. Open the address that it printed.")
        if _values(scope, b"sec-fetch-site") not in ([], [b"same-origin"], [b"none"]):
            return _Answer(403, "Another page asked for this. Type the app's address into the address bar instead.")
        own = [b"http://" + hosts[0].lower()]
        if [origin.lower() for origin in origins] != own and (origins or scope["type"] == "websocket"):
            return _Answer(403, "Only the app's own page may do this.")
        if scope["type"] == "http" and scope["method"] != "GET":
            return _Answer(405, "Only GET is answered here.", (("allow", "GET"),))
        return None

    def _login(self, scope: Message) -> _Answer | None:
        """Turn a right token in the address into a cookie, and get it out of the address."""
        if not self._doors.token or scope["type"] != "http" or scope["path"] != "/":
            return None
        try:
            given = parse_qs(scope["query_string"].decode("ascii"), max_num_fields=8).get("token", [])
        except ValueError:
            return _Answer(403, _NO_TOKEN)
        if not given:
            return None
        if len(given) != 1 or not hmac.compare_digest(given[0].encode("utf-8", "replace"), self._doors.token.encode()):
            return _Answer(403, _NO_TOKEN)
        cookie = f"{self._doors.cookie}={self._doors.pass_word.decode()}; Path=/; HttpOnly; SameSite=Strict"
        return _Answer(303, "", (("location", "/"), ("set-cookie", cookie)))

    def _stranger(self, scope: Message) -> _Answer | None:
        if not self._doors.token:
            return None
        name, known = self._doors.cookie.encode(), False
        for cookies in _values(scope, b"cookie"):
            for cookie in cookies.split(b";"):
                key, _, value = cookie.strip().partition(b"=")
                known |= key == name and hmac.compare_digest(value, self._doors.pass_word)
        return None if known else _Answer(403, _NO_TOKEN)


_NO_TOKEN = "Open the address with the token that the app printed when it was started."


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer that the application behind has no part in."""

    status: int
    words: str
    headers: tuple[tuple[str, str], ...] = ()

    async def give(self, scope: Message, receive: Receive, send: Send) -> None:
        kind = "http.response"
        if scope["type"] == "websocket":
            await receive()  # its connect
            if "websocket.http.response" not in scope.get("extensions", {}):
                await send({"type": "websocket.close", "code": 1008})
                return
            kind = "websocket.http.response"
        body = f"{self.words}\n".encode() if self.words else b""
        described = [("content-type", "text/plain; charset=utf-8"), ("content-length", str(len(body))), *self.headers]
        sent = [(key.encode(), value.encode()) for key, value in described]
        await send({"type": f"{kind}.start", "status": self.status, "headers": sent})
        await send({"type": f"{kind}.body", "body": body})


def _values(scope: Message, name: bytes) -> list[bytes]:
    return [value for key, value in scope["headers"] if key.lower() == name]


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            headers = list(message.get("headers", []))
            there = {key.lower() for key, _ in headers}
            added = [(k.encode(), v.encode()) for k, v in HEADERS.items() if k.encode() not in there]
            message = {**message, "headers": headers + added}
        await send(message)

    return sending
