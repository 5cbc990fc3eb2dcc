"""Where full efforts come from, and when they do not count for these lifts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from emgorder.analysis import SessionResult, Settings, analyse
from emgorder.errors import RecordingError
from emgorder.model import Recording
from emgorder.order.activity import NO_MVC, ONE_TRIAL, SUBMAXIMAL
from emgorder.simulate import simulate_session
from emgorder.simulate.person import MuscleRange

GLUTE = MuscleRange(snr_dB=(18.0, 18.0), ramp_s=(0.05, 0.05), carriers=("gaussian",), mvc_gain=(2.0, 2.0))
HAMSTRING = MuscleRange(snr_dB=(22.0, 22.0), ramp_s=(0.05, 0.05), carriers=("gaussian",), mvc_gain=(3.0, 3.0))


@pytest.fixture(scope="module")
def with_mvc() -> Recording:
    """Return a session with three full efforts a muscle before its lifts."""
    return simulate_session(
        seed=5,
        n_lifts=6,
        extras=("mvc",),
        rest_s=3.0,
        glute=GLUTE,
        hamstring=HAMSTRING,
        outlier_share=0.0,
        missing_share=0.0,
        mean_difference_s=0.080,
    )


@pytest.fixture(scope="module")
def marked(with_mvc: Recording) -> SessionResult:
    """Return its analysis."""
    return analyse(with_mvc)


def cut(recording: Recording, start_s: float, stop_s: float, keep: str) -> Recording:
    """Return a stretch of a recording with the events of one kind."""
    fs = recording.sampling_frequency
    events = recording.events
    inside = events["onset"].between(start_s, stop_s) & events["trial_type"].str.startswith(keep)
    moved = events[inside].assign(onset=events["onset"] - round(start_s * fs) / fs)
    data = recording.data[round(start_s * fs) : round(stop_s * fs)]
    return replace(recording, data=data, events=moved.reset_index(drop=True), truth=None)


@pytest.fixture(scope="module")
def apart(with_mvc: Recording) -> tuple[Recording, Recording]:
    """Return the lifts and the full efforts as recordings of their own."""
    first_s = float(with_mvc.events.query("trial_type.str.startswith('relax')")["onset"].min())
    lifts = cut(with_mvc, first_s, with_mvc.duration_s, "cue")
    return lifts, replace(cut(with_mvc, 0.0, first_s, "mvc"), name="efforts")


def levels(result: SessionResult) -> list[float]:
    return list(result.activity["percent_mvc"])


def reasons(result: SessionResult) -> list[str]:
    return list(result.activity["reason"])


def test_efforts_that_are_marked_in_the_recording_are_the_reference(marked: SessionResult) -> None:
    glute, hamstring = levels(marked)
    assert 30.0 < glute < 55.0  # a lift holds 70 to 95 % of its plateau, a half of the full effort
    assert 20.0 < hamstring < 37.0
    assert marked.activity_ratio.loc[0, "ratio"] == pytest.approx(1.5, rel=0.25)
    assert list(marked.activity["n_trials"]) == [3, 3]


def test_levels_do_not_depend_on_the_gain(with_mvc: Recording, marked: SessionResult) -> None:
    doubled = analyse(replace(with_mvc, data=with_mvc.data * [2.0, 0.5]))
    assert levels(doubled) == pytest.approx(levels(marked), rel=1e-6)


def test_efforts_in_a_recording_of_their_own_give_nearly_the_same(
    apart: tuple[Recording, Recording], marked: SessionResult
) -> None:
    lifts, efforts = apart
    assert levels(analyse(lifts, mvc=[efforts])) == pytest.approx(levels(marked), rel=0.03)


def test_a_recording_without_marks_is_one_effort(apart: tuple[Recording, Recording], marked: SessionResult) -> None:
    lifts, efforts = apart
    unmarked = replace(efforts, events=efforts.events.iloc[:0])
    result = analyse(lifts, mvc=[unmarked])
    assert levels(result) == pytest.approx(levels(marked), rel=0.1)
    assert {r.source for r in result.references} == {"other recording"}


def test_the_sidecar_can_hold_the_full_efforts(apart: tuple[Recording, Recording]) -> None:
    lifts, _ = apart
    one = analyse(replace(lifts, meta={"MVC": {"GMAX_R": 2e-4, "BF_R": [3e-4, 2.8e-4, 2.9e-4]}}))
    half = analyse(replace(lifts, meta={"MVC": {"GMAX_R": 1e-4, "BF_R": 3e-4}}))
    assert levels(half)[0] == pytest.approx(2.0 * levels(one)[0])
    assert levels(half)[1] == pytest.approx(levels(one)[1])
    widths = (half.activity["high"] / half.activity["low"], one.activity["high"] / one.activity["low"])
    assert widths[0][0] == pytest.approx(widths[1][0])  # one value is as sure in volts of any size
    assert list(half.activity["remark"]) == [ONE_TRIAL, ONE_TRIAL]
    assert list(one.activity["remark"]) == [ONE_TRIAL, ""]


def test_without_a_full_effort_the_reason_is_the_one_of_every_report(apart: tuple[Recording, Recording]) -> None:
    result = analyse(apart[0])
    assert reasons(result) == [NO_MVC, NO_MVC]
    assert result.lifts["percent_mvc"].isna().all()
    assert result.lifts["activity_rms_uV"].notna().all()


def renamed(recording: Recording, old: str, new: str) -> Recording:
    events = recording.events
    return replace(recording, events=events.assign(trial_type=events["trial_type"].str.replace(old, new)))


def test_a_full_effort_that_was_taken_back_is_none(with_mvc: Recording) -> None:
    events = with_mvc.events
    first = events[events["trial_type"] == "mvc/GMAX_R"].iloc[[0]]
    fewer = analyse(replace(with_mvc, events=events.drop(first.index)))
    undo = first.assign(trial_type="undo/GMAX_R", duration=0.0)
    undone = analyse(replace(with_mvc, events=pd.concat([events, undo]).sort_values("onset", kind="stable")))
    assert {r.channel: r.n_trials for r in undone.references} == {"GMAX_R": 2, "BF_R": 3}
    assert levels(undone) == levels(fewer)


def test_submaximal_contractions_are_shares_of_their_own_and_compare_no_muscles(
    with_mvc: Recording, marked: SessionResult
) -> None:
    result = analyse(renamed(with_mvc, "mvc/", "submax/"))
    assert list(result.activity["percent_reference"]) == levels(marked)
    assert result.activity["percent_mvc"].isna().all()
    assert reasons(result) == [SUBMAXIMAL, SUBMAXIMAL]
    assert result.activity_ratio["ratio"].isna().all()
    assert result.lifts["percent_mvc"].isna().all()
    assert len(result.order) == len(marked.order)  # the contractions are no lifts


def test_a_full_effort_is_taken_before_a_submaximal_one(with_mvc: Recording, marked: SessionResult) -> None:
    both = replace(with_mvc, meta={**with_mvc.meta, "Submaximal": {"GMAX_R": 1e-5, "BF_R": 1e-5}})
    assert levels(analyse(both)) == levels(marked)
    only = renamed(with_mvc, "mvc/", "note/")
    result = analyse(replace(only, meta={**only.meta, "Submaximal": {"GMAX_R": 1e-4, "BF_R": 1e-4}}))
    assert result.activity["percent_reference"].notna().all()


def test_the_level_of_each_lift_is_in_the_table(marked: SessionResult) -> None:
    glute = marked.lifts.query("channel == 'GMAX_R' and valid")["percent_mvc"]
    assert float(np.exp(np.log(glute).mean())) == pytest.approx(levels(marked)[0])


def test_moved_electrodes_block_the_comparison(with_mvc: Recording) -> None:
    moved = pd.DataFrame({"onset": [75.0], "duration": [0.0], "trial_type": ["moved"]})
    late = float(with_mvc.events.query("trial_type == 'mvc/BF_R'")["onset"].max()) + 5.0
    result = analyse(replace(with_mvc, events=pd.concat([with_mvc.events, moved.assign(onset=late)])))
    assert reasons(result) == ["the electrodes were moved after the full efforts: do them again"] * 2
    before = analyse(replace(with_mvc, events=pd.concat([with_mvc.events, moved.assign(onset=0.1)])))
    assert reasons(before) == ["", ""]


@pytest.mark.parametrize("key", ["MVC", "Submaximal", ""])
def test_moved_electrodes_block_efforts_that_were_measured_before_the_recording(
    apart: tuple[Recording, Recording], key: str
) -> None:
    lifts, efforts = apart
    moved = pd.DataFrame({"onset": [0.5], "duration": [0.0], "trial_type": ["moved"]})
    told = replace(lifts, events=pd.concat([lifts.events, moved], ignore_index=True))
    if key:
        told = replace(told, meta={key: {"GMAX_R": 2e-4, "BF_R": 3e-4}})
    result = analyse(told, mvc=() if key else [efforts])
    assert reasons(result) == ["the electrodes were moved after the full efforts: do them again"] * 2
    assert result.activity_ratio["ratio"].isna().all()


@pytest.mark.parametrize(
    ("lifts_meta", "efforts_meta", "said"),
    [
        ({"Manufacturer": "A"}, {"Manufacturer": "B"}, "another device"),
        ({"pseudonym": "runner-07"}, {"pseudonym": "runner-08"}, "another person"),
    ],
)
def test_efforts_of_another_device_or_person_do_not_count(
    apart: tuple[Recording, Recording], lifts_meta: dict[str, str], efforts_meta: dict[str, str], said: str
) -> None:
    lifts, efforts = replace(apart[0], meta=lifts_meta), replace(apart[1], meta=efforts_meta)
    assert all(said in reason for reason in reasons(analyse(lifts, mvc=[efforts])))
    assert reasons(analyse(lifts, mvc=[replace(efforts, meta={})])) == ["", ""]


def in_arbitrary_units(recording: Recording) -> Recording:
    return replace(recording, channels=tuple(replace(c, unit="a.u.") for c in recording.channels))


def test_an_unknown_gain_matters_only_between_recordings(
    with_mvc: Recording, apart: tuple[Recording, Recording]
) -> None:
    assert reasons(analyse(in_arbitrary_units(with_mvc))) == ["", ""]
    lifts, efforts = (in_arbitrary_units(x) for x in apart)
    assert all("gain is unknown" in reason for reason in reasons(analyse(lifts, mvc=[efforts])))
    assert all("another unit" in reason for reason in reasons(analyse(lifts, mvc=[apart[1]])))
    told = replace(lifts, meta={"MVC": {"GMAX_R": 1e-4, "BF_R": 1e-4}})
    assert all("gain of this channel is unknown" in reason for reason in reasons(analyse(told)))


def test_a_clipped_effort_does_not_count(apart: tuple[Recording, Recording]) -> None:
    lifts, efforts = apart
    limit = np.quantile(np.abs(efforts.data), 0.97)
    clipped = replace(efforts, data=np.clip(efforts.data, -limit, limit))
    assert any("cut off" in reason for reason in reasons(analyse(lifts, mvc=[clipped])))


def test_a_recording_of_other_channels_is_refused_by_name(apart: tuple[Recording, Recording]) -> None:
    lifts, efforts = apart
    others = replace(efforts, channels=tuple(replace(c, label=f"X{i}") for i, c in enumerate(efforts.channels)))
    with pytest.raises(RecordingError, match="efforts has none of the channels GMAX_R, BF_R"):
        analyse(lifts, Settings(), mvc=[others])


@pytest.mark.parametrize("value", ["much", [], {"GMAX_R": "much"}, {"GMAX_R": [-1.0]}, {"GMAX_R": None}])
def test_sidecar_values_that_make_no_sense_give_no_level(apart: tuple[Recording, Recording], value: object) -> None:
    result = analyse(replace(apart[0], meta={"MVC": value}))
    assert all(reasons(result))


def test_names_of_muscles_do_as_names_of_channels(with_mvc: Recording, marked: SessionResult) -> None:
    names: Sequence[str] = [x.replace("mvc/GMAX_R", "MVC/right gluteus maximus") for x in with_mvc.events["trial_type"]]
    renamed = analyse(replace(with_mvc, events=with_mvc.events.assign(trial_type=names)))
    assert levels(renamed) == pytest.approx(levels(marked))
