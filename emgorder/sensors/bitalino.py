"""BITalino (r)evolution over Bluetooth Low Energy: up to 6 channels at 1 kHz, a counter of 4 bits in every sample.

Read as one little-endian number, a frame is from its top: ``sequence 4 | CRC 4 | digital 4 | A1 10 | A2 10 | A3 10 |
A4 10 | A5 6 | A6 6`` bits, cut off behind the last channel in use and filled to whole bytes. The CRC has the polynomial
x^4 + x + 1 and is taken with its own bits at zero. Frames run on across notifications. Layout and commands from the
vendor's firmware (firmware-BT121, firmware-bitalino-revolution); that frames straddle is inferred.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from emgorder.errors import SettingsError
from emgorder.sensors.base import Chunk, SensorDescriptor, Write
from emgorder.sensors.parts import checked, runs
from emgorder.sensors.stream import FrameRun, FrameStream

__all__ = ["DESCRIPTOR", "BitalinoDecoder"]

_COMMANDS = "4051eb11-bf0a-4c74-8730-a48f4193fcea"
_FULL_SCALE_V, _GAIN = 3.3, 1009.0

DESCRIPTOR = SensorDescriptor(
    key="bitalino",
    title="BITalino (r)evolution BLE",
    n_channels=2,
    sampling_frequency=1000.0,
    unit="V",
    kind="raw",
    service="c566488a-0882-4e1b-a6d0-0b717e652234",
    notify="40fdba6b-672e-47c4-808a-e529adff3633",
    names=("BITalino",),
    start=(Write(_COMMANDS, b"\xc3", response=True), Write(_COMMANDS, b"\x0d", response=True)),  # 1 kHz; A1 and A2
    stop=(Write(_COMMANDS, b"\x00", response=True),),
    counter_modulus=16,
    caveat=(
        "10 bits: one step is 3.2 µV at the skin, so small signals show few steps. It counts samples to 16 only; "
        "losses are told by the times of arrival as well."
    ),
)

_BYTES = {1: 3, 2: 4, 3: 6, 4: 7, 5: 8, 6: 8}
_BITS = (10, 10, 10, 10, 6, 6)
_TIMES_X4 = (0, 3, 6, 5, 12, 15, 10, 9, 11, 8, 13, 14, 7, 4, 1, 2)  # remainders of k·x^4


def _crc(frame: bytes) -> int:
    rest = 0
    for byte in frame[:-1]:
        rest = _TIMES_X4[rest] ^ (byte >> 4)
        rest = _TIMES_X4[rest] ^ (byte & 15)
    rest = _TIMES_X4[rest] ^ (frame[-1] >> 4)
    return _TIMES_X4[rest]  # the last four bits are the CRC's own, at zero


def _is_frame(frame: bytes) -> bool:
    return _crc(frame) == frame[-1] & 15


def _follows(before: bytes, after: bytes) -> bool:
    return ((after[-1] >> 4) - (before[-1] >> 4)) % 16 == 1


class BitalinoDecoder:
    """Decodes the stream of one BITalino whose first `n_channels` inputs are switched on.

    Parameters
    ----------
    n_channels : int
        1 to 6.

    Raises
    ------
    SettingsError
        Another number of channels.

    Examples
    --------
    >>> chunk, = BitalinoDecoder().decode(bytes.fromhex("ff 61 a9 56"))
    >>> chunk.counter, (chunk.values * 1e6).round().tolist()  # A1 = 600, A2 = 511 of 1023
    (5, [[281.0, -3.0]])
    """

    def __init__(self, n_channels: int = 2) -> None:
        if n_channels not in _BYTES:
            raise SettingsError(f"{n_channels} is not 1 to 6, the inputs of a BITalino", key="n_channels")
        live = ((1 << n_channels) - 1) << 2 | 1
        start = (DESCRIPTOR.start[0], Write(_COMMANDS, bytes([live]), response=True))
        self.descriptor = replace(DESCRIPTOR, n_channels=n_channels, start=start)
        self._bits = _BITS[:n_channels]
        self._stream = FrameStream(_BYTES[n_channels], _is_frame, _follows)

    def decode(self, data: bytes) -> list[Chunk]:
        """Return the samples that a notification completes, damage flagged; raise PacketError for no notification."""
        found = self._stream.push(checked(data, DESCRIPTOR.key))
        return [chunk for run in found for chunk in self._chunks(run)]

    def _chunks(self, run: FrameRun) -> list[Chunk]:
        values = np.array([self._volts(frame) for frame in run.frames])
        counters = [frame[-1] >> 4 for frame in run.frames]
        size = len(run.frames[0])
        flags = () if run.skipped == 0 else ("crc",) if run.skipped % size == 0 else ("resync",)
        return [
            Chunk(counters[part.start], values[part], flags=flags if part.start == 0 else ())
            for part in runs(counters, 16)
        ]

    def _volts(self, frame: bytes) -> list[float]:
        word, at = int.from_bytes(frame, "little"), 8 * len(frame) - 12
        volts = []
        for bits in self._bits:
            at -= bits
            code = (word >> at) & ((1 << bits) - 1)
            volts.append((code / (1 << bits) - 0.5) * _FULL_SCALE_V / _GAIN)
        return volts
