"""What else ends up in a channel: mains, heart beats, movement, drift, rounding, lost packets."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from emgorder.arguments import require_within
from emgorder.model import BoolArray, FloatArray
from emgorder.simulate.noise import slow_noise, stream
from emgorder.simulate.sampling import SampleTimes

__all__ = ["Artefacts", "digitised", "disturbances", "lost_samples", "tap_signal"]

HARMONICS = ((1, 1.0), (2, 0.2), (3, 0.5), (5, 0.25))  # number and amplitude: rectifiers make odd ones
MAINS_WOBBLE = 2e-4  # SD of the mains frequency relative to its nominal value
MAINS_BREATH = 0.1  # SD of the log amplitude, as cables and skin move
MAINS_BREATH_HZ = 0.2
HEART_PERIOD_S = (0.75, 1.05)
HEART_VARIATION = 0.04  # SD of a beat-to-beat interval over the mean
QRS_WIDTH_S = 0.012
# A heart beat under bipolar electrodes: centre after the R peak (s), width (s), amplitude.
HEART_WAVES = ((-0.16, 0.025, 0.08), (0.25, 0.045, 0.15))
HEART_REACH_S = (-0.30, 0.45)
MOVEMENT_WIDTH_S = (0.05, 0.09)
DRIFT_HZ = 0.3
TAP_PEAK_V = 300e-6
TAP_RING_HZ = 60.0
TAP_DECAY_S = 0.015
LOST_RUN_PACKETS = 2.5  # mean length of a run of lost packets
MOST_LOST = 0.7  # beyond it the runs that arrive would be shorter than a packet


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefacts:
    """What disturbs a channel. Ratios are multiples of the channel's baseline RMS.

    Attributes
    ----------
    mains_ratio : float
        RMS of mains hum with harmonics.
    mains_Hz : float
        50 or 60.
    ecg_ratio : float
        Peak of the heart beats; every channel sees the same heart.
    movement_ratio : float
        Peak of the slow bump when the leg starts to move and when it is put down.
    drift_ratio : float
        RMS of the slow drift of the zero line.
    lost_share : float
        Share of packets that are lost, in runs; 0 to 0.7.
    packet_s : float
        Length of a packet.
    resolution_V : float
        Step of the converter; 0: none.
    full_scale_V : float
        Largest value of the converter, larger ones are clipped; inf: none.
    """

    mains_ratio: float = 0.0
    mains_Hz: float = 50.0
    ecg_ratio: float = 0.0
    movement_ratio: float = 0.0
    drift_ratio: float = 0.0
    lost_share: float = 0.0
    packet_s: float = 0.020
    resolution_V: float = 0.0
    full_scale_V: float = math.inf

    def __post_init__(self) -> None:
        """Check every value."""
        for key in ("mains_ratio", "ecg_ratio", "movement_ratio", "drift_ratio"):
            require_within(key, getattr(self, key), 0.0, 1e6)
        require_within("mains_Hz", self.mains_Hz, 45.0, 65.0)
        require_within("lost_share", self.lost_share, 0.0, MOST_LOST)
        require_within("packet_s", self.packet_s, 1e-4, 60.0)
        require_within("resolution_V", self.resolution_V, 0.0, 1.0)
        require_within("full_scale_V", self.full_scale_V, 1e-9, math.inf)


def disturbances(
    seed: int, channel: str, samples: SampleTimes, artefacts: Artefacts, *, movements_s: tuple[float, ...] = ()
) -> FloatArray:
    """Return the sum of all additive artefacts of a channel in multiples of its baseline RMS.

    Parameters
    ----------
    seed : int
        Seed of the simulation.
    channel : str
        Name of the channel.
    samples : SampleTimes
        When it is sampled.
    artefacts : Artefacts
        How much of each.
    movements_s : tuple of float
        When the leg starts or stops to move (true time).

    Returns
    -------
    ndarray, shape (n_samples,)

    Examples
    --------
    >>> hum = disturbances(1, "BF_R", SampleTimes(10_000, 1000.0), Artefacts(mains_ratio=2.0))
    >>> bool(1.6 < np.sqrt(np.mean(hum**2)) < 2.4)
    True
    """
    total = np.zeros(samples.n_samples)
    if artefacts.mains_ratio > 0:
        total += artefacts.mains_ratio * _mains(seed, channel, samples, artefacts.mains_Hz)
    if artefacts.ecg_ratio > 0:
        total += artefacts.ecg_ratio * _heart(seed, channel, samples)
    if artefacts.movement_ratio > 0:
        total += artefacts.movement_ratio * _movement(seed, channel, samples, movements_s)
    if artefacts.drift_ratio > 0:
        rng = stream(seed, "drift", channel)
        total += artefacts.drift_ratio * slow_noise(rng, samples.n_samples, samples.rate_Hz, DRIFT_HZ)
    return total


def _mains(seed: int, channel: str, samples: SampleTimes, mains_Hz: float) -> FloatArray:
    true_Hz = mains_Hz * (1.0 + MAINS_WOBBLE * stream(seed, "mains").standard_normal())
    rng = stream(seed, "mains", channel)
    phases = rng.uniform(0.0, 2.0 * np.pi, len(HARMONICS))
    times_s = samples.times_s
    hum, power = np.zeros(samples.n_samples), 0.0
    for (number, amplitude), phase in zip(HARMONICS, phases, strict=True):
        if number * true_Hz < 0.5 * samples.rate_Hz:  # the anti-alias filter keeps the others out
            hum += amplitude * np.sin(2.0 * np.pi * number * true_Hz * times_s + phase)
            power += 0.5 * amplitude**2
    if power == 0:
        return hum
    breath = slow_noise(rng, samples.n_samples, samples.rate_Hz, MAINS_BREATH_HZ)
    return hum / math.sqrt(power) * np.exp(MAINS_BREATH * breath)


def _heart(seed: int, channel: str, samples: SampleTimes) -> FloatArray:
    beats = stream(seed, "heart")
    period_s = beats.uniform(*HEART_PERIOD_S)
    duration_s = samples.n_samples / samples.rate_Hz
    n = math.ceil(1.5 * duration_s / period_s) + 3
    intervals_s = period_s * np.maximum(1.0 + HEART_VARIATION * beats.standard_normal(n), 0.5)
    times_s = np.cumsum(intervals_s) - period_s - beats.uniform(0.0, period_s)
    rng = stream(seed, "heart", channel)
    amplitude = rng.uniform(0.7, 1.0) * rng.choice(np.array([-1.0, 1.0]))
    signal = np.zeros(samples.n_samples)
    grid_s = samples.times_s
    for beat_s in times_s:
        span = samples.span(beat_s + HEART_REACH_S[0], beat_s + HEART_REACH_S[1])
        after_s = grid_s[span] - beat_s
        qrs = (1.0 - (after_s / QRS_WIDTH_S) ** 2) * np.exp(-0.5 * (after_s / QRS_WIDTH_S) ** 2)
        signal[span] += qrs
        for centre_s, width_s, height in HEART_WAVES:
            signal[span] += height * np.exp(-0.5 * ((after_s - centre_s) / width_s) ** 2)
    return np.asarray(amplitude * signal, dtype=np.float64)


def _movement(seed: int, channel: str, samples: SampleTimes, movements_s: tuple[float, ...]) -> FloatArray:
    rng = stream(seed, "movement", channel)
    grid_s = samples.times_s
    signal = np.zeros(samples.n_samples)
    for moment_s in movements_s:
        width_s = rng.uniform(*MOVEMENT_WIDTH_S)
        peak = rng.uniform(0.5, 1.0) * rng.choice(np.array([-1.0, 1.0]))
        span = samples.span(moment_s - 4.0 * width_s, moment_s + 8.0 * width_s)
        scaled = (grid_s[span] - moment_s) / width_s
        # A bump and its slower rebound of half the height: electrodes slide and come back.
        signal[span] += peak * (np.exp(-0.5 * scaled**2) - 0.5 * np.exp(-0.125 * (scaled - 3.0) ** 2))
    return signal


def tap_signal(seed: int, sensor: str, samples: SampleTimes, taps_s: tuple[float, ...], sd_s: float) -> FloatArray:
    """Return the artefact of finger taps on a sensor in volts, each reaching it `sd_s` (SD) early or late.

    Examples
    --------
    >>> x = tap_signal(1, "glute", SampleTimes(1000, 1000.0), (0.5,), 0.002)
    >>> bool(np.abs(x[:450]).max() == 0.0), bool(np.abs(x).max() > 1e-4)
    (True, True)
    """
    rng = stream(seed, "tap", sensor)
    grid_s = samples.times_s
    signal = np.zeros(samples.n_samples)
    for tap_s in taps_s:
        reached_s = tap_s + sd_s * rng.standard_normal()
        height = TAP_PEAK_V * rng.uniform(0.7, 1.3)
        span = samples.span(reached_s, reached_s + 10.0 * TAP_DECAY_S)
        after_s = grid_s[span] - reached_s
        signal[span] += height * np.exp(-after_s / TAP_DECAY_S) * np.cos(2.0 * np.pi * TAP_RING_HZ * after_s)
    return signal


def lost_samples(seed: int, sensor: str, n_samples: int, sampling_frequency: float, artefacts: Artefacts) -> BoolArray:
    """Return which samples of a sensor are lost with their packets.

    Losses come in runs (two-state Markov chain, mean run 2.5 packets), as on a radio link.

    Returns
    -------
    ndarray of bool, shape (n_samples,)

    Examples
    --------
    >>> lost = lost_samples(1, "glute", 100_000, 1000.0, Artefacts(lost_share=0.1, packet_s=0.02))
    >>> bool(0.05 < lost.mean() < 0.15)
    True
    """
    if artefacts.lost_share == 0:
        return np.zeros(n_samples, dtype=np.bool_)
    rng = stream(seed, "loss", sensor)
    length = max(round(artefacts.packet_s * sampling_frequency), 1)
    n_packets = math.ceil(n_samples / length)
    mean_kept = LOST_RUN_PACKETS * (1.0 - artefacts.lost_share) / artefacts.lost_share
    n_runs = math.ceil(n_packets / (LOST_RUN_PACKETS + mean_kept)) * 3 + 10
    kept = rng.exponential(mean_kept, n_runs)
    runs = np.stack([np.maximum(np.rint(kept), 1), rng.geometric(1.0 / LOST_RUN_PACKETS, n_runs)], axis=1)
    state = np.repeat(np.tile([False, True], n_runs), runs.astype(np.intp).ravel())
    return np.repeat(state, length)[:n_samples]


def digitised(signal: FloatArray, artefacts: Artefacts) -> FloatArray:
    """Return a signal in volts as the converter gives it: clipped at full scale, rounded to its step.

    Examples
    --------
    >>> digitised(np.array([1.26e-6, 9e-3]), Artefacts(resolution_V=1e-7, full_scale_V=1e-3)).round(9).tolist()
    [1.3e-06, 0.001]
    """
    clipped = np.clip(signal, -artefacts.full_scale_V, artefacts.full_scale_V)
    if artefacts.resolution_V > 0:
        return np.asarray(np.rint(clipped / artefacts.resolution_V) * artefacts.resolution_V, dtype=np.float64)
    return clipped
