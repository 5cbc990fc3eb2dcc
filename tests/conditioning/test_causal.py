"""The causal filter: blocks, gaps, start."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from emgorder.conditioning.causal import SHORT_WIDTHS, CausalFilter, filter_all
from emgorder.conditioning.filters import bandpass, design_bandpass
from emgorder.errors import RecordingError

SOS = design_bandpass(2000, notch_Hz=50)


def noise(n_samples: int, n_channels: int = 2, *, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(3.0, 1.0, (n_samples, n_channels))


def reference(data: np.ndarray) -> np.ndarray:
    """Filter run by run, the slow way."""
    filtered = np.full_like(data, np.nan)
    for column in range(data.shape[1]):
        present = np.isfinite(data[:, column]).astype(int)
        edges = np.flatnonzero(np.diff(np.r_[0, present, 0]))
        for start, stop in zip(edges[::2], edges[1::2], strict=True):
            run = data[start:stop, column]
            filtered[start:stop, column] = signal.sosfilt(SOS, run, zi=signal.sosfilt_zi(SOS) * run[0])[0]
    return filtered


@given(
    cuts=st.lists(st.integers(0, 900), max_size=12),
    gaps=st.lists(st.tuples(st.integers(0, 899), st.integers(1, 60), st.integers(0, 1)), max_size=8),
    seed=st.integers(0, 99),
)
def test_blocks_do_not_matter_to_the_last_bit(cuts: list[int], gaps: list[tuple[int, int, int]], seed: int) -> None:
    data = noise(900, seed=seed)
    for start, length, column in gaps:
        data[start : start + length, column] = np.nan
    stream = CausalFilter(SOS, n_channels=2)
    in_blocks = np.concatenate([stream.apply(block) for block in np.split(data, sorted(cuts))])
    assert np.array_equal(in_blocks, filter_all(SOS, data), equal_nan=True)


@pytest.mark.parametrize("share_lost", [0.0005, 0.01, 0.3, 0.9])
def test_each_run_between_gaps_is_filtered_on_its_own(share_lost: float) -> None:
    data = noise(20 * SHORT_WIDTHS[-1])
    data[np.random.default_rng(1).random(data.shape) < share_lost] = np.nan
    assert np.array_equal(filter_all(SOS, data), reference(data), equal_nan=True)


def test_lost_samples_stay_lost_and_no_others_are() -> None:
    data = noise(500)
    data[100:150, 0] = np.nan
    data[300, 1] = np.inf
    assert np.array_equal(np.isnan(filter_all(SOS, data)), ~np.isfinite(data))


def test_an_offset_makes_no_step_at_the_start_nor_after_a_gap() -> None:
    data = np.full((400, 1), 1e6)
    data[100:120] = np.nan
    data[120:] = -1e6
    assert np.nanmax(np.abs(filter_all(SOS, data))) < 1e-3


def test_a_channel_does_not_see_the_gaps_of_another() -> None:
    data = noise(600)
    whole = filter_all(SOS, data)
    data[200:210, 0] = np.nan
    assert np.array_equal(filter_all(SOS, data)[:, 1], whole[:, 1])


def test_nothing_shows_before_it_happens() -> None:
    quiet, loud = np.zeros(2000), np.zeros(2000)
    loud[1000:] = noise(1000, 1)[:, 0]
    assert np.array_equal(bandpass(quiet, 1000)[:1000], bandpass(loud, 1000)[:1000])


def test_an_empty_block_changes_nothing() -> None:
    stream = CausalFilter(SOS, n_channels=2)
    data = noise(100)
    parts = [stream.apply(data[:50]), stream.apply(np.empty((0, 2))), stream.apply(data[50:])]
    assert [len(part) for part in parts] == [50, 0, 50]
    assert np.array_equal(np.concatenate(parts), filter_all(SOS, data))


def test_the_block_given_is_left_as_it_was() -> None:
    data = noise(100)
    before = data.copy()
    CausalFilter(SOS, 2).apply(data)
    assert np.array_equal(data, before)


@pytest.mark.parametrize("shape", [(10,), (10, 3), (2, 10, 1)])
def test_a_block_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(RecordingError, match=r"filter of 2 channels.*n_samples"):
        CausalFilter(SOS, 2).apply(np.zeros(shape))
