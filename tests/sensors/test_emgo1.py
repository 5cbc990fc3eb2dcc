"""EMGO-1 data packets: the encoder makes the vectors of the profile; flags, wraps, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from emgorder.errors import PacketError
from emgorder.sensors.emgo1 import Emgo1Decoder
from emgorder.simulate.packets import emgo1
from scripts.firmware_vectors import vector_bytes

FULL, COMPACT = vector_bytes("emgo1", "full"), vector_bytes("emgo1", "compact")


def test_the_encoder_makes_the_full_vector() -> None:
    frames = np.array([[1, -1], [256, -256], [32767, -32768]])
    made = emgo1.encode_packet(frames, index=96, sequence=258, device_us=101_000, acknowledged=(2, 21_500))
    assert made == FULL


def test_the_encoder_makes_the_compact_vector() -> None:
    counts = np.array([1, -1, 2047, -2048, 0, 0, 0, 0, 0])[:, None]
    assert emgo1.encode_compact(counts, index=16, sequence=7, device_us=320_000) == COMPACT


def test_the_encoder_makes_the_vector_of_24_bits() -> None:
    marks = {"gap": True, "lead_off": True, "sync_edge": True}
    frames = np.array([[0x7FFFFF], [-0x800000]])
    made = emgo1.encode_packet(frames, index=2**32 - 2, sequence=2**16 - 1, device_us=2**32, bits=24, **marks)
    assert made == vector_bytes("emgo1", "i24")


def test_a_packet_of_23_frames_with_acknowledgement_has_108_bytes() -> None:
    packets = emgo1.encode(np.zeros((23 * 4, 2), np.intp), 23 * 100)
    assert [len(p) for p in packets] == [108] * 4


def test_an_acknowledgement_names_the_packet_and_its_time() -> None:
    packets = emgo1.encode(np.zeros((23, 2), np.intp), 23 * 100, latency_us=12_000)
    (chunk,) = Emgo1Decoder().decode(packets[0])
    # packet 98 ended with frame 99 * 23 - 1 = 2276, at 2276 ms
    assert chunk.acknowledged == (98, 2_276_000 + 12_000)


@pytest.mark.parametrize("flag", ["gap", "lead_off", "sync_edge"])
@pytest.mark.parametrize("compact", [False, True])
def test_each_mark_of_a_packet_becomes_its_flag(flag: str, compact: bool) -> None:
    counts = np.zeros((9, 1), np.intp)
    encode = emgo1.encode_compact if compact else emgo1.encode_packet
    (chunk,) = Emgo1Decoder().decode(encode(counts, index=0, sequence=0, device_us=0, **{flag: True}))
    assert chunk.flags == (flag, "uncalibrated")


def test_info_gives_scale_rate_delay_and_skew() -> None:
    info = emgo1.encode_info(
        n_channels=1, frequency=(2000, 3), uV_per_count=0.25, group_delay_us=1500, channel_skew_ns=20_000
    )
    decoder = Emgo1Decoder(info)
    (chunk,) = decoder.decode(emgo1.encode_packet(np.array([[8]]), index=0, sequence=0, device_us=0))
    assert chunk.values.tolist() == [[2e-6]]
    assert chunk.flags == ()
    found = decoder.descriptor
    assert (found.n_channels, found.sampling_frequency) == (1, 2000 / 3)
    assert found.delay_s == pytest.approx(0.0015)
    assert found.channel_skew_s == pytest.approx(20e-6)


def test_the_descriptor_has_the_channels_that_arrive() -> None:
    decoder = Emgo1Decoder()
    decoder.decode(emgo1.encode_packet(np.zeros((5, 8), np.intp), index=0, sequence=0, device_us=0))
    assert decoder.descriptor.n_channels == 8


def test_all_counters_of_a_full_packet_wrap() -> None:
    packet = emgo1.encode_packet(
        np.array([[0]]), index=2**32 + 5, sequence=2**16, device_us=2**32 + 9, acknowledged=(3, 10)
    )
    (chunk,) = Emgo1Decoder().decode(packet)
    assert (chunk.counter, chunk.sequence, chunk.device_us) == (5, 0, 9)
    assert chunk.acknowledged == (2**16 - 3, 2**32 - 1)


def compact_at(index: int) -> bytes:
    counts = np.zeros((9, 1), np.intp)
    return emgo1.encode_compact(counts, index=index, sequence=index // 9, device_us=index * 1000)


@pytest.mark.parametrize("step", [9, 900, 9000, 54_000])
def test_short_counters_go_on_past_their_wraps_over_gaps(step: int) -> None:
    decoder = Emgo1Decoder()
    for index in range(0, 400_000, step):
        (chunk,) = decoder.decode(compact_at(index))
        assert chunk.counter == index
        assert chunk.device_us is not None
        assert abs(chunk.device_us - index * 1000) < 16


def test_a_repeated_compact_packet_keeps_its_place() -> None:
    decoder = Emgo1Decoder()
    places = [decoder.decode(compact_at(i))[0].counter for i in (65_529, 65_538, 65_529, 65_547)]
    assert places == [65_529, 65_538, 65_529, 65_547]


@pytest.mark.parametrize(
    ("packet", "message"),
    [
        (b"", "empty"),
        (bytes(513), "longer than"),
        (b"\x03" + FULL[1:], "version 3"),
        (FULL[:16], "ends before"),
        (FULL[:-1], "no whole frames"),
        (FULL[:1] + b"\x19" + FULL[2:], "unknown format"),
        (FULL[:1] + b"\x21" + FULL[2:], "unknown format"),
        (COMPACT[:-1], "no compact packet"),
        (b"\x12" + COMPACT[1:], "no compact packet"),
    ],
)
def test_what_is_no_packet_is_refused_with_the_reason(packet: bytes, message: str) -> None:
    with pytest.raises(PacketError, match=message) as caught:
        Emgo1Decoder().decode(packet)
    assert caught.value.data == packet
