"""Sessions, lifts and bursts with known onsets: for demonstrations, tests and benchmarks."""

from emgorder.simulate.artefacts import Artefacts
from emgorder.simulate.baseline import Baseline
from emgorder.simulate.carriers import CARRIERS, Carrier
from emgorder.simulate.emg import SimulatedBurst, simulate_burst
from emgorder.simulate.envelopes import SHAPES
from emgorder.simulate.person import GLUTE, HAMSTRING, MuscleRange
from emgorder.simulate.sampling import TwoSensors
from emgorder.simulate.scenarios import SCENARIOS, Scenario
from emgorder.simulate.session import (
    GENERATOR_VERSION,
    SIMULATION,
    TYPICAL_ARTEFACTS,
    TYPICAL_BASELINE,
    simulate_session,
)

__all__ = [
    "CARRIERS",
    "GENERATOR_VERSION",
    "GLUTE",
    "HAMSTRING",
    "SCENARIOS",
    "SHAPES",
    "SIMULATION",
    "TYPICAL_ARTEFACTS",
    "TYPICAL_BASELINE",
    "Artefacts",
    "Baseline",
    "Carrier",
    "MuscleRange",
    "Scenario",
    "SimulatedBurst",
    "TwoSensors",
    "simulate_burst",
    "simulate_session",
]
