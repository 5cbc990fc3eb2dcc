"""Make the pictures of the app's screens anew: python scripts/screenshots.py, from the root of the repository.

A real session with the simulated person of one seed, in the system's Chromium. Pictures are never quite the same: the
moment at which each is taken depends on the machine.
"""

from __future__ import annotations

import os
import struct
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from emgorder.acquisition.clocks import PacedClock  # noqa: E402
from tests.app.page_rig import browser  # noqa: E402
from tests.app.session_rig import SET_OVER, Hands, RunningApp, running  # noqa: E402

SCREENS = ROOT / "docs" / "screens"
SPEED = 5.0
HOLDING = "#ring:has-text('Hold')"


def main() -> None:
    """Go through a session and take the pictures."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, browser() as launched:
        os.chdir(folder)  # so that no picture shows where it was made
        with running(Path("emgorder"), clock=PacedClock(SPEED), speed=SPEED) as app:
            walk(launched, app)
        os.chdir(ROOT)
    for path in sorted(SCREENS.glob("*.png")):
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB")


def walk(launched: Any, app: RunningApp) -> None:
    """Go through the session."""
    hands = Hands(launched, app)
    before_the_lifts(hands)
    lifts(hands, app)
    after_the_lifts(hands)
    hands.close()


def before_the_lifts(hands: Hands) -> None:
    """Take the steps from home to rest."""
    take(hands.page, "home")
    hands.goes("Space", "new")
    hands.page.get_by_label("Pseudonym").fill("heron-12")
    hands.page.get_by_label("Lifts a side").fill("10")
    hands.page.get_by_label("After each lift (training)").check()
    hands.page.get_by_label("None of these").check()
    take(hands.page, "new")
    hands.goes("Enter", "place")
    take(hands.page, "place")
    hands.goes("Space", "connect")
    hands.press("use")
    hands.sees("Which muscle is on which channel?")
    take(hands.page, "connect")
    hands.goes("Space", "contact")
    hands.press("start")
    hands.sees("Glute:", "checks")
    hands.press("start")
    hands.sees("Now: bend")
    hands.page.wait_for_function("() => document.getElementById('ring').innerText.includes('2')")
    take(hands.page, "contact")
    hands.sees("Hamstring:", "checks")
    hands.goes("Space", "rest")
    hands.press("start")
    hands.sees("quiet", "checks")
    take(hands.page, "rest")
    hands.goes("Space", "mvc")
    hands.goes("Space", "practice")
    hands.press("skip")


def lifts(hands: Hands, app: RunningApp) -> None:
    """Take the lifts: by day, by night, on a phone, and with a sensor that is lost."""
    hands.press("start", "lifts")
    hands.page.wait_for_selector('.card[data-card="2"]:not(.uncounted)')
    hands.page.wait_for_selector(HOLDING)
    take(hands.page, "lifts")
    hands.page.wait_for_selector('.card[data-card="3"]:not(.uncounted)')
    hands.page.emulate_media(color_scheme="dark")
    hands.page.wait_for_selector(HOLDING)
    take(hands.page, "lifts-dark")
    hands.page.emulate_media(color_scheme="light")
    hands.page.wait_for_selector('.card[data-card="4"]:not(.uncounted)')
    hands.page.set_viewport_size({"width": 390, "height": 844})
    hands.page.wait_for_selector(HOLDING)
    take(hands.page, "lifts-phone")
    hands.page.set_viewport_size({"width": 1280, "height": 800})
    hands.page.wait_for_selector('.card[data-card="5"]:not(.uncounted)')
    hands.page.wait_for_selector(HOLDING)
    app.call(lambda: app.lose("emgo1-board", 12.0))
    hands.page.wait_for_selector("#faults .check.stop")
    take(hands.page, "fault")
    hands.page.wait_for_selector(SET_OVER)
    take(hands.page, "set")


def after_the_lifts(hands: Hands) -> None:
    """Take the other side, the result and what follows."""
    hands.goes("Space", "other")
    hands.press("skip")
    hands.at_result()
    take(hands.page, "result")
    hands.goes("Space", "exercises")
    take(hands.page, "exercises")
    hands.goes("Enter", "follow")
    hands.goes("Space", "home")
    take(hands.page, "earlier")


def take(page: Any, name: str) -> None:
    """Take a picture when everything is drawn, and no tone lights up the edge of the window."""
    page.mouse.move(0, 0)
    flashing, picture = True, b""
    while flashing:
        page.wait_for_selector("body:not([data-flash])")
        page.evaluate("() => document.getElementById('main').scrollTo(0, 0)")
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        picture = page.screenshot(animations="disabled")
        flashing = page.evaluate("() => 'flash' in document.body.dataset")
    (SCREENS / f"{name}.png").write_bytes(packed(picture))


def packed(png: bytes) -> bytes:
    """Return the same picture, packed as tightly as it goes."""
    at, chunks, pixels = 8, [], b""
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += 12 + length
        if kind == b"IDAT":
            pixels += body
        else:
            chunks.append((kind, body))
    chunks.insert(-1, (b"IDAT", zlib.compress(zlib.decompress(pixels), 9)))
    parts = [struct.pack(">I", len(b)) + k + b + struct.pack(">I", zlib.crc32(k + b)) for k, b in chunks]
    return png[:8] + b"".join(parts)


if __name__ == "__main__":
    main()
