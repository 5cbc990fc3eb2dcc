"""Any bytes give samples or PacketError, in bounded memory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.sensors import sensors
from emgorder.simulate.packets import PROFILES
from scripts.fuzz_decoders import check, check_control, notifications_of, one_input, random_cases


@pytest.mark.parametrize("key", sorted(sensors()))
@given(st.lists(st.binary(max_size=600), max_size=12))
def test_arbitrary_notifications_give_samples_or_packet_errors(key: str, notifications: list[bytes]) -> None:
    check(key, notifications)


@given(st.binary(max_size=48))
def test_arbitrary_bytes_beside_the_samples_give_values_or_packet_errors(data: bytes) -> None:
    check_control(data)


@given(st.binary(max_size=400))
def test_arbitrary_inputs_of_the_fuzzer_pass(data: bytes) -> None:
    one_input(data)


def test_fixed_random_and_damaged_links_give_samples_or_packet_errors() -> None:
    random_cases(150, seed=7)


@pytest.mark.parametrize("key", sorted(PROFILES))
def test_the_check_lets_whole_links_through(key: str) -> None:
    """A harness that decodes nothing would find nothing."""
    profile = PROFILES[key]
    counts = np.full((4 * profile.frames, profile.n_channels), profile.middle)
    assert check(key, profile.encode(counts, 0)) == len(counts)


@pytest.mark.parametrize("key", sorted(sensors()))
@pytest.mark.parametrize("byte", [0x00, 0x07, 0x12, 0x31, 0xFE, 0xFF])
def test_memory_stays_bounded_in_an_endless_stream_of_one_byte(key: str, byte: int) -> None:
    check(key, [bytes([byte]) * n for n in range(1, 513)])


def test_an_input_is_cut_at_its_lengths() -> None:
    assert list(notifications_of(b"\x02ab\x00\x05cd")) == [b"ab", b"", b"cd"]
    assert [len(d) for d in notifications_of(b"\xff" + bytes(600))] == [512] + [0] * 88
