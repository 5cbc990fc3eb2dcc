"""All checks together: silent on good signals, steady on bad input, telling on recordings."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from emgorder.analysis import analyse
from emgorder.conditioning.quality import assess, estimate_true_rate
from emgorder.errors import EmgOrderWarning
from emgorder.io import read_recording
from emgorder.model import Channel, Finding, FloatArray, Recording
from emgorder.simulate import Artefacts, simulate_session

DATASETS = Path(__file__).parents[2] / "datasets"
Times = tuple[tuple[float, float], ...]


def kinds(findings: tuple[Finding, ...], channel: str, *, least: str = "info") -> set[str]:
    order = ("info", "attention", "stop")
    return {f.kind for f in findings if f.channel == channel and order.index(f.severity) >= order.index(least)}


def read(path: Path, sampling_frequency: float | None = None) -> Recording:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EmgOrderWarning)
        return read_recording(path, sampling_frequency=sampling_frequency)


def test_a_clean_session_has_no_findings(clean: Recording, rest_s: Times, active_s: Times) -> None:
    assert assess(clean) == ()
    assert assess(clean, rest_s=rest_s, active_s=active_s) == ()


@pytest.mark.parametrize("rate_Hz", [200.0, 500.0, 1000.0, 2000.0, 5000.0])
def test_a_clean_simulated_session_has_no_findings_at_any_rate(rate_Hz: float) -> None:
    session = simulate_session(seed=7, n_lifts=3, rest_s=4.0, sampling_frequency=rate_Hz, artefacts=Artefacts())
    assert assess(session) == ()


@pytest.mark.parametrize("gain", [1e-4, 1e4, 1e9])
def test_in_arbitrary_units_findings_do_not_depend_on_gain(clean: Recording, gain: float) -> None:
    data = clean.data.copy()
    data[:, 0] += 10e-6 * np.sin(2 * np.pi * 50 * np.arange(len(data)) / 1000)
    data[:, 1] = np.clip(data[:, 1], -150e-6, 150e-6)
    channels = tuple(replace(c, unit="a.u.") for c in clean.channels)
    one, other = (assess(replace(clean, data=data * g, channels=channels)) for g in (1.0, gain))
    assert [(f.kind, f.channel, f.severity) for f in one] == [
        ("mains", "GMAX_R", "attention"),
        ("clipping", "BF_R", "attention"),
    ]
    assert [f.message for f in one] == [f.message for f in other]


@pytest.mark.parametrize(
    "signal",
    [
        np.empty(0),
        np.array([1.0]),
        np.array([np.nan]),
        np.full(3000, np.nan),
        np.zeros(3000),
        np.full(3000, np.inf),
        np.r_[np.full(2999, 3.0), np.nan],
        np.tile([0.0, 1.0], 2000),
    ],
    ids=["none", "one", "one lost", "all lost", "zeros", "infinite", "constant", "toggling"],
)
def test_a_dead_channel_is_one_stop_and_nothing_else(signal: FloatArray) -> None:
    recording = Recording(signal[:, np.newaxis], 1000.0, (Channel("BF_R", "BF", "R"),))
    found = assess(recording)
    assert [(f.kind, f.severity) for f in found] == [("dead", "stop")]
    assert found[0].message.startswith("no signal from hamstring")


def test_only_the_columns_asked_for_are_looked_at(clean: Recording) -> None:
    dead = replace(clean, data=np.zeros_like(clean.data))
    assert {f.channel for f in assess(dead, columns=[1])} == {"BF_R"}
    assert assess(dead, columns=[]) == ()


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(
        np.float64,
        st.tuples(st.integers(0, 700), st.just(2)),
        elements=st.one_of(st.floats(-1e6, 1e6, width=32), st.sampled_from([0.0, np.nan, np.inf, -128.0, 127.0])),
    ),
    st.sampled_from([50.0, 200.0, 1000.0]),
    st.lists(st.tuples(st.floats(-1, 5), st.floats(-1, 5)), max_size=3),
)
def test_whatever_comes_there_is_at_most_one_finding_of_a_kind_and_channel(
    data: FloatArray, rate_Hz: float, times_s: list[tuple[float, float]]
) -> None:
    recording = Recording(data, rate_Hz, (Channel("GMAX_R", "GMAX", "R"), Channel("x", unit="a.u.")))
    found = assess(recording, rest_s=times_s, active_s=times_s)
    named = [(f.kind, f.channel) for f in found]
    assert len(set(named)) == len(named)
    assert all(f.message and f.remedy and f.channel in ("GMAX_R", "x") for f in found)


@pytest.mark.parametrize("name", ["clean_glute_first", "clean_hamstring_first", "together", "rate_200Hz", "two_sides"])
def test_clean_datasets_have_nothing_to_put_right(name: str) -> None:
    found = analyse(read(DATASETS / f"{name}.csv")).quality
    assert [f for f in found if f.severity != "info"] == []


@pytest.mark.parametrize(
    ("name", "kind"), [("ecg_mains", "mains"), ("ecg_mains", "ecg"), ("packet_loss", "dropouts"), ("too_noisy", "snr")]
)
def test_spoilt_datasets_say_what_is_wrong_with_both_muscles(name: str, kind: str) -> None:
    found = assess(read(DATASETS / f"{name}.csv"))
    assert kind in kinds(found, "GMAX_R", least="attention")
    assert kind in kinds(found, "BF_R", least="attention")


def test_taps_are_no_heart_beats() -> None:
    found = assess(read(DATASETS / "two_sensors.csv"))
    assert [f for f in found if f.severity != "info"] == []


def test_what_is_wrong_with_real_recordings_is_said(data_folder: Path) -> None:
    drifting = assess(read(data_folder / "emggo_ta_250hz" / "ta.csv", 250.0))
    assert kinds(drifting, "TA") == {"drift", "mains", "ecg"}  # 81 beats a minute throughout its nine minutes
    weak = assess(read(data_folder / "biosppy_examples" / "emg.csv", 1000.0))
    assert kinds(weak, "emg", least="attention") == {"snr"}
    clipped = assess(read(data_folder / "myo_armband_aljaz" / "69069-3_g7.csv", 200.0))
    assert all("8-bit" in f.message for f in clipped if f.kind == "clipping")
    assert {f.channel for f in clipped if f.kind == "clipping"} == {f"emg{i}" for i in range(1, 9)}


def test_good_real_recordings_have_nothing_to_put_right(data_folder: Path) -> None:
    for name, rate_Hz in (
        ("lift12kg_8ch/lift12kg.csv", 2000.0),
        ("musclesynergies_walking/walk_right_leg.csv", 1000.0),
    ):
        found = assess(read(data_folder / name, rate_Hz))
        assert [f for f in found if f.severity != "info"] == []


def test_held_values_of_a_real_armband_are_noticed(data_folder: Path) -> None:
    armband = read(data_folder / "uci_gestures_myo" / "session1_1k_first60s.csv", 1000.0)
    assert all("held" in kinds(assess(armband, columns=[i]), c.label) for i, c in enumerate(armband.channels))
    # The armband samples at 200 Hz, but its radio delivered 6522 different rows in these 60 s.
    assert all(90 < estimate_true_rate(column, 1000.0) < 210 for column in armband.data.T)


def test_each_column_can_have_active_stretches_of_its_own() -> None:
    random = np.random.default_rng(3)
    times_s = np.arange(20_000) / 1000.0
    by_turns = [np.where((times_s % 4 > a) & (times_s % 4 < a + 1), 10.0, 1.0) for a in (1.0, 3.0)]
    data = 5e-6 * np.column_stack(by_turns) * random.standard_normal((20_000, 2))
    recording = Recording(data, 1000.0, (Channel("GMAX_R", "GMAX", "R"), Channel("GMAX_L", "GMAX", "L")))
    rests = [(4 * k + 0.1, 4 * k + 0.9) for k in range(5)]
    active = {i: [(4 * k + a + 0.1, 4 * k + a + 0.9) for k in range(5)] for i, a in enumerate((1.0, 3.0))}
    together = [*active[0][:1], *active[1]]
    noisy = {f.channel for f in assess(recording, rest_s=rests, active_s=together) if f.kind == "snr"}
    assert noisy == {"GMAX_R"}
    assert not [f for f in assess(recording, rest_s=rests, active_s=active) if f.kind == "snr"]
