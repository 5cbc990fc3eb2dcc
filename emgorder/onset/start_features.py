"""What the start network sees: 13 numbers per 4 ms around the beginning of one burst, the same in training and in use.

All of them are ratios to rest well before the burst or to the burst's plateau, so that gain does not matter.
"""

from __future__ import annotations

import numpy as np

from emgorder.model import BoolArray, FloatArray, IntArray
from emgorder.onset.network_features import (
    FLOOR,
    FRAME_SAMPLES,
    LEAST_POWER,
    LEVEL_FRAMES,
    LIMIT,
    LOWEST_LEVEL,
    RATE_WEIGHT,
    SCALE,
    SQUASH,
    WORKING_RATE_HZ,
    Float32Array,
    window_mean,
)

__all__ = ["FRAMES_AFTER", "FRAMES_BEFORE", "N_FEATURES", "N_FRAMES", "start_features"]

FRAMES_BEFORE, FRAMES_AFTER = 148, 108
"""Frames that are seen before and after the reference: 0.59 and 0.43 s, longer than slow rises last."""

N_FRAMES = FRAMES_BEFORE + FRAMES_AFTER
REST_FRAMES, REST_GAP_FRAMES = 175, 62
"""Rest is measured in up to 0.7 s that end 0.25 s before the reference: before any rise that becomes visible there."""

LEAST_REST_FRAMES = 25
"""Where less is there, rest is the first 0.1 s of what is there."""

STRAY_RATIO = 6.0
"""Frames with more than this times the median power of rest are strays and do not count as rest (judged)."""

SMOOTH_FRAMES = LEVEL_FRAMES // 2  # to each side
PLATEAU_FRAMES = 83  # at the end of what is seen: from 0.1 s after the reference on
N_LOGS, N_SQUASHED = 5, FRAME_SAMPLES
N_FEATURES = N_LOGS + N_SQUASHED + 4


def start_features(
    values: FloatArray,
    reference: IntArray,
    bounds: tuple[IntArray, IntArray],
    sampling_frequency: float,
) -> Float32Array:
    """Return the features of the same stretch around the reference of each window.

    Parameters
    ----------
    values : ndarray of float64, shape (n_windows, n)
        Conditioned EMG at about 1 kHz without gaps.
    reference : ndarray of int, shape (n_windows,)
        Sample in each window near which the burst becomes visible.
    bounds : (ndarray of int, ndarray of int), shape (n_windows,) each
        First sample of each window that is there, and the one after the last.
    sampling_frequency : float
        Of the recording, Hz: what lies above half of it is missing.

    Returns
    -------
    ndarray of float32, shape (n_windows, 13, 256)
        Log power of the samples, of their differences and of frame means, each over that of rest (0 to 2); log power
        smoothed over 48 ms, over rest and over the plateau (3, 4); the four samples of the frame, squashed (5 to 8); 1
        where signal is (9); log power of the plateau over rest (10); how little rest there was (11); the sampling
        frequency (12).

    Examples
    --------
    >>> x = np.random.default_rng(1).standard_normal((1, 2000))
    >>> at = np.array([1000])
    >>> a, b = (start_features(gain * x, at, (0 * at, 2 * at), 1000.0) for gain in (1e-6, 1.0))
    >>> a.shape, bool(np.allclose(a, b, atol=1e-4))
    ((1, 13, 256), True)
    """
    frames, there = _cut(values, reference, bounds)
    steps = np.diff(frames.reshape(len(frames), -1), axis=1, prepend=frames[:, 0, :1]).reshape(frames.shape)
    steps[:, 1:] *= (there[:, 1:] & there[:, :-1])[:, :, np.newaxis]
    powers = [np.mean(frames**2, axis=2), np.mean(steps**2, axis=2), np.mean(frames, axis=2) ** 2]
    rest = _rest(there)
    levels = [_level(power, rest) for power in powers]
    smooth = window_mean(powers[0] / levels[0], there.astype(np.float64), SMOOTH_FRAMES, SMOOTH_FRAMES)
    plateau = _mean(powers[0] / levels[0], there & (np.arange(there.shape[1]) >= there.shape[1] - PLATEAU_FRAMES))

    seen = slice(there.shape[1] - N_FRAMES, None)
    features = np.zeros((len(values), N_FEATURES, N_FRAMES), dtype=np.float32)
    for row, (power, level) in enumerate(zip(powers, levels, strict=True)):
        features[:, row] = np.log(power[:, seen] / level + FLOOR)
    features[:, 3] = np.log(smooth[:, seen] + FLOOR)
    features[:, 4] = np.log((smooth[:, seen] + FLOOR) / (plateau + FLOOR))
    squashed = np.arcsinh(SQUASH * frames[:, seen] / np.sqrt(levels[0])[:, :, np.newaxis])
    features[:, N_LOGS : N_LOGS + N_SQUASHED] = squashed.transpose(0, 2, 1)
    features[:, : N_LOGS + N_SQUASHED] *= SCALE * there[:, np.newaxis, seen]
    features[:, -4] = there[:, seen]
    features[:, -3] = SCALE * np.log(plateau + FLOOR)
    features[:, -2] = 2.0 / np.sqrt(np.maximum(rest.sum(axis=1, keepdims=True), 1.0))
    features[:, -1] = RATE_WEIGHT * np.log2(min(sampling_frequency, WORKING_RATE_HZ) / WORKING_RATE_HZ)
    return np.clip(features, -LIMIT, LIMIT, out=features)


def _cut(values: FloatArray, reference: IntArray, bounds: tuple[IntArray, IntArray]) -> tuple[FloatArray, BoolArray]:
    """Return the frames around each reference, zero where there is no signal, and where there is."""
    n_before = REST_FRAMES + REST_GAP_FRAMES
    at = reference[:, np.newaxis] + np.arange(-FRAME_SAMPLES * n_before, FRAME_SAMPLES * FRAMES_AFTER)
    first, stop = (np.clip(bound, 0, values.shape[1])[:, np.newaxis] for bound in bounds)
    inside = (at >= first) & (at < stop)
    shape = (len(values), n_before + FRAMES_AFTER, FRAME_SAMPLES)
    there = np.asarray(inside.reshape(shape).all(axis=2))
    frames = np.take_along_axis(values, np.clip(at, 0, values.shape[1] - 1), axis=1).reshape(shape)
    return np.where(there[:, :, np.newaxis], frames, 0.0), there


def _rest(there: BoolArray) -> BoolArray:
    """Return which frames are rest, shape (n_windows, n_frames)."""
    rest: BoolArray = there & (np.arange(there.shape[1]) < REST_FRAMES)
    few = rest.sum(axis=1) < LEAST_REST_FRAMES
    rest[few] = (there & (np.cumsum(there, axis=1) <= LEAST_REST_FRAMES))[few]
    return rest


def _level(power: FloatArray, rest: BoolArray) -> FloatArray:
    """Return the mean power of rest without strays, shape (n_windows, 1)."""
    ordered = np.sort(np.where(rest, power, np.inf), axis=1)
    middle = np.take_along_axis(ordered, np.maximum(rest.sum(axis=1, keepdims=True) - 1, 0) // 2, axis=1)
    level = _mean(power, rest & (power <= STRAY_RATIO * middle))
    lowest: FloatArray = np.maximum(LOWEST_LEVEL * power.max(axis=1, keepdims=True), LEAST_POWER)
    return np.asarray(np.maximum(level, lowest))


def _mean(values: FloatArray, chosen: BoolArray) -> FloatArray:
    """Return the mean of the chosen frames of each window, 0 where there are none; shape (n_windows, 1)."""
    total = np.where(chosen, values, 0.0).sum(axis=1, keepdims=True)
    mean: FloatArray = total / np.maximum(chosen.sum(axis=1, keepdims=True), 1)
    return mean
