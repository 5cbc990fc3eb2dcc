"""Everything that one EMGO-1 board sent, read: samples, INFO, STATUS, and pings with their answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emgorder.acquisition.streams import PING
from emgorder.acquisition.transport import LinkEvent, Packet
from emgorder.errors import PacketError
from emgorder.sensors.base import Chunk
from emgorder.sensors.emgo1 import Emgo1Decoder
from emgorder.sensors.emgo1_control import Info, Status, SyncReply, read_info, read_status, read_sync_reply

__all__ = ["BoardHeard", "read_board"]

_COMPACT = 2  # version of a packet


@dataclass(frozen=True, eq=False, slots=True)
class BoardHeard:
    """Everything that one board sent: each thing with its arrival, host's seconds.

    ``compact`` tells whether some packets were compact: of their clock only the lower second is known.
    """

    chunks: tuple[tuple[float, Chunk], ...]
    infos: tuple[Info, ...]
    statuses: tuple[tuple[float, Status], ...]
    pings: tuple[tuple[float, int], ...]
    replies: tuple[tuple[float, SyncReply], ...]
    compact: bool

    @property
    def frames(self) -> int:
        """Samples of a usual packet."""
        return int(np.median([len(chunk.values) for _, chunk in self.chunks]))


def read_board(heard: Sequence[Packet | LinkEvent]) -> BoardHeard:
    """Read what was heard of one board; what cannot be read is left out."""
    decoder, last = Emgo1Decoder(), b""
    chunks: list[tuple[float, Chunk]] = []
    infos: list[Info] = []
    statuses: list[tuple[float, Status]] = []
    pings: list[tuple[float, int]] = []
    replies: list[tuple[float, SyncReply]] = []
    compact = False
    for item in heard:
        try:
            if isinstance(item, Packet):
                if item.data != last:  # some stacks deliver twice
                    chunks += [(item.t_host_s, chunk) for chunk in decoder.decode(item.data)]
                    compact |= item.data[0] & 15 == _COMPACT
                last = item.data
            elif item.kind == "info":
                infos.append(read_info(bytes.fromhex(item.detail)))
                decoder.calibrate(infos[-1])
            elif item.kind == "status":
                statuses.append((item.t_host_s, read_status(bytes.fromhex(item.detail))))
            elif item.kind == "sync" and item.detail.startswith(PING):
                pings.append((item.t_host_s, int(item.detail.removeprefix(PING))))
            elif item.kind == "sync":
                replies.append((item.t_host_s, read_sync_reply(bytes.fromhex(item.detail))))
        except (ValueError, PacketError):  # counted where the packets are put together
            continue
    return BoardHeard(tuple(chunks), tuple(infos), tuple(statuses), tuple(pings), tuple(replies), compact)
