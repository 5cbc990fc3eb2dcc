"""The nouns of sensors: what a device is, what one of its packets holds, and what a decoder is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from emgorder.model import Channel, FloatArray
from emgorder.muscles import parse_label

__all__ = ["Chunk", "Decoder", "SensorDescriptor", "Write", "labelled_channel"]


@dataclass(frozen=True, slots=True)
class Write:
    """One command to a sensor: the characteristic (UUID, lower case), the bytes, and whether it is acknowledged."""

    characteristic: str
    data: bytes
    response: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorDescriptor:
    """What is known of a kind of sensor.

    Attributes
    ----------
    key, title : str
        Name in the registry, and for people.
    n_channels : int
        Channels unless the packets show another number.
    sampling_frequency : float
        Nominal, Hz.
    unit : {"V", "a.u."}
        Of decoded values: volts, or converter counts where the gain is unknown.
    kind : {"raw", "envelope"}
        What it sends.
    service, notify : str
        UUIDs of the service and of the characteristic that streams, lower case.
    names : tuple of str
        Beginnings of the advertised name.
    start, stop : tuple of Write
        Commands that start and stop the stream.
    subscribe_first : bool
        Whether notifications must be subscribed before the start commands.
    counter_modulus : int or None
        Samples after which the counter of samples begins again; None: there is no counter.
    rate_tolerance_ppm : float
        How far the true rate may be from the nominal one.
    channel_skew_s : float
        Time from one multiplexed channel to the next.
    delay_s : float
        Known analog and filter delay.
    order_verdict : bool
        Whether the order of two onsets can be told with it at all.
    caveat : str
        What to know before using it, in plain words; empty when there is nothing.
    battery : str or None
        UUID of the battery level (one byte, percent).
    notify_also : tuple of str
        Further characteristics that carry part of the stream, all to be subscribed.
    firmware : str or None
        UUID of a characteristic that tells which firmware it is, where that decides how its packets are read: see
        :func:`emgorder.sensors.registry.key_of_firmware`.
    """

    key: str
    title: str
    n_channels: int
    sampling_frequency: float
    unit: Literal["V", "a.u."]
    kind: Literal["raw", "envelope"]
    service: str
    notify: str
    names: tuple[str, ...]
    start: tuple[Write, ...] = ()
    stop: tuple[Write, ...] = ()
    subscribe_first: bool = True
    counter_modulus: int | None = None
    rate_tolerance_ppm: float = 120.0
    channel_skew_s: float = 0.0
    delay_s: float = 0.0
    order_verdict: bool = True
    caveat: str = ""
    battery: str | None = None
    notify_also: tuple[str, ...] = ()
    firmware: str | None = None


def labelled_channel(kind: SensorDescriptor, number: int, label: str) -> Channel:
    """Return channel `number` (from 0) of a kind of sensor as recordings know it, by the label that it was given.

    Examples
    --------
    >>> from emgorder.sensors.registry import sensors
    >>> labelled_channel(sensors()["myo"], 0, "GMAX_R").target_muscle
    'GMAX'
    """
    code, side = parse_label(label)
    return Channel(
        label,
        code,
        side,
        unit=kind.unit,
        kind=kind.kind,
        delay_s=kind.delay_s + number * kind.channel_skew_s,
        display_unit="uV" if kind.unit == "V" else "au",
    )


@dataclass(frozen=True, eq=False, slots=True)
class Chunk:
    """Consecutive samples of one sensor.

    Attributes
    ----------
    counter : int or None
        Raw counter of the first sample, modulo the descriptor's ``counter_modulus``; None where there is none.
    values : ndarray, shape (n_samples, n_channels)
        In the descriptor's unit.
    device_us : int or None
        The device's own clock at the first sample, µs, modulo 2**32, where it is sent.
    flags : tuple of str
        ``gap``, ``lead_off``, ``saturated``, ``sync_edge``, ``crc``, ``resync``, ...
    acknowledged : (int, int) or None
        EMGO-1: which packet (sequence number) was acknowledged by the radio, and when (device clock, µs).
    sequence : int or None
        EMGO-1: sequence number of the packet that these samples came in (what `acknowledged` refers to).
    """

    counter: int | None
    values: FloatArray
    device_us: int | None = None
    flags: tuple[str, ...] = ()
    acknowledged: tuple[int, int] | None = None
    sequence: int | None = None


class Decoder(Protocol):
    """Turns the notifications of one link into samples. Any bytes give chunks or PacketError, in bounded memory."""

    @property
    def descriptor(self) -> SensorDescriptor:
        """What is decoded."""
        ...

    def decode(self, data: bytes) -> list[Chunk]:
        """Return the samples that a notification completes, perhaps none; raise PacketError for what is no packet."""
        ...
