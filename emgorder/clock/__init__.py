"""Clocks: from sample counters to time, and several sensors onto one time base, with the uncertainty that remains."""

from emgorder.clock.align import SyncMethod, event_sd, sync_uncertainty, synchronise
from emgorder.clock.events import fit_pings
from emgorder.clock.fit import ClockFit, fit_clock
from emgorder.clock.lattice import connection_interval
from emgorder.clock.model import ClockModel
from emgorder.clock.resample import Aligned, Stream, resample_streams
from emgorder.clock.taps import EventOffset, lag, tap_offset

__all__ = [
    "Aligned",
    "ClockFit",
    "ClockModel",
    "EventOffset",
    "Stream",
    "SyncMethod",
    "connection_interval",
    "event_sd",
    "fit_clock",
    "fit_pings",
    "lag",
    "resample_streams",
    "sync_uncertainty",
    "synchronise",
    "tap_offset",
]
