from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgorder.clock import Stream, fit_clock, resample_streams
from emgorder.clock.resample import interpolate
from emgorder.errors import SettingsError


def clock(rate_Hz: float, *, nominal_Hz: float, start_s: float = 0.0, n: int = 4000):
    last = np.arange(9, n, 10)
    return fit_clock(last, start_s + last / rate_Hz, nominal_Hz=nominal_Hz, interval_s=0.0)


def tone(t, f=120.0):
    return np.sin(2 * np.pi * f * t) + 0.3


def test_two_drifting_clocks_end_up_on_one_time_base():
    index = np.arange(4000)
    fits = [clock(1000.1, nominal_Hz=1000.0), clock(499.95, nominal_Hz=500.0, start_s=0.3)]
    streams = [Stream(index, tone(f.time_s(index))[:, None], f) for f in fits]
    out = resample_streams(streams, start_s=0.5, stop_s=3.5)
    t = out.start_s + np.arange(out.data.shape[0]) / out.sampling_frequency
    assert out.data.shape == (3000, 2)
    assert np.abs(out.data - tone(t)[:, None]).max() < 2e-3


def test_it_is_better_than_nearest_sample_by_far():
    index = np.arange(4000)
    fit = clock(1000.1, nominal_Hz=1000.0)
    out = resample_streams([Stream(index, tone(fit.time_s(index))[:, None], fit)], start_s=0.5, stop_s=3.5)
    t = 0.5 + np.arange(3000) / 1000
    nearest = tone(fit.time_s(np.round(fit.index(t))))
    assert np.abs(out.data[:, 0] - tone(t)).max() < 0.01 * np.abs(nearest - tone(t)).max()


def test_an_offset_moves_a_stream_earlier():
    index = np.arange(4000)
    fit = clock(1000.0, nominal_Hz=1000.0)
    values = tone(fit.time_s(index))[:, None]
    out = resample_streams([Stream(index, values, fit, offset_s=0.0123)], start_s=0.5, stop_s=3.0)
    assert np.abs(out.data[:, 0] - tone(0.5 + 0.0123 + np.arange(2500) / 1000)).max() < 2e-3


def test_what_lies_outside_a_stream_is_nan_and_everything_is_kept():
    index = np.arange(4000)
    fits = [clock(1000.0, nominal_Hz=1000.0), clock(1000.0, nominal_Hz=1000.0, start_s=1.0)]
    out = resample_streams([Stream(index, np.ones((4000, 1)), f) for f in fits])
    assert out.data.shape[0] == pytest.approx(5000, abs=1)
    assert np.isfinite(out.data[:, 0]).sum() == pytest.approx(4000, abs=1)
    assert np.isnan(out.data[:995, 1]).all()
    assert np.isnan(out.data[4005:, 0]).all()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.booleans(), min_size=2, max_size=120),
    st.floats(0, 1, exclude_max=True),
    st.floats(0.97, 1.03),
)
def test_a_gap_is_never_bridged_and_never_widened(received, shift, step):
    signal = np.where(received, 1.0, np.nan)
    place = shift + step * np.arange(int(len(received) / step) + 3)
    out = interpolate(signal, place)
    for p, value in zip(place, out, strict=True):
        low, high = int(np.floor(p + 1e-9)), int(np.ceil(p - 1e-9))
        inside = high < len(received) and received[low] and received[high]
        if inside and p - low < 1 - 2e-6:
            assert value == pytest.approx(1.0, abs=1e-9)
        elif not inside and abs(p - round(p)) > 2e-6:
            assert np.isnan(value)


def test_lost_samples_and_nan_values_are_the_same_gap():
    index = np.arange(4000)
    fit = clock(1000.1, nominal_Hz=1000.0)
    values = tone(fit.time_s(index))[:, None]
    kept = (index < 1500) | (index >= 1600)
    lost = resample_streams([Stream(index[kept], values[kept], fit)])
    nan = resample_streams([Stream(index, np.where(kept[:, None], values, np.nan), fit)])
    assert np.array_equal(lost.data, nan.data, equal_nan=True)
    assert np.isnan(lost.data).sum() == pytest.approx(100, abs=2)


def test_nothing_aliases_when_the_output_is_slower():
    index = np.arange(4000)
    fit = clock(1000.0, nominal_Hz=1000.0)
    values = np.column_stack([tone(fit.time_s(index), f) for f in (330.0, 20.0)])
    out = resample_streams([Stream(index, values, fit)], 250.0, start_s=0.5, stop_s=3.5)
    t = 0.5 + np.arange(750) / 250
    assert np.abs(out.data[:, 0] - 0.3).max() < 0.01
    assert np.abs(out.data[:, 1] - tone(t, 20.0)).max() < 2e-3


def test_a_whole_number_grid_gives_the_samples_back():
    signal = np.random.default_rng(0).normal(size=300)
    assert interpolate(signal, np.arange(300.0)) == pytest.approx(signal, abs=1e-12)


@pytest.mark.parametrize(
    ("streams", "match"),
    [
        ([], "at least one"),
        ([([0, 1], np.zeros((3, 1)))], "one row for each"),
        ([([0, 0], np.zeros((2, 1)))], "do not increase"),
    ],
)
def test_streams_that_make_no_sense_are_refused(streams, match):
    fit = clock(1000.0, nominal_Hz=1000.0)
    with pytest.raises(SettingsError, match=match):
        resample_streams([Stream(np.array(i), v, fit) for i, v in streams])
