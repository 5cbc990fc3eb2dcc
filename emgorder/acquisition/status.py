"""How a recording does while it runs: what the screen shows of each sensor and each channel."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from emgorder.acquisition.live_samples import LiveSamples
from emgorder.acquisition.recorder import Delivery, Mark
from emgorder.acquisition.transport import LinkEvent, Packet, SensorInfo
from emgorder.model import FloatArray

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
        self._samples = LiveSamples(sensor)
        kind = self._samples.descriptor
        self._status = SensorStatus(sensor.id, kind.title, labels, kind.unit)
        self._recent: deque[FloatArray] = deque()
        self._n_recent = 0

    def packet(self, packet: Packet) -> None:
        """Count a notification."""
        n = max(1, round(_WINDOW_S * self._samples.descriptor.sampling_frequency))
        for block in self._samples.packet(packet):
            self._status.n_lost += block.missing
            self._status.n_samples += len(block.values)
            self._keep(block.values, n)

    def event(self, item: LinkEvent) -> None:
        """Take what happened to the link."""
        self._samples.event(item)
        status, text = self._status, item.detail
        if item.kind in ("up", "down"):
            status.up = item.kind == "up"
        elif item.kind == "battery":
            status.battery = f"{text} %"
        elif item.kind == "rate":
            status.rate = text
        elif item.kind == "interval":
            status.interval = text

    def look(self) -> SensorStatus:
        """Return what is known now."""
        status = self._status
        status.n_damaged = self._samples.n_damaged
        if self._recent:
            status.rms = np.concatenate(list(self._recent)).std(axis=0)
        clock = self._samples.clock
        status.clock_sd_s = clock.fit().sd_s if clock.n_packets else math.nan
        return status

    def _keep(self, values: FloatArray, n: int) -> None:
        if self._recent and self._recent[-1].shape[1] != values.shape[1]:
            self._recent.clear()
            self._n_recent = 0
        self._recent.append(values)
        self._n_recent += len(values)
        while self._n_recent - len(self._recent[0]) >= n:
            self._n_recent -= len(self._recent.popleft())
