"""Rises of known duration and shape: which fits, and where it begins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.model import FloatArray, StartFits
from emgorder.onset.hmm import WANDER_DB
from emgorder.onset.levels import Stretch, measure_frames
from emgorder.onset.rises import KINDS, RISE_S, USUAL, fit_rises

ONSET = 700
LINEAR = np.array([power == 2 for _, power in KINDS])
DURATIONS_S = np.array([duration_s for duration_s, _ in KINDS])


def stretch(
    seed: int, ramp_s: float, *, snr_dB: float = 20.0, gain: float = 1.0, n: int = 1500, rate_Hz: float = 1000.0
) -> Stretch:
    """Return noise to which more is added from sample 700 on, its amplitude growing evenly over `ramp_s`."""
    rng = np.random.default_rng(seed)
    over = np.clip((np.arange(n) - ONSET + 0.5) / max(ramp_s * rate_Hz, 1.0), 0.0, 1.0)
    values = rng.standard_normal(n) + 10.0 ** (snr_dB / 20.0) * over * rng.standard_normal(n)
    return Stretch(gain * values, rate_Hz, n_rest=500, step=ONSET + round(0.5 * ramp_s * rate_Hz))


def fitted(*stretches: Stretch) -> list[StartFits]:
    return fit_rises(measure_frames(stretches, WANDER_DB, RISE_S))


def evidence(rises: StartFits) -> FloatArray:
    """Return how well each kind fits, wherever it began."""
    weight: FloatArray = np.log(np.exp(rises.fit).sum(axis=1) + 1e-300)
    return weight


def start_mass(rises: StartFits, kinds: FloatArray) -> FloatArray:
    """Return how likely each start is, if kinds are as likely as given."""
    mass: FloatArray = kinds @ np.exp(rises.fit)
    return mass / mass.sum()


def test_what_is_usual_sums_to_one_and_holds_every_kind() -> None:
    assert len(USUAL) == len(KINDS)
    assert USUAL.sum() == pytest.approx(1.0)
    assert USUAL.min() > 0.0


@pytest.mark.parametrize("ramp_s", [0.0, 0.045, 0.13, 0.2])
def test_several_bursts_together_tell_the_duration_of_their_rise(ramp_s: float) -> None:
    together = np.sum([evidence(f) for f in fitted(*(stretch(seed, ramp_s) for seed in range(12)))], axis=0)
    linear = np.flatnonzero(LINEAR | (DURATIONS_S == 0.0))
    best_s = DURATIONS_S[linear[together[linear].argmax()]]
    assert abs(best_s - ramp_s) <= 0.3 * ramp_s + 0.02


@pytest.mark.parametrize("ramp_s", [0.045, 0.13, 0.2])
def test_with_the_right_kind_the_start_is_where_it_was(ramp_s: float) -> None:
    kinds = np.where(LINEAR & (ramp_s == DURATIONS_S), 1.0, 0.0)
    errors_s = []
    for one in fitted(*(stretch(seed, ramp_s) for seed in range(20))):
        errors_s.append(one.starts_s @ start_mass(one, kinds) - ONSET / 1000.0)
    assert abs(np.mean(errors_s)) < 0.010
    assert np.std(errors_s) < 0.1 * ramp_s + 0.005


@given(seed=st.integers(0, 1000), gain=st.floats(1e-6, 1e6), sign=st.sampled_from([-1.0, 1.0]))
def test_the_fit_does_not_depend_on_gain_or_polarity(seed: int, gain: float, sign: float) -> None:
    plain, other = fitted(stretch(seed, 0.1), stretch(seed, 0.1, gain=sign * gain))
    np.testing.assert_allclose(np.exp(other.fit), np.exp(plain.fit), atol=1e-3)


def test_a_burst_is_fitted_alike_alone_and_beside_others() -> None:
    batch = [stretch(0, 0.1), stretch(1, 0.0, snr_dB=40.0, n=820), stretch(2, 0.2, snr_dB=6.0)]
    for one, together in zip(batch, fitted(*batch), strict=True):
        [alone] = fitted(one)
        np.testing.assert_allclose(together.starts_s, alone.starts_s)
        np.testing.assert_allclose(np.exp(together.fit), np.exp(alone.fit), atol=1e-3)


@pytest.mark.parametrize("snr_dB", [-3.0, 30.0, 60.0])
@pytest.mark.parametrize("n", [ONSET + 60, 1500])
@pytest.mark.parametrize("rate_Hz", [200.0, 1000.0, 1800.0])
def test_no_burst_is_too_weak_too_strong_or_too_short_to_be_fitted(snr_dB: float, n: int, rate_Hz: float) -> None:
    [one] = fitted(stretch(3, 0.0, snr_dB=snr_dB, n=n, rate_Hz=rate_Hz))
    assert np.isfinite(one.fit).all()
    assert one.fit.max() == 0.0
    assert np.isfinite(start_mass(one, USUAL)).all()
