"""Samples of one link while it runs: decoded, numbered, with what is missing before them."""

from __future__ import annotations

from typing import NamedTuple

from emgorder.acquisition.transport import LinkEvent, Packet, SensorInfo
from emgorder.acquisition.unwrap import step
from emgorder.clock import ClockModel
from emgorder.errors import PacketError
from emgorder.model import FloatArray
from emgorder.sensors.base import Decoder, SensorDescriptor
from emgorder.sensors.emgo1 import Emgo1Decoder
from emgorder.sensors.emgo1_control import read_info
from emgorder.sensors.registry import make_decoder

__all__ = ["Block", "LiveSamples"]


class Block(NamedTuple):
    """Consecutive samples: running number of the first, samples missing before it, values (n, n_channels)."""

    start: int
    missing: int
    values: FloatArray


class LiveSamples:
    """Decodes one link as it comes; the recording that is made of the journal later knows better.

    Parameters
    ----------
    sensor : SensorInfo
        What is at the other end.

    Attributes
    ----------
    n_damaged : int
        Notifications that were no packets.
    clock : ClockModel
        Of the link since it was last connected.

    Examples
    --------
    >>> live = LiveSamples(SensorInfo("left", "MyoWareSensor1", "myoware"))
    >>> [block.values.tolist() for block in live.packet(Packet("left", 1.0, b"512.00"))]
    [[[512.0]]]
    """

    def __init__(self, sensor: SensorInfo) -> None:
        self.n_damaged = 0
        self._key = sensor.key
        self._info = b""
        self._begun = False
        self._next = self._raw = 0  # running number of the next sample, and its counter
        self._begin()

    @property
    def descriptor(self) -> SensorDescriptor:
        """What is decoded."""
        return self._decoder.descriptor

    def packet(self, packet: Packet) -> list[Block]:
        """Return the samples that a notification completes; those that were there already are left out."""
        try:
            chunks = self._decoder.decode(packet.data)
        except PacketError:
            self.n_damaged += 1
            return []
        modulus = self.descriptor.counter_modulus
        blocks = []
        for chunk in chunks:
            if not len(chunk.values):
                continue
            missing = 0
            if self._begun and chunk.counter is not None and modulus:
                missing = step(chunk.counter, self._raw % modulus, modulus)
            if missing < 0:
                continue
            start = self._next + missing
            blocks.append(Block(start, missing, chunk.values))
            self._next = start + len(chunk.values)
            self._raw = (chunk.counter or 0) + len(chunk.values)
            self._begun = True
        if blocks:
            self.clock.push(self._next - 1, packet.t_host_s)
        return blocks

    def event(self, item: LinkEvent) -> None:
        """Take what happened to the link: a new connection may count anew, and EMGO-1 tells its gain."""
        if item.kind == "up":
            if self._begun:
                self._begin()
        elif item.kind == "info":
            try:
                self._info = bytes.fromhex(item.detail)
                self._calibrate()
            except (ValueError, PacketError):
                self._info = b""
                self.n_damaged += 1

    def _begin(self) -> None:
        self._decoder: Decoder = make_decoder(self._key)
        self._calibrate()
        kind = self.descriptor
        self.clock = ClockModel(kind.sampling_frequency, tolerance_ppm=kind.rate_tolerance_ppm)
        self._begun = False
        self._next = self._raw = 0

    def _calibrate(self) -> None:
        if self._info and isinstance(self._decoder, Emgo1Decoder):
            self._decoder.calibrate(read_info(self._info))
