"""OpenBCI Ganglion: 4 channels at 200 Hz, two samples a packet of 20 bytes.

Firmware 3: packets 0 to 99 hold 8 values of 18 bits and one byte of the accelerometer, packets 100 to 199 hold 8 of
19 bits, most significant bit first; they are the upper bits of a 24-bit count, and the lowest bit of each repeats the
sign: count = (word without its lowest bit) << 6 or 5.

Firmware 2: packet 0 holds one sample of 4 x 24 bits; packets 1 to 100 (18 bits) and 101 to 200 (19 bits) hold two
samples each as differences, to be subtracted from the sample before; the lowest bit of a difference is its sign.
A lost packet makes the differences useless until the next packet 0.

Layout of firmware 3 from the vendor's page and an independent client, of firmware 2 from the vendor's clients.
Characteristic 2A28 begins with the number of the firmware. 201 to 207 are impedances and text.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from emgorder.errors import PacketError
from emgorder.model import FloatArray
from emgorder.sensors.base import Chunk, SensorDescriptor, Write
from emgorder.sensors.parts import checked, short_uuid, wrong_length

__all__ = ["DESCRIPTOR", "DESCRIPTOR_2", "Ganglion2Decoder", "GanglionDecoder"]

_WRITE = "2d30c083-f39f-4ce6-923f-3484ea480596"
_VOLTS = 1.2 / (8388607 * 1.5 * 51)  # reference over full scale and both gains: 0.00187 µV
_GRID = (
    "Its samples are 5 ms apart: the order of two muscles can be told on that grid only, not in single milliseconds."
)

DESCRIPTOR = SensorDescriptor(
    key="ganglion",
    title="OpenBCI Ganglion (firmware 3)",
    n_channels=4,
    sampling_frequency=200.0,
    unit="V",
    kind="raw",
    service=short_uuid(0xFE84),
    notify="2d30c082-f39f-4ce6-923f-3484ea480596",
    names=("Ganglion", "Simblee"),
    start=(Write(_WRITE, b"b"),),
    stop=(Write(_WRITE, b"s"),),
    counter_modulus=200,
    rate_tolerance_ppm=2_000.0,
    caveat=_GRID,
    firmware=short_uuid(0x2A28),
)

DESCRIPTOR_2 = replace(
    DESCRIPTOR,
    key="ganglion_2",
    title="OpenBCI Ganglion (firmware 2)",
    counter_modulus=201,
    caveat=f"{_GRID} A lost packet costs all samples until the next full one, up to half a second.",
)

_LENGTH, _OTHER = 20, range(201, 208)


def _words(data: bytes, bits: int) -> list[int]:
    """Return the 8 unsigned words behind the number of a packet."""
    packed = int.from_bytes(data[1:], "big")
    top = 8 * (len(data) - 1)
    return [(packed >> (top - bits * (i + 1))) & ((1 << bits) - 1) for i in range(8)]


def _checked(data: bytes, sensor: str) -> bytes | None:
    """Return a packet of samples, None for one of another kind."""
    data = checked(data, sensor)
    if data[0] in _OTHER:
        return None
    if data[0] > _OTHER[-1]:
        raise PacketError(f"unknown packet number {data[0]}", sensor=sensor, data=data)
    if len(data) != _LENGTH:
        raise wrong_length(data, sensor, str(_LENGTH))
    return data


class GanglionDecoder:
    """Decodes the notifications of one Ganglion with firmware 3.

    Examples
    --------
    >>> chunk, = GanglionDecoder().decode(bytes.fromhex("6500005ffffc01f47fc197fffd0000400027fffb"))
    >>> chunk.counter, (chunk.values[0] / (1.2 / (8388607 * 1.5 * 51)) / 32).round().tolist()
    (2, [2.0, -2.0, 1000.0, -1000.0])
    """

    descriptor = DESCRIPTOR

    def decode(self, data: bytes) -> list[Chunk]:
        """Return the two samples of a packet, none for impedances and text; else raise PacketError."""
        packet = _checked(data, DESCRIPTOR.key)
        if packet is None:
            return []
        number = packet[0]
        if number >= 200:
            raise PacketError("packet 200 belongs to firmware 2", sensor=DESCRIPTOR.key, data=packet)
        bits = 18 if number < 100 else 19
        counts = [((w - (1 << bits) if w >> (bits - 1) else w) & ~1) << (24 - bits) for w in _words(packet, bits)]
        values: FloatArray = np.array(counts, dtype=np.float64).reshape(2, 4) * _VOLTS
        return [Chunk(2 * (number % 100), values)]


class Ganglion2Decoder:
    """Decodes the notifications of one Ganglion with firmware 2; holds the last sample.

    Examples
    --------
    >>> decoder = Ganglion2Decoder()
    >>> start = bytes([0]) + bytes.fromhex("000064 0000c8 00012c ffff9c") + bytes(7)
    >>> [round(v * 1e12) for v in decoder.decode(start)[0].values[0]]  # 100, 200, 300 and -100 counts
    [186995, 373990, 560985, -186995]
    """

    descriptor = DESCRIPTOR_2

    def __init__(self) -> None:
        self._last = [0, 0, 0, 0]
        self._next: int | None = None  # number of the packet that the differences continue with, 1 to 100

    def decode(self, data: bytes) -> list[Chunk]:
        """Return the samples of a packet, none while the differences have no start; else raise PacketError."""
        packet = _checked(data, DESCRIPTOR_2.key)
        if packet is None:
            return []
        number = packet[0]
        if number == 0:
            self._last = [int.from_bytes(packet[i : i + 3], "big", signed=True) for i in (1, 4, 7, 10)]
            self._next = 1
            return [Chunk(0, np.array([self._last], dtype=np.float64) * _VOLTS)]
        place = (number - 1) % 100 + 1
        if place != self._next:
            self._next = None
            return []
        self._next = place + 1
        bits = 18 if number <= 100 else 19
        steps = [w - (1 << bits) if w & 1 else w for w in _words(packet, bits)]
        rows = []
        for sample in (steps[:4], steps[4:]):
            self._last = [value - step for value, step in zip(self._last, sample, strict=True)]
            rows.append(self._last)
        return [Chunk(2 * place - 1, np.array(rows, dtype=np.float64) * _VOLTS)]
