"""Keeps bumble from writing, in colours, what every packet holds: it does so where nobody logs, a third of its time."""

from __future__ import annotations

from typing import Any

from bumble import att, controller, gatt_client, gatt_server, hci, host, l2cap, link

__all__ = ["quieten"]


def quieten() -> None:
    """Let packets be told by their names only, without colours."""
    for module in (att, controller, gatt_client, gatt_server, hci, host, l2cap, link):
        if hasattr(module, "color"):
            vars(module)["color"] = _plain
    kinds: list[Any] = [hci.HCI_Packet, att.ATT_PDU]
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        if "__str__" in vars(kind):
            kind.__str__ = object.__repr__


def _plain(text: str, *_: object, **__: object) -> str:
    return text
