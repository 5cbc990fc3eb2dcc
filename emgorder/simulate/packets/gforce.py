"""Bytes of a gForcePro+ armband."""

from __future__ import annotations

from emgorder.model import IntArray
from emgorder.simulate.packets.base import PacketProfile, blocks, fitting

__all__ = ["FRAMES", "PROFILE", "encode", "fragments"]

FRAMES = 16


def encode(counts: IntArray, first_index: int = 0) -> list[bytes]:
    """Return packets of 16 samples of counts of shape (n_samples, 8), 0 to 255; samples are not numbered.

    Examples
    --------
    >>> import numpy as np
    >>> packet, = encode(np.full((16, 8), 128))
    >>> len(packet), packet[:3].hex(" ")
    (129, '08 80 80')
    """
    return [b"\x08" + block.astype("u1").tobytes() for block in blocks(fitting(counts, 0, 255, 8), FRAMES)]


def fragments(packet: bytes, size: int) -> list[bytes]:
    """Return a packet as notifications of at most `size` bytes, numbered down to 0.

    Examples
    --------
    >>> [part[:2].hex() for part in fragments(bytes(129), 66)]
    ['ff02', 'ff01', 'ff00']
    """
    parts = [packet[at : at + size - 2] for at in range(0, len(packet), size - 2)]
    return [bytes([0xFF, len(parts) - 1 - i]) + part for i, part in enumerate(parts)]


PROFILE = PacketProfile(
    key="gforce",
    n_channels=8,
    frames=FRAMES,
    volts_per_count=1e-5,  # made up
    middle=128,
    lowest=0,
    highest=255,
    encode=encode,
)
