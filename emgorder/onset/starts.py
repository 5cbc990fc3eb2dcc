"""Where smooth rises began: a small network fits every kind of rise from every start, evaluated with numpy alone.

On a slow ramp in a noisy channel activity begins 20 to 80 ms before anything can be seen of it; how long before, the
shape of the rise tells. One burst hardly tells the kind of its rise; the bursts of a muscle in one session together do.
The network was trained on simulated sessions alone, see ``training/``: nobody knows where real rises began.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
from scipy.special import log_softmax, logsumexp

from emgorder.model import FloatArray, StartFits
from emgorder.onset.layers import OUTSIDE, Layers, decoded, read_weights
from emgorder.onset.network_features import FRAME_SAMPLES, Float32Array, at_working_rate
from emgorder.onset.start_features import FRAMES_BEFORE, N_FRAMES, start_features

__all__ = [
    "StartNetwork",
    "evidence_of",
    "fit_starts",
    "forward",
    "load_start_network",
    "usual_kinds",
]

WEIGHTS_FILE = "start_network.npz"
NEEDED = {"enter", "deep_c", "up0b", "fit", "law", "usual"}
LEAST_EVIDENCE = -12.0
"""Logarithm of how much less likely than all kinds together one is taken to be at least, from a single burst."""


@dataclass(frozen=True, eq=False, slots=True)
class StartNetwork:
    """Weights of the network, batch normalisation folded in.

    Attributes
    ----------
    layers : mapping of str to (ndarray of float32, ndarray of float32)
        See :data:`emgorder.onset.layers.Layers`.
    law : ndarray, shape (n_kinds, n_kinds)
        Log probability of each kind of rise in a lift, a row for each kind that is usual in its session.
    usual : ndarray, shape (n_kinds,)
        Log probability that each kind is the usual one of a session, up to an additive constant.
    """

    layers: Layers
    law: FloatArray
    usual: FloatArray


@functools.lru_cache(maxsize=4)
def load_start_network(path: Path | None = None) -> StartNetwork:
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
    >>> network = load_start_network()
    >>> network is load_start_network(), network.law.shape
    (True, (24, 24))
    """
    layers, arrays = read_weights(WEIGHTS_FILE, path, NEEDED)
    law = log_softmax(arrays["law"].astype(np.float64), axis=1)
    return StartNetwork(MappingProxyType(layers), law, arrays["usual"].astype(np.float64))


def fit_starts(
    signals: Sequence[FloatArray],
    visible_s: Sequence[float],
    sampling_frequency: float,
    network: StartNetwork | None = None,
) -> list[StartFits]:
    """Return how well each kind of rise fits each burst from each start.

    Parameters
    ----------
    signals : sequence of ndarray of float64, shape (n_samples,)
        Conditioned EMG around the beginning of one burst each, without gaps, any unit.
    visible_s : sequence of float
        About when each burst becomes visible, seconds from the first sample.
    sampling_frequency : float
        Hz; above 1 kHz signals are brought down to about that.
    network : StartNetwork, optional
        Default: that of the package.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> emg = rng.standard_normal(2000) * np.where(np.arange(2000) < 1000, 1, 10)
    >>> [fitted] = fit_starts([emg], [1.0], 1000.0)
    >>> kind, start = np.unravel_index(fitted.fit.argmax(), fitted.fit.shape)
    >>> bool(abs(fitted.starts_s[start] - 1.0) < 0.01)
    True
    """
    if not signals:
        return []
    network = network or load_start_network()
    cut = [at_working_rate(one[:, np.newaxis], sampling_frequency) for one in signals]
    rate_Hz = cut[0][2]
    length = np.array([values.shape[1] for values, _, _ in cut])
    values = np.zeros((len(cut), length.max()))
    for row, (one, _, _) in enumerate(cut):
        values[row, : one.shape[1]] = one[0]
    reference = np.round(np.asarray(visible_s) * rate_Hz).astype(np.intp)
    features = start_features(values, reference, (np.zeros_like(length), length), sampling_frequency)
    centres = (np.arange(N_FRAMES) - FRAMES_BEFORE + 0.5) * FRAME_SAMPLES
    fitted = []
    for row, at in enumerate(reference):
        fit = forward(network, features[row : row + 1])  # one by one: layers stay in the cache
        fitted.append(StartFits((at + centres) / rate_Hz, fit))
    return fitted


def evidence_of(fits: StartFits, network: StartNetwork | None = None) -> FloatArray:
    """Return what the fits of one burst tell of the kind that is usual in its session, shape (n_kinds,).

    Log likelihoods up to an additive constant: those of several bursts add up.
    """
    network = network or load_start_network()
    kinds = np.maximum(log_softmax(logsumexp(fits.fit, axis=1)), LEAST_EVIDENCE)
    evidence: FloatArray = logsumexp(network.law + kinds, axis=1)
    return evidence


def usual_kinds(evidence: FloatArray | None = None, network: StartNetwork | None = None) -> FloatArray:
    """Return the log probability of each kind of rise in a lift, shape (n_kinds,).

    Parameters
    ----------
    evidence : ndarray, shape (n_kinds,), optional
        Sum of what other lifts of its session tell; default: nothing is known of the session.
    network : StartNetwork, optional
        Default: that of the package.

    Examples
    --------
    >>> round(float(np.exp(usual_kinds()).sum()), 6)
    1.0
    """
    network = network or load_start_network()
    session = log_softmax(network.usual if evidence is None else network.usual + evidence)
    kinds: FloatArray = logsumexp(session[:, np.newaxis] + network.law, axis=0)
    return kinds


def forward(network: StartNetwork, features: Float32Array) -> FloatArray:
    """Return the fits of one window, shape (n_kinds, n_frames)."""
    x = features.transpose(1, 0, 2)  # (features, windows, frames)
    there = x[-4:-3]
    up, _ = decoded(network.layers, x, there)
    weight, bias = network.layers["fit"]
    fit = weight @ up[:, 0] + bias + (there[:, 0] - 1) * OUTSIDE
    return np.asarray(fit, dtype=np.float64)
