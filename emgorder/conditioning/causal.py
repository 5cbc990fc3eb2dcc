"""A causal filter with memory: what has not happened yet never shows, and blocks do not matter.

Zero-phase filters (``filtfilt``) ring backwards and move a sharp onset early: a noise-free burst exceeds 5 % of its
plateau 7 ms before it begins, with mains notches 150 ms before. A causal filter shows it at most 1 ms late.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import signal

from emgorder.errors import RecordingError
from emgorder.model import BoolArray, FloatArray, IntArray

__all__ = ["CausalFilter", "filter_all"]

SHORT_WIDTHS = tuple(2**k for k in range(9))
"""Runs between gaps up to the last of these lengths are filtered many at a time, those of like length together."""


class CausalFilter:
    """A filter that remembers: blocks in, the same blocks filtered out.

    The result does not depend on how the signal is cut into blocks, to the last bit. Lost samples (NaN) stay lost.
    At the start and after each gap the filter begins in the steady state of the first sample that is there, so that
    an offset makes no step.

    Parameters
    ----------
    sos : ndarray of float64, shape (n_sections, 6)
        Second-order sections, for example from :func:`emgorder.conditioning.design_bandpass`.
    n_channels : int
        Columns of the blocks to come.

    Examples
    --------
    >>> import numpy as np
    >>> from emgorder.conditioning.filters import design_bandpass
    >>> causal = CausalFilter(design_bandpass(1000), n_channels=2)
    >>> bool(np.allclose(causal.apply(np.full((3, 2), 0.7)), 0))  # an offset alone makes no transient
    True
    """

    def __init__(self, sos: FloatArray, n_channels: int) -> None:
        self._sos = np.array(sos, dtype=np.float64)
        self._steady = _steady_state(self._sos.tobytes())
        self._state = np.zeros((*self._steady.shape, n_channels))
        self._running = np.zeros(n_channels, dtype=bool)

    def apply(self, block: FloatArray) -> FloatArray:
        """Filter the next block.

        Parameters
        ----------
        block : ndarray of float64, shape (n_samples, n_channels)
            Samples that follow those of the call before. NaN is a lost sample.

        Returns
        -------
        ndarray of float64, shape (n_samples, n_channels)
            Filtered; NaN where `block` is not finite.

        Raises
        ------
        RecordingError
            The block has another shape.
        """
        block = np.asarray(block, dtype=np.float64)
        if block.ndim != 2 or block.shape[1] != self._running.size:
            raise RecordingError(
                f"block of shape {block.shape} does not fit a filter of {self._running.size} channels: "
                "give an array of shape (n_samples, n_channels)"
            )
        filtered: FloatArray = np.full_like(block, np.nan)
        if not len(block):
            return filtered
        present = np.isfinite(block)
        whole = present.all(axis=0)
        if whole.any():
            fresh = whole & ~self._running
            if fresh.any():
                self._state[:, :, fresh] = self._steady[:, :, np.newaxis] * block[0, fresh]
            at = slice(None) if whole.all() else np.flatnonzero(whole)
            filtered[:, at], self._state[:, :, at] = signal.sosfilt(
                self._sos, block[:, at], axis=0, zi=self._state[:, :, at]
            )
            self._running[at] = True
            if isinstance(at, slice):
                return filtered
        for column in np.flatnonzero(~whole).tolist():
            filtered[:, column] = self._apply_between_gaps(column, block[:, column], present[:, column])
        return filtered

    def _apply_between_gaps(self, column: int, samples: FloatArray, present: BoolArray) -> FloatArray:
        starts, stops = _runs(present)
        states = self._steady[:, np.newaxis, :] * samples[starts][np.newaxis, :, np.newaxis]
        if self._running[column] and present[0]:
            states[:, 0] = self._state[:, :, column]
        filtered = np.full_like(samples, np.nan)
        short = stops - starts <= SHORT_WIDTHS[-1]
        self._running[column] = present[-1]
        if present[-1]:
            short[-1] = False  # its last state is needed
        for run in np.flatnonzero(~short):
            stretch = slice(starts[run], stops[run])
            filtered[stretch], self._state[:, :, column] = signal.sosfilt(
                self._sos, samples[stretch], zi=states[:, run]
            )
        lengths = stops - starts
        for width in SHORT_WIDTHS:
            alike = np.flatnonzero(short & (lengths <= width) & (2 * lengths > width))
            # Rows of unequal length side by side: what a row holds beyond its run only changes what comes later.
            within = np.arange(width) < lengths[alike, np.newaxis]
            at = (starts[alike, np.newaxis] + np.arange(width))[within]
            rows = np.zeros(within.shape)
            rows[within] = samples[at]
            filtered[at] = signal.sosfilt(self._sos, rows, axis=1, zi=states[:, alike])[0][within]
        return filtered


def filter_all(sos: FloatArray, data: FloatArray) -> FloatArray:
    """Apply `sos` to a whole signal of shape (n_samples,) or (n_samples, n_channels), causally."""
    data = np.asarray(data, dtype=np.float64)
    columns = data[:, np.newaxis] if data.ndim == 1 else data
    filtered: FloatArray = CausalFilter(sos, columns.shape[1]).apply(columns).reshape(data.shape)
    return filtered


@lru_cache(maxsize=32)
def _steady_state(sections: bytes) -> FloatArray:
    """Return what the filter remembers of a constant input of 1; once for each filter, as most signals are short."""
    steady: FloatArray = signal.sosfilt_zi(np.frombuffer(sections).reshape(-1, 6))
    return steady


def _runs(present: BoolArray) -> tuple[IntArray, IntArray]:
    """Return the first sample of each run of True, and the sample after its last."""
    edges = np.diff(present, prepend=False, append=False)
    at = np.flatnonzero(edges)
    return at[::2], at[1::2]
