from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgorder.simulate.link import Crystal, simulate_link

READY = 0.02 * np.arange(2000)


def link(**options):
    return simulate_link(READY, rng=np.random.default_rng(0), **options)


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 0.6), st.sampled_from([0.0075, 0.015, 0.03, 0.05]), st.integers(0, 100))
def test_packets_are_late_but_never_early_lost_or_overtaken(loss, interval_s, seed):
    times = simulate_link(READY, rng=np.random.default_rng(seed), loss=loss, interval_s=interval_s)
    assert times.host_s.size == READY.size
    assert np.all(times.air_s >= READY)
    assert np.all(times.host_s >= times.air_s + 1e-3)
    assert np.all(np.diff(times.air_s) > 0)
    assert np.all(np.diff(times.host_s) > 0)


def test_the_radio_meets_the_sensor_once_an_interval():
    times = link(phase_s=0.001, loss=0.0, fades_per_s=0.0)
    phase = np.mod(times.air_s - 0.8e-3 - 0.001, 0.015)
    assert np.minimum(phase, 0.015 - phase).max() < 1e-9


def test_no_more_packets_than_fit_share_a_meeting():
    times = simulate_link(0.002 * np.arange(2000), rng=np.random.default_rng(1), most_per_event=4, interval_s=0.0075)
    _, counts = np.unique(np.round(times.air_s / 0.0075 - 0.4), return_counts=True)
    assert counts.max() <= 5
    assert np.median(np.diff(times.air_s)) == pytest.approx(0.8e-3)


def test_failed_meetings_delay_by_whole_intervals():
    good, bad = (link(phase_s=0.001, loss=loss, fades_per_s=0.0) for loss in (0.0, 0.3))
    late = bad.air_s - good.air_s
    assert 0.1 < np.mean(late > 0.01) < 0.6
    assert late.min() >= 0


def test_a_stall_delivers_everything_in_one_burst():
    times = link(stalls=[(10.0, 2.0)])
    inside = (times.air_s > 10.0) & (times.air_s < 11.9)
    assert inside.sum() > 80
    assert np.ptp(times.host_s[inside]) < 0.01
    assert times.host_s[inside].min() >= 12.0


def test_a_crystal_can_be_turned_round():
    crystal = Crystal(40.0, 1.5, 400.0, 0.7, 3.0)
    true = np.linspace(0, 3600, 100)
    assert crystal.true_s(crystal.device_s(true)) == pytest.approx(true, abs=1e-9)
    assert crystal.device_s(np.array(1000.0)) - 1003.04 == pytest.approx(0, abs=1e-3)
