"""A book of everything that a converter has made, to be balanced against what a host has decoded."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from emgorder.sensors.base import Chunk
from emgorder.sensors.emgo1 import Emgo1Decoder
from emgorder.sensors.emgo1_control import set_sampling
from tests.firmware.core import BITS, COMPACT, Core

LEAD_OFF, SYNC_EDGE = 1 << 6, 1 << 7
FORMATS = ("i16", "i12", "i24", "compact")


class Ledger:
    """Drives one stream of a core at random and keeps book.

    `chaos` is the probability of each kind of trouble in a step: conversions lost by the driver, a radio that takes
    nothing, a main loop that is late, another MTU.
    """

    def __init__(self, boot: Callable[..., Core], rng: np.random.Generator, *, format: int, bits: int = 24,
                 n_inputs: int = 2, mask: int = 3, mtu: int = 247, chaos: float = 0.0, wrapping: bool = True,
                 changing_mtu: bool = False) -> None:  # fmt: skip
        self.rng, self.format, self.bits, self.mask, self.chaos = rng, format, bits, mask, chaos
        self.changing_mtu, self.mtu = changing_mtu, mtu
        # Near their ends, so that each counter wraps within a run.
        self.first_index = 2**32 - int(rng.integers(100, 3000)) if wrapping else 0
        self.t0_us = 2**32 - int(rng.integers(100_000, 3_000_000)) if wrapping else 0
        self.core = boot(
            n_inputs=n_inputs,
            bits=bits,
            mtu=mtu,
            first_index=self.first_index,
            first_sequence=2**16 - 40 if wrapping else 0,
        )
        self.counts: list[np.ndarray] = []
        self.t_us: list[np.ndarray] = []
        self.marks: list[np.ndarray] = []
        self.taken: list[np.ndarray] = []  # False: lost by the driver
        self.n = 0
        self.packets: list[bytes] = []
        self.decoder = Emgo1Decoder()
        self.acknowledged: dict[int, int] = {}
        self.on_the_air: list[int] = []
        assert self.core.write(set_sampling(1000, mask, FORMATS[format]).data).done

    @property
    def now_us(self) -> int:
        return self.t0_us + 1000 * self.n

    def convert(self, n: int, *, taken: bool = True) -> None:
        """Let the converter make `n` conversions, and hand them over or lose them."""
        limit = 1 << min(self.bits, BITS[self.format] + 1) - 1
        counts = self.rng.integers(-limit, limit, (n, self.core.n_inputs))
        t_us = self.now_us + 1000 * np.arange(n) + self.rng.integers(0, 4, n)
        marks = np.where(self.rng.random(n) < 0.002, self.rng.choice([LEAD_OFF, SYNC_EDGE, LEAD_OFF | SYNC_EDGE], n), 0)
        self.counts.append(counts)
        self.t_us.append(t_us)
        self.marks.append(marks)
        self.taken.append(np.full(n, taken))
        self.n += n
        if taken:
            self.core.take(t_us, counts, marks)
        else:
            self.core.lose(n)

    def transmit(self, taken: int) -> None:
        """Let the radio take packets; some of them are acknowledged, in order."""
        for packet in self.core.packets(taken):
            assert len(packet) <= min(self.mtu - 3, 244)
            self.packets.append(packet)
            if self.format != COMPACT:
                self.on_the_air.append(int.from_bytes(packet[2:4], "little"))
        done = int(self.rng.integers(0, len(self.on_the_air) + 1)) if self.on_the_air else 0
        if done:
            self.core.acknowledge(done, self.now_us)
            self.acknowledged[self.on_the_air[done - 1]] = self.now_us % 2**32
            del self.on_the_air[:done]

    def step(self) -> None:
        rng, trouble = self.rng, self.rng.random(4) < self.chaos
        self.convert(int(rng.integers(0, 60)))
        if trouble[0]:
            self.convert(int(rng.integers(1, 50)), taken=False)
        if trouble[1]:
            for _ in range(int(rng.integers(1, 30))):
                self.convert(int(rng.integers(0, 40)))
                self.transmit(0)
        if trouble[2]:
            self.convert(int(rng.integers(200, 400)))
        if trouble[3] and self.changing_mtu:
            self.mtu = int(rng.integers(23, 300))
            self.core.change_link(self.mtu)
        self.transmit(int(rng.integers(2, 30)))

    def run(self, conversions: int) -> None:
        """Make about so many conversions between START and STOP, and send what is left."""
        self.convert(int(self.rng.integers(0, 50)))  # before anybody listens
        start = self.core.write(b"\x01", self.now_us)
        assert start.done
        self.start = (start.index - self.first_index) % 2**32
        before = self.core.counters()
        while self.n < conversions:
            self.step()
        if self.changing_mtu:
            self.mtu = 247
            self.core.change_link(self.mtu)
        self.stop = (self.core.write(b"\x02", self.now_us).index - self.first_index) % 2**32
        self.convert(int(self.rng.integers(0, 50)))  # after nobody listens
        self.transmit(0xFFFF)
        assert self.core.packets() == []
        assert not self.core.status().streaming
        after = self.core.counters()
        self.overruns, self.tx_drops, self.frames_dropped = (
            getattr(after, name) - getattr(before, name) for name in ("overruns", "tx_drops", "frames_dropped")
        )

    def place(self, chunk: Chunk) -> int:
        """Return which conversion since the first the first frame of a chunk is."""
        assert chunk.counter is not None
        if self.format == COMPACT:  # the first packet tells only the low half
            return (chunk.counter - self.first_index % 2**16) % 2**32
        return (chunk.counter - self.first_index) % 2**32

    def balance(self) -> int:
        """Check every conversion between START and STOP; return how many were lost."""
        counts, t_us, marks = map(np.concatenate, (self.counts, self.t_us, self.marks))
        width = BITS[self.format]
        low, high = -(1 << min(width, self.bits) - 1), (1 << min(width, self.bits) - 1) - 1
        asked_for = counts[:, [i for i in range(self.core.n_inputs) if self.mask >> i & 1]]
        sent = np.clip(asked_for, low, high)
        cut = width < self.bits  # then the ends of the format are values like others
        at_limit = ((asked_for <= low - cut) | (asked_for >= high + cut)).any(axis=1) | (marks & LEAD_OFF > 0)
        decoded = np.zeros(self.n, bool)
        values, places = [], []
        end, sequences, modulus = self.start, [], 2**8 if self.format == COMPACT else 2**16
        for packet in self.packets:
            (chunk,) = self.decoder.decode(packet)
            first = self.place(chunk)
            here = slice(first, first + len(chunk.values))
            assert self.start <= end <= first
            assert here.stop <= self.stop
            values.append(chunk.values)
            places.append(here)
            told_us = int(t_us[first])
            assert chunk.device_us is not None
            if self.format == COMPACT:
                assert (chunk.device_us - (told_us // 16 * 16)) % 2**20 == 0
            else:
                assert chunk.device_us == told_us % 2**32
            assert ("gap" in chunk.flags) == (first != end)
            assert ("lead_off" in chunk.flags) == bool(at_limit[here].any())
            assert ("sync_edge" in chunk.flags) == bool((marks[here] & SYNC_EDGE).any())
            if chunk.acknowledged is not None:
                sequence, at_us = chunk.acknowledged
                assert self.acknowledged[sequence] == at_us
                assert (told_us - at_us) % 2**32 < 2**24
            decoded[here] = True
            end = here.stop
            assert chunk.sequence is not None
            sequences.append(chunk.sequence)
        in_place = np.concatenate([sent[here] for here in places])
        np.testing.assert_array_equal(np.rint(np.concatenate(values) * 1e6), in_place)
        missing = int((~decoded[self.start : self.stop]).sum())
        # Conversions that are missing were lost before the ring, or dropped after it; dropped packets have numbers.
        assert missing == self.overruns + self.frames_dropped
        assert int(((np.diff(sequences) - 1) % modulus).sum()) == self.tx_drops
        driver_lost = ~np.concatenate(self.taken)[self.start : self.stop]
        assert self.overruns >= driver_lost.sum()
        assert not decoded[self.start : self.stop][driver_lost].any()
        return missing
