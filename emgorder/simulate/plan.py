"""What happens when in a simulated session: cues, lifts, extra trials, and the bursts of every muscle."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from emgorder.model import Side
from emgorder.simulate.envelopes import Burst
from emgorder.simulate.noise import stream
from emgorder.simulate.person import MuscleTraits, Person

__all__ = ["EXTRAS", "Extra", "Plan", "PlannedLift", "plan_lift", "plan_session"]

Extra: TypeAlias = Literal["tap", "contact", "mvc", "practice"]
EXTRAS: tuple[Extra, ...] = ("tap", "contact", "mvc", "practice")

LEAD_S = 0.5
TAIL_S = 2.0
SET_SIZE = 5  # lifts of one side before the other side's turn; Bruno & Bagust 2007 took 2 x 5
FOREPERIOD_S = (2.0, 4.0)  # from "relax" to the tone
REACTION_S = 0.25  # median, from the tone to the first EMG
REACTION_LOG_SD = 0.2
FALSE_START_S = (0.1, 0.6)  # first EMG before the tone
MAX_DIFFERENCE_S = 0.8
OUTLIER_SD_S = 0.250
MISSING_GLUTE_SHARE = 0.7  # which of the two muscles shows no onset; judged
RAMP_LOG_SD = 0.25
MAX_RAMP_S = 0.4
LIFT_GAIN_DB = 1.0  # SD between lifts
MOVEMENT_LAG_S = (0.08, 0.15)  # from the first EMG to the leg leaving the table
RAISE_S = (0.9, 1.1)
LOWER_S = (0.8, 1.2)
HOLD_GAIN = (0.7, 0.95)  # amplitude while holding and at the end of lowering, relative to raising; the latter is
LOWER_GAIN = (0.3, 0.5)  # eccentric work, which takes less excitation
EASE_S = 0.2  # from one level to the next
RELEASE_S = (0.10, 0.30)
RELEASE_SD_S = 0.05  # the two muscles do not let go together
N_TAPS, TAP_GAP_S = 5, 1.0
CONTACT_S = 2.0
MVC_TRIALS, MVC_S = 3, 4.0
EFFORT_RAMP_S = 0.3
PRACTICE_LIFTS = 3


@dataclass(frozen=True, slots=True)
class PlannedLift:
    """One lift as it truly happens; ``bursts`` maps channel labels to bursts (a muscle without onset is absent)."""

    side: Side
    cue_s: float
    difference_s: float
    outlier: bool
    early: bool
    bursts: Mapping[str, Burst]
    movements_s: tuple[float, float]

    @property
    def end_s(self) -> float:
        """When the last muscle is silent again."""
        return max([self.movements_s[1], *(burst.offset_s for burst in self.bursts.values())])


@dataclass(slots=True)
class Plan:
    """Everything that happens in a session, in true time; filled in the order of time."""

    now_s: float = LEAD_S
    events: list[tuple[float, float, str]] = field(default_factory=list)
    lifts: list[PlannedLift] = field(default_factory=list)
    bursts: dict[str, list[Burst]] = field(default_factory=dict)
    movements_s: list[float] = field(default_factory=list)
    taps_s: list[float] = field(default_factory=list)

    @property
    def duration_s(self) -> float:
        """Length of the recording."""
        return self.now_s + TAIL_S


def plan_session(
    seed: int,
    person: Person,
    *,
    sides: tuple[Side, ...],
    n_lifts: int,
    rest_s: float,
    hold_s: tuple[float, float],
    baseline_s: float,
    false_start_share: float,
    extras: tuple[Extra, ...],
) -> Plan:
    """Return what happens in a session, following the protocol of the test.

    Baseline, then the chosen extras, then lifts in sets of five with the sides in turn. Parameters as in
    :func:`emgorder.simulate.simulate_session`.

    Examples
    --------
    >>> from emgorder.simulate.person import draw_person
    >>> from emgorder.simulate.scenarios import SCENARIOS
    >>> person = draw_person(1, SCENARIOS["late_glute"], sides=("R",))
    >>> plan = plan_session(1, person, sides=("R",), n_lifts=3, rest_s=5.0, hold_s=(1.0, 2.0),
    ...                     baseline_s=5.0, false_start_share=0.0, extras=())
    >>> [name for _, _, name in plan.events]
    ['baseline', 'relax/R', 'cue/R', 'relax/R', 'cue/R', 'relax/R', 'cue/R']
    """
    plan = Plan(bursts={label: [] for label in person.muscles})
    if baseline_s > 0:
        plan.events.append((plan.now_s, baseline_s, "baseline"))
        plan.now_s += baseline_s
    if "tap" in extras:
        _plan_taps(plan)
    if "contact" in extras:
        for label in person.muscles:
            _plan_effort(plan, label, f"contact/{label}", CONTACT_S, gain=1.0, pause_s=2.0)
    if "mvc" in extras:
        for label, muscle in person.muscles.items():
            for _ in range(MVC_TRIALS):
                _plan_effort(plan, label, f"mvc/{label}", MVC_S, gain=muscle.mvc_gain, pause_s=max(rest_s, 3.0))

    order: list[tuple[str, Side, int]] = []
    if "practice" in extras:
        order += [("practice", side, number) for side in sides for number in range(PRACTICE_LIFTS)]
    for first in range(0, n_lifts, SET_SIZE):
        numbers = range(first, min(first + SET_SIZE, n_lifts))
        order += [("cue", side, number) for side in sides for number in numbers]
    for kind, side, number in order:
        rng = stream(seed, kind, side, number)
        foreperiod_s = rng.uniform(*FOREPERIOD_S)
        cue_s = plan.now_s + max(rest_s if plan.movements_s else 0.0, foreperiod_s)
        lift = plan_lift(rng, person, side, cue_s, hold_s, false_start_share if kind == "cue" else 0.0)
        plan.events += [(cue_s - foreperiod_s, 0.0, f"relax/{side}"), (cue_s, 0.0, f"{kind}/{side}")]
        for label, burst in lift.bursts.items():
            plan.bursts[label].append(burst)
        plan.movements_s += lift.movements_s
        plan.now_s = lift.end_s
        if kind == "cue":
            plan.lifts.append(lift)
    return plan


def _plan_taps(plan: Plan) -> None:
    for _ in range(N_TAPS):
        plan.now_s += TAP_GAP_S
        plan.events.append((plan.now_s, 0.0, "tap"))
        plan.taps_s.append(plan.now_s)
    plan.now_s += TAP_GAP_S


def _plan_effort(plan: Plan, label: str, event: str, length_s: float, *, gain: float, pause_s: float) -> None:
    profile = ((0.0, 1.0), (length_s - EFFORT_RAMP_S, 1.0), (length_s, 0.0))
    plan.events.append((plan.now_s, length_s, event))
    plan.bursts[label].append(Burst(onset_s=plan.now_s + REACTION_S, ramp_s=EFFORT_RAMP_S, gain=gain, profile=profile))
    plan.now_s += REACTION_S + length_s + pause_s


def plan_lift(
    rng: np.random.Generator,
    person: Person,
    side: Side,
    cue_s: float,
    hold_s: tuple[float, float],
    false_start_share: float,
) -> PlannedLift:
    """Draw one lift; every lift draws the same number of values, whatever they turn out to be."""
    usual, strange = rng.standard_normal(2)
    is_outlier, is_missing, is_early, which = rng.random(4)
    outlier = bool(is_outlier < person.outlier_share)
    early = bool(is_early < false_start_share)
    difference_s = person.mean_difference_s[side] + (OUTLIER_SD_S * strange if outlier else person.lift_sd_s * usual)
    difference_s = float(np.clip(difference_s, -MAX_DIFFERENCE_S, MAX_DIFFERENCE_S))
    reaction_s = REACTION_S * math.exp(REACTION_LOG_SD * rng.standard_normal())
    lead_s = rng.uniform(*FALSE_START_S)
    first_s = cue_s - lead_s if early else cue_s + reaction_s

    moves_s = first_s + rng.uniform(*MOVEMENT_LAG_S)
    top_s = moves_s + rng.uniform(*RAISE_S)
    sinks_s = top_s + rng.uniform(*hold_s)
    down_s = sinks_s + rng.uniform(*LOWER_S)
    glute, hamstring = person.pair(side)
    onsets_s = {glute: first_s + max(difference_s, 0.0), hamstring: first_s + max(-difference_s, 0.0)}
    bursts = {
        label: _draw_burst(rng, person.muscles[label], onset_s, top_s, sinks_s, down_s)
        for label, onset_s in onsets_s.items()
    }
    if is_missing < person.missing_share:
        silent, other = (glute, hamstring) if which < MISSING_GLUTE_SHARE else (hamstring, glute)
        del bursts[silent]
        difference_s = math.nan
        if onsets_s[other] > first_s:  # the muscle that is left answers the tone
            bursts[other] = _draw_burst(rng, person.muscles[other], first_s, top_s, sinks_s, down_s)
    return PlannedLift(side, cue_s, difference_s, outlier, early, bursts, (moves_s, down_s))


def _draw_burst(
    rng: np.random.Generator, muscle: MuscleTraits, onset_s: float, top_s: float, sinks_s: float, down_s: float
) -> Burst:
    ramp_s = min(muscle.ramp_s * math.exp(RAMP_LOG_SD * rng.standard_normal()), MAX_RAMP_S)
    gain = 10.0 ** (LIFT_GAIN_DB * rng.standard_normal() / 20.0)
    hold, lower = rng.uniform(*HOLD_GAIN), rng.uniform(*LOWER_GAIN)
    release_s = rng.uniform(*RELEASE_S)
    end_s = down_s + RELEASE_SD_S * float(np.clip(rng.standard_normal(), -3.0, 3.0))
    profile = (
        (0.0, 1.0),
        (top_s - onset_s, 1.0),
        (top_s - onset_s + EASE_S, hold),
        (sinks_s - onset_s + EASE_S, hold),
        (end_s - onset_s, lower),
        (end_s - onset_s + release_s, 0.0),
    )
    return Burst(onset_s=onset_s, ramp_s=ramp_s, shape=muscle.shape, gain=gain, profile=profile)
