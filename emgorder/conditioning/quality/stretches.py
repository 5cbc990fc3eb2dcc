"""Cutting a signal into blocks, stretches and samples of itself, so that an hour is looked at as fast as a minute."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from emgorder.model import BoolArray, FloatArray, IntArray

__all__ = ["BLOCK_S", "block_means", "block_rms", "in_blocks", "mean_square", "spread", "stretches", "true_runs"]

BLOCK_S = 0.25
"""Long enough for the RMS of EMG to scatter by 5 % at 1 kHz (11 % at 200 Hz), short enough to fit into a burst."""

PRESENT_SHARE = 0.5  # of a block or stretch, below which it says nothing
SPREAD_SAMPLES = 200_000
SPREAD_PIECES = 20


def in_blocks(samples: FloatArray, sampling_frequency: float) -> FloatArray:
    """Return `samples` as whole blocks of 0.25 s, shape (n_blocks, n_samples_per_block); a view where possible.

    Examples
    --------
    >>> in_blocks(np.zeros(1100), 1000.0).shape
    (4, 250)
    """
    width = max(round(BLOCK_S * sampling_frequency), 1)
    count = samples.size // width
    return samples[: count * width].reshape(count, width)


def block_rms(samples: FloatArray, sampling_frequency: float) -> FloatArray:
    """Return the RMS of each block of 0.25 s, NaN where half of it or more is lost.

    Examples
    --------
    >>> block_rms(np.repeat([3.0, np.nan], 250), 1000.0)
    array([ 3., nan])
    """
    blocks = in_blocks(samples, sampling_frequency)
    present = np.isfinite(blocks)
    power: FloatArray = np.sqrt(_mean(np.square(np.where(present, blocks, 0.0)), present))
    return power


def block_means(samples: FloatArray, sampling_frequency: float) -> FloatArray:
    """Return the mean of each block of 0.25 s, NaN where half of it or more is lost.

    Examples
    --------
    >>> block_means(np.arange(4.0), 8.0)
    array([0.5, 2.5])
    """
    blocks = in_blocks(samples, sampling_frequency)
    present = np.isfinite(blocks)
    return _mean(np.where(present, blocks, 0.0), present)


def mean_square(samples: FloatArray) -> float:
    """Return the mean square of the samples that are there, NaN where half of them or more are lost.

    Examples
    --------
    >>> mean_square(np.array([1.0, -3.0, np.nan]))
    5.0
    """
    present = samples[np.isfinite(samples)]
    if present.size <= PRESENT_SHARE * samples.size:
        return float("nan")
    return float(present @ present) / present.size


def stretches(times_s: Sequence[tuple[float, float]], sampling_frequency: float, n_samples: int) -> list[slice]:
    """Return the samples of each stretch of time that holds a block or more and lies within the signal.

    Examples
    --------
    >>> stretches([(-1.0, 0.5), (0.5, 0.6), (9.0, 11.0)], 10.0, 100)
    [slice(0, 5, None), slice(90, 100, None)]
    """
    shortest = max(round(BLOCK_S * sampling_frequency), 1)
    edges = np.asarray(times_s, dtype=np.float64).reshape(-1, 2)
    edges = edges[np.isfinite(edges).all(axis=1)]
    samples = np.clip(np.round(edges * sampling_frequency), 0, n_samples).astype(np.intp)
    return [slice(a, b) for a, b in samples.tolist() if b - a >= shortest]


def spread(samples: FloatArray) -> FloatArray:
    """Return a long signal as 20 pieces from all over it, 200,000 samples together; a short one as it is.

    Examples
    --------
    >>> spread(np.zeros(3_600_000)).size
    200000
    """
    if samples.size <= SPREAD_SAMPLES:
        return samples
    width = SPREAD_SAMPLES // SPREAD_PIECES
    starts = np.linspace(0, samples.size - width, SPREAD_PIECES).astype(np.intp)
    return np.concatenate([samples[start : start + width] for start in starts.tolist()])


def true_runs(flags: BoolArray) -> tuple[IntArray, IntArray]:
    """Return the first index of each run of True, and how long each is.

    Examples
    --------
    >>> true_runs(np.array([True, False, True, True]))
    (array([0, 2]), array([1, 2]))
    """
    edges = np.flatnonzero(np.diff(flags, prepend=False, append=False))
    return edges[::2], edges[1::2] - edges[::2]


def _mean(values: FloatArray, present: BoolArray) -> FloatArray:
    count = present.sum(axis=1)
    mean: FloatArray = values.sum(axis=1) / np.maximum(count, 1)
    mean[count <= PRESENT_SHARE * present.shape[1]] = np.nan
    return mean
