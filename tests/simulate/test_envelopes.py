"""Ramps and bursts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.errors import SettingsError
from emgorder.simulate.envelopes import SHAPES, Burst, envelope, rise


@pytest.mark.parametrize("shape", SHAPES)
def test_every_ramp_rises_from_zero_to_one_without_falling(shape):
    gain = rise(np.linspace(-0.5, 1.5, 2001), shape)
    assert np.all(gain[:501] == 0.0)
    assert gain[501] > 0.0
    np.testing.assert_allclose(gain[1500:], 1.0)
    assert np.all(np.diff(gain) >= 0.0)


def test_linear_in_variance_is_linear_in_variance():
    u = np.linspace(0.0, 1.0, 11)
    np.testing.assert_allclose(rise(u, "variance") ** 2, u)


def test_two_stages_have_a_low_plateau():
    gain = rise(np.linspace(0.1, 0.6, 50), "two_stage")
    np.testing.assert_allclose(gain, 0.2)


def test_an_unknown_shape_is_refused():
    with pytest.raises(SettingsError, match="shape"):
        rise(np.zeros(3), "sudden")


@given(st.sampled_from(SHAPES), st.floats(0.0, 0.4), st.floats(0.5, 3.0), st.floats(0.1, 3.0))
def test_a_burst_is_silent_before_its_onset_and_after_its_offset(shape, ramp_s, onset_s, gain):
    burst = Burst(onset_s=onset_s, ramp_s=ramp_s, shape=shape, gain=gain, profile=((0.0, 1.0), (1.0, 0.8), (1.4, 0.0)))
    times_s = np.arange(0.0, 6.0, 0.001)
    level = envelope(times_s, burst)
    assert burst.offset_s == pytest.approx(onset_s + 1.4)
    assert np.all(level[(times_s < onset_s) | (times_s > burst.offset_s)] == 0.0)
    inside = (times_s > onset_s + 0.001) & (times_s < burst.offset_s - 0.001)
    assert np.all(level[inside] > 0.0)
    assert level.max() <= gain * (1.0 + 1e-12)


def test_a_ramp_of_no_duration_is_a_step():
    level = envelope(np.array([0.999, 1.0, 1.5]), Burst(onset_s=1.0, ramp_s=0.0))
    assert level.tolist() == [0.0, 1.0, 1.0]
