"""Myo armband: 8 channels of 8 bits at 200 Hz, no counter (commands and layout from the vendor's ``myohw.h``).

Four characteristics take turns; each notification holds two samples of 8 x int8. Values are counts.
"""

from __future__ import annotations

import numpy as np

from emgorder.sensors.base import Chunk, SensorDescriptor, Write
from emgorder.sensors.parts import checked, wrong_length

__all__ = ["DESCRIPTOR", "MyoDecoder"]


def _uuid(number: int) -> str:
    return f"d506{number:04x}-a904-deb9-4748-2c7f4a124842"


_COMMAND = _uuid(0x0401)

DESCRIPTOR = SensorDescriptor(
    key="myo",
    title="Thalmic Myo armband",
    n_channels=8,
    sampling_frequency=200.0,
    unit="a.u.",
    kind="raw",
    service=_uuid(0x0001),
    notify=_uuid(0x0105),
    names=("Myo",),
    start=(
        Write(_COMMAND, bytes.fromhex("090101"), response=True),  # never sleep
        Write(_COMMAND, bytes.fromhex("0103030000"), response=True),  # raw EMG
    ),
    stop=(Write(_COMMAND, bytes.fromhex("0103000000"), response=True),),
    rate_tolerance_ppm=5_000.0,
    order_verdict=False,
    caveat=(
        "It cannot support an order verdict: it numbers no samples, so that lost ones shift all later times unseen, "
        "and it sits on the forearm. Live feedback only."
    ),
    notify_also=(_uuid(0x0205), _uuid(0x0305), _uuid(0x0405)),
)


class MyoDecoder:
    """Decodes the notifications of one armband.

    Examples
    --------
    >>> chunk, = MyoDecoder().decode(bytes.fromhex("01ff7f800a00f605 02fe00000b01f7fb"))
    >>> chunk.values[0].tolist()
    [1.0, -1.0, 127.0, -128.0, 10.0, 0.0, -10.0, 5.0]
    """

    descriptor = DESCRIPTOR

    def decode(self, data: bytes) -> list[Chunk]:
        """Return the two samples of a notification; raise PacketError when it is not 16 bytes long."""
        data = checked(data, DESCRIPTOR.key)
        if len(data) != 16:
            raise wrong_length(data, DESCRIPTOR.key, "16")
        return [Chunk(None, np.frombuffer(data, "i1").reshape(2, 8).astype(np.float64))]
