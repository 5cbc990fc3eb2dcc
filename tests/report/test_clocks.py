"""The table of the sensors shows what the recording tells of them, and is harmless whatever it tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emgorder.analysis.merge import merge_results
from emgorder.analysis.result import SessionResult
from emgorder.report.clocks import clock_table

Sessions = Callable[..., SessionResult]

BOARD: dict[str, Any] = {
    "id": "AA:01",
    "nominal_rate_Hz": 1000.0,
    "rate_Hz": 1000.04,
    "lost_samples": 46,
    "duplicate_packets": 2,
    "damaged_packets": 1,
    "clock_sd_s": 0.0004,
}


def html_of(result: SessionResult) -> str:
    return "".join(part.text for part in clock_table(result))


def test_a_sensor_has_its_true_rate_its_losses_and_its_clock(session: Sessions) -> None:
    html = html_of(session(meta={"Sensors": [BOARD]}))
    for shown in ("AA:01", "1000.04 (+40 ppm)", "46 / 2 / 1", "± 0.4"):
        assert shown in html


def test_a_second_sensor_says_how_far_its_clock_is_and_how_that_was_found(session: Sessions) -> None:
    second = {**BOARD, "clock_offset_s": -0.004, "clock_offset_sd_s": 0.0012, "clock_method": "tap"}
    assert "-4 ± 1.2 (tap)" in html_of(session(meta={"Sensors": [BOARD, second]}))


def test_recordings_without_sensors_have_no_table(session: Sessions) -> None:
    for meta in ({}, {"Sensors": []}, {"Sensors": "board"}, {"Sensors": [1, None]}):
        assert clock_table(session(meta=meta)) == []


def test_whatever_a_file_tells_of_sensors_is_shown_as_text(session: Sessions) -> None:
    strange = {"id": "<script>" + "x" * 10_000, "rate_Hz": "fast", "lost_samples": float("inf"), "clock_sd_s": [1]}
    html = html_of(session(meta={"Sensors": [strange] * 1000}))
    assert "<script>" not in html
    assert len(html) < 20_000


def test_a_test_of_two_recordings_tells_of_the_sensors_of_both(session: Sessions) -> None:
    one = session(name="right", meta={"Sensors": [BOARD]})
    other = session(name="left", meta={"Sensors": [{**BOARD, "lost_samples": 7}]})
    html = html_of(merge_results([one, other]))
    assert "right" in html
    assert "left" in html
    assert "7 / 2 / 1" in html
