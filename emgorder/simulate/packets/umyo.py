"""Bytes of a uMyo with its Bluetooth (GATT) firmware."""

from __future__ import annotations

from emgorder.model import IntArray
from emgorder.simulate.packets.base import PacketProfile, blocks, fitting

__all__ = ["FRAMES", "PROFILE", "encode"]

FRAMES = 24


def encode(counts: IntArray, first_index: int, *, frames: int = FRAMES, quaternion: bool = False) -> list[bytes]:
    """Return the notifications.

    Parameters
    ----------
    counts : ndarray of int, shape (n_samples, 1)
        16 bits.
    first_index : int
        Number of the first sample, any size (it wraps).
    frames : {24, 16, 8}
        Samples a notification.
    quaternion : bool
        Put one (zero) behind, as only notifications of 24 samples do.

    Examples
    --------
    >>> import numpy as np
    >>> packet, = encode(np.arange(7988, 7996)[:, None], 100000, frames=8)
    >>> packet[:10].hex(" ", 2)
    'a086 0100 341f 351f 361f'
    """
    packets = []
    for number, block in enumerate(blocks(fitting(counts, -32768, 32767, 1), frames)):
        index = (first_index + number * frames) % 2**32
        packets.append(index.to_bytes(4, "little") + block.astype("<i2").tobytes() + bytes(8 if quaternion else 0))
    return packets


PROFILE = PacketProfile(
    key="umyo",
    n_channels=1,
    frames=FRAMES,
    volts_per_count=1e-6,  # made up
    middle=8000,
    lowest=-32768,
    highest=32767,
    encode=encode,
)
