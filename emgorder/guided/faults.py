"""What is wrong while a test runs, in words, with what to do next; gone when it is right again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from emgorder.acquisition.recorder import Delivery, Mark, Segment
from emgorder.acquisition.transport import Clock, LinkEvent, Packet, SensorInfo
from emgorder.guided import texts as t
from emgorder.guided.screens import Check
from emgorder.model import Channel, FloatArray
from emgorder.report.display import display_text

__all__ = ["LOW_BATTERY", "Faults", "bad_electrodes"]

LOW_BATTERY = 20
_LOSS_SHOWN_S = 10.0
_NOTE_SHOWN_S = 120.0
_NOTE_LIMIT = 300

_HUM_SHARE = 0.7
_HUM_LEAST_V = 30e-6
"""Where at least this share of a channel's power is mains hum of at least this RMS, its electrode is off: on skin, hum
is a few microvolts, and rest some more."""
_HUM_HZ = ((48.0, 52.0), (58.0, 62.0))


class Faults:
    """A listener of a recorder that knows what is wrong now.

    Parameters
    ----------
    chosen : sequence of SensorInfo
        The sensors that are recorded.
    labels : mapping of str to sequence of str
        Sensor id to the labels of its channels.
    clock : Clock
        The recorder's.

    Attributes
    ----------
    lost : set of str
        Sensors without a link.
    n_events : int
        How often something went wrong; more than before a lift means that the lift is in doubt.
    n_lost : int
        How often the link to a sensor was lost.

    Examples
    --------
    >>> from emgorder.acquisition.clocks import FastClock
    >>> faults = Faults([SensorInfo("m", "Myo", "myo")], {"m": ["GMAX_R"]}, FastClock())
    >>> faults(LinkEvent("m", 1.0, "up")); faults(LinkEvent("m", 2.0, "down", False, "out of reach"))
    >>> [check.text for check in faults.checks()]
    ['The sensor on the glute is lost.']
    """

    def __init__(self, chosen: Sequence[SensorInfo], labels: Mapping[str, Sequence[str]], clock: Clock) -> None:
        self._names = {s.id: t.sensor_name(s.name or s.id, labels.get(s.id, ())) for s in chosen}
        self._clock = clock
        self.lost: set[str] = set()
        self.n_events = self.n_lost = 0
        self._battery: dict[str, int] = {}
        self._loss: dict[str, tuple[float, str]] = {}
        self._notes: dict[str, tuple[float, Check]] = {}
        self.off: dict[str, str] = {}

    def lost_since(self, n_lost: int) -> bool:
        """Whether a sensor is lost, or was since `n_lost` losses had been counted."""
        return bool(self.lost) or self.n_lost > n_lost

    def __call__(self, item: Delivery) -> None:
        """Take what was written."""
        if isinstance(item, (Packet, Mark)):
            return
        if isinstance(item, Segment):
            if item.text:
                self._note(item.text)
            return
        self._event(item)

    def _event(self, item: LinkEvent) -> None:
        if item.kind == "down" and not item.requested and item.sensor in self._names:
            self.lost.add(item.sensor)
            self.n_events += 1
            self.n_lost += 1
        elif item.kind == "up":
            self.lost.discard(item.sensor)
        elif item.kind == "battery" and item.detail.isdecimal():
            self._battery[item.sensor] = int(item.detail)
        elif item.kind == "loss":
            self._loss[item.sensor] = (item.t_host_s, item.detail)
        elif item.kind == "note" and item.sensor not in self.lost:  # of a lost one: that it is not back yet
            self._note(f"{self._names.get(item.sensor, '')} {item.detail}".strip())

    def _note(self, text: str) -> None:
        self.n_events += 1
        shown = display_text(text, _NOTE_LIMIT)
        self._notes[shown[:40]] = self._clock.now(), Check("attention", t.sentence(shown), t.NOTE_REMEDY)
        while len(self._notes) > 3:
            del self._notes[next(iter(self._notes))]

    def look(self, channels: Sequence[Channel], raw: FloatArray, sampling_frequency: float) -> None:
        """Look at the last second of raw signal, shape (n_samples, n_channels), for electrodes that are off."""
        found = bad_electrodes(channels, raw, sampling_frequency)
        self.n_events += len(found.keys() - self.off.keys())
        self.off = found

    def checks(self) -> tuple[Check, ...]:
        """Return what is wrong now, the worst first."""
        found = [Check("stop", t.LOST.format(name=self._names[s]), t.LOST_REMEDY) for s in sorted(self.lost)]
        found += [Check("stop", text, t.OFF_REMEDY) for text in self.off.values()]
        for sensor, percent in self._battery.items():
            if percent < LOW_BATTERY:
                text = t.BATTERY_LOW.format(name=self._names.get(sensor, sensor), percent=percent)
                found.append(Check("attention", text, t.BATTERY_REMEDY))
        for sensor, (at_s, text) in self._loss.items():
            if self._clock.now() - at_s < _LOSS_SHOWN_S:
                words = t.LOSING.format(name=self._names.get(sensor, sensor), text=display_text(text))
                found.append(Check("attention", words, t.LOSING_REMEDY))
        now = self._clock.now()
        return (*found, *(check for at_s, check in self._notes.values() if now - at_s < _NOTE_SHOWN_S))


def bad_electrodes(channels: Sequence[Channel], raw: FloatArray, sampling_frequency: float) -> dict[str, str]:
    """Return the labels of channels whose electrode seems to be off, with words.

    Examples
    --------
    >>> t_s = np.arange(1000) / 1000
    >>> hum = 2e-4 * np.sin(2 * np.pi * 50 * t_s)[:, None]
    >>> bad_electrodes([Channel("BF_R", "BF", "R")], hum, 1000.0)
    {'BF_R': 'The hamstring electrode (BF_R) seems to be off: there is only mains hum.'}
    """
    found: dict[str, str] = {}
    if len(raw) < 0.9 * sampling_frequency:
        return found
    frequency_Hz = np.fft.rfftfreq(len(raw), 1 / sampling_frequency)
    hum = np.zeros(frequency_Hz.size, dtype=bool)
    for low, high in _HUM_HZ:
        hum |= (frequency_Hz >= low) & (frequency_Hz <= high)
    band, window = frequency_Hz > 10.0, np.hanning(len(raw))
    for column, channel in zip(raw.T, channels, strict=True):
        if not np.isfinite(column).all():
            continue
        plain = t.muscle(channel.label)
        if np.ptp(column) == 0:
            found[channel.label] = t.DEAD.format(muscle=plain, label=display_text(channel.label))
            continue
        power = np.abs(np.fft.rfft((column - column.mean()) * window)) ** 2
        share = float(power[hum].sum() / max(power[band].sum(), 1e-300))
        rms = float(np.std(column))
        if share > _HUM_SHARE and (channel.unit != "V" or rms > _HUM_LEAST_V):
            found[channel.label] = t.OFF.format(muscle=plain, label=display_text(channel.label))
    return found
