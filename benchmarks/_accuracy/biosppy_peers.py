"""BioSPPy's onset finders as they are, given the same rest and the same stretch of signal as every other method."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from emgorder.model import FloatArray
from emgorder.onset.published.tools import moving_mean, n_samples
from emgorder.onset.registry import OnsetMethod

__all__ = ["biosppy_methods"]

WINDOW_S = 0.050  # Hodges & Bui's
AFTER_S = 0.3  # of the burst that a finder is shown: only one had smaller errors with more, by 1 ms

Options = Callable[[Callable[[float], int]], Mapping[str, float]]

# BioSPPy leaves thresholds and durations to the caller; durations are counted in samples, hence `n`. Of the thresholds
# tried, which stand in brackets, these had the smallest mean error over 83 hand-read and 60 simulated bursts.
WITH_REST: dict[str, Options] = {
    "hodges_bui": lambda n: {"size": n(WINDOW_S), "threshold": 1.0},  # (1, 2, 3, 5)
    "bonato": lambda n: {  # (3, 6, 9); it counts pairs of samples
        "threshold": 3.0,
        "active_state_duration": n(0.005),
        "samples_above_fail": 1,
        "fail_size": 2,
    },
    "lidierth": lambda n: {  # (1, 2, 3, 5)
        "size": n(WINDOW_S),
        "threshold": 1.0,
        "active_state_duration": n(0.030),
        "fail_size": n(0.010),
    },
    "abbink": lambda n: {  # (1, 1.5, 2, 3)
        "size": n(WINDOW_S),
        "alarm_size": n(0.050),
        "threshold": 2.0,
        "transition_threshold": 2.0,
    },
    "solnik": lambda n: {"threshold": 3.0, "active_state_duration": n(0.010)},  # (1.5, 3, 8, 15)
    "londral": lambda n: {"size": n(WINDOW_S), "threshold": 3.0, "active_state_duration": n(0.025)},  # (1.5, 2, 3, 5)
}
SILVA_SD, SILVA_WIDE_S = 1.0, 0.100  # (1, 2, 3, 5)
PULSE_SD = 3.0  # (3, 5, and its default from the whole signal, with a mean error over 160 ms)


def biosppy_methods() -> tuple[OnsetMethod, ...]:
    """Return BioSPPy's finders in the form that the package's own registry has."""
    return tuple(
        OnsetMethod(
            name=f"biosppy_{name}",
            title=f"BioSPPy, {name}",
            citation="Bota et al. 2024, BioSPPy: A Python toolbox for physiological signal processing",
            doi="10.1016/j.softx.2024.101712",
            detect=partial(_first_event, name),
            after_s=AFTER_S,
        )
        for name in ("find_onsets", *WITH_REST, "silva")
    )


def _first_event(name: str, signal: FloatArray, sampling_frequency: float, baseline: slice) -> float:
    """Return the first event after rest, s from the first sample; NaN if there is none."""
    in_rest_sd = signal / signal[baseline].std()  # two finders compare squares with an SD: the unit would matter
    events = np.asarray(_events(name, in_rest_sd, sampling_frequency, baseline), dtype=np.float64)
    events = events[events >= baseline.stop]
    return float(events[0]) / sampling_frequency if events.size else math.nan


def _events(name: str, signal: FloatArray, rate_Hz: float, baseline: slice) -> FloatArray:
    from biosppy.signals import emg

    def n(duration_s: float) -> int:
        return max(2, n_samples(duration_s, rate_Hz))

    rest = signal[baseline]
    if name == "find_onsets":
        calm = moving_mean(np.abs(rest), n(WINDOW_S))
        threshold = calm.mean() + PULSE_SD * calm.std()
        return emg.find_onsets(signal, sampling_rate=rate_Hz, size=WINDOW_S, threshold=threshold)["onsets"]
    if name == "silva":
        return emg.silva_onset_detector(
            signal,
            sampling_rate=rate_Hz,
            size=n(WINDOW_S),
            threshold_size=n(SILVA_WIDE_S),
            threshold=np.abs(rest).mean() + SILVA_SD * np.abs(rest).std(),
        )["onsets"]
    find = getattr(emg, f"{name}_onset_detector")
    return find(signal, rest=rest, sampling_rate=rate_Hz, **WITH_REST[name](n))["onsets"]
