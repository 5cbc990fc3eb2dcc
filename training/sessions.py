"""Sessions of bursts that rise smoothly out of a quiet rest, as the start network sees them.

The bursts of a session are of one muscle: durations and shapes of their rises are alike, how much so differs from
session to session. Nothing here comes from a recording: only simulations know where a rise began.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import uniform_filter1d

from emgorder.conditioning import bandpass
from emgorder.onset.network_features import FRAME_SAMPLES, Float32Array, at_working_rate
from emgorder.onset.start_features import FRAMES_BEFORE, N_FRAMES, start_features
from training.carriers import interference, motor_units
from training.draws import RATE_HZ, Array, chance, log_uniform, uniform
from training.envelopes import SMOOTH_RAMP_S, SMOOTH_SHAPES, fall, fluctuation, smooth_gain
from training.rests import quiet_rest
from training.windows import MOTOR_UNIT_SHARE, SMOOTH_FLUCTUATION, at_rate, digitised, powers, visible_onset

__all__ = ["LIFTS", "N_KINDS", "Sessions", "draw_batch", "draw_sessions"]

LIFTS = 10
BATCH = ((11, (1000,)), (3, (500, 400)), (2, (250, 200)))
"""Sessions of a batch, and the rates one of which they have. Every batch holds fast, medium and slow ones, so that the
statistics of its normalisation are those of use."""

LENGTH = 1900  # samples at 1 kHz
ONSET_S = (1.08, 1.10)
"""Onsets are all at the same place of what is simulated, and signal beyond what is looked at is there on both sides of
any usual reference: else where signal ends would tell where the onset is."""

SNR_dB, SNR_SPREAD_dB, LEAST_SNR_dB = (2.0, 26.0), (0.0, 3.0), 1.5
SHORT_RAMP_SHARE, SHORT_RAMP_S = 0.5, (0.008, 0.25)
"""Half of the sessions have ramps that are even in their logarithm, the others in their duration."""

LONGEST_RAMP_S = 0.33
STEP_SHARE, STEP_s = 0.12, 1e-3
DURATION_SPREAD = (0.0, 0.5)
"""Standard deviation of the logarithm of the durations of a session's rises, and how often a lift has another shape:
judged; nobody has measured either."""

OTHER_SHAPE_SHARE, OTHER_STEP_SHARE = 0.1, 0.1
BURST_S = (0.25, 4.0)
SHORTEST_UNITS_RAMP_S = 0.005

LATEST_VISIBLE_S = 0.25
REFERENCE_SPREAD_S = 0.06
FAR_SHARE, FAR_S = 0.1, 0.08
"""The reference is anywhere around the visible onset, so that it tells nothing beyond what the signal does."""

SHORT_REST_SHARE, SHORT_REST_S, SETTLED_S = 0.5, 0.8, 0.03
SHORT_END_SHARE, SHORT_END_S = 0.25, (0.12, 0.43)
LABEL_SD_s = 0.004
ENVELOPE_SAMPLES = 25

N_DURATIONS, SHORTEST_S, LONGEST_S = 12, 0.003, 0.22
N_KINDS = 2 * N_DURATIONS
"""Kinds of rise: how long after its start it reaches half the plateau's amplitude, in even steps of the logarithm, and
whether it was quick to reach a tenth of it."""

CONCAVE_RATIO = 4.0
"""Half the amplitude is reached five times later than a tenth on a linear rise, 2.4 times on half a cosine."""


@dataclass(frozen=True, eq=False, slots=True)
class Sessions:
    """Bursts of several sessions, those of a session one after the other.

    Attributes
    ----------
    features : ndarray of float32, shape (n_sessions * LIFTS, n_features, n_frames)
        What the network sees.
    target : ndarray of float32, shape (n_sessions * LIFTS, n_frames)
        Where the rise began, blurred by one frame; all zero where that is not seen.
    kind : ndarray of int, shape (n_sessions * LIFTS,)
        Of the rise.
    others : ndarray of float32, shape (n_sessions, LIFTS, LIFTS)
        1 where the first lift is told of the second: of a random part of the others.
    """

    features: Float32Array
    target: Float32Array
    kind: np.ndarray
    others: Float32Array


def draw_batch(seed: int) -> Sessions:
    """Draw the sessions of one batch."""
    rng = np.random.default_rng(seed)
    parts = [draw_sessions(rng, n, int(rng.choice(rates))) for n, rates in BATCH]
    names = ("features", "target", "kind", "others")
    return Sessions(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def draw_sessions(rng: np.random.Generator, n_sessions: int, rate: int) -> Sessions:
    """Draw sessions of ten lifts at one sampling frequency (Hz)."""
    n = n_sessions * LIFTS
    onset_s = uniform(rng, *ONSET_S, n)
    carrier, gain = _bursts(rng, n_sessions, onset_s)
    burst = (
        carrier
        * fluctuation(rng, n, LENGTH, SMOOTH_FLUCTUATION)
        * fall(rng, LENGTH, onset_s, uniform(rng, *BURST_S, n))
    )
    rest, burst = quiet_rest(rng, LENGTH, onset_s), np.asarray(burst, dtype=np.float32)
    if rate != RATE_HZ:
        aliased = rng.random() < 0.3
        rest, burst = (at_rate(part, rate, aliased=aliased) for part in (rest, burst))
    snr_dB = _each(uniform(rng, *SNR_dB, n_sessions))
    snr_dB = snr_dB + _each(uniform(rng, *SNR_SPREAD_dB, n_sessions)) * rng.standard_normal((n, 1))
    local, plateau = powers(rest, burst, rate, onset_s[:, 0])
    burst = burst * np.sqrt(10 ** (np.maximum(snr_dB, LEAST_SNR_dB) / 10) * local / plateau)
    raw = digitised(rng, rest + burst, burst, np.sqrt(local), rate)
    visible_s = visible_onset(burst, np.sqrt(local), rate)

    values, _, rate_Hz = at_working_rate(bandpass(raw.T, rate), rate)
    reference = np.round(_reference_s(rng, visible_s, onset_s[:, 0]) * rate_Hz).astype(np.intp)
    bounds = _bounds(rng, reference, rate_Hz, values.shape[1])
    features = start_features(values, reference, bounds, rate)
    centre_s = (reference[:, np.newaxis] + (np.arange(N_FRAMES) - FRAMES_BEFORE + 0.5) * FRAME_SAMPLES) / rate_Hz
    weight = np.exp(-0.5 * ((centre_s - onset_s) / LABEL_SD_s) ** 2) * features[:, -4]
    total = weight.sum(axis=1, keepdims=True)
    target = np.where(total > 1e-3, weight / np.maximum(total, 1e-3), 0).astype(np.float32)
    told = rng.random((n_sessions, LIFTS, LIFTS)) < rng.uniform(0, 1.4, (n_sessions, LIFTS, 1))
    others = (told & ~np.eye(LIFTS, dtype=bool)).astype(np.float32)
    return Sessions(features, target, _kinds(gain, onset_s), others)


def _each(values: np.ndarray) -> np.ndarray:
    """Return what is given for each session for each of its lifts."""
    return np.repeat(values, LIFTS, axis=0)


def _bursts(rng: np.random.Generator, n_sessions: int, onset_s: Array) -> tuple[Array, Array]:
    """Draw bursts that rise, and the gain with which they do; shape (n, LENGTH)."""
    n = n_sessions * LIFTS
    spread = _each(uniform(rng, *DURATION_SPREAD, n_sessions)) * rng.standard_normal((n, 1))
    even, short = uniform(rng, *SMOOTH_RAMP_S, n_sessions), log_uniform(rng, *SHORT_RAMP_S, n_sessions)
    ramp_s = np.where(chance(rng, SHORT_RAMP_SHARE, n_sessions), short, even)
    ramp_s = np.minimum(_each(ramp_s) * np.exp(spread), LONGEST_RAMP_S)
    steps = _each(chance(rng, STEP_SHARE, n_sessions)) & ~chance(rng, OTHER_STEP_SHARE, n)
    ramp_s = np.where(steps, STEP_s, ramp_s).astype(np.float32)
    usual, own = (rng.choice(len(SMOOTH_SHAPES), (k, 1), p=SMOOTH_SHAPES) for k in (n_sessions, n))
    shape = np.where(chance(rng, OTHER_SHAPE_SHARE, n), own, _each(usual))
    gain = smooth_gain(LENGTH, onset_s, ramp_s, shape, _each(uniform(rng, 2.0, 3.0, n_sessions)))
    burst = interference(rng, n, LENGTH, int(RATE_HZ), None, 0.0) * gain
    units = np.flatnonzero(_each(chance(rng, MOTOR_UNIT_SHARE, n_sessions)))
    if units.size:
        pool = motor_units(rng, LENGTH, onset_s[units], np.maximum(ramp_s[units], SHORTEST_UNITS_RAMP_S))
        burst[units] = pool / (pool.std(axis=1, keepdims=True) + 1e-6)
        envelope = np.sqrt(uniform_filter1d(pool**2, ENVELOPE_SAMPLES, axis=1))
        settled = np.median(envelope[:, int((ONSET_S[1] + LONGEST_S) * RATE_HZ) :], axis=1, keepdims=True) + 1e-6
        gain[units] = envelope / settled * (gain[units] > 0)
    return burst, gain


def _kinds(gain: Array, onset_s: Array) -> np.ndarray:
    """Return the kind of each rise."""
    tenth_s, half_s = (
        np.maximum((gain >= share).argmax(axis=1) / RATE_HZ - onset_s[:, 0], STEP_s) for share in (0.1, 0.5)
    )
    at = np.log(half_s / SHORTEST_S) / np.log(LONGEST_S / SHORTEST_S) * (N_DURATIONS - 1)
    duration = np.clip(np.round(at), 0, N_DURATIONS - 1).astype(np.intp)
    return np.asarray(duration + N_DURATIONS * (half_s > CONCAVE_RATIO * tenth_s))


def _reference_s(rng: np.random.Generator, visible_s: np.ndarray, onset_s: np.ndarray) -> np.ndarray:
    n = len(onset_s)
    seen_s = np.where(np.isfinite(visible_s), visible_s, onset_s + REFERENCE_SPREAD_S)
    seen_s = np.clip(seen_s, onset_s, onset_s + LATEST_VISIBLE_S)
    far_s = np.where(rng.random(n) < FAR_SHARE, FAR_S * rng.standard_normal(n), 0.0)
    return np.asarray(seen_s + rng.uniform(-REFERENCE_SPREAD_S, REFERENCE_SPREAD_S, n) + far_s)


def _bounds(
    rng: np.random.Generator, reference: np.ndarray, rate_Hz: float, n_samples: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draw where signal is: some windows begin late, some end soon after the onset, as while it is being recorded."""
    n = len(reference)
    first_s = np.where(rng.random(n) < SHORT_REST_SHARE, rng.uniform(0, SHORT_REST_S, n), SETTLED_S)
    seen = np.round(rng.uniform(*SHORT_END_S, n) * rate_Hz).astype(np.intp)
    stop = np.where(rng.random(n) < SHORT_END_SHARE, reference + seen, n_samples)
    return np.round(first_s * rate_Hz).astype(np.intp), np.minimum(stop, n_samples)
