"""Where the efforts to refer to are: marked in the recording, in recordings of their own, or in the sidecar."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from emgorder.analysis.prepare import Prepared, prepare, thin_held_samples, with_true_rates
from emgorder.analysis.segment import other_span, split_trial_type, standing_events
from emgorder.analysis.settings import Settings
from emgorder.conditioning.quality import assess
from emgorder.errors import RecordingError
from emgorder.model import Channel, FloatArray, Recording
from emgorder.muscles import parse_label
from emgorder.order.amplitude import moving_power
from emgorder.order.reference import WINDOW_S, MvcReference, reference_from_trials, reference_from_values
from emgorder.sidecar_keys import DEVICE, PERSON

__all__ = ["MVC_KEY", "SUBMAXIMAL_KEY", "find_references"]

MVC_KEY = "MVC"  # sidecar: channel label to volts RMS of the highest 500 ms, noise-corrected; a number or one a trial
SUBMAXIMAL_KEY = "Submaximal"  # the same for contractions that are to be repeated, but are no full effort
AROUND_S = 2.0  # before and after an effort, where rest is looked for
LATE_S = 0.5  # an effort may start and end this much after its mark: reaction

MOVED = "the electrodes were moved after the full efforts: do them again"


def find_references(
    recording: Recording, prepared: Prepared, settings: Settings, elsewhere: Sequence[Recording] = ()
) -> tuple[MvcReference, ...]:
    """Return the full effort of each prepared channel that has one.

    Efforts marked in the recording (``mvc/GMAX_R``) come first, then other recordings, then the sidecar's ``MVC``
    values. One that was taken back (``undo/GMAX_R`` at its moment) is none. Channels with none of these take submaximal
    contractions (``submax/GMAX_R`` events, then the sidecar's ``Submaximal`` values), which are marked as no full
    effort. A ``moved`` event after the first marked effort, or anywhere where the efforts are not in this recording,
    says that electrodes were moved.

    Parameters
    ----------
    recording : Recording
        On the time base of `prepared`.
    prepared : Prepared
        Its conditioned signals.
    settings : Settings
        How the other recordings are conditioned: as this one.
    elsewhere : sequence of Recording
        Of full efforts, with the electrodes left where they are; without ``mvc/...`` events each is one effort.

    Raises
    ------
    RecordingError
        One of `elsewhere` holds none of the channels.
    """
    recording, *elsewhere = (replace(each, events=standing_events(each.events)) for each in (recording, *elsewhere))
    channels = [recording.channels[column] for column in prepared.columns]
    for other in elsewhere:
        if not {c.label for c in other.channels} & {c.label for c in channels}:
            raise RecordingError(
                f"{other.name or 'a recording of full efforts'} has none of the channels "
                f"{', '.join(c.label for c in channels)}: name its columns as those of the lifts"
            )
    moved = _moved(recording, after_s=-math.inf)  # after whatever was measured before this recording

    def kept(references: Sequence[MvcReference]) -> dict[str, MvcReference]:
        return {r.channel: replace(r, reason=MOVED) if moved else r for r in references}

    found = kept([replace(r, full=False) for r in _from_sidecar(recording.meta, channels, SUBMAXIMAL_KEY)])
    found |= {r.channel: replace(r, full=False) for r in _from_marks(recording, prepared, "submax")}
    found |= kept(_from_sidecar(recording.meta, channels, MVC_KEY))
    found |= kept(_from_others(recording, channels, elsewhere, settings))
    found |= {r.channel: r for r in _from_marks(recording, prepared, "mvc")}
    return tuple(found[c.label] for c in channels if c.label in found)


def _from_marks(recording: Recording, prepared: Prepared, kind: str) -> list[MvcReference]:
    references = []
    for column in prepared.columns:
        channel = recording.channels[column]
        if spans := _marked_spans(recording, channel, kind):
            reference = _reference(channel, [(prepared.signal(column), spans)], prepared.sampling_frequency)
            first_s = min(start_s for start_s, _ in spans)
            references.append(replace(reference, reason=MOVED) if _moved(recording, after_s=first_s) else reference)
    return references


def _from_others(
    recording: Recording, channels: Sequence[Channel], others: Sequence[Recording], settings: Settings
) -> list[MvcReference]:
    references = []
    for channel in channels:
        holding = [other for other in others if any(c.label == channel.label for c in other.channels)]
        if not holding:
            continue
        reasons = [why for other in holding if (why := _why_not_alike(recording, other, channel))]
        if reasons:
            references.append(MvcReference(channel.label, source="other recording", reason=reasons[0]))
            continue
        trials = [_conditioned(other, channel, settings) for other in holding]
        fs = trials[0][2]
        parts = [(signal, spans) for signal, spans, rate in trials if rate == fs]
        references.append(replace(_reference(channel, parts, fs), source="other recording"))
    return references


def _from_sidecar(meta: Mapping[str, Any], channels: Sequence[Channel], key: str) -> list[MvcReference]:
    given = meta.get(key)
    if not isinstance(given, Mapping):
        return []
    references = []
    for channel in channels:
        if (value := given.get(channel.label)) is None:
            continue
        values = value if isinstance(value, list | tuple) else [value]
        numbers = [float(v) for v in values if isinstance(v, int | float)]
        reference = reference_from_values(channel.label, numbers)
        if channel.unit != "V":
            unknown = "the full effort is in volts, but the gain of this channel is unknown"
            reference = replace(reference, reason=unknown)
        references.append(reference)
    return references


def _marked_spans(recording: Recording, channel: Channel, wanted: str) -> list[tuple[float, float]]:
    spans = []
    events = recording.events
    for onset, length, name in zip(events["onset"], events["duration"], events["trial_type"], strict=True):
        kind, _, label = str(name).strip().partition("/")
        if kind.lower() != wanted or not _names(label, channel):
            continue
        if span := other_span(float(onset), float(length), str(name)):
            spans.append((float(onset), span[1] + LATE_S))
    return spans


def _names(label: str, channel: Channel) -> bool:
    same = label.strip().lower() == channel.label.lower()
    return same or (bool(channel.target_muscle) and parse_label(label) == (channel.target_muscle, channel.side))


def _moved(recording: Recording, *, after_s: float) -> bool:
    events = zip(recording.events["onset"], recording.events["trial_type"], strict=True)
    return any(split_trial_type(str(name))[0] == "moved" and float(onset) > after_s for onset, name in events)


def _reference(
    channel: Channel, parts: Sequence[tuple[FloatArray, Sequence[tuple[float, float]]]], fs: float
) -> MvcReference:
    trials, rests = [], []
    for signal, spans in parts:
        for start_s, stop_s in spans:
            trials.append(signal[max(0, round(start_s * fs)) : round(stop_s * fs)])
            around = signal[max(0, round((start_s - AROUND_S) * fs)) : round((stop_s + AROUND_S) * fs)]
            rests.append(_quietest(around, fs))
    baseline_rms = min((rest for rest in rests if math.isfinite(rest)), default=0.0)
    return reference_from_trials(channel.label, trials, fs, baseline_rms=baseline_rms)


def _quietest(signal: FloatArray, fs: float) -> float:
    """Return the RMS of the quietest half second of a signal."""
    width = round(WINDOW_S * fs)
    if signal.size < width:
        return math.nan
    return math.sqrt(float(np.min(moving_power(signal, width)[width // 2 : signal.size - width // 2])))


def _conditioned(
    other: Recording, channel: Channel, settings: Settings
) -> tuple[FloatArray, list[tuple[float, float]], float]:
    column = other.index(channel.label)
    thinned, _ = thin_held_samples(with_true_rates(other, [column]), [column])
    prepared = prepare(thinned, [column], settings)
    spans = _marked_spans(thinned, channel, "mvc") or [(0.0, thinned.duration_s)]
    return prepared.signal(column), spans, prepared.sampling_frequency


def _why_not_alike(recording: Recording, other: Recording, channel: Channel) -> str:
    """Return why the full effort in another recording does not count for this one, empty where it does."""
    there = other.channels[other.index(channel.label)]
    if (there.unit, there.kind) != (channel.unit, channel.kind):
        return "the full effort was recorded in another unit or as an envelope"
    if channel.unit != "V":
        return "the gain is unknown, so two recordings cannot be compared: do the full efforts in the same one"
    if any(_differs(recording.meta, other.meta, key) for key in PERSON):
        return "the full effort is another person's"
    if any(_differs(recording.meta, other.meta, key) for key in DEVICE):
        return "the full effort was recorded with another device, whose gain differs"
    clipped = [f for f in assess(other, columns=[other.index(channel.label)]) if f.kind == "clipping"]
    return clipped[0].message if clipped else ""


def _differs(one: Mapping[str, Any], other: Mapping[str, Any], key: str) -> bool:
    return bool(one.get(key) and other.get(key) and one[key] != other[key])
