"""What happens when in a session."""

from __future__ import annotations

import numpy as np
import pytest

from emgorder.simulate.person import draw_person
from emgorder.simulate.plan import EXTRAS, Plan, plan_session
from emgorder.simulate.scenarios import SCENARIOS


def plan_of(seed: int, *, sides=("R",), person_options=None, **changes) -> Plan:
    person = draw_person(seed, SCENARIOS["straight_knee_lateral"], sides=sides, **(person_options or {}))
    options = {
        "n_lifts": 10,
        "rest_s": 10.0,
        "hold_s": (1.0, 2.0),
        "baseline_s": 5.0,
        "false_start_share": 0.0,
        "extras": (),
    }
    return plan_session(seed, person, sides=sides, **{**options, **changes})


@pytest.mark.parametrize("rest_s", [0.0, 3.0, 10.0])
def test_rest_and_foreperiod_are_kept(rest_s):
    for seed in range(5):
        plan = plan_of(seed, rest_s=rest_s)
        cues_s = np.array([lift.cue_s for lift in plan.lifts])
        ends_s = np.array([lift.end_s for lift in plan.lifts])
        assert np.all(cues_s[1:] - ends_s[:-1] >= max(rest_s, 2.0) - 1e-9)
        relaxed_s = np.array([onset for onset, _, name in plan.events if name == "relax/R"])
        foreperiod_s = cues_s - relaxed_s
        assert np.all((foreperiod_s >= 2.0) & (foreperiod_s <= 4.0))
        assert np.ptp(foreperiod_s) > 0.3


def test_the_first_muscle_answers_the_tone_and_the_other_follows_by_the_difference():
    for lift in plan_of(3, person_options={"missing_share": 0.0}).lifts:
        glute, hamstring = lift.bursts["GMAX_R"], lift.bursts["BF_R"]
        assert glute.onset_s - hamstring.onset_s == pytest.approx(lift.difference_s)
        assert 0.1 < min(glute.onset_s, hamstring.onset_s) - lift.cue_s < 0.6
        assert max(glute.offset_s, hamstring.offset_s) == lift.end_s


def test_differences_scatter_as_the_person_does():
    options = {"mean_difference_s": 0.08, "lift_sd_s": 0.04, "outlier_share": 0.0, "missing_share": 0.0}
    differences_s = [lift.difference_s for lift in plan_of(1, n_lifts=600, person_options=options).lifts]
    assert np.mean(differences_s) == pytest.approx(0.08, abs=0.006)
    assert np.std(differences_s) == pytest.approx(0.04, rel=0.1)


def test_outliers_are_wilder_and_told():
    options = {"mean_difference_s": 0.0, "lift_sd_s": 0.02, "outlier_share": 0.3, "missing_share": 0.0}
    lifts = plan_of(1, n_lifts=400, person_options=options).lifts
    wild = np.array([lift.difference_s for lift in lifts if lift.outlier])
    calm = np.array([lift.difference_s for lift in lifts if not lift.outlier])
    assert wild.size / len(lifts) == pytest.approx(0.3, abs=0.08)
    assert wild.std() > 8 * calm.std()


def test_a_lift_without_onset_lacks_one_muscle_and_has_no_difference():
    lifts = plan_of(1, n_lifts=300, person_options={"missing_share": 0.5}).lifts
    lacking = [lift for lift in lifts if len(lift.bursts) == 1]
    assert len(lacking) / len(lifts) == pytest.approx(0.5, abs=0.1)
    assert all(np.isnan(lift.difference_s) for lift in lacking)
    assert {label for lift in lacking for label in lift.bursts} == {"GMAX_R", "BF_R"}
    assert all(next(iter(lift.bursts.values())).onset_s - lift.cue_s < 0.7 for lift in lacking)


def test_false_starts_begin_before_the_tone():
    lifts = plan_of(1, n_lifts=60, false_start_share=0.5, person_options={"missing_share": 0.0}).lifts
    first_s = np.array([min(b.onset_s for b in lift.bursts.values()) - lift.cue_s for lift in lifts])
    early = np.array([lift.early for lift in lifts])
    assert 0.3 < early.mean() < 0.7
    np.testing.assert_array_equal(first_s < 0, early)


def test_more_lifts_do_not_change_the_earlier_ones():
    few, many = plan_of(1, n_lifts=4).lifts, plan_of(1, n_lifts=9).lifts
    assert few == many[:4]


def test_sides_take_turns_in_sets_of_five():
    plan = plan_of(1, sides=("R", "L"), n_lifts=7)
    assert "".join(lift.side for lift in plan.lifts) == "RRRRRLLLLLRRLL"


def test_extras_come_before_the_lifts_and_are_named():
    plan = plan_of(1, extras=EXTRAS, n_lifts=2)
    names = [name for _, _, name in plan.events]
    assert {n: names.count(n) for n in ("baseline", "tap", "contact/GMAX_R", "mvc/BF_R", "practice/R", "cue/R")} == {
        "baseline": 1,
        "tap": 5,
        "contact/GMAX_R": 1,
        "mvc/BF_R": 3,
        "practice/R": 3,
        "cue/R": 2,
    }
    first_cue_s = plan.lifts[0].cue_s
    assert all(onset < first_cue_s for onset, _, name in plan.events if not name.startswith(("cue", "relax")))
    assert len(plan.lifts) == 2
    mvc_s = [onset for onset, _, name in plan.events if name == "mvc/GMAX_R"]
    strong = [burst for burst in plan.bursts["GMAX_R"] if burst.gain == 2.5]
    assert [burst.onset_s - 0.25 for burst in strong] == pytest.approx(mvc_s)


def test_bursts_of_a_muscle_do_not_overlap():
    plan = plan_of(2, extras=EXTRAS, rest_s=0.0, n_lifts=20, false_start_share=0.5)
    for bursts in plan.bursts.values():
        onsets_s = np.array([burst.onset_s for burst in bursts])
        offsets_s = np.array([burst.offset_s for burst in bursts])
        assert np.all(onsets_s[1:] > offsets_s[:-1])
        assert offsets_s.max() < plan.duration_s
