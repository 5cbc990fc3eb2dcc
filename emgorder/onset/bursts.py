"""Where a long signal is active: bursts by two thresholds on the log power, relative to its own rest and activity."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from emgorder.model import BoolArray, FloatArray, IntArray, Onset
from emgorder.onset.baseline import frame_noise
from emgorder.onset.cuts import GAP_REACH_S
from emgorder.onset.detect import place_onsets
from emgorder.onset.published.tools import n_samples, runs
from emgorder.onset.registry import DEFAULT_METHOD, find_method
from emgorder.onset.usable import check_signal, condition, hide_pads

__all__ = ["Burst", "detect_onsets", "find_bursts"]

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

OFFSET_METHOD = "hmm"
"""Offsets are the onsets of the reversed signal to this method, whichever places the onsets: the network was trained on
signals that run forwards."""

REST_SHOWN_S, ACTIVITY_SHOWN_S = 1.0, 0.5
"""How much before the edge of a burst, and after its core is reached, the onset detector is shown."""


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


def detect_onsets(
    signal: npt.ArrayLike,
    sampling_frequency: float,
    *,
    method: str = DEFAULT_METHOD,
    conditioned: bool = False,
) -> list[Onset]:
    """Find where each burst of a continuous signal begins and ends.

    Bursts come from :func:`find_bursts`; each onset is placed by `method` within the second before the burst, but
    not before the end of the burst before it, and each offset likewise in the second after it.

    Parameters
    ----------
    signal : array_like, shape (n_samples,)
        EMG of one muscle, any unit; NaN is a lost sample.
    sampling_frequency : float
        Hz, 100 at least.
    method : str
        Key of :func:`onset_methods`.
    conditioned : bool
        Whether the signal was band-passed before; else it is, causally, 20 to 450 Hz.

    Returns
    -------
    list of Onset
        One a burst, in order of time, seconds from the first sample. ``offset_s`` is the last visible activity, with
        its interval, found by the hidden Markov model as the onset of the signal that runs backwards; it is the rough
        edge of the burst, to about 0.1 s and without an interval, where that finds none, and NaN where a gap or the
        end of the signal hides it. In a `conditioned` signal abrupt ends are late by what the filter takes to ring
        down (7 ms at 1 kHz, 20 ms at 200 Hz and 20 dB). Where the method finds no onset, or must not say
        one (lost samples, no rest before), the burst keeps its row: ``time_s`` is NaN, not the rough edge of the
        burst, and ``reason`` says why and where. A burst with a gap of 0.2 s or more in it has two rows.

    Raises
    ------
    RecordingError
        The signal is not one-dimensional, or not numbers.
    SettingsError
        No such method, or a sampling frequency below 100 Hz.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> emg = rng.normal(size=9000) * np.where(np.arange(9000) // 1000 % 3 == 2, 10, 1)
    >>> [round(onset.time_s, 2) for onset in detect_onsets(emg, 1000)]
    [2.0, 5.0, 8.0]
    """
    chosen = find_method(method)
    samples = check_signal(signal, sampling_frequency)
    sampling_frequency = float(sampling_frequency)
    bare = hide_pads(samples, sampling_frequency)
    shown = condition(bare, sampling_frequency, conditioned=conditioned)
    bursts = find_bursts(shown, sampling_frequency)
    begun = [burst for burst in bursts if not burst.cut_start]
    ends = _ends(condition(bare[::-1], sampling_frequency, conditioned=conditioned), sampling_frequency, bursts)
    earliest_s = dict(zip(bursts[1:], (burst.stop_s for burst in bursts), strict=False))
    first = [round(max(earliest_s.get(b, 0.0), b.start_s - REST_SHOWN_S) * sampling_frequency) for b in begun]
    stop = [round((b.core_s + ACTIVITY_SHOWN_S) * sampling_frequency) for b in begun]
    windows = [shown[a:b] for a, b in zip(first, stop, strict=True)]
    placed = place_onsets(windows, sampling_frequency, chosen, burst_is_sure=True)
    found = {b: o.shifted(a / sampling_frequency) for b, a, o in zip(begun, first, placed, strict=True)}
    first_s = int(np.argmax(np.append(np.isfinite(shown), True))) / sampling_frequency + FRAME_S
    hidden = {
        b: "the signal begins within the burst" if b.start_s < first_s else "the gap ends within the burst"
        for b in bursts
        if b.cut_start
    }
    found |= {b: Onset(method=chosen.name, reason=reason) for b, reason in hidden.items()}
    return [_row(found[burst], burst, ends.get(burst)) for burst in bursts]


def _ends(backwards: FloatArray, sampling_frequency: float, bursts: list[Burst]) -> dict[Burst, Onset]:
    """Return the end of each burst that is not cut, found as the onset of the signal that runs backwards.

    Parameters
    ----------
    backwards : ndarray of float64, shape (n_samples,)
        The signal, its last sample first. Filtered in this direction it holds nothing of a burst after its end.
    sampling_frequency : float
        Hz.
    bursts : list of Burst
        In order of time.

    Returns
    -------
    dict of Burst to Onset
        ``time_s``, ``low_s`` and ``high_s`` of the end, s from the first sample.
    """
    whole = [burst for burst in bursts if not burst.cut_stop]
    next_s = dict(zip(bursts[:-1], (burst.start_s for burst in bursts[1:]), strict=True))
    latest_s = [min(next_s.get(b, math.inf), b.stop_s + REST_SHOWN_S) for b in whole]
    first = [max(0, backwards.size - round(latest * sampling_frequency)) for latest in latest_s]
    stop = [backwards.size - round((b.core_stop_s - ACTIVITY_SHOWN_S) * sampling_frequency) for b in whole]
    windows = [backwards[a:b] for a, b in zip(first, stop, strict=True)]
    placed = place_onsets(windows, sampling_frequency, find_method(OFFSET_METHOD), burst_is_sure=True)
    ends = {}
    for burst, start, onset in zip(whole, first, placed, strict=True):
        after_s = (backwards.size - start) / sampling_frequency
        ends[burst] = replace(
            onset, time_s=after_s - onset.time_s, low_s=after_s - onset.high_s, high_s=after_s - onset.low_s
        )
    return ends


def _row(onset: Onset, burst: Burst, end: Onset | None) -> Onset:
    if not onset.found:
        onset = replace(onset, reason=f"burst at {burst.start_s:.1f} s: {onset.reason}")
    if end is None:
        return onset
    if not end.found:
        return replace(onset, offset_s=burst.stop_s)
    return replace(onset, offset_s=end.time_s, offset_low_s=end.low_s, offset_high_s=end.high_s)


def _frame_power(samples: FloatArray, frame: int) -> FloatArray:
    """Return the mean power of each frame; NaN where more than half of its samples were lost."""
    frames = samples[: samples.size // frame * frame].reshape(-1, frame)
    present = np.isfinite(frames)
    count = present.sum(axis=1)
    total = np.einsum("ij,ij->i", *(np.where(present, frames, 0.0),) * 2)
    power: FloatArray = np.divide(total, count, out=np.full(len(frames), np.nan), where=2 * count > frame)
    return power


def _bursts(power: FloatArray, frame_s: float, shortest_burst: int, shortest_pause: int) -> list[Burst]:
    there = np.flatnonzero(np.isfinite(power))
    if there.size < 2:
        return []
    loud = float(np.quantile(power[there], LOUD_QUANTILE))
    if not loud > 0.0:
        return []
    level = 10.0 * np.log10(power[there] + FLOOR * loud)
    width = n_samples(SMOOTH_S, 1.0 / frame_s) // 2 * 2 + 1
    smooth = ndimage.median_filter(level, width, mode="nearest")
    rise = np.full(power.size, -np.inf)
    rise[there] = smooth - _tracked_rest(smooth, n_samples(WINDOW_S, 1.0 / frame_s))
    rise = _bridged(rise, shortest_pause)
    noise = MEDIAN_LOSS * frame_noise(level) / np.sqrt(width)
    least = max(SIGMAS_ABOVE_REST * noise, LEAST_ABOVE_REST_DB)
    active = rise[rise > least]
    if not active.size:
        return []
    core = rise > max(least, CORE_SHARE * float(np.quantile(active, ACTIVITY_QUANTILE)))
    starts, stops = _joined(_edges(rise, least), shortest_pause)
    lost, reach = np.isneginf(rise), n_samples(GAP_REACH_S, 1.0 / frame_s)
    bursts = []
    n_core = np.concatenate(([0], np.cumsum(core)))
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        if n_core[stop] - n_core[start] >= shortest_burst:
            inside = start + np.flatnonzero(core[start:stop])
            core_s, core_stop_s = float(inside[0] * frame_s), float((inside[-1] + 1) * frame_s)
            top = float(rise[start:stop].max())
            cut_start = start == 0 or bool(lost[max(0, start - reach) : start].any())
            cut_stop = stop + reach > rise.size or bool(lost[stop : stop + reach].any())
            edges_s = start * frame_s, stop * frame_s
            bursts.append(Burst(*edges_s, core_s, core_stop_s, top, cut_start, cut_stop))
    return bursts


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
