"""What a simulated sensor encodes is what the decoder gives, for any counts, starts and cuts."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from emgorder.model import FloatArray, IntArray
from emgorder.sensors import Chunk, Decoder, make_decoder, sensors
from emgorder.sensors.bitalino import BitalinoDecoder
from emgorder.sensors.emgo1 import Emgo1Decoder
from emgorder.sensors.gforce import GforceDecoder
from emgorder.simulate.packets import PROFILES, PacketProfile, bitalino, emgo1, ganglion, gforce

SEEDS = st.integers(0, 2**32 - 1)
PARTS = st.lists(st.integers(1, 60), max_size=60)


def random_counts(profile: PacketProfile, n: int, seed: int) -> IntArray:
    rng = np.random.default_rng(seed)
    return rng.integers(profile.lowest, profile.highest + 1, (n, profile.n_channels)).astype(np.intp)


def decode_all(decoder: Decoder, notifications: Iterable[bytes]) -> list[Chunk]:
    return [chunk for data in notifications for chunk in decoder.decode(data)]


def joined(chunks: list[Chunk]) -> FloatArray:
    return np.concatenate([chunk.values for chunk in chunks])


def places(chunks: list[Chunk], modulus: int) -> list[int]:
    return [((chunk.counter or 0) + i) % modulus for chunk in chunks for i in range(len(chunk.values))]


def cut(stream: bytes, sizes: Iterable[int]) -> list[bytes]:
    pieces, at = [], 0
    for size in sizes:
        pieces.append(stream[at : at + size])
        at += size
    pieces += [stream[i : i + 512] for i in range(at, len(stream), 512)]
    return [piece for piece in pieces if piece]


def expected(profile: PacketProfile, counts: IntArray) -> FloatArray:
    if profile.key == "ganglion":
        return (counts >> 6 << 6) * profile.volts_per_count
    if sensors()[profile.key].unit == "V":
        return (counts - profile.middle) * profile.volts_per_count
    return counts - (128.0 if profile.key == "gforce" else 0.0)


@pytest.mark.parametrize("key", sorted(PROFILES))
@given(n=st.integers(1, 6), start=st.integers(0, 2**34), seed=SEEDS)
def test_samples_and_counters_survive_their_bytes(key: str, n: int, start: int, seed: int) -> None:
    profile, descriptor = PROFILES[key], sensors()[key]
    first = start // profile.frames * profile.frames
    counts = random_counts(profile, n * profile.frames, seed)
    chunks = decode_all(make_decoder(key), profile.encode(counts, first))
    np.testing.assert_allclose(joined(chunks), expected(profile, counts), rtol=1e-12, atol=1e-15)
    modulus = descriptor.counter_modulus
    if modulus is None:
        assert all(chunk.counter is None for chunk in chunks)
    else:
        assert places(chunks, modulus) == [(first + i) % modulus for i in range(len(counts))]


@pytest.mark.parametrize("key", ["shimmer3r", "bitalino", "myoware_uart"])
@given(sizes=PARTS, start=st.integers(0, 2**30), seed=SEEDS)
def test_a_stream_may_be_cut_anywhere(key: str, sizes: list[int], start: int, seed: int) -> None:
    profile = PROFILES[key]
    counts = random_counts(profile, 4 * profile.frames, seed)
    chunks = decode_all(make_decoder(key), cut(b"".join(profile.encode(counts, start)), sizes))
    np.testing.assert_allclose(joined(chunks), expected(profile, counts), rtol=1e-12, atol=1e-15)
    assert not any(chunk.flags for chunk in chunks)


@pytest.mark.parametrize("key", ["shimmer3r", "bitalino"])
@example(at=1, gone=22, sizes=[], seed=5)
@given(at=st.integers(0, 500), gone=st.integers(1, 30), sizes=PARTS, seed=SEEDS)
def test_a_damaged_stream_is_right_again_at_its_end(key: str, at: int, gone: int, sizes: list[int], seed: int) -> None:
    profile = PROFILES[key]
    counts = random_counts(profile, 300 // profile.frames * profile.frames, seed)
    stream = b"".join(profile.encode(counts, 0))
    chunks = decode_all(make_decoder(key), cut(stream[:at] + stream[at + gone :], sizes))
    tail = 100
    np.testing.assert_allclose(joined(chunks)[-tail:], expected(profile, counts)[-tail:], rtol=1e-12, atol=1e-15)
    modulus = sensors()[key].counter_modulus or 1
    assert places(chunks, modulus)[-tail:] == [i % modulus for i in range(len(counts) - tail, len(counts))]


@given(n_channels=st.integers(1, 6), sizes=PARTS, start=st.integers(0, 100), seed=SEEDS)
def test_bitalino_frames_of_any_number_of_channels_survive(
    n_channels: int, sizes: list[int], start: int, seed: int
) -> None:
    full = np.array([1024, 1024, 1024, 1024, 64, 64])[:n_channels]
    counts = (np.random.default_rng(seed).random((20, n_channels)) * full).astype(np.intp)
    stream = b"".join(bitalino.encode(counts, start, digital=seed % 16))
    chunks = decode_all(BitalinoDecoder(n_channels), cut(stream, sizes))
    np.testing.assert_allclose(joined(chunks), (counts / full - 0.5) * 3.3 / 1009, rtol=1e-12, atol=1e-15)


@given(
    n_frames=st.integers(1, 20),
    n_channels=st.integers(1, 8),
    bits=st.sampled_from([12, 16, 24]),
    index=st.integers(0, 2**34),
    device_us=st.integers(0, 2**34),
    acknowledged=st.none() | st.tuples(st.integers(0, 255), st.integers(0, 2**24 - 1)),
    seed=SEEDS,
)
def test_full_packets_of_every_format_survive(
    n_frames: int,
    n_channels: int,
    bits: int,
    index: int,
    device_us: int,
    acknowledged: tuple[int, int] | None,
    seed: int,
) -> None:
    limit = 1 << (bits - 1)
    counts = np.random.default_rng(seed).integers(-limit, limit, (n_frames, n_channels)).astype(np.intp)
    packet = emgo1.encode_packet(
        counts, index=index, sequence=index // 7, device_us=device_us, bits=bits, acknowledged=acknowledged
    )
    assume(len(packet) <= 512)
    (chunk,) = Emgo1Decoder().decode(packet)
    assert (np.rint(chunk.values * 1e6) == counts).all()
    assert (chunk.counter, chunk.sequence, chunk.device_us) == (
        index % 2**32,
        index // 7 % 2**16,
        device_us % 2**32,
    )
    if acknowledged is None:
        assert chunk.acknowledged is None
    else:
        ago, age_us = acknowledged
        assert chunk.acknowledged == ((index // 7 - ago) % 2**16, (device_us - age_us) % 2**32)


@given(lost=st.lists(st.booleans(), min_size=60, max_size=60), start=st.integers(0, 2**16 // 9), seed=SEEDS)
def test_compact_packets_keep_their_places_whatever_is_lost(lost: list[bool], start: int, seed: int) -> None:
    counts = np.random.default_rng(seed).integers(-2048, 2048, (9 * 60, 1)).astype(np.intp)
    packets = emgo1.encode(counts, 9 * start, compact=True)
    kept = [i for i, gone in enumerate(lost) if not gone]
    assume(kept)
    chunks = decode_all(Emgo1Decoder(), [packets[i] for i in kept])
    first = (chunks[0].counter or 0) - 9 * kept[0]  # the first packet tells the low half alone
    assert [chunk.counter for chunk in chunks] == [first + 9 * i for i in kept]
    assert (np.rint(joined(chunks) * 1e6) == np.concatenate([counts[9 * i : 9 * i + 9] for i in kept])).all()
    steps = np.diff([float(chunk.device_us or 0) for chunk in chunks])
    assert (np.abs(steps - 9000 * np.diff(kept)) <= 16).all()


@given(seed=SEEDS, bits=st.sampled_from([18, 19]), n=st.integers(0, 150))
def test_ganglion_differences_give_the_samples_but_for_their_lowest_bit(seed: int, bits: int, n: int) -> None:
    rest = (2 * n + 1) % 201
    assume(rest == 0 or rest % 2 == 1)  # else the last packet would have one sample only
    steps = np.random.default_rng(seed).integers(-20_000, 20_001, (2 * n + 1, 4))
    counts = np.cumsum(steps, axis=0).astype(np.intp)
    chunks = decode_all(make_decoder("ganglion_2"), ganglion.encode_2(counts, bits=bits))
    found = joined(chunks) / (1.2 / (8388607 * 1.5 * 51))
    assert np.abs(found - counts).max() <= 1.01
    assert places(chunks, 201) == [i % 201 for i in range(len(counts))]


@given(size=st.integers(3, 140), seed=SEEDS)
def test_gforce_fragments_of_any_size_survive(size: int, seed: int) -> None:
    counts = random_counts(PROFILES["gforce"], 32, seed)
    parts = [part for packet in gforce.encode(counts) for part in gforce.fragments(packet, size)]
    assert (joined(decode_all(GforceDecoder(), parts)) == counts - 128).all()
