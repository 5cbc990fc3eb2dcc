"""The core, built once for each room's process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.firmware.core import Core, build


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the core as a program, built with the address and undefined-behaviour sanitizers."""
    return build(tmp_path_factory.mktemp("core"), "address,undefined")


@pytest.fixture
def boot(program: Path) -> Iterator[Callable[..., Core]]:
    """Return a function that starts a device; in the end none of them has met an error of memory or arithmetic."""
    running: list[Core] = []

    def start(**setup: Any) -> Core:
        running.append(Core(program, **setup))
        return running[-1]

    yield start
    for core in running:
        core.close()
