"""Who fired first in one lift: simulated pairs of muscles, and pairs of hand-read bursts with a difference put in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from _accuracy.cells import BurstTask, usual_burst
from _accuracy.detectors import analysis_name, find_onsets, with_posterior
from _accuracy.readings import ReadingTask
from _accuracy.scores import score
from emgorder import Settings, analyse
from emgorder.model import Channel, FloatArray, LiftOrder, Onset, Recording
from emgorder.order import compare_onsets
from emgorder.simulate import simulate_burst

__all__ = ["EQUAL", "READ", "UNEQUAL", "LiftTask", "lift_tasks", "read_pairs", "score_lift"]

EQUAL, UNEQUAL, READ = "equal muscles", "unequal muscles", "pairs of readings"
DIFFERENCE_S = (0.010, 0.080)  # size of the true difference; either muscle may be first

EQUAL_SNR_DB, EQUAL_RAMP_S = (6.0, 20.0), (0.0, 0.2)
GLUTE_SNR_DB, GLUTE_RAMP_S = (6.0, 15.0), (0.05, 0.2)
HAMSTRING_SNR_DB, HAMSTRING_RAMP_S = (10.0, 20.0), (0.0, 0.1)
HAMSTRING_ONSET_S = (1.25, 1.55)
LIFT_S = 1.0  # where the event is that announces the lift: before any onset


@dataclass(frozen=True, slots=True)
class LiftTask:
    """Glute and hamstring of one lift."""

    part: str
    glute: BurstTask
    hamstring: BurstTask
    hamstring_onset_s: float
    difference_s: float


def lift_tasks(n: int, seed: int, part: str) -> list[LiftTask]:
    """Return `n` lifts of equal muscles, or of a glute that rises more slowly and out of more noise."""
    rng = np.random.default_rng([seed, 5 if part == EQUAL else 6])
    tasks = []
    for _ in range(n):
        if part == EQUAL:
            hamstring = usual_burst(rng, part, EQUAL_SNR_DB, EQUAL_RAMP_S)
            same = {"snr_dB": (hamstring.snr_dB,) * 2, "ramp_s": (hamstring.ramp_s,) * 2}
            glute = usual_burst(rng, part, same["snr_dB"], same["ramp_s"])
        else:
            hamstring = usual_burst(rng, part, HAMSTRING_SNR_DB, HAMSTRING_RAMP_S)
            glute = usual_burst(rng, part, GLUTE_SNR_DB, GLUTE_RAMP_S)
        tasks.append(LiftTask(part, glute, hamstring, float(rng.uniform(*HAMSTRING_ONSET_S)), _difference_s(rng)))
    return tasks


def score_lift(task: LiftTask) -> list[dict[str, object]]:
    """Simulate one lift, find both onsets by every method, and return a row of scores for each.

    Methods with a posterior have two rows: their two onsets compared, and the whole analysis of the lift, which knows
    that a slow rise out of noise is seen late.
    """
    bursts = [
        simulate_burst(
            muscle.seed,
            snr_dB=muscle.snr_dB,
            ramp_s=muscle.ramp_s,
            shape=muscle.shape,
            onset_s=onset_s,
            carrier=muscle.carrier,
            baseline=muscle.baseline,
        )
        for muscle, onset_s in (
            (task.glute, task.hamstring_onset_s + task.difference_s),
            (task.hamstring, task.hamstring_onset_s),
        )
    ]
    rate_Hz = bursts[0].sampling_frequency
    glute, hamstring = (find_onsets(burst.signal, rate_Hz) for burst in bursts)
    orders = {name: compare_onsets(glute[name], hamstring[name]) for name in glute}
    data = np.column_stack([burst.signal for burst in bursts])
    for name in with_posterior():
        orders[analysis_name(name)] = _analysed(data, rate_Hz, name)
    return [
        {"method": name, "part": task.part, **score_order(order, task.difference_s)} for name, order in orders.items()
    ]


def _analysed(data: FloatArray, rate_Hz: float, name: str) -> LiftOrder:
    """Return the order in a recording of one lift, empty where the analysis rejects the lift."""
    recording = Recording(
        data=data,
        sampling_frequency=rate_Hz,
        channels=(Channel("GMAX_R", "GMAX", "R"), Channel("BF_R", "BF", "R")),
        events=pd.DataFrame({"onset": [LIFT_S], "duration": [0.0], "trial_type": ["lift/R"]}),
    )
    lift = analyse(recording, Settings(method=name)).lift_results[0]
    return lift.order if lift.valid else LiftOrder()


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
