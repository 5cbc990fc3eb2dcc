"""A simulated sensor: its electrodes, its firmware, its crystal, and what its link does to its packets."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from emgorder.acquisition.transport import EventKind, SensorInfo
from emgorder.model import FloatArray
from emgorder.sensors.base import Write

__all__ = ["Answer", "Encoder", "LinkFaults", "SimulatedDevice", "SimulatedSensor", "Source"]

Source: TypeAlias = Callable[[FloatArray], FloatArray]
"""What the electrodes see: ``source(time_s)``, true seconds since the transport's epoch, gives (n, n_channels)."""

Encoder: TypeAlias = Callable[[FloatArray, int, int], Sequence[bytes]]
"""``encode(values, index, device_us)`` gives the notifications that carry the samples from number `index` on."""

Answer: TypeAlias = Callable[[Write, int], Sequence[tuple[EventKind, bytes]]]
"""``answer(write, device_us)`` gives what the sensor replies to a command, each as an event of a kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFaults:
    """What is wrong with a sensor and its link; by default nothing.

    Attributes
    ----------
    drift_ppm : float
        How much faster than nominal its crystal runs.
    loss : float
        Probability that a packet is dropped inside the sensor; its counter goes on.
    retransmission : float
        Probability, each time, that a packet must wait for the next connection event.
    interval_s : float
        Connection interval, at which alone packets can arrive; 0: at any time.
    latency_s : float
        Constant delay from the sensor to the host. Two sensors that differ in it are what no one-way fit can see.
    command_latency_s : float
        Delay of a command from the host to the sensor.
    jitter_s : float
        Mean of the exponential delay that the host's own business adds.
    stalls, cuts : tuple of (float, float)
        Start and duration, true seconds since the epoch: held back and delivered at once afterwards; link lost, and
        sensor out of reach until the end.
    restarts : bool
        Whether the sample counter begins anew with every connection.
    battery : int or None
        Percent.
    """

    drift_ppm: float = 0.0
    loss: float = 0.0
    retransmission: float = 0.0
    interval_s: float = 0.0
    latency_s: float = 0.0
    command_latency_s: float = 0.0
    jitter_s: float = 0.0
    stalls: tuple[tuple[float, float], ...] = ()
    cuts: tuple[tuple[float, float], ...] = ()
    restarts: bool = False
    battery: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedSensor:
    """A sensor that can be found and opened.

    Attributes
    ----------
    info : SensorInfo
        What discovery tells.
    source, encode : callable
        Its electrodes and its firmware.
    sampling_frequency : float
        Nominal, Hz.
    samples_per_packet : int
        How many samples are encoded at a time.
    faults : LinkFaults
        Of the sensor and its link.
    values : mapping of str to bytes
        Characteristics (UUID) that can be read.
    answer : callable, optional
        What it replies to commands.
    hello : sequence of (EventKind, bytes)
        What it tells of itself whenever a stream starts, as events with the bytes in hexadecimal.
    boot_us : int
        Its own clock at sample 0.
    status : callable, optional
        ``status(index)`` gives what it tells of itself once a second, when sample `index` is taken.
    """

    info: SensorInfo
    source: Source
    encode: Encoder
    sampling_frequency: float
    samples_per_packet: int
    faults: LinkFaults = field(default_factory=LinkFaults)
    values: Mapping[str, bytes] = field(default_factory=dict)
    answer: Answer | None = None
    hello: Sequence[tuple[EventKind, bytes]] = ()
    boot_us: int = 0
    status: Callable[[int], bytes] | None = None


class SimulatedDevice:
    """The state of a sensor that outlives a connection."""

    def __init__(self, sensor: SimulatedSensor, rng: np.random.Generator) -> None:
        self.sensor = sensor
        self.rng = rng
        self.rate_Hz = sensor.sampling_frequency * (1.0 + sensor.faults.drift_ppm * 1e-6)
        self.phase_s = float(rng.uniform(0.0, sensor.faults.interval_s)) if sensor.faults.interval_s else 0.0
        self.begun_s: float | None = None

    def device_us(self, index: int) -> int:
        """Return the sensor's clock at a sample: the crystal of its converter, in microseconds."""
        return (self.sensor.boot_us + round(index / self.sensor.sampling_frequency * 1e6)) % 2**32

    def packets(self, since_s: float) -> Iterator[tuple[float, list[bytes]]]:
        """Yield arrival (seconds since the epoch) and bytes of what is sent from a moment on."""
        faults, n = self.sensor.faults, self.sensor.samples_per_packet
        if self.begun_s is None or faults.restarts:
            self.begun_s, index = since_s, 0
        else:  # it went on sampling while nobody listened
            index = math.ceil((since_s - self.begun_s) * self.rate_Hz / n) * n
        earliest_s = since_s
        while True:
            time_s = self.begun_s + np.arange(index, index + n) / self.rate_Hz
            data = list(self.sensor.encode(self.sensor.source(time_s), index, self.device_us(index)))
            ready_s = self.begun_s + (index + n) / self.rate_Hz
            index += n
            if self.rng.random() < faults.loss:
                continue
            earliest_s = max(earliest_s, self.arrival_s(ready_s))
            yield earliest_s, data

    def arrival_s(self, ready_s: float) -> float:
        """Return when something that is ready to be sent at a moment reaches the host."""
        faults = self.sensor.faults
        at_s, step_s = ready_s, faults.interval_s
        if step_s:
            at_s = self.phase_s + math.ceil((ready_s - self.phase_s) / step_s) * step_s
        if faults.retransmission:
            at_s += (self.rng.geometric(1.0 - faults.retransmission) - 1) * (step_s or 0.0075)
        at_s += faults.latency_s
        if faults.jitter_s:
            at_s += self.rng.exponential(faults.jitter_s)
        for start, length in faults.stalls:
            if start <= at_s < start + length:
                at_s = start + length
        return float(at_s)
