"""What the strips show: the signal thinned to columns of a few milliseconds, and its envelope."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np

from emgorder.conditioning.causal import CausalFilter
from emgorder.conditioning.filters import design_bandpass, design_lowpass
from emgorder.guided.screens import Traces
from emgorder.model import Channel, FloatArray, Side
from emgorder.muscles import parse_label

__all__ = ["Strips", "traces_of"]

STEP_S = 0.008
SHOWN_S = 8.0
_ENVELOPE_HZ = 6.0


class Strips:
    """Thins rows for the eye, causally, in bounded memory.

    Parameters
    ----------
    channels : tuple of Channel
        One a column of the rows.
    sampling_frequency : float
        Hz.

    Examples
    --------
    >>> strips = Strips((Channel("GMAX_R"),), 1000.0)
    >>> band, traces = strips.push(np.zeros((20, 1)))
    >>> traces.low.shape, traces.step_s, band.shape
    ((2, 1), 0.008, (20, 1))
    """

    def __init__(self, channels: tuple[Channel, ...], sampling_frequency: float) -> None:
        n = len(channels)
        self._labels = tuple(c.label for c in channels)
        self._unit = tuple("µV" if c.unit == "V" else "a.u." for c in channels)
        self._scale = np.array([1e6 if c.unit == "V" else 1.0 for c in channels])
        self._width = max(1, round(STEP_S * sampling_frequency))
        self._step_s = self._width / sampling_frequency
        self._band = CausalFilter(design_bandpass(sampling_frequency), n)
        self._smooth = CausalFilter(design_lowpass(sampling_frequency, cutoff_Hz=_ENVELOPE_HZ), n)
        self._pending = (np.empty((0, n)), np.empty((0, n)))
        self._n_columns = 0
        self._kept: deque[Traces] = deque()
        self._most = np.full(n, np.nan)
        self._rest = np.full(n, np.nan)

    def push(self, rows: FloatArray) -> tuple[FloatArray, Traces | None]:
        """Take rows; return them band-passed, shape (n, n_channels), and the columns of the strips they complete."""
        band = self._band.apply(rows)
        smooth = self._smooth.apply(np.abs(band))
        raw, envelope = (np.concatenate(p) for p in zip(self._pending, (band, smooth), strict=True))
        n = len(raw) // self._width
        cut = n * self._width
        self._pending = raw[cut:], envelope[cut:]
        if not n:
            return band, None
        blocks = raw[:cut].reshape(n, self._width, raw.shape[1]) * self._scale
        lost = np.isnan(blocks).all(axis=1)
        low = np.where(lost, np.nan, np.fmin.reduce(blocks, axis=1))
        high = np.where(lost, np.nan, np.fmax.reduce(blocks, axis=1))
        last = np.maximum(envelope[self._width - 1 : cut : self._width], 0.0) * self._scale
        self._most = np.fmax(self._most, np.fmax.reduce(last, axis=0))
        traces = Traces(
            labels=self._labels,
            start_s=self._n_columns * self._step_s,
            step_s=self._step_s,
            low=low,
            high=high,
            envelope=last,
            unit=self._unit,
            rest=tuple(self._rest.tolist()),
            most=tuple(self._most.tolist()),
        )
        self._n_columns += n
        self._kept.append(traces)
        while len(self._kept) > 1 and traces.start_s - self._kept[1].start_s > SHOWN_S:
            self._kept.popleft()
        return band, traces

    def set_rest(self, rest: FloatArray) -> None:
        """Scale by this level at rest (shape (n_channels,), V or a.u.) from now on, and forget what was largest."""
        self._rest = rest * self._scale
        self._most = np.where(np.isfinite(self._rest), np.fmax(self._rest, 0.0), self._most)

    def recent(self) -> Traces | None:
        """Return the last 8 s in one piece, None before there are any."""
        if not self._kept:
            return None
        first, last = self._kept[0], self._kept[-1]
        return Traces(
            labels=self._labels,
            start_s=first.start_s,
            step_s=self._step_s,
            low=np.concatenate([t.low for t in self._kept]),
            high=np.concatenate([t.high for t in self._kept]),
            envelope=np.concatenate([t.envelope for t in self._kept]),
            unit=self._unit,
            rest=last.rest,
            most=last.most,
        )


def traces_of(traces: Traces, side: Side) -> Traces:
    """Return the strips of a side, and of muscles that have none; all of them where that would leave nothing.

    Examples
    --------
    >>> _, traces = Strips((Channel("GMAX_R"), Channel("GMAX_L")), 1000.0).push(np.zeros((8, 2)))
    >>> traces_of(traces, "L").labels
    ('GMAX_L',)
    """
    keep = [i for i, label in enumerate(traces.labels) if parse_label(label)[1] in (side, "")]
    if not keep or len(keep) == len(traces.labels):
        return traces
    return replace(
        traces,
        labels=tuple(traces.labels[i] for i in keep),
        low=traces.low[:, keep],
        high=traces.high[:, keep],
        envelope=traces.envelope[:, keep],
        unit=tuple(traces.unit[i] for i in keep),
        rest=tuple(traces.rest[i] for i in keep),
        most=tuple(traces.most[i] for i in keep),
    )
