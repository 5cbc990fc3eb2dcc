"""What is done to the signals before onsets are looked for; all compared muscles are treated alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from emgorder.analysis.settings import Settings
from emgorder.conditioning.causal import filter_all
from emgorder.conditioning.crosstalk import fit_crosstalk_both_ways, remove_crosstalk
from emgorder.conditioning.filters import design_bandpass
from emgorder.conditioning.mains import detect_mains
from emgorder.conditioning.quality import estimate_true_rate
from emgorder.model import FloatArray, Lift, Recording
from emgorder.model.parts import absurd

__all__ = [
    "MIN_RATE_Hz",
    "Prepared",
    "prepare",
    "thin_held_samples",
    "with_true_rates",
    "without_crosstalk",
    "without_infinite",
]

MIN_RATE_Hz = 190.0  # slowest sensors send 200 Hz; below that EMG is aliased away


@dataclass(frozen=True, eq=False, slots=True)
class Prepared:
    """Conditioned signals.

    ``data`` has one column for each entry of ``columns`` (columns of the recording); times count from sample 0 at
    ``sampling_frequency``. ``rails`` are the lowest and the highest raw value of each column.
    """

    data: FloatArray
    rails: tuple[tuple[float, float], ...]
    columns: tuple[int, ...]
    sampling_frequency: float
    notch_Hz: float | None
    notes: tuple[str, ...] = ()
    crosstalk: tuple[str, ...] = ()

    def signal(self, column: int) -> FloatArray:
        """Return the conditioned signal of a column of the recording."""
        return self.data[:, self.columns.index(column)]

    def rails_of(self, column: int) -> tuple[float, float]:
        """Return the lowest and the highest raw value of a column of the recording."""
        return self.rails[self.columns.index(column)]


def without_infinite(recording: Recording) -> tuple[Recording, tuple[str, ...]]:
    """Return the recording with samples that no sensor sends as lost ones, NaN, and what was done in words."""
    infinite = absurd(recording.data)
    if not infinite.any():
        return recording, ()
    notes = tuple(
        f"{channel.label}: {count} {'value' if count == 1 else 'values'} infinite or beyond any sensor: taken as lost"
        for channel, count in zip(recording.channels, infinite.sum(axis=0).tolist(), strict=True)
        if count
    )
    return replace(recording, data=np.where(infinite, np.nan, recording.data)), notes


def with_true_rates(recording: Recording, columns: Sequence[int]) -> Recording:
    """Return the recording with the rate of new values in each of `columns`, estimated where its channel states none.

    Estimated once for all that ask for it, as it takes longer than filtering.
    """
    channels = list(recording.channels)
    for i in columns:
        if not math.isfinite(channels[i].true_rate_Hz):
            rate_Hz = estimate_true_rate(recording.data[:, i], recording.sampling_frequency)
            channels[i] = replace(channels[i], true_rate_Hz=rate_Hz)
    return replace(recording, channels=tuple(channels))


def thin_held_samples(recording: Recording, columns: Sequence[int]) -> tuple[Recording, tuple[str, ...]]:
    """Keep one row a true sample where a device held its values, so that spectra mean what they say.

    The muscles of a comparison are thinned alike, to the lowest true rate among `columns`; see
    :func:`with_true_rates`.
    """
    fs = recording.sampling_frequency
    rates = [recording.channels[i].true_rate_Hz for i in columns]
    slowest = min((r for r in rates if math.isfinite(r) and r > 0), default=fs)
    step = round(fs / slowest)
    if step < 2 or fs / step < MIN_RATE_Hz:  # slower is too slow for an onset: left as it is, quality says why
        return recording, ()
    phase = _phase_of_changes(recording.data[:, list(columns)], step)
    thinned = replace(recording, data=recording.data[phase::step], sampling_frequency=fs / step)
    note = f"values are held for {step} samples: analysed at their true rate of {fs / step:g} Hz"
    return thinned, (note,)


def prepare(recording: Recording, columns: Sequence[int], settings: Settings) -> Prepared:
    """Band-pass (causal) and notch the given columns of a recording.

    The same filters serve all columns; the notch is on for all when mains is found in any.
    """
    raw = [recording.data[:, column] for column in columns]
    fs = recording.sampling_frequency
    notch_Hz: float | None = None
    if settings.notch == "auto":
        found = [f for samples in raw if (f := detect_mains(samples, fs)) is not None]
        notch_Hz = max(set(found), key=found.count) if found else None
    elif settings.notch != "off":
        notch_Hz = float(settings.notch)
    sos = design_bandpass(fs, highpass_Hz=settings.highpass_Hz, lowpass_Hz=settings.lowpass_Hz, notch_Hz=notch_Hz)
    data = np.empty((recording.n_samples, len(raw)), order="F")  # one muscle after the other, as it is looked at
    for k, samples in enumerate(raw):
        data[:, k] = filter_all(sos, samples)
    rails = tuple((float(np.fmin.reduce(x, initial=np.inf)), float(np.fmax.reduce(x, initial=-np.inf))) for x in raw)
    return Prepared(data, rails, tuple(columns), fs, notch_Hz)


def without_crosstalk(
    prepared: Prepared, pair: tuple[int, int], lifts: Sequence[Lift], names: tuple[str, str]
) -> Prepared:
    """Remove the cross-talk between two columns, each way only where a check on held-out lifts shows that it helps."""
    windows = [(lift.start_s, lift.stop_s) for lift in lifts]
    if not windows:
        return prepared
    signals = prepared.signal(pair[0]), prepared.signal(pair[1])
    into_second, into_first = fit_crosstalk_both_ways(*signals, prepared.sampling_frequency, windows)
    if not (into_first.helps or into_second.helps):
        return prepared
    data = prepared.data.copy(order="K")
    said = []
    for k, model in enumerate((into_first, into_second)):
        if model.helps:
            data[:, prepared.columns.index(pair[k])] = remove_crosstalk(signals[1 - k], signals[k], model)
            said.append(f"{model.share:.0%} of {names[1 - k]} removed from {names[k]}")
    return replace(prepared, data=data, crosstalk=prepared.crosstalk + tuple(said))


def _phase_of_changes(data: FloatArray, step: int) -> int:
    changes = np.any(np.diff(data, axis=0) != 0, axis=1)
    counts = [int(np.sum(changes[k::step])) for k in range(step)]
    return (int(np.argmax(counts)) + 1) % step
