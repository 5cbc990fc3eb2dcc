"""What several decoders share: checks of a notification, runs of consecutive counters, UUIDs of the standard."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from emgorder.errors import PacketError

__all__ = ["BATTERY_LEVEL", "MAX_NOTIFICATION", "checked", "runs", "short_uuid", "wrong_length"]

MAX_NOTIFICATION = 512
"""Longest attribute value of Bluetooth Low Energy, bytes."""


def short_uuid(number: int) -> str:
    """Return the full UUID of a 16-bit one.

    Examples
    --------
    >>> short_uuid(0x2A19)
    '00002a19-0000-1000-8000-00805f9b34fb'
    """
    return f"{number:08x}-0000-1000-8000-00805f9b34fb"


BATTERY_LEVEL = short_uuid(0x2A19)


def checked(data: bytes, sensor: str) -> bytes:
    """Return a notification as bytes; raise PacketError when it is empty or longer than Bluetooth allows."""
    data = bytes(data)
    if not data:
        raise PacketError("empty notification", sensor=sensor, data=data)
    if len(data) > MAX_NOTIFICATION:
        raise PacketError(f"longer than the {MAX_NOTIFICATION} bytes of a notification", sensor=sensor, data=data)
    return data


def wrong_length(data: bytes, sensor: str, expected: str) -> PacketError:
    """Return the error of a notification whose length is none of the sensor's."""
    return PacketError(
        f"a notification of {len(data)} bytes, expected {expected}; is this another firmware?", sensor=sensor, data=data
    )


def runs(counters: Sequence[int], modulus: int) -> list[slice]:
    """Return the stretches in which a counter goes up by one, modulo `modulus`.

    Examples
    --------
    >>> runs([14, 15, 0, 3, 4], 16)
    [slice(0, 3, None), slice(3, 5, None)]
    """
    breaks = [i for i in range(1, len(counters)) if (counters[i] - counters[i - 1]) % modulus != 1]
    edges = [0, *breaks, len(counters)]
    return [slice(start, stop) for start, stop in pairwise(edges) if stop > start]
