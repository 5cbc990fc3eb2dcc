from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgorder.clock import ClockModel, fit_clock
from emgorder.errors import SettingsError


def error_s(fit, sensor, at_s):
    return fit.time_s(sensor.index(np.asarray(at_s))) - at_s


def test_the_error_is_the_latency_give_or_take_the_hidden_wait(rig):
    for seed in range(10):
        rng = np.random.default_rng(seed)
        sensor = rig.sensor(rng, ppm=rng.uniform(-40, 40), central_ppm=rng.uniform(-20, 20))
        fit = fit_clock(sensor.last, sensor.host_s, nominal_Hz=500.0)
        off = error_s(fit, sensor, np.linspace(3, 57, 10))
        assert fit.wait_s == pytest.approx(0.005, rel=1e-3)
        assert np.all(np.abs(off - 2e-3) < fit.wait_s)


def test_the_interval_and_the_packet_period_are_found(rig):
    for interval_s in (0.0075, 0.015, 0.030, 0.050):
        for rate, n in ((500.0, 10), (1000.0, 23), (200.0, 2)):
            sensor = rig.sensor(np.random.default_rng(3), rate_Hz=rate, n_frames=n, interval_s=interval_s, ppm=30.0)
            fit = fit_clock(sensor.last, sensor.host_s, nominal_Hz=rate)
            assert fit.interval_s == pytest.approx(interval_s)
            assert fit.packet_period_s == pytest.approx(n / rate)


def test_no_interval_is_claimed_for_a_host_that_delivers_unevenly():
    rng = np.random.default_rng(0)
    last = np.arange(1, 3000) * 10
    fit = fit_clock(last, np.sort(last / 500.0 + rng.uniform(0, 0.5, last.size)), nominal_Hz=500.0)
    assert np.isnan(fit.interval_s)
    assert fit.wait_s == fit.packet_period_s


def test_packets_of_23_frames_hide_less_than_packets_of_20_ms(rig):
    waits = [
        fit_clock(s.last, s.host_s, nominal_Hz=s.rate_Hz).wait_s
        for s in (
            rig.sensor(np.random.default_rng(1)),
            rig.sensor(np.random.default_rng(1), rate_Hz=1000.0, n_frames=23),
        )
    ]
    assert waits == pytest.approx([0.005, 0.001], rel=1e-3)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.floats(0, 30), min_size=1, max_size=60),
    st.floats(1, 500),
)
def test_the_rate_never_leaves_the_tolerance(late, tolerance_ppm):
    last = 10 * np.arange(1, len(late) + 1)
    fit = fit_clock(last, last / 500.0 + np.array(late), nominal_Hz=500.0, tolerance_ppm=tolerance_ppm)
    assert abs(fit.rate_ppm) <= tolerance_ppm * 1.001 + 1e-6


@settings(max_examples=20, deadline=None)
@given(st.floats(-1e5, 1e6), st.integers(0, 2**40))
def test_neither_the_hosts_epoch_nor_the_counters_start_matters(epoch_s, first):
    rng = np.random.default_rng(5)
    last = np.arange(1, 500) * 10
    host = last / 500.0 + rng.exponential(2e-3, last.size)
    plain = fit_clock(last, host, nominal_Hz=500.0, interval_s=0.015)
    moved = fit_clock(last + first, host + epoch_s, nominal_Hz=500.0, interval_s=0.015)
    assert moved.time_s(last + first) - epoch_s == pytest.approx(plain.time_s(last), abs=2e-5)


def test_index_is_the_inverse_of_time(rig):
    sensor = rig.sensor(np.random.default_rng(2), seconds=700.0, ppm=40.0)
    fit = fit_clock(sensor.last, sensor.host_s, nominal_Hz=500.0)
    assert len(fit.lines) == 3
    index = np.linspace(-1000, 400_000, 50)
    assert fit.index(fit.time_s(index)) == pytest.approx(index, abs=1e-3)
    assert np.all(np.diff(fit.time_s(np.arange(0, 350_000, 7))) > 0)


def test_a_rate_that_is_off_by_two_percent_is_found(rig):
    sensor = rig.sensor(np.random.default_rng(4), rate_Hz=1116.0, n_frames=8, ppm=20_000.0)
    fit = fit_clock(sensor.last, sensor.host_s, nominal_Hz=1116.0, tolerance_ppm=30_000.0)
    assert fit.rate_Hz == pytest.approx(1116.0 * 1.02, rel=1e-4)
    assert np.all(np.abs(error_s(fit, sensor, np.linspace(3, 57, 10))) < 0.01)


def test_a_stall_does_not_move_sample_times(rig):
    def fitted(stalls):
        sensor = rig.sensor(np.random.default_rng(6), stalls=stalls)
        return fit_clock(sensor.last, sensor.host_s, nominal_Hz=500.0).time_s(np.arange(0, 30_000, 500))

    assert fitted([(20.0, 3.0), (41.0, 1.0)]) == pytest.approx(fitted([]), abs=1e-3)


def test_the_order_of_arrivals_does_not_matter_and_lost_packets_leave_the_map(rig):
    sensor = rig.sensor(np.random.default_rng(7), rate_Hz=1000.0, n_frames=23)
    rng = np.random.default_rng(8)
    shuffled = rng.permutation(sensor.last.size)
    whole = fit_clock(sensor.last, sensor.host_s, nominal_Hz=1000.0)
    again = fit_clock(sensor.last[shuffled], sensor.host_s[shuffled], nominal_Hz=1000.0)
    assert np.array_equal(whole.knots_time_s, again.knots_time_s)
    kept = rng.random(sensor.last.size) > 0.2
    thinned = fit_clock(sensor.last[kept], sensor.host_s[kept], nominal_Hz=1000.0)
    assert thinned.time_s(sensor.last) == pytest.approx(whole.time_s(sensor.last), abs=0.7e-3)


def test_more_time_makes_the_rate_surer(rig):
    sds = []
    for seconds in (10.0, 60.0, 300.0):
        sensor = rig.sensor(np.random.default_rng(9), rate_Hz=1000.0, n_frames=23, seconds=seconds)
        sds.append(fit_clock(sensor.last, sensor.host_s, nominal_Hz=1000.0).rate_sd_ppm)
    assert sds[0] > 2 * sds[1] > 4 * sds[2]


def test_one_packet_has_a_clock_that_says_how_little_it_knows():
    fit = fit_clock(np.array([10]), np.array([5.0]), nominal_Hz=500.0)
    assert fit.rate_Hz == pytest.approx(500.0)
    assert fit.sd_s > 0.01


@pytest.mark.parametrize(
    ("index", "times", "options", "key"),
    [
        ([], [], {}, "index"),
        ([1, 2], [0.0], {}, "index"),
        ([1], [np.nan], {}, "t_host_s"),
        ([1], [0.0], {"nominal_Hz": 0.0}, "nominal_Hz"),
        ([1], [0.0], {"tolerance_ppm": -1.0}, "tolerance_ppm"),
    ],
)
def test_what_cannot_be_fitted_is_refused_by_name(index, times, options, key):
    with pytest.raises(SettingsError, match=key):
        fit_clock(np.array(index, dtype=int), np.array(times), **{"nominal_Hz": 500.0, **options})


def test_the_live_clock_agrees_with_the_final_one(rig):
    sensor = rig.sensor(np.random.default_rng(10), rate_Hz=1000.0, n_frames=23, ppm=-30.0)
    model = ClockModel(1000.0)
    live = []
    for number, (index, t) in enumerate(zip(sensor.last.tolist(), sensor.host_s.tolist(), strict=True)):
        model.push(index, t)
        if number % 100 == 99:
            live.append(float(model.fit().time_s(index)))
    final = fit_clock(sensor.last, sensor.host_s, nominal_Hz=1000.0)
    assert live[3:] == pytest.approx(final.time_s(sensor.last[99::100])[3:], abs=1.5e-3)
    assert model.n_packets == sensor.last.size
    assert model.fit().sd_s < 1e-3


def test_the_live_clock_follows_a_free_running_converter(rig):
    sensor = rig.sensor(np.random.default_rng(12), rate_Hz=1000.0, n_frames=20, ppm=15_000.0)
    model = ClockModel(1000.0, tolerance_ppm=20_000.0)
    for index, t in zip(sensor.last.tolist(), sensor.host_s.tolist(), strict=True):
        model.push(index, t)
    fit = model.fit()
    assert fit.rate_Hz == pytest.approx(1015.0, rel=1e-4)
    assert fit.sd_s < 2e-3
    assert np.all(np.abs(error_s(fit, sensor, np.array([30.0, 58.0]))) < 4 * fit.sd_s + 2e-3)


def test_the_live_clock_is_bounded_cheap_and_ignores_duplicates(rig):
    sensor = rig.sensor(np.random.default_rng(11), seconds=900.0)
    model = ClockModel(500.0, segment_s=100.0)
    for index, t in zip(sensor.last.tolist(), sensor.host_s.tolist(), strict=True):
        model.push(index, t)
        model.push(index, t + 1.0)
    assert len(model._fastest) <= 52
    assert model.n_packets == sensor.last.size
    assert model.fit() is model.fit()


def test_the_live_clock_says_when_it_has_nothing():
    with pytest.raises(SettingsError, match="push"):
        ClockModel(500.0).fit()
    model = ClockModel(500.0)
    model.push(10, 5.0)
    assert float(model.fit().time_s(10)) == pytest.approx(5.0, abs=0.06)
