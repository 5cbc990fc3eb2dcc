"""Ground-truth EMG: what a muscle gives under known excitation, and one burst of one channel with a known onset.

The signal-to-noise ratio is always ``10 log10(power the EMG adds on the plateau / power of the baseline)``, both in
the band of the sensor; stray potentials and artefacts do not count as baseline. The true onset is the start of the
ramp: the first excitation, which a noisy channel shows only later.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emgorder.arguments import require_within
from emgorder.errors import SettingsError
from emgorder.model import FloatArray
from emgorder.simulate.artefacts import Artefacts, digitised, disturbances, lost_samples
from emgorder.simulate.baseline import Baseline, resting_signal
from emgorder.simulate.carriers import Carrier, interference
from emgorder.simulate.envelopes import Burst, Shape, envelope
from emgorder.simulate.motor_units import DRIVE_STEP_S, draw_pool, pool_emg
from emgorder.simulate.noise import slow_noise, stream
from emgorder.simulate.sampling import SampleTimes, sample_times

__all__ = ["SimulatedBurst", "muscle_emg", "simulate_burst"]

ONSET_SHARE = (0.40, 0.53)  # where in the signal the onset of a burst falls unless it is given
RELEASE_S = 0.15  # from the plateau to silence, where the end of a burst is given
MOVEMENT_LAG_S = 0.15  # from the first EMG to movement: electromechanical delay and inertia
BASELINE_RMS_V = 5e-6


@dataclass(frozen=True, eq=False, slots=True)
class SimulatedBurst:
    """One channel with one burst, and what is true of it.

    Attributes
    ----------
    signal : ndarray, shape (n_samples,)
        Volts, NaN where packets were lost.
    sampling_frequency : float
        Hz.
    onset_s, offset_s : float
        First and last excitation, seconds from the first sample; the offset may lie after the end of the signal.
    baseline_rms_V : float
        RMS of the baseline.
    snr_dB : float
        Plateau EMG power over baseline power.
    """

    signal: FloatArray
    sampling_frequency: float
    onset_s: float
    offset_s: float
    baseline_rms_V: float
    snr_dB: float


def muscle_emg(seed: int, muscle: str, samples: SampleTimes, bursts: Sequence[Burst], carrier: Carrier) -> FloatArray:
    """Return the EMG that the bursts of one muscle add, expected power 1 on a plateau of gain 1.

    Parameters
    ----------
    seed : int
        Seed of the simulation.
    muscle : str
        Name of the channel: muscles draw independent carriers.
    samples : SampleTimes
        When the sensor samples.
    bursts : sequence of Burst
        When and how the muscle is active.
    carrier : Carrier
        What its EMG is made of.

    Returns
    -------
    ndarray, shape (n_samples,)
        Exactly 0 before the first onset and between bursts.

    Examples
    --------
    >>> x = muscle_emg(1, "BF_R", SampleTimes(3000, 1000.0), [Burst(onset_s=1.0, ramp_s=0.1)], Carrier())
    >>> float(np.abs(x[:1000]).max()), bool(np.abs(x[1001:1100]).max() > 0)
    (0.0, True)
    """
    grid_s = samples.times_s
    course = slow_noise(stream(seed, "plateau", muscle), samples.n_samples, samples.rate_Hz, carrier.wander_Hz)
    wander = np.exp(carrier.wander * course - carrier.wander**2)
    rng = stream(seed, "carrier", muscle)
    if carrier.kind == "motor_units":
        drives = []
        for burst in bursts:
            n_steps = max(math.ceil((burst.offset_s - burst.onset_s) / DRIVE_STEP_S), 2)
            times_s = burst.onset_s + DRIVE_STEP_S * np.arange(n_steps, dtype=np.float64)
            middle_s = times_s + 0.5 * DRIVE_STEP_S  # a rising drive is above zero from the first step on
            drives.append((times_s, envelope(middle_s, burst) * np.interp(middle_s, grid_s, wander)))
        return pool_emg(rng, draw_pool(rng), samples, drives)
    gain = np.zeros(samples.n_samples)
    for burst in bursts:
        span = samples.span(burst.onset_s, burst.offset_s)
        gain[span] = np.maximum(gain[span], envelope(grid_s[span], burst))
    return interference(rng, samples.n_samples, samples.rate_Hz, carrier) * gain * wander


def simulate_burst(
    seed: int | np.random.Generator,
    *,
    sampling_frequency: float = 1000.0,
    snr_dB: float = 15.0,
    ramp_s: float = 0.05,
    shape: Shape = "linear",
    onset_s: float | None = None,
    burst_s: float | None = None,
    duration_s: float = 3.0,
    baseline_rms_V: float = BASELINE_RMS_V,
    carrier: Carrier | None = None,
    baseline: Baseline | None = None,
    artefacts: Artefacts | None = None,
) -> SimulatedBurst:
    """Return one channel with one burst whose onset is known.

    The same seed gives the same onset, carrier and noise whatever artefacts are added.

    Parameters
    ----------
    seed : int or Generator
        Seed, or a generator that a seed is drawn from.
    sampling_frequency : float
        Hz.
    snr_dB : float
        ``10 log10(EMG power added on the plateau / baseline power)``; minus infinity: no burst.
    ramp_s : float
        From the onset to the plateau; 0 is a step.
    shape : {"linear", "cosine", "exponential", "variance", "two_stage"}
        Of the ramp.
    onset_s : float or None
        First excitation; None: random, around the middle.
    burst_s : float or None
        From the onset to the last excitation; None: beyond the end of the signal.
    duration_s : float
        Length of the signal.
    baseline_rms_V : float
        RMS of the baseline in volts.
    carrier : Carrier or None
        What the EMG is made of; None: Gaussian.
    baseline : Baseline or None
        What rest is like; None: steady.
    artefacts : Artefacts or None
        What else is in the channel; None: nothing.

    Returns
    -------
    SimulatedBurst

    Raises
    ------
    SettingsError
        A value makes no sense.

    Examples
    --------
    >>> burst = simulate_burst(1, snr_dB=20.0, ramp_s=0.0, onset_s=1.5)
    >>> burst.signal.shape, burst.onset_s
    ((3000,), 1.5)
    """
    require_within("sampling_frequency", sampling_frequency, 50.0, 20_000.0)
    require_within("ramp_s", ramp_s, 0.0, 10.0)
    require_within("duration_s", duration_s, 0.1, 3600.0)
    require_within("baseline_rms_V", baseline_rms_V, 1e-9, 1.0)
    if math.isnan(snr_dB) or snr_dB > 120.0:
        raise SettingsError(f"{snr_dB!r} is not a ratio up to 120 dB", key="snr_dB")
    if isinstance(seed, np.random.Generator):
        seed = int(seed.integers(2**63))
    carrier, baseline, artefacts = carrier or Carrier(), baseline or Baseline(), artefacts or Artefacts()
    if onset_s is None:
        onset_s = float(stream(seed, "onset").uniform(*ONSET_SHARE)) * duration_s
    if burst_s is None:
        profile: tuple[tuple[float, float], ...] = ((0.0, 1.0), (2.0 * duration_s, 1.0))
    else:
        require_within("burst_s", burst_s, 0.01, 3600.0)
        profile = ((0.0, 1.0), (max(burst_s - RELEASE_S, 0.5 * burst_s), 1.0), (burst_s, 0.0))
    burst = Burst(onset_s=onset_s, ramp_s=ramp_s, shape=shape, profile=profile)

    n_samples = round(duration_s * sampling_frequency)
    samples = sample_times(n_samples, sampling_frequency)
    relative = resting_signal(
        seed, "burst", n_samples, sampling_frequency, baseline=baseline, carrier=carrier
    ) + disturbances(seed, "burst", samples, artefacts, movements_s=(onset_s + MOVEMENT_LAG_S,))
    if snr_dB > -math.inf:
        relative += 10.0 ** (snr_dB / 20.0) * muscle_emg(seed, "burst", samples, [burst], carrier)
    signal = digitised(baseline_rms_V * relative, artefacts)
    signal[lost_samples(seed, "burst", n_samples, sampling_frequency, artefacts)] = np.nan
    return SimulatedBurst(signal, sampling_frequency, onset_s, burst.offset_s, baseline_rms_V, snr_dB)
