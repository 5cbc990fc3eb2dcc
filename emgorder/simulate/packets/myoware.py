"""Bytes of a MyoWare: numbers as text, with the wireless shield and with the serial variant."""

from __future__ import annotations

from dataclasses import replace

from emgorder.model import IntArray
from emgorder.simulate.packets.base import PacketProfile, fitting

__all__ = ["PROFILE", "PROFILE_UART", "encode", "encode_uart"]


def encode(counts: IntArray, first_index: int = 0) -> list[bytes]:
    """Return a notification for each count of shape (n_samples, 1), 0 to 4095; samples are not numbered.

    Examples
    --------
    >>> import numpy as np
    >>> encode(np.array([[1234]]))
    [b'1234.00']
    """
    return [f"{int(c):.2f}".encode() for c in fitting(counts, 0, 4095, 1)[:, 0]]


def encode_uart(counts: IntArray, first_index: int = 0) -> list[bytes]:
    r"""Return the same as lines.

    Examples
    --------
    >>> import numpy as np
    >>> encode_uart(np.array([[12], [13]]))
    [b'12\n', b'13\n']
    """
    return [f"{int(c)}\n".encode() for c in fitting(counts, 0, 4095, 1)[:, 0]]


PROFILE = PacketProfile(
    key="myoware",
    n_channels=1,
    frames=1,
    volts_per_count=1e-6,  # made up
    middle=0,
    lowest=0,
    highest=4095,
    encode=encode,
)
PROFILE_UART = replace(PROFILE, key="myoware_uart", encode=encode_uart)
