"""The whole app in a real browser: real test, real server, simulated person, virtual time."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import emgorder as eo
from emgorder.report.words import verdict_sentence, verdict_words
from tests.app.page_rig import browser, chromium
from tests.app.session_rig import Hands, running

pytestmark = pytest.mark.skipif(
    chromium() is None and os.environ.get("EMGORDER_REQUIRE") != "all", reason="no Chromium is installed"
)


@pytest.fixture(scope="module")
def launched() -> Iterator[Any]:
    if os.environ.get("EMGORDER_REQUIRE") != "all":
        pytest.importorskip("playwright.sync_api")
        pytest.importorskip("starlette")
        pytest.importorskip("uvicorn")
    with browser() as started:
        yield started


def only(paths: Any) -> Path:
    (path,) = paths
    return Path(path)


def test_a_session_of_both_sides_ends_in_the_words_of_the_saved_csv(launched: Any, tmp_path: Path) -> None:
    with running(tmp_path) as app:
        hands = Hands(launched, app)
        hands.fill_in(pseudonym="heron-12")
        hands.connect()
        hands.check_contact()
        hands.lift()
        hands.sees("Right leg: 10 lifts counted.", "instruction")
        hands.press("next")
        hands.press("next", "other")
        hands.check_contact()
        hands.lift()
        hands.sees("Left leg: 10 lifts counted.", "instruction")
        hands.press("next")
        hands.at("report")
        hands.page.wait_for_selector("#sides article")
        csv = only(tmp_path.glob("*/both.csv"))
        result = eo.analyse(eo.read_recording(csv))
        for side, shown in zip(result.sides, hands.page.locator("#sides article").all(), strict=True):
            print(verdict_sentence(side))
            print(shown.inner_text())
        hands.close()
