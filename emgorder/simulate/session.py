"""A person's leg lifts as a recording, with the truth beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from emgorder.arguments import require_choice, require_whole, require_within
from emgorder.errors import SettingsError
from emgorder.model import Channel, Recording, Side, Sync
from emgorder.simulate.artefacts import Artefacts
from emgorder.simulate.baseline import Baseline
from emgorder.simulate.carriers import FRONT_END_HZ
from emgorder.simulate.person import GLUTE, HAMSTRING, MuscleRange, draw_person
from emgorder.simulate.plan import EXTRAS, Extra, plan_session
from emgorder.simulate.render import render_plan
from emgorder.simulate.sampling import TwoSensors
from emgorder.simulate.scenarios import Scenario, scenario_named
from emgorder.simulate.truth import truth_table

__all__ = ["GENERATOR_VERSION", "SIMULATION", "TYPICAL_ARTEFACTS", "TYPICAL_BASELINE", "simulate_session"]

SIMULATION = "simulation"
"""``Manufacturer`` in the sidecar of what no real sensor recorded."""

GENERATOR_VERSION = "1"
"""Changes whenever a seed gives other numbers: results quoted with a seed quote this too."""

TYPICAL_BASELINE = Baseline(wander_dB=2.0, strays_per_s=0.5)
TYPICAL_ARTEFACTS = Artefacts(mains_ratio=0.3, drift_ratio=0.5, movement_ratio=1.0)


def simulate_session(
    *,
    seed: int,
    scenario: str = "straight_knee_lateral",
    n_lifts: int = 10,
    sides: tuple[Side, ...] = ("R",),
    sampling_frequency: float = 1000.0,
    mean_difference_s: float | Mapping[Side, float] | None = None,
    lift_sd_s: float | None = None,
    outlier_share: float | None = None,
    missing_share: float | None = None,
    false_start_share: float = 0.0,
    glute: MuscleRange = GLUTE,
    hamstring: MuscleRange = HAMSTRING,
    baseline: Baseline = TYPICAL_BASELINE,
    artefacts: Artefacts = TYPICAL_ARTEFACTS,
    crosstalk: tuple[float, float] = (0.0, 0.0),
    sensors: TwoSensors | None = None,
    rest_s: float = 10.0,
    hold_s: tuple[float, float] = (1.0, 2.0),
    baseline_s: float = 5.0,
    extras: tuple[Extra, ...] = (),
) -> Recording:
    """Return a simulated session of prone leg lifts with known onsets.

    The same seed gives the same person and the same lifts whatever is recorded of them: at every sampling frequency,
    with any artefacts, cross-talk or clocks. Artefacts and cross-talk leave the noise the same too.
    Signal-to-noise ratio and true onset are defined in :mod:`emgorder.simulate.emg`.

    Parameters
    ----------
    seed : int
        Not negative. Same seed, same numpy: same bits.
    scenario : str
        Key of ``SCENARIOS``: where the person's mean onset difference is drawn from.
    n_lifts : int
        Lifts a side.
    sides : tuple of {"R", "L"}
        Sides that are lifted, in sets of five by turns.
    sampling_frequency : float
        Hz, as each sensor counts it.
    mean_difference_s : float, mapping of side to float, or None
        The person's mean of glute minus hamstring onset; None: drawn.
    lift_sd_s : float or None
        Standard deviation of the difference between lifts; None: drawn, median 50 ms.
    outlier_share, missing_share : float or None
        Share of lifts that differ wildly (SD 250 ms), and that lack the onset of one muscle; None: drawn, 5-10 % and
        3-5 %.
    false_start_share : float
        Share of lifts that begin before the tone.
    glute, hamstring : MuscleRange
        What signal-to-noise ratios, ramps and carriers are drawn from.
    baseline : Baseline
        What rest is like.
    artefacts : Artefacts
        What else is in every channel.
    crosstalk : (float, float)
        RMS of the hamstring's EMG in the glute's channel as a share of its own, and the reverse; 0 to 1.
    sensors : TwoSensors or None
        Clocks of two sensors; None: one device with one clock.
    rest_s : float
        Shortest rest between the end of a lift and the next tone; 2-4 s pass in any case.
    hold_s : (float, float)
        How long the leg is held.
    baseline_s : float
        Quiet recording at the start.
    extras : tuple of {"tap", "contact", "mvc", "practice"}
        Further parts of the session, before the lifts.

    Returns
    -------
    Recording
        ``truth`` has a row per lift and muscle: ``lift`` (from 1, in the order of time), ``side``, ``target_muscle``,
        ``channel``, ``cue_s``, ``onset_s`` and ``offset_s`` (true time, NaN if the muscle has none),
        ``recorded_onset_s`` (as the channel's own clock shows it), ``ramp_s``, ``shape``, ``snr_dB``,
        ``difference_s`` (of the lift), ``session_difference_s`` (the person's mean, what a session estimates),
        ``outlier``, ``early``, ``lost_near_onset``. ``truth.attrs["mean_difference_s"]`` repeats the means by side.

    Raises
    ------
    SettingsError
        A value makes no sense.

    Examples
    --------
    >>> recording = simulate_session(seed=1, n_lifts=2, mean_difference_s=0.08, lift_sd_s=0.0, outlier_share=0.0)
    >>> [c.label for c in recording.channels], recording.truth["difference_s"].round(3).tolist()
    (['GMAX_R', 'BF_R'], [0.08, 0.08, 0.08, 0.08])
    """
    _check(n_lifts, sides, sampling_frequency, false_start_share, crosstalk, rest_s, hold_s, baseline_s, extras)
    story = scenario_named(scenario)
    person = draw_person(
        seed,
        story,
        sides=sides,
        glute=glute,
        hamstring=hamstring,
        mean_difference_s=mean_difference_s,
        lift_sd_s=lift_sd_s,
        outlier_share=outlier_share,
        missing_share=missing_share,
    )
    plan = plan_session(
        seed,
        person,
        sides=sides,
        n_lifts=n_lifts,
        rest_s=rest_s,
        hold_s=hold_s,
        baseline_s=baseline_s,
        false_start_share=false_start_share,
        extras=extras,
    )
    data = render_plan(
        seed,
        person,
        plan,
        sampling_frequency,
        baseline=baseline,
        artefacts=artefacts,
        crosstalk=crosstalk,
        sensors=sensors,
    )
    return Recording(
        data=data,
        sampling_frequency=sampling_frequency,
        channels=tuple(Channel(label, m.target_muscle, m.side) for label, m in person.muscles.items()),
        events=pd.DataFrame(sorted(plan.events), columns=["onset", "duration", "trial_type"]),
        clock=Sync() if sensors is None else Sync("two simulated sensors", sensors.known_offset_s, sensors.sd_s),
        meta=_meta(seed, story, artefacts),
        name=f"simulated_{scenario}_{seed}",
        truth=truth_table(person, plan, sensors, data, sampling_frequency),
    )


def _check(
    n_lifts: int,
    sides: tuple[Side, ...],
    sampling_frequency: float,
    false_start_share: float,
    crosstalk: tuple[float, float],
    rest_s: float,
    hold_s: tuple[float, float],
    baseline_s: float,
    extras: tuple[Extra, ...],
) -> None:
    require_whole("n_lifts", n_lifts, 1, 100_000)
    if not sides or len(set(sides)) != len(sides):
        raise SettingsError(f"{sides!r} does not name each side once", key="sides")
    for side in sides:
        require_choice("sides", side, ("R", "L"))
    for extra in extras:
        require_choice("extras", extra, EXTRAS)
    require_within("sampling_frequency", sampling_frequency, 50.0, 20_000.0)
    require_within("false_start_share", false_start_share, 0.0, 1.0)
    require_within("crosstalk", crosstalk[0], 0.0, 1.0)
    require_within("crosstalk", crosstalk[1], 0.0, 1.0)
    require_within("rest_s", rest_s, 0.0, 600.0)
    require_within("hold_s", hold_s[0], 0.3, 60.0)
    require_within("hold_s", hold_s[1], hold_s[0], 60.0)
    require_within("baseline_s", baseline_s, 0.0, 600.0)


def _meta(seed: int, scenario: Scenario, artefacts: Artefacts) -> dict[str, Any]:
    return {
        "TaskName": "prone leg lift",
        "Instructions": scenario.instructions,
        "posture": scenario.posture,
        "PowerLineFrequency": artefacts.mains_Hz,
        "Manufacturer": SIMULATION,
        "ManufacturersModelName": f"emgorder generator {GENERATOR_VERSION}",
        "EMGPlacementScheme": "simulated",
        "EMGReference": "simulated",
        "HardwareFilters": {"BandPass": {"LowCutoff_Hz": FRONT_END_HZ[0], "HighCutoff_Hz": FRONT_END_HZ[1]}},
        "SoftwareFilters": "n/a",
        "SimulationScenario": scenario.name,
        "SimulationSeed": seed,
    }
