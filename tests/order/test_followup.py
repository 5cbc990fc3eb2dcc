"""Two visits beside each other: numbers, limits, and refusals."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.errors import SettingsError
from emgorder.order import conditions, followup
from emgorder.order.conditions import Conditions
from emgorder.order.followup import (
    FLOOR_S,
    REPLACEMENT_SD_S,
    ActivityChange,
    ActivityLevel,
    Visit,
    compare_visits,
    follow_trend,
)

ALIKE = Conditions("BF", "prone", "Lift your leg.", "board")
Z = 1.6448536


def visit(difference_ms: float = 80.0, half_ms: float = 20.0, *, day: float = 0.0, **more: Any) -> Visit:
    ends = (difference_ms, difference_ms - half_ms, difference_ms + half_ms)
    about: dict[str, Any] = {"n_valid": 8, "n_lifts": 8, "conditions": ALIKE, **more}
    return Visit(86_400.0 * day, about.pop("side", "R"), "cannot tell", *(x / 1e3 for x in ends), **about)


def test_the_interval_holds_both_sessions_and_two_placements() -> None:
    change = compare_visits(visit(80, 30), visit(20, 40))
    half_s = math.sqrt(0.030**2 + 0.040**2 + 2 * (Z * REPLACEMENT_SD_S) ** 2)
    assert change.change_s == pytest.approx(-0.060)
    assert change.high_s - change.change_s == pytest.approx(half_s, rel=1e-6)
    assert change.change_s - change.low_s == pytest.approx(half_s, rel=1e-6)


@pytest.mark.parametrize(
    ("change_ms", "kind"), [(0, "no change"), (55.9, "no change"), (56.1, "change"), (-56.1, "change")]
)
def test_below_the_floor_nothing_has_changed_however_sharp_the_sessions(change_ms: float, kind: str) -> None:
    found = compare_visits(visit(0, 1), visit(change_ms, 1), replacement_sd_s=0.0)
    assert found.limit_s == FLOOR_S
    assert found.kind == kind


@pytest.mark.parametrize(("change_ms", "kind"), [(99.9, "no change"), (100.1, "change")])
def test_within_half_the_interval_nothing_has_changed_however_large_it_is(change_ms: float, kind: str) -> None:
    assert compare_visits(visit(0, 60), visit(change_ms, 80), replacement_sd_s=0.0).kind == kind


def test_a_change_that_is_called_one_has_an_interval_without_zero() -> None:
    found = compare_visits(visit(0, 60), visit(101, 80), replacement_sd_s=0.0)
    assert found.low_s > 0


def test_fewer_lifts_raise_the_floor_and_more_do_not_lower_it() -> None:
    few = compare_visits(visit(0, 1, n_valid=5), visit(0, 1, n_valid=5))
    many = compare_visits(visit(0, 1, n_valid=20), visit(0, 1, n_valid=20))
    assert few.limit_s == pytest.approx(FLOOR_S * math.sqrt(8 / 5))
    assert many.limit_s == FLOOR_S


@given(st.floats(-400, 400), st.floats(-400, 400), st.floats(1, 150), st.floats(1, 150))
def test_the_other_way_round_it_is_the_same_with_the_other_sign(a: float, b: float, p: float, q: float) -> None:
    there, back = compare_visits(visit(a, p), visit(b, q)), compare_visits(visit(b, q), visit(a, p))
    assert (there.kind, there.limit_s) == (back.kind, back.limit_s)
    assert (there.change_s, there.low_s, there.high_s) == pytest.approx((-back.change_s, -back.high_s, -back.low_s))


@given(st.floats(-300, 300), st.floats(0.0, 0.05), st.floats(0.0, 0.05))
def test_more_doubt_about_placement_never_turns_no_change_into_a_change(ms: float, a: float, b: float) -> None:
    low, high = sorted((a, b))
    if compare_visits(visit(), visit(80 + ms), replacement_sd_s=low).kind == "no change":
        assert compare_visits(visit(), visit(80 + ms), replacement_sd_s=high).kind == "no change"


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"hamstring": "ST"}, "the recorded hamstring differs (biceps femoris, then semitendinosus)"),
        ({"posture": "prone, knee bent"}, "the posture differs (prone, then prone, knee bent)"),
        ({"instruction": "Squeeze first."}, "the instruction differs (Lift your leg, then Squeeze first)"),
        ({"device": "armband"}, "the device differs (board, then armband)"),
        ({"task": "cyclic"}, "the movement differs (lift, then cyclic)"),
        ({"method": "bonato"}, "the onset method differs (posterior, then bonato)"),
        ({"feedback": True}, "the feedback during the lifts differs (not shown after each lift, then shown after"),
        ({"hamstring": "HAM"}, "the recorded hamstring is not known at the later visit"),
        ({"hamstring": ""}, "the recorded hamstring is not known at the later visit"),
        ({"posture": ""}, "the posture is not known at the later visit"),
        ({"instruction": " . "}, "the instruction is not known at the later visit"),
        ({"device": " , "}, "the device is not known at the later visit"),
    ],
)
def test_what_differs_or_is_not_known_is_refused_and_named(other: dict[str, Any], words: str) -> None:
    found = compare_visits(visit(), visit(conditions=replace(ALIKE, **other)))
    assert found.kind == "refused"
    assert words in found.reason
    assert math.isnan(found.change_s)
    back = compare_visits(visit(conditions=replace(ALIKE, **other)), visit())
    assert back.kind == "refused"
    assert back.reason != found.reason


def test_what_nobody_noted_at_either_visit_is_not_alike() -> None:
    nothing = visit(conditions=Conditions())
    reason = compare_visits(nothing, nothing).reason
    assert reason.count("is not known at either visit") == 4


def test_all_obstacles_are_named_at_once() -> None:
    found = compare_visits(visit(), visit(conditions=replace(ALIKE, hamstring="ST", device="armband")))
    assert "hamstring" in found.reason
    assert "device" in found.reason


def test_spelling_does_not_make_another_condition() -> None:
    loud = Conditions("BF", " PRONE ", "lift  your leg", "Board, board ")
    assert compare_visits(visit(), visit(conditions=loud)).kind == "no change"


def test_a_side_without_an_average_is_refused() -> None:
    none = replace(visit(), low_s=math.nan, high_s=math.nan)
    assert compare_visits(visit(), none).reason == "there is no average with an interval at the later visit"
    assert compare_visits(none, visit()).reason == "there is no average with an interval at the earlier visit"
    assert compare_visits(none, none).reason == "there is no average with an interval at either visit"


def test_a_hostile_value_is_cut_in_the_reason() -> None:
    found = compare_visits(visit(), visit(conditions=replace(ALIKE, device="<script>\n" * 2000)))
    assert len(found.reason) < 200
    assert "\n" not in found.reason


def test_sides_are_never_mixed() -> None:
    with pytest.raises(SettingsError, match="different sides"):
        compare_visits(visit(), visit(side="L"))
    with pytest.raises(SettingsError, match="different sides"):
        follow_trend([visit(), visit(side="L")])
    with pytest.raises(SettingsError, match="replacement_sd_s"):
        compare_visits(visit(), visit(), replacement_sd_s=-1.0)


@pytest.mark.parametrize(("second", "noise"), [(0.70, True), (0.71, False), (0.36, True), (0.35, False), (0.50, True)])
def test_up_to_forty_percent_an_activity_level_is_noise_up_and_down_alike(second: float, noise: bool) -> None:
    assert ActivityChange("GMAX", ActivityLevel(0.50), ActivityLevel(second)).noise is noise
    assert ActivityChange("GMAX", ActivityLevel(second), ActivityLevel(0.50)).noise is noise


def test_the_change_of_an_activity_level_has_the_interval_of_both() -> None:
    found = ActivityChange("GMAX", ActivityLevel(0.4, 0.3, 0.5333333), ActivityLevel(0.8, 0.4, 1.6))
    half = math.hypot(math.log(4 / 3), math.log(2))
    assert (found.ratio, found.low, found.high) == pytest.approx(
        (2.0, 2.0 * math.exp(-half), 2.0 * math.exp(half)), rel=1e-6
    )
    assert found.noise  # larger than 40 %, but the interval holds no change


def test_activity_is_compared_where_both_visits_know_it() -> None:
    before = visit(activity={"GMAX": ActivityLevel(0.4), "BF": ActivityLevel(0.5), "ST": ActivityLevel(math.nan)})
    after = visit(activity={"GMAX": ActivityLevel(0.8), "ST": ActivityLevel(0.3), "ES": ActivityLevel(0.2)})
    (found,) = compare_visits(before, after).activity
    assert (found.muscle, found.ratio) == ("GMAX", pytest.approx(2.0))
    assert compare_visits(visit(), after).activity == ()
    refused = compare_visits(before, replace(after, conditions=replace(ALIKE, device="armband")))
    assert refused.activity == ()


def test_a_trend_goes_around_what_may_not_be_compared() -> None:
    other = replace(ALIKE, hamstring="ST")
    visits = [
        visit(0, day=0),
        visit(200, day=1, conditions=other),
        visit(20, day=2),
        visit(90, day=3, conditions=Conditions()),
        visit(210, day=4, conditions=other),
        visit(100, day=5),
    ]
    points = follow_trend(visits[::-1]).points
    assert [p.visit.time_s for p in points] == [v.time_s for v in visits]
    assert [p.group for p in points] == [0, 1, 0, -1, 1, 0]
    assert points[0].since_previous is None
    compared = [p.since_previous and (p.since_previous.kind, p.since_previous.first.time_s / 86_400) for p in points]
    assert compared[1:] == [("refused", 0), ("no change", 0), ("refused", 2), ("no change", 1), ("change", 2)]
    assert points[5].since_first is not None
    assert points[5].since_first.first is visits[0]


def test_a_trend_of_nothing_is_empty() -> None:
    assert follow_trend([]).points == ()


def words() -> Iterator[str]:
    for name, value in {**vars(conditions), **vars(followup)}.items():
        if name.strip("_").isupper():
            held = value.values() if name == "_WHAT" else [value]
            yield from (word for word in held if isinstance(word, str))


def test_no_reason_is_unkind() -> None:
    found = list(words())
    assert len(found) > 10
    assert not [
        w for w in found if re.search(r"weak|inhibit|abnormal|dysfunction|wrong|patholog|deficit|diagnos", w, re.I)
    ]
