from __future__ import annotations

import math

import numpy as np
import pytest

from emgorder.clock import event_sd, fit_clock, sync_uncertainty, synchronise
from emgorder.errors import SettingsError


@pytest.fixture(scope="module")
def pair(rig):
    rng = np.random.default_rng(1)
    sensors = [rig.sensor(rng, ppm=ppm, rate_Hz=1000.0, n_frames=23) for ppm in (20.0, -20.0)]
    return [fit_clock(s.last, s.host_s, nominal_Hz=1000.0) for s in sensors]


def test_what_is_shared_decides_how_sure_the_offset_is(pair):
    sd = {
        "wire": sync_uncertainty(*pair, method="wire"),
        "electrical": sync_uncertainty(*pair, method="electrical"),
        "five taps": sync_uncertainty(*pair, method="tap", n_taps=5),
        "one tap": sync_uncertainty(*pair, method="tap", n_taps=1),
        "none": sync_uncertainty(*pair, method="none"),
        "none, mixed": sync_uncertainty(*pair, method="none", same_model=False),
    }
    assert sync_uncertainty(*pair, method="same device") == 0
    assert sd["electrical"] < sd["five taps"] < sd["one tap"] < sd["none, mixed"]
    assert sd["wire"] < sd["five taps"]
    assert 2e-3 < sd["none"] < 2.3e-3
    assert 15e-3 < sd["none, mixed"] < 15.1e-3
    assert event_sd("tap", n_taps=5) == pytest.approx(1.05e-3, abs=1e-5)


def test_the_uncertainty_grows_away_from_the_event(pair):
    sds = [sync_uncertainty(*pair, method="electrical", event_s=5.0, at_s=t) for t in (5.0, 20.0, 55.0)]
    assert sds[0] < sds[1] < sds[2]
    both = sync_uncertainty(*pair, method="electrical", event_s=(5.0, 55.0), at_s=55.0)
    assert both == pytest.approx(sds[0], rel=0.2)


def test_samples_that_may_be_missing_count(pair):
    assert sync_uncertainty(*pair, method="same device", n_unresolved=10) == pytest.approx(0.010)
    sure = sync_uncertainty(*pair, method="none")
    assert sync_uncertainty(*pair, method="none", n_unresolved=10) == pytest.approx(math.hypot(sure, 0.010))


def test_a_bracket_given_by_hand_counts_as_one(pair):
    one_model, mixed = (
        sync_uncertainty(*pair, method="ping", bracket_s=6e-3, same_model=same) for same in (True, False)
    )
    assert (one_model, mixed) == pytest.approx((6e-3 / math.sqrt(6), 6e-3 / math.sqrt(3)))
    with pytest.raises(SettingsError, match="bracket"):
        sync_uncertainty(*pair, method="ping")


def test_unknown_methods_and_tap_tests_without_taps_are_refused(pair):
    with pytest.raises(SettingsError, match="method"):
        sync_uncertainty(*pair, method="hope")  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="n_taps"):
        sync_uncertainty(*pair, method="tap")
    with pytest.raises(SettingsError, match="shared event"):
        event_sd("none")


def test_synchronise_keeps_the_offset_for_the_recording(pair):
    sync = synchronise(*pair, method="tap", n_taps=1, offset_s=0.004)
    assert (sync.method, sync.offset_s) == ("tap", 0.004)
    assert sync.sd_s == sync_uncertainty(*pair, method="tap", n_taps=1)


def test_after_one_tap_the_stated_interval_holds_the_skew_error_in_95_percent_of_sessions(rig):
    """40 ppm apart, interval 15 ms, 5 ms more latency on one link; packets of 20 ms, the hardest case."""
    held = []
    for seed in range(200):
        rng = np.random.default_rng([seed, 44])
        sensors = [
            rig.sensor(rng, ppm=ppm, latency_s=latency, central_ppm=rng.uniform(-20, 20))
            for ppm, latency in ((20.0, 1e-3), (-20.0, 6e-3))
        ]
        fits = [fit_clock(s.last, s.host_s, nominal_Hz=500.0) for s in sensors]

        def skew(t, fits=fits, sensors=sensors):
            a, b = (float(f.time_s(s.index(np.asarray(t)))) for f, s in zip(fits, sensors, strict=True))
            return a - b

        offset = skew(3.0) + rng.normal(0, 2e-3)
        at = rng.uniform(5, 58)
        sd = sync_uncertainty(*fits, method="tap", n_taps=1, event_s=3.0, at_s=at)
        held.append(abs(skew(at) - offset) <= 1.96 * sd)
        assert 1.96 * sd < 8e-3  # wide is not honest
    assert np.mean(held) >= 0.95
