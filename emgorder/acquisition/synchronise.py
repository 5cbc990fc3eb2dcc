"""The clocks of several sensors against each other: what taps, pings or nothing at all say of their offsets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from emgorder.acquisition.streams import SensorStream
from emgorder.clock import ClockFit, Stream, fit_clock, fit_pings, resample_streams, sync_uncertainty, tap_offset
from emgorder.clock.taps import MARK_AFTER_S, MARK_BEFORE_S, EventOffset
from emgorder.errors import SignalQualityError

__all__ = ["ClockedSensor", "Offset", "fit_sensor", "measured_ppm", "offset_between", "resampling_streams"]

_LEAST_PINGS = 5
_ROOM_PPM = 30_000.0


@dataclass(frozen=True, eq=False, slots=True)
class ClockedSensor:
    """A sensor with a clock a piece; ``pinged`` holds the clocks that two-way pings bracket, where there are any."""

    stream: SensorStream
    fits: tuple[ClockFit, ...]
    pinged: tuple[ClockFit, ...] = ()

    @property
    def rate_Hz(self) -> float:
        """Samples per second of the host's clock, in the longest piece."""
        return self.longest.rate_Hz

    @property
    def longest(self) -> ClockFit:
        """Clock of the longest piece."""
        return max(self.fits, key=lambda fit: fit.stop_s - fit.start_s)

    @property
    def start_s(self) -> float:
        """Host time of the first sample."""
        return float(self.fits[0].time_s(self.stream.pieces[0].index[0]))


@dataclass(frozen=True, slots=True)
class Offset:
    """Clock of one sensor minus that of another, how that was found, and its standard uncertainty."""

    method: str
    offset_s: float
    sd_s: float
    note: str = ""


def fit_sensor(stream: SensorStream) -> ClockedSensor:
    """Fit the clock of every piece of a sensor that sent samples."""
    kind = stream.descriptor
    fits = tuple(
        fit_clock(
            piece.last_index,
            piece.t_host_s,
            nominal_Hz=kind.sampling_frequency,
            tolerance_ppm=kind.rate_tolerance_ppm,
            interval_s=stream.interval_s,
        )
        for piece in stream.pieces
    )
    if any(len(piece.pings) < _LEAST_PINGS for piece in stream.pieces):
        return ClockedSensor(stream, fits)
    pinged = tuple(
        fit_pings(
            piece.pings[:, 0],
            piece.pings[:, 1],
            piece.last_index.astype(np.float64),
            piece.t_host_s,
            nominal_Hz=kind.sampling_frequency,
            tolerance_ppm=kind.rate_tolerance_ppm,
        )
        for piece in stream.pieces
    )
    return ClockedSensor(stream, fits, pinged)


def measured_ppm(stream: SensorStream) -> tuple[float, float]:
    """Return how far a sensor is from its nominal rate, ppm, and how far that may be off (3 sd).

    Fitted with room to spare: within the tolerance that its kind promises, every sensor would be found to keep it.
    """
    fit = fit_sensor(replace(stream, descriptor=replace(stream.descriptor, rate_tolerance_ppm=_ROOM_PPM))).longest
    return fit.rate_ppm, 3 * fit.rate_sd_ppm


def resampling_streams(
    sensor: ClockedSensor, *, fits: Sequence[ClockFit] | None = None, offset_s: float = 0.0
) -> list[Stream]:
    """Return the pieces of a sensor as the resampler takes them."""
    pairs = zip(sensor.stream.pieces, fits or sensor.fits, strict=True)
    return [Stream(piece.index, piece.values, fit, offset_s) for piece, fit in pairs]


def offset_between(
    a: ClockedSensor, b: ClockedSensor, taps_s: Sequence[float], *, delay_s: float = 0.0, pings: bool = True
) -> Offset:
    """Return the offset of a's clock against b's by the best means there is.

    Parameters
    ----------
    a, b : ClockedSensor
        Two sensors.
    taps_s : sequence of float
        Host times near which both were tapped.
    delay_s : float
        Known delay of a's signal path minus b's, which the artefact of a tap shows as well.
    pings : bool
        Whether their pinged clocks may be taken.
    """
    same = a.stream.descriptor.key == b.stream.descriptor.key
    unsure = a.stream.n_unsure + b.stream.n_unsure
    best = Offset("none", 0.0, _uncertainty(a, b, same_model=same, n_unresolved=unsure))
    if pings and a.pinged and b.pinged:
        pairs = [(x, y) for x in a.pinged for y in b.pinged]
        sd = _rms(sync_uncertainty(x, y, method="ping", same_model=same, n_unresolved=unsure) for x, y in pairs)
        if sd < best.sd_s:
            best = Offset("ping", 0.0, sd)
    tap, why = _tapped(a, b, taps_s) if taps_s else (None, "")
    if tap is not None:
        sd = _uncertainty(a, b, same_model=same, n_unresolved=unsure, tap=tap)
        # What was measured goes before what is only supposed of two units of a model, whichever claims less: drawn
        # towards 0 by that supposition, the offset keeps part of a latency that the tap has shown.
        if sd < best.sd_s or best.method == "none":
            return Offset("tap", tap.offset_s - delay_s, sd, why)
    if best.method == "none":
        why = "; ".join(filter(None, (why, _supposed(a, b, same_model=same))))
    return replace(best, note=why)


def _supposed(a: ClockedSensor, b: ClockedSensor, *, same_model: bool) -> str:
    """Return what is supposed of two clocks that nothing has compared, and the remedy."""
    names = f"{a.stream.sensor} and {b.stream.sensor}"
    if same_model:
        return f"the links of {names} are supposed to be alike, nothing has measured it: tap both sensors together"
    return (
        f"{names} are of different models and nothing has compared their clocks, which may be 15 ms and more apart: "
        "tap both sensors together and record again"
    )


def _uncertainty(
    a: ClockedSensor,
    b: ClockedSensor,
    *,
    same_model: bool,
    n_unresolved: int,
    tap: EventOffset | None = None,
) -> float:
    """Return the uncertainty over all pairs of pieces that overlap, weighted by how long they do."""
    variances, weights = [], []
    for x, y in ((x, y) for x in a.fits for y in b.fits):
        low, high = max(x.start_s, y.start_s), min(x.stop_s, y.stop_s)
        if high <= low:
            continue
        inside = [t for t in tap.times_s if low - 1 <= t <= high + 1] if tap else []
        if tap is not None and inside:
            sd = sync_uncertainty(
                x,
                y,
                method="tap",
                n_taps=len(tap.times_s),
                event_s=inside,
                event_sd_s=tap.sd_s,
                n_unresolved=n_unresolved,
            )
        else:
            sd = sync_uncertainty(x, y, method="none", same_model=True, n_unresolved=n_unresolved)
            if tap is not None:  # the links' latencies are those of the tapped piece, its own map is another one
                sd = math.hypot(sd, tap.sd_s)
            elif not same_model:
                sd = sync_uncertainty(x, y, method="none", same_model=False, n_unresolved=n_unresolved)
        variances.append(sd**2)
        weights.append(high - low)
    if not weights:  # they never ran together: there is nothing to compare
        return sync_uncertainty(a.longest, b.longest, method="none", same_model=same_model, n_unresolved=n_unresolved)
    return math.sqrt(float(np.average(variances, weights=weights)))


def _tapped(a: ClockedSensor, b: ClockedSensor, taps_s: Sequence[float]) -> tuple[EventOffset | None, str]:
    """Return what the taps that can be used say, and why others could not."""
    rate = max(a.stream.descriptor.sampling_frequency, b.stream.descriptor.sampling_frequency)
    start, stop = min(taps_s) - MARK_BEFORE_S - 0.5, max(taps_s) + MARK_AFTER_S + 0.5
    near = [_near(s, start, stop) for s in (a, b)]
    if not all(near):
        return None, "the tap test could not be used: a sensor sent nothing during it; tap again while both send"
    merged = []
    for streams in near:
        parts = [resample_streams([s], rate, start_s=start, stop_s=stop).data for s in streams]
        whole = parts[0]
        for part in parts[1:]:
            whole = np.where(np.isnan(whole), part, whole)
        merged.append(whole)
    zero = max(a.start_s, b.start_s)  # people read seconds since the recording began
    marks = [tap_s - zero for tap_s in taps_s]
    best: EventOffset | None = None
    why = ""
    for x in merged[0].T:
        for y in merged[1].T:
            try:
                found = tap_offset(x, y, rate, marks, start_s=start - zero)
            except SignalQualityError as error:
                why = why or f"the tap test could not be used: {error}"
                continue
            if best is None or _worth(found) > _worth(best):
                best = found
    if best is None:
        return None, why
    left = best.left_out
    count = "one tap" if len(left) == 1 else f"{len(left)} taps"
    why = f"{count} could not be used: {'; '.join(dict.fromkeys(left))}" if left else ""
    return replace(best, times_s=tuple(t + zero for t in best.times_s)), why


def _worth(found: EventOffset) -> tuple[int, float]:
    return len(found.times_s), found.correlation


def _near(sensor: ClockedSensor, start_s: float, stop_s: float) -> list[Stream]:
    """Return the samples between two host times, so that a tap test does not cost a whole resampling."""
    found = []
    for piece, fit in zip(sensor.stream.pieces, sensor.fits, strict=True):
        low, high = (float(fit.index(t)) for t in (start_s - 1.0, stop_s + 1.0))
        within = slice(*np.searchsorted(piece.index, (low, high)).tolist())
        if piece.index[within].size:
            found.append(Stream(piece.index[within], piece.values[within], fit))
    return found


def _rms(values: Iterable[float]) -> float:
    return math.sqrt(float(np.mean(np.square(list(values)))))
