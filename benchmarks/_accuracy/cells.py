"""Simulated bursts with true onsets: a grid of cells, one disturbance at a time, gaps, and a set mixed of it all."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np

from _accuracy.detectors import find_onsets
from _accuracy.scores import score_onset
from emgorder.simulate import SHAPES, TYPICAL_BASELINE, Artefacts, Baseline, Carrier, simulate_burst
from emgorder.simulate.carriers import draw_carrier
from emgorder.simulate.envelopes import Shape

__all__ = [
    "BurstTask",
    "disturbed_tasks",
    "gap_tasks",
    "grid_tasks",
    "mixed_tasks",
    "quiet_tasks",
    "quietened",
    "score_burst",
    "usual_burst",
]

SNR_DB = (3.0, 6.0, 10.0, 15.0, 20.0)
RAMPS_S = (0.0, 0.05, 0.1, 0.2)
RATES_HZ = (200.0, 500.0, 1000.0, 2000.0)
USUAL_SNR_DB = (6.0, 20.0)  # where one disturbance at a time is added
QUANTISED_V = 5e-6  # one step per baseline RMS, as armbands with 8 bits have

DISTURBANCES: dict[str, tuple[Artefacts, Baseline]] = {
    "none": (Artefacts(), TYPICAL_BASELINE),
    "mains, 1.5 x rest": (Artefacts(mains_ratio=1.5), TYPICAL_BASELINE),
    "heart beats, 5 x rest": (Artefacts(ecg_ratio=5.0), TYPICAL_BASELINE),
    "movement, 10 x rest": (Artefacts(movement_ratio=10.0), TYPICAL_BASELINE),
    "drift, 5 x rest": (Artefacts(drift_ratio=5.0), TYPICAL_BASELINE),
    "coarse steps": (Artefacts(resolution_V=QUANTISED_V), TYPICAL_BASELINE),
    "2 % of packets lost": (Artefacts(lost_share=0.02), TYPICAL_BASELINE),
    "tense rest, + 3 dB": (Artefacts(), replace(TYPICAL_BASELINE, tension_dB=3.0)),
    "3 strays a second": (Artefacts(), replace(TYPICAL_BASELINE, strays_per_s=3.0)),
}
# Start and stop of the gap after the onset; the one across the onset begins anywhere before it.
GAP_S = 0.050
GAPS: dict[str, tuple[float, float]] = {
    "across the onset": (-GAP_S, 0.0),
    "100 ms before it": (-0.150, -0.150),
    "100 ms after it": (0.100, 0.100),
}
GAP_SNR_DB = (10.0, 20.0)
GAP_RAMPS_S = (0.0, 0.1)
MIXED_SHARE = 0.25  # of the mixed bursts that have a given disturbance


@dataclass(frozen=True, slots=True, kw_only=True)
class BurstTask:
    """One burst to simulate and to find, and what it stands for in the tables."""

    part: str
    seed: int
    snr_dB: float
    ramp_s: float
    shape: Shape
    rate_Hz: float = 1000.0
    carrier: Carrier = field(default_factory=Carrier)
    artefacts: Artefacts = field(default_factory=Artefacts)
    baseline: Baseline = TYPICAL_BASELINE
    setting: str = ""
    gap_start_s: float = math.nan  # after the onset


def grid_tasks(n: int, seed: int) -> list[BurstTask]:
    """Return `n` bursts spread evenly over the grid of signal-to-noise ratios, ramps, shapes and rates."""
    rng = np.random.default_rng([seed, 1])
    cells = list(product(SNR_DB, RAMPS_S, SHAPES, RATES_HZ))
    order = np.concatenate([rng.permutation(len(cells)) for _ in range(math.ceil(n / len(cells)))])[:n].tolist()
    return [
        BurstTask(
            part="grid",
            seed=int(rng.integers(2**53)),
            snr_dB=cells[k][0],
            ramp_s=cells[k][1],
            shape=cells[k][2],
            rate_Hz=cells[k][3],
            carrier=draw_carrier(rng),
        )
        for k in sorted(order)
    ]


def usual_burst(
    rng: np.random.Generator, part: str, snr_dB: tuple[float, float], ramp_s: tuple[float, float]
) -> BurstTask:
    """Return a burst of random strength, ramp, shape and carrier."""
    return BurstTask(
        part=part,
        seed=int(rng.integers(2**53)),
        snr_dB=float(rng.uniform(*snr_dB)),
        ramp_s=float(rng.uniform(*ramp_s)),
        shape=SHAPES[int(rng.integers(len(SHAPES)))],
        carrier=draw_carrier(rng),
    )


def disturbed_tasks(n: int, seed: int) -> list[BurstTask]:
    """Return `n` bursts with each disturbance in turn: the same bursts each time."""
    rng = np.random.default_rng([seed, 2])
    plain = [usual_burst(rng, "disturbed", USUAL_SNR_DB, (RAMPS_S[0], RAMPS_S[-1])) for _ in range(n)]
    return [
        replace(task, artefacts=artefacts, baseline=baseline, setting=name)
        for name, (artefacts, baseline) in DISTURBANCES.items()
        for task in plain
    ]


def gap_tasks(n: int, seed: int) -> list[BurstTask]:
    """Return `n` bursts with a gap of 50 ms in each place in turn: the same bursts each time."""
    rng = np.random.default_rng([seed, 3])
    plain = [usual_burst(rng, "gap", GAP_SNR_DB, GAP_RAMPS_S) for _ in range(n)]
    return [
        replace(task, setting=name, gap_start_s=float(rng.uniform(*starts_s)))
        for name, starts_s in GAPS.items()
        for task in plain
    ]


def quietened(task: BurstTask) -> BurstTask:
    """Return the same burst out of a steady rest; low plateaus before a burst become plain ramps."""
    shape: Shape = "linear" if task.shape == "two_stage" else task.shape
    return replace(task, baseline=Baseline(colour=task.baseline.colour), shape=shape)


def quiet_tasks(n: int, seed: int) -> list[BurstTask]:
    """Return `n` bursts of random strength, ramp, shape and carrier at 1 kHz, out of a steady rest."""
    rng = np.random.default_rng([seed, 9])
    return [quietened(usual_burst(rng, "quiet", (SNR_DB[0], SNR_DB[-1]), (RAMPS_S[0], RAMPS_S[-1]))) for _ in range(n)]


def mixed_tasks(n: int, seed: int) -> list[BurstTask]:
    """Return `n` bursts in which everything is drawn, from the strength to the disturbances."""
    rng = np.random.default_rng([seed, 4])
    return [_mixed(rng) for _ in range(n)]


def _mixed(rng: np.random.Generator) -> BurstTask:
    task = usual_burst(rng, "mixed", (SNR_DB[0], SNR_DB[-1]), (RAMPS_S[0], RAMPS_S[-1]))

    def maybe(most: float) -> float:
        value = float(rng.uniform(0.0, most))
        return value if rng.random() < MIXED_SHARE else 0.0

    artefacts = Artefacts(
        mains_ratio=maybe(1.5),
        ecg_ratio=maybe(5.0),
        movement_ratio=maybe(10.0),
        drift_ratio=maybe(5.0),
        lost_share=maybe(0.04),
        resolution_V=maybe(QUANTISED_V),
    )
    baseline = Baseline(
        colour="pink" if rng.random() < 0.5 else "white",
        wander_dB=float(rng.uniform(0.0, 4.0)),
        strays_per_s=float(rng.uniform(0.0, 1.0)),
        tension_dB=float(rng.uniform(-10.0, 3.0)) if rng.random() < MIXED_SHARE else None,
    )
    rate_Hz = RATES_HZ[int(rng.integers(len(RATES_HZ)))]
    return replace(task, artefacts=artefacts, baseline=baseline, rate_Hz=rate_Hz)


def score_burst(task: BurstTask) -> list[dict[str, object]]:
    """Simulate one burst, find it by every method, and return a row of scores for each."""
    burst = simulate_burst(
        task.seed,
        sampling_frequency=task.rate_Hz,
        snr_dB=task.snr_dB,
        ramp_s=task.ramp_s,
        shape=task.shape,
        carrier=task.carrier,
        baseline=task.baseline,
        artefacts=task.artefacts,
    )
    signal = burst.signal
    if math.isfinite(task.gap_start_s):
        first, stop = (round((burst.onset_s + task.gap_start_s + t) * task.rate_Hz) for t in (0.0, GAP_S))
        signal[first:stop] = np.nan
    about = {name: getattr(task, name) for name in ("part", "setting", "snr_dB", "ramp_s", "shape", "rate_Hz")}
    return [
        {"method": name, **about, **score_onset(onset, burst.onset_s)}
        for name, onset in find_onsets(signal, task.rate_Hz).items()
    ]
