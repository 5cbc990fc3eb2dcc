"""From a plan to volts: what the sensors record of everything that happens in a session."""

from __future__ import annotations

import math

import numpy as np
from scipy.interpolate import CubicSpline

from emgorder.model import FloatArray
from emgorder.simulate.artefacts import Artefacts, digitised, disturbances, lost_samples, tap_signal
from emgorder.simulate.baseline import Baseline, resting_signal
from emgorder.simulate.emg import muscle_emg
from emgorder.simulate.person import Person
from emgorder.simulate.plan import Plan
from emgorder.simulate.sampling import SampleTimes, TwoSensors, sample_times

__all__ = ["TAP_SD_S", "render_plan", "through_tissue"]

# Tissue passes a neighbour's EMG at once, smeared over some milliseconds: delay and weight.
CROSSTALK_TAPS = ((0.000, 0.5), (0.001, 1.0), (0.002, 0.6), (0.003, -0.3))
TAP_SD_S = 0.002  # between two sensors that are tapped together


def render_plan(
    seed: int,
    person: Person,
    plan: Plan,
    sampling_frequency: float,
    *,
    baseline: Baseline,
    artefacts: Artefacts,
    crosstalk: tuple[float, float],
    sensors: TwoSensors | None,
) -> FloatArray:
    """Return what the sensors record of a plan.

    Parameters as in :func:`emgorder.simulate.simulate_session`.

    Returns
    -------
    ndarray, shape (n_samples, n_muscles)
        Volts, in the order of ``person.muscles``; NaN where packets were lost.
    """
    n_samples = math.ceil(plan.duration_s * sampling_frequency)
    reference = sample_times(n_samples, sampling_frequency)
    devices = dict.fromkeys(person.muscles, "device")
    times = dict.fromkeys(person.muscles, reference)
    if sensors is not None:
        devices = {label: f"{'glute' if m.is_glute else 'hamstring'} sensor" for label, m in person.muscles.items()}
        own = sample_times(
            n_samples, sampling_frequency, clock_offset_s=sensors.offset_s, clock_drift_ppm=sensors.drift_ppm
        )
        times = {label: own if m.is_glute else reference for label, m in person.muscles.items()}
    emg = {
        label: m.plateau_rms_V * muscle_emg(seed, label, times[label], plan.bursts[label], m.carrier)
        for label, m in person.muscles.items()
    }
    columns = []
    for label, muscle in person.muscles.items():
        rest = resting_signal(seed, label, n_samples, sampling_frequency, baseline=baseline, carrier=muscle.carrier)
        rest += disturbances(seed, label, times[label], artefacts, movements_s=tuple(plan.movements_s))
        volts = emg[label] + muscle.baseline_rms_V * rest
        volts += tap_signal(seed, devices[label], times[label], tuple(plan.taps_s), TAP_SD_S)
        share = crosstalk[0] if muscle.is_glute else crosstalk[1]
        if share > 0:
            neighbour = person.partner(label)
            volts += share * through_tissue(emg[neighbour], times[neighbour], times[label])
        volts = digitised(volts, artefacts)
        volts[lost_samples(seed, devices[label], n_samples, sampling_frequency, artefacts)] = np.nan
        columns.append(volts)
    return np.stack(columns, axis=1)


def through_tissue(source: FloatArray, sampled: SampleTimes, wanted: SampleTimes) -> FloatArray:
    """Return a neighbour's EMG as it arrives at other electrodes, at the RMS of the source."""
    spline = CubicSpline(sampled.times_s, source, extrapolate=False)
    times_s = wanted.times_s
    smeared = np.zeros(wanted.n_samples)
    for delay_s, weight in CROSSTALK_TAPS:
        smeared += weight * np.nan_to_num(spline(times_s - delay_s))
    rms = math.sqrt(float(np.mean(smeared**2)))
    return smeared * (math.sqrt(float(np.mean(source**2))) / rms) if rms > 0 else smeared
