"""One channel as the checks look at it: at its true rate, band-passed, with its rests and its activity."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from emgorder.conditioning.filters import bandpass
from emgorder.conditioning.mains import MainsLine, measure_mains
from emgorder.conditioning.quality.held import true_rate
from emgorder.conditioning.quality.stretches import BLOCK_S, block_means, block_rms, mean_square, stretches
from emgorder.model import Channel, Finding, FloatArray, Recording, Severity
from emgorder.muscles import MUSCLES

__all__ = ["SLOWEST_RATE_Hz", "View", "muscle_word", "view_channel"]

SLOWEST_RATE_Hz = 100.0
"""Below it nothing is left of surface EMG, which begins at 20 Hz."""

QUIET_SHARE = 0.2
"""Of the blocks are taken for rest where the caller names none: in gait a muscle rests for about half the time."""

LOUD_SHARE = 0.02
LOUD_BLOCKS = 4
"""Blocks taken for activity where the caller names none; four are a second, the shortest lift."""


@dataclass(frozen=True, eq=False)
class View:
    """A channel made ready for the checks.

    Attributes
    ----------
    channel : Channel
        What the recording says of it.
    samples : ndarray of float64, shape (n_samples,)
        As recorded, thinned to the true rate; NaN is lost.
    band : ndarray of float64, shape (n_samples,)
        The same between 20 and 450 Hz, without hum; empty where the rate is too slow for that.
    sampling_frequency : float
        True rate, Hz.
    recorded_Hz : float
        Rate of the rows of the recording.
    hum : MainsLine or None
        Mains in rest, where it stands out.
    rests, actives : list of slice
        Samples in which the muscle rests, and is active.
    rests_given : bool
        Whether the caller named the rests.
    """

    channel: Channel
    samples: FloatArray
    band: FloatArray
    sampling_frequency: float
    recorded_Hz: float
    hum: MainsLine | None
    rests: list[slice]
    actives: list[slice]
    rests_given: bool

    @property
    def word(self) -> str:
        """What people call the muscle."""
        return muscle_word(self.channel)

    @cached_property
    def block_rms(self) -> FloatArray:
        """RMS of the band in each block of 0.25 s."""
        return block_rms(self.band, self.sampling_frequency)

    @cached_property
    def block_means(self) -> FloatArray:
        """Mean of the samples in each block of 0.25 s."""
        return block_means(self.samples, self.sampling_frequency)

    @cached_property
    def rest_rms(self) -> float:
        """Typical RMS of the band in rest, NaN when unknown."""
        return _middle([math.sqrt(mean_square(self.band[s])) for s in self.rests])

    @cached_property
    def active_rms(self) -> float:
        """Typical RMS of the band in the loudest block of each activity, NaN when unknown."""
        loudest = [block_rms(self.band[s], self.sampling_frequency) for s in self.actives]
        return _middle([float(np.fmax.reduce(rms)) for rms in loudest if rms.size])

    def amount(self, value: float) -> str:
        """Return a number in the channel's unit as people read it."""
        shown = value * 1e6 if self.channel.unit == "V" else value
        number = f"{shown:.0f}" if 1e3 <= abs(shown) < 1e7 else f"{shown:.3g}"
        return f"{number} µV" if self.channel.unit == "V" else number

    def finding(self, kind: str, severity: Severity, message: str, remedy: str, value: float = math.nan) -> Finding:
        """Return a finding on this channel."""
        return Finding(self.channel.label, kind, severity, message, remedy, value)


def muscle_word(channel: Channel) -> str:
    """Return what people call the muscle of a channel, its label where the muscle is unknown.

    Examples
    --------
    >>> muscle_word(Channel("BF_R", "BF", "R")), muscle_word(Channel("ch1"))
    ('hamstring', 'ch1')
    """
    muscle = MUSCLES.get(channel.target_muscle)
    return channel.label if muscle is None else muscle.plain


def view_channel(
    recording: Recording,
    column: int,
    rest_s: Sequence[tuple[float, float]],
    active_s: Sequence[tuple[float, float]],
) -> View:
    """Make a channel ready for the checks.

    Parameters
    ----------
    recording : Recording
        Raw.
    column : int
        Of the recording.
    rest_s, active_s : sequence of (float, float)
        From when to when (s) the muscle is known to rest and to be active. Where none fits, the quietest and the
        loudest blocks of 0.25 s are taken.
    """
    channel = recording.channels[column]
    samples = np.ascontiguousarray(recording.data[:, column])
    if not np.isfinite(samples).all():
        samples = np.where(np.isfinite(samples), samples, np.nan)
    recorded_Hz = recording.sampling_frequency
    step = max(round(recorded_Hz / true_rate(channel, samples, recorded_Hz)), 1)
    samples = np.ascontiguousarray(samples[::step])
    fs = recorded_Hz / step
    hum = measure_mains(samples, fs) if fs >= SLOWEST_RATE_Hz else None
    hum = hum if hum is not None and hum.is_hum else None
    band = np.empty(0)
    if fs >= SLOWEST_RATE_Hz:
        notched = hum is not None and hum.frequency_Hz < 0.45 * fs
        band = bandpass(samples, fs, notch_Hz=hum.frequency_Hz if hum is not None and notched else None)
    rests, actives = stretches(rest_s, fs, band.size), stretches(active_s, fs, band.size)
    given = bool(rests)
    if not (rests and actives):
        quiet, loud = _quiet_and_loud(band, fs)
        rests, actives = rests or quiet, actives or loud
    return View(channel, samples, band, fs, recorded_Hz, hum, rests, actives, given)


def _quiet_and_loud(band: FloatArray, sampling_frequency: float) -> tuple[list[slice], list[slice]]:
    rms = block_rms(band, sampling_frequency)
    order = np.argsort(rms, kind="stable")[: int(np.isfinite(rms).sum())]  # lost blocks are sorted last
    if order.size < 2 * LOUD_BLOCKS:
        return [], []
    width = max(round(BLOCK_S * sampling_frequency), 1)
    blocks = [slice(i * width, (i + 1) * width) for i in order.tolist()]
    quiet = max(int(QUIET_SHARE * len(blocks)), 1)
    loud = max(int(LOUD_SHARE * len(blocks)), LOUD_BLOCKS)
    return blocks[:quiet], blocks[-loud:]


def _middle(values: Sequence[float]) -> float:
    finite = [v for v in values if math.isfinite(v)]
    return float(np.median(finite)) if finite else math.nan
