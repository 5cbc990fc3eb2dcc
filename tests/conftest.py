"""Fixtures that several rooms of the test suite share."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # how long an example takes is the machine's business
settings.load_profile("untimed")


def lacking(what: str) -> None:
    """Skip because the machine lacks `what`, or fail where everything is required."""
    if os.environ.get("EMGORDER_REQUIRE") == "all":
        pytest.fail(f"{what} is required here (EMGORDER_REQUIRE=all) but missing")
    pytest.skip(f"needs {what}")


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Return the folder of real recordings that EMGORDER_DATA names."""
    named = os.environ.get("EMGORDER_DATA", "")
    folder = Path(named)
    if not named or not (folder / "readings" / "dev.csv").is_file():
        lacking("the real recordings (set EMGORDER_DATA to their folder)")
    return folder


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Yield the folder of a real file system of 256 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "emgorder-test", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        lacking("the right to mount a small tmpfs")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
