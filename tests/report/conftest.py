"""Small made-up results: no detector runs, every number is chosen."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from emgorder.analysis.result import SessionResult
from emgorder.analysis.settings import Settings
from emgorder.model import (
    Channel,
    Finding,
    Lift,
    LiftOrder,
    LiftResult,
    MuscleLift,
    Onset,
    Side,
    SideResult,
    Sync,
    Trace,
    Verdict,
)
from emgorder.muscles import parse_label

NAN = math.nan
LIFT_SD_S = 0.012  # of each made-up difference
REASONS = ("moved before the tone", "glute: no burst")


def tail(z: float) -> float:
    """Return the probability of a standard normal below `z`."""
    return 0.5 * math.erfc(-z / math.sqrt(2))


def order_of(difference_s: float, sd_s: float = LIFT_SD_S, rope_s: float = 0.030) -> LiftOrder:
    """Return a normal posterior of the difference in words of a LiftOrder; without probabilities for NaN `sd_s`."""
    if not math.isfinite(sd_s):
        return LiftOrder(difference_s=difference_s, rope_s=rope_s)
    glute = tail((-rope_s - difference_s) / sd_s)
    hamstring = 1 - tail((rope_s - difference_s) / sd_s)
    return LiftOrder(
        difference_s=difference_s,
        low_s=difference_s - 1.645 * sd_s,
        high_s=difference_s + 1.645 * sd_s,
        p_glute_first=glute,
        p_together=1 - glute - hamstring,
        p_hamstring_first=hamstring,
        p_glute_earlier=tail(-difference_s / sd_s),
        rope_s=rope_s,
    )


def trace_around(onset_s: float, centre_s: float, amplitude: float, seed: int, gap: slice | None = None) -> Trace:
    """Return a made-up burst that starts at `onset_s`, 4 ms a step."""
    random = np.random.default_rng(seed)
    time_s = centre_s - 0.5 + 0.004 * np.arange(425)
    level = amplitude * (0.03 + np.clip((time_s - onset_s) / 0.12, 0.0, 1.0))
    low, high = -level * (1 + 0.9 * random.random(425)), level * (1 + 0.9 * random.random(425))
    envelope = np.convolve(level, np.ones(12) / 12)[:425]
    if gap is not None:
        low[gap] = high[gap] = envelope[gap] = NAN
    return Trace(float(time_s[0]), 0.004, low, high, envelope)


def make_lift(
    number: int,
    difference_s: float,
    *,
    side: Side = "R",
    sd_s: float = LIFT_SD_S,
    reason: str = "",
    unit: str = "V",
    hamstring: str = "BF",
    gap: slice | None = None,
    traces: bool = True,
) -> LiftResult:
    """Return one lift; a lift with a `reason` does not count, and one without `difference_s` has no glute onset."""
    start_s = 12.0 * number
    hamstring_s = start_s + 2.4
    glute_s = hamstring_s + difference_s
    first_s = np.nanmin([glute_s, hamstring_s])
    muscles = []
    for k, (code, onset_s) in enumerate((("GMAX", glute_s), (hamstring, hamstring_s))):
        half_s = 1.2 * sd_s
        onset = (
            Onset(onset_s, onset_s - half_s, onset_s + half_s) if math.isfinite(onset_s) else Onset(reason="no burst")
        )
        amplitude = (150e-6, 90e-6)[k] if unit == "V" else (220.0, 130.0)[k]
        shown_s = onset_s if math.isfinite(onset_s) else math.inf
        trace = trace_around(shown_s, first_s, amplitude, 2 * number + k, gap) if traces else None
        muscles.append(
            MuscleLift(f"{code}_{side}", code, unit, onset, 0.03 * amplitude, amplitude, 24.0 + k, trace)  # type: ignore[arg-type]
        )
    order = order_of(difference_s, sd_s) if math.isfinite(difference_s) else LiftOrder()
    lift = Lift(number, side, start_s, start_s + 5.0, start_s + 2.0, "event")
    return LiftResult(lift, tuple(muscles), order, valid=not reason, reason=reason)


def make_side(
    verdict: Verdict = "hamstring first",
    *,
    side: Side = "R",
    counts: tuple[int, int, int] = (0, 1, 9),
    n_lifts: int | None = None,
    average_ms: tuple[float, float, float] = (84, 45, 123),
    probabilities: tuple[float, float, float] = (0.001, 0.019, 0.98),
    **more: Any,
) -> SideResult:
    """Return a side: `counts` and `probabilities` are of glute first, together, hamstring first."""
    glute, together, hamstring = counts
    average_s = [x / 1e3 for x in average_ms]
    return SideResult(
        side,
        verdict,
        sum(counts) if n_lifts is None else n_lifts,
        sum(counts),
        glute,
        together,
        hamstring,
        *average_s,
        *probabilities,
        **more,
    )


def make_session(
    differences_ms: Sequence[float] = (84, 62, 12, 121, 70, 95, 140, 58, 77, 110),
    sides: Sequence[SideResult] | None = None,
    *,
    lifts: Sequence[LiftResult] | None = None,
    side: Side = "R",
    **more: Any,
) -> SessionResult:
    """Return a session of one side with these differences, or with the given lifts and sides."""
    if lifts is None:
        lifts = [make_lift(i + 1, d / 1e3, side=side) for i, d in enumerate(differences_ms)]
    labels = dict.fromkeys((m.channel, m.target_muscle, m.unit) for r in lifts for m in r.muscles)
    about: dict[str, Any] = {
        "quality": (),
        "settings": Settings(),
        "name": "runner-07",
        "duration_s": 214.0,
        "sampling_frequency": 1000.0,
        "channels": tuple(Channel(name, code, parse_label(name)[1], unit) for name, code, unit in labels),  # type: ignore[arg-type]
        "conditioning": {
            "filter": "causal 2nd-order Butterworth band-pass",
            "highpass_Hz": 20.0,
            "lowpass_Hz": 450.0,
            "notch_Hz": 50.0,
            "crosstalk": [],
        },
        "version": "0.1.0",
    }
    about.update(more)
    return SessionResult(tuple(lifts), (make_side(side=side),) if sides is None else tuple(sides), **about)


def make_two_sides() -> SessionResult:
    """Return a full session: both sides, uncounted lifts, a gap, findings, notes and a filled sidecar."""
    right = (84, 62, 12, 121, 70, 95, 140, 58, 77, 110)
    left = (43, 88, -12, 120, -65, 52, 71, 49)
    lifts = [make_lift(2 * i + 1, d / 1e3, gap=slice(300, 340) if i == 3 else None) for i, d in enumerate(right)]
    lifts += [make_lift(2 * i + 2, d / 1e3, side="L", sd_s=0.02) for i, d in enumerate(left)]
    lifts += [make_lift(18, -0.21, side="L", reason=REASONS[0]), make_lift(20, NAN, side="L", reason=REASONS[1])]
    lifts.sort(key=lambda r: r.lift.number)
    undecided = make_side(
        "cannot tell",
        side="L",
        counts=(1, 1, 6),
        n_lifts=10,
        average_ms=(43, -3, 88),
        probabilities=(0.01, 0.28, 0.71),
        between_lift_sd_s=0.058,
        more_lifts=6,
        leaning="hamstring first",
        sync=Sync(),
    )
    return make_session(
        lifts=lifts,
        sides=(make_side(), undecided),
        name="2025-11-22 runner-07 both sides",
        quality=(
            Finding("BF_L", "mains", "attention", "mains hum 0.8 times the rest level", "re-clean the skin"),
            Finding("GMAX_R", "dropouts", "info", "0.1 % of samples lost", "move the sensor closer to the computer"),
        ),
        meta={"pseudonym": "runner-07", "Manufacturer": "Example", "Instructions": "Lift your straight leg."},
        notes=("time column starts at 3.2 s: counted from 0",),
        duration_s=428.0,
    )


@pytest.fixture(scope="session")
def lift() -> Callable[..., LiftResult]:
    """Return the maker of lifts."""
    return make_lift


@pytest.fixture(scope="session")
def side() -> Callable[..., SideResult]:
    """Return the maker of sides."""
    return make_side


@pytest.fixture(scope="session")
def session() -> Callable[..., SessionResult]:
    """Return the maker of sessions."""
    return make_session


@pytest.fixture(scope="session")
def two_sides() -> SessionResult:
    """Return a full session of both sides."""
    return make_two_sides()
