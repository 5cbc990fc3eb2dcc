"""Who fired first, and how sure are we? Onset order of muscles from surface EMG.

Research and training tool. Not a diagnosis.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

from emgorder.analysis import (
    AnalysisEvent,
    LiftFinished,
    LiftStarted,
    LiftUpdated,
    SessionAnalyser,
    SessionResult,
    Settings,
    analyse,
    compare_methods,
    compare_sessions,
    read_result,
)
from emgorder.errors import (
    EmgOrderError,
    EmgOrderWarning,
    MissingExtraError,
    PacketError,
    RecordingError,
    SensorError,
    SensorLost,
    SensorNotFound,
    SettingsError,
    SignalQualityError,
)
from emgorder.io import read_recording, write_recording
from emgorder.io.read import register_reader as _register_reader
from emgorder.model import (
    Channel,
    Finding,
    Lift,
    LiftOrder,
    LiftResult,
    MuscleLift,
    Onset,
    Posterior,
    Recording,
    SideResult,
    Sync,
)
from emgorder.onset import OnsetMethod, detect_onset, detect_onsets, onset_methods
from emgorder.order import (
    ActivityRatio,
    Contrast,
    MuscleActivity,
    MvcReference,
    OrderMatrix,
    compare_muscles,
    compare_onsets,
)

if TYPE_CHECKING:
    from emgorder.acquisition.clocks import FastClock
    from emgorder.guided import Card, Check, Field, GuidedTest, Screen, SideView, Tone, Traces
    from emgorder.io.bids_read import bids_files, read_bids
    from emgorder.io.bids_write import write_bids
    from emgorder.io.marks import with_onsets
    from emgorder.io.mne import from_mne
    from emgorder.report.beside import Beside
    from emgorder.simulate import simulate_session
    from emgorder.study.batch import analyse_many
    from emgorder.study.catalogue import Dataset
    from emgorder.study.datasets import datasets, load_dataset
    from emgorder.study.frames import lift_frame, side_frame
    from emgorder.study.outcome import BatchOutcome
    from emgorder.study.power import people_needed, simulate_power
    from emgorder.study.reliability import Estimate, Reliability, reliability
    from emgorder.study.run import Batch, BatchReport, read_batch, run_batch
    from emgorder.study.spread import Spread
else:  # where most scripts never go: imported when one of its names is asked for
    _LATER = {
        "acquisition.clocks": ("FastClock",),
        "guided": ("Card", "Check", "Field", "GuidedTest", "Screen", "SideView", "Tone", "Traces"),
        "io.bids_read": ("bids_files", "read_bids"),
        "io.bids_write": ("write_bids",),
        "io.marks": ("with_onsets",),
        "io.mne": ("from_mne",),
        "report.beside": ("Beside",),
        "simulate": ("simulate_session",),
        "study.batch": ("analyse_many",),
        "study.catalogue": ("Dataset",),
        "study.datasets": ("datasets", "load_dataset"),
        "study.frames": ("lift_frame", "side_frame"),
        "study.outcome": ("BatchOutcome",),
        "study.power": ("people_needed", "simulate_power"),
        "study.reliability": ("Estimate", "Reliability", "reliability"),
        "study.run": ("Batch", "BatchReport", "read_batch", "run_batch"),
        "study.spread": ("Spread",),
    }
    _HOMES = {name: f"{__name__}.{module}" for module, names in _LATER.items() for name in names}
    # Packages that nothing above imports.
    _PARTS = ("acquisition", "clock", "guided", "history", "report", "sensors", "simulate", "study")

    def __getattr__(name):
        if name in _PARTS:
            return _import_module(f"{__name__}.{name}")
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(_import_module(_HOMES[name]), name)
        return value

    def __dir__():
        return sorted({*globals(), *__all__, *_PARTS})


_register_reader(".bdf", "emgorder.io.bids_read:read_edf_or_bids")
_register_reader(".edf", "emgorder.io.bids_read:read_edf_or_bids")
_register_reader(".emgj", "emgorder.acquisition.journal_recording:read_journal_recording")
_register_reader(".xdf", "emgorder.acquisition.xdf_recording:read_xdf")
_register_reader(".xdfz", "emgorder.acquisition.xdf_recording:read_xdf")

__version__ = "0.1.0.dev0"

__all__ = [
    "ActivityRatio",
    "AnalysisEvent",
    "Batch",
    "BatchOutcome",
    "BatchReport",
    "Beside",
    "Card",
    "Channel",
    "Check",
    "Contrast",
    "Dataset",
    "EmgOrderError",
    "EmgOrderWarning",
    "Estimate",
    "FastClock",
    "Field",
    "Finding",
    "GuidedTest",
    "Lift",
    "LiftFinished",
    "LiftOrder",
    "LiftResult",
    "LiftStarted",
    "LiftUpdated",
    "MissingExtraError",
    "MuscleActivity",
    "MuscleLift",
    "MvcReference",
    "Onset",
    "OnsetMethod",
    "OrderMatrix",
    "PacketError",
    "Posterior",
    "Recording",
    "RecordingError",
    "Reliability",
    "Screen",
    "SensorError",
    "SensorLost",
    "SensorNotFound",
    "SessionAnalyser",
    "SessionResult",
    "Settings",
    "SettingsError",
    "SideResult",
    "SideView",
    "SignalQualityError",
    "Spread",
    "Sync",
    "Tone",
    "Traces",
    "__version__",
    "analyse",
    "analyse_many",
    "bids_files",
    "compare_methods",
    "compare_muscles",
    "compare_onsets",
    "compare_sessions",
    "datasets",
    "detect_onset",
    "detect_onsets",
    "from_mne",
    "lift_frame",
    "load_dataset",
    "onset_methods",
    "people_needed",
    "read_batch",
    "read_bids",
    "read_recording",
    "read_result",
    "reliability",
    "run_batch",
    "side_frame",
    "simulate_power",
    "simulate_session",
    "with_onsets",
    "write_bids",
    "write_recording",
]
