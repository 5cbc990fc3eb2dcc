"""Who fired first over a session: simulated people, analysed end to end, beside the usual mean of point estimates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from _accuracy.detectors import analysis_name, detectors, find_onset, with_posterior
from _accuracy.scores import score
from emgorder import Settings, analyse, simulate_session
from emgorder.conditioning import bandpass
from emgorder.model import FloatArray, Posterior, Recording
from emgorder.onset.registry import OnsetMethod
from emgorder.simulate import SCENARIOS

__all__ = ["ROPE_S", "SessionTask", "score_session", "session_tasks"]

ROPE_S = 0.030
REST_S = 3.0  # between lifts: the rest before each is what counts, more only takes time
LEAST_LIFTS = 5  # with a time for both muscles; the package's own limit, here for all
VERDICT_FROM = 0.90  # the package's own limit, here for all
CANNOT_TELL = "cannot tell"
SMALLEST_SE_S = 1e-4  # a tenth of a sample: times are rounded to samples


@dataclass(frozen=True, slots=True)
class SessionTask:
    """One session of one person."""

    seed: int
    scenario: str
    n_lifts: int


def session_tasks(n: int, n_lifts: int, seed: int) -> list[SessionTask]:
    """Return `n` sessions, the scenarios in turn; each draws its person: strengths, ramps, mean difference."""
    rng = np.random.default_rng([seed, 8, n_lifts])
    names = list(SCENARIOS)
    return [SessionTask(int(rng.integers(2**31)), names[k % len(names)], n_lifts) for k in range(n)]


def score_session(task: SessionTask) -> list[dict[str, object]]:
    """Simulate one session, judge it by every method, and return a row of scores for each."""
    recording = simulate_session(seed=task.seed, scenario=task.scenario, n_lifts=task.n_lifts, rest_s=REST_S)
    assert recording.truth is not None
    truth_s = float(recording.truth.attrs["mean_difference_s"]["R"])
    rows: list[dict[str, object]] = []
    windows: list[tuple[float, float]] = []
    for name in with_posterior():
        result = analyse(recording, Settings(method=name, rope_s=ROPE_S))
        windows = [(r.lift.start_s, r.lift.stop_s) for r in result.lift_results]
        side = result.sides[0]
        rows.append(
            {"method": analysis_name(name), **_judged(side.difference_s, side.posterior, side.verdict, truth_s)}
        )
    shown = bandpass(recording.data, recording.sampling_frequency)
    for name, method in detectors().items():
        if not method.has_posterior:
            rows.append({"method": name, **_usual_mean(_differences_s(method, recording, shown, windows), truth_s)})
    return [{**row, "n_lifts": task.n_lifts} for row in rows]


def _judged(difference_s: float, posterior: Posterior | None, verdict: str, truth_s: float) -> dict[str, object]:
    """Return the scores of a typical difference and of the verdict that goes with it."""
    return {**score(difference_s, posterior, truth_s), **verdict_scores(verdict, truth_s)}


def _differences_s(
    method: OnsetMethod, recording: Recording, shown: FloatArray, windows: Sequence[tuple[float, float]]
) -> FloatArray:
    """Return glute minus hamstring onset of the lifts in which a method finds both."""
    rate_Hz = recording.sampling_frequency
    onsets_s = [
        [find_onset(method, shown[round(a * rate_Hz) : round(b * rate_Hz), k], rate_Hz).time_s for k in range(2)]
        for a, b in windows
    ]
    differences_s = -np.diff(np.array(onsets_s, dtype=np.float64), axis=1)[:, 0]
    return differences_s[np.isfinite(differences_s)]


def _usual_mean(differences_s: FloatArray, truth_s: float) -> dict[str, object]:
    """Return the same scores for the mean over lifts with its standard error, as most studies report it.

    ``median_error_s`` is the error of the median instead, which odd lifts do not move.
    """
    mean_s, median_s = (float(f(differences_s)) if differences_s.size else math.nan for f in (np.mean, np.median))
    if differences_s.size < LEAST_LIFTS:
        return {**_judged(mean_s, None, CANNOT_TELL, truth_s), "median_error_s": median_s - truth_s}
    law = NormalDist(mean_s, max(float(differences_s.std(ddof=1)) / math.sqrt(differences_s.size), SMALLEST_SE_S))
    orders = {
        "glute first": law.cdf(-ROPE_S),
        "together": law.cdf(ROPE_S) - law.cdf(-ROPE_S),
        "hamstring first": 1.0 - law.cdf(ROPE_S),
    }
    likeliest = max(orders, key=lambda order: orders[order])
    return {
        "error_s": mean_s - truth_s,
        "median_error_s": median_s - truth_s,
        "quantile": law.cdf(truth_s),
        "width_s": law.inv_cdf(0.95) - law.inv_cdf(0.05),
        **verdict_scores(likeliest if orders[likeliest] >= VERDICT_FROM else CANNOT_TELL, truth_s),
    }


def verdict_scores(verdict: str, truth_s: float) -> dict[str, object]:
    """Return whether a verdict was given, is right, and whether it turns the true order round."""
    truth = "together" if abs(truth_s) <= ROPE_S else "glute first" if truth_s < 0 else "hamstring first"
    directions = {"glute first", "hamstring first"}
    return {
        "given": float(verdict != CANNOT_TELL),
        "right": float(verdict == truth),
        "reversed": float({verdict, truth} == directions),
    }
