"""The result of a session: everything that a table, a sentence or a figure is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from emgorder.analysis.settings import Settings
from emgorder.model import Channel, Finding, LiftResult, SideResult

__all__ = ["SessionResult"]


@dataclass(frozen=True, eq=False, slots=True)
class SessionResult:
    """What the analysis of a session found.

    Attributes
    ----------
    lift_results : tuple of LiftResult
        Every lift, valid or not, in the order of time.
    sides : tuple of SideResult
        One for each side that has lifts.
    quality : tuple of Finding
        What is wrong with each channel, in words.
    settings : Settings
        What the analysis was told.
    name : str
        Name of the recording.
    duration_s, sampling_frequency : float
        Of the recording.
    channels : tuple of Channel
        Of the recording.
    conditioning : mapping
        What was done to the signals (``highpass_Hz``, ``lowpass_Hz``, ``notch_Hz``, ``crosstalk`` ...).
    meta : mapping
        Sidecar values that a report shows (pseudonym, instruction, pain, ...).
    notes : tuple of str
        What reading and analysis repaired or assumed, in words.
    version : str
        Of emgorder.
    """

    lift_results: tuple[LiftResult, ...]
    sides: tuple[SideResult, ...]
    quality: tuple[Finding, ...]
    settings: Settings
    name: str = ""
    duration_s: float = 0.0
    sampling_frequency: float = 0.0
    channels: tuple[Channel, ...] = ()
    conditioning: Mapping[str, Any] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    version: str = ""

    @property
    def lifts(self) -> pd.DataFrame:
        """A row per lift and muscle (amplitudes in µV, or in the channel's own units where ``unit`` is ``a.u.``)."""
        raise NotImplementedError

    @property
    def order(self) -> pd.DataFrame:
        """A row per lift: difference (glute minus hamstring; positive = hamstring first) and probabilities."""
        raise NotImplementedError

    @property
    def summary(self) -> pd.DataFrame:
        """A row per side: verdict, probabilities, typical difference."""
        raise NotImplementedError

    def to_html(self, path: str | Path) -> Path:
        """Write the report to `path` and return it."""
        raise NotImplementedError
