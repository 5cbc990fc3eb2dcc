"""EMGO-1, the open reference profile: samples that say when they were taken, and which of them are missing.

Service ``e0a50001-6d67-4f72-b1e5-656d676f7264``, data on ``e0a50002-...``; all numbers little-endian. The other
characteristics are described in :mod:`emgorder.sensors.emgo1_control`.

Full packet (wants an MTU of 135; 23 frames of 2 x i16 with the acknowledgement are 108 bytes):

====== ===== ==============================================================================================
offset bytes content
====== ===== ==============================================================================================
0      1     bits 0-3 version 1; bit 4 acknowledgement present, 5 gap before, 6 lead off or saturated, 7 sync edge
1      1     bits 0-2 channels - 1; bits 3-4 format: 0 = i16, 1 = i12, 2 = i24; bits 5-7 zero
2      2     u16 sequence number of the packet
4      4     u32 index of the first frame; counts conversions, the lost ones too
8      4     u32 device clock at the first frame, µs, from the crystal of the converter (wraps after 71.6 min)
12     1     u8 k, only with bit 4: packet (sequence - k) was acknowledged by the radio ...
13     3     u24 ... this many µs before the time at offset 8; only with bit 4
12/16        frames, channel after channel; i12 packed from the lowest bit on, filled with zeros to whole bytes
====== ===== ==============================================================================================

Compact packet, 20 bytes for an MTU of 23, one channel:

====== ===== ==============================================================================================
0      1     bits 0-3 version 2; bits 5-7 as above, bit 4 zero
1      1     u8 sequence number
2      2     u16 index of the first frame, its low half
4      2     u16 device clock at the first frame in units of 16 µs (wraps after 1.05 s)
6      14    9 x i12, and four bits of zero
====== ===== ==============================================================================================

A packet of 23 frames is no multiple of a usual connection interval, so that the two do not hide each other.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from emgorder.errors import PacketError
from emgorder.model import FloatArray
from emgorder.sensors.base import Chunk, SensorDescriptor, Write
from emgorder.sensors.emgo1_control import CTRL, SERVICE, Info, read_info
from emgorder.sensors.parts import BATTERY_LEVEL, checked

__all__ = ["DATA", "DEFAULT_UV", "DESCRIPTOR", "Emgo1Decoder"]

DATA = "e0a50002-6d67-4f72-b1e5-656d676f7264"
DEFAULT_UV = 1.0
"""µV of one count until INFO has been read."""

DESCRIPTOR = SensorDescriptor(
    key="emgo1",
    title="EMGO-1 reference firmware",
    n_channels=2,
    sampling_frequency=1000.0,
    unit="V",
    kind="raw",
    service=SERVICE,
    notify=DATA,
    names=("EMGO",),
    start=(Write(CTRL, b"\x01", response=True),),
    stop=(Write(CTRL, b"\x02", response=True),),
    counter_modulus=2**32,
    battery=BATTERY_LEVEL,
)

_FLAGS = ((5, "gap"), (6, "lead_off"), (7, "sync_edge"))
_BITS = {0: 16, 1: 12, 2: 24}
_COMPACT_LENGTH, _COMPACT_FRAMES = 20, 9
_TICK_US, _U16, _U32 = 16, 1 << 16, 1 << 32
_BACKWARDS = 1024  # a compact index this little behind the last one is a repeated packet, not a gap of 65 s


class Emgo1Decoder:
    """Decodes the packets of one EMGO-1 sensor, full and compact.

    Chunks are flagged ``uncalibrated`` until INFO is known: their volts assume `DEFAULT_UV`. The short counters of
    compact packets are continued to 32 bits.

    Parameters
    ----------
    info : bytes, optional
        What the INFO characteristic holds.

    Raises
    ------
    PacketError
        `info` is no INFO.

    Examples
    --------
    >>> chunk, = Emgo1Decoder().decode(bytes.fromhex("1101 0201 60000000 888a0100 02fc5300 0100ffff000100ffff7f0080"))
    >>> chunk.counter, chunk.device_us, chunk.sequence, chunk.acknowledged
    (96, 101000, 258, (256, 79500))
    >>> (chunk.values * 1e6).round().tolist()
    [[1.0, -1.0], [256.0, -256.0], [32767.0, -32768.0]]
    """

    def __init__(self, info: bytes = b"") -> None:
        self._descriptor = DESCRIPTOR
        self._uV: float | None = None
        self._last: tuple[int, int] | None = None  # index and clock of the last compact packet, 32 bits each
        if info:
            self.calibrate(read_info(info))

    @property
    def descriptor(self) -> SensorDescriptor:
        """What is decoded, after INFO and the last packet."""
        return self._descriptor

    def calibrate(self, info: Info) -> None:
        """Take scale, rate, delay and skew from the sensor's own description."""
        self._uV = info.uV_per_count
        self._descriptor = replace(
            self._descriptor,
            n_channels=info.n_channels,
            sampling_frequency=info.sampling_frequency,
            delay_s=info.group_delay_us * 1e-6,
            channel_skew_s=info.channel_skew_ns * 1e-9,
        )

    def decode(self, data: bytes) -> list[Chunk]:
        """Return the samples of a packet; raise PacketError when it is none."""
        data = checked(data, DESCRIPTOR.key)
        version = data[0] & 15
        if version == 1:
            return [self._full(data)]
        if version == 2:
            return [self._compact(data)]
        raise PacketError(f"version {version} is unknown; update emgorder", sensor=DESCRIPTOR.key, data=data)

    def _full(self, data: bytes) -> Chunk:
        acknowledges = bool(data[0] & 16)
        start = 16 if acknowledges else 12
        if len(data) <= start:
            raise PacketError("ends before its first frame", sensor=DESCRIPTOR.key, data=data)
        layout = data[1]
        if layout >> 5 or layout >> 3 & 3 not in _BITS:
            raise PacketError(f"unknown format {layout:#04x}", sensor=DESCRIPTOR.key, data=data)
        n_channels, bits = (layout & 7) + 1, _BITS[layout >> 3 & 3]
        sequence, index, device_us = (int.from_bytes(data[a:b], "little") for a, b in ((2, 4), (4, 8), (8, 12)))
        acknowledged = None
        if acknowledges:
            age_us = int.from_bytes(data[13:16], "little")
            acknowledged = ((sequence - data[12]) % _U16, (device_us - age_us) % _U32)
        n_frames = (len(data) - start) * 8 // (bits * n_channels)
        if n_frames == 0 or (n_frames * n_channels * bits + 7) // 8 != len(data) - start:
            raise PacketError(f"no whole frames of {n_channels} x {bits} bits", sensor=DESCRIPTOR.key, data=data)
        counts = _counts(data[start:], bits, n_frames * n_channels).reshape(n_frames, n_channels)
        return self._chunk(index, counts, device_us, data[0], acknowledged, sequence)

    def _compact(self, data: bytes) -> Chunk:
        if len(data) != _COMPACT_LENGTH or data[0] & 16:
            raise PacketError("no compact packet of 20 bytes", sensor=DESCRIPTOR.key, data=data)
        low, ticks = int.from_bytes(data[2:4], "little"), int.from_bytes(data[4:6], "little")
        index, device_us = self._continue(low, ticks)
        counts = _counts(data[6:], 12, _COMPACT_FRAMES)[:, None]
        return self._chunk(index, counts, device_us, data[0], None, data[1])

    def _continue(self, low: int, ticks: int) -> tuple[int, int]:
        """Return index and clock (µs) in 32 bits; the index tells how often the clock wrapped since the last packet."""
        if self._last is None:
            self._last = (low, ticks * _TICK_US)
            return self._last
        index, clock = self._last
        ahead = (low - index) % _U16
        if ahead > _U16 - _BACKWARDS:
            ahead -= _U16
        wrap_us = _U16 * _TICK_US
        due_us = ahead * 1e6 / self._descriptor.sampling_frequency
        step_us = (ticks * _TICK_US - clock) % wrap_us
        step_us += round((due_us - step_us) / wrap_us) * wrap_us
        now = ((index + ahead) % _U32, (clock + step_us) % _U32)
        if ahead > 0:
            self._last = now
        return now

    def _chunk(
        self,
        index: int,
        counts: FloatArray,
        device_us: int,
        marks: int,
        acknowledged: tuple[int, int] | None,
        sequence: int,
    ) -> Chunk:
        if counts.shape[1] != self._descriptor.n_channels:
            self._descriptor = replace(self._descriptor, n_channels=counts.shape[1])
        flags = tuple(name for bit, name in _FLAGS if marks >> bit & 1)
        if self._uV is None:
            flags = (*flags, "uncalibrated")
        scale = (DEFAULT_UV if self._uV is None else self._uV) * 1e-6
        return Chunk(index, counts * scale, device_us, flags, acknowledged, sequence)


def _counts(data: bytes, bits: int, n: int) -> FloatArray:
    """Return the first `n` signed little-endian numbers of `bits` bits."""
    if bits == 16:
        return np.frombuffer(data, "<i2", count=n).astype(np.float64)
    if bits == 24:
        wide = np.zeros((n, 4), "u1")  # left-aligned in 32 bits: the sign comes by itself
        wide[:, 1:] = np.frombuffer(data, "u1", count=3 * n).reshape(n, 3)
        return (wide.reshape(-1).view("<i4") >> 8).astype(np.float64)
    packed = int.from_bytes(data, "little")
    words = [packed >> 12 * i & 0xFFF for i in range(n)]
    return np.array([w - 4096 if w > 2047 else w for w in words], dtype=np.float64)
