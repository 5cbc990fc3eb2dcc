"""What the onset network sees does not depend on gain, and lost samples leave no trace but a mark."""

from __future__ import annotations

import numpy as np
import pytest

from emgorder.onset.network_features import N_FEATURES, at_working_rate, window_features

LOST = -2


@pytest.mark.parametrize(
    ("rate", "expected_Hz"), [(2000.0, 1000.0), (1000.0, 1000.0), (200.0, 1000.0), (1000.4, 1000.4)]
)
def test_the_exact_rate_is_known(rate: float, expected_Hz: float) -> None:
    assert at_working_rate(np.ones((400, 1)), rate)[2] == pytest.approx(expected_Hz)


@pytest.mark.parametrize("rate", [200.0, 1000.0, 1925.93, 4000.0])
def test_lost_samples_stay_lost_at_the_working_rate(rate: float) -> None:
    samples = np.ones((int(rate), 2))
    samples[int(0.4 * rate) : int(0.5 * rate), 1] = np.nan
    values, lost, rate_Hz = at_working_rate(samples, rate)
    assert not lost[0].any()
    where_s = np.flatnonzero(lost[1]) / rate_Hz
    assert where_s[0] == pytest.approx(0.4, abs=1.5 / min(rate, 1000))
    assert where_s[-1] == pytest.approx(0.5, abs=1.5 / min(rate, 1000))
    assert (values[lost] == 0).all()


def test_what_lies_in_a_gap_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    values = rng.standard_normal((1, 1000))
    lost = np.zeros(values.shape, dtype=bool)
    lost[0, 400:440] = True
    other = values.copy()
    other[0, 400:440] = 1e6
    one, two = (window_features(v, lost, 1000.0) for v in (values, other))
    keep = one[0, LOST] == 0
    # Only the difference across the end of the gap could carry it over.
    np.testing.assert_array_equal(one[:, :, keep], two[:, :, keep])
    assert (one[0, :6, ~keep] == 0).all()
    assert one[0, LOST, 100] == 1


def test_features_are_finite_for_signals_of_nothing() -> None:
    for values in (np.zeros((1, 400)), np.full((1, 400), 1e-30)):
        features = window_features(values, np.zeros(values.shape, dtype=bool), 1000.0)
        assert features.shape == (1, N_FEATURES, 100)
        assert np.isfinite(features).all()
    everything = np.ones((1, 400), dtype=bool)
    assert np.isfinite(window_features(np.zeros((1, 400)), everything, 1000.0)).all()
