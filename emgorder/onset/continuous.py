"""When each burst of a long signal begins and ends: bursts are found roughly, then their two ends are placed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from emgorder.model import FloatArray, Onset
from emgorder.onset.bursts import FRAME_S, Burst, find_bursts
from emgorder.onset.detect import place_onsets
from emgorder.onset.registry import DEFAULT_METHOD, OnsetMethod, find_method
from emgorder.onset.usable import check_signal, condition, hide_pads

__all__ = ["detect_onsets"]

OFFSET_METHOD = "hmm"
"""Offsets are the onsets of the reversed signal to this method, whichever places the onsets: the network was trained on
signals that run forwards."""

REST_SHOWN_S, ACTIVITY_SHOWN_S = 1.0, 0.5
"""How much before the edge of a burst, and after its core is reached, the onset detector is shown."""


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
    end = [round(b.stop_s * sampling_frequency) for b in begun]
    found = dict(zip(begun, _placed(shown, sampling_frequency, chosen, first, stop, end), strict=True))
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
    end = [backwards.size - round(b.start_s * sampling_frequency) for b in whole]
    placed = _placed(backwards, sampling_frequency, find_method(OFFSET_METHOD), first, stop, end)
    all_s = backwards.size / sampling_frequency
    return {
        b: replace(o, time_s=all_s - o.time_s, low_s=all_s - o.high_s, high_s=all_s - o.low_s)
        for b, o in zip(whole, placed, strict=True)
    }


def _placed(
    shown: FloatArray,
    sampling_frequency: float,
    method: OnsetMethod,
    first: Sequence[int],
    stop: Sequence[int],
    end: Sequence[int],
) -> list[Onset]:
    """Return the onset of each burst, looked for between two samples.

    What lies at the end of the burst or after it is the onset of another one that was shown too: it is looked for again
    in what ends with the burst.
    """
    windows = [shown[a:b] for a, b in zip(first, stop, strict=True)]
    onsets = place_onsets(windows, sampling_frequency, method, burst_is_sure=True)
    other = [k for k, onset in enumerate(onsets) if first[k] + onset.time_s * sampling_frequency >= end[k]]
    windows = [shown[first[k] : end[k]] for k in other]
    for k, onset in zip(other, place_onsets(windows, sampling_frequency, method, burst_is_sure=True), strict=True):
        onsets[k] = onset
    return [onset.shifted(a / sampling_frequency) for onset, a in zip(onsets, first, strict=True)]


def _row(onset: Onset, burst: Burst, end: Onset | None) -> Onset:
    if not onset.found:
        onset = replace(onset, reason=f"burst at {burst.start_s:.1f} s: {onset.reason}")
    if end is None:
        return onset
    if not end.found:
        return replace(onset, offset_s=burst.stop_s)
    return replace(onset, offset_s=end.time_s, offset_low_s=end.low_s, offset_high_s=end.high_s)
