"""How likely short frames of EMG are at rest, and at each level of muscle activity above it.

Rest and activity are autoregressive processes: rest as measured before the burst, activity as rest plus EMG of a
spectrum taken from the burst itself. Everything is computed for many bursts at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from emgorder.model import FloatArray, IntArray

__all__ = ["LEVELS_DB", "Frames", "Stretch", "measure_frames"]

LEVELS_DB: FloatArray = np.arange(-12.0, 64.0, 3.0)
"""Power of the added EMG over that of rest, dB: from invisible to the cleanest electrodes."""

FRAME_S = 0.0025
ORDER = 4
"""Of the autoregressive spectra; 6 and 8 were no better on hand-read bursts."""

TEMPER = 0.35
"""Each sample counts as this many independent ones (at up to 1 kHz): EMG of a given level is not Gaussian. Log score on
hand-read bursts is flat from 0.3 to 0.4."""

TEMPER_RATE_HZ = 1000.0
BEFORE_S = 0.6
"""Signal before the coarse step that is looked at; it holds the rest."""

NEAR_S = 0.1
"""Signal after the coarse step in which the onset is looked for: later frames move it by nothing."""


SPECTRUM_FROM_S, SPECTRUM_TO_S = 0.15, 1.0
"""After the coarse step: where the spectrum of the burst is taken."""

PLATEAU_FROM_S, PLATEAU_TO_S = 0.05, 0.25
"""After the coarse step: where the level of the burst is taken."""

SEGMENT = 128
SHORTEST_SEGMENT = 40
"""Samples of a periodogram; below the second a generic EMG spectrum serves alone."""

CLEAR_SHARE = 0.4
"""A burst that adds less power than this share of rest's tells nothing of its own spectrum."""

SHRINK = 0.3
"""Towards the generic spectrum."""

RIDGE = 1e-4
FIT_LOW_HZ, FIT_HIGH_HZ = 50.0, 110.0
"""Corners of a generic surface EMG spectrum: Stulen & De Luca 1981, 10.1109/TBME.1981.324738."""

BAND_LOW_HZ, BAND_HIGH_HZ = 20.0, 450.0
_TINY = 1e-300


@dataclass(frozen=True, eq=False, slots=True)
class Stretch:
    """Conditioned EMG around the beginning of one burst, without gaps.

    Attributes
    ----------
    values : ndarray of float64, shape (n_samples,)
        Finite; the first `n_rest` are rest.
    sampling_frequency : float
        Hz, at most about 1.8 kHz.
    n_rest : int
        Samples of rest at the beginning.
    step : int
        Sample of the coarse step up of the power.
    """

    values: FloatArray
    sampling_frequency: float
    n_rest: int
    step: int


@dataclass(frozen=True, eq=False, slots=True)
class Frames:
    """Log likelihoods of the frames of many bursts; frames beyond the end of a shorter one are zero everywhere.

    Attributes
    ----------
    rest : ndarray, shape (n_bursts, n_frames, n_wander)
        At rest, for each wander of its level.
    active : ndarray, shape (n_bursts, n_frames, n_levels)
        At each of ``LEVELS_DB`` above rest.
    count, near : ndarray of int, shape (n_bursts,)
        Frames of each burst: all that were measured, and those up to 0.1 s after the coarse step.
    first_s : ndarray, shape (n_bursts,)
        Start of each burst's first frame.
    step_s : float
        Length of a frame.
    plateau_dB : ndarray, shape (n_bursts,)
        Level of each burst's plateau above rest.
    """

    rest: FloatArray
    active: FloatArray
    count: IntArray
    near: IntArray
    first_s: FloatArray
    step_s: float
    plateau_dB: FloatArray

    def part(self, bursts: slice) -> Frames:
        """Return the frames of some of the bursts, as many frames each."""
        return replace(
            self,
            rest=self.rest[bursts],
            active=self.active[bursts],
            count=self.count[bursts],
            near=self.near[bursts],
            first_s=self.first_s[bursts],
            plateau_dB=self.plateau_dB[bursts],
        )


def measure_frames(stretches: Sequence[Stretch], wander_dB: FloatArray, after_s: float = NEAR_S) -> Frames:
    """Return how likely the frames of each burst are at rest and at each level.

    Parameters
    ----------
    stretches : sequence of Stretch
        All of one sampling frequency, at least one.
    wander_dB : ndarray, shape (n_wander,)
        Levels of rest, re its measured power.
    after_s : float
        Signal after the coarse step whose frames are measured, s.
    """
    rate = stretches[0].sampling_frequency
    size = max(1, round(FRAME_S * rate))
    temper = TEMPER * min(1.0, TEMPER_RATE_HZ / rate)
    rests = [_autocovariance(s.values[: s.n_rest]) for s in stretches]
    power = np.array([r[0] for r in rests])
    shapes = [_added_shape(s) for s in stretches]
    excess = 10.0 ** (LEVELS_DB / 10.0)
    covariances = np.stack(
        [np.vstack([r, r + excess[:, None] * shape * r[0]]) for r, shape in zip(rests, shapes, strict=True)]
    )
    filters, innovations = _levinson(covariances)
    first = [max(ORDER, s.step - round(BEFORE_S * rate)) for s in stretches]
    stop = [min(s.values.size, s.step + round(after_s * rate)) for s in stretches]
    count = np.array([max(0, (b - a) // size) for a, b in zip(first, stop, strict=True)], dtype=np.intp)
    near = np.minimum(
        count, [(s.step + round(NEAR_S * rate) - a) // size for a, s in zip(first, stretches, strict=True)]
    )
    n_frames = int(count.max())
    rest = np.zeros((len(stretches), n_frames, wander_dB.size))
    active = np.zeros((len(stretches), n_frames, LEVELS_DB.size))
    wander = 10.0 ** (wander_dB / 10.0)
    levels = np.concatenate([innovations[:, :1] * wander, innovations[:, 1:]], axis=1)
    # The filters scaled so that squared errors are log likelihoods up to a constant.
    filters = filters * np.sqrt(0.5 * temper / innovations)[:, :, None]
    constants = -0.5 * temper * size * np.log(levels)
    n_wander = wander.size
    for k, s in enumerate(stretches):
        n = int(count[k])
        past = np.lib.stride_tricks.sliding_window_view(s.values[first[k] - ORDER : first[k] + n * size], ORDER + 1)
        error = np.ascontiguousarray(past) @ filters[k, :, ::-1].T
        error = error.reshape(n, size, -1)
        error = np.einsum("fsl,fsl->fl", error, error)
        np.subtract(constants[k, :n_wander], error[:, :1] / wander, out=rest[k, :n])
        np.subtract(constants[k, n_wander:], error[:, 1:], out=active[k, :n])
    plateau_dB = np.array([_plateau_dB(s, p) for s, p in zip(stretches, power, strict=True)])
    return Frames(rest, active, count, near, np.array(first) / rate, size / rate, plateau_dB)


def _autocovariance(rest: FloatArray) -> FloatArray:
    power = float(np.mean(rest**2)) + _TINY
    centred = rest - rest.mean()
    lags = np.array([centred[: centred.size - k] @ centred[k:] for k in range(ORDER + 1)])
    unit = lags / lags[0] if lags[0] > 0.0 else np.eye(ORDER + 1)[0]
    covariance: FloatArray = unit * power
    return covariance


def _added_shape(stretch: Stretch) -> FloatArray:
    """Return the autocorrelation of the EMG that the burst adds: power after minus power at rest, shrunk."""
    rate = stretch.sampling_frequency
    generic = _generic_shape(rate)
    rest = stretch.values[: stretch.n_rest]
    burst = stretch.values[stretch.step + round(SPECTRUM_FROM_S * rate) : stretch.step + round(SPECTRUM_TO_S * rate)]
    size = min(SEGMENT, burst.size, rest.size)
    if size < SHORTEST_SEGMENT:
        return generic
    before = _periodogram(rest, size)
    added = np.maximum(_periodogram(burst, size) - before, 0.0)
    added[0] = 0.0
    shape = np.fft.irfft(added)[: ORDER + 1]
    if shape[0] <= 0.0 or added.sum() < CLEAR_SHARE * before.sum():
        return generic
    shrunk: FloatArray = (1.0 - SHRINK) * shape / shape[0] + SHRINK * generic
    return shrunk


def _periodogram(samples: FloatArray, size: int) -> FloatArray:
    pieces = np.lib.stride_tricks.sliding_window_view(samples, size)[:: max(1, size - size // 2)]
    transform = np.fft.rfft((pieces - pieces.mean(axis=1, keepdims=True)) * _hann(size))
    spectrum: FloatArray = np.mean(np.abs(transform) ** 2, axis=0)
    return spectrum


@lru_cache(maxsize=32)
def _hann(size: int) -> FloatArray:
    window: FloatArray = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(size) / size)
    return window


@lru_cache(maxsize=32)
def _generic_shape(rate: float) -> FloatArray:
    frequency = np.fft.rfftfreq(2000, 1.0 / rate)[1:]
    spectrum = FIT_HIGH_HZ**4 * frequency**2 / ((frequency**2 + FIT_LOW_HZ**2) * (frequency**2 + FIT_HIGH_HZ**2) ** 2)
    spectrum /= 1.0 + (BAND_LOW_HZ / frequency) ** 4
    spectrum /= 1.0 + (frequency / min(BAND_HIGH_HZ, 0.45 * rate)) ** 4
    shape = np.fft.irfft(np.append(0.0, spectrum))[: ORDER + 1]
    unit: FloatArray = shape / shape[0]
    return unit


def _plateau_dB(stretch: Stretch, rest_power: float) -> float:
    rate = stretch.sampling_frequency
    part = stretch.values[stretch.step + round(PLATEAU_FROM_S * rate) : stretch.step + round(PLATEAU_TO_S * rate)]
    if not part.size:
        return float(LEVELS_DB[-1])
    return float(10.0 * np.log10(max(np.mean(part**2) / rest_power - 1.0, 1e-3)))


def _levinson(covariances: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Solve the Yule-Walker equations for stacked autocovariances, shape (..., order + 1).

    Returns prediction-error filters of the same shape (leading 1) and innovation variances, shape (...).
    """
    r = covariances.copy()
    r[..., 0] *= 1.0 + RIDGE
    filters = np.zeros_like(r)
    filters[..., 0] = 1.0
    variance = r[..., 0].copy()
    for m in range(1, r.shape[-1]):
        reflection = -np.sum(filters[..., :m] * r[..., m:0:-1], axis=-1) / variance
        filters[..., 1 : m + 1] += reflection[..., None] * filters[..., m - 1 :: -1][..., :m]
        variance = variance * (1.0 - reflection**2)
    return filters, variance
