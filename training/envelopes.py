"""How EMG rises, wanders and falls in a burst: seven families, from a step to a low plateau before the main rise."""

from __future__ import annotations

import numpy as np

from training.draws import RATE_HZ, Array, chance, decibels, log_uniform, slow, uniform

__all__ = ["fall", "fluctuation", "rise", "smooth_gain", "smooth_rise"]

N_FAMILIES = 7  # power, cosine, saturating, exponential (twice as often), two-stage, piecewise in decibels
STEP_SHARE = 0.12
RAMP_S = (0.004, 0.4)
BURST_S = (0.12, 4.0)

SMOOTH_STEP_SHARE = 0.08
SMOOTH_RAMP_S = (0.004, 0.250)
SMOOTH_SHAPES = (0.40, 0.17, 0.17, 0.17, 0.09)
"""Shares of ramps linear in amplitude, half cosines, saturating, linear in power, and with a power of 1.5."""


def rise(rng: np.random.Generator, n: int, onset_s: Array) -> Array:
    """Draw the amplitude gain of a burst from its onset on, plateau 1, shape (n_windows, n); 0 before the onset."""
    n_windows = len(onset_s)
    time_s = np.arange(n, dtype=np.float32)[np.newaxis] / RATE_HZ - onset_s
    ramp_s = np.where(chance(rng, STEP_SHARE, n_windows), 1e-3, log_uniform(rng, *RAMP_S, n_windows))
    u = np.clip(time_s / ramp_s, 0, 1)
    exponent = rng.choice([0.5, 1.0, 1.5, 2.5], (n_windows, 1))

    power = u**exponent
    cosine = 0.5 * (1 - np.cos(np.pi * u))
    saturating = 1 - np.exp(-np.maximum(time_s, 0) / np.maximum(ramp_s / 2.3, 1e-3))
    exponential = 10 ** (uniform(rng, -38, -5, n_windows) * (1 - u) / 20)

    low = decibels(uniform(rng, -26, -4, n_windows))
    delay_s = log_uniform(rng, 0.015, 0.4, n_windows)
    second = np.clip((time_s - delay_s) / ramp_s, 0, 1) ** exponent
    two_stage = low * np.clip(time_s / np.minimum(ramp_s, 0.05), 0, 1) + (1 - low) * second

    stage_s = np.cumsum(
        [uniform(rng, 0.01, 0.15, n_windows), *(uniform(rng, 0.01, 0.2, n_windows) for _ in range(2))], axis=0
    )
    first_dB = uniform(rng, -40, -8, n_windows)
    second_dB = first_dB * uniform(rng, 0.3, 1, n_windows)
    third_dB = second_dB * uniform(rng, 0, 1, n_windows)

    def leg(start_s: Array | float, stop_s: Array, start_dB: Array, stop_dB: Array | float) -> Array:
        return start_dB + (stop_dB - start_dB) * np.clip((time_s - start_s) / (stop_s - start_s), 0, 1)

    level_dB = np.where(
        time_s < stage_s[0],
        leg(0.0, stage_s[0], first_dB, second_dB),
        np.where(
            time_s < stage_s[1],
            leg(stage_s[0], stage_s[1], second_dB, third_dB),
            leg(stage_s[1], stage_s[2], third_dB, 0.0),
        ),
    )
    family = rng.integers(0, N_FAMILIES, (n_windows, 1))
    gain = np.choose(family, [power, cosine, saturating, exponential, exponential, two_stage, decibels(level_dB)])
    return np.where(time_s >= 0, gain, 0).astype(np.float32)


def smooth_rise(rng: np.random.Generator, n: int, onset_s: Array) -> Array:
    """Draw the gain of a burst that rises in one smooth ramp of at most 0.25 s, plateau 1; 0 before the onset."""
    n_windows = len(onset_s)
    ramp_s = uniform(rng, *SMOOTH_RAMP_S, n_windows)
    ramp_s = np.where(chance(rng, SMOOTH_STEP_SHARE, n_windows), 1e-3, ramp_s)
    steepness = uniform(rng, 2.0, 3.0, n_windows)
    shape = rng.choice(len(SMOOTH_SHAPES), (n_windows, 1), p=SMOOTH_SHAPES)
    return smooth_gain(n, onset_s, ramp_s, shape, steepness)


def smooth_gain(n: int, onset_s: Array, ramp_s: Array, shape: np.ndarray, steepness: Array) -> Array:
    """Return the gain of bursts that rise in one smooth ramp each, plateau 1; 0 before the onset.

    Parameters
    ----------
    n : int
        Samples at 1 kHz.
    onset_s, ramp_s : ndarray, shape (n_windows, 1)
        Start and duration of the rise, s.
    shape : ndarray of int, shape (n_windows, 1)
        Which of ``SMOOTH_SHAPES``.
    steepness : ndarray, shape (n_windows, 1)
        Time constants within the duration of a saturating rise.
    """
    time_s = np.arange(n, dtype=np.float32)[np.newaxis] / RATE_HZ - onset_s
    u = np.clip(time_s / ramp_s, 0, 1)
    saturating = 1 - np.exp(-np.maximum(time_s, 0) / np.maximum(ramp_s / steepness, 1e-3))
    gain = np.choose(shape, [u, 0.5 * (1 - np.cos(np.pi * u)), saturating, np.sqrt(u), u**1.5])
    return np.where(time_s >= 0, gain, 0).astype(np.float32)


def fall(rng: np.random.Generator, n: int, onset_s: Array, duration_s: Array) -> Array:
    """Draw the gain that ends a burst `duration_s` after its onset; 1 before."""
    n_windows = len(onset_s)
    since_s = np.arange(n, dtype=np.float32)[np.newaxis] / RATE_HZ - onset_s - duration_s
    fall_s = log_uniform(rng, 0.02, 0.4, n_windows)
    depth_dB = uniform(rng, 10, 40, n_windows)
    return decibels(-depth_dB * np.clip(since_s / fall_s, 0, 1.5))


def fluctuation(rng: np.random.Generator, n_windows: int, n: int, most: float = 0.55) -> Array:
    """Draw how the level keeps wandering during a burst, mean about 1; SD of its logarithm up to `most`."""
    spread = uniform(rng, 0, most, n_windows)
    wander = slow(rng, n_windows, n, log_uniform(rng, 1.5, 18, n_windows))
    return np.exp(spread * wander - 0.5 * spread**2).astype(np.float32)
