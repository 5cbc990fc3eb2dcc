"""What the decoders of the other sensors do beyond their vectors, and what each of them refuses."""

from __future__ import annotations

import numpy as np
import pytest

from emgorder.errors import PacketError, SettingsError
from emgorder.sensors import make_decoder
from emgorder.sensors.bitalino import BitalinoDecoder
from emgorder.sensors.shimmer3r import Shimmer3rDecoder
from emgorder.simulate.packets import bitalino, ganglion, gforce, npg_lite, shimmer3r
from scripts.firmware_vectors import vector_bytes, vectors


def counts(values: np.ndarray, volts_per_count: float) -> list[list[int]]:
    rounded: list[list[int]] = np.rint(values / volts_per_count).astype(int).tolist()
    return rounded


def test_shimmer3r_acknowledgements_between_frames_are_no_damage() -> None:
    packets = shimmer3r.encode(np.zeros((20, 2), np.intp), 0)
    (chunk,) = make_decoder("shimmer3r").decode(b"\xff\xff" + packets[0][:90] + b"\xff" + packets[0][90:])
    assert len(chunk.values) == 20
    assert chunk.flags == ()


def test_shimmer3r_device_clock_goes_on_when_the_time_stamp_wraps() -> None:
    first_tick = (1 << 24) - 5 * 32
    decoder = Shimmer3rDecoder()
    packets = shimmer3r.encode(np.zeros((40, 2), np.intp), 0, first_tick=first_tick)
    chunks = [c for p in packets for c in decoder.decode(p)]
    assert [c.device_us for c in chunks] == [round((first_tick + 20 * 32 * k) * 1e6 / 32768) % 2**32 for k in range(2)]
    assert [c.counter for c in chunks] == [(1 << 19) - 5, 15]


def test_shimmer3r_time_stamps_that_jitter_by_a_tick_give_one_run() -> None:
    frames = b"".join(b"\0" + (1000 + 32 * i + (-1, 0, 1)[i % 3]).to_bytes(3, "little") + bytes(5) for i in range(12))
    (chunk,) = Shimmer3rDecoder().decode(frames)
    assert len(chunk.values) == 12


def test_shimmer3r_values_of_24_bits() -> None:
    packet = shimmer3r.encode(np.tile([0x7FFFFF, -0x800000], (20, 1)), 0, bits=24)[0]
    (chunk,) = Shimmer3rDecoder(bits=24).decode(packet)
    assert counts(chunk.values[:1], 2.42 / 12 / 2**23) == [[0x7FFFFF, -0x800000]]
    assert vectors("shimmer3r")["frame24"]["volts_per_count"] == pytest.approx(2.42 / 12 / 2**23, rel=1e-12)


@pytest.mark.parametrize(
    ("frames", "n_channels", "rate", "length"),
    [(10, 3, 500, 70), (10, 6, 500, 130), (25, 3, 250, 175), (1, 6, 500, 13)],
)
def test_the_length_of_an_npg_lite_notification_tells_its_layout(
    frames: int, n_channels: int, rate: int, length: int
) -> None:
    decoder = make_decoder("npg_lite")
    (packet,) = npg_lite.encode(np.zeros((frames, n_channels), np.intp), 250, frames=frames)
    assert len(packet) == length
    (chunk,) = decoder.decode(packet)
    found = decoder.descriptor
    assert chunk.values.shape == (frames, n_channels)
    assert (found.n_channels, found.sampling_frequency) == (n_channels, rate)
    assert found.channel_skew_s == 1 / (rate * (n_channels + 1))


def test_npg_lite_a_gap_inside_a_notification_splits_it() -> None:
    before, after = (npg_lite.encode(np.zeros((5, 3), np.intp), at, frames=5)[0] for at in (0, 9))
    chunks = make_decoder("npg_lite").decode(before + after)
    assert [(c.counter, len(c.values)) for c in chunks] == [(0, 5), (9, 5)]


def test_the_encoder_makes_the_vector_of_bitalino() -> None:
    assert bitalino.encode_frame(np.array([600, 511]), 5, 0b1010) == vector_bytes("bitalino", "frame2")
    assert vectors("bitalino")["frame2"]["volts_per_count"] == pytest.approx(3.3 / 1009 / 1024, rel=1e-12)


def test_bitalino_a_wrong_bit_costs_its_frame_alone() -> None:
    stream = bytearray(b"".join(bitalino.encode(np.full((20, 2), 512), 0)))
    stream[22] ^= 4  # in frame 5
    chunks = make_decoder("bitalino").decode(bytes(stream))
    assert [(c.counter, len(c.values), c.flags) for c in chunks] == [(0, 5, ()), (6, 14, ("crc",))]


def test_bitalino_finds_the_frames_again_when_bytes_are_missing() -> None:
    values = np.random.default_rng(4).integers(0, 1024, (40, 2))
    stream = b"".join(bitalino.encode(values, 0))
    chunks = make_decoder("bitalino").decode(stream[:41] + stream[43:])
    assert chunks[0].counter == 0
    assert chunks[-1].flags == ("resync",)
    kept = np.concatenate([c.values for c in chunks])
    assert counts(kept[-29:], 3.3 / 1009 / 1024) == (values[-29:] - 512).tolist()


@pytest.mark.parametrize(("n_channels", "size", "live"), [(1, 3, 0x05), (3, 6, 0x1D), (6, 8, 0xFD)])
def test_bitalino_start_command_and_frame_fit_the_channels(n_channels: int, size: int, live: int) -> None:
    descriptor = BitalinoDecoder(n_channels).descriptor
    assert descriptor.start[1].data == bytes([live])
    assert descriptor.n_channels == n_channels
    assert len(bitalino.encode_frame(np.zeros(n_channels, np.intp), 0)) == size


def test_the_words_of_ganglion_lose_their_lowest_bit_and_a_count_is_what_its_page_says() -> None:
    vector = vectors("ganglion")["bits19"]
    words = [2, -1, 1000, -999, 262142, -262143, 4, -5]
    assert [c for row in vector["chunks"][0]["counts"] for c in row] == [(w & ~1) << 5 for w in words]
    assert vector["volts_per_count"] == 1.2 / (8388607 * 1.5 * 51) == pytest.approx(0.00187e-6, rel=1e-3)


def test_ganglion_18_bit_packets_and_their_accelerometer() -> None:
    (packet,) = ganglion.encode(np.array([[640, -640, 1 << 20, -(1 << 23)], [0, 64, 128, -128]]), 14, bits=18)
    (chunk,) = make_decoder("ganglion").decode(packet[:19] + b"\xc0")
    assert packet[0] == 7
    assert chunk.counter == 14
    scale = 1.2 / (8388607 * 1.5 * 51)
    assert counts(chunk.values, scale) == [[640, -640, 1 << 20, -(1 << 23)], [0, 0, 128, -128]]


@pytest.mark.parametrize("key", ["ganglion", "ganglion_2"])
def test_ganglion_impedances_and_text_are_no_samples(key: str) -> None:
    assert make_decoder(key).decode(bytes([203]) + b"12 Z\n") == []


def test_ganglion_2_differences_are_useless_after_a_loss_until_the_next_full_packet() -> None:
    values = np.arange(4 * 403).reshape(403, 4) * 2
    packets = ganglion.encode_2(values)
    decoder = make_decoder("ganglion_2")
    chunks = [c for p in [*packets[:3], *packets[4:]] for c in decoder.decode(p)]
    assert [c.counter for c in chunks[:4]] == [0, 1, 3, 0]
    assert sum(len(c.values) for c in chunks) == 5 + 201 + 1


@pytest.mark.parametrize("length", [26, 27])
def test_umyo_auxiliary_notifications_are_no_samples(length: int) -> None:
    assert make_decoder("umyo").decode(bytes(length)) == []


@pytest.mark.parametrize("text", [b"nan", b"inf", b"1e5", b"1_0", b"12 13", b"\xb2", b"9" * 40, b"-"])
def test_myoware_text_that_is_no_plain_number_is_refused(text: bytes) -> None:
    with pytest.raises(PacketError, match="no number"):
        make_decoder("myoware").decode(text)
    with pytest.raises(PacketError):
        make_decoder("myoware_uart").decode(text + b"\n")


def test_myoware_uart_lines_may_be_cut_anywhere() -> None:
    decoder = make_decoder("myoware_uart")
    chunks = [c for part in (b"1", b"2\r\n3", b"4\n56\n", b"\n") for c in decoder.decode(part)]
    assert [c.values[:, 0].tolist() for c in chunks] == [[12], [34, 56]]


def test_myoware_uart_a_wrong_line_is_flagged_and_costs_no_other() -> None:
    (chunk,) = make_decoder("myoware_uart").decode(b"12\nreset!\n13\n")
    assert (chunk.values[:, 0].tolist(), chunk.flags) == ([12, 13], ("resync",))


def test_myoware_uart_a_line_without_end_is_refused_and_forgotten() -> None:
    decoder = make_decoder("myoware_uart")
    with pytest.raises(PacketError, match="no end of line"):
        decoder.decode(b"7" * 100)
    assert decoder.decode(b"8\n")[0].values.tolist() == [[8.0]]


def test_gforce_fragments_make_a_packet_and_a_missing_one_spoils_it_alone() -> None:
    packet = gforce.encode(np.arange(128).reshape(16, 8))[0]
    parts = gforce.fragments(packet, 20)
    decoder = make_decoder("gforce")
    whole = [c for part in parts for c in decoder.decode(part)]
    assert (whole[0].values + 128).reshape(-1).tolist() == list(range(128))
    for part in parts[:3] + parts[4:-1]:
        assert decoder.decode(part) == []
    with pytest.raises(PacketError):
        decoder.decode(parts[-1])
    assert len([c for part in parts for c in decoder.decode(part)]) == 1


def test_gforce_data_of_other_kinds_is_no_emg() -> None:
    assert make_decoder("gforce").decode(b"\x05" + bytes(16)) == []
    with pytest.raises(PacketError, match="unknown kind"):
        make_decoder("gforce").decode(b"\x40")


@pytest.mark.parametrize(
    ("key", "data", "message"),
    [
        ("npg_lite", bytes(71), "71 bytes, expected 70"),
        ("npg_lite", bytes.fromhex("fe 0800 1000 0fff"), "a value of 4096, 12 bits end at 4095"),
        ("umyo", bytes(51), "51 bytes, expected 20"),
        ("myo", bytes(15), "15 bytes, expected 16"),
        ("ganglion", bytes(19), "19 bytes, expected 20"),
        ("ganglion", b"\xc8" + bytes(19), "firmware 2"),
        ("ganglion_2", b"\xd0" + bytes(19), "packet number 208"),
        ("gforce", b"\x08" + bytes(64), "expected 129"),
        ("gforce", b"\xff\x01", "fragment without content"),
        ("gforce", b"\xff\x01" + bytes(130), "fragments of more than"),
    ],
)
def test_what_is_no_packet_is_refused_with_the_reason(key: str, data: bytes, message: str) -> None:
    with pytest.raises(PacketError, match=message) as caught:
        make_decoder(key).decode(data)
    assert caught.value.sensor == key


def test_decoders_refuse_settings_that_no_device_has() -> None:
    with pytest.raises(SettingsError, match="n_channels"):
        BitalinoDecoder(7)
    with pytest.raises(SettingsError, match="bits"):
        Shimmer3rDecoder(bits=12)
