"""Two boards that drift and lag, tapped once: the order of the muscles is the one that a single clock would tell."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emgorder import Recording, analyse, read_recording, simulate_session
from emgorder.acquisition.simulated_session import ORDINARY_LINK, simulated_session
from emgorder.simulate import TwoSensors
from tests.acquisition.simulating import record_whole


def tapped_once(seed: int, difference_s: float) -> Recording:
    """Return a session on one clock whose taps are but one, which reaches the two sensors 2 ms (sd) apart."""
    truth = simulate_session(
        seed=seed,
        n_lifts=8,
        mean_difference_s=difference_s,
        lift_sd_s=0.04,
        outlier_share=0.0,
        missing_share=0.0,
        extras=("tap",),
        sensors=TwoSensors(sd_s=0.0),
    )
    taps = truth.events[truth.events["trial_type"] == "tap"]
    rng, fs, data = np.random.default_rng(seed), truth.sampling_frequency, truth.data.copy()
    taken = slice(round((taps["onset"].min() - 0.5) * fs), round((taps["onset"].max() + 0.3) * fs))
    resting = round(0.6 * fs)
    data[taken] = truth.data[resting : resting + taken.stop - taken.start]
    moment_s = taps["onset"].iloc[1]
    for column, reached_s in zip(data.T, (moment_s, moment_s + rng.normal(0, 2e-3)), strict=True):
        since = (np.arange(len(column)) / fs - reached_s) / (4e-3 * rng.uniform(0.7, 1.4))
        column += 300e-6 * rng.choice([-1, 1]) * since * np.exp(-np.square(since) / 2)
    return replace(truth, data=data, events=truth.events.drop(index=taps.index.delete(1)))


ONSETS_SD_S = 0.003


@pytest.mark.parametrize(
    ("seed", "difference_s", "verdict"),
    [
        (21, 0.16, "hamstring first"),
        (22, -0.16, "glute first"),
        (24, 0.16, "hamstring first"),
        (23, 0.02, "cannot tell"),
    ],
)
def test_after_one_tap_the_verdict_is_that_of_one_clock(
    seed: int, difference_s: float, verdict: str, tmp_path: Path
) -> None:
    truth = tapped_once(seed, difference_s)
    links = [replace(ORDINARY_LINK, drift_ppm=20.0, latency_s=0.009), replace(ORDINARY_LINK, drift_ppm=-20.0)]
    path = tmp_path / "two.emgj"
    record_whole(path, simulated_session(seed=seed, two_sensors=True, truth=truth, faults=links), seed=seed)
    recording = read_recording(path)
    assert recording.clock.method == "tap"
    assert recording.clock.sd_s < 0.003
    (here,), (there,) = analyse(recording).sides, analyse(truth).sides
    assert (here.verdict, there.verdict) == (verdict, verdict)
    assert here.low_s < there.difference_s < here.high_s
    # Samples that fall elsewhere move the onsets that are found by some milliseconds too.
    assert abs(here.difference_s - there.difference_s) < 1.96 * math.hypot(recording.clock.sd_s, ONSETS_SD_S)
