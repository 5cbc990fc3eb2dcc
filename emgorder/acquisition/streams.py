"""The nouns of what a sensor sent: pieces of samples that ran on unbroken, and all of a sensor's together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from emgorder.model import FloatArray, IntArray
from emgorder.sensors.base import SensorDescriptor

__all__ = ["PING", "Piece", "SensorStream"]

PING = "ping"
"""A "sync" event whose text is this word and a number tells that the host sent that ping; a reply is in hexadecimal."""


@dataclass(frozen=True, eq=False, slots=True)
class Piece:
    """Samples of one sensor whose numbers and whose clock ran on unbroken.

    Attributes
    ----------
    run : int
        Pieces of equal `run` count on from each other: only the host's clock was interrupted.
    index : ndarray of int, shape (n_samples,)
        Running number of each sample, increasing; lost ones are absent.
    values : ndarray, shape (n_samples, n_channels)
        In the sensor's unit.
    last_index, t_host_s : ndarray, shape (n_packets,)
        Last sample and arrival of each packet.
    pings : ndarray, shape (n_pings, 2)
        Number (with fraction) of the sample that was taken when a ping reached the sensor, and when it was sent.
    """

    run: int
    index: IntArray
    values: FloatArray
    last_index: IntArray
    t_host_s: FloatArray
    pings: FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class SensorStream:
    """Everything that one sensor sent.

    Attributes
    ----------
    sensor : str
        Link id.
    descriptor : SensorDescriptor
        As its own description and its packets show it.
    pieces : tuple of Piece
        In order, those with samples.
    interval_s : float or None
        Connection interval, where the sensor tells it.
    n_packets, n_duplicates, n_damaged : int
        Notifications that were used, that came twice, and that were no packets.
    n_lost : int
        Samples missing within pieces.
    n_unsure : int
        Samples that may be missing without a trace.
    flags : Counter
        Of its packets; ``test_signal``: STATUS, one a second, in which an EMGO-1 told of its square wave.
    n_outliers : int
        Packets with a counter that nothing followed on from; they were dropped.
    n_restarts : int
        How often the counter began anew while the link was up.
    n_unlike : int
        Packets of another rate or number of channels than those before; they were left out.
    silent_s : float or None
        How long other sensors went on after its link had been lost for good; None where it had not.
    """

    sensor: str
    descriptor: SensorDescriptor
    pieces: tuple[Piece, ...]
    interval_s: float | None
    n_packets: int
    n_duplicates: int
    n_damaged: int
    n_lost: int
    n_unsure: int
    flags: Counter[str]
    n_outliers: int = 0
    n_restarts: int = 0
    n_unlike: int = 0
    silent_s: float | None = None
