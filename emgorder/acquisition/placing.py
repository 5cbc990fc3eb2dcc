"""Where samples lie in a recording: in the places of their counter, or on the time base of several clocks."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np

from emgorder.acquisition.synchronise import ClockedSensor, Offset, offset_between, resampling_streams
from emgorder.clock import resample_streams
from emgorder.model import Channel, FloatArray, Sync
from emgorder.muscles import MUSCLES

__all__ = ["agreement", "n_between", "offsets_of", "owners", "place_several", "place_single"]

_ODD_RATE_PPM = 200.0  # from here on the rate that was measured is written, not the nominal one
_STAGGER_S = 5.0


def n_between(sensor: ClockedSensor) -> int:
    """Return how many samples are missing where a sensor counted anew; its clock tells, to a few samples.

    Within a run the counter itself tells what is missing.
    """
    missing = 0
    before = None
    for piece, fit in zip(sensor.stream.pieces, sensor.fits, strict=True):
        if before is not None and before[0].run != piece.run:
            away_s = float(fit.time_s(piece.index[0])) - float(before[1].time_s(before[0].index[-1]))
            missing += max(round(away_s * sensor.stream.descriptor.sampling_frequency) - 1, 0)
        before = piece, fit
    return missing


def place_single(sensor: ClockedSensor) -> tuple[FloatArray, float, float, Callable[[float], float]]:
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


def offsets_of(clocked: Sequence[ClockedSensor], taps_s: Sequence[float]) -> list[Offset]:
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


def place_several(clocked: Sequence[ClockedSensor], offsets: Sequence[Offset]) -> tuple[FloatArray, float, float]:
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
    # The last row is the last that all of them reach: half a sample beyond is no loss either.
    stop_s = start_s + (math.floor(max(stop_s - start_s, 0.0) * rate + 1e-6) + 1) / rate
    merged = []
    for streams in pieces:
        whole: FloatArray | None = None
        for stream in streams:
            part = resample_streams([stream], rate, start_s=start_s, stop_s=stop_s).data
            whole = part if whole is None else np.where(np.isnan(whole), part, whole)
        if whole is not None:
            merged.append(whole)
    return np.column_stack(merged), rate, start_s


def owners(clocked: Sequence[ClockedSensor]) -> list[int]:
    """Return the number of the sensor that each channel is of."""
    return [n for n, sensor in enumerate(clocked) for _ in range(sensor.stream.pieces[0].values.shape[1])]


def agreement(clocked: Sequence[ClockedSensor], offsets: Sequence[Offset], channels: Sequence[Channel | None]) -> Sync:
    """Return how the clocks of glute and hamstring agree: those of the worst pair that is compared."""
    roles: dict[str, list[tuple[int, str]]] = {"glute": [], "hamstring": []}
    for channel, number in zip(channels, owners(clocked), strict=True):
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
