"""Shimmer3R EXG: two channels of one unit, a time stamp of 24 bits at 32768 Hz in every sample.

A frame is ``00 | time u24 LE | status u8 | ch1 i16 BE | ch2 i16 BE`` (i24 BE at 24 bits): the fields of EXG chip 1 in
the order of the inquiry. Frames run on across notifications; each command is acknowledged by ``FF``, which may stand
between frames. Sources: the vendor's web demos, firmware 1.0.22 and later.

Inferred, not read: the divisor 32 for 1024 Hz; gain 12 with a reference of 2.42 V (6.15 µV a count at 16 bits); and
that the converter's own rate, the lowest bits of its first register, must be raised from 500 to 2000 samples a second
(``02`` to ``04``) with it, or each of its values would be sent twice.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from emgorder.errors import SettingsError
from emgorder.model import FloatArray
from emgorder.sensors.base import Chunk, SensorDescriptor, Write
from emgorder.sensors.parts import checked, runs
from emgorder.sensors.stream import FrameRun, FrameStream

__all__ = ["DESCRIPTOR", "Shimmer3rDecoder"]

_WRITE = "65333333-a115-11e2-9e9a-0800200ca102"
_TICKS_HZ, _WRAP = 32768, 1 << 24
_DIVISOR = 32
_REFERENCE_V, _GAIN = 2.42, 12

DESCRIPTOR = SensorDescriptor(
    key="shimmer3r",
    title="Shimmer3R EXG",
    n_channels=2,
    sampling_frequency=_TICKS_HZ / _DIVISOR,
    unit="V",
    kind="raw",
    service="65333333-a115-11e2-9e9a-0800200ca100",
    notify="65333333-a115-11e2-9e9a-0800200ca101",
    names=("Shimmer3R", "Shimmer"),
    start=tuple(
        Write(_WRITE, bytes.fromhex(command))
        for command in (
            "5e01",  # power of the expansion board
            "052000",  # divisor of the sampling clock
            "6100000a04a81069602000000203",
            "6101000a04a010e1e10000000201",
            "08000010",  # EXG chip 1 at 16 bits
            "07",
        )
    ),
    stop=(Write(_WRITE, b"\x20"),),
    counter_modulus=_WRAP // _DIVISOR,
    # 1.5 conversions of a third-order sinc filter at 2 kHz, and half a conversion until the value is picked up
    delay_s=0.001,
)

_MAX_STEP = 4 * _DIVISOR  # ticks from one frame to the next; more is damage until three frames agree


def _is_frame(frame: bytes) -> bool:
    return frame[0] == 0


def _ticks(frame: bytes) -> int:
    return int.from_bytes(frame[1:4], "little")


def _follows(longest: int, before: bytes, after: bytes) -> bool:
    return 0 < (_ticks(after) - _ticks(before)) % _WRAP <= longest


class Shimmer3rDecoder:
    """Decodes the stream of one Shimmer3R.

    The counter is the time stamp in whole sampling intervals (it may jitter by a tick); the device clock goes on
    when the time stamp wraps, every 512 s.

    Parameters
    ----------
    bits : {16, 24}
        Of a value.

    Raises
    ------
    SettingsError
        Another number of bits.

    Examples
    --------
    >>> chunk, = Shimmer3rDecoder().decode(bytes.fromhex("00 5ae201 80 0100 ff00"))
    >>> chunk.counter, chunk.device_us, (chunk.values * 1e6).round(1).tolist()
    (3858, 3768372, [[1575.5, -1575.5]])
    """

    descriptor = DESCRIPTOR

    def __init__(self, bits: int = 16) -> None:
        if bits not in (16, 24):
            raise SettingsError(f"{bits} is not 16 or 24", key="bits")
        self._width = bits // 8
        self._scale = _REFERENCE_V / _GAIN / (1 << (bits - 1))
        size = 5 + 2 * self._width
        self._stream = FrameStream(size, _is_frame, partial(_follows, _MAX_STEP), between=0xFF)
        self._phase = 0
        self._now = 0
        self._n_frames = 0

    def decode(self, data: bytes) -> list[Chunk]:
        """Return the samples that a notification completes, damage flagged; raise PacketError for no notification."""
        found = self._stream.push(checked(data, DESCRIPTOR.key))
        return [chunk for run in found for chunk in self._chunks(run)]

    def _chunks(self, run: FrameRun) -> list[Chunk]:
        ticks = [_ticks(frame) for frame in run.frames]
        if not self._n_frames or (run.skipped and self._n_frames < FrameStream.CONFIRM):  # nothing confirmed the first
            self._phase, self._now = ticks[0] % _DIVISOR, ticks[0]
            self._n_frames = 0
        self._n_frames += len(ticks)
        shift = _DIVISOR // 2 - self._phase  # rounds to the nearest sample on the grid of the first one
        counters = [(t + shift) % _WRAP // _DIVISOR for t in ticks]
        values = self._volts(run.frames)
        chunks = []
        for part in runs(counters, _WRAP // _DIVISOR):
            self._now += (ticks[part.start] - self._now) % _WRAP
            flags = ("resync",) if run.skipped and part.start == 0 else ()
            device_us = round(self._now * 1_000_000 / _TICKS_HZ) % 2**32
            chunks.append(Chunk(counters[part.start], values[part], device_us, flags))
        return chunks

    def _volts(self, frames: list[bytes]) -> FloatArray:
        fields = np.frombuffer(b"".join(frames), "u1").reshape(len(frames), -1)[:, 5:]
        wide = np.zeros((len(frames), 2, 4), "u1")  # big-endian, left-aligned in 32 bits: the sign comes by itself
        wide[:, :, : self._width] = fields.reshape(len(frames), 2, self._width)
        counts = wide.reshape(-1).view(">i4").reshape(len(frames), 2) >> (32 - 8 * self._width)
        return counts.astype(np.float64) * self._scale
