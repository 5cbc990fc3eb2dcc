"""From a journal to a recording: every sample in its place, on one time base, with what is known of the clocks."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from emgorder.acquisition.placing import agreement, n_between, offsets_of, place_several, place_single
from emgorder.acquisition.remarks import away_remark, rate_remark, remarks, why_unfit
from emgorder.acquisition.stream_reading import read_streams
from emgorder.acquisition.streams import SensorStream
from emgorder.acquisition.synchronise import ClockedSensor, Offset, fit_sensor
from emgorder.acquisition.timely import timely
from emgorder.errors import RecordingError
from emgorder.io.journal import Journal, JournalReader, Record
from emgorder.json_text import whole_text
from emgorder.model import Channel, Recording, Sync, empty_events
from emgorder.sensors.base import labelled_channel
from emgorder.sensors.registry import sensors

__all__ = ["assemble"]

_LONGEST_MARK_S = 86_400.0


def assemble(
    journal: Journal | JournalReader,
    *,
    labels: Mapping[str, Sequence[str]] | None = None,
    names: Sequence[str] | None = None,
    name: str = "",
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
    names : sequence of str, optional
        The same for all sensors in the order in which they were opened, as one list; over `labels` and the header.
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
    records, n_untimely = timely(records)
    kinds, notes = _kinds(journal.header)
    notes = [*journal.notes, *notes]
    if n_untimely:
        notes.append(f"{n_untimely} records had a time that cannot be and were left out")
    streams = read_streams(records, kinds)
    notes += [note for stream in streams for note in remarks(stream)]
    clocked = [fit_sensor(stream) for stream in streams if stream.pieces]
    if not clocked:
        n_packets = sum(record.kind == "packet" for record in records)
        if n_packets and not journal.header:
            raise RecordingError(
                f"its header and the copy of it are damaged: which sensors sent its {n_packets} packets is not known. "
                "Keep the file; the packets in it are whole"
            )
        raise RecordingError(
            "holds no samples of a sensor that is known: were sensors connected, and did they stream? "
            "emgorder doctor tries them"
        )
    notes += [note for sensor in clocked for note in (away_remark(sensor), rate_remark(sensor)) if note]
    labels, unnamed = _labels(journal.header, streams, labels, names)
    notes += unnamed
    channels = _channels(clocked, labels)
    marks = [record for record in records if record.kind == "mark"]
    if len(clocked) == 1:
        offsets: list[Offset] = []
        place: Callable[[float], float] | None
        data, rate, start_s, place = place_single(clocked[0])
        clock = Sync()
    else:
        offsets = offsets_of(clocked, [m.t_host_s for m in marks if m.content().get("trial_type") == "tap"])
        data, rate, start_s = place_several(clocked, offsets)
        clock = agreement(clocked, offsets, channels)
        notes += [offset.note for offset in offsets if offset.note]
        place = None
    unfit = why_unfit(clocked, channels, apart=clock != Sync())
    if unfit:
        clock = Sync("unknown")
    keep = [i for i, channel in enumerate(channels) if channel is not None]
    return Recording(
        data=data[:, keep],
        sampling_frequency=rate,
        channels=tuple(channel for channel in channels if channel is not None),
        events=_events(marks, start_s, place),
        clock=clock,
        meta=_meta(journal.header, streams, clocked, offsets) | ({"NoOrderVerdict": unfit} if unfit else {}),
        notes=tuple(notes),
        name=name,
    )


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


def _labels(
    header: Mapping[str, Any],
    streams: Sequence[SensorStream],
    labels: Mapping[str, Sequence[str]] | None,
    names: Sequence[str] | None,
) -> tuple[dict[str, list[str]], list[str]]:
    """Return the labels of each sensor's channels, and what is to be said of those without one."""
    if names is None and labels is None:
        said, listed = header.get("channels"), header.get("names")
        if isinstance(listed, (list, tuple)) and listed:
            names = [str(x or "") for x in listed]
        elif isinstance(said, Mapping):
            labels = {str(k): [str(x or "") for x in v] for k, v in said.items() if isinstance(v, (list, tuple))}
    notes = []
    if names is None:
        found = {sensor: list(given) for sensor, given in (labels or {}).items()}
    else:
        found, left = _split(names, streams)
        if left:
            notes.append(f"{', '.join(left)}: the sensors have no more channels, so these names were not used")
    if not any(any(given) for given in found.values()):
        return found, notes
    for stream in streams:
        given = found.get(stream.sensor, [])
        bare = range(len(given), _width(stream) if stream.pieces else 0)
        if bare:
            made = [f"{stream.descriptor.key}_{number + 1}" for number in bare]
            notes.append(
                f"{', '.join(made)}: nobody named {'these channels' if len(made) > 1 else 'this channel'} of "
                f"{stream.sensor}; emgorder export --channels names them"
            )
    return found, notes


def _width(stream: SensorStream) -> int:
    return stream.pieces[0].values.shape[1] if stream.pieces else stream.descriptor.n_channels


def _split(names: Sequence[str], streams: Sequence[SensorStream]) -> tuple[dict[str, list[str]], list[str]]:
    """Return the names that each sensor's channels get, as many as it turned out to have, and those left over."""
    # A sensor that never spoke may have fewer channels than its kind: it takes no name that another one needs.
    spare = len(names) - sum(_width(stream) for stream in streams if stream.pieces)
    left, found = list(names), {}
    for stream in streams:
        width = _width(stream)
        if not stream.pieces:
            width = max(min(width, spare), 0)
            spare -= width
        found[stream.sensor], left = left[:width], left[width:]
    return found, left


def _channels(clocked: Sequence[ClockedSensor], labels: Mapping[str, Sequence[str]]) -> list[Channel | None]:
    """Return a channel a column, None for one that is left out."""
    channels: list[Channel | None] = []
    taken: set[str] = set()
    for sensor in clocked:
        kind = sensor.stream.descriptor
        width = _width(sensor.stream)
        given = labels.get(sensor.stream.sensor, ())
        for number in range(width):
            label = given[number] if number < len(given) else f"{kind.key}_{number + 1}"
            if not label:
                channels.append(None)
                continue
            own, count = label, itertools.count(2)
            while label in taken:
                label = f"{own}_{next(count)}"
            taken.add(label)
            channels.append(labelled_channel(kind, number, label))
    if not any(channels):
        raise RecordingError("no channel has a label: name at least one (GMAX_R, BF_R, ...)")
    return channels


def _events(marks: Sequence[Record], start_s: float, place: Callable[[float], float] | None) -> pd.DataFrame:
    rows = []
    for mark in marks:
        said = mark.content()
        length = said.get("duration_s")
        duration = float(length) if isinstance(length, (int, float)) and 0 < length < _LONGEST_MARK_S else 0.0
        onset = place(mark.t_host_s) if place is not None else mark.t_host_s - start_s
        name = str(said.get("trial_type", "note"))
        rows.append((round(onset, 6), round(duration, 6), *whole_text([name, str(said.get("text", ""))])))
    if not rows:
        return empty_events()
    events = pd.DataFrame(sorted(rows), columns=["onset", "duration", "trial_type", "description"])
    return events if events["description"].any() else events.drop(columns="description")


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
            "damaged_packets": stream.n_damaged + stream.n_unlike,
        }
        if stream.sensor in fits:
            fit = fits[stream.sensor].longest
            entry["lost_samples"] += n_between(fits[stream.sensor])
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
