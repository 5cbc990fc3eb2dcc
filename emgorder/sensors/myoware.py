"""MyoWare 2.0 with its wireless shield, or with a serial-over-Bluetooth sketch: numbers as text, no counter, no times.

The shield (the vendor's Arduino library) sends one number a notification (``1234.00``); the serial variant sends
numbers with a line feed behind each, cut anywhere. Values are counts of the converter. The module's usual output is the
envelope, low-passed at about 3.6 Hz. No rate is defined: it is as fast as the sketch happens to run.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from emgorder.errors import PacketError
from emgorder.sensors.base import Chunk, SensorDescriptor
from emgorder.sensors.parts import checked

__all__ = ["DESCRIPTOR", "DESCRIPTOR_UART", "MyowareDecoder", "MyowareUartDecoder"]

DESCRIPTOR = SensorDescriptor(
    key="myoware",
    title="MyoWare 2.0 wireless shield",
    n_channels=1,
    sampling_frequency=50.0,
    unit="a.u.",
    kind="envelope",
    service="ec3af789-2154-49f4-a9fc-bc6c88e9e930",
    notify="f3a56edf-8f1e-4533-93bf-5601b2e91308",
    names=("MyoWareSensor", "MyoWare"),
    rate_tolerance_ppm=900_000.0,
    order_verdict=False,
    caveat=(
        "It cannot support an order verdict: it sends a smoothed envelope, which rises slowly, and the times of its "
        "samples are unknown. Live feedback only; with the EMGO-1 firmware on the same hardware it can do more."
    ),
)

DESCRIPTOR_UART = replace(
    DESCRIPTOR,
    key="myoware_uart",
    title="MyoWare 2.0, serial over Bluetooth",
    service="6e400001-b5a3-f393-e0a9-e50e24dcca9e",
    notify="6e400003-b5a3-f393-e0a9-e50e24dcca9e",
)

_NUMBER = re.compile(rb"[+-]?\d{1,9}(\.\d{0,9})?")
_MAX_LINE = 32


def _number(text: bytes, sensor: str, data: bytes) -> float:
    text = text.strip(b" \t\r\n\0")
    if not _NUMBER.fullmatch(text):
        raise PacketError("no number", sensor=sensor, data=data)
    return float(text)


class MyowareDecoder:
    """Decodes the notifications of one shield.

    Examples
    --------
    >>> MyowareDecoder().decode(b"1234.00")[0].values.tolist()
    [[1234.0]]
    """

    descriptor = DESCRIPTOR

    def decode(self, data: bytes) -> list[Chunk]:
        """Return the one sample of a notification; raise PacketError when it is no number."""
        data = checked(data, DESCRIPTOR.key)
        return [Chunk(None, np.array([[_number(data, DESCRIPTOR.key, data)]]))]


class MyowareUartDecoder:
    r"""Decodes the lines of one serial variant; holds the beginning of one line at most.

    Lines that are no number are dropped, and the samples after them flagged ``resync``, unless a notification has
    nothing else.

    Examples
    --------
    >>> decoder = MyowareUartDecoder()
    >>> decoder.decode(b"12\n3"), decoder.decode(b"4\n")[0].values.tolist()
    ([Chunk(...)], [[34.0]])
    """

    descriptor = DESCRIPTOR_UART

    def __init__(self) -> None:
        self._held = b""

    def decode(self, data: bytes) -> list[Chunk]:
        """Return the samples whose lines end here; raise PacketError when lines end and none is a number."""
        key = DESCRIPTOR_UART.key
        *lines, rest = (self._held + checked(data, key)).split(b"\n")
        self._held = rest if len(rest) <= _MAX_LINE else b""
        values, wrong = [], None
        for line in lines:
            if not line.strip(b" \t\r\0"):
                continue
            try:
                values.append(_number(line, key, data))
            except PacketError as error:
                wrong = error
        if len(rest) > _MAX_LINE:
            wrong = PacketError(f"no end of line in {len(rest)} bytes", sensor=key, data=data)
        if not values:
            if wrong is not None:
                raise wrong
            return []
        return [Chunk(None, np.array(values)[:, None], flags=() if wrong is None else ("resync",))]
