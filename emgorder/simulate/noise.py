"""Random streams by name, and noise of a given spectrum."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable

import numpy as np
from scipy import fft

from emgorder.errors import SettingsError
from emgorder.model import FloatArray

__all__ = ["coloured_noise", "slow_noise", "stream"]

SLOW_OVERSAMPLING = 16.0  # grid points per 1/bandwidth: linear interpolation then errs by less than 1 %
SLOW_PADDING = 4.0  # periods of 1/bandwidth that are cut off, so that the end does not join the start


def stream(seed: int, *name: str | int) -> np.random.Generator:
    """Return the random numbers of `seed` that belong to `name`.

    Every part of a simulation draws from its own stream: switching one part on does not move another.

    Parameters
    ----------
    seed : int
        Not negative.
    *name : str or int
        Path of the part, for example ``"carrier", "GMAX_R"``.

    Raises
    ------
    SettingsError
        The seed is negative or no integer.

    Examples
    --------
    >>> a, b, c = stream(7, "ecg"), stream(7, "ecg"), stream(7, "mains")
    >>> bool(a.random() == b.random()), bool(b.random() == c.random())
    (True, False)
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise SettingsError(f"{seed!r} is no seed: give an integer from 0 up", key="seed")
    return np.random.default_rng([int(seed), *(zlib.crc32(str(part).encode()) for part in name)])


def coloured_noise(
    rng: np.random.Generator,
    n_samples: int,
    sampling_frequency: float,
    density: Callable[[FloatArray], FloatArray],
) -> FloatArray:
    """Return Gaussian noise of expected power 1 with a given power spectrum.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    n_samples : int
        Length.
    sampling_frequency : float
        Hz.
    density : callable
        Power spectral density at frequencies in Hz, in any unit. Zero frequency and Nyquist are left out.

    Returns
    -------
    ndarray, shape (n_samples,)

    Examples
    --------
    >>> x = coloured_noise(stream(1), 100_000, 1000.0, np.ones_like)
    >>> round(float(np.mean(x**2)), 1)
    1.0
    """
    m = fft.next_fast_len(max(n_samples, 8), real=True)
    frequency_Hz = np.fft.rfftfreq(m, 1.0 / sampling_frequency).astype(np.float64)
    amplitude = np.sqrt(density(frequency_Hz))
    amplitude[0] = 0.0
    if m % 2 == 0:
        amplitude[-1] = 0.0
    spectrum = rng.standard_normal(2 * amplitude.size).view(np.complex128) * amplitude
    noise: FloatArray = fft.irfft(spectrum, m)[:n_samples]
    return noise * (0.5 * m / math.sqrt(float(np.sum(amplitude**2))))


def slow_noise(rng: np.random.Generator, n_samples: int, sampling_frequency: float, bandwidth_Hz: float) -> FloatArray:
    """Return smooth Gaussian noise of expected power 1 whose spectrum falls off around `bandwidth_Hz`.

    Made on a coarse grid and interpolated: cheap for wander of a fraction of a hertz.

    Examples
    --------
    >>> slow_noise(stream(1), 3000, 1000.0, 0.5).shape
    (3000,)
    """
    step_s = 1.0 / (SLOW_OVERSAMPLING * bandwidth_Hz)
    duration_s = n_samples / sampling_frequency
    n_coarse = math.ceil((duration_s + SLOW_PADDING / bandwidth_Hz) / step_s) + 1
    coarse = coloured_noise(rng, n_coarse, 1.0 / step_s, lambda f: np.exp(-((f / bandwidth_Hz) ** 2)))
    return np.interp(np.arange(n_samples) / sampling_frequency, np.arange(n_coarse) * step_s, coarse)
