"""What a channel shows without the burst: noise, mains, tonic activity, earlier bursts, stray potentials, the heart."""

from __future__ import annotations

import numpy as np

from training.carriers import interference, replace_by_real
from training.draws import (
    RATE_HZ,
    Array,
    add_kernels,
    chance,
    coloured,
    decibels,
    kernels,
    log_uniform,
    slow,
    uniform,
)
from training.segments import Segments

__all__ = ["quiet_rest", "rest_with_distractors"]

REAL_SHARE = 0.45
"""Of rests and carriers: real ones in the mix are worth several ms on real bursts."""

MAINS_SHARE = 0.3
TONIC_SHARE = 0.4
EARLIER_SHARE = 0.3
EARLIER_SHARE_WITHOUT_BURST = 0.5
HUMP_SHARE = 0.28
STRAY_SHARE, MOST_STRAYS = 0.35, 6
BUMP_SHARE = 0.08
HEART_SHARE = 0.10
QUIET_WANDER_SHARE, QUIET_WANDER = 0.5, 0.25  # SD of the log amplitude: up to 2.2 dB
QUIET_STRAY_SHARE, QUIET_MAINS_SHARE = 0.5, 0.15
EARLIER_BELOW_MAIN_dB = 6.0
"""An earlier burst that lies wholly within the window is weaker than the main one by this; else it is the main one."""


def rest_with_distractors(
    rng: np.random.Generator,
    n: int,
    rate: int,
    real: Segments | None,
    *,
    onset_s: Array,
    snr_dB: Array,
    silent: np.ndarray,
) -> Array:
    """Draw everything but the main burst, shape (n_windows, n) at 1 kHz, noise of about standard deviation 1.

    Parameters
    ----------
    onset_s, snr_dB : ndarray, shape (n_windows, 1)
        Of the main burst: distractors end before it and the smaller kinds stay below it.
    silent : ndarray of bool, shape (n_windows, 1)
        Windows without a main burst: what precedes it has then no onset within the window either.
    """
    n_windows = len(onset_s)
    time_s = np.arange(n, dtype=np.float32)[np.newaxis] / RATE_HZ
    rest = _noise(rng, n_windows, n, rate, real, time_s)
    emg = interference(rng, n_windows, n, rate, real, real_share=0.3)
    tonic = np.where(chance(rng, TONIC_SHARE, n_windows), decibels(uniform(rng, -12, 22, n_windows)), 0)
    wander = uniform(rng, 0.05, 0.6, n_windows) * slow(rng, n_windows, n, log_uniform(rng, 0.4, 4, n_windows))
    # Tonic activity is rest here: only rises of it count as a burst.
    rest = rest + np.where(silent, np.minimum(tonic, 4), tonic) * np.exp(wander) * emg

    earlier = rng.random((n_windows, 1)) < np.where(silent, EARLIER_SHARE_WITHOUT_BURST, EARLIER_SHARE)
    rest = rest + earlier * _earlier_burst(rng, time_s, onset_s, snr_dB, silent) * np.roll(emg, n // 2, axis=1)
    hump = chance(rng, HUMP_SHARE, n_windows) & ~earlier & ~silent
    rest = rest + hump * _hump(rng, time_s, onset_s, snr_dB) * np.roll(emg, n // 3, axis=1)
    rest = rest + _strays(rng, n, onset_s, rest)
    rest = rest + _bump(rng, time_s, onset_s, rest) * np.roll(emg, n // 5, axis=1)
    return np.asarray(rest + _heart(rng, n, rest), dtype=np.float32)


def quiet_rest(rng: np.random.Generator, n: int, onset_s: Array) -> Array:
    """Draw rest of nearly constant level, standard deviation about 1; some with strays, mains or heart beats."""
    n_windows = len(onset_s)
    frequency_Hz = np.fft.rfftfreq(n, 1 / RATE_HZ)[np.newaxis]
    corner_Hz, slope = uniform(rng, 30, 90, n_windows), uniform(rng, 1.0, 2.0, n_windows)
    highpass_Hz, lowpass_Hz = uniform(rng, 8, 25, n_windows), uniform(rng, 300, 500, n_windows)
    spectra = 1 + chance(rng, 0.5, n_windows) * (corner_Hz / np.maximum(frequency_Hz, 5)) ** slope
    spectra /= (1 + (highpass_Hz / np.maximum(frequency_Hz, 0.1)) ** 4) * (1 + (frequency_Hz / lowpass_Hz) ** 4)
    rest = coloured(rng, n_windows, n, spectra)
    wander = chance(rng, QUIET_WANDER_SHARE, n_windows) * uniform(rng, 0, QUIET_WANDER, n_windows)
    rest = rest * np.exp(wander * slow(rng, n_windows, n, log_uniform(rng, 0.5, 2.0, n_windows)))
    rest = rest + chance(rng, QUIET_STRAY_SHARE, n_windows) * _strays(rng, n, onset_s, rest)
    time_s = np.arange(n, dtype=np.float32)[np.newaxis] / RATE_HZ
    mains_Hz = np.where(chance(rng, 0.7, n_windows), 50, 60)
    amplitude = chance(rng, QUIET_MAINS_SHARE, n_windows) * uniform(rng, 0, 1.0, n_windows)
    rest = rest + amplitude * np.sin(2 * np.pi * (mains_Hz * time_s + uniform(rng, 0, 1, n_windows)))
    return np.asarray(rest + chance(rng, 0.5, n_windows) * _heart(rng, n, rest), dtype=np.float32)


def _noise(rng: np.random.Generator, n_windows: int, n: int, rate: int, real: Segments | None, time_s: Array) -> Array:
    frequency_Hz = np.fft.rfftfreq(n, 1 / RATE_HZ)[np.newaxis]
    slope = uniform(rng, -0.3, 1.6, n_windows) * chance(rng, 0.6, n_windows)
    highpass_Hz, lowpass_Hz = uniform(rng, 5, 20, n_windows), log_uniform(rng, 120, 500, n_windows)
    spectra = (30 / np.maximum(frequency_Hz, 5)) ** slope
    spectra /= (1 + (highpass_Hz / np.maximum(frequency_Hz, 0.1)) ** 4) * (1 + (frequency_Hz / lowpass_Hz) ** 4)
    noise = coloured(rng, n_windows, n, spectra)
    is_real = replace_by_real(rng, noise, "rest", REAL_SHARE, rate, real)[:, np.newaxis]
    noise *= np.exp(uniform(rng, 0, 0.2, n_windows) * slow(rng, n_windows, n, 1.0))
    amplitude = np.where(chance(rng, MAINS_SHARE, n_windows) & ~is_real, uniform(rng, 0, 1.2, n_windows), 0)
    mains_Hz = np.where(chance(rng, 0.7, n_windows), 50, 60) + rng.normal(0, 0.05, (n_windows, 1))
    phase = 2 * np.pi * mains_Hz * time_s + uniform(rng, 0, 2 * np.pi, n_windows)
    second, third = uniform(rng, 0, 0.4, n_windows), uniform(rng, 0, 0.6, n_windows)
    return noise + amplitude * (np.sin(phase) + second * np.sin(2 * phase + 1) + third * np.sin(3 * phase + 2))


def _earlier_burst(rng: np.random.Generator, time_s: Array, onset_s: Array, snr_dB: Array, silent: np.ndarray) -> Array:
    """Return the amplitude of a burst that dies down before the main one; half of them began before the window."""
    n_windows = len(onset_s)
    end_s = onset_s * uniform(rng, 0.1, 0.97, n_windows)
    inside = chance(rng, 0.5, n_windows) & ~silent
    start_s = np.where(inside, end_s * uniform(rng, 0, 0.8, n_windows), -1)
    level_dB = uniform(rng, 4, 40, n_windows)
    level_dB = np.where(inside, np.minimum(level_dB, snr_dB - EARLIER_BELOW_MAIN_dB), level_dB)
    begin_s = np.maximum(start_s, 0)
    decline = np.clip((time_s - begin_s) / np.maximum(end_s - begin_s, 0.02), 0, 1.5)
    # A plateau of any length before the decline: some windows are active nearly throughout.
    held = uniform(rng, 0, 0.9, n_windows)
    decline = np.maximum(decline - held, 0) / (1 - held)
    level_dB = level_dB - uniform(rng, 15, 45, n_windows) * decline
    return np.where((time_s >= start_s) & (time_s <= end_s + 0.3), decibels(level_dB), 0)


def _hump(rng: np.random.Generator, time_s: Array, onset_s: Array, snr_dB: Array) -> Array:
    """Return the amplitude of short activity that dies down shortly before the main onset."""
    n_windows = len(onset_s)
    end_s = onset_s - uniform(rng, 0, 0.13, n_windows)
    decay_s = log_uniform(rng, 0.03, 0.3, n_windows)
    hold_s = uniform(rng, 0.005, 0.25, n_windows)
    rise_s = log_uniform(rng, 0.005, 0.08, n_windows)
    depth_dB = uniform(rng, 8, 35, n_windows)
    level_dB = np.minimum(uniform(rng, 6, 35, n_windows), snr_dB + 3)
    start_s = end_s - decay_s - hold_s - rise_s
    died = -depth_dB * np.clip((time_s - end_s + decay_s) / decay_s, 0, 1)
    died = died - 10 * np.clip((time_s - end_s) / 0.2, 0, 4)
    shape_dB = np.where(time_s < start_s + rise_s, -30 * (1 - (time_s - start_s) / rise_s), np.minimum(died, 0))
    return np.where(time_s < start_s, 0, decibels(level_dB + np.maximum(shape_dB, -90)))


def _strays(rng: np.random.Generator, n: int, onset_s: Array, rest: Array) -> Array:
    """Return stray motor-unit potentials, each followed by at least 70 ms without burst."""
    n_windows = len(onset_s)
    count = np.where(chance(rng, STRAY_SHARE, n_windows), rng.integers(1, MOST_STRAYS + 1, (n_windows, 1)), 0)
    at_s = rng.uniform(0, 1, (n_windows, MOST_STRAYS)) * (onset_s - 0.07)
    amplitude = decibels(rng.uniform(2, 22, (n_windows, MOST_STRAYS))) * rng.choice([-1, 1], (n_windows, MOST_STRAYS))
    amplitude = amplitude * rest.std(axis=1, keepdims=True)
    chosen = (np.arange(MOST_STRAYS)[np.newaxis] < count) & (at_s > 0.02)
    window, which = np.nonzero(chosen)
    impulses = np.zeros((n_windows, n), dtype=np.float32)
    impulses[window, (at_s[window, which] * RATE_HZ).astype(np.intp)] += amplitude[window, which]
    return add_kernels(impulses, kernels(rng, n_windows))


def _bump(rng: np.random.Generator, time_s: Array, onset_s: Array, rest: Array) -> Array:
    """Return the amplitude of a short swell of activity, over at least 130 ms before the burst."""
    n_windows = len(onset_s)
    width_s = uniform(rng, 0.015, 0.06, n_windows)
    centre_s = onset_s - 0.13 - width_s - uniform(rng, 0, 1.0, n_windows)
    level = rest.std(axis=1, keepdims=True) * decibels(uniform(rng, 3, 16, n_windows))
    swell = level * np.exp(-(((time_s - centre_s) / width_s) ** 2))
    return np.where(chance(rng, BUMP_SHARE, n_windows) & (centre_s > 0.02), swell, 0)


def _heart(rng: np.random.Generator, n: int, rest: Array) -> Array:
    """Return heart beats (QRS complexes) one to seven times the rest level in some windows."""
    n_windows = len(rest)
    impulses = np.zeros((n_windows, n), dtype=np.float32)
    for window in np.flatnonzero(rng.random(n_windows) < HEART_SHARE):
        beats = np.arange(rng.uniform(0, 0.8), n / RATE_HZ, rng.uniform(0.6, 1.1))
        impulses[window, np.minimum((beats * RATE_HZ).astype(np.intp), n - 1)] = rest[window].std() * rng.uniform(1, 7)
    centre = 30
    u = np.arange(-centre, 34) / rng.uniform(7, 14, (n_windows, 1))
    beat = np.exp(-(u**2) / 2) - 0.3 * np.exp(-((u - 1.5) ** 2) / 2) - 0.2 * np.exp(-((u + 1.5) ** 2) / 2)
    return add_kernels(impulses, beat.astype(np.float32), centre)
