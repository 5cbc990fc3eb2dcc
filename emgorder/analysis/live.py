"""Lifts as they happen: provisional results from the samples so far, in hops that do not depend on the blocks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from emgorder.analysis.channels import Pair
from emgorder.analysis.events import AnalysisEvent, LiftFinished, LiftStarted
from emgorder.analysis.lifts import analyse_lift
from emgorder.analysis.onsets import find_onsets
from emgorder.analysis.prepare import prepare
from emgorder.analysis.segment import AFTER_CUE_S, AFTER_START_S, LIFT_EVENTS, REST_BEFORE_S, split_trial_type
from emgorder.analysis.settings import Settings
from emgorder.model import FloatArray, Lift, LiftResult, Recording

__all__ = ["LiveLifts"]

KEPT_S = 12.0  # raw samples kept: the longest lift window with its rest and the filters' settling
REST_QUANTILE = 0.2  # of the frame powers kept: the muscle rests for at least this share of a session
ALARM_DB = 9.0  # above rest; baselines wander by +-4 dB
ALARM_FRAMES = 2  # in a row
FRAME_S = 0.025


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A lift that has begun, and the stream time at which its window is complete."""

    lift: Lift
    pair: Pair
    due_s: float


class LiveLifts:
    """Watches a stream for lifts and analyses each as soon as its window is complete.

    Parameters
    ----------
    frame : Recording
        Channels, rate and clock of the stream, without samples.
    pairs : sequence of Pair
        What is compared.
    settings : Settings
        Method, ROPE, filters.
    hop : int
        Samples per step; results depend on the stream alone, not on how it was cut into blocks.
    """

    def __init__(self, frame: Recording, pairs: Sequence[Pair], settings: Settings, *, hop: int) -> None:
        self._frame, self._pairs, self._settings, self._hop = frame, tuple(pairs), settings, hop
        self._pending = np.empty((0, len(frame.channels)))
        self._kept = np.empty((0, len(frame.channels)))
        self._n_seen = 0
        self._waiting: list[_Waiting] = []
        self._quiet_since_s = dict.fromkeys(range(len(self._pairs)), 0.0)
        self._n_lifts = 0
        self._cued = False

    def mark(self, onset_s: float, trial_type: str) -> None:
        """Expect a lift after a cue or lift event; from then on only such events make lifts."""
        kind, side = split_trial_type(trial_type)
        pair = next((p for p in self._pairs if p.side == side or len(self._pairs) == 1), None)
        if kind not in LIFT_EVENTS or pair is None:
            return
        self._cued = True
        self._n_lifts += 1
        lift = Lift(
            number=self._n_lifts,
            side=side,
            start_s=max(0.0, onset_s - REST_BEFORE_S),
            stop_s=onset_s + AFTER_CUE_S,
            cue_s=onset_s if kind == "cue" else math.nan,
            source="event",
        )
        self._waiting.append(_Waiting(lift, pair, lift.stop_s))

    def push(self, block: FloatArray) -> list[AnalysisEvent]:
        """Take a block of any size and return what its whole hops showed."""
        self._pending = np.concatenate([self._pending, block])
        said: list[AnalysisEvent] = []
        n_hops = self._pending.shape[0] // self._hop
        for k in range(n_hops):
            said += self._advance(self._pending[k * self._hop : (k + 1) * self._hop])
        self._pending = self._pending[n_hops * self._hop :]
        return said

    def _advance(self, hop: FloatArray) -> list[AnalysisEvent]:
        fs = self._frame.sampling_frequency
        self._kept = np.concatenate([self._kept, hop])[-int(KEPT_S * fs) :]
        self._n_seen += hop.shape[0]
        now_s = self._n_seen / fs
        said: list[AnalysisEvent] = []
        if not self._cued:
            said += self._watch(now_s)
        for waiting in [w for w in self._waiting if w.due_s <= now_s]:
            self._waiting.remove(waiting)
            said.append(LiftFinished(now_s, self._analyse(waiting)))
        return said

    def _watch(self, now_s: float) -> list[AnalysisEvent]:
        said: list[AnalysisEvent] = []
        for k, pair in enumerate(self._pairs):
            active = any(self._active(column) for column in (pair.glute, pair.hamstring))
            rested = now_s - self._quiet_since_s[k] >= self._settings.rest_s
            busy = any(w.pair is pair for w in self._waiting)
            if active and rested and not busy:
                self._n_lifts += 1
                begun_s = now_s - self._hop / self._frame.sampling_frequency
                lift = Lift(self._n_lifts, pair.side, max(0.0, begun_s - REST_BEFORE_S), begun_s + AFTER_START_S)
                self._waiting.append(_Waiting(lift, pair, lift.stop_s))
                said.append(LiftStarted(now_s, lift))
            if active:
                self._quiet_since_s[k] = now_s
        return said

    def _active(self, column: int) -> bool:
        n = int(FRAME_S * self._frame.sampling_frequency)
        signal = np.diff(self._kept[:, column])  # a first difference takes the drift away; levels are relative
        frames = signal[signal.size % n :].reshape(-1, n)
        with np.errstate(divide="ignore"):
            level_dB = 10.0 * np.log10(np.mean(frames**2, axis=1))
        level_dB = level_dB[np.isfinite(level_dB)]
        per_hop = max(1, self._hop // n)
        if level_dB.size < 10 * per_hop:
            return False
        above = level_dB[-per_hop - ALARM_FRAMES + 1 :] > np.quantile(level_dB, REST_QUANTILE) + ALARM_DB
        runs = np.convolve(above, np.ones(ALARM_FRAMES), "valid")
        return bool(np.any(runs >= ALARM_FRAMES))

    def _analyse(self, waiting: _Waiting) -> LiftResult:
        fs = self._frame.sampling_frequency
        origin_s = (self._n_seen - self._kept.shape[0]) / fs
        recording = replace(self._frame, data=self._kept)
        lift = waiting.lift
        local = replace(
            lift,
            start_s=max(0.0, lift.start_s - origin_s),
            stop_s=lift.stop_s - origin_s,
            cue_s=lift.cue_s - origin_s,
        )
        prepared = prepare(recording, waiting.pair.columns, self._settings)
        onsets = find_onsets(recording, prepared, [(waiting.pair, local)], self._settings)[0]
        result = analyse_lift(recording, prepared, local, waiting.pair, onsets, self._settings)
        return _moved(result, lift, origin_s)


def _moved(result: LiftResult, lift: Lift, by_s: float) -> LiftResult:
    muscles = tuple(
        replace(
            m,
            onset=m.onset.shifted(by_s),
            trace=None if m.trace is None else replace(m.trace, start_s=m.trace.start_s + by_s),
        )
        for m in result.muscles
    )
    return replace(result, lift=lift, muscles=muscles, provisional=True)
