from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgorder.clock import fit_pings, lag, sync_uncertainty, tap_offset
from emgorder.errors import SettingsError, SignalQualityError
from emgorder.simulate.link import simulate_link


def tap(t, at, width=4e-3):
    return -300e-6 * (t - at) / width * np.exp(-np.square((t - at) / width) / 2)


def noise(seed, n):
    return np.random.default_rng(seed).normal(0, 8e-6, n)


@settings(max_examples=40, deadline=None)
@given(st.floats(-0.06, 0.06), st.sampled_from([200.0, 500.0, 1000.0]), st.sampled_from([-1.0, 1.0]))
def test_a_lag_is_found_to_a_fraction_of_a_sample_whatever_the_polarity(lag_s, rate, sign):
    t = np.arange(round(0.6 * rate)) / rate
    found, r = lag(tap(t, 0.3 + lag_s, 8e-3), sign * tap(t, 0.3, 8e-3), rate)
    assert found == pytest.approx(lag_s, abs=0.02 / rate)
    assert r * sign > 0.99


def test_five_taps_tell_the_offset_and_are_surer_than_one():
    t = np.arange(12_000) / 1000
    moments = [2.0, 4.0, 6.0, 8.0, 10.0]
    a = sum(tap(t, m + 0.0137) for m in moments) + noise(1, t.size)
    b = 0.4 * sum(tap(t, m) for m in moments) + noise(2, t.size)
    five = tap_offset(a, b, 1000.0, [m + 0.2 for m in moments])
    one = tap_offset(a, b, 1000.0, [4.2])
    assert five.offset_s == pytest.approx(0.0137, abs=0.5e-3)
    assert five.times_s == pytest.approx(moments, abs=0.02)
    assert (one.sd_s, five.sd_s) == pytest.approx((2e-3, 1.05e-3), rel=0.01)
    assert tap_offset(a, b, 1000.0, moments, kind="electrical").sd_s < 0.5e-3


def test_taps_that_disagree_are_less_sure_than_the_formula():
    t = np.arange(8_000) / 1000
    a = sum(tap(t, m + d) for m, d in ((2, -0.02), (4, 0.0), (6, 0.02))) + noise(1, t.size)
    b = sum(tap(t, m) for m in (2, 4, 6)) + noise(2, t.size)
    assert tap_offset(a, b, 1000.0, [2, 4, 6]).sd_s > 8e-3


def test_no_tap_and_a_gap_in_a_tap_are_refused():
    t = np.arange(4_000) / 1000
    a, b = tap(t, 2.0) + noise(1, t.size), noise(2, t.size)
    with pytest.raises(SignalQualityError, match="channel 2"):
        tap_offset(a, b, 1000.0, [2.0])
    b = a.copy()
    b[2010:2020] = np.nan
    with pytest.raises(SignalQualityError, match="missing"):
        tap_offset(a, b, 1000.0, [2.0])
    with pytest.raises(SettingsError, match="around_s"):
        tap_offset(a, b, 1000.0, [])


def pinged(rig, seed, latency_s):
    rng = np.random.default_rng([seed, 3])
    sensor = rig.sensor(rng, rate_Hz=1000.0, n_frames=23, ppm=rng.uniform(-40, 40), latency_s=latency_s)
    sent = np.sort(rng.uniform(0, 60, 120))
    received = simulate_link(sent + 0.8e-3, rng=rng).air_s
    fit = fit_pings(sensor.index(received), sent, sensor.last, sensor.host_s, nominal_Hz=1000.0)
    t = np.linspace(5, 55, 11)
    return fit, fit.time_s(sensor.index(t)) - t


def test_the_truth_lies_in_the_bracket_however_unequal_the_ways_are(rig):
    for seed in range(8):
        for latency_s in (1e-3, 6e-3, 12e-3):
            fit, error = pinged(rig, seed, latency_s)
            assert np.all(np.abs(error) <= fit.half_width_s + 0.2e-3)


def test_pings_halve_a_latency_that_only_one_way_has(rig):
    pairs = [(pinged(rig, seed, 1e-3), pinged(rig, seed + 100, 9e-3)) for seed in range(8)]
    skew = np.array([np.mean(b[1] - a[1]) for a, b in pairs])
    sd = np.array([sync_uncertainty(a[0], b[0], method="ping") for a, b in pairs])
    assert skew.mean() == pytest.approx(4e-3, abs=0.7e-3)
    assert np.all(skew < 1.96 * sd)


def test_a_bracket_needs_both_ways():
    with pytest.raises(SettingsError, match="pings"):
        fit_pings(np.empty(0), np.empty(0), np.array([10]), np.array([1.0]), nominal_Hz=500.0)
