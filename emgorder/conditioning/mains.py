"""Whether mains hum is in a signal: a narrow line at 50 or 60 Hz that stands out while the muscle is quiet."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import fft, signal

from emgorder.conditioning.energy import moving_rms
from emgorder.model import FloatArray, IntArray

__all__ = ["MAINS_HZ", "MainsLine", "detect_mains", "measure_mains"]

MAINS_HZ = (50.0, 60.0)
"""Nominal frequencies; grids stay within 0.3 Hz of them (EN 50160 allows 0.5 Hz for 0.5 % of a year)."""

WINDOW_S = 2.0
SHORTEST_WINDOW_S = 1.0
"""Below it 50 and 60 Hz and their neighbourhoods are no longer apart."""

NEIGHBOURS_BINS = (3, 6)
"""Beyond the main lobe of a Hann window (2 bins) plus 0.3 Hz, and before the other mains frequency."""

QUIET_OVER_S = 0.1
"""Stretch over which loudness is taken: shorter than the rests between the bursts of a gait cycle."""

LINE_RATIO = 2.5
LINE_RATIO_OF_ONE_WINDOW = 10.0
"""Power per bin at the line over that of its neighbours from which it counts as hum: the former plus the latter by the
number of windows, because few windows scatter. Measured on simulated bursts and rests at 200 to 2000 Hz: hum seen in
0.25 % of clean signals of 1 to 4 s, in none of 1840 of 10 or 60 s; hum of half the rest's RMS found in 94 % of signals
of 4 s, in 99.8 % of 10 s and more, and up to 0.3 Hz off."""

MOST_LOST = 0.2
"""Share of lost samples up to which a window still says something."""

MOST_WINDOWS = 60
"""Windows looked at: of a longer signal the quietest of each of so many equal parts. More would hardly lower the
threshold."""


@dataclass(frozen=True, slots=True)
class MainsLine:
    """A line at a mains frequency, measured in rest: its RMS in the signal's unit, and how it stands out.

    ``ratio`` is its power over that of its neighbours, ``threshold`` what this must reach to count as hum.
    """

    frequency_Hz: float
    rms: float
    ratio: float
    threshold: float

    @property
    def is_hum(self) -> bool:
        """Whether the line stands out from its neighbours more than chance would have it."""
        return self.ratio >= self.threshold


def detect_mains(data: FloatArray, sampling_frequency: float) -> float | None:
    """Return the mains frequency whose hum is in the signal, or None.

    Parameters
    ----------
    data : ndarray of float64, shape (n_samples,) or (n_samples, n_channels)
        Raw or band-passed without notch; NaN is a lost sample. Of several channels the one with the clearest hum
        decides, because all muscles that are compared get the same notch.
    sampling_frequency : float
        Hz.

    Returns
    -------
    float or None
        50.0 or 60.0; None where there is no hum, or less than a second to look at.

    Examples
    --------
    >>> import numpy as np
    >>> time_s, noise = np.arange(4000) / 1000, np.random.default_rng(0).normal(size=4000)
    >>> detect_mains(noise, 1000), detect_mains(noise + np.sin(2 * np.pi * 50 * time_s), 1000)
    (None, 50.0)
    """
    data = np.asarray(data, dtype=np.float64)
    columns = data[:, np.newaxis] if data.ndim == 1 else data
    lines = [line for column in columns.T if (line := measure_mains(column, sampling_frequency)) is not None]
    clearest = max(lines, key=lambda line: line.ratio, default=None)
    return clearest.frequency_Hz if clearest is not None and clearest.is_hum else None


def measure_mains(samples: FloatArray, sampling_frequency: float) -> MainsLine | None:
    """Measure the clearer of the two possible mains lines, be it hum or not.

    Parameters
    ----------
    samples : ndarray of float64, shape (n_samples,)
        Raw or band-passed without notch; NaN is a lost sample.
    sampling_frequency : float
        Hz.

    Returns
    -------
    MainsLine or None
        None where there is less than a second to look at, or nothing but zeros.

    Examples
    --------
    >>> import numpy as np
    >>> line = measure_mains(np.sin(2 * np.pi * 60.0 * np.arange(4000) / 1000), 1000)
    >>> line.frequency_Hz, round(line.rms, 2)
    (60.0, 0.71)
    """
    width = round(min(WINDOW_S, samples.size / sampling_frequency) * sampling_frequency)
    if width < SHORTEST_WINDOW_S * sampling_frequency:
        return None
    resolution_Hz = sampling_frequency / width
    near, far = NEIGHBOURS_BINS
    lowest = math.floor(MAINS_HZ[0] / resolution_Hz) - far
    highest = math.ceil(MAINS_HZ[-1] / resolution_Hz) + far
    if highest >= width / 2:
        return None
    windows, weights = _weighted_windows(samples, sampling_frequency, width)
    if not len(windows):
        return None
    power = _power_in_bins(windows, np.arange(lowest, highest + 1)).sum(axis=0)
    gain = _power_in_bins(weights, np.arange(-1, 2)).sum()  # of a line of mean square 1/2, over its main lobe
    lines = []
    for frequency_Hz in MAINS_HZ:
        centre = round(frequency_Hz / resolution_Hz) - lowest
        line = power[centre - 1 : centre + 2]
        floor = np.r_[power[centre - far : centre - near + 1], power[centre + near : centre + far + 1]].mean()
        lines.append(
            MainsLine(
                frequency_Hz,
                rms=math.sqrt(2 * max(line.sum() - 3 * floor, 0.0) / gain),
                ratio=float(line.mean() / floor) if floor > 0 else 0.0,
                threshold=LINE_RATIO + LINE_RATIO_OF_ONE_WINDOW / len(windows),
            )
        )
    return max(lines, key=lambda line: line.ratio)


def _weighted_windows(samples: FloatArray, sampling_frequency: float, width: int) -> tuple[FloatArray, FloatArray]:
    """Return windows of the signal and of the weight of each sample, each (n_windows, width), Hann-tapered.

    Each sample counts by the inverse power around it (of the differences, which leave drift out): best for finding a
    line in noise of changing strength, so that rests decide however short they are. Lost samples count nothing.
    """
    beside = round(QUIET_OVER_S * sampling_frequency)
    starts = _quiet_starts(samples, width)
    at = starts[:, np.newaxis] + np.arange(-beside - 1, width + beside)
    pieces = samples[np.clip(at, 0, samples.size - 1)]
    pieces[(at < 0) | (at >= samples.size)] = np.nan
    loudness = moving_rms(np.diff(pieces, axis=1).T, sampling_frequency, window_s=QUIET_OVER_S).T
    before, after = loudness[:, beside : beside + width], loudness[:, 2 * beside :]
    loudness = np.fmax(before, after)
    loudest = np.nanmax(loudness, initial=0.0)
    if not loudest > 0:
        return np.empty((0, width)), np.empty((0, width))
    floor = max(np.nanquantile(loudness, 0.1), 1e-3 * loudest)
    windows = pieces[:, beside + 1 : beside + 1 + width]
    weights = np.where(np.isnan(windows), 0.0, np.nan_to_num((floor / np.fmax(loudness, floor)) ** 2))
    kept = (weights > 0).mean(axis=1) >= 1 - MOST_LOST
    windows, weights = np.nan_to_num(windows[kept]), weights[kept] * signal.windows.hann(width, sym=False)
    mean = np.sum(windows * weights, axis=1, keepdims=True) / np.sum(weights, axis=1, keepdims=True)
    return (windows - mean) * weights, weights


def _quiet_starts(samples: FloatArray, width: int) -> IntArray:
    """Return where windows begin: all that overlap by half, or the quietest of each part of a long signal."""
    half = width // 2
    starts = np.arange(0, samples.size - width + 1, half)
    if starts.size <= MOST_WINDOWS:
        return starts
    steps = np.diff(samples)[: (samples.size - 1) // half * half].reshape(-1, half)
    lost = np.isnan(steps)
    steps[lost] = 0.0
    power = np.einsum("ij,ij->i", steps, steps) / np.maximum(half - lost.sum(axis=1), 1)
    power[lost.mean(axis=1) > MOST_LOST] = np.inf
    loudness = np.convolve(power, (1.0, 1.0), "valid")
    parts = np.array_split(np.arange(min(starts.size, loudness.size)), MOST_WINDOWS)
    return starts[[part[np.argmin(loudness[part])] for part in parts]]


def _power_in_bins(windows: FloatArray, bins: IntArray) -> FloatArray:
    """Return the power of each window in each bin, shape (n_windows, n_bins)."""
    power: FloatArray = np.abs(fft.rfft(windows, axis=1)[:, np.abs(bins)]) ** 2
    return power
