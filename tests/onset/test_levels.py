"""Log likelihoods of short frames at rest and at each level of activity."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from emgorder.model import FloatArray
from emgorder.onset.levels import LEVELS_DB, Frames, Stretch, measure_frames

RATE = 1000.0
REST_DB: FloatArray = np.array([-4.0, 0.0, 4.0])


def emg(seed: int, n: int, sampling_frequency: float = RATE) -> FloatArray:
    """Return noise with the colour of surface EMG and a power of 1."""
    band_Hz = (30.0, min(150.0, 0.4 * sampling_frequency))
    sos = signal.butter(1, band_Hz, "bandpass", fs=sampling_frequency, output="sos")
    coloured: FloatArray = signal.sosfilt(sos, np.random.default_rng(seed).standard_normal(n))
    return coloured / coloured.std()


def stretch(seed: int, snr_dB: float = 20.0, *, gain: float = 1.0, onset: int = 800, n: int = 1800) -> Stretch:
    """Return white rest to which EMG is added from sample `onset` on."""
    values = np.random.default_rng(seed + 1000).standard_normal(n)
    values[onset:] += 10.0 ** (snr_dB / 20.0) * emg(seed, n - onset)
    return Stretch(gain * values, RATE, n_rest=600, step=onset)


def between(frames: Frames, start_s: float, stop_s: float) -> slice:
    first = (start_s - float(frames.first_s[0])) / frames.step_s
    return slice(int(np.ceil(first)), int(first + (stop_s - start_s) / frames.step_s))


@given(seed=st.integers(0, 1000), gain=st.floats(1e-6, 1e6), sign=st.sampled_from([-1.0, 1.0]))
def test_ratios_of_likelihoods_do_not_depend_on_gain_or_polarity(seed: int, gain: float, sign: float) -> None:
    plain, other = (measure_frames([stretch(seed, gain=g)], REST_DB) for g in (1.0, sign * gain))
    ratio, expected = (f.active - f.rest[:, :, 1:2] for f in (other, plain))
    np.testing.assert_allclose(ratio, expected, rtol=1e-6, atol=1e-6)
    assert other.plateau_dB[0] == pytest.approx(plain.plateau_dB[0], abs=1e-6)


def test_a_stretch_is_measured_alike_alone_and_beside_others() -> None:
    batch = [stretch(0, 10.0), stretch(1, 30.0, n=1000), stretch(2, 5.0, onset=700)]
    together = measure_frames(batch, REST_DB)
    for k, item in enumerate(batch):
        alone = measure_frames([item], REST_DB)
        n = int(alone.count[0])
        assert (together.count[k], together.near[k], together.first_s[k]) == (n, alone.near[0], alone.first_s[0])
        np.testing.assert_allclose(together.rest[k, :n], alone.rest[0], atol=1e-9)
        np.testing.assert_allclose(together.active[k, :n], alone.active[0], atol=1e-9)
        assert not together.active[k, n:].any()
        assert not together.rest[k, n:].any()


@pytest.mark.parametrize("snr_dB", [6.0, 12.0, 24.0])
def test_the_most_likely_level_of_a_burst_is_its_own(snr_dB: float) -> None:
    best = []
    for seed in range(8):
        frames = measure_frames([stretch(seed, snr_dB)], REST_DB, 0.3)
        during = frames.active[0, between(frames, 0.82, 1.08)].sum(axis=0)
        best.append(LEVELS_DB[during.argmax()])
    assert np.median(best) == pytest.approx(snr_dB, abs=3.0)


def test_rest_is_more_likely_before_the_onset_and_activity_after_it() -> None:
    for seed in range(5):
        frames = measure_frames([stretch(seed, 15.0)], REST_DB, 0.3)
        ratio = frames.active[0, :, LEVELS_DB == 15.0][0] - frames.rest[0, :, 1]
        assert ratio[between(frames, 0.3, 0.78)].mean() < 0.0 < ratio[between(frames, 0.82, 1.08)].mean()


def test_a_louder_rest_is_the_rest_that_wandered_up() -> None:
    values = np.random.default_rng(1).standard_normal(1800)
    values[620:780] *= 10.0 ** (4.0 / 20.0)
    frames = measure_frames([Stretch(values, RATE, n_rest=600, step=800)], REST_DB)
    assert REST_DB[frames.rest[0, between(frames, 0.62, 0.78)].sum(axis=0).argmax()] == 4.0
    assert REST_DB[frames.rest[0, between(frames, 0.25, 0.60)].sum(axis=0).argmax()] == 0.0


@pytest.mark.parametrize("snr_dB", [10.0, 20.0, 30.0])
def test_the_plateau_is_measured_over_rest(snr_dB: float) -> None:
    plateaus = measure_frames([stretch(seed, snr_dB) for seed in range(10)], REST_DB).plateau_dB
    assert np.median(plateaus) == pytest.approx(snr_dB, abs=1.5)


def test_frames_near_the_step_end_a_tenth_of_a_second_after_it_or_with_the_signal() -> None:
    whole, cut = stretch(0), stretch(0, n=850)
    frames = measure_frames([whole, cut], REST_DB)
    stop_s = frames.first_s + frames.step_s * frames.near
    assert stop_s[0] == pytest.approx(0.9, abs=frames.step_s)
    assert stop_s[1] == pytest.approx(0.85, abs=frames.step_s)
