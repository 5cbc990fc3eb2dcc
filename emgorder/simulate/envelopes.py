"""How the amplitude of a burst rises, holds and falls."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np

from emgorder.errors import SettingsError
from emgorder.model import FloatArray

__all__ = ["SHAPES", "Burst", "Shape", "envelope", "rise"]

Shape: TypeAlias = Literal["linear", "cosine", "exponential", "variance", "two_stage"]
SHAPES: tuple[Shape, ...] = get_args(Shape)

SHORTEST_RAMP_S = 1e-6  # shorter ones are steps: no sensor samples within them
EXPONENTIAL_RATE = 3.0  # time constants in a saturating ramp: 95 % of an unbounded exponential
# Real bursts often begin with a low plateau. Here: 20 % (-14 dB) of the amplitude, held for half of the ramp; judged.
TWO_STAGE_PROGRESS = (0.0, 0.1, 0.6, 1.0)
TWO_STAGE_GAIN = (0.0, 0.2, 0.2, 1.0)


def rise(progress: FloatArray, shape: Shape) -> FloatArray:
    """Return the amplitude (0 to 1) of a ramp at `progress` (0 at its start, 1 at its end).

    Parameters
    ----------
    progress : ndarray
        Share of the ramp's duration that has passed; values outside 0 to 1 are clipped.
    shape : {"linear", "cosine", "exponential", "variance", "two_stage"}
        Linear in amplitude; half a cosine; saturating exponential; linear in variance; low plateau, then the burst.

    Raises
    ------
    SettingsError
        Unknown shape.

    Examples
    --------
    >>> rise(np.array([-1.0, 0.0, 0.25, 2.0]), "variance").tolist()
    [0.0, 0.0, 0.5, 1.0]
    """
    u = np.clip(progress, 0.0, 1.0)
    if shape == "linear":
        return u
    if shape == "cosine":
        return 0.5 * (1.0 - np.cos(np.pi * u))
    if shape == "exponential":
        return np.expm1(-EXPONENTIAL_RATE * u) / math.expm1(-EXPONENTIAL_RATE)
    if shape == "variance":
        return np.sqrt(u)
    if shape == "two_stage":
        return np.interp(u, TWO_STAGE_PROGRESS, TWO_STAGE_GAIN)
    raise SettingsError(f"{shape!r} is not one of {', '.join(SHAPES)}", key="shape")


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """One activation of one muscle.

    Attributes
    ----------
    onset_s : float
        First excitation: the start of the ramp.
    ramp_s : float
        Time from there to the plateau; below 1 µs it is a step.
    shape : str
        One of ``SHAPES``.
    gain : float
        Amplitude of the plateau relative to the muscle's usual one.
    profile : tuple of (float, float)
        Piecewise linear course after the onset: seconds after it, and the share of the plateau. The last point is the
        end of the activity.
    """

    onset_s: float
    ramp_s: float
    shape: Shape = "linear"
    gain: float = 1.0
    profile: tuple[tuple[float, float], ...] = ((0.0, 1.0), (1.0, 1.0))

    @property
    def offset_s(self) -> float:
        """Last excitation."""
        return self.onset_s + self.profile[-1][0]


def envelope(times_s: FloatArray, burst: Burst) -> FloatArray:
    """Return the amplitude of `burst` at `times_s` relative to the muscle's usual plateau.

    Examples
    --------
    >>> envelope(np.array([0.0, 1.0, 1.05, 1.5, 3.0]), Burst(onset_s=1.0, ramp_s=0.1)).round(2).tolist()
    [0.0, 0.0, 0.5, 1.0, 0.0]
    """
    after_s = times_s - burst.onset_s
    is_step = burst.ramp_s < SHORTEST_RAMP_S
    progress = (after_s >= 0).astype(np.float64) if is_step else after_s / burst.ramp_s
    knots_s, shares = np.array(burst.profile, dtype=np.float64).T
    course: FloatArray = np.interp(after_s, knots_s, burst.gain * shares, right=0.0)
    return rise(progress, burst.shape) * course
