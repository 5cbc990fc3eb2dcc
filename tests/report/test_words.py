"""The sentences of the design, word for word, and every way in which a side can be undecided."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.model import LiftOrder, LiftResult, SideResult
from emgorder.report.words import (
    lead_words,
    lift_line,
    lift_verdict,
    probability_sentence,
    verdict_sentence,
    verdict_words,
)

NAN = math.nan
NO_PROBABILITIES = (NAN, NAN, NAN)

Sides = Callable[..., SideResult]
Lifts = Callable[..., LiftResult]


def test_a_clear_hamstring_lead_reads_as_designed(side: Sides) -> None:
    assert verdict_sentence(side()) == (
        "RIGHT: hamstring first in 9 of 10 lifts. Average lead 84 ms [45 to 123]. Very likely hamstring-first. "
        "This is common in healthy people."
    )


def test_an_undecided_side_reads_as_designed(side: Sides) -> None:
    undecided = side(
        "cannot tell",
        side="L",
        counts=(1, 1, 6),
        average_ms=(43, -3, 88),
        probabilities=(0.05, 0.40, 0.55),
        between_lift_sd_s=0.06,
        more_lifts=6,
    )
    assert verdict_sentence(undecided) == (
        "LEFT: cannot tell. Hamstring first in 6 of 8, 43 ms [-3 to 88]: lifts vary too much. "
        "About 6 more lifts may settle it."
    )


def test_a_leaning_is_said_within_cannot_tell(side: Sides) -> None:
    leaning = side(
        "cannot tell", counts=(1, 1, 6), probabilities=(0.02, 0.2, 0.78), leaning="hamstring first", more_lifts=1
    )
    sentence = verdict_sentence(leaning)
    assert sentence.startswith("RIGHT: cannot tell. ")
    assert sentence.endswith(" Leaning hamstring first. About 1 more lift may settle it.")
    assert "likely" not in sentence


def test_a_clear_glute_lead_turns_the_sign_of_the_interval(side: Sides) -> None:
    glute = side("glute first", counts=(8, 2, 0), average_ms=(-75, -110, -41), probabilities=(0.97, 0.03, 0.0))
    assert verdict_sentence(glute) == (
        "RIGHT: glute first in 8 of 10 lifts. Average lead 75 ms [41 to 110]. Very likely glute-first. "
        "Healthy people show this order too."
    )


@pytest.mark.parametrize(
    ("average_ms", "said"), [((7, -9, 22), "hamstring was 7 ms"), ((-7, -22, 9), "glute was 7 ms")]
)
def test_together_names_the_rope_and_who_was_a_little_earlier(
    side: Sides, average_ms: tuple[float, float, float], said: str
) -> None:
    together = side("together", counts=(0, 9, 1), average_ms=average_ms, probabilities=(0.01, 0.95, 0.04))
    assert verdict_sentence(together) == (
        "RIGHT: Together (within ±30 ms): very likely. Together in 9 of 10 lifts. "
        f"On average the {said} earlier [-9 to 22]."
    )


def test_the_rope_in_the_sentence_is_the_one_that_was_used(side: Sides) -> None:
    together = side("together", counts=(0, 9, 1), probabilities=(0.01, 0.95, 0.04), rope_s=0.02)
    assert "within ±20 ms" in verdict_sentence(together)


def test_an_unknown_side_has_no_label_but_a_capital(side: Sides) -> None:
    assert verdict_sentence(side(side="")).startswith("Hamstring first in 9 of 10 lifts. ")


def test_uncounted_lifts_are_told_beside_the_count(side: Sides) -> None:
    assert "hamstring first in 9 of 10 lifts, 2 not counted." in verdict_sentence(side(n_lifts=12))


def test_a_verdict_without_a_majority_of_lifts_lists_the_other_counts(side: Sides) -> None:
    assert "hamstring first in 4 of 10 lifts, together in 5, glute first in 1." in verdict_sentence(
        side(counts=(1, 5, 4))
    )


def test_five_lifts_are_flagged_and_six_are_not(side: Sides) -> None:
    flag = "Only 5 lifts counted: a few more would make this firmer."
    assert flag in verdict_sentence(side(counts=(0, 0, 5)))
    assert "Only" not in verdict_sentence(side(counts=(0, 0, 6)))


def test_studies_of_the_leg_lift_are_not_quoted_for_other_movements(side: Sides) -> None:
    assert "healthy" in verdict_sentence(side())
    assert "healthy" not in verdict_sentence(side(), task="cyclic")


def test_a_method_without_probabilities_gives_counts_and_median_and_says_so(side: Sides) -> None:
    counted = side("cannot tell", counts=(1, 1, 5), average_ms=(60, NAN, NAN), probabilities=NO_PROBABILITIES)
    assert verdict_sentence(counted) == (
        "RIGHT: cannot tell. This onset method gives no probabilities, so how sure this is stays open. "
        "Hamstring first in 5 of 7 lifts, glute first in 1, together in 1. "
        "In the median lift the hamstring was 60 ms earlier."
    )
    given = side(
        "cannot tell",
        counts=(6, 1, 0),
        average_ms=(-60, NAN, NAN),
        probabilities=NO_PROBABILITIES,
        reason="this onset method gives no probabilities",
    )
    assert verdict_sentence(given) == (
        "RIGHT: cannot tell. This onset method gives no probabilities. Glute first in 6 of 7 lifts, together in 1. "
        "In the median lift the glute was 60 ms earlier."
    )


def test_a_recording_that_cannot_answer_gives_its_reason_and_no_counts(side: Sides) -> None:
    refused = side(
        "cannot tell", probabilities=NO_PROBABILITIES, possible=False, reason="glute is an envelope, not raw EMG"
    )
    assert verdict_sentence(refused) == "RIGHT: cannot tell. Glute is an envelope, not raw EMG."


def test_a_refusal_is_named_even_where_no_lift_counts(side: Sides) -> None:
    refused = side(
        "cannot tell",
        counts=(0, 0, 0),
        n_lifts=8,
        average_ms=(NAN, NAN, NAN),
        probabilities=NO_PROBABILITIES,
        possible=False,
        reason="glute is an envelope, not raw EMG",
    )
    assert verdict_sentence(refused) == "RIGHT: cannot tell. Glute is an envelope, not raw EMG."


def test_too_few_lifts_are_told_with_the_number_that_is_needed(side: Sides) -> None:
    few = side("cannot tell", counts=(0, 1, 3), n_lifts=7, probabilities=NO_PROBABILITIES, possible=False)
    assert verdict_sentence(few) == ("RIGHT: cannot tell. Only 4 of 7 lifts could be counted: at least 5 are needed.")


def test_no_counted_lift_and_no_lift_at_all_are_told_apart(side: Sides) -> None:
    none = side("cannot tell", counts=(0, 0, 0), n_lifts=1, average_ms=(NAN, NAN, NAN), probabilities=NO_PROBABILITIES)
    assert verdict_sentence(none) == "RIGHT: cannot tell. None of the 1 lift could be counted."
    empty = side("cannot tell", counts=(0, 0, 0), average_ms=(NAN, NAN, NAN), probabilities=NO_PROBABILITIES)
    assert verdict_sentence(empty) == "RIGHT: cannot tell. No lifts were found."


def test_a_tight_spread_near_the_limit_is_not_called_varying(side: Sides) -> None:
    near = side("cannot tell", average_ms=(31, 20, 42), probabilities=(0.0, 0.5, 0.5), between_lift_sd_s=0.008)
    assert "too close to the ±30 ms that count as together." in verdict_sentence(near)


def test_counts_that_contradict_the_average_are_written_out(side: Sides) -> None:
    odd = side("cannot tell", counts=(5, 0, 3), average_ms=(3, -33, 40), probabilities=(0.2, 0.5, 0.3))
    assert "Glute first in 5 of 8, hamstring 3 ms earlier on average [-33 to 40]: " in verdict_sentence(odd)


def test_a_tie_is_told_from_the_side_of_the_average(side: Sides) -> None:
    tie = side("cannot tell", counts=(4, 0, 4), average_ms=(-6, -40, 28), probabilities=(0.3, 0.5, 0.2))
    assert "Glute first in 4 of 8, hamstring first in 4, 6 ms [-28 to 40]" in verdict_sentence(tie)


def test_more_lifts_than_a_session_holds_are_not_asked_for_today(side: Sides) -> None:
    many = side("cannot tell", probabilities=(0.3, 0.4, 0.3), more_lifts=48)
    assert verdict_sentence(many).endswith("About 48 more lifts may settle it, more than one session holds.")


@given(
    probabilities=st.tuples(*[st.floats(0, 1)] * 3),
    average_ms=st.tuples(*[st.integers(-500, 500)] * 3),
    counts=st.tuples(*[st.integers(0, 20)] * 3),
    n_more=st.none() | st.integers(0, 90),
)
def test_cannot_tell_never_claims_likelihood_and_never_shows_nan(
    side: Sides,
    probabilities: tuple[float, float, float],
    average_ms: tuple[float, float, float],
    counts: tuple[int, int, int],
    n_more: int | None,
) -> None:
    undecided = side(
        "cannot tell", counts=counts, average_ms=average_ms, probabilities=probabilities, more_lifts=n_more
    )
    sentence = verdict_sentence(undecided)
    assert "ery likely" not in sentence
    assert "nan" not in sentence
    assert "None of" in sentence or "None" not in sentence
    assert ".." not in sentence
    assert not re.search(r"\{\w*\}", sentence)


def test_headline_and_details_together_are_the_sentence(side: Sides) -> None:
    words = verdict_words(side())
    assert words.sentence == f"RIGHT: {words.headline}. {' '.join(words.details)}"


def test_probabilities_never_round_doubt_away(side: Sides) -> None:
    assert probability_sentence(side(probabilities=(0.0004, 0.0036, 0.996))) == (
        "glute first <1 %, together <1 %, hamstring first >99 %"
    )
    assert "no probabilities" in probability_sentence(side(probabilities=NO_PROBABILITIES))


@pytest.mark.parametrize(
    ("difference_ms", "line"),
    [
        (62, "Lift 4/10 · hamstring first · 62 ms"),
        (-62, "Lift 4/10 · glute first · 62 ms"),
        (30, "Lift 4/10 · too close to call"),
        (-30, "Lift 4/10 · too close to call"),
        (31, "Lift 4/10 · hamstring first · 31 ms · not certain"),
    ],
)
def test_the_line_of_a_lift_reads_as_designed(lift: Lifts, difference_ms: float, line: str) -> None:
    assert lift_line(lift(4, difference_ms / 1e3), total=10) == line


def test_the_interval_of_a_glute_first_lift_is_turned_with_its_lead(lift: Lifts) -> None:
    assert lift_line(lift(1, -0.1, sd_s=0.01), interval=True) == "Lift 1 · glute first · 100 ms [84 to 116]"


def test_an_uncounted_lift_gives_its_reason_instead_of_an_order(lift: Lifts) -> None:
    uncounted = lift(4, 0.062, reason="moved before the tone")
    assert lift_line(uncounted) == "Lift 4 · not counted: moved before the tone"
    assert lift_verdict(uncounted) == "cannot tell"


def test_a_lift_without_a_reason_or_a_difference_is_not_given_an_order(lift: Lifts) -> None:
    assert lift_line(LiftResult(lift(2, 0.1).lift, (), LiftOrder(), valid=False)) == (
        "Lift 2 · not counted: reason not recorded"
    )
    assert lift_line(LiftResult(lift(2, 0.1).lift, (), LiftOrder(), valid=True)) == (
        "Lift 2 · not counted: reason not recorded"
    )


def test_a_provisional_lift_is_marked(lift: Lifts) -> None:
    known = lift(2, 0.1)
    early = LiftResult(known.lift, known.muscles, known.order, valid=True, provisional=True)
    assert lift_line(early) == "Lift 2 · hamstring first · 100 ms · provisional"


@given(difference_ms=st.integers(-300, 300))
def test_lines_agree_with_the_counts_of_the_verdict(lift: Lifts, difference_ms: int) -> None:
    """The verdict counts a lift by its difference and the ROPE; a reader who counts lines gets the same numbers."""
    line = lift_line(lift(1, difference_ms / 1e3, traces=False))
    assert ("hamstring first" in line) == (difference_ms > 30)
    assert ("glute first" in line) == (difference_ms < -30)
    assert ("too close to call" in line) == (abs(difference_ms) <= 30)


def test_a_lift_whose_method_has_no_probabilities_is_not_called_uncertain(lift: Lifts) -> None:
    assert lift_line(lift(1, 0.04, sd_s=NAN)) == "Lift 1 · hamstring first · 40 ms"


def test_short_words_of_a_lead_name_the_earlier_muscle() -> None:
    assert [lead_words(0.0414), lead_words(-0.0414)] == ["hamstring 41 ms", "glute 41 ms"]


@pytest.mark.parametrize("average_ms", [0.2, -0.2])
def test_no_muscle_is_said_to_be_0_ms_earlier(side: Sides, average_ms: float) -> None:
    average = (average_ms, -20, 20)
    together = side("together", counts=(1, 8, 1), average_ms=average, probabilities=(0.01, 0.98, 0.01))
    unsure = side("cannot tell", counts=(4, 3, 3), average_ms=average, probabilities=(0.3, 0.4, 0.3))
    plain = side("cannot tell", counts=(4, 2, 4), average_ms=(average_ms, NAN, NAN), probabilities=NO_PROBABILITIES)
    for shown in (together, unsure, plain):
        assert not re.search(r"\b0 ms earlier|\b(glute|hamstring) 0 ms", verdict_sentence(shown))
    assert "On average neither muscle was earlier: 0 ms [-20 to 20]." in verdict_sentence(together)
    assert "neither muscle earlier on average: 0 ms [-20 to 20]" in verdict_sentence(unsure)
    assert "In the median lift neither muscle was earlier." in verdict_sentence(plain)
    assert lead_words(average_ms / 1e3) == "0 ms"
