"""Lifts whose onsets are known as densities, without any EMG."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from emgorder.model import Lift, LiftResult, MuscleLift, Onset, Posterior
from emgorder.order import compare_onsets
from emgorder.order.pooling import PooledDifference, pool_differences

LiftMaker = Callable[..., list[LiftResult]]
Pooler = Callable[..., PooledDifference]


def gaussian_density(mean_s: float, sd_s: float, step_s: float = 0.001) -> Posterior:
    grid_s = mean_s + step_s * np.arange(-math.ceil(6 * sd_s / step_s), math.ceil(6 * sd_s / step_s) + 1)
    density = np.exp(-0.5 * ((grid_s - mean_s) / sd_s) ** 2)
    return Posterior(grid_s, density / (density.sum() * step_s))


def onset_at(time_s: float, sd_s: float) -> Onset:
    if not math.isfinite(time_s):
        return Onset(reason="no burst")
    if sd_s == 0.0:
        return Onset(time_s=time_s)
    return Onset(time_s=time_s, posterior=gaussian_density(time_s, sd_s))


@pytest.fixture(scope="session")
def gaussian() -> Callable[[float, float], Posterior]:
    """Return a function that makes a Gaussian density from mean and standard deviation, s."""
    return gaussian_density


@pytest.fixture(scope="session")
def pooled_of() -> Pooler:
    """Return a function that pools lifts with Gaussian errors, all of one size."""

    def pool(differences_s: Sequence[float], sd_s: float = 0.015, shared_sd_s: float = 0.0) -> PooledDifference:
        return pool_differences([gaussian_density(d, sd_s) for d in differences_s], shared_sd_s=shared_sd_s)

    return pool


@pytest.fixture(scope="session")
def lifts_of() -> LiftMaker:
    """Return a function that makes lifts, a tuple of onset times each: glute, hamstring, then extras.

    An `sd_s` of 0 makes onsets without a posterior; a time that is NaN makes none.
    """

    def make(
        onsets_s: Sequence[Sequence[float]],
        *,
        sd_s: float = 0.010,
        labels: Sequence[str] = ("GMAX_R", "BF_R", "ES_R", "ES_L"),
    ) -> list[LiftResult]:
        lifts = []
        for number, times_s in enumerate(onsets_s, start=1):
            onsets = [onset_at(t, sd_s) for t in times_s]
            muscles = tuple(
                MuscleLift(label, label.split("_")[0], "V", onset) for label, onset in zip(labels, onsets, strict=False)
            )
            order = compare_onsets(onsets[0], onsets[1])
            valid = math.isfinite(order.difference_s)
            lifts.append(LiftResult(Lift(number, "R", 0.0, 3.0), muscles, order, valid, "" if valid else "no burst"))
        return lifts

    return make
