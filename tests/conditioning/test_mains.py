"""Mains hum is found where it is, and only there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import signal

from emgorder.conditioning.filters import bandpass
from emgorder.conditioning.mains import detect_mains, measure_mains


def emg(seconds: float, fs: float, *, seed: int, bursts_dB: float = 20.0, period_s: float = 3.0) -> np.ndarray:
    """Rest of RMS 1 with bursts for two fifths of each period."""
    rng = np.random.default_rng(seed)
    n = round(seconds * fs)
    band = signal.butter(2, [25, min(150, 0.4 * fs)], "bandpass", fs=fs, output="sos")
    burst = signal.sosfilt(band, rng.normal(size=n))
    on = (np.arange(n) / fs + rng.uniform(0, period_s)) % period_s < 0.4 * period_s
    return rng.normal(size=n) + 10 ** (bursts_dB / 20) * on * burst / burst.std()


def hum(samples: np.ndarray, fs: float, frequency_Hz: float, rms: float) -> np.ndarray:
    return samples + rms * np.sqrt(2) * np.sin(2 * np.pi * frequency_Hz * np.arange(samples.size) / fs + 1)


@pytest.mark.parametrize("fs", [200.0, 250.0, 1000.0, 2000.0])
@pytest.mark.parametrize("mains_Hz", [50.0, 60.0])
def test_hum_of_half_the_rest_is_found_between_bursts_and_off_its_frequency(fs: float, mains_Hz: float) -> None:
    for seed in range(10):
        off_Hz = np.linspace(-0.3, 0.3, 10)[seed]
        assert detect_mains(hum(emg(10, fs, seed=seed), fs, mains_Hz + off_Hz, 0.5), fs) == mains_Hz


@pytest.mark.parametrize("fs", [200.0, 1000.0])
def test_clean_signals_have_no_hum(fs: float) -> None:
    found = [detect_mains(emg(8, fs, seed=seed, period_s=1 + seed % 4), fs) for seed in range(60)]
    assert found.count(None) == 60


def test_its_strength_is_measured_in_the_unit_of_the_signal() -> None:
    for rms in (0.5, 2.0):
        line = measure_mains(1e-6 * hum(emg(30, 1000, seed=3), 1000, 49.9, rms), 1000)
        assert line is not None
        assert line.rms == pytest.approx(rms * 1e-6, rel=0.15)


def test_lost_samples_do_not_hide_it() -> None:
    samples = hum(emg(10, 1000, seed=1), 1000, 50, 1.0)
    samples[2000:3500] = np.nan
    samples[np.random.default_rng(0).random(samples.size) < 0.03] = np.nan
    assert detect_mains(samples, 1000) == 50


@pytest.mark.parametrize("period_s", [3.0, 10.0])
def test_in_long_signals_it_is_looked_for_in_the_rests_whatever_their_rhythm(period_s: float) -> None:
    clean = emg(600, 250, seed=7, period_s=period_s)
    clean[50_000:60_000] = np.nan
    assert detect_mains(clean, 250) is None
    line = measure_mains(hum(clean, 250, 50.1, 0.4), 250)
    assert line is not None
    assert line.is_hum
    assert line.rms == pytest.approx(0.4, rel=0.1)


def test_drift_and_offset_do_not_hide_it() -> None:
    samples = hum(emg(10, 1000, seed=1), 1000, 60, 0.5)
    assert detect_mains(samples + 1e4 + 300 * np.sin(np.arange(samples.size) / 1000), 1000) == 60


def test_the_band_pass_leaves_it_to_be_found_and_the_notch_takes_it_away() -> None:
    samples = hum(emg(10, 1000, seed=2), 1000, 50, 1.0)
    assert detect_mains(bandpass(samples, 1000), 1000) == 50
    assert detect_mains(bandpass(samples, 1000, notch_Hz=50), 1000) is None


def test_the_channel_with_the_clearest_hum_decides_for_all() -> None:
    clean = emg(10, 1000, seed=4)
    assert detect_mains(np.column_stack([clean, hum(clean, 1000, 60, 2.0)]), 1000) == 60
    assert detect_mains(np.column_stack([clean, clean]), 1000) is None


@pytest.mark.parametrize(
    "samples",
    [np.zeros(0), np.ones(999), np.zeros(5000), np.full(5000, 7.0), np.full(5000, np.nan), np.full((5000, 2), np.nan)],
)
def test_what_says_nothing_has_no_hum(samples: np.ndarray) -> None:
    assert detect_mains(samples, 1000) is None


def test_too_slow_a_rate_has_no_hum_to_see() -> None:
    assert detect_mains(np.random.default_rng(0).normal(size=1200), 120) is None


@pytest.mark.parametrize(
    ("file", "column", "fs", "expected"),
    [
        ("biosppy_examples/emg_1.csv", "emg", 1000, 50),
        ("emggo_ta_250hz/ta.csv", "TA", 250, 50),
        ("myo_armband_aljaz/35622-1_g2.csv", "emg6", 200, 50),
        ("uci_lower_limb/5Nsen.csv", "RF", 1000, 60),
        ("myo_armband_aljaz/69069-3_g7.csv", "emg6", 200, None),
        ("lift12kg_8ch/lift12kg.csv", "ch1", 2000, None),
        ("uci_lower_limb/3Apie.csv", "BF", 1000, None),
    ],
)
def test_hum_in_real_recordings_is_found_where_the_spectrum_of_the_rest_shows_it(
    data_folder: Path, file: str, column: str, fs: float, expected: float | None
) -> None:
    assert detect_mains(pd.read_csv(data_folder / file)[column].to_numpy(float), fs) == expected
