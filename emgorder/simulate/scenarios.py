"""Ways to do the test, with the onset differences that were published for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from emgorder.arguments import require_choice

__all__ = ["SCENARIOS", "Scenario", "scenario_named"]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A way to do the test, with the onset differences that were published for it.

    Attributes
    ----------
    name : str
        Key in ``SCENARIOS``.
    difference_s : float
        Mean over people of glute minus hamstring onset: positive = hamstring first.
    person_sd_s : float
        Standard deviation of that difference between people.
    hamstring : str
        Code of the hamstring that is recorded (``HAM`` where the source does not say which).
    posture : str
        Of knee and hip.
    instructions : str
        What the person is told.
    source : str
        Where the figures come from.
    """

    name: str
    difference_s: float
    person_sd_s: float
    hamstring: Literal["BF", "ST", "HAM"]
    posture: str
    instructions: str
    source: str


_NEUTRAL = "Lift your straight leg when you hear the tone."
_BENT = "Lift your leg with the knee bent when you hear the tone."
_LEWIS = "Lewis & Sahrmann 2009, doi:10.4085/1062-6050-44.3.238; differences of their group means"
_SUEHIRO = "Suehiro et al. 2015, doi:10.1589/jpts.27.289, table of relative onsets"

SCENARIOS: dict[str, Scenario] = {
    s.name: s
    for s in (
        Scenario("straight_knee_lateral", 0.090, 0.085, "BF", "knee straight, hip neutral", _NEUTRAL, _LEWIS),
        Scenario("straight_knee_medial", 0.185, 0.085, "ST", "knee straight, hip neutral", _NEUTRAL, _LEWIS),
        Scenario(
            "glute_cued_lateral",
            -0.005,
            0.100,
            "BF",
            "knee straight, hip neutral",
            "Squeeze your buttock first, then lift your straight leg when you hear the tone.",
            _LEWIS,
        ),
        Scenario("knee_flexed_neutral", 0.108, 0.142, "HAM", "knee bent, hip neutral", _BENT, _SUEHIRO),
        Scenario("knee_flexed_abducted", -0.032, 0.130, "HAM", "knee bent, hip abducted", _BENT, _SUEHIRO),
        Scenario(
            "knee_flexed_rotated",
            -0.109,
            0.174,
            "HAM",
            "knee bent, hip abducted and externally rotated",
            _BENT,
            _SUEHIRO,
        ),
        Scenario(
            "late_glute",
            0.300,
            0.150,
            "BF",
            "knee straight, hip neutral",
            _NEUTRAL,
            "stress case after the delay of about 370 ms in Lehman et al. 2004",
        ),
    )
}


def scenario_named(name: str) -> Scenario:
    """Return a scenario by its name.

    Raises
    ------
    SettingsError
        There is none of that name.

    Examples
    --------
    >>> scenario_named("late_glute").difference_s
    0.3
    """
    require_choice("scenario", name, tuple(SCENARIOS))
    return SCENARIOS[name]
