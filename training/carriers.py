"""What EMG is made of: coloured noise, real plateaus, sparse shots, and trains of motor units."""

from __future__ import annotations

import numpy as np

from training.draws import (
    RATE_HZ,
    Array,
    add_kernels,
    chance,
    coloured,
    emg_spectra,
    kernels,
    log_uniform,
    slow,
    uniform,
)
from training.segments import Segments

__all__ = ["interference", "motor_units", "replace_by_real"]

SPARSE_SHARE = 0.12
HEAVY_TAILED_SHARE = 0.6
N_UNITS = 40
N_SHAPES = 4  # potentials that the units of one window share


def replace_by_real(
    rng: np.random.Generator, noise: Array, kind: str, share: float, rate: int, real: Segments | None
) -> np.ndarray:
    """Put real segments in place of about `share` of the windows; return which."""
    replaced = np.zeros(len(noise), dtype=bool)
    if real is None:
        return replaced
    for window in np.flatnonzero(rng.random(len(noise)) < share):
        segment = real.draw(rng, kind, rate, noise.shape[1])
        if segment is not None:
            noise[window] = segment
            replaced[window] = True
    return replaced


def interference(
    rng: np.random.Generator, n_windows: int, n: int, rate: int, real: Segments | None, real_share: float
) -> Array:
    """Draw EMG of constant strength, standard deviation 1, shape (n_windows, n)."""
    emg = coloured(rng, n_windows, n, emg_spectra(rng, n_windows, n))
    spread = uniform(rng, 0, 0.65, n_windows) * chance(rng, HEAVY_TAILED_SHARE, n_windows)
    emg *= np.exp(spread * slow(rng, n_windows, n, log_uniform(rng, 8, 80, n_windows)) - spread**2)
    replace_by_real(rng, emg, "plateau", real_share, rate, real)
    sparse = np.flatnonzero(rng.random(n_windows) < SPARSE_SHARE)
    if sparse.size:
        fires = rng.random((sparse.size, n)) < log_uniform(rng, 0.03, 0.4, sparse.size)
        shots = (fires * rng.standard_normal((sparse.size, n))).astype(np.float32)
        emg[sparse] = add_kernels(shots, kernels(rng, sparse.size))
    return emg / (emg.std(axis=1, keepdims=True) + 1e-6)


def motor_units(rng: np.random.Generator, n: int, onset_s: Array, ramp_s: Array) -> Array:
    """Draw EMG of motor units recruited from `onset_s` on over `ramp_s`, both of shape (n_windows, 1).

    Small units first, each firing faster as time goes on (after Fuglevand et al. 1993, 10.1152/jn.1993.70.6.2470).
    """
    n_windows = len(onset_s)
    rank = np.arange(N_UNITS)[np.newaxis] / N_UNITS
    first_s = onset_s + ramp_s * rank ** (1 / uniform(rng, 0.5, 2.5, n_windows))
    first_s = first_s + (rank > 0) * rng.exponential(0.015, (n_windows, N_UNITS))
    size = log_uniform(rng, 2, 40, n_windows) ** rank * rng.uniform(0.3, 1.6, (n_windows, N_UNITS))
    size = size * rng.choice([-1, 1], (n_windows, N_UNITS))
    size = size * (np.arange(N_UNITS)[np.newaxis] < rng.integers(4, N_UNITS + 1, (n_windows, 1)))

    n_fires = n // 28 + 6  # at the shortest interval, 28 ms, to the end of the window
    slowest_s = rng.uniform(0.05, 0.13, (n_windows, N_UNITS, 1))
    fastest_s = rng.uniform(0.028, 0.06, (n_windows, N_UNITS, 1))
    settled = np.exp(-np.arange(n_fires) / rng.uniform(1, 6, (n_windows, 1, 1)))
    variation = rng.uniform(0.1, 0.3, (n_windows, 1, 1)) * rng.standard_normal((n_windows, N_UNITS, n_fires))
    interval_s = (fastest_s + (slowest_s - fastest_s) * settled) * np.maximum(1 + variation, 0.25)
    fires_s = first_s[:, :, np.newaxis] + np.cumsum(interval_s, axis=2) - interval_s[:, :, :1]
    sample = (fires_s * RATE_HZ).astype(np.intp)

    emg = np.zeros((n_windows, n), dtype=np.float32)
    window = np.broadcast_to(np.arange(n_windows)[:, np.newaxis, np.newaxis], sample.shape)
    weight = np.broadcast_to(size[:, :, np.newaxis], sample.shape)
    within = (sample >= 0) & (sample < n)
    for shape in range(N_SHAPES):
        chosen = within & (np.arange(N_UNITS) % N_SHAPES == shape)[np.newaxis, :, np.newaxis]
        at = window[chosen] * n + sample[chosen]
        impulses = np.bincount(at, weights=weight[chosen], minlength=n_windows * n).reshape(n_windows, n)
        emg += add_kernels(impulses.astype(np.float32), kernels(rng, n_windows))
    return emg
