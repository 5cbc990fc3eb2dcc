"""Bytes of a Ganglion with firmware 3, and with firmware 2 (differences)."""

from __future__ import annotations

from emgorder.errors import SettingsError
from emgorder.model import IntArray
from emgorder.simulate.packets.base import PacketProfile, blocks, fitting

__all__ = ["CYCLE_2", "FRAMES", "PROFILE", "encode", "encode_2"]

FRAMES, CYCLE_2 = 2, 201
_LIMIT = 1 << 23


def encode(counts: IntArray, first_index: int, *, bits: int = 19) -> list[bytes]:
    """Return the packets of firmware 3, two samples each.

    Parameters
    ----------
    counts : ndarray of int, shape (n_samples, 4)
        24 bits; all but the upper 18 (17) of them are lost on the way.
    first_index : int
        Number of the first sample since the stream began, even.
    bits : {19, 18}
        18 with the accelerometer (at rest here).

    Examples
    --------
    >>> import numpy as np
    >>> encode(np.array([[64, -64, 32000, -32000], [0, 0, 0, 0]]), 2)[0].hex()
    '6500005ffffc01f47fc190000000000000000000'
    """
    if first_index % FRAMES:
        raise SettingsError(f"{first_index} is odd; a packet begins with an even sample", key="first_index")
    packets = []
    for number, block in enumerate(blocks(fitting(counts, -_LIMIT, _LIMIT - 1, 4), FRAMES)):
        words = [(int(c) >> (24 - bits)) & ~1 | int(c < 0) for c in block.reshape(-1)]
        place = (first_index // FRAMES + number) % 100
        packets.append(bytes([place + (100 if bits == 19 else 0)]) + _packed(words, bits))
    return packets


def encode_2(counts: IntArray, *, bits: int = 19) -> list[bytes]:
    """Return the packets of firmware 2, from a full one on.

    Parameters
    ----------
    counts : ndarray of int, shape (n_samples, 4)
        24 bits; an odd number of samples, neighbours less than ``2**bits`` apart. Differences lose their lowest bit
        to the sign; the next one makes up for it.
    bits : {19, 18}
        Of a difference.

    Examples
    --------
    >>> import numpy as np
    >>> [packet[0] for packet in encode_2(np.zeros((5, 4), np.intp))]
    [0, 101, 102]
    """
    counts = fitting(counts, -_LIMIT, _LIMIT - 1, 4)
    packets, known = [], [0, 0, 0, 0]
    at = 0
    while at < len(counts):
        place = at % CYCLE_2
        if place == 0:
            known = [int(c) for c in counts[at]]
            packets.append(bytes([0]) + b"".join(c.to_bytes(3, "big", signed=True) for c in known) + bytes(7))
            at += 1
            continue
        words = []
        for row in counts[at : at + 2]:
            steps = [_signed(before - int(c), bits) for before, c in zip(known, row, strict=True)]
            known = [before - step for before, step in zip(known, steps, strict=True)]
            words += steps
        if len(words) != 8:
            raise SettingsError("the last packet wants two samples", key="counts")
        packets.append(bytes([(place + 1) // 2 + (100 if bits == 19 else 0)]) + _packed(words, bits))
        at += 2
    return packets


def _signed(step: int, bits: int) -> int:
    """Return the nearest difference whose lowest bit is its sign."""
    if abs(step) >= 1 << bits:
        raise SettingsError(f"a step of {step} does not fit {bits} bits", key="counts")
    return step | 1 if step < 0 else step & ~1


def _packed(words: list[int], bits: int) -> bytes:
    packed = 0
    for word in words:
        packed = packed << bits | word & ((1 << bits) - 1)
    return (packed << (152 - bits * len(words))).to_bytes(19, "big")


PROFILE = PacketProfile(
    key="ganglion",
    n_channels=4,
    frames=FRAMES,
    volts_per_count=1.2 / (8388607 * 1.5 * 51),
    middle=0,
    lowest=-_LIMIT,
    highest=_LIMIT - 1,
    encode=encode,
)
