"""Bytes of a BITalino over Bluetooth Low Energy."""

from __future__ import annotations

import numpy as np

from emgorder.model import IntArray
from emgorder.simulate.packets.base import PacketProfile, blocks, fitting

__all__ = ["FRAMES", "PROFILE", "encode", "encode_frame"]

FRAMES = 5  # of two channels: 20 bytes
_BITS = (10, 10, 10, 10, 6, 6)


def encode(counts: IntArray, first_index: int, *, digital: int = 0) -> list[bytes]:
    """Return the notifications of 5 frames each.

    Parameters
    ----------
    counts : ndarray of int, shape (n_samples, n_channels)
        A1 first; 0 to 1023, from the fifth channel on 0 to 63.
    first_index : int
        Number of the first sample since the stream began.
    digital : int
        The four digital lines.

    Examples
    --------
    >>> import numpy as np
    >>> packet, = encode(np.tile([600, 511], (5, 1)), 5, digital=0b1010)
    >>> packet[:4].hex(" ")
    'ff 61 a9 56'
    """
    return [
        b"".join(encode_frame(row, first_index + number * FRAMES + i, digital) for i, row in enumerate(block))
        for number, block in enumerate(blocks(np.asarray(counts), FRAMES))
    ]


def encode_frame(values: IntArray, index: int, digital: int = 0) -> bytes:
    """Return one frame of 1 to 6 values; its sequence number is `index` modulo 16."""
    bits = _BITS[: len(values)]
    for value, width in zip(values, bits, strict=True):
        fitting(np.array([[value]]), 0, (1 << width) - 1)
    word, length = digital & 15, 12
    for value, width in zip(values, bits, strict=True):
        word, length = word << width | int(value), length + width
    size = (length + 7) // 8
    word = (index % 16) << (8 * size - 4) | word << (8 * size - length)
    frame = word.to_bytes(size, "little")
    return frame[:-1] + bytes([frame[-1] | _crc(frame)])


def _crc(frame: bytes) -> int:
    """Return the remainder of a frame, its CRC at zero, divided by x^4 + x + 1."""
    rest = int.from_bytes(frame, "big")
    for bit in range(8 * len(frame) - 1, 3, -1):
        if rest >> bit & 1:
            rest ^= 0b10011 << (bit - 4)
    return rest


PROFILE = PacketProfile(
    key="bitalino",
    n_channels=2,
    frames=FRAMES,
    volts_per_count=3.3 / 1009 / 1024,
    middle=512,
    lowest=0,
    highest=1023,
    encode=encode,
)
