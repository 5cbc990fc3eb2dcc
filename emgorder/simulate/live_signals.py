"""What electrodes see of a person who does things as they come: made when it is sampled, and never changed then."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np

from emgorder.model import FloatArray
from emgorder.simulate.artefacts import Artefacts, disturbances, tap_signal
from emgorder.simulate.carriers import Carrier
from emgorder.simulate.emg import muscle_emg
from emgorder.simulate.envelopes import Burst, rise
from emgorder.simulate.loops import GRID_HZ, between, hum, resting_loop, tonic_loop
from emgorder.simulate.person import MuscleTraits
from emgorder.simulate.render import TAP_SD_S, through_tissue
from emgorder.simulate.sampling import SampleTimes

__all__ = ["DISTURBANCES", "LEAST_S", "Disturbance", "LiveSignals"]

Disturbance: TypeAlias = Literal["tense", "off", "clip"]
DISTURBANCES: tuple[Disturbance, ...] = get_args(Disturbance)

LEAST_S = 0.1  # from what is heard to the first thing that it changes: sensors sample up to a packet ahead
REACH = 3  # grid points: values between two of them hang on two further ones
NEIGHBOUR, OPPOSITE = 0.02, 0.005  # share of its EMG that reaches the other muscle of a side, and the other side
AHEAD_S, AFTER_S = 0.3, 0.8  # how far the bumps of moving electrodes reach around a lift
SETTLE_S = 0.05  # over which such a bump, and tension, set in
TENSE, LEAST_TENSE = 0.3, 2.5  # of the plateau's amplitude, at least of the baseline's: never quiet
CLIPPED = 50.0
KEPT_S = 120.0  # a sensor does not ask for what lies longer back than this
STRANGER_V = 6e-6  # baseline RMS where there are no electrodes over a muscle of the test


@dataclass(frozen=True, eq=False, slots=True)
class _Clip:
    """Something that was done: volts from a grid point on, shape (n, n_columns)."""

    first: int
    volts: FloatArray

    def overlap(self, first: int, stop: int) -> tuple[slice, slice]:
        """Return where it lies in the grid points from `first` to `stop`, and which part of it that is."""
        start = max(self.first, first)
        end = max(start, min(self.first + len(self.volts), stop))
        return slice(start - first, end - first), slice(start - self.first, end - self.first)


@dataclass(frozen=True, slots=True)
class _Trouble:
    kind: Disturbance
    label: str
    start_s: float
    stop_s: float


class LiveSignals:
    """The signals of a person's muscles on a grid of 2 kHz, and what sensors see of them.

    Parameters
    ----------
    seed : int
        Of noise and carriers.
    muscles : mapping of str to MuscleTraits
        The person's, by label.

    Attributes
    ----------
    asked_s : float
        Latest time that a sensor has asked for.
    """

    def __init__(self, seed: int, muscles: Mapping[str, MuscleTraits]) -> None:
        self.asked_s = -math.inf
        self._seed = seed
        self._muscles = muscles
        self._clips: list[_Clip] = []
        self._taps_s: list[float] = []
        self._troubles: list[_Trouble] = []
        self._loops: dict[tuple[str, str], FloatArray] = {}

    def do(self, name: str, bursts: Mapping[str, Burst], heard_s: float, movements_s: tuple[float, ...] = ()) -> None:
        """Let muscles be active, and their side move.

        Parameters
        ----------
        name : str
            Of what is done, once only: each draws its own noise.
        bursts : mapping of str to Burst
            By label of the muscle.
        heard_s : float
            Nothing changes before `LEAST_S` after this.
        movements_s : tuple of float
            When the leg starts or stops to move.
        """
        start_s = max(min(burst.onset_s for burst in bursts.values()) - AHEAD_S, heard_s + LEAST_S)
        first = math.ceil(start_s * GRID_HZ) + REACH
        stop_s = max([*(burst.offset_s for burst in bursts.values()), *movements_s]) + AFTER_S
        samples = SampleTimes(math.ceil(stop_s * GRID_HZ) - first, GRID_HZ, first / GRID_HZ)
        volts = np.zeros((samples.n_samples, len(self._muscles)))
        for label, burst in bursts.items():
            active = self._muscles[label]
            emg = active.plateau_rms_V * muscle_emg(self._seed, f"{label} {name}", samples, [burst], active.carrier)
            smeared = through_tissue(emg, samples, samples)
            for column, (other, muscle) in enumerate(self._muscles.items()):
                share = NEIGHBOUR if muscle.side == active.side else OPPOSITE
                volts[:, column] += emg if other == label else share * smeared
        if movements_s:
            moving = {self._muscles[label].side for label in bursts}
            sets_in = np.minimum(np.arange(samples.n_samples) / (SETTLE_S * GRID_HZ), 1.0)
            for column, (label, muscle) in enumerate(self._muscles.items()):
                if muscle.side in moving:
                    bumps = disturbances(
                        self._seed, f"{label} {name}", samples, Artefacts(movement_ratio=1.0), movements_s=movements_s
                    )
                    volts[:, column] += muscle.baseline_rms_V * sets_in * bumps
        gone = (self.asked_s - KEPT_S) * GRID_HZ
        self._clips = [clip for clip in self._clips if clip.first + len(clip.volts) > gone]
        self._clips.append(_Clip(first, volts))

    def tap(self, at_s: float) -> None:
        """Tap all sensors at a moment."""
        self._taps_s.append(at_s)

    def disturb(self, kind: Disturbance, label: str, start_s: float, length_s: float) -> None:
        """Let something be wrong with a muscle's channel, at the earliest from what has not been sampled."""
        start_s = max(start_s, self.asked_s + REACH / GRID_HZ)
        self._troubles.append(_Trouble(kind, label, start_s, start_s + length_s))

    def electrodes(self, labels: Sequence[str], muscles: Sequence[str | None]) -> Callable[[FloatArray], FloatArray]:
        """Return what electrodes see over `muscles`; None among them: noise of the channel's own `labels`."""
        there = [column for column, muscle in enumerate(muscles) if muscle is not None]
        picked = [list(self._muscles).index(muscle) for muscle in muscles if muscle is not None]
        rest = np.column_stack([self._rest(m or label) for m, label in zip(muscles, labels, strict=True)])
        sensor = " ".join(labels)
        tapped: dict[int, _Clip] = {}

        def see(times_s: FloatArray) -> FloatArray:
            place = np.asarray(times_s, dtype=np.float64) * GRID_HZ
            if place.size == 0:
                return np.zeros((0, len(labels)))
            self.asked_s = max(self.asked_s, float(place[-1]) / GRID_HZ)
            first, stop = math.floor(place[0]) - 1, math.floor(place[-1]) + REACH
            grid = rest.take(np.arange(first, stop) % len(rest), axis=0)
            for clip in self._clips:
                here, its = clip.overlap(first, stop)
                grid[here, there] += clip.volts[its, picked]
            for number, tap_s in enumerate(self._taps_s):
                if number not in tapped:
                    tapped[number] = self._tapped(sensor, number, tap_s)
                here, its = tapped[number].overlap(first, stop)
                grid[here] += tapped[number].volts[its]
            for trouble in self._troubles:
                for column in there:
                    if trouble.label == muscles[column]:
                        self._trouble(trouble, grid[:, column], first)
            return between(grid, place - first)

        return see

    def _rest(self, channel: str) -> FloatArray:
        """Return a loop of a channel at rest, volts on the grid."""
        key = ("rest", channel)
        if key not in self._loops:
            muscle = self._muscles.get(channel)
            carrier, rms_V = (muscle.carrier, muscle.baseline_rms_V) if muscle else (Carrier(), STRANGER_V)
            self._loops[key] = rms_V * resting_loop(self._seed, channel, carrier)
        return self._loops[key]

    def _tapped(self, sensor: str, number: int, tap_s: float) -> _Clip:
        """Return the artefact of a tap on a sensor, shape (n, 1): the same on all its channels."""
        first = math.floor((tap_s - 0.02) * GRID_HZ)
        samples = SampleTimes(round(0.25 * GRID_HZ), GRID_HZ, first / GRID_HZ)
        # Each of two sensors is reached with this spread, so that they differ by TAP_SD_S.
        signal = tap_signal(self._seed, f"{sensor} {number}", samples, (tap_s,), TAP_SD_S / math.sqrt(2.0))
        return _Clip(first, signal[:, None])

    def _trouble(self, trouble: _Trouble, column: FloatArray, first: int) -> None:
        """Change what a channel shows from grid point `first` on, in place."""
        at = np.arange(first, first + column.size)
        times_s = at / GRID_HZ
        inside = (times_s >= trouble.start_s) & (times_s < trouble.stop_s)
        if not inside.any():
            return
        if trouble.kind == "off":
            column[inside] = hum(times_s[inside])
        elif trouble.kind == "clip":
            column[inside] *= CLIPPED
        else:
            muscle, key = self._muscles[trouble.label], ("tonic", trouble.label)
            if key not in self._loops:
                self._loops[key] = tonic_loop(self._seed, trouble.label, muscle.carrier)
            sets_in = rise(np.minimum(times_s - trouble.start_s, trouble.stop_s - times_s) / SETTLE_S, "cosine")
            rms_V = max(TENSE * muscle.plateau_rms_V, LEAST_TENSE * muscle.baseline_rms_V)
            column += rms_V * sets_in * self._loops[key][at % self._loops[key].size]
