"""Whether a sensor keeps its promises: its rate, its losses, its jitter, measured over some seconds."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emgorder.acquisition.streams import SensorStream, read_streams
from emgorder.acquisition.synchronise import fit_sensor, measured_ppm
from emgorder.acquisition.transport import Clock, LinkEvent, Packet, SensorInfo, Transport
from emgorder.errors import PacketError
from emgorder.io.journal import Record

__all__ = ["Check", "Checkup", "check_sensor", "judge"]

_LEAST_S = 3.0
_LOSS = 0.005
_STALL_S = 0.25


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: whether it is as it should be, and what was seen, in words."""

    good: bool
    text: str


@dataclass(frozen=True, slots=True)
class Checkup:
    """What some seconds of a sensor showed, and how many channels it sent (0: nothing came)."""

    checks: tuple[Check, ...]
    n_channels: int


async def check_sensor(transport: Transport, sensor: SensorInfo, *, clock: Clock, seconds: float) -> Checkup:
    """Stream from a sensor for some seconds and say what was seen.

    Raises
    ------
    SensorError
        It cannot be opened or started.
    """
    heard: list[Packet | LinkEvent] = []
    link = await transport.open(sensor)
    try:
        await link.start(heard.append)
        await clock.sleep(seconds)
    finally:
        await link.close()
    return judge(sensor, heard)


def judge(sensor: SensorInfo, heard: Sequence[Packet | LinkEvent]) -> Checkup:
    """Return what the packets and events of some seconds say of a sensor.

    Examples
    --------
    >>> checkup = judge(SensorInfo("left", "MyoWareSensor1", "myoware"), [])
    >>> checkup.checks[0].text
    'no samples came: the sensor is connected but does not stream. Switch it off and on'
    """
    records = [
        Record("packet", item.sensor, item.t_host_s, item.data)
        if isinstance(item, Packet)
        else Record("event", item.sensor, item.t_host_s, json.dumps({"kind": item.kind, "text": item.detail}).encode())
        for item in heard
    ]
    (stream,) = read_streams(records, {sensor.id: sensor.key})
    told = [item.detail for item in heard if isinstance(item, LinkEvent) and item.kind == "info"]
    checks = [_info(text) for text in told[:1]] if sensor.key == "emgo1" else []
    lost = [i for i in heard if isinstance(i, LinkEvent) and i.kind == "down" and not i.requested]
    if lost:
        checks.append(Check(False, f"the link was lost: {lost[0].detail}. Bring the sensor nearer, charge it"))
    if not stream.pieces:
        silent = Check(False, "no samples came: the sensor is connected but does not stream. Switch it off and on")
        return Checkup((*checks, silent), 0)
    return Checkup((*checks, *_stream(stream)), stream.pieces[-1].values.shape[1])


def _info(text: str) -> Check:
    from emgorder.sensors.emgo1_control import read_info

    try:
        info = read_info(bytes.fromhex(text))
    except (ValueError, PacketError) as error:
        return Check(False, f"INFO cannot be read: {error}")
    return Check(
        True,
        f"INFO: {info.n_channels} channels, {info.bits} bits, {info.sampling_frequency:g} Hz, "
        f"{info.uV_per_count:g} µV a count, {info.band_Hz[0]:g} to {info.band_Hz[1]:g} Hz",
    )


def _stream(stream: SensorStream) -> list[Check]:
    kind = stream.descriptor
    fit, piece = fit_sensor(stream).longest, max(stream.pieces, key=lambda p: p.index.size)
    n = sum(p.index.size for p in stream.pieces)
    length_s = fit.stop_s - fit.start_s
    checks = [Check(length_s >= _LEAST_S, f"{n} samples in {length_s:.1f} s")]
    ppm, unsure = measured_ppm(stream)
    rate_Hz = kind.sampling_frequency * (1 + ppm * 1e-6)
    good = abs(ppm) <= kind.rate_tolerance_ppm + unsure
    checks.append(Check(good, f"rate {rate_Hz:.2f} Hz, {kind.sampling_frequency:g} promised (± {unsure:.0f} ppm)"))
    share = stream.n_lost / (n + stream.n_lost)
    checks.append(Check(share <= _LOSS, f"{stream.n_lost} samples lost ({share:.2%}), {stream.n_damaged} bad packets"))
    late = piece.t_host_s - fit.time_s(piece.last_index)
    longest = float(np.diff(piece.t_host_s).max()) if piece.t_host_s.size > 1 else 0.0
    text = f"jitter {np.quantile(late, 0.95) * 1e3:.1f} ms (95 %), longest silence {longest * 1e3:.0f} ms"
    checks.append(Check(longest < _STALL_S, text))
    interval = f"{fit.interval_s * 1e3:.4g} ms" if math.isfinite(fit.interval_s) else "not seen"
    checks.append(Check(True, f"connection interval {interval}, packets every {fit.packet_period_s * 1e3:.1f} ms"))
    checks.append(Check(kind.order_verdict, kind.caveat or "can tell the order of two onsets"))
    return checks
