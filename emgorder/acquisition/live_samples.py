"""Samples of one link while it runs: decoded, numbered, with what is missing before them."""

from __future__ import annotations

from typing import NamedTuple

from emgorder.acquisition.transport import LinkEvent, Packet, SensorInfo
from emgorder.acquisition.unwrap import Numbering
from emgorder.clock import ClockModel
from emgorder.errors import PacketError
from emgorder.model import FloatArray
from emgorder.sensors.base import Decoder, SensorDescriptor
from emgorder.sensors.emgo1 import Emgo1Decoder
from emgorder.sensors.emgo1_control import read_info
from emgorder.sensors.registry import key_of_firmware, make_decoder

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
        Notifications that were no packets, or of another rate or number of channels than those before.
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
        self._shape: tuple[int, float] | None = None  # channels and rate of what was taken
        self._begin()

    @property
    def descriptor(self) -> SensorDescriptor:
        """What is decoded."""
        return self._decoder.descriptor

    def packet(self, packet: Packet) -> list[Block]:
        """Return the samples that a notification completes; those that were there already are left out."""
        if self._numbering.repeats(packet.t_host_s, packet.data):
            return []
        try:
            chunks = [chunk for chunk in self._decoder.decode(packet.data) if len(chunk.values)]
        except PacketError:
            self.n_damaged += 1
            return []
        rate = self.descriptor.sampling_frequency
        for shape in {(chunk.values.shape[1], rate) for chunk in chunks}:
            self._shape = self._shape or shape
            if shape != self._shape:  # the recording leaves it out, too
                self.n_damaged += 1
                return []
        if rate != self._rate:  # INFO has told it, or the length of the packets
            self.clock = self._new_clock()
        blocks = []
        for chunk in chunks:
            for placed in self._numbering.push(packet.t_host_s, chunk, rate):
                if placed.anew:
                    self.clock = self._new_clock()
                blocks.append(Block(placed.start, placed.missing, placed.chunk.values))
                self.clock.push(placed.start + len(placed.chunk.values) - 1, placed.t_host_s)
        return blocks

    def event(self, item: LinkEvent) -> None:
        """Take what happened to the link: it may count anew, EMGO-1 tells its gain, a Ganglion its firmware."""
        if item.kind == "up":
            if self._numbering.begun:
                self._begin()
        elif item.kind == "info":
            try:
                if not self._info:  # it tells what those before it were, too
                    self._shape = None
                self._info = bytes.fromhex(item.detail)
                if (key := key_of_firmware(self._key, self._info)) != self._key:
                    self._key = key
                    self._begin()
                self._calibrate()
            except (ValueError, PacketError):
                self._info = b""
                self.n_damaged += 1

    def _begin(self) -> None:
        self._decoder: Decoder = make_decoder(self._key)
        self._calibrate()
        self._numbering = Numbering(self.descriptor.counter_modulus)
        self.clock = self._new_clock()

    def _new_clock(self) -> ClockModel:
        kind = self.descriptor
        self._rate = kind.sampling_frequency
        return ClockModel(kind.sampling_frequency, tolerance_ppm=kind.rate_tolerance_ppm)

    def _calibrate(self) -> None:
        if self._info and isinstance(self._decoder, Emgo1Decoder):
            self._decoder.calibrate(read_info(self._info))
