"""Change between two visits against what really changed: coverage, words where nothing changed, and power.

    python benchmarks/followup.py --write

Every patient is a simulated person with a known mean difference; at a second visit that mean has moved by a known
amount, all lifts are new, and the electrodes may lie elsewhere. Both visits are analysed from their samples alone.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from _table import markdown, options, page, publish

import emgorder as eo
from emgorder.model import SideResult
from emgorder.order.conditions import Conditions
from emgorder.order.followup import FLOOR_S, REPLACEMENT_SD_S, Change, Visit, compare_visits
from emgorder.simulate.person import MuscleRange, MuscleTraits, draw_person
from emgorder.simulate.scenarios import SCENARIOS

SCENARIO = "straight_knee_lateral"
N_LIFTS = 8
CHANGES_S = (0.0, 0.050, 0.100, 0.150)
FIRST_SEED = 410_000
SNR_MOVED_DB = 3.0  # a second placement changes the level of a muscle by up to this
ALIKE = Conditions("BF", "prone", "lift", "simulated")


@dataclass(frozen=True, slots=True)
class Trial:
    """One patient: what changed, how much new placement added to each visit, and both visits as analysed."""

    true_s: float
    placement_s: tuple[float, float]
    first: SideResult
    second: SideResult


def patient(seed: int, replacement_sd_s: float) -> list[Trial]:
    """Return the trials of one patient, one a true change, its direction drawn."""
    rng = np.random.default_rng(seed)
    person = draw_person(seed, SCENARIOS[SCENARIO], sides=("R",))
    mean_s = person.mean_difference_s["R"]
    shift_s = [float(rng.normal(0.0, replacement_sd_s)) for _ in range(1 + len(CHANGES_S))]
    first = visit(seed, mean_s + shift_s[0], person.muscles, person.lift_sd_s, rng)
    trials = []
    for number, size_s in enumerate(CHANGES_S, start=1):
        true_s = size_s * (1 if rng.random() < 0.5 else -1)
        later = visit(
            seed + number * 10_000_000, mean_s + true_s + shift_s[number], person.muscles, person.lift_sd_s, rng
        )
        trials.append(Trial(true_s, (shift_s[0], shift_s[number]), first, later))
    return trials


def visit(
    seed: int, mean_s: float, muscles: dict[str, MuscleTraits], lift_sd_s: float, rng: np.random.Generator
) -> SideResult:
    """Return one session of the person: own ramps, carriers and lift SD, new lifts, a little other levels."""
    glute, hamstring = (placed(m, rng) for m in muscles.values())
    recording = eo.simulate_session(
        seed=seed,
        scenario=SCENARIO,
        n_lifts=N_LIFTS,
        mean_difference_s=mean_s,
        lift_sd_s=lift_sd_s,
        glute=glute,
        hamstring=hamstring,
        rest_s=0.0,
        baseline_s=3.0,
    )
    return eo.analyse(recording).sides[0]


def placed(muscle: MuscleTraits, rng: np.random.Generator) -> MuscleRange:
    """Return the range that gives this muscle again, its level a little other."""
    snr_dB = muscle.snr_dB + float(rng.uniform(-SNR_MOVED_DB, SNR_MOVED_DB))
    return MuscleRange(
        snr_dB=(snr_dB, snr_dB),
        ramp_s=(muscle.ramp_s, muscle.ramp_s),
        baseline_rms_V=(muscle.baseline_rms_V, muscle.baseline_rms_V),
        shapes=(muscle.shape,),
        carriers=(muscle.carrier.kind,),
    )


def changes(trials: Sequence[Trial], assumed_sd_s: float) -> list[tuple[Trial, Change]]:
    """Return the change of each trial as the follow-up says it."""
    return [(t, compare_visits(stored(t.first), stored(t.second), replacement_sd_s=assumed_sd_s)) for t in trials]


def stored(side: SideResult) -> Visit:
    """Return a side as the history keeps it."""
    return Visit(
        0.0,
        side.side,
        side.verdict,
        side.difference_s,
        side.low_s,
        side.high_s,
        side.n_valid,
        side.n_lifts,
        side.rope_s,
        ALIKE,
    )


def table(pairs: Sequence[tuple[Trial, Change]]) -> str:
    """Return coverage, words and width by true change."""
    rows = []
    for size_s in (*CHANGES_S, None):
        here = [(t, c) for t, c in pairs if size_s is None or math.isclose(abs(t.true_s), size_s)]
        made = [(t, c) for t, c in here if c.kind != "refused"]
        if not made:
            continue
        inside = [c.low_s <= t.true_s <= c.high_s for t, c in made]
        errors_ms = [1e3 * abs(c.change_s - t.true_s) for t, c in made]
        wrong = [c.kind == "change" and c.change_s * t.true_s < 0 for t, c in made]
        rows.append(
            (
                "all" if size_s is None else f"{1e3 * size_s:.0f}",
                len(made),
                len(here) - len(made),
                f"{share(inside)} ({share_interval(inside)})",
                share([c.kind == "no change" for _, c in made]),
                share([c.kind == "change" for _, c in made]),
                "" if size_s == 0.0 else share(wrong),
                float(np.median(errors_ms)),
                float(np.median([1e3 * (c.high_s - c.low_s) / 2 for _, c in made])),
            )
        )
    header = (
        "true change, ms",
        "compared",
        "refused",
        "inside the 90 % interval",
        "said: no change",
        "said: changed",
        "in the wrong direction",
        "median error, ms",
        "median half interval, ms",
    )
    return markdown(header, rows)


def share(values: Sequence[bool]) -> str:
    """Return the share that is true."""
    return f"{np.mean(values):.3f}"


def share_interval(values: Sequence[bool]) -> str:
    """Return the 95 % interval of a share (Wilson)."""
    n, p, z = len(values), float(np.mean(values)), 1.96
    centre, half = (
        (p + z * z / (2 * n)) / (1 + z * z / n),
        z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)),
    )
    return f"{centre - half:.3f} to {centre + half:.3f}"


def run(n_patients: int, first_seed: int, replacement_sd_s: float) -> list[Trial]:
    """Return the trials of all patients."""
    trials: list[Trial] = []
    for k in range(n_patients):
        trials += patient(first_seed + k, replacement_sd_s)
        if k % 20 == 19:
            print(f"{k + 1} of {n_patients} patients", file=sys.stderr, flush=True)
    return trials


def main() -> None:
    """Measure and print."""
    chosen = options("Change between two visits against what really changed").parse_args()
    n_still, n_moved = (6, 6) if chosen.quick else (210, 120)
    moved_ms = 1e3 * REPLACEMENT_SD_S
    intro = (
        f"{n_still} patients where placement moves nothing and {n_moved} others where it does (scenario {SCENARIO}, "
        f"fresh seeds from {FIRST_SEED}), one side, {N_LIFTS} lifts a visit, each with one first visit and a second "
        "visit for every true change. Ramps, carriers and the SD between lifts are the person's own at both visits; "
        f"levels differ by up to ±{SNR_MOVED_DB:g} dB a visit; outlier and missing lifts as in the scenario. “No "
        f"change” is said below the larger of {1e3 * FLOOR_S:.0f} ms (more for fewer than 8 counted lifts) and half "
        "the 90 % interval. “Refused”: a visit without an average (fewer than 5 lifts that count)."
    )
    still = run(n_still, FIRST_SEED, 0.0)
    moved = run(n_moved, FIRST_SEED + 1_000_000, REPLACEMENT_SD_S)
    sections = [
        intro,
        f"## Placement moves nothing, and the default allows for {moved_ms:.0f} ms\n\n"
        + table(changes(still, REPLACEMENT_SD_S)),
        "## Placement moves nothing, and nothing is allowed for it\n\n" + table(changes(still, 0.0)),
        f"## Placement moves each visit by {moved_ms:.0f} ms (SD), and the default allows for it\n\n"
        + table(changes(moved, REPLACEMENT_SD_S)),
        f"## Placement moves each visit by {moved_ms:.0f} ms (SD), and nothing is allowed for it\n\n"
        + table(changes(moved, 0.0)),
        "What placing the electrodes anew really adds is not known: no study of this task was found. The last two "
        "tables say what follows if the judged value is right, and what is lost if it is left out.",
    ]
    publish(page("Follow-up", sections), "followup", write=chosen.write)


if __name__ == "__main__":
    main()
