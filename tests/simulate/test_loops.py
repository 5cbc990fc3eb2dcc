"""Signals that come round without a click, and values between grid points."""

from __future__ import annotations

import numpy as np
import pytest

from emgorder.simulate.carriers import Carrier
from emgorder.simulate.loops import GRID_HZ, between, looped, resting_loop, tonic_loop


@pytest.mark.parametrize("make", [resting_loop, tonic_loop])
def test_a_loop_steps_no_further_at_its_seam_than_elsewhere(make):
    for seed in range(5):
        loop = make(seed, "BF_R", Carrier())
        steps = np.abs(np.diff(loop))
        assert abs(loop[0] - loop[-1]) <= np.quantile(steps, 0.9999)


def test_a_loop_keeps_its_power_where_it_fades():
    rng = np.random.default_rng(1)
    loop = looped(rng.standard_normal, 400_000, 100_000)
    assert np.mean(loop[:100_000] ** 2) == pytest.approx(1.0, abs=0.03)


def test_emg_between_grid_points_is_that_of_its_spectrum():
    times_s = np.sort(np.random.default_rng(2).uniform(0.01, 0.99, 500))
    grid_s = np.arange(int(GRID_HZ) + 4) / GRID_HZ
    for frequency_Hz in (20.0, 80.0, 150.0):
        grid = np.sin(2 * np.pi * frequency_Hz * grid_s)[:, None]
        wanted = np.sin(2 * np.pi * frequency_Hz * times_s)
        assert np.abs(between(grid, times_s * GRID_HZ)[:, 0] - wanted).max() < 0.02
