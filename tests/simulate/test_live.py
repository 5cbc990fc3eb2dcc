"""A person who does what a session asks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgorder.errors import SettingsError
from emgorder.simulate.live import LivePerson
from emgorder.simulate.live_signals import LEAST_S

FS = 1000.0
REGULAR = {"outlier_share": 0.0, "missing_share": 0.0}
SAID = (
    (2.0, "tap", 0.0),
    (4.0, "contact/GMAX_R", 2.0),
    (8.0, "relax/R", 0.0),
    (11.0, "cue/R", 0.0),
    (18.0, "practice/L", 0.0),
    (21.0, "no such thing/R", 0.0),
)


def played(person, labels, said=SAID, *, length_s=24.0, sizes=(23,), fs=FS, start_s=0.0):
    """Return times and volts of one sensor, while the person hears what is said when its time has come."""
    see = person.electrodes(labels)
    times_s = start_s + np.arange(int(length_s * fs)) / fs
    waiting, parts, at, block = list(said), [], 0, 0
    while at < times_s.size:
        while waiting and waiting[0][0] <= times_s[at]:
            at_s, name, duration_s = waiting.pop(0)
            person.hear(name, at_s, duration_s)
        size = sizes[block % len(sizes)]
        parts.append(see(times_s[at : at + size]))
        at, block = at + size, block + 1
    return times_s, np.concatenate(parts)


def rms(volts, times_s, start_s, stop_s):
    """Return the RMS without drift, shape (n_channels,)."""
    part = volts[(times_s >= start_s) & (times_s < stop_s)]
    return np.sqrt(np.mean(np.square(np.diff(part, axis=0)), axis=0))


WHOLE = played(LivePerson(3), ("GMAX_R", "BF_R", "GMAX_L", "BF_L"), sizes=(1,), length_s=14.0)[1]


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(1, 90), min_size=1, max_size=6))
def test_voltages_do_not_depend_on_the_blocks(sizes):
    volts = played(LivePerson(3), ("GMAX_R", "BF_R", "GMAX_L", "BF_L"), sizes=sizes, length_s=14.0)[1]
    np.testing.assert_allclose(volts, WHOLE, rtol=1e-9, atol=1e-15)


def test_sensors_at_other_moments_see_the_same_muscle():
    person = LivePerson(4, **REGULAR)
    one, other = person.electrodes(["BF_R"]), person.electrodes(["GMAX_R", "BF_R"])
    times_s = np.arange(4000) / FS
    person.hear("cue/R", 0.0)
    first = one(times_s)[:, 0]
    second = other(times_s[:-1] + 0.3 / FS)[:, 1]
    assert np.array_equal(other(times_s)[:, 1], first)
    after = np.interp(times_s[:-1] + 0.3 / FS, times_s, first)
    assert np.corrcoef(after, second)[0, 1] > 0.95


def test_another_seed_is_another_person_and_another_lift():
    one, other = (played(LivePerson(seed), ["BF_R"], length_s=14.0)[1][:, 0] for seed in (1, 2))
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.5


@pytest.mark.parametrize("kind", ["cue", "practice"])
@pytest.mark.parametrize("side", ["R", "L"])
def test_a_lift_follows_the_tone_on_its_side_alone(kind, side):
    person = LivePerson(5, **REGULAR)
    labels = person.labels
    times_s, volts = played(person, labels, [(5.0, f"{kind}/{side}", 0.0)], length_s=14.0)
    (lift,) = person.lifts if kind == "cue" else person.practice_lifts
    onsets_s = [burst.onset_s for burst in lift.bursts.values()]
    assert lift.side == side
    assert 5.0 + LEAST_S <= min(onsets_s) < 5.7
    assert 2.9 < lift.movements_s[1] - min(onsets_s) < 4.6
    added = volts - played(LivePerson(5), labels, [], length_s=14.0)[1]
    top_s = max(onsets_s) + 0.5
    for column, (label, muscle) in enumerate(person.person.muscles.items()):
        before, top, calm = (
            np.sqrt(np.mean(np.square(added[(times_s >= start_s) & (times_s < stop_s), column])))
            for start_s, stop_s in ((0.0, 5.0 + LEAST_S), (top_s, top_s + 0.4), (lift.end_s + 0.5, 14.0))
        )
        assert before == 0.0
        assert calm < 0.1 * muscle.baseline_rms_V
        if label.endswith(side):
            assert 0.4 * muscle.plateau_rms_V < top < 2.0 * muscle.plateau_rms_V
        else:
            assert 0.0 < top < 0.5 * muscle.baseline_rms_V


def test_lifts_differ_as_the_person_does():
    person = LivePerson(6, mean_difference_s={"R": 0.1, "L": -0.05}, lift_sd_s=0.03, **REGULAR)
    for number in range(60):
        for shift, side in enumerate("RL"):
            person.hear(f"cue/{side}", 20.0 * number + 10.0 * shift)
    for side, mean_s in (("R", 0.1), ("L", -0.05)):
        differences_s = person.differences_s(side)
        assert differences_s.size == 60
        assert differences_s.mean() == pytest.approx(mean_s, abs=0.015)
        assert differences_s.std() == pytest.approx(0.03, rel=0.3)
        for lift in person.lifts:
            glute, hamstring = (lift.bursts[label].onset_s for label in person.person.pair(lift.side))
            assert glute - hamstring == pytest.approx(lift.difference_s)


def test_what_was_sampled_never_changes_however_late_a_mark_comes():
    said = ("cue/R", "tap", "contact/BF_R", "mvc/GMAX_R", "practice/L", "relax/L")
    for name in said:
        person = LivePerson(7, false_start_share=1.0)
        times_s = np.arange(3000) / FS
        see = person.electrodes(person.labels)
        before = see(times_s)
        person.hear(name, 0.2, 4.0)
        person.disturb("off", "GMAX_R", 0.5, 1.0)
        assert np.array_equal(see(times_s), before), name


def test_work_is_that_of_one_muscle_until_its_end():
    person = LivePerson(8)
    times_s, volts = played(person, person.labels, [(3.0, "contact/BF_R", 2.0), (8.0, "mvc/BF_R", 3.0)], length_s=13.0)
    (_, contact), (label, mvc) = person.efforts
    assert label == "BF_R"
    assert (contact.offset_s, mvc.offset_s) == (pytest.approx(5.0), pytest.approx(11.0))
    assert 3.2 <= contact.onset_s <= 3.4
    assert mvc.gain == pytest.approx(2.5 * contact.gain)
    at = person.labels.index("BF_R")
    rest, squeeze, most = (rms(volts, times_s, *span) for span in ((0.5, 3.0), (3.8, 4.6), (8.8, 10.6)))
    assert squeeze[at] > 2.0 * rest[at]
    assert most[at] / squeeze[at] == pytest.approx(2.5, rel=0.4)
    others = [column for column in range(4) if column != at]
    assert np.all(squeeze[others] < 2.0 * rest[others])


def test_work_whose_end_is_over_is_not_done():
    person = LivePerson(8)
    person.electrodes(["BF_R"])(np.arange(9000) / FS)
    person.hear("contact/BF_R", 3.0, 2.0)
    assert person.efforts == []


def test_a_tap_reaches_all_sensors_at_nearly_the_same_moment():
    apart_s = []
    for seed in range(40):
        person = LivePerson(seed)
        times_s = np.arange(1000) / 4000.0 + 1.0
        person.hear("tap", 1.0)
        pair = [person.electrodes([label])(times_s)[:, 0] for label in ("GMAX_R", "BF_R")]
        (tap_s,) = person.taps_s
        assert 1.10 <= tap_s <= 1.30
        struck_s = [times_s[np.argmax(np.abs(np.diff(x)))] for x in pair]
        if np.abs(np.array(struck_s) - tap_s).max() < 0.02:  # else a stray potential is steeper
            apart_s.append(struck_s[0] - struck_s[1])
    assert len(apart_s) > 25
    assert 0.0012 < np.std(apart_s) < 0.0030


def test_a_false_start_comes_after_relax_and_leaves_nothing_for_the_tone():
    person = LivePerson(9, false_start_share=1.0, **REGULAR)
    person.hear("relax/R", 10.0)
    (lift,) = person.lifts
    assert math.isnan(lift.cue_s)
    person.hear("cue/R", 12.5)
    (lift,) = person.lifts
    assert lift.early
    assert lift.cue_s == 12.5
    assert 11.0 <= min(burst.onset_s for burst in lift.bursts.values()) <= 11.9
    assert person.differences_s("R").size == 0


def test_after_a_false_start_that_was_broken_off_the_next_tone_is_answered():
    person = LivePerson(11, false_start_share=0.5, **REGULAR)
    for number in range(20):
        early = len([lift for lift in person.lifts if lift.early])
        person.hear("relax/R", 20.0 * number)
        if len([lift for lift in person.lifts if lift.early]) == early:
            person.hear("cue/R", 20.0 * number + 2.5)
    n_early = len([lift for lift in person.lifts if lift.early])
    assert 4 <= n_early <= 16
    assert person.differences_s("R").size == 20 - n_early


@pytest.mark.parametrize("share", [0.2, 0.6])
def test_false_starts_come_as_often_as_told(share):
    person = LivePerson(10, false_start_share=share)
    for number in range(200):
        person.hear("relax/L", 20.0 * number)
        person.hear("cue/L", 20.0 * number + 3.0)
    assert np.mean([lift.early for lift in person.lifts]) == pytest.approx(share, abs=0.1)
    assert len(person.lifts) == 200


def test_another_hamstring_is_found_by_its_role():
    person = LivePerson(12)
    assert np.array_equal(*(LivePerson(12).electrodes([label])(np.arange(500) / FS) for label in ("BF_L", "ST_L")))
    person.hear("contact/HAM_L", 1.0, 2.0)
    assert person.efforts[0][0] == "BF_L"
    assert LivePerson(12, hamstring="ST").labels == ("GMAX_R", "ST_R", "GMAX_L", "ST_L")


def test_electrodes_over_nothing_see_noise():
    person = LivePerson(13, sides=("R",))
    person.hear("cue/R", 0.5)
    times_s = np.arange(4000) / FS
    volts = person.electrodes(["", "GMAX_L", "GMAX_R"])(times_s)
    assert np.all(np.abs(volts[:, :2]).max(axis=0) < 200e-6)
    assert np.all(volts.std(axis=0) > 1e-6)
    person.hear("cue/L", 5.0)
    assert len(person.lifts) == 1


def test_what_is_wrong_with_a_channel_is_seen_there_and_then_alone():
    times_s = np.arange(8000) / FS
    plain = LivePerson(14).electrodes(LivePerson(14).labels)(times_s)
    for kind in ("tense", "off", "clip"):
        person = LivePerson(14)
        person.disturb(kind, "GMAX_R", 3.0, 2.0)
        volts = person.electrodes(person.labels)(times_s)
        changed = np.any(volts != plain, axis=0)
        assert changed.tolist() == [True, False, False, False], kind
        outside = (times_s < 2.99) | (times_s > 5.01)
        assert np.array_equal(volts[outside], plain[outside]), kind
        inside = slice(3200, 4800)
        ratio = volts[inside, 0].std() / plain[inside, 0].std()
        if kind == "clip":
            assert ratio == pytest.approx(50.0)
        else:
            assert ratio > (2.0 if kind == "tense" else 20.0), kind


def test_an_electrode_that_is_off_shows_no_emg():
    at_rest, lifting = LivePerson(15), LivePerson(15)
    lifting.hear("cue/R", 1.0)
    for person in (at_rest, lifting):
        person.disturb("off", "BF_R", 0.0, math.inf)
    times_s = np.arange(4000) / FS
    assert np.array_equal(*(person.electrodes(["BF_R"])(times_s) for person in (at_rest, lifting)))


def test_settings_that_make_no_sense_are_refused():
    person = LivePerson(1)
    for wrong in (
        lambda: person.disturb("broken", "BF_R", 0.0, 1.0),
        lambda: person.disturb("off", "ES_R", 0.0, 1.0),
        lambda: LivePerson(1, false_start_share=2.0),
        lambda: LivePerson(1, hamstring="GMAX"),
        lambda: LivePerson(1, scenario="no such"),
    ):
        with pytest.raises(SettingsError):
            wrong()
