"""Throw arbitrary notifications at the decoders: each must answer with samples or PacketError, in bounded memory.

    python scripts/fuzz_decoders.py [-max_total_time=600] [FOLDER]    # with atheris installed: options of libFuzzer
    python scripts/fuzz_decoders.py --cases 100000 --seed 1           # without atheris: random and damaged packets

An input is one byte that picks the sensor, then notifications, each behind one byte of length (255 stands for 512).
"""

from __future__ import annotations

import argparse
import math
import pickle
import random
import sys
from collections.abc import Iterable, Iterator
from types import FunctionType

import numpy as np

from emgorder.errors import PacketError
from emgorder.sensors import Chunk, Decoder, make_decoder, sensors
from emgorder.sensors.emgo1_control import read_ctrl_reply, read_info, read_status, read_sync_reply
from emgorder.simulate.packets import PROFILES

MAX_STATE = 4096
"""Bytes that a decoder may take when pickled: what it holds, and its descriptor."""

_READERS = (read_info, read_status, read_ctrl_reply, read_sync_reply)


def check(key: str, notifications: Iterable[bytes]) -> int:
    """Decode the notifications of one link, check each answer, and return how many samples came out."""
    decoder, n = make_decoder(key), 0
    for data in notifications:
        try:
            chunks = decoder.decode(data)
        except PacketError:
            continue
        for chunk in chunks:
            check_chunk(chunk, decoder)
            n += len(chunk.values)
    assert len(pickle.dumps(decoder)) <= MAX_STATE, f"{key} holds {len(pickle.dumps(decoder))} bytes"
    return n


def check_chunk(chunk: Chunk, decoder: Decoder) -> None:
    """Fail unless a chunk is what its decoder's descriptor says."""
    descriptor = decoder.descriptor
    assert chunk.values.dtype == np.float64
    assert chunk.values.ndim == 2
    assert len(chunk.values) > 0
    assert chunk.values.shape[1] == descriptor.n_channels
    assert np.isfinite(chunk.values).all()
    if descriptor.counter_modulus is None:
        assert chunk.counter is None
    else:
        assert chunk.counter is not None
        assert 0 <= chunk.counter < descriptor.counter_modulus
    assert chunk.device_us is None or 0 <= chunk.device_us < 2**32


def check_control(data: bytes) -> None:
    """Check that the other characteristics of EMGO-1 give a value or PacketError."""
    for read in _READERS:
        try:
            found = read(data)
        except PacketError:
            continue
        assert all(math.isfinite(v) for v in vars_of(found) if isinstance(v, float))


def vars_of(found: object) -> list[object]:
    """Return the values of a dataclass with slots."""
    return [getattr(found, name) for name in found.__slots__]  # type: ignore[attr-defined]


def one_input(data: bytes) -> None:
    """Check what one input of the fuzzer says."""
    if not data:
        return
    keys = [*sensors(), ""]
    key = keys[data[0] % len(keys)]
    if key:
        check(key, notifications_of(data[1:]))
    else:
        check_control(data[1:])


def notifications_of(data: bytes) -> Iterator[bytes]:
    """Cut an input into notifications."""
    at = 0
    while at < len(data):
        length = 512 if data[at] == 255 else data[at]
        yield data[at + 1 : at + 1 + length]
        at += 1 + length


def damaged(key: str, rng: random.Random) -> list[bytes]:
    """Return notifications of a sensor with bytes changed, lost, put in, cut, doubled, swapped, or all random."""
    if key not in PROFILES or rng.random() < 0.2:
        return [
            rng.randbytes(rng.choice((0, 1, 4, 7, 16, 20, 26, 52, 70, 129, 600))) for _ in range(rng.randrange(1, 12))
        ]
    profile = PROFILES[key]
    n = profile.frames * rng.randrange(2, 8)
    values = np.random.default_rng(rng.randrange(2**32)).integers(
        profile.lowest, profile.highest + 1, (n, profile.n_channels)
    )
    packets = profile.encode(values.astype(np.intp), profile.frames * rng.randrange(2**20))
    for _ in range(rng.randrange(6)):
        packets = _DAMAGES[rng.randrange(len(_DAMAGES))](packets, rng)
    return packets


def _change(packets: list[bytes], rng: random.Random) -> list[bytes]:
    i = rng.randrange(len(packets))
    packet = bytearray(packets[i])
    if packet:
        packet[rng.randrange(len(packet))] = rng.randrange(256)
    return [*packets[:i], bytes(packet), *packets[i + 1 :]]


def _lose(packets: list[bytes], rng: random.Random) -> list[bytes]:
    i = rng.randrange(len(packets))
    return [*packets[:i], *packets[i + 1 :]] or packets


def _double(packets: list[bytes], rng: random.Random) -> list[bytes]:
    i = rng.randrange(len(packets))
    return [*packets[: i + 1], *packets[i:]]


def _swap(packets: list[bytes], rng: random.Random) -> list[bytes]:
    i, j = rng.randrange(len(packets)), rng.randrange(len(packets))
    packets = list(packets)
    packets[i], packets[j] = packets[j], packets[i]
    return packets


def _shift(packets: list[bytes], rng: random.Random) -> list[bytes]:
    """Put in or take out bytes somewhere, and cut the stream elsewhere."""
    stream = b"".join(packets)
    at, gone, put = rng.randrange(len(stream) + 1), rng.randrange(6), rng.randbytes(rng.randrange(6))
    stream = stream[:at] + put + stream[at + gone :]
    size = rng.randrange(1, 250)
    return [stream[i : i + size] for i in range(0, len(stream), size)] or packets


_DAMAGES = (_change, _change, _lose, _double, _swap, _shift)


def random_cases(n: int, seed: int) -> None:
    """Check `n` links of each sensor, and the other characteristics of EMGO-1 as often."""
    rng = random.Random(seed)
    for _ in range(n):
        for key in sensors():
            check(key, damaged(key, rng))
        check_control(rng.randbytes(rng.choice((0, 12, 14, 20, 36, 40))))


def decoder_functions() -> Iterator[FunctionType]:
    """Yield the functions and methods of emgorder.sensors: instrumenting all that numpy brings takes minutes."""
    for name, module in list(sys.modules.items()):
        if not name.startswith("emgorder.sensors"):
            continue
        for holder in [module, *(thing for thing in vars(module).values() if isinstance(thing, type))]:
            for thing in list(vars(holder).values()):
                if isinstance(thing, FunctionType) and thing.__module__ == name:
                    yield thing


def main() -> None:
    """Run atheris where it is installed, else random cases."""
    try:
        import atheris  # type: ignore[import-not-found]
    except ImportError:
        parser = argparse.ArgumentParser(description="Random cases; install atheris for coverage-guided ones.")
        parser.add_argument("--cases", type=int, default=10_000)
        parser.add_argument("--seed", type=int, default=1)
        options = parser.parse_args()
        random_cases(options.cases, options.seed)
        print(f"{options.cases} links of each sensor: samples or PacketError, nothing else")
        return
    for function in decoder_functions():
        atheris.instrument_func(function)
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
