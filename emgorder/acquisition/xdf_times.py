"""Time stamps of a stream that came in order: which sample each row is, whatever its network did."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from emgorder.errors import RecordingError
from emgorder.io.remarks import Remarks, counted
from emgorder.io.timebase import Grid, lay_on_grid
from emgorder.model import FloatArray, IntArray

__all__ = ["grid_of_stamps"]

_ODD = 0.5  # steps: a row this far from its place is late, early, or after a gap
_PRECISE = 0.1  # steps: gaps of stamps that a counter made are whole multiples
_NOMINAL_HOLDS = 0.02  # relative: beyond this a stream's own rate is not believed
_SAME_RATE = 2e-4  # relative: crystals; closer than this the nominal rate is as good
_LOOK_S = 1.0  # some packet within this came without delay
_LEAST_GAP_S = 0.005  # a shorter rise of the least delay may be chance
_LEAST_GAP_ROWS = 2.5
_MAX_FILL = 10
_MIN_FILL = 100_000


def grid_of_stamps(time_s: FloatArray, nominal_Hz: float, column: str, path: Path, remarks: Remarks) -> Grid:
    """Place the rows of a stream on a uniform grid.

    Stamps that a counter made are placed one by one (:func:`emgorder.io.timebase.lay_on_grid`). Stamps that were taken
    as packets arrived are late by what the network wished: the rows are consecutive then, as streams neither lose nor
    reorder, but where the least delay rises for good: there the device lost samples.

    Parameters
    ----------
    time_s : ndarray, shape (n_rows,)
        In the order of the file.
    nominal_Hz : float
        What the stream says, 0 where it says nothing.
    column : str
        Name for messages.
    path : Path
        For messages.
    remarks : Remarks
        Takes what was found.

    Raises
    ------
    RecordingError
        The stamps tell no rate.

    Examples
    --------
    >>> late = np.repeat([0.0, 0.003, 0.001, 0.0], 50)
    >>> remarks = Remarks("x.xdf")
    >>> grid_of_stamps(np.arange(200) / 1000 + late, 1000.0, "EMG", Path("x.xdf"), remarks).n_samples
    200
    """
    rows = np.arange(1, time_s.size + 1)
    steps = np.diff(time_s)
    typical_s = _slope(time_s, nominal_Hz)
    finite = np.isfinite(time_s).all()
    odd = np.abs(steps / typical_s - 1) > _ODD if finite and typical_s > 0 else np.zeros(steps.size, dtype=bool)
    away = np.abs(steps[odd] / typical_s - np.round(steps[odd] / typical_s))
    if not odd.any() or (np.all(away <= _PRECISE) and np.all(steps > 0)):
        return lay_on_grid(time_s, rows, column, path, remarks, rate_Hz=nominal_Hz or None)
    consecutive = np.arange(time_s.size)
    index = consecutive + _lost_before(time_s, consecutive, typical_s)
    if index[-1] > max(_MAX_FILL * time_s.size, _MIN_FILL):
        raise RecordingError(
            f"time stamps jump over {index[-1] - time_s.size} samples: these are separate recordings, so split them",
            path=path,
            column=column,
        )
    slope_s = float(np.polyfit(index - index.mean(), time_s - time_s.mean(), 1)[0])
    if slope_s <= 0:
        raise RecordingError("time stamps go back: give sampling_frequency= and a CSV", path=path, column=column)
    late_s = time_s - time_s[0] - slope_s * index
    remarks.note(
        "jitter",
        f"time stamps were taken on arrival and scatter by {1e3 * float(np.std(late_s)):.2g} ms: samples taken as "
        f"evenly spaced, and gaps shorter than {1e3 * _LEAST_GAP_S:g} ms cannot be seen",
        column=column,
    )
    gaps = np.flatnonzero(np.diff(index) > 1)
    if gaps.size:
        remarks.warn(
            "gap",
            f"{counted(int(np.diff(index)[gaps[0]]) - 1, 'sample')} missing before this one: lost samples"
            + (f"; {int(index[-1]) + 1 - index.size} missing in all" if gaps.size > 1 else ""),
            row=int(rows[gaps[0] + 1]),
            column=column,
            more=gaps.size - 1,
        )
    rate = 1 / slope_s
    if nominal_Hz and abs(rate / nominal_Hz - 1) < max(_SAME_RATE, 4 * float(np.std(late_s)) / float(np.ptp(time_s))):
        rate = nominal_Hz
    return Grid(rate, consecutive, index, int(index[-1]) + 1)


def _slope(time_s: FloatArray, nominal_Hz: float) -> float:
    """Return seconds a row: the nominal ones unless the stamps say otherwise, 0 where they say nothing."""
    if time_s.size < 2:
        return 0.0
    lag = max(1, time_s.size // 8)
    measured_s = float(np.median(time_s[lag:] - time_s[:-lag])) / lag
    if nominal_Hz and abs(measured_s * nominal_Hz - 1) < _NOMINAL_HOLDS:
        return 1 / nominal_Hz
    return measured_s if np.isfinite(measured_s) else 0.0


def _lost_before(time_s: FloatArray, consecutive: IntArray, typical_s: float) -> IntArray:
    """Return how many samples are missing before each row: where the least delay rises for good."""
    delay_s = time_s - consecutive * typical_s
    look = max(2, round(_LOOK_S / typical_s))
    lost = np.zeros(time_s.size, dtype=np.intp)
    least_s = max(_LEAST_GAP_S, _LEAST_GAP_ROWS * typical_s)
    for at in np.flatnonzero(np.diff(time_s) - typical_s > least_s) + 1:
        rise_s = float(delay_s[at : at + look].min() - delay_s[max(0, at - look) : at].min())
        if rise_s > least_s:
            n_missing = round(rise_s / typical_s)
            lost[at:] += n_missing
            delay_s[at:] -= n_missing * typical_s
    return lost
