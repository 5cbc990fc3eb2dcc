"""Bytes of a Shimmer3R EXG."""

from __future__ import annotations

from emgorder.model import IntArray
from emgorder.simulate.packets.base import PacketProfile, blocks, fitting

__all__ = ["FRAMES", "PROFILE", "encode"]

FRAMES = 20


def encode(
    counts: IntArray, first_index: int, *, divisor: int = 32, first_tick: int = 0, status: int = 0x80, bits: int = 16
) -> list[bytes]:
    """Return the notifications of 20 frames each.

    Parameters
    ----------
    counts : ndarray of int, shape (n_samples, 2)
        Of `bits` bits.
    first_index : int
        Number of the first sample since the stream began.
    divisor : int
        Ticks of 1/32768 s a sample.
    first_tick : int
        Time stamp of sample 0.
    status : int
        Byte of the front-end.
    bits : {16, 24}
        Of a value.

    Examples
    --------
    >>> import numpy as np
    >>> packet, = encode(np.tile([256, -256], (20, 1)), 0, first_tick=123482)
    >>> len(packet), packet[:9].hex(" ")
    (180, '00 5a e2 01 80 01 00 ff 00')
    """
    width, limit = bits // 8, 1 << (bits - 1)
    counts = fitting(counts, -limit, limit - 1, 2)
    packets = []
    for number, block in enumerate(blocks(counts, FRAMES)):
        packet = b""
        for row, pair in enumerate(block):
            tick = (first_tick + (first_index + number * FRAMES + row) * divisor) % (1 << 24)
            values = b"".join(int(v).to_bytes(width, "big", signed=True) for v in pair)
            packet += b"\0" + tick.to_bytes(3, "little") + bytes([status]) + values
        packets.append(packet)
    return packets


PROFILE = PacketProfile(
    key="shimmer3r",
    n_channels=2,
    frames=FRAMES,
    volts_per_count=2.42 / 12 / 32768,
    middle=0,
    lowest=-32768,
    highest=32767,
    encode=encode,
)
