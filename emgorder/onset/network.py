"""The amortised onset posterior: a small network that has seen many bursts, evaluated with numpy alone.

A U-Net over 4 ms frames gives the probability that the burst of a window becomes visible in each frame, and that no
onset can be told: there is none, the window begins within the burst, or a gap lies across the onset or within 50 ms
of it. It was trained on simulated bursts, nearly half of them of real rests and real plateaus, see ``training/``.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from emgorder.errors import RecordingError
from emgorder.model import FloatArray, Posterior
from emgorder.onset.layers import OUTSIDE, Layers, decoded, read_weights
from emgorder.onset.network_features import FRAME_SAMPLES, Float32Array, at_working_rate, window_features
from emgorder.onset.usable import check_signal, condition

__all__ = ["NetworkPosterior", "OnsetNetwork", "load_network", "network_posterior", "network_posteriors"]

WEIGHTS_FILE = "onset_network.npz"
COARSEST_FRAMES = 16  # frames of the deepest layer: windows are padded to a multiple
GRID_PER_FRAME = 2
"""2 ms between the points of the density."""

LEAST_DENSITY = 1e-7
"""Added to the probability of each grid point, so that a product with another posterior never is empty."""

SHORTEST_S = 0.1
VISIBLE, EXCITED = 0, 1  # rows of what the last layer gives

TEMPERATURE = 0.8
"""Of 83 hand-read bursts, each judged by a network that has seen nothing of its data set, the 90 % intervals cover .94
and are 35 ms wide (1.0: .95, 51 ms; 0.6: .89, 28 ms). The same bursts at 200 Hz are covered in .84 (1.0: .86)."""

SHIFT_S = -0.002
"""Readers mark the first departure from rest, a little before twice its RMS is passed; log score 3.43, without 3.30."""


@dataclass(frozen=True, eq=False, slots=True)
class OnsetNetwork:
    """Weights of the network, batch normalisation folded in.

    Attributes
    ----------
    layers : mapping of str to (ndarray of float32, ndarray of float32)
        Of each convolution the weights, shape (n_out, width * n_in), and biases, shape (n_out, 1).
    temperature : float
        The logits of the frames are divided by it: below 1 sharpens the density.
    shift_s : float
        Added to the time of visible onsets.
    """

    layers: Layers
    temperature: float = TEMPERATURE
    shift_s: float = SHIFT_S


@dataclass(frozen=True, eq=False, slots=True)
class NetworkPosterior:
    """What the network says of one window.

    Attributes
    ----------
    visible : Posterior
        Of the first visible activity, given that there is an onset; seconds from the first sample.
    excited : Posterior
        Of the first excitation as simulations define it, which noise may hide; it could only be checked there.
    smooth : float
        Probability that the burst rises smoothly out of a quiet rest, so that its start can be told from its rise.
    probability : float
        That there is an onset in this window which can be told.
    """

    visible: Posterior
    excited: Posterior
    smooth: float
    probability: float


@functools.lru_cache(maxsize=4)
def load_network(path: Path | None = None) -> OnsetNetwork:
    """Return the network, read once.

    Parameters
    ----------
    path : Path, optional
        Weights written by ``training/``; default: those of the package.

    Raises
    ------
    RecordingError
        The file holds no weights of this network.

    Examples
    --------
    >>> load_network() is load_network()
    True
    """
    layers, _ = read_weights(WEIGHTS_FILE, path, {"enter", "deep_c", "up0b", "where", "none", "smooth"})
    return OnsetNetwork(MappingProxyType(layers))


def network_posterior(
    signal: npt.ArrayLike,
    sampling_frequency: float,
    *,
    conditioned: bool = False,
    network: OnsetNetwork | None = None,
) -> NetworkPosterior:
    """Return when the one burst of a window begins.

    Parameters
    ----------
    signal : array_like, shape (n_samples,)
        One window of 0.6 to 4 s (what the network was trained on), any unit, NaN = lost sample.
    sampling_frequency : float
        Hz; above 1 kHz it is brought down to about that.
    conditioned : bool
        The signal was band-passed before.
    network : OnsetNetwork, optional
        Default: that of the package.

    Raises
    ------
    RecordingError
        Not one channel of numbers, or shorter than 0.1 s.
    SettingsError
        The sampling frequency is below 100 Hz.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> emg = rng.standard_normal(2000) * np.where(np.arange(2000) < 1000, 1, 10)
    >>> found = network_posterior(emg, 1000.0)
    >>> abs(found.visible.quantile(0.5) - 1.0) < 0.01, found.probability > 0.9
    (True, True)
    """
    return network_posteriors([signal], sampling_frequency, conditioned=conditioned, network=network)[0]


def network_posteriors(
    signals: Sequence[npt.ArrayLike],
    sampling_frequency: float,
    *,
    conditioned: bool = False,
    network: OnsetNetwork | None = None,
) -> list[NetworkPosterior]:
    """Do :func:`network_posterior` for several windows; those of equal length are filtered together, which is faster.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> [round(found.probability) for found in network_posteriors(rng.standard_normal((2, 1500)), 1000.0)]
    [0, 0]
    """
    network = network or load_network()
    windows = [check_signal(signal, sampling_frequency) for signal in signals]
    by_length: dict[int, list[int]] = {}
    for index, window in enumerate(windows):
        if window.size < SHORTEST_S * sampling_frequency:
            raise RecordingError(
                f"a window of {window.size} samples is {window.size / sampling_frequency:.3f} s long: "
                f"give {SHORTEST_S:g} s at least, better 0.6 to 4 s"
            )
        by_length.setdefault(window.size, []).append(index)
    found: dict[int, NetworkPosterior] = {}
    for indices in by_length.values():
        together = np.stack([windows[index] for index in indices], axis=1)
        together = condition(together, sampling_frequency, conditioned=conditioned)
        values, lost, rate_Hz = at_working_rate(together, sampling_frequency)
        features = window_features(values, lost, sampling_frequency)
        for row, index in enumerate(indices):
            where, none, smooth = forward(network, features[row : row + 1])  # one by one: layers stay in the cache
            found[index] = _posterior(network, where[:, 0], none[:, 0], float(smooth[0]), lost[row], rate_Hz)
    return [found[index] for index in range(len(windows))]


def forward(network: OnsetNetwork, features: Float32Array) -> tuple[Float32Array, Float32Array, Float32Array]:
    """Return the logits of each frame, (2, n_windows, n_frames), of "no onset", (2, n_windows), and of "smooth".

    Row 0 is the first visible activity, row 1 the first excitation.
    """
    n_frames = features.shape[2]
    padding = -n_frames % COARSEST_FRAMES
    x = np.pad(features, ((0, 0), (0, 0), (0, padding))).transpose(1, 0, 2)  # (features, windows, frames)
    inside = x[-3:-2]
    there = inside - x[-2:-1]
    up, deep = decoded(network.layers, x, inside)
    weight, bias = network.layers["where"]
    where = np.tensordot(weight, up, axes=1) + bias[:, :, np.newaxis] + (there - 1) * OUTSIDE
    whole = np.concatenate([deep.mean(axis=2), deep.max(axis=2)])
    none, smooth = (weight @ whole + bias for weight, bias in (network.layers["none"], network.layers["smooth"]))
    return where[:, :, :n_frames], none, smooth[0]


def _posterior(
    network: OnsetNetwork,
    where: Float32Array,
    none: Float32Array,
    smooth: float,
    lost: npt.NDArray[np.bool_],
    rate_Hz: float,
) -> NetworkPosterior:
    if lost.all():
        probability = 0.0
    else:
        logits = np.append(where[VISIBLE], none[VISIBLE]).astype(np.float64)
        weights = np.exp(logits - logits.max())
        probability = float(1 - weights[-1] / weights.sum())
    visible, excited = (
        _density(where[row].astype(np.float64) / network.temperature, rate_Hz) for row in (VISIBLE, EXCITED)
    )
    return NetworkPosterior(visible.shifted(network.shift_s), excited, float(expit(smooth)), probability)


def _density(logits: FloatArray, rate_Hz: float) -> Posterior:
    """Return the density on the fine grid."""
    weights = np.exp(logits - logits.max())
    frame = np.arange(logits.size)
    step_s = FRAME_SAMPLES / rate_Hz / GRID_PER_FRAME
    fine = (np.arange(logits.size * GRID_PER_FRAME) + 0.5) / GRID_PER_FRAME - 0.5  # in frames, from the first's centre
    density = np.interp(fine, frame, weights / weights.sum() / GRID_PER_FRAME) + LEAST_DENSITY
    grid_s = (fine + 0.5) * FRAME_SAMPLES / rate_Hz
    return Posterior(grid_s, density / (density.sum() * step_s))
