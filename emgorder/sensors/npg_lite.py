"""Upside Down Labs NPG Lite: 3 or 6 channels of 12 bits at 500 Hz, a counter in every sample.

A sample is ``counter u8 | n_channels x u16 big-endian`` (0 to 4095, about 3.3 V full scale behind an unknown gain, so
values stay counts). The length of a notification tells its layout. Facts from the public firmware and client; no
device was at hand.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from emgorder.errors import PacketError
from emgorder.sensors.base import Chunk, SensorDescriptor, Write
from emgorder.sensors.parts import checked, runs, wrong_length

__all__ = ["DESCRIPTOR", "NpgLiteDecoder"]

_CONTROL = "0000ff01-0000-1000-8000-00805f9b34fb"

DESCRIPTOR = SensorDescriptor(
    key="npg_lite",
    title="Upside Down Labs NPG Lite",
    n_channels=3,
    sampling_frequency=500.0,
    unit="a.u.",
    kind="raw",
    service="4fafc201-1fb5-459e-8fcc-c5c9c331914b",
    notify="beb5483e-36e1-4688-b7f5-ea07361b26a8",
    names=("NPG-Lite", "NPG-LITE"),
    start=(Write(_CONTROL, b"START"),),
    stop=(Write(_CONTROL, b"STOP"),),
    counter_modulus=256,
    channel_skew_s=1 / (500 * 4),  # the converter visits n + 1 inputs in turn
    caveat=(
        "Amplitudes are in converter counts, because the gain is not published. Its channels are read one after the "
        "other, 0.5 ms apart (corrected). Losses of exactly 256 samples, half a second, cannot be seen."
    ),
    battery="f633d0ec-46b4-43c1-a39f-1ca06d0602e1",
)

_HIGHEST = 4095
# bytes of a notification: channels, Hz
_LAYOUTS = {70: (3, 500.0), 130: (6, 500.0), 175: (3, 250.0), 7: (3, 500.0), 13: (6, 500.0)}


class NpgLiteDecoder:
    """Decodes the notifications of one NPG Lite; its descriptor follows the layout that arrives.

    Examples
    --------
    >>> chunk, = NpgLiteDecoder().decode(bytes.fromhex("fe 0800 07ff 0fff"))
    >>> chunk.counter, chunk.values.tolist()
    (254, [[2048.0, 2047.0, 4095.0]])
    """

    def __init__(self) -> None:
        self._descriptor = DESCRIPTOR

    @property
    def descriptor(self) -> SensorDescriptor:
        """What is decoded, with the number of channels and the rate of the last notification."""
        return self._descriptor

    def decode(self, data: bytes) -> list[Chunk]:
        """Return the samples of a notification, a chunk for each run of the counter; else raise PacketError."""
        data = checked(data, DESCRIPTOR.key)
        if len(data) not in _LAYOUTS:
            raise wrong_length(data, DESCRIPTOR.key, "70, 130, 175, 13 or 7")
        n_channels, rate = _LAYOUTS[len(data)]
        rows = np.frombuffer(data, np.dtype([("counter", "u1"), ("values", ">u2", (n_channels,))]))
        if rows["values"].max() > _HIGHEST:
            text = f"a value of {rows['values'].max()}, 12 bits end at {_HIGHEST}"
            raise PacketError(text, sensor=DESCRIPTOR.key, data=data)
        if (n_channels, rate) != (self._descriptor.n_channels, self._descriptor.sampling_frequency):
            self._descriptor = replace(
                DESCRIPTOR,
                n_channels=n_channels,
                sampling_frequency=rate,
                channel_skew_s=1 / (rate * (n_channels + 1)),
            )
        counters = [int(c) for c in rows["counter"]]
        return [Chunk(counters[run.start], rows["values"][run].astype(np.float64)) for run in runs(counters, 256)]
