"""From the records of a journal to the samples of each sensor, numbered without a hole that is not counted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from emgorder.acquisition.streams import PING, Piece, SensorStream
from emgorder.acquisition.unwrap import WIDE, Numbering, Placed, missing_wraps
from emgorder.errors import PacketError
from emgorder.io.journal import Record
from emgorder.model import FloatArray
from emgorder.sensors.base import Chunk, Decoder, SensorDescriptor
from emgorder.sensors.emgo1 import Emgo1Decoder
from emgorder.sensors.emgo1_control import SyncReply, is_ping, read_info, read_status, read_sync_reply
from emgorder.sensors.registry import key_of_firmware, make_decoder

__all__ = ["read_streams"]

_LONGEST_PING_S = 60.0


def read_streams(records: Iterable[Record], kinds: dict[str, str]) -> list[SensorStream]:
    """Return the samples of each sensor.

    Parameters
    ----------
    records : iterable of Record
        Of a journal, in order.
    kinds : dict of str to str
        Link id to key of the registry; records of other links are passed over.

    Returns
    -------
    list of SensorStream
        In the order of `kinds`; a sensor that sent nothing has no pieces.
    """
    builders = {sensor: _Builder(sensor, key) for sensor, key in kinds.items()}
    for record in records:
        if record.kind == "segment":
            said = record.content()
            # A host that only stalled has kept its clock; packets that waited for it are late like others.
            if said.get("refit") and said.get("reason") != "stall":
                for builder in builders.values():
                    if record.sensor in ("", builder.sensor):
                        builder.interrupt(restarted=record.sensor != "")
        elif record.sensor in builders:
            if record.kind == "packet":
                builders[record.sensor].packet(record.t_host_s, record.data)
            elif record.kind == "event":
                said = record.content()
                builder = builders[record.sensor]
                builder.event(record.t_host_s, str(said.get("kind")), str(said.get("text", "")))
                if said.get("kind") in ("up", "down"):
                    builder.lost = said.get("kind") == "down" and not said.get("requested")
    last_s = max((builder.last_s for builder in builders.values()), default=0.0)
    return [builder.finish(last_s) for builder in builders.values()]


@dataclass(slots=True)
class _Part:
    """A piece while it grows; `starts` and `sizes` are of chunks, `ends` of the last chunk of each packet."""

    run: int
    starts: list[int] = field(default_factory=list)
    values: list[FloatArray] = field(default_factory=list)
    packet_of: list[int] = field(default_factory=list)
    last_index: list[int] = field(default_factory=list)
    t_host_s: list[float] = field(default_factory=list)
    pings: list[tuple[float, float]] = field(default_factory=list)


class _Builder:
    """Takes the records of one link."""

    def __init__(self, sensor: str, key: str) -> None:
        self.sensor = sensor
        self.lost = False  # its link, at the moment
        self.last_s = -math.inf  # arrival of its last packet
        self._key = key
        self._info: bytes = b""
        self._boot: int | None = None
        self._decoder: Decoder = make_decoder(key)
        self._modulus = self._decoder.descriptor.counter_modulus
        self._numbering = Numbering(self._modulus)
        self._run = 0
        self._parts = [_Part(0)]
        self._kind: SensorDescriptor | None = None  # of the samples that were taken
        self._width = 0  # their channels
        self._clock: tuple[int, int] | None = None  # running number and device clock (µs) of a sample
        self._pinged: dict[int, float] = {}
        self._interval_s: float | None = None
        self._n_packets = self._n_damaged = self._n_unlike = 0
        self._flags: Counter[str] = Counter()

    def event(self, t_host_s: float, kind: str, text: str) -> None:
        """Take what happened to the link."""
        if kind == "up":
            self._decoder = self._new_decoder()
            self._numbering.reconnect()
            if self._numbering.begun and (self._modulus is None or self._modulus < WIDE):
                self.interrupt(restarted=True)  # how many turns of the counter went by meanwhile is not known
        elif kind == "sync" and text.startswith(PING):
            number = text.removeprefix(PING).strip()
            if number.isdigit():
                self._pinged[int(number) % 256] = t_host_s
        elif kind in ("info", "status", "sync"):
            try:
                self._told(t_host_s, kind, bytes.fromhex(text))
            except (ValueError, PacketError):
                self._n_damaged += 1

    def interrupt(self, *, restarted: bool) -> None:
        """Begin a new piece; a sensor that restarted also counts anew."""
        if restarted:
            self._run += 1
            self._numbering.restart()
            self._clock = None
        self._parts.append(_Part(self._run))

    def packet(self, t_host_s: float, data: bytes) -> None:
        """Take a notification."""
        if self._numbering.repeats(t_host_s, data):
            return
        try:
            chunks = self._decoder.decode(data)
        except PacketError:
            self._n_damaged += 1
            return
        chunks = [chunk for chunk in chunks if len(chunk.values)]
        if not all(map(self._fits, chunks)):
            self._n_unlike += 1
            return
        self._n_packets += 1
        self.last_s = t_host_s
        rate = self._decoder.descriptor.sampling_frequency
        placed = [each for chunk in chunks for each in self._numbering.push(t_host_s, chunk, rate)]
        for each, then in zip(placed, [*placed[1:], None], strict=False):
            self._place(each)
            if then is None or then.anew or then.t_host_s != each.t_host_s:
                part = self._parts[-1]
                part.last_index.append(each.start + len(each.chunk.values) - 1)
                part.t_host_s.append(each.t_host_s)

    def finish(self, last_s: float) -> SensorStream:
        """Return what was taken; the last packet of all sensors arrived at `last_s`."""
        self._numbering.flush()
        kind = self._kind or self._decoder.descriptor
        pieces: list[Piece] = []
        n_lost = n_unsure = n_hidden = 0
        for part in self._parts:
            if not part.last_index:
                continue
            before = pieces[-1] if pieces and pieces[-1].run == part.run else None
            if before is None:
                n_hidden = 0
            piece, n_hidden, unsure = self._piece(part, n_hidden, kind.sampling_frequency)
            pieces.append(piece)
            n_unsure += unsure
            first = piece.index[0] if before is None else before.index[-1] + 1
            n_lost += int(piece.index[-1] - first) + 1 - piece.index.size
        return SensorStream(
            self.sensor,
            kind,
            tuple(pieces),
            self._interval_s,
            self._n_packets,
            self._numbering.n_duplicates,
            self._n_damaged,
            n_lost,
            n_unsure,
            self._flags,
            self._numbering.n_outliers,
            self._numbering.n_restarts,
            self._n_unlike,
            last_s - self.last_s if self.lost and self._n_packets else None,
        )

    def _piece(self, part: _Part, n_hidden: int, rate_Hz: float) -> tuple[Piece, int, int]:
        """Return a part that has grown, with the samples up to its end that the counter hid by turning, and the unsure.

        `n_hidden` are those before it, since the counter began.
        """
        last, arrived = np.array(part.last_index, dtype=np.intp), np.array(part.t_host_s)
        hidden, n_unsure = np.full(last.size, n_hidden, dtype=np.intp), 0
        if self._modulus is not None and self._modulus < WIDE:
            missing, n_unsure = missing_wraps(last, arrived, modulus=self._modulus, sampling_frequency=rate_Hz)
            hidden += missing
        shift = hidden[np.minimum(part.packet_of, last.size - 1)]
        index = np.concatenate(
            [np.arange(a, a + len(v)) + s for a, v, s in zip(part.starts, part.values, shift, strict=True)]
        ).astype(np.intp)
        pings = np.array(part.pings, dtype=np.float64).reshape(-1, 2)
        piece = Piece(part.run, index, np.concatenate(part.values), last + hidden, arrived, pings)
        return piece, int(hidden[-1]), n_unsure

    def _new_decoder(self) -> Decoder:
        decoder = make_decoder(self._key)
        if self._info and isinstance(decoder, Emgo1Decoder):
            decoder.calibrate(read_info(self._info))
        return decoder

    def _told(self, t_host_s: float, kind: str, data: bytes) -> None:
        """Take what the sensor says beside its samples; only an EMGO-1 says more than which firmware it has."""
        if kind == "info" and (key := key_of_firmware(self._key, data)) != self._key:
            self._become(key)
        if self._key != "emgo1":
            return
        if kind == "info":
            self._describe(data)
        elif kind == "status":
            status = read_status(data)
            self._interval_s = status.connection_interval_s or self._interval_s
            self._flags["test_signal"] += status.test_signal
        elif not is_ping(data):
            self._answered(t_host_s, read_sync_reply(data))

    def _become(self, key: str) -> None:
        """Go on as the kind of sensor that its firmware shows it to be."""
        self._key, self._decoder = key, make_decoder(key)
        self._modulus = self._decoder.descriptor.counter_modulus
        if self._numbering.begun:
            self.interrupt(restarted=True)
        self._numbering.recount(self._modulus)

    def _describe(self, data: bytes) -> None:
        """Take INFO; another boot id shows a restart that the link did not."""
        info = read_info(data)
        if self._boot is not None and info.boot_id != self._boot:
            self.interrupt(restarted=True)
        first, self._boot, self._info = not self._info, info.boot_id, data
        if isinstance(self._decoder, Emgo1Decoder):
            self._decoder.calibrate(info)
        if first and self._kind is not None:  # it tells what those before it were, too
            self._kind = replace(self._decoder.descriptor, n_channels=self._width)

    def _answered(self, t_host_s: float, reply: SyncReply) -> None:
        """Take the answer to a ping: which sample was taken when the ping came, against when it was sent."""
        sent_s = self._pinged.pop(reply.id, None)
        if sent_s is None or self._clock is None or not 0 <= t_host_s - sent_s < _LONGEST_PING_S:
            return
        index, device_us = self._clock
        apart_us = (reply.received_us - device_us + 2**31) % 2**32 - 2**31  # the device's clock has 32 bits
        rate = self._decoder.descriptor.sampling_frequency
        self._parts[-1].pings.append((index + apart_us * 1e-6 * rate, sent_s))

    def _fits(self, chunk: Chunk) -> bool:
        """Whether a chunk has as many channels as those before, and was taken at their rate."""
        kind, width = self._decoder.descriptor, chunk.values.shape[1]
        if self._kind is None:
            self._width = width
        elif width != self._width or kind.sampling_frequency != self._kind.sampling_frequency:
            return False
        self._kind = kind
        return True

    def _place(self, placed: Placed) -> None:
        chunk = placed.chunk
        if placed.anew:
            self._run += 1
            if placed.instead:
                self._parts.pop()
            self._parts.append(_Part(self._run))
        part = self._parts[-1]
        part.starts.append(placed.start)
        part.values.append(chunk.values)
        part.packet_of.append(len(part.last_index))
        if chunk.device_us is not None:
            self._clock = placed.start, chunk.device_us
        self._flags.update(chunk.flags)
