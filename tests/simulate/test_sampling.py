"""Sample times and clocks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.errors import SettingsError
from emgorder.simulate.sampling import SampleTimes, TwoSensors, sample_times


@given(st.floats(-1.0, 1.0), st.floats(-200.0, 200.0), st.integers(0, 99_999), st.sampled_from([200.0, 1000.0, 2000.0]))
def test_a_sample_is_taken_when_the_clock_shows_its_time(offset_s, drift_ppm, k, rate_Hz):
    times = sample_times(100_000, rate_Hz, clock_offset_s=offset_s, clock_drift_ppm=drift_ppm)
    true_s = times.start_s + k / times.rate_Hz
    shown_s = TwoSensors(offset_s=offset_s, drift_ppm=drift_ppm).shown_s(true_s)
    assert shown_s == pytest.approx(k / rate_Hz, abs=1e-9)


@given(st.floats(-2.0, 12.0), st.floats(-2.0, 12.0), st.floats(-0.5, 0.5))
def test_a_span_holds_the_samples_between_two_times(a, b, start_s):
    times = SampleTimes(1000, 100.0, start_s)
    inside = (times.times_s >= a) & (times.times_s < b)
    chosen = np.zeros(1000, dtype=bool)
    chosen[times.span(a, b)] = True
    assert np.count_nonzero(chosen != inside) <= 2  # rounding at the two ends


def test_impossible_clocks_are_refused():
    with pytest.raises(SettingsError, match="sd_s"):
        TwoSensors(sd_s=-0.001)
