"""Counters that begin again: what they hide is found by the times of arrival."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.acquisition.unwrap import missing_wraps, step


@given(
    st.integers(0, 2**32 - 1),
    st.integers(0, 5000),
    st.sampled_from([2**16, 2**19, 2**32]),
)
def test_a_wide_counter_tells_forwards_from_backwards(expected: int, apart: int, modulus: int) -> None:
    expected %= modulus
    assert step((expected + apart) % modulus, expected, modulus) == apart
    assert step((expected - apart) % modulus, expected, modulus) == -apart


@given(st.integers(0, 255), st.integers(0, 255))
def test_a_narrow_counter_only_goes_forwards(expected: int, apart: int) -> None:
    assert step((expected + apart) % 256, expected, 256) == apart


@pytest.mark.parametrize(("modulus", "rate", "frames"), [(256, 500.0, 10), (256, 200.0, 2), (16, 1000.0, 5)])
@pytest.mark.parametrize("turns", [1, 3])
def test_a_loss_of_whole_turns_is_found(modulus: int, rate: float, frames: int, turns: int) -> None:
    rng = np.random.default_rng(1)
    shown = np.arange(frames - 1, int(60 * rate), frames)
    late = np.where(shown >= shown.size * frames // 2, turns * modulus, 0)
    ready = (shown + late) / rate
    arrived = np.maximum.accumulate(np.ceil(ready / 0.0075) * 0.0075 + rng.exponential(0.0005, ready.size))
    extra, unsure = missing_wraps(shown, arrived, modulus=modulus, sampling_frequency=rate)
    assert extra.tolist() == late.tolist()
    assert unsure == 0


@pytest.mark.parametrize(("modulus", "rate", "frames"), [(256, 500.0, 10), (16, 1000.0, 5)])
def test_a_stall_is_no_loss(modulus: int, rate: float, frames: int) -> None:
    shown = np.arange(frames - 1, int(60 * rate), frames)
    arrived = shown / rate
    arrived = np.where((arrived >= 20.0) & (arrived < 22.5), 22.5, arrived)
    extra, _ = missing_wraps(shown, arrived, modulus=modulus, sampling_frequency=rate)
    assert not extra.any()


@pytest.mark.parametrize("turns", [1, 2])
def test_last_packets_that_are_late_are_no_loss_but_a_doubt(turns: int) -> None:
    """Sent twice by the radio, they look like a loss of whole turns, and nothing after them tells it apart."""
    shown = np.arange(4, 20_000, 5)
    arrived = np.where(shown >= 19_980, (shown + turns * 16) / 1000.0, shown / 1000.0)
    extra, unsure = missing_wraps(shown, arrived, modulus=16, sampling_frequency=1000.0)
    assert not extra.any()
    assert unsure == turns * 16


def test_two_packets_tell_nothing() -> None:
    extra, unsure = missing_wraps(np.array([9, 19]), np.array([0.0, 9.0]), modulus=256, sampling_frequency=500.0)
    assert extra.tolist() == [0, 0]
    assert unsure == 0
