"""From a journal to a recording: every sample in its place, on one time base, with what is known of the clocks."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from emgorder.acquisition.streams import SensorStream, read_streams
from emgorder.acquisition.synchronise import (
    ClockedSensor,
    Offset,
    fit_sensor,
    measured_ppm,
    offset_between,
    resampling_streams,
)
from emgorder.clock import resample_streams
from emgorder.errors import RecordingError
from emgorder.io.journal import Journal, JournalReader, Record
from emgorder.model import Channel, FloatArray, Recording, Sync, empty_events
from emgorder.muscles import MUSCLES, parse_label
from emgorder.sensors.registry import sensors

__all__ = ["assemble", "duration_text"]

_ODD_RATE_PPM = 200.0  # from here on the rate that was measured is written, not the nominal one
_STAGGER_S = 5.0


def assemble(
    journal: Journal | JournalReader, *, labels: Mapping[str, Sequence[str]] | None = None, name: str = ""
) -> Recording:
    """Return the recording that a journal holds.

    Samples of a single sensor are those it sent, bit for bit, in the places that its counter gives them. Several
    sensors are brought onto the host's time base by band-limited interpolation; what a tap test says of the offset of
    their clocks is taken out, so ``clock.offset_s`` is 0. A sample that was lost is NaN.

    Parameters
    ----------
    journal : Journal or JournalReader
        From :func:`emgorder.io.journal.read_journal` or :func:`emgorder.io.journal.iter_journal`.
    labels : mapping of str to sequence of str, optional
        Link id to the labels of its channels (``GMAX_R``, ...; empty: leave that channel out), over those in the
        header.
    name : str
        Of the recording.

    Returns
    -------
    Recording
        ``meta`` says of each sensor what it was, its rate, its losses and its clock; ``notes`` say in words what was
        damaged or lost.

    Raises
    ------
    RecordingError
        No sensor that is known sent samples.
    """
    records = list(journal.records if isinstance(journal, Journal) else journal)
    kinds, notes = _kinds(journal.header)
    notes = [*journal.notes, *notes]
    streams = read_streams(records, kinds)
    notes += [note for stream in streams for note in _remarks(stream)]
    clocked = [fit_sensor(stream) for stream in streams if stream.pieces]
    if not clocked:
        raise RecordingError(
            "holds no samples of a sensor that is known: were sensors connected, and did they stream? "
            "emgorder doctor tries them"
        )
    notes += [note for sensor in clocked if (note := _rate_remark(sensor))]
    channels = _channels(clocked, labels if labels is not None else _labels(journal.header))
    marks = [record for record in records if record.kind == "mark"]
    if len(clocked) == 1:
        data, rate, start_s, place = _single(clocked[0])
        offsets: list[Offset] = []
        clock = Sync()
    else:
        offsets = _offsets(clocked, [m.t_host_s for m in marks if m.content().get("trial_type") == "tap"])
        data, rate, start_s = _several(clocked, offsets)
        clock = _agreement(clocked, offsets, channels)
        notes += [offset.note for offset in offsets if offset.note]
        place = None
    unfit = _unfit(clocked, channels)
    if unfit:
        clock = Sync("unknown")
    keep = [i for i, channel in enumerate(channels) if channel is not None]
    return Recording(
        data=data[:, keep],
        sampling_frequency=rate,
        channels=tuple(channel for channel in channels if channel is not None),
        events=_events(marks, start_s, place, rate),
        clock=clock,
        meta=_meta(journal.header, streams, clocked, offsets) | ({"NoOrderVerdict": unfit} if unfit else {}),
        notes=tuple(notes),
        name=name,
    )


def duration_text(seconds: float) -> str:
    """Return the text of a mark that lasts, as `assemble` reads it back.

    Examples
    --------
    >>> duration_text(5.0)
    '5.000 s'
    """
    return f"{seconds:.3f} s"


def _kinds(header: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """Return which kind of sensor each link is."""
    found, notes = {}, []
    said = header.get("sensors")
    for sensor, entry in (said if isinstance(said, Mapping) else {}).items():
        key = str(entry.get("key", "")) if isinstance(entry, Mapping) else ""
        if key in sensors():
            found[str(sensor)] = key
        else:
            notes.append(f"{sensor}: a sensor of the kind {key!r} is not known here; its samples were left out")
    return found, notes


def _labels(header: Mapping[str, Any]) -> dict[str, list[str]]:
    said = header.get("channels")
    if not isinstance(said, Mapping):
        return {}
    return {str(k): [str(x or "") for x in v] for k, v in said.items() if isinstance(v, (list, tuple))}


def _remarks(stream: SensorStream) -> list[str]:
    """Return what is to be said of a sensor, in words."""
    kind, found = stream.descriptor, []
    if not stream.pieces:
        return [f"{stream.sensor} ({kind.title}) sent no samples"]
    if not kind.order_verdict:
        found.append(f"{kind.title} cannot tell the order of two onsets: {kind.caveat}")
    if stream.n_lost:
        share = stream.n_lost / (stream.n_lost + sum(piece.index.size for piece in stream.pieces))
        found.append(f"{stream.n_lost} samples ({share:.2%}) of {stream.sensor} were lost on the way")
    if stream.n_damaged:
        found.append(f"{stream.n_damaged} notifications of {stream.sensor} were no packets and were left out")
    if stream.n_duplicates:
        found.append(f"{stream.n_duplicates} packets of {stream.sensor} came twice and were dropped")
    if stream.n_unsure:
        found.append(f"{stream.n_unsure} samples of {stream.sensor} may be missing without a trace")
    if stream.flags["uncalibrated"]:
        found.append(f"{stream.sensor} did not tell its gain: amplitudes are wrong by a constant factor")
    for flag, words in (("lead_off", "an electrode was off"), ("saturated", "the converter was at its limit")):
        if stream.flags[flag]:
            found.append(f"{words} in {stream.flags[flag]} packets of {stream.sensor}")
    return found


def _rate_remark(sensor: ClockedSensor) -> str:
    """Return a warning where a sensor does not keep its rate: its clock was fitted as if it did."""
    kind = sensor.stream.descriptor
    ppm, unsure = measured_ppm(sensor.stream)
    if abs(ppm) <= kind.rate_tolerance_ppm + unsure:
        return ""
    rate = kind.sampling_frequency * (1 + ppm * 1e-6)
    return (
        f"{sensor.stream.sensor} took {rate:.2f} samples a second, not {kind.sampling_frequency:g}: two such sensors "
        "cannot be aligned; emgorder doctor measures it"
    )


def _channels(clocked: Sequence[ClockedSensor], labels: Mapping[str, Sequence[str]]) -> list[Channel | None]:
    """Return a channel a column, None for one that is left out."""
    channels: list[Channel | None] = []
    taken: set[str] = set()
    for sensor in clocked:
        kind = sensor.stream.descriptor
        width = sensor.stream.pieces[0].values.shape[1]
        given = labels.get(sensor.stream.sensor)
        for number in range(width):
            label = f"{kind.key}_{number + 1}" if given is None else (given[number] if number < len(given) else "")
            if not label:
                channels.append(None)
                continue
            own, count = label, itertools.count(2)
            while label in taken:
                label = f"{own}_{next(count)}"
            taken.add(label)
            code, side = parse_label(label)
            delay_s = kind.delay_s + number * kind.channel_skew_s
            display = "uV" if kind.unit == "V" else "au"
            channels.append(
                Channel(label, code, side, unit=kind.unit, kind=kind.kind, delay_s=delay_s, display_unit=display)
            )
    if not any(channels):
        raise RecordingError("no channel has a label: name at least one (GMAX_R, BF_R, ...)")
    return channels


def _single(sensor: ClockedSensor) -> tuple[FloatArray, float, float, Any]:
    """Return samples in the places of their counter, rate, host time of the first, and the way from time to place."""
    stream = sensor.stream
    nominal = stream.descriptor.sampling_frequency
    rate = nominal if abs(sensor.longest.rate_ppm) < _ODD_RATE_PPM else round(sensor.rate_Hz, 3)
    offsets: list[int] = []
    first, start_s = stream.pieces[0], sensor.start_s
    for number, (piece, fit) in enumerate(zip(stream.pieces, sensor.fits, strict=True)):
        before = stream.pieces[number - 1] if number else None
        if before is None:
            offsets.append(-int(first.index[0]))
        elif before.run == piece.run:
            offsets.append(offsets[-1])
        else:  # it counts anew: its clock says where, to the nearest sample, never before what is there
            place = round((float(fit.time_s(piece.index[0])) - start_s) * rate)
            place = max(place, int(before.index[-1]) + offsets[-1] + 1)
            offsets.append(place - int(piece.index[0]))
    n = int(stream.pieces[-1].index[-1]) + offsets[-1] + 1
    data = np.full((n, first.values.shape[1]), np.nan)
    for piece, offset in zip(stream.pieces, offsets, strict=True):
        data[piece.index + offset] = piece.values

    def place_of(t_host_s: float) -> float:
        number = max((i for i, fit in enumerate(sensor.fits) if fit.start_s <= t_host_s), default=0)
        return (float(sensor.fits[number].index(t_host_s)) + offsets[number]) / rate

    return data, rate, start_s, place_of


def _offsets(clocked: Sequence[ClockedSensor], taps_s: Sequence[float]) -> list[Offset]:
    """Return the offset of each sensor against the first; pings only count when all of them have that."""
    reference = clocked[0]
    for pings in (True, False):
        found = [Offset("same device", 0.0, 0.0)]
        for other in clocked[1:]:
            delay_s = other.stream.descriptor.delay_s - reference.stream.descriptor.delay_s
            found.append(offset_between(other, reference, taps_s, delay_s=delay_s, pings=pings))
        methods = {offset.method for offset in found[1:]}
        if "ping" not in methods or methods == {"ping"}:
            break
    return found


def _several(clocked: Sequence[ClockedSensor], offsets: Sequence[Offset]) -> tuple[FloatArray, float, float]:
    """Return all channels on one time base, its rate, and host time of the first row."""
    pinged = offsets[-1].method == "ping"
    pieces = [
        resampling_streams(sensor, fits=sensor.pinged if pinged else sensor.fits, offset_s=offset.offset_s)
        for sensor, offset in zip(clocked, offsets, strict=True)
    ]
    flat = [stream for streams in pieces for stream in streams]
    rate = max(stream.fit.nominal_Hz for stream in flat)
    starts, stops = [], []
    for streams in pieces:
        starts.append(float(streams[0].fit.time_s(streams[0].index[0])) - streams[0].offset_s)
        stops.append(float(streams[-1].fit.time_s(streams[-1].index[-1])) - streams[-1].offset_s)
    # Sensors start one after the other: that is no loss. One that joins or leaves in the middle is.
    start_s = max(starts) if max(starts) - min(starts) < _STAGGER_S else min(starts)
    stop_s = min(stops) if max(stops) - min(stops) < _STAGGER_S else max(stops)
    stop_s = max(stop_s, start_s) + 1 / rate
    merged = []
    for streams in pieces:
        whole: FloatArray | None = None
        for stream in streams:
            part = resample_streams([stream], rate, start_s=start_s, stop_s=stop_s).data
            whole = part if whole is None else np.where(np.isnan(whole), part, whole)
        if whole is not None:
            merged.append(whole)
    return np.column_stack(merged), rate, start_s


def _owners(clocked: Sequence[ClockedSensor]) -> list[int]:
    """Return the number of the sensor that each channel is of."""
    return [n for n, sensor in enumerate(clocked) for _ in range(sensor.stream.pieces[0].values.shape[1])]


def _unfit(clocked: Sequence[ClockedSensor], channels: Sequence[Channel | None]) -> str:
    """Return why a sensor with a muscle that is compared cannot tell an order, empty where all can."""
    for channel, number in zip(channels, _owners(clocked), strict=True):
        kind = clocked[number].stream.descriptor
        muscle = MUSCLES.get(channel.target_muscle) if channel else None
        if muscle is not None and muscle.role != "other" and not kind.order_verdict:
            return f"{muscle.plain} is on a {kind.title}. {kind.caveat}"
    return ""


def _agreement(clocked: Sequence[ClockedSensor], offsets: Sequence[Offset], channels: Sequence[Channel | None]) -> Sync:
    """Return how the clocks of glute and hamstring agree: those of the worst pair that is compared."""
    roles: dict[str, list[tuple[int, str]]] = {"glute": [], "hamstring": []}
    for channel, number in zip(channels, _owners(clocked), strict=True):
        role = MUSCLES[channel.target_muscle].role if channel and channel.target_muscle in MUSCLES else ""
        if channel is not None and role in roles:
            roles[role].append((number, channel.side))
    pairs = {
        (min(g, h), max(g, h))
        for (g, side), (h, other) in itertools.product(roles["glute"], roles["hamstring"])
        if side == other or not side or not other
    } or set(itertools.combinations(range(len(clocked)), 2))
    apart = [(a, b) for a, b in pairs if a != b]
    if not apart:
        return Sync()
    worst = Sync()
    for a, b in apart:
        sd = math.hypot(offsets[a].sd_s, offsets[b].sd_s)
        methods = {offsets[n].method for n in (a, b) if n != 0}
        method = methods.pop() if len(methods) == 1 else " and ".join(sorted(methods))
        if sd >= worst.sd_s:
            worst = Sync(method, 0.0, sd)
    return worst


def _events(marks: Sequence[Record], start_s: float, place: Any, rate: float) -> pd.DataFrame:
    rows = []
    for mark in marks:
        said = mark.content()
        text = str(said.get("text", ""))
        number = text.removesuffix(" s")
        try:
            duration = float(number) if text.endswith(" s") else 0.0
        except ValueError:
            duration = 0.0
        onset = place(mark.t_host_s) if place is not None else mark.t_host_s - start_s
        rows.append((round(onset, 6), duration, str(said.get("trial_type", "note"))))
    return pd.DataFrame(sorted(rows), columns=["onset", "duration", "trial_type"]) if rows else empty_events()


def _meta(
    header: Mapping[str, Any],
    streams: Sequence[SensorStream],
    clocked: Sequence[ClockedSensor],
    offsets: Sequence[Offset],
) -> dict[str, Any]:
    said = header.get("meta")
    meta: dict[str, Any] = dict(said) if isinstance(said, Mapping) else {}
    if "started_utc" in header:
        meta["RecordingStarted"] = header["started_utc"]
    titles = list(dict.fromkeys(stream.descriptor.title for stream in streams))
    meta.setdefault("ManufacturersModelName", ", ".join(titles))
    fits = {sensor.stream.sensor: sensor for sensor in clocked}
    found = {sensor.stream.sensor: offset for sensor, offset in zip(clocked, offsets, strict=False)}
    entries = []
    for stream in streams:
        kind = stream.descriptor
        entry: dict[str, Any] = {
            "id": stream.sensor,
            "kind": kind.key,
            "title": kind.title,
            "caveat": kind.caveat,
            "nominal_rate_Hz": kind.sampling_frequency,
            "packets": stream.n_packets,
            "lost_samples": stream.n_lost,
            "duplicate_packets": stream.n_duplicates,
            "damaged_packets": stream.n_damaged,
        }
        if stream.sensor in fits:
            fit = fits[stream.sensor].longest
            entry |= {"rate_Hz": round(fit.rate_Hz, 5), "clock_sd_s": fit.sd_s, "connection_interval_s": fit.interval_s}
        if stream.sensor in found:
            offset = found[stream.sensor]
            entry |= {
                "clock_method": offset.method,
                "clock_offset_s": offset.offset_s,
                "clock_offset_sd_s": offset.sd_s,
            }
        entries.append(entry)
    meta["Sensors"] = entries
    return meta
