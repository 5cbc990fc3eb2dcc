"""Levels, quiet and activity."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.guided.levels import Levels
from emgorder.model import FloatArray

FS = 1000.0


def noise(n: int, *gains: float) -> FloatArray:
    return np.random.default_rng(3).normal(size=(n, len(gains))) * gains


@given(st.lists(st.integers(0, 333), min_size=1, max_size=30))
def test_levels_do_not_depend_on_the_blocks(sizes: list[int]) -> None:
    data = noise(sum(sizes), 1.0, 2.0)
    whole, parts = Levels(FS, 2), Levels(FS, 2)
    whole.push(data)
    for stop, size in zip(np.cumsum(sizes), sizes, strict=True):
        parts.push(data[stop - size : stop])
    np.testing.assert_array_equal(whole.recent(10.0), parts.recent(10.0))


def test_a_muscle_is_quiet_until_it_is_not() -> None:
    levels = Levels(FS, 2)
    levels.push(noise(4000, 1.0, 5.0))
    levels.set_rest(4.0)
    assert levels.quiet_s([0, 1]) == pytest.approx(4.0)
    levels.push(noise(300, 6.0, 5.0))
    assert levels.quiet_s([0, 1]) == 0.0
    assert levels.quiet_s([1]) == pytest.approx(4.3)
    assert levels.active([0])
    assert not levels.active([1])
    assert levels.loud([0, 1]) == [0]


def test_a_stray_potential_is_no_activity() -> None:
    levels = Levels(FS, 1)
    data = noise(4000, 1.0)
    data[3000:3020] += 40.0
    data[3900:3920] += 40.0
    levels.push(data)
    levels.set_rest(2.0)
    assert not levels.active([0])
    assert levels.quiet_s([0]) == pytest.approx(4.0)


def test_lost_samples_are_not_quiet() -> None:
    levels = Levels(FS, 1)
    levels.push(noise(3000, 1.0))
    levels.push(np.full((500, 1), np.nan))
    assert levels.quiet_s([0]) == 0.0
    assert not levels.active([0])
    levels.push(noise(1000, 1.0))
    assert levels.quiet_s([0]) == pytest.approx(1.0)


def test_rest_is_what_was_set_whatever_comes_later() -> None:
    levels = Levels(FS, 1)
    levels.push(noise(3000, 1.0))
    levels.set_rest(3.0)
    before = levels.rest.copy()
    levels.push(noise(3000, 9.0))
    np.testing.assert_array_equal(levels.rest, before)


def test_nothing_is_known_before_anything_came() -> None:
    levels = Levels(FS, 2)
    assert np.isnan(levels.rest).all()
    assert levels.quiet_s([0, 1]) == 0.0
    assert not levels.active([0])
