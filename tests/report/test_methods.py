"""The methods paragraph says what was done, and nothing that is not known."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from emgorder.analysis.result import SessionResult
from emgorder.analysis.settings import Settings
from emgorder.model import LiftResult, SideResult, Sync
from emgorder.onset.registry import onset_methods
from emgorder.order.followup import Visit, follow_trend
from emgorder.report.beside import Beside
from emgorder.report.methods import methods_paragraph

NAN = math.nan
Sessions = Callable[..., SessionResult]


def test_the_paragraph_holds_signals_filters_rope_exclusions_and_version(two_sides: SessionResult) -> None:
    said = methods_paragraph(two_sides)
    for part in (
        "Surface EMG of glute (gluteus maximus) and hamstring (biceps femoris) was recorded at 1000 Hz for 428 s.",
        "filtered alike (causal 2nd-order Butterworth band-pass, 20–450 Hz; notch 50 Hz).",
        "No cross-talk was removed.",
        "within ±30 ms count as together",
        "at least .90 and 5 valid lifts",
        "2 of 20 lifts not counted",
        "Analysed with emgorder 0.1.0.",
    ):
        assert part in said


def test_every_onset_method_is_cited_with_its_parameters_and_deviations(session: Sessions) -> None:
    for name, method in onset_methods().items():
        said = methods_paragraph(session(settings=Settings(method=name)))
        assert method.title in said
        assert method.citation in said or not method.doi
        assert method.doi in said
        assert method.deviations in said
        for option in method.defaults:
            assert f"{option} = " in said


def test_a_method_without_posterior_is_not_given_a_pooling_model(
    session: Sessions, lift: Callable[..., LiftResult]
) -> None:
    said = methods_paragraph(session(lifts=[lift(1, 0.1, sd_s=NAN)], settings=Settings(method="hodges_bui")))
    assert "without probabilities, intervals or a verdict" in said
    assert "hierarchical" not in said
    assert "hierarchical" in methods_paragraph(session())


def test_clocks_are_told_once_when_alike_and_by_side_when_not(
    session: Sessions, side: Callable[..., SideResult]
) -> None:
    tapped = Sync("tap", 0.0042, 0.003)
    alike = methods_paragraph(session(sides=[side(sync=tapped), side(side="L", sync=tapped)]))
    assert alike.count("standard uncertainty") == 1
    assert "Clocks: tap, offset 4.2 ms, standard uncertainty 3 ms." in alike
    different = methods_paragraph(session(sides=[side(sync=tapped), side(side="L")]))
    assert "Clocks right: tap" in different
    assert "Clocks left: same device" in different


def test_removed_crosstalk_and_no_notch_are_told(session: Sessions) -> None:
    done = {"highpass_Hz": 20.0, "lowpass_Hz": 450.0, "notch_Hz": None, "crosstalk": ["4% of BF_R removed from GMAX_R"]}
    said = methods_paragraph(session(conditioning=done))
    assert "Cross-talk: 4% of BF_R removed from GMAX_R." in said
    assert "no mains notch" in said


def test_what_the_result_does_not_hold_is_left_out(session: Sessions) -> None:
    said = methods_paragraph(session(lifts=(), sides=(), channels=(), conditioning={}, version=""))
    assert "muscles that the recording does not name" in said
    assert "filtered" not in said
    assert "Clocks" not in said
    assert "Analysed with" not in said
    assert "No lifts were found." in said


def test_what_is_compared_beside_the_session_is_described(session: Sessions, side: Callable[..., SideResult]) -> None:
    plain = session()
    assert "widened by the factor" not in methods_paragraph(plain)
    assert "widened by the factor 1.15" in methods_paragraph(plain, Beside(cued=plain))
    visits = [Visit(t, "R", "cannot tell", 0.05, 0.02, 0.08, 8) for t in (0.0, 1e6)]
    said = methods_paragraph(plain, Beside(trends=(follow_trend(visits),)))
    assert "20 ms (SD) more for each new placement" in said
    assert "below 56 ms" in said


def test_the_libraries_behind_the_numbers_are_named(session: Sessions) -> None:
    said = methods_paragraph(replace(session(), version="1.0", software={"Python": "3.11.7", "numpy": "2.4.6"}))
    assert said.endswith("Analysed with emgorder 1.0 (Python 3.11.7, numpy 2.4.6).")
