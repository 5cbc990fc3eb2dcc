"""A causal alarm: muscle activity has begun, said while it is still beginning.

A cumulative sum (Page 1954, 10.1093/biomet/41.1-2.100) of the log likelihood that whitened EMG is louder than rest.
Each sample's part is bounded, so that a stray potential does not make an alarm by its height.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from emgorder.model import FloatArray

__all__ = ["ActivityAlarm", "Heard"]

ORDER = 4
"""Of the whitening filter, as in :mod:`emgorder.onset.levels`."""

TEMPER, TEMPER_RATE_HZ = 0.35, 1000.0
"""Each sample counts as this many independent ones at 1 kHz; fewer at higher rates, at most one at lower."""

RISE = 10.0
"""Power over rest that the sum is made for: above about 4 dB it climbs, and real baselines wander by +-4 dB."""

MOST, THRESHOLD = 1.0, 10.0
"""The most that a sample can add (before tempering), and the sum at which the alarm goes off. On simulated sessions (93
lifts, baselines wandering by 2 dB, a stray potential every 2 s) and 76 hand-read bursts: median delay 83 and 99 ms, 0.1
false alarms a minute of rest and muscle. Threshold 8: 70 and 86 ms, 0.3 a minute. Parts up to 2: 45 and 63 ms, but 5 a
minute, and unbounded ones 28 and 27 ms, but 27 a minute: the strays."""

REST_S = 10.0
"""How far back rest is looked for: longer than a lift, short enough to follow a sensor that shifts."""

CALM = 5.0
"""Sum down to which a muscle has to go before it is heard anew: 17 of 160 simulated bursts are heard more than once,
with the threshold itself 87."""

LEAST_REST_S = 1.0
"""Signal that must have been heard before the first alarm."""

REST_LOW, REST_HIGH = 0.1, 0.5
"""Of the parts, by power, those between these quantiles are rest: a muscle rests for at least half of 10 s in lifts,
and the calmest parts can be pads or a sensor that was off."""

REST_PART_S = 0.05
"""Rest is told by the power of parts of this length, some hops each: shorter ones are calm by chance, and make rest
look quieter than it is (simulated sessions at 200 Hz: 1.2 false alarms a minute with 25 ms, 0.5 with 50)."""

REFIT_S = 0.5
RIDGE = 1e-4


@dataclass(frozen=True, slots=True)
class Heard:
    """What one hop showed: the sample of the hop at which an alarm went off, and whether the muscle is active."""

    alarm: int | None
    active: bool


class ActivityAlarm:
    """Listens to several muscles, hop by hop.

    The first alarm needs a second of signal; another one needs calm in between. Rest is measured all the time, from
    the calmer half of the last 10 s. Lost samples (NaN) count as nothing.

    Parameters
    ----------
    sampling_frequency : float
        Hz.
    n_muscles : int
        Columns of the hops to come.
    hop : int
        Samples of each hop, 25 ms or so: how often it is said what was heard. What is heard hardly depends on it.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> alarm = ActivityAlarm(1000.0, 1, hop=50)
    >>> heard = [alarm.push(rng.normal(size=(50, 1)) * (1 if k < 40 else 5))[0] for k in range(44)]
    >>> [(k, h.alarm is not None, h.active) for k, h in enumerate(heard) if h.active]
    [(41, True, True), (42, False, True), (43, False, True)]
    """

    def __init__(self, sampling_frequency: float, n_muscles: int, *, hop: int) -> None:
        self._temper = min(1.0, TEMPER * TEMPER_RATE_HZ / sampling_frequency)
        self._hops_a_part = max(1, round(REST_PART_S * sampling_frequency / hop))
        parts_a_second = sampling_frequency / (self._hops_a_part * hop)
        self._least = max(2, math.ceil(LEAST_REST_S * parts_a_second))
        self._refit = max(1, round(REFIT_S * parts_a_second)) * self._hops_a_part
        self._most = max(self._least, round(REST_S * parts_a_second))
        self._hops: list[FloatArray] = []  # since the last fit
        self._lags = np.empty((ORDER + 1, 0, n_muscles))  # of the parts before
        self._n_hops = 0
        self._past = np.full((ORDER, n_muscles), np.nan)
        self._whitener = np.zeros((ORDER + 1, n_muscles))
        self._power = np.full(n_muscles, np.inf)  # of the whitened rest
        self._sum = np.zeros(n_muscles)
        self._calm = np.full(n_muscles, True)

    def push(self, hop: FloatArray) -> list[Heard]:
        """Take the next hop of conditioned EMG, shape (hop, n_muscles), and say what it showed of each muscle."""
        samples = np.concatenate([self._past, hop])
        self._past = samples[-ORDER:]
        error = hop * self._whitener[0]
        for lag in range(1, ORDER + 1):
            error += samples[ORDER - lag : -lag] * self._whitener[lag]
        gain = 0.5 * self._temper * ((1.0 - 1.0 / RISE) * error**2 / self._power - math.log(RISE))
        gain = np.where(np.isfinite(gain), np.minimum(gain, MOST * self._temper), 0.0)
        total = self._sum + np.cumsum(gain, axis=0)
        level = total - np.minimum(np.minimum.accumulate(total), 0.0)
        loud = level > THRESHOLD
        calm_before = self._calm
        self._sum = np.minimum(level[-1], 2.0 * THRESHOLD)
        self._calm = (self._calm & ~loud.any(axis=0)) | (self._sum <= CALM)
        self._remember(hop)
        first = loud.argmax(axis=0).tolist()
        return [
            Heard(at if active and calm else None, active)
            for at, active, calm in zip(first, loud.any(axis=0).tolist(), calm_before.tolist(), strict=True)
        ]

    def _remember(self, hop: FloatArray) -> None:
        self._hops.append(hop)
        self._n_hops += 1
        if self._n_hops < self._least * self._hops_a_part or self._n_hops % self._refit:
            return
        n = self._hops_a_part * len(hop)
        parts = np.concatenate(self._hops).reshape(-1, n, hop.shape[1])
        self._hops.clear()
        new = [np.einsum("psm,psm->pm", parts[:, lag:], parts[:, : max(0, n - lag)]) for lag in range(ORDER + 1)]
        lags = self._lags = np.concatenate([self._lags, new], axis=1)[:, -self._most :]
        for muscle in range(hop.shape[1]):
            mine = lags[:, :, muscle]
            mine = mine[:, np.isfinite(mine[0]) & (mine[0] > 0.0)]
            if mine.shape[1] >= self._least:
                low, high = np.quantile(mine[0], (REST_LOW, REST_HIGH))
                calm = mine[:, (mine[0] >= low) & (mine[0] <= high)].mean(axis=1) / n
                self._whitener[:, muscle], self._power[muscle] = _whitener(calm)


def _whitener(covariance: FloatArray) -> tuple[FloatArray, float]:
    """Return the prediction-error filter of an autocovariance, and the power that it leaves."""
    from scipy.linalg import solve_toeplitz

    column = covariance[:-1].copy()
    column[0] *= 1.0 + RIDGE
    weights = -solve_toeplitz(column, covariance[1:])
    return np.concatenate([[1.0], weights]), float(covariance[0] + weights @ covariance[1:])
