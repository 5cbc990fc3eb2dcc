"""A driver for a sensor of your own: say what it is, turn its bytes into samples; the rest is as with any other."""

import numpy as np

import emgorder as eo
from emgorder.acquisition.recorder import describe
from emgorder.io.journal import JournalWriter
from emgorder.sensors import Chunk, SensorDescriptor, register_sensor

MINE = SensorDescriptor(
    key="my_board", title="My board", names=("MyBoard",), n_channels=2, sampling_frequency=1000.0, unit="V", kind="raw",
    service="6a7f0001-0000-4000-8000-000000000000", notify="6a7f0002-0000-4000-8000-000000000000",
    counter_modulus=1 << 16,
)  # fmt: skip
VOLTS = 0.25e-6  # a count


class MyDecoder:
    """Decodes the packets of one board."""

    descriptor = MINE

    def decode(self, data: bytes) -> list[Chunk]:
        """Take a packet: the number of its first sample (16 bits), then both channels in turn (16 bits each)."""
        if len(data) < 6 or len(data) % 4 != 2:
            raise eo.PacketError("not a counter and whole samples", sensor=MINE.key, data=data)
        return [Chunk(int.from_bytes(data[:2], "little"), np.frombuffer(data[2:], "<i2").reshape(-1, 2) * VOLTS)]


register_sensor(MINE, MyDecoder)
person = eo.simulate_session(seed=3)  # no such board is at hand: what it would send, 20 samples a packet
counts = np.clip(np.rint(np.nan_to_num(person.data) / VOLTS), -32768, 32767).astype("<i2")
with JournalWriter("my_board.emgj", {"sensors": {"b": describe(MINE)}, "channels": {"b": ["GMAX_R", "BF_R"]}}) as out:
    out.event("b", 0.0, "up")
    for i in range(0, len(counts) - 19, 20):
        out.packet("b", i / 1000 + 0.02, (i % 65536).to_bytes(2, "little") + counts[i : i + 20].tobytes())
    for event in person.events.itertuples():
        out.mark(event.onset, event.trial_type, duration_s=event.duration)
print(eo.analyse(eo.read_recording("my_board.emgj")).summary.T)
