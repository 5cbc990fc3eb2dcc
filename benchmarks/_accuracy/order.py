"""Who fired first in one lift: simulated pairs of muscles, and pairs of hand-read bursts with a difference put in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd

from _accuracy.cells import BurstTask, quietened, usual_burst
from _accuracy.detectors import analysis_name, find_onsets, with_posterior
from _accuracy.readings import ReadingTask
from _accuracy.scores import score
from emgorder import Settings, analyse
from emgorder.model import Channel, FloatArray, LiftOrder, Onset, Recording
from emgorder.order import compare_onsets
from emgorder.simulate import simulate_burst

__all__ = [
    "EQUAL",
    "EQUAL_QUIET",
    "READ",
    "UNEQUAL",
    "UNEQUAL_QUIET",
    "LiftsTask",
    "lift_tasks",
    "read_pairs",
    "score_lifts",
]

EQUAL, UNEQUAL, READ = "equal muscles", "unequal muscles", "pairs of readings"
EQUAL_QUIET, UNEQUAL_QUIET = "equal muscles, quiet rest", "unequal muscles, quiet rest"
DIFFERENCE_S = (0.010, 0.080)  # size of the true difference; either muscle may be first

EQUAL_SNR_DB, EQUAL_RAMP_S = (6.0, 20.0), (0.0, 0.2)
GLUTE_SNR_DB, GLUTE_RAMP_S = (6.0, 15.0), (0.05, 0.2)
HAMSTRING_SNR_DB, HAMSTRING_RAMP_S = (10.0, 20.0), (0.0, 0.1)
HAMSTRING_ONSET_S = (1.25, 1.55)
RATE_HZ = 1000.0
LIFTS = 10
SNR_SD_DB, RAMP_SD = 1.0, 0.15  # between the lifts of a session
LIFT_S = 1.0  # where the event is that announces the lift: before any onset


@dataclass(frozen=True, slots=True)
class LiftsTask:
    """Lifts of one session: glute and hamstring of each, and the true differences."""

    part: str
    glutes: tuple[BurstTask, ...]
    hamstrings: tuple[BurstTask, ...]
    hamstring_onsets_s: tuple[float, ...]
    differences_s: tuple[float, ...]


def lift_tasks(n: int, seed: int, part: str) -> list[LiftsTask]:
    """Return about `n` lifts of equal muscles, or of a glute that rises more slowly and out of more noise.

    Strength, ramp, shape and carrier belong to a session of ten lifts and vary a little between them.
    """
    equal, quiet = part in (EQUAL, EQUAL_QUIET), part in (EQUAL_QUIET, UNEQUAL_QUIET)
    rng = np.random.default_rng([seed, 5 if equal else 6, int(quiet)])
    tasks = []
    for _ in range(max(1, n // LIFTS)):
        hamstring = usual_burst(
            rng, part, *((EQUAL_SNR_DB, EQUAL_RAMP_S) if equal else (HAMSTRING_SNR_DB, HAMSTRING_RAMP_S))
        )
        glute = usual_burst(rng, part, GLUTE_SNR_DB, GLUTE_RAMP_S)
        if equal:
            glute = replace(glute, snr_dB=hamstring.snr_dB, ramp_s=hamstring.ramp_s)
        if quiet:
            glute, hamstring = quietened(glute), quietened(hamstring)
        tasks.append(
            LiftsTask(
                part,
                tuple(_again(rng, glute) for _ in range(LIFTS)),
                tuple(_again(rng, hamstring) for _ in range(LIFTS)),
                tuple(float(rng.uniform(*HAMSTRING_ONSET_S)) for _ in range(LIFTS)),
                tuple(_difference_s(rng) for _ in range(LIFTS)),
            )
        )
    return tasks


def _again(rng: np.random.Generator, muscle: BurstTask) -> BurstTask:
    """Return the same muscle in another lift."""
    return replace(
        muscle,
        seed=int(rng.integers(2**53)),
        snr_dB=muscle.snr_dB + SNR_SD_DB * float(rng.standard_normal()),
        ramp_s=muscle.ramp_s * float(np.exp(RAMP_SD * rng.standard_normal())),
    )


def score_lifts(task: LiftsTask) -> list[dict[str, object]]:
    """Simulate the lifts of one session, find the onsets by every method, and return a row of scores a lift and method.

    Methods with a posterior have two rows a lift: its two onsets compared, and the analysis of the whole session, which
    knows what is usual in it.
    """
    rows: list[dict[str, object]] = []
    shown: list[FloatArray] = []
    for glute, hamstring, onset_s, difference_s in zip(
        task.glutes, task.hamstrings, task.hamstring_onsets_s, task.differences_s, strict=True
    ):
        signals = [_signal(glute, onset_s + difference_s), _signal(hamstring, onset_s)]
        shown.append(np.column_stack(signals))
        first, second = (find_onsets(signal, RATE_HZ) for signal in signals)
        rows += [
            {"method": name, "part": task.part, **score_order(compare_onsets(first[name], second[name]), difference_s)}
            for name in first
        ]
    for name in with_posterior():
        rows += [
            {"method": analysis_name(name), "part": task.part, **score_order(order, difference_s)}
            for order, difference_s in zip(_analysed(shown, name), task.differences_s, strict=True)
        ]
    return rows


def _signal(muscle: BurstTask, onset_s: float) -> FloatArray:
    return simulate_burst(
        muscle.seed,
        sampling_frequency=RATE_HZ,
        snr_dB=muscle.snr_dB,
        ramp_s=muscle.ramp_s,
        shape=muscle.shape,
        onset_s=onset_s,
        carrier=muscle.carrier,
        baseline=muscle.baseline,
    ).signal


def _analysed(lifts: Sequence[FloatArray], name: str) -> list[LiftOrder]:
    """Return the orders in a recording of these lifts, empty where the analysis rejects one."""
    length_s = len(lifts[0]) / RATE_HZ
    recording = Recording(
        data=np.concatenate(lifts),
        sampling_frequency=RATE_HZ,
        channels=(Channel("GMAX_R", "GMAX", "R"), Channel("BF_R", "BF", "R")),
        events=pd.DataFrame(
            {
                "onset": LIFT_S + length_s * np.arange(len(lifts)),
                "duration": 0.0,
                "trial_type": "lift/R",
            }
        ),
    )
    found = analyse(recording, Settings(method=name)).lift_results
    return [lift.order if lift.valid else LiftOrder() for lift in found]


def score_order(order: LiftOrder, difference_s: float) -> dict[str, float]:
    """Return how an order compares with the true difference (glute minus hamstring).

    Returns
    -------
    dict
        As :func:`_accuracy.scores.score` for the difference; ``p_glute_earlier``; ``glute_earlier``, the truth;
        ``right``, whether the sign is (half where a time is withheld or there is no difference).
    """
    sign = np.sign(order.difference_s) if math.isfinite(order.difference_s) else 0.0
    return {
        **score(order.difference_s, order.posterior, difference_s),
        "p_glute_earlier": order.p_glute_earlier,
        "glute_earlier": float(difference_s < 0),
        "right": float(0.5 + 0.5 * sign * np.sign(difference_s)),
    }


def read_pairs(tasks: Sequence[ReadingTask], found: Sequence[dict[str, Onset]], seed: int) -> pd.DataFrame:
    """Return scores of all pairs of hand-read bursts of one set of recordings, each pair shifted to a known difference.

    Parameters
    ----------
    tasks : sequence of ReadingTask
        The bursts.
    found : sequence of dict
        Onsets after each reading by method, as :func:`_accuracy.readings.find_reading` returns them.
    seed : int
        Of the differences that are put in.
    """
    rng = np.random.default_rng([seed, 7])
    rows = []
    for i, j in combinations(range(len(tasks)), 2):
        if tasks[i].dataset != tasks[j].dataset:
            continue
        difference_s = _difference_s(rng)
        rows += [
            {
                "method": name,
                "part": READ,
                "first": i,
                "second": j,
                **score_order(compare_onsets(onset.shifted(difference_s), found[j][name]), difference_s),
            }
            for name, onset in found[i].items()
        ]
    return pd.DataFrame(rows)


def _difference_s(rng: np.random.Generator) -> float:
    return float(rng.uniform(*DIFFERENCE_S) * rng.choice((-1.0, 1.0)))
