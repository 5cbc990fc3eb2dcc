"""The head of a report tells what the sidecar tells."""

from __future__ import annotations

from collections.abc import Callable

from emgorder.analysis.result import SessionResult
from emgorder.model import SideResult, Sync
from emgorder.report.facts import header_facts

Sessions = Callable[..., SessionResult]


def test_no_pain_is_a_value_and_an_unknown_one_is_left_out(session: Sessions) -> None:
    assert dict(header_facts(session(meta={"pain": 0})))["Pain (0–10)"] == "0"
    assert "Pain (0–10)" not in dict(header_facts(session(meta={"pain": None})))


def test_maker_and_model_are_one_device(session: Sessions) -> None:
    named = session(meta={"ManufacturersModelName": "Trigno", "Manufacturer": "Delsys"})
    assert dict(header_facts(named))["Device"] == "Delsys Trigno"


def test_the_date_is_readable_whatever_key_it_has(session: Sessions) -> None:
    assert dict(header_facts(session(meta={"date": "2025-11-22"})))["Date"] == "2025-11-22"
    assert dict(header_facts(session(meta={"start_utc": "2025-11-22T10:04:00"})))["Date"] == "2025-11-22 10:04"


def test_a_recording_says_when_it_was_made_to_the_minute_and_in_which_zone(session: Sessions) -> None:
    def dated(text: str) -> str:
        return dict(header_facts(session(meta={"RecordingStarted": text})))["Date"]

    assert dated("2026-11-27T07:27:49.644650+00:00") == "2026-11-27 07:27 UTC"
    assert dated("2026-11-27T07:27:49+01:00") == "2026-11-27 07:27 +0100"
    assert dated("last Tuesday") == "last Tuesday"


def test_an_unusual_sidecar_value_is_shown_as_text(session: Sessions) -> None:
    assert dict(header_facts(session(meta={"posture": ["prone", "knee straight"]})))["Posture"].startswith("['prone'")


def test_the_hamstring_head_and_the_clock_are_always_told(session: Sessions, side: Callable[..., SideResult]) -> None:
    facts = dict(header_facts(session(sides=[side(hamstring="ST", sync=Sync("tap", -0.004, 0.0012))])))
    assert facts["Hamstring"] == "hamstring (semitendinosus)"
    assert facts["Clock"] == "tap, difference -4 ms ± 1.2 ms"
