"""The nouns: channels, recordings, onsets, lifts and what is said of them.

Inside the library signals are float64 arrays of shape ``(n_samples, n_channels)`` in volts (or in a channel's own
arbitrary units) and times are seconds from the first sample. A lost sample is NaN.
"""

from emgorder.model.arrays import BoolArray, FloatArray, IntArray
from emgorder.model.onset import Onset, Posterior, Rise, StartFits
from emgorder.model.recording import Channel, Recording, Side, Sync, empty_events
from emgorder.model.results import (
    Finding,
    Lift,
    LiftOrder,
    LiftResult,
    MuscleLift,
    Severity,
    SideResult,
    Trace,
    Verdict,
)

__all__ = [
    "BoolArray",
    "Channel",
    "Finding",
    "FloatArray",
    "IntArray",
    "Lift",
    "LiftOrder",
    "LiftResult",
    "MuscleLift",
    "Onset",
    "Posterior",
    "Recording",
    "Rise",
    "Severity",
    "Side",
    "SideResult",
    "StartFits",
    "Sync",
    "Trace",
    "Verdict",
    "empty_events",
]
