"""Whole sessions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgorder.errors import SettingsError
from emgorder.model import Recording
from emgorder.simulate import (
    GENERATOR_VERSION,
    SCENARIOS,
    Artefacts,
    Baseline,
    MuscleRange,
    TwoSensors,
    simulate_session,
)

STRONG = MuscleRange(
    snr_dB=(30.0, 30.0), ramp_s=(0.0, 0.0), baseline_rms_V=(5e-6, 5e-6), shapes=("linear",), carriers=("gaussian",)
)
CLEAN = {"baseline": Baseline(), "artefacts": Artefacts(), "missing_share": 0.0, "rest_s": 0.0, "hold_s": (0.5, 0.5)}


def loud(recording: Recording, channel: str, onset_s: float, reach_s: float = 0.05) -> tuple[float, float]:
    """Return the RMS just before and just after a time, in volts."""
    x, rate = recording.channel(channel), recording.sampling_frequency
    at = round(onset_s * rate)
    n = round(reach_s * rate)
    return float(np.sqrt(np.nanmean(x[at - n : at - 1] ** 2))), float(np.sqrt(np.nanmean(x[at + 1 : at + n] ** 2)))


def test_the_truth_has_a_row_per_lift_and_muscle():
    recording = simulate_session(seed=4, n_lifts=3, sides=("R", "L"), rest_s=0.0, missing_share=0.0)
    truth = recording.truth
    assert list(truth["lift"]) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]
    assert list(truth["channel"].unique()) == ["GMAX_R", "BF_R", "GMAX_L", "BF_L"]
    assert (truth["channel"] == truth["target_muscle"] + "_" + truth["side"]).all()
    by_lift = truth.pivot(index="lift", columns="target_muscle", values="onset_s")
    np.testing.assert_allclose(by_lift["GMAX"] - by_lift["BF"], truth.groupby("lift")["difference_s"].first())
    assert truth.groupby("side")["session_difference_s"].nunique().tolist() == [1, 1]
    assert truth.attrs["mean_difference_s"] == truth.groupby("side")["session_difference_s"].first().to_dict()
    assert truth["onset_s"].lt(truth["offset_s"]).all()


def test_a_muscle_without_onset_is_nan_in_the_truth_and_silent_in_the_signal():
    recording = simulate_session(
        seed=1, n_lifts=12, mean_difference_s=0.0, glute=STRONG, hamstring=STRONG, **{**CLEAN, "missing_share": 0.4}
    )
    lacking = recording.truth[recording.truth["onset_s"].isna()]
    assert 0 < len(lacking) < 12
    for row in lacking.itertuples():
        assert np.isnan(row.offset_s)
        assert np.isnan(row.snr_dB)
        assert np.isnan(row.difference_s)
        before, after = loud(recording, row.channel, row.cue_s + 1.0, 0.3)
        assert max(before, after) < 2 * 5e-6


@pytest.mark.parametrize("sampling_frequency", [200.0, 500.0, 2000.0])
def test_the_signal_starts_where_the_truth_says(sampling_frequency):
    recording = simulate_session(
        seed=2, n_lifts=4, sampling_frequency=sampling_frequency, glute=STRONG, hamstring=STRONG, **CLEAN
    )
    for row in recording.truth.itertuples():
        before, after = loud(recording, row.channel, row.onset_s)
        assert before < 2 * 5e-6
        assert after > 10 * 5e-6


@given(
    st.integers(0, 10**9),
    st.sampled_from(sorted(SCENARIOS)),
    st.sampled_from([200.0, 333.0, 1000.0]),
    st.sampled_from([("R",), ("L", "R")]),
)
@settings(max_examples=15, deadline=None)
def test_any_session_is_a_sound_recording(seed, scenario, sampling_frequency, sides):
    recording = simulate_session(
        seed=seed, scenario=scenario, sampling_frequency=sampling_frequency, sides=sides, n_lifts=2, rest_s=0.0
    )
    assert recording.data.dtype == np.float64
    assert np.isfinite(recording.data).all()
    assert np.abs(recording.data).max() < 0.02
    assert recording.events["onset"].is_monotonic_increasing
    assert recording.events["trial_type"].str.startswith("cue/").sum() == 2 * len(sides)
    assert recording.truth["offset_s"].dropna().lt(recording.duration_s).all()
    assert all(len(c.label) <= 16 for c in recording.channels)


def test_the_same_seed_gives_the_same_bits():
    a, b = (simulate_session(seed=9, n_lifts=2) for _ in range(2))
    assert a.data.tobytes() == b.data.tobytes()
    pd.testing.assert_frame_equal(a.truth, b.truth)
    pd.testing.assert_frame_equal(a.events, b.events)


def test_lifts_do_not_depend_on_what_is_recorded_of_them():
    plain = simulate_session(seed=9, n_lifts=3)
    columns = ["lift", "onset_s", "offset_s", "ramp_s", "difference_s", "outlier"]
    for changes in (
        {"sampling_frequency": 250.0},
        {"artefacts": Artefacts(ecg_ratio=5.0, lost_share=0.05)},
        {"crosstalk": (0.2, 0.1)},
        {"sensors": TwoSensors(offset_s=0.02, drift_ppm=40.0)},
        {"baseline": Baseline(tension_dB=10.0)},
    ):
        other = simulate_session(seed=9, n_lifts=3, **changes)
        pd.testing.assert_frame_equal(other.truth[columns], plain.truth[columns])


def test_artefacts_are_added_to_the_same_noise():
    plain = simulate_session(seed=9, n_lifts=2, artefacts=Artefacts())
    hum = simulate_session(seed=9, n_lifts=2, artefacts=Artefacts(mains_ratio=1.0)).data - plain.data
    spectrum = np.abs(np.fft.rfft(hum[:, 0]))
    frequency_Hz = np.fft.rfftfreq(hum.shape[0], 0.001)
    assert frequency_Hz[np.argmax(spectrum)] == pytest.approx(50.0, abs=0.1)
    assert (spectrum[(frequency_Hz > 52) & (frequency_Hz < 98)] ** 2).sum() < 1e-3 * (spectrum**2).sum()


def test_crosstalk_has_the_share_asked_for_and_starts_with_its_source():
    options = {"seed": 3, "n_lifts": 3, "mean_difference_s": 0.3, "lift_sd_s": 0.0, "outlier_share": 0.0, **CLEAN}
    plain = simulate_session(hamstring=STRONG, **options)
    mixed = simulate_session(hamstring=STRONG, crosstalk=(0.1, 0.0), **options)
    added = mixed.data[:, 0] - plain.data[:, 0]
    np.testing.assert_array_equal(mixed.data[:, 1], plain.data[:, 1])
    raising = plain.truth[plain.truth["target_muscle"] == "BF"].iloc[0]
    span = slice(int((raising["onset_s"] + 0.05) * 1000), int((raising["onset_s"] + 0.9) * 1000))
    ratio = np.sqrt(np.mean(added[span] ** 2) / np.mean(plain.data[span, 1] ** 2))
    assert ratio == pytest.approx(0.1, rel=0.15)
    first = np.flatnonzero(np.abs(added) > 1e-7)[0] / 1000.0
    assert first == pytest.approx(raising["onset_s"], abs=0.01)


def test_the_clock_of_the_glute_sensor_shifts_what_is_recorded_but_not_the_truth():
    sensors = TwoSensors(offset_s=0.050, drift_ppm=2000.0, known_offset_s=0.048, sd_s=0.004)
    recording = simulate_session(
        seed=5, n_lifts=5, mean_difference_s=0.0, sensors=sensors, glute=STRONG, hamstring=STRONG, **CLEAN
    )
    truth = recording.truth
    glute, hamstring = (truth[truth["target_muscle"] == code] for code in ("GMAX", "BF"))
    np.testing.assert_allclose(glute["recorded_onset_s"], glute["onset_s"] * 1.002 + 0.050)
    np.testing.assert_array_equal(hamstring["recorded_onset_s"], hamstring["onset_s"])
    assert (recording.clock.offset_s, recording.clock.sd_s) == (0.048, 0.004)
    for row in truth.itertuples():
        before, after = loud(recording, row.channel, row.recorded_onset_s)
        assert before < 2 * 5e-6
        assert after > 10 * 5e-6


def test_crosstalk_between_two_clocks_arrives_at_the_same_true_time():
    options = {"seed": 3, "n_lifts": 1, "mean_difference_s": 0.3, "lift_sd_s": 0.0, "outlier_share": 0.0, **CLEAN}
    options |= {"hamstring": STRONG, "sensors": TwoSensors(offset_s=0.1)}
    added = simulate_session(crosstalk=(0.1, 0.0), **options).data[:, 0] - simulate_session(**options).data[:, 0]
    truth = simulate_session(**options).truth.set_index("target_muscle")
    first = np.flatnonzero(np.abs(added) > 1e-7)[0] / 1000.0
    assert first == pytest.approx(truth.loc["BF", "onset_s"] + 0.1, abs=0.01)


def test_lost_packets_are_nan_on_all_channels_of_a_device_and_told_near_onsets():
    recording = simulate_session(seed=6, n_lifts=8, artefacts=Artefacts(lost_share=0.05), rest_s=0.0)
    lost = np.isnan(recording.data)
    assert lost.any()
    np.testing.assert_array_equal(lost[:, 0], lost[:, 1])
    told = recording.truth.dropna(subset="onset_s")
    assert 0 < told["lost_near_onset"].sum() < len(told)
    for row in told.itertuples():
        at = int(row.onset_s * 1000)
        assert lost[at - 240 : at + 240, 0].any() <= row.lost_near_onset
    two = simulate_session(seed=6, n_lifts=2, artefacts=Artefacts(lost_share=0.05), sensors=TwoSensors(), rest_s=0.0)
    assert not np.array_equal(*np.isnan(two.data).T)


def test_a_single_lift_of_a_given_difference_can_be_had():
    recording = simulate_session(
        seed=8, n_lifts=1, baseline_s=0.0, mean_difference_s=-0.12, lift_sd_s=0.0, outlier_share=0.0, missing_share=0.0
    )
    glute_s, hamstring_s = recording.truth["onset_s"]
    assert glute_s - hamstring_s == pytest.approx(-0.12)


def test_ratios_and_amplitudes_are_those_of_surface_emg():
    levels_uV = []
    for seed in range(6):
        recording = simulate_session(seed=seed, n_lifts=2, rest_s=0.0, artefacts=Artefacts(), missing_share=0.0)
        for row in recording.truth.itertuples():
            _, after = loud(recording, row.channel, row.onset_s + 0.45, 0.4)
            levels_uV.append(after * 1e6)
    assert 20 < np.median(levels_uV) < 200
    assert min(levels_uV) > 5


def test_taps_are_seen_by_both_sensors():
    recording = simulate_session(seed=1, n_lifts=1, extras=("tap",), sensors=TwoSensors(), **CLEAN)
    taps_s = recording.events.loc[recording.events["trial_type"] == "tap", "onset"]
    for tap_s in taps_s:
        span = slice(int((tap_s - 0.02) * 1000), int((tap_s + 0.05) * 1000))
        assert np.all(np.abs(recording.data[span]).max(axis=0) > 150e-6)


def test_meta_says_that_it_is_a_simulation_and_which():
    meta = simulate_session(seed=12, n_lifts=1, scenario="glute_cued_lateral").meta
    assert meta["Manufacturer"] == "simulation"
    assert meta["ManufacturersModelName"] == f"emgorder generator {GENERATOR_VERSION}"
    assert (meta["SimulationScenario"], meta["SimulationSeed"]) == ("glute_cued_lateral", 12)
    assert meta["Instructions"].startswith("Squeeze your buttock")


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"seed": -1}, "seed"),
        ({"scenario": "standing"}, "scenario"),
        ({"n_lifts": 0}, "n_lifts"),
        ({"sides": ()}, "sides"),
        ({"sides": ("R", "R")}, "sides"),
        ({"sides": ("left",)}, "sides"),
        ({"sampling_frequency": 10.0}, "sampling_frequency"),
        ({"mean_difference_s": 2.0}, "mean_difference_s"),
        ({"lift_sd_s": -0.1}, "lift_sd_s"),
        ({"crosstalk": (1.5, 0.0)}, "crosstalk"),
        ({"hold_s": (2.0, 1.0)}, "hold_s"),
        ({"extras": ("dance",)}, "extras"),
        ({"rest_s": float("nan")}, "rest_s"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(wrong, key):
    with pytest.raises(SettingsError, match=key):
        simulate_session(**{"seed": 1, **wrong})
