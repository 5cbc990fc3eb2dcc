"""The strips: thinned signals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.guided.screens import Traces
from emgorder.guided.strips import Strips, traces_of
from emgorder.model import Channel

CHANNELS = (Channel("GMAX_R", "GMAX", "R"), Channel("BF_R", "BF", "R", unit="a.u."))


@given(st.lists(st.integers(0, 99), min_size=1, max_size=30))
def test_columns_do_not_depend_on_the_blocks(sizes: list[int]) -> None:
    data = np.random.default_rng(5).normal(size=(sum(sizes), 2)) * 1e-5
    whole = Strips(CHANNELS, 1000.0).push(data)[1]
    strips, parts = Strips(CHANNELS, 1000.0), []
    for stop, size in zip(np.cumsum(sizes), sizes, strict=True):
        parts += [t for t in [strips.push(data[stop - size : stop])[1]] if t is not None]
    for name in ("low", "high", "envelope"):
        joined = np.concatenate([getattr(t, name) for t in parts]) if parts else np.empty((0, 2))
        np.testing.assert_allclose(joined, np.empty((0, 2)) if whole is None else getattr(whole, name), rtol=1e-9)


def test_lost_samples_leave_a_hole_where_they_were() -> None:
    data = np.random.default_rng(5).normal(size=(800, 2))
    data[160:240, 0] = np.nan
    traces = Strips(CHANNELS, 1000.0).push(data)[1]
    assert traces is not None
    assert np.isnan(traces.low[20:30, 0]).all()
    assert np.isnan(traces.envelope[20:30, 0]).all()
    assert np.isfinite(traces.low[:, 1]).all()
    assert np.isfinite(traces.low[:20]).all()


def test_volts_are_shown_as_microvolts_and_other_units_as_they_are() -> None:
    data = np.random.default_rng(5).normal(size=(1000, 1)) @ np.ones((1, 2))
    traces = Strips(CHANNELS, 1000.0).push(data)[1]
    assert traces is not None
    np.testing.assert_allclose(traces.high[:, 0], traces.high[:, 1] * 1e6)
    assert traces.unit == ("µV", "a.u.")


def test_the_last_eight_seconds_are_kept_for_who_comes_late() -> None:
    strips = Strips(CHANNELS, 1000.0)
    assert strips.recent() is None
    for _ in range(300):
        strips.push(np.zeros((80, 2)))
    recent = strips.recent()
    assert recent is not None
    assert recent.start_s + len(recent.low) * recent.step_s == pytest.approx(24.0)
    assert 8.0 <= len(recent.low) * recent.step_s < 8.3


def test_a_side_without_strips_of_its_own_shows_all() -> None:
    traces = Strips(CHANNELS, 1000.0).push(np.zeros((80, 2)))[1]
    assert isinstance(traces, Traces)
    assert traces_of(traces, "L").labels == ("GMAX_R", "BF_R")
