"""Bytes of a Myo armband."""

from __future__ import annotations

from emgorder.model import IntArray
from emgorder.simulate.packets.base import PacketProfile, blocks, fitting

__all__ = ["FRAMES", "PROFILE", "encode"]

FRAMES = 2


def encode(counts: IntArray, first_index: int = 0) -> list[bytes]:
    """Return notifications of two samples of counts of shape (n_samples, 8), 8 bits; samples are not numbered.

    Examples
    --------
    >>> import numpy as np
    >>> encode(np.array([[1, -1, 127, -128, 10, 0, -10, 5], [2, -2, 0, 0, 11, 1, -9, -5]]))[0].hex()
    '01ff7f800a00f60502fe00000b01f7fb'
    """
    return [block.astype("i1").tobytes() for block in blocks(fitting(counts, -128, 127, 8), FRAMES)]


PROFILE = PacketProfile(
    key="myo",
    n_channels=8,
    frames=FRAMES,
    volts_per_count=1e-5,  # made up
    middle=0,
    lowest=-128,
    highest=127,
    encode=encode,
)
