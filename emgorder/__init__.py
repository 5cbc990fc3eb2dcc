"""Who fired first, and how sure are we? Onset order of muscles from surface EMG.

Research and training tool. Not a diagnosis.
"""

from emgorder.acquisition.clocks import FastClock
from emgorder.acquisition.journal_recording import read_journal_recording as _read_journal_recording
from emgorder.acquisition.xdf_recording import read_xdf as _read_xdf
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
from emgorder.guided import Card, Check, Field, GuidedTest, Screen, SideView, Tone, Traces
from emgorder.io import read_recording, write_recording
from emgorder.io.bids_read import bids_files, read_bids
from emgorder.io.bids_read import read_edf_or_bids as _read_edf
from emgorder.io.bids_write import write_bids
from emgorder.io.marks import with_onsets
from emgorder.io.mne import from_mne
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

_register_reader(".bdf", _read_edf)
_register_reader(".edf", _read_edf)
_register_reader(".emgj", _read_journal_recording)
_register_reader(".xdf", _read_xdf)
_register_reader(".xdfz", _read_xdf)

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
