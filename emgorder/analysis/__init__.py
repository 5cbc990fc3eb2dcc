"""From a recording to lifts, onsets, orders and a verdict: the one engine for live, replay and batch."""

from emgorder.analysis.analyser import SessionAnalyser, analyse
from emgorder.analysis.compare import compare_sessions
from emgorder.analysis.events import AnalysisEvent, LiftFinished, LiftStarted, LiftUpdated
from emgorder.analysis.result import SessionResult, read_result
from emgorder.analysis.sensitivity import compare_methods
from emgorder.analysis.settings import Settings

__all__ = [
    "AnalysisEvent",
    "LiftFinished",
    "LiftStarted",
    "LiftUpdated",
    "SessionAnalyser",
    "SessionResult",
    "Settings",
    "analyse",
    "compare_methods",
    "compare_sessions",
    "read_result",
]
