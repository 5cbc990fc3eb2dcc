"""Whether a sensor keeps its promises: its rate, its losses, its jitter, measured over some seconds."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emgorder.acquisition.checks import Check
from emgorder.acquisition.promises import emgo1_promises, info_check
from emgorder.acquisition.stream_reading import read_streams
from emgorder.acquisition.streams import PING, SensorStream
from emgorder.acquisition.synchronise import fit_sensor, measured_ppm
from emgorder.acquisition.transport import Clock, Link, LinkEvent, Packet, SensorInfo, Transport
from emgorder.errors import SensorError, SensorLost
from emgorder.io.journal import Record
from emgorder.sensors.emgo1_control import ping

__all__ = ["Check", "Checkup", "check_sensor", "judge"]

_LEAST_S = 3.0
_LOSS = 0.005
_STALL_S = 0.25
_LOW_BATTERY = 10
_ANY_RATE_PPM = 100_000.0  # whoever allows himself more promises no rate
_PING_S = 0.31  # no multiple of a usual connection interval


@dataclass(frozen=True, slots=True)
class Checkup:
    """What some seconds of a sensor showed: how many channels it sent (0: nothing came), and at what rate it should."""

    checks: tuple[Check, ...]
    n_channels: int
    sampling_frequency: float


async def check_sensor(
    transport: Transport, sensor: SensorInfo, *, clock: Clock, seconds: float, thorough: bool = False
) -> Checkup:
    """Stream from a sensor for some seconds and say what was seen.

    Parameters
    ----------
    transport, sensor
        Where it is, and what discovery told of it.
    clock : Clock
        To wait by.
    seconds : float
        How long it streams.
    thorough : bool
        An EMGO-1 is pinged as well, and each promise of its profile is looked at
        (:func:`emgorder.acquisition.promises.emgo1_promises`).

    Raises
    ------
    SensorError
        It cannot be opened or started.
    """
    heard: list[Packet | LinkEvent] = []
    link = await transport.open(sensor)
    try:
        await link.start(heard.append)
        if thorough and sensor.key == "emgo1":
            await _ping(link, sensor.id, heard, clock, seconds)
        else:
            await clock.sleep(seconds)
    finally:
        await link.close()
    return judge(sensor, heard, thorough=thorough)


async def _ping(link: Link, sensor: str, heard: list[Packet | LinkEvent], clock: Clock, seconds: float) -> None:
    """Ask for the sensor's clock now and then; the answers arrive as events."""
    end_s, number = clock.now() + seconds, 0
    while (left_s := end_s - clock.now()) > 0:
        await clock.sleep(min(_PING_S, left_s))
        if end_s - clock.now() <= 0:
            return
        heard.append(LinkEvent(sensor, clock.now(), "sync", False, f"{PING} {number % 256}"))
        try:
            await link.command(ping(number))
        except SensorLost:  # told of by its "down": there is nobody to ask any more
            heard.pop()
            await clock.sleep(end_s - clock.now())
        except SensorError:  # it has no such characteristic: told of as a ping without an answer
            pass
        number += 1


def judge(sensor: SensorInfo, heard: Sequence[Packet | LinkEvent], *, thorough: bool = False) -> Checkup:
    """Return what the packets and events of some seconds say of a sensor.

    Examples
    --------
    >>> checkup = judge(SensorInfo("left", "MyoWareSensor1", "myoware"), [])
    >>> checkup.checks[0].text
    'no samples came: the sensor is connected but does not stream'
    """
    records = [
        Record("packet", item.sensor, item.t_host_s, item.data)
        if isinstance(item, Packet)
        else Record("event", item.sensor, item.t_host_s, json.dumps({"kind": item.kind, "text": item.detail}).encode())
        for item in heard
    ]
    (stream,) = read_streams(records, {sensor.id: sensor.key})
    events = [item for item in heard if isinstance(item, LinkEvent)]
    told = [event.detail for event in events if event.kind == "info"]
    checks = [info_check(told)] if sensor.key == "emgo1" and (told or thorough) else []
    lost = [event for event in events if event.kind == "down" and not event.requested]
    if lost:
        after_s = lost[0].t_host_s - heard[0].t_host_s
        text = f"the link was lost after {after_s:.1f} s ({lost[0].detail or 'no reason told'})"
        checks.append(Check(False, text, "Bring the sensor nearer, charge it"))
    checks += _battery(events)
    if not stream.pieces:
        silent = "no samples came: the sensor is connected but does not stream"
        return Checkup((*checks, Check(False, silent, "Switch it off and on")), 0, stream.descriptor.sampling_frequency)
    checks += _stream(stream)
    if thorough and sensor.key == "emgo1":
        checks += emgo1_promises(heard, stream)
    kind = stream.descriptor
    checks.append(Check(kind.order_verdict, kind.caveat or "can tell the order of two onsets"))
    return Checkup(tuple(checks), stream.pieces[-1].values.shape[1], kind.sampling_frequency)


def _battery(events: Sequence[LinkEvent]) -> list[Check]:
    levels = [event.detail for event in events if event.kind == "battery" and event.detail.isdecimal()]
    if not levels:
        return []
    return [Check(int(levels[-1]) >= _LOW_BATTERY, f"battery {levels[-1]} %", "Charge it before the test")]


def _stream(stream: SensorStream) -> list[Check]:
    fit, piece = fit_sensor(stream).longest, max(stream.pieces, key=lambda p: p.index.size)
    n = sum(p.index.size for p in stream.pieces)
    length_s = fit.stop_s - fit.start_s
    checks = [Check(length_s >= _LEAST_S, f"{n} samples in {length_s:.1f} s", "Look longer: --duration 30")]
    checks.append(_rate(stream))
    checks.append(_loss(stream, n))
    if stream.n_unlike:
        text = f"{stream.n_unlike} packets of another rate or number of channels than those before"
        checks.append(Check(False, text, "Is somebody setting it at this moment? Look again"))
    late = piece.t_host_s - fit.time_s(piece.last_index)
    longest = float(np.diff(piece.t_host_s).max()) if piece.t_host_s.size > 1 else 0.0
    text = f"jitter {np.quantile(late, 0.95) * 1e3:.1f} ms (95 %), longest silence {longest * 1e3:.0f} ms"
    remedy = "Bring it nearer, out of the way of bodies and of other radios; close other programs"
    checks.append(Check(longest < _STALL_S, text, remedy))
    interval = f"{fit.interval_s * 1e3:.4g} ms" if math.isfinite(fit.interval_s) else "not seen"
    text = f"connection interval {interval}, packets every {fit.packet_period_s * 1e3:.1f} ms"
    checks.append(Check(True, f"{text}: {fit.wait_s * 1e3:.1f} ms of waiting stay hidden between two such sensors"))
    return checks


def _rate(stream: SensorStream) -> Check:
    kind = stream.descriptor
    ppm, unsure = measured_ppm(stream)
    rate_Hz = kind.sampling_frequency * (1 + ppm * 1e-6)
    if kind.rate_tolerance_ppm >= _ANY_RATE_PPM:
        return Check(True, f"rate {rate_Hz:.1f} Hz; none is promised")
    good = abs(ppm) <= kind.rate_tolerance_ppm + unsure
    text = f"rate {rate_Hz:.2f} Hz, {kind.sampling_frequency:g} promised (± {unsure:.0f} ppm)"
    remedy = (
        "Its crystal is off, or it tells a wrong rate: do not compare its times with those of a second sensor; "
        "correct the rate in its firmware"
    )
    return Check(good, text, remedy)


def _loss(stream: SensorStream, n: int) -> Check:
    if stream.descriptor.counter_modulus is None:
        return Check(
            stream.n_damaged == 0,
            f"losses cannot be seen: its samples are not numbered; {stream.n_damaged} bad packets",
            "Is this another firmware?",
        )
    share = stream.n_lost / (n + stream.n_lost)
    text = f"{stream.n_lost} samples lost ({share:.2%}), {stream.n_damaged} bad packets"
    if stream.n_unsure:
        text += f", up to {stream.n_unsure} more may be missing unseen"
    return Check(share <= _LOSS, text, "Bring it nearer; if it stays so, see what the sensor itself says of drops")
