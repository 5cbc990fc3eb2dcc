"""Rows of samples while a recording runs: one time base for strips, levels and the live engine.

The recording that is made at the end knows better; nothing here goes into it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from emgorder.acquisition.live_align import LiveAligner
from emgorder.acquisition.live_samples import LiveSamples
from emgorder.acquisition.recorder import Delivery
from emgorder.acquisition.transport import LinkEvent, Packet, SensorInfo
from emgorder.clock import ClockModel
from emgorder.model import Channel, FloatArray
from emgorder.sensors.base import labelled_channel
from emgorder.sensors.registry import sensors

__all__ = ["LiveRows", "live_channels"]

_LONGEST_GAP_S = 600.0


def live_channels(chosen: Sequence[SensorInfo], labels: Mapping[str, Sequence[str]]) -> tuple[Channel, ...]:
    """Return the channels of the rows: those that have a label, sensor after sensor.

    Examples
    --------
    >>> [c.label for c in live_channels([SensorInfo("m", "Myo", "myo")], {"m": ["GMAX_R", "", "BF_R"]})]
    ['GMAX_R', 'BF_R']
    """
    return tuple(
        labelled_channel(sensors()[sensor.key], number, label)
        for sensor in chosen
        for number, label in enumerate(labels.get(sensor.id, ()))
        if label
    )


class LiveRows:
    """Takes what a recorder hands on and gives rows of all named channels, without a hole; a lost sample is NaN.

    Parameters
    ----------
    chosen : sequence of SensorInfo
        The sensors that are recorded.
    labels : mapping of str to sequence of str
        Sensor id to the labels of its channels; an empty one leaves a channel out.

    Attributes
    ----------
    channels : tuple of Channel
        One a column.
    n_rows : int
        Given so far.
    """

    def __init__(self, chosen: Sequence[SensorInfo], labels: Mapping[str, Sequence[str]]) -> None:
        self.channels = live_channels(chosen, labels)
        self._rate_Hz = math.nan  # of the rows, from the first of them on
        self.n_rows = 0
        self._one = LiveSamples(chosen[0]) if len(chosen) == 1 else None
        self._several = LiveAligner(chosen) if len(chosen) > 1 else None
        self._keep = {s.id: [i for i, label in enumerate(labels.get(s.id, ())) if label] for s in chosen}
        self._order = [sensor.id for sensor in chosen]
        self._clock: ClockModel | None = None
        self._shift = 0  # what must be added to a sample's running number to get its row
        self._start_s = math.nan

    @property
    def sampling_frequency(self) -> float:
        """Hz, as the sensors themselves tell it; the same from the first rows on, NaN before two sensors have rows."""
        if math.isfinite(self._rate_Hz):
            return self._rate_Hz
        if self._one is not None:
            return self._one.descriptor.sampling_frequency
        return self._several.sampling_frequency if self._several is not None else math.nan

    def take(self, item: Delivery) -> FloatArray:
        """Return the rows that `item` completes, shape (n, n_channels), often none."""
        if not isinstance(item, (Packet, LinkEvent)):
            return np.empty((0, len(self.channels)))
        rows = self._of_one(item) if self._several is None else self._of_several(item)
        if len(rows):
            self._rate_Hz = self.sampling_frequency
        self.n_rows += len(rows)
        return rows

    def stream_s(self, t_host_s: float) -> float:
        """Return the second of the rows at a moment of the host, NaN before there are any."""
        if self._several is not None:
            return t_host_s - self._start_s
        if self._clock is None or not self._clock.n_packets:
            return math.nan
        return (float(self._clock.fit().index(t_host_s)) + self._shift) / self.sampling_frequency

    def host_s(self, stream_s: float) -> float:
        """Return the moment of the host at a second of the rows, NaN before there are any."""
        if self._several is not None:
            return stream_s + self._start_s
        if self._clock is None or not self._clock.n_packets:
            return math.nan
        return float(self._clock.fit().time_s(stream_s * self.sampling_frequency - self._shift))

    def _of_one(self, item: Packet | LinkEvent) -> FloatArray:
        live = self._one
        assert live is not None
        if isinstance(item, LinkEvent):
            if item.sensor == self._order[0]:
                live.event(item)
            return np.empty((0, len(self.channels)))
        parts = []
        n_before = self.n_rows
        for block in live.packet(item):
            if live.clock is not self._clock:  # it counts anew: only the host knows how long it was away
                away_s = 0.0 if self._clock is None else item.t_host_s - self.host_s(n_before / self.sampling_frequency)
                n_lost = round(min(max(away_s, 0.0), _LONGEST_GAP_S) * self.sampling_frequency) - len(block.values)
                n_lost = max(n_lost, 0) if self._clock is not None else 0
                self._clock = live.clock
                self._shift = n_before + n_lost - block.start
            else:
                n_lost = min(block.missing, round(_LONGEST_GAP_S * self.sampling_frequency))
                self._shift += n_lost - block.missing
            if n_lost:
                parts.append(np.full((n_lost, len(self.channels)), np.nan))
            parts.append(self._columns(self._order[0], block.values))
            n_before += n_lost + len(block.values)
        return np.concatenate(parts) if parts else np.empty((0, len(self.channels)))

    def _of_several(self, item: Packet | LinkEvent) -> FloatArray:
        aligner = self._several
        assert aligner is not None
        aligned = aligner.take(item)
        if aligned is None:
            return np.empty((0, len(self.channels)))
        if math.isnan(self._start_s):
            self._start_s = aligned.start_s
        parts, at = [], 0
        widths = aligner.widths
        for sensor in self._order:
            parts.append(self._columns(sensor, aligned.data[:, at : at + widths[sensor]]))
            at += widths[sensor]
        return np.concatenate(parts, axis=1)

    def _columns(self, sensor: str, values: FloatArray) -> FloatArray:
        """Return the columns that have a label; NaN for those that the sensor turned out not to have."""
        out = np.full((len(values), len(self._keep[sensor])), np.nan)
        for place, column in enumerate(self._keep[sensor]):
            if column < values.shape[1]:
                out[:, place] = values[:, column]
        return out
