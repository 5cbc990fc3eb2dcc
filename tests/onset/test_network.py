"""The amortised onset posterior: what it tells, what it withholds, and that its weights are those measured."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgorder.conditioning import bandpass
from emgorder.errors import RecordingError, SettingsError
from emgorder.model import FloatArray
from emgorder.onset.network import load_network, network_posterior, network_posteriors
from emgorder.simulate import simulate_burst
from training.readings import figures_of, read_readings

WEIGHTS = resources.files("emgorder.onset") / "weights" / "onset_network.npz"
WEIGHTS_SHA256 = "5cf26e21956df4c6e50afd34ee36ad599f488109d0b3c03bb61a1b7e853e97b5"
ONSET_S = 1.1


def burst(seed: int = 3, *, sampling_frequency: float = 1000.0, snr_dB: float = 20.0) -> FloatArray:
    made = simulate_burst(
        seed,
        sampling_frequency=sampling_frequency,
        snr_dB=snr_dB,
        ramp_s=0.02,
        onset_s=ONSET_S,
        duration_s=2.4,
    )
    return made.signal


def rest(seed: int, seconds: float = 2.0) -> FloatArray:
    return np.random.default_rng(seed).standard_normal(int(1000 * seconds))


def test_the_weights_are_those_that_were_measured() -> None:
    stored = WEIGHTS.read_bytes()
    assert hashlib.sha256(stored).hexdigest() == WEIGHTS_SHA256
    assert len(stored) < 1_000_000


def test_the_network_needs_no_torch() -> None:
    script = (
        "import sys, numpy as np; from emgorder.onset.network import network_posterior;"
        "network_posterior(np.random.default_rng(1).standard_normal(900), 1000.0); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize("sampling_frequency", [200.0, 250.0, 500.0, 1000.0, 1111.11, 1925.93, 2000.0])
def test_a_clear_burst_is_found_at_every_rate(sampling_frequency: float) -> None:
    found = network_posterior(burst(sampling_frequency=sampling_frequency), sampling_frequency)
    assert found.probability > 0.9
    assert found.visible.quantile(0.5) == pytest.approx(ONSET_S, abs=0.025)
    assert found.visible.quantile(0.05) < found.visible.quantile(0.95)


def test_weak_bursts_get_wide_intervals_and_strong_ones_narrow_ones() -> None:
    def width(snr_dB: float) -> float:
        found = network_posteriors([burst(seed, snr_dB=snr_dB) for seed in range(10)], 1000.0)
        return float(np.median([f.visible.quantile(0.95) - f.visible.quantile(0.05) for f in found]))

    assert width(3.0) > 2 * width(25.0)


@given(exponent=st.floats(-7, 7))
@settings(max_examples=15, deadline=None)
def test_gain_does_not_matter(exponent: float) -> None:
    signal = burst()
    plain, scaled = (network_posterior(gain * signal, 1000.0) for gain in (1.0, 10**exponent))
    assert scaled.probability == pytest.approx(plain.probability, abs=1e-3)
    assert scaled.visible.quantile(0.5) == pytest.approx(plain.visible.quantile(0.5), abs=1e-3)


def test_an_offset_of_the_electrode_does_not_matter() -> None:
    signal = burst()
    plain, shifted = (network_posterior(signal + offset, 1000.0) for offset in (0.0, 100 * np.abs(signal).max()))
    assert shifted.visible.quantile(0.5) == pytest.approx(plain.visible.quantile(0.5), abs=1e-3)


def test_a_density_is_a_density_over_the_whole_window() -> None:
    found = network_posterior(burst(), 1000.0)
    for posterior in (found.visible, found.excited):
        assert posterior.density.min() > 0
        assert posterior.density.sum() * posterior.step_s == pytest.approx(1.0)
        assert np.ptp(np.diff(posterior.grid_s)) < 1e-12
        assert posterior.step_s <= 0.004
        assert posterior.grid_s[-1] - posterior.grid_s[0] == pytest.approx(2.4, abs=0.01)


def test_rest_alone_has_no_onset() -> None:
    told = [found.probability > 0.5 for found in network_posteriors([rest(seed) for seed in range(20)], 1000.0)]
    assert np.mean(told) <= 0.05


def test_a_window_that_begins_within_a_burst_has_no_onset() -> None:
    strength = np.where(np.arange(2000) < 900, 10.0, 1.0)
    told = [
        found.probability > 0.5 for found in network_posteriors([rest(seed) * strength for seed in range(20)], 1000.0)
    ]
    assert np.mean(told) <= 0.05


@pytest.mark.parametrize("first_s", [ONSET_S - 0.06, ONSET_S - 0.03, ONSET_S])
def test_an_onset_within_a_gap_is_withheld(first_s: float) -> None:
    told = []
    for seed in range(20):
        signal = burst(seed)
        signal[int(1000 * first_s) : int(1000 * (first_s + 0.1))] = np.nan
        told.append(network_posterior(signal, 1000.0).probability > 0.5)
    assert np.mean(told) <= 0.15


def test_a_gap_far_from_the_onset_changes_little() -> None:
    for seed in range(5):
        signal = burst(seed)
        whole = network_posterior(signal, 1000.0)
        signal[300:400] = np.nan
        found = network_posterior(signal, 1000.0)
        assert found.probability > 0.8
        assert found.visible.quantile(0.5) == pytest.approx(whole.visible.quantile(0.5), abs=0.01)


def test_there_is_no_density_within_a_gap() -> None:
    signal = burst()
    signal[1060:1160] = np.nan
    visible = network_posterior(signal, 1000.0).visible
    inside = (visible.grid_s > 1.068) & (visible.grid_s < 1.152)
    assert visible.density[inside].sum() * visible.step_s < 1e-3


def test_a_signal_that_is_all_lost_has_no_onset() -> None:
    found = network_posterior(np.full(1000, np.nan), 1000.0)
    assert found.probability == 0.0
    assert np.isfinite(found.visible.density).all()


def test_a_constant_signal_gives_finite_numbers() -> None:
    found = network_posterior(np.zeros(1000), 1000.0)
    assert np.isfinite(found.probability)
    assert np.isfinite(found.visible.density).all()


def test_several_windows_at_once_give_what_each_gives_alone() -> None:
    windows = [burst(1), burst(2)[:1700], burst(3)]
    for alone, together in zip(
        [network_posterior(window, 1000.0) for window in windows], network_posteriors(windows, 1000.0), strict=True
    ):
        assert together.probability == pytest.approx(alone.probability, abs=1e-5)
        np.testing.assert_allclose(together.visible.density, alone.visible.density, rtol=1e-3, atol=1e-5)


def test_conditioned_signals_are_taken_as_they_are() -> None:
    signal = burst()
    raw = network_posterior(signal, 1000.0)
    conditioned = network_posterior(bandpass(signal, 1000.0), 1000.0, conditioned=True)
    np.testing.assert_array_equal(conditioned.visible.density, raw.visible.density)


def test_eight_bits_are_enough_for_a_strong_burst() -> None:
    signal = burst(sampling_frequency=200.0, snr_dB=25.0)
    coarse = np.round(signal / np.abs(signal).max() * 60)
    found = network_posterior(coarse, 200.0)
    assert found.probability > 0.9
    assert found.visible.quantile(0.5) == pytest.approx(ONSET_S, abs=0.03)


def test_the_caller_keeps_his_samples() -> None:
    signal = burst()
    before = signal.copy()
    network_posterior(signal, 1000.0)
    np.testing.assert_array_equal(signal, before)


def test_windows_that_cannot_be_looked_at_are_refused() -> None:
    with pytest.raises(RecordingError, match=r"is 0\.050 s long"):
        network_posterior(np.ones(50), 1000.0)
    with pytest.raises(RecordingError, match="one channel"):
        network_posterior(np.ones((500, 2)), 1000.0)
    with pytest.raises(SettingsError, match="too slow"):
        network_posterior(np.ones(500), 50.0)


def test_a_file_without_this_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.npz"
    np.savez(path, **{"other.weight": np.ones((2, 2)), "other.bias": np.ones(2)})
    with pytest.raises(RecordingError, match="enter"):
        load_network(path)


def test_real_onsets_are_found_where_readers_saw_them(data_folder: Path) -> None:
    # In sample: rests and carriers of these recordings were trained on. Held-out figures come from training/score.py.
    readings = read_readings(data_folder)
    found = [network_posterior(reading.window(), reading.sampling_frequency) for reading in readings]
    figures = figures_of([f.visible for f in found], [reading.onset_s for reading in readings])
    assert figures.n == 83
    assert figures.median_error_ms < 8
    assert figures.capped_mae_ms < 25
    assert figures.coverage_90 > 0.85
    assert np.mean([f.probability > 0.5 for f in found]) > 0.9
