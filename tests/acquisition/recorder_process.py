"""A process that records: for each line of its input (path, paced or flat) it forks a recorder and prints its id.

Forked, because importing takes longer than the recordings. What the recorder has taken is counted in shared memory
(`path` + ".taken"), to be compared with what the journal holds when the recorder was killed.
"""

from __future__ import annotations

import asyncio
import mmap
import os
import sys
from itertools import count
from pathlib import Path

from emgorder.acquisition.recorder import Recorder
from emgorder.acquisition.transport import Packet, RealClock


async def record(path: Path, *, paced: bool) -> None:
    """Record two sensors for ever, as fast as a session or as fast as it goes."""
    clock = RealClock()
    with path.with_name(path.name + ".taken").open("r+b") as file, mmap.mmap(file.fileno(), 8) as taken:
        async with Recorder(path, {"sensors": {"left": {}, "right": {}}}) as recorder:
            for n in count():
                recorder(Packet("left" if n % 2 else "right", clock.now(), n.to_bytes(8, "little") + bytes(92)))
                taken[:] = (n + 1).to_bytes(8, "little")
                await asyncio.sleep(0.0115 if paced else 0)


def main() -> None:
    """Serve."""
    for line in sys.stdin:
        path, pace = line.split()
        child = os.fork()
        if child == 0:
            asyncio.run(record(Path(path), paced=pace == "paced"))
        print(child, flush=True)  # noqa: T201
        print(os.waitpid(child, 0)[1], flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
