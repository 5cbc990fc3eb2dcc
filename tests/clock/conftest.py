"""Two simulated sensors over Bluetooth, with the truth about their clocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from emgorder.model import FloatArray, IntArray
from emgorder.simulate.link import Crystal, simulate_link


@dataclass(frozen=True)
class Sensor:
    """What one sensor sent, when it arrived, and its true clock."""

    crystal: Crystal
    rate_Hz: float
    last: IntArray
    host_s: FloatArray

    def index(self, true_s: FloatArray) -> FloatArray:
        """Return the sample index at true times."""
        return np.asarray((self.crystal.device_s(true_s) - self.crystal.start_s) * self.rate_Hz)


class Rig:
    """Makes sensors."""

    def sensor(
        self,
        rng: np.random.Generator,
        *,
        rate_Hz: float = 500.0,
        n_frames: int = 10,
        seconds: float = 60.0,
        ppm: float = 0.0,
        **link: Any,
    ) -> Sensor:
        crystal = Crystal(ppm, start_s=rng.uniform(0, 0.5))
        last = np.arange(1, int(seconds * rate_Hz / n_frames)) * n_frames
        ready = crystal.true_s(crystal.start_s + last / rate_Hz) + rng.exponential(0.1e-3, last.size)
        return Sensor(crystal, rate_Hz, last, simulate_link(ready, rng=rng, **link).host_s)


@pytest.fixture(scope="session")
def rig() -> Rig:
    return Rig()
