"""Activity levels (% MVC), their ratios, and left against right, on simulated persons whose true values are known.

    python benchmarks/strength.py --write

The true course of each muscle's excitation (envelope and slow wandering, without waveform or noise) is known from the
plan of the simulation. True % MVC: the person's typical lift over the highest half second of the full efforts.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from _table import markdown, options, page, publish

import emgorder as eo
from emgorder.analysis.prepare import prepare
from emgorder.model import FloatArray, Side
from emgorder.order.amplitude import hold_end, moving_power, rms_between
from emgorder.order.followup import ActivityChange, ActivityLevel
from emgorder.simulate.envelopes import Burst, envelope
from emgorder.simulate.noise import slow_noise, stream
from emgorder.simulate.person import GLUTE, HAMSTRING, MuscleRange, Person, draw_person
from emgorder.simulate.plan import Plan, plan_session
from emgorder.simulate.scenarios import SCENARIOS

SIDES: tuple[Side, ...] = ("R", "L")
SCENARIO = "straight_knee_lateral"
SEED = 60_000
TYPICAL_SEED = 10_000_000  # added to a session's seed: other lifts of the same person
TYPICAL_LIFTS = 150  # of the same person, for the mean that a session estimates
COURSE_RATE_Hz = 250.0
LIFT_S = 3.5  # window of a lift after its tone, as the analysis takes it
MVC_GAIN = (1.2, 4.0)  # a lift then takes about 20 to 70 % of a full effort
CARRIERS = ("gaussian", "modulated")  # the motor unit pool is not linear in its drive: its truth is not known so simply
TIMING: dict[str, float] = {"rest_s": 3.0, "baseline_s": 5.0}


def muscle_range(usual: MuscleRange) -> MuscleRange:
    """Return the usual muscle with full efforts of many sizes."""
    return MuscleRange(snr_dB=usual.snr_dB, ramp_s=usual.ramp_s, carriers=CARRIERS, mvc_gain=MVC_GAIN)


@dataclass(frozen=True)
class Truth:
    """Of one person and session: logarithm of each channel's share, typical difference of each side."""

    log_share: dict[str, float]
    difference_s: dict[Side, float]


def plan_of(seed: int, person: Person, n_lifts: int, *, mvc: bool) -> Plan:
    """Return a plan as the simulation makes it."""
    return plan_session(
        seed,
        person,
        sides=SIDES,
        n_lifts=n_lifts,
        hold_s=(1.0, 2.0),
        false_start_share=0.0,
        extras=("mvc",) if mvc else (),
        **TIMING,
    )


def course(seed: int, label: str, person: Person, plan: Plan, rate_Hz: float) -> FloatArray:
    """Return the true amplitude of a muscle over a plan, relative to its usual plateau."""
    n_samples = math.ceil(plan.duration_s * rate_Hz)
    carrier = person.muscles[label].carrier
    wander = slow_noise(stream(seed, "plateau", label), n_samples, rate_Hz, carrier.wander_Hz)
    amplitude = np.zeros(n_samples)
    for burst in plan.bursts[label]:
        span = _span(burst, rate_Hz, n_samples)
        amplitude[span] = np.maximum(amplitude[span], envelope(np.arange(n_samples)[span] / rate_Hz, burst))
    return amplitude * np.exp(carrier.wander * wander - carrier.wander**2)


def _span(burst: Burst, rate_Hz: float, n_samples: int) -> slice:
    return slice(max(0, math.floor(burst.onset_s * rate_Hz)), min(n_samples, math.ceil(burst.offset_s * rate_Hz)))


def truth_of(seed: int, n_lifts: int) -> Truth:
    """Return what the session of a seed should find."""
    ranges = {"glute": muscle_range(GLUTE), "hamstring": muscle_range(HAMSTRING)}
    person = draw_person(seed, SCENARIOS[SCENARIO], sides=SIDES, **ranges)
    plan = plan_of(seed, person, n_lifts, mvc=True)
    typical = plan_of(seed + TYPICAL_SEED, person, TYPICAL_LIFTS, mvc=False)
    lifted = _typical_logs(seed + TYPICAL_SEED, person, typical)
    full = {}
    for label in person.muscles:
        amplitude = course(seed, label, person, plan, 1000.0)
        spans = [(on, on + 4.5) for on, _, name in plan.events if name == f"mvc/{label}"]
        parts = [amplitude[round(a * 1000) : round(b * 1000)] for a, b in spans]
        full[label] = 0.5 * math.log(max(float(moving_power(part, 500)[250:-250].max()) for part in parts))
    return Truth({label: lifted[label] - full[label] for label in full}, dict(person.mean_difference_s))


def _typical_logs(seed: int, person: Person, plan: Plan) -> dict[str, float]:
    courses = {label: course(seed, label, person, plan, COURSE_RATE_Hz) for label in person.muscles}
    logs: dict[str, list[float]] = {label: [] for label in person.muscles}
    for lift in plan.lifts:
        if len(lift.bursts) < 2:
            continue
        first_s = min(burst.onset_s for burst in lift.bursts.values())
        stop_s = hold_end([courses[x] for x in lift.bursts], COURSE_RATE_Hz, first_s, lift.cue_s + LIFT_S)
        for label in lift.bursts:
            logs[label].append(math.log(rms_between(courses[label], COURSE_RATE_Hz, first_s, stop_s)))
    return {label: float(np.mean(values)) for label, values in logs.items()}


def naive_interval(recording: eo.Recording, result: eo.SessionResult, label: str) -> tuple[float, float, float]:
    """Return log share and interval as usually computed: highest 500 ms as it reads, mean ± 1.645 SE of the lifts."""
    column, fs = recording.index(label), recording.sampling_frequency
    signal = prepare(recording, [column], eo.Settings()).signal(column)
    events = recording.events[recording.events["trial_type"] == f"mvc/{label}"]
    parts = [signal[round(on * fs) : round((on + 4.5) * fs)] for on in events["onset"]]
    highest = max(float(moving_power(p, round(0.5 * fs)).max()) for p in parts)
    rms = [m.activity_rms for r in result.lift_results if r.valid for m in r.muscles if m.channel == label]
    logs = np.log([x for x in rms if x > 0]) - 0.5 * math.log(highest)
    half = 1.645 * float(np.std(logs, ddof=1)) / math.sqrt(logs.size)
    return float(logs.mean()), float(logs.mean()) - half, float(logs.mean()) + half


def judge(seed: int, n_lifts: int) -> list[dict[str, object]]:
    """Simulate and analyse one session; return a row for each estimate, on the log scale or in seconds."""
    recording = eo.simulate_session(
        seed=seed,
        scenario=SCENARIO,
        n_lifts=n_lifts,
        sides=SIDES,
        extras=("mvc",),
        glute=muscle_range(GLUTE),
        hamstring=muscle_range(HAMSTRING),
        **TIMING,
    )
    result, truth = eo.analyse(recording), truth_of(seed, n_lifts)
    rows: list[dict[str, object]] = []
    for m in result.activity_levels.muscles:
        known = [math.log(x / 100.0) for x in (m.percent_mvc, m.low, m.high)]
        what = f"% MVC, {'glute' if m.target_muscle == 'GMAX' else 'hamstring'}"
        true_log = truth.log_share[m.channel]
        about = {"session": seed, "channel": m.channel, "true": true_log}
        about |= dict(zip(("value", "low", "high"), known, strict=True))
        rows.append({**_row(what, true_log, known, m.reason), **about})
        if m.known:
            naive = naive_interval(recording, result, m.channel)
            rows.append(_row(f"{what}: highest 500 ms, mean ± 1.645 SE", truth.log_share[m.channel], naive))
    for r in result.activity_levels.ratios:
        same_side = r.first[-1] == r.second[-1]
        known = [math.log(x) for x in (r.ratio, r.low, r.high)]
        true = truth.log_share[r.first] - truth.log_share[r.second]
        verdict = {"first": 1, "second": -1, "": 0}[r.higher]
        rows.append(
            _row("ratio glute : hamstring" if same_side else "ratio right : left", true, known, r.reason, verdict)
        )
    for side in result.sides:
        values = (side.difference_s, side.low_s, side.high_s)
        why = "" if side.posterior is not None else side.reason
        rows.append(_row("onset difference of a side (ms)", truth.difference_s[side.side], values, why))
    change = result.side_difference
    assert change is not None
    true_s = truth.difference_s["R"] - truth.difference_s["L"]
    verdict = {"larger": 1, "smaller": -1}.get(change.verdict, 0)
    values = (change.difference_s, change.low_s, change.high_s)
    rows.append(_row("onset difference, right − left (ms)", true_s, values, change.reason, verdict))
    return [{"lifts": n_lifts, "channel": "", **row} for row in rows]


def _row(
    what: str, true: float, known: tuple[float, ...] | list[float], reason: str = "", verdict: int = 0
) -> dict[str, object]:
    value, low, high = known
    right = bool(verdict * true > 0)
    return {
        "what": what,
        "error": value - true,
        "inside": bool(low <= true <= high),
        "width": high - low,
        "blocked": bool(reason),
        "reason": reason,
        "verdict": verdict,
        "right": right,
    }


def table(rows: pd.DataFrame) -> str:
    """Return coverage, error and width of every estimate."""
    cells = []
    for (n_lifts, what), group in rows.groupby(["lifts", "what"], sort=True):
        told = group[~group["blocked"]]
        in_ms = "(ms)" in what
        scale = 1e3 if in_ms else 100.0
        decided = told[told["verdict"] != 0]
        compared = any(word in what for word in ("ratio", "right", "visits"))
        cells.append(
            (
                n_lifts,
                what,
                len(told),
                f"{group['blocked'].mean():.2f}",
                f"{told['inside'].mean():.3f}",
                f"{scale * told['error'].median():+.1f}",
                f"{scale * told['error'].abs().median():.1f}",
                f"{scale * told['width'].median():.0f}",
                f"{len(decided) / max(len(told), 1):.2f}" if compared else "",
                f"{decided['right'].mean():.2f}" if compared and len(decided) else "",
            )
        )
    head = (
        *("lifts a side", "estimate", "n", "blocked", "90 % interval holds", "median error", "median size of error"),
        *("median width", "with a verdict", "of these right"),
    )
    return markdown(head, cells)


def visits(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of changes of % MVC: each session beside the next one, as two visits with known levels.

    The two are of different simulated persons, so the true change is large and known; the interval has to hold it just
    the same, because it takes nothing from the person.
    """
    found = []
    for (n_lifts, what), group in rows[rows["channel"] != ""].groupby(["lifts", "channel"], sort=True):
        told = group[~group["blocked"]].sort_values("session").to_dict("records")
        for before, after in itertools.pairwise(told):
            levels = [ActivityLevel(*(math.exp(r[key]) for key in ("value", "low", "high"))) for r in (before, after)]
            change = ActivityChange(str(what), *levels)
            known = [math.log(x) for x in (change.ratio, change.low, change.high)]
            true = after["true"] - before["true"]
            verdict = 0 if change.noise else (1 if change.ratio > 1 else -1)
            name = "glute" if str(what).startswith("GMAX") else "hamstring"
            found.append({"lifts": n_lifts, **_row(f"change between visits, {name}", true, known, "", verdict)})
    return pd.DataFrame(found)


def main() -> None:
    """Simulate, analyse, and print the tables."""
    parser = options("Coverage of % MVC, ratios and side differences on simulated sessions")
    chosen = parser.parse_args()
    n_sessions = 4 if chosen.quick else 120
    rows = [row for n in (6, 10) for k in range(n_sessions) for row in judge(SEED + k, n)]
    found = pd.DataFrame(rows)
    said = (
        f"{n_sessions} simulated persons (`{SCENARIO}`), each with 6 and with 10 lifts a side and three full efforts a "
        f"muscle; seeds from {SEED}. Full efforts of 1.2 to 4 times a lift; carriers: {', '.join(CARRIERS)}; usual "
        "signal-to-noise ratios (glute 8 to 20 dB, hamstring 14 to 28 dB). Errors and widths of % MVC and ratios are "
        "differences of logarithms in %, those of the onset difference are ms. Verdicts: `higher` of a ratio, "
        "`larger` or `smaller` of the onset difference (beyond ±30 ms); right: the true value has that sign."
    )
    reasons = found[found["blocked"] & found["what"].str.startswith("%")]["reason"].str.replace(r"\d+", "…", regex=True)
    why = markdown(("blocked because", "muscles"), [(r, int(c)) for r, c in reasons.value_counts().items()])
    changes = (
        "Change of % MVC from one visit to the next: each session beside the following one (their true levels are "
        "known, whoever they are of). A verdict is a change beyond a factor of 1.4 and half the interval."
    )
    sections = [said, table(found), changes, table(visits(found)), why]
    publish(page("Activity levels and sides", sections), "strength", write=chosen.write)


if __name__ == "__main__":
    main()
