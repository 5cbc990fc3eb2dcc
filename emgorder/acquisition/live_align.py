"""Several sensors on one time base while they run; the recording that is made at the end knows better."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from emgorder.acquisition.live_samples import LiveSamples
from emgorder.acquisition.transport import LinkEvent, Packet, SensorInfo
from emgorder.clock import Aligned, Stream, resample_streams
from emgorder.errors import SettingsError
from emgorder.model import FloatArray, IntArray

__all__ = ["LiveAligner"]

_SETTLE_S = 3.0  # before that a clock knows too little of its link
_NEIGHBOURS = 18  # samples that interpolation needs on either side
_BLOCK_S = 0.02  # a packet of most sensors


class LiveAligner:
    """Gives rows of all sensors at the same moments of the host's clock, as soon as all of them have sent these.

    Rows follow each other without a hole at the fastest nominal rate; they begin when every sensor has sent for 3 s.
    A sensor that is silent for longer than `wait_s` does not hold the others up: its columns are NaN then, and for 3 s
    after it is back, as its clock must be found anew. Rows that were given do not change, though the clocks are fitted
    again every 2 s: against the recording they were up to 3 ms off in the first 10 s of a clock and less than half a
    millisecond later (5 simulated sessions of two EMGO-1).

    Parameters
    ----------
    sensors : sequence of SensorInfo
        Columns come in this order.
    offsets_s : mapping of str to float, optional
        Sensor id to what a tap test told of its clock, subtracted from its times.
    wait_s : float
        How long a silent sensor is waited for.

    Examples
    --------
    >>> aligner = LiveAligner([SensorInfo("left", "Myo", "myo"), SensorInfo("right", "Myo", "myo")])
    >>> aligner.take(LinkEvent("left", 0.0, "up", True, "")) is None
    True
    """

    def __init__(
        self, sensors: Sequence[SensorInfo], *, offsets_s: Mapping[str, float] | None = None, wait_s: float = 1.0
    ) -> None:
        if not sensors:
            raise SettingsError("there are none: give at least one", key="sensors")
        if not wait_s > 0:
            raise SettingsError(f"{wait_s!r} s: give a positive number", key="wait_s")
        given = offsets_s or {}
        self._held = {sensor.id: _Held(sensor, given.get(sensor.id, 0.0)) for sensor in sensors}
        self._wait_s = wait_s
        self._rate_Hz = math.nan
        self._start_s = math.nan
        self._n_rows = 0

    @property
    def started(self) -> bool:
        """Whether rows have begun."""
        return math.isfinite(self._start_s)

    @property
    def sampling_frequency(self) -> float:
        """Of the rows, Hz; NaN before they have begun."""
        return self._rate_Hz

    @property
    def widths(self) -> dict[str, int]:
        """How many columns each sensor has, as far as it has sent."""
        return {sensor: held.n_channels for sensor, held in self._held.items()}

    def take(self, item: Packet | LinkEvent) -> Aligned | None:
        """Take what arrived; return rows that are complete, at least 0.02 s of them, or None.

        What sensors send that are not among those given is passed over.
        """
        held = self._held.get(item.sensor)
        if held is None:
            return None
        held.take(item)
        return self._rows(item.t_host_s)

    def _rows(self, now_s: float) -> Aligned | None:
        if not self.started and not self._begin():
            return None
        next_s = self._start_s + self._n_rows / self._rate_Hz
        complete_s = min(held.known_until_s(self._rate_Hz) for held in self._held.values())
        n = math.floor((max(complete_s, now_s - self._wait_s) - next_s) * self._rate_Hz)
        if n < _BLOCK_S * self._rate_Hz:
            return None
        stop_s = next_s + n / self._rate_Hz
        data = np.column_stack([held.rows(next_s, stop_s, n, self._rate_Hz) for held in self._held.values()])
        self._n_rows += n
        for held in self._held.values():
            held.forget(stop_s, self._rate_Hz)
        return Aligned(data, self._rate_Hz, next_s)

    def _begin(self) -> bool:
        """Set the time base once every clock is settled."""
        if not all(held.settled for held in self._held.values()):
            return False
        self._rate_Hz = max(held.live.descriptor.sampling_frequency for held in self._held.values())
        self._start_s = max(held.from_s for held in self._held.values())
        return True


class _Held:
    """Samples of one sensor that have not been given yet."""

    def __init__(self, sensor: SensorInfo, offset_s: float) -> None:
        self.live = LiveSamples(sensor)
        self._offset_s = offset_s
        self.n_channels = 0
        self._index: list[IntArray] = []
        self._values: list[FloatArray] = []
        self._first = 0

    def take(self, item: Packet | LinkEvent) -> None:
        if isinstance(item, LinkEvent):
            clock = self.live.clock
            self.live.event(item)
            if self.live.clock is not clock:  # it counts anew: what is held is of another clock
                self._index, self._values = [], []
            return
        for block in self.live.packet(item):
            if not self._index:
                self._first = block.start
            self._index.append(block.start + np.arange(len(block.values)))
            self._values.append(block.values)
            self.n_channels = block.values.shape[1]

    @property
    def settled(self) -> bool:
        span = self._index[-1][-1] - self._first if self._index else 0
        return bool(span >= _SETTLE_S * self.live.descriptor.sampling_frequency)

    @property
    def from_s(self) -> float:
        return self._time_s(self._index[0][0])

    def known_until_s(self, rate_Hz: float) -> float:
        """Return until when rows can be made that later samples would not change."""
        return self._time_s(self._index[-1][-1]) - self._margin_s(rate_Hz) if self.settled else -math.inf

    def rows(self, start_s: float, stop_s: float, n: int, rate_Hz: float) -> FloatArray:
        if not self.settled:
            return np.full((n, self.n_channels), np.nan)
        index, values = np.concatenate(self._index), np.concatenate(self._values)
        stream = Stream(index, values, self.live.clock.fit(), self._offset_s)
        return resample_streams([stream], rate_Hz, start_s=start_s, stop_s=stop_s).data

    def forget(self, before_s: float, rate_Hz: float) -> None:
        """Drop what rows from `before_s` on do not need."""
        since_s = before_s - 2 * self._margin_s(rate_Hz)
        while len(self._index) > 1 and self._time_s(self._index[0][-1]) < since_s:
            del self._index[0], self._values[0]

    def _time_s(self, index: int) -> float:
        return float(self.live.clock.fit().time_s(index)) - self._offset_s

    def _margin_s(self, rate_Hz: float) -> float:
        return _NEIGHBOURS / min(rate_Hz, self.live.descriptor.sampling_frequency)
