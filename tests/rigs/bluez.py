"""The machine's own BlueZ on the software radio: a controller behind /dev/vhci. Root, and a machine of its own."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator

from bumble import hci
from bumble.controller import Controller
from bumble.link import LocalLink
from bumble.transport import open_transport

# Another address every time: BlueZ remembers the services of a device for each of its adapters.
ADDRESSES = (f"C0:FF:EE:00:{number // 256:02X}:{number % 256:02X}" for number in itertools.count(1))


@contextlib.asynccontextmanager
async def adapter(radio: LocalLink) -> AsyncIterator[None]:
    """Plug in an adapter that hears the radio, wait until BlueZ has powered it, and pull it out in the end."""
    address = next(ADDRESSES)
    wire = await open_transport("vhci")
    controller = Controller(
        "hci", host_source=wire.source, host_sink=wire.sink, link=radio, public_address=f"{address}"
    )
    # Linux waits for events of these two that the controller does not send, and the first connection hangs
    controller.le_features &= ~(hci.LeFeatureMask.LL_PRIVACY | hci.LeFeatureMask.LE_EXTENDED_ADVERTISING)
    try:
        for _ in range(120):
            if "Powered: yes" in await bluetoothctl("show", address):
                break
            await bluetoothctl("power", "on")
            await asyncio.sleep(0.5)
        else:
            raise AssertionError(f"BlueZ has not powered the adapter {address}")
        yield
    finally:
        radio.remove_controller(controller)
        await wire.close()
        for _ in range(120):
            if address not in await bluetoothctl("list"):
                break
            await asyncio.sleep(0.5)


async def bluetoothctl(*words: str) -> str:
    process = await asyncio.create_subprocess_exec(
        "bluetoothctl", *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await process.communicate()
    return out.decode(errors="replace")
