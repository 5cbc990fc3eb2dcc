"""Bytes of an NPG Lite."""

from __future__ import annotations

from emgorder.model import IntArray
from emgorder.simulate.packets.base import PacketProfile, blocks, fitting

__all__ = ["FRAMES", "PROFILE", "encode"]

FRAMES = 10


def encode(counts: IntArray, first_index: int, *, frames: int = FRAMES) -> list[bytes]:
    """Return the notifications.

    Parameters
    ----------
    counts : ndarray of int, shape (n_samples, n_channels)
        0 to 4095; 3 or 6 channels.
    first_index : int
        Number of the first sample since the stream began.
    frames : {10, 25, 1}
        Samples a notification; 25 is the layout of 250 Hz with 3 channels.

    Examples
    --------
    >>> import numpy as np
    >>> encode(np.array([[2048, 2047, 4095], [2064, 2032, 1]]), 254, frames=1)[1].hex(" ")
    'ff 08 10 07 f0 00 01'
    """
    packets = []
    for number, block in enumerate(blocks(fitting(counts, 0, 4095), frames)):
        packet = b""
        for row, values in enumerate(block):
            counter = (first_index + number * frames + row) % 256
            packet += bytes([counter]) + b"".join(int(v).to_bytes(2, "big") for v in values)
        packets.append(packet)
    return packets


PROFILE = PacketProfile(
    key="npg_lite",
    n_channels=3,
    frames=FRAMES,
    volts_per_count=3.3 / 4096 / 1000,  # a gain of 1000 is made up
    middle=2048,
    lowest=0,
    highest=4095,
    encode=encode,
)
