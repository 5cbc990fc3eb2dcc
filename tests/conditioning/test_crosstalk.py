"""Cross-talk is found where it is, in the direction it goes, and removing it puts the onset back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import signal

from emgorder.conditioning.crosstalk import (
    CrosstalkModel,
    fit_crosstalk,
    fit_crosstalk_both_ways,
    remove_crosstalk,
)
from emgorder.conditioning.filters import bandpass
from emgorder.conditioning.leaks import Pair, cut_pair, fit_leaks, leak, moving_power
from emgorder.errors import RecordingError

FS = 1000
LIFT_S = 3.0
PATH = np.array([0.2, 0.5, 1.0, 0.6, -0.3]) / np.linalg.norm([0.2, 0.5, 1.0, 0.6, -0.3])
BAND = signal.butter(2, [30, 160], "bandpass", fs=FS, output="sos")


@dataclass(frozen=True)
class Session:
    """Lifts one after the other; the hamstring's bursts begin ``lead_s`` before the glute's."""

    glute: np.ndarray
    hamstring: np.ndarray
    onset_s: np.ndarray
    windows: list[tuple[float, float]]

    def leaking(self, into_glute: float = 0.0, into_hamstring: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
        return (
            self.glute + into_glute * np.convolve(self.hamstring, PATH, "same"),
            self.hamstring + into_hamstring * np.convolve(self.glute, PATH, "same"),
        )


def session(
    seed: int,
    *,
    n_lifts: int = 10,
    glute_dB: float = 12,
    hamstring_dB: float = 22,
    lead_s: float = 0.08,
    jitter_s: float = 0.03,
) -> Session:
    rng = np.random.default_rng(seed)
    n = round(LIFT_S * FS)
    time_s = np.arange(n) / FS
    onset_s = rng.uniform(1.2, 1.6, n_lifts)
    first_s = onset_s - lead_s + rng.normal(0, jitter_s, n_lifts)
    muscles = []
    for start_s, level_dB in ((onset_s, glute_dB), (first_s, hamstring_dB)):
        burst = signal.sosfilt(BAND, rng.normal(size=(n_lifts, n)))
        gain = np.clip((time_s - start_s[:, np.newaxis]) / 0.08, 0, 1) * 10 ** (level_dB / 20)
        rest = signal.sosfilt(signal.butter(2, 20, "highpass", fs=FS, output="sos"), rng.normal(size=(n_lifts, n)))
        muscles.append((rest + gain * burst / burst.std()).ravel())
    return Session(*muscles, onset_s, [(LIFT_S * k, LIFT_S * (k + 1)) for k in range(n_lifts)])


def bias_s(samples: np.ndarray, truth: Session) -> float:
    """Mean error of a detector: first 25 ms in which the power stays above mean + 3 SD of the rest."""
    errors = []
    for lift, onset_s in zip(samples.reshape(len(truth.onset_s), -1), truth.onset_s, strict=True):
        power = signal.lfilter(np.ones(25) / 25, 1, lift**2)
        rest = power[100:800]
        above = power > rest.mean() + 3 * rest.std()
        lasting = np.convolve(above, np.ones(25), "valid") >= 25
        errors.append((800 + np.argmax(lasting[800:])) / FS - onset_s)
    return float(np.mean(errors))


@pytest.mark.parametrize(("leak", "at_least_early_s"), [(0.03, 0.0), (0.06, 0.015), (0.1, 0.035), (0.2, 0.055)])
def test_removing_a_leak_puts_the_onset_back_where_it_was(leak: float, at_least_early_s: float) -> None:
    truth = session(1)
    glute, hamstring = truth.leaking(into_glute=leak)
    model = fit_crosstalk(hamstring, glute, FS, truth.windows)
    assert model.helps
    clean, with_leak = bias_s(truth.glute, truth), bias_s(glute, truth)
    assert with_leak < clean - at_least_early_s
    assert bias_s(remove_crosstalk(hamstring, glute, model), truth) == pytest.approx(clean, abs=0.003)


@pytest.mark.parametrize("leak", [0.06, 0.1, 0.2])
def test_the_share_is_the_share_that_leaks(leak: float) -> None:
    truth = session(2)
    glute, hamstring = truth.leaking(into_glute=leak)
    true_share = np.std(glute - truth.glute) / np.std(hamstring)
    model = fit_crosstalk(hamstring, glute, FS, truth.windows)
    assert model.share == pytest.approx(true_share, rel=0.1)
    assert model.taps == pytest.approx(leak * PATH, abs=0.025)
    assert f"{model.share:.0%}" in model.reason


def test_working_together_is_not_cross_talk() -> None:
    helped = []
    for seed in range(5):
        truth = session(seed, glute_dB=20, hamstring_dB=20, lead_s=0.0, jitter_s=0.0)
        models = [
            fit_crosstalk(truth.hamstring, truth.glute, FS, truth.windows),
            fit_crosstalk(truth.glute, truth.hamstring, FS, truth.windows),
        ]
        assert all(model.held_out_gain_dB < 0.02 for model in models)
        helped += [model.helps for model in models]
    assert not any(helped)


def test_noise_in_common_is_not_cross_talk() -> None:
    for seed in range(3):
        truth = session(seed)
        common = np.random.default_rng(seed + 50).normal(size=truth.glute.size)
        glute, hamstring = truth.glute + 0.5 * common, truth.hamstring + 0.5 * common
        assert not fit_crosstalk(hamstring, glute, FS, truth.windows).helps


@pytest.mark.parametrize("lead_s", [0.08, -0.08])
def test_a_leak_one_way_is_not_taken_for_one_the_other_way(lead_s: float) -> None:
    for seed in range(3):
        truth = session(seed, lead_s=lead_s)
        glute, hamstring = truth.leaking(into_glute=0.15)
        assert fit_crosstalk(hamstring, glute, FS, truth.windows).helps
        back = fit_crosstalk(glute, hamstring, FS, truth.windows)
        assert not back.helps


def test_leaks_both_ways_are_told_apart() -> None:
    truth = session(3, n_lifts=16, glute_dB=20, hamstring_dB=20)
    glute, hamstring = truth.leaking(into_glute=0.12, into_hamstring=0.12)
    here = fit_crosstalk(hamstring, glute, FS, truth.windows)
    back = fit_crosstalk(glute, hamstring, FS, truth.windows)
    assert here.helps
    assert back.helps
    for model, source, leaked in (
        (here, hamstring, glute - truth.glute),
        (back, glute, hamstring - truth.hamstring),
    ):
        missed = leaked - np.convolve(source, model.taps, "same")
        assert np.std(missed) < 0.25 * np.std(leaked)


def test_both_ways_at_once_is_what_each_way_says() -> None:
    truth = session(9)
    glute, hamstring = truth.leaking(into_glute=0.1)
    here, back = fit_crosstalk_both_ways(hamstring, glute, FS, truth.windows)
    assert (here.helps, back.helps) == (True, False)
    alone = fit_crosstalk(glute, hamstring, FS, truth.windows)
    assert alone.reason == back.reason
    assert alone.taps == pytest.approx(back.taps)


@pytest.mark.parametrize("leak", [0.0, 0.03, 0.1])
def test_lifts_from_all_over_a_long_session_stand_for_it(leak: float) -> None:
    truth = session(8, n_lifts=80)
    glute, hamstring = truth.leaking(into_glute=leak)
    model = fit_crosstalk(hamstring, glute, FS, truth.windows)
    assert model.helps == (leak > 0)
    if leak:
        assert model.taps == pytest.approx(leak * PATH, abs=0.025)


def test_fitting_lift_by_lift_is_refused() -> None:
    truth = session(1, n_lifts=3)
    glute, hamstring = truth.leaking(into_glute=0.2)
    model = fit_crosstalk(hamstring, glute, FS, truth.windows)
    assert not model.helps
    assert "3, at least 4" in model.reason
    assert np.array_equal(remove_crosstalk(hamstring, glute, model), glute)


@pytest.mark.parametrize("windows", [[], [(0.0, 0.01)] * 5, [(99.0, 100.0)] * 5])
def test_windows_without_activity_say_so(windows: list[tuple[float, float]]) -> None:
    truth = session(1, n_lifts=2)
    assert "too few lifts" in fit_crosstalk(truth.hamstring, truth.glute, FS, windows).reason


def test_gain_of_either_channel_does_not_matter() -> None:
    truth = session(4)
    glute, hamstring = truth.leaking(into_glute=0.1)
    model = fit_crosstalk(hamstring, glute, FS, truth.windows)
    scaled = fit_crosstalk(1e3 * hamstring, 1e-6 * glute, FS, truth.windows)
    assert scaled.taps * 1e9 == pytest.approx(model.taps, rel=1e-6)
    assert scaled.held_out_gain_dB == pytest.approx(model.held_out_gain_dB)


def test_lost_samples_are_left_out_and_stay_lost() -> None:
    truth = session(5)
    glute, hamstring = truth.leaking(into_glute=0.1)
    whole = fit_crosstalk(hamstring, glute, FS, truth.windows)
    glute, hamstring = glute.copy(), hamstring.copy()
    glute[4500:4600] = hamstring[10_500:10_600] = np.nan
    model = fit_crosstalk(hamstring, glute, FS, truth.windows)
    assert model.helps
    assert model.taps == pytest.approx(whole.taps, abs=0.01)
    lost = np.flatnonzero(np.isnan(remove_crosstalk(hamstring, glute, model)))
    assert np.array_equal(lost, np.r_[4500:4600, 10_498:10_602])


@pytest.mark.parametrize("dead", [0.0, np.nan])
def test_a_dead_channel_has_no_cross_talk(dead: float) -> None:
    truth = session(6, n_lifts=5)
    nothing = np.full(truth.glute.size, dead)
    for source, target in ((nothing, truth.glute), (truth.glute, nothing), (nothing, nothing)):
        assert not fit_crosstalk(source, target, FS, truth.windows).helps


def test_signals_of_unequal_length_are_refused() -> None:
    with pytest.raises(RecordingError, match="no pair"):
        fit_crosstalk(np.zeros(10), np.zeros(11), FS, [(0.0, 1.0)])


def test_removal_looks_two_samples_ahead_and_no_further() -> None:
    model = CrosstalkModel(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), 1.0, 1.0, helps=True, reason="")
    impulse = np.zeros(11)
    impulse[5] = 1
    assert remove_crosstalk(impulse, np.zeros(11), model).tolist() == [0, 0, 0, -1, -2, -3, -4, -5, 0, 0, 0]


def test_after_the_fit_what_is_left_of_one_muscle_says_nothing_of_the_other() -> None:
    truth = session(7)
    glute, hamstring = truth.leaking(into_glute=0.2)
    pair = cut_pair(hamstring, glute, FS, truth.windows)
    taps, reverse = fit_leaks(pair, pair.counted, here=True, back=True)
    assert shared(pair.target, pair.source, pair) > 1
    own_target, own_source = pair.target - leak(pair.source, taps), pair.source - leak(pair.target, reverse)
    assert abs(shared(own_target, own_source, pair)) < 0.01


def shared(target: np.ndarray, source: np.ndarray, pair: Pair) -> float:
    return float(np.mean((target * source / moving_power(target, pair.width))[pair.counted]))


def test_in_walking_the_hamstring_does_not_leak_into_the_glute(data_folder: Path) -> None:
    table = pd.read_csv(data_folder / "musclesynergies_walking" / "walk_right_leg.csv")
    glute, hamstring = (bandpass(table[name].to_numpy(float), FS, notch_Hz=50) for name in ("MA", "BF"))
    strides = [(float(k), k + 1.0) for k in range(7)]
    assert not fit_crosstalk(hamstring, glute, FS, strides).helps
    leaking = glute + 0.3 * hamstring
    assert fit_crosstalk(hamstring, leaking, FS, strides).helps
