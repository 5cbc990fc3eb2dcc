"""Samples and marks to other programs over Lab Streaming Layer, while they are recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from emgorder.acquisition.live_samples import Block, LiveSamples
from emgorder.acquisition.recorder import Delivery, Mark
from emgorder.acquisition.transport import Clock, LinkEvent, Packet, SensorInfo
from emgorder.errors import MissingExtraError
from emgorder.model import FloatArray

__all__ = ["LslOutlet"]

_LONGEST_GAP_S = 10.0
MARKERS = "emgorder-marks"


class LslOutlet:
    """A listener of a recorder: a stream a sensor, and one of marks.

    Streams are called ``emgorder-`` and the sensor's id, of type EMG, in volts or counts; lost samples are NaN, at most
    ten seconds of them. A stream appears when its sensor's first packet has told how many channels there are. Time
    stamps are those of the link's clock as it is known at that moment.

    Parameters
    ----------
    chosen : sequence of SensorInfo
        The sensors that are recorded.
    labels : mapping of str to sequence of str
        Sensor id to the labels of its channels.
    clock : Clock
        The recorder's.

    Raises
    ------
    MissingExtraError
        pylsl or its library is not installed.
    """

    def __init__(self, chosen: Sequence[SensorInfo], labels: Mapping[str, Sequence[str]], clock: Clock) -> None:
        try:
            import pylsl
        except (ImportError, RuntimeError) as error:  # RuntimeError: the library itself is missing
            raise MissingExtraError("pylsl", "lsl") from error
        self._lsl: Any = pylsl
        self._shift_s = float(pylsl.local_clock()) - clock.now()
        self._live = {s.id: LiveSamples(s) for s in chosen}
        self._labels = labels
        self._outlets: dict[str, Callable[[FloatArray, float], None]] = {}
        info = pylsl.StreamInfo(MARKERS, "Markers", 1, 0.0, pylsl.cf_string, MARKERS)
        self._marks: Any = pylsl.StreamOutlet(info)

    def __call__(self, item: Delivery) -> None:
        """Pass on what was written."""
        if isinstance(item, Mark):
            self._marks.push_sample([item.trial_type], item.t_host_s + self._shift_s)
        elif isinstance(item, LinkEvent):
            if item.sensor in self._live:
                self._live[item.sensor].event(item)
        elif isinstance(item, Packet) and item.sensor in self._live:
            live = self._live[item.sensor]
            for block in live.packet(item):
                rows = _with_gap(block, round(_LONGEST_GAP_S * live.descriptor.sampling_frequency))
                if item.sensor not in self._outlets:
                    self._outlets[item.sensor] = self._outlet(item.sensor, rows.shape[1])
                last_s = float(live.clock.fit().time_s(block.start + len(block.values) - 1))
                self._outlets[item.sensor](rows, last_s + self._shift_s)

    def _outlet(self, sensor: str, width: int) -> Callable[[FloatArray, float], None]:
        kind = self._live[sensor].descriptor
        rate = kind.sampling_frequency
        name = f"emgorder-{sensor}"
        info = self._lsl.StreamInfo(name, "EMG", width, rate, self._lsl.cf_double64, name)
        described = info.desc().append_child("channels")
        labels = self._labels.get(sensor, ())
        for number in range(width):
            label = labels[number] if number < len(labels) and labels[number] else f"{kind.key}_{number + 1}"
            channel = described.append_child("channel")
            channel.append_child_value("label", label)
            channel.append_child_value("unit", "volts" if kind.unit == "V" else "counts")
            channel.append_child_value("type", "EMG")
        outlet = self._lsl.StreamOutlet(info)

        def push(rows: FloatArray, last_s: float) -> None:
            outlet.push_chunk(np.ascontiguousarray(rows), last_s)

        return push


def _with_gap(block: Block, most: int) -> FloatArray:
    """Return the rows of a block with a NaN row for every sample missing before it."""
    if not block.missing:
        return block.values
    return np.concatenate([np.full((min(block.missing, most), block.values.shape[1]), np.nan), block.values])
