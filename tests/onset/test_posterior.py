"""The default method: what its posterior says of bursts, of rest, of gaps, of edges."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from emgorder.model import FloatArray
from emgorder.onset import detect_onset, detect_onsets
from emgorder.onset.detect import detect_each
from emgorder.onset.posterior import place_start
from emgorder.onset.rises import USUAL
from emgorder.onset.starts import usual_kinds
from emgorder.simulate import simulate_burst

FS = 1000.0


def bursts(n: int, **about: object) -> tuple[list[FloatArray], FloatArray]:
    """Return simulated bursts and their true onsets."""
    made = [simulate_burst(seed, **about) for seed in range(n)]
    return [b.signal for b in made], np.array([b.onset_s for b in made])


def test_the_interval_holds_the_onset_about_as_often_as_it_says() -> None:
    signals, truth_s = bursts(60, sampling_frequency=FS, snr_dB=15.0, ramp_s=0.02, shape="linear")
    found = detect_each(signals, FS)
    low_s, high_s = np.array([(o.low_s, o.high_s) for o in found]).T
    assert np.mean((low_s <= truth_s) & (truth_s <= high_s)) >= 0.8
    assert np.nanmedian(np.abs([o.time_s for o in found] - truth_s)) < 0.015
    assert np.nanmedian(high_s - low_s) < 0.15


def test_a_posterior_is_a_density_with_its_median_and_interval() -> None:
    signals, _ = bursts(1, sampling_frequency=FS, snr_dB=15.0, ramp_s=0.05)
    onset = detect_onset(signals[0], FS)
    assert onset.posterior is not None
    assert onset.posterior.density.sum() * onset.posterior.step_s == pytest.approx(1.0)
    assert onset.low_s <= onset.time_s <= onset.high_s
    assert onset.posterior.quantile(0.5) == pytest.approx(onset.time_s)
    assert onset.probability > 0.9
    assert onset.time_s <= onset.visible_s + 0.005


def test_many_bursts_at_once_are_each_as_alone() -> None:
    signals, _ = bursts(5, sampling_frequency=FS, snr_dB=12.0, ramp_s=0.05)
    for together, signal in zip(detect_each(signals, FS), signals, strict=True):
        assert together.time_s == pytest.approx(detect_onset(signal, FS).time_s, abs=1e-6)


def test_a_start_beyond_those_that_were_tried_is_as_unlikely_as_at_their_ends() -> None:
    signals, _ = bursts(1, sampling_frequency=FS, snr_dB=15.0, ramp_s=0.1, shape="linear")
    onset = detect_onset(signals[0], FS)
    assert onset.rise is not None
    narrow = replace(onset.rise, smooth=1.0)
    wide_s = np.linspace(narrow.levels.starts_s[0] - 2.0, narrow.levels.starts_s[-1] + 2.0, 2000)
    flat = np.ones(wide_s.size)
    wide = replace(narrow, grid_s=wide_s, visible=flat, excited=flat / flat.size)
    kinds = np.log(USUAL), usual_kinds()
    placed = [place_start(replace(onset, rise=rise), *kinds) for rise in (narrow, wide)]
    assert placed[1].time_s == pytest.approx(placed[0].time_s, abs=0.004)
    assert placed[1].low_s > narrow.levels.starts_s[0] - 0.5


@pytest.mark.parametrize("seed", range(8))
def test_rest_alone_has_a_low_probability_and_no_time(seed: int) -> None:
    onset = detect_onset(np.random.default_rng(seed).standard_normal(3000), FS)
    assert math.isnan(onset.time_s)
    assert onset.probability < 0.5
    assert onset.reason


@pytest.mark.parametrize("lead_s", [-0.040, -0.020, 0.0])
def test_a_gap_across_the_onset_withholds_it_or_stays_within_its_interval(lead_s: float) -> None:
    signals, truth_s = bursts(20, sampling_frequency=FS, snr_dB=20.0, ramp_s=0.02)
    for signal, true_s in zip(signals, truth_s, strict=True):
        start = round((true_s + lead_s) * FS)
        signal[start : start + 50] = np.nan
    found = detect_each(signals, FS)
    honest = [not o.found or o.low_s <= t <= o.high_s for o, t in zip(found, truth_s, strict=True)]
    assert np.mean(honest) >= 0.85
    assert all(o.probability < 0.8 for o in found if not o.found)


def test_a_gap_far_from_the_onset_changes_little() -> None:
    signals, _ = bursts(1, sampling_frequency=FS, snr_dB=20.0, ramp_s=0.02)
    whole = detect_onset(signals[0], FS)
    holed = signals[0].copy()
    holed[round((whole.time_s - 0.5) * FS) :][:60] = np.nan
    assert detect_onset(holed, FS).time_s == pytest.approx(whole.time_s, abs=0.02)


@pytest.mark.parametrize("rate_Hz", [200.0, 250.0, 500.0, 2000.0, 5000.0])
def test_every_sampling_frequency_finds_a_clear_onset(rate_Hz: float) -> None:
    signals, truth_s = bursts(10, sampling_frequency=rate_Hz, snr_dB=20.0, ramp_s=0.01)
    errors_s = [o.time_s - t for o, t in zip(detect_each(signals, rate_Hz), truth_s, strict=True)]
    assert np.nanmedian(np.abs(errors_s)) < 0.02


def test_clipping_at_16_bit_changes_little() -> None:
    signals, _ = bursts(1, sampling_frequency=FS, snr_dB=25.0, ramp_s=0.02)
    limit = 0.5 * float(np.abs(signals[0]).max())
    clipped = np.round(np.clip(signals[0], -limit, limit) / limit * 32767)
    assert detect_onset(clipped, FS).time_s == pytest.approx(detect_onset(signals[0], FS).time_s, abs=0.01)


def test_a_second_burst_in_the_window_does_not_draw_the_onset_between_them() -> None:
    rng = np.random.default_rng(3)
    t = np.arange(4000) / FS
    gain = 1.0 + 8.0 * ((t > 1.0) & (t < 1.5)) + 8.0 * (t > 2.5)
    onset = detect_onset(gain * rng.standard_normal(t.size), FS)
    assert min(abs(onset.time_s - 1.0), abs(onset.time_s - 2.5)) < 0.03


def test_bursts_of_a_long_signal_have_probabilities_and_offsets() -> None:
    rng = np.random.default_rng(2)
    t = np.arange(15000) / FS
    emg = rng.standard_normal(t.size) * np.where((t % 5 > 2) & (t % 5 < 3.5), 8.0, 1.0)
    found = detect_onsets(emg, FS)
    np.testing.assert_allclose([o.time_s for o in found], [2.0, 7.0, 12.0], atol=0.02)
    np.testing.assert_allclose([o.offset_s for o in found], [3.5, 8.5, 13.5], atol=0.02)
    assert all(o.probability > 0.9 for o in found)


@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        (slice(0, 200), "of signal: at least"),
        (slice(1150, 2200), "of rest before the burst"),
        (slice(0, 0), "the signal is empty"),
    ],
)
@pytest.mark.parametrize("method", ["posterior", "hmm"])
def test_the_probability_is_unknown_where_the_signal_cannot_tell(shown: slice, reason: str, method: str) -> None:
    emg = np.random.default_rng(1).standard_normal(2200) * np.where(np.arange(2200) < 1200, 1.0, 10.0)
    onset = detect_onset(emg[shown], FS, method=method)
    assert reason in onset.reason
    assert math.isnan(onset.probability)
    assert onset.method == method


@pytest.mark.parametrize("method", ["posterior", "hmm"])
def test_the_probability_is_zero_where_no_burst_begins_and_beside_a_gap(method: str) -> None:
    emg = np.random.default_rng(1).standard_normal(2200)
    assert detect_onset(emg, FS, method=method).probability == 0.0
    emg[1200:] *= 10.0
    emg[1180:1230] = np.nan
    onset = detect_onset(emg, FS, method=method)
    assert (onset.reason, onset.probability) == ("samples were lost around the onset", 0.0)


@pytest.mark.parametrize("method", ["posterior", "hmm"])
@pytest.mark.parametrize("shown_s", [0.05, 0.08, 0.10, 0.15])
def test_an_onset_shortly_before_the_end_is_told_or_unknown_but_not_denied(method: str, shown_s: float) -> None:
    made = [simulate_burst(seed, sampling_frequency=FS, snr_dB=20.0, ramp_s=0.02) for seed in range(8)]
    found = detect_each([b.signal[: round((b.onset_s + shown_s) * FS)] for b in made], FS, method=method)
    if shown_s == 0.15:
        assert [o.time_s for o in found] == pytest.approx([b.onset_s for b in made], abs=0.04)
        return
    unknown = [o for o in found if o.reason == "too little signal after the onset: 0.12 s are needed"]
    assert all(math.isnan(o.probability) for o in unknown)
    assert len(unknown) >= (7 if shown_s == 0.05 else 8)  # at 50 ms the power of one rises by no more than noise


@pytest.mark.parametrize("rate_Hz", [200.0, FS])
def test_so_much_rest_before_and_signal_after_as_the_description_asks_for_will_do(rate_Hz: float) -> None:
    made = [simulate_burst(seed, sampling_frequency=rate_Hz, snr_dB=20.0, ramp_s=0.02) for seed in range(8)]
    shown = [b.signal[round((b.onset_s - 0.2) * rate_Hz) : round((b.onset_s + 0.15) * rate_Hz)] for b in made]
    assert [o.time_s for o in detect_each(shown, rate_Hz)] == pytest.approx([0.2] * 8, abs=0.05)


def test_a_burst_that_is_sure_has_its_onset_shortly_before_the_end_too() -> None:
    t = np.arange(8100) / FS
    for seed in range(4):
        emg = np.random.default_rng(seed).standard_normal(t.size) * (1.0 + 9.0 * ((t > 3) & (t < 5)) + 9.0 * (t > 8))
        assert [o.time_s for o in detect_onsets(emg, FS)] == pytest.approx([3.0, 8.0], abs=0.04)
