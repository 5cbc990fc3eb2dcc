"""The engine: takes blocks of any size, says what it sees, and ends in the same result as the whole recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from numbers import Real

import numpy as np
import pandas as pd

from emgorder.analysis.channels import choose_pairs
from emgorder.analysis.conclude import Progress, conclude
from emgorder.analysis.events import AnalysisEvent
from emgorder.analysis.given import require_efforts, require_recording
from emgorder.analysis.live import LiveLifts
from emgorder.analysis.result import Origin, SessionResult
from emgorder.analysis.settings import Settings, chosen_settings
from emgorder.arguments import require_kind
from emgorder.errors import RecordingError
from emgorder.model import Channel, FloatArray, Recording, Sync, empty_events
from emgorder.model.parts import absurd, samples

__all__ = ["SessionAnalyser", "analyse"]

HOP_S = 0.025  # the live stage advances in whole hops, so that the size of the blocks cannot matter


class SessionAnalyser:
    """Analyse a session while it is recorded.

    Parameters
    ----------
    channels : sequence of Channel
        Columns of the blocks.
    sampling_frequency : float
        Hz.
    settings : Settings, optional
        What to do.
    live : bool
        Whether to report lifts as they happen; :meth:`finish` gives the same result either way.
    clock : Sync, optional
        Agreement of the clocks of the two muscles, for provisional and final results; default: one device.
    marked : bool
        Whether it is known that lifts will be marked by ``cue/…`` or ``lift/…``: then only these are told live. Without
        it activity before the first such mark is told as lifts too, and the numbers begin again at the mark.

    Examples
    --------
    >>> channels = [Channel("GMAX_R", "GMAX", "R"), Channel("BF_R", "BF", "R")]
    >>> analyser = SessionAnalyser(channels, 1000.0)
    >>> analyser.push(np.zeros((50, 2)))
    []
    """

    def __init__(
        self,
        channels: Sequence[Channel],
        sampling_frequency: float,
        settings: Settings | None = None,
        *,
        live: bool = True,
        clock: Sync | None = None,
        marked: bool = False,
    ) -> None:
        self._settings = chosen_settings(settings)
        self._clock = clock
        self._frame = Recording(
            np.empty((0, len(channels))), sampling_frequency, tuple(channels), clock=clock or Sync()
        )
        self._blocks: list[FloatArray] = []
        self._marks: list[tuple[float, float, str]] = []
        self._n_samples = 0
        self._live: LiveLifts | None = None
        if live:
            pairs = choose_pairs(
                self._frame, self._settings, frozenset({"R", "L"}) if _sideless(channels) else frozenset()
            )
            hop = max(1, round(HOP_S * sampling_frequency))
            self._live = LiveLifts(self._frame, pairs, self._settings, hop=hop, marked=marked)

    @property
    def n_samples(self) -> int:
        """Samples pushed so far."""
        return self._n_samples

    def mark(self, onset_s: float, trial_type: str, duration_s: float = 0.0) -> None:
        """Add an event (``cue/R``, ``pause``, ...) at a time of the stream; one at no time is left out of the lifts.

        Raises
        ------
        SettingsError
            A time is no number, or the kind no text.
        """
        for key, value in (("onset_s", onset_s), ("duration_s", duration_s)):
            require_kind(value, Real, key=key, what="number", remedy="give seconds")
        require_kind(trial_type, str, key="trial_type", what="text", remedy="give the kind of the event: cue/R")
        self._marks.append((onset_s, duration_s, trial_type))
        if self._live is not None:
            self._live.mark(onset_s, trial_type, duration_s)

    def push(self, data: FloatArray) -> list[AnalysisEvent]:
        """Take the next samples, shape (n_samples, n_channels), and return what they showed.

        Raises
        ------
        RecordingError
            The block has another number of channels.
        """
        block = samples(data)
        if block.shape[1] != len(self._frame.channels):
            raise RecordingError(
                f"a block of shape {block.shape} does not fit {len(self._frame.channels)} channels: "
                "give an array of shape (n_samples, n_channels)"
            )
        self._blocks.append(block if self._live is None else block.copy())
        self._n_samples += block.shape[0]
        return self._live.push(np.where(absurd(block), np.nan, block)) if self._live is not None else []

    def finish(
        self, about: Recording | None = None, progress: Progress | None = None, mvc: Sequence[Recording] = ()
    ) -> SessionResult:
        """Return the final result of the pushed samples.

        Parameters
        ----------
        about : Recording, optional
            Where name, sidecar values and events come from, and the clock unless it was given at the start; without
            it the marked events are taken.
        progress : callable, optional
            Called with the share done (0 to 1) and what is being done.
        mvc : sequence of Recording
            Full efforts that were recorded apart, see :func:`analyse`.
        """
        if len(self._blocks) > 1:
            self._blocks = [np.concatenate(self._blocks)]
        efforts = require_efforts(mvc)
        data = self._blocks[0] if self._blocks else self._frame.data
        if about is not None:
            require_recording(about, key="about")
            return conclude(
                replace(about, data=data, clock=self._clock or about.clock), self._settings, progress, efforts
            )
        events = pd.DataFrame(sorted(self._marks), columns=["onset", "duration", "trial_type"])
        whole = replace(self._frame, data=data, events=events if self._marks else empty_events())
        return conclude(whole, self._settings, progress, efforts)


def analyse(
    recording: Recording,
    settings: Settings | None = None,
    *,
    mvc: Sequence[Recording] = (),
    progress: Progress | None = None,
) -> SessionResult:
    """Find the lifts of a recording, their onsets, who fired first, and activity levels where there is a full effort.

    Parameters
    ----------
    recording : Recording
        From :func:`emgorder.read_recording` or :func:`emgorder.simulate_session`.
    settings : Settings, optional
        What to do; the defaults are for the prone leg lift.
    mvc : sequence of Recording
        Full efforts (MVC) that were recorded apart, with the same device and the electrodes left where they are. Not
        needed where they are marked in the recording (events ``mvc/GMAX_R``, with their duration) or the sidecar has
        them (``"MVC": {"GMAX_R": 1.2e-4}``, volts RMS of the highest 500 ms without noise, or a list of one a trial).
    progress : callable, optional
        Called with the share done (0 to 1) and what is being done.

    Returns
    -------
    SessionResult
        Tables in ``lifts``, ``order`` and ``summary``; a report with ``to_html``.

    Raises
    ------
    RecordingError
        There is nothing to analyse: no samples, too slow, or no glute and hamstring pair.
    SettingsError
        An argument is of another kind, a path for example.

    Examples
    --------
    >>> import emgorder as eo
    >>> result = eo.analyse(eo.simulate_session(seed=1, n_lifts=6))
    >>> len(result.order)
    6
    """
    require_recording(recording)
    analyser = SessionAnalyser(recording.channels, recording.sampling_frequency, settings, live=False)
    analyser.push(recording.data)
    return replace(analyser.finish(recording, progress, mvc), origin=Origin(recording))


def _sideless(channels: Sequence[Channel]) -> bool:
    return not any(c.side for c in channels if c.target_muscle)
