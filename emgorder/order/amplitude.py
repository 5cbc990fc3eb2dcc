"""How large a burst is: noise-corrected RMS, average rectified value and peak, over a window that muscles share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emgorder.model import FloatArray

__all__ = ["Amplitude", "hold_end", "measure", "moving_power", "noise_corrected", "rms_between"]

ENVELOPE_S = 0.25  # length of the RMS envelope whose peak is told and whose fall ends the hold
RISEN_S = 1.0  # from the first onset: raising the leg takes about a second; a hold cannot end before
FALLEN = 0.5  # share of the amplitude in that second below which a muscle has let go


@dataclass(frozen=True, slots=True)
class Amplitude:
    """Of one burst, in the unit of the signal: ``rms`` and ``peak_rms`` without the power of rest, ``arv`` as it is."""

    rms: float = math.nan
    arv: float = math.nan
    peak_rms: float = math.nan


def noise_corrected(rms: float, baseline_rms: float) -> float:
    """Return √max(0, RMS² − baseline²): what a burst adds to rest, NaN where either is unknown.

    Examples
    --------
    >>> noise_corrected(5.0, 3.0), noise_corrected(2.0, 3.0)
    (4.0, 0.0)
    """
    excess = rms**2 - baseline_rms**2
    return math.sqrt(max(0.0, excess)) if math.isfinite(excess) else math.nan


def rms_between(signal: FloatArray, sampling_frequency: float, start_s: float, stop_s: float) -> float:
    """Return the RMS of a stretch of a signal, lost samples left out; NaN where there are no others."""
    part = _between(signal, sampling_frequency, start_s, stop_s)
    return float(np.sqrt(np.mean(part**2))) if part.size else math.nan


def measure(
    signal: FloatArray, sampling_frequency: float, start_s: float, stop_s: float, *, baseline_rms: float
) -> Amplitude:
    """Measure a burst.

    Parameters
    ----------
    signal : ndarray, shape (n_samples,)
        Conditioned EMG, any unit; NaN is a lost sample.
    sampling_frequency : float
        Hz.
    start_s, stop_s : float
        The window, s.
    baseline_rms : float
        RMS of rest, same unit.

    Returns
    -------
    Amplitude
        NaN where the window or the baseline is unknown.

    Examples
    --------
    >>> burst = np.tile([5.0, -5.0], 1000)
    >>> measure(burst, 1000.0, 0.5, 1.5, baseline_rms=3.0)
    Amplitude(rms=4.0, arv=5.0, peak_rms=4.0)
    """
    if not (math.isfinite(start_s) and math.isfinite(stop_s) and math.isfinite(baseline_rms)):
        return Amplitude()
    part = _between(signal, sampling_frequency, start_s, stop_s)
    if not part.size:
        return Amplitude()
    width = min(part.size, max(1, round(ENVELOPE_S * sampling_frequency)))
    sums = np.cumsum(np.append(0.0, part**2))
    peak_rms = math.sqrt(max(0.0, float(np.max(sums[width:] - sums[:-width])) / width))
    return Amplitude(
        rms=noise_corrected(float(np.sqrt(np.mean(part**2))), baseline_rms),
        arv=float(np.mean(np.abs(part))),
        peak_rms=noise_corrected(peak_rms, baseline_rms),
    )


def hold_end(signals: Sequence[FloatArray], sampling_frequency: float, first_s: float, latest_s: float) -> float:
    """Return when the leg is no longer held: when the last muscle has let go, or the lift's window ends.

    Parameters
    ----------
    signals : sequence of ndarray, shape (n_samples,)
        Conditioned EMG of the compared muscles.
    sampling_frequency : float
        Hz.
    first_s : float
        First onset of either, s.
    latest_s : float
        End of the lift's window, s.

    Returns
    -------
    float
        The first moment, from 1.0 s after the first onset on, at which the 250 ms RMS of every muscle is below half of
        its RMS in that second; `latest_s` where there is none or the window is shorter; NaN without an onset.

    Examples
    --------
    >>> held = np.repeat([0.0, 1.0, 0.2], [1000, 2500, 1500]) * np.tile([1.0, -1.0], 2500)
    >>> hold_end([held], 1000.0, 1.0, 5.0)
    3.571
    """
    if not math.isfinite(first_s):
        return math.nan
    fs = sampling_frequency
    first, risen, latest = round(first_s * fs), round((first_s + RISEN_S) * fs), round(latest_s * fs)
    held = np.zeros(max(0, latest - risen), dtype=np.bool_)
    for signal in signals:
        usual = rms_between(signal, fs, first_s, first_s + RISEN_S)
        power = moving_power(signal[max(0, first) : latest], max(1, round(ENVELOPE_S * fs)))[risen - max(0, first) :]
        held[: power.size] |= power >= (FALLEN * usual) ** 2
    let_go = np.flatnonzero(~held)
    return (risen + int(let_go[0])) / fs if let_go.size else latest_s


def moving_power(signal: FloatArray, width: int) -> FloatArray:
    """Return the mean square around each sample, over `width` samples as far as there are any; NaN counts as nothing.

    Examples
    --------
    >>> moving_power(np.array([2.0, 2.0, np.nan, 0.0]), 3).tolist()
    [4.0, 4.0, 2.0, 0.0]
    """
    known = np.isfinite(signal)
    sums = np.cumsum(np.append(0.0, np.where(known, signal, 0.0) ** 2))
    counts = np.cumsum(np.append(0, known))
    at = np.arange(signal.size)
    low, high = np.maximum(at - width // 2, 0), np.minimum(at + (width + 1) // 2, signal.size)
    n = counts[high] - counts[low]
    power: FloatArray = np.divide(sums[high] - sums[low], n, out=np.zeros(signal.size), where=n > 0)
    return np.maximum(power, 0.0)


def _between(signal: FloatArray, fs: float, start_s: float, stop_s: float) -> FloatArray:
    part = signal[max(0, round(start_s * fs)) : max(0, round(stop_s * fs))]
    return part[np.isfinite(part)]
