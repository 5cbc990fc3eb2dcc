"""What the engine says while a session runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from emgorder.model import Lift, LiftResult

__all__ = ["AnalysisEvent", "LiftFinished", "LiftStarted"]


@dataclass(frozen=True, slots=True)
class LiftStarted:
    """A lift has begun, seen at ``time_s`` of the stream."""

    time_s: float
    lift: Lift


@dataclass(frozen=True, slots=True)
class LiftFinished:
    """A lift was analysed at ``time_s`` of the stream; ``result.provisional`` until the session is finished."""

    time_s: float
    result: LiftResult


AnalysisEvent: TypeAlias = LiftStarted | LiftFinished
