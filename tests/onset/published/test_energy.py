from __future__ import annotations

import math

import numpy as np
import pytest

from emgorder.onset.published.energy import tkeo

FS = 1000.0


def test_a_burst_is_told_from_slower_noise_of_the_same_amplitude() -> None:
    time_s = np.arange(2000) / FS
    emg = np.where(time_s < 1.0, np.sin(2 * np.pi * 20.0 * time_s), np.sin(2 * np.pi * 150.0 * time_s))
    emg += 0.05 * np.random.default_rng(1).standard_normal(2000)
    assert tkeo(emg, FS, slice(100, 900)) == pytest.approx(1.0, abs=0.02)


def test_short_spikes_do_not_count() -> None:
    emg = np.random.default_rng(1).standard_normal(2000)
    emg[1000] = 100.0
    assert math.isfinite(tkeo(emg, FS, slice(0, 900), duration_s=0.002))
    assert math.isnan(tkeo(emg, FS, slice(0, 900), duration_s=0.100))
