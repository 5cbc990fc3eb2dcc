"""How a link does: samples a second, samples lost, time between packets."""

from __future__ import annotations

import statistics
from collections import deque
from collections.abc import Callable

from emgorder.acquisition.transport import EventKind, Packet
from emgorder.errors import PacketError
from emgorder.sensors.base import Decoder

__all__ = ["Meter"]

RATE_REPORTS = 10
"""Over how many reports the rate is taken."""


class Meter:
    """Counts what one link delivers between two reports.

    Parameters
    ----------
    decoder : callable, optional
        Makes the decoder of a new connection. Without it packets are counted instead of samples, and no loss is seen.
        With it the rate is the sensor's own: lost samples count, as far as its counter tells of them.

    Examples
    --------
    >>> meter = Meter()
    >>> for i in range(51):
    ...     meter.packet(Packet("a", i * 0.02, b""))
    >>> meter.report()
    [('rate', '50.0 packets/s'), ('interval', '20.0 ms')]
    """

    def __init__(self, decoder: Callable[[], Decoder] | None = None) -> None:
        self._make = decoder
        self.restart()

    def restart(self) -> None:
        """Begin anew after a reconnection."""
        self._decoder = self._make() if self._make else None
        self._expected: int | None = None
        self._total = 0
        # (arrival, samples so far): a connection interval makes the rate of a single second uncertain by a percent
        self._marks: deque[tuple[float, int]] = deque(maxlen=RATE_REPORTS + 1)
        self._clear()

    def _clear(self) -> None:
        self._arrived_s: list[float] = []
        self._lost = self._bad = 0

    def packet(self, packet: Packet) -> None:
        """Count one packet."""
        n = 1
        if self._decoder is not None:
            try:
                n = self._samples(self._decoder, packet.data)
            except PacketError:
                self._bad += 1
                return
        self._arrived_s.append(packet.t_host_s)
        self._total += n
        if not self._marks:
            self._marks.append((packet.t_host_s, self._total))

    def _samples(self, decoder: Decoder, data: bytes) -> int:
        n, modulus = 0, decoder.descriptor.counter_modulus
        for chunk in decoder.decode(data):
            n += len(chunk.values)
            if chunk.counter is None or modulus is None:
                continue
            gap = 0 if self._expected is None else (chunk.counter - self._expected) % modulus
            if gap < modulus // 2:  # else it is a repeated packet, or the sensor began anew
                self._lost += gap
                self._total += gap
            self._expected = (chunk.counter + len(chunk.values)) % modulus
        return n

    def report(self) -> list[tuple[EventKind, str]]:
        """Return the events since the last report: rate and interval if there were packets, loss if any was lost."""
        told: list[tuple[EventKind, str]] = []
        if len(self._arrived_s) > 1:
            spans = [b - a for a, b in zip(self._arrived_s, self._arrived_s[1:], strict=False)]
            (first_s, before), last_s = self._marks[0], self._arrived_s[-1]
            self._marks.append((last_s, self._total))
            if last_s > first_s:
                unit = "Hz" if self._decoder is not None else "packets/s"
                told.append(("rate", f"{(self._total - before) / (last_s - first_s):.1f} {unit}"))
            told.append(("interval", f"{statistics.median(spans) * 1e3:.1f} ms"))
        if self._lost:
            told.append(("loss", f"{self._lost} samples"))
        if self._bad:
            told.append(("note", f"{self._bad} packets were none"))
        self._clear()
        return told
