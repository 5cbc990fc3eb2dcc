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
    """A lift has begun, seen at ``time_s`` of the stream; its number may come again if it is withdrawn.

    ``alarm_s`` is the sample that completed the first muscle's alarm.
    """

    time_s: float
    lift: Lift
    alarm_s: float = math.nan


@dataclass(frozen=True, slots=True)
class LiftUpdated:
    """What the signal up to ``time_s`` tells of a lift that goes on.

    ``result.order`` leaves open what has not happened yet: a muscle that is silent so far fires later, if it fires. An
    onset that is not found yet says so in its ``reason``. ``withdrawn``: it was no lift but a stray potential, a
    tap, or something before the first mark of a lift.
    """

    time_s: float
    stage: Stage
    result: LiftResult
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class LiftFinished:
    """A lift was analysed at ``time_s`` of the stream; ``result.provisional`` until the session is finished."""

    time_s: float
    result: LiftResult


AnalysisEvent: TypeAlias = LiftStarted | LiftUpdated | LiftFinished
