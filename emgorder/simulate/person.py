"""The muscles and habits of a random person."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from emgorder.arguments import require_choice, require_within
from emgorder.errors import SettingsError
from emgorder.model import Side
from emgorder.simulate.carriers import CARRIERS, Carrier, CarrierKind, draw_carrier
from emgorder.simulate.envelopes import SHAPES, Shape
from emgorder.simulate.noise import stream
from emgorder.simulate.scenarios import Scenario

__all__ = ["GLUTE", "HAMSTRING", "MuscleRange", "MuscleTraits", "Person", "draw_person"]

SIDE_CORRELATION = 0.7  # of a person's two sides; judged
LIFT_SD_MEDIAN_S = 0.050  # between the lifts of a person ...
LIFT_SD_LOG = 0.334  # ... 5 % to 95 % of people: 29 to 87 ms
OUTLIER_SHARE = (0.05, 0.10)
MISSING_SHARE = (0.03, 0.05)
MAX_MEAN_DIFFERENCE_S = 0.7  # a lift takes about a second: a muscle later than this took no part in it
# In the order of SHAPES. The first 50 ms of a real lift hold 0.7 % of its plateau power (median of 24 hand-read bursts
# of an eight-channel lifting task), which favours the shapes that rise slowly at first.
SHAPE_WEIGHTS = (0.30, 0.25, 0.10, 0.15, 0.20)


@dataclass(frozen=True, slots=True, kw_only=True)
class MuscleRange:
    """What a muscle of a random person is drawn from (uniformly between two ends; equal ends fix a value).

    Attributes
    ----------
    snr_dB : (float, float)
        ``10 log10(EMG power added on the plateau / baseline power)``.
    ramp_s : (float, float)
        A person's typical ramp; single lifts vary around it.
    baseline_rms_V : (float, float)
        RMS of the channel at rest.
    shapes : tuple of str
        Ramp shapes of which a person has one.
    carriers : tuple of str
        Carrier kinds of which a person has one.
    mvc_gain : (float, float)
        Amplitude of a full effort over that of a lift; with 2.5 a lift takes about 40 % MVC (judged).
    """

    snr_dB: tuple[float, float]
    ramp_s: tuple[float, float]
    baseline_rms_V: tuple[float, float] = (4e-6, 10e-6)
    shapes: tuple[Shape, ...] = SHAPES
    carriers: tuple[CarrierKind, ...] = CARRIERS
    mvc_gain: tuple[float, float] = (2.5, 2.5)

    def __post_init__(self) -> None:
        """Check every value."""
        for key, ends, low, high in (
            ("snr_dB", self.snr_dB, -60.0, 60.0),
            ("ramp_s", self.ramp_s, 0.0, 0.5),
            ("baseline_rms_V", self.baseline_rms_V, 1e-9, 1.0),
            ("mvc_gain", self.mvc_gain, 0.1, 100.0),
        ):
            require_within(key, ends[0], low, high)
            require_within(key, ends[1], ends[0], high)
        if not self.shapes or not self.carriers:
            raise SettingsError("is empty: name at least one", key="shapes" if not self.shapes else "carriers")
        for shape in self.shapes:
            require_choice("shapes", shape, SHAPES)
        for kind in self.carriers:
            require_choice("carriers", kind, CARRIERS)


# The glute lies under more fat and rises more slowly than the hamstring.
GLUTE = MuscleRange(snr_dB=(8.0, 20.0), ramp_s=(0.0, 0.29))
HAMSTRING = MuscleRange(snr_dB=(14.0, 28.0), ramp_s=(0.0, 0.12))


@dataclass(frozen=True, slots=True)
class MuscleTraits:
    """One muscle of one person under one pair of electrodes."""

    target_muscle: str
    side: Side
    snr_dB: float
    ramp_s: float
    shape: Shape
    carrier: Carrier
    baseline_rms_V: float
    mvc_gain: float

    @property
    def is_glute(self) -> bool:
        """Whether it is the gluteus maximus (else it is the hamstring)."""
        return self.target_muscle == "GMAX"

    @property
    def plateau_rms_V(self) -> float:
        """RMS of the EMG alone while the leg is raised."""
        return self.baseline_rms_V * math.pow(10.0, self.snr_dB / 20.0)


@dataclass(frozen=True, slots=True)
class Person:
    """How one person lifts a leg.

    Attributes
    ----------
    mean_difference_s : mapping of side to float
        The person's own mean of glute minus hamstring onset: what a session estimates.
    lift_sd_s : float
        Standard deviation between lifts.
    outlier_share, missing_share : float
        Share of lifts that go differently, and that lack the onset of one muscle.
    muscles : mapping of channel label to MuscleTraits
        For example ``GMAX_R``; side by side, the glute before the hamstring.
    """

    mean_difference_s: Mapping[Side, float]
    lift_sd_s: float
    outlier_share: float
    missing_share: float
    muscles: Mapping[str, MuscleTraits]

    def pair(self, side: Side) -> tuple[str, str]:
        """Return the labels of glute and hamstring of a side."""
        glute, hamstring = (label for label, muscle in self.muscles.items() if muscle.side == side)
        return glute, hamstring

    def partner(self, label: str) -> str:
        """Return the other muscle of the same side."""
        glute, hamstring = self.pair(self.muscles[label].side)
        return hamstring if label == glute else glute


def draw_person(
    seed: int,
    scenario: Scenario,
    *,
    sides: tuple[Side, ...],
    glute: MuscleRange = GLUTE,
    hamstring: MuscleRange = HAMSTRING,
    mean_difference_s: float | Mapping[Side, float] | None = None,
    lift_sd_s: float | None = None,
    outlier_share: float | None = None,
    missing_share: float | None = None,
) -> Person:
    """Return a random person of a scenario; each value that is given replaces the random one.

    Examples
    --------
    >>> from emgorder.simulate.scenarios import SCENARIOS
    >>> draw_person(1, SCENARIOS["late_glute"], sides=("R",), mean_difference_s=0.08).mean_difference_s["R"]
    0.08
    """
    rng = stream(seed, "person")
    shared, sd, outliers, missing = rng.standard_normal(), rng.standard_normal(), *rng.random(2)
    means: dict[Side, float] = {}
    for side in sides:
        own = stream(seed, "person", side).standard_normal()
        z = math.sqrt(SIDE_CORRELATION) * shared + math.sqrt(1.0 - SIDE_CORRELATION) * own
        if isinstance(mean_difference_s, Mapping):
            if side not in mean_difference_s:
                raise SettingsError(f"has no value for side {side}", key="mean_difference_s")
            means[side] = float(mean_difference_s[side])
        elif mean_difference_s is not None:
            means[side] = float(mean_difference_s)
        else:
            drawn = scenario.difference_s + scenario.person_sd_s * z
            means[side] = float(np.clip(drawn, -MAX_MEAN_DIFFERENCE_S, MAX_MEAN_DIFFERENCE_S))
        require_within("mean_difference_s", means[side], -MAX_MEAN_DIFFERENCE_S, MAX_MEAN_DIFFERENCE_S)
    if lift_sd_s is None:
        lift_sd_s = LIFT_SD_MEDIAN_S * math.exp(LIFT_SD_LOG * sd)
    if outlier_share is None:
        outlier_share = OUTLIER_SHARE[0] + (OUTLIER_SHARE[1] - OUTLIER_SHARE[0]) * outliers
    if missing_share is None:
        missing_share = MISSING_SHARE[0] + (MISSING_SHARE[1] - MISSING_SHARE[0]) * missing
    require_within("lift_sd_s", lift_sd_s, 0.0, 0.5)
    require_within("outlier_share", outlier_share, 0.0, 1.0)
    require_within("missing_share", missing_share, 0.0, 1.0)
    muscles = {
        f"{code}_{side}": _draw_muscle(seed, code, side, drawn_from)
        for side in sides
        for code, drawn_from in (("GMAX", glute), (scenario.hamstring, hamstring))
    }
    return Person(means, lift_sd_s, outlier_share, missing_share, muscles)


def _draw_muscle(seed: int, target_muscle: str, side: Side, drawn_from: MuscleRange) -> MuscleTraits:
    rng = stream(seed, "muscle", target_muscle, side)
    weights = np.array([SHAPE_WEIGHTS[SHAPES.index(shape)] for shape in drawn_from.shapes])
    return MuscleTraits(
        target_muscle=target_muscle,
        side=side,
        snr_dB=float(rng.uniform(*drawn_from.snr_dB)),
        ramp_s=float(rng.uniform(*drawn_from.ramp_s)),
        baseline_rms_V=float(rng.uniform(*drawn_from.baseline_rms_V)),
        shape=drawn_from.shapes[int(rng.choice(weights.size, p=weights / weights.sum()))],
        carrier=draw_carrier(rng, drawn_from.carriers),
        mvc_gain=float(rng.uniform(*drawn_from.mvc_gain)),
    )
