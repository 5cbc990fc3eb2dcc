"""The hidden Markov model: what its posterior may and may not depend on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.model import FloatArray
from emgorder.onset.hmm import WANDER_DB, HmmPosterior, hmm_posteriors
from emgorder.onset.levels import Stretch, measure_frames

ONSET = 700


def stretch(seed: int, *, rate_Hz: float = 1000.0, snr_dB: float = 20.0, gain: float = 1.0, n: int = 1500) -> Stretch:
    """Return noise whose power rises at sample 700, with 500 samples of rest and a coarse step 20 samples late."""
    rise = np.where(np.arange(n) < ONSET, 1.0, 10.0 ** (snr_dB / 20.0))
    return Stretch(gain * np.random.default_rng(seed).standard_normal(n) * rise, rate_Hz, n_rest=500, step=ONSET + 20)


def times_s(posterior: HmmPosterior) -> FloatArray:
    return posterior.first_s + posterior.step_s * np.arange(posterior.mass.size)


@given(seed=st.integers(0, 1000), snr_dB=st.floats(0.0, 40.0), rate_Hz=st.sampled_from([250.0, 500.0, 1000.0, 1800.0]))
def test_the_posterior_sums_to_one(seed: int, snr_dB: float, rate_Hz: float) -> None:
    [posterior] = hmm_posteriors([stretch(seed, snr_dB=snr_dB, rate_Hz=rate_Hz)])
    assert posterior.mass.sum() == pytest.approx(1.0)
    assert posterior.mass.min() >= 0.0
    assert 0.0 <= posterior.burst <= 1.0


@given(seed=st.integers(0, 1000), gain=st.floats(1e-7, 1e7), sign=st.sampled_from([-1.0, 1.0]))
def test_the_posterior_does_not_depend_on_gain_or_polarity(seed: int, gain: float, sign: float) -> None:
    plain, other = (hmm_posteriors([stretch(seed, snr_dB=10.0, gain=g)])[0] for g in (1.0, sign * gain))
    np.testing.assert_allclose(other.mass, plain.mass, atol=1e-9)
    assert other.burst == pytest.approx(plain.burst, abs=1e-9)


@pytest.mark.parametrize("others", [[1], [2, 3, 4]])
def test_the_posterior_does_not_depend_on_what_else_is_in_the_batch(others: list[int]) -> None:
    mine = stretch(0, snr_dB=8.0)
    beside = [stretch(seed, snr_dB=30.0, n=800 + 300 * seed) for seed in others]  # shorter and longer ones
    [alone] = hmm_posteriors([mine])
    for at, batch in enumerate(([mine, *beside], [beside[0], mine, *beside[1:]])):
        together = hmm_posteriors(batch)[at]
        assert together.first_s == alone.first_s
        np.testing.assert_allclose(together.mass, alone.mass, atol=1e-12)
        assert together.burst == pytest.approx(alone.burst)


def test_frames_that_were_measured_before_change_nothing() -> None:
    batch = [stretch(0), stretch(1)]
    for one, other in zip(hmm_posteriors(batch), hmm_posteriors(batch, measure_frames(batch, WANDER_DB)), strict=True):
        np.testing.assert_array_equal(one.mass, other.mass)


@pytest.mark.parametrize("rate_Hz", [500.0, 1000.0, 1800.0])
def test_a_clear_step_is_within_two_frames_of_the_truth(rate_Hz: float) -> None:
    for posterior in hmm_posteriors([stretch(seed, rate_Hz=rate_Hz) for seed in range(5)]):
        assert times_s(posterior)[posterior.mass.argmax()] == pytest.approx(ONSET / rate_Hz, abs=2.5 * posterior.step_s)
        assert posterior.burst > 0.95


def test_a_weaker_burst_is_less_sure_in_time_and_at_all() -> None:
    spreads, odds = [], []
    for snr_dB in (0.0, 6.0, 20.0):
        found = hmm_posteriors([stretch(seed, snr_dB=snr_dB) for seed in range(8)])
        second = [p.mass @ times_s(p) ** 2 - (p.mass @ times_s(p)) ** 2 for p in found]
        spreads.append(float(np.median(second)))
        odds.append(float(np.median([p.burst for p in found])))
    assert spreads[0] > spreads[1] > spreads[2]
    assert odds[0] < 0.5 < odds[1] < odds[2]


def test_a_stray_potential_before_the_burst_keeps_most_onsets_where_they_are() -> None:
    shares = []
    for seed in range(12):
        values = stretch(seed).values.copy()
        values[550:575] *= 8.0
        [posterior] = hmm_posteriors([Stretch(values, 1000.0, n_rest=500, step=ONSET + 20)])
        near = [np.abs(times_s(posterior) - at_s) < 0.02 for at_s in (0.70, 0.56)]
        shares.append([posterior.mass[where].sum() for where in near])
    burst, stray = np.mean(shares, axis=0)
    assert burst > 0.65  # 0.78 measured: bursts after strays of 18 dB are known to be unsure
    assert stray < 0.30  # 0.20


def test_no_stretch_has_no_posterior() -> None:
    assert hmm_posteriors([]) == []


def test_no_onset_lies_in_the_last_20_ms_where_a_stray_would_look_alike() -> None:
    whole = stretch(0)
    cut = Stretch(whole.values[: ONSET + 5], 1000.0, n_rest=695, step=ONSET)
    [posterior] = hmm_posteriors([cut])
    last = times_s(posterior) >= (ONSET + 5) / 1000.0 - 0.02
    assert posterior.mass[last].sum() == 0.0
    assert posterior.mass[~last].sum() == pytest.approx(1.0)
