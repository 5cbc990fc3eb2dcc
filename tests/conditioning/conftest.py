"""A session in which nothing is wrong, to spoil in one way at a time."""

from __future__ import annotations

import numpy as np
import pytest

from emgorder.model import Channel, FloatArray, Recording

REST_S = tuple((4.0 * i, 4.0 * i + 2.0) for i in range(8))
ACTIVE_S = tuple((4.0 * i + 2.0, 4.0 * i + 4.0) for i in range(8))


@pytest.fixture
def clean() -> Recording:
    """Return 32 s of glute and hamstring at 1 kHz: 2 s of rest (5 µV) and 2 s of burst (100 µV) by turns."""
    rng = np.random.default_rng(5)
    loud = (np.arange(32_000) // 2000) % 2 == 1
    data: FloatArray = rng.normal(size=(32_000, 2)) * np.where(loud, 100e-6, 5e-6)[:, np.newaxis]
    return Recording(data, 1000.0, (Channel("GMAX_R", "GMAX", "R"), Channel("BF_R", "BF", "R")))


@pytest.fixture
def rest_s() -> tuple[tuple[float, float], ...]:
    """Return when the muscles of the clean session rest."""
    return REST_S


@pytest.fixture
def active_s() -> tuple[tuple[float, float], ...]:
    """Return when the muscles of the clean session are active."""
    return ACTIVE_S
