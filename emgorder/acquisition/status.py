"""How a recording does while it runs: what the screen shows of each sensor and each channel."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from emgorder.acquisition.recorder import Delivery, Mark
from emgorder.acquisition.transport import LinkEvent, Packet, SensorInfo
from emgorder.acquisition.unwrap import step
from emgorder.clock import ClockModel
from emgorder.errors import PacketError, SettingsError
from emgorder.model import FloatArray
from emgorder.sensors.base import Decoder
from emgorder.sensors.emgo1 import Emgo1Decoder
from emgorder.sensors.emgo1_control import read_info
from emgorder.sensors.registry import make_decoder

__all__ = ["LiveStatus", "SensorStatus"]

_WINDOW_S = 0.5
_N_NOTES = 4


@dataclass(slots=True)
class SensorStatus:
    """What is known of a sensor now.

    ``rms`` is of the last half second, a number a channel, in the sensor's unit, its mean taken out.
    """

    sensor: str
    title: str
    labels: tuple[str, ...]
    unit: str
    up: bool = False
    battery: str = ""
    rate: str = ""
    interval: str = ""
    n_samples: int = 0
    n_lost: int = 0
    n_damaged: int = 0
    rms: FloatArray = field(default_factory=lambda: np.zeros(0))
    clock_sd_s: float = math.nan


class LiveStatus:
    """A listener of a recorder that keeps count.

    Parameters
    ----------
    chosen : sequence of SensorInfo
        The sensors that are recorded.
    labels : mapping of str to sequence of str
        Sensor id to the labels of its channels.

    Attributes
    ----------
    notes : deque of str
        The last things that people should know.
    marks : int
        How many were set.

    Examples
    --------
    >>> status = LiveStatus([SensorInfo("left", "MyoWareSensor1", "myoware")], {"left": ["GMAX_R"]})
    >>> status(Packet("left", 1.0, b"512.00"))
    >>> status.sensors()[0].n_samples
    1
    """

    def __init__(self, chosen: Sequence[SensorInfo], labels: Mapping[str, Sequence[str]]) -> None:
        self._watches = {s.id: _Watch(s, tuple(labels.get(s.id, ()))) for s in chosen}
        self.notes: deque[str] = deque(maxlen=_N_NOTES)
        self.marks = 0

    def __call__(self, item: Delivery) -> None:
        """Take what was written."""
        if isinstance(item, Mark):
            self.marks += 1
        elif isinstance(item, Packet):
            if item.sensor in self._watches:
                self._watches[item.sensor].packet(item)
        elif isinstance(item, LinkEvent):
            if item.sensor in self._watches:
                self._watches[item.sensor].event(item)
            if item.kind == "note" or (item.kind == "down" and not item.requested):
                self.notes.append(f"{item.sensor}: {item.detail}" if item.sensor else item.detail)
        elif item.text:
            self.notes.append(item.text)

    def sensors(self) -> list[SensorStatus]:
        """Return what is known now, in the order given."""
        return [watch.look() for watch in self._watches.values()]


class _Watch:
    """Counts one sensor."""

    def __init__(self, sensor: SensorInfo, labels: tuple[str, ...]) -> None:
        self._key = sensor.key
        self._decoder: Decoder = make_decoder(sensor.key)
        kind = self._decoder.descriptor
        self._status = SensorStatus(sensor.id, kind.title, labels, kind.unit)
        self._clock = ClockModel(kind.sampling_frequency, tolerance_ppm=kind.rate_tolerance_ppm)
        self._recent: deque[FloatArray] = deque()
        self._n_recent = 0
        self._next: int | None = None
        self._raw = 0

    def packet(self, packet: Packet) -> None:
        """Count a notification."""
        try:
            chunks = self._decoder.decode(packet.data)
        except PacketError:
            self._status.n_damaged += 1
            return
        kind = self._decoder.descriptor
        for chunk in chunks:
            if not len(chunk.values):
                continue
            missing = 0
            if self._next is not None and chunk.counter is not None and kind.counter_modulus:
                missing = step(chunk.counter, self._raw % kind.counter_modulus, kind.counter_modulus)
            if missing < 0:
                continue
            self._status.n_lost += missing
            self._next = (self._next or 0) + missing + len(chunk.values)
            self._raw = (chunk.counter or 0) + len(chunk.values)
            self._status.n_samples += len(chunk.values)
            self._keep(chunk.values, round(_WINDOW_S * kind.sampling_frequency))
        if self._next:
            self._clock.push(self._next - 1, packet.t_host_s)

    def event(self, item: LinkEvent) -> None:
        """Take what happened to the link."""
        status, text = self._status, item.detail
        if item.kind in ("up", "down"):
            status.up = item.kind == "up"
            if status.up and self._next is not None:  # what comes now may be counted anew
                self._decoder, self._next = make_decoder(self._key), None
                kind = self._decoder.descriptor
                self._clock = ClockModel(kind.sampling_frequency, tolerance_ppm=kind.rate_tolerance_ppm)
        elif item.kind == "battery":
            status.battery = f"{text} %"
        elif item.kind == "rate":
            status.rate = text
        elif item.kind == "interval":
            status.interval = text
        elif item.kind == "info" and isinstance(self._decoder, Emgo1Decoder):
            try:
                self._decoder.calibrate(read_info(bytes.fromhex(text)))
            except (ValueError, PacketError):
                status.n_damaged += 1

    def look(self) -> SensorStatus:
        """Return what is known now."""
        if self._recent:
            block = np.concatenate(list(self._recent))
            self._status.rms = block.std(axis=0)
        try:
            self._status.clock_sd_s = self._clock.fit().sd_s
        except SettingsError:  # nothing has arrived
            self._status.clock_sd_s = math.nan
        return self._status

    def _keep(self, values: FloatArray, n: int) -> None:
        if self._recent and self._recent[-1].shape[1] != values.shape[1]:
            self._recent.clear()
            self._n_recent = 0
        self._recent.append(values)
        self._n_recent += len(values)
        while self._n_recent - len(self._recent[0]) >= n:
            self._n_recent -= len(self._recent.popleft())
