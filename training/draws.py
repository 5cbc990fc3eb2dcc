"""Random numbers for many windows at once: one row a window."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.fft import irfft, rfft

__all__ = [
    "KERNEL_CENTRE",
    "KERNEL_SAMPLES",
    "RATE_HZ",
    "Array",
    "add_kernels",
    "chance",
    "coloured",
    "decibels",
    "emg_spectra",
    "kernels",
    "log_uniform",
    "slow",
    "uniform",
]

Array = npt.NDArray[np.float32]

RATE_HZ = 1000.0
KERNEL_SAMPLES, KERNEL_CENTRE = 32, 12


def uniform(rng: np.random.Generator, low: float, high: float, n_windows: int) -> Array:
    """Draw one number a window, shape (n_windows, 1)."""
    return rng.uniform(low, high, (n_windows, 1)).astype(np.float32)


def log_uniform(rng: np.random.Generator, low: float, high: float, n_windows: int) -> Array:
    """Draw one number a window, its logarithm uniform."""
    return np.exp(uniform(rng, np.log(low), np.log(high), n_windows))


def chance(rng: np.random.Generator, share: float, n_windows: int) -> npt.NDArray[np.bool_]:
    """Return True for about `share` of the windows."""
    return rng.random((n_windows, 1)) < share


def decibels(level_dB: Array | float) -> Array:
    """Return the amplitude ratio of a level."""
    return np.asarray(10 ** (np.asarray(level_dB) / 20), dtype=np.float32)


def coloured(rng: np.random.Generator, n_windows: int, n: int, spectra: npt.NDArray[np.floating]) -> Array:
    """Draw Gaussian noise of unit variance with power `spectra`, shape (n_windows or 1, n // 2 + 1)."""
    white = rfft(rng.standard_normal((n_windows, n), dtype=np.float32), axis=1)
    noise = irfft(white * np.sqrt(spectra).astype(np.float32), n, axis=1)
    return np.asarray(noise / (noise.std(axis=1, keepdims=True) + 1e-9), dtype=np.float32)


def slow(rng: np.random.Generator, n_windows: int, n: int, bandwidth_Hz: Array | float) -> Array:
    """Draw slow noise of unit variance, cut at three standard deviations."""
    frequency_Hz = np.fft.rfftfreq(n, 1 / RATE_HZ)[np.newaxis]
    widest = np.maximum(bandwidth_Hz, 1.2 * RATE_HZ / n)  # else nothing of it fits into the window
    spectra = np.exp(-((frequency_Hz / widest) ** 2))
    spectra[..., 0] = 0
    return np.clip(coloured(rng, n_windows, n, spectra), -3, 3)


def emg_spectra(rng: np.random.Generator, n_windows: int, n: int) -> npt.NDArray[np.float64]:
    """Draw EMG power spectra (Stulen & De Luca 1981, 10.1109/TBME.1981.324738) with electrodes' own band limits."""
    frequency_Hz = np.fft.rfftfreq(n, 1 / RATE_HZ)[np.newaxis]
    low_Hz = log_uniform(rng, 25, 90, n_windows)
    high_Hz = low_Hz * uniform(rng, 1.2, 3.0, n_windows)
    highpass_Hz = uniform(rng, 8, 30, n_windows)
    lowpass_Hz = log_uniform(rng, 150, 450, n_windows)
    band = 1 / (1 + (highpass_Hz / np.maximum(frequency_Hz, 0.1)) ** 4) / (1 + (frequency_Hz / lowpass_Hz) ** 6)
    shape = high_Hz**4 * frequency_Hz**2 / ((frequency_Hz**2 + low_Hz**2) * (frequency_Hz**2 + high_Hz**2) ** 2)
    return np.asarray(shape * band, dtype=np.float64)


def kernels(rng: np.random.Generator, n_windows: int) -> Array:
    """Draw motor-unit potentials with one to three phases, peak 1, shape (n_windows, KERNEL_SAMPLES)."""
    time_s = (np.arange(KERNEL_SAMPLES) - KERNEL_CENTRE) / RATE_HZ
    u = time_s[np.newaxis] / log_uniform(rng, 0.0012, 0.0042, n_windows)
    bell = np.exp(-(u**2))
    phases = rng.integers(0, 3, (n_windows, 1))
    shape = np.choose(phases, [-u * bell, (1 - 2 * u**2) * bell, -(3 * u - 2 * u**3) * bell])
    return np.asarray(shape / np.abs(shape).max(axis=1, keepdims=True), dtype=np.float32)


def add_kernels(impulses: Array, shapes: Array, centre: int = KERNEL_CENTRE) -> Array:
    """Put the shape of each window at its impulses."""
    n = impulses.shape[1]
    long = n + 2 * shapes.shape[1]
    spread = irfft(rfft(impulses, long, axis=1) * rfft(shapes, long, axis=1), long, axis=1)
    return np.asarray(spread[:, centre : centre + n], dtype=np.float32)
