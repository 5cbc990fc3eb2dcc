"""Heart beats in the rests of a muscle: short spikes as regular as a pulse."""

from __future__ import annotations

import math

import numpy as np
from scipy import ndimage, signal

from emgorder.conditioning.causal import filter_all
from emgorder.conditioning.quality.stretches import true_runs
from emgorder.conditioning.quality.view import View
from emgorder.model import BoolArray, Finding, FloatArray, IntArray

__all__ = ["beat_interval", "ecg"]

QRS_BAND_Hz = (8.0, 40.0)
"""Most of what a QRS complex has above the P and T waves; below most of the EMG and below mains."""

FRAME_S = 0.02
LOCAL_S = 1.0
"""Frames the strength is taken in, and the stretch whose median is its usual value: spikes of a frame or three a
second do not move it, a contraction does."""

SPIKE_RATIO = 2.5
"""Strength of a spike over the usual value. Simulated beats whose peak is 5 times the rest's RMS are found in 14 of 16
channels, 10 times in all, 3 times in 5; none are seen in 48 channels without beats."""

QUIET_RATIO = 2.0
QUIET_QUANTILE = 0.2
"""Frames are at rest where the usual value is up to twice its own lower fifth."""

WIDEST_SPIKE_S = 0.1
"""A QRS complex lasts 0.06 to 0.1 s; the bursts of gait are longer."""

REFRACTORY_S = 0.4
INTERVALS_S = (0.5, 1.4)
"""43 to 120 beats a minute: people who lie down."""

FEWEST_INTERVALS = 8
NEAR_MIDDLE = 0.15
REGULAR_SHARE = 0.7
COVERED_SHARE = 0.5
"""Beats count as beats when 7 of 10 of their intervals are within 15 % of the median (breathing changes the pulse by
less), and when half of the intervals that the rests have room for are seen: taps and twitches come and go, a heart does
not."""


def beat_interval(samples: FloatArray, sampling_frequency: float) -> float:
    """Return the typical interval (s) of heart beats in the rests of a signal, NaN where none are seen.

    Parameters
    ----------
    samples : ndarray of float64, shape (n_samples,)
        Raw, any unit; NaN is lost.
    sampling_frequency : float
        Hz, 100 at least.
    """
    sos = signal.butter(2, QRS_BAND_Hz, "bandpass", fs=sampling_frequency, output="sos")
    strength = _frame_rms(filter_all(sos, samples), sampling_frequency)
    if strength.size * FRAME_S < FEWEST_INTERVALS * INTERVALS_S[0]:
        return math.nan
    usual = ndimage.median_filter(strength, size=round(LOCAL_S / FRAME_S) + 1, mode="nearest")
    heard = usual[usual > 0]
    if not heard.size:
        return math.nan
    quiet = usual <= QUIET_RATIO * np.quantile(heard, QUIET_QUANTILE)
    height = np.where(usual > 0, strength / np.where(usual > 0, usual, 1.0), 0.0)
    peaks, _ = signal.find_peaks(
        np.where(quiet, height, 0.0),
        height=SPIKE_RATIO,
        distance=round(REFRACTORY_S / FRAME_S),
        width=(0.0, WIDEST_SPIKE_S / FRAME_S),
    )
    return _regular(_within_rest(peaks, quiet), FRAME_S * true_runs(quiet)[1].astype(np.float64))


def ecg(view: View) -> list[Finding]:
    """Return a finding where heart beats are seen in the rests."""
    interval_s = beat_interval(view.samples, view.sampling_frequency)
    if not interval_s > 0:
        return []
    return [
        view.finding(
            "ecg",
            "attention",
            f"heart beats in {view.word}, {60 / interval_s:.0f} a minute",
            "move the two electrodes closer together and along the muscle, the reference away from the trunk",
            60 / interval_s,
        )
    ]


def _frame_rms(samples: FloatArray, sampling_frequency: float) -> FloatArray:
    """RMS in frames of exactly 20 ms, lost frames as 0."""
    count = int(samples.size / sampling_frequency / FRAME_S)
    if count < 1:
        return np.empty(0)
    edges = np.round(np.arange(count) * FRAME_S * sampling_frequency).astype(np.intp)
    stop = round(count * FRAME_S * sampling_frequency)
    power = np.add.reduceat(np.square(np.nan_to_num(samples[:stop])), edges)
    rms: FloatArray = np.sqrt(power / np.diff(edges, append=stop))
    return rms


def _within_rest(peaks: IntArray, quiet: BoolArray) -> FloatArray:
    """Return the distances (s) of neighbouring peaks between which the muscle rests throughout."""
    calm = np.cumsum(quiet)
    distances = np.diff(peaks)
    intervals_s: FloatArray = FRAME_S * distances[np.diff(calm[peaks]) == distances]
    return intervals_s


def _regular(intervals_s: FloatArray, rests_s: FloatArray) -> float:
    if intervals_s.size < FEWEST_INTERVALS:
        return math.nan
    middle_s = float(np.median(intervals_s))
    regular = int(np.sum(np.abs(intervals_s - middle_s) <= NEAR_MIDDLE * middle_s))
    room = float(np.sum(np.maximum(rests_s / middle_s - 1.0, 0.0)))
    low_s, high_s = INTERVALS_S
    is_pulse = regular >= max(REGULAR_SHARE * intervals_s.size, COVERED_SHARE * room)
    return middle_s if is_pulse and low_s <= middle_s <= high_s else math.nan
