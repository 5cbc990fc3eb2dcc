"""Simulated EMGO-1 boards for the doctor: one that keeps every promise, and one for each promise that can be broken."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from emgorder.acquisition.simulated_kinds import simulate_sensor
from emgorder.acquisition.simulated_sensor import LinkFaults, SimulatedSensor
from emgorder.acquisition.simulated_session import ORDINARY_LINK
from emgorder.acquisition.transport import EventKind
from emgorder.errors import SettingsError
from emgorder.model import FloatArray
from emgorder.sensors.base import Write
from emgorder.sensors.emgo1_control import INFO, SYNC
from emgorder.sensors.registry import sensors
from emgorder.simulate.packets import PROFILES
from emgorder.simulate.packets.emgo1 import (
    FRAMES,
    encode,
    encode_info,
    encode_packet,
    encode_status,
    encode_sync_reply,
    read_ping,
)

__all__ = ["BOARDS", "simulated_board"]

_UV_PER_COUNT = 0.1
_SIGNAL_V, _SIGNAL_HZ = 50e-6, 90.0
_EVERY = 20  # packets: one of them is dropped, or misses conversions
_OVERRUN = 3
_REBOOT_INDEX = 4000 // FRAMES * FRAMES
_PACKET_AT = slice(8, 12)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Board:
    """What a board does, and what it says of itself; by default both are as they should be."""

    says: str
    faults: LinkFaults = ORDINARY_LINK
    clock_us: Callable[[int], int] = lambda index: index * 1000
    latency_us: int = 12_000
    dropped: bool = False
    overruns: bool = False
    reboots: bool = False
    silent: bool = False
    width: int = 2
    band_high_Hz: float = 450.0
    queue: int = 2
    counts_drops: bool = True
    testing: bool = False
    info: bool = True
    status: bool = True
    answers: bool = True
    answers_late_us: int = 0
    answers_inside_us: int = 0


def _late(index: int) -> int:
    """Return a clock that is read when the firmware comes to it: up to 3 ms late."""
    return index * 1000 + (index * 7919) % 3000


_KINDS = {
    "good": _Board(says="keeps every promise"),
    "fast-crystal": _Board(says="its crystal runs 2000 ppm fast", faults=replace(ORDINARY_LINK, drift_ppm=2000.0)),
    "two-crystals": _Board(
        says="its clock and its converter run on two crystals", clock_us=lambda index: index * 1000 + index // 10
    ),
    "late-stamps": _Board(says="it takes times when it fills a packet", clock_us=_late),
    "stalls": _Board(says="its radio is silent for a second", faults=replace(ORDINARY_LINK, stalls=((4.0, 1.0),))),
    "slow": _Board(
        says="its packets and answers take long",
        faults=replace(ORDINARY_LINK, command_latency_s=0.2, latency_s=0.05),
        latency_us=220_000,
    ),
    "drops": _Board(says="it drops every 20th packet, and says so", dropped=True),
    "hidden-losses": _Board(says="it loses every 20th packet and tells nobody", dropped=True, counts_drops=False),
    "overruns": _Board(says="its converter loses three conversions now and then", overruns=True),
    "full-queue": _Board(says="its packets wait in a long queue", queue=14),
    "reboots": _Board(says="it reboots after four seconds", reboots=True),
    "test-signal": _Board(says="it sends its test signal, a square wave", testing=True),
    "no-info": _Board(says="it has no INFO", info=False),
    "no-status": _Board(says="it tells no STATUS", status=False),
    "deaf": _Board(says="it answers no ping", answers=False),
    "wrong-answers": _Board(says="its answers claim to take a second each", answers_inside_us=1_000_000),
    "two-clocks": _Board(says="it answers pings by another clock than that of its samples", answers_late_us=9_000_000),
    "one-channel": _Board(says="it promises two channels and sends one", width=1),
    "aliasing": _Board(says="its band reaches above half its rate", band_high_Hz=900.0),
    "flat-battery": _Board(says="its battery is nearly empty", faults=replace(ORDINARY_LINK, battery=4)),
    "lost-link": _Board(says="its link is lost after five seconds", faults=replace(ORDINARY_LINK, cuts=((5.0, 60.0),))),
    "silent": _Board(says="it sends nothing", silent=True),
}

BOARDS = MappingProxyType({name: board.says for name, board in _KINDS.items()})
"""Names of the boards, and what each of them does wrong."""


def simulated_board(name: str) -> SimulatedSensor:
    """Return a simulated board of `BOARDS`, or an ordinary sensor of another kind by its key in the registry.

    Raises
    ------
    SettingsError
        There is none of that name.

    Examples
    --------
    >>> simulated_board("overruns").info.name, simulated_board("npg_lite").info.key
    ('EMGO overruns', 'npg_lite')
    """
    if name in _KINDS:
        return _emgo1(name, _KINDS[name])
    if name in PROFILES and name in sensors():
        width = PROFILES[name].n_channels
        return simulate_sensor(name, name, lambda time_s: _signal(time_s, width), faults=ORDINARY_LINK)
    known = ", ".join([*BOARDS, *PROFILES])
    raise SettingsError(f"{name!r} is no simulated sensor; there are {known}", key="--simulate")


def _signal(time_s: FloatArray, width: int) -> FloatArray:
    wave: FloatArray = _SIGNAL_V * np.sin(2 * np.pi * _SIGNAL_HZ * time_s)
    return np.tile(wave[:, None], (1, width))


def _emgo1(name: str, kind: _Board) -> SimulatedSensor:
    board = simulate_sensor(
        "emgo1", name, lambda time_s: _signal(time_s, kind.width), name=f"EMGO {name}", faults=kind.faults
    )
    info = encode_info(uV_per_count=_UV_PER_COUNT, band_Hz=(20.0, kind.band_high_Hz))
    return replace(
        board,
        encode=lambda values, index, _: _packets(kind, values, index),
        values={**board.values, INFO: info} if kind.info else {},
        hello=(("info", info),) if kind.info else (),
        answer=(lambda write, us: _answer(kind, write, us)) if kind.answers else None,
        status=(lambda index: _status(kind, index)) if kind.status else None,
    )


def _packets(kind: _Board, values: FloatArray, index: int) -> list[bytes]:
    number = index // FRAMES
    if kind.silent or (kind.dropped and number % _EVERY == _EVERY - 1):
        return []
    counts = np.rint(values * (1e6 / _UV_PER_COUNT)).astype(np.intp)
    start = index - _REBOOT_INDEX if kind.reboots and index >= _REBOOT_INDEX else index
    if kind.overruns and number % _EVERY == _EVERY - 1:
        first = start + _OVERRUN
        us = kind.clock_us(first)
        return [encode_packet(counts[_OVERRUN:], index=first, sequence=number, device_us=us, gap=True)]
    (packet,) = encode(counts, start, latency_us=kind.latency_us)
    stamped = struct.pack("<I", kind.clock_us(start) % 2**32)
    return [packet[: _PACKET_AT.start] + stamped + packet[_PACKET_AT.stop :]]


def _answer(kind: _Board, write: Write, device_us: int) -> Sequence[tuple[EventKind, bytes]]:
    ping = read_ping(write.data) if write.characteristic == SYNC else None
    if ping is None:
        return ()
    rebooted_us = _REBOOT_INDEX * 1000 if kind.reboots and device_us >= _REBOOT_INDEX * 1000 else 0
    came_us = device_us - rebooted_us + kind.answers_late_us
    return (("sync", encode_sync_reply(ping[0], received_us=came_us, sent_us=came_us + kind.answers_inside_us)),)


def _status(kind: _Board, index: int) -> bytes:
    rebooted = kind.reboots and index >= _REBOOT_INDEX
    times = index // FRAMES // _EVERY
    return encode_status(
        test_signal=kind.testing,
        queue_high_water=kind.queue,
        adc_overruns=_OVERRUN * times if kind.overruns else 0,
        tx_drops=times if kind.dropped and kind.counts_drops else 0,
        boot_id=2 if rebooted else 1,
    )
