"""Fixtures that several rooms of the test suite share."""

from __future__ import annotations

import importlib.util
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # how long an example takes is the machine's business
settings.load_profile("untimed")


def lacking(what: str) -> None:
    """Skip because the machine lacks `what`, or fail where everything is required."""
    if os.environ.get("EMGORDER_REQUIRE") == "all":
        pytest.fail(f"{what} is required here (EMGORDER_REQUIRE=all) but missing")
    pytest.skip(f"needs {what}", allow_module_level=True)


def needs(*packages: str) -> None:
    """Skip unless these packages are installed, or fail where everything is required."""
    for package in packages:
        if importlib.util.find_spec(package) is None:
            lacking(package)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Return the folder of real recordings that EMGORDER_DATA names."""
    named = os.environ.get("EMGORDER_DATA", "")
    folder = Path(named)
    if not named or not (folder / "readings" / "dev.csv").is_file():
        lacking("the real recordings (set EMGORDER_DATA to their folder)")
    return folder


@contextmanager
def small_file_system(folder: Path, size: str) -> Iterator[Path]:
    """Mount a real file system of this size."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "emgorder-test", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        lacking("the right to mount a small tmpfs")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Yield the folder of a real file system of 256 KiB."""
    with small_file_system(tmp_path / "disk", "256k") as folder:
        yield folder


@pytest.fixture
def disk_of_16_mb(tmp_path: Path) -> Iterator[Path]:
    """Yield the folder of a real file system that is nearly full from the start."""
    with small_file_system(tmp_path / "disk", "16m") as folder:
        yield folder
