"""From what a sensor sent to what an onset can be read from: filters, mains, cross-talk, and how good the signal is."""

from emgorder.conditioning.filters import (
    CausalFilter,
    bandpass,
    design_bandpass,
    design_lowpass,
    detect_mains,
    envelope,
    moving_rms,
    rectify,
    tkeo,
)

__all__ = [
    "CausalFilter",
    "bandpass",
    "design_bandpass",
    "design_lowpass",
    "detect_mains",
    "envelope",
    "moving_rms",
    "rectify",
    "tkeo",
]
