"""EMGO-1 beside its samples: INFO, STATUS, CTRL and SYNC. All numbers little-endian, lengths exact.

INFO (``e0a50005-...``, read), 36 bytes:

====== ===== =====================================================================================
offset bytes content
====== ===== =====================================================================================
0      1     u8 version of the profile, 1
1      1     u8 channels, 1 to 8
2      1     u8 bits of the converter
3      1     u8 formats it can send: bit 0 i16, 1 i12, 2 i24, 3 compact
4      4     u32 boot_id, another one after each start of the firmware: a reboot is seen by it
8      4     u32 sampling frequency, numerator, Hz
12     4     u32 sampling frequency, denominator
16     4     f32 µV of one count, in every format (a format too narrow saturates)
20     4     f32 lower edge of the analog band, Hz
24     4     f32 upper edge, Hz
28     4     u32 group delay of the analog path, µs
32     4     u32 time from one multiplexed channel to the next, ns; 0 when sampled together
====== ===== =====================================================================================

STATUS (``e0a50006-...``, notified once a second), 20 bytes:

====== ===== =====================================================================================
0      1     u8 version, 1
1      1     u8 bit 0 streaming, bit 1 test square wave, bit 2 GPIO pulse running
2      2     u16 most packets that waited at once since the last STATUS
4      4     u32 conversions lost by the converter's driver since boot
8      4     u32 packets dropped because the radio's queue was full, since boot
12     2     u16 connection interval in units of 1.25 ms
14     2     i16 temperature in units of 0.01 °C
16     4     u32 boot_id
====== ===== =====================================================================================

CTRL (``e0a50003-...``), written by the host: u8 operation and its arguments.

========= ===== ==================================================================================
operation bytes arguments
========= ===== ==================================================================================
01 START  1
02 STOP   1
03 SET    5     u16 sampling frequency in Hz, u8 mask of channels, u8 format (0 i16, 1 i12, 2 i24, 3 compact)
05 CONN   5     u16 shortest, u16 longest connection interval in units of 1.25 ms
06 TEST   2     u8 1 = square wave in place of the inputs, 0 = off
07 PULSE  2     u8 length of a pulse on the GPIO pin, ms
========= ===== ==================================================================================

CTRL reply, indicated for each, 14 bytes:

====== ===== =====================================================================================
0      1     u8 operation | 0x80
1      1     u8 0 done, 1 unknown operation, 2 bad argument, 3 busy, 4 not supported by this board
2      4     u32 boot_id
6      4     u32 index of the first frame for which it holds (START, SET, TEST), or that followed the edge (PULSE)
10     4     u32 device clock at that, µs
====== ===== =====================================================================================

SYNC (``e0a50004-...``): the host writes 8 bytes ``01 | u8 id | u16 zero | u32 nonce``; the device notifies 12 bytes
``01 | u8 id | u16 flags | u32 received | u32 sent``, both times on the device clock in µs.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

from emgorder.errors import PacketError, SensorError, SettingsError
from emgorder.sensors.base import Write
from emgorder.sensors.parts import wrong_length

__all__ = [
    "CTRL",
    "INFO",
    "SERVICE",
    "STATUS",
    "SYNC",
    "CtrlReply",
    "Info",
    "Status",
    "SyncReply",
    "is_ping",
    "ping",
    "pulse",
    "read_ctrl_reply",
    "read_info",
    "read_status",
    "read_sync_reply",
    "set_connection",
    "set_sampling",
    "set_test_signal",
]


def _uuid(number: int) -> str:
    return f"e0a5{number:04x}-6d67-4f72-b1e5-656d676f7264"


SERVICE, CTRL, SYNC, INFO, STATUS = map(_uuid, (1, 3, 4, 5, 6))

_KEY = "emgo1"
_INFO = struct.Struct("<BBBBIIIfffII")
_STATUS = struct.Struct("<BBHIIHhI")
_REPLY = struct.Struct("<BBIII")
_SYNC = struct.Struct("<BBHII")
_PING = struct.Struct("<BBHI")
_SLOWEST_HZ, _FASTEST_HZ = 1.0, 100_000.0
_RESULTS = ("done", "unknown operation", "bad argument", "busy", "not supported by this board")
_FORMATS = {"i16": 0, "i12": 1, "i24": 2, "compact": 3}


@dataclass(frozen=True, slots=True)
class Info:
    """What a sensor says of itself (see the table of the module)."""

    version: int
    n_channels: int
    bits: int
    formats: tuple[str, ...]
    boot_id: int
    sampling_frequency: float
    uV_per_count: float
    band_Hz: tuple[float, float]
    group_delay_us: int
    channel_skew_ns: int


@dataclass(frozen=True, slots=True)
class Status:
    """How a sensor is doing (see the table of the module)."""

    streaming: bool
    test_signal: bool
    pulse: bool
    queue_high_water: int
    adc_overruns: int
    tx_drops: int
    connection_interval_s: float
    temperature_C: float
    boot_id: int


@dataclass(frozen=True, slots=True)
class CtrlReply:
    """Answer to a command: what it was, whether it was done, from which frame and device time (µs) on."""

    operation: int
    result: str
    boot_id: int
    index: int
    device_us: int

    @property
    def done(self) -> bool:
        """Whether the command was carried out."""
        return self.result == "done"

    def check(self) -> None:
        """Raise SensorError when the command was not carried out."""
        if not self.done:
            raise SensorError(f"refused operation {self.operation:#04x}: {self.result}", sensor=_KEY)


@dataclass(frozen=True, slots=True)
class SyncReply:
    """Answer to a ping: its id, and the device clock (µs) when it came and when the answer left."""

    id: int
    flags: int
    received_us: int
    sent_us: int


def read_info(data: bytes) -> Info:
    """Return what the INFO characteristic holds.

    Raises
    ------
    PacketError
        Another length or version, or values that cannot be.

    Examples
    --------
    >>> read_info(bytes.fromhex(
    ...     "0102180f efbeadde e8030000 01000000 0000003f 0000a041 0000e143 dc050000 00000000")).sampling_frequency
    1000.0
    """
    data = _exactly(data, _INFO.size, "INFO")
    version, n_channels, bits, formats, boot, over, under, scale, low, high, delay, skew = _INFO.unpack(data)
    _version(version, data, "INFO")
    sane = 1 <= n_channels <= 8 and under > 0 and _SLOWEST_HZ <= over / under <= _FASTEST_HZ
    if not (sane and math.isfinite(scale) and scale > 0 and math.isfinite(low) and math.isfinite(high)):
        raise PacketError("INFO holds values that cannot be", sensor=_KEY, data=data)
    names = tuple(name for name, bit in _FORMATS.items() if formats >> bit & 1)
    return Info(version, n_channels, bits, names, boot, over / under, scale, (low, high), delay, skew)


def read_status(data: bytes) -> Status:
    """Return what a notification of STATUS holds; raise PacketError when it is none.

    Examples
    --------
    >>> read_status(bytes.fromhex("01010300 02000000 00000000 0c00 6009 efbeadde")).connection_interval_s
    0.015
    """
    data = _exactly(data, _STATUS.size, "STATUS")
    version, flags, queue, overruns, drops, interval, temperature, boot = _STATUS.unpack(data)
    _version(version, data, "STATUS")
    on, test, pulsing = (bool(flags >> bit & 1) for bit in range(3))
    return Status(on, test, pulsing, queue, overruns, drops, interval * 1.25 / 1000, temperature / 100, boot)


def read_ctrl_reply(data: bytes) -> CtrlReply:
    """Return the answer to a command; raise PacketError when it is none.

    Examples
    --------
    >>> read_ctrl_reply(bytes.fromhex("8100 efbeadde 60000000 888a0100"))
    CtrlReply(operation=1, result='done', boot_id=3735928559, index=96, device_us=101000)
    """
    data = _exactly(data, _REPLY.size, "CTRL reply")
    operation, result, boot, index, device_us = _REPLY.unpack(data)
    if not operation & 0x80 or result >= len(_RESULTS):
        raise PacketError("no reply to a command", sensor=_KEY, data=data)
    return CtrlReply(operation & 0x7F, _RESULTS[result], boot, index, device_us)


def read_sync_reply(data: bytes) -> SyncReply:
    """Return the answer to a ping; raise PacketError when it is none.

    Examples
    --------
    >>> read_sync_reply(bytes.fromhex("0107 0000 888a0100 ec8a0100"))
    SyncReply(id=7, flags=0, received_us=101000, sent_us=101100)
    """
    data = _exactly(data, _SYNC.size, "SYNC reply")
    kind, number, flags, received, sent = _SYNC.unpack(data)
    if kind != 1:
        raise PacketError(f"SYNC reply of kind {kind}, expected 1", sensor=_KEY, data=data)
    return SyncReply(number, flags, received, sent)


def ping(number: int, nonce: int = 0) -> Write:
    """Return the ping number `number` (modulo 256).

    Examples
    --------
    >>> ping(7, 0x01020304).data.hex(" ", 4)
    '01070000 04030201'
    """
    return Write(SYNC, _PING.pack(1, number % 256, 0, nonce % 2**32))


def is_ping(data: bytes) -> bool:
    """Whether a notification of SYNC is a ping itself: some Bluetooth libraries repeat to a host what it has written.

    Examples
    --------
    >>> is_ping(ping(7).data)
    True
    """
    return len(data) == _PING.size and data[0] == 1


def set_sampling(sampling_frequency: int, channels: int, sample_format: str) -> Write:
    """Return the command that sets rate (Hz), mask of channels and format.

    Raises
    ------
    SettingsError
        A value that the command cannot carry.

    Examples
    --------
    >>> set_sampling(1000, 0b11, "i16").data.hex()
    '03e8030300'
    """
    if sample_format not in _FORMATS:
        raise SettingsError(f"{sample_format!r} is none of {', '.join(_FORMATS)}", key="sample_format")
    rate, mask = _within(sampling_frequency, 1, 0xFFFF, "sampling_frequency"), _within(channels, 1, 0xFF, "channels")
    return Write(CTRL, struct.pack("<BHBB", 3, rate, mask, _FORMATS[sample_format]), response=True)


def set_connection(shortest_s: float, longest_s: float) -> Write:
    """Return the command that asks for a connection interval; raise SettingsError outside 7.5 ms to 4 s.

    Examples
    --------
    >>> set_connection(0.015, 0.015).data.hex()
    '050c000c00'
    """
    low = _within(round(shortest_s / 0.00125), 6, 3200, "shortest_s")
    return Write(CTRL, struct.pack("<BHH", 5, low, _within(round(longest_s / 0.00125), low, 3200, "longest_s")), True)


def set_test_signal(on: bool) -> Write:
    """Return the command that puts a square wave in place of the inputs, or takes it away."""
    return Write(CTRL, bytes([6, on]), response=True)


def pulse(length_ms: int = 10) -> Write:
    """Return the command that gives a pulse on the GPIO pin; raise SettingsError outside 1 to 255 ms."""
    return Write(CTRL, bytes([7, _within(length_ms, 1, 255, "length_ms")]), response=True)


def _within(value: int, low: int, high: int, key: str) -> int:
    if not low <= value <= high:
        raise SettingsError(f"{value} is outside {low} to {high}", key=key)
    return value


def _exactly(data: bytes, length: int, what: str) -> bytes:
    data = bytes(data)
    if len(data) != length:
        raise wrong_length(data, _KEY, f"{length} of {what}")
    return data


def _version(version: int, data: bytes, what: str) -> None:
    if version != 1:
        raise PacketError(f"{what} of version {version}, expected 1; update emgorder", sensor=_KEY, data=data)
