"""OYMotion gForcePro+ armband: 8 channels of 8 bits at 500 Hz, no counter.

A packet is ``08`` and 16 samples of 8 x uint8, middle 128 (assumed). Where it does not fit a notification it comes in
fragments ``FF n ...`` with ``n`` going down to 0 (from the vendor's clients). Some units have the service under
``f000ffd0-0451-4000-b000-000000000000`` instead. Values are counts about the middle.
"""

from __future__ import annotations

import numpy as np

from emgorder.errors import PacketError
from emgorder.sensors.base import Chunk, SensorDescriptor, Write
from emgorder.sensors.parts import checked, short_uuid, wrong_length

__all__ = ["DESCRIPTOR", "GforceDecoder"]

_COMMAND = "f000ffe1-0451-4000-b000-000000000000"

DESCRIPTOR = SensorDescriptor(
    key="gforce",
    title="OYMotion gForcePro+",
    n_channels=8,
    sampling_frequency=500.0,
    unit="a.u.",
    kind="raw",
    service=short_uuid(0xFFD0),
    notify="f000ffe2-0451-4000-b000-000000000000",
    names=("gForce",),
    start=(
        Write(_COMMAND, bytes.fromhex("3ff401ff008008")),  # 500 Hz, 8 channels, 128 bytes, 8 bits
        Write(_COMMAND, bytes.fromhex("4f80000000")),
    ),
    stop=(Write(_COMMAND, bytes.fromhex("4f00000000")),),
    rate_tolerance_ppm=5_000.0,
    order_verdict=False,
    caveat=(
        "It cannot support an order verdict: it numbers no samples, so that lost ones shift all later times unseen, "
        "and it sits on the forearm. Live feedback only."
    ),
)

_EMG, _FRAGMENT, _MIDDLE = 0x08, 0xFF, 128
_LENGTH = 129


class GforceDecoder:
    """Decodes the notifications of one armband; holds the fragments of one packet at most.

    Examples
    --------
    >>> chunk, = GforceDecoder().decode(bytes([8, 129, 127, *[128] * 126]))
    >>> chunk.values.shape, chunk.values[0, :2].tolist()
    ((16, 8), [1.0, -1.0])
    """

    descriptor = DESCRIPTOR

    def __init__(self) -> None:
        self._held = b""
        self._next: int | None = None

    def decode(self, data: bytes) -> list[Chunk]:
        """Return the samples of a packet once it is whole, none for other kinds of data; else raise PacketError."""
        data = checked(data, DESCRIPTOR.key)
        if data[0] == _FRAGMENT:
            whole = self._gather(data)
            if whole is None:
                return []
            data = whole
        if not 0x01 <= data[0] <= 0x0C:
            raise PacketError(f"unknown kind of data {data[0]:#04x}", sensor=DESCRIPTOR.key, data=data)
        if data[0] != _EMG:
            return []
        if len(data) != _LENGTH:
            raise wrong_length(data, DESCRIPTOR.key, f"{_LENGTH} of EMG")
        values = np.frombuffer(data, "u1", offset=1).reshape(16, 8).astype(np.float64)
        return [Chunk(None, values - _MIDDLE)]

    def _gather(self, data: bytes) -> bytes | None:
        """Return the packet that a fragment completes, None while some are missing."""
        if len(data) < 3:
            raise PacketError("a fragment without content", sensor=DESCRIPTOR.key, data=data)
        number, expected, held = data[1], self._next, self._held
        self._held, self._next = b"", None
        if number == 0 and expected != 0 and len(data) != 2 + _LENGTH:
            raise PacketError("fragments of this packet are missing", sensor=DESCRIPTOR.key, data=data)
        whole = (held if number == expected else b"") + data[2:]
        if len(whole) > _LENGTH:
            raise PacketError(f"fragments of more than {_LENGTH} bytes", sensor=DESCRIPTOR.key, data=data)
        if number == 0:
            return whole
        self._held, self._next = whole, number - 1
        return None
