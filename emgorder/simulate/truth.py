"""The table of what is true of a simulated session."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from emgorder.model import FloatArray
from emgorder.simulate.person import MuscleTraits, Person
from emgorder.simulate.plan import Plan, PlannedLift
from emgorder.simulate.sampling import TwoSensors

__all__ = ["truth_table"]

NEAR_ONSET_S = 0.25  # a sample lost this close to an onset is told


def truth_table(
    person: Person, plan: Plan, sensors: TwoSensors | None, data: FloatArray, sampling_frequency: float
) -> pd.DataFrame:
    """Return a row per lift and muscle; columns as in :func:`emgorder.simulate.simulate_session`.

    Parameters
    ----------
    person : Person
        Who lifts.
    plan : Plan
        What truly happens.
    sensors : TwoSensors or None
        Whose clock is wrong.
    data : ndarray, shape (n_samples, n_muscles)
        The recording, in the order of ``person.muscles``: where packets were lost.
    sampling_frequency : float
        Hz.
    """
    rows = [
        {
            "lift": number,
            "side": lift.side,
            "target_muscle": muscle.target_muscle,
            "channel": label,
            "cue_s": lift.cue_s,
            **_muscle_truth(lift, label, muscle, sensors, column, sampling_frequency),
            "difference_s": lift.difference_s,
            "session_difference_s": person.mean_difference_s[lift.side],
            "outlier": lift.outlier,
            "early": lift.early,
        }
        for number, lift in enumerate(plan.lifts, start=1)
        for (label, muscle), column in zip(person.muscles.items(), data.T, strict=True)
        if muscle.side == lift.side
    ]
    truth = pd.DataFrame(rows)
    truth.attrs["mean_difference_s"] = dict(person.mean_difference_s)
    return truth


def _muscle_truth(
    lift: PlannedLift,
    label: str,
    muscle: MuscleTraits,
    sensors: TwoSensors | None,
    signal: FloatArray,
    sampling_frequency: float,
) -> dict[str, Any]:
    burst = lift.bursts.get(label)
    if burst is None:
        times = dict.fromkeys(("onset_s", "offset_s", "recorded_onset_s", "ramp_s"), math.nan)
        return {**times, "shape": "", "snr_dB": math.nan, "lost_near_onset": False}
    recorded_s = burst.onset_s
    if sensors is not None and muscle.is_glute:
        recorded_s = sensors.shown_s(burst.onset_s)
    first, last = (int((recorded_s + reach_s) * sampling_frequency) for reach_s in (-NEAR_ONSET_S, NEAR_ONSET_S))
    return {
        "onset_s": burst.onset_s,
        "offset_s": burst.offset_s,
        "recorded_onset_s": recorded_s,
        "ramp_s": burst.ramp_s,
        "shape": burst.shape,
        "snr_dB": muscle.snr_dB + 20.0 * math.log10(burst.gain),
        "lost_near_onset": bool(np.isnan(signal[max(first, 0) : max(last, 0)]).any()),
    }
