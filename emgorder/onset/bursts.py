"""Where a long signal is active: bursts by two thresholds on the log power, relative to its own rest and activity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from emgorder.model import BoolArray, FloatArray, IntArray
from emgorder.onset.baseline import frame_noise
from emgorder.onset.cuts import GAP_REACH_S
from emgorder.onset.published.tools import n_samples, runs
from emgorder.onset.usable import check_signal, hide_pads

__all__ = ["FRAME_S", "Burst", "find_bursts"]

# Chosen on simulated sessions and on 64 channels of real EMG (lifts, gait, ballistic and held contractions). Where the
# count is known (11, 11, 56 and 9 bursts) no change of one of them by 30 % changes it by more than one.

FRAME_S = 0.020
"""Step of the log power."""

SMOOTH_S = 0.200
"""Window of its running median, which takes out heart beats and stray potentials but keeps edges."""

FLOOR = 10.0 ** (-30.0 / 10.0)
"""Power below this share of the activity's counts as silence: how quiet a rest is says nothing about activity."""

LOUD_QUANTILE = 0.98
"""Of the frames' power; the activity to which the floor refers."""

REST_QUANTILE = 0.15
"""Of the smoothed log power within a window; stands for rest, which must fill this share of the window."""

WINDOW_S = 60.0
"""Window in which rest is looked for, so that a baseline may drift over a session."""

SIGMAS_ABOVE_REST, LEAST_ABOVE_REST_DB = 5.0, 4.0
"""Activity rises above rest by this many standard deviations of the smoothed log power of noise, and by this much. In
noise alone, white and pink, 200 to 2000 Hz: no burst in 24 h cut into half hours, one in 4 h cut into minutes."""

ACTIVITY_QUANTILE = 0.95
"""Of the levels above that; stands for the activity of the whole signal."""

CORE_SHARE = 0.5
"""A burst reaches this share of the activity's rise above rest, in dB: half the way."""

EDGE_SHARE = 1.0 / 3.0
"""A burst begins and ends at this share of its own rise above rest."""

MEDIAN_LOSS = 1.25
"""The standard error of a median is this much larger than that of a mean."""


@dataclass(frozen=True, slots=True)
class Burst:
    """One stretch of activity.

    Attributes
    ----------
    start_s, stop_s : float
        s from the first sample, to about 0.1 s. A burst that is cut by the beginning or end of the signal, or by a
        gap, begins or ends there.
    core_s, core_stop_s : float
        When it surely is active: first and last time at half the rise of the signal's activity.
    rise_dB : float
        Of its highest level (smoothed) above rest.
    cut_start, cut_stop : bool
        Whether the signal or a gap cut its beginning or end off, to 0.05 s: when it began or ended is then unknown.
    """

    start_s: float
    stop_s: float
    core_s: float
    core_stop_s: float
    rise_dB: float
    cut_start: bool = False
    cut_stop: bool = False


def find_bursts(
    signal: npt.ArrayLike,
    sampling_frequency: float,
    *,
    shortest_burst_s: float = 0.1,
    shortest_pause_s: float = 0.2,
) -> list[Burst]:
    """Find the bursts of a continuous signal.

    Rest is tracked as a low quantile of the log power, its spread is measured from frame to frame, and activity is
    what rises above both; thresholds lie between this signal's rest and this signal's activity, so the gain does not
    matter. Takes time and memory in proportion to the signal: 0.3 s for an hour at 1 kHz.

    Parameters
    ----------
    signal : array_like, shape (n_samples,)
        Conditioned EMG (band-passed), any unit; NaN is a lost sample.
    sampling_frequency : float
        Hz.
    shortest_burst_s : float
        Bursts that stay above half the activity's rise for less than this are strays.
    shortest_pause_s : float
        Shorter pauses, and shorter gaps, do not end a burst.

    Returns
    -------
    list of Burst
        In order of time; empty where nothing stands out.

    Raises
    ------
    RecordingError
        The signal is not one-dimensional, or not numbers.
    SettingsError
        The sampling frequency is below 100 Hz.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> emg = rng.normal(size=9000) * np.where(np.arange(9000) // 1000 % 3 == 2, 10, 1)
    >>> [round(burst.start_s) for burst in find_bursts(emg, 1000)]
    [2, 5, 8]
    """
    samples = check_signal(signal, sampling_frequency)
    frame = n_samples(FRAME_S, sampling_frequency)
    frame_s = frame / sampling_frequency
    lengths = n_samples(shortest_burst_s, 1.0 / frame_s), n_samples(shortest_pause_s, 1.0 / frame_s)
    found = _bursts(_frame_power(hide_pads(samples, sampling_frequency), frame), frame_s, *lengths)
    # A flat stretch at either end (a pad, a sensor that was off) counts as rest only where there is no other.
    return found or _bursts(_frame_power(samples, frame), frame_s, *lengths)


def _frame_power(samples: FloatArray, frame: int) -> FloatArray:
    """Return the mean power of each frame; NaN where more than half of its samples were lost."""
    frames = samples[: samples.size // frame * frame].reshape(-1, frame)
    present = np.isfinite(frames)
    count = present.sum(axis=1)
    total = np.einsum("ij,ij->i", *(np.where(present, frames, 0.0),) * 2)
    power: FloatArray = np.divide(total, count, out=np.full(len(frames), np.nan), where=2 * count > frame)
    return power


def _bursts(power: FloatArray, frame_s: float, shortest_burst: int, shortest_pause: int) -> list[Burst]:
    """Return the bursts of a course of mean power; lengths are in frames."""
    rise, least = _rise_above_rest(power, frame_s, shortest_pause)
    active = rise[rise > least]
    if not active.size:
        return []
    core = rise > max(least, CORE_SHARE * float(np.quantile(active, ACTIVITY_QUANTILE)))
    starts, stops = _joined(_edges(rise, least), shortest_pause)
    lost, reach = np.isneginf(rise), n_samples(GAP_REACH_S, 1.0 / frame_s)
    bursts = []
    n_core = np.concatenate(([0], np.cumsum(core)))
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        if n_core[stop] - n_core[start] < shortest_burst:
            continue
        inside = start + np.flatnonzero(core[start:stop])
        bursts.append(
            Burst(
                start_s=start * frame_s,
                stop_s=stop * frame_s,
                core_s=float(inside[0] * frame_s),
                core_stop_s=float((inside[-1] + 1) * frame_s),
                rise_dB=float(rise[start:stop].max()),
                cut_start=start == 0 or bool(lost[max(0, start - reach) : start].any()),
                cut_stop=stop + reach > rise.size or bool(lost[stop : stop + reach].any()),
            )
        )
    return bursts


def _rise_above_rest(power: FloatArray, frame_s: float, shortest_pause: int) -> tuple[FloatArray, float]:
    """Return how far each frame is above rest, dB, -inf in gaps, and up to what height it may be noise.

    Where there is no signal nothing is above rest.
    """
    rise = np.full(power.size, -np.inf)
    there = np.flatnonzero(np.isfinite(power))
    loud = float(np.quantile(power[there], LOUD_QUANTILE)) if there.size >= 2 else 0.0
    if not loud > 0.0:
        return rise, LEAST_ABOVE_REST_DB
    level = 10.0 * np.log10(power[there] + FLOOR * loud)
    width = n_samples(SMOOTH_S, 1.0 / frame_s) // 2 * 2 + 1
    smooth = ndimage.median_filter(level, width, mode="nearest")
    rise[there] = smooth - _tracked_rest(smooth, n_samples(WINDOW_S, 1.0 / frame_s))
    noise = MEDIAN_LOSS * frame_noise(level) / np.sqrt(width)
    return _bridged(rise, shortest_pause), max(SIGMAS_ABOVE_REST * noise, LEAST_ABOVE_REST_DB)


def _tracked_rest(smooth: FloatArray, window: int) -> FloatArray:
    """Return the level of rest around each frame: a low quantile of windows that overlap by three quarters."""
    if smooth.size <= window:
        return np.full(smooth.size, np.quantile(smooth, REST_QUANTILE))
    starts = np.unique(np.append(np.arange(0, smooth.size - window, window // 4), smooth.size - window))
    rest = [float(np.quantile(smooth[start : start + window], REST_QUANTILE)) for start in starts]
    return np.interp(np.arange(smooth.size), starts + window / 2, rest)


def _bridged(rise: FloatArray, shortest_pause: int) -> FloatArray:
    """Return `rise` with short gaps (-inf) filled from the frames beside them."""
    starts, stops = runs(np.isneginf(rise))
    short = (stops - starts < shortest_pause) & (starts > 0) & (stops < rise.size)
    filled: FloatArray = rise.copy()
    for start, stop in zip(starts[short].tolist(), stops[short].tolist(), strict=True):
        filled[start:stop] = min(rise[start - 1], rise[stop])
    return filled


def _edges(rise: FloatArray, least: float) -> BoolArray:
    """Return the frames above half of `least` and above a share of the highest level of their own stretch."""
    above = rise > 0.5 * least
    starts, stops = runs(above)
    top = np.maximum.reduceat(rise, starts)
    threshold = np.full(rise.size, np.inf)
    threshold[above] = np.repeat(EDGE_SHARE * top, stops - starts)
    return rise > threshold


def _joined(active: BoolArray, shortest_pause: int) -> tuple[IntArray, IntArray]:
    starts, stops = runs(active)
    apart = starts[1:] - stops[:-1] >= shortest_pause
    return starts[np.append(True, apart)], stops[np.append(apart, True)]
