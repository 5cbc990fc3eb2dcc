"""A recorder that records while something is done to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from emgorder.acquisition.recorder import Delivery, Recorder


def recording(path: Path, body: Callable[[Recorder], Awaitable[None]], **options: object) -> list[Delivery]:
    """Run `body` inside a recorder; return what its listener was handed."""
    heard: list[Delivery] = []

    async def run() -> None:
        async with Recorder(path, {"sensors": {}}, **options) as recorder:  # type: ignore[arg-type]
            recorder.listen(heard.append)
            await body(recorder)

    asyncio.run(run())
    return heard
