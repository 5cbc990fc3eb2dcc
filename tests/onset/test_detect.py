from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import butter, resample_poly, sosfilt

import emgorder.onset.detect as module
from emgorder.conditioning import bandpass
from emgorder.errors import RecordingError, SettingsError
from emgorder.model import FloatArray, Onset, Posterior
from emgorder.onset import detect_onset, detect_onsets, onset_methods
from emgorder.onset.levels import Stretch
from emgorder.onset.registry import find_method
from emgorder.simulate import Baseline, Carrier, simulate_burst

METHODS = list(onset_methods())
SLOW = [m for m in METHODS if m.startswith("neurokit")]  # 20 ms a call
QUICK = [m for m in METHODS if m not in SLOW]
FS = 1000.0
TRUE_S = 1.2

# What a method's own windows allow on a clear burst, and what resampling may move, s.
OFF_S = {m: 0.030 if m in SLOW else 0.020 for m in METHODS}
MOVED_S = dict.fromkeys(METHODS, 0.01) | {"bonato": 0.020, "sample_entropy": 0.030}


def burst(seed: int, sampling_frequency: float = FS, snr_dB: float = 20.0, ramp_s: float = 0.03) -> FloatArray:
    """Return 2.2 s of white noise of 5 uV in which EMG with most of its power below 150 Hz begins at 1.2 s."""
    time_s = np.arange(round(2.2 * sampling_frequency)) / sampling_frequency
    noise, carrier = np.random.default_rng(seed).standard_normal((2, time_s.size))
    band_Hz = (30.0, min(150.0, 0.4 * sampling_frequency))
    emg = sosfilt(butter(1, band_Hz, "bandpass", fs=sampling_frequency, output="sos"), carrier)
    rise = np.clip((time_s - TRUE_S) / max(ramp_s, 1e-9), 0.0, 1.0)
    return 5e-6 * (noise + 10.0 ** (snr_dB / 20.0) * rise * emg / emg.std())


EMG = burst(1)

each_method = pytest.mark.parametrize("method", METHODS)


def lost(from_s: float, to_s: float) -> FloatArray:
    """Return the burst without the samples between two times re its onset."""
    emg = EMG.copy()
    emg[round((TRUE_S + from_s) * FS) : round((TRUE_S + to_s) * FS)] = np.nan
    return emg


@each_method
def test_a_clear_burst_is_found(method: str) -> None:
    onset = detect_onset(EMG, FS, method=method)
    assert onset.time_s == pytest.approx(TRUE_S, abs=OFF_S[method])
    assert onset.method == method
    assert onset.reason == ""


@pytest.mark.parametrize("method", [m for m in METHODS if not onset_methods()[m].has_posterior])
def test_methods_without_a_posterior_give_no_interval(method: str) -> None:
    onset = detect_onset(EMG, FS, method=method)
    assert onset.posterior is None
    assert all(math.isnan(x) for x in (onset.low_s, onset.high_s, onset.probability))


@each_method
@pytest.mark.parametrize("gain", [1e-6, 1e6, -1.0, -37.0])
def test_onset_does_not_depend_on_gain_or_polarity(method: str, gain: float) -> None:
    expected = detect_onset(EMG, FS, method=method).time_s
    assert detect_onset(gain * EMG, FS, method=method).time_s == pytest.approx(expected, abs=1e-9)


@each_method
def test_onset_does_not_depend_on_an_offset(method: str) -> None:
    expected = detect_onset(EMG, FS, method=method).time_s
    assert detect_onset(EMG + 1.0, FS, method=method).time_s == pytest.approx(expected, abs=1e-9)


@each_method
@pytest.mark.parametrize("value", [0.0, 3.0])
def test_a_constant_pad_before_shifts_the_onset_by_its_length(method: str, value: float) -> None:
    expected = detect_onset(EMG, FS, method=method).time_s
    padded = np.concatenate((np.full(1000, value), EMG, np.full(400, value)))
    assert detect_onset(padded, FS, method=method).time_s == pytest.approx(1.0 + expected, abs=1e-9)


@each_method
def test_integers_are_as_good_as_floats(method: str) -> None:
    counts = np.round(EMG / 1e-7).astype(np.int32)
    expected = detect_onset(counts.astype(np.float64), FS, method=method)
    assert detect_onset(counts, FS, method=method).time_s == expected.time_s
    assert expected.time_s == pytest.approx(TRUE_S, abs=OFF_S[method])


@each_method
@pytest.mark.parametrize(("up", "down"), [(2, 1), (1, 2)])
def test_resampling_moves_the_onset_by_little(method: str, up: int, down: int) -> None:
    moved = []
    for seed in range(2 if method in SLOW else 5):
        emg = burst(seed)
        before = detect_onset(emg, FS, method=method).time_s
        after = detect_onset(resample_poly(emg - emg.mean(), up, down), FS * up / down, method=method).time_s
        moved.append(abs(after - before))
    assert np.median(moved) < MOVED_S[method]


@each_method
@pytest.mark.parametrize("rate_Hz", [200.0, 250.0, 500.0, 2000.0, 5000.0])
def test_sampling_frequencies_from_200_to_5000_Hz_do(method: str, rate_Hz: float) -> None:
    seeds = range(2 if method in SLOW else 5)
    late_s = [abs(detect_onset(burst(seed, rate_Hz), rate_Hz, method=method).time_s - TRUE_S) for seed in seeds]
    few_samples = method == "sample_entropy" and rate_Hz < 500.0
    assert np.nanmedian(late_s) < (0.060 if few_samples else 0.030)


@pytest.mark.parametrize("method", QUICK)
@pytest.mark.parametrize("rate_Hz", [200, 1000])
def test_pure_noise_has_an_onset_in_2_percent_of_signals_at_most(method: str, rate_Hz: int) -> None:
    found = [
        detect_onset(np.random.default_rng(seed).standard_normal(3 * rate_Hz), rate_Hz, method=method).found
        for seed in range(100)
    ]
    assert np.mean(found) <= 0.02


def passing(kind: str, seed: int) -> FloatArray:
    """Return 3 s of noise at 1 kHz with something in it that is over within 0.1 s."""
    time_s = np.arange(3000) / FS
    rng = np.random.default_rng(seed)
    noise, at_s = rng.standard_normal(3000), rng.uniform(0.8, 2.2)
    if kind == "stray":
        return noise * np.where((time_s > at_s) & (time_s < at_s + 0.05), 10.0, 1.0)
    if kind == "spike":
        return noise + 1000.0 * (np.arange(3000) == round(at_s * FS))
    if kind == "step":
        return noise + 100.0 * (time_s > at_s)
    since_s = time_s - np.arange(rng.uniform(0.0, 0.8), 3.0, 0.83)[:, np.newaxis]
    beats = 12.0 * np.exp(-0.5 * (since_s / 0.010) ** 2) - 5.0 * np.exp(-0.5 * ((since_s - 0.025) / 0.012) ** 2)
    heard: FloatArray = noise + beats.sum(axis=0)
    return heard


@pytest.mark.parametrize(("kind", "share"), [("stray", 0.1), ("spike", 0.1), ("step", 0.1), ("heart", 0.5)])
@pytest.mark.parametrize("method", ["posterior", "hmm"])
def test_what_does_not_go_on_is_no_burst(method: str, kind: str, share: float) -> None:
    found = [detect_onset(passing(kind, seed), FS, method=method) for seed in range(30)]
    assert np.mean([onset.found for onset in found]) <= share
    stopped = [onset for onset in found if onset.reason == "no burst found: what rises most does not go on"]
    assert stopped
    assert all(onset.probability == 0.0 for onset in stopped)


@pytest.mark.parametrize("length_s", [0.1, 0.15, 0.2])
def test_a_strong_burst_may_be_short(length_s: float) -> None:
    time_s = np.arange(3000) / FS
    for seed in range(8):
        gain = np.where((time_s > 1.5) & (time_s < 1.5 + length_s), 10.0, 1.0)
        onset = detect_onset(gain * np.random.default_rng(seed).standard_normal(3000), FS)
        assert onset.time_s == pytest.approx(1.5, abs=0.03)


def test_a_rest_that_is_mostly_zero_does_not_stop_a_burst() -> None:
    emg = np.random.default_rng(1).standard_normal(3000) * np.where(np.arange(3000) < 1500, 0.0, 10.0)
    emg[:1500:300] = 1.0
    assert detect_onset(emg, FS, conditioned=True).time_s == pytest.approx(1.5, abs=0.03)


def test_the_reason_says_that_no_burst_begins() -> None:
    onset = detect_onset(EMG[: round((TRUE_S - 0.05) * FS)], FS)
    assert not onset.found
    assert onset.reason.startswith("no burst begins")


@each_method
@pytest.mark.parametrize(("from_s", "to_s"), [(-0.02, 0.03), (-1.0, -0.02), (0.02, 0.3), (-0.5, 0.2)])
def test_an_onset_beside_or_in_a_gap_is_withheld(method: str, from_s: float, to_s: float) -> None:
    onset = detect_onset(lost(from_s, to_s), FS, method=method)
    assert not onset.found
    assert onset.reason == "samples were lost around the onset"


MODULATED = Carrier(kind="modulated", low_corner_Hz=43.5, high_corner_Hz=107.6, texture=0.42, wander=0.19)
ROUGH = Baseline(colour="pink", wander_dB=2.0, strays_per_s=0.5)


@pytest.mark.parametrize(
    ("seed", "snr_dB", "ramp_s", "gap_s"),
    [
        pytest.param(7666942652011400, 11.1, 0.060, -0.031, id="posterior reaches back beyond the gap"),
        pytest.param(5292735060474152, 10.2, 0.082, -0.046, id="another step in the rest"),
    ],
)
def test_where_the_onset_was_lost_no_other_is_found_in_the_rest(
    seed: int, snr_dB: float, ramp_s: float, gap_s: float
) -> None:
    simulated = simulate_burst(
        seed,
        sampling_frequency=FS,
        snr_dB=snr_dB,
        ramp_s=ramp_s,
        shape="two_stage",
        carrier=MODULATED,
        baseline=ROUGH,
    )
    first = round((simulated.onset_s + gap_s) * FS)
    simulated.signal[first : first + 50] = np.nan
    onset = detect_onset(simulated.signal, FS)
    assert not onset.found
    assert onset.reason == "samples were lost around the onset"


@each_method
@pytest.mark.parametrize(("from_s", "to_s"), [(-0.3, -0.2), (-0.17, -0.15), (0.12, 0.14), (0.3, 0.9)])
def test_gaps_further_away_do_not_matter(method: str, from_s: float, to_s: float) -> None:
    expected = detect_onset(EMG, FS, method=method).time_s
    assert detect_onset(lost(from_s, to_s), FS, method=method).time_s == pytest.approx(expected, abs=MOVED_S[method])


def test_samples_lost_between_kept_ones_count_as_gaps_when_a_fast_signal_is_thinned() -> None:
    emg = burst(1, 5000.0)
    emg[round(TRUE_S * 5000.0) + 1] = np.nan
    assert detect_onset(emg, 5000.0).reason == "samples were lost around the onset"


@each_method
def test_a_signal_that_begins_shortly_before_the_burst_has_too_little_rest(method: str) -> None:
    onset = detect_onset(EMG[round((TRUE_S - 0.05) * FS) :], FS, method=method)
    assert not onset.found
    assert "of rest before the burst" in onset.reason


@each_method
@pytest.mark.parametrize("shown_s", [0.002, 0.05, 0.1])
def test_a_burst_at_the_very_end_gives_its_onset_or_a_reason(method: str, shown_s: float) -> None:
    onset = detect_onset(EMG[: round((TRUE_S + shown_s) * FS)], FS, method=method)
    assert onset.reason if not onset.found else abs(onset.time_s - TRUE_S) < 0.06


@pytest.mark.parametrize("method", [m for m in METHODS if m != "neurokit_mixture"])  # where it hears its own ringing
def test_silence_counts_as_rest_where_there_is_no_other(method: str) -> None:
    emg = np.concatenate((np.zeros(1000), np.random.default_rng(1).standard_normal(1000)))
    assert detect_onset(emg, FS, method=method).time_s == pytest.approx(1.0, abs=0.045)


@pytest.mark.parametrize(
    ("emg", "reason"),
    [
        ([], "the signal is empty"),
        (np.full(500, np.nan), "all samples were lost"),
        (np.full(500, 7), "the signal is constant: is the sensor on and connected?"),
        (EMG[:200], "only 0.20 s of signal: at least 0.3 s are needed"),
    ],
)
def test_what_cannot_hold_a_burst_says_so(emg: FloatArray, reason: str) -> None:
    onset = detect_onset(emg, FS)
    assert not onset.found
    assert onset.reason == reason


@pytest.mark.parametrize("emg", [np.zeros((500, 2)), 3.0, np.array(["a"] * 500), np.ones(500, dtype=complex)])
def test_what_is_no_signal_is_refused(emg: FloatArray) -> None:
    with pytest.raises(RecordingError, match="give an array"):
        detect_onset(emg, FS)


@pytest.mark.parametrize("rate_Hz", [0.0, -1000.0, math.nan, math.inf, 50.0])
@pytest.mark.parametrize("conditioned", [False, True])
def test_a_sampling_frequency_that_makes_no_sense_is_refused(rate_Hz: float, conditioned: bool) -> None:
    with pytest.raises(SettingsError, match="sampling_frequency"):
        detect_onset(EMG, rate_Hz, conditioned=conditioned)


@pytest.mark.parametrize("rate", ["1000", None, 1000j, [1000.0, 1000.0]])
@pytest.mark.parametrize("detect", [detect_onset, detect_onsets])
def test_a_sampling_frequency_that_is_no_number_is_refused(detect: Callable[..., object], rate: object) -> None:
    with pytest.raises(SettingsError, match=r"sampling_frequency: .* is no number: give the samples per second"):
        detect(EMG, rate)


def test_a_sampling_frequency_may_be_any_kind_of_number() -> None:
    expected = detect_onset(EMG, FS).time_s
    for rate in (1000, np.int64(1000), np.float32(1000.0)):
        assert detect_onset(EMG, rate).time_s == pytest.approx(expected, abs=1e-6)


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(SettingsError, match="method: 'oracle' is no onset method"):
        detect_onset(EMG, FS, method="oracle")


@each_method
def test_a_given_baseline_is_used(method: str) -> None:
    onset = detect_onset(EMG, FS, method=method, baseline=(TRUE_S - 0.6, TRUE_S - 0.1))
    assert onset.time_s == pytest.approx(TRUE_S, abs=0.025)


def test_bursts_before_the_baseline_do_not_count() -> None:
    both = np.concatenate((3.0 * EMG, EMG))
    assert detect_onset(both, FS).time_s == pytest.approx(TRUE_S, abs=0.02)
    second_s = EMG.size / FS + TRUE_S
    onset = detect_onset(both, FS, baseline=(second_s - 0.6, second_s - 0.1))
    assert onset.time_s == pytest.approx(second_s, abs=0.02)


@pytest.mark.parametrize("baseline", [(-1.0, 0.5), (0.5, 0.5), (0.9, 0.2), (1.0, 1e9), (0.0, math.nan)])
def test_a_baseline_outside_of_the_signal_is_refused(baseline: tuple[float, float]) -> None:
    with pytest.raises(SettingsError, match="baseline"):
        detect_onset(EMG, FS, baseline=baseline)


def test_a_baseline_of_lost_samples_is_no_rest() -> None:
    emg = EMG.copy()
    emg[:300] = np.nan
    assert detect_onset(emg, FS, baseline=(0.0, 0.3)).reason == (
        "only 0.00 s of rest before the burst: 0.1 s are needed"
    )


def test_a_baseline_up_to_the_end_leaves_no_burst() -> None:
    assert detect_onset(EMG, FS, baseline=(0.5, 2.2)).reason == "too little signal around the burst"


@pytest.mark.parametrize(("gap_s", "reason"), [(0.2, "samples were lost around the onset"), (0.4, "no onset found")])
def test_a_gap_near_by_is_the_reason_where_a_detector_finds_nothing(
    monkeypatch: pytest.MonkeyPatch, gap_s: float, reason: str
) -> None:
    blind = replace(find_method("cusum"), detect=lambda *_, **__: math.nan)
    monkeypatch.setattr(module, "find_method", lambda name: blind)
    assert detect_onset(lost(gap_s, gap_s + 0.1), FS).reason.startswith(reason)


def test_conditioned_signals_are_taken_as_they_are() -> None:
    expected = detect_onset(EMG, FS).time_s
    assert detect_onset(bandpass(EMG, FS), FS, conditioned=True).time_s == pytest.approx(expected, abs=1e-9)


def test_a_method_with_a_posterior_reports_it_in_the_time_of_the_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    def detect(stretches: Sequence[Stretch]) -> list[Onset]:
        found = []
        for s in stretches:
            grid_s = np.arange(s.values.size) / s.sampling_frequency
            at_s = s.n_rest / s.sampling_frequency
            flat = Posterior(grid_s, np.ones(grid_s.size))
            found.append(Onset(at_s, at_s - 0.01, at_s + 0.01, visible_s=at_s, probability=0.9, posterior=flat))
        return found

    sure = replace(find_method("cusum"), name="sure", detect=None, detect_many=detect, defaults={}, has_posterior=True)
    monkeypatch.setattr(module, "find_method", lambda name: sure)
    onset = detect_onset(EMG, FS)
    rest_stop_s = detect_onset(np.concatenate((np.zeros(250), EMG)), FS).time_s - 0.25
    assert onset.time_s == pytest.approx(rest_stop_s)
    assert (onset.high_s - onset.low_s, onset.probability, onset.method) == (pytest.approx(0.02), 0.9, "sure")
    assert onset.posterior is not None
    assert onset.posterior.grid_s[0] == pytest.approx(onset.time_s - 0.5)


@given(snr_dB=st.floats(6.0, 30.0), ramp_s=st.floats(0.0, 0.2), seed=st.integers(0, 10_000), gain=st.floats(1e-6, 1e6))
def test_the_default_method_is_never_far_off(snr_dB: float, ramp_s: float, seed: int, gain: float) -> None:
    onset = detect_onset(gain * burst(seed, FS, snr_dB, ramp_s), FS)
    assert -0.15 < onset.time_s - TRUE_S < ramp_s + 0.05
