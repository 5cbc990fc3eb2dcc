"""Who may speak to the app. All requests go over the wire to the app as it is served."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import websockets

from emgorder import Settings, SettingsError, analyse, simulate_session
from emgorder.app.security import HEADERS, Doors, checked_token, report_policy
from emgorder.app.serve import find_place
from emgorder.report.html import render_html
from tests.app.tiny import TinyGuide, ask, hear, page, served

TOKEN = "correct-horse-battery"
PATHS = ("/", "/ws", "/static/uplot/uPlot.min.css", "/report/runner_2026", "/no-such-page")


def asked(
    *requests: dict[str, Any], token: str = "", guide: TinyGuide | None = None
) -> list[tuple[int, dict[str, str], bytes]]:
    """Return the answers to requests; PORT in a header is the port."""

    async def work() -> list[tuple[int, dict[str, str], bytes]]:
        async with served(guide or TinyGuide(), token) as place:
            answers = []
            for request in requests:
                headers = {k: v.replace("PORT", str(place.doors.port)) for k, v in request.get("headers", {}).items()}
                answers.append(await ask(place, **{**request, "headers": headers}))
            return answers

    return asyncio.run(work())


def connected(*origins: str | None, token: str = "", **headers: str) -> tuple[list[int], list[Any]]:
    """Return the status with which pages of these origins are answered (101: taken), and what the guide was told."""

    async def work() -> tuple[list[int], list[Any]]:
        guide, statuses = TinyGuide(), []
        async with served(guide, token) as place:
            for origin in origins or ("",):
                status = 101
                try:
                    async with page(place, origin and origin.replace("PORT", str(place.doors.port)), **headers) as ours:
                        await ours.send('{"do": "next", "id": 1}')
                        await hear(ours, "reply", id=1)
                except websockets.InvalidStatus as refused:
                    status = refused.response.status_code
                    lacking = HEADERS.keys() - {key.lower() for key in refused.response.headers}
                    status = 0 if lacking else status
                statuses.append(status)
        return statuses, guide.told

    return asyncio.run(work())


def test_the_app_answers_under_its_own_names() -> None:
    hosts = ("127.0.0.1:PORT", "localhost:PORT", "LocalHost:PORT", "[::1]:PORT")
    assert [status for status, _, _ in asked(*({"headers": {"Host": host}} for host in hosts))] == [200] * 4


FOREIGN_HOSTS = (
    "evil.example",
    "evil.example:PORT",
    "127.0.0.1",
    "127.0.0.1:1",
    "localhost.evil.example:PORT",
    "127.0.0.1:PORT.evil.example",
    "0.0.0.0:PORT",
    "localhost.:PORT",
    "127.1:PORT",
    "127.0.0.1:PORT@evil.example",
    "",
)


def test_a_foreign_name_that_points_here_gets_nothing() -> None:
    requests = [{"path": path, "headers": {"Host": host}} for host in FOREIGN_HOSTS for path in PATHS]
    for request, (status, _, body) in zip(requests, asked(*requests), strict=True):
        assert status == 421, request
        assert b"<" not in body
        assert b"evil" not in body


@pytest.mark.parametrize("site", ["cross-site", "same-site", "cross-origin", ""])
def test_what_another_page_asks_for_is_refused_everywhere(site: str) -> None:
    answers = asked(*({"path": path, "headers": {"Sec-Fetch-Site": site}} for path in PATHS))
    assert [status for status, _, _ in answers] == [403] * len(PATHS)
    assert connected(**{"Sec-Fetch-Site": site}) == ([403], [])


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_the_page_itself_and_the_address_bar_are_answered(site: str) -> None:
    ((status, _, _),) = asked({"headers": {"Sec-Fetch-Site": site}})
    assert status == 200
    assert connected(**{"Sec-Fetch-Site": site})[0] == [101]


FOREIGN_ORIGINS = (
    "http://evil.example",
    "http://evil.example:PORT",
    "https://127.0.0.1:PORT",
    "http://127.0.0.1",
    "http://127.0.0.1:1",
    "http://localhost:PORT",  # its Host is 127.0.0.1: not the same origin
    "http://127.0.0.1:PORT.evil.example",
    "file://",
    "null",
    None,
)


def test_only_the_apps_own_page_may_open_a_connection() -> None:
    assert connected("") == ([101], [("next", {}, "")])
    assert connected(*FOREIGN_ORIGINS) == ([403] * len(FOREIGN_ORIGINS), [])


def test_a_foreign_origin_is_refused_on_plain_requests_too() -> None:
    answers = asked(*({"path": path, "headers": {"Origin": "http://evil.example"}} for path in PATHS))
    assert [status for status, _, _ in answers] == [403] * len(PATHS)


def test_nothing_but_get_is_answered() -> None:
    methods = ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "BREW")
    for status, headers, _ in asked(*({"path": path, "method": method} for path in PATHS for method in methods)):
        assert status == 405
        assert headers["allow"] == "GET"


def test_every_answer_has_all_headers() -> None:
    requests: list[dict[str, Any]] = [{"path": path} for path in PATHS]
    requests += [{"method": "POST"}, {"headers": {"Host": "evil.example"}}, {"path": "/report/broken"}]
    for _, headers, _ in asked(*requests):
        policy = headers.pop("content-security-policy")
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers.items() >= {k: v for k, v in HEADERS.items() if k != "content-security-policy"}.items()
        assert "server" not in headers
        assert "access-control-allow-origin" not in headers


WRONG_PATHS = (
    "/static/../server.py",
    "/static/..%2fserver.py",
    "/static/%2e%2e/server.py",
    "/static/..\\server.py",
    "//etc/passwd",
    "/static//etc/passwd",
    "/static/uplot/../../security.py",
    "/static/uplot/uPlot.min.css%00.html",
    "/static/uplot/uPlot.min.css/",
    "/static/",
    "/static",
    "/index.html",
    "/report/",
    "/report/../../secret",
    "/report/..",
    "/report/..%2f..%2fetc%2fpasswd",
    "/report/..%5c..%5csecret",
    "/report/.hidden",
    "/report/C:secret",
    "/report/%00",
    "/report/" + "x" * 300,
    "/report/<script>",
    "/docs",
)


def test_no_path_reaches_a_file_that_is_not_on_the_list() -> None:
    guide = TinyGuide()
    answers = asked(*({"path": path} for path in WRONG_PATHS), guide=guide)
    assert guide.reported == []
    for path, (status, headers, body) in zip(WRONG_PATHS, answers, strict=True):
        assert status == 404, path
        assert headers["content-type"].startswith("text/plain")
        assert b"script" not in body


def test_a_report_brings_its_own_style_and_nothing_else() -> None:
    ((status, headers, body),) = asked({"path": "/report/runner_2026"})
    assert status == 200
    assert headers["content-type"] == "text/html; charset=utf-8"
    policy = headers["content-security-policy"]
    assert policy == report_policy(body.decode("utf-8"))
    assert "style-src 'sha256-" in policy
    assert "script-src" not in policy


@pytest.mark.parametrize("weaker", ["script-src *", "style-src 'unsafe-inline'", "default-src *", "frame-src data:"])
def test_a_report_cannot_ask_for_more_than_its_style(weaker: str) -> None:
    html = render_html(analyse(simulate_session(n_lifts=3, seed=1), Settings()))
    assert "sha256" in report_policy(html)
    own = "default-src &#x27;none&#x27;"
    assert own in html
    changed = html.replace(own, f"{weaker.replace(chr(39), '&#x27;')}; {own}", 1)
    assert report_policy(changed) == report_policy("")


def test_a_page_without_the_token_gets_words_and_no_more() -> None:
    requests = [{"path": path} for path in PATHS]
    requests += [{"path": "/?token=wrong-horse-battery"}, {"path": "/?token="}, {"path": "/ws?token=" + TOKEN}]
    requests += [{"path": f"/?token={TOKEN}&token=x"}, {"path": f"/static/uplot/uPlot.min.css?token={TOKEN}"}]
    requests += [{"path": "/?token=%ff%00"}, {"path": "/?" + "&".join(["a=1"] * 50)}, {"path": f"/?token={TOKEN}x"}]
    for status, headers, body in asked(*requests, token=TOKEN):
        assert status == 403
        assert b"token" in body
        assert "set-cookie" not in headers
    assert connected(token=TOKEN) == ([403], [])
    assert connected(token=TOKEN, Cookie="emgorder-1=x; " + TOKEN) == ([403], [])


def test_the_token_becomes_a_cookie_and_leaves_the_address() -> None:
    async def work() -> None:
        guide = TinyGuide()
        async with served(guide, TOKEN) as place:
            assert place.address == f"http://127.0.0.1:{place.doors.port}/?token={TOKEN}"
            status, headers, _ = await ask(place, f"/?token={TOKEN}")
            assert (status, headers["location"]) == (303, "/")
            cookie, *attributes = headers["set-cookie"].split("; ")
            assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(attributes)
            assert TOKEN not in headers["set-cookie"]
            assert (await ask(place, "/", {"Cookie": f"other=1; {cookie}"}))[0] == 200
            assert (await ask(place, "/", {"Cookie": cookie[:-1]}))[0] == 403
            async with page(place, Cookie=cookie) as opened:
                await hear(opened, "screen")
            with pytest.raises(websockets.InvalidStatus, match="403"):
                await page(place, "http://evil.example", Cookie=cookie)

    asyncio.run(work())


def test_tokens_are_long_and_fit_into_an_address() -> None:
    assert checked_token("auto") != checked_token("auto")
    for wrong in ("short", "x" * 15, "sixteen spaces !", "prüfung-prüfung-prüfung", "a&b=c#d/e?f" * 2):
        with pytest.raises(SettingsError, match="--token"):
            checked_token(wrong)


@pytest.mark.parametrize("host", ["192.168.1.20", "0.0.0.0", "::", "physio.local", "127.0.0.2"])
def test_a_network_needs_a_token(host: str) -> None:
    with pytest.raises(SettingsError, match="token"):
        find_place(host, 0)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "0", ""])
def test_no_token_opens_all_networks(host: str) -> None:
    with pytest.raises(SettingsError, match="--host"):
        find_place(host, 0, TOKEN)


def test_another_address_of_this_computer_answers_under_its_own_name_only() -> None:
    place = find_place("127.0.0.2", 0, TOKEN)
    place.socket.close()
    assert place.doors.hosts == {f"127.0.0.2:{place.doors.port}"}


def test_a_browser_leaves_out_the_port_of_plain_http() -> None:
    assert Doors(("127.0.0.1",), 80).hosts == {"127.0.0.1", "127.0.0.1:80"}
