"""The methods paragraph says what was done, and nothing that is not known."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from emgorder.analysis import analyse
from emgorder.analysis.result import SessionResult
from emgorder.analysis.settings import Settings
from emgorder.conditioning import design_bandpass
from emgorder.model import LiftResult, SideResult, Sync
from emgorder.onset.registry import onset_methods
from emgorder.order.followup import Visit, follow_trend
from emgorder.report.beside import Beside
from emgorder.report.methods import methods_paragraph
from emgorder.report.words import verdict_sentence
from emgorder.simulate import simulate_session

NAN = math.nan
Sessions = Callable[..., SessionResult]


def test_the_paragraph_holds_signals_filters_rope_exclusions_and_version(two_sides: SessionResult) -> None:
    said = methods_paragraph(two_sides)
    for part in (
        "Surface EMG of glute (gluteus maximus) and hamstring (biceps femoris) was recorded at 1000 Hz for 428 s.",
        "filtered alike (causal 2nd-order Butterworth band-pass, 20–450 Hz; notches at 50 Hz and its harmonics).",
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


@pytest.mark.parametrize(
    ("rate_Hz", "lowpass_Hz", "filters"),
    [
        (2000.0, 450.0, "causal 2nd-order Butterworth band-pass, 20–450 Hz; "),
        (2000.0, 300.0, "causal 2nd-order Butterworth band-pass, 20–300 Hz; "),
        (1000.0, 450.0, "causal 2nd-order Butterworth high-pass, 20 Hz; no low-pass, "),
        (500.0, 2000.0, "causal 2nd-order Butterworth high-pass, 20 Hz; no low-pass, "),
    ],
)
def test_a_low_pass_is_told_only_where_there_was_one(rate_Hz: float, lowpass_Hz: float, filters: str) -> None:
    session = simulate_session(seed=1, n_lifts=1, sampling_frequency=rate_Hz)
    result = analyse(session, Settings(lowpass_Hz=lowpass_Hz))
    assert f"filtered alike ({filters}" in methods_paragraph(result)
    assert len(design_bandpass(rate_Hz, lowpass_Hz=lowpass_Hz)) == (2 if "band-pass" in filters else 1)


def test_unknown_clocks_are_given_no_uncertainty(session: Sessions, side: Callable[..., SideResult]) -> None:
    said = methods_paragraph(session(sides=[side(sync=Sync("unknown"))]))
    assert "Clocks: it is unknown how they agree." in said
    assert "standard uncertainty" not in said


def test_the_limit_of_together_is_told_as_it_was_set(session: Sessions, side: Callable[..., SideResult]) -> None:
    told = session(settings=Settings(rope_s=0.0125), sides=[side("together", rope_s=0.0125)])
    assert "within ±12.5 ms count as together" in methods_paragraph(told)
    assert verdict_sentence(told.sides[0]).startswith("RIGHT: Together (within ±12.5 ms)")
