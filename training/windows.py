"""Windows with a known onset, as the network sees them: strongly varied, so that real recordings are nothing new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import signal

from emgorder.conditioning import bandpass
from emgorder.onset.network_features import Float32Array, at_working_rate, window_features
from training.carriers import interference, motor_units
from training.draws import RATE_HZ, Array, chance, decibels, log_uniform, slow, uniform
from training.envelopes import BURST_S, fall, fluctuation, rise, smooth_rise
from training.gaps import draw_gaps, hides_onset
from training.rests import REAL_SHARE, quiet_rest, rest_with_distractors
from training.segments import Segments

__all__ = [
    "MOTOR_UNIT_SHARE",
    "SMOOTH_FLUCTUATION",
    "Windows",
    "at_rate",
    "digitised",
    "draw_windows",
    "powers",
    "visible_onset",
    "window_pool",
]

RATES_HZ = (1000, 500, 400, 250, 200)
RATE_SHARES = (0.56, 0.10, 0.06, 0.12, 0.16)
LENGTHS_S = ((0.6, 0.9), (0.8, 1.5), (1.3, 2.5), (1.5, 4.0))
LENGTH_SHARES = (0.22, 0.28, 0.30, 0.20)
LENGTH_STEP = 20  # samples at 1 kHz: a whole number of samples at every rate

EARLIEST_ONSET_S = 0.18
LEAST_BURST_SEEN_S = 0.15
SILENT_SHARE = 0.20
"""Windows without a burst. It is the prior of the probability that there is one."""

SNR_dB = (2.0, 16.0, 50.0)  # least, most frequent, largest
MOTOR_UNIT_SHARE = 0.25
SMOOTH_SHARE = 0.5
"""Windows in which the burst rises in one smooth ramp out of a quiet rest. Only from them the first excitation is
learnt: it can be told where the rise can be continued backwards into the noise, and nowhere else."""

SMOOTH_SNR_dB = (2.0, 26.0)
SMOOTH_FLUCTUATION = 0.3
SECOND_BURST_SHARE = 0.15
DRIFT_SHARE = 0.2
QUANTISED_SHARE, QUANTISED_SHARE_200_HZ = 0.12, 0.5  # int8 armbands stream at 200 Hz
CLIPPED_SHARE = 0.05

VISIBLE_FACTOR = 2.0
"""A burst is visible from the first sample that exceeds the local baseline RMS by this factor, if it persists. Of
eleven definitions compared on real bursts this one agreed best with readers."""

PERSIST_AFTER_S, PERSIST_UNTIL_S, PERSIST_SAMPLES = 0.012, 0.090, 3
LOCAL_BASELINE_S = 0.130
PLATEAU_S, PLATEAU_PERCENTILE = 0.060, 90.0
MEDIAN_OF_SQUARES = 0.455  # of a standard normal variable


@dataclass(frozen=True, eq=False, slots=True)
class Windows:
    """Windows of equal length and rate.

    Attributes
    ----------
    features : ndarray of float32, shape (n_windows, n_features, n_frames)
        What the network sees.
    visible_s, excited_s : ndarray, shape (n_windows,)
        First visible activity of the main burst and its first excitation, from the first sample; NaN: there is no
        burst, or a gap hides its onset.
    smooth : ndarray of bool, shape (n_windows,)
        Whether the burst rises smoothly out of a quiet rest.
    snr_dB : ndarray, shape (n_windows,)
        Plateau power over local baseline power.
    rate : int
        Hz.
    """

    features: Float32Array
    visible_s: np.ndarray
    excited_s: np.ndarray
    smooth: np.ndarray
    snr_dB: np.ndarray
    rate: int


def draw_windows(rng: np.random.Generator, n_windows: int, n: int, rate: int, real: Segments | None) -> Windows:
    """Draw windows of `n` samples at 1 kHz, sampled at `rate`; the first share of them smooth."""
    n_smooth = round(SMOOTH_SHARE * n_windows)
    parts = [_smooth_parts(rng, n_smooth, n), _wild_parts(rng, n_windows - n_smooth, n, rate, real)]
    onset_s, snr_dB, silent, rest, burst = (np.concatenate(both) for both in zip(*parts, strict=True))
    smooth = np.arange(n_windows) < n_smooth
    if rate != RATE_HZ:
        aliased = rng.random() < 0.3
        rest, burst = (at_rate(part, rate, aliased=aliased) for part in (rest, burst))

    local, plateau = powers(rest, burst, rate, onset_s[:, 0])
    gain = np.where(silent, 0, np.sqrt(10 ** (snr_dB / 10) * local / plateau))
    burst = burst * gain
    raw = digitised(rng, rest + burst + _drift(rng, rest, rate), burst, np.sqrt(local), rate)

    visible_s = visible_onset(burst, np.sqrt(local), rate)
    known = np.where(smooth, ~silent[:, 0], np.isfinite(visible_s))
    excited_s = np.where(known, onset_s[:, 0], np.nan)
    first_s = np.where(smooth, excited_s, visible_s)
    lost = draw_gaps(rng, raw.shape[1], rate, first_s)
    hidden = hides_onset(lost, rate, first_s)
    raw[lost] = np.nan
    values, lost_here, _ = at_working_rate(bandpass(raw.T, rate), rate)
    return Windows(
        features=window_features(values, lost_here, rate),
        visible_s=np.where(hidden, np.nan, visible_s),
        excited_s=np.where(hidden, np.nan, excited_s),
        smooth=smooth,
        snr_dB=snr_dB[:, 0],
        rate=rate,
    )


def window_pool(seed: int, n_batches: int, n_windows: int, real: Segments | None) -> Iterator[Windows]:
    """Draw `n_batches` batches, each of one length and rate."""
    rng = np.random.default_rng(seed)
    for _ in range(n_batches):
        rate = int(rng.choice(RATES_HZ, p=RATE_SHARES))
        shortest_s, longest_s = LENGTHS_S[rng.choice(len(LENGTHS_S), p=LENGTH_SHARES)]
        n = int(rng.uniform(shortest_s, longest_s) * RATE_HZ) // LENGTH_STEP * LENGTH_STEP
        yield draw_windows(rng, n_windows, n, rate, real)


def visible_onset(burst: np.ndarray, baseline_rms: np.ndarray, rate: int) -> np.ndarray:
    """Return when each clean burst first stands out of its baseline for good, in seconds; NaN for never.

    Parameters
    ----------
    burst : ndarray, shape (n_windows, n)
        The burst alone.
    baseline_rms : ndarray, shape (n_windows, 1)
        Of the rest right before it.
    rate : int
        Hz.

    Examples
    --------
    >>> burst = np.zeros((1, 1000))
    >>> burst[0, 100], burst[0, 300:600] = 9.0, 2.5
    >>> visible_onset(burst, np.ones((1, 1)), 1000)
    array([0.3])
    """
    n = burst.shape[1]
    above = np.abs(burst) > VISIBLE_FACTOR * baseline_rms
    after, until = max(int(PERSIST_AFTER_S * rate), 1), int(PERSIST_UNTIL_S * rate)
    count = np.cumsum(np.pad(above, ((0, 0), (1, until + 1))), axis=1)
    later = count[:, until + 1 : until + 1 + n] - count[:, after : after + n]
    least = max(1, round(PERSIST_SAMPLES * rate / RATE_HZ))
    for_good = above & ((later >= least) | (np.arange(n)[np.newaxis] > n - until))
    return np.where(for_good.any(axis=1), for_good.argmax(axis=1) / rate, np.nan)


Parts = tuple[Array, Array, np.ndarray, Array, Array]
"""Onsets (s), levels (dB), which are silent, rests and bursts of some windows."""


def _onsets(rng: np.random.Generator, n_windows: int, n: int) -> Array:
    latest_s = max(n / RATE_HZ - LEAST_BURST_SEEN_S, EARLIEST_ONSET_S + 0.05)
    return uniform(rng, EARLIEST_ONSET_S, latest_s, n_windows)


def _wild_parts(rng: np.random.Generator, n_windows: int, n: int, rate: int, real: Segments | None) -> Parts:
    onset_s = _onsets(rng, n_windows, n)
    snr_dB = rng.triangular(*SNR_dB, (n_windows, 1)).astype(np.float32)
    silent = chance(rng, SILENT_SHARE, n_windows)
    rest = rest_with_distractors(rng, n, rate, real, onset_s=onset_s, snr_dB=snr_dB, silent=silent)
    return onset_s, snr_dB, silent, rest, _burst(rng, n, rate, real, onset_s)


def _smooth_parts(rng: np.random.Generator, n_windows: int, n: int) -> Parts:
    onset_s = _onsets(rng, n_windows, n)
    snr_dB = uniform(rng, *SMOOTH_SNR_dB, n_windows)
    silent = chance(rng, SILENT_SHARE, n_windows)
    carrier = interference(rng, n_windows, n, int(RATE_HZ), None, 0.0)
    burst = carrier * smooth_rise(rng, n, onset_s)
    units = np.flatnonzero(rng.random(n_windows) < MOTOR_UNIT_SHARE)
    if units.size:
        ramp_s = np.where(chance(rng, 0.1, units.size), 0.005, uniform(rng, 0.005, 0.25, units.size))
        pool = motor_units(rng, n, onset_s[units], ramp_s)
        burst[units] = pool / (pool.std(axis=1, keepdims=True) + 1e-6)
    burst = burst * fluctuation(rng, n_windows, n, SMOOTH_FLUCTUATION)
    burst = burst * fall(rng, n, onset_s, uniform(rng, 0.4, 4.0, n_windows))
    return onset_s, snr_dB, silent, quiet_rest(rng, n, onset_s), np.asarray(burst, dtype=np.float32)


def _burst(rng: np.random.Generator, n: int, rate: int, real: Segments | None, onset_s: Array) -> Array:
    """Draw the main burst, in some windows with a weaker one after it; plateau about 1."""
    n_windows = len(onset_s)
    duration_s = log_uniform(rng, *BURST_S, n_windows)
    carrier = interference(rng, n_windows, n, rate, real, REAL_SHARE)
    burst = carrier * rise(rng, n, onset_s)
    units = np.flatnonzero(rng.random(n_windows) < MOTOR_UNIT_SHARE)
    if units.size:
        ramp_s = np.where(chance(rng, 0.1, units.size), 0.005, log_uniform(rng, 0.01, 0.5, units.size))
        pool = motor_units(rng, n, onset_s[units], ramp_s)
        burst[units] = pool / (pool.std(axis=1, keepdims=True) + 1e-6)
    burst = burst * fluctuation(rng, n_windows, n) * fall(rng, n, onset_s, duration_s)
    again_s = onset_s + duration_s + uniform(rng, 0.3, 1.0, n_windows)
    level = decibels(uniform(rng, -15, 0, n_windows)) * chance(rng, SECOND_BURST_SHARE, n_windows)
    second = np.roll(carrier, n // 2, axis=1) * rise(rng, n, again_s)
    return np.asarray(burst + level * second, dtype=np.float32)


def at_rate(signals: Array, rate: int, *, aliased: bool) -> Array:
    """Sample at `rate` instead of 1 kHz, without an anti-aliasing filter if `aliased` (cheap sensors)."""
    if aliased:
        at = np.floor(np.arange(round(signals.shape[1] * rate / RATE_HZ)) * RATE_HZ / rate).astype(np.intp)
        return signals[:, at]
    return np.asarray(signal.resample_poly(signals, rate, int(RATE_HZ), axis=1), dtype=np.float32)


def powers(rest: Array, burst: Array, rate: int, onset_s: Array) -> tuple[np.ndarray, np.ndarray]:
    """Return the power of the rest right before each onset and of the plateau, shape (n_windows, 1), in the band."""
    seen_rest, seen_burst = (bandpass(part.T.astype(np.float64), rate).T for part in (rest, burst))
    width = max(int(PLATEAU_S * rate), 1)
    total = np.cumsum(np.pad(seen_burst**2, ((0, 0), (1, 0))), axis=1)
    smooth = (total[:, width:] - total[:, :-width]) / width
    local, plateau = np.empty((len(rest), 1)), np.empty((len(rest), 1))
    for window, onset in enumerate((onset_s * rate).astype(int)):
        start = max(onset - int(LOCAL_BASELINE_S * rate), int(0.03 * rate))
        power = seen_rest[window, start : max(onset, start + int(0.03 * rate))] ** 2
        local[window] = max(np.median(power) / MEDIAN_OF_SQUARES, 0.5 * power.mean(), 1e-9)
        plateau[window] = np.percentile(smooth[window, min(onset, smooth.shape[1] - 1) :], PLATEAU_PERCENTILE) + 1e-12
    return local, plateau


def _drift(rng: np.random.Generator, rest: Array, rate: int) -> Array:
    """Draw slow movement of the electrodes, up to 30 times the rest level."""
    n_windows, n = rest.shape
    amplitude = (
        chance(rng, DRIFT_SHARE, n_windows) * log_uniform(rng, 1, 30, n_windows) * rest.std(axis=1, keepdims=True)
    )
    bandwidth_Hz = uniform(rng, 0.3, 3, n_windows) * RATE_HZ / rate
    return amplitude * slow(rng, n_windows, n, bandwidth_Hz)


def digitised(
    rng: np.random.Generator, raw: np.ndarray, burst: np.ndarray, baseline_rms: np.ndarray, rate: int
) -> np.ndarray:
    """Return the signals as coarse converters give them: rounded, cut at the rails."""
    n_windows = len(raw)
    share = QUANTISED_SHARE_200_HZ if rate == 200 else QUANTISED_SHARE
    step = chance(rng, share, n_windows) * uniform(rng, 0.1, 1.3, n_windows) * baseline_rms
    rounded = np.where(step > 0, np.round(raw / np.maximum(step, 1e-12)) * step, raw)
    rail = uniform(rng, 1.0, 4.0, n_windows) * burst.std(axis=1, keepdims=True) + 6 * baseline_rms
    clipped = np.clip(rounded, -rail, rail)
    return np.asarray(np.where(chance(rng, CLIPPED_SHARE, n_windows), clipped, rounded), dtype=np.float64)
