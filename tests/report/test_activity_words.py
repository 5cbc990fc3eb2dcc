"""Activity levels and differences of sides in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from emgorder.analysis import Settings
from emgorder.analysis.result import SessionResult
from emgorder.model import Finding
from emgorder.order.activity import FAINT, NO_MVC, TOO_LOW, ActivityRatio, MuscleActivity
from emgorder.order.contrast import Contrast
from emgorder.order.reference import MvcReference
from emgorder.report import texts
from emgorder.report.activity_words import (
    activity_sentences,
    contrast_sentence,
    level_sentence,
    ratio_sentence,
    sides_sentences,
)
from emgorder.report.terminal import render_text

WRONG = re.compile(r"\b(strength|strong\w*|forces?|weak\w*|inhibit\w*|abnormal\w*)\b", re.I)


@pytest.fixture(scope="module")
def measured(session: Callable[..., SessionResult]) -> SessionResult:
    """Return a session whose lifts have activities and whose glute has 300 µV at full effort, the hamstring 200 µV."""
    plain = session()
    lifts = tuple(
        replace(
            r,
            muscles=tuple(
                replace(m, activity_rms=m.rms * (1.0 + 0.02 * (k % 3))) for k, m in enumerate(r.muscles, start=i)
            ),
        )
        for i, r in enumerate(plain.lift_results)
    )
    full = (MvcReference("GMAX_R", 300e-6, 0.05, 2.0, 3), MvcReference("BF_R", 200e-6, 0.05, 2.0, 3))
    return replace(plain, lift_results=lifts, references=full)


def test_levels_and_their_ratio_are_said_apart_from_the_order(measured: SessionResult) -> None:
    assert activity_sentences(measured) == (
        "Cannot tell which muscle had the higher activity level: glute 1.11 times hamstring [0.95 to 1.29]. "
        "Leaning glute.",
        "Glute at 51 % of its full effort [44 to 59].",
        "Hamstring at 46 % of its full effort [40 to 53].",
    )


def test_a_submaximal_reference_is_said_and_each_muscle_stands_alone(measured: SessionResult) -> None:
    referred = replace(measured, references=tuple(replace(r, full=False) for r in measured.references))
    assert activity_sentences(referred) == (
        "Can't say which muscle worked harder: the reference is not a full effort: it only tells how the same muscle "
        "changes. Do an MVC.",
        "Glute at 51 % of its reference contraction [44 to 59].",
        "Hamstring at 46 % of its reference contraction [40 to 53].",
    )


def test_without_a_full_effort_there_is_one_sentence(session: Callable[..., SessionResult]) -> None:
    assert activity_sentences(session()) == (NO_MVC,)
    assert activity_sentences(SessionResult((), (), (), Settings())) == (NO_MVC,)
    assert NO_MVC in render_text(session())


def test_a_blocked_muscle_says_why_and_the_other_keeps_its_level(measured: SessionResult) -> None:
    noisy = Finding("BF_R", "snr", "attention", "hamstring noisy, bursts only 6 dB above rest", "re-clean the skin")
    said = activity_sentences(replace(measured, quality=(noisy,)))
    assert said[0] == "Can't say which muscle worked harder: hamstring noisy, bursts only 6 dB above rest."
    assert said[1].startswith("Glute at 51 %")
    assert said[2] == "Hamstring: hamstring noisy, bursts only 6 dB above rest."


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (ActivityRatio("A", "B", 2.0, 1.5, 2.6, 0.99, 9, "first"), "Very likely a higher activity level in the a than"),
        (
            ActivityRatio("A", "B", 0.5, 0.4, 0.8, 0.01, 9, "second"),
            "in the b than in the a: 2 times [1.25 to 2.5].",
        ),
        (ActivityRatio("A", "B", 1.2, 0.9, 1.6, 0.8, 9, "", "first"), "a 1.2 times b [0.9 to 1.6]. Leaning a."),
        (
            ActivityRatio("A", "B", 1.0, 0.8, 1.2, 0.5, 9),
            "the higher activity level: a 1 times b",
        ),
        (ActivityRatio("A", "B", reason=NO_MVC), NO_MVC),
        (ActivityRatio("A", "B", reason=FAINT), f"Can't say which muscle worked harder: {FAINT}."),
    ],
)
def test_a_ratio_is_as_sure_as_its_probability(ratio: ActivityRatio, said: str) -> None:
    assert said in ratio_sentence(ratio, "a", "b")


def test_more_than_a_full_effort_is_flagged() -> None:
    level = MuscleActivity("R", "GMAX_R", "GMAX", 118.0, 100.2, 139.0, 9, 3, remark=TOO_LOW)
    assert level_sentence(level, "glute") == (
        "Glute at 118 % of its full effort [100 to 139]. "
        "Reference too low: more than a full effort is not possible, so the full effort was not one."
    )


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            Contrast(-0.05, -0.09, -0.031, 0.0, 0.06, 0.94, 0.0, "smaller"),
            "A against b: glute earlier by 50 ms relative to the hamstring [31 to 90]. Very likely a difference.",
        ),
        (
            Contrast(0.002, -0.02, 0.02, 0.02, 0.96, 0.02, 0.5, "alike"),
            "b: alike (within ±30 ms): very likely.",
        ),
        (
            Contrast(0.05, -0.01, 0.11, 0.75, 0.24, 0.01, 0.9, "cannot tell", "larger"),
            "A against b: cannot tell, glute later by 50 ms relative to the hamstring [-10 to 110]. Leaning later.",
        ),
        (Contrast(0.03, -0.04, 0.1, 0.5, 0.4, 0.1, 0.8), "[-40 to 100]."),
        (Contrast(reason="another posture"), "A against b: cannot tell. Another posture."),
        (Contrast(0.05, reason="only 3 valid lifts\x1b[2J"), "A against b: cannot tell. Only 3 valid lifts[2J."),
    ],
)
def test_a_contrast_is_as_sure_as_its_probability(found: Contrast, said: str) -> None:
    assert contrast_sentence(found, "a", "b").endswith(said)


def test_two_sides_without_posteriors_say_so(two_sides: SessionResult, session: Callable[..., SessionResult]) -> None:
    assert sides_sentences(two_sides) == ("Right against left: cannot tell. One of the two has no probabilities.",)
    assert sides_sentences(session()) == ()


def test_no_activity_text_speaks_of_strength() -> None:
    names = ("ACTIVITY", "RATIO", "CONTRAST")
    said = [v for k, v in vars(texts).items() if k.startswith(names) and isinstance(v, str)]
    assert len(said) > 10
    for text in (*said, NO_MVC, TOO_LOW, FAINT):
        assert not WRONG.findall(text), text


def test_no_difference_has_no_direction() -> None:
    said = contrast_sentence(Contrast(0.0002, -0.06, 0.06, 0.2, 0.6, 0.2, 0.5, "cannot tell"), "right", "left")
    assert said == "Right against left: cannot tell, no difference on average: 0 ms [-60 to 60]."
