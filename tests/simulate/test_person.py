"""Random people."""

from __future__ import annotations

import numpy as np
import pytest

from emgorder.errors import SettingsError
from emgorder.simulate import simulate_session
from emgorder.simulate.person import GLUTE, HAMSTRING, MuscleRange, draw_person
from emgorder.simulate.scenarios import SCENARIOS, scenario_named


@pytest.mark.parametrize("name", ["straight_knee_lateral", "knee_flexed_rotated"])
def test_people_scatter_around_the_published_difference(name):
    scenario = SCENARIOS[name]
    means = np.array(
        [list(draw_person(seed, scenario, sides=("R", "L")).mean_difference_s.values()) for seed in range(1500)]
    )
    assert means.mean() == pytest.approx(scenario.difference_s, abs=4 * scenario.person_sd_s / np.sqrt(1500))
    np.testing.assert_allclose(means.std(axis=0), scenario.person_sd_s, rtol=0.1)
    assert np.corrcoef(means.T)[0, 1] == pytest.approx(0.7, abs=0.05)


def test_lift_sd_and_shares_are_drawn_from_the_stated_ranges():
    people = [draw_person(seed, SCENARIOS["late_glute"], sides=("R",)) for seed in range(1500)]
    low, median, high = np.percentile([p.lift_sd_s for p in people], [5, 50, 95])
    assert (low, median, high) == pytest.approx((0.029, 0.050, 0.087), rel=0.1)
    assert 0.05 <= min(p.outlier_share for p in people) <= max(p.outlier_share for p in people) <= 0.10
    assert 0.03 <= min(p.missing_share for p in people) <= max(p.missing_share for p in people) <= 0.05


def test_muscles_are_drawn_from_their_ranges():
    for seed in range(50):
        person = draw_person(seed, SCENARIOS["straight_knee_medial"], sides=("L",))
        assert list(person.muscles) == ["GMAX_L", "ST_L"]
        assert person.pair("L") == ("GMAX_L", "ST_L")
        assert (person.partner("GMAX_L"), person.partner("ST_L")) == ("ST_L", "GMAX_L")
        for muscle, drawn_from in zip(person.muscles.values(), (GLUTE, HAMSTRING), strict=True):
            for key in ("snr_dB", "ramp_s", "baseline_rms_V"):
                low, high = getattr(drawn_from, key)
                assert low <= getattr(muscle, key) <= high
            assert muscle.plateau_rms_V == pytest.approx(muscle.baseline_rms_V * 10 ** (muscle.snr_dB / 20))


def test_what_is_given_replaces_what_is_drawn_and_nothing_else():
    scenario = SCENARIOS["straight_knee_lateral"]
    drawn = draw_person(1, scenario, sides=("R", "L"))
    given = draw_person(1, scenario, sides=("R", "L"), mean_difference_s={"R": 0.1, "L": -0.1}, lift_sd_s=0.02)
    assert dict(given.mean_difference_s) == {"R": 0.1, "L": -0.1}
    assert given.lift_sd_s == 0.02
    assert given.muscles == drawn.muscles
    assert given.outlier_share == drawn.outlier_share


def test_a_missing_side_and_an_unknown_scenario_are_refused():
    with pytest.raises(SettingsError, match="side L"):
        draw_person(1, SCENARIOS["late_glute"], sides=("R", "L"), mean_difference_s={"R": 0.1})
    with pytest.raises(SettingsError, match="straight_knee_lateral"):
        scenario_named("standing")


@pytest.mark.parametrize(
    "wrong",
    [
        {"snr_dB": (20.0, 10.0)},
        {"ramp_s": (-0.1, 0.1)},
        {"shapes": ()},
        {"carriers": ("gaussian", "brown")},
        {"baseline_rms_V": (0.0, 1e-6)},
    ],
)
def test_impossible_ranges_are_refused(wrong):
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        MuscleRange(**{"snr_dB": (10.0, 20.0), "ramp_s": (0.0, 0.1), **wrong})


def test_full_efforts_are_as_large_as_asked_and_move_nothing_else() -> None:
    usual = simulate_session(seed=3, n_lifts=1, extras=("mvc",))
    twice = MuscleRange(snr_dB=GLUTE.snr_dB, ramp_s=GLUTE.ramp_s, mvc_gain=(5.0, 5.0))
    larger = simulate_session(seed=3, n_lifts=1, extras=("mvc",), glute=twice)
    effort = usual.events.query("trial_type == 'mvc/GMAX_R'").iloc[0]
    span = slice(*(int((effort["onset"] + s) * 1000) for s in (1.0, 3.5)))
    ratio = np.std(larger.channel("GMAX_R")[span]) / np.std(usual.channel("GMAX_R")[span])
    assert 1.7 < ratio < 2.1
    np.testing.assert_array_equal(larger.channel("BF_R"), usual.channel("BF_R"))
    assert larger.truth is not None
    assert larger.truth.equals(usual.truth)
