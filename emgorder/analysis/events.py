"""What the engine says while a session runs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from emgorder.model import Lift, LiftResult

__all__ = ["AnalysisEvent", "LiftFinished", "LiftStarted", "LiftUpdated", "Stage"]

Stage: TypeAlias = Literal["early", "refined"]
"""50 ms and 300 ms after the first muscle's alarm."""


@dataclass(frozen=True, slots=True)
class LiftStarted:
    """A lift has begun; its number may come again if it is withdrawn.

    Attributes
    ----------
    time_s : float
        Length of the stream when it was seen.
    lift : Lift
        Where it is, as far as that is known.
    alarm_s : float
        Time of the sample that completed the first muscle's alarm.
    """

    time_s: float
    lift: Lift
    alarm_s: float = math.nan


@dataclass(frozen=True, slots=True)
class LiftUpdated:
    """What the signal so far tells of a lift that goes on.

    Attributes
    ----------
    time_s : float
        Length of the stream up to here.
    stage : {"early", "refined"}
        50 or 300 ms after the first alarm.
    result : LiftResult
        Provisional. Its order leaves open what has not happened yet: a muscle that is silent so far fires later, if it
        fires. An onset that is not found yet says so in its ``reason``.
    withdrawn : bool
        Whether it was no lift after all but a stray potential, a tap, or something before the first mark of a lift.
    """

    time_s: float
    stage: Stage
    result: LiftResult
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class LiftFinished:
    """A lift was analysed as a whole.

    Attributes
    ----------
    time_s : float
        Length of the stream when it was.
    result : LiftResult
        Provisional until the session is finished.
    """

    time_s: float
    result: LiftResult


AnalysisEvent: TypeAlias = LiftStarted | LiftUpdated | LiftFinished
