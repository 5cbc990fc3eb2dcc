"""What the start network sees: ratios to rest and plateau around the beginning of one burst."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.model import FloatArray
from emgorder.onset.start_features import FRAMES_BEFORE, N_FEATURES, N_FRAMES, start_features

AT = 1200
THERE, PLATEAU = -4, -3


def burst(seed: int = 0, *, ratio: float = 10.0, n: int = 2000) -> FloatArray:
    return np.random.default_rng(seed).standard_normal((1, n)) * np.where(np.arange(n) < AT, 1.0, ratio)


def features_of(values: FloatArray, *, at: int = AT, first: int = 0, stop: int | None = None) -> FloatArray:
    bounds = np.full(len(values), first), np.full(len(values), values.shape[1] if stop is None else stop)
    seen = start_features(values, np.full(len(values), at), bounds, 1000.0)
    return seen.astype(np.float64)


@given(gain=st.floats(1e-9, 1e9), sign=st.sampled_from([-1.0, 1.0]))
def test_gain_does_not_matter_and_polarity_turns_the_samples_alone(gain: float, sign: float) -> None:
    plain, other = features_of(burst()), features_of(sign * gain * burst())
    samples = slice(5, 9)
    np.testing.assert_allclose(other[:, samples], sign * plain[:, samples], atol=1e-3)
    plain[:, samples] = other[:, samples] = 0.0
    np.testing.assert_allclose(other, plain, atol=1e-3)


def test_the_reference_lies_at_the_same_frame_wherever_the_burst_is() -> None:
    for shift in (-100, 0, 100):
        seen = features_of(np.roll(burst(), shift, axis=1), at=AT + shift)
        power = seen[0, 0]
        assert power[FRAMES_BEFORE + 2 :].mean() - power[: FRAMES_BEFORE - 2].mean() > 1.5


@pytest.mark.parametrize("ratio", [2.0, 10.0, 100.0])
def test_the_plateau_is_told_over_rest(ratio: float) -> None:
    assert features_of(burst(ratio=ratio))[0, PLATEAU, 0] == pytest.approx(np.log(ratio), abs=0.25)


def test_what_lies_outside_of_the_bounds_does_not_matter() -> None:
    values = burst()
    wild = values.copy()
    wild[:, :900], wild[:, 1500:] = 1e6, -1e6
    one, other = (features_of(v, first=900, stop=1500) for v in (values, wild))
    np.testing.assert_array_equal(one, other)
    there = one[0, THERE]
    assert not there[[0, -1]].any()
    assert there.sum() == pytest.approx(150, abs=2)
    assert (one[0, :9, there == 0] == 0.0).all()


def test_a_stray_at_rest_does_not_raise_the_level_of_rest() -> None:
    stray = burst()
    stray[0, 500:520] += 30.0
    np.testing.assert_allclose(features_of(stray)[0, PLATEAU], features_of(burst())[0, PLATEAU], atol=0.05)


@pytest.mark.parametrize("values", [np.zeros((1, 2000)), np.full((1, 2000), 1e-30), np.full((1, 2000), 5.0)])
def test_features_of_signals_of_nothing_are_finite(values: FloatArray) -> None:
    assert features_of(values).shape == (1, N_FEATURES, N_FRAMES)
    assert np.isfinite(features_of(values)).all()


@pytest.mark.parametrize(("at", "first", "stop"), [(0, 0, 2000), (2000, 0, 2000), (-500, 0, 2000), (1200, 1000, 1000)])
def test_a_reference_at_the_edge_or_beyond_is_no_error(at: int, first: int, stop: int) -> None:
    assert np.isfinite(features_of(burst(), at=at, first=first, stop=stop)).all()
