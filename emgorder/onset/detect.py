"""From a signal with one burst to its onset: baseline, gaps and conditioning once for all detectors."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from emgorder.errors import SettingsError
from emgorder.model import FloatArray, Onset
from emgorder.onset.baseline import Step, coarse_step, rest_before
from emgorder.onset.registry import DEFAULT_METHOD, OnsetMethod, find_method
from emgorder.onset.usable import Usable, check_signal, condition, hide_pads, usable_part

__all__ = ["detect_onset", "place_onset"]

SHORTEST_S = 0.3
"""Rest, gap and the beginning of a burst do not fit into less."""

SHORTEST_REST_S = 0.1
"""A whitening filter of order 6 and a spread need 100 samples at 1 kHz; at 200 Hz the filter's order is lowered."""

SMALLEST_RISE_DB = 3.0
"""Bursts as strong as the rest itself (0 dB) double its power; noise at 1 kHz rises by less (2.4 dB in 1 % of 10 s)."""

RISE_IN_NOISE = 4.0
"""Smallest rise in standard deviations of stationary noise: exceeded in 1 to 5 % of 10 s of noise at any rate."""

GAP_REACH_S = 0.050
"""An onset this close to lost samples is withheld: the detectors average over windows of up to 50 ms, and the filters
start anew after a gap. What lies further away they see whole."""

HIDDEN_REACH_S = 0.25
"""Where a detector finds nothing and a gap is this close to the coarse step, the gap is the reason."""

SILENT_REST = 1e-3
"""A rest this far (60 dB) below the burst is a pad or a coarse quantiser; noise of that size stands in for it, as all
detectors divide by its spread."""


def detect_onset(
    signal: npt.ArrayLike,
    sampling_frequency: float,
    *,
    baseline: tuple[float, float] | None = None,
    method: str = DEFAULT_METHOD,
    conditioned: bool = False,
) -> Onset:
    """Find where the burst in a signal begins.

    Parameters
    ----------
    signal : array_like, shape (n_samples,)
        EMG of one muscle around one burst, with at least 0.1 s (better 0.6 s) of rest before it and 0.3 s after. Any
        unit, NaN is a lost sample. A constant value for 50 ms or longer at either end counts as a pad, and as rest
        only where there is no other. Of several bursts the one with the largest step of log power is taken; without
        any, noise of constant strength rarely passes for one (2 % of 3 s at 200 Hz, none at 1 kHz), a heart beat or a
        stray potential often does. :func:`detect_onsets` judges long signals by their activity elsewhere.
    sampling_frequency : float
        Hz, 100 at least. Faster signals are thinned to about 1 kHz.
    baseline : tuple of float, optional
        Start and stop of rest, s from the first sample. Without it the half second that ends 0.1 s before the largest
        step of log power is taken.
    method : str
        Key of :func:`onset_methods`.
    conditioned : bool
        Whether the signal was band-passed before; else it is, causally, 20 to 450 Hz.

    Returns
    -------
    Onset
        Times in seconds from the first sample; NaN with the reason in words where there is no onset, or where it
        lies within 50 ms of lost samples: gaps are never bridged.

    Raises
    ------
    RecordingError
        The signal is not one-dimensional, or not numbers.
    SettingsError
        No such method, a sampling frequency below 100 Hz, or a baseline that is not in the signal.

    Examples
    --------
    >>> import numpy as np
    >>> emg = np.random.default_rng(1).normal(size=2000) * np.where(np.arange(2000) < 1000, 1, 10)
    >>> round(detect_onset(emg, 1000).time_s, 2), detect_onset(emg[:900], 1000).found
    (1.0, False)
    """
    chosen = find_method(method)
    samples = check_signal(signal, sampling_frequency)
    if baseline is not None:
        _check_baseline(baseline, samples.size / sampling_frequency)
    reason = _why_unusable(samples)
    if reason:
        return Onset(method=chosen.name, reason=reason)
    without_pads = hide_pads(samples, sampling_frequency)
    shown = condition(without_pads, sampling_frequency, conditioned=conditioned)
    onset = place_onset(shown, sampling_frequency, chosen, baseline=baseline)
    if not onset.found and np.isfinite(without_pads).sum() < np.isfinite(samples).sum():
        shown = condition(samples, sampling_frequency, conditioned=conditioned)
        with_pads = place_onset(shown, sampling_frequency, chosen, baseline=baseline)
        onset = with_pads if with_pads.found else onset
    return onset


def place_onset(
    samples: FloatArray,
    sampling_frequency: float,
    method: OnsetMethod,
    *,
    baseline: tuple[float, float] | None = None,
    burst_is_sure: bool = False,
) -> Onset:
    """Find the onset in conditioned samples that were checked before.

    Parameters
    ----------
    samples : ndarray of float64, shape (n_samples,)
        Conditioned EMG; NaN is a lost sample.
    sampling_frequency : float
        Hz.
    method : OnsetMethod
        The detector.
    baseline : tuple of float, optional
        Start and stop of rest, s.
    burst_is_sure : bool
        Whether a burst is known to begin here, so that even a rise no larger than that of noise is one: very slow
        ones have no larger step.
    """
    nothing = Onset(method=method.name)
    part = usable_part(samples, sampling_frequency)
    rate = part.sampling_frequency
    if part.values.size < SHORTEST_S * rate:
        return replace(
            nothing, reason=f"only {part.values.size / rate:.2f} s of signal: at least {SHORTEST_S:g} s are needed"
        )
    rest = None if baseline is None else _samples_between(part.time_s, *baseline)
    step = coarse_step(part.values, rate, first=0 if rest is None else rest.stop)
    if step is None:
        return replace(nothing, reason="too little signal around the burst")
    if not burst_is_sure and step.rise_dB < max(SMALLEST_RISE_DB, RISE_IN_NOISE * step.noise_dB):
        return replace(
            nothing, reason=f"no burst begins: the power rises by no more than noise ({step.rise_dB:.1f} dB)"
        )
    rest = rest_before(step.at, rate) if rest is None else rest
    if rest.stop - rest.start < SHORTEST_REST_S * rate:
        rest_s = (rest.stop - rest.start) / rate
        return replace(
            nothing, reason=f"only {rest_s:.2f} s of rest before the burst: {SHORTEST_REST_S:g} s are needed"
        )
    return replace(_refined(part, rest, step, method), method=method.name)


def _refined(part: Usable, rest: slice, step: Step, method: OnsetMethod) -> Onset:
    """Run the detector on the rest and the stretch between gaps that holds the coarse step."""
    rate = part.sampling_frequency
    edges = np.concatenate(([0], part.borders, [part.values.size]))
    after = int(np.searchsorted(edges, step.at, side="right"))
    opening, closing = int(edges[after - 1]), int(edges[after])
    start = max(rest.stop, opening)
    stop = min(step.at + round(method.after_s * rate), closing)
    gaps_s = part.time_s[[edge for edge in (opening, closing - 1) if 0 < edge < part.values.size - 1]]
    hidden = Onset(reason="samples were lost around the onset")
    if _nearest_s(gaps_s, float(part.time_s[step.at])) < GAP_REACH_S or stop - start < 2:
        return hidden
    values = np.concatenate((part.values[rest], part.values[start:stop]))
    n_rest = rest.stop - rest.start
    found = method.detect(_audible(values, n_rest), rate, slice(0, n_rest), **method.defaults)
    onset = found if isinstance(found, Onset) else Onset(time_s=found)
    onset = onset.shifted(float(part.time_s[start]) - n_rest / rate)
    if onset.found:
        return hidden if _nearest_s(gaps_s, onset.time_s) < GAP_REACH_S else onset
    if _nearest_s(gaps_s, float(part.time_s[step.at])) < HIDDEN_REACH_S:
        return hidden
    return replace(onset, reason=onset.reason or f"{method.title}: no onset found")


def _audible(values: FloatArray, n_rest: int) -> FloatArray:
    """Return `values` with noise where the rest is silent."""
    loud = math.sqrt(float(np.mean(values**2)))
    if math.sqrt(float(np.mean(values[:n_rest] ** 2))) >= SILENT_REST * loud:
        return values
    noise: FloatArray = np.random.default_rng(0).standard_normal(values.size)
    return values + SILENT_REST * loud * noise


def _nearest_s(times_s: FloatArray, time_s: float) -> float:
    return float(np.min(np.abs(times_s - time_s), initial=math.inf))


def _samples_between(time_s: FloatArray, start_s: float, stop_s: float) -> slice:
    first, stop = np.searchsorted(time_s, (start_s, stop_s))
    return slice(int(first), int(stop))


def _why_unusable(samples: FloatArray) -> str:
    values = samples[np.isfinite(samples)]
    if not samples.size:
        return "the signal is empty"
    if not values.size:
        return "all samples were lost"
    if np.ptp(values) == 0.0:
        return "the signal is constant: is the sensor on and connected?"
    return ""


def _check_baseline(baseline: tuple[float, float], duration_s: float) -> None:
    start_s, stop_s = baseline
    if not 0.0 <= start_s < stop_s <= duration_s:
        raise SettingsError(
            f"{baseline!r} s is not within the signal of {duration_s:g} s: give its start and stop", key="baseline"
        )
