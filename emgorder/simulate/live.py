"""A person who does what a session asks, when it asks: signals are made as sensors sample them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from emgorder.arguments import require_choice, require_within
from emgorder.errors import SettingsError
from emgorder.model import FloatArray, Side
from emgorder.muscles import MUSCLES, parse_label
from emgorder.simulate.envelopes import Burst
from emgorder.simulate.live_signals import DISTURBANCES, LEAST_S, Disturbance, LiveSignals
from emgorder.simulate.noise import stream
from emgorder.simulate.person import draw_person
from emgorder.simulate.plan import EFFORT_RAMP_S, PlannedLift, plan_lift
from emgorder.simulate.scenarios import scenario_named

__all__ = ["LivePerson"]

HOLD_S = (1.0, 2.0)
EARLY_S = (1.0, 1.9)  # from "relax" to a false start; the tone comes after 2 s or later
TAP_S = (0.11, 0.29)  # from the mark to the finger
EFFORT_S = {"contact": 2.0, "mvc": 4.0}  # where no length is told
EFFORT_DELAY_S = (0.2, 0.4)  # from the mark to the first EMG
SHORTEST_EFFORT_S = 0.2


class LivePerson:
    """A person on the table who reacts to the marks of a session.

    The same seed and the same marks give the same voltage at the same time, whatever the sensors and their blocks. What
    has been sampled never changes: whoever is told something late hears it late.

    Parameters
    ----------
    seed : int
        Not negative.
    sides : tuple of {"R", "L"}
        Sides that can be lifted.
    hamstring : {"BF", "ST", "HAM"}
        What the hamstring is called.
    scenario : str
        Key of ``SCENARIOS``.
    false_start_share : float
        Share of lifts that begin before the tone.
    mean_difference_s, lift_sd_s, outlier_share, missing_share
        As in :func:`emgorder.simulate_session`.

    Attributes
    ----------
    labels : tuple of str
        ``GMAX_R``, ``BF_R``, ...
    lifts, practice_lifts : list of PlannedLift
        What was truly done so far, in the order of time. A false start has the time of the tone that came after it, NaN
        until then.
    efforts : list of (str, Burst)
        Label and activity of each squeeze.
    taps_s : list of float
        When the sensors were tapped.

    Examples
    --------
    >>> person = LivePerson(1, mean_difference_s=0.08, lift_sd_s=0.0, outlier_share=0.0, missing_share=0.0)
    >>> see = person.electrodes(["GMAX_R", "BF_R"])
    >>> rest = see(np.arange(1000) / 1000.0)
    >>> person.hear("cue/R", 1.0)
    >>> lift = see(1.0 + np.arange(3000) / 1000.0)
    >>> lift.shape, bool(np.all(lift.std(axis=0) > 1.5 * rest.std(axis=0))), person.differences_s("R").round(3).tolist()
    ((3000, 2), True, [0.08])
    """

    def __init__(
        self,
        seed: int,
        *,
        sides: Sequence[Side] = ("R", "L"),
        hamstring: Literal["BF", "ST", "HAM"] = "BF",
        scenario: str = "straight_knee_lateral",
        false_start_share: float = 0.0,
        mean_difference_s: float | Mapping[Side, float] | None = None,
        lift_sd_s: float | None = None,
        outlier_share: float | None = None,
        missing_share: float | None = None,
    ) -> None:
        require_within("false_start_share", false_start_share, 0.0, 1.0)
        require_choice("hamstring", hamstring, ("BF", "ST", "HAM"))
        self.person = draw_person(
            seed,
            replace(scenario_named(scenario), hamstring=hamstring),
            sides=tuple(sides),
            mean_difference_s=mean_difference_s,
            lift_sd_s=lift_sd_s,
            outlier_share=outlier_share,
            missing_share=missing_share,
        )
        self.labels = tuple(self.person.muscles)
        self.lifts: list[PlannedLift] = []
        self.practice_lifts: list[PlannedLift] = []
        self.efforts: list[tuple[str, Burst]] = []
        self.taps_s: list[float] = []
        self._seed = seed
        self._sides = tuple(sides)
        self._false_start_share = false_start_share
        self._heard: Counter[str] = Counter()
        self._lifted_early: set[Side] = set()
        self._signals = LiveSignals(seed, self.person.muscles)

    def differences_s(self, side: Side) -> FloatArray:
        """Return the true glute minus hamstring onsets of the lifts of a side that answered a tone, shape (n_lifts,).

        NaN where a muscle had no onset.
        """
        return np.array([lift.difference_s for lift in self.lifts if lift.side == side and not lift.early])

    def find(self, label: str) -> str | None:
        """Return the person's muscle that `label` means by its role and side, None for one that the test has not.

        Examples
        --------
        >>> LivePerson(1).find("ST_R"), LivePerson(1).find("ES_R")
        ('BF_R', None)
        """
        code, side = parse_label(label)
        role = MUSCLES[code].role if code else "other"
        if role == "other":
            return None
        side = side or self._sides[0]
        matching = (k for k, m in self.person.muscles.items() if m.side == side and m.is_glute == (role == "glute"))
        return next(matching, None)

    def hear(self, trial_type: str, at_s: float, duration_s: float = 0.0) -> None:
        """Do what a mark asks for; marks that ask for nothing change nothing.

        Parameters
        ----------
        trial_type : str
            ``cue/R``, ``practice/R``: a lift. ``relax/R``: nothing, or a false start. ``tap``: the sensors are tapped
            within 0.3 s. ``contact/GMAX_R``, ``mvc/BF_R``: that muscle works.
        at_s : float
            When it is said, in the person's time.
        duration_s : float
            Length of the work.
        """
        kind, _, what = trial_type.partition("/")
        heard_s = max(at_s, self._signals.asked_s - LEAST_S)
        side = next((side for side in self._sides if side == what), None)
        if kind in ("cue", "practice") and side is not None:
            self._hear_cue(kind, side, heard_s)
        elif kind == "relax" and side is not None:
            self._hear_relax(side, heard_s)
        elif trial_type == "tap":
            rng = stream(self._seed, "live tap", self._count("tap"))
            self.taps_s.append(heard_s + float(rng.uniform(*TAP_S)))
            self._signals.tap(self.taps_s[-1])
        elif kind in EFFORT_S:
            label = self.find(what)
            if label is not None:
                self._work(kind, label, heard_s, at_s + (duration_s or EFFORT_S[kind]))

    def electrodes(self, labels: Sequence[str]) -> Callable[[FloatArray], FloatArray]:
        """Return what electrodes over muscles see: ``see(times_s)``, shape (n,), gives volts (n, n_labels).

        Times are those of the person, increasing. A muscle that the person has not, or no label, shows noise alone.
        """
        return self._signals.electrodes(labels, [self.find(label) for label in labels])

    def disturb(self, kind: Disturbance, label: str, start_s: float, length_s: float) -> None:
        """Let something be wrong with a muscle's channel for a while, from now on at the earliest.

        Parameters
        ----------
        kind : {"tense", "off", "clip"}
            The muscle never relaxes; the electrode is off the skin; the amplitude is 50 times too large.
        label : str
            Of the muscle.
        start_s, length_s : float
            When, in the person's time, and how long; it may be for ever (infinity).

        Raises
        ------
        SettingsError
            There is no such disturbance, or no such muscle.
        """
        require_choice("kind", kind, DISTURBANCES)
        muscle = self.find(label)
        if muscle is None:
            raise SettingsError(f"{label!r} is none of {', '.join(self.labels)}", key="label")
        self._signals.disturb(kind, muscle, start_s, length_s)

    def _count(self, what: str) -> int:
        self._heard[what] += 1
        return self._heard[what]

    def _hear_cue(self, kind: str, side: Side, at_s: float) -> None:
        if side in self._lifted_early:  # the leg was up before the tone: there is nothing left to do
            self._lifted_early.discard(side)
            last = max(i for i, lift in enumerate(self.lifts) if lift.early and lift.side == side)
            self.lifts[last] = replace(self.lifts[last], cue_s=at_s)
            return
        number = self._count(f"{kind}/{side}")
        lift = plan_lift(stream(self._seed, "live", kind, side, number), self.person, side, at_s, HOLD_S, 0.0)
        lift = _moved(lift, max(at_s + LEAST_S - _first_s(lift), 0.0))
        (self.lifts if kind == "cue" else self.practice_lifts).append(lift)
        self._signals.do(f"{kind} {side} {number}", lift.bursts, at_s, lift.movements_s)

    def _hear_relax(self, side: Side, at_s: float) -> None:
        self._lifted_early.discard(side)
        number = self._count(f"relax/{side}")
        rng = stream(self._seed, "live", "relax", side, number)
        if rng.random() >= self._false_start_share:
            return
        first_s = at_s + float(rng.uniform(*EARLY_S))
        lift = plan_lift(rng, self.person, side, at_s, HOLD_S, 0.0)
        lift = replace(_moved(lift, first_s - _first_s(lift)), early=True, cue_s=math.nan)
        self._lifted_early.add(side)
        self.lifts.append(lift)
        self._signals.do(f"relax {side} {number}", lift.bursts, at_s, lift.movements_s)

    def _work(self, kind: str, label: str, at_s: float, stop_s: float) -> None:
        number = self._count(f"{kind}/{label}")
        rng = stream(self._seed, "live", kind, label, number)
        onset_s = at_s + float(rng.uniform(*EFFORT_DELAY_S))
        length_s = stop_s - onset_s
        if length_s < SHORTEST_EFFORT_S:
            return
        profile = ((0.0, 1.0), (max(length_s - EFFORT_RAMP_S, 0.5 * length_s), 1.0), (length_s, 0.0))
        gain = self.person.muscles[label].mvc_gain if kind == "mvc" else 1.0
        burst = Burst(onset_s=onset_s, ramp_s=EFFORT_RAMP_S, gain=gain, profile=profile)
        self.efforts.append((label, burst))
        self._signals.do(f"{kind} {number}", {label: burst}, at_s)


def _first_s(lift: PlannedLift) -> float:
    return min(burst.onset_s for burst in lift.bursts.values())


def _moved(lift: PlannedLift, by_s: float) -> PlannedLift:
    """Return the same lift at another time."""
    bursts = {label: replace(burst, onset_s=burst.onset_s + by_s) for label, burst in lift.bursts.items()}
    moves_s, down_s = lift.movements_s
    return replace(lift, bursts=bursts, movements_s=(moves_s + by_s, down_s + by_s))
