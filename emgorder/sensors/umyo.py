"""uMyo with its Bluetooth (GATT) firmware: one channel at about 1.1 kHz, an index of 32 bits.

Little-endian: ``index u32 | 8, 16 or 24 x i16`` in 20, 36 or 52 bytes; 60 bytes have a quaternion behind 24 samples,
26 bytes carry no EMG. The vendor's document puts a format byte before some of them (61, 53, 27 bytes): both are
read. The index is that of the first sample. The gain is not published: values stay counts.
"""

from __future__ import annotations

import numpy as np

from emgorder.sensors.base import Chunk, SensorDescriptor
from emgorder.sensors.parts import checked, wrong_length

__all__ = ["DESCRIPTOR", "UmyoDecoder"]

DESCRIPTOR = SensorDescriptor(
    key="umyo",
    title="uMyo",
    n_channels=1,
    sampling_frequency=1116.0,
    unit="a.u.",
    kind="raw",
    service="93375900-f229-8b49-b397-44b5899b8601",
    notify="fc7a850d-c1a5-f61f-0da7-9995621fbd01",
    names=("uMyo",),
    counter_modulus=2**32,
    rate_tolerance_ppm=20_000.0,
    caveat=(
        "Its sampling rate of about 1116 Hz is not stable; it is measured while recording. Two sensors on two muscles "
        "need the tap test, otherwise their clocks cannot be compared."
    ),
)

_FORMAT_BYTE = {61: 60, 53: 52, 27: 26}
_SAMPLES = {20: 8, 36: 16, 52: 24, 60: 24, 26: 0}


class UmyoDecoder:
    """Decodes the notifications of one uMyo.

    Examples
    --------
    >>> chunk, = UmyoDecoder().decode(bytes.fromhex("a0860100 341f 351f 361f 371f 381f 391f 3a1f 3b1f"))
    >>> chunk.counter, chunk.values[:3, 0].tolist()
    (100000, [7988.0, 7989.0, 7990.0])
    """

    descriptor = DESCRIPTOR

    def decode(self, data: bytes) -> list[Chunk]:
        """Return the samples of a notification, none for an auxiliary one; raise PacketError for another length."""
        data = checked(data, DESCRIPTOR.key)
        body = data[1:] if len(data) in _FORMAT_BYTE else data
        if len(body) not in _SAMPLES:
            raise wrong_length(data, DESCRIPTOR.key, "20, 36, 52, 60 or 26 (or 53, 61, 27)")
        n = _SAMPLES[len(body)]
        if n == 0:
            return []
        values = np.frombuffer(body, "<i2", count=n, offset=4).astype(np.float64)
        return [Chunk(int.from_bytes(body[:4], "little"), values[:, None])]
