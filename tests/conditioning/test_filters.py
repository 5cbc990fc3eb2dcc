"""The band-pass, the notches and the envelope, and what they do to onsets."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from emgorder.conditioning.filters import bandpass, design_bandpass, design_lowpass, envelope, rectify
from emgorder.errors import SettingsError

RATES = [200.0, 250.0, 1000.0, 2000.0, 5000.0]
BURST_AT = 1000


def gain_dB(sos: np.ndarray, frequency_Hz: float, sampling_frequency: float) -> float:
    response = signal.sosfreqz(sos, [frequency_Hz], fs=sampling_frequency)[1]
    return float(20 * np.log10(np.abs(response[0]) + 1e-12))


def burst(seed: int) -> np.ndarray:
    """EMG that begins at sample 1000, after silence."""
    carrier = signal.butter(2, [30, 180], "bandpass", fs=1000, output="sos")
    samples = signal.sosfilt(carrier, np.random.default_rng(seed).normal(size=3000))
    samples[:BURST_AT] = 0
    return samples / samples[BURST_AT:].std()


def first_visible(samples: np.ndarray, share: float = 0.05) -> int:
    """Sample at which the signal first exceeds a share of its plateau's RMS."""
    plateau = samples[BURST_AT + 200 : BURST_AT + 1200].std()
    return int(np.argmax(np.abs(samples) > share * plateau))


@pytest.mark.parametrize("fs", RATES)
def test_the_band_passes_and_the_rest_does_not(fs: float) -> None:
    sos = design_bandpass(fs)
    assert gain_dB(sos, 70, fs) > -1
    assert gain_dB(sos, 20, fs) == pytest.approx(-3, abs=0.5)
    assert gain_dB(sos, 2, fs) < -35
    if fs >= 2000:
        assert gain_dB(sos, 450, fs) == pytest.approx(-3, abs=0.1)
    elif fs > 200:
        assert gain_dB(sos, 0.44 * fs, fs) > -0.5


@pytest.mark.parametrize("fs", RATES)
@pytest.mark.parametrize("mains_Hz", [50.0, 60.0])
def test_mains_and_its_harmonics_go_and_what_lies_between_stays(fs: float, mains_Hz: float) -> None:
    plain, notched = design_bandpass(fs), design_bandpass(fs, notch_Hz=mains_Hz)
    harmonics = np.arange(mains_Hz, min(451, 0.45 * fs), mains_Hz)
    assert len(harmonics) >= 1
    for harmonic_Hz in harmonics:
        assert gain_dB(notched, harmonic_Hz, fs) < -60
        assert gain_dB(notched, harmonic_Hz + 0.1, fs) - gain_dB(plain, harmonic_Hz + 0.1, fs) < -20
        between_Hz = harmonic_Hz - mains_Hz / 2
        assert gain_dB(notched, between_Hz, fs) - gain_dB(plain, between_Hz, fs) > -0.5


def test_causal_filters_never_show_a_burst_before_it_begins_and_zero_phase_ones_do() -> None:
    for notch_Hz, early_ms in ((None, 5), (50.0, 80)):
        sos = design_bandpass(1000, notch_Hz=notch_Hz)
        causal = [first_visible(bandpass(burst(k), 1000, notch_Hz=notch_Hz)) - BURST_AT for k in range(40)]
        zero_phase = [first_visible(signal.sosfiltfilt(sos, burst(k))) - BURST_AT for k in range(40)]
        assert min(causal) >= 0
        assert max(causal) <= 1
        assert np.median(zero_phase) < -early_ms


@pytest.mark.parametrize(("cutoff_Hz", "late_ms", "early_ms"), [(3, 18, 92), (6, 9, 46), (20, 3, 14)])
def test_the_envelope_of_a_step_rises_late_not_early(cutoff_Hz: float, late_ms: int, early_ms: int) -> None:
    step = np.r_[np.zeros(2000), np.ones(2000)]
    causal = np.argmax(envelope(step, 1000, cutoff_Hz=cutoff_Hz) > 0.05) - 2000
    zero_phase = np.argmax(signal.sosfiltfilt(design_lowpass(1000, cutoff_Hz=cutoff_Hz), step) > 0.05) - 2000
    assert (causal, zero_phase) == (late_ms, -early_ms)


@given(gain=st.floats(1e-7, 1e4), offset=st.floats(-1e3, 1e3))
def test_gain_passes_through_and_offset_does_not(gain: float, offset: float) -> None:
    samples = burst(0)[:1500]
    filtered = bandpass(gain * (samples + offset), 1000)
    assert np.allclose(filtered, gain * bandpass(samples, 1000), rtol=1e-6, atol=gain * 1e-8)


def test_one_column_is_filtered_like_one_signal() -> None:
    samples = burst(1)
    assert np.array_equal(bandpass(samples[:, np.newaxis], 1000)[:, 0], bandpass(samples, 1000))
    assert np.array_equal(envelope(samples[:, np.newaxis], 1000)[:, 0], envelope(samples, 1000))


def test_the_envelope_follows_the_mean_of_the_rectified_signal() -> None:
    samples = burst(2)
    plateau = slice(BURST_AT + 500, None)
    assert envelope(samples, 1000)[plateau].mean() == pytest.approx(rectify(samples)[plateau].mean(), rel=0.03)


def test_lost_samples_stay_lost_in_the_envelope() -> None:
    samples = burst(3)
    samples[1500:1600] = np.nan
    assert np.array_equal(np.isnan(envelope(samples, 1000)), np.isnan(samples))


def test_more_order_falls_more_steeply() -> None:
    falls = [gain_dB(design_bandpass(1000, order=order), 5, 1000) for order in (1, 2, 4)]
    assert all(steeper < flatter - 10 for flatter, steeper in pairwise(falls))


@pytest.mark.parametrize(
    ("fs", "options", "key"),
    [
        (1000, {"highpass_Hz": 19.9}, "highpass_Hz"),
        (1000, {"highpass_Hz": 460.0}, "highpass_Hz"),
        (1000, {"highpass_Hz": float("nan")}, "highpass_Hz"),
        (1000, {"lowpass_Hz": 20.0}, "lowpass_Hz"),
        (1000, {"notch_Hz": 10.0}, "notch_Hz"),
        (200, {"notch_Hz": 100.0}, "notch_Hz"),
        (1000, {"order": 0}, "order"),
        (50, {}, "sampling_frequency"),
        (float("nan"), {}, "sampling_frequency"),
    ],
)
def test_senseless_corners_are_refused_by_name(fs: float, options: dict[str, float], key: str) -> None:
    with pytest.raises(SettingsError, match=key) as caught:
        design_bandpass(fs, **options)  # type: ignore[arg-type]
    assert caught.value.key == key


@pytest.mark.parametrize("cutoff_Hz", [0.0, 500.0, float("nan")])
def test_a_senseless_envelope_is_refused(cutoff_Hz: float) -> None:
    with pytest.raises(SettingsError, match="cutoff_Hz"):
        envelope(np.zeros(10), 1000, cutoff_Hz=cutoff_Hz)
