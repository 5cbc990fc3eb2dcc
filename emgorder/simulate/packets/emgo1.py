"""Bytes of an EMGO-1 sensor: data (full and compact), INFO, STATUS, replies; and what it understands of a host's."""

from __future__ import annotations

import struct

from emgorder.errors import SettingsError
from emgorder.model import IntArray
from emgorder.simulate.packets.base import PacketProfile, blocks, fitting

__all__ = [
    "COMPACT_FRAMES",
    "FRAMES",
    "PROFILE",
    "encode",
    "encode_compact",
    "encode_ctrl_reply",
    "encode_info",
    "encode_packet",
    "encode_status",
    "encode_sync_reply",
    "read_command",
    "read_ping",
]

FRAMES, COMPACT_FRAMES = 23, 9
_CODES = {16: 0, 12: 1, 24: 2}
_COMMANDS = {1: "<B", 2: "<B", 3: "<BHBB", 5: "<BHH", 6: "<BB", 7: "<BB"}
_UNKNOWN_OPERATION, _BAD_ARGUMENT = 1, 2


def encode(
    counts: IntArray,
    first_index: int,
    *,
    sampling_frequency: float = 1000.0,
    bits: int = 16,
    compact: bool = False,
    latency_us: int = 12_000,
) -> list[bytes]:
    """Return the notifications of a stream whose device clock was 0 at index 0.

    Parameters
    ----------
    counts : ndarray of int, shape (n_samples, n_channels)
        A multiple of 23 samples (9 when compact).
    first_index : int
        Index of the first sample, any size (it wraps in the packet).
    sampling_frequency : float
        Hz, by the device's own clock.
    bits : {16, 12, 24}
        Of a value.
    compact : bool
        For an MTU of 23: one channel of 12 bits.
    latency_us : int
        From the last frame of a packet to its acknowledgement, which a later packet tells of.

    Examples
    --------
    >>> import numpy as np
    >>> [len(packet) for packet in encode(np.zeros((69, 2), np.intp), 0)]
    [104, 104, 108]
    """
    frames = COMPACT_FRAMES if compact else FRAMES
    packets = []
    for number, block in enumerate(blocks(counts, frames)):
        index = first_index + number * frames
        device_us, sequence = round(index * 1e6 / sampling_frequency), index // frames
        if compact:
            packets.append(encode_compact(block, index=index, sequence=sequence, device_us=device_us))
            continue
        ago = 1
        while (
            age_us := device_us - round((index - (ago - 1) * frames - 1) * 1e6 / sampling_frequency) - latency_us
        ) < 0:
            ago += 1  # the device can only tell what was over when the first frame was taken
        packets.append(
            encode_packet(
                block,
                index=index,
                sequence=sequence,
                device_us=device_us,
                bits=bits,
                acknowledged=(ago, age_us) if ago <= sequence else None,
            )
        )
    return packets


def encode_packet(
    counts: IntArray,
    *,
    index: int,
    sequence: int,
    device_us: int,
    bits: int = 16,
    acknowledged: tuple[int, int] | None = None,
    gap: bool = False,
    lead_off: bool = False,
    sync_edge: bool = False,
) -> bytes:
    """Return one full packet.

    Parameters
    ----------
    counts : ndarray of int, shape (n_frames, n_channels)
        1 to 8 channels.
    index, sequence, device_us : int
        Of the first frame, of the packet, and the device clock; any size, they wrap.
    bits : {16, 12, 24}
        Of a value.
    acknowledged : (int, int), optional
        How many packets ago the one was that the radio saw acknowledged (0 to 255), and how many µs before
        `device_us` that was (0 to 2**24 - 1).
    gap, lead_off, sync_edge : bool
        Marks of the packet.

    Examples
    --------
    >>> import numpy as np
    >>> packet = encode_packet(np.array([[1, -1]]), index=96, sequence=258, device_us=101000, acknowledged=(2, 21500))
    >>> packet.hex()
    '1101020160000000888a010002fc53000100ffff'
    """
    limit = 1 << (bits - 1)
    counts = fitting(counts, -limit, limit - 1)
    marks = 1 | (acknowledged is not None) << 4 | gap << 5 | lead_off << 6 | sync_edge << 7
    layout = (counts.shape[1] - 1) | _CODES[bits] << 3
    head = struct.pack("<BBHII", marks, layout, sequence % 2**16, index % 2**32, device_us % 2**32)
    if acknowledged is not None:
        ago, age_us = acknowledged
        if not (0 <= ago < 256 and 0 <= age_us < 1 << 24):
            raise SettingsError(f"{acknowledged} does not fit one and three bytes", key="acknowledged")
        head += bytes([ago]) + age_us.to_bytes(3, "little")
    return head + _packed(counts, bits)


def encode_compact(
    counts: IntArray,
    *,
    index: int,
    sequence: int,
    device_us: int,
    gap: bool = False,
    lead_off: bool = False,
    sync_edge: bool = False,
) -> bytes:
    """Return one compact packet of counts of shape (9, 1); the other parameters as for a full one."""
    counts = fitting(counts, -2048, 2047, 1)
    if len(counts) != COMPACT_FRAMES:
        raise SettingsError(f"{len(counts)} frames, expected {COMPACT_FRAMES}", key="counts")
    marks = 2 | gap << 5 | lead_off << 6 | sync_edge << 7
    return struct.pack("<BBHH", marks, sequence % 256, index % 2**16, device_us // 16 % 2**16) + _packed(counts, 12)


def encode_info(
    *,
    n_channels: int = 2,
    bits: int = 24,
    formats: int = 0b1111,
    boot_id: int = 1,
    frequency: tuple[int, int] = (1000, 1),
    uV_per_count: float = 1.0,
    band_Hz: tuple[float, float] = (20.0, 450.0),
    group_delay_us: int = 0,
    channel_skew_ns: int = 0,
) -> bytes:
    """Return what the INFO characteristic holds (36 bytes)."""
    numbers = (boot_id, *frequency, uV_per_count, *band_Hz, group_delay_us, channel_skew_ns)
    return struct.pack("<BBBBIIIfffII", 1, n_channels, bits, formats, *numbers)


def encode_status(
    *,
    streaming: bool = True,
    test_signal: bool = False,
    pulse: bool = False,
    queue_high_water: int = 0,
    adc_overruns: int = 0,
    tx_drops: int = 0,
    connection_interval_s: float = 0.015,
    temperature_C: float = 30.0,
    boot_id: int = 1,
) -> bytes:
    """Return a notification of STATUS (20 bytes)."""
    flags = streaming | test_signal << 1 | pulse << 2
    interval, temperature = round(connection_interval_s / 0.00125), round(temperature_C * 100)
    counts = (queue_high_water, adc_overruns, tx_drops, interval, temperature, boot_id)
    return struct.pack("<BBHIIHhI", 1, flags, *counts)


def encode_ctrl_reply(operation: int, result: int, *, boot_id: int, index: int, device_us: int) -> bytes:
    """Return the answer to a command (14 bytes): result 0 done, 1 unknown, 2 bad argument, 3 busy, 4 unsupported."""
    return struct.pack("<BBIII", operation & 0x7F | 0x80, result, boot_id % 2**32, index % 2**32, device_us % 2**32)


def encode_sync_reply(number: int, *, received_us: int, sent_us: int, flags: int = 0) -> bytes:
    """Return the answer to a ping (12 bytes)."""
    return struct.pack("<BBHII", 1, number % 256, flags, received_us % 2**32, sent_us % 2**32)


def read_command(data: bytes) -> tuple[int, tuple[int, ...], int]:
    r"""Return what the device understands of a write to CTRL: operation, arguments, result (0: well formed).

    Examples
    --------
    >>> read_command(bytes.fromhex("03e8030300")), read_command(b"\x09"), read_command(b"\x06")
    ((3, (1000, 3, 0), 0), (9, (), 1), (6, (), 2))
    """
    operation = data[0] if data else 0
    layout = _COMMANDS.get(operation)
    if layout is None:
        return operation, (), _UNKNOWN_OPERATION
    if len(data) != struct.calcsize(layout):
        return operation, (), _BAD_ARGUMENT
    _, *arguments = struct.unpack(layout, data)
    return operation, tuple(arguments), 0


def read_ping(data: bytes) -> tuple[int, int] | None:
    """Return id and nonce of a ping that the host wrote to SYNC, None when it is none."""
    if len(data) != 8 or data[0] != 1:
        return None
    _, number, _, nonce = struct.unpack("<BBHI", data)
    return number, nonce


def _packed(counts: IntArray, bits: int) -> bytes:
    values = [int(c) for c in counts.reshape(-1)]
    packed = sum((v & ((1 << bits) - 1)) << bits * i for i, v in enumerate(values))
    return packed.to_bytes((bits * len(values) + 7) // 8, "little")


PROFILE = PacketProfile(
    key="emgo1",
    n_channels=2,
    frames=FRAMES,
    volts_per_count=1e-6,
    middle=0,
    lowest=-32768,
    highest=32767,
    encode=encode,
)
