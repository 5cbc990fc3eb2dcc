"""One burst of one channel with a known onset."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgorder.errors import SettingsError
from emgorder.simulate.artefacts import Artefacts
from emgorder.simulate.baseline import Baseline
from emgorder.simulate.carriers import CARRIERS, Carrier
from emgorder.simulate.emg import muscle_emg, simulate_burst
from emgorder.simulate.envelopes import SHAPES, Burst
from emgorder.simulate.sampling import SampleTimes


@pytest.mark.parametrize("sampling_frequency", [200.0, 1000.0, 2000.0])
@pytest.mark.parametrize("kind", CARRIERS)
def test_the_ratio_of_plateau_to_baseline_power_is_the_one_asked_for(kind, sampling_frequency):
    ratios = []
    for seed in range(8):
        burst = simulate_burst(
            seed,
            sampling_frequency=sampling_frequency,
            snr_dB=10.0,
            ramp_s=0.0,
            onset_s=6.0,
            duration_s=12.0,
            carrier=Carrier(kind=kind),
        )
        rest, plateau = np.split(burst.signal, [int(6.0 * sampling_frequency)])
        ratios.append(np.mean(plateau**2) / np.mean(rest**2) - 1.0)
    assert 10 * np.log10(np.mean(ratios)) == pytest.approx(10.0, abs=0.8)


@pytest.mark.parametrize("kind", CARRIERS)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_burst_changes_nothing_before_its_onset(kind, shape):
    options = {"ramp_s": 0.1, "shape": shape, "onset_s": 1.4, "carrier": Carrier(kind=kind)}
    with_burst = simulate_burst(5, snr_dB=40.0, **options).signal
    without = simulate_burst(5, snr_dB=-math.inf, **options).signal
    added = with_burst - without
    assert np.all(added[:1400] == 0.0)
    assert np.abs(added[1400:1450]).max() > 0.0


@given(st.integers(0, 2**32), st.sampled_from([200.0, 500.0, 1000.0, 2000.0]), st.sampled_from(SHAPES))
@settings(max_examples=25, deadline=None)
def test_any_burst_has_the_length_and_an_onset_inside(seed, sampling_frequency, shape):
    burst = simulate_burst(seed, sampling_frequency=sampling_frequency, shape=shape, duration_s=2.0)
    assert burst.signal.shape == (round(2.0 * sampling_frequency),)
    assert burst.signal.dtype == np.float64
    assert np.isfinite(burst.signal).all()
    assert 0.8 <= burst.onset_s <= 1.06


def test_the_same_seed_gives_the_same_bits_and_another_seed_others():
    a, b, c = simulate_burst(1).signal, simulate_burst(1).signal, simulate_burst(2).signal
    assert a.tobytes() == b.tobytes()
    assert not np.array_equal(a, c)


def test_a_generator_serves_as_a_source_of_seeds():
    rng = np.random.default_rng(1)
    first, second = simulate_burst(rng), simulate_burst(rng)
    assert first.onset_s != second.onset_s


def test_artefacts_are_added_to_the_same_burst():
    plain = simulate_burst(1)
    lossy = simulate_burst(1, artefacts=Artefacts(lost_share=0.1))
    kept = np.isfinite(lossy.signal)
    assert plain.onset_s == lossy.onset_s
    assert 0 < kept.sum() < kept.size
    np.testing.assert_array_equal(lossy.signal[kept], plain.signal[kept])


def test_a_burst_of_given_length_ends_at_its_offset():
    options = {"onset_s": 1.0, "burst_s": 0.8}
    added = simulate_burst(3, snr_dB=30.0, **options).signal - simulate_burst(3, snr_dB=-math.inf, **options).signal
    assert simulate_burst(3, **options).offset_s == pytest.approx(1.8)
    assert np.all(added[1801:] == 0.0)
    assert np.abs(added[1700:1800]).max() > 0.0


def test_a_tense_baseline_keeps_its_rms():
    burst = simulate_burst(
        1, snr_dB=-math.inf, duration_s=60.0, baseline_rms_V=8e-6, baseline=Baseline(tension_dB=10.0)
    )
    assert np.sqrt(np.mean(burst.signal**2)) == pytest.approx(8e-6, rel=0.1)


def test_a_wandering_plateau_keeps_its_mean_power():
    samples = SampleTimes(200_000, 1000.0)
    bursts = [Burst(onset_s=0.0, ramp_s=0.0, profile=((0.0, 1.0), (300.0, 1.0)))]
    carrier = Carrier(wander=0.35, wander_Hz=4.0)
    wandering = muscle_emg(1, "BF_R", samples, bursts, carrier)
    steady = muscle_emg(1, "BF_R", samples, bursts, replace(carrier, wander=0.0))
    assert np.mean(wandering**2) == pytest.approx(np.mean(steady**2), rel=0.1)
    assert np.log(wandering / steady).std() == pytest.approx(0.35, rel=0.1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"sampling_frequency": 0.0},
        {"snr_dB": math.nan},
        {"ramp_s": -0.1},
        {"shape": "sudden"},
        {"duration_s": math.inf},
        {"burst_s": 0.0},
        {"baseline_rms_V": 0.0},
        {"seed": -3},
    ],
)
def test_what_makes_no_sense_is_refused_by_name(wrong):
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        simulate_burst(**{"seed": 1, **wrong})
