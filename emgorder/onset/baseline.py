"""Where the burst roughly begins, and the rest before it, when nobody says."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from emgorder.model import FloatArray
from emgorder.onset.published.tools import moving_mean, n_samples

__all__ = ["Step", "calm_step", "coarse_step", "frame_noise", "main_step", "rest_before"]

FRAME_S = 0.020
"""Window of the power: long against the period of EMG, short against a burst."""

BEFORE_S, AFTER_S = 0.25, 0.20
"""Windows whose mean log power is compared."""

SHORTEST_S = 0.10
"""What remains of these windows at least near the ends of the signal."""

FLOOR = 0.03**2
"""Power below this share of the burst's does not count: bursts are told from what precedes them by their main part.
Measured on hand-read bursts: mean error of the coarse step 40 ms without, 23 ms with it (windows given)."""

SETTLED_S, ROUNDS = 0.15, 3
"""The step is looked for again in the signal that ends this long after it, until it comes no earlier, so many times at
most: what the burst grows to later must not matter. Measured on 83 hand-read bursts shown for 0.3 s and for 1.3 s after
the onset, ``cusum``: median error 7 and 15 ms without, 5.4 and 5.5 ms with it; 0.12 to 0.17 s are about as good."""

BURST_QUANTILE = 0.98
"""Of the power; stands for the burst, a few spikes do not move it."""

REST_S, REST_GAP_S = 0.5, 0.1
"""The rest is the half second that ends this long before the coarse step: longer ones forget that rest wanders, and
without the gap slow rises spoil it."""

MAIN_BEFORE_S, MAIN_AFTER_S = 1.5, 0.45
"""Around the settled step, where the main part of the burst is looked for. Measured on 83 hand-read bursts with the
hidden Markov model: mean error 22.5 ms from the settled step, 14.0 ms from the largest step around it; shown for 1.2 s
after the onset 29.8 and 25.8 ms, and 28.9 ms from the largest step of all."""

CALM_SHARE = 0.5
"""How much a step that begins above the lowest level so far counts for less, in dB per dB."""

NORMAL_MAD = 0.6745
"""Median absolute deviation of a normal distribution in standard deviations."""


@dataclass(frozen=True, slots=True)
class Step:
    """The largest step up of the log power.

    Attributes
    ----------
    at : int
        Sample, typically 20 to 60 ms after the onset.
    rise_dB : float
        By how much the log power is higher in the 0.2 s after it than in the 0.25 s before.
    noise_dB : float
        Standard deviation of that rise in stationary noise like this.
    """

    at: int
    rise_dB: float
    noise_dB: float


def coarse_step(values: FloatArray, sampling_frequency: float, *, first: int = 0) -> Step | None:
    """Find where the largest step up of the floored log power begins.

    Parameters
    ----------
    values : ndarray of float64, shape (n_samples,)
        Conditioned EMG, finite.
    sampling_frequency : float
        Hz.
    first : int
        Steps before this sample do not count.

    Returns
    -------
    Step or None
        None where the signal is too short to have one (0.1 s on either side) or is zero.

    Examples
    --------
    >>> import numpy as np
    >>> emg = np.random.default_rng(1).normal(size=2000) * np.where(np.arange(2000) < 1000, 1, 10)
    >>> bool(abs(coarse_step(emg, 1000).at - 1000) < 50)
    True
    """
    width = n_samples(FRAME_S, sampling_frequency)
    power = _power(values, width)
    step = _largest_step(power, sampling_frequency, first)
    if step is None:
        return None
    for _ in range(ROUNDS):
        stop = step.at + n_samples(SETTLED_S, sampling_frequency)
        earlier = _largest_step(power[: stop - width + 1], sampling_frequency, first)
        if earlier is None or earlier.at >= step.at:
            break
        step = replace(step, at=earlier.at)
    return step


def main_step(values: FloatArray, sampling_frequency: float, *, first: int = 0) -> Step | None:
    """Find the largest step up of the floored log power around the one that :func:`coarse_step` settles on.

    A burst that grows in two parts has a step at each. Methods that look at all that precedes the step want that of
    the main part, others the first.

    Parameters
    ----------
    values : ndarray of float64, shape (n_samples,)
        Conditioned EMG, finite.
    sampling_frequency : float
        Hz.
    first : int
        Steps before this sample do not count.

    Returns
    -------
    Step or None
        None where :func:`coarse_step` finds none.
    """
    settled = coarse_step(values, sampling_frequency, first=first)
    if settled is None or settled.at < n_samples(BEFORE_S, sampling_frequency):
        return settled
    if values.size - settled.at < n_samples(AFTER_S, sampling_frequency):
        return settled  # a later part could not be seen whole, and an earlier one is not what settled
    start = max(0, settled.at - n_samples(MAIN_BEFORE_S, sampling_frequency))
    stop = settled.at + n_samples(MAIN_AFTER_S, sampling_frequency)
    # Near the ends short windows would find a step in a single deflection: here the step has to be seen whole.
    whole = (BEFORE_S, AFTER_S)
    power = _power(values[start:stop], n_samples(FRAME_S, sampling_frequency))
    largest = _largest_step(power, sampling_frequency, max(0, first - start), shortest_s=whole)
    return settled if largest is None else replace(settled, at=start + largest.at)


def calm_step(values: FloatArray, sampling_frequency: float, *, first: int = 0) -> Step | None:
    """Find the largest step up of the floored log power out of calm: one that begins within activity counts for less.

    A long burst whose strength wavers can hold larger steps than the slow rise it began with.

    Parameters
    ----------
    values : ndarray of float64, shape (n_samples,)
        Conditioned EMG, finite.
    sampling_frequency : float
        Hz.
    first : int
        Steps before this sample do not count.

    Returns
    -------
    Step or None
        None where :func:`coarse_step` finds none.
    """
    power = _power(values, n_samples(FRAME_S, sampling_frequency))
    return _largest_step(power, sampling_frequency, first, calm_share=CALM_SHARE)


def _power(values: FloatArray, width: int) -> FloatArray:
    """Return the power of each frame of `width` samples; of none where the signal is no longer than that."""
    return moving_mean(values * values, width) if values.size > width else np.empty(0)


def _quantile(values: FloatArray, share: float) -> float:
    """Do ``np.quantile``, in a quarter of the time."""
    place = share * (values.size - 1)
    low = int(place)
    high = min(low + 1, values.size - 1)
    below, above = np.partition(values, (low, high))[[low, high]]
    return float(below + (place - low) * (above - below))


def _largest_step(
    power: FloatArray,
    sampling_frequency: float,
    first: int,
    *,
    shortest_s: tuple[float, float] = (SHORTEST_S, SHORTEST_S),
    calm_share: float = 0.0,
) -> Step | None:
    width = n_samples(FRAME_S, sampling_frequency)
    if not power.size:
        return None
    burst = _quantile(power, BURST_QUANTILE)
    if not burst > 0.0:
        return None
    level = 10.0 * np.log10(np.maximum(power, 0.0) + FLOOR * burst)
    total = np.concatenate(([0.0], np.cumsum(level)))
    lead, trail = (n_samples(shortest, sampling_frequency) for shortest in shortest_s)
    at = np.arange(max(lead, first - width), level.size - trail + 1)
    if not at.size:
        return None
    before = np.minimum(at, n_samples(BEFORE_S, sampling_frequency))
    after = np.minimum(level.size - at, n_samples(AFTER_S, sampling_frequency))
    quiet = (total[at] - total[at - before]) / before
    rise = (total[at + after] - total[at]) / after - quiet
    # Shorter windows near the ends give noisier rises: each is weighed by its own noise.
    frames = np.sqrt(width / before + width / after)
    weighed = rise - calm_share * (quiet - np.minimum.accumulate(quiet)) if calm_share else rise
    best = int(np.argmax(weighed / frames))
    noise = float(frames[best]) * frame_noise(level[::width])
    return Step(int(at[best]) + width, float(rise[best]), noise)


def frame_noise(level: FloatArray) -> float:
    """Return the standard deviation of log power from frame to frame, in the unit of `level`.

    From the median absolute difference of neighbours: bursts, few among the frames, do not raise it.
    """
    if level.size < 2:
        return 0.0
    return float(np.median(np.abs(np.diff(level))) / NORMAL_MAD / np.sqrt(2.0))


def rest_before(at: int, sampling_frequency: float) -> slice:
    """Return the rest that belongs to a coarse step at sample `at`; shorter, even empty, near the start.

    Examples
    --------
    >>> rest_before(1000, 1000)
    slice(400, 900, None)
    """
    stop = max(0, at - n_samples(REST_GAP_S, sampling_frequency))
    return slice(max(0, stop - n_samples(REST_S, sampling_frequency)), stop)
